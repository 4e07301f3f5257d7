package postgrest

import (
	"context"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// Inventory implements shop.Store.
func (s *Store) Inventory(ctx context.Context, q shop.InventoryQuery) (shop.InventoryPage, error) {
	skip, size := page(q.Page, q.Size)
	found, err := read[[]struct {
		Item      shop.ItemID    `json:"item"`
		Name      string         `json:"name"`
		Quantity  int64          `json:"quantity"`
		Usable    bool           `json:"usable"`
		Role      economy.RoleID `json:"role"`
		RoleUntil time.Time      `json:"role_until"`
	}](ctx, s, "coffer_inventory", struct {
		Guild  economy.GuildID `json:"guild"`
		At     time.Time       `json:"at"`
		Viewer person          `json:"viewer"`
		Member person          `json:"member"`
		Turned bool            `json:"turned"`
		Skip   int64           `json:"skip"`
		Size   int             `json:"size"`
	}{q.Guild, instant(q.At), personOf(q.Viewer), personOf(q.Member), q.Turned, skip, size + 1})
	shown, more := first(found, size)
	owned := shop.InventoryPage{More: more}
	for _, l := range shown {
		owned.Lines = append(owned.Lines, shop.InventoryLine(l))
	}
	return owned, err
}

// Use implements shop.Store.
func (s *Store) Use(ctx context.Context, c shop.Use) (shop.UseReceipt, error) {
	return write[shop.UseReceipt](ctx, s, "coffer_use", struct {
		Request request     `json:"request"`
		Member  person      `json:"member"`
		Item    shop.ItemID `json:"item"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Member), c.Item})
}

// ExpireRoles implements shop.Store, a portion at a time, so that nobody waits long
// for a member's lock. Of a portion whose answer is lost nothing is counted.
func (s *Store) ExpireRoles(ctx context.Context, now time.Time) (int, error) {
	const portion = 200
	return s.portions(ctx, portion, "coffer_expire_roles", struct {
		Now     time.Time `json:"now"`
		Portion int       `json:"portion"`
	}{instant(now), portion})
}
