package postgrest

import (
	"fmt"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/tasks"
)

// employed is a member whose claim is in the given state, counted by eights (see
// testdata/guild.sql), and the title of its task.
func (g *guild) employed(n, of int) (who economy.Person, folded string) {
	i := 8*n + of
	task := 1
	if i%3 > 0 {
		task = 1 + i%25
	}
	return g.person(i), fmt.Sprint("task ", task)
}

// taskCalls are calls of the functions for tasks and deliveries.
func taskCalls(quote func(any) string, at string) []functionCall {
	who := func(p economy.Person) string { return quote(personOf(p)) }
	request := func(g *guild) string { return quote(requestOf(g.request(), "plans")) }
	reviewer := tasks.Reviewer{Person: founder, Manager: true}
	const begun, approved = 6, 3
	return []functionCall{
		{"coffer_meet", func(_ *testing.T, g *guild, n int) string {
			people := []person{personOf(g.rich), {User: economy.UserID(fmt.Sprint(7000 + n)), Name: "New"}}
			return fmt.Sprintf("public.coffer_meet('%s', %s, %s)", g.id, at, quote(people))
		}},
		{"coffer_join", func(_ *testing.T, g *guild, n int) string {
			people := []person{personOf(g.rich), {User: economy.UserID(fmt.Sprint(8000 + n)), Name: "New"}}
			people[0].Joined = today
			return fmt.Sprintf("public.coffer_join('%s', %s, %s)", g.id, at, quote(people))
		}},
		{"coffer_restore", func(_ *testing.T, g *guild, n int) string {
			people := []person{{User: economy.UserID(fmt.Sprint(8000 + n)), Joined: today}}
			for i := range 249 {
				people = append(people, personOf(g.person(1+i)))
				people[i].Joined = today
			}
			return fmt.Sprintf("public.coffer_restore('%s', %s, %s)", g.id, at, quote(people))
		}},
		{"coffer_open_tasks", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_open_tasks('%s', %s, %s, %d, 11)", g.id, at, who(g.person(3+n)), 10*(n%2))
		}},
		{"coffer_task_offer", func(_ *testing.T, g *guild, n int) string {
			member, folded := g.employed(n, n%8)
			return fmt.Sprintf("public.coffer_task_offer('%s', %s, %s, 0, '%s')", g.id, at, who(member), folded)
		}},
		{"coffer_claims", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_claims('%s', %s, %s, 0, 11)", g.id, at, who(g.person(1+n)))
		}},
		{"coffer_task_names", func(_ *testing.T, g *guild, n int) string {
			which := []tasks.Which{tasks.Claimable, tasks.Mine, tasks.Unarchived, tasks.Every}[n%4]
			return fmt.Sprintf("public.coffer_task_names('%s', 'ask', '%s', '%s', %s, 25)", g.id, which, g.person(1+n).User, at)
		}},
		{"coffer_review_queue", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_review_queue('%s', %s, %s, '{}', true, %d)", g.id, at, who(founder), n%2*500)
		}},
		{"coffer_create_task", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_create_task(%s, %s, %s, 'draft')", request(g), who(founder), quote(taskTermsOf(chore(fmt.Sprint("New ", n)))))
		}},
		{"coffer_edit_task", func(t *testing.T, g *guild, n int) string {
			offer := must[tasks.Offer](t)(g.store.TaskOffer(t.Context(), tasks.OfferQuery{Guild: g.id, Viewer: founder, Task: tasks.Ref{Title: "Task 25"}, At: today}))
			offer.Task.Reward++
			return fmt.Sprintf("public.coffer_edit_task(%s, %s, %d, %d, %s)", request(g), who(founder),
				offer.Task.ID, offer.Task.Version, quote(taskTermsOf(offer.Task.Terms)))
		}},
		{"coffer_move_task", func(_ *testing.T, g *guild, n int) string {
			to := []tasks.State{tasks.Closed, tasks.Open}[n%2]
			return fmt.Sprintf("public.coffer_move_task(%s, %s, 0, 'task 25', '%s')", request(g), who(founder), to)
		}},
		{"coffer_claim_task", func(_ *testing.T, g *guild, n int) string {
			member, folded := g.employed(n, approved)
			return fmt.Sprintf("public.coffer_claim_task(%s, %s, '{}', 0, '%s')", request(g), who(member), folded)
		}},
		{"coffer_submit_work", func(_ *testing.T, g *guild, n int) string {
			member, folded := g.employed(n, approved)
			return fmt.Sprintf("public.coffer_submit_work(%s, %s, 0, '%s', '', NULL, '', '{none}')", request(g), who(member), folded)
		}},
		{"coffer_drop_claim", func(_ *testing.T, g *guild, n int) string {
			member, folded := g.employed(n, begun)
			return fmt.Sprintf("public.coffer_drop_claim(%s, %s, 0, '%s')", request(g), who(member), folded)
		}},
		{"coffer_review_submission", func(t *testing.T, g *guild, n int) string {
			next := must[tasks.QueuePage](t)(g.store.ReviewQueue(t.Context(), tasks.QueueQuery{Guild: g.id, Reviewer: reviewer, At: today}))
			return fmt.Sprintf("public.coffer_review_submission(%s, %s, '{}', true, %d, %t, 100, 'why')", request(g), who(founder), next.Submission.ID, n%3 > 0)
		}},
		// A portion each time; of the small guilds' claims that are over, too.
		{"coffer_tidy_tasks", func(_ *testing.T, _ *guild, _ int) string {
			return fmt.Sprintf("public.coffer_tidy_tasks(%s, 20)", at)
		}},
		{"coffer_deliveries", func(_ *testing.T, g *guild, _ int) string {
			return fmt.Sprintf("public.coffer_deliveries('%s', 0, 10)", g.id)
		}},
		{"coffer_retry_delivery", func(t *testing.T, g *guild, _ int) string {
			waiting := must[[]outbox.Delivery](t)(g.store.Deliveries(t.Context(), g.id, 0, 1))
			return fmt.Sprintf("public.coffer_retry_delivery('%s', %d)", g.id, waiting[0].ID)
		}},
		{"coffer_lease_deliveries", func(*testing.T, *guild, int) string { return "public.coffer_lease_deliveries(2, '0')" }},
		{"coffer_settle_delivery", func(t *testing.T, g *guild, n int) string {
			taken := must[[]outbox.Lease](t)(g.store.LeaseDeliveries(t.Context(), 1, time.Minute))
			return fmt.Sprintf("public.coffer_settle_delivery(%d, %d, '%s', '0', '', 20, '%s', '%s', '98', '5', %t, %s)", taken[0].ID, taken[0].Token,
				[]outbox.State{outbox.Done, outbox.Waiting}[n%2], taken[0].Guild, taken[0].Subject, n%4 == 0, at)
		}},
		{"coffer_forget_deliveries", func(*testing.T, *guild, int) string {
			return fmt.Sprintf("public.coffer_forget_deliveries('%s', 20)", founded.AddDate(0, 0, 1).Format(time.RFC3339))
		}},
	}
}
