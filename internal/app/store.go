package app

import (
	"context"
	"errors"
	"fmt"
	"os"

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

func storeTrouble(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sqlite.ErrSchema):
		return fmt.Errorf("cannot use the database %s: %w; use the program it was last served with, or a newer one", path, err)
	}
	return fmt.Errorf("cannot use the database %s: %w; restore it from a backup or choose another file", path, err)
}
