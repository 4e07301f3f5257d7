package storetest

import (
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/tasks"
)

// errand is a task that asks for nothing but a word that it is done.
func errand() tasks.Terms {
	return tasks.Terms{Title: "Errand", Reward: 10, Proof: tasks.ProofNone, Review: tasks.ByPerson, Repeat: tasks.Once, Tries: 2}
}

// essay is a task that asks for a text.
func essay() tasks.Terms {
	return tasks.Terms{Title: "Essay", Reward: 20, Proof: tasks.ProofText, Review: tasks.ByPerson, Repeat: tasks.Once, Tries: 3}
}

// quiz is a task that asks for an answer, which nobody has to look at.
func quiz() tasks.Terms {
	return tasks.Terms{Title: "Quiz", Reward: 30, Proof: tasks.ProofText, Review: tasks.ByAnswer, Answer: "Été 42", Repeat: tasks.Once, Tries: 2}
}

// of returns terms with a change.
func of(t tasks.Terms, change func(*tasks.Terms)) tasks.Terms {
	change(&t)
	return t
}

// manager is a reviewer by his right to manage the guild.
func manager(p economy.Person) tasks.Reviewer { return tasks.Reviewer{Person: p, Manager: true} }

// by returns somebody as who did something, by his number in the guild.
func by(who economy.Person, number int64) economy.Actor {
	if who.Admin != 0 {
		return economy.Actor{Kind: economy.ActorAccount, ID: number, Name: who.Name}
	}
	return economy.Actor{Kind: economy.ActorMember, ID: number, User: who.User, Name: who.Name}
}

// number returns a member's number in the guild: who does something is told by it.
func (s *scene) number(who economy.Person) int64 {
	s.t.Helper()
	s.rulesBy(who)
	list := s.events()
	return list[len(list)-1].Actor
}

// rulesBy has somebody change the settings.
func (s *scene) rulesBy(who economy.Person) {
	s.t.Helper()
	v := did(s.store.Settings(s.ctx, s.guild)).in(s)
	v.Grace = (v.Grace + 1) % 7
	did(s.store.ChangeSettings(s.ctx, must(economy.NewSettingsChange(s.request(), who, v)))).in(s)
}

func (s *scene) task(t tasks.Terms, open bool) tasks.TaskCreation {
	return must(tasks.NewTaskCreation(s.request(), root, t, open))
}

func (s *scene) retask(t tasks.Task, change func(*tasks.Terms)) tasks.TaskEdit {
	return must(tasks.NewTaskEdit(s.request(), root, t.ID, t.Version, of(t.Terms, change)))
}

func (s *scene) moving(t tasks.Task, to tasks.State) tasks.TaskMove {
	return must(tasks.NewTaskMove(s.request(), root, tasks.Ref{ID: t.ID}, to))
}

func (s *scene) claiming(who economy.Person, t tasks.Task) tasks.Claiming {
	return must(tasks.NewClaiming(s.request(), who, nil, tasks.Ref{ID: t.ID}))
}

func (s *scene) submitting(who economy.Person, t tasks.Task, text string) tasks.Submitting {
	return tasks.NewSubmitting(s.request(), who, tasks.Ref{ID: t.ID}, must(tasks.NewWork(text, tasks.Image{})))
}

func (s *scene) dropping(who economy.Person, t tasks.Task) tasks.Dropping {
	return tasks.NewDropping(s.request(), who, tasks.Ref{ID: t.ID})
}

// approval is root's.
func (s *scene) approval(id tasks.SubmissionID, percent int) tasks.Reviewing {
	return must(tasks.NewApproval(s.request(), manager(root), id, percent))
}

// rejection is root's.
func (s *scene) rejection(id tasks.SubmissionID, reason string) tasks.Reviewing {
	return must(tasks.NewRejection(s.request(), manager(root), id, reason))
}

// open adds a task that can be claimed, as root.
func (s *scene) open(t tasks.Terms) tasks.Task {
	s.t.Helper()
	return did(s.store.CreateTask(s.ctx, s.task(t, true))).in(s)
}

// draft adds a task that only admins see, as root.
func (s *scene) draft(t tasks.Terms) tasks.Task {
	s.t.Helper()
	return did(s.store.CreateTask(s.ctx, s.task(t, false))).in(s)
}

