package shop

import (
	"context"
	"time"

	"coffer/internal/economy"
)

// Store keeps what is sold and owned. It is part of the same store as the books:
// see economy.Store for what all its operations have in common (atomicity, one
// round trip, first contact, requests and their keys, names, times).
//
// Items are numbered in the order of their creation. Each write of an item has an
// event "item.created", "item.changed" or "item.archived" with the subject
// "item:<id>", by the admin, with the Item before and after as JSON. A purchase and
// a refund have the event of their transaction, whose kind is theirs; a use has an
// event "item.used", by the member, subject "item:<id>", without before and after.
//
// A purchase of an item with a role entitles its buyer to the role, until its own
// end (Terms.RoleEnd) or for ever. A member is entitled as long as one of his
// entitlements runs, so his end is the latest of theirs; an entitlement runs until
// it is ended, by the refund of its purchase or by ExpireRoles. Whatever begins or
// ends one has a delivery make Discord agree (outbox.Role).
//
// "By name" is by economy.Fold of the name, and then by number. Texts compare byte by byte.
type Store interface {
	// Catalogue returns a page of what is on sale at the time: not archived, within
	// its times, sold out or not; by category, then by price, then by number. Read.
	Catalogue(context.Context, CatalogueQuery) (CataloguePage, error)

	// Offer returns one item as the viewer sees it. Read. Errors: ErrUnknownItem
	// (archived items are known by their number).
	Offer(context.Context, OfferQuery) (Offer, error)

	// ItemNames returns items whose names contain the text, as economy.Fold has both, those
	// that begin with it first, then by name; at most limit, at most economy.MaxPage.
	// An unknown guild has none and is not created.
	ItemNames(ctx context.Context, q NamesQuery) ([]ItemName, error)

	// CreateItem adds an item. Errors: ErrNameTaken, ErrKeyReused.
	CreateItem(context.Context, ItemCreation) (Item, error)

	// EditItem replaces an item's terms, and its stock where one is given. A change to
	// the same makes no event and no version.
	// Errors, the first that applies: ErrUnknownItem (archived ones too), ErrItemChanged,
	// ErrNameTaken; ErrKeyReused.
	EditItem(context.Context, ItemEdit) (Item, error)

	// ArchiveItem takes an item off sale for ever; whoever owns it keeps it. An
	// archived item stays as it is. Errors: ErrUnknownItem, ErrKeyReused.
	ArchiveItem(context.Context, ItemArchival) (Item, error)

	// Purchase sells an item: coins go to economy.Shop (economy.KindPurchase, note: the
	// item's name), pieces to the buyer, and where the item has a role, the buyer is
	// entitled to it and a delivery will make Discord agree.
	// Errors, the first that applies: ErrUnknownItem, ErrNotForSale, ErrItemChanged (it
	// tells the item as it is now), ErrPriceChanged, ErrRoleRequired, ErrMemberLimit, ErrSoldOut, ErrMinimumBalance,
	// economy.ErrAmountRange (of the total), economy.ErrInsufficientFunds ("balance"),
	// economy.ErrKeyReused.
	Purchase(context.Context, Purchase) (PurchaseReceipt, error)

	// Refund takes a purchase back: coins return by a transaction of
	// economy.KindRefund that reverses the purchase's (note: the reason), pieces go back
	// to the stock where the item's is limited, and the entitlement ends. The highest
	// balance does not limit it. Pieces are all alike: it takes any that the buyer owns.
	// Errors: ErrUnknownPurchase, ErrAlreadyRefunded, economy.ErrErasedMember, ErrGoodsUsed, economy.ErrKeyReused.
	Refund(context.Context, Refund) (RefundReceipt, error)

	// Refundable returns the guild's newest purchases that were not refunded, newest
	// first, at most limit, at most economy.MaxPage.
	Refundable(ctx context.Context, guild economy.GuildID, limit int) ([]RefundablePurchase, error)

	// Inventory returns a page of what a member owns, by name. Read.
	Inventory(context.Context, InventoryQuery) (InventoryPage, error)

	// Use takes one piece from its owner. Errors, the first that applies:
	// ErrUnknownItem, ErrNotOwned, ErrNotUsable, economy.ErrKeyReused.
	Use(context.Context, Use) (UseReceipt, error)

	// ExpireRoles ends the entitlements whose end is not after the given time. It
	// returns how many there were, and may be called by many servers at once. Pieces
	// stay where they are. An end that comes before Discord has granted the role is no
	// fault of the buyer's: his purchase is paid back and told as after a delivery that
	// failed for good (see outbox.Store), with the last error of the delivery as reason.
	ExpireRoles(ctx context.Context, now time.Time) (int, error)
}

