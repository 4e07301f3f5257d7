package storetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/shop"
)

// wholeTrail pages through all that fits a query, and checks each page.
func wholeTrail(ctx context.Context, store events.Trail, q events.TrailQuery) ([]events.Entry, error) {
	var all []events.Entry
	for {
		page, err := store.Trail(ctx, q)
		if err != nil {
			return all, err
		}
		if len(page.Entries) > q.Limit {
			return all, fmt.Errorf("a page of %d has %d entries", q.Limit, len(page.Entries))
		}
		all = append(all, page.Entries...)
		if page.Next == nil {
			return all, nil
		}
		if older := (q.Before == events.Mark{}) || cmp.Or(page.Next.At.Compare(q.Before.At), cmp.Compare(page.Next.ID, q.Before.ID)) < 0; !older {
			return all, fmt.Errorf("the page after %v begins at %v", q.Before, *page.Next)
		}
		q.Before = *page.Next
	}
}

// trail tells of those who look up what happened.
func trail(b *book) {
	b.story("the trail is read from the newest, by what it tells", func(s *scene) {
		start := s.now
		there := s.elsewhere()
		there.pay(ada, bob, 1)
		s.pay(ada, bob, 1)
		s.now = start.Add(time.Hour)
		paid := s.pay(bob, ada, 2).Transaction
		s.now = start.Add(30 * time.Minute) // a clock that goes slow
		cake := s.cake(5)
		s.now = start.Add(2 * time.Hour)
		s.alter(cake, nil, func(v *shop.Terms) { v.Price++ })
		s.rules(func(v *economy.Settings) { v.Grace = 3 })
		s.daily(ada)

		list := s.events()
		slices.SortStableFunc(list, func(a, b events.Event) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
		asUser := map[int64]economy.UserID{}
		for _, e := range did(wholeTrail(s.ctx, s.store, events.TrailQuery{Guild: string(s.guild), Limit: 100})).in(s) {
			asUser[e.Actor] = e.By.User
		}
		actor := func(p economy.Person) int64 {
			for id, user := range asUser {
				if user == p.User {
					return id
				}
			}
			s.t.Fatalf("nothing is told of %s", p.Name)
			return 0
		}
		for name, tt := range map[string]struct {
			ask func(*events.TrailQuery)
			is  func(events.Event) bool
		}{
			"all":            {func(*events.TrailQuery) {}, func(events.Event) bool { return true }},
			"by ada":         {func(q *events.TrailQuery) { q.Actor = actor(ada) }, func(e events.Event) bool { return e.Actor == actor(ada) }},
			"by nobody":      {func(q *events.TrailQuery) { q.Actor = events.BySystem }, func(e events.Event) bool { return e.Actor == 0 }},
			"by a stranger":  {func(q *events.TrailQuery) { q.Actor = 1 << 40 }, func(events.Event) bool { return false }},
			"transfers":      {func(q *events.TrailQuery) { q.Kind = "transfer" }, func(e events.Event) bool { return e.Kind == "transfer" }},
			"what of items":  {func(q *events.TrailQuery) { q.Kind = "item." }, func(e events.Event) bool { return e.Kind[:min(5, len(e.Kind))] == "item." }},
			"unknown kinds":  {func(q *events.TrailQuery) { q.Kind = "iten." }, func(events.Event) bool { return false }},
			"an unknown one": {func(q *events.TrailQuery) { q.Kind = "item" }, func(events.Event) bool { return false }},
			"an item": {func(q *events.TrailQuery) { q.Subject = fmt.Sprint("item:", cake.ID) },
				func(e events.Event) bool { return e.Subject == fmt.Sprint("item:", cake.ID) }},
			"a transaction": {func(q *events.TrailQuery) { q.Subject = fmt.Sprint("transaction:", paid) },
				func(e events.Event) bool { return e.Subject == fmt.Sprint("transaction:", paid) }},
			"no transaction":   {func(q *events.TrailQuery) { q.Subject = "transaction:x'; --" }, func(events.Event) bool { return false }},
			"a number too big": {func(q *events.TrailQuery) { q.Subject = "transaction:99999999999999999999" }, func(events.Event) bool { return false }},
			"the guild":        {func(q *events.TrailQuery) { q.Subject = "guild" }, func(e events.Event) bool { return e.Subject == "guild" }},
			"a time": {func(q *events.TrailQuery) { q.From, q.Until = start.Add(30*time.Minute), start.Add(time.Hour) },
				func(e events.Event) bool { return e.At.Equal(start.Add(30 * time.Minute)) }},
			"until a moment later": {func(q *events.TrailQuery) { q.Until = start.Add(time.Hour + 1) },
				func(e events.Event) bool { return !e.At.After(start.Add(time.Hour)) }},
			"from a moment later": {func(q *events.TrailQuery) { q.From = start.Add(time.Hour + 1) },
				func(e events.Event) bool { return e.At.After(start.Add(time.Hour)) }},
			"by root of items, then": {func(q *events.TrailQuery) { q.Actor, q.Kind, q.From = actor(root), "item.", start.Add(time.Hour) },
				func(e events.Event) bool { return e.Kind == "item.changed" }},
			"by nobody, of the guild": {func(q *events.TrailQuery) { q.Actor, q.Subject = events.BySystem, "guild" },
				func(e events.Event) bool { return e.Kind == "guild.created" }},
			"by ada, of bob's": {func(q *events.TrailQuery) { q.Actor, q.Subject = actor(ada), fmt.Sprint("transaction:", paid) },
				func(events.Event) bool { return false }},
		} {
			var want []int64
			for _, e := range list {
				if tt.is(e) {
					want = append(want, e.ID)
				}
			}
			for _, size := range []int{2, 100} {
				q := events.TrailQuery{Guild: string(s.guild), Limit: size}
				tt.ask(&q)
				var got []int64
				for _, e := range did(wholeTrail(s.ctx, s.store, q)).in(s) {
					got = append(got, e.ID)
				}
				same(s.t, fmt.Sprint(name, ", in pages of ", size), got, want)
			}
		}
		none := did(s.store.Trail(s.ctx, events.TrailQuery{Guild: "nowhere", Limit: 10})).in(s)
		same(s.t, "of an unknown guild", []any{len(none.Entries), none.Next}, []any{0, (*events.Mark)(nil)})
	})
	b.story("what is rare is found page by page among much else", func(s *scene) {
		if size(1, 0) == 0 {
			s.t.Skip("it takes more than a page looks at")
		}
		s.rules(func(v *economy.Settings) { v.Grace = 3 })
		together(8, func(i int) {
			for n := range events.MaxLooked/8 + 50 {
				r := economy.Request{Guild: s.guild, Source: economy.FromDiscord, Key: fmt.Sprint(i, "-", n), At: s.now}
				if _, err := s.store.Adjust(s.ctx, must(economy.NewAdjustment(r, root, ada, economy.KindGive, 1, ""))); err != nil {
					s.t.Error(err)
				}
			}
		})
		by := int64(0)
		for _, e := range s.events() {
			if e.Kind == "settings.changed" {
				by = e.Actor
			}
		}
		found := did(wholeTrail(s.ctx, s.store, events.TrailQuery{Guild: string(s.guild), Actor: by, Kind: "settings.changed", Limit: 10})).in(s)
		same(s.t, "settings changed by root", len(found), 1)
	})
}
