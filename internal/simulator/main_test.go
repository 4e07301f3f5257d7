package simulator

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testToken = "bot-token"

// testKey is always the same, so that nothing in a test is left to chance.
var testKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// clock is a clock that only a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// incoming is an interaction as the stand-in app sees it.
type incoming struct {
	ID, Token, Locale string
	Type              int
	Member            struct {
		Permissions string
		User        struct{ ID, Username string }
	}
	Data struct {
		Name     string
		CustomID string `json:"custom_id"`
		Options  json.RawMessage
		Values   []string
	}
	Message *struct{ ID string }
	raw     []byte
}

// app is a stand-in for a real app: it verifies signatures with the standard
// library and answers what the test says.
type app struct {
	t      *testing.T
	answer func(incoming) any // nil, a string (raw), or something to marshal
	mu     sync.Mutex
	seen   []incoming
	status int
	kind   string
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	signature, err := hex.DecodeString(r.Header.Get("X-Signature-Ed25519"))
	message := append([]byte(r.Header.Get("X-Signature-Timestamp")), body...)
	if err != nil || len(signature) != ed25519.SignatureSize || r.Header.Get("X-Signature-Timestamp") == "" ||
		!ed25519.Verify(testKey.Public().(ed25519.PublicKey), message, signature) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	in := incoming{raw: body}
	if err := json.Unmarshal(body, &in); err != nil {
		a.t.Errorf("the app cannot read %s: %v", body, err)
	}
	a.mu.Lock()
	a.seen = append(a.seen, in)
	status, kind := a.status, a.kind
	a.mu.Unlock()
	if in.Type == 1 {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"type":1}`)
		return
	}
	var out []byte
	switch v := a.answer(in).(type) {
	case nil:
	case string:
		out = []byte(v)
	default:
		out, _ = json.Marshal(v)
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(out)
}

func (a *app) last() incoming {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seen[len(a.seen)-1]
}

func (a *app) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.seen)
}

// rig is a simulator, an app, and the simulator's two servers.
type rig struct {
	*Simulator
	t     *testing.T
	app   *app
	clock *clock
	rest  *httptest.Server
	ctl   *httptest.Server
}

func newRig(t *testing.T, answer func(incoming) any, change ...func(*Config)) *rig {
	t.Helper()
	r := &rig{t: t, clock: newClock(), app: &app{t: t, answer: answer, status: http.StatusOK, kind: "application/json"}}
	server := httptest.NewServer(r.app)
	cfg := Config{
		ApplicationID: DemoApplicationID, BotToken: testToken, PrivateKey: testKey,
		InteractionsURL: server.URL, Now: r.clock.now, World: DemoWorld(),
		AnswerWithin: time.Minute, // a busy machine may need more than Discord's 3 s
	}
	for _, f := range change {
		f(&cfg)
	}
	r.Simulator = New(cfg)
	r.rest, r.ctl = httptest.NewServer(r.REST()), httptest.NewServer(r.Control())
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
		r.rest.Close()
		r.ctl.Close()
		server.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	r.register(testCommands)
	return r
}

// testCommands has an option of every kind.
const testCommands = `[
 {"name":"ping","description":"Answers"},
 {"name":"pay","description":"Pays","options":[
  {"type":6,"name":"member","description":"Whom","required":true},
  {"type":4,"name":"amount","description":"How much","required":true,"min_value":1,"max_value":1000},
  {"type":3,"name":"note","description":"Why","max_length":20}]},
 {"name":"buy","description":"Buys","options":[
  {"type":3,"name":"item","description":"What","required":true,"autocomplete":true},
  {"type":4,"name":"quantity","description":"How many","autocomplete":true},
  {"type":10,"name":"price","description":"At most","autocomplete":true}]},
 {"name":"all","description":"All kinds","options":[
  {"type":5,"name":"flag","description":"d"},{"type":7,"name":"place","description":"d","channel_types":[0]},
  {"type":8,"name":"rank","description":"d"},{"type":9,"name":"who","description":"d"},
  {"type":10,"name":"rate","description":"d","min_value":0.5},{"type":11,"name":"proof","description":"d"},
  {"type":3,"name":"size","description":"d","choices":[{"name":"Quite big","value":"b"},{"name":"Small","value":"s"}]}]},
 {"name":"admin","description":"Admin","default_member_permissions":"32","options":[
  {"type":2,"name":"coins","description":"Coins","options":[
   {"type":1,"name":"give","description":"Gives","options":[
    {"type":6,"name":"member","description":"Whom","required":true},{"type":4,"name":"amount","description":"d","required":true}]}]},
  {"type":1,"name":"undo","description":"Undoes"}]}
]`

func (r *rig) register(commands string) {
	r.t.Helper()
	status, out := r.call("PUT", "/api/v10/applications/"+DemoApplicationID+"/commands", commands)
	if status != http.StatusOK {
		r.t.Fatalf("registering: %d %s", status, out)
	}
}

// call does a REST call as a well-behaved bot.
func (r *rig) call(method, path, body string, change ...func(*http.Request)) (int, string) {
	r.t.Helper()
	status, out, err := r.try(method, path, body, change...)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	return status, out
}

func (r *rig) try(method, path, body string, change ...func(*http.Request)) (int, string, error) {
	req, err := http.NewRequest(method, r.rest.URL+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("User-Agent", "DiscordBot (https://example.org, 1)")
	req.Header.Set("Authorization", "Bot "+testToken)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, f := range change {
		f(req)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	return res.StatusCode, string(out), err
}

// webhook is the path of the last interaction's token.
func (r *rig) webhook(rest string) string {
	return "/api/v10/webhooks/" + DemoApplicationID + "/" + r.app.last().Token + rest
}

func (r *rig) say(as, line string) Interaction {
	r.t.Helper()
	it, err := r.Say(r.t.Context(), Command{As: as, Line: line})
	if err != nil {
		r.t.Fatalf("%s: %s: %v", as, line, err)
	}
	return it
}

// always answers the same.
func always(v any) func(incoming) any { return func(incoming) any { return v } }

// message is a callback of type 4.
func message(data any) map[string]any { return map[string]any{"type": 4, "data": data} }

func text(content string) map[string]any {
	return message(map[string]any{"content": content})
}

func wantState(t *testing.T, it Interaction, want State) {
	t.Helper()
	if it.State != want {
		t.Fatalf("state is %s (%s: %s), want %s", it.State, it.Error, it.Reason, want)
	}
}

func wantContent(t *testing.T, it Interaction, want string) {
	t.Helper()
	if it.Message == nil || it.Message.Content != want {
		t.Fatalf("message is %+v, want content %q", it.Message, want)
	}
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }

func list(n int, f func(i int) any) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}

func nth(i int) string { return fmt.Sprintf("id-%d", i) }

// newServer serves h for the length of a test and returns its address.
func newServer(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// snowflakeTime tells when an id was made; the zero time if it is no id.
func snowflakeTime(id string) time.Time {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(n>>22) + epoch)
}
