package storetest

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"coffer/internal/economy"
)

// present is how many members were not erased.
func (g *guild) present() (n int) {
	for _, m := range g.members {
		if !m.erased() {
			n++
		}
	}
	return n
}

// Guilds implements economy.Office.
func (m *Model) Guilds(ctx context.Context, q economy.GuildsQuery) (page economy.GuildsPage, err error) {
	if err := ctx.Err(); err != nil {
		return page, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(m.guilds)) {
		if id <= q.After || q.Of != nil && !slices.Contains(q.Of, id) {
			continue
		}
		if len(page.Guilds) == q.Limit {
			page.More = true
			break
		}
		g := m.guilds[id]
		page.Guilds = append(page.Guilds, economy.GuildLine{ID: id, Members: g.present(), Currency: g.settings.Currency()})
	}
	return page, nil
}

// shown returns a member as lists show him.
func (g *guild) shown(n int64, at time.Time) economy.Member {
	m := g.member(n)
	v := economy.Member{ID: economy.MemberID(n), User: m.user, Name: m.name, Balance: m.balance, Created: m.at,
		Streak: m.streak.Live(economy.DayOf(at, must(g.settings.Location())), g.settings.Grace)}
	if m.streak.Length > 0 {
		v.Claimed, v.LastDaily = true, m.streak.Last
	}
	return v
}

