// Package tasks holds the rules of work that a guild pays for: tasks, the claims of
// members on them, what they hand in, and its review; and the port of the store that
// keeps it all.
//
// What a rule can decide without stored state is decided here (forms, ranges, what
// proves what); what needs stored state (states, places, deadlines, tries) is decided
// inside the store's operation, in the same transaction as its effect.
package tasks

import (
	"net/url"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// TaskID is a task's number, unique in the store.
type TaskID int64

// ClaimID is a claim's number, unique in the store.
type ClaimID int64

// SubmissionID is a submission's number, unique in the store.
type SubmissionID int64

// Problems of tasks.
var (
	ErrTask = problem.New(problem.Invalid, "task",
		"Something about the task is out of its range.") // argument "field"
	ErrUnknownTask = problem.New(problem.NotFound, "unknown_task",
		"There is no such task in this server.")
	ErrTitleTaken = problem.New(problem.Conflict, "title_taken",
		"Another task has that title.")
	ErrUnknownPrerequisite = problem.New(problem.NotFound, "unknown_prerequisite",
		"The task that is to be done first does not exist, or is this one.")
	ErrTaskChanged = problem.New(problem.Conflict, "task_changed",
		"The task was changed in the meantime. Look at it again.") // argument "version": int
	ErrTaskState = problem.New(problem.Conflict, "task_state",
		"The task cannot go there from where it is.") // argument "state": State
	ErrNotOpen = problem.New(problem.Refused, "not_open",
		"That task is not open.")
	ErrDeadline = problem.New(problem.Refused, "deadline",
		"That task's deadline has passed.") // argument "deadline": time.Time
	ErrNoPlace = problem.New(problem.Refused, "no_place",
		"All places of that task are taken.") // argument "places": int
	ErrHaveClaim = problem.New(problem.Conflict, "have_claim",
		"You have claimed that task already.") // argument "state": ClaimState
	ErrDone = problem.New(problem.Refused, "task_done",
		"You have done that task already.") // argument "next": time.Time, when he may again; zero: never
	ErrTaskRole = problem.New(problem.Refused, "task_role",
		"That task is for members with a certain role.") // argument "role": economy.RoleID
	ErrPrerequisite = problem.New(problem.Refused, "prerequisite",
		"Another task is to be done before that one.") // argument "title"
	ErrNoClaim = problem.New(problem.NotFound, "no_claim",
		"You have no claim on that task. Claim it first.")
	ErrClaimState = problem.New(problem.Conflict, "claim_state",
		"Your claim waits for its review.")
	ErrClaimOver = problem.New(problem.Refused, "claim_over",
		"The time of your claim is over.") // argument "due": time.Time
	ErrProof = problem.New(problem.Invalid, "proof",
		"That task asks for another kind of proof.") // argument "proof": Proof
	ErrWork = problem.New(problem.Invalid, "work",
		"That cannot be handed in: a text has at most 2000 characters; a picture is a PNG, JPEG, GIF or WebP of at most 8 MB.")
	ErrNotReviewer = problem.New(problem.Forbidden, "not_reviewer",
		"Only reviewers and managers of the server may review.")
	ErrOwnSubmission = problem.New(problem.Forbidden, "own_submission",
		"Nobody reviews his own work.")
	ErrUnknownSubmission = problem.New(problem.NotFound, "unknown_submission",
		"There is no such submission in this server.")
	ErrReviewed = problem.New(problem.Conflict, "reviewed",
		"That was reviewed already.") // arguments "by": economy.Actor, "state": SubmissionState, "at": time.Time
	ErrPercent = problem.New(problem.Invalid, "percent",
		"The part of the reward is between 0 and 100 percent.")
	ErrReason = problem.New(problem.Invalid, "reason",
		"Say why, in at most 200 characters on one line.")
)

// Limits of what a task can be.
const (
	MaxTitle       = 80
	MaxDescription = 1000
	MaxAnswer      = 200
	MaxPlaces      = 100_000
	MaxClaimHours  = 365 * 24
	MaxTries       = 20
	MaxProofText   = 2000
	MaxLink        = 512
	MaxImage       = 8 << 20 // bytes
)

// State is where a task stands.
type State string

// The states: a draft is opened; what is open is closed, and opened again; whatever
// is not archived is archived, for ever.
const (
	Draft    State = "draft"    // only admins see it
	Open     State = "open"     // can be claimed
	Closed   State = "closed"   // takes no more claims; claims that run go on
	Archived State = "archived" // over, and with it the claims that were not handed in
)

// Proof is what a task asks for.
type Proof string

// The kinds of proof.
const (
	ProofNone  Proof = "none" // handing in is enough
	ProofText  Proof = "text"
	ProofLink  Proof = "link"
	ProofImage Proof = "image"
)

// Proofs are all kinds of proof.
var Proofs = []Proof{ProofNone, ProofText, ProofLink, ProofImage}

// Review is who decides on what was handed in.
type Review string

// The kinds of review.
const (
	ByPerson Review = "person"
	ByAnswer Review = "answer" // it is right if it is the task's answer, as economy.Fold has both
	ByNobody Review = "nobody" // whatever is handed in is accepted
)

// Repeat is how often one member may do a task.
type Repeat string

// The kinds of repetition. Days and weeks, which begin on Monday, are those of the
// guild's time zone; a claim belongs to the period in which it was claimed.
const (
	Once   Repeat = "once"
	Daily  Repeat = "daily"
	Weekly Repeat = "weekly"
)

// Terms are what an admin decides about a task.
type Terms struct {
	Title        string         `json:"title"`             // unique among the guild's tasks that are not archived, as economy.Fold has it
	Description  string         `json:"description"`       // may be empty
	Picture      string         `json:"picture"`           // an https address, or empty
	Reward       economy.Amount `json:"reward"`            // 1 to economy.MaxMovement; a claim keeps that of its beginning
	Proof        Proof          `json:"proof"`             //
	Review       Review         `json:"review"`            //
	Answer       string         `json:"answer"`            // exactly with ByAnswer, whose proof is a text
	Places       int            `json:"places"`            // the most claims that run or were accepted, ever; 0: no limit
	Repeat       Repeat         `json:"repeat"`            //
	Deadline     time.Time      `json:"deadline,omitzero"` // claimed and handed in before; zero: never
	ClaimHours   int            `json:"claim_hours"`       // to hand in, from the claim or its last rejection; 0: no limit
	Tries        int            `json:"tries"`             // how often one claim may be handed in, 1 to MaxTries
	RequiredRole economy.RoleID `json:"required_role"`     // to claim; empty: none
	Prerequisite TaskID         `json:"prerequisite"`      // a task of which the member must have an approved claim; 0: none
}

// Task is work that a guild pays for. Its answer is for admins only.
type Task struct {
	ID      TaskID `json:"id"`
	Terms   `json:"terms"`
	State   State `json:"state"`
	Version int   `json:"version"` // from 1, one more with each edit and each change of state
}

// lastEnd is the latest time that JSON can tell, to the microsecond.
var lastEnd = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)

