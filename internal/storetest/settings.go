package storetest

import (
	"coffer/internal/economy"
)

// settings tells of a guild's rules.
func settings(b *book) {
	every := economy.Settings{
		CurrencyName: "Gold", CurrencySymbol: "<:gold:123456789012345678>", StartingBalance: 3, DailyAmount: 4, StreakBonus: 5,
		StreakCap: 6, Grace: 2, TimeZone: "Europe/Paris", MaxBalance: 7_000,
		AdminChannel: "987654321098765432", TaskChannel: "987654321098765433", ReviewChannel: "987654321098765434", ReviewerRole: "987654321098765435",
		WelcomeChannel: "987654321098765436", AdminRole: "987654321098765437",
	}
	b.story("a guild begins with the defaults", func(s *scene) {
		s.wallet(ada)
		same(s.t, "settings", did(s.store.Settings(s.ctx, s.guild)).in(s), economy.DefaultSettings())
	})
	b.story("every setting is kept, and what it rules follows", func(s *scene) {
		same(s.t, "answer", s.rules(func(v *economy.Settings) { *v = every }), every)
		same(s.t, "settings", did(s.store.Settings(s.ctx, s.guild)).in(s), every)
		s.has(root, 100) // joined under the old rules
		s.has(ada, 3)
		same(s.t, "currency", s.wallet(ada).Currency, every.Currency())
		same(s.t, "currency", s.pay(ada, bob, 1).Currency, every.Currency())
		same(s.t, "currency", s.board(ada, 1, 1).Currency, every.Currency())
		same(s.t, "currency", s.history(economy.HistoryQuery{Member: ada, Size: 1}).Currency, every.Currency())
	})
	b.story("a change tells before and after", func(s *scene) {
		s.wallet(root)
		before := len(s.events())
		s.rules(func(v *economy.Settings) { *v = every })
		list := s.events()[before:]
		kinds(s.t, list, "settings.changed")
		same(s.t, "before", asSettings(s.t, list[0].Before), economy.DefaultSettings())
		same(s.t, "after", asSettings(s.t, list[0].After), every)
	})
	b.story("a change to the same makes no event and is remembered", func(s *scene) {
		s.rules(func(v *economy.Settings) { *v = every })
		op := s.change(every)
		s.untouched(func() {
			same(s.t, "answer", did(s.store.ChangeSettings(s.ctx, op)).in(s), every)
		})
		s.rules(func(v *economy.Settings) { *v = economy.DefaultSettings() })
		same(s.t, "repeated", did(s.store.ChangeSettings(s.ctx, op)).in(s), every)
		same(s.t, "settings", did(s.store.Settings(s.ctx, s.guild)).in(s), economy.DefaultSettings())
		op.Settings = economy.DefaultSettings()
		_, err := s.store.ChangeSettings(s.ctx, op)
		refused(s.t, err, economy.ErrKeyReused)
	})
	b.story("an unknown guild's settings are of version 1", func(s *scene) {
		op := s.change(every)
		op.Version = 2
		_, err := s.store.ChangeSettings(s.ctx, op)
		refused(s.t, err, economy.ErrSettingsChanged.With("version", 1))
		op.Version = 1
		same(s.t, "answer", did(s.store.ChangeSettings(s.ctx, op)).in(s), every)
	})
	b.story("a lower highest balance touches nobody", func(s *scene) {
		s.adjust(ada, economy.KindSet, 500)
		s.rules(func(v *economy.Settings) { v.MaxBalance = 100 })
		s.has(ada, 500)
		s.has(root, 100)
	})
	b.story("the settings of one guild are not those of another", func(s *scene) {
		there := s.elsewhere()
		s.rules(func(v *economy.Settings) { *v = every })
		there.wallet(ada)
		same(s.t, "settings", did(s.store.Settings(s.ctx, there.guild)).in(s), economy.DefaultSettings())
	})
	b.story("a stranger who changes settings joins under the old ones", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.StartingBalance = 1 })
		s.has(root, 100)
		kinds(s.t, s.events(), "guild.created", "member.created", "opening", "settings.changed")
	})
}
