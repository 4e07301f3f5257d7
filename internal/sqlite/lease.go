package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"coffer/internal/lease"
)

// TakeLease implements lease.Store. While somebody else holds it, it only reads.
func (s *Store) TakeLease(ctx context.Context, name, holder string, life time.Duration) (lease.Lease, error) {
	var taken lease.Lease
	look := func(t *tx) error {
		now := s.clock()
		var ends int64
		err := t.row("SELECT holder, ends_at FROM leases WHERE name = ?", []any{name}, &taken.Holder, &ends)
		if errors.Is(err, sql.ErrNoRows) || err == nil &&
			(taken.Holder == holder || ends <= now.UnixMicro() || ends > now.Add(lease.Longest).UnixMicro()) {
			taken.Holder, err = "", nil // it may be taken
		}
		return err
	}
	if err := s.query(ctx, look); err != nil || taken.Holder != "" {
		return taken, err
	}
	err := s.write(ctx, func(t *tx) error {
		if err := look(t); err != nil || taken.Holder != "" { // somebody was faster
			return err
		}
		taken.Holder = holder
		return t.row(`INSERT INTO leases (name, holder, token, ends_at) VALUES (?1, ?2, 1, ?3)
			ON CONFLICT (name) DO UPDATE SET holder = ?2, token = token + 1, ends_at = ?3 RETURNING token`,
			[]any{name, holder, s.clock().Add(life).UnixMicro()}, &taken.Token)
	})
	if err != nil {
		return lease.Lease{}, err
	}
	return taken, nil
}

// RenewLease implements lease.Store.
func (s *Store) RenewLease(ctx context.Context, name string, token int64, life time.Duration) (bool, error) {
	var held bool
	err := s.write(ctx, func(t *tx) error {
		now := s.clock()
		result, err := t.exec("UPDATE leases SET ends_at = ? WHERE name = ? AND token = ? AND ends_at > ?",
			now.Add(life).UnixMicro(), name, token, now.UnixMicro())
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		held = n > 0
		return err
	})
	if err != nil {
		return false, err
	}
	return held, nil
}

// ReturnLease implements lease.Store.
func (s *Store) ReturnLease(ctx context.Context, name string, token int64) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE leases SET ends_at = 0 WHERE name = ? AND token = ?", name, token)
		return err
	})
}
