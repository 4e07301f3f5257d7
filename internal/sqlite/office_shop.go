package sqlite

import (
	"cmp"
	"context"
	"database/sql"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
)

var selectItemSheets = "SELECT " + itemColumns + ", i.created_at, coalesce(e.at, 0), " + actorColumns +
	" FROM items i" + joinChange("i.guild_id", "'item:' || i.id") + "WHERE i.guild_id = ?1 AND "

// itemSheets returns items as admins see them.
func (t *tx) itemSheets(which string, args ...any) (list []shop.ItemSheet, err error) {
	err = t.each(selectItemSheets+which, args, func(rows *sql.Rows) error {
		var item itemRow
		var v shop.ItemSheet
		var created, changed int64
		err := rows.Scan(append(append(item.columns(), &created, &changed), actorRow(&v.ChangedBy)...)...)
		v.Item, v.Created, v.Changed = item.item(), instant(created), instant(changed)
		list = append(list, v)
		return err
	})
	return list, err
}

// itemsOf are the items of one shelf for a page.
const itemsOf = "i.archived = ?2 AND i.id < ?3 AND instr(i.folded, ?4) > 0 ORDER BY i.id DESC LIMIT ?5"

// ItemList implements shop.Office.
func (s *Store) ItemList(ctx context.Context, q shop.ItemListQuery) (page shop.ItemListPage, err error) {
	newest := func(a, b shop.ItemSheet) int { return cmp.Compare(b.Item.ID, a.Item.ID) }
	err = s.read(ctx, func(t *tx) error {
		page.Items, page.More, err = leaf(among(q.Shelf, shop.Shelves), q.Size, newest,
			func(shelf shop.Shelf, most int) ([]shop.ItemSheet, error) {
				return t.itemSheets(itemsOf,
					string(q.Guild), shelf == shop.Archived, beyond(q.Before), economy.Fold(q.Text), most)
			})
		return err
	})
	return page, err
}

// ItemSheet implements shop.Office.
func (s *Store) ItemSheet(ctx context.Context, guild economy.GuildID, id shop.ItemID) (shop.ItemSheet, error) {
	var list []shop.ItemSheet
	err := s.query(ctx, func(t *tx) (err error) {
		list, err = t.itemSheets("i.id = ?2", string(guild), int64(id))
		return err
	})
	if err == nil && len(list) == 0 {
		err = shop.ErrUnknownItem
	}
	if err != nil {
		return shop.ItemSheet{}, err
	}
	return list[0], nil
}

var selectPurchaseSheets = `SELECT p.id, p.item_id, p.name, p.quantity, p.price * p.quantity, m.id, coalesce(m.user_id, ''), coalesce(m.name, ''),
	coalesce(n.role_id, ''), n.until_at, n.purchase_id IS NOT NULL AND n.ended_at IS NULL, coalesce(n.granted, 0),
	p.transaction_id, p.created_at, coalesce(p.refund_id, 0), x.created_at, coalesce(x.note, ''), ` + actorColumns + `
	FROM purchases p JOIN members m ON m.id = p.member_id LEFT JOIN entitlements n ON n.purchase_id = p.id
	LEFT JOIN transactions x ON x.id = p.refund_id` + joinActor("x.actor_id") + "WHERE "

// purchaseSheets returns purchases as admins see them.
func (t *tx) purchaseSheets(which string, args ...any) (list []shop.PurchaseSheet, err error) {
	err = t.each(selectPurchaseSheets+which, args, func(rows *sql.Rows) error {
		v := shop.PurchaseSheet{Buyer: economy.Actor{Kind: economy.ActorMember}}
		var at int64
		var until, refunded sql.NullInt64
		err := rows.Scan(append([]any{&v.ID, &v.Item, &v.Name, &v.Quantity, &v.Total, &v.Buyer.ID, &v.Buyer.User, &v.Buyer.Name,
			&v.Role, &until, &v.RoleRuns, &v.Granted, &v.Transaction, &at, &v.Refund, &refunded, &v.Reason}, actorRow(&v.RefundedBy)...)...)
		if v.Buyer.User == "" {
			v.Buyer.Kind = economy.ActorErased
		}
		v.RoleUntil, v.At, v.Refunded = moment(until), instant(at), moment(refunded)
		list = append(list, v)
		return err
	})
	return list, err
}

// purchasesOf are the purchases of one state for a page. Where the index is another
// than the guild's, + keeps SQLite from that.
func purchasesOf(q shop.PurchasesQuery) string {
	whose := "p.guild_id = ?1 AND ?5 = ?6"
	switch {
	case q.Member != 0:
		whose = "p.member_id = ?5 AND +p.guild_id = ?1 AND (?6 = 0 OR +p.item_id = ?6)"
	case q.Item != 0:
		whose = "p.item_id = ?6 AND +p.guild_id = ?1 AND ?5 = 0"
	}
	return whose + " AND p.state = ?2 AND p.id < ?3 ORDER BY p.id DESC LIMIT ?4"
}

// Purchases implements shop.Office. Where a member and an item are given, the member's
// are looked through.
func (s *Store) Purchases(ctx context.Context, q shop.PurchasesQuery) (page shop.PurchasesPage, err error) {
	newest := func(a, b shop.PurchaseSheet) int { return cmp.Compare(b.ID, a.ID) }
	which := purchasesOf(q)
	err = s.read(ctx, func(t *tx) error {
		page.Purchases, page.More, err = leaf(among(q.State, shop.PurchaseStates), q.Size, newest,
			func(state shop.PurchaseState, most int) ([]shop.PurchaseSheet, error) {
				return t.purchaseSheets(which, string(q.Guild), string(state), beyond(q.Before), most, q.Member, int64(q.Item))
			})
		return err
	})
	return page, err
}

var selectDeliverySheets = `SELECT d.id, d.kind, d.state, d.attempts, coalesce(d.role_id, ''), coalesce(d.channel_id, k.channel_id, ''),
	coalesce(d.subject, ''), coalesce(d.notice, ''), d.error, d.created_at, CASE WHEN d.state = 'waiting' THEN d.due END, ` + actorColumns + `
	FROM deliveries d ` + joinCards + joinActor("d.member_id") + `
	WHERE d.guild_id = ?1 AND d.state = ?2 AND d.state <> 'done' AND d.id < ?3 ORDER BY d.id DESC LIMIT ?4`

// DeliveryList implements outbox.Office.
func (s *Store) DeliveryList(ctx context.Context, q outbox.DeliveryListQuery) (page outbox.DeliveryListPage, err error) {
	newest := func(a, b outbox.DeliverySheet) int { return cmp.Compare(b.Delivery.ID, a.Delivery.ID) }
	err = s.read(ctx, func(t *tx) error {
		page.Deliveries, page.More, err = leaf(among(q.State, outbox.Unsettled), q.Size, newest,
			func(state outbox.State, most int) (list []outbox.DeliverySheet, err error) {
				err = t.each(selectDeliverySheets,
					[]any{string(q.Guild), string(state), beyond(q.Before), most}, func(rows *sql.Rows) error {
						var v outbox.DeliverySheet
						d := &v.Delivery
						var at int64
						var due sql.NullInt64
						err := rows.Scan(append([]any{&d.ID, &d.Kind, &d.State, &d.Attempts, &d.Role, &d.Channel,
							&d.Subject, &d.Notice, &d.Error, &at, &due}, actorRow(&v.Member)...)...)
						d.User, d.Created, d.Due = v.Member.User, instant(at), moment(due)
						list = append(list, v)
						return err
					})
				return list, err
			})
		return err
	})
	return page, err
}
