package interactions

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
)

func TestBuy(t *testing.T) {
	story(t, "buy", func(s *stage) {
		buy := func(item string, quantity ...int64) object {
			options := []object{text("item", item)}
			for _, q := range quantity {
				options = append(options, whole("quantity", q))
			}
			return s.command("buy", options...)
		}
		s.store.stall()
		s.play("by number", buy("1"))
		s.play("by name, in other letters", buy("sWORD", 2))
		s.play("an unknown name", buy("Cheese"))
		s.play("an unknown number", buy("99"))
		s.play("none", buy("1", 0))
		s.play("too many at once", buy("2", 101))
		s.play("more than there are", buy("1", 4))
		s.play("more than one may have", buy("2", 3))
		s.play("more than one has", buy("1", 10))
		s.play("what is beyond any price", buy("7", 100))
		s.play("what needs a role", buy("4"))

		confirm, _ := ids(s.play("of a role", buy("3", 2)))
		receipt := s.play("confirmed", s.press(confirm[0]))
		again := s.play("confirmed again", s.press(confirm[0]))
		if said(s.t, data(receipt)) != said(s.t, data(again)) || len(s.store.purchases) != 1 {
			s.t.Errorf("two presses are not one purchase: %v", s.store.purchases)
		}
		toShop, _ := ids(receipt)
		s.play("to the shop", s.press(toShop[0]))

		confirm, _ = ids(s.play("two potions", buy("2", 2)))
		cancelled := s.play("cancelled", s.press(confirm[1]))
		if back, _ := ids(cancelled); len(back) != 1 {
			s.t.Errorf("got %v", back)
		}
		s.play("somebody else confirms", as(s.press(confirm[0]), visitor(bob)))
		s.play("somebody else cancels", as(s.press(confirm[1]), visitor(bob)))
		s.now = s.now.Add(buttonLife + time.Second)
		s.play("too late", s.press(confirm[0]))
		if len(s.store.purchases) != 1 {
			s.t.Errorf("something was bought: %v", s.store.purchases)
		}
	})
}

func TestAPriceThatChangesIsAskedForAgain(t *testing.T) {
	story(t, "buy_changed", func(s *stage) {
		s.store.stall()
		first, _ := ids(s.play("at the old price", s.command("buy", text("item", "2"), whole("quantity", 2))))
		s.store.items[1].Price, s.store.items[1].Version = 7, 2
		changed := s.play("confirmed after the price has changed", s.press(first[0]))
		second, _ := ids(changed)
		if second[0] == first[0] || len(s.store.purchases) != 0 {
			s.t.Errorf("got %v, %v", second, s.store.purchases)
		}
		s.play("confirmed at the new price", s.press(second[0]))
		s.play("and again", s.press(second[0]))
		if len(s.store.purchases) != 1 || s.store.purchases[0].receipt.Total != 14 {
			s.t.Errorf("got %v", s.store.purchases)
		}
	})
}

// TestWhatIsBoughtIsWhatWasShown changes what a role's buyer would not see in the price.
func TestWhatIsBoughtIsWhatWasShown(t *testing.T) {
	b := newBench(t)
	b.store.stall()
	shown := b.send(b.command("buy", text("item", "3"), whole("quantity", 2)))
	if now := fmt.Sprint(data(shown)); !strings.Contains(now, "<@&"+vip+"> for 2 days") {
		t.Errorf("the confirmation does not tell the role: %s", now)
	}
	confirm, _ := ids(shown)
	item := b.store.items[2]
	item.RoleHours, item.Version = 1, 2
	changed := b.send(b.press(confirm[0]))
	if now := fmt.Sprint(data(changed)); !strings.Contains(now, "<@&"+vip+"> for 2 hours") || len(b.store.purchases) != 0 {
		t.Errorf("%d purchases: %s", len(b.store.purchases), now)
	}
	confirm, _ = ids(changed)
	b.send(b.press(confirm[0]))
	if len(b.store.purchases) != 1 {
		t.Errorf("%d purchases", len(b.store.purchases))
	}
	old := b.press("confirm:" + ada + ":" + snow(clock, 901) + ":6:1:2") // has no version
	b.send(old)
	b.store.items[5].Price, b.store.items[5].Version = 3, 2
	mustSay(t, b.send(b.press("confirm:"+ada+":"+snow(clock, 902)+":6:1:2")), english("problem.price_changed"))
	for _, version := range []string{"0", "x", "-1", "2147483648"} {
		mustSay(t, b.send(b.press("confirm:"+ada+":"+snow(clock, 903)+":6:1:3:"+version)), english("problem.unknown_component"))
	}
	if len(b.store.purchases) != 2 {
		t.Errorf("%d purchases", len(b.store.purchases))
	}
}

