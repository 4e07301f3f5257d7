package app

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/logging"
	"coffer/internal/simulator"
	"coffer/internal/sqlite"
)

// town is a running demo inside a test: the real server, a store and a local
// Discord, joined by HTTP.
type town struct {
	*demo
	t     *testing.T
	store store
	path  string // of an SQLite store
	log   *lockedBuffer
	stop  func() error // ends it and returns how it ended; may be called again
}

// lockedBuffer collects log lines from many goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// answered is how long a town's Discord waits for an answer. Discord waits for 3 s, and
// the handler's own tests hold it to that with a clock of theirs; a story of 200 people who
// click at once must not fail because the machine has other things to do.
const answered = time.Minute

// stores open an empty store of each kind.
var stores = map[string]func(*testing.T) store{
	"sqlite": func(t *testing.T) store {
		bank, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "coffer.db"))
		if err != nil {
			t.Fatal(err)
		}
		return bank
	},
	"supabase": func(t *testing.T) store {
		bank, _ := newSupabase(t)
		return bank
	},
}

// eachTown tells a story in a town on each kind of store.
func eachTown(t *testing.T, story func(*testing.T, *town)) {
	eachStore(t, func(t *testing.T, s store) { story(t, newTownOn(t, s, nil)) })
}

// eachStore tells a story on each kind of store, with -short on the quick one: the
// stores' own suites and TestEveryCommandIsOneRequest are run all the same.
func eachStore(t *testing.T, story func(*testing.T, store)) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			if name == "supabase" {
				thorough(t)
			}
			story(t, open(t))
		})
	}
}

// thorough keeps a test out of the quick run.
func thorough(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not with -short: it takes seconds")
	}
}

// newTown starts a demo without history on SQLite. wrap may put something between
// the server and its store.
func newTown(t *testing.T, wrap func(books) books) *town {
	t.Helper()
	path := filepath.Join(t.TempDir(), "coffer.db")
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	w := newTownOn(t, store, wrap)
	w.path = path
	return w
}

// newTownOn starts a demo on a store, which it closes at the end.
func newTownOn(t *testing.T, store store, wrap func(books) books) *town {
	t.Helper()
	s := server{store: store}
	if wrap != nil {
		s.store = wrap(store)
	}
	return newTownServing(t, store, s)
}

// newTownServing is newTownOn for a server that is set up otherwise.
func newTownServing(t *testing.T, store store, s server) *town {
	t.Helper()
	return newTownWith(t, store, s, false)
}

// newTownWith starts a demo with the gateway's worker or, so that a story knows who is a
// member, without.
func newTownWith(t *testing.T, store store, s server, worker bool) *town {
	t.Helper()
	log := &lockedBuffer{}
	s.log = logging.New(log, slog.LevelDebug, "json")
	listener, err := listen(demoHost, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDemo(listener, s, answered)
	if err != nil {
		t.Fatal(err)
	}
	if !worker {
		d.server.gateway = nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- d.run(ctx, func() { close(ready) }) }()
	stop := sync.OnceValue(func() error {
		cancel()
		return errors.Join(<-ended, store.Close())
	})
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return &town{demo: d, t: t, store: store, log: log, stop: stop}
}

// say speaks as somebody and returns the finished interaction. It fails the
// test if Discord would have refused the answer.
func (w *town) say(as, line string) simulator.Interaction {
	w.t.Helper()
	return w.settle(w.sim.Say(w.t.Context(), simulator.Command{As: as, Line: line}))
}

// force says what a client would not send.
func (w *town) force(as, line string) simulator.Interaction {
	w.t.Helper()
	return w.settle(w.sim.Say(w.t.Context(), simulator.Command{As: as, Line: line, Force: true}))
}

// click clicks the first button whose label holds the given text.
func (w *town) click(as string, m *simulator.Message, label string) simulator.Interaction {
	w.t.Helper()
	b, ok := findButton(*m, label)
	if !ok {
		w.t.Fatalf("no button %q in:\n%s", label, w.text(m))
	}
	return w.settle(w.sim.Click(w.t.Context(), simulator.Click{As: as, MessageID: m.ID, CustomID: b.CustomID}))
}

func (w *town) settle(it simulator.Interaction, err error) simulator.Interaction {
	w.t.Helper()
	if err == nil && it.State == simulator.Thinking {
		ctx, cancel := context.WithTimeout(w.t.Context(), answered)
		defer cancel()
		it, err = w.sim.Wait(ctx, it.ID)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	if it.State == simulator.Failed {
		w.t.Fatalf("%s: %s\nresponse: %s", it.Error, it.Reason, it.Response)
	}
	return it
}

// text is a message as a terminal shows it.
func (w *town) text(m *simulator.Message) string {
	w.t.Helper()
	if m == nil {
		w.t.Fatal("there is no message")
	}
	var out bytes.Buffer
	names := map[string]string{}
	for _, x := range simulator.DemoWorld().Members {
		names[x.User.ID] = x.User.Username
	}
	terminal{console{&out, &out}, names, time.Now()}.message(*m)
	return out.String()
}

// expect fails unless every part is in the text.
func (w *town) expect(got string, parts ...string) {
	w.t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			w.t.Errorf("missing %q in:\n%s", part, got)
		}
	}
}

