package api_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/julienschmidt/httprouter"
	"pgregory.net/rapid"

	"coffer/api"
	"coffer/api/openapi"
	"coffer/internal/problem"
	"coffer/internal/requestlog"
)

// plain is an API that has no more than what it is made of.
func plain() *api.API { return api.New(api.Config{Now: time.Now, Secrets: []string{"a secret"}}) }

func nothing(http.ResponseWriter, *http.Request) error { return nil }

func TestARouteThatIsNotFitStopsTheStart(t *testing.T) {
	good := api.Route{Operation: "good", Method: "GET", Path: "/api/good", Access: api.Public, Handler: nothing}
	tests := map[string]struct {
		change func(*api.Route)
		want   string
	}{
		"no access":      {func(r *api.Route) { r.Access = 0 }, "route GET /api/x (x): declares no access"},
		"unknown access": {func(r *api.Route) { r.Access = 99 }, "declares no access"},
		"no handler":     {func(r *api.Route) { r.Handler = nil }, "needs"},
		"no operation":   {func(r *api.Route) { r.Operation = "" }, "needs"},
		"no such method": {func(r *api.Route) { r.Method = "get" }, "needs"},
		"catches all":    {func(r *api.Route) { r.Path = "/api/*x" }, "is not plain"},
		"empty segment":  {func(r *api.Route) { r.Path = "/api//x" }, "is not plain"},
		"no name":        {func(r *api.Route) { r.Path = "/api/:/x" }, "is not plain"},
		"outside":        {func(r *api.Route) { r.Path = "/x" }, "/x (x): is not under /api"},
		"name twice":     {func(r *api.Route) { r.Operation = "good" }, "route GET /api/good (good) and route GET /api/x (good) have one name"},
		"path twice":     {func(r *api.Route) { r.Path = "/api/good" }, "route GET /api/good (good) and route GET /api/good (x) collide"},
		"parameter":      {func(r *api.Route) { r.Path = "/api/:any" }, "route GET /api/good (good) and route GET /api/:any (x) collide"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bad := api.Route{Operation: "x", Method: "GET", Path: "/api/x", Access: api.Public, Handler: nothing}
			tt.change(&bad)
			router := httprouter.New()
			err := plain().RegisterRoutes(router, []api.Route{good, bad})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
			if h, _, _ := router.Lookup("GET", "/api/good"); h != nil {
				t.Error("a route was registered in spite of the error")
			}
		})
	}
}

// TestARouteMustBeDescribed: with its method, path and access; and nothing else may be.
func TestARouteMustBeDescribed(t *testing.T) {
	text, err := os.ReadFile("openapi/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	auth, err := os.ReadFile("openapi/auth.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ old, new, want string }{
		"not described":  {"operationId: getHealth", "operationId: getWealth", "route GET /api/health (getHealth) is not described"},
		"no route":       {"operationId: getHealth", "operationId: getWealth", "describes GET /api/health (getWealth), which is no route"},
		"another path":   {"/api/health:", "/api/wealth:", "(getHealth) is not described"},
		"another access": {"x-access: unlimited", "x-access: owner", "(getHealth) is for unlimited, and described as for owner"},
	} {
		d, err := openapi.Merge(fstest.MapFS{"base.yaml": {Data: []byte(strings.Replace(string(text), tt.old, tt.new, 1))}, "auth.yaml": {Data: auth}})
		if err != nil {
			t.Fatal(err)
		}
		err = api.New(api.Config{Now: time.Now, Document: d}).Register(httprouter.New())
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// TestCollisionsAreTheRouters: two routes are refused exactly where the router
// would not take both.
func TestCollisionsAreTheRouters(t *testing.T) {
	segment := rapid.SampledFrom([]string{"a", "b", "ab", ":x", ":y"})
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) api.Route {
			path := "/api/" + strings.Join(rapid.SliceOfN(segment, 1, 4).Draw(t, name), "/")
			return api.Route{Operation: name, Method: "GET", Path: path, Access: api.Public, Handler: nothing}
		}
		one, two := draw("one"), draw("two")
		refused := func() (refused bool) {
			defer func() { refused = recover() != nil }()
			router := httprouter.New()
			router.Handler("GET", one.Path, http.NotFoundHandler())
			router.Handler("GET", two.Path, http.NotFoundHandler())
			return false
		}()
		err := plain().RegisterRoutes(httprouter.New(), []api.Route{one, two})
		if (err != nil) != refused {
			t.Errorf("%s and %s: error %v, the router refuses: %v", one.Path, two.Path, err, refused)
		}
	})
}

