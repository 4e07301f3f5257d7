package storetest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// goods are an item in a member's hands.
type goods struct {
	member int64
	item   shop.ItemID
}

// purchase is one with the entitlement that came of it.
type purchase struct {
	id                  shop.PurchaseID
	member              int64
	item                shop.ItemID
	name                string
	quantity            int64
	total               economy.Amount
	transaction, refund economy.TransactionID
	at                  time.Time

	role             economy.RoleID // empty: none
	until            time.Time
	running, granted bool
	ended            time.Time
	held             time.Time // since when, without having left
}

// end ends the entitlement, if it runs.
func (p *purchase) end(at time.Time) {
	if p.running {
		p.running, p.ended = false, at
	}
}

// bought returns how many pieces of an item count towards a member's limit.
func (g *guild) bought(member int64, item shop.ItemID) (n int64) {
	for _, p := range g.purchases {
		if p.member == member && p.item == item && p.refund == 0 {
			n += p.quantity
		}
	}
	return n
}

// entitled returns whether a member is entitled to a role, and the latest end of
// what entitles him: without all that is for ever, and with it (zero: for ever).
func (g *guild) entitled(member int64, role economy.RoleID) (is bool, latest, end time.Time) {
	forever := false
	for _, p := range g.purchases {
		if p.member == member && p.role == role && p.running {
			is, forever = true, forever || p.until.IsZero()
			if p.until.After(latest) {
				latest = p.until
			}
		}
	}
	if !forever {
		end = latest
	}
	return is, latest, end
}

// hold has Discord give a member a role that he is entitled to.
func (g *guild) hold(member int64, role economy.RoleID, since, at time.Time) {
	for i := range g.purchases {
		if p := &g.purchases[i]; p.member == member && p.role == role && p.running && p.held.Before(since) {
			p.held = since
		}
	}
	g.deliverRole(member, role, at)
}

// restore has Discord give back what people lost by leaving.
func (g *guild) restore(id economy.GuildID, people []economy.Person, at time.Time) (restored int) {
	for n := range g.members {
		member := int64(n + 1)
		var joined time.Time
		for _, p := range people {
			if who := g.member(member); !p.Bot && p.User == who.user && !who.erased() && cut(p.Joined).After(joined) {
				joined = cut(p.Joined)
			}
		}
		var roles []economy.RoleID
		for _, p := range g.purchases {
			if p.member == member && p.running && (p.until.IsZero() || p.until.After(at)) && !slices.Contains(roles, p.role) {
				roles = append(roles, p.role)
			}
		}
		slices.Sort(roles)
		for _, role := range roles {
			if slices.ContainsFunc(g.purchases, func(p purchase) bool {
				return p.member == member && p.role == role && p.running && (p.until.IsZero() || p.until.After(at)) && !p.held.Before(joined)
			}) {
				continue
			}
			g.hold(member, role, joined, at)
			g.tell(id, 0, "role.restored", subject("member", member), nil, map[string]economy.RoleID{"role": role}, at)
			restored++
		}
	}
	return restored
}

// Purchase implements shop.Store.
func (m *Model) Purchase(ctx context.Context, c shop.Purchase) (shop.PurchaseReceipt, error) {
	id := c.Request.Guild
	return write(ctx, m, c.Request, "purchase", c.Fingerprint(), func(g *guild, at time.Time) (r shop.PurchaseReceipt, err error) {
		buyer := g.involve(id, c.Buyer, at)
		item := g.item(c.Item)
		if item == nil {
			return r, shop.ErrUnknownItem
		}
		total, err := c.Of(*item, g.bought(buyer, item.ID), g.member(buyer).balance, g.settings)
		if err != nil {
			return r, err
		}
		p := purchase{id: shop.PurchaseID(g.next()), member: buyer, item: item.ID, name: item.Name, quantity: c.Quantity, total: total, at: at}
		p.transaction = g.post(id, buyer, transaction{kind: economy.KindPurchase, at: at, note: item.Name, entries: between(economy.Shop, buyer, -total)})
		if item.Role != "" {
			_, latest, _ := g.entitled(buyer, item.Role)
			p.role, p.until, p.running = item.Role, item.RoleEnd(at, latest, c.Quantity), true
		}
		g.purchases = append(g.purchases, p)
		g.owned[goods{buyer, item.ID}] += c.Quantity
		item.Sold += c.Quantity
		if item.Stock.Limited {
			item.Stock.Left -= c.Quantity
		}
		r = shop.PurchaseReceipt{Purchase: p.id, Transaction: p.transaction, Item: item.ID, Name: item.Name, Quantity: c.Quantity,
			Total: total, Balance: g.member(buyer).balance, Owned: g.owned[goods{buyer, item.ID}], Role: p.role, Currency: g.settings.Currency()}
		if p.role != "" {
			_, _, r.RoleUntil = g.entitled(buyer, p.role)
			g.hold(buyer, p.role, at, at)
		}
		return r, nil
	})
}

// Refund implements shop.Store.
func (m *Model) Refund(ctx context.Context, c shop.Refund) (shop.RefundReceipt, error) {
	id := c.Request.Guild
	return write(ctx, m, c.Request, "refund", c.Fingerprint(), func(g *guild, at time.Time) (r shop.RefundReceipt, err error) {
		i := slices.IndexFunc(g.purchases, func(p purchase) bool { return p.id == c.Purchase })
		if i < 0 {
			return r, shop.ErrUnknownPurchase
		}
		admin := g.involve(id, c.Admin, at)
		p := &g.purchases[i]
		running := p.running
		if err := g.refund(id, admin, p, c.Reason, at); err != nil {
			return r, err
		}
		if running {
			g.deliverRole(p.member, p.role, at)
		}
		return shop.RefundReceipt{Purchase: p.id, Transaction: p.refund, Member: g.member(p.member).user, Name: p.name,
			Quantity: p.quantity, Total: p.total, Balance: g.member(p.member).balance, Currency: g.settings.Currency()}, nil
	})
}

