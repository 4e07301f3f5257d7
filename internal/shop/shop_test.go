package shop_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/shop"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// hat is the least that an item must be.
func hat(change func(*shop.Terms)) shop.Terms {
	t := shop.Terms{Name: "Hat", Price: 5}
	change(&t)
	return t
}

func TestTermsInTheirRange(t *testing.T) {
	for _, change := range []func(*shop.Terms){
		func(*shop.Terms) {},
		func(v *shop.Terms) { v.Name = strings.Repeat("🪙", shop.MaxName) },
		func(v *shop.Terms) { v.Name = "x" },
		func(v *shop.Terms) { v.Description = strings.Repeat("é\n", shop.MaxDescription/2) },
		func(v *shop.Terms) { v.Category = strings.Repeat("🪙", shop.MaxCategory) },
		func(v *shop.Terms) { v.Picture = "https://example.org/a%20b.png?c=d#e" },
		func(v *shop.Terms) { v.Price = economy.MaxMovement },
		func(v *shop.Terms) { v.MemberLimit, v.MinimumBalance = shop.MaxStock, economy.MaxBalance },
		func(v *shop.Terms) { v.RequiredRole, v.Role = "123456789012345678", "18446744073709551615" },
		func(v *shop.Terms) { v.Role, v.RoleHours = "1", shop.MaxRoleHours },
		func(v *shop.Terms) { v.From, v.Until = noon, noon.Add(time.Microsecond) },
		func(v *shop.Terms) {
			v.From, v.Until = time.Unix(0, 0), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
		},
		func(v *shop.Terms) { v.Until = noon },
		func(v *shop.Terms) { v.Usable, v.UseMessage = true, strings.Repeat("🪙", shop.MaxUseMessage) },
	} {
		terms := hat(change)
		for name, err := range constructed(terms, shop.Stock{Limited: true, Left: shop.MaxStock}) {
			if err != nil {
				t.Errorf("%s of %+v: %v %v", name, terms, err, problem.Of(err).Args)
			}
		}
	}
}

func TestTermsOutOfTheirRange(t *testing.T) {
	for _, c := range []struct {
		field  string
		change func(*shop.Terms)
	}{
		{"name", func(v *shop.Terms) { v.Name = "" }},
		{"name", func(v *shop.Terms) { v.Name = " Hat" }},
		{"name", func(v *shop.Terms) { v.Name = "Hat\u00a0" }},
		{"name", func(v *shop.Terms) { v.Name = "two\nlines" }},
		{"name", func(v *shop.Terms) { v.Name = "zero\x00" }},
		{"name", func(v *shop.Terms) { v.Name = "no\xfftext" }},
		{"name", func(v *shop.Terms) { v.Name = strings.Repeat("x", shop.MaxName+1) }},
		{"description", func(v *shop.Terms) { v.Description = "a\tb" }},
		{"description", func(v *shop.Terms) { v.Description = strings.Repeat("x", shop.MaxDescription+1) }},
		{"category", func(v *shop.Terms) { v.Category = "Hats " }},
		{"category", func(v *shop.Terms) { v.Category = strings.Repeat("x", shop.MaxCategory+1) }},
		{"picture", func(v *shop.Terms) { v.Picture = "http://example.org/a.png" }},
		{"picture", func(v *shop.Terms) { v.Picture = "https://" }},
		{"picture", func(v *shop.Terms) { v.Picture = "https://user:secret@example.org/a.png" }},
		{"picture", func(v *shop.Terms) { v.Picture = "https://example.org/\n" }},
		{"picture", func(v *shop.Terms) { v.Picture = "javascript:alert(1)" }},
		{"picture", func(v *shop.Terms) { v.Picture = "https://example.org/" + strings.Repeat("x", economy.MaxPicture) }},
		{"price", func(v *shop.Terms) { v.Price = 0 }},
		{"price", func(v *shop.Terms) { v.Price = economy.MaxMovement + 1 }},
		{"member_limit", func(v *shop.Terms) { v.MemberLimit = -1 }},
		{"required_role", func(v *shop.Terms) { v.RequiredRole = "everyone" }},
		{"minimum_balance", func(v *shop.Terms) { v.MinimumBalance = -1 }},
		{"minimum_balance", func(v *shop.Terms) { v.MinimumBalance = economy.MaxBalance + 1 }},
		{"from", func(v *shop.Terms) { v.From = time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC) }},
		{"until", func(v *shop.Terms) { v.Until = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"until", func(v *shop.Terms) { v.From, v.Until = noon, noon }},
		{"until", func(v *shop.Terms) { v.From, v.Until = noon, noon.Add(999) }}, // the same microsecond
		{"role", func(v *shop.Terms) { v.Role = "0" }},
		{"role_hours", func(v *shop.Terms) { v.RoleHours = 1 }},
		{"role_hours", func(v *shop.Terms) { v.Role, v.RoleHours = "1", -1 }},
		{"role_hours", func(v *shop.Terms) { v.Role, v.RoleHours = "1", shop.MaxRoleHours+1 }},
		{"usable", func(v *shop.Terms) { v.Role, v.Usable = "1", true }},
		{"use_message", func(v *shop.Terms) { v.UseMessage = "Yum!" }},
	} {
		terms := hat(c.change)
		for name, err := range constructed(terms, shop.Stock{}) {
			if !errors.Is(err, shop.ErrItem) || problem.Of(err).Args["field"] != c.field {
				t.Errorf("%s of %+v: %v, want %s to be refused", name, terms, err, c.field)
			}
		}
	}
	for _, stock := range []shop.Stock{{Left: 1}, {Left: -1}, {Limited: true, Left: -1}, {Limited: true, Left: shop.MaxStock + 1}} {
		for name, err := range constructed(hat(func(*shop.Terms) {}), stock) {
			if !errors.Is(err, shop.ErrItem) || problem.Of(err).Args["field"] != "stock" {
				t.Errorf("%s with %+v: %v, want it to be refused", name, stock, err)
			}
		}
	}
}

