package storetest

import (
	"slices"
	"time"

	"coffer/internal/doctor"
	"coffer/internal/economy"
	"coffer/internal/shop"
)

// condition tells what a store knows of its own state, all guilds together.
func condition(b *book) {
	b.story("roles for sale, and what waits for Discord", func(s *scene) {
		s.idle()
		look := func() doctor.Condition {
			s.t.Helper()
			c := did(s.store.Condition(s.ctx)).in(s)
			if off := time.Since(c.At).Abs(); off > time.Minute || c.At.Location() != time.UTC {
				s.t.Errorf("the store's clock says %s", c.At)
			}
			if order := func(x, y doctor.GrantedRole) int {
				return slices.Compare([]string{string(x.Guild), string(x.Role)}, []string{string(y.Guild), string(y.Role)})
			}; !slices.IsSortedFunc(c.Roles, order) {
				s.t.Errorf("roles are not in order: %v", c.Roles)
			}
			c.Roles = slices.DeleteFunc(c.Roles, func(r doctor.GrantedRole) bool { return r.Guild != s.guild })
			return c
		}
		soon := func(at time.Time, within time.Duration) {
			s.t.Helper()
			if off := time.Until(at.Add(-within)).Abs(); off > time.Minute {
				s.t.Errorf("due at %s, want in about %s", at, within)
			}
		}
		before := look()
		same(s.t, "roles of nobody", len(before.Roles), 0)
		s.now = time.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC) // before all other stories
		s.cake(5)
		badge, other := s.badge("7002", 0), s.badge("7001", 3)
		second := s.sell(shop.Terms{Name: "Second badge", Price: 7, Role: "7001"}, shop.Stock{})
		roles := []doctor.GrantedRole{{Guild: s.guild, Role: "7001"}, {Guild: s.guild, Role: "7002"}}
		c := look()
		same(s.t, "for sale", c.Roles, roles)
		same(s.t, "nothing new waits", []any{c.Waiting, c.Failed}, []any{before.Waiting, before.Failed})

		first := s.now
		s.buy(ada, badge, 1)
		s.now = s.now.Add(time.Hour)
		s.buy(bob, badge, 1)
		c = look()
		same(s.t, "two wait", []any{c.Waiting, c.Failed, c.Oldest}, []any{before.Waiting + 2, before.Failed, first})
		soon(c.Due, 0)

		leases := s.lease(time.Hour)
		c = look()
		same(s.t, "leased, they wait", []any{c.Waiting, c.Failed, c.Oldest}, []any{before.Waiting + 2, before.Failed, first})
		soon(c.Due, time.Hour)
		s.settle(leases[0], done)
		c = look()
		same(s.t, "one done", []any{c.Waiting, c.Failed, c.Oldest}, []any{before.Waiting + 1, before.Failed, first.Add(time.Hour)})

		for _, i := range []shop.Item{badge, other} {
			did(s.store.ArchiveItem(s.ctx, s.archival(i))).in(s)
			same(s.t, "an item left", look().Roles, roles[:1])
		}
		did(s.store.ArchiveItem(s.ctx, s.archival(second))).in(s)
		same(s.t, "none left", len(look().Roles), 0)
	})
	b.story("a notice that is given up", func(s *scene) {
		s.idle()
		s.rules(func(v *economy.Settings) { v.AdminChannel = "8001" })
		before := did(s.store.Condition(s.ctx)).in(s)
		s.buy(ada, s.badge("7001", 0), 1)
		s.settle(s.one(0), failed)
		for _, l := range s.lease(0) {
			s.settle(l, failed)
		}
		after := did(s.store.Condition(s.ctx)).in(s)
		if after.Failed <= before.Failed || after.Waiting != before.Waiting {
			s.t.Errorf("after: %+v\nbefore: %+v", after, before)
		}
	})
}
