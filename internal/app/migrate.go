package app

import (
	"context"
	"errors"
	"fmt"

	"coffer/internal/config"
	"coffer/internal/postgrest"
)

type migrateCommand struct{}

var errNoDatabaseURL = errors.New("SUPABASE_DB_URL is missing: copy the connection string from Connect in Supabase's dashboard, with the database's password in it")

// Run brings Supabase's database up to this program.
func (migrateCommand) Run(ctx context.Context, c console) error {
	cfg, err := config.Read(".env", "STORE", "SUPABASE_DB_URL")
	if err != nil {
		return err
	}
	if cfg.Store == config.SQLite {
		c.printf("With STORE=sqlite the file is brought up to date by serve; nothing was done.\n")
		return nil
	}
	if cfg.SupabaseDB.Reveal() == "" {
		return errNoDatabaseURL
	}
	applied, err := postgrest.Migrate(ctx, cfg.SupabaseDB.Reveal())
	if err != nil {
		return fmt.Errorf("the migration did not end well, but nothing is half done: %w; run it again", err)
	}
	for _, name := range applied {
		c.printf("applied %s\n", name)
	}
	if len(applied) == 0 {
		c.printf("The database is up to date; nothing was done.\n")
	}
	return nil
}
