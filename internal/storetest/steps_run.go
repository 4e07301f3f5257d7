package storetest

import (
	"fmt"
	"time"

	"coffer/internal/economy"
)

// run takes a step with all of them.
func (p *parallel) run(v step, now time.Time) {
	p.t.Helper()
	guild := p.model.lenses[v.Guild].guild
	switch v.Verb {
	case "again":
		p.again(v, now)
	case "wallet":
		p.all(v, v.Guild, func(s Store, _ *lens) (any, error) {
			return s.Wallet(p.ctx, economy.WalletQuery{Guild: guild, Viewer: v.Who, Member: v.Too, At: now})
		})
	case "history":
		p.all(v, v.Guild, func(s Store, l *lens) (any, error) {
			q := economy.HistoryQuery{Guild: guild, Viewer: v.Who, Member: v.Too, Size: v.Size, At: now}
			switch at := v.Nth / 3; v.Nth % 3 {
			case 1:
				q.Before = l.id(at)
			case 2:
				q.After = l.id(at)
			}
			return s.History(p.ctx, q)
		})
	case "leaderboard":
		p.all(v, v.Guild, func(s Store, _ *lens) (any, error) {
			return s.Leaderboard(p.ctx, economy.LeaderboardQuery{Guild: guild, Viewer: v.Who, Page: v.Nth % 4, Size: v.Size, At: now})
		})
	case "reversible":
		p.all(v, v.Guild, func(s Store, _ *lens) (any, error) { return s.Reversible(p.ctx, guild, v.Size) })
	case "forget":
		p.all(v, v.Guild, func(s Store, _ *lens) (any, error) { return s.ForgetRequests(p.ctx, now.Add(-time.Hour)) })
	case "ranks":
		p.all(v, v.Guild, func(s Store, _ *lens) (any, error) { return nil, s.RefreshRanks(p.ctx, now) })
	default:
		r := economy.Request{Guild: guild, Source: v.Source, Key: v.Key, At: now}
		if v.Key == "" { // most writes are not in conflict
			r.Key = fmt.Sprint("own-", len(p.writes))
		}
		if op, ok := v.operation(r); ok {
			p.write(op, v.Guild)
		}
	}
}

// nth stands for the n-th transaction of the guild, whatever its id is.
type nth struct {
	economy.Reversal
	n int
}

// operation returns the write that the step means, and false where the domain
// refuses to construct it.
func (v step) operation(r economy.Request) (any, bool) {
	var op any
	var err error
	switch v.Verb {
	case "daily":
		op, err = economy.NewDailyClaim(r, v.Who)
	case "transfer":
		op, err = economy.NewTransfer(r, v.Who, v.Too, v.Quantity, v.Note)
	case "adjust":
		op, err = economy.NewAdjustment(r, v.Who, v.Too, v.Kind, v.Quantity.Amount, v.Note)
	case "reverse":
		var reversal economy.Reversal
		reversal, err = economy.NewReversal(r, v.Who, 0, v.Note)
		op = nth{reversal, v.Nth}
	case "rules":
		op, err = economy.NewSettingsChange(r, v.Who, v.Rules)
	}
	return op, err == nil
}

// write does a write with all of them and keeps it to be repeated.
func (p *parallel) write(op any, g int) {
	p.t.Helper()
	p.writes = append(p.writes, op)
	p.all(op, g, func(s Store, l *lens) (any, error) {
		native := op
		if v, ok := op.(nth); ok {
			v.Transaction = l.id(v.n)
			native = v.Reversal
		}
		w := Write{Operation: native}.Do(p.ctx, s)
		return w.Receipt, w.Err
	})
}

// again repeats an earlier write: as it was, at another time and under another
// name, or with another argument.
func (p *parallel) again(v step, now time.Time) {
	if len(p.writes) == 0 {
		return
	}
	at := now
	switch op := p.writes[v.Nth%len(p.writes)].(type) {
	case economy.DailyClaim:
		op.Request.At, op.Member.Name = at, v.Who.Name
		p.repeat(op, op.Request.Guild)
	case economy.Transfer:
		op.Request.At, op.From.Name = at, v.Who.Name
		if v.Size == 1 {
			op.Note += "!"
		}
		p.repeat(op, op.Request.Guild)
	case economy.Adjustment:
		op.Request.At, op.Member.Name = at, v.Who.Name
		if op.Admin.User == op.Member.User {
			op.Admin = op.Member
		}
		if v.Size == 1 {
			op.Reason += "!"
		}
		p.repeat(op, op.Request.Guild)
	case nth:
		op.Request.At, op.Admin.Name = at, v.Who.Name
		p.repeat(op, op.Request.Guild)
	case economy.SettingsChange:
		op.Request.At, op.Admin.Name = at, v.Who.Name
		if v.Size == 1 {
			op.Settings.Grace = 2
		}
		p.repeat(op, op.Request.Guild)
	}
}

func (p *parallel) repeat(op any, guild economy.GuildID) {
	p.t.Helper()
	for g, l := range p.model.lenses {
		if l.guild == guild {
			p.write(op, g)
		}
	}
}
