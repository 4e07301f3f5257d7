package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"

	"coffer/internal/doctor"
)

var _ doctor.Store = (*Store)(nil)

// OpenReadOnly opens a database that is there already and has the tables of this
// program, beside whatever serves from it, and leaves file and log as they are: nothing
// is migrated, recovered or merged. Writes fail. Errors: ErrSchema.
func OpenReadOnly(ctx context.Context, path string) (*Store, error) {
	how := "mode=ro"
	if _, err := os.Stat(path + "-wal"); errors.Is(err, os.ErrNotExist) {
		how += "&immutable=1" // nobody has it open, and a log must not be begun for us
	}
	writing, err := open(path, how)
	if err != nil {
		return nil, err
	}
	if err := checkSchema(ctx, writing); err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	return start(ctx, path, writing, how)
}

// Condition implements doctor.Store.
func (s *Store) Condition(ctx context.Context) (doctor.Condition, error) {
	c := doctor.Condition{At: s.clock().UTC()}
	err := s.read(ctx, func(t *tx) error {
		var oldest, due sql.NullInt64
		if err := t.row(`SELECT (SELECT count(*) FROM deliveries WHERE state = 'waiting'),
			(SELECT count(*) FROM deliveries WHERE state <> 'done' AND state = 'failed'),
			(SELECT min(created_at) FROM deliveries WHERE state = 'waiting'),
			(SELECT min(due) FROM deliveries WHERE state = 'waiting')`, nil, &c.Waiting, &c.Failed, &oldest, &due); err != nil {
			return err
		}
		c.Oldest, c.Due = moment(oldest), moment(due)
		return t.each("SELECT DISTINCT guild_id, role FROM items WHERE NOT archived AND role <> '' ORDER BY 1, 2", nil, func(rows *sql.Rows) error {
			var r doctor.GrantedRole
			err := rows.Scan(&r.Guild, &r.Role)
			c.Roles = append(c.Roles, r)
			return err
		})
	})
	return c, err
}
