package interactions

import (
	"context"

	"coffer/internal/economy"
)

// settings shows the settings or, with options, changes them. A change asks the
// store twice: it replaces all settings, and those that the options do not name
// have to be read first.
func (b *bank) settings(ctx context.Context, r *Request) (Reply, error) {
	if _, _, err := r.changedSettings(economy.Settings{}); err != nil {
		return nil, err // what cannot be read need not be asked for
	}
	before, err := b.store.Settings(ctx, r.Guild)
	if err != nil {
		return nil, err
	}
	l := r.texts
	s, given, err := r.changedSettings(before)
	if err != nil {
		return nil, err
	}
	if given == 0 {
		return message{embed: card(l.text("settings.title"), l.list(l.settingFacts(before)))}, nil
	}
	change, err := economy.NewSettingsChange(r.write(r.ID), r.Member, s)
	if err != nil {
		return nil, err
	}
	after, err := b.store.ChangeSettings(ctx, change)
	if err != nil {
		return nil, err
	}
	return message{embed: card(l.text("settings.changed"), l.changes(l.settingFacts(before), l.settingFacts(after)))}, nil
}

// changedSettings returns settings as the options change them, and how many there were.
func (r *Request) changedSettings(s economy.Settings) (economy.Settings, int, error) {
	o := &sheet{Request: r}
	o.words("currency", &s.CurrencyName)
	o.words("symbol", &s.CurrencySymbol)
	o.coins("starting_balance", economy.ParseBalance, &s.StartingBalance)
	o.coins("daily_amount", economy.ParseAmount, &s.DailyAmount)
	o.coins("streak_bonus", economy.ParseBalance, &s.StreakBonus)
	count(o, "streak_cap", &s.StreakCap)
	count(o, "grace", &s.Grace)
	o.words("time_zone", &s.TimeZone)
	o.coins("highest_balance", economy.ParseBalance, &s.MaxBalance)
	o.channel("admin_channel", &s.AdminChannel)
	o.channel("task_channel", &s.TaskChannel)
	o.channel("review_channel", &s.ReviewChannel)
	o.role("reviewer_role", false, &s.ReviewerRole)
	none := "" // nothing that one picks from Discord's list of channels means none
	picked(o, "clear", channels, &none)
	switch none {
	case "admin_channel":
		s.AdminChannel = ""
	case "task_channel":
		s.TaskChannel = ""
	case "review_channel":
		s.ReviewChannel = ""
	}
	return s, o.given, o.err
}

func (l *locale) settingFacts(s economy.Settings) []fact {
	number := func(n economy.Amount) string { return l.number(int64(n)) }
	return []fact{
		{l.text("setting.currency"), quote(s.CurrencyName)},
		{l.text("setting.symbol"), symbol(s.Currency())},
		{l.text("setting.starting_balance"), number(s.StartingBalance)},
		{l.text("setting.daily_amount"), number(s.DailyAmount)},
		{l.text("setting.streak_bonus"), number(s.StreakBonus)},
		{l.text("setting.streak_cap"), l.days(s.StreakCap)},
		{l.text("setting.grace"), l.days(s.Grace)},
		{l.text("setting.time_zone"), quote(s.TimeZone)},
		{l.text("setting.highest_balance"), number(s.MaxBalance)},
		{l.text("setting.admin_channel"), some(s.AdminChannel, mentionChannel)},
		{l.text("setting.task_channel"), some(s.TaskChannel, mentionChannel)},
		{l.text("setting.review_channel"), some(s.ReviewChannel, mentionChannel)},
		{l.text("setting.reviewer_role"), some(s.ReviewerRole, mentionRole)},
	}
}
