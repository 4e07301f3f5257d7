package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"coffer/internal/economy"
)

// once runs a write at most once under its request's key and returns the
// first result at each repetition. do returns the result and the transaction
// that it posted, if any.
func once[R any](ctx context.Context, s *Store, operation string, r economy.Request, fingerprint string,
	do func(*tx) (R, economy.TransactionID, error),
) (R, error) {
	var result R
	err := s.write(ctx, func(t *tx) error {
		known, err := t.recall(operation, r, fingerprint, &result)
		if known || err != nil {
			return err
		}
		var id economy.TransactionID
		if result, id, err = do(t); err != nil {
			return err
		}
		return t.remember(operation, r, fingerprint, id, result)
	})
	if err != nil {
		var none R // an abandoned write may still be writing to result
		return none, err
	}
	return result, nil
}

// recall decodes the stored result of a request into result, if there is one.
func (t *tx) recall(operation string, r economy.Request, fingerprint string, result any) (bool, error) {
	var stored, first string
	// +? hides the value from the planner, which otherwise plans anew for each, as it may be
	// that of a partial index.
	err := t.row("SELECT result, fingerprint FROM requests WHERE guild_id = ? AND operation = +? AND source = ? AND key = ?",
		[]any{string(r.Guild), operation, string(r.Source), r.Key}, &stored, &first)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, err
	case first != fingerprint:
		return false, economy.ErrKeyReused
	}
	return true, json.Unmarshal([]byte(stored), result)
}

func (t *tx) remember(operation string, r economy.Request, fingerprint string, id economy.TransactionID, result any) error {
	stored, err := column(result)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO requests (guild_id, operation, source, key, fingerprint, transaction_id, result, created_at)
		VALUES (?, ?, ?, ?, ?, nullif(?, 0), ?, ?)`,
		string(r.Guild), operation, string(r.Source), r.Key, fingerprint, int64(id), stored, r.At.UnixMicro())
	return err
}

// ForgetRequests implements economy.Store, a thousand at a time, so that no write
// waits long.
func (s *Store) ForgetRequests(ctx context.Context, before time.Time) (int, error) {
	return s.forget(ctx, `DELETE FROM requests WHERE (guild_id, operation, source, key) IN
		(SELECT guild_id, operation, source, key FROM requests WHERE created_at < ? LIMIT ?)`, before)
}

// forget runs a statement that deletes the next of what is older than a time until
// there is no more, and returns how many there were.
func (s *Store) forget(ctx context.Context, statement string, before time.Time) (int, error) {
	const portion = 1000
	total := 0
	for {
		var n int64
		err := s.write(ctx, func(t *tx) error {
			result, err := t.exec(statement, before.UnixMicro(), portion)
			if err != nil {
				return err
			}
			n, err = result.RowsAffected()
			return err
		})
		if err != nil {
			return total, err
		}
		total += int(n)
		if n < portion {
			return total, nil
		}
	}
}