// Members implements economy.Office. It pages by what was the last one.
func (m *Model) Members(ctx context.Context, q economy.MembersQuery) (page economy.MembersPage, err error) {
	q, _ = q.Clean()
	return peek(ctx, m, q.Guild, func(g *guild) (page economy.MembersPage) {
		var all []economy.Member
		for i, v := range g.members {
			if !v.erased() && (strings.HasPrefix(economy.Fold(v.name), q.Search) || string(v.user) == q.Search) {
				all = append(all, g.shown(int64(i+1), cut(q.At)))
			}
		}
		order := func(a, b economy.Member) int {
			switch q.Sort {
			case economy.ByRichest:
				return cmp.Or(cmp.Compare(b.Balance, a.Balance), cmp.Compare(a.ID, b.ID))
			case economy.ByPoorest:
				return cmp.Or(cmp.Compare(a.Balance, b.Balance), cmp.Compare(b.ID, a.ID))
			case economy.ByName:
				return cmp.Or(strings.Compare(economy.Fold(a.Name), economy.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
			case economy.ByNewest:
				return cmp.Compare(b.ID, a.ID)
			default:
				return cmp.Compare(a.ID, b.ID)
			}
		}
		slices.SortFunc(all, order)
		if q.After != nil {
			last := economy.Member{ID: q.After.Member, Name: q.After.Folded, Balance: q.After.Balance}
			all = slices.DeleteFunc(all, func(v economy.Member) bool { return order(v, last) <= 0 })
		}
		page.Members = all
		if len(all) > q.Limit {
			page.Members = all[:q.Limit]
			v := all[q.Limit-1]
			page.Next = &economy.MemberPlace{Balance: v.Balance, Folded: economy.Fold(v.Name), Member: v.ID}
		}
		return page
	})
}

// has reports whether there is a member of that number.
func (g *guild) has(id economy.MemberID) bool {
	return id > 0 && int(id) <= len(g.members) && !g.member(int64(id)).erased()
}

// ofMember reads about one member.
func ofMember[R any](ctx context.Context, m *Model, q economy.MemberQuery, do func(*guild, int64) R) (R, error) {
	known := false
	r, err := peek(ctx, m, q.Guild, func(g *guild) (r R) {
		if known = g.has(q.Member); known {
			r = do(g, int64(q.Member))
		}
		return r
	})
	if err == nil && !known {
		err = economy.ErrUnknownMember
	}
	return r, err
}

// Member implements economy.Office.
func (m *Model) Member(ctx context.Context, q economy.MemberQuery) (economy.MemberFile, error) {
	return ofMember(ctx, m, q, func(g *guild, n int64) economy.MemberFile {
		at := cut(q.At)
		w := g.wallet(n, at)
		file := economy.MemberFile{Member: g.shown(n, at), Rank: w.Rank, NextDaily: w.NextDaily, Currency: w.Currency,
			Goods: g.holdings(n), History: g.page(economy.TransactionsQuery{Member: q.Member, Limit: 25})}
		file.Claims = g.works(n, at)
		slices.Reverse(file.Claims)
		file.Claims = file.Claims[:min(len(file.Claims), 25)]
		return file
	})
}

func (g *guild) holdings(n int64) (list []economy.Holding) {
	for _, i := range g.items {
		if have := g.owned[goods{n, i.ID}]; have > 0 {
			h := economy.Holding{Item: int64(i.ID), Name: i.Name, Quantity: have, Usable: i.Usable}
			for _, p := range g.purchases {
				if p.member == n && p.item == i.ID && p.running {
					h.Role = p.role
					_, _, h.RoleUntil = g.entitled(n, p.role)
				}
			}
			list = append(list, h)
		}
	}
	slices.SortStableFunc(list, func(a, b economy.Holding) int { return strings.Compare(economy.Fold(a.Name), economy.Fold(b.Name)) })
	return list
}

func (g *guild) works(n int64, at time.Time) (list []economy.Work) {
	for _, c := range g.claims {
		if c.member == n {
			v := g.seenClaim(c, at)
			list = append(list, economy.Work{Claim: int64(v.ID), Task: int64(v.Task), Title: v.Title, State: string(v.State), Reward: v.Reward,
				Tries: v.Tries, Due: v.Due, Paid: v.Paid, Reason: v.Reason, Claimed: v.Claimed})
		}
	}
	return list
}

// record returns a transaction as it is shown.
func (g *guild) record(n int) economy.LedgerRecord {
	t := g.transactions[n-1]
	r := economy.LedgerRecord{ID: economy.TransactionID(n), Kind: t.kind, Actor: g.actor(t.actor), Note: t.note, At: t.at,
		Reverses: t.reverses, ReversedBy: t.reversedBy}
	if t.actor == 0 {
		r.Actor.Kind = economy.ActorSystem
	}
	for _, e := range t.entries {
		v := economy.EntryRecord{Account: g.actor(e.member), System: e.system, Amount: e.amount, Balance: e.balance}
		if e.member == 0 {
			v.Account = economy.Actor{Kind: economy.ActorSystem}
		}
		r.Entries = append(r.Entries, v)
	}
	slices.SortStableFunc(r.Entries, func(a, b economy.EntryRecord) int {
		return cmp.Or(cmp.Compare(a.Amount, b.Amount), cmp.Compare(a.Account.ID, b.Account.ID))
	})
	return r
}

// page returns a page of transactions.
func (g *guild) page(q economy.TransactionsQuery) (page economy.TransactionsPage) {
	var all []economy.LedgerRecord
	for i := range g.transactions {
		r := g.record(i + 1)
		mine := slices.ContainsFunc(r.Entries, func(e economy.EntryRecord) bool { return e.Account.ID == int64(q.Member) })
		if q.Member != 0 && !mine || q.Kind != "" && r.Kind != q.Kind || !q.From.IsZero() && r.At.Before(q.From) ||
			!q.Until.IsZero() && !r.At.Before(q.Until) {
			continue
		}
		all = append(all, r)
	}
	order := func(a, b economy.LedgerRecord) int {
		if q.Member != 0 {
			return cmp.Compare(b.ID, a.ID)
		}
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID))
	}
	slices.SortFunc(all, order)
	if q.After != nil {
		last := economy.LedgerRecord{ID: q.After.Transaction, At: q.After.At}
		all = slices.DeleteFunc(all, func(r economy.LedgerRecord) bool { return order(r, last) <= 0 })
	}
	page.Transactions = all
	if len(all) > q.Limit {
		page.Transactions = all[:q.Limit]
		last := all[q.Limit-1]
		page.Next = &economy.TransactionPlace{Transaction: last.ID}
		if q.Member == 0 {
			page.Next.At = last.At
		}
	}
	return page
}

