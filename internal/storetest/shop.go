package storetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/shop"
)

// items tells of what is sold.
func items(b *book) {
	every := shop.Terms{
		Name: "Golden crown", Description: "Heavy.\nShiny.", Category: "Hats", Picture: "https://example.org/crown.png", Price: 12,
		MemberLimit: 3, RequiredRole: "7001", MinimumBalance: 50, From: time.Date(2024, 5, 1, 0, 0, 0, 1000, time.UTC),
		Until: time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC), Role: "7002", RoleHours: 48,
	}
	b.story("an item has all its terms", func(s *scene) {
		i := s.sell(every, shop.Stock{Limited: true, Left: 9})
		same(s.t, "item", i, shop.Item{ID: i.ID, Terms: every, Stock: shop.Stock{Limited: true, Left: 9}, Version: 1})
		same(s.t, "offer", s.offer(ada, i), shop.Offer{Item: i, Balance: 100, Currency: economy.DefaultSettings().Currency()})
		same(s.t, "catalogue", s.catalogue("", 1, 5).Items, []shop.Item{i})
		next := s.cake(1)
		if next.ID <= i.ID {
			s.t.Errorf("item %d was created after item %d", next.ID, i.ID)
		}
		same(s.t, "a cake", next, shop.Item{ID: next.ID, Version: 1,
			Terms: shop.Terms{Name: "Cake", Price: 1, Usable: true, UseMessage: "Yum!"}})
	})
	b.story("its times are cut to microseconds and told in UTC", func(s *scene) {
		t := every
		t.From = time.Date(2024, 5, 1, 2, 0, 0, 1999, time.FixedZone("two", 7200))
		op := s.creation(t, shop.Stock{})
		first := did(s.store.CreateItem(s.ctx, op)).in(s)
		same(s.t, "terms", first.Terms, every)
		same(s.t, "repeated", did(s.store.CreateItem(s.ctx, op)).in(s), first)
	})
	b.story("an edit replaces the terms, and the stock only where one is given", func(s *scene) {
		i := s.sell(shop.Terms{Name: "Cake", Price: 1}, shop.Stock{Limited: true, Left: 9})
		s.buy(ada, i, 2)
		j := s.alter(i, nil, func(t *shop.Terms) { *t = every })
		same(s.t, "edited", j, shop.Item{ID: i.ID, Terms: every, Stock: shop.Stock{Limited: true, Left: 7}, Version: 2, Sold: 2})
		j = s.alter(j, &shop.Stock{}, func(t *shop.Terms) { t.Role, t.RoleHours = "", 0 })
		same(s.t, "unlimited", []any{j.Stock, j.Version, j.Role}, []any{shop.Stock{}, 3, economy.RoleID("")})
		j = s.alter(j, &shop.Stock{Limited: true, Left: 4}, func(*shop.Terms) {})
		same(s.t, "limited", []any{j.Stock, j.Version}, []any{shop.Stock{Limited: true, Left: 4}, 4})
		same(s.t, "offer", s.offer(ada, i).Item, j)
	})
	b.story("a change to the same makes no event and no version, and is remembered", func(s *scene) {
		i := s.sell(every, shop.Stock{Limited: true, Left: 9})
		op := s.edit(i, every, &shop.Stock{Limited: true, Left: 9})
		s.untouched(func() {
			same(s.t, "answer", did(s.store.EditItem(s.ctx, op)).in(s), i)
			same(s.t, "answer", did(s.store.EditItem(s.ctx, s.edit(i, every, nil))).in(s), i)
		})
		s.alter(i, nil, func(t *shop.Terms) { t.Price = 13 })
		same(s.t, "repeated", did(s.store.EditItem(s.ctx, op)).in(s), i)
	})
	b.story("an edit of what was changed in the meantime is refused, sales do not count", func(s *scene) {
		i := s.cake(1)
		s.buy(ada, i, 1)
		s.alter(i, nil, func(t *shop.Terms) { t.Price = 2 })
		_, err := s.store.EditItem(s.ctx, s.edit(i, every, nil))
		refused(s.t, err, shop.ErrItemChanged.With("version", 2))
		same(s.t, "price", s.offer(ada, i).Item.Price, economy.Amount(2))
	})
	b.story("of many edits at once one happens", func(s *scene) {
		i := s.cake(1)
		errs := make([]error, 16)
		together(len(errs), func(n int) {
			t := i.Terms
			t.Price = economy.Amount(n + 2)
			_, errs[n] = s.store.EditItem(s.ctx, must(shop.NewItemEdit(s.keyed(fmt.Sprint("race-", n)), root, i.ID, 1, t, nil)))
		})
		s.winners(errs, 1, shop.ErrItemChanged)
		same(s.t, "version", s.offer(ada, i).Item.Version, 2)
	})
	b.story("an archived item is off sale for ever and stays with whoever owns it", func(s *scene) {
		i := s.cake(1)
		s.buy(ada, i, 2)
		op := s.archival(i)
		got := did(s.store.ArchiveItem(s.ctx, op)).in(s)
		same(s.t, "archived", []any{got.ID, got.Archived, got.Version, got.Sold}, []any{i.ID, true, 1, int64(2)})
		s.untouched(func() {
			same(s.t, "repeated", did(s.store.ArchiveItem(s.ctx, op)).in(s), got)
			same(s.t, "again", did(s.store.ArchiveItem(s.ctx, s.archival(i))).in(s), got)
		})
		same(s.t, "catalogue", len(s.catalogue("", 1, 5).Items), 0)
		same(s.t, "offer", s.offer(ada, i).Item, got)
		_, err := s.store.Purchase(s.ctx, s.purchase(ada, i, 1))
		refused(s.t, err, shop.ErrNotForSale)
		_, err = s.store.EditItem(s.ctx, s.edit(i, every, nil))
		refused(s.t, err, shop.ErrUnknownItem)
		_, err = s.store.Offer(s.ctx, shop.OfferQuery{Guild: s.guild, Viewer: ada, Name: "Cake", At: s.now})
		refused(s.t, err, shop.ErrUnknownItem)
		same(s.t, "use", did(s.store.Use(s.ctx, s.use(ada, i))).in(s).Left, int64(1))
	})
	b.story("a name is one item's, whatever the case of letters, until that is archived", func(s *scene) {
		for _, pair := range [][2]string{{"Cake", "cAKE"}, {"Élan 🪙", "éLAN 🪙"}, {"ΣΑΣ", "σασ"}, {"Straße", "STRAßE"}, {"K", "\u212a"}, {"% _\\", "% _\\"}} {
			first := s.sell(shop.Terms{Name: pair[0], Price: 1}, shop.Stock{})
			_, err := s.store.CreateItem(s.ctx, s.creation(shop.Terms{Name: pair[1], Price: 2}, shop.Stock{}))
			refused(s.t, err, shop.ErrNameTaken)
			other := s.sell(shop.Terms{Name: "Other", Price: 1}, shop.Stock{})
			_, err = s.store.EditItem(s.ctx, s.edit(other, shop.Terms{Name: pair[1], Price: 2}, nil))
			refused(s.t, err, shop.ErrNameTaken)
			same(s.t, "its own name in other letters", s.alter(first, nil, func(t *shop.Terms) { t.Name = pair[1] }).Name, pair[1])
			got := did(s.store.Offer(s.ctx, shop.OfferQuery{Guild: s.guild, Viewer: ada, Name: " " + pair[0] + " ", At: s.now})).in(s)
			same(s.t, "found by name", got.Item.ID, first.ID)
			did(s.store.ArchiveItem(s.ctx, s.archival(first))).in(s)
			s.sell(shop.Terms{Name: pair[0], Price: 3}, shop.Stock{})
			did(s.store.ArchiveItem(s.ctx, s.archival(other))).in(s)
		}
		for _, name := range []string{"e\u0301lan", "Cake.", "sas", "Strasse", "cakE2", "%", "_"} {
			s.sell(shop.Terms{Name: name, Price: 1}, shop.Stock{})
		}
		there := s.elsewhere()
		there.cake(1)
	})
	b.story("of many creators of one name one wins", func(s *scene) {
		errs := make([]error, 16)
		together(len(errs), func(n int) {
			name := []string{"Cake", "CAKE", "cake"}[n%3]
			_, errs[n] = s.store.CreateItem(s.ctx, must(shop.NewItemCreation(s.keyed(fmt.Sprint("race-", n)), root, shop.Terms{Name: name, Price: 1}, shop.Stock{})))
		})
		s.winners(errs, 1, shop.ErrNameTaken)
	})
	b.story("there are no such items", func(s *scene) {
		there := s.elsewhere()
		foreign := there.cake(1)
		s.cake(1)
		s.wallet(ada)
		for _, id := range []shop.ItemID{-1, foreign.ID, foreign.ID + 1_000_000, 1<<63 - 1, -1 << 63} {
			i := shop.Item{ID: id, Terms: shop.Terms{Name: "Cake", Price: 1}, Version: 1}
			s.untouched(func() {
				_, err := s.store.EditItem(s.ctx, s.edit(i, every, nil))
				refused(s.t, err, shop.ErrUnknownItem)
				_, err = s.store.ArchiveItem(s.ctx, s.archival(i))
				refused(s.t, err, shop.ErrUnknownItem)
				_, err = s.store.Purchase(s.ctx, s.purchase(bob, i, 1))
				refused(s.t, err, shop.ErrUnknownItem)
				_, err = s.store.Use(s.ctx, s.use(bob, i))
				refused(s.t, err, shop.ErrUnknownItem)
				_, err = s.store.Offer(s.ctx, shop.OfferQuery{Guild: s.guild, Viewer: ada, Item: id, At: s.now})
				refused(s.t, err, shop.ErrUnknownItem)
			})
		}
		_, err := s.store.Offer(s.ctx, shop.OfferQuery{Guild: s.guild, Viewer: ada, Name: "a\x00\xff", At: s.now})
		refused(s.t, err, shop.ErrUnknownItem)
		_, err = s.store.Offer(s.ctx, shop.OfferQuery{Guild: s.guild, Viewer: dee, At: s.now})
		refused(s.t, err, shop.ErrUnknownItem)
		same(s.t, "whom a vain look met", s.events()[len(s.events())-2].Kind, "member.created")
	})
	b.story("an unknown guild has no items and is not created by asking", func(s *scene) {
		s.untouched(func() {
			same(s.t, "names", len(did(s.store.ItemNames(s.ctx, shop.NamesQuery{Guild: s.guild, Unsold: true, At: s.now, Limit: 5})).in(s)), 0)
			same(s.t, "refundable", len(did(s.store.Refundable(s.ctx, s.guild, 5)).in(s)), 0)
			same(s.t, "deliveries", len(s.outbox()), 0)
			same(s.t, "retry", did(s.store.RetryDelivery(s.ctx, s.guild, 1)).in(s), false)
		})
	})
	b.story("each write tells what the item was and is", func(s *scene) {
		s.wallet(root)
		seen := len(s.events())
		i := s.sell(every, shop.Stock{Limited: true, Left: 9})
		j := s.alter(i, nil, func(t *shop.Terms) { t.Until, t.RequiredRole = time.Time{}, "" })
		s.buy(ada, j, 1)
		k := did(s.store.ArchiveItem(s.ctx, s.archival(j))).in(s)
		list := s.events()[seen:]
		kinds(s.t, list, "item.created", "item.changed", "member.created", "opening", "purchase", "item.archived")
		before := j
		before.Stock.Left, before.Sold = 8, 1
		for _, v := range []struct {
			e             events.Event
			before, after any
		}{{list[0], nil, i}, {list[1], i, j}, {list[5], before, k}} {
			same(s.t, "subject", v.e.Subject, fmt.Sprint("item:", i.ID))
			same(s.t, "actor", fmt.Sprint(v.e.Actor), surrogate(s.t, s.events()[1], "member.created"))
			same(s.t, "at", v.e.At, s.now)
			same(s.t, "before", asItem(s.t, v.e.Before), v.before)
			same(s.t, "after", asItem(s.t, v.e.After), v.after)
		}
		for _, field := range []string{`"terms"`, `"stock"`, `"archived"`, `"version"`, `"sold"`, `"role_hours"`} {
			if !strings.Contains(string(list[0].After), field) {
				s.t.Errorf("an item is told as %s, without %s", list[0].After, field)
			}
		}
	})
	b.story("the catalogue is by category, price and number, in pages, with what is on sale only", func(s *scene) {
		want := make(map[string]shop.ItemID)
		for _, v := range []shop.Terms{
			{Name: "d", Category: "b", Price: 1}, {Name: "c", Category: "b", Price: 1}, {Name: "e", Category: "b", Price: 2},
			{Name: "b", Category: "B", Price: 9}, {Name: "a", Price: 7}, {Name: "f", Category: "é", Price: 1},
			{Name: "past", Category: "gone", Price: 1, Until: s.now}, {Name: "future", Category: "to come", Price: 1, From: s.now.Add(1000)},
			{Name: "now", Category: "é", Price: 3, From: s.now, Until: s.now.Add(1000)},
		} {
			want[v.Name] = s.sell(v, shop.Stock{Limited: true}).ID // sold out, and told all the same
		}
		names := func(page shop.CataloguePage) (list string) {
			for _, i := range page.Items {
				if i.ID != want[i.Name] {
					s.t.Errorf("%s has the number %d, want %d", i.Name, i.ID, want[i.Name])
				}
				list += i.Name + " "
			}
			return list + fmt.Sprint(page.More)
		}
		for _, v := range []struct {
			category   string
			page, size int
			want       string
		}{
			{"", 1, 100, "a b d c e f now false"}, {"", 1, 3, "a b d true"}, {"", 2, 3, "c e f true"}, {"", 3, 3, "now false"},
			{"", 4, 3, "false"}, {"", 0, 1, "a true"}, {"b", 1, 2, "d c true"}, {"b", 2, 2, "e false"}, {"é", 1, 5, "f now false"},
			{"gone", 1, 5, "false"}, {"e\u0301", 1, 5, "false"}, {"", 1 << 62, 5, "false"}, {"", 1, 0, "a true"}, {"\x00\xff'", 1, 5, "false"},
		} {
			got := s.catalogue(v.category, v.page, v.size)
			same(s.t, fmt.Sprintf("page %d of %q by %d", v.page, v.category, v.size), names(got), v.want)
			same(s.t, "categories", got.Categories, []string{"B", "b", "é"})
			same(s.t, "purse", []any{got.Balance, got.Currency}, []any{economy.Amount(100), economy.DefaultSettings().Currency()})
		}
	})
	b.story("names are found by what they contain, the beginnings first", func(s *scene) {
		for _, v := range []shop.Terms{
			{Name: "Carrot CAKE", Price: 3}, {Name: "cake", Price: 1}, {Name: "Cakes", Price: 2}, {Name: "ÉCLAIR", Price: 1},
			{Name: "Ban%ana_", Price: 1}, {Name: "A cake to come", Price: 1, From: s.now.Add(day)},
		} {
			s.sell(v, shop.Stock{})
		}
		eclair := did(s.store.Offer(s.ctx, shop.OfferQuery{Guild: s.guild, Viewer: ada, Name: "éclair", At: s.now})).in(s).Item
		s.buy(ada, eclair, 3)
		did(s.store.ArchiveItem(s.ctx, s.archival(eclair))).in(s)
		for _, v := range []struct {
			q    shop.NamesQuery
			want string
		}{
			{shop.NamesQuery{Text: "CAKE"}, "cake Cakes Carrot CAKE "}, {shop.NamesQuery{Text: " cakes"}, "Cakes "},
			{shop.NamesQuery{}, "Ban%ana_ cake Cakes Carrot CAKE "}, {shop.NamesQuery{Limit: 2}, "Ban%ana_ cake "},
			{shop.NamesQuery{Text: "cake", Unsold: true}, "cake Cakes A cake to come Carrot CAKE "},
			{shop.NamesQuery{Text: "é", Unsold: true}, ""}, {shop.NamesQuery{Text: "e", OwnedBy: bob.User}, ""},
			{shop.NamesQuery{Text: "", OwnedBy: ada.User}, "ÉCLAIR "}, {shop.NamesQuery{Text: "%"}, "Ban%ana_ "}, {shop.NamesQuery{Text: "_"}, "Ban%ana_ "},
			{shop.NamesQuery{Text: "\\"}, ""}, {shop.NamesQuery{Text: "'; --"}, ""}, {shop.NamesQuery{Text: "\x00"}, ""}, {shop.NamesQuery{Text: "\xff"}, ""},
		} {
			v.q.Guild, v.q.At = s.guild, s.now
			if v.q.Limit == 0 {
				v.q.Limit = 25
			}
			got := ""
			for _, n := range did(s.store.ItemNames(s.ctx, v.q)).in(s) {
				got += n.Name + " "
			}
			same(s.t, fmt.Sprintf("names for %+v", v.q), got, v.want)
		}
		list := did(s.store.ItemNames(s.ctx, shop.NamesQuery{Guild: s.guild, OwnedBy: ada.User, At: s.now, Limit: 5})).in(s)
		same(s.t, "owned", list, []shop.ItemName{{ID: eclair.ID, Name: "ÉCLAIR", Price: 1, Archived: true, Owned: 3}})
	})
	b.story("texts are kept to the letter", func(s *scene) {
		for n, text := range []string{
			`'); DROP TABLE items; --`, `"double" 'single' \back\slash`, "100% $1 ?1 :name {} _", "🪙👩‍👩‍👧‍👦é\u0301", "\u202Eright to left\u202C",
			"\uFEFFmark", "null", `{"json":true}`, strings.Repeat("🪙", shop.MaxCategory), "a\u2028b",
		} {
			t := shop.Terms{Name: text, Description: text + "\n" + text, Category: text, Price: 1, Usable: true, UseMessage: text}
			i := s.sell(t, shop.Stock{})
			same(s.t, "terms", s.offer(ada, i).Item.Terms, t)
			same(s.t, "catalogue", s.catalogue(text, 1, 5).Items, []shop.Item{i})
			same(s.t, "by name", did(s.store.Offer(s.ctx, shop.OfferQuery{Guild: s.guild, Viewer: ada, Name: text, At: s.now})).in(s).Item, i)
			got := s.buy(ada, i, 1)
			same(s.t, "bought", got.Name, text)
			same(s.t, "note", s.history(economy.HistoryQuery{Member: ada, Size: 1}).Lines[0].Note, text)
			same(s.t, "used", did(s.store.Use(s.ctx, s.use(ada, i))).in(s).Message, text)
			if n == 0 {
				continue
			}
			did(s.store.ArchiveItem(s.ctx, s.archival(i))).in(s)
		}
	})
}

// asItem reads an item of an event; nil where there is none.
func asItem(t testing.TB, raw json.RawMessage) any {
	t.Helper()
	if nothing(t, raw) == nil {
		return nil
	}
	var i shop.Item
	if err := json.Unmarshal(raw, &i); err != nil {
		t.Errorf("item %q: %v", raw, err)
	}
	i.From, i.Until = i.From.UTC(), i.Until.UTC()
	return i
}
