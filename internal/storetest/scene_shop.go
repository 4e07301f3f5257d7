package storetest

import (
	"errors"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
)

func (s *scene) creation(t shop.Terms, stock shop.Stock) shop.ItemCreation {
	return must(shop.NewItemCreation(s.request(), root, t, stock))
}

func (s *scene) edit(i shop.Item, t shop.Terms, stock *shop.Stock) shop.ItemEdit {
	return must(shop.NewItemEdit(s.request(), root, i.ID, i.Version, t, stock))
}

func (s *scene) archival(i shop.Item) shop.ItemArchival {
	return shop.ItemArchival{Request: s.request(), Admin: root, Item: i.ID}
}

func (s *scene) purchase(who economy.Person, i shop.Item, n int64) shop.Purchase {
	return must(shop.NewPurchase(s.request(), who, nil, i.ID, n, i.Price))
}

func (s *scene) refund(id shop.PurchaseID) shop.Refund {
	return must(shop.NewRefund(s.request(), root, id, "sorry"))
}

func (s *scene) use(who economy.Person, i shop.Item) shop.Use {
	return shop.Use{Request: s.request(), Member: who, Item: i.ID}
}

// sell adds an item to the shop, as root.
func (s *scene) sell(t shop.Terms, stock shop.Stock) shop.Item {
	s.t.Helper()
	return did(s.store.CreateItem(s.ctx, s.creation(t, stock))).in(s)
}

// cake is an item that can be used, at a price.
func (s *scene) cake(price economy.Amount) shop.Item {
	s.t.Helper()
	return s.sell(shop.Terms{Name: "Cake", Price: price, Usable: true, UseMessage: "Yum!"}, shop.Stock{})
}

// badge is an item with a role, for some hours or for ever.
func (s *scene) badge(role economy.RoleID, hours int) shop.Item {
	s.t.Helper()
	return s.sell(shop.Terms{Name: "Badge " + string(role), Price: 10, Role: role, RoleHours: hours}, shop.Stock{})
}

// alter edits an item's terms; stock may be nil.
func (s *scene) alter(i shop.Item, stock *shop.Stock, change func(*shop.Terms)) shop.Item {
	s.t.Helper()
	change(&i.Terms)
	return did(s.store.EditItem(s.ctx, s.edit(i, i.Terms, stock))).in(s)
}

func (s *scene) buy(who economy.Person, i shop.Item, n int64) shop.PurchaseReceipt {
	s.t.Helper()
	return did(s.store.Purchase(s.ctx, s.purchase(who, i, n))).in(s)
}

func (s *scene) takeBack(id shop.PurchaseID) shop.RefundReceipt {
	s.t.Helper()
	return did(s.store.Refund(s.ctx, s.refund(id))).in(s)
}

func (s *scene) offer(who economy.Person, i shop.Item) shop.Offer {
	s.t.Helper()
	return did(s.store.Offer(s.ctx, shop.OfferQuery{Guild: s.guild, Viewer: who, Item: i.ID, At: s.now})).in(s)
}

func (s *scene) catalogue(category string, page, size int) shop.CataloguePage {
	s.t.Helper()
	return did(s.store.Catalogue(s.ctx,
		shop.CatalogueQuery{Guild: s.guild, Viewer: ada, Category: category, Page: page, Size: size, At: s.now})).in(s)
}

func (s *scene) inventory(who economy.Person) []shop.InventoryLine {
	s.t.Helper()
	return did(s.store.Inventory(s.ctx,
		shop.InventoryQuery{Guild: s.guild, Viewer: who, Member: who, Page: 1, Size: economy.MaxPage, At: s.now})).in(s).Lines
}

// idle leases, for longer than any test takes, what other stories left to deliver.
func (s *scene) idle() {
	s.t.Helper()
	for len(did(s.store.LeaseDeliveries(s.ctx, economy.MaxPage, day)).in(s)) > 0 {
	}
}

// alone ends all entitlements that have an end: those of other stories.
func (s *scene) alone() {
	s.t.Helper()
	did(s.store.ExpireRoles(s.ctx, time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC))).in(s)
	s.idle()
}

// lease takes at most a page of deliveries for a time.
func (s *scene) lease(life time.Duration) []outbox.Lease {
	s.t.Helper()
	return did(s.store.LeaseDeliveries(s.ctx, economy.MaxPage, life)).in(s)
}

// one is lease where exactly one is due.
func (s *scene) one(life time.Duration) outbox.Lease {
	s.t.Helper()
	leases := s.lease(life)
	if len(leases) != 1 {
		s.t.Fatalf("%d deliveries are due, want 1: %+v", len(leases), leases)
	}
	return leases[0]
}

func (s *scene) settle(l outbox.Lease, o outbox.Outcome) {
	s.t.Helper()
	if err := s.store.SettleDelivery(s.ctx, l, o, s.now); err != nil {
		s.t.Fatalf("SettleDelivery: %v", err)
	}
}

// finish has what is due delivered.
func (s *scene) finish() {
	s.t.Helper()
	for _, l := range s.lease(day) {
		s.settle(l, outbox.Outcome{State: outbox.Done})
	}
}

func (s *scene) outbox() []outbox.Delivery {
	s.t.Helper()
	return did(s.store.Deliveries(s.ctx, s.guild, 0, economy.MaxPage)).in(s)
}

func (s *scene) expire() int {
	s.t.Helper()
	return did(s.store.ExpireRoles(s.ctx, s.now)).in(s)
}

// tally counts how each of many ended; no end may be other than by these.
func (s *scene) tally(errs []error, ends ...error) []int {
	s.t.Helper()
	counts := make([]int, len(ends))
next:
	for _, err := range errs {
		for i, end := range ends {
			if err == nil && end == nil || end != nil && errors.Is(err, end) {
				counts[i]++
				continue next
			}
		}
		s.t.Errorf("unexpected end %v", err)
	}
	return counts
}
