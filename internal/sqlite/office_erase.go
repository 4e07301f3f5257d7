package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// Erase implements economy.Office.
func (s *Store) Erase(ctx context.Context, c economy.Erasure) (economy.ErasureReceipt, error) {
	return once(ctx, s, "erase", c.Request, c.Fingerprint(),
		func(t *tx) (receipt economy.ErasureReceipt, id economy.TransactionID, err error) {
			r := c.Request
			m, err := t.onList(r.Guild, economy.BulkRow{Member: c.Member})
			if errors.Is(err, errStranger) {
				err = economy.ErrUnknownMember
			}
			if err != nil {
				return receipt, 0, err
			}
			_, admin, err := t.enter(r, c.Admin)
			if err != nil {
				return receipt, 0, err
			}
			if admin.id == m.id { // who erases himself may be called otherwise since
				admin = m
			}
			if receipt.Burned = m.balance; m.balance > 0 {
				if receipt.Transaction, err = t.post(movement{guild: r.Guild, kind: economy.KindTake, actor: admin, at: r.At,
					legs: []leg{{member: m, amount: -m.balance}, {system: economy.Burn, amount: m.balance}}}); err != nil {
					return receipt, 0, err
				}
			}
			for _, step := range []func() error{
				func() error { return s.dropClaims(t, r, admin, m) },
				func() error { return s.endRoles(t, r, m) },
				func() error { return t.blank(r.Guild, m) },
				func() error { return s.showErased(t, r, m) },
			} {
				if err := step(); err != nil {
					return receipt, 0, err
				}
			}
			return receipt, receipt.Transaction, t.tell(event{guild: r.Guild, actor: admin, kind: "member.erased", subject: about("member", m.id), at: r.At})
		})
}

// dropClaims ends the claims of a member that run; what waits for its review is
// refused first.
func (s *Store) dropClaims(t *tx, r economy.Request, admin, m *member) error {
	var running []claimRow
	if err := t.each("SELECT "+claimColumns+" FROM claims c WHERE c.member_id = ? AND c."+claimRuns+" ORDER BY c.id", []any{m.id},
		func(rows *sql.Rows) error {
			var c claimRow
			err := rows.Scan(c.columns()...)
			c.scanned()
			running = append(running, c)
			return err
		}); err != nil {
		return err
	}
	for i := range running {
		c := &running[i]
		task, err := t.task(r.Guild, c.Task)
		if err != nil {
			return err
		}
		if c.State == tasks.Submitted {
			if _, err := t.exec("UPDATE submissions SET state = 'refused', reviewed_at = ? WHERE claim_id = ? AND state = 'waiting'",
				r.At.UnixMicro(), int64(c.ID)); err != nil {
				return err
			}
			if err := t.turn(r, admin, c, tasks.Rejected); err != nil {
				return err
			}
		}
		if err := t.turn(r, admin, c, tasks.Dropped); err != nil {
			return err
		}
		if err := s.showPlaces(t, r, task.Task); err != nil {
			return err
		}
	}
	return nil
}

// endRoles ends what entitles a member to roles, and has Discord take them.
func (s *Store) endRoles(t *tx, r economy.Request, m *member) error {
	var running []purchase
	if err := t.each(selectPurchase+"JOIN entitlements e ON e.purchase_id = p.id WHERE e.member_id = ? AND e.ended_at IS NULL ORDER BY p.id",
		[]any{m.id}, func(rows *sql.Rows) error {
			var p purchase
			err := rows.Scan(p.columns()...)
			running = append(running, p)
			return err
		}); err != nil {
		return err
	}
	for _, p := range running {
		if err := s.disentitle(t, p, r.At); err != nil {
			return err
		}
	}
	_, err := t.exec("UPDATE deliveries SET user_id = ? WHERE member_id = ? AND kind = 'role' AND state <> 'done'", string(m.user), m.id)
	return err
}

// moved are the transactions of the account ?1.
const moved = "(SELECT transaction_id FROM entries WHERE account_id = ?1)"

