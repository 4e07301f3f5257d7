package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
)

// joins has a delivery of a role tried again at ?1, or when its lease ends.
const joins = "state = 'waiting', attempts = 0, joined = 1, settled_at = NULL, due = CASE WHEN leased THEN due ELSE ?1 END"

// deliverRole has Discord agree with a member's entitlement to a role. It joins the
// delivery that there is, and those of whom he was before he was erased: they are about
// the same user and role, so that one of theirs that is under way may undo what his tells.
func (s *Store) deliverRole(t *tx, guild economy.GuildID, member int64, role economy.RoleID, at time.Time) error {
	now := s.clock().UnixMicro()
	if _, err := t.exec(`INSERT INTO deliveries (guild_id, kind, member_id, role_id, due, created_at) VALUES (?2, 'role', ?3, ?4, ?1, ?5)
		ON CONFLICT (member_id, role_id) WHERE kind = 'role' AND state <> 'done' DO UPDATE SET `+joins,
		now, string(guild), member, string(role), at.UnixMicro()); err != nil {
		return err
	}
	_, err := t.exec("UPDATE deliveries SET "+joins+` WHERE guild_id = ?2 AND user_id = (SELECT m.user_id FROM members m WHERE m.id = ?3)
		AND role_id = ?4 AND kind = 'role' AND state <> 'done' AND member_id <> ?3`, now, string(guild), member, string(role))
	return err
}

// due holds for deliveries that can be leased at ?1.
const due = "state = 'waiting' AND due <= ?1"

// next are the ?2 deliveries that are to be leased at ?1. Each has a turn in its guild,
// behind those that are being tried. What is due is looked for only in as many guilds.
const next = `WITH RECURSIVE guild(id) AS (
		SELECT min(guild_id) FROM deliveries WHERE state = 'waiting'
		UNION ALL SELECT (SELECT min(d.guild_id) FROM deliveries d WHERE d.state = 'waiting' AND d.guild_id > guild.id) FROM guild WHERE guild.id IS NOT NULL
	), ready(guild, busy, oldest) AS (
		SELECT guild.id, (SELECT count(*) FROM deliveries WHERE guild_id = guild.id AND state = 'waiting' AND leased AND due > ?1) AS busy,
			(SELECT deliveries.id FROM deliveries WHERE guild_id = guild.id AND ` + due + ` ORDER BY deliveries.id LIMIT 1) AS oldest
		FROM guild WHERE oldest IS NOT NULL ORDER BY busy, oldest LIMIT ?2
	), queue(id, turn) AS (
		SELECT d.id, r.busy + row_number() OVER (PARTITION BY r.guild ORDER BY d.id) FROM ready r CROSS JOIN deliveries d
		WHERE d.id IN (SELECT deliveries.id FROM deliveries WHERE guild_id = r.guild AND ` + due + ` ORDER BY deliveries.id LIMIT ?2)
	) SELECT id FROM queue ORDER BY turn, id LIMIT ?2`

// LeaseDeliveries implements outbox.Store. Where nothing is due, it only reads.
func (s *Store) LeaseDeliveries(ctx context.Context, limit int, life time.Duration) ([]outbox.Lease, error) {
	var some bool
	if err := s.query(ctx, func(t *tx) error {
		return t.row("SELECT EXISTS (SELECT 1 FROM deliveries WHERE "+due+")", []any{s.clock().UnixMicro()}, &some)
	}); err != nil || !some {
		return nil, err
	}
	var leases []outbox.Lease
	err := s.write(ctx, func(t *tx) error {
		now := s.clock()
		var list []outbox.Lease
		if err := t.each(`SELECT d.id, d.token + 1, d.attempts + 1, d.guild_id, d.kind, coalesce(m.user_id, d.user_id, ''), coalesce(d.role_id, ''),
			d.kind = 'role' AND EXISTS (SELECT 1 FROM entitlements e WHERE e.role_id = d.role_id AND e.ended_at IS NULL AND e.member_id =
				coalesce((SELECT n.id FROM members n WHERE n.guild_id = d.guild_id AND n.user_id = d.user_id), d.member_id)),
			coalesce(d.channel_id, k.channel_id, ''), coalesce(d.subject, ''), coalesce(k.message, ''), coalesce(d.notice, ''), d.args, d.created_at
			FROM deliveries d LEFT JOIN members m ON m.id = d.member_id `+joinCards+` WHERE d.id IN (`+next+`) ORDER BY d.id`,
			[]any{now.UnixMicro(), min(max(limit, 1), economy.MaxPage)}, func(rows *sql.Rows) error {
				var l outbox.Lease
				var args sql.NullString
				var at int64
				if err := rows.Scan(&l.ID, &l.Token, &l.Attempt, &l.Guild, &l.Kind, &l.User, &l.Role, &l.Entitled, &l.Channel,
					&l.Subject, &l.Message, &l.Notice.Name, &args, &at); err != nil {
					return err
				}
				l.Notice.Args, l.Created = document(args), time.UnixMicro(at).UTC()
				list = append(list, l)
				return nil
			}); err != nil {
			return err
		}
		for i := range list {
			l := &list[i]
			if l.Kind == outbox.Card {
				var err error
				if l.Notice, err = t.compose(l.Guild, l.Subject); err != nil {
					return err
				}
			}
			if _, err := t.exec("UPDATE deliveries SET token = ?, attempts = ?, leased = 1, joined = 0, due = ? WHERE id = ?",
				l.Token, l.Attempt, now.Add(life).UnixMicro(), l.ID); err != nil {
				return err
			}
		}
		leases = list
		return nil
	})
	if err != nil {
		return nil, err // an abandoned write may still be writing to leases
	}
	return leases, nil
}

