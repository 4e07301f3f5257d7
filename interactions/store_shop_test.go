package interactions

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// memoryShop is what memoryStore keeps of a shop.
type memoryShop struct {
	items     []*shop.Item
	purchases []*memoryPurchase
	used      []owner // one for each piece
}

type owner struct {
	member economy.UserID
	item   shop.ItemID
}

type memoryPurchase struct {
	owner
	receipt  shop.PurchaseReceipt
	at       time.Time
	refunded bool
}

func (s *memoryStore) item(id shop.ItemID) (*shop.Item, error) {
	if id < 1 || int(id) > len(s.items) {
		return nil, shop.ErrUnknownItem
	}
	return s.items[id-1], nil
}

func (s *memoryStore) named(name string, but shop.ItemID) *shop.Item {
	for _, i := range s.items {
		if !i.Archived && i.ID != but && strings.EqualFold(i.Name, name) {
			return i
		}
	}
	return nil
}

// bought counts what a member bought and did not give back.
func (s *memoryStore) bought(o owner) (n int64) {
	for _, p := range s.purchases {
		if p.owner == o && !p.refunded {
			n += p.receipt.Quantity
		}
	}
	return n
}

func (s *memoryStore) owned(o owner) int64 {
	n := s.bought(o)
	for _, u := range s.used {
		if u == o {
			n--
		}
	}
	return n
}

// roleUntil is when a member's newest purchase of an item ends.
func (s *memoryStore) roleUntil(o owner) (until time.Time) {
	for _, p := range s.purchases {
		if p.owner == o && !p.refunded {
			until = p.receipt.RoleUntil
		}
	}
	return until
}

func onSale(i shop.Item, at time.Time) bool {
	return !i.Archived && !at.Before(i.From) && (i.Until.IsZero() || at.Before(i.Until))
}

func (s *memoryStore) Catalogue(ctx context.Context, q shop.CatalogueQuery) (shop.CataloguePage, error) {
	leave, err := s.enter(ctx, "Catalogue")
	if err != nil {
		return shop.CataloguePage{}, err
	}
	defer leave()
	page := shop.CataloguePage{Balance: s.member(q.Viewer, q.At).balance, Currency: s.settings.Currency()}
	var found []shop.Item
	for _, i := range s.items {
		if !onSale(*i, q.At) {
			continue
		}
		if i.Category != "" && !slices.Contains(page.Categories, i.Category) {
			page.Categories = append(page.Categories, i.Category)
		}
		if q.Category == "" || q.Category == i.Category {
			found = append(found, *i)
		}
	}
	slices.Sort(page.Categories)
	slices.SortStableFunc(found, func(a, b shop.Item) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Price, b.Price))
	})
	from := min(len(found), (q.Page-1)*q.Size)
	to := min(len(found), from+q.Size)
	page.Items, page.More = found[from:to], to < len(found)
	return page, nil
}

func (s *memoryStore) Offer(ctx context.Context, q shop.OfferQuery) (shop.Offer, error) {
	leave, err := s.enter(ctx, "Offer")
	if err != nil {
		return shop.Offer{}, err
	}
	defer leave()
	i, err := s.item(q.Item)
	if q.Item == 0 {
		if i = s.named(q.Name, 0); i != nil {
			err = nil
		}
	}
	if err != nil {
		return shop.Offer{}, err
	}
	o := owner{q.Viewer.User, i.ID}
	return shop.Offer{Item: *i, Owned: s.owned(o), Bought: s.bought(o),
		Balance: s.member(q.Viewer, q.At).balance, Currency: s.settings.Currency()}, nil
}

