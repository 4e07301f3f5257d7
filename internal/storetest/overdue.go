package storetest

import (
	"fmt"
	"sync/atomic"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// overdue tells of claims that are over, and of tidying up behind them.
func overdue(b *book) {
	// hours is a task whose claims end after an hour.
	hours := func(s *scene, places int) tasks.Task {
		s.t.Helper()
		return s.open(of(essay(), func(t *tasks.Terms) { t.ClaimHours, t.Places, t.Repeat = 1, places, tasks.Daily }))
	}
	states := func(s *scene, who economy.Person, want ...tasks.ClaimState) {
		s.t.Helper()
		var got []tasks.ClaimState
		for _, c := range s.claims(who) {
			got = append(got, c.State)
		}
		same(s.t, "claims of "+who.Name, got, want)
	}

	b.story("a claim whose time is over is so everywhere, whether somebody tidied up or not", func(s *scene) {
		for _, tidied := range []bool{false, true} {
			s.calm()
			t := s.open(of(essay(), func(t *tasks.Terms) { t.Title, t.ClaimHours, t.Places = fmt.Sprint(tidied), 1, 1 }))
			start := s.now
			due := s.take(ada, t).Due
			s.now = due.Add(-1)
			same(s.t, "before", []any{s.claims(ada)[0].State, s.taskOffer(bob, t).Left, s.tidy()}, []any{tasks.Claimed, 0, 0})
			s.now = due
			if tidied {
				same(s.t, "tidied", s.tidy(), 1)
			}
			c := s.claims(ada)[0]
			same(s.t, "after", []any{c.State, c.Left, c.Due, s.taskOffer(bob, t).Left}, []any{tasks.Expired, 0, time.Time{}, 1})
			s.untouched(func() {
				_, err := s.store.SubmitWork(s.ctx, s.submitting(ada, t, "late"))
				if tidied {
					refused(s.t, err, tasks.ErrNoClaim)
				} else {
					refused(s.t, err, tasks.ErrClaimOver.With("due", due))
				}
				_, err = s.store.DropClaim(s.ctx, s.dropping(ada, t))
				refused(s.t, err, tasks.ErrNoClaim)
			})
			s.take(bob, t)
			same(s.t, "nothing is left to tidy", s.tidy(), 0)
			s.now = start
		}
	})
	b.story("who was late may claim anew, and his old claim is written off first", func(s *scene) {
		t := hours(s, 1)
		first := s.take(ada, t)
		s.now = s.now.Add(time.Hour)
		seen := s.events()
		second := s.take(ada, t)
		list := s.events()[len(seen):]
		same(s.t, "events", len(list), 2)
		s.happened(list[0], 0, first.Claim, t.ID, tasks.Claimed, tasks.Expired)
		s.happened(list[1], seen[len(seen)-1].Actor, second.Claim, t.ID, "", tasks.Claimed)
		states(s, ada, tasks.Claimed, tasks.Expired)
	})
	b.story("where no place is left, all claims that are over make room, by their numbers", func(s *scene) {
		t := hours(s, 4)
		one, two := s.take(ada, t), s.take(bob, t)
		s.now = s.now.Add(30 * time.Minute)
		id := s.handIn(bob, t, "a").Submission
		s.take(cyd, t)
		s.now = s.now.Add(15 * time.Minute)
		s.take(dee, t)
		s.now = s.now.Add(15 * time.Minute)
		s.reject(id, "no") // his hour begins anew
		same(s.t, "left", s.taskOffer(root, t).Left, 1)
		s.now = s.now.Add(30 * time.Minute) // over: ada and cyd
		same(s.t, "left", s.taskOffer(root, t).Left, 2)
		seen := s.events()
		s.untouched(func() { // refusals write nothing off
			_, err := s.store.ClaimTask(s.ctx, s.claiming(dee, t))
			refused(s.t, err, tasks.ErrHaveClaim.With("state", tasks.Claimed))
		})
		s.take(root, t)
		list := s.events()[len(seen):]
		kinds(s.t, list, "claim.expired", "claim.expired", "claim.created")
		s.happened(list[0], 0, one.Claim, t.ID, tasks.Claimed, tasks.Expired)
		states(s, bob, tasks.Rejected)
		s.take(ada, t)
		s.now = s.now.Add(30 * time.Minute) // and bob
		seen = s.events()
		s.take(economy.Person{User: "1", Name: "One"}, t)
		list = s.events()[len(seen):]
		kinds(s.t, list, "member.created", "opening", "claim.expired", "claim.expired", "claim.created")
		s.happened(list[2], 0, two.Claim, t.ID, tasks.Rejected, tasks.Expired)
	})
	b.story("a place that is there is taken, and nobody written off", func(s *scene) {
		t := hours(s, 2)
		s.take(ada, t)
		s.now = s.now.Add(time.Hour)
		seen := len(s.events())
		s.take(bob, t)
		s.tells(seen, "member.created", "opening", "claim.created")
		s.take(cyd, t)
		s.tells(seen, "member.created", "opening", "claim.created", "member.created", "opening", "claim.expired", "claim.created")
	})
	b.story("after the deadline nothing is handed in, and tidying closes the task", func(s *scene) {
		s.calm()
		end := s.now.Add(time.Hour)
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Deadline, t.ClaimHours = end, 100 }))
		one, two := s.take(ada, t), s.take(bob, t)
		same(s.t, "due", one.Due, end)
		id := s.handIn(bob, t, "a").Submission
		s.now = end
		states(s, ada, tasks.Expired)
		states(s, bob, tasks.Submitted)
		s.untouched(func() {
			_, err := s.store.SubmitWork(s.ctx, s.submitting(ada, t, "late"))
			refused(s.t, err, tasks.ErrDeadline.With("deadline", end))
		})
		seen := s.events()
		same(s.t, "tidied", s.tidy(), 2)
		list := s.events()[len(seen):]
		kinds(s.t, list, "claim.expired", "task.closed")
		s.happened(list[0], 0, one.Claim, t.ID, tasks.Claimed, tasks.Expired)
		closed := s.taskOffer(ada, t).Task
		same(s.t, "closed", []any{list[1].Actor, closed.State, closed.Version, *asTask(s.t, list[1].After)}, []any{int64(0), tasks.Closed, 2, closed})
		same(s.t, "again", s.tidy(), 0)
		s.reject(id, "no")
		states(s, bob, tasks.Expired)
		same(s.t, "tidied", s.tidy(), 1)
		list = s.events()
		s.happened(list[len(list)-1], 0, two.Claim, t.ID, tasks.Rejected, tasks.Expired)
	})
	b.story("a deadline that is moved away lets go on what nobody wrote off", func(s *scene) {
		s.calm()
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Deadline = s.now.Add(time.Hour) }))
		s.take(ada, t)
		s.now = s.now.Add(2 * time.Hour)
		states(s, ada, tasks.Expired)
		t = s.amend(t, func(t *tasks.Terms) { t.Deadline = time.Time{} })
		states(s, ada, tasks.Claimed)
		s.handIn(ada, t, "a")
		same(s.t, "tidied", s.tidy(), 0)
	})
	b.story("what is archived takes nothing more, but what waits is reviewed", func(s *scene) {
		s.calm()
		t := s.open(essay())
		for _, who := range []economy.Person{ada, bob, cyd} {
			s.take(who, t)
		}
		id := s.handIn(bob, t, "b").Submission
		s.reject(s.handIn(cyd, t, "c").Submission, "no")
		s.move(t, tasks.Archived)
		s.untouched(func() {
			for _, who := range []economy.Person{ada, cyd} {
				states(s, who, tasks.Expired)
				_, err := s.store.SubmitWork(s.ctx, s.submitting(who, t, "late"))
				refused(s.t, err, tasks.ErrClaimOver)
				_, err = s.store.DropClaim(s.ctx, s.dropping(who, t))
				refused(s.t, err, tasks.ErrNoClaim)
				_, err = s.store.SubmitWork(s.ctx, tasks.NewSubmitting(s.request(), who, tasks.Ref{Title: "Essay"}, tasks.Work{Text: "late"}))
				refused(s.t, err, tasks.ErrUnknownTask)
			}
			_, err := s.store.DropClaim(s.ctx, s.dropping(bob, t))
			refused(s.t, err, tasks.ErrClaimState)
		})
		seen := len(s.events())
		same(s.t, "tidied", s.tidy(), 2)
		s.tells(seen, "claim.expired", "claim.expired")
		s.approve(id, 100)
		s.has(bob, 120)
		same(s.t, "tidied", s.tidy(), 0)
	})
	b.story("many servers tidy up each thing once", func(s *scene) {
		s.calm()
		end := s.now.Add(2 * time.Hour)
		t := s.open(of(essay(), func(t *tasks.Terms) { t.ClaimHours, t.Places = 1, 20 }))
		for n := range 20 {
			s.take(economy.Person{User: economy.UserID(fmt.Sprint("late-", n)), Name: "Late"}, t)
		}
		for n := range 5 {
			s.open(of(errand(), func(t *tasks.Terms) { t.Title, t.Deadline = fmt.Sprint("Until ", n), end }))
		}
		s.now = end
		var done atomic.Int64
		together(8, func(int) {
			n, err := s.store.TidyTasks(s.ctx, s.now)
			if err != nil {
				s.t.Error(err)
			}
			done.Add(int64(n))
		})
		same(s.t, "tidied", done.Load(), int64(25))
		same(s.t, "left", s.taskOffer(ada, t).Left, 20)
	})
}
