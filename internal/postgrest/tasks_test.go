package postgrest

import (
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/problem"
	"coffer/internal/tasks"
)

// announce creates an open task.
func (c *counter) announce(t *testing.T, s *Store, terms tasks.Terms) tasks.Task {
	t.Helper()
	creation := must[tasks.TaskCreation](t)(tasks.NewTaskCreation(c.request(), economy.Person{User: "1", Name: "Root"}, terms, true))
	return must[tasks.Task](t)(s.CreateTask(t.Context(), creation))
}

// chore is what tasks of tests have in common.
func chore(title string) tasks.Terms {
	return tasks.Terms{Title: title, Reward: 10, Proof: tasks.ProofText, Review: tasks.ByPerson, Repeat: tasks.Once, Tries: 2}
}

// TestManyMayClaimReviewEditAndTidyAtOnce has everything that changes tasks and claims
// run at once, on few members and few tasks, so that whoever took locks in another
// order would meet a ring.
func TestManyMayClaimReviewEditAndTidyAtOnce(t *testing.T) {
	thorough(t)
	const workers, rounds = 12, 40
	s := newProject(t).store(t)
	c := new(counter)
	root := economy.Person{User: "1", Name: "Root"}
	settings := economy.DefaultSettings()
	settings.TaskChannel, settings.ReviewChannel = "98", "99"
	must[economy.Settings](t)(s.ChangeSettings(t.Context(),
		must[economy.SettingsChange](t)(economy.NewSettingsChange(c.request(), root, settings))))
	scarce, answered, first := chore("Scarce"), chore("Answered"), chore("First")
	scarce.Places, scarce.ClaimHours, scarce.Repeat = 2, 9, tasks.Daily
	answered.Review, answered.Answer, answered.Repeat = tasks.ByAnswer, "yes", tasks.Daily
	first.Review, first.Proof, first.Repeat = tasks.ByNobody, tasks.ProofNone, tasks.Daily
	list := []tasks.Task{c.announce(t, s, scarce), c.announce(t, s, answered), c.announce(t, s, first)}
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range rounds {
				if err := toil(t, s, c, list); err != nil && problem.Of(err).Kind <= problem.Unavailable {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if broken, any := must[economy.Audit](t)(s.Audit(t.Context())).Broken(); any {
		t.Errorf("%s is broken %d times: %s", broken.Name, broken.Broken, broken.Example)
	}
}

// toil does something that changes tasks or claims, or their cards.
func toil(t *testing.T, s *Store, c *counter, list []tasks.Task) error {
	ctx, r := t.Context(), c.request()
	r.At = noon.Add(60 * r.At.Sub(noon)) // an hour each
	person := func() economy.Person {
		return economy.Person{User: economy.UserID(fmt.Sprint(1 + mathrand.IntN(4))), Name: "x"}
	}
	who, task := person(), list[mathrand.IntN(len(list))]
	ref := tasks.Ref{ID: task.ID}
	switch mathrand.IntN(12) {
	case 0, 1:
		_, err := s.ClaimTask(ctx, tasks.Claiming{Request: r, Member: who, Task: ref})
		return err
	case 2, 3:
		work := tasks.Work{Text: []string{"", "yes", "no"}[mathrand.IntN(3)]}
		_, err := s.SubmitWork(ctx, tasks.Submitting{Request: r, Member: who, Task: ref, Work: work})
		return err
	case 4:
		_, err := s.DropClaim(ctx, tasks.Dropping{Request: r, Member: who, Task: ref})
		return err
	case 5, 6:
		by := tasks.Reviewer{Person: who, Manager: true}
		page, err := s.ReviewQueue(ctx, tasks.QueueQuery{Guild: "1", Reviewer: by, At: r.At})
		if err != nil || page.Submission == nil {
			return err
		}
		_, err = s.ReviewSubmission(ctx, tasks.Reviewing{
			Request: r, Reviewer: by, Submission: page.Submission.ID, Approve: mathrand.IntN(2) == 0, Percent: 50,
		})
		return err
	case 7:
		offer, err := s.TaskOffer(ctx, tasks.OfferQuery{Guild: "1", Viewer: who, Task: ref, At: r.At})
		if err != nil {
			return err
		}
		terms := offer.Task.Terms
		terms.Title = list[mathrand.IntN(len(list))].Title
		terms.Reward, terms.Deadline = economy.Amount(1+mathrand.IntN(20)), r.At.Add(99*time.Hour)
		_, err = s.EditTask(ctx, tasks.TaskEdit{Request: r, Admin: who, Task: task.ID, Version: offer.Task.Version, Terms: terms})
		return err
	case 8:
		_, err := s.MoveTask(ctx, tasks.TaskMove{Request: r, Admin: who, Task: ref, To: []tasks.State{tasks.Closed, tasks.Open, tasks.Open, tasks.Open}[mathrand.IntN(4)]})
		return err
	case 9:
		_, err := s.TidyTasks(ctx, r.At)
		return err
	case 10:
		leases, err := s.LeaseDeliveries(ctx, 3, []time.Duration{time.Millisecond, time.Minute}[mathrand.IntN(2)])
		for _, l := range leases {
			outcome := []outbox.Outcome{
				{State: outbox.Done, Message: fmt.Sprint(l.ID)}, {State: outbox.Done, Gone: l.Message != ""}, {State: outbox.Waiting}, {State: outbox.Failed},
			}[mathrand.IntN(4)]
			err = errors.Join(err, s.SettleDelivery(ctx, l, outcome, r.At))
		}
		return err
	default:
		_, err := s.Transfer(ctx, economy.Transfer{Request: r, From: who, To: economy.Person{User: "5"}, Quantity: economy.Coins(1)})
		return err
	}
}

// TestPeriodsAreTheSame compares Postgres' periods, and ends of claims, with the
// rules'.
func TestPeriodsAreTheSame(t *testing.T) {
	p := newProject(t)
	rows := must[pgx.Rows](t)(p.admin.Query(t.Context(), `SELECT r, d, coffer.period(r, d)
		FROM unnest(ARRAY['once', 'daily', 'weekly']) r, generate_series(-20, 20) d`))
	type period struct {
		Repeat tasks.Repeat
		Day    economy.Day
		First  economy.Day
	}
	for _, got := range must[[]period](t)(pgx.CollectRows(rows, pgx.RowToStructByPos[period])) {
		if want := got.Repeat.Period(got.Day); got.First != want {
			t.Errorf("day %d is in the %s period %d, want %d", got.Day, got.Repeat, got.First, want)
		}
	}
	for _, at := range []time.Time{noon, time.Date(9999, 12, 31, 12, 0, 0, 0, time.UTC)} {
		for _, hours := range []int{1, tasks.MaxClaimHours} {
			var got time.Time
			if err := p.admin.QueryRow(t.Context(), "SELECT coffer.due_after($1, $2)", at, hours).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if want := (tasks.Terms{ClaimHours: hours}).Due(at); !got.Equal(want) {
				t.Errorf("%d hours after %v is %v, want %v", hours, at, got, want)
			}
		}
	}
}

// TestTidyingLeavesNothingAndWaitsForNobody has more to tidy up than one portion, and
// one task that somebody holds.
func TestTidyingLeavesNothingAndWaitsForNobody(t *testing.T) {
	thorough(t)
	p := newProject(t)
	s := p.store(t)
	c := new(counter)
	held, archived, late := chore("Held"), chore("Archived"), chore("Late")
	held.ClaimHours = 1
	late.Deadline = noon.AddDate(0, 1, 0)
	list := []tasks.Task{c.announce(t, s, held), c.announce(t, s, archived), c.announce(t, s, late)}
	const members = 70 // a portion is 200
	var people []economy.Person
	for i := range members {
		people = append(people, economy.Person{User: economy.UserID(fmt.Sprint(100 + i))})
	}
	if n := must[int](t)(s.Meet(t.Context(), "1", people, noon)); n != members {
		t.Fatalf("met %d, want %d", n, members)
	}
	for _, task := range list {
		for _, who := range people {
			must[tasks.ClaimReceipt](t)(s.ClaimTask(t.Context(), tasks.Claiming{Request: c.request(), Member: who, Task: tasks.Ref{ID: task.ID}}))
		}
	}
	must[tasks.Task](t)(s.MoveTask(t.Context(), tasks.TaskMove{
		Request: c.request(), Admin: people[0], Task: tasks.Ref{ID: list[1].ID}, To: tasks.Archived,
	}))
	holder := must[pgx.Tx](t)(p.admin.Begin(t.Context()))
	if _, err := holder.Exec(t.Context(), "SELECT FROM coffer.tasks WHERE id = $1 FOR UPDATE", list[0].ID); err != nil {
		t.Fatal(err)
	}
	later := noon.AddDate(1, 0, 0)
	tidy := func(want int) {
		t.Helper()
		if n, err := s.TidyTasks(t.Context(), later); n != want || err != nil {
			t.Errorf("tidied up %d, %v; want %d", n, err, want)
		}
	}
	tidy(2*members + 1) // the late task is closed
	if err := holder.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	tidy(members)
	tidy(0)
	if broken, any := must[economy.Audit](t)(s.Audit(t.Context())).Broken(); any {
		t.Errorf("%s is broken %d times: %s", broken.Name, broken.Broken, broken.Example)
	}
}

// TestMeetingAThousandIsOneRequest has as many people met as a member list has on a page.
func TestMeetingAThousandIsOneRequest(t *testing.T) {
	thorough(t)
	p := newProject(t)
	s := p.store(t)
	people := make([]economy.Person, mostMet)
	for i := range people {
		people[i] = economy.Person{User: economy.UserID(fmt.Sprint(100 + i)), Name: "x"}
	}
	start := time.Now()
	n := must[int](t)(s.Meet(t.Context(), "1", people, noon))
	again := must[int](t)(s.Meet(t.Context(), "1", people, noon))
	t.Log("both took", time.Since(start))
	if n != len(people) || again != 0 {
		t.Errorf("met %d and then %d, want %d and none", n, again, len(people))
	}
	if broken, any := must[economy.Audit](t)(s.Audit(t.Context())).Broken(); any {
		t.Errorf("%s is broken %d times: %s", broken.Name, broken.Broken, broken.Example)
	}
}
