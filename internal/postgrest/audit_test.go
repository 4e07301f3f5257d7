package postgrest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// populate makes a guild with two members (4 and 5), a transfer and its reversal, one
// who was erased (6), and an account of the dashboard (7).
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
	cyd := economy.Person{User: "12", Name: "Cyd"}
	lent := must[economy.Transfer](t)(economy.NewTransfer(request("x"), cyd, bob, economy.Coins(1), "between us"))
	must[economy.TransferReceipt](t)(s.Transfer(ctx, lent))
	must[economy.ErasureReceipt](t)(s.Erase(ctx, economy.Erasure{Request: request("y"), Admin: ada, Member: 6}))
	bonus := must[economy.Adjustment](t)(economy.NewAdjustment(request("f"), economy.Person{Admin: 9, Name: "Desk"}, bob, economy.KindGive, 6, ""))
	must[economy.AdjustmentReceipt](t)(s.Adjust(ctx, bonus))
	settings := economy.DefaultSettings()
	settings.CurrencySymbol = "<:gold:123>"
	change := must[economy.SettingsChange](t)(economy.NewSettingsChange(request("d"), ada, settings))
	must[economy.Settings](t)(s.ChangeSettings(ctx, change))
}

// trade makes a guild with cakes (item 1: purchase 1, of which one was eaten, and
// purchase 2, refunded) and a role for an hour (item 2: purchase 3 granted, 4 not yet).
func trade(t *testing.T, s *Store) {
	t.Helper()
	ctx, n := t.Context(), 0
	request := func() economy.Request {
		n++
		return economy.Request{Guild: "1", Source: economy.FromSystem, Key: fmt.Sprint(n), At: noon}
	}
	ada, bob := economy.Person{User: "10", Name: "Ada"}, economy.Person{User: "11", Name: "Bob"}
	sell := func(terms shop.Terms, stock shop.Stock) shop.Item {
		return must[shop.Item](t)(s.CreateItem(ctx, must[shop.ItemCreation](t)(shop.NewItemCreation(request(), ada, terms, stock))))
	}
	buy := func(i shop.Item, quantity int64) shop.PurchaseReceipt {
		return must[shop.PurchaseReceipt](t)(s.Purchase(ctx, must[shop.Purchase](t)(
			shop.NewPurchase(request(), bob, nil, i.ID, quantity, i.Price))))
	}
	cake := sell(shop.Terms{Name: "Cake", Price: 4, Usable: true}, shop.Stock{Limited: true, Left: 9})
	role := sell(shop.Terms{Name: "VIP", Price: 7, Role: "70", RoleHours: 1}, shop.Stock{})
	cake.Price = 5
	cake = must[shop.Item](t)(s.EditItem(ctx, must[shop.ItemEdit](t)(shop.NewItemEdit(request(), ada, cake.ID, 1, cake.Terms, nil))))
	buy(cake, 3)
	must[shop.UseReceipt](t)(s.Use(ctx, shop.Use{Request: request(), Member: bob, Item: cake.ID}))
	must[shop.RefundReceipt](t)(s.Refund(ctx, must[shop.Refund](t)(shop.NewRefund(request(), ada, buy(cake, 2).Purchase, "stale"))))
	buy(role, 1)
	for _, l := range must[[]outbox.Lease](t)(s.LeaseDeliveries(ctx, 10, time.Hour)) {
		if err := s.SettleDelivery(ctx, l, outbox.Outcome{State: outbox.Done}, noon); err != nil {
			t.Fatal(err)
		}
	}
	buy(role, 2)
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
	namesTheFirstBroken(t, populate, []spoilt{
		{"", "SELECT 1"},
		{"storage", "UPDATE coffer.entries SET account_id = 999 WHERE account_id = 4 AND transaction_id = 1"},
		{"storage", "DELETE FROM coffer.transactions WHERE id = 2"},
		{"storage", "DELETE FROM coffer.accounts WHERE id = 5"},
		{"storage", "DELETE FROM coffer.members WHERE id = 5"},
		{"storage", "UPDATE coffer.requests SET guild_id = '2' WHERE operation = 'settings'"},
		{"storage", "DELETE FROM coffer.accounts WHERE admin_id IS NOT NULL"},
		{"storage", "UPDATE coffer.accounts SET admin_id = NULL WHERE id = 7"},
		{"storage", "UPDATE coffer.transactions SET actor_id = 1 WHERE kind = 'give'"},
		{"storage", "UPDATE coffer.events SET actor_id = 1 WHERE kind = 'settings.changed'"},
		{"transactions_move", "UPDATE coffer.accounts SET admin_id = 10 WHERE id = 4"},
		{"kinds_fit", "UPDATE coffer.transactions SET actor_id = 7 WHERE kind = 'daily'"},
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
		{"arrivals_told", "UPDATE coffer.guilds SET members = members + 1"},
		{"erasures_whole", "UPDATE coffer.members SET name = 'Cyd' WHERE user_id IS NULL"},
		{"erasures_whole", "UPDATE coffer.members SET folded = 'cyd' WHERE user_id IS NULL"},
		{"erasures_whole", "DELETE FROM coffer.events WHERE kind = 'member.erased'"},
		{"erasures_whole", "UPDATE coffer.events SET subject = 'member:4' WHERE kind = 'member.erased'"},
		{"erasures_whole", "INSERT INTO coffer.events (guild_id, kind, subject, at) SELECT guild_id, kind, subject, at FROM coffer.events WHERE kind = 'member.erased'"},
		{"erasures_whole", "UPDATE coffer.transactions SET note = 'between us' WHERE kind = 'take'"},
		{"erasures_whole", "INSERT INTO coffer.deliveries (guild_id, kind, member_id, notice, args, due, created_at) SELECT guild_id, 'direct', id, 'x', '{}', now(), now() FROM coffer.members WHERE user_id IS NULL"},
		{"requests_done", "UPDATE coffer.requests SET result = '{}' WHERE operation = 'erase'"},
		{"streaks_earned", "UPDATE coffer.members SET streak = 2 WHERE id = 4"},
		{"streaks_earned", "UPDATE coffer.members SET streak = 0 WHERE id = 4"},
		{"streaks_earned", "UPDATE coffer.members SET last_daily = last_daily - 2 WHERE id = 4"},
		{"streaks_earned", "UPDATE coffer.members SET last_daily = last_daily + 2 WHERE id = 4"},
		{"streaks_earned", "UPDATE coffer.members SET streak = 1 WHERE id = 5"},
		{"streaks_earned", "UPDATE coffer.members SET last_daily = 1 WHERE user_id IS NULL"},
		{"settings_told", "UPDATE coffer.guilds SET daily_amount = 101"},
		{"settings_told", "UPDATE coffer.guilds SET version = version + 1"},
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
	})
}

