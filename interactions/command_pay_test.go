package interactions

import (
	"strings"
	"testing"
)

func TestPay(t *testing.T) {
	story(t, "pay", func(s *stage) {
		pay := func(about, to, amount string, more ...object) {
			s.t.Helper()
			s.play(about, s.command("pay", append([]object{who("member", to), text("amount", amount)}, more...)...))
		}
		pay("a number with a note", bob, "30", text("note", "for the *cake* @everyone https://evil.example"))
		pay("half", bob, "Half")
		pay("too much", bob, "1,000")
		pay("all", bob, "all")
		pay("nothing left", bob, "all")
		pay("no number", bob, "a lot")
		pay("not a number", bob, "NaN")
		pay("an ambiguous number", bob, "1.000")
		pay("less than one", bob, "-1")
		pay("beyond the range", bob, "1e300")
		pay("far beyond the range", bob, strings.Repeat("9", 400))
		pay("only spaces", bob, "  ")
		pay("to oneself", ada, "1")
		pay("to a bot", robot, "1")
		pay("a note of two lines", bob, "1", text("note", "a\nb"))
		pay("a note too long", bob, "1", text("note", strings.Repeat("x", 201)))
		s.store.settings.MaxBalance = 200
		s.store.members[0].balance = 500
		pay("a full wallet", bob, "1")
	})
}
