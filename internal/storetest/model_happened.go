package storetest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/outbox"
	"coffer/internal/tasks"
)

// place is where an event is found; its position is its number in Model.placed, from 1.
type place struct {
	guild economy.GuildID
	event int
}

// place gives each event that has no place yet the next one.
func (m *Model) place() {
	for _, id := range slices.Sorted(maps.Keys(m.guilds)) {
		for g := m.guilds[id]; g.placed < len(g.events); g.placed++ {
			m.placed = append(m.placed, place{id, g.placed})
		}
	}
}

// entry is an event as people are shown it.
func (g *guild) entry(n int, position int64) events.Entry {
	e := g.events[n]
	return events.Entry{Event: e, By: g.by(e.Actor), Position: events.Position{ID: position}}
}

// by is who did something, as he is shown.
func (g *guild) by(n int64) economy.Actor {
	if n == 0 {
		return economy.Actor{Kind: economy.ActorSystem}
	}
	return g.actor(n)
}

// Head implements events.Follower.
func (m *Model) Head(ctx context.Context) (events.Position, error) {
	if err := ctx.Err(); err != nil {
		return events.Position{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.place()
	return events.Position{ID: int64(len(m.placed))}, nil
}

// After implements events.Follower.
func (m *Model) After(ctx context.Context, from events.Position, guilds []string, limit int) (b events.Batch, err error) {
	if err := ctx.Err(); err != nil {
		return b, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.place()
	if from.Round > 0 || from.ID > int64(len(m.placed)) {
		return b, events.ErrPosition
	}
	limit = min(max(limit, 1), events.MaxBatch)
	b.Until = events.Position{ID: int64(len(m.placed))}
	for i := from.ID; i < int64(len(m.placed)); i++ {
		p := m.placed[i]
		if !slices.Contains(guilds, string(p.guild)) {
			continue
		}
		b.Entries = append(b.Entries, m.guilds[p.guild].entry(p.event, i+1))
		if len(b.Entries) == limit {
			b.Until, b.More = events.Position{ID: i + 1}, true
			break
		}
	}
	return b, nil
}

// Trail implements events.Trail. It looks at everything for each page.
func (m *Model) Trail(ctx context.Context, q events.TrailQuery) (page events.TrailPage, err error) {
	if err := ctx.Err(); err != nil {
		return page, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.place()
	size := clamp(q.Limit)
	var all []events.Entry
	for i, p := range m.placed {
		e := m.guilds[p.guild].entry(p.event, int64(i)+1)
		if string(p.guild) == q.Guild && asks(q, e) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b events.Entry) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	page.Entries = all[:min(len(all), size)]
	if len(all) > size {
		page.Next = &events.Mark{At: all[size-1].At, ID: all[size-1].ID}
	}
	return page, nil
}

// asks reports whether an entry is one that a query asks for.
func asks(q events.TrailQuery, e events.Entry) bool {
	kind := q.Kind == "" || e.Kind == q.Kind || strings.HasSuffix(q.Kind, ".") && strings.HasPrefix(e.Kind, q.Kind)
	actor := q.Actor == 0 || q.Actor == e.Actor
	if q.Actor == events.BySystem { // here, numbers below 0 are accounts of the dashboard
		actor = e.Actor == 0
	}
	older := q.Before == events.Mark{} || cmp.Or(e.At.Compare(q.Before.At), cmp.Compare(e.ID, q.Before.ID)) < 0
	return kind && actor && older && (q.Subject == "" || e.Subject == q.Subject) && !e.At.Before(q.From) &&
		(q.Until.IsZero() || e.At.Before(q.Until))
}

// Stats implements events.Statistics: everything is counted anew each time.
func (m *Model) Stats(ctx context.Context, q events.StatsQuery) (events.Stats, error) {
	if err := ctx.Err(); err != nil {
		return events.Stats{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	at, n := cut(q.At), min(max(1, q.Days), events.MaxDays)
	s := events.Stats{At: at, TopsSince: at.Add(-events.TopWindow)}
	days, active := map[time.Time]*events.Counts{}, map[time.Time]map[int64]bool{}
	first := events.Beginning(at, n)
	for i := range n {
		s.Days = append(s.Days, events.Day{Date: first.AddDate(0, 0, i)})
	}
	g, known := m.guilds[q.Guild]
	if !known {
		return s, nil
	}
	s.Members = int64(g.present())
	for _, v := range g.members {
		s.Circulation += v.balance
	}
	for i := range s.Days {
		days[s.Days[i].Date], active[s.Days[i].Date] = &s.Days[i].Counts, map[int64]bool{}
	}
	for _, e := range g.events {
		date := events.Beginning(e.At, 1)
		if c := days[date]; c != nil {
			if e.Actor > 0 && !active[date][e.Actor] { // a member
				active[date][e.Actor] = true
				c.ActiveMembers++
			}
			switch e.Kind {
			case "member.created":
				c.Joined++
			case "member.erased":
				c.Erased++
			}
		}
	}
	for _, t := range g.transactions {
		if c := days[events.Beginning(t.at, 1)]; c != nil {
			t.count(c)
		}
	}
	s.TopEarners, s.TopSpenders, s.TopsSince, s.TopsUncounted = g.top(s.TopsSince)
	for _, v := range g.submissions {
		if v.State == tasks.Waiting {
			s.Waiting.Reviews++
		}
	}
	for _, d := range g.deliveries {
		switch d.State {
		case outbox.Failed:
			s.Waiting.DeliveriesFailed++
		case outbox.Waiting:
			s.Waiting.DeliveriesWaiting++
		}
	}
	return s, nil
}

// count adds a transaction to a day's counts.
func (t transaction) count(c *events.Counts) {
	c.Transactions++
	for kind, n := range map[economy.Kind]*int64{economy.KindDaily: &c.Dailies, economy.KindTransfer: &c.Transfers,
		economy.KindPurchase: &c.Sales, economy.KindReward: &c.Rewards} {
		if t.kind == kind {
			*n++
		}
	}
	for _, e := range t.entries {
		switch {
		case e.member != 0:
		case e.system == economy.Shop && e.amount > 0:
			c.Spent += e.amount
		case e.system == economy.Shop:
			c.Refunded -= e.amount
		case e.amount < 0:
			c.Minted -= e.amount
		default:
			c.Burned += e.amount
		}
	}
}

// ranking is who earned and spent the most since a time.
type ranking struct {
	since             time.Time
	earners, spenders []events.Sum
}

// top returns the ranking since a time, or where too much happened the one that was taken.
func (g *guild) top(since time.Time) (earners, spenders []events.Sum, from time.Time, uncounted bool) {
	switch {
	case !g.busy(since):
		r := g.ranking(since)
		return r.earners, r.spenders, since, false
	case g.tops == nil:
		return nil, nil, since, true
	}
	return g.tops.earners, g.tops.spenders, g.tops.since, false
}

func (g *guild) busy(since time.Time) bool {
	n := 0
	for _, e := range g.events {
		if !e.At.Before(since) {
			n++
		}
	}
	return n > events.MaxLive
}

func (g *guild) ranking(since time.Time) ranking {
	earned, spent := map[int64]economy.Amount{}, map[int64]economy.Amount{}
	for _, t := range g.transactions {
		kind := t.kind
		if t.reverses != 0 {
			kind = g.transactions[t.reverses-1].kind
		}
		for _, e := range t.entries {
			switch {
			case t.at.Before(since) || e.member == 0:
			case kind == economy.KindDaily || kind == economy.KindReward:
				earned[e.member] += e.amount
			case kind == economy.KindPurchase:
				spent[e.member] -= e.amount
			}
		}
	}
	best := func(of map[int64]economy.Amount) (list []events.Sum) {
		for _, n := range slices.Sorted(maps.Keys(of)) {
			if of[n] > 0 {
				list = append(list, events.Sum{Member: g.actor(n), Amount: of[n]})
			}
		}
		slices.SortStableFunc(list, func(a, b events.Sum) int { return cmp.Compare(b.Amount, a.Amount) })
		return list[:min(len(list), events.Tops)]
	}
	return ranking{since, best(earned), best(spent)}
}

// Tally implements events.Statistics. A model keeps no counts.
func (m *Model) Tally(ctx context.Context) error { return ctx.Err() }

// Totals implements events.Statistics.
func (m *Model) Totals(ctx context.Context) (v events.Totals, err error) {
	if err := ctx.Err(); err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range m.guilds {
		v.Guilds++
		v.Members += int64(g.present())
		var c events.Counts
		for _, t := range g.transactions {
			t.count(&c)
		}
		v.Minted += c.Minted
		v.Burned += c.Burned
		v.Spent += c.Spent
		v.Refunded += c.Refunded
		v.Transactions += c.Transactions
		for _, d := range g.deliveries {
			switch d.State {
			case outbox.Failed:
				v.DeliveriesFailed++
			case outbox.Waiting:
				v.DeliveriesWaiting++
			}
		}
	}
	return v, nil
}

// TakeTops implements events.Statistics.
func (m *Model) TakeTops(ctx context.Context, now time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	since := cut(now).Add(-events.TopWindow)
	for _, g := range m.guilds {
		g.tops = nil
		if g.busy(since) {
			r := g.ranking(since)
			g.tops = &r
		}
	}
	return nil
}

// Books implements economy.Bookkeeper. Its time stays zero: a model has no clock.
func (m *Model) Books(ctx context.Context, id economy.GuildID) (economy.Books, error) {
	if err := ctx.Err(); err != nil {
		return economy.Books{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var b economy.Books
	broken := map[string]int{}
	if g, known := m.guilds[id]; known {
		b.Transactions = int64(len(g.transactions))
		for _, t := range g.transactions {
			b.Entries += int64(len(t.entries))
			for _, e := range t.entries {
				switch {
				case e.member != 0:
				case e.system == economy.Mint:
					b.Mint += e.amount
				case e.system == economy.Shop:
					b.Shop += e.amount
				default:
					b.Burn += e.amount
				}
			}
		}
		for _, v := range g.members {
			b.Members += v.balance
		}
		g.audit(func(invariant string, _ int) { broken[invariant]++ })
	}
	for _, v := range economy.BookInvariants() {
		b.Findings = append(b.Findings, economy.Finding{Invariant: v, Broken: broken[v.Name]})
	}
	return b, nil
}
