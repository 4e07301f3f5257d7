package storetest

import (
	"fmt"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/shop"
)

// purchases tells of buying.
func purchases(b *book) {
	b.story("coins go, pieces come, and the receipt says so", func(s *scene) {
		i := s.sell(shop.Terms{Name: "Cake", Price: 7}, shop.Stock{Limited: true, Left: 5})
		before := len(s.events())
		got := s.buy(ada, i, 3)
		if got.Purchase == 0 || got.Transaction == 0 {
			s.t.Errorf("a receipt without numbers: %+v", got)
		}
		same(s.t, "receipt", got, shop.PurchaseReceipt{Purchase: got.Purchase, Transaction: got.Transaction, Item: i.ID, Name: "Cake",
			Quantity: 3, Total: 21, Balance: 79, Owned: 3, Currency: economy.DefaultSettings().Currency()})
		kinds(s.t, s.events()[before:], "member.created", "opening", "purchase")
		me := surrogate(s.t, s.events()[before], "member.created")
		s.moved(s.events()[before+2], me, "purchase", fmt.Sprint("transaction:", got.Transaction), map[string]int{me: 100}, map[string]int{me: 79})
		same(s.t, "history", s.history(economy.HistoryQuery{Member: ada, Size: 1}).Lines, []economy.HistoryLine{
			{Transaction: got.Transaction, Kind: economy.KindPurchase, Amount: -21, Balance: 79, Note: "Cake", At: s.now}})
		next := s.buy(ada, i, 1)
		same(s.t, "next", []any{next.Owned, next.Balance, next.Purchase > got.Purchase}, []any{int64(4), economy.Amount(72), true})
		same(s.t, "offer", s.offer(ada, i), shop.Offer{Item: shop.Item{ID: i.ID, Terms: i.Terms, Stock: shop.Stock{Limited: true, Left: 1},
			Version: 1, Sold: 4}, Owned: 4, Bought: 4, Balance: 72, Currency: got.Currency})
		same(s.t, "bob's offer", s.offer(bob, i).Owned+s.offer(bob, i).Bought, int64(0))
	})
	b.story("a purchase is refunded, not undone", func(s *scene) {
		got := s.buy(ada, s.cake(7), 1)
		_, err := s.store.Reverse(s.ctx, s.reversal(got.Transaction))
		refused(s.t, err, economy.ErrRefundInstead)
		back := s.takeBack(got.Purchase)
		_, err = s.store.Reverse(s.ctx, s.reversal(got.Transaction))
		refused(s.t, err, economy.ErrRefundInstead)
		_, err = s.store.Reverse(s.ctx, s.reversal(back.Transaction))
		refused(s.t, err, economy.ErrIrreversible)
		for _, r := range s.reversible() {
			if r.Kind != economy.KindOpening {
				s.t.Errorf("%+v is said to be reversible", r)
			}
		}
	})
	b.story("each reason to refuse, the first that applies, and then it is bought", func(s *scene) {
		from, until := s.now.Add(time.Hour), s.now.Add(2*time.Hour)
		i := s.sell(shop.Terms{Name: "Crown", Price: economy.MaxMovement/2 + 1, MemberLimit: 3, RequiredRole: "7001", MinimumBalance: 500,
			From: from, Until: until}, shop.Stock{Limited: true, Left: 2})
		op := must(shop.NewPurchase(s.request(), ada, []economy.RoleID{"7002"}, i.ID, 4, 9))
		try := func(want *problem.Error) {
			s.t.Helper()
			op.Request.At = s.now
			s.untouched(func() {
				_, err := s.store.Purchase(s.ctx, op)
				refused(s.t, err, want)
			})
		}
		try(shop.ErrNotForSale.With("from", from))
		s.now = until
		try(shop.ErrNotForSale.With("until", until))
		s.now = until.Add(-time.Nanosecond) // a moment before, and told to the microsecond
		try(shop.ErrPriceChanged.With("price", i.Price))
		op.Price = i.Price
		try(shop.ErrRoleRequired.With("role", economy.RoleID("7001")))
		op.Roles = append(op.Roles, "7001")
		try(shop.ErrMemberLimit.With("limit", int64(3)).With("bought", int64(0)))
		op.Quantity = 3
		try(shop.ErrSoldOut.With("left", int64(2)))
		op.Quantity = 2
		try(shop.ErrMinimumBalance.With("minimum", economy.Amount(500)).With("balance", economy.Amount(100)))
		s.adjust(ada, economy.KindSet, 500)
		try(economy.ErrAmountRange)
		op.Quantity = 1
		try(economy.ErrInsufficientFunds.With("balance", economy.Amount(500)))
		s.adjust(ada, economy.KindSet, i.Price)
		got := did(s.store.Purchase(s.ctx, op)).in(s)
		same(s.t, "balance", got.Balance, economy.Amount(0))
		s.adjust(ada, economy.KindSet, i.Price)
		op.Request, op.Quantity = s.request(), 3
		try(shop.ErrMemberLimit.With("limit", int64(3)).With("bought", int64(1)))
		did(s.store.ArchiveItem(s.ctx, s.archival(i))).in(s)
		try(shop.ErrNotForSale)
	})
	b.story("an item is on sale from its first microsecond until before its end", func(s *scene) {
		i := s.sell(shop.Terms{Name: "Cake", Price: 1, From: s.now, Until: s.now.Add(time.Microsecond)}, shop.Stock{})
		s.buy(ada, i, 1)
		s.now = s.now.Add(999)
		s.buy(ada, i, 1)
		s.now = s.now.Add(1)
		_, err := s.store.Purchase(s.ctx, s.purchase(ada, i, 1))
		refused(s.t, err, shop.ErrNotForSale.With("until", i.Until))
	})
	b.story("the first purchase in a guild's shop pays the stranger first", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.StartingBalance = 5 })
		i := s.cake(5)
		same(s.t, "balance", s.buy(bob, i, 1).Balance, economy.Amount(0))
		s.untouched(func() {
			_, err := s.store.Purchase(s.ctx, s.purchase(cyd, i, 2))
			refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(5)))
		})
	})
	b.story("the price is the one that was seen", func(s *scene) {
		i := s.cake(7)
		op := s.purchase(ada, i, 1)
		s.alter(i, nil, func(t *shop.Terms) { t.Price = 6 })
		_, err := s.store.Purchase(s.ctx, op)
		refused(s.t, err, shop.ErrPriceChanged.With("price", economy.Amount(6)))
		op.Price = 6
		same(s.t, "total", did(s.store.Purchase(s.ctx, op)).in(s).Total, economy.Amount(6))
	})
	b.story("what is bought is what was seen, at whatever sales in between", func(s *scene) {
		i := s.sell(shop.Terms{Name: "Box", Price: 5, Role: "7001", RoleHours: 720}, shop.Stock{Limited: true, Left: 9})
		op := s.purchase(ada, i, 1)
		op.Version = i.Version
		s.buy(bob, i, 1)
		same(s.t, "after a sale", did(s.store.Purchase(s.ctx, op)).in(s).Owned, int64(1))
		first := op
		for _, change := range []func(*shop.Terms){
			func(t *shop.Terms) { t.RoleHours = 1 }, func(t *shop.Terms) { t.Role = "7002" },
			func(t *shop.Terms) { t.Name = "Empty box" }, func(t *shop.Terms) { t.Price = 6 },
		} {
			s.alter(s.offer(ada, i).Item, nil, change)
			now := s.offer(ada, i).Item
			op.Request = s.request()
			s.untouched(func() {
				_, err := s.store.Purchase(s.ctx, op)
				refused(s.t, err, shop.ErrItemChanged.With("item", now).With("balance", economy.Amount(95)))
			})
		}
		again := did(s.store.Purchase(s.ctx, first)).in(s)
		same(s.t, "the first again", []any{again.Owned, again.Total}, []any{int64(1), economy.Amount(5)})
		op.Version, op.Price = 0, 6 // as servers from before leave it
		same(s.t, "without a version", did(s.store.Purchase(s.ctx, op)).in(s).Total, economy.Amount(6))
	})
	b.story("a double click buys once", func(s *scene) {
		i := s.sell(shop.Terms{Name: "Cake", Price: 7, Role: "7001", RoleHours: 1}, shop.Stock{Limited: true, Left: 3})
		op := s.purchase(ada, i, 1)
		writes := make([]Write, 64)
		together(len(writes), func(n int) { writes[n] = Write{Operation: op}.Do(s.ctx, s.store) })
		for _, w := range writes {
			same(s.t, "receipt", w, writes[0])
		}
		same(s.t, "left", s.offer(ada, i).Item.Stock.Left, int64(2))
		same(s.t, "deliveries", len(s.outbox()), 1)
		s.has(ada, 93)
	})
	b.story("64 buyers of the last 10 pieces buy exactly these", func(s *scene) {
		i := s.sell(shop.Terms{Name: "Cake", Price: 7}, shop.Stock{Limited: true, Left: 10})
		errs := make([]error, 64)
		together(len(errs), func(n int) {
			buyer := economy.Person{User: economy.UserID(fmt.Sprint("buyer-", n%48)), Name: "Buyer"}
			_, errs[n] = s.store.Purchase(s.ctx, must(shop.NewPurchase(s.keyed(fmt.Sprint("race-", n)), buyer, nil, i.ID, 1, 7)))
		})
		s.winners(errs, 10, shop.ErrSoldOut)
		got := s.offer(ada, i).Item
		same(s.t, "stock and sales", []any{got.Stock, got.Sold}, []any{shop.Stock{Limited: true}, int64(10)})
		_, err := s.store.Purchase(s.ctx, s.purchase(ada, i, 1))
		refused(s.t, err, shop.ErrSoldOut.With("left", int64(0)))
	})
	b.story("a member does not buy beyond his limit, however many times at once", func(s *scene) {
		i := s.sell(shop.Terms{Name: "Cake", Price: 1, MemberLimit: 5}, shop.Stock{})
		errs := make([]error, 32)
		together(len(errs), func(n int) {
			_, errs[n] = s.store.Purchase(s.ctx, must(shop.NewPurchase(s.keyed(fmt.Sprint("race-", n)), ada, nil, i.ID, 1, 1)))
		})
		s.winners(errs, 5, shop.ErrMemberLimit)
		s.buy(bob, i, 5)
	})
	b.story("what was used counts towards the limit, what was refunded does not", func(s *scene) {
		i := s.sell(shop.Terms{Name: "Cake", Price: 1, MemberLimit: 2, Usable: true}, shop.Stock{})
		s.buy(ada, i, 1)
		did(s.store.Use(s.ctx, s.use(ada, i))).in(s)
		second := s.buy(ada, i, 1)
		_, err := s.store.Purchase(s.ctx, s.purchase(ada, i, 1))
		refused(s.t, err, shop.ErrMemberLimit.With("limit", int64(2)).With("bought", int64(2)))
		s.takeBack(second.Purchase)
		same(s.t, "bought", s.offer(ada, i).Bought, int64(1))
		s.buy(ada, i, 1)
	})
	b.story("a wallet is not spent twice", func(s *scene) {
		i := s.cake(30)
		errs := make([]error, 32)
		together(len(errs), func(n int) {
			if n%2 == 0 {
				_, errs[n] = s.store.Purchase(s.ctx, must(shop.NewPurchase(s.keyed(fmt.Sprint("race-", n)), ada, nil, i.ID, 1, 30)))
			} else {
				_, errs[n] = s.store.Transfer(s.ctx, must(economy.NewTransfer(s.keyed(fmt.Sprint("race-", n)), ada, bob, economy.Coins(30), "")))
			}
		})
		s.winners(errs, 3, economy.ErrInsufficientFunds)
		s.has(ada, 10)
	})
	b.story("a sale and a change of the price or the stock do not cross", func(s *scene) {
		for round := range size(10, 3) {
			i := s.sell(shop.Terms{Name: fmt.Sprint("Cake ", round), Price: 1}, shop.Stock{Limited: true, Left: 3})
			errs := make([]error, 9)
			edit := s.edit(i, shop.Terms{Name: i.Name, Price: 2}, &shop.Stock{Limited: true, Left: 2})
			together(len(errs), func(n int) {
				if n == 8 {
					_, errs[n] = s.store.EditItem(s.ctx, edit)
					return
				}
				_, errs[n] = s.store.Purchase(s.ctx, must(shop.NewPurchase(s.keyed(fmt.Sprintf("race-%d-%d", round, n)), root, nil, i.ID, 1, economy.Amount(1+n%2))))
			})
			counts := s.tally(errs, nil, shop.ErrPriceChanged, shop.ErrSoldOut)
			if got := s.offer(ada, i).Item; got.Sold != int64(counts[0]-1) || got.Version != 2 {
				s.t.Errorf("%d were sold: %+v", counts[0]-1, got)
			}
		}
	})
}

