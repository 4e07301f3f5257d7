package storetest

import (
	"fmt"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/tasks"
)

// taskRaces tells of many who want the same of a task.
func taskRaces(b *book) {
	worker := func(n int) economy.Person {
		return economy.Person{User: economy.UserID(fmt.Sprint("worker-", n)), Name: "Worker"}
	}
	b.story("of many who claim the last places so many have one", func(s *scene) {
		t := s.open(of(errand(), func(t *tasks.Terms) { t.Places = 5 }))
		errs := make([]error, 48)
		together(len(errs), func(i int) {
			_, errs[i] = s.store.ClaimTask(s.ctx, tasks.Claiming{Request: s.keyed(fmt.Sprint("race-", i)), Member: worker(i), Task: tasks.Ref{ID: t.ID}})
		})
		s.winners(errs, 5, tasks.ErrNoPlace)
		same(s.t, "left", s.taskOffer(ada, t).Left, 0)
	})
	b.story("of many who claim what others let run out so many have one", func(s *scene) {
		t := s.open(of(errand(), func(t *tasks.Terms) { t.Places, t.ClaimHours = 4, 1 }))
		for n := range 4 {
			s.take(worker(n), t)
		}
		s.now = s.now.Add(time.Hour)
		errs := make([]error, 32)
		together(len(errs), func(i int) {
			_, errs[i] = s.store.ClaimTask(s.ctx, tasks.Claiming{Request: s.keyed(fmt.Sprint("race-", i)), Member: worker(i), Task: tasks.Ref{ID: t.ID}})
		})
		s.winners(errs, 4, tasks.ErrNoPlace)
		expired := 0
		for _, e := range s.events() {
			if e.Kind == "claim.expired" {
				expired++
			}
		}
		same(s.t, "expired", expired, 4)
	})
	b.story("of one member's claims at once one counts", func(s *scene) {
		t := s.open(of(errand(), func(t *tasks.Terms) { t.Places = 9 }))
		errs := make([]error, 32)
		together(len(errs), func(i int) {
			_, errs[i] = s.store.ClaimTask(s.ctx, tasks.Claiming{Request: s.keyed(fmt.Sprint("race-", i)), Member: ada, Task: tasks.Ref{ID: t.ID}})
		})
		s.winners(errs, 1, tasks.ErrHaveClaim)
		same(s.t, "left", s.taskOffer(ada, t).Left, 8)
	})
	b.story("of much work at once one waits", func(s *scene) {
		t := s.open(essay())
		s.take(ada, t)
		errs := make([]error, 32)
		together(len(errs), func(i int) {
			_, errs[i] = s.store.SubmitWork(s.ctx, tasks.Submitting{Request: s.keyed(fmt.Sprint("race-", i)), Member: ada, Task: tasks.Ref{ID: t.ID},
				Work: tasks.Work{Text: fmt.Sprint(i)}})
		})
		s.winners(errs, 1, tasks.ErrClaimState)
		same(s.t, "waiting", s.queue(manager(root), 0).Waiting, 1)
	})
	b.story("of many answers at once one is paid", func(s *scene) {
		t := s.open(quiz())
		s.take(ada, t)
		errs := make([]error, 32)
		together(len(errs), func(i int) {
			_, errs[i] = s.store.SubmitWork(s.ctx, tasks.Submitting{Request: s.keyed(fmt.Sprint("race-", i)), Member: ada, Task: tasks.Ref{ID: t.ID},
				Work: tasks.Work{Text: "été 42"}})
		})
		s.winners(errs, 1, tasks.ErrNoClaim)
		s.has(ada, 130)
	})
	b.story("of many reviewers at once one decides, and pays once", func(s *scene) {
		for round := range size(8, 3) {
			t := s.open(of(errand(), func(t *tasks.Terms) { t.Title, t.Tries = fmt.Sprint("Errand ", round), 1 }))
			s.take(ada, t)
			id := s.handIn(ada, t, "").Submission
			balance := s.wallet(ada).Balance
			writes := make([]Write, 16)
			ops := make([]any, len(writes))
			for i := range ops {
				op := tasks.Reviewing{Request: s.keyed(fmt.Sprintf("race-%d-%d", round, i)), Reviewer: manager(worker(i)), Submission: id, Approve: i%2 == 0, Percent: 100}
				if !op.Approve {
					op.Percent, op.Reason = 0, "no"
				}
				ops[i] = op
			}
			together(len(writes), func(i int) { writes[i] = Write{Operation: ops[i]}.Do(s.ctx, s.store) })
			errs := make([]error, len(writes))
			var won tasks.ReviewReceipt
			for i, w := range writes {
				errs[i] = w.Err
				if w.Err == nil {
					won = w.Receipt.(tasks.ReviewReceipt)
				}
			}
			s.winners(errs, 1, tasks.ErrReviewed)
			for _, err := range errs {
				if err != nil {
					same(s.t, "who was first", problem.Of(err).Args["by"], any(won.Submission.Reviewer))
				}
			}
			s.has(ada, balance+won.Submission.Paid)
			same(s.t, "claim", s.claims(ada)[0].State, won.State)
		}
	})
	// either has two writes run at once, of which the first or the second one happens.
	either := func(s *scene, round int, first, second func(economy.Request) error, firstRefused, secondRefused *problem.Error) {
		s.t.Helper()
		errs := make([]error, 2)
		together(2, func(i int) {
			errs[i] = []func(economy.Request) error{first, second}[i](s.keyed(fmt.Sprintf("race-%d-%d", round, i)))
		})
		switch {
		case errs[0] == nil && errs[1] != nil:
			s.tally(errs[1:], secondRefused)
		case errs[1] == nil && errs[0] != nil:
			s.tally(errs[:1], firstRefused)
		default:
			s.t.Errorf("both or neither happened: %v", errs)
		}
	}
	b.story("work is handed in or given up", func(s *scene) {
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Places = 1 }))
		for round := range size(20, 6) {
			s.take(worker(round), t)
			either(s, round,
				func(r economy.Request) error {
					_, err := s.store.SubmitWork(s.ctx, tasks.Submitting{Request: r, Member: worker(round), Task: tasks.Ref{ID: t.ID}, Work: tasks.Work{Text: "a"}})
					return err
				},
				func(r economy.Request) error {
					_, err := s.store.DropClaim(s.ctx, tasks.Dropping{Request: r, Member: worker(round), Task: tasks.Ref{ID: t.ID}})
					return err
				}, tasks.ErrNoClaim, tasks.ErrClaimState)
			if page := s.queue(manager(root), 0); page.Submission != nil {
				s.reject(page.Submission.ID, "no")
				s.drop(worker(round), t)
			}
		}
	})
	b.story("work is handed in before or after its time was written off", func(s *scene) {
		for round := range size(20, 6) {
			s.calm()
			t := s.open(of(essay(), func(t *tasks.Terms) { t.Title, t.ClaimHours, t.Places = fmt.Sprint("Essay ", round), 1, 1 }))
			due := s.take(ada, t).Due
			errs, tidied := make([]error, 2), 0
			r := s.keyed(fmt.Sprint("race-", round))
			r.At = due.Add(-time.Microsecond)
			together(2, func(i int) {
				if i == 0 {
					_, errs[0] = s.store.SubmitWork(s.ctx, tasks.Submitting{Request: r, Member: ada, Task: tasks.Ref{ID: t.ID}, Work: tasks.Work{Text: "a"}})
				} else {
					tidied, errs[1] = s.store.TidyTasks(s.ctx, due)
				}
			})
			if errs[1] != nil || (errs[0] == nil) != (tidied == 0) {
				s.t.Errorf("handed in: %v; %d tidied: %v", errs[0], tidied, errs[1])
			}
			if errs[0] != nil {
				refused(s.t, errs[0], tasks.ErrNoClaim)
			}
		}
	})
	b.story("work is handed in before or after the task's end", func(s *scene) {
		for round := range size(20, 6) {
			t := s.open(of(essay(), func(t *tasks.Terms) { t.Title = fmt.Sprint("Essay ", round) }))
			s.take(ada, t)
			errs := make([]error, 2)
			submit, end := s.submitting(ada, t, "a"), s.moving(t, tasks.Archived)
			together(2, func(i int) {
				if i == 0 {
					_, errs[0] = s.store.SubmitWork(s.ctx, submit)
				} else {
					_, errs[1] = s.store.MoveTask(s.ctx, end)
				}
			})
			if errs[1] != nil {
				s.t.Error(errs[1])
			}
			if errs[0] != nil {
				refused(s.t, errs[0], tasks.ErrClaimOver)
			}
			want := tasks.Submitted
			if errs[0] != nil {
				want = tasks.Expired
			}
			same(s.t, "claim", s.claims(ada)[0].State, want)
		}
	})
	b.story("an edit and a claim at once: the reward is the one or the other", func(s *scene) {
		t := s.open(of(errand(), func(t *tasks.Terms) { t.Places = 50 }))
		for round := range size(20, 6) {
			edit, claim := s.retask(t, func(t *tasks.Terms) { t.Reward++ }), s.claiming(worker(round), t)
			var got tasks.ClaimReceipt
			var after tasks.Task
			errs := make([]error, 2)
			together(2, func(i int) {
				if i == 0 {
					after, errs[0] = s.store.EditTask(s.ctx, edit)
				} else {
					got, errs[1] = s.store.ClaimTask(s.ctx, claim)
				}
			})
			s.winners(errs, 2, nil)
			if got.Reward != t.Reward && got.Reward != after.Reward {
				s.t.Errorf("reward %d, want %d or %d", got.Reward, t.Reward, after.Reward)
			}
			t = after
		}
		same(s.t, "left", s.taskOffer(ada, t).Left, 50-size(20, 6))
	})
	b.story("two edits, openings or ends at once happen once", func(s *scene) {
		s.channels()
		t := s.draft(errand())
		errs := make([]error, 16)
		together(len(errs), func(i int) {
			op := tasks.TaskMove{Request: s.keyed(fmt.Sprint("open-", i)), Admin: root, Task: tasks.Ref{ID: t.ID}, To: tasks.Open}
			_, errs[i] = s.store.MoveTask(s.ctx, op)
		})
		s.winners(errs, 16, nil)
		t = s.taskOffer(ada, t).Task
		same(s.t, "version", t.Version, 2)
		together(len(errs), func(i int) {
			terms := t.Terms
			terms.Reward += economy.Amount(1 + i)
			_, errs[i] = s.store.EditTask(s.ctx, tasks.TaskEdit{Request: s.keyed(fmt.Sprint("edit-", i)), Admin: root, Task: t.ID, Version: 2, Terms: terms})
		})
		s.winners(errs, 1, tasks.ErrTaskChanged)
		together(len(errs), func(i int) {
			_, errs[i] = s.store.CreateTask(s.ctx, tasks.TaskCreation{Request: s.keyed(fmt.Sprint("create-", i)), Admin: root, Terms: essay(), State: tasks.Open})
		})
		s.winners(errs, 1, tasks.ErrTitleTaken)
	})
}
