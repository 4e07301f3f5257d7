package interactions

import (
	"cmp"
	"context"
	"math"
	"strconv"

	"coffer/internal/economy"
)

// settings shows the settings or, with options, changes them.
func (b *bank) settings(ctx context.Context, r *Request) (Reply, error) {
	m, err := b.settingsChanged(ctx, r, r.ID, 0)
	return m, err
}

// settingsChanged changes the settings as the options say, and shows them where those
// say nothing. It asks the store twice, as itemEdited does and for the same reason.
func (b *bank) settingsChanged(ctx context.Context, r *Request, key string, shown int) (message, error) {
	if _, _, err := r.changedSettings(economy.Settings{}); err != nil {
		return message{}, err // what cannot be read need not be asked for
	}
	rules, err := b.store.Rules(ctx, r.Guild)
	if err != nil {
		return message{}, err
	}
	l, before, version := r.texts, rules.Settings, max(1, rules.Version) // an unknown guild will begin with 1
	if shown > version {
		return message{}, errUnknownComponent // no form has shown what is still to come
	}
	s, given, err := r.changedSettings(before)
	if err != nil {
		return message{}, err
	}
	rows := row(r.formButton("settings", "coins", l.text("settings.coins")), r.formButton("settings", "daily", l.text("settings.daily")))
	if given == 0 {
		return message{embed: card(l.text("settings.title"), l.list(l.settingFacts(before))), rows: rows}, nil
	}
	if s.AdminRole != before.AdminRole && !r.managing {
		return message{}, errAdminRole
	}
	change, err := economy.NewSettingsChange(r.write(key), r.Member, s)
	if err != nil {
		return message{}, err
	}
	change.Version = cmp.Or(shown, version)
	after, err := b.store.ChangeSettings(ctx, change)
	if err != nil {
		return message{}, err
	}
	e := card(l.text("settings.changed"), l.changes(l.settingFacts(before), l.settingFacts(after)))
	if after.AdminRole != before.AdminRole && after.AdminRole != "" {
		e.Footer = footer(l.text("settings.admin_role"))
	}
	return message{embed: e, rows: rows}, nil
}

// pressSettings answers a button with a form: settings:owner:coins|daily.
func (b *bank) pressSettings(ctx context.Context, r *Request) (Reply, error) {
	if r.arg(1) != "coins" && r.arg(1) != "daily" {
		return nil, errUnknownComponent
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	rules, err := b.store.Rules(ctx, r.Guild)
	if err != nil {
		return nil, err
	}
	l, s := r.texts, rules.Settings
	coins := func(n economy.Amount) string { return strconv.FormatInt(int64(n), 10) }
	title, questions := l.text("setting.currency"), []question{
		{name: "currency", label: l.text("setting.currency"), present: s.CurrencyName},
		{name: "symbol", label: l.text("setting.symbol"), present: s.CurrencySymbol},
		{name: "starting_balance", label: l.text("setting.starting_balance"), present: coins(s.StartingBalance)},
		{name: "highest_balance", label: l.text("setting.highest_balance"), present: coins(s.MaxBalance)},
	}
	if r.arg(1) == "daily" {
		title, questions = l.text("setting.daily_amount"), []question{
			{name: "daily_amount", label: l.text("setting.daily_amount"), present: coins(s.DailyAmount)},
			{name: "streak_bonus", label: l.text("setting.streak_bonus"), present: coins(s.StreakBonus)},
			{name: "streak_cap", label: l.text("setting.streak_cap"), present: strconv.Itoa(s.StreakCap)},
			{name: "grace", label: l.text("setting.grace"), present: strconv.Itoa(s.Grace)},
			{name: "time_zone", label: l.text("setting.time_zone"), present: s.TimeZone},
		}
	}
	return form(customID("settings", strconv.Itoa(max(1, rules.Version)), r.ID), title, guildSettings(), questions), nil
}

// sendSettings answers the form: settings:version:interaction.
func (b *bank) sendSettings(ctx context.Context, r *Request) (Reply, error) {
	version, err := r.number(0)
	if err != nil || version > math.MaxInt32 {
		return nil, errUnknownComponent
	}
	key, err := r.sent(1)
	if err != nil {
		return nil, err
	}
	if err := r.answer(guildSettings()); err != nil {
		return nil, err
	}
	m, err := b.settingsChanged(ctx, r, key, int(version))
	return r.instead(m), err
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
	o.channel("welcome_channel", &s.WelcomeChannel)
	o.role("reviewer_role", false, &s.ReviewerRole)
	o.role("admin_role", false, &s.AdminRole)
	none := "" // nothing that one picks from Discord's list of channels means none
	picked(o, "clear", channels, &none)
	switch none {
	case "admin_channel":
		s.AdminChannel = ""
	case "task_channel":
		s.TaskChannel = ""
	case "review_channel":
		s.ReviewChannel = ""
	case "welcome_channel":
		s.WelcomeChannel = ""
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
		{l.text("setting.welcome_channel"), some(s.WelcomeChannel, mentionChannel)},
		{l.text("setting.reviewer_role"), some(s.ReviewerRole, mentionRole)},
		{l.text("setting.admin_role"), some(s.AdminRole, mentionRole)},
	}
}
