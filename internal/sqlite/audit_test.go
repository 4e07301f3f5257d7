package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
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
	cyd := economy.Person{User: "12", Name: "Cyd"}
	lent := must[economy.Transfer](t)(economy.NewTransfer(request("x"), cyd, bob, economy.Coins(1), "between us"))
	must[economy.TransferReceipt](t)(s.Transfer(ctx, lent))
	var erased economy.MemberID
	if err := s.reading.QueryRow("SELECT id FROM members WHERE user_id = '12'").Scan(&erased); err != nil {
		t.Fatal(err)
	}
	must[economy.ErasureReceipt](t)(s.Erase(ctx, economy.Erasure{Request: request("y"), Admin: ada, Member: erased}))
	gift := must[economy.Adjustment](t)(economy.NewAdjustment(request("z"), economy.Person{Admin: 9, Name: "Desk"}, bob, economy.KindGive, 6, ""))
	must[economy.AdjustmentReceipt](t)(s.Adjust(ctx, gift))
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

// populateTasks makes four tasks after populate: one that is done each day, one after
// it that a person reviews, a quiz and one that is archived; and claims: one paid, one
// that runs, one expired, one rejected and handed in again, and one approved by a person.
func populateTasks(t *testing.T, s *Store) {
	t.Helper()
	ctx, key, now := t.Context(), 0, noon
	request := func() economy.Request {
		key++
		return economy.Request{Guild: "1", Source: economy.FromSystem, Key: fmt.Sprint("task-", key), At: now}
	}
	ada, bob := economy.Person{User: "10", Name: "Ada"}, economy.Person{User: "11", Name: "Bob"}
	open := func(terms tasks.Terms) tasks.Task {
		return must[tasks.Task](t)(s.CreateTask(ctx, must[tasks.TaskCreation](t)(tasks.NewTaskCreation(request(), ada, terms, true))))
	}
	claim := func(who economy.Person, v tasks.Task) {
		must[tasks.ClaimReceipt](t)(s.ClaimTask(ctx, must[tasks.Claiming](t)(tasks.NewClaiming(request(), who, nil, tasks.Ref{ID: v.ID}))))
	}
	submit := func(who economy.Person, v tasks.Task, text string) tasks.SubmissionID {
		work := tasks.NewSubmitting(request(), who, tasks.Ref{ID: v.ID}, tasks.Work{Text: text})
		return must[tasks.SubmitReceipt](t)(s.SubmitWork(ctx, work)).Submission
	}
	manager := tasks.Reviewer{Person: ada, Manager: true}
	daily := open(tasks.Terms{Title: "Daily", Reward: 5, Proof: tasks.ProofNone, Review: tasks.ByNobody, Places: 3, Repeat: tasks.Daily,
		Deadline: noon.Add(72*time.Hour + time.Microsecond), ClaimHours: 1, Tries: 1})
	essay := open(tasks.Terms{Title: "Essay", Reward: 7, Proof: tasks.ProofText, Review: tasks.ByPerson, Repeat: tasks.Once, Tries: 3, Prerequisite: daily.ID})
	quiz := open(tasks.Terms{Title: "Quiz", Reward: 9, Proof: tasks.ProofText, Review: tasks.ByAnswer, Answer: "Yes", Repeat: tasks.Once, Tries: 2})
	old := open(tasks.Terms{Title: "Old", Reward: 1, Proof: tasks.ProofNone, Review: tasks.ByNobody, Repeat: tasks.Once, Tries: 1})
	move := must[tasks.TaskMove](t)(tasks.NewTaskMove(request(), ada, tasks.Ref{ID: old.ID}, tasks.Archived))
	must[tasks.Task](t)(s.MoveTask(ctx, move))
	dearer := essay.Terms
	dearer.Reward = 8
	must[tasks.Task](t)(s.EditTask(ctx, must[tasks.TaskEdit](t)(tasks.NewTaskEdit(request(), ada, essay.ID, 1, dearer))))

	claim(bob, daily) // 1
	submit(bob, daily, "")
	now = noon.Add(24 * time.Hour)
	claim(bob, daily) // 2
	now = noon
	claim(ada, daily) // 3
	if n := must[int](t)(s.TidyTasks(ctx, noon.Add(time.Hour))); n != 1 {
		t.Fatalf("%d were tidied up, want 1", n)
	}
	claim(bob, essay) // 4
	rejection := must[tasks.Reviewing](t)(tasks.NewRejection(request(), manager, submit(bob, essay, "short"), "too short"))
	must[tasks.ReviewReceipt](t)(s.ReviewSubmission(ctx, rejection))
	submit(bob, essay, "longer")
	claim(ada, quiz) // 5
	submit(ada, quiz, "yes")
	errand := open(tasks.Terms{Title: "Errand", Reward: 10, Proof: tasks.ProofNone, Review: tasks.ByPerson, Repeat: tasks.Once, Tries: 1})
	claim(bob, errand) // 6
	approval := must[tasks.Reviewing](t)(tasks.NewApproval(request(), manager, submit(bob, errand, ""), 80))
	must[tasks.ReviewReceipt](t)(s.ReviewSubmission(ctx, approval))
}

