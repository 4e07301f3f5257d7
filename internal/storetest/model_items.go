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

// item returns an item of the guild, nil for an unknown one.
func (g *guild) item(id shop.ItemID) *shop.Item {
	i := slices.IndexFunc(g.items, func(i shop.Item) bool { return i.ID == id })
	if i < 0 {
		return nil
	}
	return &g.items[i]
}

// named returns the item of that name that is not archived, nil if there is none.
func (g *guild) named(name string) *shop.Item {
	i := slices.IndexFunc(g.items, func(i shop.Item) bool { return !i.Archived && economy.Fold(i.Name) == economy.Fold(name) })
	if i < 0 {
		return nil
	}
	return &g.items[i]
}

func (g *guild) tellItem(id economy.GuildID, actor int64, kind string, before, after any, item shop.ItemID, at time.Time) {
	g.tell(id, actor, kind, subject("item", int64(item)), before, after, at)
}

// CreateItem implements shop.Store.
func (m *Model) CreateItem(ctx context.Context, c shop.ItemCreation) (shop.Item, error) {
	id := c.Request.Guild
	return write(ctx, m, c.Request, "item.create", c.Fingerprint(), func(g *guild, at time.Time) (shop.Item, error) {
		admin := g.involve(id, c.Admin, at)
		if g.named(c.Terms.Name) != nil {
			return shop.Item{}, shop.ErrNameTaken
		}
		item := shop.Item{ID: shop.ItemID(g.next()), Terms: c.Terms, Stock: c.Stock, Version: 1}
		g.items = append(g.items, item)
		g.tellItem(id, admin, "item.created", nil, item, item.ID, at)
		return item, nil
	})
}

// EditItem implements shop.Store.
func (m *Model) EditItem(ctx context.Context, e shop.ItemEdit) (shop.Item, error) {
	id := e.Request.Guild
	return write(ctx, m, e.Request, "item.edit", e.Fingerprint(), func(g *guild, at time.Time) (shop.Item, error) {
		admin := g.involve(id, e.Admin, at)
		item := g.item(e.Item)
		if item == nil {
			return shop.Item{}, shop.ErrUnknownItem
		}
		after, changed, err := e.Of(*item)
		if err != nil || !changed {
			return after, err
		}
		if same := g.named(e.Terms.Name); same != nil && same.ID != e.Item {
			return shop.Item{}, shop.ErrNameTaken
		}
		g.tellItem(id, admin, "item.changed", *item, after, item.ID, at)
		*item = after
		return after, nil
	})
}

// ArchiveItem implements shop.Store.
func (m *Model) ArchiveItem(ctx context.Context, a shop.ItemArchival) (shop.Item, error) {
	id := a.Request.Guild
	return write(ctx, m, a.Request, "item.archive", a.Fingerprint(), func(g *guild, at time.Time) (shop.Item, error) {
		admin := g.involve(id, a.Admin, at)
		item := g.item(a.Item)
		if item == nil {
			return shop.Item{}, shop.ErrUnknownItem
		}
		if !item.Archived {
			before := *item
			item.Archived = true
			g.tellItem(id, admin, "item.archived", before, *item, item.ID, at)
		}
		return *item, nil
	})
}

// Catalogue implements shop.Store.
func (m *Model) Catalogue(ctx context.Context, q shop.CatalogueQuery) (shop.CataloguePage, error) {
	return read(ctx, m, q.Guild, q.At, func(g *guild, at time.Time) shop.CataloguePage {
		viewer := g.member(g.meet(q.Guild, q.Viewer, at))
		page := shop.CataloguePage{Balance: viewer.balance, Currency: g.settings.Currency()}
		var all []shop.Item
		for _, i := range g.items {
			if i.OnSale(at) != nil {
				continue
			}
			if i.Category != "" && !slices.Contains(page.Categories, i.Category) {
				page.Categories = append(page.Categories, i.Category)
			}
			if q.Category == "" || q.Category == i.Category {
				all = append(all, i)
			}
		}
		slices.Sort(page.Categories)
		slices.SortFunc(all, func(a, b shop.Item) int {
			return cmp.Or(strings.Compare(a.Category, b.Category), cmp.Compare(a.Price, b.Price), cmp.Compare(a.ID, b.ID))
		})
		page.Items, page.More = turn(all, q.Page, q.Size)
		return page
	})
}

// turn returns a page of a list, and whether another follows.
func turn[T any](all []T, page, size int) ([]T, bool) {
	size = clamp(size)
	first := min(min(max(1, page)-1, len(all))*size, len(all))
	last := min(first+size, len(all))
	return all[first:last], last < len(all)
}

// Offer implements shop.Store.
func (m *Model) Offer(ctx context.Context, q shop.OfferQuery) (shop.Offer, error) {
	var unknown error
	offer, err := read(ctx, m, q.Guild, q.At, func(g *guild, at time.Time) shop.Offer {
		n := g.meet(q.Guild, q.Viewer, at)
		item := g.item(q.Item)
		if q.Item == 0 {
			item = g.named(q.Name)
		}
		if item == nil {
			unknown = shop.ErrUnknownItem
			return shop.Offer{}
		}
		return shop.Offer{Item: *item, Owned: g.owned[goods{n, item.ID}], Bought: g.bought(n, item.ID),
			Balance: g.member(n).balance, Currency: g.settings.Currency()}
	})
	if err == nil {
		err = unknown
	}
	return offer, err
}

// ItemNames implements shop.Store.
func (m *Model) ItemNames(ctx context.Context, q shop.NamesQuery) ([]shop.ItemName, error) {
	return peek(ctx, m, q.Guild, func(g *guild) []shop.ItemName {
		var list []shop.ItemName
		text := economy.Fold(q.Text)
		for _, i := range g.items {
			n := shop.ItemName{ID: i.ID, Name: i.Name, Price: i.Price, Archived: i.Archived}
			ok := q.Unsold && !i.Archived || i.OnSale(cut(q.At)) == nil
			if q.OwnedBy != "" {
				n.Owned = g.owned[goods{g.find(q.OwnedBy), i.ID}]
				ok = n.Owned > 0
			}
			if ok && strings.Contains(economy.Fold(i.Name), text) {
				list = append(list, n)
			}
		}
		later := func(n shop.ItemName) int { // those that begin with it come first
			if strings.HasPrefix(economy.Fold(n.Name), text) {
				return 0
			}
			return 1
		}
		slices.SortFunc(list, func(a, b shop.ItemName) int {
			return cmp.Or(cmp.Compare(later(a), later(b)), strings.Compare(economy.Fold(a.Name), economy.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
		})
		return list[:min(len(list), clamp(q.Limit))]
	})
}

// peek runs a read that creates nobody; of an unknown guild there is nothing.
func peek[R any](ctx context.Context, m *Model, id economy.GuildID, do func(*guild) R) (none R, err error) {
	if err := ctx.Err(); err != nil {
		return none, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if g, known := m.guilds[id]; known {
		return do(g), nil
	}
	return none, nil
}
