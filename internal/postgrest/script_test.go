package postgrest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

const (
	testKey = "sb_secret_hunter2"
	// legacyKey claims {"role":"service_role"}.
	legacyKey = "e30.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.hunter2"
)

// testBase is where scripted projects serve PostgREST.
var testBase = &url.URL{Scheme: "https", Host: "abc.supabase.co", Path: "/rest/v1"}

// script answers requests in memory: the nth with the nth step, and all that
// follow with the last one.
type script struct {
	steps []step
	mu    sync.Mutex
	seen  []*http.Request
	sent  []string
}

// step answers a request.
type step func(*http.Request) (*http.Response, error)

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	s.mu.Lock()
	s.seen, s.sent = append(s.seen, req), append(s.sent, string(body))
	next := s.steps[min(len(s.seen), len(s.steps))-1]
	s.mu.Unlock()
	return next(req)
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

func answer(status int, body string) step {
	return func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	}
}

// refuse answers as PostgREST does when it cannot, with a row in the details.
func refuse(status int, code, message string) step {
	return answer(status, fmt.Sprintf(`{"code":%q,"message":%q,"details":"Failing row contains (7, hunter2)","hint":null}`, code, message))
}

func broken(err error) step {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// hang answers nothing until the request's context ends.
func hang(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// scripted is a client whose project answers with steps.
func scripted(steps ...step) (*client, *script) {
	s := &script{steps: steps}
	return connect(testBase, testKey, s), s
}

// served is a client of a server on loopback.
func served(t *testing.T, h http.HandlerFunc) *client {
	t.Helper()
	server := httptest.NewServer(h)
	c, err := newClient(server.URL, testKey)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.close()
		server.Close()
	})
	return c
}
