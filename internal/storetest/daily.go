package storetest

import (
	"time"

	"coffer/internal/economy"
)

const day = 24 * time.Hour

// daily tells of claims, streaks and days.
func daily(b *book) {
	b.story("a first claim pays the daily amount", func(s *scene) {
		got := s.daily(ada)
		same(s.t, "receipt", got, economy.DailyReceipt{
			Transaction: got.Transaction, Reward: 100, Bonus: 0, Streak: 1, Balance: 200,
			NextDaily: time.Date(2024, 5, 15, 0, 0, 0, 0, time.UTC), Currency: economy.Currency{Name: "coins", Symbol: "🪙"},
		})
		same(s.t, "wallet", s.wallet(ada), economy.Wallet{
			Member: ada.User, Balance: 200, Rank: economy.Rank{Position: 1}, Streak: 1,
			NextDaily: got.NextDaily, Currency: got.Currency,
		})
	})
	b.story("each day of a streak earns a bonus up to the cap", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.DailyAmount, v.StreakBonus, v.StreakCap = 50, 10, 3 })
		for i, bonus := range []economy.Amount{0, 10, 20, 30, 30, 30} {
			got := s.daily(ada)
			if got.Streak != i+1 || got.Bonus != bonus || got.Reward != 50+bonus {
				s.t.Errorf("day %d: streak %d, bonus %d, reward %d, want streak %d, bonus %d", i+1, got.Streak, got.Bonus, got.Reward, i+1, bonus)
			}
			s.now = s.now.Add(day)
		}
		s.has(ada, 100+6*50+120)
	})
	b.story("a missed day within the grace keeps the streak, one more breaks it", func(s *scene) {
		s.streaks(ada, 1)
		s.now = s.now.Add(2 * day) // one day missed
		s.streaks(ada, 2)
		s.now = s.now.Add(2 * day)
		same(s.t, "live streak", s.wallet(ada).Streak, 2)
		s.now = s.now.Add(day)
		same(s.t, "streak after two missed days", s.wallet(ada).Streak, 0)
		s.streaks(ada, 1)
	})
	b.story("without grace a missed day breaks the streak, with more grace it lives again", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.Grace = 0 })
		s.streaks(ada, 1)
		s.now = s.now.Add(day)
		s.streaks(ada, 2)
		s.now = s.now.Add(3 * day)
		same(s.t, "streak without grace", s.wallet(ada).Streak, 0)
		s.rules(func(v *economy.Settings) { v.Grace = 2 })
		same(s.t, "streak with grace", s.wallet(ada).Streak, 2)
		s.streaks(ada, 3)
	})
	b.story("a day is claimed once, and the refusal says when the next begins", func(s *scene) {
		s.daily(ada)
		s.now = s.now.Add(11 * time.Hour)
		s.claimed(ada, time.Date(2024, 5, 15, 0, 0, 0, 0, time.UTC))
		s.has(ada, 200)
	})
	b.story("a time zone is not taken for the abbreviation of that name", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.TimeZone = "CET" }) // which has summer time, as an abbreviation has not
		s.now = time.Date(2024, 7, 10, 21, 30, 0, 0, time.UTC)
		s.daily(ada)
		s.now = s.now.Add(time.Hour)
		same(s.t, "streak", s.daily(ada).Streak, 2)
	})
	b.story("a day begins to the microsecond in the guild's time zone", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.TimeZone = "Asia/Tokyo" })
		midnight := time.Date(2024, 5, 14, 15, 0, 0, 0, time.UTC) // in Tokyo
		s.now = midnight.Add(-time.Hour)
		s.daily(ada)
		s.now = midnight.Add(-1) // cut to the microsecond before midnight
		s.claimed(ada, midnight)
		same(s.t, "next daily", s.wallet(ada).NextDaily, midnight)
		s.now = midnight
		same(s.t, "next daily at midnight", s.wallet(ada).NextDaily, time.Time{})
		s.streaks(ada, 2)
		s.now = midnight.Add(day - time.Microsecond)
		s.claimed(ada, midnight.Add(day))
		s.now = midnight.Add(day + 999)
		s.streaks(ada, 3)
	})
	b.story("a change of the time zone never moves the last day back", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.TimeZone = "Pacific/Kiritimati" }) // 15 May already
		s.streaks(ada, 1)
		s.rules(func(v *economy.Settings) { v.TimeZone = "Pacific/Pago_Pago" }) // still 14 May
		next := time.Date(2024, 5, 16, 11, 0, 0, 0, time.UTC)                   // 16 May there
		s.claimed(ada, next)
		same(s.t, "next daily", s.wallet(ada).NextDaily, next)
		s.now = next.Add(-time.Microsecond)
		s.claimed(ada, next)
		s.now = next
		s.streaks(ada, 2)
	})
	b.story("a clock that jumps back does not pay again", func(s *scene) {
		s.streaks(ada, 1)
		s.now = s.now.Add(-3 * day)
		s.claimed(ada, time.Date(2024, 5, 15, 0, 0, 0, 0, time.UTC))
	})
	b.story("a day that starts at 1 o'clock is a day", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.TimeZone = "America/Sao_Paulo" })
		start := time.Date(2018, 11, 4, 3, 0, 0, 0, time.UTC) // 00:00 to 01:00 did not happen
		s.now = start.Add(-time.Microsecond)
		same(s.t, "next daily", s.daily(ada).NextDaily, start)
		s.now = start
		s.streaks(ada, 2)
		s.now = start.Add(23 * time.Hour) // the day was that short
		s.streaks(ada, 3)
	})
	b.story("a day that a country skips counts as missed", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.TimeZone, v.Grace = "Pacific/Apia", 0 })
		s.now = time.Date(2011, 12, 30, 9, 0, 0, 0, time.UTC) // 29 December, 23:00
		same(s.t, "next daily", s.daily(ada).NextDaily, time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC))
		s.now = s.now.Add(2 * time.Hour) // 31 December, 01:00
		same(s.t, "streak", s.wallet(ada).Streak, 0)
		s.streaks(ada, 1)
	})
	b.story("a nearly full wallet gets what there is room for", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.MaxBalance, v.StreakBonus = 205, 10 })
		s.streaks(ada, 1)
		s.now = s.now.Add(day)
		got := s.daily(ada)
		if got.Reward != 5 || got.Bonus != 0 || got.Streak != 2 || got.Balance != 205 {
			s.t.Errorf("got %+v, want reward 5, bonus 10, streak 2, balance 205", got)
		}
	})
	b.story("a full wallet is refused and keeps its streak", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.MaxBalance, v.Grace = 200, 0 })
		s.streaks(ada, 1)
		s.now = s.now.Add(day)
		_, err := s.store.ClaimDaily(s.ctx, s.claim(ada))
		refused(s.t, err, economy.ErrWalletFull.With("max", economy.Amount(200)).With("balance", economy.Amount(200)))
		same(s.t, "streak", s.wallet(ada).Streak, 1)
		same(s.t, "next daily", s.wallet(ada).NextDaily, time.Time{})
		s.pay(ada, bob, 50)
		same(s.t, "reward", s.daily(ada).Reward, economy.Amount(50))
		same(s.t, "streak", s.wallet(ada).Streak, 2)
	})
	b.story("a wallet above a lowered limit earns nothing", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.StartingBalance = 500 })
		s.has(ada, 500)
		s.rules(func(v *economy.Settings) { v.StartingBalance, v.MaxBalance = 100, 300 })
		_, err := s.store.ClaimDaily(s.ctx, s.claim(ada))
		refused(s.t, err, economy.ErrWalletFull.With("max", economy.Amount(300)).With("balance", economy.Amount(500)))
	})
}

// streaks claims and checks the streak.
func (s *scene) streaks(who economy.Person, want int) {
	s.t.Helper()
	if got := s.daily(who).Streak; got != want {
		s.t.Errorf("streak %d, want %d", got, want)
	}
	if got := s.wallet(who).Streak; got != want {
		s.t.Errorf("streak in the wallet %d, want %d", got, want)
	}
}

// claimed checks that today was claimed already.
func (s *scene) claimed(who economy.Person, next time.Time) {
	s.t.Helper()
	_, err := s.store.ClaimDaily(s.ctx, s.claim(who))
	refused(s.t, err, economy.ErrAlreadyClaimed.With("next", next))
}