// blank removes all that tells who a member is, also from the keys of his reviews, which
// end with his Discord id.
func (t *tx) blank(guild economy.GuildID, m *member) error {
	user, id := string(m.user), m.id
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{"UPDATE members SET user_id = NULL, name = NULL, folded = '', streak = 0, last_daily = 0 WHERE id = ?", []any{id}},
		{"UPDATE guilds SET members = members - 1 WHERE id = ?", []any{string(guild)}},
		{`UPDATE transactions SET note = NULL WHERE note IS NOT NULL AND kind NOT IN ('purchase', 'reward')
			AND id IN ` + moved, []any{id}},
		{`UPDATE submissions SET text = '', image = '', image_name = '', image_type = '', image_size = 0, image_expires = NULL, reason = ''
			WHERE claim_id IN (SELECT id FROM claims WHERE member_id = ?)`, []any{id}},
		{"DELETE FROM deliveries WHERE member_id = ? AND kind = 'direct'", []any{id}},
		{`UPDATE deliveries SET args = json_set(args, '$.member', '') WHERE guild_id = ? AND kind = 'channel' AND args ->> '$.member' = ?`,
			[]any{string(guild), user}},
		{`UPDATE deliveries SET args = json_set(args, '$.members', json((SELECT json_group_array(CASE w.value WHEN ?2 THEN '' ELSE w.value END)
				FROM json_each(args, '$.members') w)))
			WHERE guild_id = ?1 AND ` + welcomes + ` AND created_at = (SELECT created_at FROM members WHERE id = ?3)`, []any{string(guild), user, id}},
		{"UPDATE requests SET result = json_set(result, '$.member', '') WHERE operation = 'refund' AND result ->> '$.member' = ?2 AND transaction_id IN " +
			moved, []any{id, user}},
		{`UPDATE requests SET result = json_set(result, '$.legs', json((SELECT json_group_array(json_set(l.value, '$.member',
				CASE WHEN l.value ->> '$.member' = ?2 THEN '' ELSE l.value ->> '$.member' END)) FROM json_each(result, '$.legs') l)))
			WHERE operation = 'reverse' AND transaction_id IN ` + moved, []any{id, user}},
		{`UPDATE requests SET result = json_set(result, '$.submission.member', '', '$.submission.name', '', '$.submission.reason', '',
				'$.submission.work', json_object('text', ''))
			WHERE operation = 'task.review' AND guild_id = ?2 AND result ->> '$.submission.id' IN (SELECT s.id FROM claims c
				JOIN submissions s ON s.claim_id = c.id WHERE c.member_id = ?1)`, []any{id, string(guild)}},
		{`UPDATE requests SET result = json_set(result, '$.submission.reviewer', json_object('kind', 'erased', 'id', ?1)),
				key = CASE WHEN substr(key, -length(?3) - 1) = ':' || ?3 THEN substr(key, 1, length(key) - length(?3)) || ?1 ELSE key END
			WHERE operation = 'task.review' AND guild_id = ?2 AND result ->> '$.submission.id' IN
				(SELECT id FROM submissions WHERE reviewer_id = ?1)`, []any{id, string(guild), user}},
		{`UPDATE requests SET result = json_set(result, '$.reason', '') WHERE operation = 'task.drop' AND guild_id = ?2
			AND result ->> '$.id' IN (SELECT id FROM claims WHERE member_id = ?1)`, []any{id, string(guild)}},
	} {
		if _, err := t.exec(step.statement, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// showErased has the cards of a member's work, and of what he reviewed, show that he is gone.
func (s *Store) showErased(t *tx, r economy.Request, m *member) error {
	var shown []tasks.SubmissionID
	if err := t.each(`SELECT s.id FROM submissions s JOIN claims c ON c.id = s.claim_id WHERE c.member_id = ?1
		UNION SELECT id FROM submissions WHERE reviewer_id = ?1 ORDER BY 1`, []any{m.id}, func(rows *sql.Rows) error {
		var id tasks.SubmissionID
		err := rows.Scan(&id)
		shown = append(shown, id)
		return err
	}); err != nil {
		return err
	}
	for _, id := range shown {
		if err := s.deliverCard(t, r.Guild, about("submission", id), r.At); err != nil {
			return err
		}
	}
	return nil
}
