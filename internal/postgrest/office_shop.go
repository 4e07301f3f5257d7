package postgrest

import (
	"context"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
)

// itemSheet is an item as functions show it to admins.
type itemSheet struct {
	Item      shop.Item     `json:"item"`
	Created   time.Time     `json:"created"`
	Changed   time.Time     `json:"changed"`
	ChangedBy economy.Actor `json:"changed_by"`
}

// ItemList implements shop.Office.
func (s *Store) ItemList(ctx context.Context, q shop.ItemListQuery) (shop.ItemListPage, error) {
	size := limited(q.Size)
	var archived []bool
	for _, shelf := range among(q.Shelf, shop.Shelves) {
		archived = append(archived, shelf == shop.Archived)
	}
	found, err := read[[]itemSheet](ctx, s, "coffer_item_list", struct {
		Guild    economy.GuildID `json:"guild"`
		Archived []bool          `json:"archived"`
		Folded   string          `json:"folded"`
		Before   int64           `json:"before"`
		Size     int             `json:"size"`
	}{q.Guild, archived, economy.Fold(q.Text), beyond(q.Before), size + 1})
	shown, more := first(found, size)
	list := shop.ItemListPage{More: more}
	for _, i := range shown {
		list.Items = append(list.Items, shop.ItemSheet(i))
	}
	return list, err
}

// ItemSheet implements shop.Office.
func (s *Store) ItemSheet(ctx context.Context, guild economy.GuildID, id shop.ItemID) (shop.ItemSheet, error) {
	found, err := read[*itemSheet](ctx, s, "coffer_item_sheet", struct {
		Guild economy.GuildID `json:"guild"`
		Item  shop.ItemID     `json:"item"`
	}{guild, id})
	switch {
	case err != nil:
		return shop.ItemSheet{}, err
	case found == nil:
		return shop.ItemSheet{}, shop.ErrUnknownItem
	}
	return shop.ItemSheet(*found), nil
}

// Purchases implements shop.Office.
func (s *Store) Purchases(ctx context.Context, q shop.PurchasesQuery) (shop.PurchasesPage, error) {
	size := limited(q.Size)
	found, err := read[[]struct {
		ID          shop.PurchaseID       `json:"id"`
		Item        shop.ItemID           `json:"item"`
		Name        string                `json:"name"`
		Quantity    int64                 `json:"quantity"`
		Total       economy.Amount        `json:"total"`
		Buyer       economy.Actor         `json:"buyer"`
		Role        economy.RoleID        `json:"role"`
		RoleUntil   time.Time             `json:"role_until"`
		RoleRuns    bool                  `json:"role_runs"`
		Granted     bool                  `json:"granted"`
		Transaction economy.TransactionID `json:"transaction"`
		At          time.Time             `json:"at"`
		Refund      economy.TransactionID `json:"refund"`
		RefundedBy  economy.Actor         `json:"refunded_by"`
		Refunded    time.Time             `json:"refunded"`
		Reason      string                `json:"reason"`
	}](ctx, s, "coffer_purchases", struct {
		Guild  economy.GuildID      `json:"guild"`
		States []shop.PurchaseState `json:"states"`
		Member int64                `json:"member"`
		Item   shop.ItemID          `json:"item"`
		Before int64                `json:"before"`
		Size   int                  `json:"size"`
	}{q.Guild, among(q.State, shop.PurchaseStates), q.Member, q.Item, beyond(q.Before), size + 1})
	shown, more := first(found, size)
	list := shop.PurchasesPage{More: more}
	for _, p := range shown {
		list.Purchases = append(list.Purchases, shop.PurchaseSheet(p))
	}
	return list, err
}

// DeliveryList implements outbox.Office.
func (s *Store) DeliveryList(ctx context.Context, q outbox.DeliveryListQuery) (outbox.DeliveryListPage, error) {
	size := limited(q.Size)
	found, err := read[[]struct {
		ID       int64             `json:"id"`
		Kind     outbox.Kind       `json:"kind"`
		State    outbox.State      `json:"state"`
		Attempts int               `json:"attempts"`
		Member   economy.Actor     `json:"member"`
		Role     economy.RoleID    `json:"role"`
		Channel  economy.ChannelID `json:"channel"`
		Subject  string            `json:"subject"`
		Notice   string            `json:"notice"`
		Error    string            `json:"error"`
		Created  time.Time         `json:"created"`
		Due      time.Time         `json:"due"`
	}](ctx, s, "coffer_delivery_list", struct {
		Guild  economy.GuildID `json:"guild"`
		States []outbox.State  `json:"states"`
		Before int64           `json:"before"`
		Size   int             `json:"size"`
	}{q.Guild, among(q.State, outbox.Unsettled), beyond(q.Before), size + 1})
	shown, more := first(found, size)
	list := outbox.DeliveryListPage{More: more}
	for _, d := range shown {
		list.Deliveries = append(list.Deliveries, outbox.DeliverySheet{Member: d.Member, Delivery: outbox.Delivery{
			ID: d.ID, Kind: d.Kind, State: d.State, Attempts: d.Attempts, User: d.Member.User, Role: d.Role, Channel: d.Channel,
			Subject: d.Subject, Notice: d.Notice, Error: d.Error, Created: d.Created, Due: d.Due,
		}})
	}
	return list, err
}
