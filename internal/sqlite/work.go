package sqlite

import (
	"context"
	"encoding/json"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/tasks"
)

// SubmitWork implements tasks.Store.
func (s *Store) SubmitWork(ctx context.Context, c tasks.Submitting) (tasks.SubmitReceipt, error) {
	return once(ctx, s, "task.submit", c.Request, c.Fingerprint(),
		func(t *tx) (receipt tasks.SubmitReceipt, id economy.TransactionID, err error) {
			r := c.Request
			settings, m, err := t.enter(r, c.Member)
			if err != nil {
				return receipt, 0, err
			}
			task, mine, err := t.working(r, c.Task, m)
			if err != nil {
				return receipt, 0, err
			}
			if err := c.Of(task, mine.State, mine.end); err != nil {
				return receipt, 0, err
			}
			mine.Tries++
			if err := t.turn(r, m, mine, tasks.Submitted); err != nil {
				return receipt, 0, err
			}
			receipt = tasks.SubmitReceipt{Claim: mine.ID, Task: task.ID, Title: task.Title, State: c.Verdict(task.Terms, mine.Tries),
				Reward: mine.Reward, Currency: settings.Currency()}
			if receipt.Submission, err = t.handIn(r, mine, task.Proof, c.Work); err != nil {
				return receipt, 0, err
			}
			if receipt.State == tasks.Submitted {
				err = s.askReviewers(t, r, settings, receipt.Submission)
			} else {
				d := decision{Request: r, settings: settings, actor: m, submission: receipt.Submission, task: task, claim: mine, worker: m,
					to: receipt.State, percent: 100}
				receipt.Paid, id, err = s.decide(t, d)
			}
			receipt.Transaction, receipt.Balance = id, m.balance
			_, receipt.Left, receipt.Due = task.Standing(mine.State, mine.Tries, mine.end, cut(r.At))
			return receipt, id, err
		})
}

// handIn writes what was handed in for a claim.
func (t *tx) handIn(r economy.Request, c *claimRow, proof tasks.Proof, w tasks.Work) (id tasks.SubmissionID, err error) {
	err = t.row(`INSERT INTO submissions (guild_id, claim_id, task_id, member_id, try, proof, text, image, image_name, image_type, image_size,
		image_expires, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		[]any{string(r.Guild), int64(c.ID), int64(c.Task), c.member, c.Tries, string(proof), w.Text, w.Image.URL, w.Image.Name, w.Image.Type, w.Image.Size,
			micros(w.Image.Expires), r.At.UnixMicro()}, &id)
	return id, err
}

// askReviewers has work shown where reviewers look for it.
func (s *Store) askReviewers(t *tx, r economy.Request, settings economy.Settings, id tasks.SubmissionID) error {
	subject := about("submission", id)
	if err := t.wantCard(r.Guild, subject, settings.ReviewChannel); err != nil {
		return err
	}
	return s.deliverCard(t, r.Guild, subject, r.At)
}

// decision is what becomes of work that was handed in.
type decision struct {
	economy.Request
	settings   economy.Settings
	actor      *member
	person     bool // who reviewed it, and is told to the member
	submission tasks.SubmissionID
	task       tasks.Task
	claim      *claimRow
	worker     *member
	to         tasks.ClaimState // Approved, Rejected or Failed
	percent    int              // with Approved
	reason     string           // else
}

// decide writes a decision, pays the member, tells of it and has it shown. It returns
// what was paid by which transaction, if anything was.
func (s *Store) decide(t *tx, d decision) (paid economy.Amount, id economy.TransactionID, err error) {
	state, reviewer := tasks.Refused, (*member)(nil)
	if d.person {
		reviewer = d.actor
	}
	switch d.to {
	case tasks.Approved:
		state = tasks.Accepted
		if paid = tasks.Pay(d.claim.Reward, d.percent, d.worker.balance, d.settings); paid > 0 {
			if id, err = t.post(movement{guild: d.Guild, kind: economy.KindReward, actor: d.actor, note: d.task.Title, at: d.At, legs: []leg{
				{system: economy.Mint, amount: -paid}, {member: d.worker, amount: paid}}}); err != nil {
				return 0, 0, err
			}
		}
	case tasks.Rejected:
		d.percent, d.claim.end, d.claim.Reason = 0, d.task.Due(d.At), d.reason
	default:
		d.percent, d.claim.Reason = 0, d.reason
	}
	if _, err := t.exec(`UPDATE submissions SET state = ?, reviewer_id = ?, percent = ?, paid = ?, transaction_id = ?, reason = ?, reviewed_at = ?
		WHERE id = ?`, string(state), reviewer.ref(), d.percent, int64(paid), reference(id), d.reason, d.At.UnixMicro(), int64(d.submission)); err != nil {
		return 0, 0, err
	}
	if err := t.turn(d.Request, d.actor, d.claim, d.to); err != nil {
		return 0, 0, err
	}
	return paid, id, s.showDecision(t, d, paid)
}

// showDecision has a decision delivered to whom it concerns.
func (s *Store) showDecision(t *tx, d decision, paid economy.Amount) error {
	if d.person {
		_, left, due := d.task.Standing(d.claim.State, d.claim.Tries, d.claim.end, cut(d.At))
		args, err := json.Marshal(tasks.ReviewNotice{Task: d.task.ID, Title: d.task.Title, State: d.to, Percent: d.percent, Paid: paid,
			Reason: d.reason, Left: left, Due: due, Currency: d.settings.Currency()})
		if err != nil {
			return err
		}
		if err := s.notify(t, d.Guild, d.worker, "", outbox.Notice{Name: outbox.NoticeReviewed, Args: args}, d.At); err != nil {
			return err
		}
	}
	if err := s.deliverCard(t, d.Guild, about("submission", d.submission), d.At); err != nil || d.to != tasks.Failed {
		return err
	}
	return s.showPlaces(t, d.Request, d.task)
}