// sound fails unless the books are in order.
func (w *town) sound() economy.Audit {
	w.t.Helper()
	a, err := w.store.Audit(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if broken, ok := a.Broken(); ok {
		w.t.Fatalf("the books are broken: %+v", broken)
	}
	return a
}

func TestAMemberEarnsHoldsSendsAndSeesCoins(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.expect(w.text(w.say("bob", "/balance").Message), "100 🪙", "Rank: #1", "only bob sees this")
		w.expect(w.text(w.say("bob", "/daily").Message), "+100 🪙", "@bob", "Balance: 200 🪙")
		w.expect(w.text(w.say("bob", "/daily").Message), "claimed already")
		w.expect(w.text(w.say("bob", "/pay @dana 1,00").Message), "whole number")
		w.expect(w.text(w.say("bob", "/pay @dana half note:for *you* <@&1> @everyone").Message), "@bob paid @dana 100 🪙", "for *you*")
		w.expect(w.text(w.say("dana", "/balance").Message), "200 🪙", "Rank: #1")
		w.expect(w.text(w.say("dana", "/balance @bob").Message), "@bob", "100 🪙", "Rank: #2")
		w.expect(w.text(w.say("dana", "/pay bob 1k").Message), "not enough", "balance is 200")
		w.expect(w.text(w.say("bob", "/history").Message), "−100 🪙", "@dana", "+100 🪙", "daily", "for *you*")
		if a := w.sound(); a.Members != 2 || a.Coins != 300 {
			t.Errorf("%d members with %d coins, want 2 with 300", a.Members, a.Coins)
		}
		for _, m := range w.sim.Messages("general", "bob") {
			if len(m.Pings) > 0 {
				t.Errorf("a message pings %v", m.Pings)
			}
		}
	})
}

func TestAnAdminCorrectsABalanceAndTakesItBack(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		given := w.say("ada", "/admin coins give @lea 1.5k reason:won the race")
		w.expect(w.text(given.Message), "100 🪙 → 1,600 🪙", "won the race", "only ada sees this")
		undone := w.click("ada", given.Message, "Undo")
		w.expect(w.text(lastMessage(undone)), "1,500 🪙", "100 🪙")
		w.expect(w.text(w.say("ada", "/admin coins take @lea 500").Message), "not enough", "balance is 100")
		w.expect(w.text(w.say("ada", "/admin coins set @lea 7").Message), "100 🪙 → 7 🪙")

		typed, err := w.sim.Autocomplete(t.Context(), simulator.Typing{As: "ada", Line: "/admin undo transaction:"})
		if err != nil || len(typed.Choices) == 0 {
			t.Fatalf("choices = %v, %v, %s", typed.Choices, err, typed.Reason)
		}
		if got := typed.Choices[0].Name; !strings.Contains(got, "93") || !strings.Contains(got, "Léa") && !strings.Contains(got, "@everyone") {
			t.Errorf("first choice is %q, want the 93 coins taken from lea", got)
		}
		var id string
		if err := json.Unmarshal(typed.Choices[0].Value, &id); err != nil {
			t.Fatal(err)
		}
		w.expect(w.text(w.say("ada", "/admin undo "+id).Message), "+93 🪙")
		w.expect(w.text(w.say("ada", "/admin undo "+id).Message), "already")
		w.sound()
	})
}

