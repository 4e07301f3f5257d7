package tasks_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/tasks"
)

var (
	ada = economy.Person{User: "10", Name: "Ada"}
	bob = economy.Person{User: "11", Name: "Bob"}
)

func TestACreation(t *testing.T) {
	r := economy.Request{At: noon}
	terms := errand(func(v *tasks.Terms) { v.Deadline = noon.Add(1999).In(time.FixedZone("", 3600)) })
	got, err := tasks.NewTaskCreation(r, ada, terms, true)
	if err != nil || got.State != tasks.Open || got.Terms.Deadline != noon.Add(1000) {
		t.Errorf("got %+v (%v), want it open, its deadline in UTC and in microseconds", got, err)
	}
	terms.Deadline = noon
	if got, err := tasks.NewTaskCreation(r, ada, terms, true); err != nil || !errors.Is(got.OnTime(), tasks.ErrDeadline) {
		t.Errorf("opened after its deadline: %v, %v", err, got.OnTime())
	}
	if got, err := tasks.NewTaskCreation(r, ada, terms, false); err != nil || got.OnTime() != nil || got.State != tasks.Draft {
		t.Errorf("a draft after its deadline: %+v (%v)", got, err)
	}
}

func TestAnEditOfATask(t *testing.T) {
	task := tasks.Task{ID: 1, Terms: errand(func(v *tasks.Terms) { v.Deadline = noon }), State: tasks.Closed, Version: 2}
	dearer := errand(func(v *tasks.Terms) { v.Deadline, v.Reward = noon, 6 })
	for name, c := range map[string]struct {
		version int
		terms   tasks.Terms
		state   tasks.State
		changed bool
		want    error
	}{
		"to the same":                 {2, task.Terms, tasks.Closed, false, nil},
		"to the same in another zone": {2, errand(func(v *tasks.Terms) { v.Deadline = noon.In(time.FixedZone("", 60)).Add(9) }), tasks.Closed, false, nil},
		"of the reward":               {2, dearer, tasks.Closed, true, nil},
		"of another version":          {1, dearer, tasks.Closed, false, tasks.ErrTaskChanged},
		"to the same of another one":  {3, task.Terms, tasks.Closed, false, tasks.ErrTaskChanged},
		"of what is archived":         {1, dearer, tasks.Archived, false, tasks.ErrUnknownTask},
	} {
		before := task
		before.State = c.state
		edit, err := tasks.NewTaskEdit(economy.Request{}, ada, 1, c.version, c.terms)
		if err != nil {
			t.Fatal(err)
		}
		after, changed, err := edit.Of(before)
		if !errors.Is(err, c.want) || changed != c.changed || err != nil && errors.Is(err, tasks.ErrTaskChanged) && problem.Of(err).Args["version"] != 2 {
			t.Errorf("an edit %s: changed %t, error %v", name, changed, err)
		}
		want := before
		if changed {
			want.Terms, want.Version = dearer, 3
		}
		if after != want {
			t.Errorf("an edit %s: %+v, want %+v", name, after, want)
		}
	}
}

func TestMovesOfATask(t *testing.T) {
	for _, c := range []struct {
		from, to tasks.State
		changed  bool
		want     error
	}{
		{tasks.Draft, tasks.Open, true, nil},
		{tasks.Draft, tasks.Closed, false, tasks.ErrTaskState},
		{tasks.Draft, tasks.Archived, true, nil},
		{tasks.Open, tasks.Open, false, nil},
		{tasks.Open, tasks.Closed, true, nil},
		{tasks.Open, tasks.Archived, true, nil},
		{tasks.Closed, tasks.Open, true, nil},
		{tasks.Closed, tasks.Closed, false, nil},
		{tasks.Archived, tasks.Open, false, tasks.ErrTaskState},
		{tasks.Archived, tasks.Closed, false, tasks.ErrTaskState},
		{tasks.Archived, tasks.Archived, false, nil},
	} {
		for _, at := range []time.Time{noon.Add(-1), noon} {
			task := tasks.Task{ID: 1, Terms: errand(func(v *tasks.Terms) { v.Deadline = noon }), State: c.from, Version: 4}
			want, changes := c.want, c.changed
			if at.Equal(noon) && c.to == tasks.Open && changes { // too late
				want, changes = tasks.ErrDeadline, false
			}
			move, err := tasks.NewTaskMove(economy.Request{At: at}, ada, tasks.Ref{ID: 1}, c.to)
			if err != nil {
				t.Fatal(err)
			}
			after, changed, err := move.Of(task)
			if !errors.Is(err, want) || changed != changes {
				t.Errorf("from %s to %s at %v: changed %t, error %v, want %v", c.from, c.to, at, changed, err, want)
			}
			if changed {
				task.State, task.Version = c.to, 5
			}
			if after != task {
				t.Errorf("from %s to %s: %+v, want %+v", c.from, c.to, after, task)
			}
		}
	}
	if _, err := tasks.NewTaskMove(economy.Request{}, ada, tasks.Ref{ID: 1}, tasks.Draft); !errors.Is(err, tasks.ErrTaskState) {
		t.Errorf("to a draft: %v", err)
	}
}