// refunds tells of taking back.
func refunds(b *book) {
	b.story("coins return, pieces go back, and the receipt says so", func(s *scene) {
		i := s.sell(shop.Terms{Name: "Cake", Price: 7}, shop.Stock{Limited: true, Left: 5})
		first, bought := s.buy(ada, i, 1), s.buy(ada, i, 3)
		s.alter(i, nil, func(t *shop.Terms) { t.Name, t.Price = "Tart", 9 })
		before := len(s.events())
		got := s.takeBack(bought.Purchase)
		same(s.t, "receipt", got, shop.RefundReceipt{Purchase: bought.Purchase, Transaction: got.Transaction, Member: ada.User, Name: "Cake",
			Quantity: 3, Total: 21, Balance: 93, Currency: economy.DefaultSettings().Currency()})
		me := fmt.Sprint(s.events()[before-2].Actor)
		kinds(s.t, s.events()[before:], "refund")
		s.moved(s.events()[before], fmt.Sprint(s.events()[3].Actor), "refund", fmt.Sprint("transaction:", got.Transaction), map[string]int{me: 72}, map[string]int{me: 93})
		lines := s.history(economy.HistoryQuery{Member: ada, Size: 2}).Lines
		same(s.t, "history", lines, []economy.HistoryLine{
			{Transaction: got.Transaction, Kind: economy.KindRefund, Amount: 21, Balance: 93, Note: "sorry", At: s.now, Reverses: bought.Transaction},
			{Transaction: bought.Transaction, Kind: economy.KindPurchase, Amount: -21, Balance: 72, Note: "Cake", At: s.now, ReversedBy: got.Transaction}})
		o := s.offer(ada, i)
		same(s.t, "offer", []any{o.Item.Stock.Left, o.Item.Sold, o.Owned, o.Bought}, []any{int64(4), int64(1), int64(1), int64(1)})
		s.takeBack(first.Purchase)
		same(s.t, "inventory", len(s.inventory(ada)), 0)
		s.has(ada, 100)
	})
	b.story("a refund is not limited by the highest balance", func(s *scene) {
		got := s.buy(ada, s.cake(50), 1)
		s.adjust(ada, economy.KindSet, 100)
		s.rules(func(v *economy.Settings) { v.MaxBalance, v.StartingBalance = 100, 0 })
		same(s.t, "balance", s.takeBack(got.Purchase).Balance, economy.Amount(150))
	})
	b.story("what is sold without limit has no stock to go back to, and archived items are taken back too", func(s *scene) {
		i := s.sell(shop.Terms{Name: "Cake", Price: 1}, shop.Stock{Limited: true, Left: 5})
		one, two := s.buy(ada, i, 2), s.buy(ada, i, 1)
		i = s.alter(i, &shop.Stock{}, func(*shop.Terms) {})
		s.takeBack(one.Purchase)
		same(s.t, "stock", s.offer(ada, i).Item.Stock, shop.Stock{})
		i = s.alter(i, &shop.Stock{Limited: true, Left: 8}, func(*shop.Terms) {})
		did(s.store.ArchiveItem(s.ctx, s.archival(i))).in(s)
		s.takeBack(two.Purchase)
		same(s.t, "stock", s.offer(ada, i).Item.Stock, shop.Stock{Limited: true, Left: 9})
	})
	b.story("twice is refused", func(s *scene) {
		got := s.buy(ada, s.cake(7), 1)
		s.takeBack(got.Purchase)
		s.untouched(func() {
			_, err := s.store.Refund(s.ctx, s.refund(got.Purchase))
			refused(s.t, err, shop.ErrAlreadyRefunded)
		})
		s.has(ada, 100)
	})
	b.story("of many refunds at once one happens", func(s *scene) {
		i := s.cake(7)
		s.buy(ada, i, 5)
		got := s.buy(ada, i, 1)
		errs := make([]error, 32)
		together(len(errs), func(n int) {
			_, errs[n] = s.store.Refund(s.ctx, shop.Refund{Request: s.keyed(fmt.Sprint("race-", n)), Admin: root, Purchase: got.Purchase})
		})
		s.winners(errs, 1, shop.ErrAlreadyRefunded)
		s.has(ada, 65)
	})
	b.story("goods that were used are not taken back", func(s *scene) {
		i := s.cake(7)
		one, two := s.buy(ada, i, 3), s.buy(ada, i, 3)
		did(s.store.Use(s.ctx, s.use(ada, i))).in(s)
		s.takeBack(one.Purchase) // pieces are all alike
		s.untouched(func() {
			_, err := s.store.Refund(s.ctx, s.refund(two.Purchase))
			refused(s.t, err, shop.ErrGoodsUsed.With("owned", int64(2)).With("bought", int64(3)))
		})
		s.has(ada, 79)
	})
	b.story("a piece is used or taken back, not both", func(s *scene) {
		i := s.cake(7)
		for round := range size(20, 5) {
			got := s.buy(ada, i, 1)
			errs := make([]error, 4)
			use, refund := s.use(ada, i), s.refund(got.Purchase)
			together(len(errs), func(n int) {
				if n%2 == 0 {
					u := use
					u.Request.Key += fmt.Sprint("-", n)
					_, errs[n] = s.store.Use(s.ctx, u)
				} else {
					r := refund
					r.Request.Key += fmt.Sprint("-", n)
					_, errs[n] = s.store.Refund(s.ctx, r)
				}
			})
			if counts := s.tally(errs, nil, shop.ErrNotOwned, shop.ErrGoodsUsed, shop.ErrAlreadyRefunded); counts[0] != 1 {
				s.t.Errorf("round %d: %d of use and refund happened", round, counts[0])
			}
			same(s.t, "owned", len(s.inventory(ada)), 0)
			s.adjust(ada, economy.KindSet, 100)
		}
	})
	b.story("there are no such purchases", func(s *scene) {
		there := s.elsewhere()
		foreign := there.buy(ada, there.cake(1), 1).Purchase
		s.buy(ada, s.cake(1), 1)
		for _, id := range []shop.PurchaseID{0, -1, foreign, foreign + 1_000_000, 1<<63 - 1, -1 << 63} {
			_, err := s.store.Refund(s.ctx, s.refund(id))
			refused(s.t, err, shop.ErrUnknownPurchase)
		}
		there.has(ada, 99)
	})
	b.story("the list of what can be refunded is the newest first", func(s *scene) {
		i := s.cake(7)
		one := s.buy(ada, i, 1).Purchase
		s.now = s.now.Add(-day) // numbers decide, not times
		two, three := s.buy(bob, i, 2).Purchase, s.buy(ada, i, 3).Purchase
		s.takeBack(two)
		s.alter(i, nil, func(t *shop.Terms) { t.Name = "Tart" })
		list := did(s.store.Refundable(s.ctx, s.guild, 5)).in(s)
		same(s.t, "list", list, []shop.RefundablePurchase{
			{Purchase: three, Item: "Cake", Quantity: 3, Total: 21, Buyer: "Ada", At: s.now},
			{Purchase: one, Item: "Cake", Quantity: 1, Total: 7, Buyer: "Ada", At: s.now.Add(day)}})
		same(s.t, "with a limit", did(s.store.Refundable(s.ctx, s.guild, 1)).in(s), list[:1])
	})
}

