package postgrest

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

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

// queueing is how a migration waits for locks of others. What it waits for makes all
// wait that come after it, so it waits shortly, lets them through, and tries again.
type queueing struct {
	lock  time.Duration // for one lock
	tries int
	pause time.Duration // after the first try; doubled after each, up to ten times
}

// unhurried tries for about eight minutes in which others may work for seven.
var unhurried = queueing{lock: 3 * time.Second, tries: 20, pause: 3 * time.Second}

// Migrate brings the database behind a connection string up to this program and
// returns the names of the migrations that it applied. It is one transaction: all
// of them are applied, or none. What was applied is recorded as `supabase db push`
// does it, so that either tool goes on where the other stopped. A server may go on
// beside it: it is held up for seconds, whoever else uses the tables.
func Migrate(ctx context.Context, databaseURL string) (applied []string, err error) {
	return unhurried.migrate(ctx, databaseURL)
}

func (q queueing) migrate(ctx context.Context, databaseURL string) ([]string, error) {
	conn, err := dial(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for try, pause := 1, q.pause; ; try, pause = try+1, min(2*pause, 10*q.pause) {
		applied, err := migrateOnce(ctx, conn, q.lock)
		var refused *pgconn.PgError
		switch {
		case err == nil:
			return applied, nil
		case !errors.As(err, &refused) || refused.Code != lockNotAvailable && refused.Code != deadlockDetected:
			return nil, reason(err)
		case try == q.tries:
			return nil, fmt.Errorf("%w: others use the tables all the while (%s); try when they have ended", reason(err), holders(ctx, conn))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Codes of Postgres for what passes.
const (
	lockNotAvailable = "55P03"
	deadlockDetected = "40P01"
)

// migrateOnce applies what is missing, or nothing if it waits too long for a lock.
func migrateOnce(ctx context.Context, conn *pgx.Conn, lock time.Duration) (applied []string, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// An index of a large table takes longer than a project's limit for statements,
		// and another migration may take as long as it likes.
		if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
			SELECT pg_advisory_xact_lock(hashtextextended('coffer.migrate', 0));
			SET LOCAL lock_timeout = `+strconv.FormatInt(lock.Milliseconds(), 10)); err != nil {
			return err
		}
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
	return applied, err
}

// holders names the oldest transactions of others that have locks on tables of Coffer.
func holders(ctx context.Context, conn *pgx.Conn) string {
	rows, err := conn.Query(ctx, `SELECT format('process %s%s since %s: SELECT pg_terminate_backend(%s) would end it', a.pid, ' of ' || a.usename,
			coalesce(to_char(a.xact_start AT TIME ZONE 'UTC', 'HH24:MI:SS "UTC"'), 'a time that is not shown'), a.pid)
		FROM pg_stat_activity a
		WHERE a.pid <> pg_backend_pid() AND EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
			WHERE l.pid = a.pid AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
				AND c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('coffer', 'supabase_migrations')))
		ORDER BY a.xact_start NULLS LAST LIMIT 3`)
	if err != nil {
		return "who is unknown: " + reason(err).Error()
	}
	switch found, err := pgx.CollectRows(rows, pgx.RowTo[string]); {
	case err != nil:
		return "who is unknown: " + reason(err).Error()
	case len(found) == 0:
		return "who did has just ended"
	default:
		return strings.Join(found, "; ")
	}
}

// dial connects to the database behind a connection string.
func dial(ctx context.Context, databaseURL string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, errors.New("SUPABASE_DB_URL is no connection string") // the error would quote it
	}
	if !strings.Contains(databaseURL, "sslmode=") && !local(config.Host) {
		// The default would send the password to whoever answers that he knows no TLS. It
		// does not check certificates, since Supabase's are signed by a root of its own:
		// whoever has that file says sslmode=verify-full and sslrootcert.
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

// recorded returns the versions that were applied.
func recorded(ctx context.Context, tx pgx.Tx) ([]string, error) {
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
