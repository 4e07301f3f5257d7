package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

const itemColumns = `i.id, i.name, i.description, i.category, i.picture, i.price, i.member_limit, i.required_role,
	i.minimum_balance, i.from_at, i.until_at, i.role, i.role_hours, i.usable, i.use_message, i.stock, i.archived, i.version, i.sold`

// itemRow is where the columns of an item are scanned to.
type itemRow struct {
	shop.Item
	from, until, stock sql.NullInt64
}

func (r *itemRow) columns() []any {
	i := &r.Item
	return []any{&i.ID, &i.Name, &i.Description, &i.Category, &i.Picture, &i.Price, &i.MemberLimit, &i.RequiredRole,
		&i.MinimumBalance, &r.from, &r.until, &i.Role, &i.RoleHours, &i.Usable, &i.UseMessage, &r.stock, &i.Archived, &i.Version, &i.Sold}
}

// item returns what was scanned.
func (r *itemRow) item() shop.Item {
	r.From, r.Until = moment(r.from), moment(r.until)
	r.Stock = shop.Stock{Limited: r.stock.Valid, Left: r.stock.Int64}
	return r.Item
}

// moment returns the time in a column; null is the zero time.
func moment(column sql.NullInt64) time.Time {
	if !column.Valid {
		return time.Time{}
	}
	return time.UnixMicro(column.Int64).UTC()
}

// micros returns a time for a column; the zero time is null.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// left returns a stock for its column; null is without limit.
func left(s shop.Stock) any {
	if !s.Limited {
		return nil
	}
	return s.Left
}

// item returns a guild's item. Errors: shop.ErrUnknownItem.
func (t *tx) item(guild economy.GuildID, id shop.ItemID) (shop.Item, error) {
	var r itemRow
	err := t.row("SELECT "+itemColumns+" FROM items i WHERE i.id = ? AND i.guild_id = ?",
		[]any{int64(id), string(guild)}, r.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		err = shop.ErrUnknownItem
	}
	return r.item(), err
}

// free returns shop.ErrNameTaken where another item has the name already.
func (t *tx) free(guild economy.GuildID, name string, but shop.ItemID) error {
	var taken bool
	err := t.row("SELECT EXISTS (SELECT 1 FROM items WHERE guild_id = ? AND folded = ? AND NOT archived AND id <> ?)",
		[]any{string(guild), economy.Fold(name), int64(but)}, &taken)
	if err == nil && taken {
		err = shop.ErrNameTaken
	}
	return err
}

// tellItem writes an event about an item.
func (t *tx) tellItem(r economy.Request, actor *member, kind string, id shop.ItemID, before, after any) error {
	return t.tell(event{guild: r.Guild, actor: actor, kind: kind, subject: "item:" + strconv.FormatInt(int64(id), 10),
		before: before, after: after, at: r.At})
}

// CreateItem implements shop.Store.
func (s *Store) CreateItem(ctx context.Context, c shop.ItemCreation) (shop.Item, error) {
	return once(ctx, s, "item.create", c.Request, c.Fingerprint(),
		func(t *tx) (item shop.Item, _ economy.TransactionID, err error) {
			r := c.Request
			_, admin, err := t.enter(r, c.Admin)
			if err != nil {
				return item, 0, err
			}
			if err := t.free(r.Guild, c.Terms.Name, 0); err != nil {
				return item, 0, err
			}
			item = shop.Item{Terms: c.Terms, Stock: c.Stock, Version: 1}
			if err := t.row(`INSERT INTO items (guild_id, name, folded, description, category, picture, price, member_limit, required_role,
				minimum_balance, from_at, until_at, role, role_hours, usable, use_message, stock, created_at)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
				append(append([]any{string(r.Guild)}, terms(item)...), left(item.Stock), r.At.UnixMicro()), &item.ID); err != nil {
				return item, 0, err
			}
			return item, 0, t.tellItem(r, admin, "item.created", item.ID, nil, item)
		})
}

// terms are an item's terms in the order of their columns, from the name on.
func terms(i shop.Item) []any {
	return []any{i.Name, economy.Fold(i.Name), i.Description, i.Category, i.Picture, int64(i.Price), i.MemberLimit, string(i.RequiredRole),
		int64(i.MinimumBalance), micros(i.From), micros(i.Until), string(i.Role), i.RoleHours, i.Usable, i.UseMessage}
}

// EditItem implements shop.Store.
func (s *Store) EditItem(ctx context.Context, c shop.ItemEdit) (shop.Item, error) {
	return once(ctx, s, "item.edit", c.Request, c.Fingerprint(),
		func(t *tx) (after shop.Item, _ economy.TransactionID, err error) {
			r := c.Request
			_, admin, err := t.enter(r, c.Admin)
			if err != nil {
				return after, 0, err
			}
			before, err := t.item(r.Guild, c.Item)
			if err != nil {
				return after, 0, err
			}
			after, changed, err := c.Of(before)
			if err != nil || !changed {
				return after, 0, err
			}
			if err := t.free(r.Guild, after.Name, after.ID); err != nil {
				return after, 0, err
			}
			if _, err := t.exec(`UPDATE items SET name = ?, folded = ?, description = ?, category = ?, picture = ?, price = ?,
				member_limit = ?, required_role = ?, minimum_balance = ?, from_at = ?, until_at = ?, role = ?, role_hours = ?,
				usable = ?, use_message = ?, stock = ?, version = ? WHERE id = ?`,
				append(terms(after), left(after.Stock), after.Version, int64(after.ID))...); err != nil {
				return after, 0, err
			}
			return after, 0, t.tellItem(r, admin, "item.changed", after.ID, before, after)
		})
}

// ArchiveItem implements shop.Store.
func (s *Store) ArchiveItem(ctx context.Context, c shop.ItemArchival) (shop.Item, error) {
	return once(ctx, s, "item.archive", c.Request, c.Fingerprint(),
		func(t *tx) (after shop.Item, _ economy.TransactionID, err error) {
			r := c.Request
			_, admin, err := t.enter(r, c.Admin)
			if err != nil {
				return after, 0, err
			}
			before, err := t.item(r.Guild, c.Item)
			if err != nil || before.Archived {
				return before, 0, err
			}
			after = before
			after.Archived = true
			if _, err := t.exec("UPDATE items SET archived = 1 WHERE id = ?", int64(after.ID)); err != nil {
				return after, 0, err
			}
			return after, 0, t.tellItem(r, admin, "item.archived", after.ID, before, after)
		})
}
