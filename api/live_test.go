package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
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
)

// onBothStores runs a test on each store; open opens the same store anew each time, as
// another replica does.
func onBothStores(t *testing.T, test func(t *testing.T, open func() books)) {
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "coffer.db")
		test(t, func() books {
			s, err := sqlite.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		})
	})
	t.Run("supabase", func(t *testing.T) {
		p := newProject(t)
		test(t, func() books {
			s, err := postgrest.Open(p.URL(), p.Key())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		})
	})
}

// replica is one server of several on one store, over real HTTP.
type replica struct {
	*httptest.Server
	hub  *events.Hub
	stop func() // ends the hub, and then the server
}

// programs are accounts by the names of their tokens. They can be changed.
type programs struct {
	mu   sync.Mutex
	list map[string]admins.Account
}

// credential is the token of a program.
func credential(name string) string { return "coffer_" + name }

func (p *programs) account(hash string) (admins.Account, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, account := range p.list {
		if hash == admins.Hash(credential(name)) {
			return account, nil
		}
	}
	return admins.Account{}, admins.ErrSignedOut
}

func (p *programs) change(name string, change func(*admins.Account)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	account := p.list[name]
	change(&account)
	p.list[name] = account
}

func (p *programs) remove(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.list, name)
}

func viewers(names ...string) *programs {
	p := &programs{list: map[string]admins.Account{}}
	for i, name := range names {
		p.list[name] = admins.Account{ID: admins.ID(i + 1), Kind: admins.ByToken, Name: name, Role: admins.Viewer, Guilds: []string{theGuild}}
	}
	return p
}

// admitting is a store that has programs.
type admitting struct {
	books
	who *programs
}

func (a admitting) TokenAccount(_ context.Context, hash string, _ time.Time) (admins.Account, error) {
	return a.who.account(hash)
}

func (admitting) KnowsGuild(context.Context, string) (bool, error) { return true, nil }

// newReplica starts a server as the program does it, with the log and the protection
// around the router.
func newReplica(t *testing.T, store books, who *programs) *replica {
	t.Helper()
	hub := events.NewHub(events.HubConfig{Follower: store})
	router := httprouter.New()
	a := api.New(api.Config{Store: admitting{store, who}, Secrets: []string{"a secret of thirty-two bytes...."}, Hub: hub, Version: "test", Now: time.Now})
	if err := a.Register(router); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(requestlog.New(slog.New(slog.DiscardHandler), api.Protect(api.Protection{}, router)))
	ctx, end := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	r := &replica{Server: server, hub: hub}
	r.stop = sync.OnceFunc(func() {
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
		server.Close() // waits for what is under way
	})
	t.Cleanup(r.stop)
	return r
}

// message is a server-sent event.
type message struct{ id, kind, data string }

// stream is a client that is connected.
type stream struct {
	t    testing.TB
	body io.ReadCloser
	in   *bufio.Reader
	last string // the id that it would come back with
}

// listen connects, and comes back with the id.
func (r *replica) listen(t testing.TB, as, last string) *stream {
	t.Helper()
	s, ok := r.tryListen(t, as, last)
	if !ok {
		t.Fatal("there is no stream")
	}
	return s
}

// tryListen connects to a replica that may be about to end.
func (r *replica) tryListen(t testing.TB, as, last string) (*stream, bool) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL+"/api/guilds/"+theGuild+"/events", nil)
	if err != nil {
		t.Error(err)
		return nil, false
	}
	req.Header.Set("Authorization", "Bearer "+credential(as))
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, false
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		_ = res.Body.Close()
		return nil, false
	}
	s := &stream{t: t, body: res.Body, in: bufio.NewReader(res.Body), last: last}
	t.Cleanup(s.close)
	return s, true
}

func (s *stream) close() { _ = s.body.Close() }

// next returns the next event; those without data only move the id, as in a browser.
func (s *stream) next() (message, error) {
	var m message
	var data []string
	for {
		line, err := s.in.ReadString('\n')
		if err != nil {
			return m, err
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "\n":
			if m.id != "" {
				s.last = m.id
			}
			if len(data) > 0 {
				m.data = strings.Join(data, "\n")
				return m, nil
			}
			m = message{}
		case name == "id":
			m.id = value
		case name == "event":
			m.kind = value
		case name == "data":
			data = append(data, value)
		}
	}
}

// here waits until the client knows where it is.
func (s *stream) here() {
	s.t.Helper()
	for s.last == "" {
		line, err := s.in.ReadString('\n')
		if err != nil {
			s.t.Fatal(err)
		}
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			s.last = strings.TrimSpace(id)
		}
	}
}

// entry is what a trail's entry says.
type entry struct {
	ID, Position, Kind, Subject string
	Actor                       struct{ Kind, ID, Name string }
	Before, After               json.RawMessage
	At                          time.Time
}

func (m message) entry(t testing.TB) entry {
	t.Helper()
	var e entry
	if err := json.Unmarshal([]byte(m.data), &e); err != nil {
		t.Fatalf("%v in %q", err, m.data)
	}
	if e.Position != m.id || e.Kind != m.kind {
		t.Errorf("the event %q %q says %+v", m.id, m.kind, e)
	}
	return e
}

