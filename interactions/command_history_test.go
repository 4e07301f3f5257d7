package interactions

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
)

func TestHistory(t *testing.T) {
	story(t, "history", func(s *stage) {
		s.play("first contact", s.command("history"))
		s.play("of a bot", s.command("history", who("member", robot)))
		for i := range 12 {
			s.now = s.now.Add(time.Hour)
			s.send(s.command("pay", who("member", bob), text("amount", "1"), text("note", "number "+strconv.Itoa(i))))
		}
		s.send(s.command("daily"))
		s.send(as(s.command("admin undo", text("transaction", "3"), text("reason", "by *mistake*")), manager()))
		page := s.play("newest", s.command("history"))
		turn, disabled := ids(page)
		if !slices.Equal(disabled, []bool{true, false}) {
			s.t.Errorf("on the newest page: disabled %v", disabled)
		}
		older := s.play("older", s.press(turn[1]))
		back, disabled := ids(older)
		if !slices.Equal(disabled, []bool{false, true}) {
			s.t.Errorf("on the oldest page: disabled %v", disabled)
		}
		s.play("newer again", s.press(back[0]))
		s.play("somebody else presses", as(s.press(back[0]), guildMember(bob, "bob", "Bob", manageGuild)))
		s.play("of another", s.command("history", who("member", bob)))
	})
}

func TestHistoryRefusesButtonsItNeverDrew(t *testing.T) {
	b := newBench(t)
	for _, args := range []string{"", ":" + bob, ":" + bob + ":older", ":x:older:5", ":" + bob + ":sideways:5", ":" + bob + ":older:-5"} {
		mustSay(t, b.send(b.press("history:"+ada+args)), english("problem.unknown_component"))
	}
}

// TestWhoWasErasedIsNotMetByAPageOfHis: only by what he does himself.
func TestWhoWasErasedIsNotMetByAPageOfHis(t *testing.T) {
	b := newBench(t)
	b.send(b.command("history", who("member", bob)))
	b.store.members = slices.DeleteFunc(b.store.members, func(m *memoryMember) bool { return m.id == bob })
	members := len(b.store.members)
	for _, button := range []string{"older:9", "newer:1"} {
		if got := said(t, data(b.send(b.press("history:"+ada+":"+bob+":"+button)))); !strings.Contains(got, english("history.empty")) {
			t.Errorf("%s: got %q", button, got)
		}
	}
	for _, page := range []string{"1", "2"} {
		b.send(b.press("inventory:" + ada + ":" + bob + ":" + page))
		if !b.store.turned {
			t.Errorf("page %s of the inventory meets him", page)
		}
	}
	if len(b.store.members) != members {
		t.Error("he was met again")
	}
}

func TestTheLongestHistoryFits(t *testing.T) {
	b := newBench(t)
	b.store.settings.CurrencySymbol = strings.Repeat("*", 64)
	b.store.settings.CurrencyName = strings.Repeat("_", 32)
	m := b.store.member(economy.Person{User: ada}, clock)
	for range 20 {
		id := b.store.book(economy.KindTransfer, strings.Repeat("*", 200), clock,
			move{m, -1_000_000_000_000}, move{b.store.member(economy.Person{User: bob}, clock), 1_000_000_000_000})
		b.store.booked[id-1].reversedBy = 9_000_000_000_000_000_000
	}
	response := b.send(b.command("history"))
	checkLimits(t, response)
	if text := said(t, data(response)); strings.Contains(text, "…\n…") || !strings.Contains(text, ":R>") {
		t.Errorf("cut within the page: %s", text)
	}
	if lines := strings.Count(said(t, data(response)), "\n`#"); lines != pageSize {
		t.Errorf("%d lines, want %d: nothing may be cut off", lines, pageSize)
	}
}