// amend edits a task's terms.
func (s *scene) amend(t tasks.Task, change func(*tasks.Terms)) tasks.Task {
	s.t.Helper()
	return did(s.store.EditTask(s.ctx, s.retask(t, change))).in(s)
}

func (s *scene) move(t tasks.Task, to tasks.State) tasks.Task {
	s.t.Helper()
	return did(s.store.MoveTask(s.ctx, s.moving(t, to))).in(s)
}

// take gives a member a claim.
func (s *scene) take(who economy.Person, t tasks.Task) tasks.ClaimReceipt {
	s.t.Helper()
	return did(s.store.ClaimTask(s.ctx, s.claiming(who, t))).in(s)
}

func (s *scene) handIn(who economy.Person, t tasks.Task, text string) tasks.SubmitReceipt {
	s.t.Helper()
	return did(s.store.SubmitWork(s.ctx, s.submitting(who, t, text))).in(s)
}

func (s *scene) drop(who economy.Person, t tasks.Task) tasks.Claim {
	s.t.Helper()
	return did(s.store.DropClaim(s.ctx, s.dropping(who, t))).in(s)
}

func (s *scene) approve(id tasks.SubmissionID, percent int) tasks.ReviewReceipt {
	s.t.Helper()
	return did(s.store.ReviewSubmission(s.ctx, s.approval(id, percent))).in(s)
}

func (s *scene) reject(id tasks.SubmissionID, reason string) tasks.ReviewReceipt {
	s.t.Helper()
	return did(s.store.ReviewSubmission(s.ctx, s.rejection(id, reason))).in(s)
}

// do has a member do a task and a reviewer approve of it.
func (s *scene) do(who economy.Person, t tasks.Task, text string) tasks.ReviewReceipt {
	s.t.Helper()
	s.take(who, t)
	return s.approve(s.handIn(who, t, text).Submission, 100)
}

func (s *scene) claims(who economy.Person) []tasks.Claim {
	s.t.Helper()
	return did(s.store.Claims(s.ctx,
		tasks.ClaimsQuery{Guild: s.guild, Viewer: who, Page: 1, Size: economy.MaxPage, At: s.now})).in(s).Claims
}

func (s *scene) taskOffer(who economy.Person, t tasks.Task) tasks.Offer {
	s.t.Helper()
	return did(s.store.TaskOffer(s.ctx, tasks.OfferQuery{Guild: s.guild, Viewer: who, Task: tasks.Ref{ID: t.ID}, At: s.now})).in(s)
}

func (s *scene) openTasks(who economy.Person, page, size int) tasks.BoardPage {
	s.t.Helper()
	return did(s.store.OpenTasks(s.ctx, tasks.BoardQuery{Guild: s.guild, Viewer: who, Page: page, Size: size, At: s.now})).in(s)
}

func (s *scene) queue(who tasks.Reviewer, after tasks.SubmissionID) tasks.QueuePage {
	s.t.Helper()
	return did(s.store.ReviewQueue(s.ctx, tasks.QueueQuery{Guild: s.guild, Reviewer: who, After: after, At: s.now})).in(s)
}

func (s *scene) tidy() int {
	s.t.Helper()
	return did(s.store.TidyTasks(s.ctx, s.now)).in(s)
}

// calm ends all claims and tasks that have an end: those of other stories.
func (s *scene) calm() {
	s.t.Helper()
	did(s.store.TidyTasks(s.ctx, time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC))).in(s)
	s.idle()
}

// channels has tasks shown in channel 501 and work in 502.
func (s *scene) channels() {
	s.t.Helper()
	s.rules(func(v *economy.Settings) { v.TaskChannel, v.ReviewChannel = "501", "502" })
}

// tells checks what the events after the first so many are, and returns how many
// there are now.
func (s *scene) tells(after int, want ...string) int {
	s.t.Helper()
	list := s.events()
	kinds(s.t, list[after:], want...)
	return len(list)
}

// notice reads what a lease's notice tells.
func notice[T any](t testing.TB, l outbox.Lease, name string) T {
	t.Helper()
	told, err := args[T](l.Notice)
	if err != nil || l.Notice.Name != name {
		t.Errorf("notice %+v: %v, want %q", l.Notice, err, name)
	}
	return told
}
