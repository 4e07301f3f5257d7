package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// purchase is a row of purchases inside an operation.
type purchase struct {
	id          shop.PurchaseID
	guild       economy.GuildID
	buyer       int64
	item        shop.ItemID
	name        string
	quantity    int64
	total       economy.Amount
	transaction economy.TransactionID
	refunded    bool
}

const purchaseColumns = `p.id, p.guild_id, p.member_id, p.item_id, p.name, p.quantity, p.price * p.quantity,
	p.transaction_id, p.refund_id IS NOT NULL`

const selectPurchase = "SELECT " + purchaseColumns + " FROM purchases p "

func (p *purchase) columns() []any {
	return []any{&p.id, &p.guild, &p.buyer, &p.item, &p.name, &p.quantity, &p.total, &p.transaction, &p.refunded}
}

// Refund implements shop.Store.
func (s *Store) Refund(ctx context.Context, c shop.Refund) (shop.RefundReceipt, error) {
	return once(ctx, s, "refund", c.Request, c.Fingerprint(),
		func(t *tx) (receipt shop.RefundReceipt, id economy.TransactionID, err error) {
			r := c.Request
			var p purchase
			err = t.row(selectPurchase+"WHERE p.id = ? AND p.guild_id = ?", []any{int64(c.Purchase), string(r.Guild)}, p.columns()...)
			if errors.Is(err, sql.ErrNoRows) {
				err = shop.ErrUnknownPurchase
			}
			if err != nil {
				return receipt, 0, err
			}
			settings, admin, err := t.enter(r, c.Admin)
			if err != nil {
				return receipt, 0, err
			}
			id, buyer, err := t.refund(p, admin, c.Reason, r.At)
			if err != nil {
				return receipt, 0, err
			}
			return shop.RefundReceipt{Purchase: p.id, Transaction: id, Member: buyer.user, Name: p.name, Quantity: p.quantity,
				Total: p.total, Balance: buyer.balance, Currency: settings.Currency()}, id, s.disentitle(t, p, r.At)
		})
}

// refund takes a purchase back, all but its role, and returns its transaction and
// the buyer after it. Errors: shop.ErrAlreadyRefunded, shop.ErrGoodsUsed.
func (t *tx) refund(p purchase, actor *member, note string, at time.Time) (economy.TransactionID, *member, error) {
	if p.refunded {
		return 0, nil, shop.ErrAlreadyRefunded
	}
	buyer, err := t.memberByID(p.buyer)
	if err != nil {
		return 0, nil, err
	}
	if buyer.user == "" {
		return 0, nil, economy.ErrErasedMember
	}
	owned, _, err := t.goods(p.buyer, p.item)
	if err != nil {
		return 0, nil, err
	}
	if owned < p.quantity {
		return 0, nil, shop.ErrGoodsUsed.With("owned", owned).With("bought", p.quantity)
	}
	id, err := t.post(movement{guild: p.guild, kind: economy.KindRefund, actor: actor, note: note, reverses: p.transaction, at: at,
		legs: []leg{{system: economy.Shop, amount: -p.total}, {member: buyer, amount: p.total}}})
	if err != nil {
		return 0, nil, err
	}
	if _, err := t.exec("UPDATE purchases SET refund_id = ? WHERE id = ?", int64(id), int64(p.id)); err != nil {
		return 0, nil, err
	}
	if _, err := t.exec("UPDATE inventories SET owned = owned - ? WHERE member_id = ? AND item_id = ?",
		p.quantity, p.buyer, int64(p.item)); err != nil {
		return 0, nil, err
	}
	_, err = t.exec("UPDATE items SET sold = sold - ?1, stock = stock + ?1 WHERE id = ?2", p.quantity, int64(p.item))
	return id, buyer, err
}

// Refundable implements shop.Store.
func (s *Store) Refundable(ctx context.Context, guild economy.GuildID, limit int) ([]shop.RefundablePurchase, error) {
	var list []shop.RefundablePurchase
	err := s.query(ctx, func(t *tx) error {
		return t.each(`SELECT p.id, p.name, p.quantity, p.price * p.quantity, coalesce(m.name, ''), p.created_at
			FROM purchases p JOIN members m ON m.id = p.member_id WHERE p.guild_id = ? AND p.refund_id IS NULL ORDER BY p.id DESC LIMIT ?`,
			[]any{string(guild), min(max(limit, 1), economy.MaxPage)}, func(rows *sql.Rows) error {
				var p shop.RefundablePurchase
				var at int64
				err := rows.Scan(&p.Purchase, &p.Item, &p.Quantity, &p.Total, &p.Buyer, &at)
				p.At = time.UnixMicro(at).UTC()
				list = append(list, p)
				return err
			})
	})
	return list, err
}
