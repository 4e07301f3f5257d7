package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/julienschmidt/httprouter"

	"coffer/api"
)

// store answers pings as ping does, and counts them.
type store struct {
	api.Store // nil: nothing else is asked of it

	ping  func(context.Context) error
	pings atomic.Int32
}

func (s *store) Ping(ctx context.Context) error {
	s.pings.Add(1)
	return s.ping(ctx)
}

func server(t *testing.T, ping func(context.Context) error) (*store, http.Handler) {
	t.Helper()
	s := &store{ping: ping}
	router := httprouter.New()
	a := api.New(api.Config{Store: s, Version: "1.2.3",
		Now: func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 5e6, time.FixedZone("", 3600)) }})
	if err := a.Register(router); err != nil {
		t.Fatal(err)
	}
	return s, router
}

func silent(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

func TestHealth(t *testing.T) {
	const well = `{"status":"healthy","service":"coffer","version":"1.2.3","timestamp":"2026-11-23T11:00:00.005Z","checks":{"store":"ok"}}`
	const ill = `{"status":"unhealthy","service":"coffer","version":"1.2.3","timestamp":"2026-11-23T11:00:00.005Z","checks":{"store":"does not answer"}}`
	tests := map[string]struct {
		ping   func(context.Context) error
		status int
		body   string
		takes  time.Duration
	}{
		"a store that answers": {func(context.Context) error { return nil }, 200, well, 0},
		"a store that fails":   {func(context.Context) error { return errors.New("password hunter2") }, 503, ill, 0},
		"a silent store":       {silent, 503, ill, 2 * time.Second},
		"a slow store":         {func(context.Context) error { time.Sleep(time.Second); return nil }, 200, well, time.Second},
		"a store deaf to its context": {func(context.Context) error { time.Sleep(5 * time.Second); return nil }, 503, ill,
			2 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, h := server(t, tt.ping)
				start := time.Now()
				w, _, line := ask(t, h, "GET", "/api/health")
				if took := time.Since(start); took != tt.takes {
					t.Errorf("took %v, want %v", took, tt.takes)
				}
				if got := strings.TrimSpace(w.Body.String()); w.Code != tt.status || got != tt.body {
					t.Errorf("got  %d %s\nwant %d %s", w.Code, got, tt.status, tt.body)
				}
				if h := w.Header(); h.Get("Cache-Control") != "no-store" || h.Get("Content-Type") != "application/json" {
					t.Errorf("headers = %v", h)
				}
				if logged := strings.Contains(line, "ping the store"); logged != (tt.status == 503) {
					t.Errorf("the log has the cause: %v\n%s", logged, line)
				}
				head, _, _ := ask(t, h, "HEAD", "/api/health")
				if head.Code != tt.status {
					t.Errorf("HEAD: status %d, want %d", head.Code, tt.status)
				}
				time.Sleep(5 * time.Second) // let the deaf store finish
			})
		})
	}
}

func TestChecksShareOnePing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		s, h := server(t, func(context.Context) error { <-open; return nil })
		codes := make([]int, 50)
		first, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := range codes {
			all.Go(func() {
				r := httptest.NewRequest("GET", "/api/health", nil)
				if i == 0 {
					r = r.WithContext(first)
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				codes[i] = w.Code
			})
		}
		synctest.Wait()
		leave() // whoever leaves, the others still get their answer
		synctest.Wait()
		close(open)
		all.Wait()
		if n := s.pings.Load(); n != 1 {
			t.Errorf("%d pings, want 1", n)
		}
		for i, code := range codes[1:] {
			if code != 200 {
				t.Errorf("check %d: status %d, want 200", i+1, code)
			}
		}
		if w, _, _ := ask(t, h, "GET", "/api/health"); w.Code != 200 || s.pings.Load() != 2 {
			t.Errorf("afterwards: status %d, %d pings, want 200 and a new ping", w.Code, s.pings.Load())
		}
	})
}
