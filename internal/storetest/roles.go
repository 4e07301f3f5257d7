package storetest

import (
	"fmt"
	"sync/atomic"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
)

// roles tells of what entitles to a role, and for how long.
func roles(b *book) {
	// ends checks a member's end as his inventory tells it; nil: he is not entitled.
	ends := func(s *scene, who economy.Person, i shop.Item, role economy.RoleID, until time.Time) {
		s.t.Helper()
		for _, l := range s.inventory(who) {
			if l.Item == i.ID {
				same(s.t, "role and end of "+i.Name, []any{l.Role, l.RoleUntil}, []any{role, until})
				return
			}
		}
		s.t.Errorf("%s does not own %s", who.Name, i.Name)
	}
	forever := time.Time{}

	b.story("a role that is bought is for ever, and a delivery waits to grant it", func(s *scene) {
		s.idle()
		i := s.badge("7001", 0)
		s.now = s.now.Add(1_999)
		got := s.buy(ada, i, 2)
		same(s.t, "receipt", []any{got.Role, got.RoleUntil}, []any{economy.RoleID("7001"), forever})
		ends(s, ada, i, "7001", forever)
		at := s.now.Truncate(time.Microsecond)
		list := s.outbox()
		if len(list) != 1 || list[0].Due.IsZero() {
			s.t.Fatalf("deliveries: %+v", list)
		}
		same(s.t, "delivery", list[0], outbox.Delivery{ID: list[0].ID, Kind: outbox.Role, State: outbox.Waiting, User: ada.User, Role: "7001",
			Created: at, Due: list[0].Due})
		l := s.one(time.Hour)
		same(s.t, "lease", l, outbox.Lease{ID: list[0].ID, Token: l.Token, Attempt: 1, Guild: s.guild, Kind: outbox.Role, User: ada.User,
			Role: "7001", Entitled: true, Created: at})
		same(s.t, "attempts", s.outbox()[0].Attempts, 1)
	})
	b.story("hours are for each piece, and what is bought next begins where the latest ends", func(s *scene) {
		i, other := s.badge("7001", 5), s.sell(shop.Terms{Name: "Crown", Price: 1, Role: "7001", RoleHours: 2}, shop.Stock{})
		end := s.now.Add(15 * time.Hour)
		op := s.purchase(ada, i, 3)
		first := did(s.store.Purchase(s.ctx, op)).in(s)
		same(s.t, "until", first.RoleUntil, end)
		s.now = s.now.Add(time.Hour)
		same(s.t, "another item's", s.buy(ada, other, 1).RoleUntil, end.Add(2*time.Hour))
		ends(s, ada, i, "7001", end.Add(2*time.Hour))
		ends(s, ada, other, "7001", end.Add(2*time.Hour))
		same(s.t, "another role's", s.buy(ada, s.badge("7002", 1), 1).RoleUntil, s.now.Add(time.Hour))
		same(s.t, "bob's", s.buy(bob, i, 1).RoleUntil, s.now.Add(5*time.Hour))
		same(s.t, "repeated", did(s.store.Purchase(s.ctx, op)).in(s), first)
		s.now = end.Add(9 * time.Hour) // over, though nobody ended it yet
		same(s.t, "after a break", s.buy(ada, i, 1).RoleUntil, s.now.Add(5*time.Hour))
	})
	b.story("for ever stays for ever, and without it the hours count", func(s *scene) {
		i := s.sell(shop.Terms{Name: "Always", Price: 1, Role: "7001"}, shop.Stock{})
		j := s.badge("7001", 5)
		s.buy(ada, j, 1)
		always := s.buy(ada, i, 1)
		same(s.t, "until", always.RoleUntil, forever)
		same(s.t, "until", s.buy(ada, j, 1).RoleUntil, forever)
		ends(s, ada, j, "7001", forever)
		s.takeBack(always.Purchase)
		ends(s, ada, j, "7001", s.now.Add(10*time.Hour))
	})
	b.story("many purchases at once add up", func(s *scene) {
		i := s.badge("7001", 3)
		s.adjust(ada, economy.KindSet, 1000)
		errs := make([]error, 16)
		together(len(errs), func(n int) {
			_, errs[n] = s.store.Purchase(s.ctx, must(shop.NewPurchase(s.keyed(fmt.Sprint("race-", n)), ada, nil, i.ID, 1, i.Price)))
		})
		s.winners(errs, 16, nil)
		ends(s, ada, i, "7001", s.now.Add(48*time.Hour))
		same(s.t, "deliveries", len(s.outbox()), 1)
	})
	b.story("a role ends no later than times do", func(s *scene) {
		s.now = time.Date(9999, 6, 1, 0, 0, 0, 0, time.UTC)
		i := s.sell(shop.Terms{Name: "Age", Price: 1, Role: "7001", RoleHours: shop.MaxRoleHours}, shop.Stock{})
		last := time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
		op := s.purchase(ada, i, shop.MaxQuantity)
		same(s.t, "until", did(s.store.Purchase(s.ctx, op)).in(s).RoleUntil, last)
		same(s.t, "repeated", did(s.store.Purchase(s.ctx, op)).in(s).RoleUntil, last)
		ends(s, ada, i, "7001", last)
	})
	b.story("a refund ends its own entitlement, and others stay", func(s *scene) {
		i := s.badge("7001", 5)
		first, second := s.buy(ada, i, 1), s.buy(ada, i, 1)
		s.idle()
		s.takeBack(first.Purchase)
		ends(s, ada, i, "7001", s.now.Add(10*time.Hour))
		s.takeBack(second.Purchase)
		same(s.t, "inventory", len(s.inventory(ada)), 0)
		same(s.t, "deliveries", len(s.outbox()), 1)
		same(s.t, "next", s.buy(ada, i, 1).RoleUntil, s.now.Add(5*time.Hour))
	})
	b.story("what an item's role was when it was bought is what counts", func(s *scene) {
		i := s.badge("7001", 0)
		first := s.buy(ada, i, 1)
		i = s.alter(i, nil, func(t *shop.Terms) { t.Role = "7002" })
		ends(s, ada, i, "7001", forever)
		s.buy(ada, i, 1)
		ends(s, ada, i, "7002", forever)
		i = s.alter(i, nil, func(t *shop.Terms) { t.Role = "" })
		same(s.t, "no role", s.buy(ada, i, 1).Role, economy.RoleID(""))
		ends(s, ada, i, "7002", forever)
		s.idle()
		s.takeBack(first.Purchase)
		same(s.t, "roles", []economy.RoleID{s.outbox()[0].Role, s.outbox()[1].Role}, []economy.RoleID{"7002", "7001"})
	})
	b.story("what is over is ended once, and its role taken back", func(s *scene) {
		s.alone()
		i, other := s.badge("7001", 1), s.sell(shop.Terms{Name: "Always", Price: 1, Role: "7002"}, shop.Stock{})
		for _, who := range []economy.Person{ada, bob} {
			s.buy(who, i, 1)
			s.buy(who, other, 1)
		}
		s.buy(ada, i, 1)
		s.finish()
		s.now = s.now.Add(time.Hour - time.Microsecond)
		same(s.t, "ended before its time", s.expire(), 0)
		s.now = s.now.Add(time.Microsecond)
		same(s.t, "ended", s.expire(), 2) // of bob, and the first of ada
		same(s.t, "again", s.expire(), 0)
		same(s.t, "to be taken", len(s.outbox()), 2)
		ends(s, bob, i, "", forever)
		ends(s, ada, i, "7001", s.now.Add(time.Hour))
		s.now = s.now.Add(time.Hour)
		same(s.t, "ended", s.expire(), 1)
		ends(s, ada, i, "", forever)
		ends(s, ada, other, "7002", forever)
		same(s.t, "and bought again", s.buy(ada, i, 1).RoleUntil, s.now.Add(time.Hour))
	})
	b.story("a role whose time is over is taken, one that still runs is not", func(s *scene) {
		s.alone()
		i := s.badge("7001", 1)
		s.buy(ada, i, 2)
		s.buy(bob, i, 1)
		s.now = s.now.Add(time.Hour)
		s.idleThen(func() { same(s.t, "ended", s.expire(), 1) })
		s.now = s.now.Add(time.Hour)
		s.idleThen(func() { same(s.t, "ended", s.expire(), 1) })
	})
	b.story("many servers end what is over, each entitlement once", func(s *scene) {
		s.alone()
		i := s.badge("7001", 1)
		for n := range 20 {
			s.buy(economy.Person{User: economy.UserID(fmt.Sprint("member-", n)), Name: "Member"}, i, 1)
		}
		s.finish()
		s.now = s.now.Add(time.Hour)
		var ended atomic.Int64
		together(8, func(int) {
			n, err := s.store.ExpireRoles(s.ctx, s.now)
			if err != nil {
				s.t.Error(err)
			}
			ended.Add(int64(n))
		})
		same(s.t, "ended", ended.Load(), int64(20))
		same(s.t, "deliveries", len(s.outbox()), 20)
	})
	b.story("a role whose time is over before it was granted is paid back, and told", func(s *scene) {
		s.alone()
		s.rules(func(v *economy.Settings) { v.AdminChannel = "55" })
		i := s.sell(shop.Terms{Name: "Crown", Price: 10, Role: "7001", RoleHours: 1}, shop.Stock{Limited: true, Left: 5})
		granted := s.buy(ada, i, 1)
		s.finish()
		late, later := s.buy(ada, i, 1), s.buy(bob, i, 2)
		for _, l := range s.lease(0) {
			s.settle(l, again)
		}
		s.now = s.now.Add(2 * time.Hour)
		before := len(s.events())
		var ended atomic.Int64
		together(8, func(int) {
			n, err := s.store.ExpireRoles(s.ctx, s.now)
			if err != nil {
				s.t.Error(err)
			}
			ended.Add(int64(n))
		})
		same(s.t, "ended", ended.Load(), int64(3))
		s.has(ada, 90)
		s.has(bob, 100)
		same(s.t, "stock", s.offer(ada, i).Item.Stock.Left, int64(4))
		list := s.events()[before:]
		kinds(s.t, list, "refund", "refund")
		same(s.t, "actor and time", []any{list[0].Actor, list[0].At}, []any{int64(0), s.now})
		line := s.history(economy.HistoryQuery{Member: ada, Size: 1}).Lines[0]
		same(s.t, "refund", []any{line.Kind, line.Amount, line.Note, line.Reverses}, []any{economy.KindRefund, economy.Amount(10), "", late.Transaction})
		told := func(who economy.Person, got shop.PurchaseReceipt) outbox.Refunded {
			return outbox.Refunded{Purchase: int64(got.Purchase), Item: "Crown", Total: got.Total, Member: who.User, Role: "7001",
				Reason: "Bad Gateway", Currency: got.Currency}
		}
		var got []any
		for _, l := range s.lease(time.Hour) {
			if l.Kind == outbox.Role { // it may have been granted all the same
				got = append(got, l.User, l.Entitled)
				s.settle(l, failed)
				continue
			}
			got = append(got, l.Kind, l.User, notice[outbox.Refunded](s.t, l, outbox.NoticeRefunded))
		}
		same(s.t, "deliveries", got, []any{ada.User, false, bob.User, false,
			outbox.Direct, ada.User, told(ada, late), outbox.Channel, economy.UserID(""), told(ada, late),
			outbox.Direct, bob.User, told(bob, later), outbox.Channel, economy.UserID(""), told(bob, later)})
		s.has(ada, 90)
		for _, id := range []shop.PurchaseID{late.Purchase, later.Purchase} {
			_, err := s.store.Refund(s.ctx, s.refund(id))
			refused(s.t, err, shop.ErrAlreadyRefunded)
		}
		s.takeBack(granted.Purchase)
	})
	b.story("a role is granted or paid back, not both", func(s *scene) {
		for round := range size(20, 5) {
			s.alone()
			i := s.sell(shop.Terms{Name: fmt.Sprint("Badge ", round), Price: 1, Role: economy.RoleID(fmt.Sprint(7100 + round)), RoleHours: 1}, shop.Stock{})
			s.adjust(ada, economy.KindSet, 100)
			s.buy(ada, i, 1)
			l := s.one(time.Hour)
			s.now = s.now.Add(time.Hour)
			together(2, func(n int) {
				var err error
				if n == 0 {
					_, err = s.store.ExpireRoles(s.ctx, s.now)
				} else {
					err = s.store.SettleDelivery(s.ctx, l, []outbox.Outcome{done, failed}[round%2], s.now)
				}
				if err != nil {
					s.t.Error(err)
				}
			})
			paid := s.wallet(ada).Balance == 99
			same(s.t, "owned", s.offer(ada, i).Owned == 1, paid)
			if !paid {
				s.has(ada, 100)
			}
			if round%2 == 1 && paid {
				s.t.Error("what failed was not paid back")
			}
		}
	})
	b.story("an end and a purchase at once leave a role that runs", func(s *scene) {
		for round := range size(20, 5) {
			s.adjust(ada, economy.KindSet, 100)
			i := s.sell(shop.Terms{Name: fmt.Sprint("Badge ", round), Price: 1, Role: economy.RoleID(fmt.Sprint(7100 + round)), RoleHours: 1}, shop.Stock{})
			s.buy(ada, i, 1)
			s.now = s.now.Add(time.Hour)
			op := s.purchase(ada, i, 1)
			together(2, func(n int) {
				var err error
				if n == 0 {
					_, err = s.store.ExpireRoles(s.ctx, s.now)
				} else {
					_, err = s.store.Purchase(s.ctx, op)
				}
				if err != nil {
					s.t.Error(err)
				}
			})
			ends(s, ada, i, i.Role, s.now.Add(time.Hour))
			s.expire()
		}
	})
}

// idleThen has nothing due, then something happen, and checks that the delivery
// that it made says whether the member is still entitled: until his end.
func (s *scene) idleThen(happen func()) {
	s.t.Helper()
	s.finish()
	happen()
	leases := s.lease(day)
	same(s.t, "due", len(leases), 1)
	for _, l := range leases {
		still := false
		for _, line := range s.inventory(economy.Person{User: l.User}) {
			still = still || line.Role == l.Role
		}
		same(s.t, "entitled", l.Entitled, still)
		s.settle(l, outbox.Outcome{State: outbox.Done})
	}
}
