package postgrest

import (
	"context"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// ClaimTask implements tasks.Store.
func (s *Store) ClaimTask(ctx context.Context, c tasks.Claiming) (tasks.ClaimReceipt, error) {
	return write[tasks.ClaimReceipt](ctx, s, "coffer_claim_task", struct {
		Request request          `json:"request"`
		Member  person           `json:"member"`
		Roles   []economy.RoleID `json:"roles"`
		Task    tasks.TaskID     `json:"task"`
		Folded  string           `json:"folded"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Member), c.Roles, c.Task.ID, economy.Fold(c.Task.Title)})
}

// SubmitWork implements tasks.Store. What the work proves is decided here, by the
// rules; which of it the task asks for, there.
func (s *Store) SubmitWork(ctx context.Context, c tasks.Submitting) (tasks.SubmitReceipt, error) {
	var proves []tasks.Proof
	for _, p := range tasks.Proofs {
		if c.Work.Proves(p) {
			proves = append(proves, p)
		}
	}
	var image *tasks.Image
	if c.Work.Image != (tasks.Image{}) {
		image = &c.Work.Image
	}
	return write[tasks.SubmitReceipt](ctx, s, "coffer_submit_work", struct {
		Request request       `json:"request"`
		Member  person        `json:"member"`
		Task    tasks.TaskID  `json:"task"`
		Folded  string        `json:"folded"`
		Words   string        `json:"words"`
		Image   *tasks.Image  `json:"image"`
		Answer  string        `json:"answer"`
		Proves  []tasks.Proof `json:"proves"`
	}{
		requestOf(c.Request, c.Fingerprint()), personOf(c.Member), c.Task.ID, economy.Fold(c.Task.Title),
		c.Work.Text, image, economy.Fold(c.Work.Text), proves,
	})
}

// DropClaim implements tasks.Store.
func (s *Store) DropClaim(ctx context.Context, c tasks.Dropping) (tasks.Claim, error) {
	return write[tasks.Claim](ctx, s, "coffer_drop_claim", struct {
		Request request      `json:"request"`
		Member  person       `json:"member"`
		Task    tasks.TaskID `json:"task"`
		Folded  string       `json:"folded"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Member), c.Task.ID, economy.Fold(c.Task.Title)})
}

// Claims implements tasks.Store.
func (s *Store) Claims(ctx context.Context, q tasks.ClaimsQuery) (tasks.ClaimsPage, error) {
	skip, size := page(q.Page, q.Size)
	found, err := read[struct {
		Claims   []tasks.Claim    `json:"claims"`
		Currency economy.Currency `json:"currency"`
	}](ctx, s, "coffer_claims", struct {
		Guild  economy.GuildID `json:"guild"`
		At     time.Time       `json:"at"`
		Viewer person          `json:"viewer"`
		Skip   int64           `json:"skip"`
		Size   int             `json:"size"`
	}{q.Guild, instant(q.At), personOf(q.Viewer), skip, size + 1})
	list, more := first(found.Claims, size)
	return tasks.ClaimsPage{Claims: list, More: more, Currency: found.Currency}, err
}

// ReviewSubmission implements tasks.Store.
func (s *Store) ReviewSubmission(ctx context.Context, c tasks.Reviewing) (tasks.ReviewReceipt, error) {
	return write[tasks.ReviewReceipt](ctx, s, "coffer_review_submission", struct {
		Request    request            `json:"request"`
		Reviewer   person             `json:"reviewer"`
		Roles      []economy.RoleID   `json:"roles"`
		Manager    bool               `json:"manager"`
		Submission tasks.SubmissionID `json:"submission"`
		Approve    bool               `json:"approve"`
		Percent    int                `json:"percent"`
		Reason     string             `json:"reason"`
	}{
		requestOf(c.Request, c.Fingerprint()), personOf(c.Reviewer.Person), c.Reviewer.Roles, c.Reviewer.Manager,
		c.Submission, c.Approve, c.Percent, c.Reason,
	})
}

// ReviewQueue implements tasks.Store.
func (s *Store) ReviewQueue(ctx context.Context, q tasks.QueueQuery) (tasks.QueuePage, error) {
	found, err := read[*struct {
		Submission *tasks.Submission `json:"submission"`
		Waiting    int               `json:"waiting"`
		Currency   economy.Currency  `json:"currency"`
	}](ctx, s, "coffer_review_queue", struct {
		Guild    economy.GuildID    `json:"guild"`
		At       time.Time          `json:"at"`
		Reviewer person             `json:"reviewer"`
		Roles    []economy.RoleID   `json:"roles"`
		Manager  bool               `json:"manager"`
		After    tasks.SubmissionID `json:"after"`
	}{q.Guild, instant(q.At), personOf(q.Reviewer.Person), q.Reviewer.Roles, q.Reviewer.Manager, q.After})
	switch {
	case err != nil:
		return tasks.QueuePage{}, err
	case found == nil: // not raised, for the reviewer has been met
		return tasks.QueuePage{}, tasks.ErrNotReviewer
	}
	return tasks.QueuePage(*found), nil
}
