package postgrest

import (
	"context"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// terms are an item's terms as functions take them: with times to the microsecond,
// null for none, and the name as names are compared.
type terms struct {
	shop.Terms
	Folded string     `json:"folded"`
	Opens  *time.Time `json:"opens"`
	Closes *time.Time `json:"closes"`
}

func termsOf(t shop.Terms) terms {
	return terms{t, economy.Fold(t.Name), moment(t.From), moment(t.Until)}
}

// moment is an instant, or nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = instant(t)
	return &t
}

// CreateItem implements shop.Store.
func (s *Store) CreateItem(ctx context.Context, c shop.ItemCreation) (shop.Item, error) {
	return write[shop.Item](ctx, s, "coffer_create_item", struct {
		Request request    `json:"request"`
		Admin   person     `json:"admin"`
		Terms   terms      `json:"terms"`
		Stock   shop.Stock `json:"stock"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Admin), termsOf(c.Terms), c.Stock})
}

// EditItem implements shop.Store.
func (s *Store) EditItem(ctx context.Context, c shop.ItemEdit) (shop.Item, error) {
	return write[shop.Item](ctx, s, "coffer_edit_item", struct {
		Request request     `json:"request"`
		Admin   person      `json:"admin"`
		Item    shop.ItemID `json:"item"`
		Version int         `json:"version"`
		Terms   terms       `json:"terms"`
		Stock   *shop.Stock `json:"stock"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Admin), c.Item, c.Version, termsOf(c.Terms), c.Stock})
}

// ArchiveItem implements shop.Store.
func (s *Store) ArchiveItem(ctx context.Context, c shop.ItemArchival) (shop.Item, error) {
	return write[shop.Item](ctx, s, "coffer_archive_item", struct {
		Request request     `json:"request"`
		Admin   person      `json:"admin"`
		Item    shop.ItemID `json:"item"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Admin), c.Item})
}

// Catalogue implements shop.Store.
func (s *Store) Catalogue(ctx context.Context, q shop.CatalogueQuery) (shop.CataloguePage, error) {
	skip, size := page(q.Page, q.Size)
	found, err := read[struct {
		Items      []shop.Item      `json:"items"`
		Categories []string         `json:"categories"`
		Balance    economy.Amount   `json:"balance"`
		Currency   economy.Currency `json:"currency"`
	}](ctx, s, "coffer_catalogue", struct {
		Guild    economy.GuildID `json:"guild"`
		At       time.Time       `json:"at"`
		Viewer   person          `json:"viewer"`
		Category string          `json:"category"`
		Skip     int64           `json:"skip"`
		Size     int             `json:"size"`
	}{q.Guild, instant(q.At), personOf(q.Viewer), text(q.Category), skip, size + 1})
	items, more := first(found.Items, size)
	return shop.CataloguePage{Items: items, More: more, Categories: found.Categories, Balance: found.Balance, Currency: found.Currency}, err
}

// Offer implements shop.Store.
func (s *Store) Offer(ctx context.Context, q shop.OfferQuery) (shop.Offer, error) {
	found, err := read[*struct {
		Item     shop.Item        `json:"item"`
		Owned    int64            `json:"owned"`
		Bought   int64            `json:"bought"`
		Balance  economy.Amount   `json:"balance"`
		Currency economy.Currency `json:"currency"`
	}](ctx, s, "coffer_offer", struct {
		Guild  economy.GuildID `json:"guild"`
		At     time.Time       `json:"at"`
		Viewer person          `json:"viewer"`
		Item   shop.ItemID     `json:"item"`
		Folded string          `json:"folded"`
	}{q.Guild, instant(q.At), personOf(q.Viewer), q.Item, economy.Fold(q.Name)})
	switch {
	case err != nil:
		return shop.Offer{}, err
	case found == nil: // not raised, for the viewer has been met
		return shop.Offer{}, shop.ErrUnknownItem
	}
	return shop.Offer(*found), nil
}

// ItemNames implements shop.Store.
func (s *Store) ItemNames(ctx context.Context, q shop.NamesQuery) ([]shop.ItemName, error) {
	var owner any
	if q.OwnedBy != "" {
		owner = q.OwnedBy
	}
	found, err := read[[]struct {
		ID       shop.ItemID    `json:"id"`
		Name     string         `json:"name"`
		Price    economy.Amount `json:"price"`
		Archived bool           `json:"archived"`
		Owned    int64          `json:"owned"`
	}](ctx, s, "coffer_item_names", struct {
		Guild  economy.GuildID `json:"guild"`
		Folded string          `json:"folded"`
		Unsold bool            `json:"archived"` // as servers from before call it
		Owner  any             `json:"owner"`
		At     time.Time       `json:"at"`
		Size   int             `json:"size"`
	}{q.Guild, economy.Fold(q.Text), q.Unsold, owner, instant(q.At), limited(q.Limit)})
	var list []shop.ItemName
	for _, n := range found {
		list = append(list, shop.ItemName(n))
	}
	return list, err
}

// page returns how many rows are before a page, and how many are on it.
func page(number, size int) (skip int64, rows int) {
	rows = limited(size)
	return min(int64(max(number, 1)-1), 1<<32) * int64(rows), rows
}

func limited(rows int) int { return min(max(rows, 1), economy.MaxPage) }

// first returns the first rows of a list that was read one longer than a page, and
// whether more follow.
func first[T any](list []T, rows int) ([]T, bool) {
	return list[:min(len(list), rows)], len(list) > rows
}

// text is what someone looks for, as Postgres can read it. What no text can hold
// becomes what no category has.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\x01"), "\x00", "\x01")
}
