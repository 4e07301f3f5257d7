package interactions

import (
	"context"
	"errors"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

func TestAdminItem(t *testing.T) {
	story(t, "admin_item", func(s *stage) {
		admin := func(about, command string, options ...object) object {
			s.t.Helper()
			return s.play(about, as(s.command("admin item "+command, options...), manager()))
		}
		create := func(about string, options ...object) {
			s.t.Helper()
			admin(about, "create", append([]object{text("name", about), text("price", "50")}, options...)...)
		}
		create("Plain")
		admin("everything", "create", text("name", " Key "), text("price", "2k"), text("description", `A **key**.\nFor a door.`), text("category", "Tools"),
			text("stock", "12"), whole("limit", 3), aRole("required_role", vip), text("minimum_balance", "100"),
			text("picture", "https://pictures.example/key.png"), truth("usable", true), text("message", "It *fits*."),
			text("from", "2026-11-01 18:00 +01:00"), text("until", "<t:1800000000:f>"))
		create("A role", aRole("role", vip), whole("hours", 36))
		create("With a message", text("message", "Hello."))
		create("Everybody's", aRole("role", guild), aRole("required_role", guild), text("stock", "NONE"), text("category", "none"))

		create("plain")
		create("", text("category", "the name is empty"))
		create("An app's role", aRole("role", botRole))
		create("Hours without a role", whole("hours", 5))
		create("Used and a role", aRole("role", vip), truth("usable", true))
		create("Said but not used", truth("usable", false), text("message", "x"))
		create("A picture that is none", text("picture", "http://pictures.example/x.png"))
		create("Too many", text("stock", "1000000001"))
		create("Half a stock", text("stock", "a dozen"))
		create("Ends before it begins", text("from", "2026-12-24"), text("until", "2026-12-23 12:00"))
		create("No time", text("from", "tomorrow"))
		admin("no price", "create", text("name", "Free"), text("price", "free"))
		admin("a price of nothing", "create", text("name", "Free"), text("price", "0"))
		admin("without a name", "create", text("price", "5"))

		admin("look", "edit", text("item", "2"))
		admin("by name", "edit", text("item", "KEY"), text("price", "2500"), text("stock", "none"), whole("limit", 0))
		admin("clear", "edit", text("item", "2"), text("description", "none"), text("category", "none"), text("picture", "none"), text("minimum_balance", "none"),
			aRole("required_role", guild), truth("usable", false), text("from", "none"), text("until", "none"))
		admin("to the same", "edit", text("item", "2"), text("price", "2500"))
		admin("another role", "edit", text("item", "3"), whole("hours", 0))
		admin("no role", "edit", text("item", "3"), aRole("role", guild))
		admin("a taken name", "edit", text("item", "2"), text("name", "PLAIN"))
		admin("an unknown one", "edit", text("item", "Cheese"), text("price", "5"))
		s.store.before = func(_ context.Context, method string) error {
			if method == "EditItem" {
				s.store.items[1].Version++
			}
			return nil
		}
		admin("changed in the meantime", "edit", text("item", "2"), text("price", "5"))
		s.store.before = nil

		admin("archive", "archive", text("item", "2"))
		admin("archive again", "archive", text("item", "2"))
		admin("archive an unknown one", "archive", text("item", "99"))
		admin("archive by name", "archive", text("item", "Plain"))
		admin("look at the archived", "edit", text("item", "2"))
		admin("edit the archived", "edit", text("item", "2"), text("price", "5"))
	})
}

func TestAnOptionOfTheWrongKindIsRefused(t *testing.T) {
	b := newBench(t)
	b.store.stall()
	for _, o := range []object{
		give("role", optionString, vip), give("role", optionRole, 5), aRole("role", "1"), aRole("role", "../1"), give("role", optionRole, nil),
		give("usable", optionBoolean, "yes"), give("usable", optionBoolean, 1), give("limit", optionInteger, 1.5), give("limit", optionInteger, "1"),
		give("hours", optionInteger, 1e300), give("from", optionString, 5), give("stock", optionInteger, 5),
	} {
		mustSay(t, b.send(as(b.command("admin item edit", text("item", "1"), o), manager())), english("problem.malformed"))
	}
	for _, o := range []object{aChannel("admin_channel", "1"), give("admin_channel", optionChannel, 5), give("admin_channel", optionString, lobby)} {
		mustSay(t, b.send(as(b.command("admin settings", o), manager())), english("problem.malformed"))
	}
	mustSay(t, b.send(b.command("buy", text("item", "1"), give("quantity", optionInteger, "x"))), english("problem.malformed"))
	if len(b.store.calls) != 0 {
		t.Errorf("the store was asked: %v", b.store.calls)
	}
}

func TestTheLongestItemSheetFits(t *testing.T) {
	b := newBench(t)
	b.store.stall()
	long := func(n int, s string) string { return outlandish(n, s) }
	for _, sign := range []string{"😀", "*", `\n`} {
		checkLimits(t, b.send(as(b.command("admin item edit", text("item", "6"), text("name", long(80, "*")), text("category", long(40, "*")),
			text("description", long(500, sign)), text("message", long(500, sign)), text("picture", "https://p.example/"+long(400, "_"))), manager())))
	}
}

func TestTimesAreReadStrictly(t *testing.T) {
	utc := func(day, hour, minute int) time.Time { return time.Date(2026, 12, day, hour, minute, 0, 0, time.UTC) }
	for text, want := range map[string]time.Time{
		"2026-12-24 18:00":         utc(24, 18, 0),
		"2026-12-24":               utc(24, 0, 0),
		"2026-12-24 18:00 +01:00":  utc(24, 17, 0),
		"2026-12-24 18:00-05:30":   utc(24, 23, 30),
		"<t:1798135200>":           utc(24, 18, 0),
		"<t:1798135200:R>":         utc(24, 18, 0),
		"24.12.2026":               {},
		"12/24/2026":               {},
		"2026-12-24 18":            {},
		"2026-12-24 6pm":           {},
		"2026-02-30":               {},
		"18:00":                    {},
		"1798135200":               {},
		"<t:-5>":                   {},
		"<t:1798135200":            {},
		"<t:1798135200:RR>":        {},
		"<t:99999999999999999999>": {},
		"<t:9999999999999>":        {},
		"<t:0>":                    {},
		"0001-01-01":               {},
		"":                         {},
	} {
		got, err := parseTime(text)
		if !got.Equal(want) || (err == nil) == want.IsZero() || err != nil && !errors.Is(err, errTimeFormat) {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
}

// TestObstaclesAreTheStoresRefusals compares what a card says with what a purchase does.
func TestObstaclesAreTheStoresRefusals(t *testing.T) {
	for _, change := range []func(*shop.Item){
		func(*shop.Item) {},
		func(i *shop.Item) { i.Archived = true },
		func(i *shop.Item) { i.From = clock.Add(time.Second) },
		func(i *shop.Item) { i.From = clock },
		func(i *shop.Item) { i.Until = clock },
		func(i *shop.Item) { i.Until = clock.Add(time.Second) },
		func(i *shop.Item) { i.RequiredRole = vip },
		func(i *shop.Item) { i.RequiredRole = botRole },
		func(i *shop.Item) { i.MemberLimit = 1 },
		func(i *shop.Item) { i.MemberLimit = 2 },
		func(i *shop.Item) { i.Stock = shop.Stock{Limited: true, Left: 1} },
		func(i *shop.Item) { i.MinimumBalance = 101 },
		func(i *shop.Item) { i.Price = 50 },
		func(i *shop.Item) { i.Price = 51 },
		func(i *shop.Item) { i.Price = economy.MaxMovement },
	} {
		b := newBench(t)
		item := b.store.offer(shop.Terms{Name: "x", Price: 5})
		change(item)
		viewer, roles := economy.Person{User: ada}, []economy.RoleID{vip}
		offer, err := b.store.Offer(t.Context(), shop.OfferQuery{Viewer: viewer, Item: 1, At: clock})
		if err != nil {
			t.Fatal(err)
		}
		said := obstacle(offer, roles, 2, clock)
		_, done := b.store.Purchase(t.Context(), shop.Purchase{Request: economy.Request{Key: "1", At: clock}, Buyer: viewer, Roles: roles, Item: 1, Quantity: 2, Price: item.Price})
		if (said == nil) != (done == nil) || said != nil && !errors.Is(done, said) {
			t.Errorf("%+v: the card says %v, the purchase %v", item, said, done)
		}
	}
}