// TestClaiming breaks all rules at first, and then mends one after the other: each
// time, the next is told.
func TestClaiming(t *testing.T) {
	task := tasks.Task{ID: 1, State: tasks.Closed, Terms: errand(func(v *tasks.Terms) {
		v.Repeat, v.Deadline, v.RequiredRole, v.Prerequisite = tasks.Daily, noon, "7001", 9
	})}
	today := economy.DayOf(noon, time.UTC)
	past := tasks.Past{Running: tasks.Rejected, Counts: true, Latest: today}
	claim := tasks.Claiming{Request: economy.Request{At: noon}, Member: ada, Roles: []economy.RoleID{"7002"}, Task: tasks.Ref{ID: 1}}
	for _, c := range []struct {
		want *problem.Error
		mend func()
	}{
		{tasks.ErrNotOpen, func() { task.State = tasks.Open }},
		{tasks.ErrDeadline.With("deadline", noon), func() { claim.Request.At = noon.Add(-1) }},
		{tasks.ErrHaveClaim.With("state", tasks.Rejected), func() { past.Running = "" }},
		{tasks.ErrDone.With("next", date(2026, 11, 24, 0, 0)), func() { past.Latest = today - 1 }},
		{tasks.ErrTaskRole.With("role", economy.RoleID("7001")), func() { claim.Roles = append(claim.Roles, "7001") }},
		{tasks.ErrPrerequisite.With("title", "First"), func() { past.Prerequisite = true }},
	} {
		_, err := claim.Of(task, past, "First", time.UTC)
		if !errors.Is(err, c.want) {
			t.Fatalf("got %v, want %v", err, c.want)
		}
		for name, want := range c.want.Args {
			if got := problem.Of(err).Args[name]; got != want {
				t.Errorf("%s: %s is %v, want %v", c.want.Code, name, got, want)
			}
		}
		c.mend()
	}
	if period, err := claim.Of(task, past, "First", time.UTC); err != nil || period != today {
		t.Errorf("period %d (%v), want %d", period, err, today)
	}
	past.Latest = today + 1 // by a clock that was set back, or a zone that was changed
	if _, err := claim.Of(task, past, "First", time.UTC); !errors.Is(err, tasks.ErrDone) {
		t.Errorf("after a later period: %v", err)
	}
	task.Terms = errand(func(*tasks.Terms) {})
	if period, err := claim.Of(task, tasks.Past{Latest: 5}, "", time.UTC); err != nil || period != 0 {
		t.Errorf("once: period %d (%v)", period, err)
	}
	if _, err := tasks.NewClaiming(economy.Request{}, economy.Person{User: "1", Bot: true}, nil, tasks.Ref{}); !errors.Is(err, economy.ErrBotMember) {
		t.Errorf("a bot: %v", err)
	}
}

