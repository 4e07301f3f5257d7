package api

import (
	"context"
	"net/http"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// PurchaseStore is what is asked of the store about sales.
type PurchaseStore interface {
	Purchases(context.Context, shop.PurchasesQuery) (shop.PurchasesPage, error)
	Refund(context.Context, shop.Refund) (shop.RefundReceipt, error)
}

// purchaseDesk has the handlers of purchases.
type purchaseDesk struct {
	store PurchaseStore
	now   func() time.Time
}

// purchaseJSON is a purchase.
type purchaseJSON struct {
	ID            string             `json:"id"`
	Item          refJSON            `json:"item"`
	Quantity      int64              `json:"quantity"`
	Total         economy.Amount     `json:"total"`
	Member        actorJSON          `json:"member"`
	State         shop.PurchaseState `json:"state"`
	Role          *soldRoleJSON      `json:"role"`
	TransactionID string             `json:"transaction"`
	At            time.Time          `json:"at"`
	Refund        *refundJSON        `json:"refund"`
}

// soldRoleJSON is the role that a purchase entitles to.
type soldRoleJSON struct {
	ID      string     `json:"id"`
	Until   *time.Time `json:"until"`
	Runs    bool       `json:"runs"`
	Granted bool       `json:"granted"`
}

// refundJSON is how a purchase was taken back.
type refundJSON struct {
	TransactionID string    `json:"transaction"`
	By            actorJSON `json:"by"`
	Reason        string    `json:"reason"`
	At            time.Time `json:"at"`
}

func showPurchase(v shop.PurchaseSheet) purchaseJSON {
	j := purchaseJSON{
		ID: showID(v.ID), Item: refJSON{showID(v.Item), v.Name}, Quantity: v.Quantity, Total: v.Total, Member: showActor(v.Buyer),
		State: shop.Kept, TransactionID: showID(v.Transaction), At: v.At.UTC(),
	}
	if v.Role != "" {
		j.Role = &soldRoleJSON{string(v.Role), timeOrNull(v.RoleUntil), v.RoleRuns, v.Granted}
	}
	if v.Refund != 0 {
		j.State = shop.Refunded
		j.Refund = &refundJSON{showID(v.Refund), showActor(v.RefundedBy), v.Reason, v.Refunded.UTC()}
	}
	return j
}

// list answers listPurchases.
func (d purchaseDesk) list(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	p := q.Page("purchases", 1)
	query := shop.PurchasesQuery{
		Guild: guildOf(r), State: shop.PurchaseState(q.OneOf("state", "", "kept", "refunded")), Member: q.ID("member"),
		Item: shop.ItemID(q.ID("item")), Before: shop.PurchaseID(p.Int(0)), Size: p.Limit,
	}
	if err := q.Err(); err != nil {
		return err
	}
	found, err := d.store.Purchases(r.Context(), query)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, listJSON(p, found.Purchases, found.More, showPurchase, func(v shop.PurchaseSheet) int64 { return int64(v.ID) }))
	return nil
}

// refundedJSON is the result of a refund.
type refundedJSON struct {
	Purchase      string          `json:"purchase"`
	TransactionID string          `json:"transaction"`
	UserID        *economy.UserID `json:"user_id"`
	Name          string          `json:"name"`
	Quantity      int64           `json:"quantity"`
	Total         economy.Amount  `json:"total"`
	Balance       economy.Amount  `json:"balance"`
}

// refund answers refundPurchase.
func (d purchaseDesk) refund(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "purchase")
	if err != nil {
		return err
	}
	request, err := requestOf(r, d.now())
	if err != nil {
		return err
	}
	body, err := decode[struct {
		Reason string `json:"reason,omitzero"`
	}](w, r)
	if err != nil {
		return err
	}
	refund, err := shop.NewRefund(request, callerOf(r).Person(), shop.PurchaseID(id), body.Reason)
	if err != nil {
		return inField("reason", err)
	}
	v, err := d.store.Refund(r.Context(), refund)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, refundedJSON{
		Purchase: showID(v.Purchase), TransactionID: showID(v.Transaction), UserID: orNull(v.Member), Name: v.Name,
		Quantity: v.Quantity, Total: v.Total, Balance: v.Balance,
	})
	return nil
}
