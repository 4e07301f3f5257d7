package interactions

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

func TestShop(t *testing.T) {
	story(t, "shop", func(s *stage) {
		s.play("empty", s.command("shop"))
		s.play("empty, for a manager", as(s.command("shop"), manager()))
		s.store.stall()
		first := s.play("first page", s.command("shop"))
		all, disabled := ids(first)
		if !slices.Equal(disabled, []bool{false, false, true, false}) {
			s.t.Errorf("on the first page: disabled %v", disabled)
		}
		next := s.play("next", s.press(all[3]))
		s.play("somebody else turns", as(s.press(all[3]), visitor(bob)))
		s.play("somebody else picks an item", as(s.pick(all[0], "1"), visitor(bob)))
		s.play("somebody else picks a category", as(s.pick(all[1], "=Drinks"), visitor(bob)))
		last, _ := ids(next)
		s.play("and back", s.press(last[2]))
		s.play("a category", s.pick(all[1], "=Drinks"))
		s.play("everything again", s.pick(all[1], "="))
		s.play("a category by the option", s.command("shop", text("category", "Weapons")))
		s.play("a category that is none", s.command("shop", text("category", "Cheese")))
		s.store.items = s.store.items[:2]
		s.play("a page that was sold in the meantime", s.press(all[3]))
	})
}

func TestCategoryCompletion(t *testing.T) {
	story(t, "shop_completion", func(s *stage) {
		s.play("of an empty shop", s.typing("shop", "category", ""))
		s.store.stall()
		s.play("all", s.typing("shop", "category", ""))
		s.play("by a part, in other letters", s.typing("shop", "category", "WEAP"))
		s.play("by nothing that exists", s.typing("shop", "category", "zzz"))
	})
}

func TestItemCard(t *testing.T) {
	story(t, "item", func(s *stage) {
		s.store.stall()
		s.store.offer(shop.Terms{Name: "Later", Price: 1, From: clock.AddDate(0, 0, 3)})
		s.store.offer(shop.Terms{Name: "Earlier", Price: 1, Until: clock.AddDate(0, 0, -3)})
		s.store.offer(shop.Terms{Name: "Never", Price: 1}).Archived = true
		page, _ := ids(s.send(s.command("shop", text("category", "Weapons"))))
		s.play("what one can buy", s.pick(page[0], "1"))
		back, _ := ids(s.play("what costs too much", s.pick(page[0], "7")))
		s.play("back to its category", s.press(back[1]))
		s.play("with a limit", s.pick(page[0], "2"))
		s.play("with a role", s.pick(page[0], "3"))
		s.play("sold out, for others and the rich", s.pick(page[0], "4"))
		rich := s.store.member(economy.Person{User: ada}, clock)
		rich.balance = 5000
		s.play("sold out, with all it takes", as(s.pick(page[0], "4"), withRoles(visitor(ada), botRole, vip)))
		s.play("not yet", s.pick(page[0], "8"))
		s.play("not any more", s.pick(page[0], "9"))
		s.play("archived", s.pick(page[0], "10"))
		s.play("an unknown one", s.pick(page[0], "11"))
	})
}

func TestTheShopRefusesComponentsItNeverDrew(t *testing.T) {
	b := newBench(t)
	b.store.stall()
	me, lost := tag(ada), english("problem.unknown_component")
	long := strings.Repeat("x", 41)
	for _, o := range []object{
		b.press("shop"), b.press("shop:" + me), b.press("shop:" + me + ":0:"), b.press("shop:" + me + ":-1:"), b.press("shop:" + me + ":10000:"),
		b.press("shop:" + me + ":99999999999999999999:"),
		b.pick("item:" + me + ":1:"), b.pick("item:"+me+":1:", "1", "2"), b.pick("item:"+me+":1:", "x"), b.pick("item:"+me+":1:", "-1"),
		b.pick("item:"+me+":0:", "1"), b.pick("item:"+me+":1:"+long, "1"), b.pick("item:"+me+":1:a\x00b", "1"), b.press("item"),
		b.pick("category:" + ada), b.pick("category:"+ada, "Weapons"), b.pick("category:"+ada, "=", "="),
		b.press("buy:" + ada), b.press("buy:" + ada + ":1"), b.press("buy:" + ada + ":0:1"), b.press("buy:" + ada + ":x:1"),
		b.press("confirm:" + ada), b.press("confirm:" + ada + ":x:1:1:30"), b.press("confirm:" + ada + ":" + snow(clock, 1) + ":1:1"),
		b.press("confirm:" + ada + ":" + snow(clock, 1) + ":1:1:-30"), b.press("confirm:" + ada + ":" + snow(clock, 1) + "::1:30"),
		b.press("inventory:" + ada), b.press("inventory:" + ada + ":x:1"), b.press("inventory:" + ada + ":" + bob + ":0"),
	} {
		mustSay(t, b.send(o), lost)
	}
	for _, o := range []object{b.press("shop:" + me + ":1:" + long), b.pick("category:"+ada, "="+long), b.pick("category:"+ada, "=\n")} {
		mustSay(t, b.send(o), english("problem.malformed"))
	}
	for _, o := range []object{
		b.press("shop:" + tag(bob) + ":1:"), b.press("buy:" + bob + ":1:1"), b.press("confirm:" + bob + ":" + snow(clock, 1) + ":1:1:30"),
		b.press("cancel"), b.press("cancel:" + bob), b.press("inventory:" + bob + ":" + bob + ":1"),
	} {
		mustSay(t, b.send(o), english("problem.not_yours"))
	}
	if len(b.store.calls) != 0 {
		t.Errorf("the store was asked: %v", b.store.calls)
	}
}

