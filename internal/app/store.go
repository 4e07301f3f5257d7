package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"coffer/internal/problem"
	"coffer/internal/sqlite"
)

// openStore opens the database file for serving, and says in one line what to
// do if that fails.
func openStore(ctx context.Context, path string) (*sqlite.Store, error) {
	// The operating system names the trouble with a path better than SQLite does.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator's own choice
	if err != nil {
		return nil, fmt.Errorf("cannot open the database: %w; choose a place that can be written", err)
	}
	_ = file.Close()
	store, err := sqlite.Open(ctx, path)
	return store, storeTrouble(path, err)
}

// openExistingStore opens a database to look at it, beside whatever serves from it.
func openExistingStore(ctx context.Context, path string) (*sqlite.Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("cannot open the database: %w", err)
	}
	store, err := sqlite.OpenExisting(ctx, path)
	return store, storeTrouble(path, err)
}

// storeTrouble says in one line what is wrong with a database, and what to do.
func storeTrouble(path string, err error) error {
	advice := "see that it and its directory can be written and that no other program holds it, and try again"
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sqlite.ErrSchema):
		advice = "use the program it was last served with, or a newer one"
	case sqlite.Damaged(err):
		advice = "it is damaged or no database: restore it from a backup or choose another file"
	}
	var known *problem.Error // its words are for members
	if errors.As(err, &known) && errors.Unwrap(known) != nil {
		err = errors.Unwrap(known)
	}
	return fmt.Errorf("cannot use the database %s: %w; %s", path, err, advice)
}

// closeTime is how long closing a store may take. What it was told is durable
// by then; only a write that waits for another process is given up.
const closeTime = time.Second

// closeStore closes a store, but does not wait for ever.
func closeStore(store *sqlite.Store) error {
	closed := make(chan error, 1)
	go func() { closed <- store.Close() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(closeTime):
		return errors.New("the store was still writing at the end; a request whose answer did not arrive may be repeated")
	}
}
