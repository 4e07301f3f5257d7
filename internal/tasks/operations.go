package tasks

import (
	"slices"
	"strings"
	"time"

	"coffer/internal/economy"
)

// TaskCreation adds a task.
type TaskCreation struct {
	Request economy.Request
	Admin   economy.Person
	Terms   Terms
	State   State // Draft or Open
}

// NewTaskCreation checks a task. Errors: ErrTask.
func NewTaskCreation(r economy.Request, admin economy.Person, t Terms, open bool) (TaskCreation, error) {
	t = t.cut()
	if err := t.Validate(); err != nil {
		return TaskCreation{}, err
	}
	state := Draft
	if open {
		state = Open
	}
	return TaskCreation{r, admin, t, state}, nil
}

// OnTime returns ErrDeadline for a task that would open after its deadline. Stores ask
// behind the request's key, so that a repetition that comes later has the first result.
func (c TaskCreation) OnTime() error {
	if c.State != Open {
		return nil
	}
	return c.Terms.OnTime(c.Request.At)
}

// Fingerprint is the same for the same creation under another clock or name.
func (c TaskCreation) Fingerprint() string {
	return economy.Fingerprint("admin", c.Admin.Identity(), "terms", c.Terms, "state", c.State)
}

// TaskEdit replaces a task's terms.
type TaskEdit struct {
	Request economy.Request
	Admin   economy.Person
	Task    TaskID
	Version int // that was looked at
	Terms   Terms
}

// NewTaskEdit checks an edit. Errors: ErrTask.
func NewTaskEdit(r economy.Request, admin economy.Person, id TaskID, version int, t Terms) (TaskEdit, error) {
	t = t.cut()
	if err := t.Validate(); err != nil {
		return TaskEdit{}, err
	}
	return TaskEdit{r, admin, id, version, t}, nil
}

// Fingerprint is the same for the same edit under another clock or name.
func (e TaskEdit) Fingerprint() string {
	return economy.Fingerprint("admin", e.Admin.Identity(), "task", e.Task, "version", e.Version, "terms", e.Terms)
}

// Of returns the task as the edit leaves it, and whether that changes anything.
// Errors: ErrUnknownTask, ErrTaskChanged.
func (e TaskEdit) Of(t Task) (Task, bool, error) {
	switch {
	case t.State == Archived:
		return t, false, ErrUnknownTask
	case t.Version != e.Version:
		return t, false, ErrTaskChanged.With("version", t.Version)
	case t.Terms == e.Terms:
		return t, false, nil
	}
	t.Terms = e.Terms
	t.Version++
	return t, true, nil
}

// TaskMove opens, closes or archives a task.
type TaskMove struct {
	Request economy.Request
	Admin   economy.Person
	Task    Ref
	To      State // Open, Closed or Archived
}

// NewTaskMove checks a move. Errors: ErrTaskState.
func NewTaskMove(r economy.Request, admin economy.Person, task Ref, to State) (TaskMove, error) {
	if to != Open && to != Closed && to != Archived {
		return TaskMove{}, ErrTaskState.With("state", to)
	}
	return TaskMove{r, admin, task.clean(), to}, nil
}

// Fingerprint is the same for the same move under another clock or name.
func (m TaskMove) Fingerprint() string {
	return economy.Fingerprint("admin", m.Admin.Identity(), "task", m.Task, "to", m.To)
}

// Of returns the task as the move leaves it, and whether that changes anything.
// Errors: ErrTaskState, ErrDeadline.
func (m TaskMove) Of(t Task) (Task, bool, error) {
	switch {
	case t.State == m.To:
		return t, false, nil
	case t.State == Archived, t.State == Draft && m.To == Closed:
		return t, false, ErrTaskState.With("state", t.State)
	}
	if m.To == Open {
		if err := t.OnTime(m.Request.At.UTC().Truncate(time.Microsecond)); err != nil {
			return t, false, err
		}
	}
	t.State = m.To
	t.Version++
	return t, true, nil
}

// Claiming is a member's wish to do a task.
type Claiming struct {
	Request economy.Request
	Member  economy.Person
	Roles   []economy.RoleID // that he has, as Discord signed it
	Task    Ref
}

// NewClaiming checks a claim. Errors: economy.ErrBotMember.
func NewClaiming(r economy.Request, member economy.Person, roles []economy.RoleID, task Ref) (Claiming, error) {
	if member.Bot {
		return Claiming{}, economy.ErrBotMember
	}
	return Claiming{r, member, roles, task.clean()}, nil
}

// Fingerprint is the same for the same claim under another clock, name or roles.
func (c Claiming) Fingerprint() string {
	return economy.Fingerprint("member", c.Member.User, "task", c.Task)
}

// Past is what a member has done of a task before.
type Past struct {
	Running      ClaimState  // of his claim that runs and is not over; empty: none
	Counts       bool        // he has claims that count
	Latest       economy.Day // the latest period of those
	Prerequisite bool        // he has an approved claim of the prerequisite, where there is one
}

// Of returns the period of a claim on a task by a member with such a past.
// Errors: those of Store.ClaimTask in their order, without ErrUnknownTask and
// ErrNoPlace. prerequisite is the title of the task that is to be done before.
func (c Claiming) Of(t Task, p Past, prerequisite string, zone *time.Location) (economy.Day, error) {
	at := c.Request.At.UTC().Truncate(time.Microsecond)
	if t.State != Open {
		return 0, ErrNotOpen
	}
	if err := t.OnTime(at); err != nil {
		return 0, err
	}
	period := t.Repeat.Period(economy.DayOf(at, zone))
	switch {
	case p.Running != "":
		return 0, ErrHaveClaim.With("state", p.Running)
	case p.Counts && p.Latest >= period:
		return 0, ErrDone.With("next", t.Repeat.Next(p.Latest, zone))
	case t.RequiredRole != "" && !slices.Contains(c.Roles, t.RequiredRole):
		return 0, ErrTaskRole.With("role", t.RequiredRole)
	case t.Prerequisite != 0 && !p.Prerequisite:
		return 0, ErrPrerequisite.With("title", prerequisite)
	}
	return period, nil
}

