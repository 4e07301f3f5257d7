package postgrest

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"coffer/internal/storetest"
	"coffer/internal/supabasetest"
)

// TestStore tells the whole suite; the quick run only its random sequences, which call
// every port: the stories are then told to SQLite alone.
func TestStore(t *testing.T) {
	p := newProject(t)
	if testing.Short() {
		t.Run("differential", func(t *testing.T) { storetest.RunDifferential(t, p.empty(t)) })
		return
	}
	storetest.Run(t, func(t *testing.T) storetest.Store { return p.empty(t) })
}

// project is a local Supabase that has the migrations.
type project struct {
	*supabasetest.Project
	admin *pgx.Conn // as the owner of the tables
}

func newProject(t *testing.T, with ...supabasetest.Option) *project {
	t.Helper()
	p := &project{Project: supabasetest.New(t, nil, append(with, supabasetest.From(migrated))...)}
	admin, err := pgx.Connect(t.Context(), p.DatabaseURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close(context.Background()) })
	p.admin = admin
	return p
}

// thorough keeps a test out of the quick run.
func thorough(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not with -short: it takes seconds")
	}
}

// migrated is a database that has been migrated.
var migrated = supabasetest.NewTemplate(func(ctx context.Context, databaseURL string) error {
	_, err := Migrate(ctx, databaseURL)
	return err
})

// exec runs a script in the database.
func (p *project) exec(t *testing.T, script string) {
	t.Helper()
	if _, err := p.admin.Exec(t.Context(), script, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}

// empty removes everything from the tables and returns a store on them.
func (p *project) empty(t *testing.T) *Store {
	t.Helper()
	p.exec(t, "TRUNCATE coffer."+strings.Join([]string{
		"guilds", "accounts", "members", "transactions", "entries", "events", "requests", "rank_steps",
		"items", "purchases", "inventory", "uses", "entitlements", "deliveries",
		"tasks", "claims", "submissions", "cards", "admins", "admin_changes", "sessions", "login_tries", "days", "tallies", "tops", "leases",
	}, ", coffer.")+" RESTART IDENTITY CASCADE")
	return p.store(t)
}

// store returns a store on the project as it is.
func (p *project) store(t *testing.T) *Store {
	t.Helper()
	s := must[*Store](t)(Open(p.URL(), p.Key()))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