func (s *memoryStore) ItemNames(ctx context.Context, q shop.NamesQuery) ([]shop.ItemName, error) {
	leave, err := s.enter(ctx, "ItemNames")
	if err != nil {
		return nil, err
	}
	defer leave()
	var found []shop.ItemName
	text := strings.ToLower(q.Text)
	for _, i := range s.items {
		n := shop.ItemName{ID: i.ID, Name: i.Name, Price: i.Price, Archived: i.Archived}
		wanted := onSale(*i, q.At) || q.Unsold && !i.Archived
		if q.OwnedBy != "" {
			n.Owned = s.owned(owner{q.OwnedBy, i.ID})
			wanted = n.Owned > 0
		}
		if wanted && strings.Contains(strings.ToLower(i.Name), text) {
			found = append(found, n)
		}
	}
	rank := func(n shop.ItemName) int {
		if strings.HasPrefix(strings.ToLower(n.Name), text) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(found, func(a, b shop.ItemName) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Name, b.Name))
	})
	return found[:min(len(found), q.Limit)], nil
}

func (s *memoryStore) CreateItem(ctx context.Context, c shop.ItemCreation) (shop.Item, error) {
	leave, err := s.enter(ctx, "CreateItem")
	if err != nil {
		return shop.Item{}, err
	}
	defer leave()
	return once(s, "create item", c.Request, c.Fingerprint(), func() (shop.Item, error) {
		if s.named(c.Terms.Name, 0) != nil {
			return shop.Item{}, shop.ErrNameTaken
		}
		i := &shop.Item{ID: shop.ItemID(len(s.items) + 1), Terms: c.Terms, Stock: c.Stock, Version: 1}
		s.items = append(s.items, i)
		return *i, nil
	})
}

func (s *memoryStore) EditItem(ctx context.Context, e shop.ItemEdit) (shop.Item, error) {
	leave, err := s.enter(ctx, "EditItem")
	if err != nil {
		return shop.Item{}, err
	}
	defer leave()
	return once(s, "edit item", e.Request, e.Fingerprint(), func() (shop.Item, error) {
		i, err := s.item(e.Item)
		switch {
		case err != nil || i.Archived:
			return shop.Item{}, shop.ErrUnknownItem
		case i.Version != e.Version:
			return shop.Item{}, shop.ErrItemChanged.With("version", i.Version)
		case s.named(e.Terms.Name, i.ID) != nil:
			return shop.Item{}, shop.ErrNameTaken
		}
		before := *i
		if i.Terms = e.Terms; e.Stock != nil {
			i.Stock = *e.Stock
		}
		if *i != before {
			i.Version++
		}
		return *i, nil
	})
}

func (s *memoryStore) ArchiveItem(ctx context.Context, a shop.ItemArchival) (shop.Item, error) {
	leave, err := s.enter(ctx, "ArchiveItem")
	if err != nil {
		return shop.Item{}, err
	}
	defer leave()
	return once(s, "archive item", a.Request, a.Fingerprint(), func() (shop.Item, error) {
		i, err := s.item(a.Item)
		if err != nil {
			return shop.Item{}, err
		}
		i.Archived = true
		return *i, nil
	})
}

