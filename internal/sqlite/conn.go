package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"coffer/internal/problem"
)

// conn is one connection with the statements it has prepared. It is used by
// one goroutine at a time.
type conn struct {
	*sql.Conn
	prepared map[string]*sql.Stmt
}

func connect(ctx context.Context, db *sql.DB) (*conn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{c, make(map[string]*sql.Stmt)}, nil
}

// Close closes the statements too: SQLite keeps a connection open, and its log
// unmerged, for as long as one of them is.
func (c *conn) Close() error {
	var err error
	for _, s := range c.prepared {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, c.Conn.Close())
}

// tx is a connection at work, with the context of its statements.
type tx struct {
	ctx      context.Context
	conn     *conn
	snapshot bool // all statements see the same data: they are in a transaction
}

func (t *tx) statement(query string) (*sql.Stmt, error) {
	if s, ok := t.conn.prepared[query]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(context.WithoutCancel(t.ctx), query)
	if err != nil {
		return nil, err
	}
	t.conn.prepared[query] = s
	return s, nil
}

func (t *tx) exec(query string, args ...any) (sql.Result, error) {
	s, err := t.statement(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(t.ctx, args...)
}

// row scans the one row of a query; sql.ErrNoRows if there is none.
func (t *tx) row(query string, args []any, into ...any) error {
	s, err := t.statement(query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(t.ctx, args...).Scan(into...)
}

// each calls scan for each row of a query.
func (t *tx) each(query string, args []any, scan func(*sql.Rows) error) error {
	s, err := t.statement(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(t.ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// unavailable turns a failure that may pass, or the end of a context, into the
// problem; other errors pass: they are problems already, or defects.
func unavailable(err error) error {
	switch {
	case err == nil:
		return nil
	case failed(err, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, errClosed), errors.Is(err, sql.ErrConnDone), errors.Is(err, driver.ErrBadConn):
		return problem.ErrUnavailable.Because(err)
	}
	return err
}

// failed reports whether err is SQLite's with one of the primary result codes.
func failed(err error, codes ...int) bool {
	var failure *sqlite.Error
	return errors.As(err, &failure) && slices.Contains(codes, failure.Code()&0xff)
}

// Damaged reports whether err means that the file is damaged or is no database.
func Damaged(err error) bool { return failed(err, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) }

// readers are the connections that read beside the writer.
type readers struct {
	idle   chan *conn
	closed chan struct{}
}

func newReaders(ctx context.Context, db *sql.DB, n int) (*readers, error) {
	r := &readers{make(chan *conn, n), make(chan struct{})}
	for range n {
		c, err := connect(ctx, db)
		if err != nil {
			close(r.idle)
			for c := range r.idle {
				err = errors.Join(err, c.Close())
			}
			return nil, err
		}
		r.idle <- c
	}
	return r, nil
}

// run runs do on the next idle connection.
func (r *readers) run(ctx context.Context, do func(*conn) error) error {
	select {
	case <-r.closed:
		return errClosed
	default:
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case c := <-r.idle:
		defer func() { r.idle <- c }()
		return do(c)
	case <-ctx.Done():
		return ctx.Err()
	case <-r.closed:
		return errClosed
	}
}

// close waits for the reads under way and closes the connections.
func (r *readers) close() error {
	close(r.closed)
	var err error
	for range cap(r.idle) {
		err = errors.Join(err, (<-r.idle).Close())
	}
	return err
}
