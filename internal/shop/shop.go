// Package shop holds the rules of what a guild sells: items, who may buy them and
// when, what members own, and the port of the store that keeps it all.
//
// What a rule can decide without stored state is decided here (forms, ranges); what
// needs stored state (price, stock, limits, balance, times) is decided inside the
// store's operation, in the same transaction as its effect.
package shop

import (
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// ItemID is an item's number, unique in the store.
type ItemID int64

// PurchaseID is a purchase's number, unique in the store.
type PurchaseID int64

// Problems of the shop.
var (
	ErrItem = problem.New(problem.Invalid, "item",
		"Something about the item is out of its range.") // argument "field"
	ErrUnknownItem = problem.New(problem.NotFound, "unknown_item",
		"There is no such item in this server.")
	ErrNameTaken = problem.New(problem.Conflict, "name_taken",
		"Another item has that name.")
	ErrItemChanged = problem.New(problem.Conflict, "item_changed",
		"The item was changed in the meantime. Look at it again.") // argument "version": int; of a purchase "item": Item, "balance", "currency"
	ErrNotForSale = problem.New(problem.Refused, "not_for_sale",
		"That item is not for sale.") // archived; or arguments "from" or "until": time.Time
	ErrPriceChanged = problem.New(problem.Conflict, "price_changed",
		"The price has changed.") // argument "price": economy.Amount
	ErrSoldOut = problem.New(problem.Refused, "sold_out",
		"There are not that many left.") // argument "left": int64
	ErrMemberLimit = problem.New(problem.Refused, "member_limit",
		"Nobody may have more than that of it.") // arguments "limit", "bought": int64
	ErrRoleRequired = problem.New(problem.Refused, "role_required",
		"That item is for members with a certain role.") // argument "role": economy.RoleID
	ErrMinimumBalance = problem.New(problem.Refused, "minimum_balance",
		"That item is for members with more coins.") // arguments "minimum", "balance": economy.Amount, "currency"
	ErrUnknownPurchase = problem.New(problem.NotFound, "unknown_purchase",
		"There is no such purchase in this server.")
	ErrAlreadyRefunded = problem.New(problem.Conflict, "already_refunded",
		"That purchase was refunded already.")
	ErrGoodsUsed = problem.New(problem.Refused, "goods_used",
		"The goods are not there any more to be taken back.") // arguments "owned", "bought": int64
	ErrNotOwned = problem.New(problem.Refused, "not_owned",
		"You do not own that.")
	ErrNotUsable = problem.New(problem.Refused, "not_usable",
		"That is to be kept, not used.")
	ErrQuantity = problem.New(problem.Invalid, "quantity",
		"Buy at least 1 and at most 100 at once.")
)

// Limits of what an item can be.
const (
	MaxName        = 80
	MaxDescription = 1000
	MaxCategory    = 40
	MaxUseMessage  = 1000
	MaxStock       = 1_000_000_000
	MaxQuantity    = 100 // of one purchase
	MaxRoleHours   = 365 * 24
)

// Terms are what an admin decides about an item.
type Terms struct {
	Name           string         `json:"name"`            // unique among the guild's items that are not archived, as economy.Fold has it
	Description    string         `json:"description"`     // may be empty
	Category       string         `json:"category"`        // may be empty
	Picture        string         `json:"picture"`         // an https address, or empty
	Price          economy.Amount `json:"price"`           // 1 to economy.MaxMovement
	MemberLimit    int64          `json:"member_limit"`    // the most that one member can buy, less what was refunded; 0: no limit
	RequiredRole   economy.RoleID `json:"required_role"`   // empty: none
	MinimumBalance economy.Amount `json:"minimum_balance"` // before the purchase; 0: none
	From           time.Time      `json:"from,omitzero"`   // on sale from then on; zero: at once
	Until          time.Time      `json:"until,omitzero"`  // on sale until before then; zero: for ever
	Role           economy.RoleID `json:"role"`            // granted to the buyer; empty: none
	RoleHours      int            `json:"role_hours"`      // for each piece; 0: for ever
	Usable         bool           `json:"usable"`          // /use takes one away; an item with a role is not usable
	UseMessage     string         `json:"use_message"`     // said on use; may be empty
}

// Stock is how many pieces are left to sell.
type Stock struct {
	Limited bool  `json:"limited"`
	Left    int64 `json:"left"` // with Limited; 0 to MaxStock
}

// Item is what a guild sells, or has sold.
type Item struct {
	ID       ItemID `json:"id"`
	Terms    `json:"terms"`
	Stock    Stock `json:"stock"`
	Archived bool  `json:"archived"`
	Version  int   `json:"version"` // from 1, one more with each edit; sales and archiving leave it
	Sold     int64 `json:"sold"`    // pieces, less those refunded
}

// OnSale returns nil if the item can be bought at the time, and else ErrNotForSale.
func (i Item) OnSale(at time.Time) error {
	switch {
	case i.Archived:
		return ErrNotForSale
	case at.Before(i.From):
		return ErrNotForSale.With("from", i.From)
	case !i.Until.IsZero() && !at.Before(i.Until):
		return ErrNotForSale.With("until", i.Until)
	}
	return nil
}

// lastEnd is the latest time that JSON can tell, to the microsecond.
var lastEnd = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)

