package storetest

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// Write is one write as its caller saw it.
type Write struct {
	Operation any // economy.DailyClaim, Transfer, Adjustment, Reversal or SettingsChange; shop.ItemCreation, ...; tasks.TaskCreation, ...
	Receipt   any // nil unless the store acknowledged it
	Err       error
}

// Do runs the write against a store and returns it with its outcome. Done
// again, it is a repeated request.
func (w Write) Do(ctx context.Context, store Store) Write {
	answer := func(receipt any, err error) Write {
		if err != nil {
			receipt = nil
		}
		return Write{w.Operation, receipt, err}
	}
	switch op := w.Operation.(type) {
	case economy.DailyClaim:
		r, err := store.ClaimDaily(ctx, op)
		return answer(r, err)
	case economy.Transfer:
		r, err := store.Transfer(ctx, op)
		return answer(r, err)
	case economy.Adjustment:
		r, err := store.Adjust(ctx, op)
		return answer(r, err)
	case economy.Reversal:
		r, err := store.Reverse(ctx, op)
		return answer(r, err)
	case economy.SettingsChange:
		r, err := store.ChangeSettings(ctx, op)
		return answer(r, err)
	case economy.BulkAdjustment:
		r, err := store.AdjustMany(ctx, op)
		return answer(r, err)
	case economy.Erasure:
		r, err := store.Erase(ctx, op)
		return answer(r, err)
	case shop.ItemCreation:
		r, err := store.CreateItem(ctx, op)
		return answer(r, err)
	case shop.ItemEdit:
		r, err := store.EditItem(ctx, op)
		return answer(r, err)
	case shop.ItemArchival:
		r, err := store.ArchiveItem(ctx, op)
		return answer(r, err)
	case shop.Purchase:
		r, err := store.Purchase(ctx, op)
		return answer(r, err)
	case shop.Refund:
		r, err := store.Refund(ctx, op)
		return answer(r, err)
	case shop.Use:
		r, err := store.Use(ctx, op)
		return answer(r, err)
	case tasks.TaskCreation:
		r, err := store.CreateTask(ctx, op)
		return answer(r, err)
	case tasks.TaskEdit:
		r, err := store.EditTask(ctx, op)
		return answer(r, err)
	case tasks.TaskMove:
		r, err := store.MoveTask(ctx, op)
		return answer(r, err)
	case tasks.Claiming:
		r, err := store.ClaimTask(ctx, op)
		return answer(r, err)
	case tasks.Submitting:
		r, err := store.SubmitWork(ctx, op)
		return answer(r, err)
	case tasks.Dropping:
		r, err := store.DropClaim(ctx, op)
		return answer(r, err)
	case tasks.Reviewing:
		r, err := store.ReviewSubmission(ctx, op)
		return answer(r, err)
	default:
		panic(fmt.Sprintf("a write of type %T", op))
	}
}

// Unknown reports whether the write may have happened or not: it was neither
// acknowledged nor refused by a rule.
func (w Write) Unknown() bool {
	if w.Err == nil {
		return false
	}
	kind := problem.Of(w.Err).Kind
	return kind == problem.Internal || kind == problem.Unavailable
}

// effect returns the write's transaction, 0 for none, and what it did to each
// member's balance.
func (w Write) effect() (economy.TransactionID, map[economy.UserID]economy.Amount) {
	switch r := w.Receipt.(type) {
	case economy.DailyReceipt:
		return r.Transaction, map[economy.UserID]economy.Amount{w.Operation.(economy.DailyClaim).Member.User: r.Reward}
	case economy.TransferReceipt:
		op := w.Operation.(economy.Transfer)
		return r.Transaction, map[economy.UserID]economy.Amount{op.From.User: -r.Amount, op.To.User: r.Amount}
	case economy.AdjustmentReceipt:
		return r.Transaction, map[economy.UserID]economy.Amount{w.Operation.(economy.Adjustment).Member.User: r.After - r.Before}
	case economy.ReversalReceipt:
		changes := make(map[economy.UserID]economy.Amount)
		for _, leg := range r.Legs {
			changes[leg.Member] += leg.Change
		}
		return r.Transaction, changes
	case shop.PurchaseReceipt:
		return r.Transaction, map[economy.UserID]economy.Amount{w.Operation.(shop.Purchase).Buyer.User: -r.Total}
	case shop.RefundReceipt:
		return r.Transaction, map[economy.UserID]economy.Amount{r.Member: r.Total}
	case tasks.SubmitReceipt:
		return r.Transaction, map[economy.UserID]economy.Amount{w.Operation.(tasks.Submitting).Member.User: r.Paid}
	case tasks.ReviewReceipt:
		return r.Transaction, map[economy.UserID]economy.Amount{r.Submission.Member: r.Submission.Paid}
	}
	return 0, nil
}

