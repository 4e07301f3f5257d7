package interactions

import "testing"

func TestAdminRefund(t *testing.T) {
	story(t, "admin_refund", func(s *stage) {
		refund := func(about, purchase string, more ...object) {
			s.t.Helper()
			s.play(about, as(s.command("admin refund", append([]object{text("purchase", purchase)}, more...)...), manager()))
		}
		s.play("nothing to choose from", as(s.typing("admin refund", "purchase", ""), manager()))
		s.store.stall()
		s.own(1, 2)
		s.own(2, 2)
		s.own(5, 1)
		s.send(s.command("use", text("item", "2")))
		s.play("to choose from", as(s.typing("admin refund", "purchase", ""), manager()))
		s.play("by number", as(s.typing("admin refund", "purchase", "#3"), manager()))
		s.play("by name", as(s.typing("admin refund", "purchase", "SWO"), manager()))
		s.play("for a member", s.typing("admin refund", "purchase", ""))
		s.play("an undo instead", as(s.command("admin undo", text("transaction", "2")), manager()))
		refund("a purchase", "1", text("reason", "it was *blunt*"))
		refund("once more", "#1")
		refund("what was used", "2")
		refund("an unknown one", "99")
		refund("no number", "the last one")
		refund("a reason that is too long", "3", text("reason", outlandish(201, "x")))
		s.play("the history", s.command("history"))
	})
}
