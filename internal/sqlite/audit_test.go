package sqlite

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
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

// populate makes a guild with two members, a transfer and its reversal, a shop of
// three items, and purchases: one granted, one to be granted, one refunded, one in
// part used.
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

	sell := func(key string, terms shop.Terms, stock shop.Stock) shop.Item {
		return must[shop.Item](t)(s.CreateItem(ctx, must[shop.ItemCreation](t)(shop.NewItemCreation(request(key), ada, terms, stock))))
	}
	buy := func(key string, i shop.Item, n int64) shop.PurchaseReceipt {
		return must[shop.PurchaseReceipt](t)(s.Purchase(ctx, must[shop.Purchase](t)(shop.NewPurchase(request(key), bob, nil, i.ID, n, i.Price))))
	}
	cake := sell("e", shop.Terms{Name: "Cake", Price: 3, Usable: true}, shop.Stock{Limited: true, Left: 9})
	badge := sell("f", shop.Terms{Name: "Badge", Price: 4, Role: "7001", RoleHours: 24, From: noon.Add(1000), Until: noon.Add(24 * time.Hour)}, shop.Stock{})
	crown := sell("g", shop.Terms{Name: "Crown", Price: 5, Role: "7002"}, shop.Stock{})
	buy("h", cake, 3)
	must[shop.UseReceipt](t)(s.Use(ctx, shop.Use{Request: request("i"), Member: bob, Item: cake.ID}))
	buy("j", crown, 1)
	for _, l := range must[[]outbox.Lease](t)(s.LeaseDeliveries(ctx, 10, time.Hour)) {
		if err := s.SettleDelivery(ctx, l, outbox.Outcome{State: outbox.Done}, noon); err != nil {
			t.Fatal(err)
		}
	}
	cake.Price = 2
	edit := must[shop.ItemEdit](t)(shop.NewItemEdit(request("k"), ada, cake.ID, 1, cake.Terms, nil))
	cake = must[shop.Item](t)(s.EditItem(ctx, edit))
	refund := must[shop.Refund](t)(shop.NewRefund(request("l"), ada, buy("m", cake, 2).Purchase, "stale"))
	must[shop.RefundReceipt](t)(s.Refund(ctx, refund))
	late := request("n")
	late.At = noon.Add(time.Hour)
	must[shop.PurchaseReceipt](t)(s.Purchase(ctx, must[shop.Purchase](t)(shop.NewPurchase(late, bob, nil, badge.ID, 2, 4))))
	must[shop.Item](t)(s.ArchiveItem(ctx, shop.ItemArchival{Request: request("o"), Admin: ada, Item: crown.ID}))
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
		{"transactions_move", `INSERT INTO guilds SELECT '2', currency_name, currency_symbol, 0, 1, 0, 0, 0, 'UTC', 1, '', 0 FROM guilds;
			UPDATE accounts SET guild_id = '2' WHERE system = 'mint'`},
		{"balances_match", "UPDATE members SET balance = balance + 1 WHERE id = 4"},
		{"storage", "UPDATE entries SET account_id = 999 WHERE account_id = 4 AND transaction_id = 1"},
		{"balances_lawful", `PRAGMA ignore_check_constraints = ON; UPDATE members SET balance = -1 WHERE id = 4;
			UPDATE entries SET amount = amount - 201 WHERE account_id = 4 AND transaction_id = 1;
			UPDATE entries SET amount = amount + 201 WHERE account_id = 1 AND transaction_id = 1`},
		{"entries_chain", "UPDATE entries SET balance = balance + 1 WHERE account_id = 4 AND transaction_id = 2"},
		{"openings_once", "UPDATE transactions SET kind = 'opening' WHERE kind = 'daily'"},
		{"reversals_once", "UPDATE transactions SET reverses = 1 WHERE kind = 'reversal'"},
		{"reversals_once", "UPDATE transactions SET kind = 'reversal' WHERE kind = 'refund'"},
		{"reversals_once", "UPDATE transactions SET kind = 'refund' WHERE kind = 'reversal'"},
		{"reversals_once", "UPDATE transactions SET kind = 'transfer' WHERE kind = 'purchase'"},
		{"kinds_fit", "UPDATE entries SET account_id = (SELECT id FROM accounts WHERE system = 'burn') WHERE account_id = (SELECT id FROM accounts WHERE system = 'shop')"},
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
		{"arrivals_told", "DELETE FROM accounts WHERE system = 'burn'"},
		{"settings_told", "UPDATE guilds SET daily_amount = 101"},
		{"settings_told", "UPDATE guilds SET admin_channel = '1'"},
		{"settings_told", "INSERT INTO events (guild_id, kind, subject, before, after, at) SELECT guild_id, 'settings.changed', subject, '{}', after, at FROM events WHERE kind = 'guild.created'"},
		{"requests_done", "UPDATE requests SET transaction_id = NULL WHERE operation = 'daily'"},
		{"requests_done", "UPDATE requests SET transaction_id = 1 WHERE operation = 'transfer'"},
		{"requests_done", "UPDATE requests SET result = '{}' WHERE operation = 'transfer'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.purchase', 99) WHERE operation = 'purchase'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.purchase', 1) WHERE operation = 'refund'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.id', 99) WHERE operation = 'item.edit'"},
		{"requests_done", "UPDATE requests SET result = '{}' WHERE operation = 'use'"},
		{"requests_done", "UPDATE requests SET transaction_id = 1 WHERE operation = 'use'"},
		{"storage", "UPDATE requests SET guild_id = '2' WHERE operation = 'settings'"},
		{"items_told", "UPDATE items SET price = 9 WHERE name = 'Cake'"},
		{"items_told", "UPDATE items SET from_at = from_at + 1 WHERE name = 'Badge'"},
		{"items_told", "UPDATE items SET until_at = NULL WHERE name = 'Badge'"},
		{"items_told", "UPDATE items SET archived = 0 WHERE name = 'Crown'"},
		{"items_told", "UPDATE items SET version = 7 WHERE name = 'Cake'"},
		{"items_told", "DELETE FROM events WHERE kind = 'item.created' AND subject = 'item:2'"},
		{"items_told", "UPDATE events SET subject = 'item:99' WHERE kind = 'item.created' AND subject = 'item:2'"},
		{"items_told", "UPDATE events SET before = json_set(before, '$.terms.price', 4) WHERE kind = 'item.changed'"},
		{"items_told", "UPDATE events SET before = NULL WHERE kind = 'item.changed'"},
		{"items_told", "UPDATE events SET after = json_set(after, '$.version', 3) WHERE kind = 'item.changed'"},
		{"items_told", `INSERT INTO items SELECT 99, guild_id, 'Tart', 'tart', '', '', '', 1, 0, '', 0, NULL, NULL, '', 0, 0, '', NULL, 0, 0, 1, 0
			FROM items WHERE id = 1`},
		{"units_match", "UPDATE inventories SET owned = owned + 1 WHERE item_id = 1"},
		{"units_match", "UPDATE inventories SET used = used + 1, owned = owned - 1 WHERE item_id = 1"},
		{"units_match", "DELETE FROM events WHERE kind = 'item.used'"},
		{"units_match", "UPDATE events SET actor_id = 4 WHERE kind = 'item.used'"},
		{"units_match", "DELETE FROM inventories WHERE item_id = 3"},
		{"units_match", "UPDATE items SET sold = sold + 1 WHERE id = 1"},
		{"units_match", "UPDATE items SET stock = stock + 1 WHERE id = 1"},
		{"units_match", "UPDATE items SET stock = 5 WHERE id = 2"},
		{"units_match", "PRAGMA ignore_check_constraints = ON; UPDATE items SET stock = -1 WHERE id = 1"},
		{"purchases_paid", "UPDATE purchases SET price = price + 1 WHERE item_id = 3"},
		{"purchases_paid", "UPDATE purchases SET name = 'Tart' WHERE item_id = 3"},
		{"purchases_paid", "UPDATE purchases SET created_at = 0 WHERE item_id = 3"},
		{"purchases_paid", `UPDATE events SET after = json_set(after, '$.terms.price', 8) WHERE kind = 'item.created' AND subject = 'item:1';
			UPDATE events SET before = json_set(before, '$.terms.price', 8) WHERE kind = 'item.changed'`},
		{"purchases_paid", `DELETE FROM entitlements WHERE purchase_id = 2; DELETE FROM inventories WHERE item_id = 3; DELETE FROM purchases WHERE item_id = 3;
			UPDATE items SET sold = 0 WHERE id = 3; DELETE FROM requests WHERE operation = 'purchase'`},
		{"refunds_once", `UPDATE purchases SET refund_id = NULL WHERE id = 3; UPDATE inventories SET owned = owned + 2 WHERE item_id = 1;
			UPDATE items SET sold = sold + 2, stock = stock - 2 WHERE id = 1; DELETE FROM requests WHERE operation = 'refund'`},
		{"refunds_once", `UPDATE purchases SET refund_id = 1 WHERE id = 2; UPDATE inventories SET owned = 0 WHERE item_id = 3;
			UPDATE items SET sold = 0 WHERE id = 3`},
		{"entitlements_fit", "DELETE FROM entitlements WHERE purchase_id = 2"},
		{"entitlements_fit", "INSERT INTO entitlements (purchase_id, member_id, role_id) VALUES (1, 5, '7001')"},
		{"entitlements_fit", "UPDATE entitlements SET role_id = '7009' WHERE purchase_id = 2"},
		{"entitlements_fit", "UPDATE entitlements SET until_at = 1 WHERE purchase_id = 2"},
		{"entitlements_fit", "UPDATE entitlements SET until_at = NULL WHERE purchase_id = 4"},
		{"entitlements_fit", "UPDATE entitlements SET member_id = 4 WHERE purchase_id = 2"},
		{"entitlements_fit", "UPDATE events SET after = json_set(after, '$.terms.role', '') WHERE kind = 'item.created' AND subject = 'item:3'; " +
			"UPDATE events SET before = json_set(before, '$.terms.role', ''), after = json_set(after, '$.terms.role', '') WHERE kind = 'item.archived'; " +
			"UPDATE items SET role = '' WHERE id = 3"},
		{"roles_delivered", "DELETE FROM deliveries WHERE state = 'waiting'"},
		{"roles_delivered", "UPDATE deliveries SET state = 'failed', settled_at = 0 WHERE state = 'waiting'"},
		{"roles_delivered", "UPDATE deliveries SET role_id = '7003' WHERE state = 'waiting'"},
		{"roles_delivered", "UPDATE entitlements SET granted = 0 WHERE purchase_id = 2"},
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
