package sqlite

import (
	"path/filepath"
	"testing"

	"coffer/internal/economy"
)

// TestOlderSettingsBelongToTheWhole holds that what was told of settings before there
// were welcomes and an admin role agrees with what is told since.
func TestOlderSettingsBelongToTheWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "coffer.db")
	s := must[*Store](t)(Open(t.Context(), path))
	change := func(key string, edit func(*economy.Settings)) {
		t.Helper()
		v := must[economy.Settings](t)(s.Settings(t.Context(), "1"))
		edit(&v)
		must[economy.Settings](t)(s.ChangeSettings(t.Context(), must[economy.SettingsChange](t)(economy.NewSettingsChange(
			economy.Request{Guild: "1", Source: economy.FromSystem, Key: key, At: noon}, economy.Person{User: "9", Name: "Root"}, v))))
	}
	change("a", func(v *economy.Settings) {
		v.CurrencyName, v.CurrencySymbol = `<"&'é\u>`, "<:gold:123456789012345678>"
	})
	for _, older := range []string{
		"UPDATE events SET before = json_remove(before, '$.welcome_channel', '$.admin_role'), after = json_remove(after, '$.welcome_channel', '$.admin_role') WHERE kind IN ('guild.created', 'settings.changed')",
		"DROP INDEX deliveries_welcoming", "DROP INDEX deliveries_welcome", "DROP INDEX deliveries_of_erased", "DROP INDEX deliveries_leased", "DROP TABLE admin_changes",
		"ALTER TABLE guilds DROP COLUMN welcome_channel", "ALTER TABLE guilds DROP COLUMN admin_role",
		"ALTER TABLE entitlements DROP COLUMN held_since",
		"DELETE FROM goose_db_version WHERE version_id >= 10",
	} {
		if _, err := s.writer.conn.ExecContext(t.Context(), older); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = must[*Store](t)(Open(t.Context(), path))
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, key := range []string{"b", "c"} {
		change(key, func(v *economy.Settings) { v.WelcomeChannel, v.AdminRole = v.WelcomeChannel+"5", "6" })
		if broken, unsound := must[economy.Audit](t)(s.Audit(t.Context())).Broken(); unsound {
			t.Errorf("%s: %s", broken.Name, broken.Example)
		}
	}
}
