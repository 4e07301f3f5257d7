package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// Inventory implements shop.Store.
func (s *Store) Inventory(ctx context.Context, q shop.InventoryQuery) (page shop.InventoryPage, err error) {
	size, skip := turn(q.Page, q.Size)
	if !q.Viewer.Joined.IsZero() {
		if _, err := s.Restore(ctx, q.Guild, []economy.Person{q.Viewer}, q.At); err != nil {
			return page, err
		}
	}
	err = s.visit(ctx, q.Guild, q.At, func(t *tx) error {
		if !t.snapshot {
			return errSnapshot
		}
		if _, err := t.member(q.Guild, q.Viewer.User); err != nil {
			return err
		}
		page = shop.InventoryPage{}
		m, err := t.member(q.Guild, q.Member.User)
		if q.Turned && errors.Is(err, errStranger) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := t.each(`SELECT i.id, i.name, v.owned, i.usable,
			coalesce((SELECT e.role_id FROM entitlements e JOIN purchases p ON p.id = e.purchase_id
				WHERE e.member_id = v.member_id AND e.ended_at IS NULL AND p.item_id = v.item_id ORDER BY p.id DESC LIMIT 1), '')
			FROM inventories v JOIN items i ON i.id = v.item_id WHERE v.member_id = ? AND v.owned > 0
			ORDER BY i.folded, i.id LIMIT ? OFFSET ?`, []any{m.id, size + 1, skip}, func(rows *sql.Rows) error {
			var l shop.InventoryLine
			err := rows.Scan(&l.Item, &l.Name, &l.Quantity, &l.Usable, &l.Role)
			page.Lines = append(page.Lines, l)
			return err
		}); err != nil {
			return err
		}
		if page.More = len(page.Lines) > size; page.More {
			page.Lines = page.Lines[:size]
		}
		for n := range page.Lines {
			if l := &page.Lines[n]; l.Role != "" {
				if _, l.RoleUntil, err = t.entitled(m.id, l.Role); err != nil {
					return err
				}
			}
		}
		return nil
	}, met(q.Viewer, q.Member, q.Turned)...)
	return page, err
}

// Use implements shop.Store.
func (s *Store) Use(ctx context.Context, c shop.Use) (shop.UseReceipt, error) {
	return once(ctx, s, "use", c.Request, c.Fingerprint(),
		func(t *tx) (receipt shop.UseReceipt, _ economy.TransactionID, err error) {
			r := c.Request
			_, m, err := t.enter(r, c.Member)
			if err != nil {
				return receipt, 0, err
			}
			item, err := t.item(r.Guild, c.Item)
			if err != nil {
				return receipt, 0, err
			}
			owned, _, err := t.goods(m.id, item.ID)
			switch {
			case err != nil:
				return receipt, 0, err
			case owned == 0:
				return receipt, 0, shop.ErrNotOwned
			case !item.Usable:
				return receipt, 0, shop.ErrNotUsable
			}
			if _, err := t.exec("UPDATE inventories SET owned = owned - 1, used = used + 1 WHERE member_id = ? AND item_id = ?",
				m.id, int64(item.ID)); err != nil {
				return receipt, 0, err
			}
			return shop.UseReceipt{Item: item.ID, Name: item.Name, Message: item.UseMessage, Left: owned - 1}, 0,
				t.tellItem(r, m, "item.used", item.ID, nil, nil)
		})
}
