package shop

import (
	"slices"
	"strconv"
	"time"

	"coffer/internal/economy"
)

// ItemCreation adds an item to the shop.
type ItemCreation struct {
	Request economy.Request
	Admin   economy.Person
	Terms   Terms
	Stock   Stock
}

// NewItemCreation checks an item. Errors: ErrItem.
func NewItemCreation(r economy.Request, admin economy.Person, t Terms, s Stock) (ItemCreation, error) {
	t = t.cut()
	if err := t.Validate(); err != nil {
		return ItemCreation{}, err
	}
	if err := s.validate(); err != nil {
		return ItemCreation{}, err
	}
	return ItemCreation{r, admin, t, s}, nil
}

// Fingerprint is the same for the same creation under another clock or name.
func (c ItemCreation) Fingerprint() string {
	return economy.Fingerprint("admin", c.Admin.Identity(), "terms", c.Terms, "stock", c.Stock)
}

// ItemEdit replaces an item's terms.
type ItemEdit struct {
	Request economy.Request
	Admin   economy.Person
	Item    ItemID
	Version int // that was looked at
	Terms   Terms
	Stock   *Stock // nil: stays as it is
}

// NewItemEdit checks an edit. Errors: ErrItem.
func NewItemEdit(r economy.Request, admin economy.Person, id ItemID, version int, t Terms, s *Stock) (ItemEdit, error) {
	t = t.cut()
	if err := t.Validate(); err != nil {
		return ItemEdit{}, err
	}
	if s != nil {
		if err := s.validate(); err != nil {
			return ItemEdit{}, err
		}
	}
	return ItemEdit{r, admin, id, version, t, s}, nil
}

// Fingerprint is the same for the same edit under another clock or name.
func (e ItemEdit) Fingerprint() string {
	return economy.Fingerprint("admin", e.Admin.Identity(), "item", e.Item, "version", e.Version, "terms", e.Terms, "stock", e.Stock)
}

// Of returns the item as the edit leaves it, and whether that changes anything.
// Errors: ErrUnknownItem, ErrItemChanged.
func (e ItemEdit) Of(i Item) (Item, bool, error) {
	switch {
	case i.Archived:
		return i, false, ErrUnknownItem
	case i.Version != e.Version:
		return i, false, ErrItemChanged.With("version", i.Version)
	}
	after := i
	after.Terms = e.Terms
	if e.Stock != nil {
		after.Stock = *e.Stock
	}
	if after == i {
		return i, false, nil
	}
	after.Version++
	return after, true, nil
}

// ItemArchival takes an item off sale.
type ItemArchival struct {
	Request economy.Request
	Admin   economy.Person
	Item    ItemID
}

// Fingerprint is the same for the same archival under another clock or name.
func (a ItemArchival) Fingerprint() string {
	return economy.Fingerprint("admin", a.Admin.Identity(), "item", a.Item)
}

// Purchase is a member's wish to buy what he has seen, at the price that he has seen.
type Purchase struct {
	Request  economy.Request
	Buyer    economy.Person
	Roles    []economy.RoleID // that he has, as Discord signed it
	Item     ItemID
	Quantity int64
	Price    economy.Amount // of one piece
	Version  int            // of the item that he has seen; 0: not told, so that only the price counts
}

// NewPurchase checks a purchase. Errors: ErrQuantity, economy.ErrBotMember, economy.ErrAmountRange.
func NewPurchase(r economy.Request, buyer economy.Person, roles []economy.RoleID, id ItemID, quantity int64, price economy.Amount) (Purchase, error) {
	switch {
	case buyer.Bot:
		return Purchase{}, economy.ErrBotMember
	case quantity < 1 || quantity > MaxQuantity:
		return Purchase{}, ErrQuantity
	case price < 1 || price > economy.MaxMovement:
		return Purchase{}, economy.ErrAmountRange
	}
	return Purchase{Request: r, Buyer: buyer, Roles: roles, Item: id, Quantity: quantity, Price: price}, nil
}

// Fingerprint is the same for the same purchase under another clock, name, roles or
// version: what these decide is whether there is a purchase, not which one.
func (p Purchase) Fingerprint() string {
	return economy.Fingerprint("buyer", p.Buyer.User, "item", p.Item, "quantity", p.Quantity, "price", p.Price)
}

// Of returns what the purchase of an item costs a member who has bought so many
// pieces of it before and has such a balance. Errors: those of Store.Purchase, in
// their order.
func (p Purchase) Of(i Item, bought int64, balance economy.Amount, s economy.Settings) (economy.Amount, error) {
	if err := i.OnSale(p.Request.At.UTC().Truncate(time.Microsecond)); err != nil {
		return 0, err
	}
	total := i.Price * economy.Amount(p.Quantity)
	switch {
	case p.Version != 0 && p.Version != i.Version:
		return 0, ErrItemChanged.With("item", i).With("balance", balance).With("currency", s.Currency())
	case p.Price != i.Price:
		return 0, ErrPriceChanged.With("price", i.Price)
	case i.RequiredRole != "" && !slices.Contains(p.Roles, i.RequiredRole):
		return 0, ErrRoleRequired.With("role", i.RequiredRole)
	case i.MemberLimit > 0 && bought+p.Quantity > i.MemberLimit:
		return 0, ErrMemberLimit.With("limit", i.MemberLimit).With("bought", bought)
	case i.Stock.Limited && p.Quantity > i.Stock.Left:
		return 0, ErrSoldOut.With("left", i.Stock.Left)
	case balance < i.MinimumBalance:
		return 0, ErrMinimumBalance.With("minimum", i.MinimumBalance).With("balance", balance).With("currency", s.Currency())
	case total > economy.MaxMovement:
		return 0, economy.ErrAmountRange
	case total > balance:
		return 0, s.InCurrency(economy.ErrInsufficientFunds.With("balance", balance))
	}
	return total, nil
}

// Refund takes a purchase back.
type Refund struct {
	Request  economy.Request
	Admin    economy.Person
	Purchase PurchaseID
	Reason   string
}

// NewRefund checks a refund. Errors: economy.ErrNote.
func NewRefund(r economy.Request, admin economy.Person, id PurchaseID, reason string) (Refund, error) {
	if err := economy.CheckNote(reason); err != nil {
		return Refund{}, err
	}
	return Refund{r, admin, id, reason}, nil
}

// Fingerprint is the same for the same refund under another clock or name.
func (r Refund) Fingerprint() string {
	return economy.Fingerprint("admin", r.Admin.Identity(), "purchase", r.Purchase, "reason", r.Reason)
}

// Use is a member's wish to use an item.
type Use struct {
	Request economy.Request
	Member  economy.Person
	Item    ItemID
}

// Fingerprint is the same for the same use under another clock or name.
func (u Use) Fingerprint() string {
	return economy.Fingerprint("member", u.Member.User, "item", u.Item)
}

// String returns the number as people see it.
func (id PurchaseID) String() string { return "#" + strconv.FormatInt(int64(id), 10) }
