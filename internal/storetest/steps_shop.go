package storetest

import (
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
)

// ware returns the n-th item of a guild as the model has it.
func (p *parallel) ware(g, n int) shop.Item {
	l, m := p.model.lenses[g], p.model.store.(*Model)
	if i := m.guilds[l.guild].item(shop.ItemID(l.items.id(n))); i != nil {
		return *i
	}
	return shop.Item{}
}

// owner returns somebody who owns something, and which item, if anybody does.
func (p *parallel) owner(v step) (who economy.Person, n int, ok bool) {
	l, m := p.model.lenses[v.Guild], p.model.store.(*Model)
	guild := m.guilds[l.guild]
	for n := range l.items.ids {
		n = (n + v.Nth) % len(l.items.ids)
		for _, who := range people {
			if guild.owned[goods{guild.find(who.User), shop.ItemID(l.items.id(n))}] > 0 {
				who.Name = v.Who.Name
				return who, n, true
			}
		}
	}
	return who, 0, false
}

// pick chooses one of what there is, of the newest more often, or one that there is not.
func (v step) pick(among *seen) int {
	if v.Odd {
		return v.Nth
	}
	return max(0, len(among.ids)-1-v.Nth*v.Nth/40)
}

// trade returns the write in the shop that the step means, and false where the
// domain refuses to construct it.
func (p *parallel) trade(v step, r economy.Request) (op any, ok bool) {
	var err error
	l := p.model.lenses[v.Guild]
	n := v.pick(l.items)
	switch v.Verb {
	case "create":
		stock := shop.Stock{}
		if v.Stock != nil {
			stock = *v.Stock
		}
		op, err = shop.NewItemCreation(r, v.admin(), v.Terms, stock)
		return op, err == nil
	case "edit":
		ware := p.ware(v.Guild, n)
		if v.Size == 3 && v.Note != "" {
			ware.Version--
		}
		if v.Size == 1 { // perhaps to the same
			v.Terms = ware.Terms
		}
		op, err = shop.NewItemEdit(r, v.admin(), 0, ware.Version, v.Terms, v.Stock)
	case "archive":
		op = shop.ItemArchival{Request: r, Admin: v.admin()}
	case "buy":
		price := p.ware(v.Guild, n).Price
		if price == 0 || v.Note != "" && v.Size == 4 {
			price = 1
		}
		roles := []economy.RoleID{"7002", "7003"}
		var buy shop.Purchase
		buy, err = shop.NewPurchase(r, v.Who, roles[v.Nth%2:], 0, int64(v.Size), price)
		if v.Nth%3 > 0 {
			buy.Version = max(0, p.ware(v.Guild, n).Version-v.Nth%3+1) // perhaps the one before
		}
		op = buy
	case "refund":
		n = v.pick(l.purchases)
		op, err = shop.NewRefund(r, v.admin(), 0, v.Note)
	case "use":
		if who, i, ok := p.owner(v); ok && !v.Odd {
			v.Who, n = who, i
		}
		op = shop.Use{Request: r, Member: v.Who}
	}
	return nth{op, n}, err == nil
}

// browse takes a step that looks around in the shop, and one that ends what is over.
func (p *parallel) browse(v step, now time.Time) {
	p.t.Helper()
	guild, n := p.model.lenses[v.Guild].guild, v.pick(p.model.lenses[v.Guild].items)
	words := []string{"", "C", "ake", "ÉT", "σ", "%", "\\", "rol", "\x00\xff"}
	word := words[v.Nth%len(words)]
	p.all(v, v.Guild, func(s Store, l *lens) (any, error) {
		switch v.Verb {
		case "catalogue":
			return s.Catalogue(p.ctx, shop.CatalogueQuery{Guild: guild, Viewer: v.Who, Category: []string{"", "", "b", "B"}[v.Nth%4],
				Page: v.Nth % 3, Size: v.Size, At: now})
		case "offer":
			q := shop.OfferQuery{Guild: guild, Viewer: v.Who, Item: shop.ItemID(l.items.id(n)), At: now}
			if v.Odd {
				q.Item, q.Name = 0, []string{"CAKE", " été ", "ΣΑΣ", "nothing"}[v.Nth%4]
			}
			return s.Offer(p.ctx, q)
		case "names":
			q := shop.NamesQuery{Guild: guild, Text: word, At: now, Limit: v.Size * 3, Unsold: v.Size == 2}
			if v.Size > 2 {
				q.OwnedBy = v.Too.User
			}
			return s.ItemNames(p.ctx, q)
		case "inventory":
			return s.Inventory(p.ctx, shop.InventoryQuery{Guild: guild, Viewer: v.Who, Member: v.Too, Turned: v.Nth%3 > 1, Page: v.Nth % 3, Size: v.Size, At: now})
		case "refundable":
			return s.Refundable(p.ctx, guild, v.Size)
		default:
			return s.ExpireRoles(p.ctx, now)
		}
	})
}

// deliver takes a step of one who delivers, or of an admin who looks after it.
func (p *parallel) deliver(v step, now time.Time) {
	p.t.Helper()
	guild, n := p.model.lenses[v.Guild].guild, v.Nth/3
	span := time.Duration(0)
	if v.Long {
		span = time.Hour
	}
	p.all(v, v.Guild, func(s Store, l *lens) (any, error) {
		switch v.Verb {
		case "lease":
			leases, err := s.LeaseDeliveries(p.ctx, v.Size, span)
			l.leases = append(l.leases, leases...)
			return leases, err
		case "settle":
			if n = min(n, len(l.leases)-1); n < 0 {
				return nil, nil
			}
			lease := l.leases[len(l.leases)-1-n] // mostly a new one
			return nil, s.SettleDelivery(p.ctx, lease, outbox.Outcome{State: v.State, After: span, Error: v.Note, Message: v.Message, Gone: v.Gone}, now)
		case "deliveries":
			before := int64(0)
			if v.Odd {
				before = l.deliveries.id(n)
			}
			return s.Deliveries(p.ctx, guild, before, v.Size)
		case "retry":
			return s.RetryDelivery(p.ctx, guild, l.deliveries.id(n))
		default:
			return s.ForgetDeliveries(p.ctx, now.Add(-time.Hour))
		}
	})
}
