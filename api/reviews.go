package api

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/requestlog"
	"coffer/internal/tasks"
)

// verdictBody is what a reviewer decides.
type verdictBody struct {
	Approve bool    `json:"approve"`
	Percent *int    `json:"percent"` // of the reward, with an approval; all where it is left out
	Reason  *string `json:"reason"`  // with a rejection
}

// verdict is a reviewer's decision about a submission. Errors: percent, reason.
func (b verdictBody) verdict(request economy.Request, by tasks.Reviewer, id tasks.SubmissionID) (tasks.Reviewing, error) {
	if !b.Approve {
		v, err := tasks.NewRejection(request, by, id, text(b.Reason))
		return v, inField("reason", err)
	}
	percent := 100
	if b.Percent != nil {
		percent = *b.Percent
	}
	v, err := tasks.NewApproval(request, by, id, percent)
	return v, inField("percent", err)
}

// outcomeJSON is what became of a submission.
type outcomeJSON struct {
	Submission    string                `json:"submission"`
	State         tasks.SubmissionState `json:"state"`
	Percent       int                   `json:"percent"`
	Paid          economy.Amount        `json:"paid"`
	Reason        string                `json:"reason"`
	ReviewedAt    time.Time             `json:"reviewed_at"`
	ClaimState    tasks.ClaimState      `json:"claim_state"`
	TriesLeft     int                   `json:"tries_left"`
	TransactionID *string               `json:"transaction"`
}

func showOutcome(v tasks.ReviewReceipt) outcomeJSON {
	s := v.Submission
	return outcomeJSON{
		Submission: showID(s.ID), State: s.State, Percent: s.Percent, Paid: s.Paid, Reason: s.Reason, ReviewedAt: s.Reviewed.UTC(),
		ClaimState: v.State, TriesLeft: v.Left, TransactionID: idOrNull(v.Transaction),
	}
}

// review answers reviewSubmission.
func (d submissionDesk) review(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "submission")
	if err != nil {
		return err
	}
	request, err := requestOf(r, d.now())
	if err != nil {
		return err
	}
	body, err := decode[verdictBody](w, r)
	if err != nil {
		return err
	}
	verdict, err := body.verdict(request, d.reviewer(r), tasks.SubmissionID(id))
	if err != nil {
		return err
	}
	receipt, err := d.decide(r, verdict)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, showOutcome(receipt))
	return nil
}

// reviewer returns the caller as who reviews: his role is known to suffice.
func (d submissionDesk) reviewer(r *http.Request) tasks.Reviewer {
	return tasks.Reviewer{Person: callerOf(r).Person(), Manager: true}
}

// decide has the store decide. Nobody reviews his own work, under whatever name he
// signed in: of an account that came from Discord it is known who it is.
func (d submissionDesk) decide(r *http.Request, v tasks.Reviewing) (tasks.ReviewReceipt, error) {
	if user := callerOf(r).DiscordID; user != "" {
		sheet, err := d.store.SubmissionSheet(r.Context(), guildOf(r), v.Submission)
		switch {
		case err != nil:
			return tasks.ReviewReceipt{}, err
		case string(sheet.Worker.User) == user:
			return tasks.ReviewReceipt{}, tasks.ErrOwnSubmission
		}
	}
	receipt, err := d.store.ReviewSubmission(r.Context(), v)
	if errors.Is(err, tasks.ErrReviewed) {
		p := problem.Of(err)
		by, _ := p.Args["by"].(economy.Actor)
		err = p.With("by", showActor(by))
	}
	return receipt, err
}

const (
	mostReviews    = 100
	reviewsAtATime = 4
)

// reviewBody is one decision about many submissions.
type reviewBody struct {
	Submissions []string `json:"submissions"`
	Approve     bool     `json:"approve"`
	Percent     *int     `json:"percent"`
	Reason      *string  `json:"reason"`
}

// ids returns the submissions, each once. Errors: fields.
func (b reviewBody) ids() ([]tasks.SubmissionID, error) {
	if len(b.Submissions) < 1 || len(b.Submissions) > mostReviews {
		return nil, errFields.At(problem.Field{Field: "submissions", Code: "range", Detail: "Name 1 to 100 submissions."})
	}
	seen := map[int64]bool{}
	var ids []tasks.SubmissionID
	for i, s := range b.Submissions {
		id, ok := parseID(s)
		field := problem.Field{Field: fmt.Sprint("submissions/", i), Code: "format", Detail: "This must be a submission's id."}
		switch {
		case !ok:
			return nil, errFields.At(field)
		case seen[id]:
			field.Code, field.Detail = "repeated", "This is there already."
			return nil, errFields.At(field)
		}
		seen[id] = true
		ids = append(ids, tasks.SubmissionID(id))
	}
	return ids, nil
}

// reviewedJSON is how the review of one of many ended.
type reviewedJSON struct {
	Submission string       `json:"submission"`
	OK         bool         `json:"ok"`
	Problem    any          `json:"problem"`
	Result     *outcomeJSON `json:"result"`
}

// reviewAll answers reviewSubmissions: each submission is an operation of its own,
// with a key of its own, so that the whole can be sent again.
func (d submissionDesk) reviewAll(w http.ResponseWriter, r *http.Request) error {
	request, err := requestOf(r, d.now())
	if err != nil {
		return err
	}
	body, err := decode[reviewBody](w, r)
	if err != nil {
		return err
	}
	ids, err := body.ids()
	if err != nil {
		return err
	}
	decision := verdictBody{body.Approve, body.Percent, body.Reason}
	if _, err := decision.verdict(request, d.reviewer(r), ids[0]); err != nil {
		return err
	}
	ended := make([]reviewedJSON, len(ids))
	var group errgroup.Group
	group.SetLimit(reviewsAtATime)
	for i, id := range ids {
		group.Go(func() error {
			ended[i] = d.one(r, decision, request, id)
			return nil
		})
	}
	_ = group.Wait() // no one fails for all
	write(w, http.StatusOK, struct {
		Data []reviewedJSON `json:"data"`
	}{ended})
	return nil
}

// one reviews one of many.
func (d submissionDesk) one(r *http.Request, body verdictBody, request economy.Request, id tasks.SubmissionID) reviewedJSON {
	ended := reviewedJSON{Submission: showID(id)}
	request.Key += "/" + ended.Submission
	verdict, err := body.verdict(request, d.reviewer(r), id)
	if err == nil {
		var receipt tasks.ReviewReceipt
		if receipt, err = d.decide(r, verdict); err == nil {
			result := showOutcome(receipt)
			ended.OK, ended.Result = true, &result
			return ended
		}
	}
	p := problem.Of(err)
	ended.Problem = document(p, statusOf(p), requestlog.ID(r.Context()))
	return ended
}
