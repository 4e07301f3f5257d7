package storetest

import (
	"fmt"
	"slices"

	"coffer/internal/economy"
)

// many returns a list of adjustments of members by their numbers.
func (s *scene) many(kind economy.Kind, n economy.Amount, members ...economy.MemberID) economy.BulkAdjustment {
	return must(economy.NewBulkAdjustment(s.request(), desk, members, kind, n, "for all", false))
}

// imports returns a list of balances.
func (s *scene) imports(rows ...economy.BulkRow) economy.BulkAdjustment {
	return must(economy.NewImport(s.request(), desk, rows, "from the old bot", false))
}

// lists tells of many adjustments at once.
func lists(b *book) {
	b.story("a list does what each adjustment does, in its order, once", func(s *scene) {
		for _, who := range []economy.Person{ada, bob, cyd} {
			s.wallet(who)
		}
		a, c, d := s.id(ada), s.id(bob), s.id(cyd)
		seen := s.events()
		op := s.many(economy.KindGive, 5, d, a)
		got := did(s.store.AdjustMany(s.ctx, op)).in(s)
		same(s.t, "receipt", got, economy.BulkReceipt{Applied: true, Count: 2, Minted: 10, Changes: []economy.BulkChange{
			{Row: 0, Member: d, Before: 100, After: 105, Transaction: got.Changes[0].Transaction},
			{Row: 1, Member: a, Before: 100, After: 105, Transaction: got.Changes[1].Transaction},
		}})
		list := s.events()[len(seen):]
		kinds(s.t, list, "give", "give")
		for i, who := range []economy.Person{cyd, ada} {
			id := got.Changes[i].Transaction
			same(s.t, "subject", list[i].Subject, fmt.Sprint("transaction:", id))
			record := did(s.store.Transaction(s.ctx, s.guild, id)).in(s)
			same(s.t, "record", []any{record.Actor.Name, record.Note, record.Entries[1].Account.User}, []any{desk.Name, "for all", who.User})
			s.has(who, 105)
		}
		s.untouched(func() {
			same(s.t, "repeated", did(s.store.AdjustMany(s.ctx, later(op).(economy.BulkAdjustment))).in(s), got)
		})
		for _, other := range others(op) {
			refused(s.t, Write{Operation: other}.Do(s.ctx, s.store).Err, economy.ErrKeyReused)
		}
		got = did(s.store.AdjustMany(s.ctx, s.many(economy.KindSet, 103, a, c))).in(s)
		same(s.t, "receipt", []any{got.Count, got.Minted, got.Burned}, []any{2, economy.Amount(3), economy.Amount(2)})
		got = did(s.store.AdjustMany(s.ctx, s.many(economy.KindSet, 105, d))).in(s)
		same(s.t, "nothing to do", got, economy.BulkReceipt{Applied: true, Changes: []economy.BulkChange{{Member: d, Before: 105, After: 105}}})
	})
	b.story("a list with one refusal does nothing, and is not remembered", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.MaxBalance = 120 })
		s.wallet(ada)
		s.wallet(bob)
		s.adjust(bob, economy.KindSet, 8)
		there := s.elsewhere()
		for _, who := range []economy.Person{ada, bob, dee, root, cyd} {
			there.wallet(who)
		}
		a, c, foreign := s.id(ada), s.id(bob), there.id(cyd)
		op := s.many(economy.KindTake, 10, a, c, 1<<40, foreign)
		s.untouched(func() {
			got := did(s.store.AdjustMany(s.ctx, op)).in(s)
			same(s.t, "receipt", got, economy.BulkReceipt{Count: 1, Burned: 10, Changes: []economy.BulkChange{{Row: 0, Member: a, Before: 100, After: 90}},
				Refused: []economy.BulkRefusal{{Row: 1, Member: c, Code: "insufficient_funds", Balance: 8}, {Row: 2, Member: 1 << 40, Code: "unknown_member"},
					{Row: 3, Member: foreign, Code: "unknown_member"}}})
			full := did(s.store.AdjustMany(s.ctx, s.many(economy.KindGive, 21, c, a))).in(s)
			same(s.t, "too much", full.Refused, []economy.BulkRefusal{{Row: 1, Member: a, Code: "wallet_full", Balance: 100}})
		})
		op.Rows = op.Rows[:1]
		same(s.t, "without them", did(s.store.AdjustMany(s.ctx, op)).in(s).Applied, true)
		s.has(ada, 90)
		s.rules(func(v *economy.Settings) { v.MaxBalance = economy.MaxBalance })
		huge := did(s.store.AdjustMany(s.ctx, s.many(economy.KindSet, economy.MaxBalance, a))).in(s)
		same(s.t, "beyond a movement", huge.Refused, []economy.BulkRefusal{{Member: a, Code: "amount_range", Balance: 90}})
	})
	b.story("a dry run tells what would be, and forgets it", func(s *scene) {
		s.wallet(ada)
		a := s.id(ada)
		op := s.many(economy.KindGive, 5, a)
		op.DryRun = true
		s.untouched(func() {
			got := did(s.store.AdjustMany(s.ctx, op)).in(s)
			same(s.t, "receipt", got, economy.BulkReceipt{Count: 1, Minted: 5, Changes: []economy.BulkChange{{Member: a, Before: 100, After: 105}}})
			list := s.imports(economy.BulkRow{User: dee.User, Amount: 30}, economy.BulkRow{User: ada.User, Amount: 100})
			list.DryRun = true
			got = did(s.store.AdjustMany(s.ctx, list)).in(s)
			same(s.t, "import", got, economy.BulkReceipt{Count: 1, Burned: 70, Created: 1,
				Changes: []economy.BulkChange{{Before: 100, After: 30}, {Row: 1, Member: a, Before: 100, After: 100}}})
		})
		op.DryRun = false
		same(s.t, "afterwards", did(s.store.AdjustMany(s.ctx, op)).in(s).Applied, true)
		op.DryRun = true
		same(s.t, "dry once more", did(s.store.AdjustMany(s.ctx, op)).in(s).Changes[0].Before, economy.Amount(105))
	})
	b.story("an import sets balances, meets strangers and keeps the names that it tells", func(s *scene) {
		s.wallet(ada)
		s.wallet(bob)
		seen := s.events()
		op := s.imports(economy.BulkRow{User: cyd.User, Name: "Cydonia", Amount: 7}, economy.BulkRow{User: ada.User, Name: "Lady Ada", Amount: 1_000},
			economy.BulkRow{User: bob.User, Amount: 0}, economy.BulkRow{User: dee.User, Amount: 100})
		got := did(s.store.AdjustMany(s.ctx, op)).in(s)
		same(s.t, "receipt", []any{got.Applied, got.Count, got.Created, got.Minted, got.Burned, len(got.Changes)},
			[]any{true, 3, 2, economy.Amount(900), economy.Amount(193), 4})
		kinds(s.t, s.events()[len(seen):], "member.created", "opening", "set", "set", "set", "member.created", "opening")
		for who, want := range map[economy.Person]economy.Amount{cyd: 7, ada: 1_000, bob: 0, dee: 100} {
			s.has(who, want)
			same(s.t, "number", s.id(who), got.Changes[slices.IndexFunc(op.Rows, func(r economy.BulkRow) bool { return r.User == who.User })].Member)
		}
		same(s.t, "names", []string{s.file(cyd).Name, s.file(ada).Name, s.file(bob).Name, s.file(dee).Name}, []string{"Cydonia", "Lady Ada", "Bob", ""})
		same(s.t, "repeated", did(s.store.AdjustMany(s.ctx, op)).in(s), got)
		for _, other := range others(op) {
			refused(s.t, Write{Operation: other}.Do(s.ctx, s.store).Err, economy.ErrKeyReused)
		}
		there := s.elsewhere()
		same(s.t, "into an unknown guild", did(s.store.AdjustMany(s.ctx, there.imports(economy.BulkRow{User: ada.User, Amount: 5}))).in(s).Created, 1)
		there.rules(func(v *economy.Settings) { v.StartingBalance = 0 })
		did(s.store.AdjustMany(s.ctx, there.imports(economy.BulkRow{User: bob.User, Amount: 0}, economy.BulkRow{User: cyd.User, Amount: 1}))).in(s)
		there.has(bob, 0)
		there.has(cyd, 1)
	})
	b.story("a long list tells the first changes and refusals", func(s *scene) {
		n := size(3_000, 1_200)
		var rows []economy.BulkRow
		for i := range n {
			rows = append(rows, economy.BulkRow{User: economy.UserID(fmt.Sprint(200_000_000_000_000_000 + i)), Name: fmt.Sprint("Member ", i), Amount: economy.Amount(i)})
		}
		got := did(s.store.AdjustMany(s.ctx, s.imports(rows...))).in(s)
		same(s.t, "receipt", []any{got.Count, got.Created, len(got.Changes), got.Burned}, []any{n - 1, n, economy.MaxChanges, economy.Amount(5_050)})
		same(s.t, "members", did(s.store.Guilds(s.ctx, economy.GuildsQuery{Of: []economy.GuildID{s.guild}, Limit: 1})).in(s).Guilds[0].Members, n)
		s.rules(func(v *economy.Settings) { v.MaxBalance, v.StartingBalance = 5, 0 })
		for i := range rows {
			rows[i].Amount++
		}
		op := s.imports(rows...)
		same(s.t, "refusals", len(did(s.store.AdjustMany(s.ctx, op)).in(s).Refused), economy.MaxRefused)
	})
	b.story("lists that meet go one after the other, and payments between them", func(s *scene) {
		var ids []economy.MemberID
		var cast []economy.Person
		for i := range 40 {
			who := economy.Person{User: economy.UserID(fmt.Sprint(300_000_000_000_000_000 + i)), Name: "Someone"}
			s.wallet(who)
			cast, ids = append(cast, who), append(ids, s.id(who))
		}
		back := slices.Clone(ids)
		slices.Reverse(back)
		ops := []any{s.many(economy.KindGive, 3, ids...), s.many(economy.KindTake, 2, back...), s.many(economy.KindGive, 1, back...), s.many(economy.KindGive, 5, ids...)}
		for i := range 16 {
			ops = append(ops, s.payment(cast[i], cast[39-i], economy.Coins(10), ""))
		}
		together(len(ops), func(i int) {
			if w := (Write{Operation: ops[i]}).Do(s.ctx, s.store); w.Err != nil {
				s.t.Error(w.Err)
			}
		})
		total := economy.Amount(0)
		for _, who := range cast {
			total += s.wallet(who).Balance
		}
		same(s.t, "coins", total, economy.Amount(40*(100+3-2+1+5)))
	})
}
