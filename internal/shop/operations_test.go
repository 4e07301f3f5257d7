package shop_test

import (
	"errors"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

var (
	ada = economy.Person{User: "10", Name: "Ada"}
	bob = economy.Person{User: "11", Name: "Bob"}
)

func TestPurchasesThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		buyer    economy.Person
		quantity int64
		price    economy.Amount
		want     error
	}{
		{ada, 1, 1, nil},
		{ada, shop.MaxQuantity, economy.MaxMovement, nil},
		{economy.Person{User: "1", Bot: true}, 1, 1, economy.ErrBotMember},
		{ada, 0, 1, shop.ErrQuantity},
		{ada, -1, 1, shop.ErrQuantity},
		{ada, shop.MaxQuantity + 1, 1, shop.ErrQuantity},
		{ada, 1, 0, economy.ErrAmountRange},
		{ada, 1, economy.MaxMovement + 1, economy.ErrAmountRange},
	} {
		if _, err := shop.NewPurchase(economy.Request{}, c.buyer, nil, 1, c.quantity, c.price); !errors.Is(err, c.want) {
			t.Errorf("%d at %d: %v, want %v", c.quantity, c.price, err, c.want)
		}
	}
	if _, err := shop.NewRefund(economy.Request{}, ada, 1, "two\nlines"); !errors.Is(err, economy.ErrNote) {
		t.Errorf("a reason of two lines: %v", err)
	}
}

func TestAnEditOfAnItem(t *testing.T) {
	item := shop.Item{ID: 1, Terms: shop.Terms{Name: "Hat", Price: 5}, Stock: shop.Stock{Limited: true, Left: 3}, Version: 2, Sold: 7}
	dearer := item.Terms
	dearer.Price = 6
	for name, c := range map[string]struct {
		version  int
		terms    shop.Terms
		stock    *shop.Stock
		archived bool
		changed  bool
		want     error
	}{
		"to the same":                {2, item.Terms, nil, false, false, nil},
		"to the same stock":          {2, item.Terms, &shop.Stock{Limited: true, Left: 3}, false, false, nil},
		"of the price":               {2, dearer, nil, false, true, nil},
		"of the stock":               {2, item.Terms, &shop.Stock{}, false, true, nil},
		"of another version":         {1, dearer, nil, false, false, shop.ErrItemChanged},
		"to the same of another one": {3, item.Terms, nil, false, false, shop.ErrItemChanged},
		"of what is archived":        {2, dearer, nil, true, false, shop.ErrUnknownItem},
	} {
		before := item
		before.Archived = c.archived
		after, changed, err := shop.ItemEdit{Version: c.version, Terms: c.terms, Stock: c.stock}.Of(before)
		if changed != c.changed || !errors.Is(err, c.want) {
			t.Errorf("%s: changed %t, %v", name, changed, err)
		}
		want := before
		if c.changed {
			want.Terms, want.Version = c.terms, 3
			if c.stock != nil {
				want.Stock = *c.stock
			}
		}
		if after != want {
			t.Errorf("%s: %+v, want %+v", name, after, want)
		}
	}
}

// TestFingerprints: the same intention has the same, each other has another.
func TestFingerprints(t *testing.T) {
	r := economy.Request{Guild: "1", Source: economy.FromDiscord, Key: "k", At: noon}
	later := r
	later.At = noon.Add(time.Hour)
	renamed := economy.Person{User: ada.User, Name: "Lady Ada"}
	hats, caps := shop.Terms{Name: "Hat", Price: 5}, shop.Terms{Name: "Cap", Price: 5}
	timed := hats
	timed.From = noon
	local := timed
	local.From = noon.In(time.FixedZone("two", 7200)).Add(999)
	limited := &shop.Stock{Limited: true}
	create := func(r economy.Request, who economy.Person, t shop.Terms, s shop.Stock) string {
		c, err := shop.NewItemCreation(r, who, t, s)
		if err != nil {
			panic(err)
		}
		return c.Fingerprint()
	}
	buy := func(r economy.Request, who economy.Person, roles []economy.RoleID, id shop.ItemID, n int64, price economy.Amount, version int) shop.Purchase {
		return shop.Purchase{Request: r, Buyer: who, Roles: roles, Item: id, Quantity: n, Price: price, Version: version}
	}
	for name, c := range map[string]struct {
		same   []string
		others []string
	}{
		"creation": {
			[]string{create(r, ada, hats, shop.Stock{}), create(later, renamed, hats, shop.Stock{})},
			[]string{create(r, bob, hats, shop.Stock{}), create(r, ada, caps, shop.Stock{}), create(r, ada, hats, *limited), create(r, ada, timed, shop.Stock{})},
		},
		"creation with a time": {
			[]string{create(r, ada, timed, shop.Stock{}), create(r, ada, local, shop.Stock{})}, nil,
		},
		"edit": {
			[]string{shop.ItemEdit{r, ada, 1, 2, hats, nil}.Fingerprint(), shop.ItemEdit{later, renamed, 1, 2, hats, nil}.Fingerprint()},
			[]string{
				shop.ItemEdit{r, bob, 1, 2, hats, nil}.Fingerprint(), shop.ItemEdit{r, ada, 2, 2, hats, nil}.Fingerprint(),
				shop.ItemEdit{r, ada, 1, 3, hats, nil}.Fingerprint(), shop.ItemEdit{r, ada, 1, 2, caps, nil}.Fingerprint(),
				shop.ItemEdit{r, ada, 1, 2, hats, limited}.Fingerprint(), shop.ItemEdit{r, ada, 1, 2, hats, &shop.Stock{}}.Fingerprint(),
			},
		},
		"archival": {
			[]string{shop.ItemArchival{r, ada, 1}.Fingerprint(), shop.ItemArchival{later, renamed, 1}.Fingerprint()},
			[]string{shop.ItemArchival{r, bob, 1}.Fingerprint(), shop.ItemArchival{r, ada, 2}.Fingerprint()},
		},
		"purchase": {
			[]string{buy(r, ada, nil, 1, 2, 3, 0).Fingerprint(), buy(later, renamed, []economy.RoleID{"7"}, 1, 2, 3, 4).Fingerprint()},
			[]string{
				buy(r, bob, nil, 1, 2, 3, 0).Fingerprint(), buy(r, ada, nil, 2, 2, 3, 0).Fingerprint(),
				buy(r, ada, nil, 1, 3, 3, 0).Fingerprint(), buy(r, ada, nil, 1, 2, 4, 0).Fingerprint(),
			},
		},
		"refund": {
			[]string{shop.Refund{r, ada, 1, "a"}.Fingerprint(), shop.Refund{later, renamed, 1, "a"}.Fingerprint()},
			[]string{shop.Refund{r, bob, 1, "a"}.Fingerprint(), shop.Refund{r, ada, 2, "a"}.Fingerprint(), shop.Refund{r, ada, 1, "b"}.Fingerprint()},
		},
		"use": {
			[]string{shop.Use{r, ada, 1}.Fingerprint(), shop.Use{later, renamed, 1}.Fingerprint()},
			[]string{shop.Use{r, bob, 1}.Fingerprint(), shop.Use{r, ada, 2}.Fingerprint()},
		},
	} {
		seen := map[string]bool{c.same[0]: true}
		if c.same[0] != c.same[1] {
			t.Errorf("%s: the same intention has two fingerprints", name)
		}
		for n, other := range c.others {
			if seen[other] {
				t.Errorf("%s: another intention (%d) has the same fingerprint", name, n)
			}
			seen[other] = true
		}
	}
}
