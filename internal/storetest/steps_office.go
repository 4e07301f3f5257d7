package storetest

import (
	"context"
	"time"

	"coffer/internal/economy"
)

// manage returns the write of members that the step means, and false where the domain
// refuses to construct it.
func (p *parallel) manage(v step, r economy.Request) (op any, ok bool) {
	var err error
	l := p.model.lenses[v.Guild]
	n := economy.MemberID(v.Nth%max(1, len(l.memberIDs)+1) + 1)
	switch v.Verb {
	case "erase":
		op = economy.Erasure{Request: r, Admin: v.admin(), Member: n}
	case "many":
		var ids []economy.MemberID
		for i := range economy.MemberID(v.Size) {
			ids = append(ids, (n+i-1)%economy.MemberID(max(v.Size, len(l.memberIDs)))+1)
		}
		if v.Odd {
			ids = append(ids, 99)
		}
		op, err = economy.NewBulkAdjustment(r, v.admin(), ids, v.Kind, v.Quantity.Amount, v.Note, v.Tick == time.Minute)
	default:
		var rows []economy.BulkRow
		for i := range v.Size {
			who := people[(v.Nth+i)%len(people)]
			row := economy.BulkRow{User: who.User, Amount: v.Quantity.Amount + economy.Amount(i)}
			if i%2 == 0 {
				row.Name = v.Who.Name
			}
			rows = append(rows, row)
		}
		op, err = economy.NewImport(r, v.admin(), rows, v.Note, v.Tick == time.Minute)
	}
	return nth{op, 0}, err == nil
}

// inspect takes a step that looks members up.
func (p *parallel) inspect(v step, now time.Time) {
	p.t.Helper()
	guild := p.model.lenses[v.Guild].guild
	p.all(v, v.Guild, func(s Store, l *lens) (any, error) {
		q := economy.MemberQuery{Guild: guild, Member: l.memberID(v.Nth % 8), At: now}
		switch v.Verb {
		case "members":
			sort := []economy.MemberSort{"", economy.ByRichest, economy.ByPoorest, economy.ByName, economy.ByNewest, economy.ByOldest}[v.Nth%6]
			search := []string{"", "", "", "a", "O'n", "🪙", "\"; D", string(v.Too.User), "1000", "B"}[v.Nth%10]
			return allMembers(p.ctx, s, economy.MembersQuery{Guild: guild, Sort: sort, Search: search, Limit: v.Size, At: now})
		case "transactions":
			q := economy.TransactionsQuery{Guild: guild, Limit: v.Size}
			if v.Odd || v.Size == 3 {
				q.Member = l.memberID(v.Nth % 8)
			}
			if v.Nth%3 == 0 {
				kinds := []economy.Kind{v.Kind, economy.KindOpening, economy.KindDaily, economy.KindTransfer, economy.KindReversal, economy.KindTake, "none"}
				q.Kind = kinds[v.Nth/3]
			}
			if v.Size == 2 {
				q.From, q.Until = now.Add(-2*day), now.Add(1)
			}
			return allTransactions(p.ctx, s, q)
		case "record":
			return s.Record(p.ctx, q)
		default:
			return s.Member(p.ctx, q)
		}
	})
}

// allMembers pages through a list of members.
func allMembers(ctx context.Context, s economy.Office, q economy.MembersQuery) ([]economy.Member, error) {
	var all []economy.Member
	for {
		page, err := s.Members(ctx, q)
		all = append(all, page.Members...)
		if q.After = page.Next; err != nil || q.After == nil {
			return all, err
		}
	}
}

// allTransactions pages through a list of transactions.
func allTransactions(ctx context.Context, s economy.Office, q economy.TransactionsQuery) ([]economy.LedgerRecord, error) {
	var all []economy.LedgerRecord
	for {
		page, err := s.Transactions(ctx, q)
		all = append(all, page.Transactions...)
		if q.After = page.Next; err != nil || q.After == nil {
			return all, err
		}
	}
}

// compareOffice compares all that admins see of a guild.
func (p *parallel) compareOffice(g int, at time.Time) {
	l := p.model.lenses[g]
	p.all("the guild at the end", g, func(s Store, _ *lens) (any, error) {
		return s.Guilds(p.ctx, economy.GuildsQuery{Of: []economy.GuildID{l.guild}, Limit: 2})
	})
	p.all("rules at the end", g, func(s Store, _ *lens) (any, error) { return s.Rules(p.ctx, l.guild) })
	for _, sort := range []economy.MemberSort{economy.ByRichest, economy.ByPoorest, economy.ByName, economy.ByNewest} {
		p.all("members at the end, "+string(sort), g, func(s Store, _ *lens) (any, error) {
			return allMembers(p.ctx, s, economy.MembersQuery{Guild: l.guild, Sort: sort, Limit: 3, At: at})
		})
	}
	p.all("transactions at the end", g, func(s Store, _ *lens) (any, error) {
		return allTransactions(p.ctx, s, economy.TransactionsQuery{Guild: l.guild, Limit: 7})
	})
	for n := range l.memberIDs {
		p.all("member at the end", g, func(s Store, l *lens) (any, error) {
			return s.Member(p.ctx, economy.MemberQuery{Guild: l.guild, Member: l.memberID(n), At: at})
		})
		p.all("record at the end", g, func(s Store, l *lens) (any, error) {
			return s.Record(p.ctx, economy.MemberQuery{Guild: l.guild, Member: l.memberID(n), At: at})
		})
		p.all("transactions of a member at the end", g, func(s Store, l *lens) (any, error) {
			return allTransactions(p.ctx, s, economy.TransactionsQuery{Guild: l.guild, Member: l.memberID(n), Limit: 3})
		})
	}
}
