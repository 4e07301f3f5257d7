package interactions

import (
	"context"
	"testing"
)

func TestAdminTask(t *testing.T) {
	story(t, "admin_task", func(s *stage) {
		admin := func(about, command string, options ...object) object {
			s.t.Helper()
			return s.play(about, as(s.command("admin task "+command, options...), manager()))
		}
		create := func(about string, options ...object) object {
			s.t.Helper()
			return admin(about, "create", append([]object{text("title", about), text("reward", "50")}, options...)...)
		}
		create("Plain")
		admin("everything", "create", text("title", " Guide "), text("reward", "2k"), text("description", `A **page**.\nOr two.`),
			text("picture", "https://pictures.example/guide.png"), text("proof", "image"), text("reviewer", "nobody"), whole("places", 3),
			text("repeat", "weekly"), text("deadline", "2026-12-24 18:00 +01:00"), whole("hours", 36), whole("tries", 5),
			aRole("required_role", vip), text("prerequisite", "1"), truth("draft", true))
		create("Riddle", text("answer", "A sponge"))
		create("plain")
		create("", text("description", "the title is empty"))
		create("An answer that a person reads", text("answer", "x"), text("reviewer", "person"))
		create("An answer that is none", text("reviewer", "answer"))
		create("An answer for a picture", text("answer", "x"), text("proof", "image"))
		create("No picture", text("picture", "http://pictures.example/x.png"))
		create("No time", text("deadline", "tomorrow"))
		create("Too late", text("deadline", "2026-11-01"))
		create("After a title", text("prerequisite", "Plain"))
		create("After none such", text("prerequisite", "99"))
		create("Too many tries", whole("tries", 21))
		create("Too much time", whole("hours", 8761))
		create("Too many places", whole("places", 100_001))
		admin("for nothing", "create", text("title", "Free"), text("reward", "0"))

		admin("look", "edit", text("task", "2"))
		admin("by title", "edit", text("task", "GUIDE"), text("reward", "2500"), whole("places", 0), text("proof", "link"))
		admin("clear", "edit", text("task", "2"), text("description", "none"), text("picture", "none"), aRole("required_role", guild),
			text("prerequisite", "none"), text("deadline", "none"), whole("hours", 0))
		admin("to the same", "edit", text("task", "2"), text("reward", "2500"))
		admin("a person decides", "edit", text("task", "3"), text("reviewer", "person"))
		admin("an answer again", "edit", text("task", "3"), text("answer", "a net"))
		admin("no answer any more", "edit", text("task", "3"), text("answer", "none"))
		admin("a taken title", "edit", text("task", "2"), text("title", "PLAIN"))
		admin("after itself", "edit", text("task", "2"), text("prerequisite", "2"))
		admin("an unknown one", "edit", text("task", "Cheese"), text("reward", "5"))
		s.store.before = func(_ context.Context, method string) error {
			if method == "EditTask" {
				s.store.tasks[1].Version++
			}
			return nil
		}
		admin("changed in the meantime", "edit", text("task", "2"), text("reward", "5"))
		s.store.before = nil

		admin("a draft is closed", "close", text("task", "2"))
		admin("opened", "open", text("task", "guide"))
		admin("opened again", "open", text("task", "2"))
		admin("closed", "close", text("task", "2"))
		admin("archived", "archive", text("task", "2"))
		admin("opened after that", "open", text("task", "2"))
		admin("look at the archived", "edit", text("task", "2"))
		admin("edit the archived", "edit", text("task", "2"), text("reward", "5"))
		s.store.tasks[0].State, s.store.tasks[0].Deadline = "closed", clock
		admin("opened after its deadline", "open", text("task", "1"))
		admin("an unknown one is archived", "archive", text("task", "99"))
	})
}

func TestATaskOptionOfTheWrongKindIsRefused(t *testing.T) {
	b := newBench(t)
	b.store.errands()
	for _, o := range []object{
		text("proof", "gold"), give("proof", optionInteger, 1), text("reviewer", ""), text("repeat", "hourly"), give("places", optionInteger, 1.5),
		aRole("required_role", "1"), give("draft", optionBoolean, "yes"),
	} {
		mustSay(t, b.send(as(b.command("admin task create", text("title", "x"), text("reward", "1"), o), manager())), english("problem.malformed"))
	}
	for _, o := range []object{text("clear", "moon"), aRole("reviewer_role", "1"), aChannel("task_channel", "1")} {
		mustSay(t, b.send(as(b.command("admin settings", o), manager())), english("problem.malformed"))
	}
	if len(b.store.calls) != 0 {
		t.Errorf("the store was asked: %v", b.store.calls)
	}
}