// TestRefusedPurchases has the store refuse what was possible when it was shown.
func TestRefusedPurchases(t *testing.T) {
	story(t, "buy_refused", func(s *stage) {
		s.store.stall()
		sword := s.store.items[0]
		before := *sword
		refused := func(about string, change func()) {
			s.t.Helper()
			confirm, _ := ids(s.send(s.command("buy", text("item", "1"))))
			change()
			s.play(about, s.press(confirm[0]))
			*sword = before
		}
		refused("archived", func() { sword.Archived = true })
		refused("not yet on sale", func() { sword.From = clock.AddDate(0, 0, 1) })
		refused("not any more on sale", func() { sword.Until = clock })
		refused("a role is needed", func() { sword.RequiredRole = vip })
		refused("sold out", func() { sword.Stock.Left = 0 })
		refused("a limit", func() {
			sword.MemberLimit = 1
			s.store.purchases = []*memoryPurchase{{owner{ada, 1}, shop.PurchaseReceipt{Quantity: 1}, clock, false}}
		})
		s.store.purchases = nil
		refused("a higher balance is needed", func() { sword.MinimumBalance = 1000 })
		confirm, _ := ids(s.send(s.command("buy", text("item", "1"))))
		s.send(s.command("pay", who("member", bob), text("amount", "all")))
		s.play("spent in the meantime", s.press(confirm[0]))
		if len(s.store.purchases) != 0 {
			s.t.Errorf("something was bought: %v", s.store.purchases)
		}
	})
}

func TestABotBuysNothing(t *testing.T) {
	b := newBench(t)
	b.store.stall()
	o := b.press("confirm:" + robot + ":" + snow(clock, 1) + ":1:1:30")
	o["member"] = object{"permissions": "0", "user": object{"id": robot, "username": "robot", "bot": true}}
	mustSay(t, b.send(o), english("problem.bot_member"))
	mustSay(t, b.send(b.press("confirm:"+ada+":"+snow(clock, 1)+":1:101:30")), english("problem.quantity"))
	mustSay(t, b.send(b.press("confirm:"+ada+":"+snow(clock, 1)+":1:1:9000000000000000000")), english("problem.amount_range"))
	mustSay(t, b.send(b.press("buy:"+ada+":1:9000000000000000000")), english("problem.quantity"))
}

func TestRolesAreThoseThatDiscordSigned(t *testing.T) {
	b := newBench(t)
	b.store.offer(shop.Terms{Name: "Crown", Price: 5, RequiredRole: vip})
	for _, c := range []struct {
		roles []string
		sold  int
	}{{nil, 0}, {[]string{botRole, "", "x", "-1"}, 0}, {[]string{botRole, vip}, 1}} {
		confirm, _ := ids(b.send(b.command("buy", text("item", "1"))))
		b.send(as(b.press(confirm[0]), withRoles(visitor(ada), c.roles...)))
		if len(b.store.purchases) != c.sold {
			t.Errorf("with the roles %v: %d sold, want %d", c.roles, len(b.store.purchases), c.sold)
		}
	}
}

func TestItemCompletion(t *testing.T) {
	story(t, "buy_completion", func(s *stage) {
		s.play("of an empty shop", s.typing("buy", "item", ""))
		s.store.stall()
		s.store.offer(shop.Terms{Name: "Later", Price: 1, From: clock.AddDate(0, 0, 3)})
		s.play("all that is on sale", s.typing("buy", "item", ""))
		s.play("by a part", s.typing("buy", "item", "W"))
		s.play("by nothing that exists", s.typing("buy", "item", "zzz"))
		s.play("by what can be no name", s.typing("buy", "item", "a\u0000b"))
		s.play("by something that is no text", s.typing("buy", "item", 12))
		s.play("what one can use, owning nothing", s.typing("use", "item", ""))
		s.own(2, 2)
		s.play("what one can use", s.typing("use", "item", ""))
		s.play("what an admin can edit", as(s.typing("admin item edit", "item", ""), manager()))
		s.store.items[0].Archived = true
		s.play("what an admin can archive", as(s.typing("admin item archive", "item", ""), manager()))
		s.play("for a member", s.typing("admin item edit", "item", ""))
	})
}

