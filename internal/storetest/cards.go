package storetest

import (
	"fmt"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/tasks"
)

// cards tells of messages that are kept to what they show.
func cards(b *book) {
	gold := economy.Currency{Name: "coins", Symbol: "🪙"}
	posted := func(id string) outbox.Outcome { return outbox.Outcome{State: outbox.Done, Message: id} }
	gone := outbox.Outcome{State: outbox.Done, Gone: true}
	of5 := func(s *scene) tasks.Task {
		s.t.Helper()
		return s.open(of(essay(), func(t *tasks.Terms) { t.Places = 5 }))
	}
	shows := func(s *scene, l outbox.Lease, message string, want tasks.TaskCard) {
		s.t.Helper()
		same(s.t, "card", []any{l.Kind, l.Channel, l.Subject, l.Message, l.User}, []any{outbox.Card, economy.ChannelID("501"), fmt.Sprint("task:", want.Task.ID), message, economy.UserID("")})
		got := notice[tasks.TaskCard](s.t, l, outbox.NoticeTask)
		got.Task.Deadline = got.Task.Deadline.UTC()
		same(s.t, "shows", got, want)
	}

	b.story("a task that opens is shown, and its message kept to it", func(s *scene) {
		s.idle()
		s.channels()
		t := s.draft(of(essay(), func(t *tasks.Terms) { t.Places, t.Deadline = 5, s.now.Add(day) }))
		s.amend(t, func(t *tasks.Terms) { t.Description = "A draft." })
		same(s.t, "drafts are not shown", len(s.lease(0)), 0)
		t = s.move(t, tasks.Open)
		list := s.outbox()
		same(s.t, "list", len(list), 1)
		same(s.t, "delivery", list[0], outbox.Delivery{ID: list[0].ID, Kind: outbox.Card, State: outbox.Waiting, Channel: "501",
			Subject: fmt.Sprint("task:", t.ID), Notice: outbox.NoticeTask, Created: s.now, Due: list[0].Due})
		l := s.one(time.Hour)
		shows(s, l, "", tasks.TaskCard{Task: t, Left: 5, Currency: gold})
		same(s.t, "lease", []any{l.ID, l.Attempt, l.Created}, []any{list[0].ID, 1, s.now})
		s.settle(l, posted("9001"))
		same(s.t, "due", len(s.lease(0)), 0)

		t = s.amend(t, func(t *tasks.Terms) { t.Reward = 21 })
		l = s.one(time.Hour)
		shows(s, l, "9001", tasks.TaskCard{Task: t, Left: 5, Currency: gold})
		s.settle(l, done)
		for _, v := range []struct {
			cause string
			do    func()
			left  int
		}{
			{"a claim", func() { s.take(ada, t) }, 4},
			{"another", func() { s.take(bob, t) }, 3},
			{"a drop", func() { s.drop(bob, t) }, 4},
			{"a close", func() { t = s.move(t, tasks.Closed) }, 4},
			{"an opening", func() { t = s.move(t, tasks.Open) }, 4},
			{"an end", func() { t = s.move(t, tasks.Archived) }, 4},
		} {
			v.do()
			l = s.one(time.Hour)
			shows(s, l, "9001", tasks.TaskCard{Task: t, Left: v.left, Currency: gold})
			s.settle(l, done)
			same(s.t, "after "+v.cause, len(s.outbox()), 0)
		}
	})
	b.story("one that is created open is shown too; without limit of places claims change nothing", func(s *scene) {
		s.idle()
		s.channels()
		t := s.open(essay())
		s.settle(s.one(time.Hour), posted("1"))
		s.take(ada, t)
		s.drop(ada, t)
		same(s.t, "edit to the same", s.amend(t, func(*tasks.Terms) {}), t)
		same(s.t, "moved to where it is", s.move(t, tasks.Open), t)
		same(s.t, "due", len(s.lease(0)), 0)
	})
	b.story("where there is no channel there is no card, until one is asked for", func(s *scene) {
		s.idle()
		t := of5(s)
		s.take(ada, t)
		s.handIn(ada, t, "a")
		same(s.t, "due", len(s.lease(0)), 0)
		s.channels()
		t = s.amend(t, func(t *tasks.Terms) { t.Reward++ })
		s.take(bob, t)
		same(s.t, "due", len(s.lease(0)), 0)
		t = s.move(t, tasks.Closed)
		t = s.move(t, tasks.Open)
		shows(s, s.one(time.Hour), "", tasks.TaskCard{Task: t, Left: 3, Currency: gold})
	})
	b.story("a card that has no message goes where it was asked for last, one that has stays", func(s *scene) {
		s.idle()
		s.channels()
		t := of5(s)
		reopen := func() {
			t = s.move(t, tasks.Closed)
			t = s.move(t, tasks.Open)
		}
		channel := func(v economy.ChannelID) {
			s.rules(func(r *economy.Settings) { r.TaskChannel = v })
		}
		channel("601")
		same(s.t, "as it was", s.outbox()[0].Channel, economy.ChannelID("501"))
		reopen()
		same(s.t, "asked for last", s.outbox()[0].Channel, economy.ChannelID("601"))
		channel("")
		reopen()
		l := s.one(time.Hour)
		same(s.t, "lease", []any{l.Channel, l.Message}, []any{economy.ChannelID("601"), ""})
		s.settle(l, posted("1"))
		channel("501")
		reopen()
		l = s.one(time.Hour)
		same(s.t, "lease", []any{l.Channel, l.Message}, []any{economy.ChannelID("601"), "1"})
	})
	b.story("changes join while a card waits or is leased", func(s *scene) {
		s.idle()
		s.channels()
		t := of5(s)
		s.take(ada, t)
		s.amend(t, func(t *tasks.Terms) { t.Reward++ })
		first := s.one(time.Hour)
		same(s.t, "left", notice[tasks.TaskCard](s.t, first, outbox.NoticeTask).Left, 4)
		s.take(bob, t)
		same(s.t, "due while it is leased", len(s.lease(0)), 0)
		s.settle(first, posted("77"))
		next := s.one(time.Hour)
		same(s.t, "next", []any{next.ID, next.Attempt, next.Message, notice[tasks.TaskCard](s.t, next, outbox.NoticeTask).Left}, []any{first.ID, 1, "77", 3})
		s.settle(next, failed)
		same(s.t, "failed", []any{len(s.outbox()), s.outbox()[0].State, s.outbox()[0].Channel}, []any{1, outbox.Failed, economy.ChannelID("501")})
		s.take(cyd, t)
		again := s.one(time.Hour)
		same(s.t, "again", []any{again.ID, again.Attempt, again.Message}, []any{first.ID, 1, "77"})
		s.settle(again, done)
		s.take(dee, t)
		if l := s.one(time.Hour); l.ID == first.ID {
			s.t.Error("what was done is tried again")
		}
	})
	b.story("a message that was posted under a lost lease is the card's, and no other after it", func(s *scene) {
		s.idle()
		s.channels()
		t := of5(s)
		lost := s.one(0)
		s.rules(func(v *economy.Settings) { v.TaskChannel = "601" })
		s.move(s.move(t, tasks.Closed), tasks.Open)
		second := s.one(0)
		same(s.t, "second", []any{second.Channel, second.Message}, []any{economy.ChannelID("601"), ""})
		s.settle(lost, posted("10")) // it took long
		third := s.one(time.Hour)
		same(s.t, "third", []any{third.ID, third.Attempt, third.Channel, third.Message}, []any{lost.ID, 2, economy.ChannelID("501"), "10"})
		s.settle(second, posted("20"))
		s.settle(third, done)
		s.take(ada, t)
		l := s.one(time.Hour)
		same(s.t, "fourth", []any{l.Channel, l.Message}, []any{economy.ChannelID("501"), "10"})
		o := again
		o.Message = "30"
		s.settle(l, o)
		l = s.one(time.Hour)
		same(s.t, "fifth", l.Message, "10")
	})
	b.story("a message that is posted is known even where its attempt counts as failed", func(s *scene) {
		for _, o := range []outbox.Outcome{again, failed} {
			s.idle()
			s.channels()
			t := s.open(of(essay(), func(t *tasks.Terms) { t.Title = string(o.State) }))
			o.Message = "5"
			s.settle(s.one(time.Hour), o)
			s.move(t, tasks.Closed)
			same(s.t, "message", s.one(time.Hour).Message, "5")
		}
	})
	b.story("a message is known even where its delivery is forgotten by now", func(s *scene) {
		s.idle()
		s.channels()
		t := of5(s)
		lost, second := s.one(0), s.one(time.Hour)
		s.settle(second, failed) // another server's
		did(s.store.ForgetDeliveries(s.ctx, s.now.Add(day))).in(s)
		s.settle(lost, posted("1"))
		s.take(ada, t)
		same(s.t, "message", s.one(time.Hour).Message, "1")
	})
	b.story("a message that was deleted is not posted again, until its subject asks anew", func(s *scene) {
		s.idle()
		s.channels()
		t := of5(s)
		s.settle(s.one(time.Hour), posted("1"))
		s.take(ada, t)
		l := s.one(time.Hour)
		s.take(bob, t) // joins, and is forgotten with the card
		s.settle(l, gone)
		same(s.t, "list", len(s.outbox()), 0)
		s.take(cyd, t)
		t = s.amend(t, func(t *tasks.Terms) { t.Reward++ })
		t = s.move(t, tasks.Closed)
		same(s.t, "due", len(s.lease(0)), 0)
		t = s.move(t, tasks.Open)
		fresh := s.one(time.Hour)
		shows(s, fresh, "", tasks.TaskCard{Task: t, Left: 2, Currency: gold})
		if fresh.ID == l.ID {
			s.t.Error("what was done is tried again")
		}
		s.settle(fresh, posted("2"))
		s.drop(cyd, t)
		same(s.t, "message", s.one(time.Hour).Message, "2")
	})
	b.story("a lost lease knows nothing of a deleted message", func(s *scene) {
		s.idle()
		s.channels()
		t := of5(s)
		s.settle(s.one(time.Hour), posted("1"))
		s.take(ada, t)
		lost := s.one(0)
		l := s.one(time.Hour)
		s.settle(lost, gone)
		s.settle(l, done)
		s.take(bob, t)
		same(s.t, "message", s.one(time.Hour).Message, "1")
	})
	b.story("work that waits is shown to reviewers, and what became of it", func(s *scene) {
		s.idle()
		s.channels()
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Tries, t.ClaimHours = 2, 3 }))
		s.settle(s.one(time.Hour), posted("1"))
		s.take(ada, t)
		id := s.handIn(ada, t, "My essay").Submission
		l := s.one(time.Hour)
		about := fmt.Sprint("submission:", id)
		same(s.t, "card", []any{l.Kind, l.Channel, l.Subject, l.Message}, []any{outbox.Card, economy.ChannelID("502"), about, ""})
		same(s.t, "list", []any{s.outbox()[0].Notice, s.outbox()[0].Subject}, []any{outbox.NoticeSubmission, about})
		same(s.t, "shows", asSubmission(s, l), *s.queue(manager(root), 0).Submission)
		s.settle(l, posted("2"))

		got := s.reject(id, "too short")
		leases := s.lease(time.Hour)
		same(s.t, "deliveries", len(leases), 2)
		same(s.t, "notice", []any{leases[0].Kind, leases[0].User, leases[0].Channel, leases[0].Subject, notice[tasks.ReviewNotice](s.t, leases[0], outbox.NoticeReviewed)},
			[]any{outbox.Direct, ada.User, economy.ChannelID(""), "", tasks.ReviewNotice{Task: t.ID, Title: "Essay", State: tasks.Rejected, Reason: "too short", Left: 1,
				Due: s.now.Add(3 * time.Hour), Currency: gold}})
		same(s.t, "card", []any{leases[1].Subject, leases[1].Message, asSubmission(s, leases[1])}, []any{about, "2", got.Submission})
		s.finishAll(leases)

		second := s.handIn(ada, t, "My essay, again").Submission
		s.settle(s.one(time.Hour), posted("3"))
		got = s.approve(second, 50)
		leases = s.lease(time.Hour)
		same(s.t, "notice", notice[tasks.ReviewNotice](s.t, leases[0], outbox.NoticeReviewed),
			tasks.ReviewNotice{Task: t.ID, Title: "Essay", State: tasks.Approved, Percent: 50, Paid: 10, Currency: gold})
		same(s.t, "card", []any{leases[1].Message, asSubmission(s, leases[1])}, []any{"3", got.Submission})
		s.finishAll(leases)
		same(s.t, "list", len(s.outbox()), 0)
	})
	b.story("a member is told, then the reviewers, then who looks at the task", func(s *scene) {
		s.channels()
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Places, t.Tries = 5, 1 }))
		s.take(ada, t)
		id := s.handIn(ada, t, "a").Submission
		s.finish()
		s.reject(id, "no")
		var got []any
		for _, l := range s.lease(time.Hour) {
			got = append(got, l.Kind, l.Notice.Name)
		}
		same(s.t, "deliveries", got, []any{outbox.Direct, outbox.NoticeReviewed, outbox.Card, outbox.NoticeSubmission, outbox.Card, outbox.NoticeTask})
	})
	b.story("what nobody reviews is shown to nobody", func(s *scene) {
		s.idle()
		s.channels()
		t := s.open(of(quiz(), func(t *tasks.Terms) { t.Places, t.Tries = 5, 1 }))
		s.finish()
		s.take(ada, t)
		s.take(bob, t)
		s.finish()
		s.handIn(ada, t, "été 42")
		same(s.t, "approved", len(s.lease(0)), 0)
		s.handIn(bob, t, "no")
		shows(s, s.one(time.Hour), "", tasks.TaskCard{Task: t, Left: 4, Currency: gold}) // done, and never posted
	})
	b.story("places that tidying frees are shown", func(s *scene) {
		s.calm()
		s.channels()
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Places, t.ClaimHours = 2, 1 }))
		until := s.open(of(errand(), func(t *tasks.Terms) { t.Deadline = s.now.Add(time.Hour) }))
		s.take(ada, t)
		s.take(bob, t)
		s.finish()
		s.now = s.now.Add(time.Hour)
		same(s.t, "tidied", s.tidy(), 3)
		leases := s.lease(time.Hour)
		same(s.t, "deliveries", len(leases), 2)
		shows(s, leases[0], "", tasks.TaskCard{Task: t, Left: 2, Currency: gold})
		until.State, until.Version = tasks.Closed, 2
		shows(s, leases[1], "", tasks.TaskCard{Task: until, Currency: gold})
	})
	b.story("one guild's cards are not another's", func(s *scene) {
		s.idle()
		s.channels()
		there := s.elsewhere()
		of5(s)
		of5(there)
		same(s.t, "elsewhere", len(there.outbox()), 0)
		l := s.one(time.Hour)
		s.settle(l, posted("1"))
		there.channels()
		t := there.open(errand())
		same(s.t, "subject", there.one(time.Hour).Subject, fmt.Sprint("task:", t.ID))
	})
	b.story("changes and deliveries at once leave a card that is to show the last", func(s *scene) {
		s.idle()
		s.channels()
		t := of5(s)
		s.settle(s.one(time.Hour), posted("1"))
		for range size(20, 5) {
			s.take(ada, t)
			l, op := s.one(time.Hour), s.dropping(ada, t)
			together(2, func(n int) {
				var err error
				if n == 0 {
					err = s.store.SettleDelivery(s.ctx, l, done, s.now)
				} else {
					_, err = s.store.DropClaim(s.ctx, op)
				}
				if err != nil {
					s.t.Error(err)
				}
			})
			last := s.one(time.Hour)
			same(s.t, "left", notice[tasks.TaskCard](s.t, last, outbox.NoticeTask).Left, 5)
			s.settle(last, done)
		}
	})
}

// asSubmission reads what a card shows to reviewers.
func asSubmission(s *scene, l outbox.Lease) tasks.Submission {
	s.t.Helper()
	return notice[tasks.ReviewCard](s.t, l, outbox.NoticeSubmission).Submission
}

// finishAll has what was leased delivered.
func (s *scene) finishAll(leases []outbox.Lease) {
	s.t.Helper()
	for _, l := range leases {
		s.settle(l, done)
	}
}
