package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// onSale holds for items that are on sale at ?2.
const onSale = " NOT i.archived AND (i.from_at IS NULL OR i.from_at <= ?2) AND (i.until_at IS NULL OR i.until_at > ?2) "

// turn returns the rows of a page, and those before it.
func turn(page, size int) (rows, before int) {
	const farthest = 1 << 40
	rows = min(max(size, 1), economy.MaxPage)
	return rows, min(max(page-1, 0), farthest) * rows
}

// Catalogue implements shop.Store.
func (s *Store) Catalogue(ctx context.Context, q shop.CatalogueQuery) (page shop.CataloguePage, err error) {
	size, skip := turn(q.Page, q.Size)
	guild, at := string(q.Guild), q.At.UnixMicro()
	err = s.visit(ctx, q.Guild, q.At, func(t *tx) error {
		if !t.snapshot {
			return errSnapshot
		}
		viewer, err := t.member(q.Guild, q.Viewer.User)
		if err != nil {
			return err
		}
		settings, err := t.settings(q.Guild)
		if err != nil {
			return err
		}
		page = shop.CataloguePage{Balance: viewer.balance, Currency: settings.Currency()}
		if err := t.each("SELECT "+itemColumns+" FROM items i WHERE i.guild_id = ?1 AND"+onSale+
			"AND (?3 = '' OR i.category = ?3) ORDER BY i.category, i.price, i.id LIMIT ?4 OFFSET ?5",
			[]any{guild, at, q.Category, size + 1, skip}, func(rows *sql.Rows) error {
				var r itemRow
				err := rows.Scan(r.columns()...)
				page.Items = append(page.Items, r.item())
				return err
			}); err != nil {
			return err
		}
		if page.More = len(page.Items) > size; page.More {
			page.Items = page.Items[:size]
		}
		return t.each("SELECT DISTINCT i.category FROM items i WHERE i.guild_id = ?1 AND i.category <> '' AND"+onSale+"ORDER BY 1",
			[]any{guild, at}, func(rows *sql.Rows) error {
				var category string
				err := rows.Scan(&category)
				page.Categories = append(page.Categories, category)
				return err
			})
	}, q.Viewer)
	return page, err
}

// Offer implements shop.Store.
func (s *Store) Offer(ctx context.Context, q shop.OfferQuery) (shop.Offer, error) {
	which := "i.id = ?3"
	args := []any{string(q.Guild), string(q.Viewer.User), int64(q.Item)}
	if q.Item == 0 {
		which = "i.folded = ?3 AND NOT i.archived"
		args[2] = economy.Fold(q.Name)
	}
	var o shop.Offer
	var item itemRow
	err := s.visit(ctx, q.Guild, q.At, func(t *tx) error {
		err := t.row(`SELECT m.balance, g.currency_name, g.currency_symbol, coalesce(v.owned, 0), coalesce(v.owned + v.used, 0), `+
			itemColumns+` FROM members m JOIN guilds g ON g.id = m.guild_id JOIN items i ON i.guild_id = m.guild_id
			LEFT JOIN inventories v ON v.member_id = m.id AND v.item_id = i.id
			WHERE m.guild_id = ?1 AND m.user_id = ?2 AND `+which,
			args, append([]any{&o.Balance, &o.Currency.Name, &o.Currency.Symbol, &o.Owned, &o.Bought}, item.columns()...)...)
		if errors.Is(err, sql.ErrNoRows) {
			if _, err = t.member(q.Guild, q.Viewer.User); err == nil {
				err = shop.ErrUnknownItem
			}
		}
		return err
	}, q.Viewer)
	if err != nil {
		return shop.Offer{}, err
	}
	o.Item = item.item()
	return o, nil
}

// ItemNames implements shop.Store.
func (s *Store) ItemNames(ctx context.Context, q shop.NamesQuery) ([]shop.ItemName, error) {
	var list []shop.ItemName
	err := s.query(ctx, func(t *tx) error {
		return t.each(`SELECT i.id, i.name, i.price, i.archived, CASE WHEN ?5 = '' THEN 0 ELSE v.owned END FROM items i
			LEFT JOIN inventories v ON v.item_id = i.id
				AND v.member_id = (SELECT id FROM members WHERE guild_id = ?1 AND user_id = nullif(?5, ''))
			WHERE i.guild_id = ?1 AND instr(i.folded, ?3) > 0
				AND CASE WHEN ?5 <> '' THEN v.owned > 0 ELSE ?4 AND NOT i.archived OR`+onSale+`END
			ORDER BY instr(i.folded, ?3) > 1, i.folded, i.id LIMIT ?6`,
			[]any{string(q.Guild), q.At.UnixMicro(), economy.Fold(q.Text), q.Unsold, string(q.OwnedBy), min(max(q.Limit, 1), economy.MaxPage)},
			func(rows *sql.Rows) error {
				var n shop.ItemName
				err := rows.Scan(&n.ID, &n.Name, &n.Price, &n.Archived, &n.Owned)
				list = append(list, n)
				return err
			})
	})
	return list, err
}
