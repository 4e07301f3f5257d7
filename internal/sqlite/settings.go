package sqlite

import (
	"context"
	"errors"

	"coffer/internal/economy"
)

// Settings implements economy.Store.
func (s *Store) Settings(ctx context.Context, guild economy.GuildID) (settings economy.Settings, err error) {
	err = s.query(ctx, func(t *tx) error {
		settings, err = t.settings(guild)
		if errors.Is(err, errStranger) {
			settings, err = economy.DefaultSettings(), nil
		}
		return err
	})
	return settings, err
}

// ChangeSettings implements economy.Store.
func (s *Store) ChangeSettings(ctx context.Context, c economy.SettingsChange) (economy.Settings, error) {
	return once(ctx, s, "settings", c.Request, c.Fingerprint(),
		func(t *tx) (economy.Settings, economy.TransactionID, error) {
			r, after := c.Request, c.Settings
			before, admin, err := t.enter(r, c.Admin)
			if err != nil || before == after {
				return after, 0, err
			}
			if _, err := t.exec(`UPDATE guilds SET currency_name = ?, currency_symbol = ?, starting_balance = ?,
				daily_amount = ?, streak_bonus = ?, streak_cap = ?, grace = ?, time_zone = ?, max_balance = ?,
				admin_channel = ?, task_channel = ?, review_channel = ?, reviewer_role = ? WHERE id = ?`,
				after.CurrencyName, after.CurrencySymbol, int64(after.StartingBalance), int64(after.DailyAmount),
				int64(after.StreakBonus), after.StreakCap, after.Grace, after.TimeZone, int64(after.MaxBalance),
				string(after.AdminChannel), string(after.TaskChannel), string(after.ReviewChannel), string(after.ReviewerRole),
				string(r.Guild)); err != nil {
				return after, 0, err
			}
			return after, 0, t.tell(event{guild: r.Guild, actor: admin, kind: "settings.changed", subject: "guild",
				before: before, after: after, at: r.At})
		})
}
