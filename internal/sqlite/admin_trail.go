package sqlite

import (
	"context"
	"database/sql"
	"time"

	"coffer/internal/admins"
	"coffer/internal/economy"
)

// tellAccount keeps an entry of the trail of accounts; of the parties their ids.
func (t *tx) tellAccount(e admins.TrailEntry) error {
	columns := [2]any{}
	for i, side := range []*admins.Standing{e.Before, e.After} {
		if side == nil {
			continue
		}
		var err error
		if columns[i], err = column(side); err != nil {
			return err
		}
	}
	_, err := t.exec("INSERT INTO admin_changes (admin_id, kind, by_id, before, after, at) VALUES (?, ?, nullif(?, 0), ?, ?, ?)",
		int64(e.Account.ID), string(e.Deed), int64(e.By.ID), columns[0], columns[1], e.At.UnixMicro())
	return err
}

// tellChange keeps what an account may do now, if it is other than before.
func (t *tx) tellChange(deed admins.Deed, by admins.ID, old, changed admins.Account, at time.Time) error {
	before, after := old.Standing(), changed.Standing()
	if before.Equal(after) {
		return nil
	}
	return t.tellAccount(admins.TrailEntry{Account: admins.Party{ID: old.ID}, Deed: deed, By: admins.Party{ID: by}, Before: &before, After: &after, At: at})
}

// AccountTrail implements admins.Store.
func (s *Store) AccountTrail(ctx context.Context, q admins.TrailQuery) ([]admins.TrailEntry, error) {
	var list []admins.TrailEntry
	query, args := `SELECT c.id, c.kind, c.before, c.after, c.at, a.id, a.kind, a.name, coalesce(b.id, 0), coalesce(b.kind, ''), coalesce(b.name, '')
		FROM admin_changes c JOIN admins a ON a.id = c.admin_id LEFT JOIN admins b ON b.id = c.by_id WHERE true`, []any(nil)
	for _, condition := range []struct {
		text  string
		value int64
	}{{" AND c.admin_id = ?", int64(q.Account)}, {" AND c.by_id = ?", int64(q.By)}, {" AND c.id < ?", q.Before}} {
		if condition.value != 0 {
			query, args = query+condition.text, append(args, condition.value)
		}
	}
	err := s.query(ctx, func(t *tx) error {
		return t.each(query+" ORDER BY c.id DESC LIMIT ?", append(args, min(max(q.Limit, 1), economy.MaxPage+1)), func(rows *sql.Rows) (err error) {
			var e admins.TrailEntry
			var before, after []byte
			var at int64
			if err := rows.Scan(&e.ID, &e.Deed, &before, &after, &at, &e.Account.ID, &e.Account.Kind, &e.Account.Name, &e.By.ID, &e.By.Kind, &e.By.Name); err != nil {
				return err
			}
			e.At = time.UnixMicro(at).UTC()
			if e.Before, err = admins.ReadStanding(before); err != nil {
				return err
			}
			if e.After, err = admins.ReadStanding(after); err != nil {
				return err
			}
			list = append(list, e)
			return nil
		})
	})
	return list, err
}
