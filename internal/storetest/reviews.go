package storetest

import (
	"fmt"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// reviewing tells of those who decide.
func reviewing(b *book) {
	gold := economy.Currency{Name: "coins", Symbol: "🪙"}

	b.story("an approval pays a part of the reward, rounded down, once", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.StartingBalance = 0 })
		total := economy.Amount(0)
		for _, v := range []struct {
			reward, paid economy.Amount
			percent      int
		}{{10, 10, 100}, {10, 0, 0}, {199, 99, 50}, {1, 0, 99}, {economy.MaxMovement, economy.MaxMovement, 100}, {economy.MaxMovement - 1, 10_000_000_000 - 1, 1}} {
			t := s.open(of(errand(), func(t *tasks.Terms) { t.Title, t.Reward = fmt.Sprint(v.percent, " of ", v.reward), v.reward }))
			claim := s.take(ada, t)
			t = s.amend(t, func(t *tasks.Terms) { t.Title, t.Reward = t.Title+"!", 7 }) // what was promised is paid
			id := s.handIn(ada, t, "").Submission
			s.now = s.now.Add(time.Second + 1)
			seen := s.events()
			op := s.approval(id, v.percent)
			got := did(s.store.ReviewSubmission(s.ctx, op)).in(s)
			total += v.paid
			want := tasks.Submission{ID: id, Claim: claim.Claim, Task: t.ID, Title: t.Title, Proof: tasks.ProofNone, Member: ada.User, Name: "Ada",
				Reward: v.reward, Try: 1, At: got.Submission.At, State: tasks.Accepted, Reviewer: by(root, got.Submission.Reviewer.ID), Percent: v.percent, Paid: v.paid,
				Reviewed: s.now.Truncate(time.Microsecond)}
			same(s.t, "receipt", got, tasks.ReviewReceipt{Submission: want, State: tasks.Approved, Transaction: got.Transaction, Currency: gold})
			list := s.events()[len(seen):]
			rooted := list[0].Actor
			if v.paid > 0 {
				kinds(s.t, list, "reward", "claim.approved")
				line := s.history(economy.HistoryQuery{Member: ada, Size: 1}).Lines[0]
				same(s.t, "history", []any{line.Transaction, line.Amount, line.Balance, line.Note}, []any{got.Transaction, v.paid, total, t.Title})
				list = list[1:]
			} else {
				same(s.t, "transaction", got.Transaction, economy.TransactionID(0))
			}
			s.happened(list[0], rooted, claim.Claim, t.ID, tasks.Submitted, tasks.Approved)
			if rooted == seen[len(seen)-1].Actor {
				s.t.Error("the reviewer is not told")
			}
			same(s.t, "repeated", did(s.store.ReviewSubmission(s.ctx, op)).in(s), got)
		}
		s.has(ada, total)
	})
	b.story("a rejection says why and lets the member try again, from then on", func(s *scene) {
		t := s.open(of(essay(), func(t *tasks.Terms) { t.ClaimHours, t.Deadline, t.Tries = 2, s.now.Add(day), 2 }))
		claim := s.take(ada, t)
		first := s.handIn(ada, t, "a")
		s.now = s.now.Add(5 * time.Hour) // what waits is not over
		same(s.t, "claim", s.claims(ada)[0].State, tasks.Submitted)
		seen := s.events()
		got := s.reject(first.Submission, " too short ")
		want := tasks.Submission{ID: first.Submission, Claim: claim.Claim, Task: t.ID, Title: "Essay", Proof: tasks.ProofText, Member: ada.User, Name: "Ada",
			Work: tasks.Work{Text: "a"}, Reward: 20, Try: 1, At: s.now.Add(-5 * time.Hour), State: tasks.Refused, Reviewer: by(root, got.Submission.Reviewer.ID),
			Reason: "too short", Reviewed: s.now}
		same(s.t, "receipt", got, tasks.ReviewReceipt{Submission: want, State: tasks.Rejected, Left: 1, Currency: gold})
		list := s.events()[len(seen):]
		s.happened(list[len(list)-1], list[len(list)-1].Actor, claim.Claim, t.ID, tasks.Submitted, tasks.Rejected)
		mine := s.claims(ada)[0]
		same(s.t, "claim", []any{mine.State, mine.Tries, mine.Left, mine.Due, mine.Reason},
			[]any{tasks.Rejected, 1, 1, s.now.Add(2 * time.Hour), "too short"})
		s.now = s.now.Add(time.Hour)
		second := s.handIn(ada, t, "b")
		same(s.t, "try", s.queue(manager(root), 0).Submission.Try, 2)
		same(s.t, "claim", s.claims(ada)[0].Reason, "too short")
		got = s.reject(second.Submission, "too long")
		same(s.t, "receipt", []any{got.State, got.Left, got.Submission.Last, got.Submission.Try}, []any{tasks.Failed, 0, true, 2})
		mine = s.claims(ada)[0]
		same(s.t, "claim", []any{mine.State, mine.Tries, mine.Left, mine.Due, mine.Reason}, []any{tasks.Failed, 2, 0, time.Time{}, "too long"})
		_, err := s.store.ReviewSubmission(s.ctx, s.approval(first.Submission, 100))
		refused(s.t, err, tasks.ErrReviewed.With("by", want.Reviewer).With("state", tasks.Refused).With("at", want.Reviewed))
		s.has(ada, 100)
	})
	b.story("work that came in time is reviewed whenever that is, and what is over after it stays over", func(s *scene) {
		end := s.now.Add(time.Hour)
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Deadline, t.ClaimHours = end, 100 }))
		for _, who := range []economy.Person{ada, bob, cyd} {
			s.take(who, t)
		}
		one, two, three := s.handIn(ada, t, "a").Submission, s.handIn(bob, t, "b").Submission, s.handIn(cyd, t, "c").Submission
		s.now = end.Add(time.Hour)
		s.approve(one, 100)
		s.has(ada, 120)
		got := s.reject(two, "no")
		same(s.t, "late", []any{got.State, got.Left, got.Submission.Last}, []any{tasks.Rejected, 0, false})
		same(s.t, "claim", []any{s.claims(bob)[0].State, s.claims(bob)[0].Left}, []any{tasks.Expired, 0})
		s.move(t, tasks.Archived)
		s.approve(three, 10)
		s.has(cyd, 102)
	})
	b.story("only reviewers review, and nobody his own", func(s *scene) {
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Tries = 9 }))
		s.take(ada, t)
		id := s.handIn(ada, t, "a").Submission
		try := func(by tasks.Reviewer, id tasks.SubmissionID) error {
			op := must(tasks.NewApproval(s.request(), by, id, 100))
			_, err := s.store.ReviewSubmission(s.ctx, op)
			return err
		}
		s.untouched(func() {
			refused(s.t, try(tasks.Reviewer{Person: bob}, id), tasks.ErrNotReviewer)
			refused(s.t, try(tasks.Reviewer{Person: bob, Roles: []economy.RoleID{"", "7001"}}, id), tasks.ErrNotReviewer)
			refused(s.t, try(tasks.Reviewer{Person: ada}, id), tasks.ErrNotReviewer)
			refused(s.t, try(tasks.Reviewer{Person: ada}, 1<<40), tasks.ErrNotReviewer)
			refused(s.t, try(manager(ada), id), tasks.ErrOwnSubmission)
			for _, unknown := range []tasks.SubmissionID{1 << 40, 0, -1} {
				refused(s.t, try(manager(root), unknown), tasks.ErrUnknownSubmission)
			}
			there := s.elsewhere()
			_, err := there.store.ReviewSubmission(there.ctx, there.approval(id, 100))
			refused(s.t, err, tasks.ErrUnknownSubmission)
		})
		s.rules(func(v *economy.Settings) { v.ReviewerRole, v.AdminRole = "7001", "7009" })
		refused(s.t, try(tasks.Reviewer{Person: bob, Roles: []economy.RoleID{"7002"}}, id), tasks.ErrNotReviewer)
		refused(s.t, try(tasks.Reviewer{Person: ada, Roles: []economy.RoleID{"7001"}}, id), tasks.ErrOwnSubmission)
		refused(s.t, try(tasks.Reviewer{Person: ada, Roles: []economy.RoleID{"7009"}}, id), tasks.ErrOwnSubmission)
		if err := try(tasks.Reviewer{Person: bob, Roles: []economy.RoleID{"7002", "7001"}}, id); err != nil {
			s.t.Fatal(err)
		}
		refused(s.t, try(manager(root), id), tasks.ErrReviewed.With("by", by(bob, s.number(bob))).With("state", tasks.Accepted).With("at", s.now))
		refused(s.t, try(manager(ada), id), tasks.ErrOwnSubmission)
		s.take(cyd, t)
		if err := try(tasks.Reviewer{Person: bob, Roles: []economy.RoleID{"7009"}}, s.handIn(cyd, t, "c").Submission); err != nil {
			s.t.Errorf("an admin: %v", err)
		}
	})
	b.story("the queue is the oldest first, without one's own, one after the other", func(s *scene) {
		t := s.open(essay())
		var ids []tasks.SubmissionID
		for _, who := range []economy.Person{ada, bob, cyd} {
			s.take(who, t)
			ids = append(ids, s.handIn(who, t, who.Name).Submission)
			s.now = s.now.Add(-time.Hour)
		}
		next := func(who economy.Person, after tasks.SubmissionID, want string, waiting int) {
			s.t.Helper()
			page := s.queue(manager(who), after)
			got := ""
			if page.Submission != nil {
				got = page.Submission.Work.Text
			}
			same(s.t, "next of "+who.Name, []any{got, page.Waiting, page.Currency}, []any{want, waiting, gold})
		}
		next(root, 0, "Ada", 3)
		next(root, ids[0], "Bob", 3)
		next(root, ids[2], "", 3)
		next(ada, 0, "Bob", 2)
		next(cyd, ids[1], "", 2)
		s.approve(ids[1], 100)
		next(ada, 0, "Cyd", 1)
		next(root, ids[0], "Cyd", 2)
		there := s.elsewhere()
		same(s.t, "elsewhere", there.queue(manager(root), 0), tasks.QueuePage{Currency: gold})
		for _, by := range []tasks.Reviewer{{Person: dee}, {Person: dee, Roles: []economy.RoleID{""}}} {
			_, err := s.store.ReviewQueue(s.ctx, tasks.QueueQuery{Guild: s.guild, Reviewer: by, At: s.now})
			refused(s.t, err, tasks.ErrNotReviewer)
		}
		s.rules(func(v *economy.Settings) { v.ReviewerRole = "7001" })
		same(s.t, "by his role", s.queue(tasks.Reviewer{Person: dee, Roles: []economy.RoleID{"7001"}}, 0).Waiting, 2)
		s.rules(func(v *economy.Settings) { v.AdminRole = "7009" })
		same(s.t, "as an admin", s.queue(tasks.Reviewer{Person: dee, Roles: []economy.RoleID{"7009"}}, 0).Waiting, 2)
	})
	b.story("the queue is counted up to a hundred", func(s *scene) {
		run := s.open(of(errand(), func(t *tasks.Terms) { t.Repeat = tasks.Daily }))
		for i := range 102 {
			who := economy.Person{User: economy.UserID(fmt.Sprint("worker-", i)), Name: "Someone"}
			s.take(who, run)
			s.handIn(who, run, "")
		}
		same(s.t, "waiting", s.queue(manager(root), 0).Waiting, 100)
	})
}
