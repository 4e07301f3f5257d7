package app

import (
	"context"

	"coffer/internal/economy"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// wakeful is a store that has deliveries looked for as soon as a write has made one,
// so that nobody waits for the next round.
type wakeful struct {
	books
	wake func()
}

// woken passes a write's outcome on.
func woken[R any](w wakeful, receipt R, err error) (R, error) {
	if err == nil {
		w.wake()
	}
	return receipt, err
}

func (w wakeful) Purchase(ctx context.Context, c shop.Purchase) (shop.PurchaseReceipt, error) {
	receipt, err := w.books.Purchase(ctx, c)
	if receipt.Role == "" {
		return receipt, err
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
