package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/julienschmidt/httprouter"

	"coffer/api"
	"coffer/internal/admins"
	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/postgrest"
	"coffer/internal/requestlog"
	"coffer/internal/shop"
	"coffer/internal/sqlite"
	"coffer/internal/supabasetest"
	"coffer/internal/tasks"
)

// theGuild is the one that the world's accounts are for.
const theGuild = "100200300400500600"

// otherGuild exists, and only the owner and the stranger are for it.
const otherGuild = "100200300400500601"

// world is the API as the program serves it, over a store of its own, with an
// account for each role.
type world struct {
	t       *testing.T
	store   books
	now     *clock
	server  http.Handler
	log     *strings.Builder
	callers callers
	cards   pictures
}

// books is all that a store does.
type books interface {
	api.Store
	economy.Store
	shop.Store
	tasks.Store
	outbox.Store
}

// theMorning is when a world begins.
var theMorning = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)

// clock is set by the test.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// callers knows who bears which credential.
type callers map[string]api.Caller

func (c callers) Caller(_ context.Context, credential string) (api.Caller, error) {
	if caller, ok := c[credential]; ok {
		return caller, nil
	}
	return api.Caller{}, api.ErrSignedOut
}

// guilds are those that exist.
type guilds []economy.GuildID

func (g guilds) KnowsGuild(_ context.Context, id economy.GuildID) (bool, error) {
	for _, known := range g {
		if known == id {
			return true, nil
		}
	}
	return false, nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "coffer.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return newWorldOn(t, store)
}

// eachWorld tells a story on every store.
func eachWorld(t *testing.T, tell func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { tell(t, newWorld(t)) })
	t.Run("supabase", func(t *testing.T) {
		if testing.Short() {
			t.Skip("it starts Postgres")
		}
		project := supabasetest.New(t, func(ctx context.Context, url string) error {
			_, err := postgrest.Migrate(ctx, url)
			return err
		})
		store, err := postgrest.Open(project.URL(), project.Key())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		})
		tell(t, newWorldOn(t, store))
	})
}

func newWorldOn(t *testing.T, store books) *world {
	t.Helper()
	w := &world{t: t, store: store, cards: pictures{}, now: &clock{theMorning}, log: &strings.Builder{},
		callers: callers{}}
	for i, role := range []admins.Role{admins.Viewer, admins.Reviewer, admins.Manager, admins.Owner} {
		w.callers[string(role)] = api.Caller{Account: admins.Account{ID: admins.ID(i + 1), Kind: admins.ByPassword, Name: string(role),
			Role: role, Guilds: []string{theGuild}}}
	}
	w.callers["stranger"] = api.Caller{Account: admins.Account{ID: 5, Kind: admins.ByPassword, Name: "stranger",
		Role: admins.Manager, Guilds: []string{otherGuild}}}
	router := httprouter.New()
	router.RedirectTrailingSlash, router.RedirectFixedPath = false, false
	a := api.New(api.Config{Store: store, Callers: w.callers, Guilds: guilds{theGuild, otherGuild}, Pictures: w.cards, Version: "test", Now: w.now.now})
	if err := a.Register(router); err != nil {
		t.Fatal(err)
	}
	router.NotFound = api.NotFound(http.NotFoundHandler())
	router.MethodNotAllowed = api.MethodNotAllowed()
	w.server = requestlog.New(slog.New(slog.NewTextHandler(w.log, nil)), api.Protect(api.Protection{}, router))
	return w
}

// request is what a client sends.
type request struct {
	method, path string
	as           string            // an account's name; "": nobody
	body         any               // written as JSON; a string is sent as it is
	header       map[string]string // over the usual ones
}

// reply is what came back.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// send makes a request, holds request and answer to the API's description, and
// returns the answer.
func (w *world) send(q request) reply {
	w.t.Helper()
	var body []byte
	switch b := q.body.(type) {
	case nil:
	case string:
		body = []byte(b)
	default:
		var err error
		if body, err = json.Marshal(b); err != nil {
			w.t.Fatal(err)
		}
	}
	r := httptest.NewRequestWithContext(w.t.Context(), q.method, q.path, bytes.NewReader(body))
	if q.as != "" {
		r.Header.Set("Authorization", "Bearer "+q.as)
	}
	if q.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	w.server.ServeHTTP(recorder, r)
	theContract().check(w.t, r, body, recorder.Code, recorder.Result().Header, recorder.Body.Bytes())
	return reply{w.t, recorder.Code, recorder.Result().Header, recorder.Body.Bytes()}
}

// get asks for a path as an account.
func (w *world) get(as, path string) reply {
	w.t.Helper()
	return w.send(request{method: "GET", path: path, as: as})
}

// post, put, patch and delete send a body; key is the Idempotency-Key, "" for none.
func (w *world) post(as, path, key string, body any) reply {
	w.t.Helper()
	q := request{method: "POST", path: path, as: as, body: body}
	if key != "" {
		q.header = map[string]string{"Idempotency-Key": key}
	}
	return w.send(q)
}

// want fails the test unless the answer has the status, and reads its JSON into v
// if that is not nil.
func (r reply) want(status int, v any) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	if v != nil {
		if err := json.Unmarshal(r.body, v); err != nil {
			r.t.Fatalf("%v in %s", err, r.body)
		}
	}
	return r
}

// refused fails the test unless the answer is a problem of that status and code.
func (r reply) refused(status int, code string) problemJSON {
	r.t.Helper()
	var p problemJSON
	r.want(status, &p)
	if p.Code != code {
		r.t.Fatalf("code %q, want %q: %s", p.Code, code, r.body)
	}
	return p
}

// problemJSON is what clients read of a problem.
type problemJSON struct {
	Type, Title, Code, Detail string
	Status                    int
	RequestID                 string `json:"request_id"`
	Fields                    []struct{ Field, Code, Detail string }
	Current                   json.RawMessage
}

// field returns the code of what is wrong with a field, or "".
func (p problemJSON) field(name string) string {
	for _, f := range p.Fields {
		if f.Field == name {
			return f.Code
		}
	}
	return ""
}

func TestTheDescriptionIsServed(t *testing.T) {
	w := newWorld(t)
	w.get("", "/api/health").want(200, nil)
	var document struct {
		OpenAPI string
		Paths   map[string]any
	}
	w.get("", "/api/openapi.json").want(200, &document)
	if document.OpenAPI != "3.1.0" || document.Paths["/api/health"] == nil {
		t.Errorf("got %+v", document)
	}
	page := w.get("", "/api/docs").want(200, nil)
	if csp := page.header.Get("Content-Security-Policy"); !strings.Contains(csp, "style-src 'sha256-") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	for _, want := range []string{"getHealth", "<style>", "</html>"} {
		if !strings.Contains(string(page.body), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(string(page.body), "ZgotmplZ") {
		t.Error("the template refused something")
	}
}