func TestAuditNamesTheFirstBrokenInvariantOfTheShop(t *testing.T) {
	thorough(t)
	namesTheFirstBroken(t, trade, []spoilt{
		{"", "SELECT 1"},
		{"storage", "UPDATE coffer.items SET guild_id = '2' WHERE id = 1"},
		{"storage", "UPDATE coffer.purchases SET guild_id = '2' WHERE id = 1"},
		{"storage", "UPDATE coffer.deliveries SET guild_id = '2' WHERE id = 1"},
		{"storage", "UPDATE coffer.purchases SET item_id = 99 WHERE id = 1"},
		{"storage", "UPDATE coffer.purchases SET member_id = 99 WHERE id = 1"},
		{"storage", "UPDATE coffer.purchases SET transaction_id = 99 WHERE id = 1"},
		{"storage", "UPDATE coffer.uses SET member_id = 99 WHERE true"},
		{"storage", "UPDATE coffer.inventory SET item_id = 99 WHERE item_id = 1"},
		{"storage", "UPDATE coffer.entitlements SET purchase_id = 99 WHERE purchase_id = 4"},
		{"storage", "UPDATE coffer.deliveries SET member_id = NULL WHERE kind = 'role'"},
		{"reversals_once", "UPDATE coffer.transactions SET kind = 'reversal' WHERE kind = 'refund'"},
		{"reversals_once", "UPDATE coffer.transactions SET kind = 'take' WHERE kind = 'refund'"},
		{"kinds_fit", "UPDATE coffer.entries SET account_id = 3 WHERE account_id = 2"}, // to burn
		{"requests_done", "UPDATE coffer.requests SET transaction_id = NULL WHERE operation = 'purchase'"},
		{"requests_done", "UPDATE coffer.requests SET transaction_id = (SELECT max(id) FROM coffer.transactions WHERE kind = 'opening') WHERE operation = 'refund'"},
		{"items_told", "UPDATE coffer.items SET price = 6 WHERE id = 1"},
		{"items_told", "UPDATE coffer.items SET stock = NULL WHERE id = 1"},
		{"items_told", "UPDATE coffer.items SET archived = true WHERE id = 2"},
		{"items_told", "DELETE FROM coffer.events WHERE kind = 'item.created' AND subject = 'item:1'"},
		{"items_told", "DELETE FROM coffer.events WHERE kind = 'item.changed'"},
		{"items_told", "UPDATE coffer.events SET subject = 'item:9' WHERE subject = 'item:2'"},
		{"items_told", `UPDATE coffer.events SET before = jsonb_set(before, '{terms,price}', '3') WHERE kind = 'item.changed'`},
		{"requests_done", `UPDATE coffer.requests SET result = result || '{"purchase": 99}' WHERE operation = 'purchase'`},
		{"requests_done", `UPDATE coffer.requests SET result = result || '{"purchase": 1}' WHERE operation = 'refund'`},
		{"requests_done", `UPDATE coffer.requests SET result = result || '{"id": 99}' WHERE operation = 'item.edit'`},
		{"requests_done", "UPDATE coffer.requests SET result = '{}' WHERE operation = 'use'"},
		{"items_told", "UPDATE coffer.items SET version = 7 WHERE id = 1"},
		{"items_told", "UPDATE coffer.items SET closes = now() WHERE id = 1"},
		{"items_told", `UPDATE coffer.events SET after = jsonb_set(after, '{version}', '3') WHERE kind = 'item.changed';
			UPDATE coffer.items SET version = 3 WHERE id = 1`},
		{"items_told", "UPDATE coffer.events SET before = NULL WHERE kind = 'item.changed'"},
		{"items_told", `INSERT INTO coffer.items SELECT 99, guild_id, 'Tart', 'tart', '', '', '', 1, 0, '', 0, NULL, NULL, '', 0, false, '', NULL, 0, false, 1, now()
			FROM coffer.items WHERE id = 1`},
		{"units_match", "UPDATE coffer.events SET actor_id = 4 WHERE kind = 'item.used'"},
		{"units_match", "UPDATE coffer.items SET stock = stock + 1 WHERE id = 1"},
		{"units_match", "UPDATE coffer.items SET sold = sold + 1 WHERE id = 2"},
		{"units_match", "UPDATE coffer.inventory SET quantity = quantity + 1 WHERE item_id = 2"},
		{"units_match", "DELETE FROM coffer.uses WHERE true"},
		{"units_match", "DELETE FROM coffer.events WHERE kind = 'item.used'"},
		{"units_match", "DELETE FROM coffer.requests WHERE true; UPDATE coffer.purchases SET refund_id = NULL WHERE id = 2"},
		{"purchases_paid", "UPDATE coffer.purchases SET total = total + 1 WHERE id = 1"},
		{"purchases_paid", "UPDATE coffer.purchases SET name = 'Pie' WHERE id = 1"},
		{"purchases_paid", "UPDATE coffer.purchases SET created_at = '1970-01-01' WHERE id = 1"},
		{"purchases_paid", "DELETE FROM coffer.requests WHERE true; DELETE FROM coffer.entitlements WHERE purchase_id = 3; DELETE FROM coffer.purchases WHERE id = 3; UPDATE coffer.items SET sold = 2 WHERE id = 2; UPDATE coffer.inventory SET quantity = 2 WHERE item_id = 2"},
		{"purchases_paid", "DELETE FROM coffer.requests WHERE true; UPDATE coffer.purchases SET transaction_id = (SELECT max(transaction_id) FROM coffer.purchases) WHERE id = 3"},
		{"purchases_paid", `UPDATE coffer.events SET after = jsonb_set(after, '{terms,price}', '3') WHERE kind = 'item.created' AND subject = 'item:2';
			UPDATE coffer.items SET price = 3 WHERE id = 2`},
		{"refunds_once", "DELETE FROM coffer.requests WHERE true; UPDATE coffer.purchases SET refund_id = 3 WHERE id = 2"},
		{"entitlements_fit", "DELETE FROM coffer.entitlements WHERE purchase_id = 3"},
		{"entitlements_fit", "UPDATE coffer.entitlements SET role = '71' WHERE purchase_id = 3"},
		{"entitlements_fit", "UPDATE coffer.entitlements SET ends = NULL WHERE purchase_id = 3"},
		{"entitlements_fit", "UPDATE coffer.entitlements SET ends = '1970-01-01' WHERE purchase_id = 3"},
		{"entitlements_fit", "UPDATE coffer.entitlements SET ends = ends + interval '1 hour' WHERE purchase_id = 3"},
		{"entitlements_fit", "UPDATE coffer.entitlements SET ends = ends + interval '1 hour' WHERE purchase_id = 4"},
		{"entitlements_fit", "INSERT INTO coffer.entitlements (purchase_id, guild_id, member_id, role) VALUES (1, '1', 5, '70')"},
		{"entitlements_fit", "UPDATE coffer.entitlements SET ended_at = NULL, purchase_id = 2 WHERE purchase_id = 3"},
		{"entitlements_fit", "UPDATE coffer.entitlements SET member_id = 4 WHERE purchase_id = 3"},
		{"roles_delivered", "UPDATE coffer.deliveries SET state = 'failed', settled_at = now() WHERE state = 'waiting'"},
		{"roles_delivered", "DELETE FROM coffer.deliveries WHERE state = 'waiting'"},
		{"roles_delivered", "UPDATE coffer.entitlements SET granted = false WHERE true; UPDATE coffer.deliveries SET role = '71' WHERE state = 'waiting'"},
	})
}

