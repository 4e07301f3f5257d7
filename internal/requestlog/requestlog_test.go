package requestlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"coffer/internal/requestlog"
)

// serve runs one request through the middleware and returns the response and
// the lines it logged.
func serve(t testing.TB, r *http.Request, h http.HandlerFunc) (*httptest.ResponseRecorder, []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w := httptest.NewRecorder()
	requestlog.New(log, h).ServeHTTP(w, r)
	return w, lines(t, out.String())
}

func lines(t testing.TB, out string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for text := range strings.Lines(out) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("the line %q is not JSON: %v", text, err)
		}
		all = append(all, line)
	}
	return all
}

func TestOneLineTellsOfTheRequest(t *testing.T) {
	r := httptest.NewRequest("POST", "/interactions?token=SECRET", strings.NewReader("SECRET"))
	r.Header.Set("Authorization", "SECRET")
	var id string
	w, got := serve(t, r, func(w http.ResponseWriter, r *http.Request) {
		id = requestlog.ID(r.Context())
		requestlog.Add(r.Context(), slog.String("command", "daily"), slog.Int("tries", 1))
		requestlog.Add(r.Context(), slog.Int("tries", 2))
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte("hello"))
	})
	if len(got) != 1 {
		t.Fatalf("got %d lines, want 1: %v", len(got), got)
	}
	want := map[string]any{"level": "INFO", "msg": "request", "method": "POST", "path": "/interactions",
		"status": 202.0, "bytes": 5.0, "request_id": id, "command": "daily", "tries": 2.0}
	for key, value := range want {
		if got[0][key] != value {
			t.Errorf("%s = %v, want %v", key, got[0][key], value)
		}
	}
	if ms, ok := got[0]["duration_ms"].(float64); !ok || ms < 0 {
		t.Errorf("duration_ms = %v", got[0]["duration_ms"])
	}
	if text, _ := json.Marshal(got); bytes.Contains(text, []byte("SECRET")) {
		t.Errorf("the line has a secret: %s", text)
	}
	if header := w.Header().Get(requestlog.Header); header != id || len(id) != 16 {
		t.Errorf("header %q, id %q, want the same 16 characters", header, id)
	}
}

func TestLineByCase(t *testing.T) {
	tests := map[string]struct {
		method, path string
		handler      http.HandlerFunc
		want         map[string]any // nil: must be absent
	}{
		"a silent handler is a 200":    {"GET", "/", func(http.ResponseWriter, *http.Request) {}, map[string]any{"status": 200.0, "bytes": 0.0, "level": "INFO"}},
		"health is quiet":              {"GET", "/api/health", func(http.ResponseWriter, *http.Request) {}, map[string]any{"level": "DEBUG"}},
		"bad health is not":            {"GET", "/api/health", status(503), map[string]any{"level": "ERROR", "status": 503.0}},
		"a refusal is no error":        {"GET", "/", status(404), map[string]any{"level": "INFO", "status": 404.0}},
		"an early hint is no status":   {"GET", "/", status(103, 204), map[string]any{"status": 204.0}},
		"only the first status counts": {"GET", "/", status(201, 500), map[string]any{"status": 201.0}},
		"HEAD sends no bytes":          {"HEAD", "/", write("x"), map[string]any{"bytes": 0.0}},
		"a route replaces the path": {"GET", "/u/42", func(_ http.ResponseWriter, r *http.Request) {
			requestlog.Add(r.Context(), slog.String("route", "/u/:id"))
		}, map[string]any{"route": "/u/:id", "path": nil}},
		"a long path is cut": {"GET", "/" + strings.Repeat("é", 200), func(http.ResponseWriter, *http.Request) {},
			map[string]any{"path": "/" + strings.Repeat("é", 127) + "…"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, got := serve(t, httptest.NewRequest(tt.method, tt.path, nil), tt.handler)
			if len(got) != 1 {
				t.Fatalf("got %d lines, want 1", len(got))
			}
			for key, want := range tt.want {
				if got[0][key] != want {
					t.Errorf("%s = %v, want %v", key, got[0][key], want)
				}
			}
		})
	}
}

func status(codes ...int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, code := range codes {
			w.WriteHeader(code)
		}
	}
}

func write(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(s)) }
}

func TestIncomingIDIsKeptIfSane(t *testing.T) {
	tests := map[string]bool{
		"abc-DEF_123":           true,
		strings.Repeat("a", 64): true,
		strings.Repeat("a", 65): false,
		"":                      false,
		`a"b`:                   false,
		"a b":                   false,
		"a\nb":                  false,
		"é":                     false,
	}
	for id, keep := range tests {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set(requestlog.Header, id)
		w, got := serve(t, r, func(http.ResponseWriter, *http.Request) {})
		if header := w.Header().Get(requestlog.Header); (header == id) != keep || header == "" {
			t.Errorf("incoming %q: got %q, keep %v", id, header, keep)
		} else if got[0]["request_id"] != header {
			t.Errorf("incoming %q: logged %v, sent %q", id, got[0]["request_id"], header)
		}
	}
}

func TestCarrierOutlivesItsRequest(t *testing.T) {
	var kept context.Context
	_, got := serve(t, httptest.NewRequest("GET", "/", nil), func(_ http.ResponseWriter, r *http.Request) {
		kept = context.WithoutCancel(r.Context())
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { requestlog.Add(r.Context(), slog.Bool("shared", true)) })
		}
		all.Wait()
	})
	requestlog.Add(kept, slog.Bool("late", true))
	if requestlog.ID(kept) != got[0]["request_id"] || got[0]["shared"] != true {
		t.Errorf("id %q, line %v", requestlog.ID(kept), got[0])
	}
	requestlog.Add(t.Context(), slog.Bool("nowhere", true))
	if id := requestlog.ID(t.Context()); id != "" {
		t.Errorf("id outside of a request = %q, want none", id)
	}
}

func BenchmarkRequest(b *testing.B) {
	log := slog.New(slog.NewJSONHandler(io.Discard, nil)) //nolint:sloglint // the line is to be rendered
	h := requestlog.New(log, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requestlog.Add(r.Context(), slog.String("command", "daily"))
		w.WriteHeader(http.StatusNoContent)
	}))
	r := httptest.NewRequest("POST", "/interactions", nil)
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}
