package interactions

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
)

func TestAdminUndo(t *testing.T) {
	story(t, "admin_undo", func(s *stage) {
		undo := func(about, transaction string) {
			s.t.Helper()
			s.play(about, as(s.command("admin undo", text("transaction", transaction), text("reason", "a mistake")), manager()))
		}
		s.send(s.command("pay", who("member", bob), text("amount", "40")))
		undo("by number", "3")
		undo("once more", "#3")
		undo("an undo", "4")
		undo("an unknown one", "99")
		undo("no number", "the last one")
		undo("a negative number", "-3")
		undo("an enormous number", "99999999999999999999")
	})
}

func (b *bench) complete(typed any) object {
	o := b.command("admin undo", object{"name": "transaction", "type": optionString, "value": typed, "focused": true})
	o["type"] = typeAutocomplete
	return o
}

func TestUndoCompletion(t *testing.T) {
	story(t, "admin_undo_completion", func(s *stage) {
		s.play("nothing to undo", as(s.complete(""), manager()))
		s.send(s.command("daily"))
		s.now = s.now.Add(time.Hour)
		s.send(s.command("pay", who("member", bob), text("amount", "150")))
		s.send(as(s.command("admin coins take", who("member", bob), text("amount", "5")), manager()))
		s.play("all of them", as(s.complete(""), manager()))
		s.play("by number", as(s.complete("#1"), manager()))
		s.play("by a name", as(s.complete("BOB"), manager()))
		s.play("by nothing that exists", as(s.complete("zzz"), manager()))
		s.play("by something that is no text", as(s.complete(12), manager()))
		s.play("for a member", s.complete(""))
	})
}

func TestCompletionOffersTwentyFiveAndCutsNames(t *testing.T) {
	b := newBench(t)
	name := strings.Repeat("𝕬\u202e", 40)
	m := b.store.member(economy.Person{User: bob, Name: name}, clock)
	for range 40 {
		b.store.book(economy.KindTransfer, "", clock, move{m, -1}, move{m, 1_000_000_000_000})
	}
	response := b.send(as(b.complete(""), manager()))
	checkLimits(t, response)
	list := data(response)["choices"].([]any)
	if len(list) != 25 || strings.Contains(fmt.Sprint(list), "\u202e") {
		t.Errorf("got %d choices: %v", len(list), list)
	}
}
