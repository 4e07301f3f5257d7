package storetest

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
)

// delivery is one with who may try it.
type delivery struct {
	outbox.Delivery
	member  int64 // 0: nobody
	notice  outbox.Notice
	token   int64
	leased  bool // somebody has it, or had it and did not settle it
	joined  bool // by another cause since it was leased
	settled time.Time
}

// due is for at once.
var due time.Time

func (g *guild) deliver(d delivery, at time.Time) {
	d.ID, d.State, d.Created = g.next(), outbox.Waiting, at
	if d.member != 0 {
		d.User = g.member(d.member).user
	}
	d.Notice = d.notice.Name
	g.deliveries = append(g.deliveries, d)
}

// roleDelivery returns the delivery of a role that waits or has failed, below 0 if there
// is none.
func (g *guild) roleDelivery(member int64, role economy.RoleID) int {
	return slices.IndexFunc(g.deliveries, func(d delivery) bool {
		return d.Kind == outbox.Role && d.member == member && d.Role == role && d.State != outbox.Done
	})
}

// deliverRole has Discord agree with a member's entitlement to a role, also where it is
// told of whom he was before.
func (g *guild) deliverRole(member int64, role economy.RoleID, at time.Time) {
	for i := range g.deliveries {
		d := &g.deliveries[i]
		if d.Kind == outbox.Role && d.State != outbox.Done && d.Role == role && d.User == g.member(member).user && d.member != member {
			d.join()
		}
	}
	i := g.roleDelivery(member, role)
	if i < 0 {
		g.deliver(delivery{Delivery: outbox.Delivery{Kind: outbox.Role, Role: role}, member: member}, at)
		return
	}
	g.deliveries[i].join()
}

// welcome has people who have joined welcomed, unless a welcome waits already.
func (g *guild) welcome(created []member, at time.Time) {
	waits := func(d delivery) bool { return d.notice.Name == outbox.NoticeWelcome && d.State == outbox.Waiting }
	if g.settings.WelcomeChannel == "" || slices.ContainsFunc(g.deliveries, waits) {
		return
	}
	told := outbox.Welcome{Balance: g.settings.StartingBalance, Currency: g.settings.Currency()}
	for i, m := range created {
		if i < 3 {
			told.Members = append(told.Members, m.user)
		} else {
			told.Others++
		}
	}
	g.deliver(delivery{Delivery: outbox.Delivery{Kind: outbox.Channel, Channel: g.settings.WelcomeChannel},
		notice: outbox.Notice{Name: outbox.NoticeWelcome, Args: must(json.Marshal(told))}}, at)
}

// LeaseDeliveries implements outbox.Store.
func (m *Model) LeaseDeliveries(ctx context.Context, limit int, life time.Duration) ([]outbox.Lease, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	var leases []outbox.Lease
	turns := make(map[int64]int) // in their guild, behind what is being tried
	for id, g := range m.guilds {
		turn := 0
		for _, d := range g.deliveries {
			if d.State == outbox.Waiting && d.leased && d.Due.After(now) {
				turn++
			}
		}
		for _, d := range g.deliveries { // the oldest first
			if d.State == outbox.Waiting && !d.Due.After(now) {
				turn++
				turns[d.ID] = turn
				leases = append(leases, outbox.Lease{ID: d.ID, Guild: id})
			}
		}
	}
	slices.SortFunc(leases, func(a, b outbox.Lease) int {
		return cmp.Or(cmp.Compare(turns[a.ID], turns[b.ID]), cmp.Compare(a.ID, b.ID))
	})
	leases = leases[:min(len(leases), clamp(limit))]
	slices.SortFunc(leases, func(a, b outbox.Lease) int { return cmp.Compare(a.ID, b.ID) })
	for i, l := range leases {
		g := m.guilds[l.Guild]
		d := g.delivery(l.ID)
		d.token++
		d.Attempts++
		d.leased, d.joined, d.Due = true, false, now.Add(life)
		leases[i] = outbox.Lease{ID: d.ID, Token: d.token, Attempt: d.Attempts, Guild: l.Guild, Kind: d.Kind, User: d.User,
			Role: d.Role, Channel: d.Channel, Subject: d.Subject, Notice: d.notice, Created: d.Created}
		switch d.Kind {
		case outbox.Role:
			who := d.member
			if now := g.find(d.User); now != 0 { // he may be somebody else by now
				who = now
			}
			leases[i].Entitled, _, _ = g.entitled(who, d.Role)
		case outbox.Card:
			leases[i].Notice = g.compose(d.Subject)
			leases[i].Channel, leases[i].Message = g.cards[d.Subject].channel, g.cards[d.Subject].message
		}
	}
	return leases, nil
}