// CatalogueQuery asks for a page of the catalogue.
type CatalogueQuery struct {
	Guild    economy.GuildID
	Viewer   economy.Person
	Category string // empty: all
	Page     int    // from 1
	Size     int    // items a page, 1 to economy.MaxPage
	At       time.Time
}

// CataloguePage is a page of what is on sale.
type CataloguePage struct {
	Items      []Item
	More       bool     // another page follows
	Categories []string // of all that is on sale, without the empty one, in order
	Balance    economy.Amount
	Currency   economy.Currency
}

// OfferQuery asks for one item.
type OfferQuery struct {
	Guild  economy.GuildID
	Viewer economy.Person
	Item   ItemID // or 0 and
	Name   string // its whole name, as economy.Fold has it, among those not archived
	At     time.Time
}

// Offer is an item as a member sees it.
type Offer struct {
	Item     Item
	Owned    int64 // pieces in his inventory
	Bought   int64 // pieces that count towards the limit
	Balance  economy.Amount
	Currency economy.Currency
}

// NamesQuery asks for items by their names.
type NamesQuery struct {
	Guild   economy.GuildID
	Text    string
	Unsold  bool           // also what is not on sale, unless it is archived
	OwnedBy economy.UserID // only what this member owns, archived or not; empty: all
	At      time.Time      // unless Unsold or OwnedBy: only what is on sale then
	Limit   int
}

// ItemName is an item as one picks it from a list.
type ItemName struct {
	ID       ItemID
	Name     string
	Price    economy.Amount
	Archived bool
	Owned    int64 // with OwnedBy
}

// PurchaseReceipt is the result of a purchase.
type PurchaseReceipt struct {
	Purchase    PurchaseID            `json:"purchase"`
	Transaction economy.TransactionID `json:"transaction"`
	Item        ItemID                `json:"item"`
	Name        string                `json:"name"`
	Quantity    int64                 `json:"quantity"`
	Total       economy.Amount        `json:"total"`
	Balance     economy.Amount        `json:"balance"` // after
	Owned       int64                 `json:"owned"`   // after
	Role        economy.RoleID        `json:"role"`
	RoleUntil   time.Time             `json:"role_until,omitzero"` // his end, with all he has bought; zero: for ever, or no role
	Currency    economy.Currency      `json:"currency"`
}

// RefundReceipt is the result of a refund.
type RefundReceipt struct {
	Purchase    PurchaseID            `json:"purchase"`
	Transaction economy.TransactionID `json:"transaction"`
	Member      economy.UserID        `json:"member"`
	Name        string                `json:"name"` // of the item when it was bought
	Quantity    int64                 `json:"quantity"`
	Total       economy.Amount        `json:"total"`
	Balance     economy.Amount        `json:"balance"` // the member's, after
	Currency    economy.Currency      `json:"currency"`
}

// RefundablePurchase is a purchase as an admin picks it from a list.
type RefundablePurchase struct {
	Purchase PurchaseID
	Item     string // its name when it was bought
	Quantity int64
	Total    economy.Amount
	Buyer    string // his name
	At       time.Time
}

// InventoryQuery asks for a page of what a member owns.
type InventoryQuery struct {
	Guild  economy.GuildID
	Viewer economy.Person // where his Joined is told, he is given back his roles (economy.Store, Restore)
	Member economy.Person
	Turned bool // as in economy.HistoryQuery
	Page   int  // from 1
	Size   int  // items a page, 1 to economy.MaxPage
	At     time.Time
}

// InventoryPage is a page of what a member owns.
type InventoryPage struct {
	Lines []InventoryLine
	More  bool
}

// InventoryLine is an item that a member owns. Its role is that of the newest of
// the item's purchases whose entitlement still runs, and the end is the member's.
type InventoryLine struct {
	Item      ItemID
	Name      string
	Quantity  int64
	Usable    bool
	Role      economy.RoleID
	RoleUntil time.Time // zero: for ever, or no role
}

// UseReceipt is the result of a use.
type UseReceipt struct {
	Item    ItemID `json:"item"`
	Name    string `json:"name"`
	Message string `json:"message"`
	Left    int64  `json:"left"` // that he still owns
}
