package api

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
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

// reviewAll answers reviewSubmissions: each submission is an operation of its own. The
// first that is decided has the request's key, which is the list's from then on; the
// others have keys that follow from it, so that the whole can be sent again.
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
	verdict, err := verdictBody{body.Approve, body.Percent, body.Reason}.verdict(request, d.reviewer(r), ids[0])
	if err != nil {
		return err
	}
	verdict.List = ids
	ended := make([]reviewedJSON, len(ids))
	rest, err := d.begin(r, verdict, ended)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(reviewsAtATime)
	for _, i := range rest {
		group.Go(func() error {
			v := verdict
			v.Submission = ids[i]
			v.Request.Key += "/" + showID(v.Submission)
			receipt, err := d.decide(r, v)
			ended[i] = showReviewed(r, v.Submission, receipt, err)
			return nil
		})
	}
	_ = group.Wait() // no one fails for all
	write(w, http.StatusOK, struct {
		Data []reviewedJSON `json:"data"`
	}{ended})
	return nil
}

// begin decides on the submissions of a list one by one under the list's own key, until
// one is decided or it is found that one was, and tells which are left.
// Errors: key_reused, and those of a store that does not answer; then nothing is decided
// that the same request does not find again.
func (d submissionDesk) begin(r *http.Request, v tasks.Reviewing, ended []reviewedJSON) (rest []int, err error) {
	for i, id := range v.List {
		v.Submission = id
		receipt, err := d.decide(r, v)
		if p := problem.Of(err); err != nil && (p.Is(economy.ErrKeyReused) || p.Kind == problem.Unavailable || p.Kind == problem.Internal) {
			return nil, err
		}
		if err != nil {
			ended[i] = showReviewed(r, id, receipt, err)
			continue
		}
		first := slices.Index(v.List, receipt.Submission.ID) // may be another: of an earlier request
		ended[first] = showReviewed(r, receipt.Submission.ID, receipt, nil)
		for ; i < len(v.List); i++ {
			if i != first {
				rest = append(rest, i)
			}
		}
		return rest, nil
	}
	return nil, nil
}

func showReviewed(r *http.Request, id tasks.SubmissionID, receipt tasks.ReviewReceipt, err error) reviewedJSON {
	if err != nil {
		p := problem.Of(err)
		return reviewedJSON{Submission: showID(id), Problem: document(p, statusOf(p), requestlog.ID(r.Context()))}
	}
	result := showOutcome(receipt)
	return reviewedJSON{Submission: showID(id), OK: true, Result: &result}
}
