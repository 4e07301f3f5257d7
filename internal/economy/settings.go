package economy

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"coffer/internal/problem"
)

// ErrSettings says which setting is out of its range, in the argument "field".
var ErrSettings = problem.New(problem.Invalid, "settings", "A setting is out of its range.")

// ErrSettingsChanged says that somebody else was faster.
var ErrSettingsChanged = problem.New(problem.Conflict, "settings_changed",
	"Somebody has changed the settings since you looked.") // argument "version": int

// Settings are the rules of one guild's economy.
type Settings struct {
	CurrencyName    string `json:"currency_name"`   // 1 to 32 characters, plural: "coins"
	CurrencySymbol  string `json:"currency_symbol"` // 1 to 64 characters: an emoji, Discord's or its own
	StartingBalance Amount `json:"starting_balance"`
	DailyAmount     Amount `json:"daily_amount"` // at least 1
	StreakBonus     Amount `json:"streak_bonus"` // for each day of the streak after the first
	StreakCap       int    `json:"streak_cap"`   // the most days that earn the bonus, 0 to 365
	Grace           int    `json:"grace"`        // missed days that do not end a streak, 0 to 6
	TimeZone        string `json:"time_zone"`    // IANA name; decides when a day begins
	MaxBalance      Amount `json:"max_balance"`  // limits what is earned or received, never refunds

	AdminChannel  ChannelID `json:"admin_channel"`  // where admins are told what needs them; empty: nowhere
	TaskChannel   ChannelID `json:"task_channel"`   // where open tasks are shown; empty: nowhere
	ReviewChannel ChannelID `json:"review_channel"` // where reviewers are asked; empty: nowhere
	ReviewerRole  RoleID    `json:"reviewer_role"`  // may review, beside those who administer; empty: none

	WelcomeChannel ChannelID `json:"welcome_channel"` // where who joins is welcomed; empty: nowhere
	AdminRole      RoleID    `json:"admin_role"`      // administers, beside those who manage the server; empty: none
}

// DefaultSettings are the rules of a guild at first contact.
func DefaultSettings() Settings {
	return Settings{
		CurrencyName:    "coins",
		CurrencySymbol:  "🪙",
		StartingBalance: 100,
		DailyAmount:     100,
		StreakBonus:     10,
		StreakCap:       10,
		Grace:           1,
		TimeZone:        "UTC",
		MaxBalance:      MaxBalance,
	}
}

// Validate returns ErrSettings for the first setting out of its range.
func (s Settings) Validate() error {
	between := func(n, low, high Amount) bool { return low <= n && n <= high }
	text := func(s string, most int) bool {
		return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && printable(s)
	}
	_, zoneErr := s.Location()
	for _, rule := range []struct {
		field string
		ok    bool
	}{
		{"currency_name", text(s.CurrencyName, 32)},
		{"currency_symbol", text(s.CurrencySymbol, 64)},
		{"max_balance", between(s.MaxBalance, 1, MaxBalance)},
		{"starting_balance", between(s.StartingBalance, 0, min(s.MaxBalance, MaxMovement))},
		{"daily_amount", between(s.DailyAmount, 1, MaxMovement/2)},
		{"streak_bonus", between(s.StreakBonus, 0, MaxMovement/1000)},
		{"streak_cap", 0 <= s.StreakCap && s.StreakCap <= 365},
		{"grace", 0 <= s.Grace && s.Grace <= 6},
		{"time_zone", zoneErr == nil},
		{"admin_channel", s.AdminChannel.Valid()},
		{"task_channel", s.TaskChannel.Valid()},
		{"review_channel", s.ReviewChannel.Valid()},
		{"welcome_channel", s.WelcomeChannel.Valid()},
		{"reviewer_role", s.ReviewerRole.Valid()},
		{"admin_role", s.AdminRole.Valid()},
	} {
		if !rule.ok {
			return ErrSettings.With("field", rule.field)
		}
	}
	return nil
}

// Location returns the guild's time zone.
func (s Settings) Location() (*time.Location, error) {
	switch { // names that mean another thing, or nothing, on another machine
	case slices.Contains([]string{"", "Local", "localtime", "posixrules", "Factory"}, s.TimeZone),
		strings.HasPrefix(s.TimeZone, "right/"), strings.HasPrefix(s.TimeZone, "posix/"):
		return nil, ErrSettings.With("field", "time_zone")
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return nil, ErrSettings.With("field", "time_zone").Because(err)
	}
	return zone, nil
}

// Reward returns what the given day of a streak earns: the daily amount and
// the bonus of each earlier day, up to the cap. The first day is 1.
func (s Settings) Reward(streak int) Amount {
	return s.DailyAmount + s.StreakBonus*Amount(min(streak-1, s.StreakCap))
}

// Room returns how much a balance can still earn or receive.
func (s Settings) Room(balance Amount) Amount { return max(0, s.MaxBalance-balance) }

// Administers reports whether who has these roles administers the economy by one of them.
func (s Settings) Administers(roles []RoleID) bool {
	return s.AdminRole != "" && slices.Contains(roles, s.AdminRole)
}

// Currency returns how the guild calls its coins.
func (s Settings) Currency() Currency { return Currency{s.CurrencyName, s.CurrencySymbol} }

// InCurrency adds the argument "currency" to a refusal that speaks of coins:
// ErrInsufficientFunds and ErrWalletFull. Other errors pass.
func (s Settings) InCurrency(err error) error {
	for _, speaks := range []error{ErrInsufficientFunds, ErrWalletFull} {
		if errors.Is(err, speaks) {
			return problem.Of(err).With("currency", s.Currency())
		}
	}
	return err
}

// Currency is how a guild calls its coins.
type Currency struct {
	Name   string `json:"name"`
	Symbol string `json:"symbol"`
}