// TestSubmitting is TestClaiming for work.
func TestSubmitting(t *testing.T) {
	task := tasks.Task{ID: 1, State: tasks.Archived, Terms: errand(func(v *tasks.Terms) { v.Proof, v.Deadline = tasks.ProofText, noon })}
	state, due := tasks.Submitted, noon.Add(-time.Hour)
	work := tasks.NewSubmitting(economy.Request{At: noon}, ada, tasks.Ref{ID: 1}, tasks.Work{})
	for _, c := range []struct {
		want *problem.Error
		mend func()
	}{
		{tasks.ErrClaimState, func() { state = tasks.Rejected }},
		{tasks.ErrDeadline.With("deadline", noon), func() { work.Request.At = due.Add(999) }},
		{tasks.ErrClaimOver, func() { task.State = tasks.Closed }},
		{tasks.ErrClaimOver.With("due", due), func() { work.Request.At = due.Add(-1) }},
		{tasks.ErrProof.With("proof", tasks.ProofText), func() { work.Work.Text = "done" }},
	} {
		err := work.Of(task, state, due)
		if !errors.Is(err, c.want) || len(problem.Of(err).Args) != len(c.want.Args) {
			t.Fatalf("got %v, want %v with %v", err, c.want, c.want.Args)
		}
		for name, want := range c.want.Args {
			if got := problem.Of(err).Args[name]; got != want {
				t.Errorf("%s: %s is %v, want %v", c.want.Code, name, got, want)
			}
		}
		c.mend()
	}
	if err := work.Of(task, state, due); err != nil {
		t.Error(err)
	}
	work.Request.At, task.Deadline = noon.Add(1000*time.Hour), time.Time{}
	if err := work.Of(task, tasks.Claimed, time.Time{}); err != nil {
		t.Errorf("without any end: %v", err)
	}
}

func TestVerdicts(t *testing.T) {
	quiz := errand(func(v *tasks.Terms) {
		v.Proof, v.Review, v.Answer, v.Tries = tasks.ProofText, tasks.ByAnswer, "Été 42", 3
	})
	for _, c := range []struct {
		terms tasks.Terms
		text  string
		tries int
		want  tasks.ClaimState
	}{
		{errand(func(*tasks.Terms) {}), "", 1, tasks.Submitted},
		{errand(func(v *tasks.Terms) { v.Review = tasks.ByNobody }), "", 1, tasks.Approved},
		{quiz, "Été 42", 1, tasks.Approved},
		{quiz, " éTÉ 42\n", 3, tasks.Approved},
		{quiz, "Été  42", 1, tasks.Rejected},
		{quiz, "Ete 42", 2, tasks.Rejected},
		{quiz, "", 3, tasks.Failed},
		{quiz, "41", 4, tasks.Failed}, // there were more tries once
	} {
		s := tasks.Submitting{Work: tasks.Work{Text: c.text}}
		if got := s.Verdict(c.terms, c.tries); got != c.want {
			t.Errorf("%q as try %d: %s, want %s", c.text, c.tries, got, c.want)
		}
	}
	for tries, want := range map[int]tasks.ClaimState{1: tasks.Rejected, 2: tasks.Rejected, 3: tasks.Failed, 9: tasks.Failed} {
		if got := (tasks.Reviewing{}).Verdict(quiz, tries); got != want {
			t.Errorf("a rejection of try %d: %s, want %s", tries, got, want)
		}
		if got := (tasks.Reviewing{Approve: true}).Verdict(quiz, tries); got != tasks.Approved {
			t.Errorf("an approval of try %d: %s", tries, got)
		}
	}
}

func TestReviews(t *testing.T) {
	r := economy.Request{}
	for percent, want := range map[int]error{-1: tasks.ErrPercent, 0: nil, 1: nil, 100: nil, 101: tasks.ErrPercent} {
		if v, err := tasks.NewApproval(r, tasks.Reviewer{}, 1, percent); !errors.Is(err, want) || err == nil && (!v.Approve || v.Percent != percent) {
			t.Errorf("%d percent: %+v (%v), want %v", percent, v, err, want)
		}
	}
	for reason, want := range map[string]error{
		"": tasks.ErrReason, " \n": tasks.ErrReason, "two\nlines": tasks.ErrReason, strings.Repeat("x", economy.MaxNote+1): tasks.ErrReason,
		" why ": nil, strings.Repeat("🪙", economy.MaxNote): nil,
	} {
		v, err := tasks.NewRejection(r, tasks.Reviewer{}, 1, reason)
		if !errors.Is(err, want) || err == nil && (v.Approve || v.Percent != 0 || v.Reason != strings.TrimSpace(reason)) {
			t.Errorf("%.20q: %+v (%v), want %v", reason, v, err, want)
		}
	}
	for _, c := range []struct {
		reviewer tasks.Reviewer
		role     economy.RoleID
		want     bool
	}{
		{tasks.Reviewer{Roles: []economy.RoleID{"7009"}}, "", true},
		{tasks.Reviewer{}, "", false},
		{tasks.Reviewer{Manager: true}, "", true},
		{tasks.Reviewer{Manager: true}, "7001", true},
		{tasks.Reviewer{Roles: []economy.RoleID{"7002"}}, "7001", false},
		{tasks.Reviewer{Roles: []economy.RoleID{"7002", "7001"}}, "7001", true},
		{tasks.Reviewer{Roles: []economy.RoleID{""}}, "", false},
	} {
		if got := c.reviewer.May(economy.Settings{ReviewerRole: c.role, AdminRole: "7009"}); got != c.want {
			t.Errorf("%+v where %q reviews: %t", c.reviewer, c.role, got)
		}
	}
}

