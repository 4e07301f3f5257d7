package interactions

import (
	"slices"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// obstacle returns why the viewer could not buy so many now. It is for showing only;
// the store decides, by the same rule.
func obstacle(o shop.Offer, roles []economy.RoleID, quantity int64, at time.Time) error {
	wish := shop.Purchase{Request: economy.Request{At: at}, Roles: roles, Quantity: quantity, Price: o.Item.Price}
	_, err := wish.Of(o.Item, o.Bought, o.Balance, economy.Settings{CurrencyName: o.Currency.Name, CurrencySymbol: o.Currency.Symbol})
	return err
}

// stock says how many are left; nothing where there is no end of them.
func (l *locale) stock(s shop.Stock) string {
	switch {
	case !s.Limited:
		return ""
	case s.Left == 0:
		return l.text("goods.sold_out")
	}
	return l.text("goods.left", "n", l.number(s.Left))
}

// gives says what a buyer gets beside the thing itself.
func (l *locale) gives(t shop.Terms) string {
	switch {
	case t.Role != "" && t.RoleHours > 0:
		return l.text("goods.role_for", "role", mentionRole(t.Role), "time", l.hours(t.RoleHours))
	case t.Role != "":
		return l.text("goods.role", "role", mentionRole(t.Role))
	case t.Usable:
		return l.text("goods.usable")
	}
	return ""
}

// summary is an item on a page of the shop: all that decides whether to look closer.
func (l *locale) summary(i shop.Item, c economy.Currency) string {
	parts := []string{"**" + l.money(i.Price, c) + "**", l.stock(i.Stock), l.gives(i.Terms)}
	if i.MemberLimit > 0 {
		parts = append(parts, l.text("goods.limit", "n", l.number(i.MemberLimit)))
	}
	if i.RequiredRole != "" {
		parts = append(parts, l.text("goods.required_role", "role", mentionRole(i.RequiredRole)))
	}
	if i.MinimumBalance > 0 {
		parts = append(parts, l.text("goods.minimum_balance", "balance", l.money(i.MinimumBalance, c)))
	}
	if !i.Until.IsZero() {
		parts = append(parts, l.text("goods.until", "time", relative(i.Until)))
	}
	return joined(parts)
}

// joined puts what is not empty on one line.
func joined(parts []string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// requirements says what an item asks of its buyer, and whether the viewer has it.
func (l *locale) requirements(o shop.Offer, roles []economy.RoleID) string {
	var all []string
	add := func(met bool, text string) {
		mark := "❌ "
		if met {
			mark = "✅ "
		}
		all = append(all, mark+text)
	}
	if role := o.Item.RequiredRole; role != "" {
		add(slices.Contains(roles, role), mentionRole(role))
	}
	if least := o.Item.MinimumBalance; least > 0 {
		add(o.Balance >= least, l.text("item.minimum", "minimum", l.money(least, o.Currency)))
	}
	if limit := o.Item.MemberLimit; limit > 0 {
		add(o.Bought < limit, l.text("item.limit", "limit", l.number(limit), "bought", l.number(o.Bought)))
	}
	return strings.Join(all, "\n")
}

// hours counts hours, in days where they are whole ones.
func (l *locale) hours(n int) string {
	switch {
	case n%24 == 0:
		return l.days(n / 24)
	case n == 1:
		return l.text("hours.one")
	}
	return l.text("hours.other", "n", l.number(int64(n)))
}
