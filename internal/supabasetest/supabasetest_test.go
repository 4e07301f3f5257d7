package supabasetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"coffer/internal/supabasetest"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// schema has one table and one function of each kind of privilege.
const schema = `
	CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL);
	CREATE TABLE secrets (id bigint PRIMARY KEY);
	REVOKE ALL ON secrets FROM anon, authenticated;
	CREATE FUNCTION note(text text) RETURNS bigint LANGUAGE sql AS 'INSERT INTO notes (text) VALUES (text) RETURNING id';
	CREATE FUNCTION who() RETURNS text LANGUAGE sql AS 'SELECT current_user';
	CREATE FUNCTION many(n int) RETURNS SETOF int LANGUAGE sql AS 'SELECT generate_series(1, n)';
	CREATE FUNCTION timeout() RETURNS text LANGUAGE sql AS $$ SELECT current_setting('statement_timeout') $$;
`

func migrate(statements string) func(context.Context, string) error {
	return func(ctx context.Context, url string) error {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, statements)
		return err
	}
}

// caller speaks to one project with one key.
type caller struct {
	t      testing.TB
	url    string
	header http.Header
	client *http.Client
}

func call(t testing.TB, p *supabasetest.Project, key string) caller {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return caller{t, p.URL(), http.Header{"Apikey": {key}, "User-Agent": {"coffer"}}, client}
}

func (c caller) with(name, value string) caller {
	c.header = c.header.Clone()
	c.header.Set(name, value)
	return c
}

// try sends a request; a body makes it a POST.
func (c caller) try(ctx context.Context, path, body string) (int, string, error) {
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header = c.header.Clone()
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

func (c caller) expect(path, body string, status int, text string) {
	c.t.Helper()
	gotStatus, gotText, err := c.try(c.t.Context(), path, body)
	if err != nil {
		c.t.Fatalf("%s: %v", path, err)
	}
	if gotStatus != status || !strings.Contains(gotText, text) {
		c.t.Errorf("%s: got %d %s, want %d %s", path, gotStatus, gotText, status, text)
	}
}

func (c caller) notes() int {
	c.t.Helper()
	_, text, err := c.try(c.t.Context(), "/rest/v1/notes", "")
	if err != nil {
		c.t.Fatal(err)
	}
	var rows []struct{}
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		c.t.Fatalf("%v: %s", err, text)
	}
	return len(rows)
}

func within(t testing.TB, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

func TestAProjectIsServed(t *testing.T) {
	p := supabasetest.New(t, migrate(schema))
	secret := call(t, p, p.Key())
	secret.expect("/rest/v1/rpc/note", `{"text":"hello"}`, 200, "1")
	secret.expect("/rest/v1/notes?select=text&text=eq.hello", "", 200, `[{"text":"hello"}]`)
	secret.expect("/rest/v1/rpc/many?n=3000", "", 200, "1000]") // max-rows
	secret.expect("/rest/v1/rpc/nothing", `{}`, 404, "PGRST202")
	secret.expect("/rest/v1/rpc/timeout", `{}`, 200, `"8s"`)
	secret.expect("/auth/v1/users", "", 404, "no Route")

	got := p.Requests()
	if len(got) != 6 || got[0] != (supabasetest.Request{Method: "POST", Path: "/rest/v1/rpc/note", Status: 200, Forwarded: true}) ||
		got[1].Query != "select=text&text=eq.hello" || got[5].Forwarded {
		t.Errorf("got %+v", got)
	}
	p.Forget()
	if got := p.Requests(); len(got) != 0 {
		t.Errorf("got %+v after Forget", got)
	}
}

// thorough keeps a test out of the quick run.
func thorough(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not with -short: it takes seconds")
	}
}

func TestATemplateIsPreparedOnceAndCopied(t *testing.T) {
	thorough(t)
	prepared := 0
	template := supabasetest.NewTemplate(func(ctx context.Context, databaseURL string) error {
		if prepared++; prepared == 1 {
			return errors.New("not this time")
		}
		return migrate(schema)(ctx, databaseURL)
	})
	if _, err := supabasetest.Start(t.Context(), nil, supabasetest.From(template)); err == nil || !strings.Contains(err.Error(), "not this time") {
		t.Fatalf("a template that cannot be prepared: %v", err)
	}
	one, two := supabasetest.New(t, nil, supabasetest.From(template)), supabasetest.New(t, nil, supabasetest.From(template))
	if prepared != 2 {
		t.Errorf("prepared %d times", prepared)
	}
	call(t, one, one.Key()).expect("/rest/v1/rpc/note", `{"text":"mine"}`, 200, "")
	call(t, two, two.Key()).expect("/rest/v1/notes", "", 200, "[]")
}

func TestTwoProjectsAreApart(t *testing.T) {
	thorough(t)
	one, two := supabasetest.New(t, migrate(schema)), supabasetest.New(t, migrate(schema))
	call(t, one, one.Key()).expect("/rest/v1/rpc/note", `{"text":"mine"}`, 200, "")
	call(t, two, two.Key()).expect("/rest/v1/notes", "", 200, "[]")
	call(t, two, one.Key()).expect("/rest/v1/notes", "", 401, "Invalid API key")
	call(t, two, two.LegacyKey("anon")).with("Authorization", "Bearer "+one.LegacyKey("service_role")).
		expect("/rest/v1/notes", "", 401, "JWSError")
	if err := one.StopDatabase(); err != nil {
		t.Fatal(err)
	}
	call(t, two, two.Key()).expect("/rest/v1/notes", "", 200, "[]")
}

func TestDurableCommits(t *testing.T) {
	thorough(t)
	p := supabasetest.New(t, migrate(`CREATE FUNCTION waits() RETURNS text LANGUAGE sql AS
		$$ SELECT current_setting('fsync') || current_setting('synchronous_commit') || current_setting('full_page_writes') $$`),
		supabasetest.Durable(), supabasetest.PoolSize(2))
	call(t, p, p.Key()).expect("/rest/v1/rpc/waits", `{}`, 200, "ononon")
}

func BenchmarkThroughTheGateway(b *testing.B) {
	p := supabasetest.New(b, migrate(schema))
	c := call(b, p, p.Key())
	for b.Loop() {
		c.expect("/rest/v1/rpc/who", `{}`, 200, "service_role")
	}
}

func BenchmarkNew(b *testing.B) {
	supabasetest.New(b, nil)
	for b.Loop() {
		p, err := supabasetest.Start(b.Context(), migrate(schema))
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