func TestPay(t *testing.T) {
	for _, c := range []struct {
		reward       economy.Amount
		percent      int
		balance, max economy.Amount
		want         economy.Amount
	}{
		{10, 100, 0, economy.MaxBalance, 10},
		{10, 0, 0, economy.MaxBalance, 0},
		{1, 99, 0, economy.MaxBalance, 0},
		{199, 50, 0, economy.MaxBalance, 99},
		{101, 33, 0, economy.MaxBalance, 33},
		{economy.MaxMovement, 100, 0, economy.MaxBalance, economy.MaxMovement},
		{economy.MaxMovement - 1, 99, 0, economy.MaxBalance, 989_999_999_999},
		{1<<63 - 1, 100, 0, 1<<63 - 1, 1<<63 - 1}, // no product is greater than the reward
		{10, 100, 95, 100, 5},
		{10, 50, 95, 100, 5},
		{10, 40, 95, 100, 4},
		{10, 100, 100, 100, 0},
		{10, 100, 500, 100, 0},
	} {
		if got := tasks.Pay(c.reward, c.percent, c.balance, economy.Settings{MaxBalance: c.max}); got != c.want {
			t.Errorf("%d%% of %d on %d of %d: %d, want %d", c.percent, c.reward, c.balance, c.max, got, c.want)
		}
	}
}

func TestReferences(t *testing.T) {
	for _, c := range []struct{ ref, want tasks.Ref }{
		{tasks.Ref{ID: 5, Title: "Errand"}, tasks.Ref{ID: 5}},
		{tasks.Ref{Title: " ÉTÉ "}, tasks.Ref{Title: "été"}},
		{tasks.Ref{ID: -1}, tasks.Ref{ID: -1}},
		{tasks.Ref{}, tasks.Ref{}},
	} {
		r := economy.Request{}
		claim, _ := tasks.NewClaiming(r, ada, nil, c.ref)
		move, _ := tasks.NewTaskMove(r, ada, c.ref, tasks.Open)
		for _, got := range []tasks.Ref{claim.Task, move.Task, tasks.NewSubmitting(r, ada, c.ref, tasks.Work{}).Task, tasks.NewDropping(r, ada, c.ref).Task} {
			if got != c.want {
				t.Errorf("%+v: %+v, want %+v", c.ref, got, c.want)
			}
		}
	}
}

