package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/julienschmidt/httprouter"

	"coffer/api"
	"coffer/internal/admins"
	"coffer/internal/events"
	"coffer/internal/requestlog"
)

// noted is a follower in memory.
type noted struct {
	api.Store
	*programs
	lock sync.Mutex
	told []events.Entry
}

func (s *noted) TokenAccount(_ context.Context, hash string, _ time.Time) (admins.Account, error) {
	return s.account(hash)
}

func (*noted) KnowsGuild(context.Context, string) (bool, error) { return true, nil }

func (s *noted) Head(context.Context) (events.Position, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	return events.Position{ID: int64(len(s.told))}, nil
}

func (s *noted) After(_ context.Context, from events.Position, _ []string, _ int) (events.Batch, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if from.ID > int64(len(s.told)) {
		return events.Batch{}, events.ErrPosition
	}
	return events.Batch{Entries: s.told[from.ID:], Until: events.Position{ID: int64(len(s.told))}}, nil
}

// putBack has the store be as it was after so many events.
func (s *noted) putBack(n int) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.told = s.told[:n]
}

func (s *noted) add(n int) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for range n {
		id := int64(len(s.told) + 1)
		s.told = append(s.told, events.Entry{Position: events.Position{ID: id},
			Event: events.Event{ID: id, Guild: theGuild, Kind: "give", Subject: "guild", Before: json.RawMessage(strings.Repeat(" ", 1000) + "{}")}})
	}
}

// outlet is a client's end of a stream: how much of it he reads is for the test.
type outlet struct {
	header   http.Header
	mu       sync.Mutex
	text     strings.Builder
	stuck    bool
	begins   bool // he reads the first line, and then is stuck
	deadline time.Time
}

func (o *outlet) Header() http.Header                { return o.header }
func (o *outlet) WriteHeader(int)                    {}
func (o *outlet) Flush()                             {}
func (o *outlet) SetWriteDeadline(t time.Time) error { o.deadline = t; return nil }

func (o *outlet) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stuck {
		time.Sleep(time.Until(o.deadline))
		return 0, os.ErrDeadlineExceeded
	}
	o.stuck = o.begins
	return o.text.Write(p)
}

func (o *outlet) read() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// connector returns a client's end, and a channel that is closed once the stream has
// ended. How he comes may be changed before he does.
type connector func(as string, how ...func(*outlet, *http.Request)) (*outlet, <-chan struct{})

// inBubble runs a test with an API, a hub and a clock of their own.
func inBubble(t *testing.T, test func(t *testing.T, s *noted, who *programs, connect connector)) {
	synctest.Test(t, func(t *testing.T) {
		who := viewers("ada", "bob")
		store := &noted{programs: who}
		hub := events.NewHub(events.HubConfig{Follower: store})
		router := httprouter.New()
		if err := api.New(api.Config{Store: store, Secrets: []string{"a secret of thirty-two bytes...."}, Hub: hub, Now: time.Now}).Register(router); err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { _ = hub.Run(ctx) })
		test(t, store, who, func(as string, how ...func(*outlet, *http.Request)) (*outlet, <-chan struct{}) {
			o, ended := &outlet{header: http.Header{}}, make(chan struct{})
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/guilds/"+theGuild+"/events", nil)
			r.Header.Set("Authorization", "Bearer "+credential(as))
			for _, change := range how {
				change(o, r)
			}
			all.Go(func() {
				defer close(ended)
				router.ServeHTTP(o, r)
			})
			synctest.Wait()
			return o, ended
		})
		end()
		all.Wait()
	})
}

func TestAStreamThatHasNothingToTellSaysThatItIsThere(t *testing.T) {
	inBubble(t, func(t *testing.T, s *noted, _ *programs, connect connector) {
		o, _ := connect("ada")
		if got, want := o.read(), "retry: 1000\n\n: here\nid: 0-0\n\n"; got != want {
			t.Errorf("it begins with %q, want %q", got, want)
		}
		s.add(1)
		time.Sleep(time.Minute + time.Second)
		text := o.read()
		if n := strings.Count(text, ": here\nid: 0-1\n\n"); n != 4 {
			t.Errorf("in a minute it says %d times where it is, want 4: %q", n, text)
		}
		if strings.Count(text, "\nevent: give\n") != 1 {
			t.Errorf("the one event is told otherwise: %q", text)
		}
	})
}

