package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

const claimColumns = `c.id, c.task_id, c.member_id, c.state, c.reward, c.tries, c.due, c.created_at,
	coalesce((SELECT reason FROM submissions WHERE claim_id = c.id AND state = 'refused' ORDER BY try DESC LIMIT 1), ''),
	coalesce((SELECT paid FROM submissions WHERE claim_id = c.id AND state = 'accepted'), 0)`

// The states of claims that run, and of those that wait for their members.
const (
	claimRuns        = "state IN ('claimed', 'submitted', 'rejected')"
	claimUnsubmitted = "state IN ('claimed', 'rejected')"
)

// claimRow is where the columns of a claim are scanned to.
type claimRow struct {
	tasks.Claim
	member int64
	end    time.Time // its own; zero: none
	due    sql.NullInt64
	at     int64
}

func (r *claimRow) columns() []any {
	return []any{&r.ID, &r.Task, &r.member, &r.State, &r.Reward, &r.Tries, &r.due, &r.at, &r.Reason, &r.Paid}
}

// scanned completes the row after its columns were scanned. Its state is that which
// is written.
func (r *claimRow) scanned() { r.end, r.Claimed = moment(r.due), time.UnixMicro(r.at).UTC() }

// seen returns the claim as its member sees it.
func (r claimRow) seen(task tasks.Task, at time.Time) tasks.Claim {
	r.Title, r.Proof = task.Title, task.Proof
	r.State, r.Left, r.Due = task.Standing(r.State, r.Tries, r.end, at)
	return r.Claim
}

