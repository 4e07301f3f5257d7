package storetest

import "coffer/internal/economy"

// audit tells of the counts; that nothing is broken every story checks.
func audit(b *book) {
	counts := func(s *scene, guilds, members, transactions, entries int, coins economy.Amount) {
		s.t.Helper()
		got := clean(s.t, s.store)
		same(s.t, "guilds, members, transactions, entries, coins",
			[]any{got.Guilds, got.Members, got.Transactions, got.Entries, got.Coins},
			[]any{guilds, members, transactions, entries, coins})
	}
	b.story("the books are counted", func(s *scene) {
		counts(s, 0, 0, 0, 0, 0)
		id := s.pay(ada, bob, 30).Transaction
		counts(s, 1, 2, 3, 6, 200)
		s.daily(ada)
		counts(s, 1, 2, 4, 8, 300)
		s.undo(id)
		counts(s, 1, 3, 6, 12, 400)
		s.adjust(ada, economy.KindTake, 150)
		counts(s, 1, 3, 7, 14, 250)
		there := s.elsewhere()
		there.rules(func(v *economy.Settings) { v.StartingBalance = 0 })
		there.wallet(ada)
		counts(s, 2, 5, 8, 16, 350)
	})
}