// spoilt is how tables are spoilt, and what an audit says then.
type spoilt struct {
	want  string // "" where nothing is broken
	spoil string
}

// namesTheFirstBroken spoils what was filled in once, each time in a transaction that
// is taken back.
func namesTheFirstBroken(t *testing.T, fill func(*testing.T, *Store), cases []spoilt) {
	p := newProject(t)
	p.exec(t, unguarded)
	fill(t, p.store(t))
	var names []string
	for _, invariant := range economy.Invariants {
		names = append(names, invariant.Name)
	}
	for _, c := range cases {
		t.Run(c.want+": "+c.spoil, func(t *testing.T) {
			tx := must[pgx.Tx](t)(p.admin.Begin(t.Context()))
			defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
			if _, err := tx.Exec(t.Context(), c.spoil, pgx.QueryExecModeSimpleProtocol); err != nil {
				t.Fatal(err)
			}
			var broken, example string
			err := tx.QueryRow(t.Context(), `SELECT f.value ->> 'name', f.value ->> 'example'
				FROM jsonb_array_elements(public.coffer_audit($1) -> 'findings') WITH ORDINALITY f(value, place)
				WHERE (f.value ->> 'broken')::bigint > 0 ORDER BY f.place LIMIT 1`, names).Scan(&broken, &example)
			if err != nil && !errors.Is(err, pgx.ErrNoRows) {
				t.Fatal(err)
			}
			if broken != c.want {
				t.Errorf("first broken invariant is %q (%s), want %q", broken, example, c.want)
			}
			if c.want != "" && !slices.ContainsFunc(economy.BookInvariants(), func(i economy.Invariant) bool { return i.Name == c.want }) {
				return
			}
			// The books of the guild find broken what the audit does, as far as they look at it.
			var found int
			if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM jsonb_each(public.coffer_books('1') -> 'findings') f(name, value)
				WHERE $1 IN ('', f.name) AND f.value ->> 'example' <> ''`, c.want).Scan(&found); err != nil {
				t.Fatal(err)
			}
			if (found > 0) != (c.want != "") {
				t.Errorf("the books of the guild find %d broken", found)
			}
		})
	}
}
