package interactions

import (
	"testing"

	"coffer/internal/tasks"
)

func TestTaskClaim(t *testing.T) {
	story(t, "task_claim", func(s *stage) {
		claim := func(about, task string) object {
			s.t.Helper()
			return s.play(about, s.command("task claim", text("task", task)))
		}
		s.store.errands()
		claim("by number", "1")
		claim("by title, in other letters", "find A BUG")
		claim("a picture", "3")
		claim("no proof", "4")
		claim("a riddle", "5")
		claim("again", "1")
		s.send(s.command("task submit", text("task", "1"), text("text", "x")))
		claim("while it waits", "1")
		claim("an unknown title", "Cheese")
		claim("an unknown number", "99")
		claim("nothing", "")
		claim("without the role", "6")
		s.play("with the role, before the other one", as(s.command("task claim", text("task", "6")), withRoles(visitor(ada), vip)))
		s.play("no place left", as(s.command("task claim", text("task", "3")), visitor(bob)))
		s.send(s.press("handin:" + ada + ":" + snow(clock, 900) + ":4"))
		claim("once more today", "4")
		s.store.tasks[6].State = tasks.Closed
		claim("closed", "7")
		s.store.tasks[6].State, s.store.tasks[6].Deadline = tasks.Open, clock
		claim("too late", "7")
		s.store.claims[0].State = tasks.Failed
		claim("after the last try", "1")
	})
}

func TestAnybodyMayPressTheAnnouncement(t *testing.T) {
	story(t, "task_announced", func(s *stage) {
		s.store.errands()
		first := s.play("ada", s.press("claim:1"))
		if first["type"] != float64(respondMessage) || data(first)["flags"] != float64(ephemeral) {
			s.t.Errorf("the announcement would change: %v", first)
		}
		s.play("ada, twice", s.press("claim:1"))
		s.play("bob", as(s.press("claim:1"), visitor(bob)))
		bot := s.press("claim:1")
		bot["member"] = object{"permissions": "0", "user": object{"id": robot, "username": "robot", "bot": true}}
		s.play("a bot", bot)
		s.play("nobody any more", as(s.press("claim:1"), visitor(vip)))
		if len(s.store.claims) != 2 {
			s.t.Errorf("got %v", s.store.claims)
		}
	})
}

// TestAButtonOfYesterdayDoesWhatItSaysToday presses the buttons of a daily task again when
// there is something to do for them again, and each time twice.
func TestAButtonOfYesterdayDoesWhatItSaysToday(t *testing.T) {
	b := newBench(t)
	b.store.errands() // the fourth is daily and asks for no proof
	menu, _ := ids(b.send(b.command("tasks")))
	card, _ := ids(b.send(b.pick(menu[0], "4")))
	receipt, _ := ids(b.send(b.press(card[0])))
	b.send(b.press(receipt[1])) // gives it up
	press := func(id string, claims int, state tasks.ClaimState, twice string) {
		t.Helper()
		b.send(b.press(id))
		mustSay(t, b.send(b.press(id)), twice)
		if got := b.store.claims; len(got) != claims || got[claims-1].State != state {
			t.Errorf("%s: %d claims, want %d, the last %s", id, len(got), claims, state)
		}
	}
	for day := range 2 {
		press(card[0], 2+2*day, tasks.Claimed, english("problem.have_claim.state", "state", english("status.claimed")))
		press(receipt[1], 2+2*day, tasks.Dropped, english("problem.no_claim"))
		press(card[0], 3+2*day, tasks.Claimed, english("problem.have_claim.state", "state", english("status.claimed")))
		press(receipt[0], 3+2*day, tasks.Approved, english("problem.no_claim"))
		b.now = b.now.AddDate(0, 0, 1)
	}
}

func TestTaskDrop(t *testing.T) {
	story(t, "task_drop", func(s *stage) {
		s.store.errands()
		receipt, _ := ids(s.send(s.command("task claim", text("task", "3"))))
		dropped := s.play("by the button", s.press(receipt[1]))
		s.play("pressed twice", s.press(receipt[1]))
		back, _ := ids(dropped)
		s.play("to the open tasks", s.press(back[0]))
		s.play("what is not mine", s.command("task drop", text("task", "draw_THE_*logo*")))
		s.send(s.command("task claim", text("task", "1")))
		s.play("by title", s.command("task drop", text("task", "write a guide")))
		s.play("an unknown one", s.command("task drop", text("task", "Cheese")))
		s.send(s.command("task claim", text("task", "1")))
		s.send(s.command("task submit", text("task", "1"), text("text", "x")))
		s.play("while it waits", s.command("task drop", text("task", "1")))
	})
}