// pipes are connections that a server accepts.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if conn, ok := <-p; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// TestAStreamOutlivesTheServersDeadlines: those are for requests that end.
func TestAStreamOutlivesTheServersDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &noted{programs: viewers("ada")}
		hub := events.NewHub(events.HubConfig{Follower: store})
		router := httprouter.New()
		if err := api.New(api.Config{Store: store, Secrets: []string{"a secret of thirty-two bytes...."}, Hub: hub, Now: time.Now}).Register(router); err != nil {
			t.Fatal(err)
		}
		server := &http.Server{ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
			Handler: requestlog.New(slog.New(slog.DiscardHandler), api.Protect(api.Protection{}, router))}
		ctx, end := context.WithCancel(t.Context())
		here, there := net.Pipe()
		accepted := make(pipes, 1)
		accepted <- there
		var all sync.WaitGroup
		all.Go(func() { _ = hub.Run(ctx) })
		all.Go(func() { _ = server.Serve(accepted) })
		all.Go(func() {
			_, _ = fmt.Fprintf(here, "GET /api/guilds/%s/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", theGuild, credential("ada"))
		})
		heard := &outlet{header: http.Header{}}
		all.Go(func() { _, _ = io.Copy(heard, here) })
		for range 10 {
			time.Sleep(time.Minute)
			store.add(1)
		}
		time.Sleep(2 * time.Second)
		if text := heard.read(); strings.Count(text, "\nevent: give\n") != 10 || strings.Count(text, "HTTP/1.1 ") != 1 {
			t.Errorf("got %q, want one stream with 10 events", text)
		}
		end()
		_ = server.Close()
		all.Wait()
	})
}

func TestAStreamEndsWithTheRightToReadIt(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *noted, who *programs, connect connector) {
		_, ada := connect("ada")
		_, bob := connect("bob")
		time.Sleep(10 * time.Minute)
		who.remove("ada")
		time.Sleep(90 * time.Second)
		select {
		case <-ada:
		default:
			t.Error("the stream of an account that is disabled goes on")
		}
		who.change("bob", func(a *admins.Account) { a.Guilds = []string{otherGuild} })
		select {
		case <-bob:
			t.Error("another's stream has ended, too")
		default:
		}
		time.Sleep(90 * time.Second)
		select {
		case <-bob:
		default:
			t.Error("the stream of an account that is for another guild now goes on")
		}
	})
}

func TestWhoeverDoesNotReadIsDropped(t *testing.T) {
	inBubble(t, func(t *testing.T, s *noted, _ *programs, connect connector) {
		slow, dropped := connect("ada")
		quick, _ := connect("bob")
		slow.mu.Lock()
		slow.stuck = true
		slow.mu.Unlock()
		s.add(3)
		time.Sleep(5 * time.Second)
		if n := strings.Count(quick.read(), "\nevent: give\n"); n != 3 {
			t.Errorf("whoever reads was told %d events, want 3", n)
		}
		time.Sleep(10 * time.Second)
		select {
		case <-dropped:
		default:
			t.Error("whoever does not read still has his stream")
		}
	})
}

// TestWhoeverDoesNotReadWhatHeMissedHoldsNobodyUp: few may read from the store at once,
// but one account with many streams that it does not read takes nobody's turn.
func TestWhoeverDoesNotReadWhatHeMissedHoldsNobodyUp(t *testing.T) {
	inBubble(t, func(t *testing.T, s *noted, _ *programs, connect connector) {
		s.add(3)
		comesBack := func(_ *outlet, r *http.Request) { r.Header.Set("Last-Event-ID", "0-0") }
		for range 30 {
			connect("ada", comesBack, func(o *outlet, _ *http.Request) { o.begins = true })
		}
		o, _ := connect("bob", comesBack)
		if n := strings.Count(o.read(), "\nevent: give\n"); n != 3 {
			t.Errorf("whoever reads was told %d events at once, want 3: %.99q", n, o.read())
		}
	})
}

// TestWhoeverComesBackToAStoreThatWasPutBackReadsAnew: also before it was noticed, when
// streams still begin at what is not there any more.
func TestWhoeverComesBackToAStoreThatWasPutBackReadsAnew(t *testing.T) {
	inBubble(t, func(t *testing.T, s *noted, _ *programs, connect connector) {
		s.add(5)
		connect("bob")
		s.putBack(3)
		o, _ := connect("ada", func(_ *outlet, r *http.Request) { r.Header.Set("Last-Event-ID", "0-1") })
		if text := o.read(); strings.Count(text, "event: reset\nid: 0-3\n") != 1 {
			t.Errorf("got %.200q, want a reset", text)
		}
		time.Sleep(2 * time.Second)
		s.add(2)
		time.Sleep(2 * time.Second)
		if text := o.read(); !strings.Contains(text, "id: 0-4\nevent: give\n") || !strings.Contains(text, "id: 0-5\nevent: give\n") {
			t.Errorf("got %.500q, want what happened since", text)
		}
	})
}

func TestAnAccountHasSoManyStreamsAndNoMore(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *noted, _ *programs, connect connector) {
		for range 50 {
			if o, _ := connect("ada"); !strings.HasPrefix(o.read(), "retry") {
				t.Fatalf("got %q", o.read())
			}
		}
		o, ended := connect("ada")
		<-ended
		if !strings.Contains(o.read(), `"too_many_requests"`) {
			t.Errorf("the 51st: %q", o.read())
		}
		if o, _ := connect("bob"); !strings.HasPrefix(o.read(), "retry") {
			t.Errorf("another account: %q", o.read())
		}
	})
}
