package sqlite

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"coffer/internal/economy"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func openTemp(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "coffer.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// populate makes a guild with two members, a transfer and its reversal.
func populate(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	request := func(key string) economy.Request {
		return economy.Request{Guild: "1", Source: economy.FromSystem, Key: key, At: noon}
	}
	ada, bob := economy.Person{User: "10", Name: "Ada"}, economy.Person{User: "11", Name: "Bob"}
	claim := must[economy.DailyClaim](t)(economy.NewDailyClaim(request("a"), ada))
	must[economy.DailyReceipt](t)(s.ClaimDaily(ctx, claim))
	transfer := must[economy.Transfer](t)(economy.NewTransfer(request("b"), ada, bob, economy.Coins(30), "thanks"))
	paid := must[economy.TransferReceipt](t)(s.Transfer(ctx, transfer))
	reversal := must[economy.Reversal](t)(economy.NewReversal(request("c"), ada, paid.Transaction, "oops"))
	must[economy.ReversalReceipt](t)(s.Reverse(ctx, reversal))
	settings := economy.DefaultSettings()
	settings.CurrencySymbol = "<:gold:123>"
	change := must[economy.SettingsChange](t)(economy.NewSettingsChange(request("d"), ada, settings))
	must[economy.Settings](t)(s.ChangeSettings(ctx, change))
}

func TestAuditNamesTheFirstBrokenInvariant(t *testing.T) {
	for _, c := range []struct {
		want  string // "" where nothing is broken
		spoil string
	}{
		{"", "SELECT 1"},
		{"transactions_balance", "UPDATE entries SET amount = amount + 1 WHERE account_id = 4 AND transaction_id = 2"},
		{"transactions_balance", "DELETE FROM entries WHERE account_id = 5"},
		{"transactions_move", "INSERT INTO transactions (guild_id, kind, created_at) VALUES ('1', 'give', 0)"},
		{"transactions_move", `INSERT INTO guilds SELECT '2', currency_name, currency_symbol, 0, 1, 0, 0, 0, 'UTC', 1, 0 FROM guilds;
			UPDATE accounts SET guild_id = '2' WHERE system = 'mint'`},
		{"balances_match", "UPDATE members SET balance = balance + 1 WHERE id = 4"},
		{"storage", "UPDATE entries SET account_id = 999 WHERE account_id = 4 AND transaction_id = 1"},
		{"balances_lawful", `PRAGMA ignore_check_constraints = ON; UPDATE members SET balance = -1 WHERE id = 4;
			UPDATE entries SET amount = amount - 201 WHERE account_id = 4 AND transaction_id = 1;
			UPDATE entries SET amount = amount + 201 WHERE account_id = 1 AND transaction_id = 1`},
		{"entries_chain", "UPDATE entries SET balance = balance + 1 WHERE account_id = 4 AND transaction_id = 2"},
		{"openings_once", "UPDATE transactions SET kind = 'opening' WHERE kind = 'daily'"},
		{"reversals_once", "UPDATE transactions SET reverses = 1 WHERE reverses IS NOT NULL"},
		{"kinds_fit", "UPDATE transactions SET kind = 'take' WHERE kind = 'daily'"},
		{"kinds_fit", "UPDATE transactions SET kind = 'daily' WHERE kind = 'transfer'"},
		{"transactions_told", "DELETE FROM events WHERE transaction_id = 2"},
		{"transactions_told", "UPDATE events SET transaction_id = NULL WHERE kind = 'daily'"},
		{"transactions_told", "UPDATE events SET subject = 'transaction:999' WHERE kind = 'transfer'"},
		{"transactions_told", "UPDATE events SET actor_id = 5 WHERE kind = 'transfer'"},
		{"transactions_told", "UPDATE events SET at = 1 WHERE kind = 'transfer'"},
		{"transactions_told", `UPDATE events SET after = '{"balances":{"4":999,"5":130}}' WHERE kind = 'transfer'`},
		{"transactions_told", `UPDATE events SET before = '{"balances":{"4":200}}' WHERE kind = 'transfer'`},
		{"transactions_told", "UPDATE events SET before = NULL, after = NULL WHERE kind = 'transfer'"},
		{"arrivals_told", "DELETE FROM events WHERE kind = 'member.created' AND subject = 'member:5'"},
		{"arrivals_told", "UPDATE events SET subject = 'member:777' WHERE kind = 'member.created' AND subject = 'member:5'"},
		{"arrivals_told", "DELETE FROM events WHERE kind = 'guild.created'"},
		{"arrivals_told", "INSERT INTO events (guild_id, kind, subject, at) SELECT guild_id, kind, subject, at FROM events WHERE kind = 'member.created'"},
		{"arrivals_told", "DELETE FROM accounts WHERE system = 'shop'"},
		{"settings_told", "UPDATE guilds SET daily_amount = 101"},
		{"settings_told", "INSERT INTO events (guild_id, kind, subject, before, after, at) SELECT guild_id, 'settings.changed', subject, '{}', after, at FROM events WHERE kind = 'guild.created'"},
		{"requests_done", "UPDATE requests SET transaction_id = NULL WHERE operation = 'daily'"},
		{"requests_done", "UPDATE requests SET transaction_id = 1 WHERE operation = 'transfer'"},
		{"requests_done", "UPDATE requests SET result = '{}' WHERE operation = 'transfer'"},
		{"storage", "UPDATE requests SET guild_id = '2' WHERE operation = 'settings'"},
	} {
		t.Run(c.want+": "+c.spoil, func(t *testing.T) {
			s := openTemp(t)
			populate(t, s)
			for _, pragma := range []string{"PRAGMA foreign_keys = OFF", c.spoil} {
				if _, err := s.writer.conn.ExecContext(context.Background(), pragma); err != nil {
					t.Fatal(err)
				}
			}
			audit := must[economy.Audit](t)(s.Audit(t.Context()))
			broken, _ := audit.Broken()
			if broken.Name != c.want {
				t.Errorf("first broken invariant is %q (%s), want %q", broken.Name, broken.Example, c.want)
			}
		})
	}
}

func TestAuditNamesADamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "coffer.db")
	s := must[*Store](t)(Open(t.Context(), path))
	populate(t, s)
	var root int64
	if err := s.writing.QueryRow("SELECT rootpage FROM sqlite_schema WHERE name = 'entries'").Scan(&root); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := must[*os.File](t)(os.OpenFile(path, os.O_RDWR, 0))
	if _, err := file.WriteAt(bytes.Repeat([]byte{0xA5}, 100), (root-1)*4096); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	s = must[*Store](t)(OpenExisting(t.Context(), path))
	defer s.Close()
	audit := must[economy.Audit](t)(s.Audit(t.Context()))
	if broken, _ := audit.Broken(); broken.Name != economy.Storage {
		t.Errorf("first broken invariant is %+v, want storage", broken)
	}
}
