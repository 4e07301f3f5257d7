package sqlite

import (
	"context"
	"database/sql"
	"time"

	"coffer/internal/economy"
)

// Record implements economy.Office.
func (s *Store) Record(ctx context.Context, q economy.MemberQuery) (record economy.MemberRecord, err error) {
	err = s.read(ctx, func(t *tx) error {
		record = economy.MemberRecord{}
		settings, err := t.settings(q.Guild)
		if err != nil {
			return economy.ErrUnknownMember
		}
		r, err := t.listedMember(q.Guild, q.Member)
		if err != nil {
			return err
		}
		zone, err := s.zones.Stored(settings.TimeZone)
		if err != nil {
			return err
		}
		record.Member = r.seen(economy.DayOf(q.At, zone), settings.Grace)
		if record.Claims, err = t.works("ORDER BY c.id", q); err != nil {
			return err
		}
		for _, part := range []func(*economy.MemberRecord, int64) error{t.recordGoods, t.recordPurchases, t.recordEntitlements,
			t.recordSubmissions, t.recordDeliveries, t.recordReviews} {
			if err := part(&record, int64(q.Member)); err != nil {
				return err
			}
		}
		return nil
	})
	return record, err
}

func (t *tx) recordGoods(r *economy.MemberRecord, id int64) error {
	return t.each("SELECT i.id, i.name, v.owned, v.used FROM inventories v JOIN items i ON i.id = v.item_id WHERE v.member_id = ? ORDER BY i.id",
		[]any{id}, func(rows *sql.Rows) error {
			var g economy.RecordedGoods
			err := rows.Scan(&g.Item, &g.Name, &g.Owned, &g.Used)
			r.Goods = append(r.Goods, g)
			return err
		})
}

func (t *tx) recordPurchases(r *economy.MemberRecord, id int64) error {
	return t.each(`SELECT id, item_id, name, quantity, price * quantity, transaction_id, coalesce(refund_id, 0), created_at
		FROM purchases WHERE member_id = ? ORDER BY id`, []any{id}, func(rows *sql.Rows) error {
		var p economy.RecordedPurchase
		var at int64
		err := rows.Scan(&p.Purchase, &p.Item, &p.Name, &p.Quantity, &p.Total, &p.Transaction, &p.Refund, &at)
		p.At = time.UnixMicro(at).UTC()
		r.Purchases = append(r.Purchases, p)
		return err
	})
}

func (t *tx) recordEntitlements(r *economy.MemberRecord, id int64) error {
	return t.each(`SELECT e.purchase_id, e.role_id, e.until_at, e.ended_at, e.granted FROM purchases p
		JOIN entitlements e ON e.purchase_id = p.id WHERE p.member_id = ? ORDER BY p.id`, []any{id}, func(rows *sql.Rows) error {
		var e economy.RecordedEntitlement
		var until, ended sql.NullInt64
		err := rows.Scan(&e.Purchase, &e.Role, &until, &ended, &e.Granted)
		e.Until, e.Ended = moment(until), moment(ended)
		r.Entitlements = append(r.Entitlements, e)
		return err
	})
}

func (t *tx) recordSubmissions(r *economy.MemberRecord, id int64) error {
	return t.each(`SELECT s.id, s.claim_id, s.try, s.text, s.image, s.state, s.percent, s.paid, s.reason, s.created_at, s.reviewed_at
		FROM claims c JOIN submissions s ON s.claim_id = c.id WHERE c.member_id = ? ORDER BY s.id`, []any{id}, func(rows *sql.Rows) error {
		var x economy.RecordedSubmission
		var at int64
		var reviewed sql.NullInt64
		err := rows.Scan(&x.Submission, &x.Claim, &x.Try, &x.Text, &x.Image, &x.State, &x.Percent, &x.Paid, &x.Reason, &at, &reviewed)
		x.At, x.Reviewed = time.UnixMicro(at).UTC(), moment(reviewed)
		r.Submissions = append(r.Submissions, x)
		return err
	})
}

func (t *tx) recordDeliveries(r *economy.MemberRecord, id int64) error {
	return t.each(`SELECT id, kind, state, coalesce(role_id, ''), coalesce(notice, ''), created_at FROM deliveries
		WHERE member_id = ? ORDER BY id`, []any{id}, func(rows *sql.Rows) error {
		var d economy.RecordedDelivery
		var at int64
		err := rows.Scan(&d.Delivery, &d.Kind, &d.State, &d.Role, &d.Notice, &at)
		d.At = time.UnixMicro(at).UTC()
		r.Deliveries = append(r.Deliveries, d)
		return err
	})
}

func (t *tx) recordReviews(r *economy.MemberRecord, id int64) error {
	return t.each("SELECT id FROM submissions WHERE reviewer_id = ? ORDER BY id", []any{id}, func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		r.Reviews = append(r.Reviews, n)
		return err
	})
}