// claim returns the newest of a member's claims on a task that are so; nil: there is none.
func (t *tx) claim(task tasks.TaskID, member int64, so string) (*claimRow, error) {
	var r claimRow
	err := t.row("SELECT "+claimColumns+" FROM claims c WHERE c.task_id = ? AND c.member_id = ? AND "+so+" ORDER BY c.id DESC LIMIT 1",
		[]any{int64(task), member}, r.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	r.scanned()
	return &r, err
}

// past returns what a member has done of a task before, but for what runs, and the
// title of its prerequisite.
func (t *tx) past(task tasks.Task, member int64) (p tasks.Past, prerequisite string, err error) {
	var latest sql.NullInt32
	err = t.row(`SELECT (SELECT max(period) FROM claims WHERE task_id = ?1 AND member_id = ?2 AND state NOT IN ('dropped', 'expired')
			AND state IN ('approved', 'failed')),
		EXISTS (SELECT 1 FROM claims WHERE task_id = ?3 AND member_id = ?2 AND state = 'approved'),
		coalesce((SELECT title FROM tasks WHERE id = ?3), '')`,
		[]any{int64(task.ID), member, int64(task.Prerequisite)}, &latest, &p.Prerequisite, &prerequisite)
	p.Counts, p.Latest = latest.Valid, economy.Day(latest.Int32)
	return p, prerequisite, err
}

// doing is what the event of a claim tells.
type doing struct {
	Task  tasks.TaskID     `json:"task"`
	State tasks.ClaimState `json:"state"`
}

// turn writes a claim with another state, counts its place, and tells of it. A nil
// actor is the system.
func (t *tx) turn(r economy.Request, actor *member, c *claimRow, to tasks.ClaimState) error {
	before := doing{c.Task, c.State}
	if _, err := t.exec("UPDATE claims SET state = ?, tries = ?, due = ? WHERE id = ?",
		string(to), c.Tries, micros(c.end), int64(c.ID)); err != nil {
		return err
	}
	if c.State.HoldsPlace() && !to.HoldsPlace() {
		if _, err := t.exec("UPDATE tasks SET taken = taken - 1 WHERE id = ?", int64(c.Task)); err != nil {
			return err
		}
	}
	c.State = to
	return t.tell(event{guild: r.Guild, actor: actor, kind: "claim." + string(to), subject: about("claim", c.ID),
		before: before, after: doing{c.Task, to}, at: r.At})
}

// showPlaces has a task's card show how many places are taken, where they are limited.
func (s *Store) showPlaces(t *tx, r economy.Request, task tasks.Task) error {
	if task.Places == 0 {
		return nil
	}
	return s.deliverCard(t, r.Guild, about("task", task.ID), r.At)
}

// ClaimTask implements tasks.Store.
func (s *Store) ClaimTask(ctx context.Context, c tasks.Claiming) (tasks.ClaimReceipt, error) {
	return once(ctx, s, "task.claim", c.Request, c.Fingerprint(),
		func(t *tx) (receipt tasks.ClaimReceipt, _ economy.TransactionID, err error) {
			r := c.Request
			settings, m, err := t.enter(r, c.Member)
			if err != nil {
				return receipt, 0, err
			}
			task, err := t.meant(r.Guild, c.Task)
			if err == nil && (task.State == tasks.Draft || task.State == tasks.Archived) {
				err = tasks.ErrUnknownTask
			}
			if err != nil {
				return receipt, 0, err
			}
			period, err := s.mayClaim(t, c, task.Task, m, settings)
			if err != nil {
				return receipt, 0, err
			}
			if err := t.makeRoom(r, task); err != nil {
				return receipt, 0, err
			}
			due := task.Due(r.At)
			receipt = tasks.ClaimReceipt{Task: task.ID, Title: task.Title, Proof: task.Proof, Review: task.Review, Reward: task.Reward,
				Currency: settings.Currency()}
			var spent int
			if err := t.row(`INSERT INTO claims (task_id, member_id, period, reward, due, created_at, spent, tries)
				SELECT ?1, ?2, ?3, ?4, ?5, ?6, spent, spent FROM (SELECT coalesce(max(tries), 0) AS spent FROM claims
					WHERE task_id = ?1 AND member_id = ?2 AND period = ?3) RETURNING id, spent`,
				[]any{int64(task.ID), m.id, int32(period), int64(task.Reward), micros(due), r.At.UnixMicro()}, &receipt.Claim, &spent); err != nil {
				return receipt, 0, err
			}
			_, receipt.Tries, receipt.Due = task.Standing(tasks.Claimed, spent, due, cut(r.At))
			if _, err := t.exec("UPDATE tasks SET taken = taken + 1 WHERE id = ?", int64(task.ID)); err != nil {
				return receipt, 0, err
			}
			if err := t.tell(event{guild: r.Guild, actor: m, kind: "claim.created", subject: about("claim", receipt.Claim),
				after: doing{task.ID, tasks.Claimed}, at: r.At}); err != nil {
				return receipt, 0, err
			}
			return receipt, 0, s.showPlaces(t, r, task.Task)
		})
}

// cut returns a time as it is stored.
func cut(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

// mayClaim returns the period of a claim, and expires the member's own that is over.
func (s *Store) mayClaim(t *tx, c tasks.Claiming, task tasks.Task, m *member, settings economy.Settings) (economy.Day, error) {
	zone, err := s.zones.Stored(settings.TimeZone)
	if err != nil {
		return 0, err
	}
	past, prerequisite, err := t.past(task, m.id)
	if err != nil {
		return 0, err
	}
	mine, err := t.claim(task.ID, m.id, claimRuns)
	if err != nil {
		return 0, err
	}
	over := false
	if mine != nil {
		past.Running, _, _ = task.Standing(mine.State, mine.Tries, mine.end, cut(c.Request.At))
		if over = !past.Running.Runs(); over {
			past.Running = ""
		}
	}
	period, err := c.Of(task, past, prerequisite, zone)
	if err == nil && over {
		err = t.turn(c.Request, nil, mine, tasks.Expired)
	}
	return period, err
}

// makeRoom sees to a place for one more claim: if none is left, it expires all claims
// of the task that are over. Errors: tasks.ErrNoPlace.
func (t *tx) makeRoom(r economy.Request, task taskRow) error {
	full := func() (full bool, err error) {
		err = t.row("SELECT places > 0 AND taken >= places FROM tasks WHERE id = ?", []any{int64(task.ID)}, &full)
		return full, err
	}
	if is, err := full(); err != nil || !is {
		return err
	}
	var over []claimRow
	if err := t.each("SELECT "+claimColumns+" FROM claims c WHERE c.task_id = ? AND c."+claimUnsubmitted+" AND c.due <= ? ORDER BY c.id",
		[]any{int64(task.ID), r.At.UnixMicro()}, func(rows *sql.Rows) error {
			var c claimRow
			err := rows.Scan(c.columns()...)
			c.scanned()
			over = append(over, c)
			return err
		}); err != nil {
		return err
	}
	for i := range over {
		if err := t.turn(r, nil, &over[i], tasks.Expired); err != nil {
			return err
		}
	}
	is, err := full()
	if err == nil && is {
		err = tasks.ErrNoPlace.With("places", task.Places)
	}
	return err
}

// DropClaim implements tasks.Store.
func (s *Store) DropClaim(ctx context.Context, c tasks.Dropping) (tasks.Claim, error) {
	return once(ctx, s, "task.drop", c.Request, c.Fingerprint(),
		func(t *tx) (claim tasks.Claim, _ economy.TransactionID, err error) {
			r := c.Request
			_, m, err := t.enter(r, c.Member)
			if err != nil {
				return claim, 0, err
			}
			task, mine, err := t.working(r, c.Task, m)
			if err != nil {
				return claim, 0, err
			}
			switch state, _, _ := task.Standing(mine.State, mine.Tries, mine.end, cut(r.At)); state {
			case tasks.Expired:
				return claim, 0, tasks.ErrNoClaim
			case tasks.Submitted:
				return claim, 0, tasks.ErrClaimState
			}
			if err := t.turn(r, m, mine, tasks.Dropped); err != nil {
				return claim, 0, err
			}
			return mine.seen(task, cut(r.At)), 0, s.showPlaces(t, r, task)
		})
}

// working returns a task and the member's claim on it that runs, as it is written.
// Errors: tasks.ErrUnknownTask, tasks.ErrNoClaim.
func (t *tx) working(r economy.Request, ref tasks.Ref, m *member) (tasks.Task, *claimRow, error) {
	task, err := t.meant(r.Guild, ref)
	if err == nil && task.State == tasks.Draft {
		err = tasks.ErrUnknownTask
	}
	if err != nil {
		return task.Task, nil, err
	}
	mine, err := t.claim(task.ID, m.id, claimRuns)
	if err == nil && mine == nil {
		err = tasks.ErrNoClaim
	}
	return task.Task, mine, err
}

// Claims implements tasks.Store.
func (s *Store) Claims(ctx context.Context, q tasks.ClaimsQuery) (page tasks.ClaimsPage, err error) {
	size, skip := turn(q.Page, q.Size)
	err = s.visit(ctx, q.Guild, q.At, func(t *tx) error {
		if !t.snapshot {
			return errSnapshot
		}
		viewer, err := t.member(q.Guild, q.Viewer.User)
		if err != nil {
			return err
		}
		settings, err := t.settings(q.Guild)
		if err != nil {
			return err
		}
		page = tasks.ClaimsPage{Currency: settings.Currency()}
		if err := t.each("SELECT "+claimColumns+", "+taskColumns+` FROM claims c JOIN tasks t ON t.id = c.task_id
			WHERE c.member_id = ? ORDER BY c.id DESC LIMIT ? OFFSET ?`, []any{viewer.id, size + 1, skip}, func(rows *sql.Rows) error {
			var c claimRow
			var task taskRow
			err := rows.Scan(append(c.columns(), task.columns()...)...)
			c.scanned()
			task.scanned()
			page.Claims = append(page.Claims, c.seen(task.Task, cut(q.At)))
			return err
		}); err != nil {
			return err
		}
		if page.More = len(page.Claims) > size; page.More {
			page.Claims = page.Claims[:size]
		}
		return nil
	}, q.Viewer)
	return page, err
}
