package supabasetest_test

import (
	"testing"
	"time"

	"coffer/internal/supabasetest"
)

func TestTheDatabaseGoesAndComes(t *testing.T) {
	p := supabasetest.New(t, migrate(schema))
	c := call(t, p, p.Key())
	c.expect("/rest/v1/rpc/note", `{"text":"before"}`, 200, "")
	if err := p.StopDatabase(); err != nil {
		t.Fatal(err)
	}
	c.expect("/rest/v1/notes", "", 503, "PGRST00")
	if err := migrate("SELECT")(t.Context(), p.DatabaseURL()); err == nil {
		t.Error("the database lets somebody in")
	}
	if err := p.StartDatabase(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	within(t, time.Minute, "PostgREST has found the database", func() bool {
		status, _, err := c.try(t.Context(), "/rest/v1/notes", "")
		return err == nil && status == 200
	})
	t.Logf("PostgREST found the database after %v", time.Since(start))
	c.expect("/rest/v1/notes", "", 200, "before")
}

func TestPostgRESTGoesAndComes(t *testing.T) {
	p := supabasetest.New(t, migrate(schema))
	c := call(t, p, p.Key())
	c.expect("/rest/v1/notes", "", 200, "[]")
	for range 2 { // what is done twice is done
		if err := p.StopREST(); err != nil {
			t.Fatal(err)
		}
	}
	c.expect("/rest/v1/notes", "", 502, "invalid response")
	for range 2 {
		if err := p.StartREST(); err != nil {
			t.Fatal(err)
		}
	}
	c.expect("/rest/v1/notes", "", 200, "[]")
}

// TestPostgRESTHearsOfChanges: right after the start, and after an outage.
func TestPostgRESTHearsOfChanges(t *testing.T) {
	p := supabasetest.New(t, nil)
	c := call(t, p, p.Key())
	if err := migrate(schema+"NOTIFY pgrst, 'reload schema'")(t.Context(), p.DatabaseURL()); err != nil {
		t.Fatal(err)
	}
	within(t, time.Minute, "the table is served", func() bool {
		status, _, err := c.try(t.Context(), "/rest/v1/notes", "")
		return err == nil && status == 200
	})
}

// TestWhatAnOwnerMayNot: postgres is no superuser, as on Supabase.
func TestWhatAnOwnerMayNot(t *testing.T) {
	p := supabasetest.New(t, nil)
	if err := migrate("LOAD 'auto_explain'")(t.Context(), p.DatabaseURL()); err == nil {
		t.Error("the owner may load libraries")
	}
	if err := migrate("LOAD 'auto_explain'")(t.Context(), p.SuperuserURL()); err != nil {
		t.Error(err)
	}
	if err := migrate("CREATE SCHEMA own; SELECT extensions.digest('a', 'sha256'); SET ROLE service_role")(t.Context(), p.DatabaseURL()); err != nil {
		t.Error(err)
	}
}