// cut returns the terms with their times as stores keep them.
func (t Terms) cut() Terms {
	t.Deadline = t.Deadline.UTC().Truncate(time.Microsecond)
	return t
}

// Validate returns ErrTask for the first term out of its range.
func (t Terms) Validate() error {
	for _, rule := range []struct {
		field string
		ok    bool
	}{
		{"title", economy.IsLine(t.Title, 1, MaxTitle) && t.Title == strings.TrimSpace(t.Title)},
		{"description", economy.IsText(t.Description, 0, MaxDescription)},
		{"picture", economy.IsPicture(t.Picture)},
		{"reward", 1 <= t.Reward && t.Reward <= economy.MaxMovement},
		{"proof", t.Proof == ProofNone || t.Proof == ProofText || t.Proof == ProofLink || t.Proof == ProofImage},
		{"review", t.Review == ByPerson || t.Review == ByNobody || t.Review == ByAnswer && t.Proof == ProofText},
		{"answer", economy.IsLine(t.Answer, 0, MaxAnswer) && (t.Review == ByAnswer) == (t.Answer != "") && t.Answer == strings.TrimSpace(t.Answer)},
		{"places", 0 <= t.Places && t.Places <= MaxPlaces},
		{"repeat", t.Repeat == Once || t.Repeat == Daily || t.Repeat == Weekly},
		{"deadline", t.Deadline.IsZero() || t.Deadline.Year() >= 1970 && !t.Deadline.After(lastEnd)},
		{"claim_hours", 0 <= t.ClaimHours && t.ClaimHours <= MaxClaimHours},
		{"tries", 1 <= t.Tries && t.Tries <= MaxTries},
		{"required_role", t.RequiredRole.Valid()},
		{"prerequisite", t.Prerequisite >= 0},
	} {
		if !rule.ok {
			return ErrTask.With("field", rule.field)
		}
	}
	return nil
}

// OnTime returns nil before the task's deadline, and else ErrDeadline.
func (t Terms) OnTime(at time.Time) error {
	if !t.Deadline.IsZero() && !at.Before(t.Deadline) {
		return ErrDeadline.With("deadline", t.Deadline)
	}
	return nil
}

// Due returns when a claim must be handed in that begins, or is rejected, at the
// given time: zero means that only the task's deadline counts.
func (t Terms) Due(at time.Time) time.Time {
	if t.ClaimHours == 0 {
		return time.Time{}
	}
	due := at.UTC().Truncate(time.Microsecond).Add(time.Duration(t.ClaimHours) * time.Hour)
	if due.After(lastEnd) {
		return lastEnd
	}
	return due
}

// Standing returns the state in which a claim on the task counts at the given time,
// which is Expired where it is over, and if it can be handed in then, how often still
// (once at least, even if that is more than a new limit), and before when: the earlier
// of its own end (due; zero: none) and the task's deadline, zero for any time.
func (t Task) Standing(state ClaimState, tries int, due, at time.Time) (is ClaimState, left int, end time.Time) {
	if !state.CanSubmit() {
		return state, 0, time.Time{}
	}
	end = due
	if end.IsZero() || !t.Deadline.IsZero() && t.Deadline.Before(end) {
		end = t.Deadline
	}
	if t.State == Archived || !end.IsZero() && !at.Before(end) {
		return Expired, 0, time.Time{}
	}
	return state, max(1, t.Tries-tries), end
}

// Period returns the period that a claim of the given day belongs to, by its first
// day: 0 with Once, of which there is only one.
func (r Repeat) Period(today economy.Day) economy.Day {
	switch r {
	case Daily:
		return today
	case Weekly:
		const monday = 4 // 1970-01-05
		return today - ((today-monday)%7+7)%7
	default:
		return 0
	}
}

// Next returns when the next period after the given one begins in the zone: zero with
// Once, for never.
func (r Repeat) Next(period economy.Day, zone *time.Location) time.Time {
	switch r {
	case Daily:
		return (period + 1).Start(zone).UTC()
	case Weekly:
		return (r.Period(period) + 7).Start(zone).UTC() // it may be a day, if the task was daily then
	default:
		return time.Time{}
	}
}

// isLink reports whether s is an address on the web, with its scheme.
func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= MaxLink && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		economy.IsLine(s, 1, MaxLink) && !strings.ContainsAny(s, " <>")
}
