package postgrest

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestOnlyTheServiceRoleMayDoAnything asks Postgres itself about every table,
// view, sequence and function that is Coffer's.
func TestOnlyTheServiceRoleMayDoAnything(t *testing.T) {
	thorough(t)
	p := newProject(t)
	list := func(query string) []string {
		t.Helper()
		rows, err := p.admin.Query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		return must[[]string](t)(pgx.CollectRows(rows, pgx.RowTo[string]))
	}
	const ours = `('coffer'::regnamespace, 'public'::regnamespace)`

	for _, open := range list(`
		SELECT format('%s may %s %s', r, privilege, c.oid::regclass) FROM pg_class c,
			unnest(ARRAY['anon', 'authenticated', 'service_role']) r,
			unnest(CASE WHEN c.relkind = 'S' THEN ARRAY['USAGE', 'SELECT', 'UPDATE']
				ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'] END) privilege
		WHERE c.relnamespace IN ` + ours + ` AND c.relkind IN ('r', 'v', 'm', 'p', 'S')
			AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(r, c.oid, privilege) ELSE has_table_privilege(r, c.oid, privilege) END`) {
		t.Error(open)
	}
	for _, open := range list(`
		SELECT format('%s may call %s', r, f.oid::regprocedure) FROM pg_proc f, unnest(ARRAY['anon', 'authenticated', 'service_role']) r
		WHERE f.pronamespace IN ` + ours + ` AND has_function_privilege(r, f.oid, 'EXECUTE')
			AND NOT (r = 'service_role' AND f.pronamespace = 'public'::regnamespace)`) {
		t.Error(open)
	}
	for _, open := range list(`SELECT r || ' may use the schema' FROM unnest(ARRAY['anon', 'authenticated', 'service_role']) r
		WHERE has_schema_privilege(r, 'coffer', 'USAGE')`) {
		t.Error(open)
	}
	for _, lax := range list(`SELECT c.oid::regclass || ' has no row level security, or a policy' FROM pg_class c
		WHERE c.relnamespace IN ` + ours + ` AND c.relkind IN ('r', 'p')
			AND (NOT c.relrowsecurity OR EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid))`) {
		t.Error(lax)
	}
	for _, lax := range list(`SELECT f.oid::regprocedure || ' has not the settings of a function that is called from outside'
		FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND NOT (
			f.prosecdef AND has_function_privilege('service_role', f.oid, 'EXECUTE')
			AND f.proconfig @> ARRAY['search_path=""', 'jit=off'] AND array_to_string(f.proconfig, ' ') LIKE '%statement_timeout=%')`) {
		t.Error(lax)
	}

	// The same from outside, through every function's address.
	functions := list(`SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`)
	if len(functions) < 30 {
		t.Fatalf("only %d functions are seen", len(functions))
	}
	tables := list(`SELECT relname FROM pg_class WHERE relnamespace = 'coffer'::regnamespace AND relkind IN ('r', 'v')`)
	for _, key := range []struct{ name, apikey, bearer string }{
		{"the public key", p.PublishableKey(), ""},
		{"anon", p.LegacyKey("anon"), p.LegacyKey("anon")},
		{"authenticated", p.LegacyKey("anon"), p.LegacyKey("authenticated")},
		{"nobody", "", ""},
	} {
		ask := func(method, path string) {
			t.Helper()
			r := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), method, p.URL()+"/rest/v1/"+path, strings.NewReader("{}")))
			r.Header.Set("Content-Type", "application/json")
			if key.apikey != "" {
				r.Header.Set("apikey", key.apikey)
			}
			if key.bearer != "" {
				r.Header.Set("Authorization", "Bearer "+key.bearer)
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body := must[[]byte](t)(io.ReadAll(answer.Body))
			if answer.StatusCode < 400 {
				t.Errorf("%s gets %d from %s %s: %s", key.name, answer.StatusCode, method, path, body)
			}
		}
		for _, f := range functions {
			ask(http.MethodPost, "rpc/"+f)
			ask(http.MethodGet, "rpc/"+f)
		}
		for _, table := range tables {
			ask(http.MethodGet, table)
			ask(http.MethodPost, table)
			ask(http.MethodDelete, table)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}