func TestFingerprintsTellIntentionsApart(t *testing.T) {
	r := economy.Request{Guild: "1", Key: "a", At: noon}
	later := economy.Request{Guild: "1", Key: "b", At: noon.Add(time.Hour)}
	renamed := economy.Person{User: ada.User, Name: "Lady Ada"}
	terms, other := errand(func(*tasks.Terms) {}), errand(func(v *tasks.Terms) { v.Answer = "x" })
	one, two := tasks.Ref{ID: 1}, tasks.Ref{Title: "1"}
	signed := tasks.Work{Text: "a", Image: tasks.Image{URL: "https://cdn.discordapp.com/a?ex=1"}}
	again := tasks.Work{Text: "a", Image: tasks.Image{URL: "https://cdn.discordapp.com/a?ex=2", Expires: noon}}
	for name, c := range map[string]struct{ same, others []string }{
		"creation": {
			[]string{tasks.TaskCreation{r, ada, terms, tasks.Open}.Fingerprint(), tasks.TaskCreation{later, renamed, terms, tasks.Open}.Fingerprint()},
			[]string{tasks.TaskCreation{r, bob, terms, tasks.Open}.Fingerprint(), tasks.TaskCreation{r, ada, other, tasks.Open}.Fingerprint(),
				tasks.TaskCreation{r, ada, terms, tasks.Draft}.Fingerprint()},
		},
		"edit": {
			[]string{tasks.TaskEdit{r, ada, 1, 2, terms}.Fingerprint(), tasks.TaskEdit{later, renamed, 1, 2, terms}.Fingerprint()},
			[]string{tasks.TaskEdit{r, bob, 1, 2, terms}.Fingerprint(), tasks.TaskEdit{r, ada, 2, 2, terms}.Fingerprint(),
				tasks.TaskEdit{r, ada, 1, 3, terms}.Fingerprint(), tasks.TaskEdit{r, ada, 1, 2, other}.Fingerprint()},
		},
		"move": {
			[]string{tasks.TaskMove{r, ada, one, tasks.Open}.Fingerprint(), tasks.TaskMove{later, renamed, one, tasks.Open}.Fingerprint()},
			[]string{tasks.TaskMove{r, bob, one, tasks.Open}.Fingerprint(), tasks.TaskMove{r, ada, two, tasks.Open}.Fingerprint(),
				tasks.TaskMove{r, ada, one, tasks.Closed}.Fingerprint()},
		},
		"claim": {
			[]string{tasks.Claiming{r, ada, nil, one}.Fingerprint(), tasks.Claiming{later, renamed, []economy.RoleID{"1"}, one}.Fingerprint()},
			[]string{tasks.Claiming{r, bob, nil, one}.Fingerprint(), tasks.Claiming{r, ada, nil, two}.Fingerprint()},
		},
		"work": {
			[]string{tasks.Submitting{r, ada, one, signed}.Fingerprint(), tasks.Submitting{later, renamed, one, again}.Fingerprint()},
			[]string{tasks.Submitting{r, bob, one, signed}.Fingerprint(), tasks.Submitting{r, ada, two, signed}.Fingerprint(),
				tasks.Submitting{r, ada, one, tasks.Work{Text: "a"}}.Fingerprint(), tasks.Submitting{r, ada, one, tasks.Work{Image: signed.Image}}.Fingerprint()},
		},
		"drop": {
			[]string{tasks.Dropping{r, ada, one}.Fingerprint(), tasks.Dropping{later, renamed, one}.Fingerprint()},
			[]string{tasks.Dropping{r, bob, one}.Fingerprint(), tasks.Dropping{r, ada, two}.Fingerprint()},
		},
		"review": {
			[]string{tasks.Reviewing{r, tasks.Reviewer{Person: ada}, 1, true, 50, "", nil}.Fingerprint(),
				tasks.Reviewing{later, tasks.Reviewer{Person: renamed, Manager: true}, 1, true, 50, "", nil}.Fingerprint()},
			[]string{tasks.Reviewing{r, tasks.Reviewer{Person: bob}, 1, true, 50, "", nil}.Fingerprint(),
				tasks.Reviewing{r, tasks.Reviewer{Person: ada}, 2, true, 50, "", nil}.Fingerprint(),
				tasks.Reviewing{r, tasks.Reviewer{Person: ada}, 1, true, 49, "", nil}.Fingerprint(),
				tasks.Reviewing{r, tasks.Reviewer{Person: ada}, 1, false, 50, "", nil}.Fingerprint(),
				tasks.Reviewing{r, tasks.Reviewer{Person: ada}, 1, true, 50, "no", nil}.Fingerprint(),
				tasks.Reviewing{r, tasks.Reviewer{Person: ada}, 1, true, 50, "", []tasks.SubmissionID{1}}.Fingerprint(),
				tasks.Reviewing{r, tasks.Reviewer{Person: ada}, 1, true, 50, "", []tasks.SubmissionID{1, 2}}.Fingerprint()},
		},
	} {
		seen := map[string]bool{c.same[0]: true}
		if c.same[0] != c.same[1] {
			t.Errorf("%s: the same intention has two fingerprints", name)
		}
		for n, other := range c.others {
			if seen[other] {
				t.Errorf("%s: another intention (%d) has the same fingerprint", name, n)
			}
			seen[other] = true
		}
	}
}
