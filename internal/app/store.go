package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"coffer/internal/admins"
	"coffer/internal/config"
	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/lease"
	"coffer/internal/outbox"
	"coffer/internal/postgrest"
	"coffer/internal/problem"
	"coffer/internal/shop"
	"coffer/internal/sqlite"
	"coffer/internal/tasks"
)

// books is all that the program keeps.
type books interface {
	economy.Store
	economy.Office
	shop.Store
	tasks.Store
	outbox.Store
	admins.Store

	shop.Office
	tasks.Office
	outbox.Office
	events.Follower
	events.Trail
	events.Statistics
	economy.Bookkeeper
	lease.Store
}

// store is an open store of either kind.
type store interface {
	books
	io.Closer
}

// openStore opens the store of the environment for serving, and says in one line
// what to do if that fails.
func openStore(ctx context.Context, cfg config.Config, log *slog.Logger) (store, error) {
	if cfg.Store == config.SQLite {
		return openFile(ctx, cfg.SQLitePath)
	}
	return openSupabase(ctx, cfg, log)
}

// openFile opens a database file for serving.
func openFile(ctx context.Context, path string) (*sqlite.Store, error) {
	if err := touch(path); err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, path)
	return store, fileTrouble(path, err)
}

// touch makes the file if there is none, for its owner only. The operating system names
// the trouble with a path better than SQLite does.
func touch(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator's own choice
	if err != nil {
		return fmt.Errorf("cannot open the database: %w; choose a place that can be written", err)
	}
	return file.Close()
}

// openExistingFile opens a database file to look at it, beside whatever serves from it.
func openExistingFile(ctx context.Context, path string) (*sqlite.Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("cannot open the database: %w", err)
	}
	store, err := sqlite.OpenExisting(ctx, path)
	return store, fileTrouble(path, err)
}

// openSupabase opens the project and sees that it answers and has the tables of
// this program.
func openSupabase(ctx context.Context, cfg config.Config, log *slog.Logger) (*postgrest.Store, error) {
	store, err := postgrest.Open(string(cfg.SupabaseURL), cfg.SupabaseKey.Reveal())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	database, program, err := store.Schema(ctx)
	if err != nil {
		return nil, errors.Join(supabaseTrouble(cfg, err), store.Close())
	}
	if database > program {
		log.Warn("the database is newer than this program", slog.String("database", database), slog.String("program", program))
	}
	return store, nil
}

// startTime is how long Supabase may take to answer at the start.
const startTime = 15 * time.Second

// supabaseTrouble says in one line what is wrong with the project, and what to do
// where that is known.
func supabaseTrouble(cfg config.Config, err error) error {
	advice := cause(err)
	switch {
	case errors.Is(err, postgrest.ErrNotMigrated):
		advice = errors.New("its database has not the tables of this program: run coffer migrate")
	case errors.Is(err, postgrest.ErrPaused):
		advice = postgrest.ErrPaused
	case errors.Is(err, postgrest.ErrKeyRefused):
		advice = postgrest.ErrKeyRefused
	case errors.Is(err, postgrest.ErrWrongAddress):
		advice = postgrest.ErrWrongAddress
	}
	return fmt.Errorf("cannot use Supabase at %s: %w", cfg.SupabaseURL, advice)
}

// cause returns what a problem keeps from members: its words are for them.
func cause(err error) error {
	var known *problem.Error
	if errors.As(err, &known) && errors.Unwrap(known) != nil {
		return errors.Unwrap(known)
	}
	return err
}

// fileTrouble says in one line what is wrong with a database file, and what to do.
func fileTrouble(path string, err error) error {
	advice := "see that it and its directory can be written and that no other program holds it, and try again"
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sqlite.ErrOlder):
		advice = "start coffer serve on it once, which brings it up to date"
	case errors.Is(err, sqlite.ErrSchema):
		advice = "use the program it was last served with, or a newer one"
	case sqlite.Damaged(err):
		advice = "it is damaged or no database: restore it from a backup or choose another file"
	}
	return fmt.Errorf("cannot use the database %s: %w; %s", path, cause(err), advice)
}

// closeTime is how long closing a store may take. What it was told is durable
// by then; only a write that waits for another process is given up.
const closeTime = time.Second

// closeStore closes a store, but does not wait for ever.
func closeStore(store io.Closer) error {
	closed := make(chan error, 1)
	go func() { closed <- store.Close() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(closeTime):
		return errors.New("the store was still writing at the end; a request whose answer did not arrive may be repeated")
	}
}