// give is a write of a guild.
func give(t testing.TB, store economy.Store, key string) {
	op, err := economy.NewAdjustment(economy.Request{Guild: theGuild, Source: economy.FromDiscord, Key: key, At: time.Now()},
		economy.Person{User: "1", Name: "Root"}, economy.Person{User: economy.UserID(fmt.Sprint(100 + len(key)%7)), Name: "Ada"}, economy.KindGive, 1, "")
	if err == nil {
		_, err = store.Adjust(t.Context(), op)
	}
	if err != nil {
		t.Error(err)
	}
}

// TestWhatHappensOnOneReplicaIsSeenOnAnotherWithinTwoSeconds looks at the middle one of
// five, because any of them may meet a machine that is busy.
func TestWhatHappensOnOneReplicaIsSeenOnAnotherWithinTwoSeconds(t *testing.T) {
	onBothStores(t, func(t *testing.T, open func() books) {
		here, there := open(), open()
		give(t, there, "founds the guild")
		watched := newReplica(t, here, viewers("ada"))
		s := watched.listen(t, "ada", "")
		s.here()
		var took []time.Duration
		rounds := 5
		if testing.Short() {
			rounds = 1
		}
		for n := range rounds {
			give(t, there, fmt.Sprint("key-", n))
			for start := time.Now(); ; {
				m, err := s.next()
				if err != nil {
					t.Fatal(err)
				}
				e := m.entry(t)
				if e.Kind == "give" {
					took = append(took, time.Since(start))
					break
				}
			}
		}
		slices.Sort(took)
		if took[rounds/2] > 2*time.Second {
			t.Errorf("events took %s, want at most 2 s", took)
		}
	})
}

// TestNothingIsLostAndNothingComesTwice has two replicas on one store, many who write
// to it, and clients who are cut off again and again and come back to either of them
// with their last id, while the replicas themselves are ended and started anew.
func TestNothingIsLostAndNothingComesTwice(t *testing.T) {
	onBothStores(t, func(t *testing.T, open func() books) {
		writes, writers, readers := 10_000, 8, 4
		if testing.Short() || storetest.RaceDetector || strings.HasSuffix(t.Name(), "supabase") {
			writes = 400 // on Supabase, TestAStormAtTwoServersIsToldOnceAndInOrder has more
		}
		store := open()
		give(t, store, "founds the guild")
		who := viewers("ada", "bob", "cyd", "dee")
		var mu sync.Mutex
		replicas := []*replica{newReplica(t, open(), who), newReplica(t, open(), who)}
		pick := func(n int) *replica {
			mu.Lock()
			defer mu.Unlock()
			return replicas[n%2]
		}
		first := pick(0).listen(t, "ada", "")
		first.here()
		from := first.last
		first.close()

		var writing, reading sync.WaitGroup
		var done atomic.Bool
		for w := range writers {
			writing.Go(func() {
				for n := range writes / writers {
					give(t, store, fmt.Sprint(w, "-", n))
				}
			})
		}
		seen := make([][]entry, readers)
		for c := range readers {
			reading.Go(func() {
				at, finished := from, false
				for connection := c; !finished; connection++ {
					s, ok := pick(connection).tryListen(t, []string{"ada", "bob", "cyd", "dee"}[c], at)
					if !ok {
						continue // the replica is just being replaced
					}
					for n := 0; !finished && (done.Load() || n < 50+100*c); n++ { // and then it is cut off
						m, err := s.next()
						if err != nil {
							break
						}
						seen[c] = append(seen[c], m.entry(t))
						finished = m.kind == "settings.changed"
					}
					at = s.last
					s.close()
				}
			})
		}
		restarts := make(chan struct{})
		go func() {
			defer close(restarts)
			tick := time.NewTicker(500 * time.Millisecond)
			defer tick.Stop()
			for n := 0; !done.Load(); n++ {
				<-tick.C
				fresh := newReplica(t, open(), who)
				mu.Lock()
				old := replicas[n%2]
				replicas[n%2] = fresh
				mu.Unlock()
				old.stop()
			}
		}()
		writing.Wait()
		done.Store(true)
		<-restarts
		settings, err := store.Settings(t.Context(), theGuild)
		if err != nil {
			t.Fatal(err)
		}
		settings.Grace++
		change, err := economy.NewSettingsChange(economy.Request{Guild: theGuild, Source: economy.FromSystem, Key: "last", At: time.Now()},
			economy.Person{User: "1"}, settings)
		if err == nil {
			_, err = store.ChangeSettings(t.Context(), change)
		}
		if err != nil {
			t.Fatal(err)
		}
		reading.Wait()

		position, err := events.ParsePosition(from)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for more := true; more; {
			b, err := store.After(t.Context(), position, []string{theGuild}, 1000)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range b.Entries {
				want = append(want, fmt.Sprint(e.ID))
			}
			position, more = b.Until, b.More
		}
		if len(want) < writes {
			t.Fatalf("%d events, want at least %d", len(want), writes)
		}
		for c, list := range seen {
			var got []string
			for _, e := range list {
				got = append(got, e.ID)
			}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("client %d saw %d events, want %d, in their order", c, len(got), len(want))
			}
		}
		t.Logf("%d clients saw %d events each", readers, len(want))
	})
}

