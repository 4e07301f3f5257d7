package supabasetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// startREST runs PostgREST for a database. It listens on a Unix socket, because
// a free TCP port that has been looked for may be another's when it is used.
func (c *cluster) startREST(ctx context.Context, database, secret string, o options) (*guarded, error) {
	folder, err := c.newFolder()
	if err != nil {
		return nil, err
	}
	env := []string{
		"PGRST_DB_URI=" + c.address("authenticator", database),
		"PGRST_DB_SCHEMAS=public",
		"PGRST_DB_EXTRA_SEARCH_PATH=public,extensions",
		"PGRST_DB_ANON_ROLE=anon",
		"PGRST_DB_MAX_ROWS=1000",
		"PGRST_DB_POOL=" + strconv.Itoa(o.pool),
		"PGRST_JWT_SECRET=" + secret,
		"PGRST_SERVER_UNIX_SOCKET=" + socket(folder),
		"PGRST_LOG_LEVEL=warn",
	}
	rest, err := guard(c.account, "KILL", folder, append(env, "PATH=/usr/bin:/bin"), c.postgrest)
	if err != nil {
		return nil, err
	}
	if err := c.serves(ctx, rest, database); err != nil {
		return nil, errors.Join(fmt.Errorf("start PostgREST: %w", err), rest.end())
	}
	return rest, nil
}

func socket(folder string) string { return filepath.Join(folder, "socket") }

// serves waits until PostgREST knows the schema and listens for its changes,
// which is what /ready of its admin server says, on a port.
func (c *cluster) serves(ctx context.Context, rest *guarded, database string) error {
	transport := restTransport(func() (string, error) { return socket(rest.folder), nil })
	defer transport.CloseIdleConnections()
	if err := rest.until(ctx, func() error { return knowsSchema(ctx, transport) }); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, c.address(superuser, database))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return rest.until(ctx, func() error { return listens(ctx, conn) })
}

// probe is asked for until PostgREST knows that there is no such table.
const probe = "/supabasetest_probe"

func knowsSchema(ctx context.Context, transport http.RoundTripper) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, "http://postgrest"+probe, nil)
	if err != nil {
		return err
	}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusNotFound {
		return fmt.Errorf("a table that is not there has status %d", answer.StatusCode)
	}
	return nil
}

func listens(ctx context.Context, conn *pgx.Conn) error {
	var found bool
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_activity
		WHERE datname = current_database() AND usename = 'authenticator' AND query ILIKE 'LISTEN%' AND state = 'idle')`).Scan(&found)
	if err == nil && !found {
		return errors.New("it does not listen for a changed schema")
	}
	return err
}

// restTransport keeps connections to PostgREST's socket, wherever it is by then.
func restTransport(where func() (string, error)) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			path, err := where()
			if err != nil {
				return nil, err
			}
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		},
		DisableCompression:  true,
		MaxIdleConnsPerHost: 256,
	}
}
