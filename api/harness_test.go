package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/julienschmidt/httprouter"

	"coffer/api"
	"coffer/internal/admins"
	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/postgrest"
	"coffer/internal/requestlog"
	"coffer/internal/sqlite"
	"coffer/internal/storetest"
	"coffer/internal/supabasetest"
)

// theGuild is the one that the world's accounts are for.
const theGuild = "100200300400500600"

// otherGuild exists, and only the owner and the stranger are for it.
const otherGuild = "100200300400500601"

// world is the API as the program serves it, over a store of its own, with an
// account for each role.
type world struct {
	t      *testing.T
	store  books
	places *fakePlaces
	now    *clock
	config api.Config
	server http.Handler
	log    *strings.Builder
	tokens map[string]string // access tokens by the names of accounts
	ids    map[string]admins.ID
	cards  pictures

	address string // where requests come from; "": httptest's
}

// apiID is an id as the API writes it.
func apiID[N ~int64](id N) string { return strconv.FormatInt(int64(id), 10) }

// theMorning is when a world begins.
var theMorning = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)

// clock is set by the test.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// plainPasswords are as good as real ones, and quick; they count their work.
type plainPasswords struct{ checks atomic.Int32 }

func (*plainPasswords) Hash(_ context.Context, password string) (string, error) {
	return "plain " + password, nil
}

func (p *plainPasswords) Check(_ context.Context, password, hash string) (bool, error) {
	p.checks.Add(1)
	return hash == "plain "+password, nil
}

// newWorld makes a world in which viewer, reviewer, manager, owner and stranger have
// signed in. Each has the password "password of <name>". What is given changes the
// configuration.
func newWorld(t *testing.T, change ...func(*api.Config)) *world {
	t.Helper()
	return newWorldOn(t, newFile(t), change...)
}

// books is a whole store.
type books interface {
	storetest.Store
	admins.Store
}

// migrated is a database that has been migrated.
var migrated = supabasetest.NewTemplate(func(ctx context.Context, databaseURL string) error {
	_, err := postgrest.Migrate(ctx, databaseURL)
	return err
})

// newProject starts a Supabase, which the quick run does without.
func newProject(t *testing.T) *supabasetest.Project {
	t.Helper()
	if testing.Short() {
		t.Skip("it starts a Supabase")
	}
	return supabasetest.New(t, nil, supabasetest.From(migrated))
}

// everywhere runs a test on each store.
func everywhere(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, newWorld(t)) })
	t.Run("supabase", func(t *testing.T) {
		project := newProject(t)
		bank, err := postgrest.Open(project.URL(), project.Key())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = bank.Close() })
		test(t, newWorldOn(t, bank))
	})
}

func newFile(t *testing.T) *sqlite.Store {
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
	return store
}

func newWorldOn(t *testing.T, store books, change ...func(*api.Config)) *world {
	t.Helper()
	w := &world{t: t, store: store, places: &fakePlaces{}, cards: pictures{}, now: &clock{theMorning}, log: &strings.Builder{}, tokens: map[string]string{}, ids: map[string]admins.ID{}}
	w.config = api.Config{Store: store, Secrets: []string{"a secret of thirty-two bytes....", "an older one of thirty-two bytes"},
		Passwords: &plainPasswords{}, Places: w.places, Pictures: w.cards, Hub: runHub(t, store), Version: "test", Now: w.now.now}
	for _, c := range change {
		c(&w.config)
	}
	w.serve()
	for _, guild := range []economy.GuildID{theGuild, otherGuild} {
		if _, err := store.Meet(t.Context(), guild, []economy.Person{{User: "200000000000000001", Name: "Ada"}}, theMorning); err != nil {
			t.Fatal(err)
		}
	}
	for _, role := range []admins.Role{admins.Viewer, admins.Reviewer, admins.Manager, admins.Owner} {
		w.admit(string(role), role, theGuild)
	}
	w.admit("stranger", admins.Manager, otherGuild)
	return w
}

// runHub runs a hub until the test ends.
func runHub(t *testing.T, store events.Follower) *events.Hub {
	t.Helper()
	hub := events.NewHub(events.HubConfig{Follower: store})
	ctx, end := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	t.Cleanup(func() {
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return hub
}

// serve puts the API together anew, as a restart would.
func (w *world) serve() {
	w.t.Helper()
	router := httprouter.New()
	router.RedirectTrailingSlash, router.RedirectFixedPath = false, false
	if err := api.New(w.config).Register(router); err != nil {
		w.t.Fatal(err)
	}
	router.NotFound = api.NotFound(http.NotFoundHandler())
	router.MethodNotAllowed = api.MethodNotAllowed()
	w.server = requestlog.New(slog.New(slog.NewTextHandler(w.log, nil)), api.Protect(api.Protection{}, router))
}

// admit makes an account and signs it in.
func (w *world) admit(name string, role admins.Role, guilds ...string) admins.Account {
	w.t.Helper()
	c, err := admins.NewAccount(name, "plain password of "+name, role, guilds, w.now.at)
	if err != nil {
		w.t.Fatal(err)
	}
	account, _, err := w.store.CreateAccount(w.t.Context(), c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.ids[name] = account.ID
	w.tokens[name] = w.signIn(name).AccessToken
	return account
}

// later lets time pass, and whoever has a password sign in again.
func (w *world) later(d time.Duration) {
	w.t.Helper()
	w.now.at = w.now.at.Add(d)
	for name := range w.ids {
		w.tokens[name] = w.signIn(name).AccessToken
	}
}

// granted is what a session is granted.
type granted struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
	Account     struct {
		ID, Kind, Username, Role string
		Guilds                   []string
	}
	cookie string // name=value
}

// signIn begins a session of an account.
func (w *world) signIn(name string) granted {
	w.t.Helper()
	var g granted
	r := w.post("", "/api/auth/login", "", map[string]string{"username": name, "password": "password of " + name}).want(200, &g)
	g.cookie = r.cookie("coffer_refresh")
	return g
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
	return w.exchange(q, r, body, func() {})
}

// glance is send for a stream: the client goes as soon as he is told something.
func (w *world) glance(q request) reply {
	w.t.Helper()
	ctx, leave := context.WithCancel(w.t.Context())
	defer leave()
	return w.exchange(q, httptest.NewRequestWithContext(ctx, q.method, q.path, nil), nil, leave)
}

// hearer is a response, and who is called when there is some of it.
type hearer struct {
	*httptest.ResponseRecorder
	heard func()
}

func (h hearer) Write(p []byte) (int, error) {
	h.heard()
	return h.ResponseRecorder.Write(p)
}

func (w *world) exchange(q request, r *http.Request, body []byte, heard func()) reply {
	w.t.Helper()
	if w.address != "" {
		r.RemoteAddr = w.address
	}
	if q.as != "" {
		credential, ok := w.tokens[q.as]
		if !ok {
			w.t.Fatalf("nobody is called %q here", q.as)
		}
		r.Header.Set("Authorization", "Bearer "+credential)
	}
	if q.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	w.server.ServeHTTP(hearer{recorder, heard}, r)
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

// cookie returns "name=value" of the cookie that the answer sets, "" if it sets none
// or takes it.
func (r reply) cookie(name string) string {
	for _, c := range (&http.Response{Header: r.header}).Cookies() {
		if strings.TrimPrefix(c.Name, "__Secure-") == name && c.MaxAge >= 0 {
			return c.Name + "=" + c.Value
		}
	}
	return ""
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
