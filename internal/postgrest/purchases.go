package postgrest

import (
	"context"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// Purchase implements shop.Store.
func (s *Store) Purchase(ctx context.Context, c shop.Purchase) (shop.PurchaseReceipt, error) {
	return write[shop.PurchaseReceipt](ctx, s, "coffer_purchase", struct {
		Request  request          `json:"request"`
		Buyer    person           `json:"buyer"`
		Roles    []economy.RoleID `json:"roles"`
		Item     shop.ItemID      `json:"item"`
		Quantity int64            `json:"quantity"`
		Price    economy.Amount   `json:"price"`
		Version  int              `json:"version"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Buyer), c.Roles, c.Item, c.Quantity, c.Price, c.Version})
}

// Refund implements shop.Store.
func (s *Store) Refund(ctx context.Context, c shop.Refund) (shop.RefundReceipt, error) {
	return write[shop.RefundReceipt](ctx, s, "coffer_refund", struct {
		Request  request         `json:"request"`
		Admin    person          `json:"admin"`
		Purchase shop.PurchaseID `json:"purchase"`
		Reason   string          `json:"reason"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Admin), c.Purchase, c.Reason})
}

// Refundable implements shop.Store.
func (s *Store) Refundable(ctx context.Context, guild economy.GuildID, limit int) ([]shop.RefundablePurchase, error) {
	found, err := read[[]struct {
		Purchase shop.PurchaseID `json:"purchase"`
		Item     string          `json:"item"`
		Quantity int64           `json:"quantity"`
		Total    economy.Amount  `json:"total"`
		Buyer    string          `json:"buyer"`
		At       time.Time       `json:"at"`
	}](ctx, s, "coffer_refundable", struct {
		Guild economy.GuildID `json:"guild"`
		Size  int             `json:"size"`
	}{guild, limited(limit)})
	var list []shop.RefundablePurchase
	for _, p := range found {
		p.At = p.At.UTC()
		list = append(list, shop.RefundablePurchase(p))
	}
	return list, err
}
