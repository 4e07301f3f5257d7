package app

import (
	"context"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// wakeful is a store that has deliveries looked for as soon as a write has made one,
// and whoever watches told of any write, so that nobody waits for the next round.
type wakeful struct {
	books
	deliver, tell func()
}

// woken passes on the outcome of a write that makes deliveries.
func woken[R any](w wakeful, receipt R, err error) (R, error) {
	if err == nil {
		w.deliver()
	}
	return told(w, receipt, err)
}

// told passes on the outcome of any other write.
func told[R any](w wakeful, receipt R, err error) (R, error) {
	if err == nil {
		w.tell()
	}
	return receipt, err
}

func (w wakeful) Join(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	created, err := w.books.Join(ctx, guild, people, at)
	if created == 0 && len(people) == 0 {
		return 0, err
	}
	return woken(w, created, err) // who was known may be given back his roles
}

func (w wakeful) Restore(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	restored, err := w.books.Restore(ctx, guild, people, at)
	if restored == 0 {
		return 0, err
	}
	return woken(w, restored, err)
}

func (w wakeful) ClaimDaily(ctx context.Context, c economy.DailyClaim) (economy.DailyReceipt, error) {
	receipt, err := w.books.ClaimDaily(ctx, c)
	return told(w, receipt, err)
}

func (w wakeful) Transfer(ctx context.Context, c economy.Transfer) (economy.TransferReceipt, error) {
	receipt, err := w.books.Transfer(ctx, c)
	return told(w, receipt, err)
}

func (w wakeful) Adjust(ctx context.Context, c economy.Adjustment) (economy.AdjustmentReceipt, error) {
	receipt, err := w.books.Adjust(ctx, c)
	return told(w, receipt, err)
}

func (w wakeful) AdjustMany(ctx context.Context, c economy.BulkAdjustment) (economy.BulkReceipt, error) {
	receipt, err := w.books.AdjustMany(ctx, c)
	return told(w, receipt, err)
}

func (w wakeful) Reverse(ctx context.Context, c economy.Reversal) (economy.ReversalReceipt, error) {
	receipt, err := w.books.Reverse(ctx, c)
	return told(w, receipt, err)
}

func (w wakeful) ChangeSettings(ctx context.Context, c economy.SettingsChange) (economy.Settings, error) {
	settings, err := w.books.ChangeSettings(ctx, c)
	return told(w, settings, err)
}

func (w wakeful) CreateItem(ctx context.Context, c shop.ItemCreation) (shop.Item, error) {
	item, err := w.books.CreateItem(ctx, c)
	return told(w, item, err)
}

func (w wakeful) EditItem(ctx context.Context, c shop.ItemEdit) (shop.Item, error) {
	item, err := w.books.EditItem(ctx, c)
	return told(w, item, err)
}

func (w wakeful) ArchiveItem(ctx context.Context, c shop.ItemArchival) (shop.Item, error) {
	item, err := w.books.ArchiveItem(ctx, c)
	return told(w, item, err)
}

func (w wakeful) Use(ctx context.Context, c shop.Use) (shop.UseReceipt, error) {
	receipt, err := w.books.Use(ctx, c)
	return told(w, receipt, err)
}

func (w wakeful) Purchase(ctx context.Context, c shop.Purchase) (shop.PurchaseReceipt, error) {
	receipt, err := w.books.Purchase(ctx, c)
	if receipt.Role == "" {
		return told(w, receipt, err)
	}
	return woken(w, receipt, err)
}

func (w wakeful) Refund(ctx context.Context, c shop.Refund) (shop.RefundReceipt, error) {
	receipt, err := w.books.Refund(ctx, c)
	return woken(w, receipt, err)
}

func (w wakeful) CreateTask(ctx context.Context, c tasks.TaskCreation) (tasks.Task, error) {
	task, err := w.books.CreateTask(ctx, c)
	return woken(w, task, err)
}

func (w wakeful) EditTask(ctx context.Context, c tasks.TaskEdit) (tasks.Task, error) {
	task, err := w.books.EditTask(ctx, c)
	return woken(w, task, err)
}

func (w wakeful) MoveTask(ctx context.Context, c tasks.TaskMove) (tasks.Task, error) {
	task, err := w.books.MoveTask(ctx, c)
	return woken(w, task, err)
}

func (w wakeful) ClaimTask(ctx context.Context, c tasks.Claiming) (tasks.ClaimReceipt, error) {
	receipt, err := w.books.ClaimTask(ctx, c)
	return woken(w, receipt, err)
}

func (w wakeful) SubmitWork(ctx context.Context, c tasks.Submitting) (tasks.SubmitReceipt, error) {
	receipt, err := w.books.SubmitWork(ctx, c)
	return woken(w, receipt, err)
}

func (w wakeful) DropClaim(ctx context.Context, c tasks.Dropping) (tasks.Claim, error) {
	claim, err := w.books.DropClaim(ctx, c)
	return woken(w, claim, err)
}

func (w wakeful) ReviewSubmission(ctx context.Context, c tasks.Reviewing) (tasks.ReviewReceipt, error) {
	receipt, err := w.books.ReviewSubmission(ctx, c)
	return woken(w, receipt, err)
}

func (w wakeful) Erase(ctx context.Context, c economy.Erasure) (economy.ErasureReceipt, error) {
	receipt, err := w.books.Erase(ctx, c)
	return woken(w, receipt, err)
}

func (w wakeful) RetryDelivery(ctx context.Context, guild economy.GuildID, id int64) (bool, error) {
	found, err := w.books.RetryDelivery(ctx, guild, id)
	return woken(w, found, err)
}
