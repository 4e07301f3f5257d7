// Package sqlite keeps the books in one SQLite file, durably: a write that
// returned has reached the disk. Any number of processes may open the file.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"
	sqlite3 "modernc.org/sqlite/lib"

	"coffer/internal/admins"
	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/lease"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

var (
	_ economy.Store = (*Store)(nil)
	_ shop.Store    = (*Store)(nil)
	_ tasks.Store   = (*Store)(nil)
	_ outbox.Store  = (*Store)(nil)
	_ events.Reader = (*Store)(nil)
	_ admins.Store  = (*Store)(nil)

	_ shop.Office        = (*Store)(nil)
	_ tasks.Office       = (*Store)(nil)
	_ outbox.Office      = (*Store)(nil)
	_ economy.Store      = (*Store)(nil)
	_ economy.Office     = (*Store)(nil)
	_ shop.Store         = (*Store)(nil)
	_ tasks.Store        = (*Store)(nil)
	_ outbox.Store       = (*Store)(nil)
	_ events.Reader      = (*Store)(nil)
	_ admins.Store       = (*Store)(nil)
	_ events.Follower    = (*Store)(nil)
	_ events.Trail       = (*Store)(nil)
	_ events.Statistics  = (*Store)(nil)
	_ economy.Bookkeeper = (*Store)(nil)
	_ lease.Store        = (*Store)(nil)
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrSchema means that the file's tables are not those of this program.
var ErrSchema = errors.New("the database has another schema version")

// ErrOlder is the ErrSchema of a file that Open would bring up to date.
var ErrOlder = fmt.Errorf("%w", ErrSchema)

// Store is an open database. Its methods may be called at the same time.
type Store struct {
	writing *sql.DB
	reading *sql.DB
	writer  *writer
	readers *readers
	boards  *boards
	zones   economy.Zones
	clock   func() time.Time      // for leases
	refused atomic.Pointer[error] // by the disk: a write since the last that a Ping tried
	close   func() error
}

// Open opens the database file, creates it if there is none, and brings its
// tables up to date. Close it after use.
func Open(ctx context.Context, path string) (*Store, error) {
	writing, err := open(path, "mode=rwc&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(67108864)")
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, writing); err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	return start(ctx, path, writing, "mode=rw")
}

// OpenExisting opens a database that is there already and has the tables of
// this program. It changes nothing in the file by itself; writes work as ever.
// Errors: ErrSchema.
func OpenExisting(ctx context.Context, path string) (*Store, error) {
	writing, err := open(path, "mode=rw")
	if err != nil {
		return nil, err
	}
	if err := checkSchema(ctx, writing); err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	return start(ctx, path, writing, "mode=rw")
}

func start(ctx context.Context, path string, writing *sql.DB, how string) (*Store, error) {
	c, err := connect(ctx, writing)
	if err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	s := &Store{writing: writing, writer: newWriter(c), boards: newBoards(usuallyWorthwhile), clock: time.Now}
	s.close = sync.OnceValue(s.shut)
	if s.reading, err = open(path, how+"&_pragma=query_only(1)"); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if s.readers, err = newReaders(ctx, s.reading, max(4, runtime.GOMAXPROCS(0))); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func open(path, options string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// A URI, so that no character of the path is taken for an option.
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: options +
		"&_pragma=temp_store(2)" + // memory: what a savepoint may undo is not written to a file first
		"&_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"}
	return sql.Open("sqlite", dsn.String())
}

func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return err
	}
	// Another process that started at the same time may be first with any of them.
	for range 1 + len(p.ListSources()) {
		if _, err = p.Up(ctx); err == nil {
			return checkSchema(ctx, db)
		}
	}
	return err
}

// checkSchema compares the file's version with the newest migration. It reads
// goose's table itself, because goose would create it in a file that has none.
func checkSchema(ctx context.Context, db *sql.DB) error {
	newest, err := newestMigration()
	if err != nil {
		return err
	}
	var tables, current int64
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'").Scan(&tables); err != nil {
		return err
	}
	if tables > 0 {
		if err := db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&current); err != nil {
			return err
		}
	}
	kind := ErrSchema
	switch {
	case current == newest:
		return nil
	case current < newest && current > 0:
		kind = ErrOlder
	}
	return fmt.Errorf("%w: it is at %d, this program at %d", kind, current, newest)
}

func newestMigration() (newest int64, err error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return 0, err
		}
		newest = max(newest, version)
	}
	return newest, err
}

// Close finishes what is under way and closes the database. It can be called again.
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	err := s.writer.close()
	if s.readers != nil {
		err = errors.Join(err, s.readers.close())
	}
	if s.reading != nil {
		err = errors.Join(err, s.reading.Close())
	}
	return errors.Join(err, s.writing.Close())
}

// Ping reports whether the database can be read and written. It writes nothing, unless
// the disk has refused a write: then it tries one, until that succeeds.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.read(ctx, func(t *tx) error {
		var n int
		return t.row("SELECT count(*) FROM (SELECT 1 FROM guilds LIMIT 1)", nil, &n)
	}); err != nil {
		return err
	}
	refused := s.refused.Load()
	if refused == nil {
		return s.write(ctx, func(*tx) error { return nil }) // takes the lock and costs no disk
	}
	if err := s.write(ctx, (*tx).grow); err != nil {
		return err
	}
	s.refused.CompareAndSwap(refused, nil)
	return nil
}

// grow needs new pages, and leaves nothing in them.
func (t *tx) grow() error {
	for _, step := range []string{"CREATE TABLE room (bytes BLOB) STRICT", "INSERT INTO room VALUES (zeroblob(65536))", "DROP TABLE room"} {
		if _, err := t.conn.ExecContext(t.ctx, step); err != nil {
			return err
		}
	}
	return nil
}

// write runs an operation in a durable transaction.
func (s *Store) write(ctx context.Context, do func(*tx) error) error {
	err := s.writer.run(ctx, do)
	if failed(err, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY) {
		s.refused.Store(&err)
	}
	return unavailable(err)
}

// read runs queries on one snapshot of the data. They are short, so they are
// not cancelled: watching a context costs as much as they do.
func (s *Store) read(ctx context.Context, do func(*tx) error) error {
	return s.transaction(ctx, context.WithoutCancel(ctx), do)
}

// survey is read for queries that can take long.
func (s *Store) survey(ctx context.Context, do func(*tx) error) error {
	return s.transaction(ctx, ctx, do)
}

func (s *Store) transaction(ctx, inside context.Context, do func(*tx) error) error {
	return unavailable(s.readers.run(ctx, func(c *conn) error {
		// The driver may report the end of a context although BEGIN took effect,
		// and the connection would go back with a transaction open for ever.
		frame := &tx{ctx: context.WithoutCancel(ctx), conn: c}
		if _, err := frame.exec("BEGIN"); err != nil {
			return err
		}
		defer func() { _, _ = frame.exec("ROLLBACK") }() // nothing was written; fails only with the connection
		return do(&tx{ctx: inside, conn: c, snapshot: true})
	}))
}

// query runs one short statement, which is a snapshot by itself.
func (s *Store) query(ctx context.Context, do func(*tx) error) error {
	return unavailable(s.readers.run(ctx, func(c *conn) error {
		return do(&tx{ctx: context.WithoutCancel(ctx), conn: c})
	}))
}