func (s *memoryStore) Purchase(ctx context.Context, p shop.Purchase) (shop.PurchaseReceipt, error) {
	leave, err := s.enter(ctx, "Purchase")
	if err != nil {
		return shop.PurchaseReceipt{}, err
	}
	defer leave()
	return once(s, "purchase", p.Request, p.Fingerprint(), func() (shop.PurchaseReceipt, error) {
		none := shop.PurchaseReceipt{}
		i, err := s.item(p.Item)
		if err != nil {
			return none, err
		}
		m, o, at := s.member(p.Buyer, p.Request.At), owner{p.Buyer.User, p.Item}, p.Request.At
		total := i.Price * economy.Amount(p.Quantity)
		switch {
		case i.Archived:
			return none, shop.ErrNotForSale
		case at.Before(i.From):
			return none, shop.ErrNotForSale.With("from", i.From)
		case !onSale(*i, at):
			return none, shop.ErrNotForSale.With("until", i.Until)
		case p.Version != 0 && p.Version != i.Version:
			return none, shop.ErrItemChanged.With("item", *i).With("balance", m.balance).With("currency", s.settings.Currency())
		case p.Price != i.Price:
			return none, shop.ErrPriceChanged.With("price", i.Price)
		case i.RequiredRole != "" && !slices.Contains(p.Roles, i.RequiredRole):
			return none, shop.ErrRoleRequired.With("role", i.RequiredRole)
		case i.MemberLimit > 0 && s.bought(o)+p.Quantity > i.MemberLimit:
			return none, shop.ErrMemberLimit.With("limit", i.MemberLimit).With("bought", s.bought(o))
		case i.Stock.Limited && i.Stock.Left < p.Quantity:
			return none, shop.ErrSoldOut.With("left", i.Stock.Left)
		case m.balance < i.MinimumBalance:
			return none, shop.ErrMinimumBalance.With("minimum", i.MinimumBalance).With("balance", m.balance).With("currency", s.settings.Currency())
		case total > economy.MaxMovement:
			return none, economy.ErrAmountRange
		case m.balance < total:
			return none, s.settings.InCurrency(economy.ErrInsufficientFunds.With("balance", m.balance))
		}
		if i.Sold += p.Quantity; i.Stock.Limited {
			i.Stock.Left -= p.Quantity
		}
		got := shop.PurchaseReceipt{Purchase: shop.PurchaseID(len(s.purchases) + 1), Item: i.ID, Name: i.Name, Quantity: p.Quantity,
			Transaction: s.book(economy.KindPurchase, i.Name, at, move{m, -total}), Total: total, Balance: m.balance,
			Owned: s.owned(o) + p.Quantity, Role: i.Role, Currency: s.settings.Currency()}
		if i.RoleHours > 0 {
			got.RoleUntil = at.Add(time.Duration(p.Quantity) * time.Duration(i.RoleHours) * time.Hour)
		}
		s.purchases = append(s.purchases, &memoryPurchase{owner: o, receipt: got, at: at})
		return got, nil
	})
}

func (s *memoryStore) Refund(ctx context.Context, r shop.Refund) (shop.RefundReceipt, error) {
	leave, err := s.enter(ctx, "Refund")
	if err != nil {
		return shop.RefundReceipt{}, err
	}
	defer leave()
	return once(s, "refund", r.Request, r.Fingerprint(), func() (shop.RefundReceipt, error) {
		if int(r.Purchase) > len(s.purchases) {
			return shop.RefundReceipt{}, shop.ErrUnknownPurchase
		}
		p := s.purchases[r.Purchase-1]
		owned := s.owned(p.owner)
		switch {
		case p.refunded:
			return shop.RefundReceipt{}, shop.ErrAlreadyRefunded
		case owned < p.receipt.Quantity:
			return shop.RefundReceipt{}, shop.ErrGoodsUsed.With("owned", owned).With("bought", p.receipt.Quantity)
		}
		i, m := s.items[p.item-1], s.member(economy.Person{User: p.member}, r.Request.At)
		p.refunded = true
		if i.Sold -= p.receipt.Quantity; i.Stock.Limited {
			i.Stock.Left += p.receipt.Quantity
		}
		id := s.book(economy.KindRefund, r.Reason, r.Request.At, move{m, p.receipt.Total})
		s.booked[id-1].reverses, s.booked[p.receipt.Transaction-1].reversedBy = p.receipt.Transaction, id
		return shop.RefundReceipt{Purchase: r.Purchase, Transaction: id, Member: p.member, Name: p.receipt.Name,
			Quantity: p.receipt.Quantity, Total: p.receipt.Total, Balance: m.balance, Currency: s.settings.Currency()}, nil
	})
}

