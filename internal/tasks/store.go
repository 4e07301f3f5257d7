package tasks

import (
	"context"
	"time"

	"coffer/internal/economy"
)

// Store keeps tasks and claims. It is part of the same store as the books: see
// economy.Store for what all its operations have in common (atomicity, one round
// trip, first contact, requests and their keys, names, times).
//
// A claim is over when it is Claimed or Rejected and its time or its task's deadline
// has passed, or its task is archived. Every operation treats a claim that is over as
// Expired, and writes that where it changes something: the member's own claim, and
// with a claim for which no place is left, all of the task that are over by their own
// time. So no deadline depends on TidyTasks.
//
// Events. Each write of a task has one: "task.created", "task.changed" (an edit),
// "task.opened", "task.closed" or "task.archived", subject "task:<id>", by the admin
// (0: TidyTasks), with the Task before and after. Each change of a claim has one:
// "claim.created", "claim.submitted", "claim.approved", "claim.rejected",
// "claim.failed", "claim.dropped" or "claim.expired", subject "claim:<id>", by the
// member, the reviewer, or 0 for an expiry, with {"task":<id>,"state":"..."} before
// (null for a creation) and after. A reward's transaction and its event stand before
// "claim.approved". Work that needs no person's review is "claim.submitted" first and
// then its outcome, both by the member.
//
// Deliveries, after all that, in this order: where a person reviewed, an outbox.Direct
// notice to the member (outbox.NoticeReviewed); then the card of the submission; then
// the card of the task.
//
// Cards are messages that are kept to their subject's state (outbox.Card). A task
// that opens gets one, subject "task:<id>", in Settings.TaskChannel; work that waits
// for a person gets one, subject "submission:<id>", in Settings.ReviewChannel. Where
// there is no channel, there is none. While a card exists, every edit and change of
// state of its task, every change of its submission, and where places are limited,
// every change of how many are taken, has a delivery.
//
// Titles compare as economy.Fold has them.
type Store interface {
	// OpenTasks returns a page of the tasks that are open before their deadline, the
	// newest first. Read.
	OpenTasks(context.Context, BoardQuery) (BoardPage, error)

	// TaskOffer returns one task as the viewer sees it, in any state. Read.
	// Errors: ErrUnknownTask.
	TaskOffer(context.Context, OfferQuery) (Offer, error)

	// Claims returns a page of the viewer's claims, the newest first. Read.
	Claims(context.Context, ClaimsQuery) (ClaimsPage, error)

	// TaskNames returns tasks whose titles contain the text, those that begin with it
	// first, then by title, then by number; at most limit, at most economy.MaxPage. An
	// unknown guild has none and is not created.
	TaskNames(context.Context, NamesQuery) ([]TaskName, error)

	// ReviewQueue returns the oldest submission that waits for a review, is younger than
	// the given one, and is not the reviewer's own. Read. Errors: ErrNotReviewer.
	ReviewQueue(context.Context, QueueQuery) (QueuePage, error)

	// CreateTask adds a task. Errors: ErrDeadline (it would open after it), ErrTitleTaken, ErrUnknownPrerequisite (there is no
	// such task in the guild; archived ones serve), economy.ErrKeyReused.
	CreateTask(context.Context, TaskCreation) (Task, error)

	// EditTask replaces a task's terms. A change to the same makes no event and no
	// version. Claims that run keep their reward and their own end.
	// Errors, the first that applies: ErrUnknownTask (archived ones too), ErrTaskChanged,
	// ErrTitleTaken, ErrUnknownPrerequisite; economy.ErrKeyReused.
	EditTask(context.Context, TaskEdit) (Task, error)

	// MoveTask opens, closes or archives a task. One that is there already stays as it is.
	// Errors, the first that applies: ErrUnknownTask, ErrTaskState, ErrDeadline;
	// economy.ErrKeyReused.
	MoveTask(context.Context, TaskMove) (Task, error)

	// ClaimTask gives the member a claim on a task and takes a place of it. Who drops a
	// claim, or lets it expire, does not win back the tries that he has used: the next one
	// of the same period goes on counting them.
	// Errors, the first that applies: ErrUnknownTask (drafts and archived ones too),
	// ErrNotOpen, ErrDeadline, ErrHaveClaim, ErrDone, ErrTaskRole, ErrPrerequisite,
	// ErrNoPlace; economy.ErrKeyReused.
	ClaimTask(context.Context, Claiming) (ClaimReceipt, error)

	// SubmitWork hands work in for the member's claim that runs. Where no person has to
	// look at it, it is decided at once, and an approval is paid: see ReviewSubmission. A
	// wrong answer is no error: it counts as a try.
	// Errors, the first that applies: ErrUnknownTask (also drafts), ErrNoClaim,
	// ErrClaimState (it waits), ErrDeadline, ErrClaimOver (also where the task is
	// archived, without "due"), ErrProof; economy.ErrKeyReused.
	SubmitWork(context.Context, Submitting) (SubmitReceipt, error)

	// DropClaim gives up the member's claim that runs and frees its place.
	// Errors, the first that applies: ErrUnknownTask (also drafts), ErrNoClaim (also one
	// that is over), ErrClaimState; economy.ErrKeyReused.
	DropClaim(context.Context, Dropping) (Claim, error)

	// ReviewSubmission decides on work that waits. An approval pays Pay of the promised
	// reward from economy.Mint by a transaction of economy.KindReward (actor: the
	// reviewer; note: the task's title), or none where that is 0, and exactly once,
	// whoever asks, however often. A rejection lets the member try again, for the task's
	// hours from now on, or fails the claim and frees its place.
	// Errors, the first that applies: ErrNotReviewer, ErrUnknownSubmission,
	// ErrOwnSubmission, ErrReviewed; economy.ErrKeyReused.
	ReviewSubmission(context.Context, Reviewing) (ReviewReceipt, error)

	// TidyTasks expires the claims that are over and closes open tasks whose deadline has
	// passed. It returns how many there were, and may be called by many servers at once.
	TidyTasks(ctx context.Context, now time.Time) (int, error)
}

