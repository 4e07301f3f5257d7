package requestlog_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"coffer/internal/requestlog"
)

func TestPanicBecomesAProblemWithAReference(t *testing.T) {
	w, got := serve(t, httptest.NewRequest("GET", "/x", nil), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "3")
		w.Header().Set("Set-Cookie", "half=done")
		panic("boom")
	})
	var body struct {
		Type, Title, Code, Detail string
		Status                    int
		RequestID                 string `json:"request_id"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	if w.Code != 500 || body.Status != 500 || body.Code != "internal" || body.RequestID != w.Header().Get(requestlog.Header) {
		t.Errorf("status %d, body %+v", w.Code, body)
	}
	if h := w.Header(); h.Get("Content-Type") != "application/problem+json" || h.Get("Content-Length") != "" || h.Get("Set-Cookie") != "" {
		t.Errorf("headers = %v", h)
	}
	if strings.Contains(w.Body.String(), "boom") {
		t.Error("the panic is shown to the client")
	}
	if len(got) != 1 || got[0]["level"] != "ERROR" || got[0]["panic"] != "boom" || got[0]["status"] != 500.0 {
		t.Fatalf("lines = %v", got)
	}
	if stack, _ := got[0]["stack"].(string); !strings.Contains(stack, "panic_test.go") {
		t.Errorf("the stack does not name the handler: %q", stack)
	}
}

func TestACutResponseNeverLooksComplete(t *testing.T) {
	tests := map[string]struct {
		value any
		want  map[string]any
	}{
		"a panic after the first byte": {"boom", map[string]any{"panic": "boom", "level": "ERROR"}},
		"a handler that aborts":        {http.ErrAbortHandler, map[string]any{"aborted": true, "level": "INFO", "panic": nil}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			done := make(chan struct{})
			inner := requestlog.New(slog.New(slog.NewJSONHandler(&out, nil)), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "half")
				_ = http.NewResponseController(w).Flush()
				panic(tt.value)
			}))
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(done)
				inner.ServeHTTP(w, r)
			}))
			var complaints bytes.Buffer
			server.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(&complaints, nil), slog.LevelError)
			server.Start()
			defer server.Close()

			res, err := server.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			<-done
			if string(body) != "half" || err == nil {
				t.Errorf("body %q, error %v, want half a body and an error", body, err)
			}
			got := lines(t, out.String())
			if len(got) != 1 {
				t.Fatalf("got %d lines, want 1", len(got))
			}
			for key, want := range tt.want {
				if got[0][key] != want {
					t.Errorf("%s = %v, want %v", key, got[0][key], want)
				}
			}
			server.Close()
			if complaints.Len() > 0 {
				t.Errorf("net/http logged the panic a second time: %s", complaints.String())
			}
		})
	}
}