func (s *memoryStore) Refundable(ctx context.Context, _ economy.GuildID, limit int) ([]shop.RefundablePurchase, error) {
	leave, err := s.enter(ctx, "Refundable")
	if err != nil {
		return nil, err
	}
	defer leave()
	var all []shop.RefundablePurchase
	for _, p := range slices.Backward(s.purchases) {
		if !p.refunded && len(all) < limit {
			all = append(all, shop.RefundablePurchase{Purchase: p.receipt.Purchase, Item: p.receipt.Name, Quantity: p.receipt.Quantity,
				Total: p.receipt.Total, Buyer: s.member(economy.Person{User: p.member}, p.at).name, At: p.at})
		}
	}
	return all, nil
}

func (s *memoryStore) Inventory(ctx context.Context, q shop.InventoryQuery) (shop.InventoryPage, error) {
	leave, err := s.enter(ctx, "Inventory")
	if err != nil {
		return shop.InventoryPage{}, err
	}
	defer leave()
	s.turned = q.Turned
	var all []shop.InventoryLine
	for _, i := range s.items {
		o := owner{q.Member.User, i.ID}
		if n := s.owned(o); n > 0 {
			all = append(all, shop.InventoryLine{Item: i.ID, Name: i.Name, Quantity: n, Usable: i.Usable, Role: i.Role, RoleUntil: s.roleUntil(o)})
		}
	}
	slices.SortStableFunc(all, func(a, b shop.InventoryLine) int { return cmp.Compare(a.Name, b.Name) })
	from := min(len(all), (q.Page-1)*q.Size)
	to := min(len(all), from+q.Size)
	return shop.InventoryPage{Lines: all[from:to], More: to < len(all)}, nil
}

func (s *memoryStore) Use(ctx context.Context, u shop.Use) (shop.UseReceipt, error) {
	leave, err := s.enter(ctx, "Use")
	if err != nil {
		return shop.UseReceipt{}, err
	}
	defer leave()
	return once(s, "use", u.Request, u.Fingerprint(), func() (shop.UseReceipt, error) {
		i, err := s.item(u.Item)
		if err != nil {
			return shop.UseReceipt{}, err
		}
		o := owner{u.Member.User, i.ID}
		switch {
		case s.owned(o) == 0:
			return shop.UseReceipt{}, shop.ErrNotOwned
		case !i.Usable:
			return shop.UseReceipt{}, shop.ErrNotUsable
		}
		s.used = append(s.used, o)
		return shop.UseReceipt{Item: i.ID, Name: i.Name, Message: i.UseMessage, Left: s.owned(o)}, nil
	})
}

// offer puts an item up for sale.
func (s *memoryStore) offer(t shop.Terms, left ...int64) *shop.Item {
	i := &shop.Item{ID: shop.ItemID(len(s.items) + 1), Terms: t, Version: 1}
	if len(left) > 0 {
		i.Stock = shop.Stock{Limited: true, Left: left[0]}
	}
	s.items = append(s.items, i)
	return i
}

// stall puts seven items of every kind up for sale.
func (s *memoryStore) stall() {
	s.offer(shop.Terms{Name: "Sword", Price: 30, Category: "Weapons", Description: "Sharp on **both** sides.\nMind your fingers.",
		Picture: "https://pictures.example/sword.png"}, 3)
	s.offer(shop.Terms{Name: "Potion", Price: 5, Usable: true, UseMessage: "You feel *better*.", MemberLimit: 2, Category: "Drinks"})
	s.offer(shop.Terms{Name: "VIP day", Price: 40, Role: vip, RoleHours: 24, Until: clock.AddDate(0, 1, 0)})
	s.offer(shop.Terms{Name: "Crown", Price: 90, RequiredRole: vip, MinimumBalance: 500}, 0)
	s.offer(shop.Terms{Name: "Badge_of_*honour*", Price: 1, Role: botRole})
	s.offer(shop.Terms{Name: "Water", Price: 2, Usable: true, Category: "Drinks"}, 1000)
	s.offer(shop.Terms{Name: "Bow", Price: 1_000_000, Category: "Weapons"})
}
