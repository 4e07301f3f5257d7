package storetest

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/outbox"
	"coffer/internal/shop"
)

// joined returns somebody as Discord shows him who joined at a time.
func joined(who economy.Person, at time.Time) economy.Person {
	who.Joined = at
	return who
}

// restore tells of people in a list, and checks how many roles were restored.
func (s *scene) restore(want int, people ...economy.Person) {
	s.t.Helper()
	same(s.t, "restored", did(s.store.Restore(s.ctx, s.guild, people, s.now)).in(s), want)
}

// restored returns the events of the guild that tell of a role that was restored.
func (s *scene) restored() (list []events.Event) {
	for _, e := range s.events() {
		if e.Kind == "role.restored" {
			list = append(list, e)
		}
	}
	return list
}

// rejoining tells of members who leave, and with that lose their roles, and join again.
func rejoining(b *book) {
	again := func(s *scene, people ...economy.Person) {
		s.t.Helper()
		same(s.t, "new", did(s.store.Join(s.ctx, s.guild, people, s.now)).in(s), 0)
	}
	// owning begins a story in which ada owns a role that Discord has granted.
	owning := func(s *scene) (shop.Item, shop.PurchaseReceipt) {
		s.t.Helper()
		s.idle()
		i := s.badge("7001", 0)
		got := s.buy(ada, i, 1)
		s.finish()
		s.now = s.now.Add(time.Hour)
		return i, got
	}

	b.story("who joins again is given back his role once, whoever tells of it how often", func(s *scene) {
		owning(s)
		back := joined(ada, s.now.Add(-time.Second))
		again(s, joined(economy.Person{User: "77", Bot: true}, back.Joined), back, ada, back)
		list := s.outbox()
		if len(list) != 1 {
			s.t.Fatalf("deliveries: %+v", list)
		}
		same(s.t, "delivery", list[0], outbox.Delivery{ID: list[0].ID, Kind: outbox.Role, State: outbox.Waiting, User: ada.User, Role: "7001",
			Created: s.now, Due: list[0].Due})
		l := s.one(time.Hour)
		same(s.t, "lease", []any{l.User, l.Role, l.Entitled}, []any{ada.User, economy.RoleID("7001"), true})
		s.settle(l, done)
		told := s.restored()
		if len(told) != 1 {
			s.t.Fatalf("told %+v, want one", told)
		}
		same(s.t, "event", []any{told[0].Actor, told[0].Subject, nothing(s.t, told[0].Before), strings.ReplaceAll(string(told[0].After), " ", ""), told[0].At},
			[]any{int64(0), fmt.Sprint("member:", s.id(ada)), nil, `{"role":"7001"}`, s.now})
		s.now = s.now.Add(time.Minute)
		s.untouched(func() {
			again(s, back)
			s.restore(0, back, joined(ada, back.Joined.Add(-time.Microsecond)), ada)
			s.restore(0)
		})
		same(s.t, "due", len(s.lease(0)), 0)
		s.restore(1, back, joined(ada, s.now)) // he has left once more
		same(s.t, "entitled", s.one(time.Hour).Entitled, true)
		s.has(ada, 90)
	})
	b.story("what was taken from a member who stayed is not given back", func(s *scene) {
		s.idle()
		there := s.now.Add(-time.Hour)
		s.wallet(ada)
		i := s.badge("7001", 0)
		s.buy(ada, i, 1)
		s.finish()
		s.now = s.now.Add(time.Hour)
		s.untouched(func() { again(s, joined(ada, there)); s.restore(0, joined(ada, there)) })
		// Who left and joined unseen, and bought the role again, has it.
		unseen := s.now
		s.now = s.now.Add(time.Hour)
		s.takeBack(s.buy(ada, i, 1).Purchase)
		s.finish()
		s.untouched(func() { s.restore(0, joined(ada, unseen)) })
	})
	b.story("a list gives back, too, and meets nobody", func(s *scene) {
		owning(s)
		there := s.elsewhere()
		s.untouched(func() { s.restore(0, joined(cyd, s.now)) })
		same(s.t, "where nobody is known", did(s.store.Restore(s.ctx, there.guild, []economy.Person{joined(ada, s.now)}, s.now)).in(s), 0)
		same(s.t, "guild", len(there.events()), 0)
		there.wallet(ada)
		there.restore(0, joined(ada, s.now)) // he owns nothing there
		s.restore(1, joined(ada, s.now), joined(cyd, s.now))
		same(s.t, "lease", s.one(time.Hour).Guild, s.guild)
	})
	b.story("only what is still owned is given back", func(s *scene) {
		s.alone()
		always, hour, sold := s.badge("7001", 0), s.badge("7002", 1), s.badge("7003", 0)
		s.buy(ada, always, 1)
		s.buy(ada, hour, 1)
		refunded := s.buy(ada, sold, 1)
		s.buy(bob, s.badge("7004", 0), 1)
		s.finish()
		s.takeBack(refunded.Purchase)
		did(s.store.ArchiveItem(s.ctx, s.archival(always))).in(s) // what is bought stays bought
		s.finish()
		s.now = s.now.Add(time.Hour) // the second is over, though nobody ended it yet
		s.restore(1, joined(ada, s.now))
		l := s.one(time.Hour)
		same(s.t, "role", []any{l.Role, l.Entitled}, []any{economy.RoleID("7001"), true})
	})
	b.story("all that a member lost is given back, of many members in one call", func(s *scene) {
		s.idle()
		var back []economy.Person
		for n := range 5 {
			who := economy.Person{User: economy.UserID(fmt.Sprint("back-", n)), Name: "Back"}
			s.wallet(who)
			back = append(back, joined(who, s.now.Add(time.Hour)))
		}
		for role := range 3 {
			i := s.badge(economy.RoleID(fmt.Sprint(7003-role)), 5)
			for _, who := range back {
				s.buy(who, i, 2)
			}
		}
		s.finish()
		s.now = s.now.Add(2 * time.Hour)
		slices.Reverse(back)
		s.restore(15, back...)
		var got []string
		for _, l := range s.lease(time.Hour) {
			got = append(got, fmt.Sprint(l.User, " ", l.Role, " ", l.Entitled))
		}
		var want []string
		for n := range 5 {
			for role := range 3 {
				want = append(want, fmt.Sprint("back-", n, " ", 7001+role, " true"))
			}
		}
		same(s.t, "leases", got, want)
	})
	b.story("who joins again before the role was granted has the delivery that there is", func(s *scene) {
		s.idle()
		got := s.buy(ada, s.badge("7001", 0), 1)
		first := s.one(time.Hour)
		s.now = s.now.Add(time.Minute)
		s.restore(1, joined(ada, s.now))
		same(s.t, "deliveries", len(s.outbox()), 1)
		s.settle(first, failed) // he was not there when it was tried
		second := s.one(time.Hour)
		same(s.t, "the same", []any{second.ID, second.Attempt, second.Entitled}, []any{first.ID, 1, true})
		s.has(ada, 90)
		s.settle(second, failed) // now it cannot be granted
		s.has(ada, 100)
		_, err := s.store.Refund(s.ctx, s.refund(got.Purchase))
		refused(s.t, err, shop.ErrAlreadyRefunded)
	})
	b.story("a role that cannot be given back is not refunded, waits for an admin, and for the next time", func(s *scene) {
		i, _ := owning(s)
		s.restore(1, joined(ada, s.now))
		s.settle(s.one(time.Hour), failed) // he has left again, or the role is not there any more
		list := s.outbox()
		same(s.t, "delivery", []any{len(list), list[0].State, list[0].Error}, []any{1, outbox.Failed, failed.Error})
		s.has(ada, 90)
		same(s.t, "owned", s.offer(ada, i).Owned, int64(1))
		same(s.t, "retried", did(s.store.RetryDelivery(s.ctx, s.guild, list[0].ID)).in(s), true)
		s.settle(s.one(time.Hour), failed)
		s.now = s.now.Add(time.Minute)
		s.restore(1, joined(ada, s.now))
		l := s.one(time.Hour)
		same(s.t, "the same", []any{l.ID, l.Entitled}, []any{list[0].ID, true})
		s.settle(l, done)
		same(s.t, "deliveries", len(s.outbox()), 0)
	})
	b.story("whoever was erased is given nothing", func(s *scene) {
		owning(s)
		did(s.store.Erase(s.ctx, s.erasing(s.id(ada)))).in(s)
		s.finish()
		s.untouched(func() { s.restore(0, joined(ada, s.now.Add(time.Hour))) })
		same(s.t, "new", did(s.store.Join(s.ctx, s.guild, []economy.Person{joined(ada, s.now.Add(time.Hour))}, s.now)).in(s), 1)
		same(s.t, "deliveries", len(s.outbox()), 0)
		same(s.t, "told", len(s.restored()), 0)
	})
	b.story("a member's look at what he owns gives back what he lost, and nobody else's does", func(s *scene) {
		i, _ := owning(s)
		look := func(viewer, member economy.Person) []shop.InventoryLine {
			return did(s.store.Inventory(s.ctx, shop.InventoryQuery{Guild: s.guild, Viewer: viewer, Member: member, Page: 1, Size: 5, At: s.now})).in(s).Lines
		}
		s.wallet(bob)
		s.untouched(func() { look(bob, joined(ada, s.now)); look(joined(bob, s.now), ada); look(ada, ada) })
		same(s.t, "shown", look(joined(ada, s.now), ada), []shop.InventoryLine{{Item: i.ID, Name: i.Name, Quantity: 1, Role: "7001"}})
		same(s.t, "entitled", s.one(time.Hour).Entitled, true)
		s.untouched(func() { look(joined(ada, s.now), ada) })
		same(s.t, "a stranger's", len(look(joined(cyd, s.now), ada)), 1)
	})
	b.story("a refund that races with a return leaves no role", func(s *scene) {
		for round := range size(20, 5) {
			s.idle()
			i := s.sell(shop.Terms{Name: fmt.Sprint("Badge ", round), Price: 1, Role: economy.RoleID(fmt.Sprint(7100 + round))}, shop.Stock{})
			got := s.buy(ada, i, 1)
			s.finish()
			s.now = s.now.Add(time.Minute)
			var held outbox.Lease
			if round%2 == 1 { // Discord is being told of the return
				s.restore(1, joined(ada, s.now.Add(-time.Second)))
				held = s.one(time.Hour)
			}
			refund := s.refund(got.Purchase)
			together(3, func(n int) {
				var err error
				switch n {
				case 0:
					_, err = s.store.Restore(s.ctx, s.guild, []economy.Person{joined(ada, s.now)}, s.now)
				case 1:
					_, err = s.store.Refund(s.ctx, refund)
				case 2:
					if held.ID != 0 {
						err = s.store.SettleDelivery(s.ctx, held, done, s.now)
					}
				}
				if err != nil {
					s.t.Error(err)
				}
			})
			l := s.one(time.Hour)
			same(s.t, "the last word", []any{l.Role, l.Entitled}, []any{i.Role, false})
			s.settle(l, done)
			s.untouched(func() { s.restore(0, joined(ada, s.now.Add(time.Hour))) })
		}
	})
	b.story("many servers tell of the same returns, each of which counts once", func(s *scene) {
		s.idle()
		i := s.badge("7001", 0)
		crowd := make([]economy.Person, 12)
		for n := range crowd {
			crowd[n] = economy.Person{User: economy.UserID(fmt.Sprint("crowd-", n)), Name: "Crowd"}
			s.buy(crowd[n], i, 1)
			crowd[n].Joined = s.now.Add(time.Minute)
		}
		s.finish()
		s.now = s.now.Add(time.Hour)
		var restored atomic.Int64
		together(8, func(n int) {
			turned := append(append([]economy.Person{}, crowd[n:]...), crowd[:n]...)
			if n%2 == 0 {
				if _, err := s.store.Join(s.ctx, s.guild, turned, s.now); err != nil {
					s.t.Error(err)
				}
				return
			}
			got, err := s.store.Restore(s.ctx, s.guild, turned, s.now)
			if err != nil {
				s.t.Error(err)
			}
			restored.Add(int64(got))
		})
		if restored.Load() > 12 {
			s.t.Errorf("%d roles were restored, of 12", restored.Load())
		}
		same(s.t, "told", len(s.restored()), 12)
		same(s.t, "deliveries", len(s.outbox()), 12)
	})
}