func TestWhoHasTheAdminRoleAdministersUntilItIsTaken(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		give := func() string { return w.text(w.say("chidi", "/admin coins give @lea 5").Message) }
		w.expect(give(), "have its admin role")
		w.expect(w.text(w.say("ada", "/admin settings admin_role:@Reviewer").Message), "Admin role none → @"+simulator.DemoReviewerRole, "Integrations")
		w.expect(give(), "100 🪙 → 105 🪙")
		w.expect(w.text(w.say("chidi", "/admin settings admin_role:@Deckhand").Message), "Nothing was changed")
		w.expect(w.text(w.say("chidi", "/review").Message), "Nothing waits")
		w.expect(w.text(w.say("ada", "/admin settings admin_role:@everyone").Message), "→ none")
		w.expect(give(), "have its admin role")
		w.sound()
	})
}

func lastMessage(it simulator.Interaction) *simulator.Message {
	if n := len(it.Followups); n > 0 {
		return &it.Followups[n-1]
	}
	return it.Message
}

func TestADoubleClickIsOneWrite(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		given := w.say("ada", "/admin coins give @lea 500")
		b, _ := findButton(*given.Message, "Undo")
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				_, err := w.sim.Click(t.Context(), simulator.Click{As: "ada", MessageID: given.Message.ID, CustomID: b.CustomID})
				var gone *simulator.ClientError // the button may be gone already
				if err != nil && !errors.As(err, &gone) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if a := w.sound(); a.Coins != 200 || a.Transactions != 4 {
			t.Errorf("%d coins in %d transactions, want 200 in 4: two openings, the gift, its reversal", a.Coins, a.Transactions)
		}
	})
}

func TestOnlyTheirOwnerTurnsPages(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		for _, m := range simulator.DemoWorld().Members {
			if !m.User.Bot {
				w.say(m.User.Username, "/balance")
			}
		}
		board := w.say("emil", "/leaderboard")
		w.expect(w.text(board.Message), "Page 1", "@ada", "🥇")
		second := w.click("emil", board.Message, "Next")
		w.expect(w.text(second.Message), "Page 2", "@lea")
		refused := w.click("goro", second.Message, "Previous")
		w.expect(w.text(lastMessage(refused)), "only goro sees this")
		now, _ := w.sim.Message(board.Message.ID)
		w.expect(w.text(&now), "Page 2")
		w.expect(w.text(w.click("emil", &now, "Previous").Message), "Page 1")
	})
}

func TestHostileClientsAreAnsweredPolitely(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		for _, line := range []string{"/admin coins give @bob 1k", "/admin undo 1"} {
			w.expect(w.text(w.force("bob", line).Message), "only bob sees this")
		}
		if a := w.sound(); a.Transactions != 0 {
			t.Errorf("%d transactions, want none", a.Transactions)
		}
		w.expect(w.text(w.say("bob", "/pay @bob 5").Message), "yourself")
		w.expect(w.text(w.say("bob", "/pay @coffer 5").Message), "Bots")
		if err := w.sim.Verify(t.Context()); err != nil {
			t.Errorf("the developer portal refuses the endpoint: %v", err)
		}
	})
}

func TestTheSameDeliveryTwiceIsOneWrite(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		if _, err := w.sim.Plant(simulator.Fault{Kind: "duplicate", Command: "daily", Count: 1}); err != nil {
			t.Fatal(err)
		}
		w.expect(w.text(w.say("bob", "/daily").Message), "+100 🪙")
		if a := w.sound(); a.Coins != 200 {
			t.Errorf("%d coins, want 200", a.Coins)
		}
	})
}

// slowStore delays claims until they are let go.
type slowStore struct {
	books
	claiming, release chan struct{}
}

func (s slowStore) ClaimDaily(ctx context.Context, c economy.DailyClaim) (economy.DailyReceipt, error) {
	s.claiming <- struct{}{}
	<-s.release
	return s.books.ClaimDaily(ctx, c)
}