// written returns the file of a store that was populated.
func written(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "coffer.db")
	s := must[*Store](t)(Open(t.Context(), path))
	populate(t, s)
	populateTasks(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return must[[]byte](t)(os.ReadFile(path))
}

// copied opens a copy of a file.
func copied(t *testing.T, file []byte) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "coffer.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s := must[*Store](t)(OpenExisting(t.Context(), path))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestAuditNamesTheFirstBrokenInvariant(t *testing.T) {
	whole := written(t)
	for _, c := range []struct {
		want  string // "" where nothing is broken
		spoil string
	}{
		{"", "SELECT 1"},
		{"transactions_balance", "UPDATE entries SET amount = amount + 1 WHERE account_id = 4 AND transaction_id = 2"},
		{"transactions_balance", "DELETE FROM entries WHERE account_id = 5"},
		{"transactions_move", "INSERT INTO transactions (guild_id, kind, created_at) VALUES ('1', 'give', 0)"},
		{"transactions_move", `INSERT INTO guilds SELECT '2', currency_name, currency_symbol, 0, 1, 0, 0, 0, 'UTC', 1, '', '', '', '', 0, 0, 1, NULL, NULL, '', '' FROM guilds;
			UPDATE accounts SET guild_id = '2' WHERE system = 'mint'`},
		{"balances_match", "UPDATE members SET balance = balance + 1 WHERE id = 4"},
		{"storage", "UPDATE entries SET account_id = 999 WHERE account_id = 4 AND transaction_id = 1"},
		{"balances_lawful", `PRAGMA ignore_check_constraints = ON; UPDATE members SET balance = -1 WHERE id = 4;
			UPDATE entries SET amount = amount - 210 WHERE account_id = 4 AND transaction_id = 1;
			UPDATE entries SET amount = amount + 210 WHERE account_id = 1 AND transaction_id = 1`},
		{"entries_chain", "UPDATE entries SET balance = balance + 1 WHERE account_id = 4 AND transaction_id = 2"},
		{"openings_once", "UPDATE transactions SET kind = 'opening' WHERE kind = 'daily'"},
		{"reversals_once", "UPDATE transactions SET reverses = 1 WHERE kind = 'reversal'"},
		{"reversals_once", "UPDATE transactions SET kind = 'reversal' WHERE kind = 'refund'"},
		{"reversals_once", "UPDATE transactions SET kind = 'refund' WHERE kind = 'reversal'"},
		{"reversals_once", "UPDATE transactions SET kind = 'transfer' WHERE kind = 'purchase'"},
		{"kinds_fit", "UPDATE entries SET account_id = (SELECT id FROM accounts WHERE system = 'burn') WHERE account_id = (SELECT id FROM accounts WHERE system = 'shop')"},
		{"kinds_fit", "UPDATE transactions SET kind = 'take' WHERE kind = 'daily'"},
		{"kinds_fit", "UPDATE transactions SET actor_id = NULL WHERE kind = 'transfer'; UPDATE events SET actor_id = NULL WHERE kind = 'transfer'"},
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
		{"arrivals_told", "INSERT INTO guilds SELECT '2', currency_name, currency_symbol, 0, 1, 0, 0, 0, 'UTC', 1, '', '', '', '', 0, 0, 1, NULL, NULL, '', '' FROM guilds"},
		{"arrivals_told", "UPDATE guilds SET members = members + 1"},
		{"erasures_whole", "UPDATE members SET name = 'Cyd' WHERE user_id IS NULL"},
		{"erasures_whole", "UPDATE members SET folded = 'cyd' WHERE user_id IS NULL"},
		{"erasures_whole", "DELETE FROM events WHERE kind = 'member.erased'"},
		{"erasures_whole", "UPDATE events SET subject = 'member:4' WHERE kind = 'member.erased'"},
		{"erasures_whole", "INSERT INTO events (guild_id, kind, subject, at) SELECT guild_id, kind, subject, at FROM events WHERE kind = 'member.erased'"},
		{"erasures_whole", "UPDATE transactions SET note = 'between us' WHERE kind = 'take'"},
		{"erasures_whole", "INSERT INTO deliveries (guild_id, kind, member_id, notice, args, due, created_at) SELECT guild_id, 'direct', id, 'x', '{}', 0, 0 FROM members WHERE user_id IS NULL"},
		{"requests_done", "UPDATE requests SET result = '{}' WHERE operation = 'erase'"},
		{"streaks_earned", "UPDATE members SET streak = 2 WHERE id = 4"},
		{"streaks_earned", "UPDATE members SET streak = 0 WHERE id = 4"},
		{"streaks_earned", "UPDATE members SET last_daily = last_daily - 2 WHERE id = 4"},
		{"streaks_earned", "UPDATE members SET last_daily = last_daily + 2 WHERE id = 4"},
		{"streaks_earned", "UPDATE members SET streak = 1 WHERE id = 5"},
		{"streaks_earned", "UPDATE members SET last_daily = 1 WHERE user_id IS NULL"},
		{"settings_told", "UPDATE guilds SET daily_amount = 101"},
		{"settings_told", "UPDATE guilds SET version = version + 1"},
		{"settings_told", "UPDATE guilds SET admin_channel = '1'"},
		{"settings_told", "INSERT INTO events (guild_id, kind, subject, before, after, at) SELECT guild_id, 'settings.changed', subject, '{}', after, at FROM events WHERE kind = 'guild.created'"},
		{"requests_done", "UPDATE requests SET transaction_id = NULL WHERE operation = 'daily'"},
		{"requests_done", "UPDATE requests SET transaction_id = 1 WHERE key = 'b'"},
		{"requests_done", "UPDATE requests SET result = '{}' WHERE operation = 'transfer'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.reward', 1) WHERE operation = 'daily'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.amount', 1) WHERE key = 'b'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.after', 1) WHERE operation = 'adjust'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.purchase', 99) WHERE operation = 'purchase'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.purchase', 1) WHERE operation = 'refund'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.id', 99) WHERE operation = 'item.edit'"},
		{"requests_done", "UPDATE requests SET result = '{}' WHERE operation = 'use'"},
		{"requests_done", "UPDATE requests SET transaction_id = 1 WHERE operation = 'use'"},
		{"storage", "UPDATE requests SET guild_id = '2' WHERE operation = 'settings'"},
		{"storage", "DELETE FROM accounts WHERE admin_id IS NOT NULL"},
		{"storage", "UPDATE accounts SET admin_id = NULL WHERE admin_id IS NOT NULL"},
		{"transactions_move", "UPDATE accounts SET admin_id = 10 WHERE id = 4"},
		{"kinds_fit", "UPDATE transactions SET actor_id = (SELECT id FROM accounts WHERE admin_id IS NOT NULL) WHERE kind = 'daily'"},
		{"kinds_fit", "UPDATE transactions SET actor_id = 1 WHERE kind = 'give'"},
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
		{"entitlements_fit", "UPDATE entitlements SET until_at = until_at + 1 WHERE purchase_id = 4"},
		{"entitlements_fit", "UPDATE entitlements SET member_id = 4 WHERE purchase_id = 2"},
		{"entitlements_fit", "UPDATE events SET after = json_set(after, '$.terms.role', '') WHERE kind = 'item.created' AND subject = 'item:3'; " +
			"UPDATE events SET before = json_set(before, '$.terms.role', ''), after = json_set(after, '$.terms.role', '') WHERE kind = 'item.archived'; " +
			"UPDATE items SET role = '' WHERE id = 3"},
		{"roles_delivered", "DELETE FROM deliveries WHERE state = 'waiting'"},
		{"roles_delivered", "UPDATE deliveries SET state = 'failed', settled_at = 0 WHERE state = 'waiting'"},
		{"roles_delivered", "UPDATE deliveries SET role_id = '7003' WHERE state = 'waiting' AND kind = 'role'"},
		{"roles_delivered", "UPDATE entitlements SET granted = 0 WHERE purchase_id = 2"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.id', 99) WHERE operation = 'task.move'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.claim', 99) WHERE operation = 'task.claim'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.submission', 99) WHERE operation = 'task.submit'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.transaction', 1) WHERE operation = 'task.submit'"},
		{"requests_done", "UPDATE requests SET result = json_set(result, '$.submission.id', 1) WHERE operation = 'task.review' AND transaction_id IS NOT NULL"},
		{"tasks_told", "UPDATE tasks SET reward = reward + 1 WHERE id = 1"},
		{"tasks_told", "UPDATE tasks SET deadline = deadline + 1 WHERE id = 1"},
		{"tasks_told", "UPDATE tasks SET prerequisite = NULL WHERE id = 2"},
		{"tasks_told", "UPDATE tasks SET state = 'closed' WHERE id = 2"},
		{"tasks_told", "UPDATE tasks SET version = 9 WHERE id = 4"},
		{"tasks_told", "UPDATE tasks SET answer = 'no' WHERE id = 3"},
		{"tasks_told", "DELETE FROM events WHERE kind = 'task.created' AND subject = 'task:3'"},
		{"tasks_told", "UPDATE events SET subject = 'task:99' WHERE kind = 'task.created' AND subject = 'task:3'"},
		{"tasks_told", "UPDATE events SET kind = 'task.opened' WHERE kind = 'task.archived'"},
		{"tasks_told", "UPDATE events SET before = json_set(before, '$.terms.reward', 99) WHERE kind = 'task.changed'"},
		{"tasks_told", `UPDATE events SET after = json_set(after, '$.terms.reward', 99) WHERE kind = 'task.archived';
			UPDATE tasks SET reward = 99 WHERE id = 4`}, // an end that changes the terms
		{"tasks_told", `INSERT INTO events (guild_id, kind, subject, before, after, at)
			SELECT guild_id, 'task.opened', subject, after, json_set(after, '$.version', 3, '$.state', 'open'), at FROM events WHERE kind = 'task.archived';
			UPDATE tasks SET version = 3, state = 'open' WHERE id = 4`}, // what is archived stays so
		{"claims_told", "UPDATE claims SET state = 'dropped' WHERE state = 'expired'"},
		{"claims_told", "UPDATE claims SET task_id = 3 WHERE id = 3"},
		{"claims_told", "UPDATE claims SET created_at = 0 WHERE id = 1"},
		{"claims_told", "UPDATE claims SET reward = 7 WHERE id = 5"},
		{"claims_told", "UPDATE claims SET period = period + 2 WHERE id = 2"},
		{"claims_told", "UPDATE claims SET period = 1 WHERE id = 4"},
		{"claims_told", "DELETE FROM events WHERE kind = 'claim.expired'"},
		{"claims_told", "DELETE FROM events WHERE subject = 'claim:2'"},
		{"claims_told", "UPDATE events SET subject = 'claim:99' WHERE subject = 'claim:2'"},
		{"claims_told", "UPDATE events SET actor_id = 4 WHERE kind = 'claim.submitted' AND subject = 'claim:1'"},
		{"claims_told", "UPDATE events SET actor_id = 4 WHERE kind = 'claim.expired'"},
		{"claims_told", "UPDATE events SET actor_id = NULL WHERE kind = 'claim.rejected'"},
		{"claims_told", "UPDATE events SET kind = 'claim.approved' WHERE kind = 'claim.rejected'"},
		{"claims_told", `UPDATE events SET kind = 'claim.failed', after = json_set(after, '$.state', 'failed') WHERE kind = 'claim.rejected';
			UPDATE events SET before = json_set(before, '$.state', 'failed') WHERE kind = 'claim.submitted' AND before ->> '$.state' = 'rejected'`},
		{"claims_once", "DROP INDEX claims_once; UPDATE claims SET period = (SELECT period FROM claims WHERE id = 1) WHERE id = 2"},
		{"claims_once", `DROP INDEX claims_running; DROP INDEX claims_once; UPDATE claims SET task_id = 1, reward = 5, period = (SELECT period FROM claims WHERE id = 1) - 1 WHERE id = 4;
			UPDATE submissions SET task_id = 1 WHERE claim_id = 4;
			UPDATE events SET after = json_set(after, '$.task', 1) WHERE subject = 'claim:4';
			UPDATE events SET before = json_set(before, '$.task', 1) WHERE subject = 'claim:4' AND before IS NOT NULL`},
		{"places_match", "UPDATE tasks SET taken = taken + 1 WHERE id = 1"},
		{"places_match", "UPDATE tasks SET taken = 0 WHERE id = 2"},
		{"submissions_fit", "UPDATE claims SET tries = 3 WHERE id = 4"},
		{"submissions_fit", "UPDATE claims SET spent = 1, tries = 1 WHERE id = 3"}, // no claim before has them
		{"submissions_fit", "DELETE FROM submissions WHERE id = 2; DELETE FROM requests WHERE operation LIKE 'task.%'"},
		{"submissions_fit", "UPDATE submissions SET try = 5 WHERE id = 3"},
		{"submissions_fit", "UPDATE submissions SET state = 'refused', reviewed_at = 0 WHERE id = 3"},
		{"submissions_fit", "UPDATE submissions SET state = 'accepted' WHERE id = 2"},
		{"submissions_fit", "UPDATE submissions SET state = 'refused', paid = 0, transaction_id = NULL WHERE id = 1; DELETE FROM requests WHERE operation = 'task.submit'"},
		{"submissions_fit", "UPDATE submissions SET reviewer_id = 5 WHERE id = 2"},
		{"submissions_fit", "UPDATE submissions SET member_id = 4 WHERE id = 2"},
		{"submissions_fit", "UPDATE submissions SET task_id = 1 WHERE id = 2"},
		{"submissions_fit", `INSERT INTO guilds SELECT '2', currency_name, currency_symbol, 0, 1, 0, 0, 0, 'UTC', 1, '', '', '', '', 0, 0, 1, NULL, NULL, '', '' FROM guilds;
			INSERT INTO accounts (guild_id, system) VALUES ('2', 'mint'), ('2', 'shop'), ('2', 'burn');
			INSERT INTO events (guild_id, kind, subject, after, at) SELECT '2', 'guild.created', 'guild', json_object('currency_name', currency_name,
				'currency_symbol', currency_symbol, 'starting_balance', 0, 'daily_amount', 1, 'streak_bonus', 0, 'streak_cap', 0, 'grace', 0,
				'time_zone', 'UTC', 'max_balance', 1, 'admin_channel', '', 'task_channel', '', 'review_channel', '', 'welcome_channel', '', 'reviewer_role', '', 'admin_role', ''), 0
				FROM guilds WHERE id = '2';
			UPDATE submissions SET guild_id = '2' WHERE id = 2; DELETE FROM requests WHERE operation LIKE 'task.%'`},
		{"rewards_once", "UPDATE submissions SET paid = paid + 1 WHERE id = 1"},
		{"rewards_once", "UPDATE submissions SET transaction_id = NULL WHERE id = 1; DELETE FROM requests WHERE operation = 'task.submit'"},
		{"rewards_once", "UPDATE submissions SET transaction_id = NULL, paid = 0 WHERE id = 1; DELETE FROM requests WHERE operation = 'task.submit'"},
		{"rewards_once", "UPDATE submissions SET transaction_id = NULL, paid = 0 WHERE id = 5; DELETE FROM requests WHERE operation = 'task.review'"},
		{"rewards_once", "UPDATE submissions SET reviewed_at = 0 WHERE id = 1"},
		{"rewards_once", "UPDATE submissions SET percent = 5 WHERE id = 5"},
		{"rewards_once", "UPDATE submissions SET percent = percent - 1 WHERE id = 5"},
		{"storage", "INSERT INTO cards (guild_id, subject, channel_id) VALUES ('1', 'task:99', '501')"},
		{"storage", "INSERT INTO deliveries (guild_id, kind, subject, notice, due, created_at) VALUES ('1', 'card', 'submission:99', 'submission', 0, 0)"},
		{"rewards_once", "UPDATE submissions SET reviewer_id = NULL WHERE id = 5"},
	} {
		t.Run(c.want+": "+c.spoil, func(t *testing.T) {
			s := copied(t, whole)
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
			namedByBooks(t, s, c.want)
		})
	}
}

// namedByBooks: the books of the guild find broken what the audit does, as far as they
// look at it.
func namedByBooks(t *testing.T, s *Store, invariant string) {
	t.Helper()
	books := must[economy.Books](t)(s.Books(t.Context(), "1"))
	looked := false
	for _, f := range books.Findings {
		looked = looked || f.Name == invariant
		if f.Name == invariant && (f.Broken == 0 || f.Example == "" || books.Balanced()) || invariant == "" && f.Broken > 0 {
			t.Errorf("the books of the guild find %d rows broken of %s, for example %q", f.Broken, f.Name, f.Example)
		}
	}
	if invariant == "" && !books.Balanced() || looked && books.Entries == 0 {
		t.Errorf("the books are %+v", books)
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