// Journal is what the callers of a store did to one guild and saw of it. It
// must be all that ever happened to the guild.
type Journal struct {
	Guild   economy.GuildID
	Members []economy.Person // everyone whom the writes name
	At      time.Time
	Writes  []Write // each request once
	items   []shop.Item
	tasks   []tasks.Task
}

// Acknowledged returns the writes that the store said it did.
func (j *Journal) Acknowledged() []Write {
	var done []Write
	for _, w := range j.Writes {
		if w.Receipt != nil {
			done = append(done, w)
		}
	}
	return done
}

// Check holds the store against the journal: each acknowledged write is still
// answered with its receipt, each write of unknown outcome happened once or
// not at all (repeating it here settles it), every transaction in the books
// belongs to exactly one of them, or pays back the purchase of one, whose role could
// not be granted, and the coins are where the receipts say.
// It works on a store that was closed and opened again in between.
func (j *Journal) Check(ctx context.Context, t testing.TB, store Store) {
	t.Helper()
	owner := make(map[economy.TransactionID]Write)
	coins := make(map[economy.UserID]economy.Amount)
	for i, w := range j.Writes {
		if w.Receipt == nil && !w.Unknown() {
			continue
		}
		again := w.Do(ctx, store)
		switch {
		case again.Unknown():
			t.Errorf("write %d cannot be settled: %v", i, again.Err)
		case w.Receipt != nil && !reflect.DeepEqual(again.Receipt, w.Receipt):
			t.Errorf("write %d was acknowledged and then repeated:\n got %+v (error %v)\nwant %+v", i, again.Receipt, again.Err, w.Receipt)
		}
		j.Writes[i] = again
		id, changes := again.effect()
		if first, taken := owner[id]; taken && id != 0 {
			t.Errorf("transaction %d is the receipt of two requests: %+v and %+v", id, first.Operation, again.Operation)
		}
		owner[id] = again
		for user, change := range changes {
			coins[user] += change
		}
	}
	delete(owner, 0)
	j.compare(ctx, t, store, owner, coins)
	clean(t, store)
}

// compare holds the members' histories and wallets against what the receipts add up to.
func (j *Journal) compare(ctx context.Context, t testing.TB, store Store,
	owner map[economy.TransactionID]Write, coins map[economy.UserID]economy.Amount) {
	t.Helper()
	for _, who := range j.Members {
		lines, err := wholeHistory(ctx, store, j.Guild, who, j.At)
		if err != nil {
			t.Errorf("History of %s: %v", who.User, err)
			return
		}
		want := coins[who.User]
		for _, line := range lines {
			_, known := owner[line.Transaction]
			bought, _ := owner[line.Reverses].Receipt.(shop.PurchaseReceipt)
			switch {
			case known:
			case line.Kind == economy.KindOpening:
				want += line.Amount
			case line.Kind == economy.KindRefund && bought.Role != "" && bought.Total == line.Amount:
				want += line.Amount
				owner[line.Transaction] = Write{}
			default:
				t.Errorf("transaction %d (%s of %d for %s) belongs to no request", line.Transaction, line.Kind, line.Amount, who.User)
			}
		}
		wallet, err := store.Wallet(ctx, economy.WalletQuery{Guild: j.Guild, Viewer: who, Member: who, At: j.At})
		if err != nil || wallet.Balance != want {
			t.Errorf("%s has %d coins (error %v), the receipts say %d", who.User, wallet.Balance, err, want)
		}
	}
	list, err := allEvents(ctx, store, j.Guild, 0)
	if err != nil {
		t.Errorf("Events: %v", err)
	}
	told := 0
	for _, e := range list {
		if strings.HasPrefix(e.Subject, "transaction:") && e.Kind != string(economy.KindOpening) {
			told++
		}
	}
	if told != len(owner) {
		t.Errorf("%d transactions were told of, %d requests made one", told, len(owner))
	}
}

// wholeHistory pages through all of a member's entries, newest first.
func wholeHistory(ctx context.Context, store economy.Store, guild economy.GuildID, who economy.Person, at time.Time) ([]economy.HistoryLine, error) {
	var lines []economy.HistoryLine
	q := economy.HistoryQuery{Guild: guild, Viewer: who, Member: who, Size: economy.MaxPage, At: at}
	for {
		page, err := store.History(ctx, q)
		lines = append(lines, page.Lines...)
		if err != nil || !page.Older || len(page.Lines) == 0 {
			return lines, err
		}
		q.Before = lines[len(lines)-1].Transaction
	}
}
