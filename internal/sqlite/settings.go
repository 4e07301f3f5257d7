package sqlite

import (
	"context"
	"database/sql"
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
			var version int
			if err := t.row("SELECT version FROM guilds WHERE id = ?", []any{string(r.Guild)}, &version); err != nil {
				return after, 0, err
			}
			if err := c.Of(version); err != nil {
				return after, 0, err
			}
			if _, err := t.exec(`UPDATE guilds SET currency_name = ?, currency_symbol = ?, starting_balance = ?,
				daily_amount = ?, streak_bonus = ?, streak_cap = ?, grace = ?, time_zone = ?, max_balance = ?,
				admin_channel = ?, task_channel = ?, review_channel = ?, welcome_channel = ?, reviewer_role = ?, admin_role = ?, version = version + 1, changed_by = ?,
				changed_at = ? WHERE id = ?`,
				after.CurrencyName, after.CurrencySymbol, int64(after.StartingBalance), int64(after.DailyAmount),
				int64(after.StreakBonus), after.StreakCap, after.Grace, after.TimeZone, int64(after.MaxBalance),
				string(after.AdminChannel), string(after.TaskChannel), string(after.ReviewChannel),
				string(after.WelcomeChannel), string(after.ReviewerRole), string(after.AdminRole), admin.id, r.At.UnixMicro(), string(r.Guild)); err != nil {
				return after, 0, err
			}
			return after, 0, t.tell(event{guild: r.Guild, actor: admin, kind: "settings.changed", subject: "guild",
				before: before, after: after, at: r.At})
		})
}

// Rules implements economy.Office.
func (s *Store) Rules(ctx context.Context, guild economy.GuildID) (economy.Rules, error) {
	var rules economy.Rules
	err := s.read(ctx, func(t *tx) (err error) {
		if rules.Settings, err = t.settings(guild); errors.Is(err, errStranger) {
			rules.Settings = economy.DefaultSettings()
			return nil
		}
		if err != nil {
			return err
		}
		var at sql.NullInt64
		by := &rules.ChangedBy
		err = t.row("SELECT g.version, g.changed_at, "+actorColumns+` FROM guilds g LEFT JOIN accounts aa ON aa.id = g.changed_by
			LEFT JOIN members am ON am.id = aa.id WHERE g.id = ?`, []any{string(guild)}, &rules.Version, &at, &by.Kind, &by.ID, &by.User, &by.Name)
		rules.ChangedAt = moment(at)
		return err
	})
	return rules, err
}
