package interactions

import (
	"context"
	"strconv"
	"strings"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

func (b *bank) inventory(ctx context.Context, r *Request) (Reply, error) {
	whose, err := r.wallet("member")
	if err != nil {
		return nil, err
	}
	return b.inventoryPage(ctx, r, shop.InventoryQuery{Member: whose, Page: 1})
}

// turnInventory answers a button: inventory:owner:member:page.
func (b *bank) turnInventory(ctx context.Context, r *Request) (Reply, error) {
	page, err := r.number(2)
	if err != nil || page > maxShelf || !snowflake(r.arg(1)) {
		return nil, errUnknownComponent
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	return updated(b.inventoryPage(ctx, r, shop.InventoryQuery{Member: economy.Person{User: economy.UserID(r.arg(1))}, Turned: true, Page: int(page)}))
}

func (b *bank) inventoryPage(ctx context.Context, r *Request, q shop.InventoryQuery) (message, error) {
	q.Guild, q.Viewer, q.Size, q.At = r.Guild, r.Member, pageSize, r.At
	q.Viewer.Joined = r.joined()
	got, err := b.store.Inventory(ctx, q)
	if err != nil {
		return message{}, err
	}
	l, whose, page := r.texts, q.Member, q.Page
	var text strings.Builder
	text.WriteString(mention(whose.User) + "\n\n")
	usable := false
	for _, line := range got.Lines {
		text.WriteString(l.inventoryLine(line) + "\n")
		usable = usable || line.Usable
	}
	own := whose.User == r.Member.User
	switch {
	case len(got.Lines) > 0 && usable && own:
		text.WriteString("\n-# " + l.text("inventory.hint"))
	case len(got.Lines) > 0:
	case page > 1:
		text.WriteString(l.text("inventory.empty_page"))
	case own:
		text.WriteString(l.text("inventory.empty_own"))
	default:
		text.WriteString(l.text("inventory.empty"))
	}
	m := message{embed: card(l.text("inventory.title"), text.String())}
	if page > 1 || got.More {
		m.embed.Footer = footer(l.text("shop.page", "page", l.number(int64(page))))
		m.rows = row(
			pageButton(l.text("shop.previous"), page > 1, "inventory", string(r.Member.User), string(whose.User), strconv.Itoa(page-1)),
			pageButton(l.text("shop.next"), got.More && page < maxShelf, "inventory", string(r.Member.User), string(whose.User), strconv.Itoa(page+1)),
		)
	}
	return m, nil
}

// inventoryLine shows an item: how many, and what they are good for.
func (l *locale) inventoryLine(line shop.InventoryLine) string {
	parts := []string{"**" + l.number(line.Quantity) + " ×** " + quote(line.Name)}
	if line.Role != "" {
		parts = append(parts, mentionRole(line.Role))
		if !line.RoleUntil.IsZero() {
			parts = append(parts, l.text("goods.until", "time", relative(line.RoleUntil)))
		}
	}
	if line.Usable {
		parts = append(parts, l.text("goods.usable"))
	}
	return joined(parts)
}
