package postgrest

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"path"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed supabase/migrations/*.sql
var migrations embed.FS

// migration is one file of supabase/migrations.
type migration struct {
	version string // YYYYMMDDHHMMSS
	name    string
	script  string
}

// allMigrations returns them in their order.
func allMigrations() []migration {
	files, err := migrations.ReadDir("supabase/migrations")
	if err != nil {
		panic(err) // they are in the program
	}
	all := make([]migration, 0, len(files))
	for _, f := range files { // sorted by name
		script, err := migrations.ReadFile(path.Join("supabase/migrations", f.Name()))
		if err != nil {
			panic(err)
		}
		version, name, _ := strings.Cut(strings.TrimSuffix(f.Name(), ".sql"), "_")
		all = append(all, migration{version, name, string(script)})
	}
	return all
}

func newestMigration() string {
	all := allMigrations()
	return all[len(all)-1].version
}

// history is where Supabase's own tool keeps which migrations were applied, in the
// form in which it makes it.
const history = `CREATE SCHEMA IF NOT EXISTS supabase_migrations;
CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY);
ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS statements text[];
ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS name text`

// Migrate brings the database behind a connection string up to this program and
// returns the names of the migrations that it applied. It is one transaction: all
// of them are applied, or none. What was applied is recorded as `supabase db push`
// does it, so that either tool goes on where the other stopped.
func Migrate(ctx context.Context, databaseURL string) (applied []string, err error) {
	conn, err := dial(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		known, err := recorded(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range allMigrations() {
			if slices.Contains(known, m.version) {
				continue
			}
			if _, err := tx.Exec(ctx, m.script); err != nil {
				return fmt.Errorf("migration %s_%s: %w", m.version, m.name, err)
			}
			if _, err := tx.Exec(ctx, `INSERT INTO supabase_migrations.schema_migrations (version, name, statements)
				VALUES ($1, $2, ARRAY[$3])`, m.version, m.name, m.script); err != nil {
				return err
			}
			applied = append(applied, m.version+"_"+m.name)
		}
		return nil
	})
	if err != nil {
		return nil, reason(err)
	}
	return applied, nil
}

// dial connects to the database behind a connection string.
func dial(ctx context.Context, databaseURL string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, errors.New("SUPABASE_DB_URL is no connection string") // the error would quote it
	}
	if !strings.Contains(databaseURL, "sslmode=") && !local(config.Host) {
		// The default would send the password to whoever answers that he knows no TLS.
		config.Fallbacks = slices.DeleteFunc(config.Fallbacks, func(f *pgconn.FallbackConfig) bool { return f.TLSConfig == nil })
	}
	// A pooler in front of the database may not keep prepared statements.
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	config.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) {}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", config.Host, reason(err))
	}
	return conn, nil
}

// local reports whether a host is this machine: a loopback address or a socket.
func local(host string) bool {
	ip := net.ParseIP(host)
	return strings.HasPrefix(host, "/") || host == "localhost" || ip != nil && ip.IsLoopback()
}

// recorded returns the versions that were applied, and keeps others from migrating
// until the end of the transaction.
func recorded(ctx context.Context, tx pgx.Tx) ([]string, error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('coffer.migrate', 0))`); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, history); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, "SELECT version FROM supabase_migrations.schema_migrations")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// reason is why a connection failed, in one line, without what the connection
// string says.
func reason(err error) error {
	var failed *pgconn.ConnectError
	if errors.As(err, &failed) {
		err = errors.Unwrap(failed)
	}
	if text := err.Error(); strings.Contains(text, "\n") {
		return errors.New(strings.Join(strings.Fields(text), " "))
	}
	return err
}