func TestASlowCommandIsDeferredAndAnsweredLater(t *testing.T) {
	s := slowStore{claiming: make(chan struct{}, 1), release: make(chan struct{})}
	w := newTown(t, func(inner books) books { s.books = inner; return s })
	first, err := w.sim.Say(t.Context(), simulator.Command{As: "bob", Line: "/daily"})
	if err != nil || first.State != simulator.Thinking {
		t.Fatalf("state %q, %v, %s; want it to be thinking", first.State, err, first.Reason)
	}
	// Discord is rough just then: a rate limit, then an outage.
	for _, f := range []simulator.Fault{
		{Kind: "rate_limit", Method: "PATCH", Count: 1}, {Kind: "status", Status: 502, Method: "PATCH", Count: 1},
	} {
		if _, err := w.sim.Plant(f); err != nil {
			t.Fatal(err)
		}
	}
	close(s.release)
	w.expect(w.text(w.settle(first, nil).Message), "+100 🪙")
	w.sound()
}

func TestThePlaygroundIsTheDemosOnly(t *testing.T) {
	w := newTown(t, nil)
	demo, err := w.server.routes(http.NotFoundHandler(), w.server.admin(w.store, nil, counters{}), http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	served := w.server
	served.simulator = nil
	serve, err := served.routes(http.NotFoundHandler(), w.server.admin(w.store, nil, counters{}), http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	get := func(h http.Handler, path string) *httptest.ResponseRecorder {
		r := httptest.NewRecorder()
		h.ServeHTTP(r, httptest.NewRequest("GET", "http://localhost"+path, nil))
		return r
	}
	if got := get(demo, "/playground"); got.Code != 200 || !strings.Contains(got.Body.String(), "playground") {
		t.Errorf("demo: %d %s", got.Code, got.Body)
	}
	if got := get(serve, "/playground"); strings.Contains(got.Body.String(), "<title>Coffer: playground") {
		t.Errorf("serve shows the playground: %d %s", got.Code, got.Body)
	}
	for _, path := range []string{"/simulator/state", "/playground.html"} {
		if got := get(serve, path); strings.Contains(got.Body.String(), "application_id") || strings.Contains(got.Body.String(), "<title>Coffer: playground") {
			t.Errorf("serve answers %s: %d %s", path, got.Code, got.Body)
		}
	}
}

func TestHealthTellsOfALockedDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the health check's patience")
	}
	w := newTown(t, nil)
	health := func() int {
		res, err := http.Get("http://" + w.listener.Addr().String() + "/api/health")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	if got := health(); got != http.StatusOK {
		t.Fatalf("status %d, want 200", got)
	}
	other, err := sql.Open("sqlite", w.path+"?_pragma=busy_timeout(60000)") // the server writes, too
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	lock, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := lock.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if got := health(); got != http.StatusServiceUnavailable || time.Since(began) > 5*time.Second {
		t.Errorf("status %d after %v, want 503 after 2 s", got, time.Since(began))
	}
	if _, err := lock.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Ping(t.Context()); err != nil { // behind the write that still waited
		t.Fatal(err)
	}
	if got := health(); got != http.StatusOK {
		t.Errorf("status %d afterwards, want 200", got)
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	w := newTown(t, nil)
	it := w.say("bob", "/pay @dana 5 note:our-secret")
	w.force("bob", "/admin coins give @bob 1k")
	if err := w.stop(); err != nil {
		t.Error(err)
	}
	var payload struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal(it.Request, &payload); err != nil || payload.Token == "" {
		t.Fatalf("no token in the request: %v", err)
	}
	log := w.log.String()
	for _, secret := range []string{payload.Token, "our-secret", "demo.", "Zoë"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
	lines := 0
	for line := range strings.Lines(log) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("no JSON: %s", line)
		}
		if entry["msg"] == "request" && entry["command"] == "pay" {
			lines++
			if entry["outcome"] != "ok" || entry["request_id"] == "" || entry["status"] != float64(200) {
				t.Errorf("line = %s", line)
			}
		}
	}
	if lines != 1 {
		t.Errorf("%d lines for /pay, want 1:\n%s", lines, log)
	}
}