func TestTheTableIsFit(t *testing.T) {
	if err := plain().Register(httprouter.New()); err != nil {
		t.Error(err)
	}
}

// document is the members that every problem has.
type document struct {
	Type, Title, Code, Detail string
	Status                    int
	RequestID                 string `json:"request_id"`
}

func TestErrorsBecomeProblemDocuments(t *testing.T) {
	secret := errors.New("password hunter2")
	tests := map[string]struct {
		err    error
		status int
		code   string
	}{
		"internal":    {secret, 500, "internal"},
		"unavailable": {problem.New(problem.Unavailable, "down", "Later.").Because(secret), 503, "down"},
		"invalid":     {problem.New(problem.Invalid, "bad", "Look."), 400, "bad"},
		"forbidden":   {problem.New(problem.Forbidden, "no", "No."), 403, "no"},
		"not found":   {problem.New(problem.NotFound, "none", "None."), 404, "none"},
		"conflict":    {problem.New(problem.Conflict, "moved", "Again."), 409, "moved"},
		"refused":     {problem.New(problem.Refused, "rule", "Rule."), 422, "rule"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			router := httprouter.New()
			if err := plain().RegisterRoutes(router, []api.Route{{Operation: "x", Method: "GET", Path: "/api/x", Access: api.Public,
				Handler: func(http.ResponseWriter, *http.Request) error { return tt.err }}}); err != nil {
				t.Fatal(err)
			}
			w, got, line := ask(t, router, "GET", "/api/x")
			p := problem.Of(tt.err)
			want := document{"about:blank", http.StatusText(tt.status), tt.code, p.Detail, tt.status, w.Header().Get(requestlog.Header)}
			if got != want || w.Code != tt.status {
				t.Errorf("got  %d %+v\nwant %+v", w.Code, got, want)
			}
			if strings.Contains(w.Body.String(), "hunter2") {
				t.Error("the cause is shown")
			}
			if logged := strings.Contains(line, "hunter2"); logged != (tt.status >= 500) {
				t.Errorf("cause logged: %v\n%s", logged, line)
			}
		})
	}
}

// ask sends a request through the request log and returns what came of it.
func ask(t *testing.T, h http.Handler, method, path string) (*httptest.ResponseRecorder, document, string) {
	t.Helper()
	var line strings.Builder
	w := httptest.NewRecorder()
	requestlog.New(slog.New(slog.NewTextHandler(&line, nil)), h).ServeHTTP(w, httptest.NewRequest(method, path, nil))
	var got document
	if w.Header().Get("Content-Type") == "application/problem+json" {
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
	}
	return w, got, line.String()
}

func TestTheRouterAnswersWithProblemsUnderAPI(t *testing.T) {
	router := httprouter.New()
	if err := plain().Register(router); err != nil {
		t.Fatal(err)
	}
	router.GET("/page", func(http.ResponseWriter, *http.Request, httprouter.Params) {})
	router.NotFound = api.NotFound(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(418) }))
	router.MethodNotAllowed = api.MethodNotAllowed()
	tests := []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/api/none", 404, "no_such_route"},
		{"GET", "/api", 404, "no_such_route"},
		{"POST", "/api/health", 405, "method_not_allowed"},
		{"POST", "/page", 405, ""},
		{"GET", "/apiary", 418, ""},
		{"GET", "/", 418, ""},
	}
	for _, tt := range tests {
		w, got, _ := ask(t, router, tt.method, tt.path)
		if w.Code != tt.status || got.Code != tt.code {
			t.Errorf("%s %s: got %d %q, want %d %q", tt.method, tt.path, w.Code, got.Code, tt.status, tt.code)
		}
		if w.Code == 405 && !strings.Contains(w.Header().Get("Allow"), "GET") {
			t.Errorf("%s %s: Allow = %q", tt.method, tt.path, w.Header().Get("Allow"))
		}
	}
}

// TestAPanicLooksLikeAnyOtherFailure holds the request log's own document, which
// is written without this package, to the one written here.
func TestAPanicLooksLikeAnyOtherFailure(t *testing.T) {
	failed, want, _ := ask(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.Problem(w, r, errors.New("x"))
	}), "GET", "/")
	panicked, got, _ := ask(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") }), "GET", "/")
	got.RequestID, want.RequestID = "", ""
	if got != want || panicked.Code != failed.Code || len(panicked.Body.Bytes()) != len(failed.Body.Bytes()) {
		t.Errorf("got  %d %s\nwant %d %s", panicked.Code, panicked.Body, failed.Code, failed.Body)
	}
}
