package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"coffer/internal/config"
)

type auditCommand struct {
	DB string `help:"The SQLite file to audit, instead of the store in the environment." type:"path"`
}

// Run checks every invariant and fails at the first that is broken.
func (a auditCommand) Run(ctx context.Context, c console) (err error) {
	store, name, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	audit, err := store.Audit(ctx)
	if err != nil {
		return fmt.Errorf("cannot audit %s: %w", name, cause(err))
	}
	c.printf("Audit of %s at %s\n%d guilds, %d members, %d transactions, %d entries, %d coins in wallets\n",
		name, audit.At.Format("2006-01-02 15:04:05 MST"), audit.Guilds, audit.Members, audit.Transactions, audit.Entries, audit.Coins)
	for _, f := range audit.Findings {
		if f.Broken > 0 {
			c.printf("BROKEN  %-22s %s\n", f.Name, f.Statement)
			return fmt.Errorf("the books are broken: %s: %d rows, such as %s", f.Name, f.Broken, f.Example)
		}
		c.printf("ok      %-22s %s\n", f.Name, f.Statement)
	}
	return nil
}

// open opens the store to be audited, beside whatever serves from it, and returns
// what to call it.
func (a auditCommand) open(ctx context.Context) (store, string, error) {
	if a.DB != "" {
		store, err := openExistingFile(ctx, a.DB)
		return store, a.DB, err
	}
	cfg, err := config.Read(".env", "STORE", "SQLITE_PATH", "SUPABASE_URL", "SUPABASE_KEY")
	if err != nil {
		return nil, "", err
	}
	if cfg.Store == config.SQLite {
		store, err := openExistingFile(ctx, cfg.SQLitePath)
		return store, cfg.SQLitePath, err
	}
	store, err := openSupabase(ctx, cfg, slog.New(slog.DiscardHandler))
	return store, string(cfg.SupabaseURL), err
}
