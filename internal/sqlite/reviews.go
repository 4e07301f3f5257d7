package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

const submissionColumns = `s.id, s.claim_id, c.task_id, t.title, s.proof, coalesce(m.user_id, ''), coalesce(m.name, ''), s.text,
	s.image, s.image_name, s.image_type, s.image_size, s.image_expires, c.reward, s.try, s.created_at, s.state,
	` + actorColumns + `,
	s.percent, s.paid, s.reason, s.state = 'refused' AND c.state = 'failed' AND s.try = c.tries, s.reviewed_at, c.member_id`

const fromSubmissions = ` FROM submissions s JOIN claims c ON c.id = s.claim_id JOIN tasks t ON t.id = c.task_id JOIN members m ON m.id = c.member_id
	LEFT JOIN accounts aa ON aa.id = s.reviewer_id LEFT JOIN members am ON am.id = aa.id`

const selectSubmission = "SELECT " + submissionColumns + fromSubmissions + " WHERE s.guild_id = ?1 AND "

// submissionRow is where the columns of a submission are scanned to.
type submissionRow struct {
	tasks.Submission
	member            int64 // whose it is
	at                int64
	expires, reviewed sql.NullInt64
}

func (r *submissionRow) columns() []any {
	s := &r.Submission
	by := &s.Reviewer
	return []any{&s.ID, &s.Claim, &s.Task, &s.Title, &s.Proof, &s.Member, &s.Name, &s.Work.Text,
		&s.Work.Image.URL, &s.Work.Image.Name, &s.Work.Image.Type, &s.Work.Image.Size, &r.expires, &s.Reward, &s.Try, &r.at, &s.State,
		&by.Kind, &by.ID, &by.User, &by.Name, &s.Percent, &s.Paid, &s.Reason, &s.Last, &r.reviewed, &r.member}
}

// scanned completes the row after its columns were scanned.
func (r *submissionRow) scanned() {
	r.At, r.Work.Image.Expires, r.Reviewed = time.UnixMicro(r.at).UTC(), moment(r.expires), moment(r.reviewed)
}

// submission returns one of a guild's. Errors: tasks.ErrUnknownSubmission.
func (t *tx) submission(guild economy.GuildID, id tasks.SubmissionID) (submissionRow, error) {
	r, err := t.scanSubmission("s.id = ?2", string(guild), int64(id))
	if errors.Is(err, sql.ErrNoRows) {
		err = tasks.ErrUnknownSubmission
	}
	return r, err
}

func (t *tx) scanSubmission(which string, args ...any) (r submissionRow, err error) {
	err = t.row(selectSubmission+which, args, r.columns()...)
	r.scanned()
	return r, err
}

// ReviewSubmission implements tasks.Store.
func (s *Store) ReviewSubmission(ctx context.Context, c tasks.Reviewing) (tasks.ReviewReceipt, error) {
	return once(ctx, s, "task.review", c.Request, c.Fingerprint(),
		func(t *tx) (receipt tasks.ReviewReceipt, id economy.TransactionID, err error) {
			r := c.Request
			settings, m, err := t.enter(r, c.Reviewer.Person)
			if err != nil {
				return receipt, 0, err
			}
			if !c.Reviewer.May(settings) {
				return receipt, 0, tasks.ErrNotReviewer
			}
			work, err := t.submission(r.Guild, c.Submission)
			switch {
			case err != nil:
				return receipt, 0, err
			case work.member == m.id:
				return receipt, 0, tasks.ErrOwnSubmission
			case work.State != tasks.Waiting:
				return receipt, 0, tasks.ErrReviewed.With("by", work.Reviewer).With("state", work.State).With("at", work.Reviewed)
			}
			d, err := t.weigh(c, settings, m, work)
			if err != nil {
				return receipt, 0, err
			}
			if _, id, err = s.decide(t, d); err != nil {
				return receipt, 0, err
			}
			receipt = tasks.ReviewReceipt{State: d.to, Transaction: id, Currency: settings.Currency()}
			_, receipt.Left, _ = d.task.Standing(d.claim.State, d.claim.Tries, d.claim.end, cut(r.At))
			work, err = t.submission(r.Guild, c.Submission)
			receipt.Submission = work.Submission
			return receipt, id, err
		})
}

// weigh returns what a reviewer's word makes of work that waits.
func (t *tx) weigh(c tasks.Reviewing, settings economy.Settings, reviewer *member, work submissionRow) (d decision, err error) {
	task, err := t.task(c.Request.Guild, work.Task)
	if err != nil {
		return d, err
	}
	claim, err := t.claim(work.Task, work.member, claimRuns)
	if err == nil && (claim == nil || claim.ID != work.Claim) {
		err = errors.New("a submission waits whose claim does not")
	}
	if err != nil {
		return d, err
	}
	worker, err := t.memberByID(work.member)
	return decision{Request: c.Request, settings: settings, actor: reviewer, person: true, submission: work.ID, task: task.Task, claim: claim,
		worker: worker, to: c.Verdict(task.Terms, claim.Tries), percent: c.Percent, reason: c.Reason}, err
}

// maxWaiting is up to how many the queue is counted.
const maxWaiting = 100

// waitingFor holds for submissions of the guild ?1 that the member ?2 may review.
const waitingFor = "s.guild_id = ?1 AND s.state = 'waiting' AND c.member_id <> ?2"

// ReviewQueue implements tasks.Store.
func (s *Store) ReviewQueue(ctx context.Context, q tasks.QueueQuery) (page tasks.QueuePage, err error) {
	err = s.visit(ctx, q.Guild, q.At, func(t *tx) error {
		if !t.snapshot {
			return errSnapshot
		}
		m, err := t.member(q.Guild, q.Reviewer.Person.User)
		if err != nil {
			return err
		}
		settings, err := t.settings(q.Guild)
		if err != nil {
			return err
		}
		if !q.Reviewer.May(settings) {
			return tasks.ErrNotReviewer
		}
		page = tasks.QueuePage{Currency: settings.Currency()}
		if err := t.row(`SELECT count(*) FROM (SELECT 1 FROM submissions s JOIN claims c ON c.id = s.claim_id WHERE `+waitingFor+` LIMIT ?3)`,
			[]any{string(q.Guild), m.id, maxWaiting}, &page.Waiting); err != nil {
			return err
		}
		next, err := t.scanSubmission("s.state = 'waiting' AND c.member_id <> ?2 AND s.id > ?3 ORDER BY s.id LIMIT 1",
			string(q.Guild), m.id, int64(q.After))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		page.Submission = &next.Submission
		return err
	}, q.Reviewer.Person)
	if err != nil {
		return tasks.QueuePage{}, err
	}
	return page, nil
}
