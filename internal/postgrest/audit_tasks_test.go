package postgrest

import (
	"testing"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// toiled makes a guild with Ada (4), who reviews, Bob (5), Cy (6) and Dan (7).
//
// Task 1: Bob's claim 1 was rejected (submission 1) and approved (2), Cy's claim 2
// waits (3), Dan's claim 3 begins. Task 2, an answer: Bob's claim 4 has failed (4).
// Task 3: Bob has dropped claim 5, and it is archived. Task 4, daily: Bob's claims 6
// and 7 were approved at once (5, 6) on two days.
func toiled(t *testing.T, s *Store) {
	t.Helper()
	ctx, c := t.Context(), new(counter)
	ada, bob := economy.Person{User: "10", Name: "Ada"}, economy.Person{User: "11", Name: "Bob"}
	cy, dan := economy.Person{User: "12", Name: "Cy"}, economy.Person{User: "13", Name: "Dan"}
	must[int](t)(s.Meet(ctx, "1", []economy.Person{ada, bob, cy, dan}, noon))
	settings := economy.DefaultSettings()
	settings.TaskChannel, settings.ReviewChannel = "98", "99"
	must[economy.Settings](t)(s.ChangeSettings(ctx, must[economy.SettingsChange](t)(economy.NewSettingsChange(c.request(), ada, settings))))
	create := func(terms tasks.Terms, open bool) tasks.Ref {
		task := must[tasks.Task](t)(s.CreateTask(ctx, must[tasks.TaskCreation](t)(tasks.NewTaskCreation(c.request(), ada, terms, open))))
		return tasks.Ref{ID: task.ID}
	}
	claim := func(who economy.Person, task tasks.Ref) {
		must[tasks.ClaimReceipt](t)(s.ClaimTask(ctx, tasks.Claiming{Request: c.request(), Member: who, Task: task}))
	}
	submit := func(who economy.Person, task tasks.Ref) tasks.SubmissionID {
		work := tasks.Submitting{Request: c.request(), Member: who, Task: task, Work: tasks.Work{Text: "look"}}
		return must[tasks.SubmitReceipt](t)(s.SubmitWork(ctx, work)).Submission
	}
	review := func(id tasks.SubmissionID, approve bool) {
		must[tasks.ReviewReceipt](t)(s.ReviewSubmission(ctx, tasks.Reviewing{
			Request: c.request(), Reviewer: tasks.Reviewer{Person: ada, Manager: true}, Submission: id, Approve: approve, Percent: 50,
		}))
	}
	drawing, riddle, gone, daily := chore("Draw"), chore("Riddle"), chore("Gone"), chore("Daily")
	drawing.Places = 3
	riddle.Review, riddle.Answer, riddle.Tries = tasks.ByAnswer, "egg", 1
	daily.Review, daily.Repeat = tasks.ByNobody, tasks.Daily
	draw := create(drawing, true)
	claim(bob, draw)
	review(submit(bob, draw), false)
	review(submit(bob, draw), true)
	claim(cy, draw)
	submit(cy, draw)
	claim(dan, draw)
	guess := create(riddle, true)
	claim(bob, guess)
	submit(bob, guess)
	riddle.Reward++
	must[tasks.Task](t)(s.EditTask(ctx, tasks.TaskEdit{Request: c.request(), Admin: ada, Task: guess.ID, Version: 1, Terms: riddle}))
	old := create(gone, false)
	move := func(to tasks.State) {
		must[tasks.Task](t)(s.MoveTask(ctx, tasks.TaskMove{Request: c.request(), Admin: ada, Task: old, To: to}))
	}
	move(tasks.Open)
	claim(bob, old)
	must[tasks.Claim](t)(s.DropClaim(ctx, tasks.Dropping{Request: c.request(), Member: bob, Task: old}))
	move(tasks.Closed)
	move(tasks.Archived)
	again := create(daily, true)
	for range 2 {
		claim(bob, again)
		submit(bob, again)
		c.n += 24 * 60 // minutes
	}
}

func TestAuditNamesTheFirstBrokenInvariantOfTasks(t *testing.T) {
	thorough(t)
	namesTheFirstBroken(t, toiled, []spoilt{
		{"", "SELECT 1"},
		{"", "UPDATE coffer.submissions SET words = NULL WHERE true"},
		{"storage", "UPDATE coffer.tasks SET guild_id = '2' WHERE id = 1"},
		{"storage", "UPDATE coffer.claims SET guild_id = '2' WHERE id = 1"},
		{"storage", "UPDATE coffer.submissions SET guild_id = '2' WHERE id = 1"},
		{"storage", "UPDATE coffer.cards SET guild_id = '2' WHERE subject = 'task:1'"},
		{"storage", "UPDATE coffer.cards SET subject = 'task:99' WHERE subject = 'task:1'"},
		{"storage", "UPDATE coffer.deliveries SET subject = 'submission:99' WHERE subject = 'submission:1'"},
		{"storage", "UPDATE coffer.claims SET member_id = 99 WHERE id = 1"},
		{"storage", "UPDATE coffer.claims SET task_id = 99 WHERE id = 1"},
		{"storage", "UPDATE coffer.claims SET transaction_id = 99 WHERE id = 1"},
		{"storage", "UPDATE coffer.tasks SET prerequisite = 99 WHERE id = 1"},
		{"storage", "UPDATE coffer.submissions SET member_id = 99 WHERE id = 1"},
		{"storage", "UPDATE coffer.submissions SET reviewer_id = 99 WHERE id = 1"},
		{"storage", "UPDATE coffer.submissions SET claim_id = 99 WHERE id = 1"},
		{"reversals_once", "UPDATE coffer.transactions SET kind = 'reversal' WHERE kind = 'reward'"},
		{"kinds_fit", "UPDATE coffer.entries SET account_id = 3 WHERE account_id = 1 AND transaction_id = (SELECT max(id) FROM coffer.transactions)"},
		{"requests_done", "UPDATE coffer.requests SET transaction_id = NULL WHERE operation = 'task.review' AND transaction_id IS NOT NULL"},
		{"requests_done", "UPDATE coffer.requests SET operation = 'task.muse' WHERE operation = 'task.move'"},
		{"requests_done", `UPDATE coffer.requests SET result = jsonb_set(result, '{submission,paid}', '9') WHERE operation = 'task.review'`},
		{"requests_done", `UPDATE coffer.requests SET result = result || '{"paid": 9}' WHERE operation = 'task.submit'`},
		{"requests_done", `UPDATE coffer.requests SET result = result || '{"submission": 99}' WHERE operation = 'task.submit'`},
		{"requests_done", `UPDATE coffer.requests SET result = result || '{"id": 99}' WHERE operation = 'task.create'`},
		{"requests_done", `UPDATE coffer.requests SET result = result || '{"claim": 99}' WHERE operation = 'task.claim'`},
		{"requests_done", `UPDATE coffer.requests SET result = result || '{"task": 99}' WHERE operation = 'task.drop'`},
		{"tasks_told", "UPDATE coffer.tasks SET reward = 6 WHERE id = 1"},
		{"tasks_told", "UPDATE coffer.tasks SET answer = 'chicken' WHERE id = 2"},
		{"tasks_told", "UPDATE coffer.tasks SET state = 'closed' WHERE id = 1"},
		{"tasks_told", "UPDATE coffer.tasks SET version = 7 WHERE id = 1"},
		{"tasks_told", "UPDATE coffer.tasks SET deadline = now() WHERE id = 1"},
		{"tasks_told", "DELETE FROM coffer.events WHERE kind = 'task.created' AND subject = 'task:1'"},
		{"tasks_told", "DELETE FROM coffer.events WHERE kind = 'task.changed'"},
		{"tasks_told", "UPDATE coffer.events SET subject = 'task:9' WHERE subject = 'task:2'"},
		{"tasks_told", "UPDATE coffer.events SET kind = 'task.changed' WHERE kind = 'task.closed'"},
		{"tasks_told", "UPDATE coffer.events SET before = NULL WHERE kind = 'task.changed'"},
		{"tasks_told", `UPDATE coffer.events SET before = jsonb_set(before, '{terms,reward}', '3') WHERE kind = 'task.archived'`},
		{"claims_told", "UPDATE coffer.claims SET state = 'dropped' WHERE id = 3"},
		{"claims_told", "UPDATE coffer.claims SET task_id = 2 WHERE id = 3"},
		{"claims_told", "UPDATE coffer.claims SET period = 1 WHERE id = 3"},
		{"claims_told", "UPDATE coffer.claims SET period = period + 2 WHERE id = 7"},
		{"claims_told", "UPDATE coffer.claims SET member_id = 4 WHERE id = 3"},
		{"claims_told", "DELETE FROM coffer.events WHERE kind = 'claim.created' AND subject = 'claim:3'"},
		{"claims_told", "DELETE FROM coffer.events WHERE kind = 'claim.rejected'"},
		{"claims_told", "UPDATE coffer.events SET actor_id = NULL WHERE kind = 'claim.dropped'"},
		{"claims_told", "UPDATE coffer.events SET kind = 'claim.expired', actor_id = NULL WHERE kind = 'claim.failed'"},
		{"claims_told", "UPDATE coffer.events SET subject = 'claim:99' WHERE subject = 'claim:3'"},
		{"claims_told", "INSERT INTO coffer.claims SELECT 99, guild_id, task_id, member_id, 'dropped', 0, 1, 0, 0, now(), '', 0, NULL, now() FROM coffer.claims WHERE id = 3"},
		{"claims_once", `DROP INDEX coffer.claims_running; UPDATE coffer.claims SET member_id = 6 WHERE id = 3;
			UPDATE coffer.events SET actor_id = 6 WHERE subject = 'claim:3'`},
		{"claims_once", "UPDATE coffer.claims SET period = (SELECT period FROM coffer.claims WHERE id = 6) WHERE id = 7"},
		{"places_match", "UPDATE coffer.tasks SET taken = taken + 1 WHERE id = 1"},
		{"places_match", "UPDATE coffer.tasks SET taken = 1 WHERE id = 2"},
		{"submissions_fit", "UPDATE coffer.claims SET tries = 2 WHERE id = 2"},
		{"submissions_fit", "UPDATE coffer.claims SET spent = 1, tries = 1 WHERE id = 3"},
		{"submissions_fit", "DELETE FROM coffer.requests WHERE true; DELETE FROM coffer.submissions WHERE id = 4"},
		{"submissions_fit", "UPDATE coffer.submissions SET state = 'refused' WHERE id = 3"},
		{"submissions_fit", "UPDATE coffer.submissions SET state = 'accepted' WHERE id = 1"},
		{"submissions_fit", "UPDATE coffer.submissions SET state = 'waiting' WHERE id = 2"},
		{"submissions_fit", "UPDATE coffer.submissions SET last = false WHERE id = 4"},
		{"submissions_fit", "UPDATE coffer.submissions SET last = true WHERE id = 1"},
		{"submissions_fit", "UPDATE coffer.submissions SET try = 1 WHERE id = 2"},
		{"submissions_fit", "UPDATE coffer.submissions SET member_id = 6 WHERE id = 2"},
		{"submissions_fit", "UPDATE coffer.submissions SET member_id = 6 WHERE id = 1"},
		{"submissions_fit", "UPDATE coffer.submissions SET task_id = 2 WHERE id = 1"},
		{"submissions_fit", "UPDATE coffer.submissions SET paid = 1 WHERE id = 2"},
		{"submissions_fit", "UPDATE coffer.submissions SET reviewer_id = member_id WHERE id = 1"},
		{"rewards_once", "UPDATE coffer.submissions SET percent = 49 WHERE id = 2"},
		{"rewards_once", "UPDATE coffer.submissions SET paid = 1 WHERE id = 1"},
		{"rewards_once", "UPDATE coffer.submissions SET reviewer_id = NULL WHERE id = 2"},
		{"rewards_once", "UPDATE coffer.submissions SET reviewed_at = now() WHERE id = 2"},
		{"rewards_once", "DELETE FROM coffer.requests WHERE true; UPDATE coffer.claims SET transaction_id = NULL WHERE id = 1"},
		{"rewards_once", "DELETE FROM coffer.requests WHERE true; UPDATE coffer.claims SET paid = 4 WHERE id = 1; UPDATE coffer.submissions SET paid = 4 WHERE id = 2"},
		{"rewards_once", "DELETE FROM coffer.requests WHERE true; UPDATE coffer.claims SET transaction_id = 1 WHERE id = 1"},
		{"claims_told", "UPDATE coffer.claims SET reward = 4 WHERE id = 1"},
		{"rewards_once", "DELETE FROM coffer.requests WHERE true; UPDATE coffer.claims SET paid = 0, transaction_id = NULL WHERE id = 1; UPDATE coffer.submissions SET paid = 0 WHERE id = 2"},
	})
}
