package sqlite

import (
	"context"
	"database/sql"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

// entitled returns the latest end among what entitles a member to a role, and the
// member's own: zero, where something entitles him for ever or nothing does.
func (t *tx) entitled(member int64, role economy.RoleID) (latest, end time.Time, err error) {
	var until sql.NullInt64
	var forever bool
	err = t.row(`SELECT max(until_at), count(*) > count(until_at) FROM entitlements
		WHERE member_id = ? AND role_id = ? AND ended_at IS NULL`, []any{member, string(role)}, &until, &forever)
	if latest = moment(until); !forever {
		end = latest
	}
	return latest, end, err
}

// entitle gives a buyer the item's role and returns his end.
func (s *Store) entitle(t *tx, id shop.PurchaseID, buyer *member, item shop.Item, c shop.Purchase) (time.Time, error) {
	latest, _, err := t.entitled(buyer.id, item.Role)
	if err != nil {
		return time.Time{}, err
	}
	until := item.RoleEnd(time.UnixMicro(c.Request.At.UnixMicro()).UTC(), latest, c.Quantity)
	if _, err := t.exec("INSERT INTO entitlements (purchase_id, member_id, role_id, until_at) VALUES (?, ?, ?, ?)",
		int64(id), buyer.id, string(item.Role), micros(until)); err != nil {
		return time.Time{}, err
	}
	if err := s.hold(t, c.Request.Guild, buyer.id, item.Role, c.Request.At, c.Request.At); err != nil {
		return time.Time{}, err
	}
	_, end, err := t.entitled(buyer.id, item.Role)
	return end, err
}

// hold has Discord give a member a role that he is entitled to.
func (s *Store) hold(t *tx, guild economy.GuildID, member int64, role economy.RoleID, since, at time.Time) error {
	if _, err := t.exec("UPDATE entitlements SET held_since = max(held_since, ?) WHERE member_id = ? AND role_id = ? AND ended_at IS NULL",
		since.UnixMicro(), member, string(role)); err != nil {
		return err
	}
	return s.deliverRole(t, guild, member, role, at)
}

// disentitle ends what a purchase entitles to, if that still runs.
func (s *Store) disentitle(t *tx, p purchase, at time.Time) error {
	var role economy.RoleID
	if err := t.row(`UPDATE entitlements SET ended_at = ? WHERE purchase_id = ? AND ended_at IS NULL RETURNING role_id`,
		[]any{at.UnixMicro(), int64(p.id)}, &role); err != nil {
		return ignoreNone(err)
	}
	return s.deliverRole(t, p.guild, p.buyer, role, at)
}

// ExpireRoles implements shop.Store, a portion at a time, so that no write waits long.
func (s *Store) ExpireRoles(ctx context.Context, now time.Time) (int, error) {
	const portion = 500
	total := 0
	for {
		var over bool
		if err := s.query(ctx, func(t *tx) error {
			return t.row(`SELECT EXISTS (SELECT 1 FROM entitlements WHERE ended_at IS NULL AND until_at IS NOT NULL AND until_at <= ?)`,
				[]any{now.UnixMicro()}, &over)
		}); err != nil || !over {
			return total, err
		}
		var ended []expiry
		if err := s.write(ctx, func(t *tx) error {
			ended = nil
			if err := t.each("SELECT e.role_id, e.granted, coalesce(d.error, ''), "+purchaseColumns+` FROM entitlements e
				JOIN purchases p ON p.id = e.purchase_id LEFT JOIN deliveries d
					ON d.kind = 'role' AND d.state <> 'done' AND d.member_id = e.member_id AND d.role_id = e.role_id
				WHERE e.ended_at IS NULL AND e.until_at IS NOT NULL AND e.until_at <= ? ORDER BY p.id LIMIT ?`, []any{now.UnixMicro(), portion},
				func(rows *sql.Rows) error {
					var e expiry
					err := rows.Scan(append([]any{&e.role, &e.granted, &e.reason}, e.columns()...)...)
					ended = append(ended, e)
					return err
				}); err != nil {
				return err
			}
			for _, e := range ended {
				if err := s.expire(t, e, now); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return total, err
		}
		total += len(ended)
	}
}

// expiry is a purchase whose role is over.
type expiry struct {
	purchase
	role    economy.RoleID
	granted bool
	reason  string // why not
}

// expire ends what a purchase entitled to, and pays back what was never granted.
func (s *Store) expire(t *tx, e expiry, now time.Time) error {
	if e.granted {
		return s.disentitle(t, e.purchase, now)
	}
	if err := s.payBack(t, e.purchase, e.role, e.reason, now); err != nil {
		return err
	}
	return s.deliverRole(t, e.guild, e.buyer, e.role, now)
}
