package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
)

var (
	done   = outbox.Outcome{State: outbox.Done}
	failed = outbox.Outcome{State: outbox.Failed, Error: "Missing Permissions"}
	again  = outbox.Outcome{State: outbox.Waiting, Error: "Bad Gateway"}
)

// deliveries tells of what Discord is to be told.
func deliveries(b *book) {
	b.story("deliverers share what is due, each delivery is one's", func(s *scene) {
		s.idle()
		i := s.badge("7001", 0)
		for n := range 30 {
			s.buy(economy.Person{User: economy.UserID(fmt.Sprint("member-", n)), Name: "Member"}, i, 1)
		}
		var mu sync.Mutex
		whose := make(map[int64]int)
		together(8, func(worker int) {
			for {
				leases, err := s.store.LeaseDeliveries(s.ctx, 3, time.Hour)
				if err != nil {
					s.t.Error(err)
				}
				if len(leases) == 0 {
					return
				}
				if len(leases) > 3 {
					s.t.Errorf("%d leases, want at most 3", len(leases))
				}
				mu.Lock()
				for _, l := range leases {
					if other, taken := whose[l.ID]; taken {
						s.t.Errorf("delivery %d is of deliverer %d and %d", l.ID, other, worker)
					}
					whose[l.ID] = worker
				}
				mu.Unlock()
			}
		})
		same(s.t, "leased", len(whose), 30)
	})
	b.story("the oldest come first, and sizes are clamped", func(s *scene) {
		s.idle()
		i := s.badge("7001", 0)
		for _, who := range []economy.Person{cyd, ada, bob, dee} {
			s.buy(who, i, 1)
		}
		var got []economy.UserID
		for _, limit := range []int{-5, 2, 1 << 40} {
			for _, l := range did(s.store.LeaseDeliveries(s.ctx, limit, time.Hour)).in(s) {
				got = append(got, l.User)
			}
			got = append(got, "")
		}
		same(s.t, "order", got, []economy.UserID{cyd.User, "", ada.User, bob.User, "", dee.User, ""})
	})
	b.story("a guild with much to deliver holds up no other", func(s *scene) {
		s.idle()
		i, there, third := s.badge("7001", 0), s.elsewhere(), s.elsewhere()
		for n := range 8 {
			s.buy(economy.Person{User: economy.UserID(fmt.Sprint("member-", n)), Name: "Member"}, i, 1)
		}
		for _, other := range []*scene{there, third} {
			other.buy(ada, other.badge("7001", 0), 1)
		}
		there.buy(bob, there.badge("7002", 0), 1)
		var taken []outbox.Lease
		for _, v := range []struct {
			limit int
			want  []economy.GuildID
		}{
			{2, []economy.GuildID{s.guild, there.guild}},
			{1, []economy.GuildID{third.guild}},
			{3, []economy.GuildID{s.guild, s.guild, there.guild}},
			{2, []economy.GuildID{s.guild, s.guild}}, // nobody else's is due
		} {
			var got []economy.GuildID
			for _, l := range did(s.store.LeaseDeliveries(s.ctx, v.limit, time.Hour)).in(s) {
				got, taken = append(got, l.Guild), append(taken, l)
			}
			same(s.t, "guilds", got, v.want)
		}
		for _, l := range taken { // five of them are the first guild's
			if l.Guild == s.guild {
				s.settle(l, again)
			}
		}
		there.buy(cyd, there.badge("7003", 0), 1) // behind two that are being tried
		var got []economy.GuildID
		for range 3 {
			got = append(got, did(s.store.LeaseDeliveries(s.ctx, 1, time.Hour)).in(s)[0].Guild)
		}
		same(s.t, "guilds", got, []economy.GuildID{s.guild, s.guild, s.guild})
		same(s.t, "next", did(s.store.LeaseDeliveries(s.ctx, 1, time.Hour)).in(s)[0].Guild, there.guild)
	})
	b.story("what is done is not tried again, and asked for no more", func(s *scene) {
		s.idle()
		s.buy(ada, s.badge("7001", 0), 1)
		l := s.one(0)
		s.settle(l, done)
		same(s.t, "due", len(s.lease(0)), 0)
		same(s.t, "list", len(s.outbox()), 0)
		same(s.t, "retry", did(s.store.RetryDelivery(s.ctx, s.guild, l.ID)).in(s), false)
		s.settle(l, failed)
		same(s.t, "list", len(s.outbox()), 0)
		s.has(ada, 90)
	})
	b.story("a lease ends with its time, and whoever had it settles nothing after another has it", func(s *scene) {
		s.idle()
		s.buy(ada, s.badge("7001", 0), 1)
		first := s.one(time.Millisecond)
		var second []outbox.Lease
		for deadline := time.Now().Add(time.Minute); len(second) == 0 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			second = s.lease(time.Hour)
		}
		if len(second) != 1 || second[0].ID != first.ID || second[0].Token == first.Token || second[0].Attempt != 2 {
			s.t.Fatalf("after %+v the lease is %+v", first, second)
		}
		s.untouched(func() {
			for _, o := range []outbox.Outcome{done, failed, again} {
				s.settle(first, o)
			}
		})
		same(s.t, "waiting", s.outbox()[0].State, outbox.Waiting)
		same(s.t, "due", len(s.lease(0)), 0)
		s.settle(second[0], done)
		same(s.t, "list", len(s.outbox()), 0)
	})
	b.story("a lease whose time is over settles as long as nobody else has it", func(s *scene) {
		s.idle()
		s.buy(ada, s.badge("7001", 0), 1)
		s.settle(s.one(-time.Second), done)
		same(s.t, "list", len(s.outbox()), 0)
	})
	b.story("what waits is not tried before, and its error is told", func(s *scene) {
		s.idle()
		s.buy(ada, s.badge("7001", 0), 1)
		l := s.one(time.Hour)
		o := again
		o.After, o.Error = time.Hour, "Bad\x00\xff Gateway\n"+strings.Repeat("🪙", 1000)
		s.settle(l, o)
		same(s.t, "due", len(s.lease(0)), 0)
		d := s.outbox()[0]
		same(s.t, "delivery", []any{d.State, d.Attempts, d.Error}, []any{outbox.Waiting, 1, outbox.CleanError(o.Error)})
		if wait := time.Until(d.Due); wait < 50*time.Minute || wait > 70*time.Minute {
			s.t.Errorf("due in %v, want an hour", wait)
		}
		s.settle(l, done) // a lease settles once
		same(s.t, "still there", len(s.outbox()), 1)
		same(s.t, "retry", did(s.store.RetryDelivery(s.ctx, s.guild, d.ID)).in(s), true)
		same(s.t, "attempt", s.one(0).Attempt, 1)
		l = s.one(0)
		same(s.t, "attempt", l.Attempt, 2)
		s.settle(l, again)
		same(s.t, "attempt", s.one(0).Attempt, 3)
	})
	b.story("a retry leaves what is leased to its lease", func(s *scene) {
		s.idle()
		s.buy(ada, s.badge("7001", 0), 1)
		l := s.one(time.Hour)
		same(s.t, "retry", did(s.store.RetryDelivery(s.ctx, s.guild, l.ID)).in(s), true)
		same(s.t, "due", len(s.lease(0)), 0)
		s.settle(l, done)
		same(s.t, "list", len(s.outbox()), 0)
	})
	b.story("a role's changes join while it waits, and are read when it is leased", func(s *scene) {
		s.idle()
		i := s.badge("7001", 0)
		bought := s.buy(ada, i, 1)
		first := s.outbox()[0].ID
		s.buy(ada, i, 1)
		s.takeBack(bought.Purchase)
		same(s.t, "deliveries", len(s.outbox()), 1)
		l := s.one(time.Hour)
		same(s.t, "lease", []any{l.ID, l.Entitled}, []any{first, true})
		s.settle(l, done)
		s.takeBack(did(s.store.Refundable(s.ctx, s.guild, 1)).in(s)[0].Purchase)
		l = s.one(time.Hour)
		same(s.t, "entitled", l.Entitled, false)
		if l.ID == first {
			s.t.Error("what was done is tried again")
		}
		s.buy(bob, i, 1)
		s.buy(ada, s.badge("7002", 0), 1)
		same(s.t, "others", len(s.lease(time.Hour)), 2)
	})
	b.story("what changes while a role is leased has it tried again at once, whatever came of the lease", func(s *scene) {
		s.idle()
		i := s.badge("7001", 0)
		for n, o := range []outbox.Outcome{done, failed, again} {
			s.adjust(ada, economy.KindSet, 100)
			bought := s.buy(ada, i, 1)
			l := s.one(time.Hour)
			same(s.t, "entitled", l.Entitled, true)
			s.takeBack(bought.Purchase)
			same(s.t, "due while it is leased", len(s.lease(0)), 0)
			o.After = time.Hour
			s.settle(l, o)
			next := s.one(time.Hour)
			same(s.t, fmt.Sprint("next of ", n), []any{next.ID, next.Entitled, next.Attempt}, []any{l.ID, false, 1})
			s.settle(next, done)
			same(s.t, "list", len(s.outbox()), 0)
		}
		s.has(ada, 100)
	})
	b.story("a purchase after a failure has the same delivery tried again", func(s *scene) {
		s.idle()
		i := s.badge("7001", 0)
		s.buy(ada, i, 1)
		l := s.one(time.Hour)
		s.settle(l, failed)
		s.settle(s.lease(time.Hour)[0], failed) // nor can it be taken
		s.buy(ada, i, 1)
		next := s.one(time.Hour)
		same(s.t, "next", []any{next.ID, next.Entitled, next.Attempt}, []any{l.ID, true, 1})
	})
	for _, admins := range []economy.ChannelID{"", "987654321098765432"} {
		b.story("a role that fails for good is paid back once, and told, also to "+string(admins), func(s *scene) {
			s.idle()
			s.rules(func(v *economy.Settings) { v.AdminChannel, v.CurrencyName = admins, "gold" })
			i := s.sell(shop.Terms{Name: "Crown", Price: 10, Role: "7001"}, shop.Stock{Limited: true, Left: 5})
			one, two := s.buy(ada, i, 1), s.buy(ada, i, 2)
			s.buy(bob, i, 1)
			leases := s.lease(time.Hour)
			s.settle(leases[1], done)
			before := len(s.events())
			s.now = s.now.Add(time.Minute)
			together(8, func(int) {
				if err := s.store.SettleDelivery(s.ctx, leases[0], failed, s.now); err != nil {
					s.t.Error(err)
				}
			})
			s.has(ada, 100)
			s.has(bob, 90)
			list := s.events()[before:]
			kinds(s.t, list, "refund", "refund")
			same(s.t, "actor and time", []any{list[0].Actor, list[0].At}, []any{int64(0), s.now})
			line := s.history(economy.HistoryQuery{Member: ada, Size: 1}).Lines[0]
			same(s.t, "refund", []any{line.Kind, line.Amount, line.Note, line.Reverses}, []any{economy.KindRefund, economy.Amount(20), "", two.Transaction})
			same(s.t, "inventory", len(s.inventory(ada)), 0)
			same(s.t, "stock", s.offer(ada, i).Item.Stock.Left, int64(4))
			for _, id := range []shop.PurchaseID{one.Purchase, two.Purchase} {
				_, err := s.store.Refund(s.ctx, s.refund(id))
				refused(s.t, err, shop.ErrAlreadyRefunded)
			}
			told := func(got shop.PurchaseReceipt) outbox.Refunded {
				return outbox.Refunded{Purchase: int64(got.Purchase), Item: "Crown", Total: got.Total, Member: ada.User, Role: "7001",
					Reason: "Missing Permissions", Currency: economy.Currency{Name: "gold", Symbol: "🪙"}}
			}
			var want, got []any
			for _, p := range []shop.PurchaseReceipt{one, two} {
				want = append(want, outbox.Direct, ada.User, economy.ChannelID(""), told(p))
				if admins != "" {
					want = append(want, outbox.Channel, economy.UserID(""), admins, told(p))
				}
			}
			for _, l := range s.lease(time.Hour) {
				if l.Kind == outbox.Role { // it may have been granted all the same
					same(s.t, "taken", []any{l.Entitled, l.Attempt}, []any{false, 1})
					s.settle(l, failed)
					continue
				}
				var v outbox.Refunded
				if err := json.Unmarshal(l.Notice.Args, &v); err != nil || l.Notice.Name != outbox.NoticeRefunded || !l.Created.Equal(s.now) {
					s.t.Errorf("notice %+v: %v", l, err)
				}
				got = append(got, l.Kind, l.User, l.Channel, v)
				s.settle(l, failed) // a closed door is never a reason for more
			}
			same(s.t, "notices", got, want)
			states := make(map[string]int)
			for _, d := range s.outbox() {
				states[fmt.Sprint(d.Kind, d.State, d.Notice, d.Error, d.Due.IsZero())]++
			}
			want2 := map[string]int{"rolefailedMissing Permissionstrue": 1, "directfailedpurchase.refundedMissing Permissionstrue": 2}
			if admins != "" {
				want2["channelfailedpurchase.refundedMissing Permissionstrue"] = 2
			}
			same(s.t, "list", states, want2)
			s.has(ada, 100)
		})
	}
	b.story("what was granted before stays, and what was not is paid back", func(s *scene) {
		s.idle()
		i := s.badge("7001", 5)
		s.buy(ada, i, 1)
		s.settle(s.one(time.Hour), done)
		s.buy(ada, i, 1)
		s.settle(s.one(time.Hour), failed)
		s.has(ada, 90)
		line := s.inventory(ada)[0]
		same(s.t, "inventory", []any{line.Quantity, line.Role, line.RoleUntil}, []any{int64(1), economy.RoleID("7001"), s.now.Add(5 * time.Hour)})
	})
	b.story("a role that cannot be taken is nobody's purchase", func(s *scene) {
		s.alone()
		i := s.badge("7001", 1)
		s.buy(ada, i, 1)
		s.settle(s.one(time.Hour), done)
		s.now = s.now.Add(time.Hour)
		same(s.t, "ended", s.expire(), 1)
		l := s.one(time.Hour)
		same(s.t, "entitled", l.Entitled, false)
		s.untouched(func() { s.settle(l, failed) })
		same(s.t, "list", []any{len(s.outbox()), s.outbox()[0].State}, []any{1, outbox.Failed})
		same(s.t, "retry", did(s.store.RetryDelivery(s.ctx, s.guild, l.ID)).in(s), true)
		l = s.one(time.Hour)
		same(s.t, "retried", []any{l.Entitled, l.Attempt}, []any{false, 1})
		s.settle(l, done)
	})
	b.story("after the last attempt it has failed", func(s *scene) {
		s.idle()
		s.buy(ada, s.badge("7001", 0), 1)
		for n := range outbox.Attempts {
			s.has(ada, 90)
			l := s.one(time.Hour)
			same(s.t, "attempt", l.Attempt, n+1)
			s.settle(l, again)
		}
		s.has(ada, 100)
		d := s.outbox()[1]
		same(s.t, "delivery", []any{d.State, d.Attempts, d.Error}, []any{outbox.Waiting, 0, "Bad Gateway"})
		leases := s.lease(time.Hour)
		same(s.t, "kinds", []any{len(leases), leases[1].Kind}, []any{2, outbox.Direct})
		same(s.t, "taken", []any{leases[0].ID, leases[0].Entitled, leases[0].Attempt}, []any{d.ID, false, 1}) // it may have been granted
	})
	b.story("a removal is tried until Discord does or refuses it, and is not forgotten", func(s *scene) {
		did(s.store.ForgetDeliveries(s.ctx, s.now.Add(1000*day))).in(s)
		s.idle()
		bought := s.buy(ada, s.badge("7001", 0), 1)
		s.settle(s.one(time.Hour), done)
		s.takeBack(bought.Purchase)
		for n := range 2 * outbox.Attempts {
			l := s.one(time.Hour)
			same(s.t, "attempt", []any{l.Attempt, l.Entitled}, []any{n + 1, false})
			s.settle(l, again)
		}
		same(s.t, "waits", s.outbox()[0].State, outbox.Waiting)
		l := s.one(time.Hour)
		s.settle(l, failed)
		same(s.t, "forgotten", did(s.store.ForgetDeliveries(s.ctx, s.now.Add(1000*day))).in(s), 1) // the grant
		list := s.outbox()
		same(s.t, "list", []any{len(list), list[0].ID, list[0].State}, []any{1, l.ID, outbox.Failed})
		same(s.t, "retry", did(s.store.RetryDelivery(s.ctx, s.guild, l.ID)).in(s), true)
		s.settle(s.one(time.Hour), done)
		same(s.t, "forgotten", did(s.store.ForgetDeliveries(s.ctx, s.now.Add(1000*day))).in(s), 1)
	})
	b.story("goods that are not there any more are not paid back, and entitle to nothing", func(s *scene) {
		s.idle()
		i := s.badge("7001", 0)
		s.buy(ada, i, 1)
		s.alter(i, nil, func(t *shop.Terms) { t.Role, t.Usable = "", true })
		did(s.store.Use(s.ctx, s.use(ada, i))).in(s)
		l := s.one(time.Hour)
		s.untouched(func() { s.settle(l, failed) })
		same(s.t, "entitled", s.one(0).Entitled, false)
	})
	b.story("a refund and a failure at once pay back once", func(s *scene) {
		s.idle()
		i := s.badge("7001", 0)
		for range size(20, 5) {
			got := s.buy(ada, i, 1)
			l, op := s.one(time.Hour), s.refund(got.Purchase)
			together(2, func(n int) {
				if n == 0 {
					if err := s.store.SettleDelivery(s.ctx, l, failed, s.now); err != nil {
						s.t.Error(err)
					}
				} else if _, err := s.store.Refund(s.ctx, op); err != nil {
					refused(s.t, err, shop.ErrAlreadyRefunded)
				}
			})
			s.has(ada, 100)
			s.finish()
		}
	})
	b.story("a list is the newest first, in pages, of one guild", func(s *scene) {
		s.idle()
		i := s.badge("7001", 0)
		for _, who := range []economy.Person{ada, bob, cyd} {
			s.buy(who, i, 1)
		}
		there := s.elsewhere()
		there.buy(ada, there.badge("7001", 0), 1)
		all := s.outbox()
		if len(all) != 3 || all[0].User != cyd.User || all[2].User != ada.User || !slices.IsSortedFunc(all, func(a, b outbox.Delivery) int { return int(b.ID - a.ID) }) {
			s.t.Fatalf("list %+v", all)
		}
		same(s.t, "first", did(s.store.Deliveries(s.ctx, s.guild, 0, 2)).in(s), all[:2])
		same(s.t, "second", did(s.store.Deliveries(s.ctx, s.guild, all[1].ID, 2)).in(s), all[2:])
		same(s.t, "third", len(did(s.store.Deliveries(s.ctx, s.guild, all[2].ID, 2)).in(s)), 0)
		same(s.t, "one", len(did(s.store.Deliveries(s.ctx, s.guild, 0, -1)).in(s)), 1)
		same(s.t, "another guild's", did(s.store.RetryDelivery(s.ctx, s.guild, there.outbox()[0].ID)).in(s), false)
		for _, id := range []int64{0, -1, 1<<63 - 1, -1 << 63} {
			same(s.t, "unknown", did(s.store.RetryDelivery(s.ctx, s.guild, id)).in(s), false)
		}
	})
	b.story("only what was settled before is forgotten", func(s *scene) {
		did(s.store.ForgetDeliveries(s.ctx, s.now.Add(1000*day))).in(s)
		s.idle()
		i := s.badge("7001", 0)
		for _, who := range []economy.Person{ada, bob, cyd} {
			s.buy(who, i, 1)
		}
		leases := s.lease(time.Hour)
		s.settle(leases[0], done)
		s.now = s.now.Add(time.Microsecond)
		s.settle(leases[1], failed)
		taken := s.lease(time.Hour)
		s.settle(taken[0], failed) // nor can it be taken, which is kept
		s.settle(taken[1], failed) // his notice
		for _, v := range []struct {
			before time.Time
			want   int
		}{{s.now.Add(-time.Microsecond), 0}, {s.now, 1}, {s.now, 0}, {s.now.Add(1000 * day), 1}} {
			same(s.t, "forgotten", did(s.store.ForgetDeliveries(s.ctx, v.before)).in(s), v.want)
		}
		s.settle(leases[0], failed)
		s.settle(leases[1], failed)
		list := s.outbox()
		same(s.t, "those that are left", []any{len(list), list[0].User, list[0].State, list[1].User, list[1].Kind, list[1].State},
			[]any{2, cyd.User, outbox.Waiting, bob.User, outbox.Role, outbox.Failed})
		s.settle(leases[2], done)
	})
	b.story("a lease that nobody gave settles nothing", func(s *scene) {
		s.untouched(func() {
			for _, l := range []outbox.Lease{{}, {ID: 1 << 40, Token: 1, Guild: s.guild, Kind: outbox.Role}, {ID: -1, Guild: "nowhere"}} {
				s.settle(l, failed)
			}
		})
	})
}
