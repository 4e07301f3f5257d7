package storetest

import (
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/tasks"
)

// claiming tells of claims on tasks.
func claiming(b *book) {
	gold := economy.Currency{Name: "coins", Symbol: "🪙"}

	b.story("a claim is a word that is kept with its reward", func(s *scene) {
		t := s.open(of(essay(), func(t *tasks.Terms) { t.ClaimHours, t.Deadline = 5, s.now.Add(day) }))
		s.wallet(ada)
		seen := len(s.events())
		s.now = s.now.Add(1_999)
		at := s.now.Truncate(time.Microsecond)
		got := s.take(ada, t)
		same(s.t, "receipt", got, tasks.ClaimReceipt{Claim: got.Claim, Task: t.ID, Title: "Essay", Proof: tasks.ProofText, Review: tasks.ByPerson,
			Reward: 20, Due: at.Add(5 * time.Hour), Tries: 3, Currency: gold})
		want := tasks.Claim{ID: got.Claim, Task: t.ID, Title: "Essay", Proof: tasks.ProofText, State: tasks.Claimed, Reward: 20, Left: 3,
			Claimed: at, Due: at.Add(5 * time.Hour)}
		same(s.t, "claims", s.claims(ada), []tasks.Claim{want})
		same(s.t, "offer", s.taskOffer(ada, t).Mine, &want)
		list := s.events()[seen:]
		if len(list) != 1 || list[0].Actor == 0 {
			s.t.Fatalf("events %+v", list)
		}
		s.happened(list[0], list[0].Actor, got.Claim, t.ID, "", tasks.Claimed)
		s.has(ada, 100)

		t = s.amend(t, func(t *tasks.Terms) {
			t.Title, t.Reward, t.ClaimHours, t.Tries, t.Proof = "Novel", 1, 1, 5, tasks.ProofLink
		})
		want.Title, want.Proof, want.Left = "Novel", tasks.ProofLink, 5
		same(s.t, "after an edit", s.claims(ada), []tasks.Claim{want})
		s.amend(t, func(t *tasks.Terms) { t.Deadline = at.Add(time.Hour) })
		want.Due = at.Add(time.Hour)
		same(s.t, "after a nearer deadline", s.claims(ada), []tasks.Claim{want})
		same(s.t, "bob's", len(s.claims(bob)), 0)
	})
	b.story("only what is open can be claimed, before its deadline", func(s *scene) {
		s.wallet(ada)
		end := s.now.Add(time.Hour)
		t := s.draft(of(errand(), func(t *tasks.Terms) { t.Deadline = end }))
		try := func(want *problem.Error) {
			s.t.Helper()
			s.untouched(func() {
				_, err := s.store.ClaimTask(s.ctx, s.claiming(ada, t))
				refused(s.t, err, want)
			})
		}
		try(tasks.ErrUnknownTask)
		s.move(t, tasks.Open)
		s.move(t, tasks.Closed)
		try(tasks.ErrNotOpen)
		s.move(t, tasks.Open)
		s.now = end
		_, err := s.store.ClaimTask(s.ctx, s.claiming(ada, t))
		refused(s.t, err, tasks.ErrDeadline.With("deadline", end))
		s.now = end.Add(-1)
		s.take(ada, t)
		s.move(t, tasks.Archived)
		try(tasks.ErrUnknownTask)
		_, err = s.store.ClaimTask(s.ctx, s.claiming(ada, tasks.Task{ID: 1 << 40}))
		refused(s.t, err, tasks.ErrUnknownTask)
		_, err = s.store.ClaimTask(s.ctx, s.elsewhere().claiming(ada, t))
		refused(s.t, err, tasks.ErrUnknownTask)
	})
	b.story("a task is claimed by its title, and once at a time", func(s *scene) {
		t := s.open(essay())
		got := did(s.store.ClaimTask(s.ctx, must(tasks.NewClaiming(s.request(), ada, nil, tasks.Ref{Title: " ESSAY"})))).in(s)
		same(s.t, "task", got.Task, t.ID)
		claims := func(want tasks.ClaimState) {
			s.t.Helper()
			_, err := s.store.ClaimTask(s.ctx, s.claiming(ada, t))
			refused(s.t, err, tasks.ErrHaveClaim.With("state", want))
		}
		claims(tasks.Claimed)
		id := s.handIn(ada, t, "Once upon a time").Submission
		claims(tasks.Submitted)
		s.reject(id, "too short")
		claims(tasks.Rejected)
		s.take(bob, t)
	})
	b.story("who has done a task, or failed at it, does it once", func(s *scene) {
		t := s.open(of(errand(), func(t *tasks.Terms) { t.Tries = 1 }))
		s.do(ada, t, "")
		s.take(bob, t)
		same(s.t, "failed", s.reject(s.handIn(bob, t, "").Submission, "no").State, tasks.Failed)
		for _, who := range []economy.Person{ada, bob} {
			s.now = s.now.Add(100 * day)
			_, err := s.store.ClaimTask(s.ctx, s.claiming(who, t))
			refused(s.t, err, tasks.ErrDone.With("next", time.Time{}))
		}
		s.take(cyd, t)
		s.drop(cyd, t)
		s.take(cyd, t) // what was dropped does not count
	})
	for _, v := range []struct {
		repeat   tasks.Repeat
		zone     string
		at, next time.Time // of the claim, and when the next can be
	}{
		{tasks.Daily, "UTC", time.Date(2024, 5, 14, 23, 59, 59, 999_999_999, time.UTC), time.Date(2024, 5, 15, 0, 0, 0, 0, time.UTC)},
		{tasks.Daily, "America/Sao_Paulo", time.Date(2018, 11, 4, 2, 0, 0, 0, time.UTC), time.Date(2018, 11, 4, 3, 0, 0, 0, time.UTC)}, // midnight is skipped
		{tasks.Daily, "Pacific/Apia", time.Date(2011, 12, 30, 9, 0, 0, 0, time.UTC), time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC)},   // the 30th is skipped
		{tasks.Daily, "Europe/Paris", time.Date(1969, 12, 31, 22, 30, 0, 0, time.UTC), time.Date(1969, 12, 31, 23, 0, 0, 0, time.UTC)},
		{tasks.Weekly, "UTC", time.Date(2024, 5, 19, 23, 0, 0, 0, time.UTC), time.Date(2024, 5, 20, 0, 0, 0, 0, time.UTC)},
		{tasks.Weekly, "Asia/Tokyo", time.Date(2024, 5, 13, 15, 0, 0, 0, time.UTC), time.Date(2024, 5, 19, 15, 0, 0, 0, time.UTC)},
		{tasks.Weekly, "UTC", time.Date(1969, 12, 28, 23, 0, 0, 0, time.UTC), time.Date(1969, 12, 29, 0, 0, 0, 0, time.UTC)},
	} {
		b.story(string(v.repeat)+" is by the calendar of "+v.zone+" at "+v.at.Format(time.DateTime), func(s *scene) {
			s.rules(func(r *economy.Settings) { r.TimeZone = v.zone })
			t := s.open(of(errand(), func(t *tasks.Terms) { t.Repeat = v.repeat }))
			s.now = v.at
			s.take(ada, t)
			s.now = v.next.Add(48 * time.Hour)
			s.approve(s.handIn(ada, t, "").Submission, 100) // it belongs to the time of the claim
			for _, at := range []time.Time{v.at, v.at.Add(-day), v.next.Add(-1)} {
				s.now = at
				s.untouched(func() {
					_, err := s.store.ClaimTask(s.ctx, s.claiming(ada, t))
					refused(s.t, err, tasks.ErrDone.With("next", v.next))
				})
				same(s.t, "offer", s.taskOffer(ada, t).Next, v.next)
			}
			s.now = v.next
			same(s.t, "offer", s.taskOffer(ada, t).Next, time.Time{})
			s.do(ada, t, "")
			s.has(ada, 120)
			same(s.t, "claims", len(s.claims(ada)), 2)
		})
	}
	b.story("a period that was dropped can be claimed anew, one that was failed cannot", func(s *scene) {
		t := s.open(of(errand(), func(t *tasks.Terms) { t.Repeat, t.Tries = tasks.Weekly, 1 }))
		s.take(ada, t)
		s.drop(ada, t)
		s.take(ada, t)
		s.reject(s.handIn(ada, t, "").Submission, "no")
		_, err := s.store.ClaimTask(s.ctx, s.claiming(ada, t))
		refused(s.t, err, tasks.ErrDone.With("next", time.Date(2024, 5, 20, 0, 0, 0, 0, time.UTC)))
	})
	b.story("tries stay used for a period, however a claim is given up", func(s *scene) {
		t := s.open(of(quiz(), func(t *tasks.Terms) { t.Repeat, t.ClaimHours, t.Tries, t.Places = tasks.Daily, 1, 3, 5 }))
		tries := func(who economy.Person, want int) {
			s.t.Helper()
			same(s.t, "tries", []any{s.take(who, t).Tries, s.claims(who)[0].Left, s.claims(who)[0].Tries}, []any{want, want, 3 - want})
		}
		tries(ada, 3)
		same(s.t, "first", s.handIn(ada, t, "no").Left, 2)
		s.drop(ada, t)
		tries(ada, 2)
		s.drop(ada, t)
		tries(ada, 2)
		same(s.t, "second", s.handIn(ada, t, "no").Left, 1)
		s.now = s.now.Add(time.Hour) // it is over
		tries(ada, 1)
		s.now = s.now.Add(time.Hour)
		s.tidy()
		tries(ada, 1)
		same(s.t, "third", s.handIn(ada, t, "no").State, tasks.Failed)
		_, err := s.store.ClaimTask(s.ctx, s.claiming(ada, t))
		refused(s.t, err, tasks.ErrDone.With("next", time.Date(2024, 5, 15, 0, 0, 0, 0, time.UTC)))
		tries(bob, 3)
		s.now = s.now.Add(day)
		tries(ada, 3)
		same(s.t, "paid", s.handIn(ada, t, "été 42").Paid, economy.Amount(30))
	})
	b.story("who takes his work up again is reviewed for his next try", func(s *scene) {
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Tries = 2 }))
		s.take(ada, t)
		s.reject(s.handIn(ada, t, "a").Submission, "no")
		s.drop(ada, t)
		s.take(ada, t)
		same(s.t, "left", s.handIn(ada, t, "b").Left, 0)
		page := s.queue(manager(root), 0)
		same(s.t, "try", page.Submission.Try, 2)
		got := s.reject(page.Submission.ID, "no")
		same(s.t, "last", []any{got.State, got.Submission.Last}, []any{tasks.Failed, true})
	})
	b.story("another repetition counts what was done before", func(s *scene) {
		t := s.open(of(errand(), func(t *tasks.Terms) { t.Repeat = tasks.Daily }))
		s.do(ada, t, "")
		t = s.amend(t, func(t *tasks.Terms) { t.Repeat = tasks.Weekly })
		_, err := s.store.ClaimTask(s.ctx, s.claiming(ada, t))
		refused(s.t, err, tasks.ErrDone.With("next", time.Date(2024, 5, 20, 0, 0, 0, 0, time.UTC)))
		t = s.amend(t, func(t *tasks.Terms) { t.Repeat = tasks.Once })
		s.now = s.now.Add(100 * day)
		_, err = s.store.ClaimTask(s.ctx, s.claiming(ada, t))
		refused(s.t, err, tasks.ErrDone.With("next", time.Time{}))
		s.do(bob, t, "")
		t = s.amend(t, func(t *tasks.Terms) { t.Repeat = tasks.Daily })
		s.do(bob, t, "")
	})
	b.story("a role may be needed", func(s *scene) {
		t := s.open(of(errand(), func(t *tasks.Terms) { t.RequiredRole = "7001" }))
		op := s.claiming(ada, t)
		for _, roles := range [][]economy.RoleID{nil, {"7002", ""}} {
			op.Roles = roles
			_, err := s.store.ClaimTask(s.ctx, op)
			refused(s.t, err, tasks.ErrTaskRole.With("role", economy.RoleID("7001")))
		}
		op.Roles = []economy.RoleID{"7002", "7001"}
		did(s.store.ClaimTask(s.ctx, op)).in(s)
	})
	b.story("another task may have to be done before, by oneself", func(s *scene) {
		first := s.open(errand())
		second := s.open(of(essay(), func(t *tasks.Terms) { t.Prerequisite = first.ID }))
		want := tasks.ErrPrerequisite.With("title", "Errand")
		needs := func() {
			s.t.Helper()
			_, err := s.store.ClaimTask(s.ctx, s.claiming(ada, second))
			refused(s.t, err, want)
			o := s.taskOffer(ada, second)
			same(s.t, "offer", []any{o.Prerequisite, o.Qualified}, []any{want.Args["title"], false})
		}
		needs()
		s.do(bob, first, "")
		s.take(ada, first)
		needs()
		id := s.handIn(ada, first, "").Submission
		needs()
		s.reject(id, "no")
		needs()
		id = s.handIn(ada, first, "").Submission
		first = s.amend(first, func(t *tasks.Terms) { t.Title = "Chore" })
		want = tasks.ErrPrerequisite.With("title", "Chore")
		needs()
		s.approve(id, 0) // unpaid, and done
		s.move(first, tasks.Archived)
		o := s.taskOffer(ada, second)
		same(s.t, "offer", []any{o.Prerequisite, o.Qualified}, []any{"Chore", true})
		s.take(ada, second)
	})
	b.story("the first reason to refuse a claim is told", func(s *scene) {
		first := s.open(errand())
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Places, t.RequiredRole, t.Prerequisite = 1, "7001", first.ID }))
		with := func(roles ...economy.RoleID) error {
			op := s.claiming(ada, t)
			op.Roles = roles
			_, err := s.store.ClaimTask(s.ctx, op)
			return err
		}
		s.do(bob, first, "")
		holder := s.claiming(bob, t)
		holder.Roles = []economy.RoleID{"7001"}
		did(s.store.ClaimTask(s.ctx, holder)).in(s)
		refused(s.t, with(), tasks.ErrTaskRole.With("role", economy.RoleID("7001")))
		refused(s.t, with("7001"), tasks.ErrPrerequisite.With("title", "Errand"))
		s.do(ada, first, "")
		refused(s.t, with("7001"), tasks.ErrNoPlace.With("places", 1))
		again := s.claiming(bob, t)
		_, err := s.store.ClaimTask(s.ctx, again)
		refused(s.t, err, tasks.ErrHaveClaim.With("state", tasks.Claimed))
	})
	b.story("places are taken by what runs or was accepted, and freed by what was not", func(s *scene) {
		t := s.open(of(errand(), func(t *tasks.Terms) { t.Places = 2 }))
		left := func(want int) {
			s.t.Helper()
			same(s.t, "left", []int{s.taskOffer(dee, t).Left, s.openTasks(dee, 1, 1).Lines[0].Left}, []int{want, want})
			if want == 0 {
				_, err := s.store.ClaimTask(s.ctx, s.claiming(dee, t))
				refused(s.t, err, tasks.ErrNoPlace.With("places", t.Places))
			}
		}
		left(2)
		s.take(ada, t)
		s.take(bob, t)
		left(0)
		s.drop(bob, t)
		left(1)
		s.take(cyd, t)
		id := s.handIn(cyd, t, "").Submission
		left(0)
		s.reject(id, "no")
		left(0)
		same(s.t, "last", s.reject(s.handIn(cyd, t, "").Submission, "no").State, tasks.Failed)
		left(1)
		s.approve(s.handIn(ada, t, "").Submission, 0)
		left(1)
		t = s.amend(t, func(t *tasks.Terms) { t.Places = 1 })
		left(0)
		t = s.amend(t, func(t *tasks.Terms) { t.Places = 0 })
		same(s.t, "without limit", s.taskOffer(dee, t).Left, 0)
		s.take(dee, t)
		s.take(bob, t)
		t = s.amend(t, func(t *tasks.Terms) { t.Places = 1 }) // three are taken
		same(s.t, "left", s.taskOffer(root, t).Left, 0)
		s.drop(bob, t)
		_, err := s.store.ClaimTask(s.ctx, s.claiming(root, t))
		refused(s.t, err, tasks.ErrNoPlace.With("places", 1))
	})
	b.story("what is dropped is told as it was left", func(s *scene) {
		t := s.open(of(essay(), func(t *tasks.Terms) { t.ClaimHours = 3 }))
		s.untouched(func() {
			for _, op := range []tasks.Dropping{s.dropping(root, t), s.dropping(root, tasks.Task{ID: 1 << 40}),
				tasks.NewDropping(s.request(), root, tasks.Ref{Title: "Novel"}), s.dropping(root, s.elsewhere().draft(errand()))} {
				_, err := s.store.DropClaim(s.ctx, op)
				want := tasks.ErrUnknownTask
				if op.Task.ID == t.ID {
					want = tasks.ErrNoClaim
				}
				refused(s.t, err, want)
			}
		})
		got := s.take(ada, t)
		id := s.handIn(ada, t, "a b c").Submission
		s.untouched(func() {
			_, err := s.store.DropClaim(s.ctx, s.dropping(ada, t))
			refused(s.t, err, tasks.ErrClaimState)
		})
		s.reject(id, "more letters")
		claimed := s.now
		s.now = s.now.Add(time.Hour)
		seen := s.events()
		want := tasks.Claim{ID: got.Claim, Task: t.ID, Title: "Essay", Proof: tasks.ProofText, State: tasks.Dropped, Reward: 20, Tries: 1,
			Claimed: claimed, Reason: "more letters"}
		same(s.t, "dropped", s.drop(ada, t), want)
		same(s.t, "claims", s.claims(ada), []tasks.Claim{want})
		list := s.events()[len(seen):]
		s.happened(list[0], seen[len(seen)-2].Actor, got.Claim, t.ID, tasks.Rejected, tasks.Dropped)
		same(s.t, "events", len(list), 1)
		_, err := s.store.DropClaim(s.ctx, s.dropping(ada, t))
		refused(s.t, err, tasks.ErrNoClaim)
		draft := s.draft(errand())
		_, err = s.store.DropClaim(s.ctx, s.dropping(ada, draft))
		refused(s.t, err, tasks.ErrUnknownTask)
	})
	b.story("claims of a closed task go on", func(s *scene) {
		t := s.open(essay())
		for _, who := range []economy.Person{ada, bob} {
			s.take(who, t)
		}
		t = s.move(t, tasks.Closed)
		s.drop(bob, t)
		s.reject(s.handIn(ada, t, "a").Submission, "no")
		s.approve(s.handIn(ada, t, "b").Submission, 100)
		s.has(ada, 120)
	})
	b.story("claims are listed the newest first, in pages", func(s *scene) {
		var want []tasks.ClaimID
		for _, title := range []string{"a", "b", "c", "d", "e"} {
			t := s.open(of(errand(), func(t *tasks.Terms) { t.Title = title }))
			want = append([]tasks.ClaimID{s.take(ada, t).Claim}, want...)
			s.take(bob, t)
			s.now = s.now.Add(-time.Hour)
		}
		var got []tasks.ClaimID
		for n := range 3 {
			page := did(s.store.Claims(s.ctx, tasks.ClaimsQuery{Guild: s.guild, Viewer: ada, Page: n + 1, Size: 2, At: s.now})).in(s)
			same(s.t, "more", []any{page.More, page.Currency}, []any{n < 2, gold})
			for _, c := range page.Claims {
				got = append(got, c.ID)
			}
		}
		same(s.t, "claims", got, want)
	})
}