// TestArchivedItemsHideNone has more archived items than a list holds.
func TestArchivedItemsHideNone(t *testing.T) {
	b := newBench(t)
	for range economy.MaxPage {
		b.store.offer(shop.Terms{Name: "Cake", Price: 1}).Archived = true
	}
	b.store.offer(shop.Terms{Name: "Cake", Price: 1, From: clock.AddDate(0, 0, 1)})
	found := b.send(as(b.typing("admin item edit", "item", "cake"), manager()))
	if list := data(found)["choices"].([]any); len(list) != 1 {
		t.Errorf("got %v", list)
	}
}

// own has ada buy so many of an item.
func (b *bench) own(id shop.ItemID, quantity int64) {
	b.t.Helper()
	i := b.store.items[id-1]
	b.ids++
	p, err := shop.NewPurchase(economy.Request{Guild: guild, Source: economy.FromDiscord, Key: snow(b.now, b.ids), At: b.now},
		economy.Person{User: ada, Name: "Ada"}, []economy.RoleID{vip}, id, quantity, i.Price)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.store.Purchase(context.Background(), p); err != nil {
		b.t.Fatal(err)
	}
}

// TestEveryInteractionAsksTheStoreOnce names those that do not, and why.
func TestEveryInteractionAsksTheStoreOnce(t *testing.T) {
	b := newBench(t)
	b.store.settings.AdminRole = botRole
	b.store.stall()
	b.own(2, 2)
	page, _ := ids(b.send(b.command("shop")))
	card, _ := ids(b.send(b.pick(page[0], "1")))
	confirm, _ := ids(b.send(b.press(card[0])))
	dear, _ := ids(b.send(b.command("buy", text("item", "6"))))
	b.store.items[5].Price = 3
	b.busy()
	board, _ := ids(b.send(b.command("tasks")))
	task, _ := ids(b.send(b.pick(board[0], "7")))
	guide, _ := ids(b.send(b.pick(board[0], "1")))
	logo, _ := ids(b.send(b.pick(board[0], "3")))
	b.store.deliveries = []outbox.Delivery{{ID: 1, State: outbox.Failed}}
	form := func(o object) object { return b.fill(b.send(o), o, "50") }
	head := func(o object) object { return as(o, bobManages()) }
	work, part, reason := form(b.press(guide[0])), form(head(b.press("part:"+bob+":1"))), form(head(b.press("reject::1")))
	for _, c := range []struct {
		what  string
		o     object
		calls []string
	}{
		{"shop", b.command("shop"), []string{"Catalogue"}},
		{"a page", b.press(page[3]), []string{"Catalogue"}},
		{"a category", b.pick(page[1], "=Drinks"), []string{"Catalogue"}},
		{"categories", b.typing("shop", "category", "d"), []string{"Catalogue"}},
		{"an item", b.pick(page[0], "1"), []string{"Offer"}},
		{"the button", b.press(card[0]), []string{"Offer"}},
		{"back", b.press(card[1]), []string{"Catalogue"}},
		{"confirm", b.press(confirm[0]), []string{"Purchase"}},
		{"confirm at another price", b.press(dear[0]), []string{"Purchase"}},
		{"cancel, which changes nothing", b.press(confirm[1]), nil},
		{"buy", b.command("buy", text("item", "sword")), []string{"Offer"}},
		{"items", b.typing("buy", "item", "d"), []string{"ItemNames"}},
		{"inventory", b.command("inventory", who("member", bob)), []string{"Inventory"}},
		{"use", b.command("use", text("item", "2")), []string{"Use"}},
		{"what one owns", b.typing("use", "item", ""), []string{"ItemNames"}},
		{"create", as(b.command("admin item create", text("name", "X"), text("price", "1")), manager()), []string{"CreateItem"}},
		{"look at the terms", as(b.command("admin item edit", text("item", "1")), manager()), []string{"Offer"}},
		{"edit, which has to know the other terms", as(b.command("admin item edit", text("item", "1"), text("price", "2")), manager()), []string{"Offer", "EditItem"}},
		{"archive", as(b.command("admin item archive", text("item", "1")), manager()), []string{"ArchiveItem"}},
		{"refund", as(b.command("admin refund", text("purchase", "1")), manager()), []string{"Refund"}},
		{"purchases", as(b.typing("admin refund", "purchase", "1"), manager()), []string{"Refundable"}},
		{"settings", as(b.command("admin settings"), manager()), []string{"Rules"}},
		{"a setting, which has to know the others", as(b.command("admin settings", whole("grace", 2)), manager()), []string{"Rules", "ChangeSettings"}},
		{"give", as(b.command("admin coins give", who("member", bob), text("amount", "1")), manager()), []string{"Adjust"}},
		{"give by a role, of which only the store knows", as(b.command("admin coins give", who("member", bob), text("amount", "1")), withRoles(visitor(ada), botRole)), []string{"Settings", "Adjust"}},
		{"tasks", b.command("tasks"), []string{"OpenTasks"}},
		{"a page of tasks", b.press(board[2]), []string{"OpenTasks"}},
		{"my tasks", b.press(board[3]), []string{"Claims"}},
		{"a task", b.pick(board[0], "1"), []string{"TaskOffer"}},
		{"its button", b.press(task[0]), []string{"ClaimTask"}},
		{"the announcement's", b.press("claim:2"), []string{"ClaimTask"}},
		{"claim", b.command("task claim", text("task", "riddle")), []string{"ClaimTask"}},
		{"what can be claimed", b.typing("task claim", "task", "r"), []string{"TaskNames"}},
		{"the button that asks for a text, which knows enough", b.press(guide[0]), nil},
		{"the button that asks for a picture", b.press(logo[0]), nil},
		{"what was asked for", work, []string{"SubmitWork"}},
		{"submit, without a proof", b.command("task submit", text("task", "5")), []string{"TaskOffer"}},
		{"submit", b.command("task submit", text("task", "5"), text("text", "a net")), []string{"SubmitWork"}},
		{"hand in", b.press("handin:" + ada + ":" + snow(clock, 901) + ":4"), []string{"SubmitWork"}},
		{"what one has claimed", b.typing("task submit", "task", "r"), []string{"TaskNames"}},
		{"give up", b.press(logo[1]), []string{"DropClaim"}},
		{"drop", b.command("task drop", text("task", "7")), []string{"DropClaim"}},
		{"review", head(b.command("review")), []string{"ReviewQueue"}},
		{"the next", head(b.press("review:" + bob + ":1")), []string{"ReviewQueue"}},
		{"approve", head(b.press("approve::1")), []string{"ReviewSubmission"}},
		{"how much", head(b.press("part::1")), nil},
		{"so much", part, []string{"ReviewSubmission"}},
		{"why", head(b.press("reject::1")), nil},
		{"because", reason, []string{"ReviewSubmission"}},
		{"create a task", as(b.command("admin task create", text("title", "X"), text("reward", "1")), manager()), []string{"CreateTask"}},
		{"look at a task's terms", as(b.command("admin task edit", text("task", "1")), manager()), []string{"TaskOffer"}},
		{"edit a task, which has to know the other terms", as(b.command("admin task edit", text("task", "x"), text("reward", "2")), manager()), []string{"TaskOffer", "EditTask"}},
		{"close", as(b.command("admin task close", text("task", "x")), manager()), []string{"MoveTask"}},
		{"what an admin can change", as(b.typing("admin task close", "task", "x"), manager()), []string{"TaskNames"}},
		{"deliveries", as(b.command("admin deliveries"), manager()), []string{"Deliveries"}},
		{"older deliveries", as(b.press("deliveries:"+ada+":older:5"), manager()), []string{"Deliveries"}},
		{"try one again", as(b.pick("retry:"+ada, "1"), manager()), []string{"RetryDelivery"}},
		{"an edit of a task that cannot be read", as(b.command("admin task edit", text("task", "1"), text("reward", "x")), manager()), nil},
		{"an edit that cannot be read", as(b.command("admin item edit", text("item", "1"), text("price", "x")), manager()), nil},
		{"settings that cannot be read", as(b.command("admin settings", text("daily_amount", "x")), manager()), nil},
	} {
		b.store.calls = nil
		b.send(c.o)
		if !slices.Equal(b.store.calls, c.calls) {
			t.Errorf("%s: asked %v, want %v", c.what, b.store.calls, c.calls)
		}
	}
	if logs := b.logs.String(); strings.Contains(logs, "level=ERROR") {
		t.Error(logs)
	}
}
