package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// Purchase implements shop.Store.
func (s *Store) Purchase(ctx context.Context, c shop.Purchase) (shop.PurchaseReceipt, error) {
	return once(ctx, s, "purchase", c.Request, c.Fingerprint(),
		func(t *tx) (receipt shop.PurchaseReceipt, id economy.TransactionID, err error) {
			r := c.Request
			settings, buyer, err := t.enter(r, c.Buyer)
			if err != nil {
				return receipt, 0, err
			}
			item, err := t.item(r.Guild, c.Item)
			if err != nil {
				return receipt, 0, err
			}
			owned, used, err := t.goods(buyer.id, item.ID)
			if err != nil {
				return receipt, 0, err
			}
			total, err := c.Of(item, owned+used, buyer.balance, settings)
			if err != nil {
				return receipt, 0, err
			}
			id, err = t.post(movement{guild: r.Guild, kind: economy.KindPurchase, actor: buyer, note: item.Name, at: r.At,
				legs: []leg{{member: buyer, amount: -total}, {system: economy.Shop, amount: total}}})
			if err != nil {
				return receipt, 0, err
			}
			receipt = shop.PurchaseReceipt{Transaction: id, Item: item.ID, Name: item.Name, Quantity: c.Quantity, Total: total,
				Balance: buyer.balance, Owned: owned + c.Quantity, Role: item.Role, Currency: settings.Currency()}
			if err := t.row(`INSERT INTO purchases (guild_id, member_id, item_id, name, quantity, price, transaction_id, created_at)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, []any{string(r.Guild), buyer.id, int64(item.ID), item.Name, c.Quantity,
				int64(item.Price), int64(id), r.At.UnixMicro()}, &receipt.Purchase); err != nil {
				return receipt, 0, err
			}
			if _, err := t.exec(`INSERT INTO inventories (member_id, item_id, owned) VALUES (?, ?, ?)
				ON CONFLICT DO UPDATE SET owned = owned + excluded.owned`, buyer.id, int64(item.ID), c.Quantity); err != nil {
				return receipt, 0, err
			}
			if _, err := t.exec("UPDATE items SET sold = sold + ?1, stock = stock - ?1 WHERE id = ?2", c.Quantity, int64(item.ID)); err != nil {
				return receipt, 0, err
			}
			if item.Role != "" {
				receipt.RoleUntil, err = s.entitle(t, receipt.Purchase, buyer, item, c)
			}
			return receipt, id, err
		})
}

// goods returns what a member has of an item, and what he has used of it.
func (t *tx) goods(member int64, item shop.ItemID) (owned, used int64, err error) {
	err = t.row("SELECT owned, used FROM inventories WHERE member_id = ? AND item_id = ?", []any{member, int64(item)}, &owned, &used)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return owned, used, err
}