// SettleDelivery implements outbox.Store.
func (s *Store) SettleDelivery(ctx context.Context, l outbox.Lease, o outbox.Outcome, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.posted(l, o.Message); err != nil {
			return err
		}
		d := delivery{id: l.ID}
		var joined bool
		var attempts int
		if err := t.row(`SELECT guild_id, kind, coalesce(member_id, 0), coalesce(role_id, ''), coalesce(subject, ''), joined, attempts
			FROM deliveries WHERE id = ? AND state = 'waiting' AND leased AND token = ?`, []any{l.ID, l.Token},
			&d.guild, &d.kind, &d.member, &d.role, &d.subject, &joined, &attempts); err != nil {
			return ignoreNone(err)
		}
		clock := s.clock()
		if d.kind == outbox.Card && o.State == outbox.Done && o.Gone {
			joined = false
			if _, err := t.exec("DELETE FROM cards WHERE guild_id = ? AND subject = ?", string(d.guild), d.subject); err != nil {
				return err
			}
		}
		if joined {
			_, err := t.exec("UPDATE deliveries SET leased = 0, due = ? WHERE id = ?", clock.UnixMicro(), l.ID)
			return err
		}
		state := o.State
		if state == outbox.Waiting && attempts >= l.Most() {
			state = outbox.Failed
		}
		d.error = outbox.CleanError(o.Error)
		if _, err := t.exec(`UPDATE deliveries SET state = ?1, leased = 0, due = ?2, error = ?3, user_id = CASE WHEN ?1 <> 'done' THEN user_id END,
			settled_at = CASE WHEN ?1 <> 'waiting' THEN ?4 END WHERE id = ?5`,
			string(state), clock.Add(o.After).UnixMicro(), d.error, now.UnixMicro(), l.ID); err != nil {
			return err
		}
		switch {
		case d.kind == outbox.Role && state == outbox.Done:
			_, err := t.exec("UPDATE entitlements SET granted = 1 WHERE member_id = ? AND role_id = ? AND ended_at IS NULL",
				d.member, string(d.role))
			return err
		case d.kind == outbox.Role && state == outbox.Failed:
			return s.compensate(t, d, now)
		}
		return nil
	})
}

// ignoreNone returns err, unless it only says that there is no such row.
func ignoreNone(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// delivery is the part of a row that its end needs.
type delivery struct {
	id      int64
	guild   economy.GuildID
	kind    outbox.Kind
	member  int64
	role    economy.RoleID
	subject string
	error   string
}

// Deliveries implements outbox.Store.
func (s *Store) Deliveries(ctx context.Context, guild economy.GuildID, before int64, limit int) ([]outbox.Delivery, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	var list []outbox.Delivery
	err := s.query(ctx, func(t *tx) error {
		return t.each(`SELECT d.id, d.kind, d.state, d.attempts, coalesce(m.user_id, d.user_id, ''), coalesce(d.role_id, ''), coalesce(d.channel_id, k.channel_id, ''),
			coalesce(d.subject, ''), coalesce(d.notice, ''), d.error, d.created_at, CASE WHEN d.state = 'waiting' THEN d.due END
			FROM deliveries d LEFT JOIN members m ON m.id = d.member_id `+joinCards+`
			WHERE d.guild_id = ? AND d.state <> 'done' AND d.id < ? ORDER BY d.id DESC LIMIT ?`,
			[]any{string(guild), before, min(max(limit, 1), economy.MaxPage)}, func(rows *sql.Rows) error {
				var d outbox.Delivery
				var at int64
				var due sql.NullInt64
				err := rows.Scan(&d.ID, &d.Kind, &d.State, &d.Attempts, &d.User, &d.Role, &d.Channel, &d.Subject, &d.Notice, &d.Error, &at, &due)
				d.Created, d.Due = time.UnixMicro(at).UTC(), moment(due)
				list = append(list, d)
				return err
			})
	})
	return list, err
}

// RetryDelivery implements outbox.Store.
func (s *Store) RetryDelivery(ctx context.Context, guild economy.GuildID, id int64) (bool, error) {
	var n int64
	err := s.write(ctx, func(t *tx) error {
		result, err := t.exec(`UPDATE deliveries SET state = 'waiting', attempts = 0, settled_at = NULL,
			due = CASE WHEN leased THEN due ELSE min(due, ?1) END WHERE id = ?2 AND guild_id = ?3 AND state <> 'done'`,
			s.clock().UnixMicro(), id, string(guild))
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return false, err
	}
	return n > 0, nil
}

// ForgetDeliveries implements outbox.Store, a thousand at a time, so that no write
// waits long.
func (s *Store) ForgetDeliveries(ctx context.Context, before time.Time) (int, error) {
	return s.forget(ctx, `DELETE FROM deliveries WHERE id IN
		(SELECT id FROM deliveries WHERE settled_at IS NOT NULL AND settled_at < ? AND NOT (kind = 'role' AND state = 'failed') LIMIT ?)`, before)
}