func TestAPositionOfAnotherTimeResets(t *testing.T) {
	onBothStores(t, func(t *testing.T, open func() books) {
		store := open()
		give(t, store, "founds the guild")
		r := newReplica(t, store, viewers("ada"))
		for _, last := range []string{"nonsense", "18446744073709551615-1", "0-99999999999"} {
			if last == "0-99999999999" && strings.HasSuffix(t.Name(), "supabase") {
				continue // there it is one that was long ago
			}
			s := r.listen(t, "ada", last)
			m, err := s.next()
			if err != nil {
				t.Fatal(err)
			}
			if m.kind != "reset" || m.data != "{}" {
				t.Errorf("%s: got %+v, want a reset", last, m)
			}
			give(t, store, "after "+last)
			r.hub.Wake()
			for {
				if m, err = s.next(); err != nil {
					t.Fatal(err)
				}
				if m.entry(t).Kind == "give" {
					break
				}
			}
			s.close()
		}
	})
}

func TestAStreamEndsWithTheServer(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "coffer.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r := newReplica(t, store, viewers("ada"))
	s := r.listen(t, "ada", "")
	s.here()
	r.stop() // returns once the stream's handler has
	if _, err := s.next(); !errors.Is(err, io.EOF) {
		t.Errorf("the stream ends with %v, want %v", err, io.EOF)
	}
}

// TestAThousandStreamsAreCheap measures what streams cost the server: heap and stacks,
// and the questions to the store. Their clients are a process of their own.
func TestAThousandStreamsAreCheap(t *testing.T) {
	if testing.Short() || storetest.RaceDetector {
		t.Skip("it measures memory: make large")
	}
	const most = 30 << 20
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "coffer.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	who := viewers()
	for i := range clients {
		who.list[fmt.Sprint("viewer-", i)] = admins.Account{ID: admins.ID(i%40 + 1), Role: admins.Viewer, Guilds: []string{theGuild}}
	}
	counted := &countingStore{books: store}
	give(t, store, "founds the guild")
	r := newReplica(t, counted, who)
	used := func() uint64 {
		for range 4 { // a stack shrinks by half each time
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before := used()
	said, leave := startClients(t, r.Listener.Addr().String())
	defer leave()
	expect := func(want string) {
		t.Helper()
		if got, err := said.ReadString('\n'); err != nil || strings.TrimSpace(got) != want {
			t.Fatalf("the clients say %q, want %q: %v", got, want, err)
		}
	}
	expect("here")
	asked, start := counted.asked.Load(), time.Now()
	for n := range 3 {
		give(t, store, fmt.Sprint("key-", n))
		expect("give")
	}
	per := float64(counted.asked.Load()-asked) / time.Since(start).Seconds()
	cost := used() - before
	t.Logf("%d streams cost %.1f MB and %.1f questions a second", r.hub.Watchers(), float64(cost)/(1<<20), per)
	if cost > most || r.hub.Watchers() != clients {
		t.Errorf("%d streams cost %d bytes, want %d for at most %d", r.hub.Watchers(), cost, clients, most)
	}
	if per > 1.5 {
		t.Errorf("%.1f questions a second, want about 1", per)
	}
}

// clients is how many there are in the process of clients.
const clients = 1000

// startClients starts the process of clients, which says "here" when all of them are
// told where they are, and then each time all of them were told of a gift.
func startClients(t *testing.T, address string) (said *bufio.Reader, leave func()) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTheClientsOfStreams$", "-test.v=false")
	command.Env = append(os.Environ(), "COFFER_STREAMS_OF="+address)
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReader(out), func() {
		_ = in.Close()
		_ = command.Wait()
	}
}

// TestTheClientsOfStreams is the process of clients.
func TestTheClientsOfStreams(t *testing.T) {
	address := os.Getenv("COFFER_STREAMS_OF")
	if address == "" {
		t.Skip("it is part of another test")
	}
	var all []*bufio.Reader
	for i := range clients {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprintf(conn, "GET /api/guilds/%s/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", theGuild, credential(fmt.Sprint("viewer-", i))); err != nil {
			t.Fatal(err)
		}
		all = append(all, bufio.NewReader(conn))
	}
	told := func(want string) {
		for _, in := range all {
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(line, want) {
					break
				}
			}
		}
	}
	told(": here")
	fmt.Println("here")
	for range 3 {
		told("event: give")
		fmt.Println("give")
	}
	_, _ = io.ReadAll(os.Stdin) // until the other process has looked
}

// countingStore counts the questions of the hub.
type countingStore struct {
	books
	asked atomic.Int64
}

func (c *countingStore) After(ctx context.Context, from events.Position, guilds []string, limit int) (events.Batch, error) {
	c.asked.Add(1)
	return c.books.After(ctx, from, guilds, limit)
}
