package api

import (
	"context"
	"net/http"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// SubmissionStore is what is asked of the store about work that was handed in.
type SubmissionStore interface {
	Submissions(context.Context, tasks.SubmissionsQuery) (tasks.SubmissionsPage, error)
	SubmissionSheet(context.Context, economy.GuildID, tasks.SubmissionID) (tasks.SubmissionSheet, error)
	ReviewSubmission(context.Context, tasks.Reviewing) (tasks.ReviewReceipt, error)
}

// submissionDesk has the handlers of submissions.
type submissionDesk struct {
	store    SubmissionStore
	pictures Pictures
	now      func() time.Time
}

// submissionJSON is work that was handed in.
type submissionJSON struct {
	ID            string                `json:"id"`
	Claim         string                `json:"claim"`
	Task          refJSON               `json:"task"`
	Member        actorJSON             `json:"member"`
	Proof         tasks.Proof           `json:"proof"`
	Text          string                `json:"text"`
	Picture       *pictureJSON          `json:"picture"`
	Reward        economy.Amount        `json:"reward"`
	Try           int                   `json:"try"`
	SubmittedAt   time.Time             `json:"submitted_at"`
	State         tasks.SubmissionState `json:"state"`
	Reviewer      *actorJSON            `json:"reviewer"`
	Percent       int                   `json:"percent"`
	Paid          economy.Amount        `json:"paid"`
	Reason        string                `json:"reason"`
	Last          bool                  `json:"last"`
	ReviewedAt    *time.Time            `json:"reviewed_at"`
	TransactionID *string               `json:"transaction"`
}

// refJSON names a thing.
type refJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// pictureJSON is a picture that was handed in. Where it can be seen, getProof tells.
type pictureJSON struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// showSubmission returns how a submission is shown to the caller. What was accepted and
// by no person may be its task's answer.
func showSubmission(r *http.Request) func(tasks.SubmissionSheet) submissionJSON {
	knows := callerOf(r).knowsAnswers()
	return func(v tasks.SubmissionSheet) submissionJSON {
		s := v.Submission
		j := submissionJSON{
			ID: showID(s.ID), Claim: showID(s.Claim), Task: refJSON{showID(s.Task), s.Title}, Member: showActor(v.Worker), Proof: s.Proof,
			Text: s.Work.Text, Reward: s.Reward, Try: s.Try, SubmittedAt: s.At.UTC(), State: s.State, Percent: s.Percent, Paid: s.Paid,
			Reason: s.Reason, Last: s.Last, ReviewedAt: timeOrNull(s.Reviewed), TransactionID: idOrNull(v.Transaction),
		}
		if s.Work.Image.URL != "" {
			j.Picture = &pictureJSON{s.Work.Image.Name, s.Work.Image.Type, s.Work.Image.Size}
		}
		if s.Reviewer != (economy.Actor{}) {
			by := showActor(s.Reviewer)
			j.Reviewer = &by
		} else if !knows && s.State == tasks.Accepted && s.Proof == tasks.ProofText {
			j.Text = ""
		}
		return j
	}
}

// list answers listSubmissions.
func (d submissionDesk) list(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	query := tasks.SubmissionsQuery{
		Guild: guildOf(r), State: tasks.SubmissionState(q.OneOf("state", "", "waiting", "accepted", "refused")),
		Task: tasks.TaskID(q.ID("task")), Member: q.ID("member"),
	}
	name := "submissions"
	if query.State == tasks.Waiting {
		name = "submissions that wait" // which are in the other order
	}
	p := q.Page(name, 1)
	query.After, query.Size = tasks.SubmissionID(p.Int(0)), p.Limit
	if err := q.Err(); err != nil {
		return err
	}
	found, err := d.store.Submissions(r.Context(), query)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, struct {
		pageJSON[submissionJSON]
		Waiting int `json:"waiting"`
	}{
		listJSON(p, found.Submissions, found.More, showSubmission(r), func(v tasks.SubmissionSheet) int64 { return int64(v.Submission.ID) }),
		found.Waiting,
	})
	return nil
}

// get answers getSubmission.
func (d submissionDesk) get(w http.ResponseWriter, r *http.Request) error {
	sheet, err := d.named(r)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, showSubmission(r)(sheet))
	return nil
}

// named returns the submission of the path.
func (d submissionDesk) named(r *http.Request) (tasks.SubmissionSheet, error) {
	id, err := pathID(r, "submission")
	if err != nil {
		return tasks.SubmissionSheet{}, err
	}
	return d.store.SubmissionSheet(r.Context(), guildOf(r), tasks.SubmissionID(id))
}