// outlandish is a text as long as may be, in every way that texts are counted.
func outlandish(n int, s string) string { return strings.Repeat(s, n) }

func TestTheLongestShopFits(t *testing.T) {
	for _, sign := range []string{"😀", "*", "𝔘"} {
		b := newBench(t)
		b.store.settings.CurrencySymbol, b.store.settings.CurrencyName = outlandish(64, "*"), outlandish(32, "_")
		b.store.member(economy.Person{User: ada}, clock).balance = economy.MaxBalance
		var last *shop.Item
		for i := range 60 {
			n := fmt.Sprint(10 + i)
			last = b.store.offer(shop.Terms{Name: n + outlandish(78, sign), Category: n + outlandish(38, sign), Price: economy.MaxMovement,
				Description: outlandish(1000, sign), MemberLimit: shop.MaxStock, RequiredRole: "18446744073709551615", MinimumBalance: economy.MaxBalance,
				From: clock.AddDate(-1, 0, 0), Until: clock.AddDate(7000, 0, 0), Role: "18446744073709551615", RoleHours: shop.MaxRoleHours - 1,
				Picture: "https://p.example/" + strings.Repeat("p", 490)}, shop.MaxStock)
			if err := last.Validate(); err != nil {
				t.Fatal(err)
			}
		}
		whole := func(what string, response object) []string {
			t.Helper()
			checkLimits(t, response)
			if raw, _ := encode(data(response)["embeds"]); strings.Contains(string(raw), "…") {
				t.Errorf("%s: something is cut: %s", what, raw)
			}
			all, _ := ids(response)
			return all
		}
		page := b.send(b.command("shop"))
		checkLimits(t, page)
		embeds := data(page)["embeds"].([]any)
		if len(embeds) != 1+shelf || !strings.HasSuffix(embeds[shelf].(object)["description"].(string), ":R>") {
			t.Errorf("cut within the page: %v", embeds)
		}
		all, _ := ids(page)
		pages, _ := ids(b.send(b.pick(all[1], "="+last.Category)))
		card := b.send(b.pick(pages[0], "60"))
		checkLimits(t, card)
		cards, _ := ids(card)
		if back := whole("the page behind", b.send(b.press(cards[1]))); len(back) < 2 {
			t.Errorf("there is no way back: %v", back)
		}
		confirm := b.send(as(b.press("buy:"+ada+":60:1"), withRoles(visitor(ada), "18446744073709551615")))
		whole("the confirmation", confirm)
		sheet := b.send(as(b.command("admin item edit", text("item", "60")), manager()))
		checkLimits(t, sheet)
		for _, o := range []object{b.typing("shop", "category", ""), b.typing("buy", "item", ""), as(b.typing("admin item edit", "item", ""), manager())} {
			response := b.send(o)
			checkLimits(t, response)
			if n := len(data(response)["choices"].([]any)); n != 25 {
				t.Errorf("%d choices", n)
			}
		}
	}
}

func TestANameThatShowsNothingIsStillThere(t *testing.T) {
	b := newBench(t)
	invisible := "\u2066\u2069"
	b.store.offer(shop.Terms{Name: invisible, Category: invisible, Price: 1, Usable: true, UseMessage: " "})
	all, _ := ids(b.send(b.command("shop")))
	for _, o := range []object{b.command("shop"), b.pick(all[0], "1"), b.command("buy", text("item", "1")), b.typing("buy", "item", ""), b.typing("shop", "category", "")} {
		checkLimits(t, b.send(o))
	}
	confirm, _ := ids(b.send(b.command("buy", text("item", "1"))))
	checkLimits(t, b.send(b.press(confirm[0])))
	checkLimits(t, b.send(b.command("inventory")))
	checkLimits(t, b.send(b.command("use", text("item", "1"))))
}