// constructed returns what the constructors say of terms and a stock.
func constructed(terms shop.Terms, stock shop.Stock) map[string]error {
	admin := economy.Person{User: "9"}
	_, create := shop.NewItemCreation(economy.Request{}, admin, terms, stock)
	_, edit := shop.NewItemEdit(economy.Request{}, admin, 1, 1, terms, &stock)
	return map[string]error{"creation": create, "edit": edit}
}

func TestRoleEnd(t *testing.T) {
	at := func(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }
	last := time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	for _, c := range []struct {
		hours    int
		latest   time.Time
		quantity int64
		want     time.Time
	}{
		{0, time.Time{}, 3, time.Time{}},
		{0, at(5), 3, time.Time{}},
		{2, time.Time{}, 1, at(2)},
		{2, time.Time{}, 3, at(6)},
		{2, at(-1), 1, at(2)},
		{2, at(5), 1, at(7)},
		{shop.MaxRoleHours, time.Time{}, shop.MaxQuantity, at(shop.MaxRoleHours * shop.MaxQuantity)},
		{1, last, 1, last},
	} {
		if got := (shop.Terms{RoleHours: c.hours}).RoleEnd(noon, c.latest, c.quantity); !got.Equal(c.want) {
			t.Errorf("%d hours by %d after %v end at %v, want %v", c.hours, c.quantity, c.latest, got, c.want)
		}
	}
}

func TestAnItemIsOnSale(t *testing.T) {
	for _, c := range []struct {
		item shop.Item
		at   time.Time
		ok   bool
		arg  string
	}{
		{shop.Item{}, noon, true, ""},
		{shop.Item{Archived: true}, noon, false, ""},
		{shop.Item{Terms: shop.Terms{From: noon}}, noon, true, ""},
		{shop.Item{Terms: shop.Terms{From: noon}}, noon.Add(-1), false, "from"},
		{shop.Item{Terms: shop.Terms{Until: noon}}, noon, false, "until"},
		{shop.Item{Terms: shop.Terms{Until: noon}}, noon.Add(-1), true, ""},
	} {
		err := c.item.OnSale(c.at)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, shop.ErrNotForSale) {
			t.Errorf("%+v at %v: %v, want on sale: %t", c.item, c.at, err, c.ok)
			continue
		}
		if err != nil && c.arg != "" && problem.Of(err).Args[c.arg] != noon {
			t.Errorf("%+v at %v: arguments %v, want %s", c.item, c.at, problem.Of(err).Args, c.arg)
		}
	}
}

func TestPurchaseNames(t *testing.T) {
	if got := shop.PurchaseID(12).String(); got != "#12" {
		t.Errorf("got %s", got)
	}
}