func (g *guild) delivery(id int64) *delivery {
	i := slices.IndexFunc(g.deliveries, func(d delivery) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	return &g.deliveries[i]
}

// SettleDelivery implements outbox.Store.
func (m *Model) SettleDelivery(ctx context.Context, lease outbox.Lease, o outbox.Outcome, now time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	g, known := m.guilds[lease.Guild]
	if !known {
		return nil
	}
	g.posted(lease, o.Message)
	d := g.delivery(lease.ID)
	if d == nil || d.State != outbox.Waiting || !d.leased || d.token != lease.Token {
		return nil
	}
	d.leased, d.Due = false, due
	if d.Kind == outbox.Card && o.State == outbox.Done && o.Gone {
		delete(g.cards, d.Subject)
		d.joined = false
	}
	if d.joined {
		return nil
	}
	d.State, d.Error = o.State, outbox.CleanError(o.Error)
	if d.State == outbox.Waiting && d.Attempts >= lease.Most() {
		d.State = outbox.Failed
	}
	if d.State == outbox.Waiting {
		d.Due = time.Now().Add(o.After)
		return nil
	}
	d.settled = cut(now)
	if d.State == outbox.Done && d.member != 0 && g.member(d.member).erased() {
		d.User = ""
	}
	if d.Kind == outbox.Role {
		was := *d
		if was.State == outbox.Failed && slices.ContainsFunc(g.purchases, was.pays) {
			g.deliverRole(was.member, was.Role, now)
		}
		g.settleRole(lease.Guild, was, cut(now))
	}
	return nil
}

// pays reports whether the end of a role's delivery decides on a purchase.
func (d delivery) pays(p purchase) bool {
	return p.member == d.member && p.role == d.Role && p.running && !p.granted
}

// settleRole has a role's delivery, which is over, take effect on what it was for.
func (g *guild) settleRole(id economy.GuildID, d delivery, now time.Time) {
	for i := range g.purchases {
		p := &g.purchases[i]
		if !d.pays(*p) {
			continue
		}
		if d.State == outbox.Done {
			p.granted = true
			continue
		}
		g.payBack(id, p, d.Error, now)
	}
}

// payBack ends what a purchase entitles to and was never granted, refunds it where
// the goods are there, and has its buyer and the admins told.
func (g *guild) payBack(id economy.GuildID, p *purchase, reason string, now time.Time) {
	p.end(now)
	if g.refund(id, 0, p, "", now) != nil {
		return
	}
	notice := outbox.Notice{Name: outbox.NoticeRefunded, Args: must(json.Marshal(outbox.Refunded{
		Purchase: int64(p.id), Item: p.name, Total: p.total, Member: g.member(p.member).user, Role: p.role,
		Reason: reason, Currency: g.settings.Currency()}))}
	g.deliver(delivery{Delivery: outbox.Delivery{Kind: outbox.Direct}, member: p.member, notice: notice}, now)
	if g.settings.AdminChannel != "" {
		g.deliver(delivery{Delivery: outbox.Delivery{Kind: outbox.Channel, Channel: g.settings.AdminChannel}, notice: notice}, now)
	}
}

// Deliveries implements outbox.Store.
func (m *Model) Deliveries(ctx context.Context, id economy.GuildID, before int64, limit int) ([]outbox.Delivery, error) {
	return peek(ctx, m, id, func(g *guild) (list []outbox.Delivery) {
		for _, d := range slices.Backward(g.deliveries) {
			if d.State != outbox.Done && (before == 0 || d.ID < before) && len(list) < clamp(limit) {
				list = append(list, g.listed(d))
			}
		}
		return list
	})
}

// listed returns a delivery as admins see it.
func (g *guild) listed(d delivery) outbox.Delivery {
	if d.Kind == outbox.Card {
		d.Channel = g.cards[d.Subject].channel
	}
	switch {
	case d.State != outbox.Waiting:
		d.Due = time.Time{}
	case d.Due.IsZero():
		d.Due = d.Created // at once
	}
	return d.Delivery
}

// RetryDelivery implements outbox.Store.
func (m *Model) RetryDelivery(ctx context.Context, id economy.GuildID, n int64) (bool, error) {
	return peek(ctx, m, id, func(g *guild) bool {
		d := g.delivery(n)
		if d == nil || d.State == outbox.Done {
			return false
		}
		d.State, d.Attempts = outbox.Waiting, 0
		if !d.leased || !d.Due.After(time.Now()) {
			d.Due = due
		}
		return true
	})
}

// ForgetDeliveries implements outbox.Store.
func (m *Model) ForgetDeliveries(ctx context.Context, before time.Time) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	forgotten := 0
	for _, g := range m.guilds {
		g.deliveries = slices.DeleteFunc(g.deliveries, func(d delivery) bool {
			old := d.State != outbox.Waiting && d.settled.Before(cut(before)) && (d.Kind != outbox.Role || d.State != outbox.Failed)
			if old {
				forgotten++
			}
			return old
		})
	}
	return forgotten, nil
}
