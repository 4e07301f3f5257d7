package postgrest

import (
	"context"
	"math"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// among returns the one that is asked for, or all where it is none.
func among[S ~string](one S, all []S) []S {
	if one == "" {
		return all
	}
	return []S{one}
}

// beyond returns where a page from the newest begins: behind a number, or with 0 behind none.
func beyond[ID ~int64](id ID) int64 {
	if id == 0 {
		return math.MaxInt64
	}
	return int64(id)
}

// taskSheet is a task as functions show it to admins.
type taskSheet struct {
	Task      tasks.Task    `json:"task"`
	Taken     int           `json:"taken"`
	Waiting   int           `json:"waiting"`
	Created   time.Time     `json:"created"`
	Changed   time.Time     `json:"changed"`
	ChangedBy economy.Actor `json:"changed_by"`
}

// TaskList implements tasks.Office.
func (s *Store) TaskList(ctx context.Context, q tasks.TaskListQuery) (tasks.TaskListPage, error) {
	size := limited(q.Size)
	found, err := read[[]taskSheet](ctx, s, "coffer_task_list", struct {
		Guild  economy.GuildID `json:"guild"`
		States []tasks.State   `json:"states"`
		Folded string          `json:"folded"`
		Before int64           `json:"before"`
		Size   int             `json:"size"`
	}{q.Guild, among(q.State, tasks.States), economy.Fold(q.Text), beyond(q.Before), size + 1})
	shown, more := first(found, size)
	list := tasks.TaskListPage{More: more}
	for _, t := range shown {
		list.Tasks = append(list.Tasks, tasks.TaskSheet(t))
	}
	return list, err
}

// TaskSheet implements tasks.Office.
func (s *Store) TaskSheet(ctx context.Context, guild economy.GuildID, id tasks.TaskID) (tasks.TaskSheet, error) {
	found, err := read[*taskSheet](ctx, s, "coffer_task_sheet", struct {
		Guild economy.GuildID `json:"guild"`
		Task  tasks.TaskID    `json:"task"`
	}{guild, id})
	switch {
	case err != nil:
		return tasks.TaskSheet{}, err
	case found == nil:
		return tasks.TaskSheet{}, tasks.ErrUnknownTask
	}
	return tasks.TaskSheet(*found), nil
}

// submissionSheet is a submission as functions show it to admins.
type submissionSheet struct {
	Submission  tasks.Submission      `json:"submission"`
	Worker      economy.Actor         `json:"worker"`
	Transaction economy.TransactionID `json:"transaction"`
	Channel     economy.ChannelID     `json:"channel"`
	Message     string                `json:"message"`
}

func (v submissionSheet) sheet() tasks.SubmissionSheet {
	return tasks.SubmissionSheet{
		Submission: v.Submission, Worker: v.Worker, Transaction: v.Transaction,
		Card: tasks.CardPlace{Channel: v.Channel, Message: v.Message},
	}
}

// Submissions implements tasks.Office.
func (s *Store) Submissions(ctx context.Context, q tasks.SubmissionsQuery) (tasks.SubmissionsPage, error) {
	size, oldest, after := limited(q.Size), q.State == tasks.Waiting, int64(q.After)
	if !oldest {
		after = beyond(q.After)
	}
	found, err := read[struct {
		Submissions []submissionSheet `json:"submissions"`
		Waiting     int               `json:"waiting"`
	}](ctx, s, "coffer_submissions", struct {
		Guild  economy.GuildID         `json:"guild"`
		States []tasks.SubmissionState `json:"states"`
		Task   tasks.TaskID            `json:"task"`
		Member int64                   `json:"member"`
		Oldest bool                    `json:"oldest"`
		After  int64                   `json:"after"`
		Size   int                     `json:"size"`
	}{q.Guild, among(q.State, tasks.SubmissionStates), q.Task, q.Member, oldest, after, size + 1})
	shown, more := first(found.Submissions, size)
	list := tasks.SubmissionsPage{More: more, Waiting: found.Waiting}
	for _, v := range shown {
		list.Submissions = append(list.Submissions, v.sheet())
	}
	return list, err
}

// SubmissionSheet implements tasks.Office.
func (s *Store) SubmissionSheet(ctx context.Context, guild economy.GuildID, id tasks.SubmissionID) (tasks.SubmissionSheet, error) {
	found, err := read[*submissionSheet](ctx, s, "coffer_submission_sheet", struct {
		Guild      economy.GuildID    `json:"guild"`
		Submission tasks.SubmissionID `json:"submission"`
	}{guild, id})
	switch {
	case err != nil:
		return tasks.SubmissionSheet{}, err
	case found == nil:
		return tasks.SubmissionSheet{}, tasks.ErrUnknownSubmission
	}
	return found.sheet(), nil
}
