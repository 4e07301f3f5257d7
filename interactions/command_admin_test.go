package interactions

import (
	"testing"
	"time"
)

func TestAdminCoins(t *testing.T) {
	story(t, "admin_coins", func(s *stage) {
		admin := func(about, name, amount string, more ...object) object {
			s.t.Helper()
			return s.play(about, as(s.command("admin coins "+name, append([]object{who("member", bob), text("amount", amount)}, more...)...), manager()))
		}
		given := admin("gives", "give", "1.5k", text("reason", "won the quiz"))
		admin("takes", "take", "600")
		admin("takes too much", "take", "2k")
		admin("sets", "set", "250")
		admin("sets to the same", "set", "250")
		admin("sets to nothing", "set", "0")
		admin("gives nothing", "give", "0")
		admin("all is no amount", "give", "all")
		admin("a bad number", "set", "-1")
		s.play("to a bot", as(s.command("admin coins give", who("member", robot), text("amount", "1")), manager()))
		s.store.settings.MaxBalance = 500
		admin("more than a wallet holds", "give", "501")
		s.store.settings.MaxBalance = 1_000_000

		undo, _ := ids(given)
		s.play("the button, with too few coins left", as(s.press(undo[0]), manager()))
		admin("gives again", "give", "2k")
		s.play("the button", as(s.press(undo[0]), manager()))
		s.play("the button twice is one undo", as(s.press(undo[0]), manager()))
		s.play("the button by a member", s.press(undo[0]))
		s.now = s.now.Add(buttonLife + time.Second)
		s.play("the button too late", as(s.press(undo[0]), manager()))
	})
}

func TestUndoRefusesButtonsItNeverDrew(t *testing.T) {
	b := newBench(t)
	for _, id := range []string{"undo", "undo:", "undo:x:1", "undo:" + snow(clock, 1), "undo:" + snow(clock, 1) + ":0"} {
		mustSay(t, b.send(as(b.press(id), manager())), english("problem.unknown_component"))
	}
}
