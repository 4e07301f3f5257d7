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

	"github.com/pressly/goose/v3"

	"coffer/internal/economy"
	"coffer/internal/events"
)

var (
	_ economy.Store = (*Store)(nil)
	_ events.Reader = (*Store)(nil)
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrSchema means that the file's tables are not those of this program.
var ErrSchema = errors.New("the database has another schema version")

// Store is an open database. Its methods may be called at the same time.
type Store struct {
	writing *sql.DB
	reading *sql.DB
	writer  *writer
	readers *readers
	boards  *boards
	zones   sync.Map // *time.Location by name
	close   func() error
}

// Open opens the database file, creates it if there is none, and brings its
// tables up to date. Close it after use.
func Open(ctx context.Context, path string) (*Store, error) {
	writing, err := open(path, "mode=rwc")
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, writing); err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	return start(ctx, path, writing)
}

// OpenExisting opens a database that is there already and has the tables of
// this program, and changes nothing. Errors: ErrSchema.
func OpenExisting(ctx context.Context, path string) (*Store, error) {
	writing, err := open(path, "mode=rw")
	if err != nil {
		return nil, err
	}
	if err := checkSchema(ctx, writing); err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	return start(ctx, path, writing)
}

func start(ctx context.Context, path string, writing *sql.DB) (*Store, error) {
	c, err := connect(ctx, writing)
	if err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	s := &Store{writing: writing, writer: newWriter(c), boards: newBoards(usuallyWorthwhile)}
	s.close = sync.OnceValue(s.shut)
	if s.reading, err = open(path, "mode=rw&_pragma=query_only(1)"); err != nil {
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
		"&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"}
	return sql.Open("sqlite", dsn.String())
}

func provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, files)
}

func migrate(ctx context.Context, db *sql.DB) error {
	p, err := provider(db)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		// Another process that started at the same time may have been first.
		if _, err := p.Up(ctx); err != nil {
			return err
		}
	}
	return checkSchema(ctx, db)
}

func checkSchema(ctx context.Context, db *sql.DB) error {
	p, err := provider(db)
	if err != nil {
		return err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current != target {
		return fmt.Errorf("%w: it is at %d, this program at %d", ErrSchema, current, target)
	}
	return nil
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

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return s.read(ctx, func(t *tx) error {
		var n int
		return t.row("SELECT count(*) FROM (SELECT 1 FROM guilds LIMIT 1)", nil, &n)
	})
}

// write runs an operation in a durable transaction.
func (s *Store) write(ctx context.Context, do func(*tx) error) error {
	return unavailable(s.writer.run(ctx, do))
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
		t := &tx{ctx: inside, conn: c, snapshot: true}
		if _, err := t.exec("BEGIN"); err != nil {
			return err
		}
		defer func() {
			end := &tx{ctx: context.WithoutCancel(ctx), conn: c}
			_, _ = end.exec("ROLLBACK") // nothing was written; fails only with the connection
		}()
		return do(t)
	}))
}

// query runs one short statement, which is a snapshot by itself.
func (s *Store) query(ctx context.Context, do func(*tx) error) error {
	return unavailable(s.readers.run(ctx, func(c *conn) error {
		return do(&tx{ctx: context.WithoutCancel(ctx), conn: c})
	}))
}
