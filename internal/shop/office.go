package shop

import (
	"context"
	"time"

	"coffer/internal/economy"
)

// Office is what admins see of goods and sales. It is part of the same store as Store,
// by whose operations they change something. Its reads create nobody: an unknown guild
// has nothing. Each costs what its page does, whatever the guild has.
type Office interface {
	// ItemList returns a page of the guild's items, the newest first.
	ItemList(context.Context, ItemListQuery) (ItemListPage, error)

	// ItemSheet returns one item, archived or not. Errors: ErrUnknownItem.
	ItemSheet(ctx context.Context, guild economy.GuildID, id ItemID) (ItemSheet, error)

	// Purchases returns a page of what was bought, the newest first.
	Purchases(context.Context, PurchasesQuery) (PurchasesPage, error)
}

// Shelf says where an item is.
type Shelf string

// The shelves.
const (
	Active   Shelf = "active" // not archived, whether it is on sale now or not
	Archived Shelf = "archived"
)

// Shelves are all shelves.
var Shelves = []Shelf{Active, Archived}

// PurchaseState is where a purchase stands.
type PurchaseState string

// The states.
const (
	Kept     PurchaseState = "kept"
	Refunded PurchaseState = "refunded"
)

// PurchaseStates are all states of a purchase.
var PurchaseStates = []PurchaseState{Kept, Refunded}

// ItemListQuery asks for a page of a guild's items.
type ItemListQuery struct {
	Guild  economy.GuildID
	Shelf  Shelf  // empty: both
	Text   string // that the name contains, as economy.Fold has both; empty: any
	Before ItemID // only older ones; 0: from the newest
	Size   int    // items a page, 1 to economy.MaxPage
}

// ItemListPage is a page of items.
type ItemListPage struct {
	Items []ItemSheet
	More  bool // another page follows
}

// ItemSheet is an item as an admin sees it.
type ItemSheet struct {
	Item      Item
	Created   time.Time
	Changed   time.Time     // by its newest event, sales and uses aside
	ChangedBy economy.Actor // who did that
}

// PurchasesQuery asks for a page of purchases.
type PurchasesQuery struct {
	Guild  economy.GuildID
	State  PurchaseState // empty: both
	Member int64         // surrogate number of the buyer; 0: all
	Item   ItemID        // 0: all
	Before PurchaseID    // only older ones; 0: from the newest
	Size   int           // purchases a page, 1 to economy.MaxPage
}

// PurchasesPage is a page of purchases.
type PurchasesPage struct {
	Purchases []PurchaseSheet
	More      bool // another page follows
}

// PurchaseSheet is a purchase as an admin sees it.
type PurchaseSheet struct {
	ID          PurchaseID
	Item        ItemID
	Name        string // of the item when it was bought
	Quantity    int64
	Total       economy.Amount
	Buyer       economy.Actor
	Role        economy.RoleID // that it entitles to; empty: none
	RoleUntil   time.Time      // its own end; zero: for ever, or no role
	RoleRuns    bool           // the entitlement has not ended
	Granted     bool           // and Discord was seen to have granted it
	Transaction economy.TransactionID
	At          time.Time
	Refund      economy.TransactionID // 0: it is kept
	RefundedBy  economy.Actor         // with Refund; the system, where the role could not be granted
	Refunded    time.Time             // with Refund
	Reason      string                // with Refund; empty: none was given
}
