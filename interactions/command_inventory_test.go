package interactions

import (
	"strings"
	"testing"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

func TestInventoryAndUse(t *testing.T) {
	story(t, "inventory", func(s *stage) {
		s.play("of nothing", s.command("inventory"))
		s.play("of another with nothing", s.command("inventory", who("member", bob)))
		s.play("of a bot", s.command("inventory", who("member", robot)))
		s.store.stall()
		s.store.member(economy.Person{User: ada, Name: "Ada"}, clock).balance = 3_000_000
		s.own(1, 1)
		s.own(2, 2)
		s.own(3, 2)
		s.own(5, 1)
		s.own(6, 1)
		s.play("of some", s.command("inventory"))
		s.play("as another sees it", as(s.command("inventory", who("member", ada)), visitor(bob)))
		for range 8 {
			s.store.offer(shop.Terms{Name: "More " + string(rune('a'+len(s.store.items))), Price: 1})
			s.own(shop.ItemID(len(s.store.items)), 1)
		}
		turn, _ := ids(s.play("of many", s.command("inventory")))
		back, _ := ids(s.play("next page", s.press(turn[1])))
		s.play("somebody else turns", as(s.press(turn[1]), visitor(bob)))
		s.store.purchases = s.store.purchases[:5]
		s.play("a page that is gone", s.press(turn[1]))
		s.play("back", s.press(back[0]))

		use := func(about, item string) { s.t.Helper(); s.play(about, s.command("use", text("item", item))) }
		use("use what has a message", "2")
		use("use the last", "2")
		use("use one too many", "2")
		use("use what has none", "6")
		use("use what is to be kept", "1")
		use("use what one does not own", "7")
		use("use what there is not", "99")
		use("use by name", "Water")
		s.play("history", s.command("history"))
	})
}

func TestAnItemIsUsedOnceForOneInteraction(t *testing.T) {
	b := newBench(t)
	b.store.stall()
	b.own(2, 2)
	o := b.command("use", text("item", "2"))
	if first, again := said(t, data(b.send(o))), said(t, data(b.send(o))); first != again || len(b.store.used) != 1 {
		t.Errorf("got %q and %q, and %d were used", first, again, len(b.store.used))
	}
}

func TestTheLongestInventoryFits(t *testing.T) {
	for _, sign := range []string{"😀", "*"} {
		b := newBench(t)
		for i := range 12 {
			b.store.offer(shop.Terms{Name: string(rune('a'+i)) + strings.Repeat(sign, 79), Price: 1, Role: vip, RoleHours: 1})
			b.own(shop.ItemID(i+1), 1)
		}
		response := b.send(b.command("inventory"))
		checkLimits(t, response)
		if n := strings.Count(said(t, data(response)), ":R>"); n != pageSize {
			t.Errorf("%d whole lines, want %d", n, pageSize)
		}
	}
}