// RoleEnd returns until when pieces of an item entitle to its role that are bought
// now: they begin where the latest of the member's other entitlements to it ends
// (zero: there is none that ends). Zero means for ever.
func (t Terms) RoleEnd(now, latest time.Time, quantity int64) time.Time {
	if t.RoleHours == 0 {
		return time.Time{}
	}
	if latest.After(now) {
		now = latest
	}
	end := now.Add(time.Duration(t.RoleHours) * time.Duration(quantity) * time.Hour)
	if end.After(lastEnd) {
		return lastEnd
	}
	return end
}

// cut returns the terms with their times as stores keep them.
func (t Terms) cut() Terms {
	t.From, t.Until = t.From.UTC().Truncate(time.Microsecond), t.Until.UTC().Truncate(time.Microsecond)
	return t
}

// Validate returns ErrItem for the first term out of its range.
func (t Terms) Validate() error {
	moment := func(at time.Time) bool { return at.IsZero() || at.Year() >= 1970 && !at.After(lastEnd) }
	for _, rule := range []struct {
		field string
		ok    bool
	}{
		{"name", economy.IsLine(t.Name, 1, MaxName) && t.Name == strings.TrimSpace(t.Name)},
		{"description", economy.IsText(t.Description, 0, MaxDescription)},
		{"category", economy.IsLine(t.Category, 0, MaxCategory) && t.Category == strings.TrimSpace(t.Category)},
		{"picture", economy.IsPicture(t.Picture)},
		{"price", 1 <= t.Price && t.Price <= economy.MaxMovement},
		{"member_limit", 0 <= t.MemberLimit && t.MemberLimit <= MaxStock},
		{"required_role", t.RequiredRole.Valid()},
		{"minimum_balance", 0 <= t.MinimumBalance && t.MinimumBalance <= economy.MaxBalance},
		{"from", moment(t.From)},
		{"until", moment(t.Until) && (t.Until.IsZero() || t.Until.After(t.From))},
		{"role", t.Role.Valid()},
		{"role_hours", 0 <= t.RoleHours && t.RoleHours <= MaxRoleHours && (t.Role != "" || t.RoleHours == 0)},
		{"usable", !t.Usable || t.Role == ""},
		{"use_message", economy.IsText(t.UseMessage, 0, MaxUseMessage) && (t.Usable || t.UseMessage == "")},
	} {
		if !rule.ok {
			return ErrItem.With("field", rule.field)
		}
	}
	return nil
}

func (s Stock) validate() error {
	if s.Left < 0 || s.Left > MaxStock || !s.Limited && s.Left != 0 {
		return ErrItem.With("field", "stock")
	}
	return nil
}
