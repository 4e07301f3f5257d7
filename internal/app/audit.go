package app

import (
	"context"
	"errors"
	"fmt"

	"coffer/internal/config"
)

type auditCommand struct {
	DB string `help:"The SQLite file to audit, instead of the one in the environment." type:"path"`
}

// Run checks every invariant and fails at the first that is broken.
func (a auditCommand) Run(ctx context.Context, c console) (err error) {
	path := a.DB
	if path == "" {
		cfg, err := config.Read(".env", "STORE", "SQLITE_PATH")
		if err != nil {
			return err
		}
		if cfg.Store != config.SQLite {
			return errNoSupabase
		}
		path = cfg.SQLitePath
	}
	store, err := openExistingStore(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	audit, err := store.Audit(ctx)
	if err != nil {
		return storeTrouble(path, err)
	}
	c.printf("Audit of %s at %s\n%d guilds, %d members, %d transactions, %d entries, %d coins in wallets\n",
		path, audit.At.Format("2006-01-02 15:04:05 MST"), audit.Guilds, audit.Members, audit.Transactions, audit.Entries, audit.Coins)
	for _, f := range audit.Findings {
		if f.Broken > 0 {
			c.printf("BROKEN  %-22s %s\n", f.Name, f.Statement)
			return fmt.Errorf("the books are broken: %s: %d rows, such as %s", f.Name, f.Broken, f.Example)
		}
		c.printf("ok      %-22s %s\n", f.Name, f.Statement)
	}
	return nil
}
