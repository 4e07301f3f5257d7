package tasks

import (
	"context"
	"time"

	"coffer/internal/economy"
)

// Office is what admins see of tasks and of what was handed in. It is part of the same
// store as Store, by whose operations they change something. Its reads create nobody:
// an unknown guild has nothing. Each costs what its page does, whatever the guild has.
type Office interface {
	// TaskList returns a page of the guild's tasks, the newest first.
	TaskList(context.Context, TaskListQuery) (TaskListPage, error)

	// TaskSheet returns one task, in any state. Errors: ErrUnknownTask.
	TaskSheet(ctx context.Context, guild economy.GuildID, id TaskID) (TaskSheet, error)

	// Submissions returns a page of what was handed in: of what waits the oldest first,
	// so that nobody waits for ever, and else the newest first.
	Submissions(context.Context, SubmissionsQuery) (SubmissionsPage, error)

	// SubmissionSheet returns one submission. Errors: ErrUnknownSubmission.
	SubmissionSheet(ctx context.Context, guild economy.GuildID, id SubmissionID) (SubmissionSheet, error)
}

// States are all states of a task.
var States = []State{Draft, Open, Closed, Archived}

// SubmissionStates are all states of a submission.
var SubmissionStates = []SubmissionState{Waiting, Accepted, Refused}

// MostCounted is up to how many submissions that wait are counted.
const MostCounted = 100

// TaskListQuery asks for a page of a guild's tasks.
type TaskListQuery struct {
	Guild  economy.GuildID
	State  State  // empty: all
	Text   string // that the title contains, as economy.Fold has both; empty: any
	Before TaskID // only older ones; 0: from the newest
	Size   int    // tasks a page, 1 to economy.MaxPage
}

// TaskListPage is a page of tasks.
type TaskListPage struct {
	Tasks []TaskSheet
	More  bool // another page follows
}

// TaskSheet is a task as an admin sees it.
type TaskSheet struct {
	Task      Task
	Taken     int // places, by claims that run or were approved, as it is written
	Waiting   int // submissions that wait for their review, counted up to MostCounted
	Created   time.Time
	Changed   time.Time     // by its newest event
	ChangedBy economy.Actor // who did that
}

// SubmissionsQuery asks for a page of what was handed in.
type SubmissionsQuery struct {
	Guild  economy.GuildID
	State  SubmissionState // empty: all
	Task   TaskID          // 0: of all
	Member int64           // surrogate number; 0: of all
	After  SubmissionID    // only those that come after it in the order of the list; 0: from the first
	Size   int             // submissions a page, 1 to economy.MaxPage
}

// SubmissionsPage is a page of submissions.
type SubmissionsPage struct {
	Submissions []SubmissionSheet
	More        bool // another page follows
	Waiting     int  // how many wait in the guild, whatever was asked for, counted up to MostCounted
}

// SubmissionSheet is a submission as an admin sees it.
type SubmissionSheet struct {
	Submission  Submission
	Worker      economy.Actor         // whose it is
	Transaction economy.TransactionID // by which it was paid; 0: nothing was
	Card        CardPlace
}

// CardPlace is where Discord shows a submission to its reviewers.
type CardPlace struct {
	Channel economy.ChannelID // empty: it is not shown
	Message string            // empty: it was not posted yet
}
