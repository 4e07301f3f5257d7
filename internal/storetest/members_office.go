package storetest

import (
	"fmt"
	"slices"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// id returns a member's number, by which the office knows him.
func (s *scene) id(who economy.Person) economy.MemberID {
	s.t.Helper()
	page := did(s.store.Members(s.ctx, economy.MembersQuery{Guild: s.guild, Search: string(who.User), Limit: 1, At: s.now})).in(s)
	if len(page.Members) != 1 || page.Members[0].User != who.User {
		s.t.Fatalf("looking for %s finds %+v", who.User, page.Members)
	}
	return page.Members[0].ID
}

func (s *scene) file(who economy.Person) economy.MemberFile {
	s.t.Helper()
	return did(s.store.Member(s.ctx, economy.MemberQuery{Guild: s.guild, Member: s.id(who), At: s.now})).in(s)
}

// office tells of what admins look up.
func office(b *book) {
	gold := economy.Currency{Name: "coins", Symbol: "🪙"}

	b.story("members are listed in each order, page by page, among equals too", func(s *scene) {
		var all []economy.Person
		for i, name := range []string{"bo", "Al", "ÉVA", "al", "éva", "", "Zoë", "al%", "a_"} {
			who := economy.Person{User: economy.UserID(fmt.Sprint(100_000_000_000_000_100 + i)), Name: name}
			all = append(all, who)
			s.wallet(who)
		}
		s.adjust(all[3], economy.KindGive, 7)
		s.adjust(all[6], economy.KindGive, 7)
		s.adjust(all[1], economy.KindTake, 7)
		list := func(q economy.MembersQuery) (names []string) {
			q.Guild, q.At = s.guild, s.now
			for _, m := range did(allMembers(s.ctx, s.store, q)).in(s) {
				names = append(names, m.Name)
			}
			return names
		}
		for _, v := range []struct {
			q    economy.MembersQuery
			want []string
		}{
			{economy.MembersQuery{}, []string{"al", "Zoë", "bo", "ÉVA", "éva", "", "al%", "a_", "Root", "Al"}},
			{economy.MembersQuery{Sort: economy.ByPoorest}, []string{"Al", "Root", "a_", "al%", "", "éva", "ÉVA", "bo", "Zoë", "al"}},
			{economy.MembersQuery{Sort: economy.ByName}, []string{"", "a_", "Al", "al", "al%", "bo", "Root", "Zoë", "ÉVA", "éva"}},
			{economy.MembersQuery{Sort: economy.ByOldest}, []string{"bo", "Al", "ÉVA", "al", "éva", "", "Zoë", "al%", "a_", "Root"}},
			{economy.MembersQuery{Sort: economy.ByNewest}, []string{"Root", "a_", "al%", "Zoë", "", "éva", "al", "ÉVA", "Al", "bo"}},
			{economy.MembersQuery{Search: " AL "}, []string{"Al", "al", "al%"}},
			{economy.MembersQuery{Search: "év", Sort: economy.ByRichest}, []string{"ÉVA", "éva"}},
			{economy.MembersQuery{Search: "al%"}, []string{"al%"}},
			{economy.MembersQuery{Search: "a_"}, []string{"a_"}},
			{economy.MembersQuery{Search: "o"}, nil},
			{economy.MembersQuery{Search: "100000000000000106"}, []string{"Zoë"}},
			{economy.MembersQuery{Search: "10000000000000010"}, nil},
		} {
			for _, limit := range []int{1, 2, 3, 100} {
				v.q.Limit = limit
				same(s.t, fmt.Sprintf("%+v", v.q), list(v.q), v.want)
			}
		}
		there := s.elsewhere()
		same(s.t, "elsewhere", did(there.store.Members(s.ctx, economy.MembersQuery{Guild: there.guild, Limit: 5})).in(s), economy.MembersPage{})
		same(s.t, "events elsewhere", len(there.events()), 0)
	})
	b.story("a name is found in its newest form, and somebody called by a Discord id too", func(s *scene) {
		s.wallet(ada)
		alias := economy.Person{User: bob.User, Name: string(ada.User)}
		s.daily(alias)
		page := did(s.store.Members(s.ctx, economy.MembersQuery{Guild: s.guild, Search: string(ada.User), Limit: 5, At: s.now})).in(s)
		same(s.t, "found", []string{page.Members[0].Name, page.Members[1].Name}, []string{string(ada.User), "Ada"})
		s.pay(economy.Person{User: bob.User, Name: "Robert"}, ada, 1)
		same(s.t, "found", s.file(bob).Name, "Robert")
		same(s.t, "not found", did(s.store.Members(s.ctx, economy.MembersQuery{Guild: s.guild, Search: "1000", Limit: 5, At: s.now})).in(s).Members, []economy.Member(nil))
	})
	b.story("a file shows all of a member", func(s *scene) {
		s.now = s.now.Add(1)
		cake, badge := s.cake(5), s.sell(shop.Terms{Name: "Badge", Price: 2, Role: "7001", RoleHours: 5}, shop.Stock{})
		s.daily(ada)
		s.buy(ada, cake, 2)
		s.buy(ada, badge, 1)
		t := s.open(essay())
		claim := s.take(ada, t)
		s.wallet(bob)
		id := s.id(ada)
		w := s.wallet(ada)
		file := s.file(ada)
		same(s.t, "member", file.Member, economy.Member{ID: id, User: ada.User, Name: "Ada", Balance: w.Balance, Streak: 1, Claimed: true,
			LastDaily: economy.DayOf(s.now, time.UTC), Created: s.now.Truncate(time.Microsecond)})
		same(s.t, "standing", []any{file.Rank, file.NextDaily, file.Currency}, []any{w.Rank, w.NextDaily, gold})
		same(s.t, "goods", file.Goods, []economy.Holding{
			{Item: int64(badge.ID), Name: "Badge", Quantity: 1, Role: "7001", RoleUntil: s.now.Add(5 * time.Hour).Truncate(time.Microsecond)},
			{Item: int64(cake.ID), Name: "Cake", Quantity: 2, Usable: true},
		})
		same(s.t, "claims", []any{len(file.Claims), file.Claims[0].Claim, file.Claims[0].Task, file.Claims[0].Title, file.Claims[0].State},
			[]any{1, int64(claim.Claim), int64(t.ID), "Essay", "claimed"})
		var kinds []economy.Kind
		for _, r := range file.History.Transactions {
			kinds = append(kinds, r.Kind)
		}
		same(s.t, "history", kinds, []economy.Kind{economy.KindPurchase, economy.KindPurchase, economy.KindDaily, economy.KindOpening})
		s.now = s.now.Add(20 * day)
		same(s.t, "later", s.file(ada).Streak, 0)
		for _, unknown := range []economy.MemberID{0, -1, 1 << 40} {
			_, err := s.store.Member(s.ctx, economy.MemberQuery{Guild: s.guild, Member: unknown, At: s.now})
			refused(s.t, err, economy.ErrUnknownMember)
			_, err = s.store.Record(s.ctx, economy.MemberQuery{Guild: s.guild, Member: unknown, At: s.now})
			refused(s.t, err, economy.ErrUnknownMember)
		}
		_, err := s.store.Member(s.ctx, economy.MemberQuery{Guild: s.elsewhere().guild, Member: id, At: s.now})
		refused(s.t, err, economy.ErrUnknownMember)
	})
	b.story("a transaction shows who did what to whom", func(s *scene) {
		paid := did(s.store.Transfer(s.ctx, s.payment(ada, bob, economy.Coins(5), "for lunch"))).in(s).Transaction
		given := did(s.store.Adjust(s.ctx, must(economy.NewAdjustment(s.request(), desk, bob, economy.KindGive, 9, "a prize")))).in(s).Transaction
		undone := s.undo(paid).Transaction
		show := func(id economy.TransactionID) economy.LedgerRecord {
			s.t.Helper()
			return did(s.store.Transaction(s.ctx, s.guild, id)).in(s)
		}
		a, c := by(ada, int64(s.id(ada))), by(bob, int64(s.id(bob)))
		at := s.now.Truncate(time.Microsecond)
		same(s.t, "transfer", show(paid), economy.LedgerRecord{ID: paid, Kind: economy.KindTransfer, Actor: a, Note: "for lunch", At: at, ReversedBy: undone,
			Entries: []economy.EntryRecord{{Account: a, Amount: -5, Balance: 95}, {Account: c, Amount: 5, Balance: 105}}})
		got := show(given)
		same(s.t, "gift", []any{got.Actor.Kind, got.Actor.Name, got.Entries[0].Account.Kind, got.Entries[0].System, got.Entries[1]},
			[]any{economy.ActorAccount, desk.Name, economy.ActorSystem, economy.Mint, economy.EntryRecord{Account: c, Amount: 9, Balance: 114}})
		same(s.t, "reversal", []any{show(undone).Reverses, show(undone).Actor.User}, []any{paid, root.User})
		same(s.t, "opening", show(s.opening(ada)).Actor, economy.Actor{Kind: economy.ActorSystem})
		for _, unknown := range []economy.TransactionID{0, -1, 1 << 40} {
			_, err := s.store.Transaction(s.ctx, s.guild, unknown)
			refused(s.t, err, economy.ErrUnknownTransaction)
		}
		_, err := s.store.Transaction(s.ctx, s.elsewhere().guild, paid)
		refused(s.t, err, economy.ErrUnknownTransaction)
	})
	b.story("transactions are filtered by member, kind and time, page by page", func(s *scene) {
		start := s.now
		var paid []economy.TransactionID
		for i := range 6 {
			s.now = start.Add(time.Duration(i) * time.Hour)
			paid = append(paid, s.pay(ada, bob, 1).Transaction)
			s.daily(economy.Person{User: economy.UserID(fmt.Sprint(100_000_000_000_000_200 + i)), Name: "Extra"})
		}
		s.now = start.Add(-time.Hour) // a clock that is behind
		paid = append(paid, s.pay(ada, bob, 2).Transaction)
		slices.Reverse(paid)
		list := func(q economy.TransactionsQuery) (ids []economy.TransactionID) {
			q.Guild = s.guild
			for _, r := range did(allTransactions(s.ctx, s.store, q)).in(s) {
				ids = append(ids, r.ID)
			}
			return ids
		}
		byTime := append(slices.Clone(paid[1:]), paid[0])
		for _, limit := range []int{1, 2, 100} {
			same(s.t, "by kind", list(economy.TransactionsQuery{Kind: economy.KindTransfer, Limit: limit}), byTime)
			same(s.t, "of a member by kind", list(economy.TransactionsQuery{Member: s.id(bob), Kind: economy.KindTransfer, Limit: limit}), paid)
			q := economy.TransactionsQuery{Kind: economy.KindTransfer, From: start.Add(time.Hour), Until: start.Add(3 * time.Hour), Limit: limit}
			same(s.t, "by time", list(q), []economy.TransactionID{paid[4], paid[5]})
			q.Member = s.id(ada)
			same(s.t, "of a member by time", list(q), []economy.TransactionID{paid[4], paid[5]})
			q = economy.TransactionsQuery{From: start.Add(time.Hour), Until: start.Add(time.Hour + 1), Limit: limit}
			same(s.t, "at one moment", len(list(q)), 3) // a payment, an opening, a reward
			same(s.t, "all", len(list(economy.TransactionsQuery{Limit: limit})), 7+2+6+6)
		}
		same(s.t, "elsewhere", len(did(s.store.Transactions(s.ctx, economy.TransactionsQuery{Guild: "nowhere", Limit: 5})).in(s).Transactions), 0)
		same(s.t, "of somebody elsewhere", len(did(s.store.Transactions(s.ctx,
			economy.TransactionsQuery{Guild: s.elsewhere().guild, Member: s.id(ada), Limit: 5})).in(s).Transactions), 0)
	})
	b.story("settings that somebody has changed since are not replaced", func(s *scene) {
		same(s.t, "of an unknown guild", did(s.store.Rules(s.ctx, s.guild)).in(s), economy.Rules{Settings: economy.DefaultSettings()})
		s.wallet(ada)
		same(s.t, "at first", did(s.store.Rules(s.ctx, s.guild)).in(s), economy.Rules{Settings: economy.DefaultSettings(), Version: 1})
		v := economy.DefaultSettings()
		v.Grace = 3
		change := func(by economy.Person, version int, grace int) error {
			v.Grace = grace
			op := must(economy.NewSettingsChange(s.request(), by, v))
			op.Version = version
			_, err := s.store.ChangeSettings(s.ctx, op)
			return err
		}
		if err := change(desk, 1, 3); err != nil {
			s.t.Fatal(err)
		}
		rules := did(s.store.Rules(s.ctx, s.guild)).in(s)
		same(s.t, "changed", []any{rules.Version, rules.Settings.Grace, rules.ChangedBy.Kind, rules.ChangedBy.Name, rules.ChangedAt},
			[]any{2, 3, economy.ActorAccount, desk.Name, s.now})
		s.untouched(func() {
			refused(s.t, change(desk, 1, 4), economy.ErrSettingsChanged.With("version", 2))
			refused(s.t, change(desk, 3, 4), economy.ErrSettingsChanged.With("version", 2))
			if err := change(desk, 1, 3); err != nil { // is so already
				s.t.Error(err)
			}
		})
		if err := change(root, 0, 5); err != nil {
			s.t.Fatal(err)
		}
		same(s.t, "by a member", did(s.store.Rules(s.ctx, s.guild)).in(s).ChangedBy.User, root.User)
	})
	b.story("guilds are listed with how many members they have", func(s *scene) {
		there := s.elsewhere()
		s.wallet(ada)
		s.wallet(bob)
		there.rules(func(v *economy.Settings) { v.CurrencyName = "beans" })
		lines := []economy.GuildLine{{ID: s.guild, Members: 2, Currency: gold}, {ID: there.guild, Members: 1, Currency: economy.Currency{Name: "beans", Symbol: "🪙"}}}
		of := []economy.GuildID{there.guild, s.guild, "nowhere"}
		same(s.t, "both", did(s.store.Guilds(s.ctx, economy.GuildsQuery{Of: of, Limit: 5})).in(s), economy.GuildsPage{Guilds: lines})
		same(s.t, "first", did(s.store.Guilds(s.ctx, economy.GuildsQuery{Of: of, Limit: 1})).in(s), economy.GuildsPage{Guilds: lines[:1], More: true})
		same(s.t, "second", did(s.store.Guilds(s.ctx, economy.GuildsQuery{Of: of, After: s.guild, Limit: 1})).in(s), economy.GuildsPage{Guilds: lines[1:]})
		same(s.t, "none", len(did(s.store.Guilds(s.ctx, economy.GuildsQuery{Of: []economy.GuildID{}, Limit: 5})).in(s).Guilds), 0)
		all := did(s.store.Guilds(s.ctx, economy.GuildsQuery{After: s.guild[:len(s.guild)-1], Limit: 1000})).in(s)
		if !slices.Contains(all.Guilds, lines[0]) || !slices.Contains(all.Guilds, lines[1]) {
			s.t.Errorf("all guilds: %+v", all)
		}
	})
}
