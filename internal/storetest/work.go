package storetest

import (
	"fmt"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// picture is one that a member can hand in.
func picture() tasks.Image {
	return tasks.Image{URL: "https://cdn.discordapp.com/attachments/1/2/cat%20.png?ex=66441d80&is=1&hm=ab", Name: "cat .png", Type: "image/png",
		Size: tasks.MaxImage, Expires: time.Date(2024, 5, 15, 2, 26, 40, 0, time.UTC)}
}

// work tells of what is handed in.
func work(b *book) {
	gold := economy.Currency{Name: "coins", Symbol: "🪙"}

	b.story("what is handed in waits for a reviewer, as it was", func(s *scene) {
		photo := s.open(of(essay(), func(t *tasks.Terms) { t.Title, t.Proof = "Photo", tasks.ProofImage }))
		link := s.open(of(essay(), func(t *tasks.Terms) { t.Title, t.Proof = "Link", tasks.ProofLink }))
		write, run := s.open(essay()), s.open(errand())
		for i, v := range []struct {
			task tasks.Task
			work tasks.Work
		}{
			{photo, must(tasks.NewWork("a cat\nand a dog", picture()))},
			{link, must(tasks.NewWork("https://example.org/?a=b&c=%20#d", tasks.Image{}))},
			{write, must(tasks.NewWork(strings.Repeat("🪙", tasks.MaxProofText), tasks.Image{}))},
			{run, tasks.Work{}},
		} {
			claim := s.take(ada, v.task)
			seen := s.events()
			s.now = s.now.Add(time.Minute + 1)
			got := did(s.store.SubmitWork(s.ctx, tasks.NewSubmitting(s.request(), ada, tasks.Ref{Title: v.task.Title}, v.work))).in(s)
			same(s.t, "receipt", got, tasks.SubmitReceipt{Submission: got.Submission, Claim: claim.Claim, Task: v.task.ID, Title: v.task.Title,
				State: tasks.Submitted, Reward: v.task.Reward, Balance: 100, Currency: gold})
			list := s.events()[len(seen):]
			same(s.t, "events", len(list), 1)
			s.happened(list[0], seen[len(seen)-1].Actor, claim.Claim, v.task.ID, tasks.Claimed, tasks.Submitted)
			mine := s.claims(ada)[0]
			same(s.t, "claim", []any{mine.State, mine.Tries, mine.Left, mine.Due, mine.Reason}, []any{tasks.Submitted, 1, 0, time.Time{}, ""})

			v.task = s.amend(v.task, func(t *tasks.Terms) { t.Title, t.Proof, t.Reward = t.Title+"!", tasks.ProofText, 1 })
			page := s.queue(manager(root), got.Submission-1)
			want := tasks.Submission{ID: got.Submission, Claim: claim.Claim, Task: v.task.ID, Title: v.task.Title, Proof: claim.Proof,
				Member: ada.User, Name: "Ada", Work: v.work, Reward: claim.Reward, Try: 1, At: s.now.Truncate(time.Microsecond), State: tasks.Waiting}
			same(s.t, "queue", page, tasks.QueuePage{Submission: &want, Waiting: i + 1, Currency: gold})
		}
	})
	b.story("a claim that waits, and none at all, take no work", func(s *scene) {
		t, draft := s.open(essay()), s.draft(errand())
		s.untouched(func() {
			_, err := s.store.SubmitWork(s.ctx, s.submitting(root, t, "a"))
			refused(s.t, err, tasks.ErrNoClaim)
			for _, op := range []tasks.Submitting{s.submitting(root, draft, ""), s.submitting(root, tasks.Task{ID: 1 << 40}, ""), s.elsewhere().submitting(ada, t, "a")} {
				_, err = s.store.SubmitWork(s.ctx, op)
				refused(s.t, err, tasks.ErrUnknownTask)
			}
		})
		s.take(ada, t)
		id := s.handIn(ada, t, "a").Submission
		_, err := s.store.SubmitWork(s.ctx, s.submitting(ada, t, ""))
		refused(s.t, err, tasks.ErrClaimState)
		_, err = s.store.SubmitWork(s.ctx, s.submitting(bob, t, "a"))
		refused(s.t, err, tasks.ErrNoClaim)
		s.approve(id, 100)
		_, err = s.store.SubmitWork(s.ctx, s.submitting(ada, t, "a"))
		refused(s.t, err, tasks.ErrNoClaim)
	})
	b.story("work has the form that is asked for now", func(s *scene) {
		t := s.open(essay())
		s.take(ada, t)
		for _, v := range []struct {
			proof tasks.Proof
			text  string
			image tasks.Image
		}{{tasks.ProofText, "", tasks.Image{}}, {tasks.ProofText, "a", picture()}, {tasks.ProofLink, "example.org", tasks.Image{}},
			{tasks.ProofImage, "a", tasks.Image{}}, {tasks.ProofNone, "a", tasks.Image{}}} {
			t = s.amend(t, func(t *tasks.Terms) { t.Proof = v.proof })
			s.untouched(func() {
				_, err := s.store.SubmitWork(s.ctx, tasks.NewSubmitting(s.request(), ada, tasks.Ref{ID: t.ID}, must(tasks.NewWork(v.text, v.image))))
				refused(s.t, err, tasks.ErrProof.With("proof", v.proof))
			})
		}
		same(s.t, "left", s.claims(ada)[0].Left, 3)
		s.handIn(ada, t, "")
	})
	b.story("what nobody has to look at is paid at once", func(s *scene) {
		s.wallet(ada)
		for _, terms := range []tasks.Terms{
			of(errand(), func(t *tasks.Terms) { t.Review, t.Reward = tasks.ByNobody, 20 }),
			of(quiz(), func(t *tasks.Terms) { t.Reward = 20 }),
		} {
			t := s.open(terms)
			claim := s.take(ada, t)
			text := ""
			if t.Review == tasks.ByAnswer {
				text = " éTÉ 42\n"
			}
			seen, balance := s.events(), s.wallet(ada).Balance
			op := s.submitting(ada, t, text)
			got := did(s.store.SubmitWork(s.ctx, op)).in(s)
			same(s.t, "receipt", got, tasks.SubmitReceipt{Submission: got.Submission, Claim: claim.Claim, Task: t.ID, Title: t.Title,
				State: tasks.Approved, Reward: 20, Paid: 20, Transaction: got.Transaction, Balance: balance + 20, Currency: gold})
			list := s.events()[len(seen):]
			kinds(s.t, list, "claim.submitted", "reward", "claim.approved")
			me := seen[len(seen)-1].Actor
			s.happened(list[0], me, claim.Claim, t.ID, tasks.Claimed, tasks.Submitted)
			same(s.t, "actor of the reward", list[1].Actor, me)
			s.happened(list[2], me, claim.Claim, t.ID, tasks.Submitted, tasks.Approved)
			line := s.history(economy.HistoryQuery{Member: ada, Size: 1}).Lines[0]
			same(s.t, "history", line, economy.HistoryLine{Transaction: got.Transaction, Kind: economy.KindReward, Amount: 20, Balance: balance + 20,
				Note: t.Title, At: s.now})
			mine := s.claims(ada)[0]
			same(s.t, "claim", []any{mine.State, mine.Paid, mine.Tries}, []any{tasks.Approved, economy.Amount(20), 1})
			same(s.t, "repeated", did(s.store.SubmitWork(s.ctx, op)).in(s), got)
			_, err := s.store.ReviewSubmission(s.ctx, s.approval(got.Submission, 100))
			refused(s.t, err, tasks.ErrReviewed.With("by", economy.Actor{}).With("state", tasks.Accepted).With("at", s.now))
		}
		same(s.t, "queue", s.queue(manager(root), 0), tasks.QueuePage{Currency: gold})
		s.has(ada, 140)
		same(s.t, "from nothing", s.reversible()[0].From, "")
	})
	b.story("a wrong answer counts, and the last one ends the claim", func(s *scene) {
		t := s.open(of(quiz(), func(t *tasks.Terms) { t.ClaimHours, t.Places = 2, 1 }))
		claim := s.take(ada, t)
		s.now = s.now.Add(time.Hour)
		seen := s.events()
		got := s.handIn(ada, t, "Ete 42")
		want := tasks.SubmitReceipt{Submission: got.Submission, Claim: claim.Claim, Task: t.ID, Title: "Quiz", State: tasks.Rejected, Left: 1,
			Due: s.now.Add(2 * time.Hour), Reward: 30, Balance: 100, Currency: gold}
		same(s.t, "receipt", got, want)
		list := s.events()[len(seen):]
		kinds(s.t, list, "claim.submitted", "claim.rejected")
		s.happened(list[1], list[0].Actor, claim.Claim, t.ID, tasks.Submitted, tasks.Rejected)
		mine := s.claims(ada)[0]
		same(s.t, "claim", []any{mine.State, mine.Tries, mine.Left, mine.Due, mine.Reason}, []any{tasks.Rejected, 1, 1, want.Due, ""})
		s.now = s.now.Add(2*time.Hour - time.Microsecond)
		got = s.handIn(ada, t, "nothing")
		want.Submission, want.State, want.Left, want.Due = got.Submission, tasks.Failed, 0, time.Time{}
		same(s.t, "receipt", got, want)
		_, err := s.store.ReviewSubmission(s.ctx, s.approval(got.Submission, 100))
		refused(s.t, err, tasks.ErrReviewed.With("by", economy.Actor{}).With("state", tasks.Refused).With("at", s.now))
		s.take(bob, t) // the place is free
		s.has(ada, 100)
	})
	b.story("a limit of tries that was lowered leaves one to whoever may try", func(s *scene) {
		t := s.open(of(quiz(), func(t *tasks.Terms) { t.Tries = 5 }))
		s.take(ada, t)
		s.handIn(ada, t, "1")
		same(s.t, "left", s.handIn(ada, t, "2").Left, 3)
		t = s.amend(t, func(t *tasks.Terms) { t.Tries = 1 })
		same(s.t, "left", s.claims(ada)[0].Left, 1)
		same(s.t, "failed", s.handIn(ada, t, "3").State, tasks.Failed)
	})
	b.story("events of claims tell neither what was handed in nor what was said of it", func(s *scene) {
		t := s.open(essay())
		s.take(ada, t)
		s.reject(s.handIn(ada, t, "straw to gold").Submission, "Rumpelstiltskin")
		did(s.store.SubmitWork(s.ctx, s.submitting(ada, t, "gold to straw"))).in(s)
		for _, e := range s.events() {
			for _, private := range []string{"straw", "Rumpelstiltskin", string(ada.User), "Ada"} {
				if text := fmt.Sprint(e.Subject, e.Kind, string(e.Before), string(e.After)); strings.Contains(text, private) {
					s.t.Errorf("event %d tells %q: %s", e.ID, private, text)
				}
			}
		}
	})
	b.story("a full wallet is paid what it has room for, and the work counts", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.MaxBalance = 125 })
		quick := func(title string) tasks.Task {
			return s.open(of(errand(), func(t *tasks.Terms) { t.Title, t.Review, t.Reward = title, tasks.ByNobody, 20 }))
		}
		for _, v := range []struct {
			title string
			paid  economy.Amount
		}{{"one", 20}, {"two", 5}, {"three", 0}} {
			t := quick(v.title)
			s.take(ada, t)
			seen := len(s.events())
			got := s.handIn(ada, t, "")
			same(s.t, v.title, []any{got.State, got.Paid, got.Transaction == 0}, []any{tasks.Approved, v.paid, v.paid == 0})
			same(s.t, "claim", []any{s.claims(ada)[0].State, s.claims(ada)[0].Paid}, []any{tasks.Approved, v.paid})
			if v.paid == 0 {
				s.tells(seen, "claim.submitted", "claim.approved")
			}
		}
		s.has(ada, 125)
	})
	b.story("a reward can be undone like a daily, and the claim stays approved", func(s *scene) {
		t := s.open(of(errand(), func(t *tasks.Terms) { t.Review = tasks.ByNobody }))
		s.take(ada, t)
		got := s.handIn(ada, t, "")
		list := s.reversible()
		same(s.t, "reversible", []any{list[0].Transaction, list[0].Kind, list[0].Amount, list[0].To}, []any{got.Transaction, economy.KindReward, economy.Amount(10), "Ada"})
		undone := s.undo(got.Transaction)
		same(s.t, "legs", undone.Legs, []economy.ReversalLeg{{Member: ada.User, Change: -10, Balance: 100}})
		mine := s.claims(ada)[0]
		same(s.t, "claim", []any{mine.State, mine.Paid}, []any{tasks.Approved, economy.Amount(10)})
		_, err := s.store.ClaimTask(s.ctx, s.claiming(ada, t))
		refused(s.t, err, tasks.ErrDone.With("next", time.Time{}))
		_, err = s.store.Reverse(s.ctx, s.reversal(got.Transaction))
		refused(s.t, err, economy.ErrAlreadyReversed.With("by", undone.Transaction))
	})
}
