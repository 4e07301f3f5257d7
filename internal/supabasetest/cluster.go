package supabasetest

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

var (
	//go:embed roles.sql
	rolesSQL string
	//go:embed project.sql
	projectSQL string
)

// superuser is Supabase's own role. A project's owner does not have it.
const superuser = "supabase_admin"

// cluster is a Postgres with Supabase's roles, for all projects of this
// process. It ends with the process and not before.
type cluster struct {
	tools
	account
	*guarded
	projects atomic.Int64
	services atomic.Int64
}

// A process has one of each at most, started when it is first needed.
var (
	sharedCluster  = sync.OnceValues(func() (*cluster, error) { return startCluster(false) })
	durableCluster = sync.OnceValues(func() (*cluster, error) { return startCluster(true) })
)

func startCluster(durable bool) (*cluster, error) {
	found, err := findTools()
	if err != nil {
		return nil, err
	}
	who, err := serverAccount()
	if err != nil {
		return nil, err
	}
	// Nobody else may enter it, so that everybody inside may be trusted.
	folder, err := os.MkdirTemp("", "supabase-")
	if err != nil {
		return nil, err
	}
	c := &cluster{tools: found, account: who}
	if err := c.start(folder, durable); err != nil {
		if c.guarded != nil {
			return nil, errors.Join(fmt.Errorf("start Postgres: %w", err), c.end())
		}
		return nil, errors.Join(fmt.Errorf("start Postgres: %w", err), os.RemoveAll(folder))
	}
	return c, nil
}

func (c *cluster) start(folder string, durable bool) error {
	if err := c.own(folder); err != nil {
		return err
	}
	const script = `initdb=$1 postgres=$2 folder=$3; shift 3
		"$initdb" -D "$folder/data" -U ` + superuser + ` -A trust --no-sync -E UTF8 --locale=C >/dev/null &&
		exec "$postgres" -D "$folder/data" -k "$folder" "$@"`
	command := []string{"sh", "-c", script, "cluster", c.initdb, c.postgres, folder}
	for _, setting := range settings(durable) {
		command = append(command, "-c", setting)
	}
	var err error
	// SIGQUIT ends all sessions at once and does not tidy the files.
	if c.guarded, err = guard(c.account, "QUIT", folder, []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}, command...); err != nil {
		return err
	}
	if c.other() {
		if err := c.bringPostgREST(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err = c.until(ctx, func() error {
		// A connection before there is a socket would only cost time.
		if _, err := os.Stat(filepath.Join(folder, ".s.PGSQL.5432")); err != nil {
			return err
		}
		return c.execute(ctx, superuser, "postgres", "SELECT")
	})
	if err != nil {
		return err
	}
	if err := c.execute(ctx, superuser, "postgres", rolesSQL); err != nil {
		return fmt.Errorf("create the roles: %w", err)
	}
	if err := c.execute(ctx, superuser, "template1", projectSQL); err != nil {
		return fmt.Errorf("prepare the projects' template: %w", err)
	}
	return nil
}

// bringPostgREST copies it to where its account can look, which may not be so
// in a checkout of root's.
func (c *cluster) bringPostgREST() error {
	program, err := os.ReadFile(c.postgrest)
	if err != nil {
		return err
	}
	c.postgrest = filepath.Join(c.folder, "postgrest")
	return os.WriteFile(c.postgrest, program, 0o755)
}

func settings(durable bool) []string {
	all := []string{
		"listen_addresses=",
		"max_connections=200",
		"search_path=\"$user\", public, extensions",
		"log_line_prefix=%m [%p] %u@%d ",
		"timezone=UTC",
	}
	if !durable {
		all = append(all, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	return all
}

// address is a connection string for pgx and for PostgREST.
func (c *cluster) address(role, database string) string {
	query := url.Values{"host": {c.folder}}
	return (&url.URL{Scheme: "postgres", User: url.User(role), Host: "", Path: "/" + database, RawQuery: query.Encode()}).String()
}

// execute runs statements, in one transaction unless one of them forbids it.
func (c *cluster) execute(ctx context.Context, role, database, statements string) error {
	conn, err := pgx.Connect(ctx, c.address(role, database))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.PgConn().Exec(ctx, statements).ReadAll()
	return err
}

// newDatabase is an empty project's, or a copy of a template, if there is one.
func (c *cluster) newDatabase(ctx context.Context, from *Template) (string, error) {
	original := "template1"
	if from != nil {
		var err error
		if original, err = from.in(ctx, c); err != nil {
			return "", err
		}
	}
	name := "project_" + strconv.FormatInt(c.projects.Add(1), 10)
	return name, c.execute(ctx, superuser, "postgres", "CREATE DATABASE "+name+" OWNER postgres TEMPLATE "+original)
}

func (c *cluster) dropDatabase(ctx context.Context, name string) error {
	return c.execute(ctx, superuser, "postgres", "DROP DATABASE "+name+" WITH (FORCE)")
}

// newFolder is for one more process beside Postgres.
func (c *cluster) newFolder() (string, error) {
	path := filepath.Join(c.folder, "service-"+strconv.FormatInt(c.services.Add(1), 10))
	if err := os.Mkdir(path, 0o700); err != nil {
		return "", err
	}
	return path, c.own(path)
}
