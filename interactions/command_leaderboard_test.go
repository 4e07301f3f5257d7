package interactions

import (
	"fmt"
	"slices"
	"testing"

	"coffer/internal/economy"
)

// populate adds members with 1000, 999, ... coins.
func populate(s *memoryStore, n int) {
	for i := range n {
		m := s.member(economy.Person{User: economy.UserID(fmt.Sprint(200000000000000000 + i)), Name: fmt.Sprint("m", i)}, clock)
		m.balance = economy.Amount(1000 - i)
	}
}

func TestLeaderboard(t *testing.T) {
	story(t, "leaderboard", func(s *stage) {
		s.play("of one member", s.command("leaderboard"))
		populate(s.store, 24)
		first := s.play("first page", s.command("leaderboard"))
		turn, disabled := ids(first)
		if !slices.Equal(disabled, []bool{true, true, false}) {
			s.t.Errorf("on the first page: disabled %v", disabled)
		}
		turn, _ = ids(s.play("next", s.press(turn[2])))
		turn, disabled = ids(s.play("and the last", s.press(turn[2])))
		if !slices.Equal(disabled, []bool{false, false, true}) {
			s.t.Errorf("on the last page: disabled %v", disabled)
		}
		s.play("somebody else presses", as(s.press(turn[0]), guildMember(bob, "bob", "Bob", manageGuild)))
		s.play("beyond the end", s.press("leaderboard:"+ada+":9:next"))
		s.play("back to the first", s.press(turn[0]))
	})
}

func TestLeaderboardRefusesButtonsItNeverDrew(t *testing.T) {
	b := newBench(t)
	for _, id := range []string{"leaderboard", "leaderboard:", "leaderboard:" + ada, "leaderboard:" + ada + ":0:next",
		"leaderboard:" + ada + ":-1", "leaderboard:" + ada + ":+1", "leaderboard:" + ada + ":99999999999999999999", "leaderboard:" + ada + ":102:next"} {
		mustSay(t, b.send(b.press(id)), english("problem.unknown_component"))
	}
}