// Transactions implements economy.Office.
func (m *Model) Transactions(ctx context.Context, q economy.TransactionsQuery) (economy.TransactionsPage, error) {
	return peek(ctx, m, q.Guild, func(g *guild) economy.TransactionsPage { return g.page(q) })
}

// Transaction implements economy.Office.
func (m *Model) Transaction(ctx context.Context, guildID economy.GuildID, id economy.TransactionID) (economy.LedgerRecord, error) {
	known := false
	r, err := peek(ctx, m, guildID, func(g *guild) (r economy.LedgerRecord) {
		if known = id > 0 && int(id) <= len(g.transactions); known {
			r = g.record(int(id))
		}
		return r
	})
	if err == nil && !known {
		err = economy.ErrUnknownTransaction
	}
	return r, err
}

// errNotApplied ends a list that leaves no trace.
var errNotApplied = errors.New("not applied")

// AdjustMany implements economy.Office.
func (m *Model) AdjustMany(ctx context.Context, c economy.BulkAdjustment) (economy.BulkReceipt, error) {
	id := c.Request.Guild
	r := c.Request
	if c.DryRun {
		r.Key = "" // of nobody
	}
	var report economy.BulkReceipt
	receipt, err := write(ctx, m, r, "adjust.many", c.Fingerprint(), func(g *guild, at time.Time) (economy.BulkReceipt, error) {
		admin := int64(0)
		if !c.DryRun {
			admin = g.involve(id, c.Admin, at)
		}
		report = g.weighList(c)
		if c.DryRun || len(report.Refused) > 0 {
			return report, errNotApplied
		}
		report.Applied = true
		for i, row := range c.Rows {
			n := int64(row.Member)
			if row.User != "" {
				n = g.find(row.User)
				if row.Name != "" || n == 0 {
					n = g.involve(id, economy.Person{User: row.User, Name: row.Name}, at)
				}
			}
			change := must(c.Adjustment(row).Change(g.member(n).balance, g.settings))
			var tx economy.TransactionID
			if change != 0 {
				account := economy.Mint
				if change < 0 {
					account = economy.Burn
				}
				tx = g.post(id, admin, transaction{kind: c.Kind, at: at, note: c.Reason, entries: between(account, n, change)})
			}
			if i < len(report.Changes) {
				report.Changes[i].Member, report.Changes[i].Transaction = economy.MemberID(n), tx
			}
		}
		return report, nil
	})
	if errors.Is(err, errNotApplied) {
		return report, nil
	}
	return receipt, err
}

// weighList returns what a list would do.
func (g *guild) weighList(c economy.BulkAdjustment) economy.BulkReceipt {
	r := economy.BulkReceipt{Changes: []economy.BulkChange{}}
	for i, row := range c.Rows {
		n, balance := int64(row.Member), g.settings.StartingBalance
		if row.User != "" {
			n = g.find(row.User)
		}
		switch {
		case row.User == "" && !g.has(row.Member):
			r.Note(i, row.Member, 0, 0, economy.ErrUnknownMember)
			continue
		case n == 0:
			r.Created++
		default:
			balance = g.member(n).balance
		}
		change, err := c.Adjustment(row).Change(balance, g.settings)
		r.Note(i, economy.MemberID(n), balance, change, err)
	}
	return r
}

// version is that of the settings.
func (g *guild) version() int {
	n := 1
	for _, e := range g.events {
		if e.Kind == "settings.changed" {
			n++
		}
	}
	return n
}

// Rules implements economy.Office.
func (m *Model) Rules(ctx context.Context, id economy.GuildID) (economy.Rules, error) {
	rules := economy.Rules{Settings: economy.DefaultSettings()}
	known, err := peek(ctx, m, id, func(g *guild) *guild { return g })
	if err != nil || known == nil {
		return rules, err
	}
	rules.Settings, rules.Version = known.settings, known.version()
	for _, e := range known.events {
		if e.Kind == "settings.changed" {
			rules.ChangedBy, rules.ChangedAt = known.actor(e.Actor), e.At
		}
	}
	return rules, nil
}
