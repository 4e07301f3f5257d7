package economy_test

import (
	"errors"
	"strings"
	"testing"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

func TestDefaultSettingsAreValid(t *testing.T) {
	if err := economy.DefaultSettings().Validate(); err != nil {
		t.Error(err)
	}
}

func TestSettingsAreValidWithinTheirRanges(t *testing.T) {
	const moves, most = economy.MaxMovement, economy.MaxBalance
	for _, c := range []struct {
		field string // "" where valid
		edit  func(*economy.Settings)
	}{
		{"", func(s *economy.Settings) { s.CurrencyName = "c" }},
		{"", func(s *economy.Settings) { s.CurrencyName = strings.Repeat("é", 32) }},
		{"currency_name", func(s *economy.Settings) { s.CurrencyName = "" }},
		{"currency_name", func(s *economy.Settings) { s.CurrencyName = strings.Repeat("é", 33) }},
		{"currency_name", func(s *economy.Settings) { s.CurrencyName = "a\nb" }},
		{"currency_name", func(s *economy.Settings) { s.CurrencyName = "\xff" }},
		{"", func(s *economy.Settings) { s.CurrencySymbol = "<a:gold_coin:123456789012345678>" }},
		{"", func(s *economy.Settings) { s.CurrencySymbol = strings.Repeat("🪙", 64) }},
		{"currency_symbol", func(s *economy.Settings) { s.CurrencySymbol = strings.Repeat("🪙", 65) }},
		{"currency_symbol", func(s *economy.Settings) { s.CurrencySymbol = "" }},
		{"currency_symbol", func(s *economy.Settings) { s.CurrencySymbol = "\x00" }},
		{"", func(s *economy.Settings) { s.StartingBalance = 0 }},
		{"", func(s *economy.Settings) { s.StartingBalance = moves }},
		{"starting_balance", func(s *economy.Settings) { s.StartingBalance = moves + 1 }},
		{"starting_balance", func(s *economy.Settings) { s.StartingBalance = -1 }},
		{"", func(s *economy.Settings) { s.StartingBalance, s.MaxBalance = 50, 50 }},
		{"starting_balance", func(s *economy.Settings) { s.StartingBalance, s.MaxBalance = 51, 50 }},
		{"", func(s *economy.Settings) { s.StartingBalance, s.MaxBalance = 0, 1 }},
		{"max_balance", func(s *economy.Settings) { s.MaxBalance = 0 }},
		{"max_balance", func(s *economy.Settings) { s.MaxBalance = most + 1 }},
		{"", func(s *economy.Settings) { s.DailyAmount = 1 }},
		{"", func(s *economy.Settings) { s.DailyAmount = moves / 2 }},
		{"daily_amount", func(s *economy.Settings) { s.DailyAmount = 0 }},
		{"daily_amount", func(s *economy.Settings) { s.DailyAmount = moves/2 + 1 }},
		{"", func(s *economy.Settings) { s.StreakBonus = 0 }},
		{"", func(s *economy.Settings) { s.StreakBonus = moves / 1000 }},
		{"streak_bonus", func(s *economy.Settings) { s.StreakBonus = -1 }},
		{"streak_bonus", func(s *economy.Settings) { s.StreakBonus = moves/1000 + 1 }},
		{"", func(s *economy.Settings) { s.StreakCap = 0 }},
		{"", func(s *economy.Settings) { s.StreakCap = 365 }},
		{"streak_cap", func(s *economy.Settings) { s.StreakCap = -1 }},
		{"streak_cap", func(s *economy.Settings) { s.StreakCap = 366 }},
		{"", func(s *economy.Settings) { s.Grace = 0 }},
		{"", func(s *economy.Settings) { s.Grace = 6 }},
		{"grace", func(s *economy.Settings) { s.Grace = -1 }},
		{"grace", func(s *economy.Settings) { s.Grace = 7 }},
		{"", func(s *economy.Settings) { s.TimeZone = "America/Argentina/Buenos_Aires" }},
		{"time_zone", func(s *economy.Settings) { s.TimeZone = "" }},
		{"time_zone", func(s *economy.Settings) { s.TimeZone = "Local" }},
		{"time_zone", func(s *economy.Settings) { s.TimeZone = "Mars/Olympus" }},
		{"time_zone", func(s *economy.Settings) { s.TimeZone = "../../etc/passwd" }},
		{"time_zone", func(s *economy.Settings) { s.TimeZone = "/etc/localtime" }},
	} {
		s := economy.DefaultSettings()
		c.edit(&s)
		err := s.Validate()
		if c.field == "" && err != nil {
			t.Errorf("%+v: %v, want it valid", s, err)
		}
		if c.field != "" && (!errors.Is(err, economy.ErrSettings) || problem.Of(err).Args["field"] != c.field) {
			t.Errorf("%+v: %v, want a problem with %s", s, err, c.field)
		}
		if _, refusal := economy.NewSettingsChange(economy.Request{}, economy.Person{}, s); !errors.Is(refusal, err) && (err != nil || refusal != nil) {
			t.Errorf("NewSettingsChange: %v, want %v", refusal, err)
		}
	}
}

func TestRewardsGrowByTheBonusUpToTheCap(t *testing.T) {
	s := economy.DefaultSettings()
	s.DailyAmount, s.StreakBonus, s.StreakCap = 50, 7, 3
	for i, want := range []economy.Amount{50, 57, 64, 71, 71, 71} {
		if got := s.Reward(i + 1); got != want {
			t.Errorf("day %d earns %d, want %d", i+1, got, want)
		}
	}
	s.StreakCap = 0
	if got := s.Reward(100); got != 50 {
		t.Errorf("without a cap above 0, day 100 earns %d, want 50", got)
	}
}

func TestARewardIsAlwaysAMovement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := economy.DefaultSettings()
		s.DailyAmount = economy.Amount(rapid.Int64Range(1, int64(economy.MaxMovement)/2).Draw(t, "daily"))
		s.StreakBonus = economy.Amount(rapid.Int64Range(0, int64(economy.MaxMovement)/1000).Draw(t, "bonus"))
		s.StreakCap = rapid.IntRange(0, 365).Draw(t, "cap")
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		day := rapid.IntRange(1, 1<<31).Draw(t, "day")
		if got := s.Reward(day); got < s.DailyAmount || got > economy.MaxMovement || got > s.Reward(day+1) {
			t.Fatalf("day %d earns %d", day, got)
		}
	})
}

func TestRoomIsNeverNegative(t *testing.T) {
	s := economy.DefaultSettings()
	s.MaxBalance = 100
	for balance, want := range map[economy.Amount]economy.Amount{0: 100, 99: 1, 100: 0, 101: 0, economy.MaxBalance: 0} {
		if got := s.Room(balance); got != want {
			t.Errorf("room above %d is %d, want %d", balance, got, want)
		}
	}
}
