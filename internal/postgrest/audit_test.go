package postgrest

import (
	"testing"
	"time"

	"coffer/internal/economy"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

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
	gift := must[economy.Adjustment](t)(economy.NewAdjustment(request("e"), ada, bob, economy.KindGive, 5, ""))
	must[economy.AdjustmentReceipt](t)(s.Adjust(ctx, gift))
	settings := economy.DefaultSettings()
	settings.CurrencySymbol = "<:gold:123>"
	change := must[economy.SettingsChange](t)(economy.NewSettingsChange(request("d"), ada, settings))
	must[economy.Settings](t)(s.ChangeSettings(ctx, change))
}

// unguarded removes what keeps the tables from being spoilt.
const unguarded = `DO $$
DECLARE
    c record;
BEGIN
    FOR c IN SELECT conrelid::regclass AS "table", conname FROM pg_constraint
        WHERE connamespace = 'coffer'::regnamespace AND (contype IN ('f', 'c') OR contype = 'u')
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c."table", c.conname);
    END LOOP;
END $$`

func TestAuditNamesTheFirstBrokenInvariant(t *testing.T) {
	p := newProject(t)
	p.exec(t, unguarded)
	for _, c := range []struct {
		want  string // "" where nothing is broken
		spoil string
	}{
		{"", "SELECT 1"},
		{"storage", "UPDATE coffer.entries SET account_id = 999 WHERE account_id = 4 AND transaction_id = 1"},
		{"storage", "DELETE FROM coffer.transactions WHERE id = 2"},
		{"storage", "DELETE FROM coffer.accounts WHERE id = 5"},
		{"storage", "DELETE FROM coffer.members WHERE id = 5"},
		{"storage", "UPDATE coffer.requests SET guild_id = '2' WHERE operation = 'settings'"},
		{"storage", "UPDATE coffer.events SET actor_id = 999 WHERE kind = 'transfer'"},
		{"transactions_balance", "UPDATE coffer.entries SET amount = amount + 1 WHERE account_id = 4 AND transaction_id = 2"},
		{"transactions_balance", "DELETE FROM coffer.entries WHERE account_id = 5"},
		{"transactions_move", "INSERT INTO coffer.transactions (guild_id, kind, created_at) VALUES ('1', 'give', now())"},
		{"transactions_move", "INSERT INTO coffer.guilds (id, created_at) VALUES ('2', now()); UPDATE coffer.accounts SET guild_id = '2' WHERE system = 'mint'"},
		{"balances_match", "UPDATE coffer.members SET balance = balance + 1 WHERE id = 4"},
		{"balances_lawful", `UPDATE coffer.members SET balance = -1 WHERE id = 4;
			UPDATE coffer.entries SET amount = amount - 201 WHERE account_id = 4 AND transaction_id = 1;
			UPDATE coffer.entries SET amount = amount + 201 WHERE account_id = 1 AND transaction_id = 1`},
		{"entries_chain", "UPDATE coffer.entries SET balance = balance + 1 WHERE account_id = 4 AND transaction_id = 2"},
		{"entries_chain", "UPDATE coffer.entries SET balance = 1 WHERE account_id = 1 AND transaction_id = 2"},
		{"openings_once", "UPDATE coffer.transactions SET kind = 'opening' WHERE kind = 'daily'"},
		{"reversals_once", "UPDATE coffer.transactions SET reverses = 1 WHERE reverses IS NOT NULL"},
		{"kinds_fit", "UPDATE coffer.transactions SET kind = 'take' WHERE kind = 'daily'"},
		{"kinds_fit", "UPDATE coffer.transactions SET kind = 'daily' WHERE kind = 'transfer'"},
		{"transactions_told", "DELETE FROM coffer.events WHERE transaction_id = 2"},
		{"transactions_told", "UPDATE coffer.events SET transaction_id = NULL WHERE kind = 'daily'"},
		{"transactions_told", "UPDATE coffer.events SET subject = 'transaction:999' WHERE kind = 'transfer'"},
		{"transactions_told", "UPDATE coffer.events SET actor_id = 5 WHERE kind = 'transfer'"},
		{"transactions_told", "UPDATE coffer.events SET at = '1970-01-01' WHERE kind = 'transfer'"},
		{"transactions_told", `UPDATE coffer.events SET after = '{"balances":{"4":999,"5":130}}' WHERE kind = 'transfer'`},
		{"transactions_told", `UPDATE coffer.events SET before = '{"balances":{"4":200}}' WHERE kind = 'transfer'`},
		{"transactions_told", "UPDATE coffer.events SET before = NULL, after = NULL WHERE kind = 'transfer'"},
		{"arrivals_told", "DELETE FROM coffer.events WHERE kind = 'member.created' AND subject = 'member:5'"},
		{"arrivals_told", "UPDATE coffer.events SET subject = 'member:777' WHERE kind = 'member.created' AND subject = 'member:5'"},
		{"arrivals_told", "DELETE FROM coffer.events WHERE kind = 'guild.created'"},
		{"arrivals_told", "INSERT INTO coffer.events (guild_id, kind, subject, at) SELECT guild_id, kind, subject, at FROM coffer.events WHERE kind = 'member.created'"},
		{"arrivals_told", "DELETE FROM coffer.accounts WHERE system = 'shop'"},
		{"settings_told", "UPDATE coffer.guilds SET daily_amount = 101"},
		{"settings_told", "INSERT INTO coffer.events (guild_id, kind, subject, before, after, at) SELECT guild_id, 'settings.changed', subject, '{}', after, at FROM coffer.events WHERE kind = 'guild.created'"},
		{"requests_done", "UPDATE coffer.requests SET transaction_id = NULL WHERE operation = 'daily'"},
		{"requests_done", "UPDATE coffer.requests SET transaction_id = 1 WHERE operation = 'transfer'"},
		{"requests_done", "UPDATE coffer.requests SET result = '{}' WHERE operation = 'transfer'"},
		{"requests_done", `UPDATE coffer.requests SET result = jsonb_set(result, '{amount}', '31') WHERE operation = 'transfer'`},
		{"requests_done", `UPDATE coffer.requests SET result = jsonb_set(result, '{balance}', '1') WHERE operation = 'daily'`},
		{"requests_done", "UPDATE coffer.requests SET operation = 'gift' WHERE operation = 'settings'"},
		{"requests_done", `UPDATE coffer.requests SET transaction_id = NULL, result = result || '{"transaction": 0}' WHERE operation = 'adjust'`},
		{"kinds_fit", "UPDATE coffer.transactions SET kind = 'gift' WHERE kind = 'daily'"},
		{"kinds_fit", "UPDATE coffer.transactions SET actor_id = NULL WHERE kind = 'transfer'"},
		{"kinds_fit", "UPDATE coffer.transactions SET actor_id = 4 WHERE id = 1"},
		{"transactions_told", "INSERT INTO coffer.events (guild_id, kind, subject, at) VALUES ('1', 'daily', 'member:4', now())"},
		{"arrivals_told", "UPDATE coffer.events SET kind = 'member.created' WHERE kind = 'guild.created'"},
	} {
		t.Run(c.want+": "+c.spoil, func(t *testing.T) {
			s := p.empty(t)
			populate(t, s)
			p.exec(t, c.spoil)
			audit := must[economy.Audit](t)(s.Audit(t.Context()))
			broken, _ := audit.Broken()
			if broken.Name != c.want {
				t.Errorf("first broken invariant is %q (%s), want %q", broken.Name, broken.Example, c.want)
			}
		})
	}
}