// refund takes a purchase back, all but its role.
func (g *guild) refund(id economy.GuildID, actor int64, p *purchase, note string, at time.Time) error {
	hands := goods{p.member, p.item}
	switch {
	case p.refund != 0:
		return shop.ErrAlreadyRefunded
	case g.member(p.member).erased():
		return economy.ErrErasedMember
	case g.owned[hands] < p.quantity:
		return shop.ErrGoodsUsed.With("owned", g.owned[hands]).With("bought", p.quantity)
	}
	p.refund = economy.TransactionID(len(g.transactions) + 1)
	g.transactions[p.transaction-1].reversedBy = p.refund
	g.post(id, actor, transaction{kind: economy.KindRefund, at: at, note: note, reverses: p.transaction,
		entries: between(economy.Shop, p.member, p.total)})
	g.owned[hands] -= p.quantity
	item := g.item(p.item)
	item.Sold -= p.quantity
	if item.Stock.Limited {
		item.Stock.Left += p.quantity
	}
	p.end(at)
	return nil
}

// Refundable implements shop.Store.
func (m *Model) Refundable(ctx context.Context, id economy.GuildID, limit int) ([]shop.RefundablePurchase, error) {
	return peek(ctx, m, id, func(g *guild) (list []shop.RefundablePurchase) {
		for _, p := range slices.Backward(g.purchases) {
			if p.refund == 0 && len(list) < clamp(limit) {
				list = append(list, shop.RefundablePurchase{Purchase: p.id, Item: p.name, Quantity: p.quantity, Total: p.total,
					Buyer: g.member(p.member).name, At: p.at})
			}
		}
		return list
	})
}

// Inventory implements shop.Store.
func (m *Model) Inventory(ctx context.Context, q shop.InventoryQuery) (shop.InventoryPage, error) {
	return read(ctx, m, q.Guild, q.At, func(g *guild, at time.Time) (page shop.InventoryPage) {
		g.meet(q.Guild, q.Viewer, at)
		g.restore(q.Guild, []economy.Person{q.Viewer}, at)
		n := g.find(q.Member.User)
		if n == 0 && q.Turned {
			return page
		}
		n = g.meet(q.Guild, q.Member, at)
		var all []shop.InventoryLine
		for _, i := range g.items {
			if have := g.owned[goods{n, i.ID}]; have > 0 {
				line := shop.InventoryLine{Item: i.ID, Name: i.Name, Quantity: have, Usable: i.Usable}
				for _, p := range g.purchases { // the newest is the last
					if p.member == n && p.item == i.ID && p.running {
						line.Role = p.role
						_, _, line.RoleUntil = g.entitled(n, p.role)
					}
				}
				all = append(all, line)
			}
		}
		slices.SortFunc(all, func(a, b shop.InventoryLine) int {
			return cmp.Or(strings.Compare(economy.Fold(a.Name), economy.Fold(b.Name)), cmp.Compare(a.Item, b.Item))
		})
		page.Lines, page.More = turn(all, q.Page, q.Size)
		return page
	})
}

// Use implements shop.Store.
func (m *Model) Use(ctx context.Context, c shop.Use) (shop.UseReceipt, error) {
	id := c.Request.Guild
	return write(ctx, m, c.Request, "use", c.Fingerprint(), func(g *guild, at time.Time) (r shop.UseReceipt, err error) {
		n := g.involve(id, c.Member, at)
		item, hands := g.item(c.Item), goods{n, c.Item}
		switch {
		case item == nil:
			return r, shop.ErrUnknownItem
		case g.owned[hands] == 0:
			return r, shop.ErrNotOwned
		case !item.Usable:
			return r, shop.ErrNotUsable
		}
		g.owned[hands]--
		g.used[hands]++
		g.tellItem(id, n, "item.used", nil, nil, item.ID, at)
		return shop.UseReceipt{Item: item.ID, Name: item.Name, Message: item.UseMessage, Left: g.owned[hands]}, nil
	})
}

// ExpireRoles implements shop.Store.
func (m *Model) ExpireRoles(ctx context.Context, now time.Time) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	type row struct {
		guild economy.GuildID
		n     int
	}
	var over []row // of all guilds, by the purchases' numbers
	number := func(r row) shop.PurchaseID { return m.guilds[r.guild].purchases[r.n].id }
	for id, g := range m.guilds {
		for n, p := range g.purchases {
			if p.running && !p.until.IsZero() && !p.until.After(cut(now)) {
				over = append(over, row{id, n})
			}
		}
	}
	slices.SortFunc(over, func(a, b row) int { return cmp.Compare(number(a), number(b)) })
	for _, r := range over {
		g := m.guilds[r.guild]
		p := &g.purchases[r.n]
		p.end(cut(now))
		if i := g.roleDelivery(p.member, p.role); !p.granted {
			g.payBack(r.guild, p, g.deliveries[i].Error, cut(now))
		}
		g.deliverRole(p.member, p.role, cut(now))
	}
	return len(over), nil
}