// inventory tells of what members own and use.
func inventory(b *book) {
	b.story("an inventory is by name, in pages", func(s *scene) {
		for _, name := range []string{"b", "C", "a", "É", "d"} {
			s.buy(ada, s.sell(shop.Terms{Name: name, Price: 1, Usable: name == "C"}, shop.Stock{}), int64(len(name)))
		}
		d := did(s.store.Offer(s.ctx, shop.OfferQuery{Guild: s.guild, Viewer: bob, Name: "d", At: s.now})).in(s).Item
		did(s.store.ArchiveItem(s.ctx, s.archival(d))).in(s)
		s.buy(ada, s.sell(shop.Terms{Name: "D", Price: 1}, shop.Stock{}), 4)
		page := func(n, size int) (list string) {
			got := did(s.store.Inventory(s.ctx, shop.InventoryQuery{Guild: s.guild, Viewer: bob, Member: ada, Page: n, Size: size, At: s.now})).in(s)
			for _, l := range got.Lines {
				list += fmt.Sprint(l.Name, l.Quantity, " ")
			}
			return list + fmt.Sprint(got.More)
		}
		same(s.t, "all", page(1, 10), "a1 b1 C1 d1 D4 É2 false")
		same(s.t, "first", page(0, 4), "a1 b1 C1 d1 true")
		same(s.t, "second", page(2, 4), "D4 É2 false")
		same(s.t, "third", page(3, 4), "false")
		same(s.t, "one", page(1, -1), "a1 true")
		same(s.t, "far", page(1<<62, 100), "false")
		line := s.inventory(ada)[2]
		same(s.t, "line", line, shop.InventoryLine{Item: line.Item, Name: "C", Quantity: 1, Usable: true})
		same(s.t, "bob's", len(s.inventory(bob)), 0)
	})
	b.story("a use takes one away and tells of it", func(s *scene) {
		i := s.cake(7)
		s.buy(ada, i, 2)
		before := len(s.events())
		same(s.t, "receipt", did(s.store.Use(s.ctx, s.use(ada, i))).in(s), shop.UseReceipt{Item: i.ID, Name: "Cake", Message: "Yum!", Left: 1})
		e := s.events()[before]
		same(s.t, "event", []any{e.Kind, e.Subject, e.Actor, nothing(s.t, e.Before), nothing(s.t, e.After), e.At},
			[]any{"item.used", fmt.Sprint("item:", i.ID), s.events()[before-1].Actor, nil, nil, s.now})
		last := s.use(ada, i)
		first := did(s.store.Use(s.ctx, last)).in(s)
		same(s.t, "left", first.Left, int64(0))
		s.untouched(func() {
			same(s.t, "repeated", did(s.store.Use(s.ctx, last)).in(s), first)
			_, err := s.store.Use(s.ctx, s.use(ada, i))
			refused(s.t, err, shop.ErrNotOwned)
			_, err = s.store.Use(s.ctx, s.use(dee, i))
			refused(s.t, err, shop.ErrNotOwned)
		})
		same(s.t, "inventory", len(s.inventory(ada)), 0)
		same(s.t, "sold", s.offer(ada, i).Item.Sold, int64(2))
	})
	b.story("what is to be kept is not used", func(s *scene) {
		i := s.sell(shop.Terms{Name: "Hat", Price: 7}, shop.Stock{})
		_, err := s.store.Use(s.ctx, s.use(ada, i))
		refused(s.t, err, shop.ErrNotOwned)
		s.buy(ada, i, 1)
		_, err = s.store.Use(s.ctx, s.use(ada, i))
		refused(s.t, err, shop.ErrNotUsable)
		s.alter(i, nil, func(t *shop.Terms) { t.Usable = true })
		same(s.t, "message", did(s.store.Use(s.ctx, s.use(ada, i))).in(s).Message, "")
	})
	b.story("of 32 uses at once as many happen as there are pieces", func(s *scene) {
		i := s.cake(1)
		s.buy(ada, i, 10)
		errs := make([]error, 32)
		together(len(errs), func(n int) {
			_, errs[n] = s.store.Use(s.ctx, shop.Use{Request: s.keyed(fmt.Sprint("race-", n)), Member: ada, Item: i.ID})
		})
		s.winners(errs, 10, shop.ErrNotOwned)
	})
}
