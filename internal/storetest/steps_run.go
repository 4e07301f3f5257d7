package storetest

import (
	"fmt"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/shop"
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
			q.Turned = v.Nth%3 > 0
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
	case "tally":
		p.all(v, v.Guild, func(s Store, _ *lens) (any, error) {
			if v.Odd {
				return nil, s.TakeTops(p.ctx, now)
			}
			return nil, s.Tally(p.ctx)
		})
	case "stats":
		p.lookBack(v.Guild, v.Size, now)
	case "trail":
		queries := []events.TrailQuery{{Kind: "claim."}, {Kind: "daily"}, {Actor: events.BySystem}, {Actor: 1, Kind: "item."}, {Until: now}, {Actor: 2},
			{From: now.Add(-day), Kind: "transfer"}, {From: now, Until: now}, {Actor: 3, From: now.Add(-2 * day)}, {Kind: "member."}, {Kind: "none."}}
		q := queries[v.Nth%len(queries)]
		q.Limit = 10 * v.Size
		p.lookUp(v.Guild, q)
	case "catalogue", "offer", "names", "inventory", "refundable", "expire":
		p.browse(v, now)
	case "open tasks", "task offer", "task names", "claims", "queue", "meet", "tidy":
		p.look(v, now)
	case "members", "member", "transactions", "record":
		p.inspect(v, now)
	case "lease", "settle", "deliveries", "retry", "discard":
		p.deliver(v, now)
	default:
		r := economy.Request{Guild: guild, Source: v.Source, Key: v.Key, At: now}
		if v.Key == "" { // most writes are not in conflict
			r.Key = fmt.Sprint("own-", len(p.writes))
		}
		if op, ok := p.operation(v, r); ok {
			p.write(op, v.Guild)
		}
	}
}

// nth is a write about the n-th transaction, item, purchase, task or submission of
// the guild, whatever its id is.
type nth struct {
	op any
	n  int
}

// in returns the write as the store of the lens knows it.
func (v nth) in(l *lens) any {
	switch op := v.op.(type) {
	case economy.Reversal:
		op.Transaction = l.id(v.n)
		return op
	case shop.ItemEdit:
		op.Item = shop.ItemID(l.items.id(v.n))
		return op
	case shop.ItemArchival:
		op.Item = shop.ItemID(l.items.id(v.n))
		return op
	case shop.Purchase:
		op.Item = shop.ItemID(l.items.id(v.n))
		return op
	case shop.Use:
		op.Item = shop.ItemID(l.items.id(v.n))
		return op
	case shop.Refund:
		op.Purchase = shop.PurchaseID(l.purchases.id(v.n))
		return op
	}
	if op := l.managed(v.op); op != nil {
		return op
	}
	if op := l.duty(v.op, v.n); op != nil {
		return op
	}
	panic(fmt.Sprintf("no number in a write of type %T", v.op))
}

// operation returns the write that the step means, and false where the domain
// refuses to construct it.
func (p *parallel) operation(v step, r economy.Request) (any, bool) {
	var op any
	var err error
	switch v.Verb {
	case "daily":
		op, err = economy.NewDailyClaim(r, v.Who)
	case "transfer":
		op, err = economy.NewTransfer(r, v.Who, v.Too, v.Quantity, v.Note)
	case "adjust":
		op, err = economy.NewAdjustment(r, v.admin(), v.Too, v.Kind, v.Quantity.Amount, v.Note)
	case "reverse":
		op, err = economy.NewReversal(r, v.admin(), 0, v.Note)
		op = nth{op, v.Nth}
	case "rules":
		change, refusal := economy.NewSettingsChange(r, v.admin(), v.Rules)
		if v.Size == 4 {
			change.Version = v.Nth % 3
		}
		op, err = change, refusal
	case "many", "import", "erase":
		return p.manage(v, r)
	case "task", "retask", "move", "claim", "submit", "drop", "review":
		return p.duty(v, r)
	default:
		return p.trade(v, r)
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
			native = v.in(l)
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
	op := p.writes[v.Nth%len(p.writes)]
	numbered, isNumbered := op.(nth)
	if isNumbered {
		op = numbered.op
	}
	r := requestOf(op)
	op = as(op, now, v.Who.Name)
	if v.Size == 1 {
		op = others(op)[0]
	}
	if isNumbered {
		op = nth{op, numbered.n}
	}
	p.repeat(op, r.Guild)
}

func (p *parallel) repeat(op any, guild economy.GuildID) {
	p.t.Helper()
	for g, l := range p.model.lenses {
		if l.guild == guild {
			p.write(op, g)
		}
	}
}