// Submitting hands work in.
type Submitting struct {
	Request economy.Request
	Member  economy.Person
	Task    Ref
	Work    Work // from NewWork
}

// NewSubmitting returns the wish; whether the work is what the task asks for is
// decided with the task.
func NewSubmitting(r economy.Request, member economy.Person, task Ref, w Work) Submitting {
	return Submitting{r, member, task.clean(), w}
}

// Fingerprint is the same for the same work under another clock or name. The
// signature in an image's address is not a part of it.
func (s Submitting) Fingerprint() string {
	image, _, _ := strings.Cut(s.Work.Image.URL, "?")
	return economy.Fingerprint("member", s.Member.User, "task", s.Task, "text", s.Work.Text, "image", image)
}

// Of returns nil where the work can be handed in for the claim that runs, which is in
// the given state and has an end of its own (zero: none).
// Errors: those of Store.SubmitWork in their order, from ErrClaimState on.
func (s Submitting) Of(t Task, state ClaimState, due time.Time) error {
	at := s.Request.At.UTC().Truncate(time.Microsecond)
	if !state.CanSubmit() {
		return ErrClaimState
	}
	if err := t.OnTime(at); err != nil {
		return err
	}
	switch {
	case t.State == Archived:
		return ErrClaimOver
	case !due.IsZero() && !at.Before(due):
		return ErrClaimOver.With("due", due)
	case !s.Work.Proves(t.Proof):
		return ErrProof.With("proof", t.Proof)
	}
	return nil
}

// Verdict returns what an attempt at a claim comes to at once: Submitted, where a
// person has to decide; else Approved, or with a wrong answer Rejected, or Failed if it
// was the last. tries counts this one.
func (s Submitting) Verdict(t Terms, tries int) ClaimState {
	switch {
	case t.Review == ByPerson:
		return Submitted
	case t.Review == ByNobody, economy.Fold(s.Work.Text) == economy.Fold(t.Answer):
		return Approved
	default:
		return t.rejected(tries)
	}
}

// rejected is where a rejection leaves a claim that was handed in so many times.
func (t Terms) rejected(tries int) ClaimState {
	if tries >= t.Tries {
		return Failed
	}
	return Rejected
}

// Dropping gives a claim up.
type Dropping struct {
	Request economy.Request
	Member  economy.Person
	Task    Ref
}

// NewDropping returns the wish.
func NewDropping(r economy.Request, member economy.Person, task Ref) Dropping {
	return Dropping{r, member, task.clean()}
}

// Fingerprint is the same for the same wish under another clock or name.
func (d Dropping) Fingerprint() string {
	return economy.Fingerprint("member", d.Member.User, "task", d.Task)
}

// Reviewer is who wants to review, with the rights that Discord signed.
type Reviewer struct {
	Person  economy.Person
	Roles   []economy.RoleID
	Manager bool // may manage the guild
}

// May reports whether he may review under the guild's settings.
func (r Reviewer) May(s economy.Settings) bool {
	return r.Manager || s.Administers(r.Roles) || s.ReviewerRole != "" && slices.Contains(r.Roles, s.ReviewerRole)
}

// Reviewing decides on a submission.
type Reviewing struct {
	Request    economy.Request
	Reviewer   Reviewer
	Submission SubmissionID
	Approve    bool
	Percent    int            // of the reward, with Approve
	Reason     string         // without Approve
	List       []SubmissionID // all that the caller decides on alike, under keys that follow from one; nil: this alone
}

// NewApproval checks an approval. Errors: ErrPercent.
func NewApproval(r economy.Request, by Reviewer, id SubmissionID, percent int) (Reviewing, error) {
	if percent < 0 || percent > 100 {
		return Reviewing{}, ErrPercent
	}
	return Reviewing{Request: r, Reviewer: by, Submission: id, Approve: true, Percent: percent}, nil
}

// NewRejection checks a rejection. Errors: ErrReason.
func NewRejection(r economy.Request, by Reviewer, id SubmissionID, reason string) (Reviewing, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || economy.CheckNote(reason) != nil {
		return Reviewing{}, ErrReason
	}
	return Reviewing{Request: r, Reviewer: by, Submission: id, Reason: reason}, nil
}

// Fingerprint is the same for the same decision under another clock, name or roles, and
// for all decisions of a List.
func (v Reviewing) Fingerprint() string {
	var about any = v.Submission
	if v.List != nil {
		about = v.List
	}
	return economy.Fingerprint("reviewer", v.Reviewer.Person.Identity(), "submission", about,
		"approve", v.Approve, "percent", v.Percent, "reason", v.Reason)
}

// Verdict returns what the decision makes of a claim that was handed in so many times.
func (v Reviewing) Verdict(t Terms, tries int) ClaimState {
	if v.Approve {
		return Approved
	}
	return t.rejected(tries)
}

// Pay returns what an approval pays: the part of the reward, rounded down, at most
// what the guild's highest balance leaves room for.
func Pay(reward economy.Amount, percent int, balance economy.Amount, s economy.Settings) economy.Amount {
	n := reward / 100 * economy.Amount(percent)
	n += reward % 100 * economy.Amount(percent) / 100
	return min(n, s.Room(balance))
}

// clean returns the reference as stores compare it.
func (r Ref) clean() Ref {
	if r.ID != 0 {
		return Ref{ID: r.ID}
	}
	return Ref{Title: economy.Fold(r.Title)}
}