// BoardQuery asks for a page of open tasks.
type BoardQuery struct {
	Guild  economy.GuildID
	Viewer economy.Person
	Page   int // from 1
	Size   int // tasks a page, 1 to economy.MaxPage
	At     time.Time
}

// BoardPage is a page of open tasks.
type BoardPage struct {
	Lines    []BoardLine
	More     bool // another page follows
	Currency economy.Currency
}

// BoardLine is a task with what its viewer has to do with it.
type BoardLine struct {
	Task Task
	Left int    // places, where they are limited
	Mine *Claim // his newest claim; nil: none
}

// OfferQuery asks for one task.
type OfferQuery struct {
	Guild  economy.GuildID
	Viewer economy.Person
	Task   Ref
	At     time.Time
}

// Offer is a task as a member sees it.
type Offer struct {
	BoardLine
	Prerequisite string    // title of the task that is to be done before; empty: none
	Qualified    bool      // he has done it, or there is none
	Next         time.Time // when he may claim it again, having done it; zero: now, or never (Once)
	Currency     economy.Currency
}

// ClaimsQuery asks for a page of the viewer's claims.
type ClaimsQuery struct {
	Guild  economy.GuildID
	Viewer economy.Person
	Page   int // from 1
	Size   int // claims a page, 1 to economy.MaxPage
	At     time.Time
}

// ClaimsPage is a page of claims.
type ClaimsPage struct {
	Claims   []Claim
	More     bool // another page follows
	Currency economy.Currency
}

// Which says which tasks one picks from.
type Which string

// The choices.
const (
	Claimable  Which = "claimable"  // open, before their deadline
	Mine       Which = "mine"       // on which the member has a claim that runs and is not over
	Unarchived Which = "unarchived" // all that are not archived
	Every      Which = "every"
)

// NamesQuery asks for tasks by their titles.
type NamesQuery struct {
	Guild  economy.GuildID
	Text   string
	Which  Which
	Member economy.UserID // with Mine
	At     time.Time
	Limit  int
}

// TaskName is a task as one picks it from a list.
type TaskName struct {
	ID     TaskID
	Title  string
	State  State
	Reward economy.Amount
}

// QueueQuery asks for what is to be reviewed.
type QueueQuery struct {
	Guild    economy.GuildID
	Reviewer Reviewer
	After    SubmissionID // 0: from the oldest
	At       time.Time
}

// QueuePage is the next submission to be reviewed.
type QueuePage struct {
	Submission *Submission // nil: none waits
	Waiting    int         // how many wait that are not the reviewer's, this one and earlier ones too, counted up to 100
	Currency   economy.Currency
}

// ClaimReceipt is the result of a claim.
type ClaimReceipt struct {
	Claim    ClaimID          `json:"claim"`
	Task     TaskID           `json:"task"`
	Title    string           `json:"title"`
	Proof    Proof            `json:"proof"`
	Review   Review           `json:"review"`
	Reward   economy.Amount   `json:"reward"`
	Due      time.Time        `json:"due,omitzero"` // see Claim.Due
	Tries    int              `json:"tries"`        // that he has
	Currency economy.Currency `json:"currency"`
}

// SubmitReceipt is the result of handing in.
type SubmitReceipt struct {
	Submission  SubmissionID          `json:"submission"`
	Claim       ClaimID               `json:"claim"`
	Task        TaskID                `json:"task"`
	Title       string                `json:"title"`
	State       ClaimState            `json:"state"`        // Submitted, Approved, Rejected or Failed
	Left        int                   `json:"left"`         // tries, with Rejected; see Claim.Left
	Due         time.Time             `json:"due,omitzero"` // with Rejected; see Claim.Due
	Reward      economy.Amount        `json:"reward"`       // that was promised
	Paid        economy.Amount        `json:"paid"`         // with Approved
	Transaction economy.TransactionID `json:"transaction"`  // 0: nothing was paid
	Balance     economy.Amount        `json:"balance"`      // after
	Currency    economy.Currency      `json:"currency"`
}

// ReviewReceipt is the result of a review.
type ReviewReceipt struct {
	Submission  Submission            `json:"submission"`  // after it
	State       ClaimState            `json:"state"`       // of the claim: Approved, Rejected or Failed
	Left        int                   `json:"left"`        // tries, with Rejected; see Claim.Left
	Transaction economy.TransactionID `json:"transaction"` // 0: nothing was paid
	Currency    economy.Currency      `json:"currency"`
}
