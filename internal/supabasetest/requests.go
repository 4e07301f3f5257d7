package supabasetest

import (
	"net/http"
	"slices"
	"sync"
)

// Request is what the gateway remembers of one.
type Request struct {
	Method string
	Path   string // with /rest/v1
	Query  string // as it came
	// Status is what the caller was told: 0 as long as there is no answer, and
	// for ever if the connection was dropped before one.
	Status int
	// Forwarded tells whether PostgREST was asked.
	Forwarded bool
}

// remembered is how many requests are kept: load must not fill the memory.
const remembered = 10_000

type requests struct {
	mu  sync.Mutex
	all []*Request
}

func (q *requests) begin(r *http.Request) *Request {
	record := &Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.all) == 2*remembered {
		q.all = slices.Delete(q.all, 0, remembered)
	}
	q.all = append(q.all, record)
	return record
}

func (q *requests) finish(record *Request, s *seen) {
	q.mu.Lock()
	defer q.mu.Unlock()
	record.Status, record.Forwarded = s.status, s.forwarded
}

func (q *requests) list() []Request {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := make([]Request, 0, len(q.all))
	for _, r := range q.all[max(0, len(q.all)-remembered):] {
		list = append(list, *r)
	}
	return list
}

func (q *requests) forget() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.all = nil
}

// seen watches what becomes of a request.
type seen struct {
	http.ResponseWriter
	status    int
	forwarded bool
}

// WriteHeader is http.ResponseWriter's.
func (s *seen) WriteHeader(status int) {
	if s.status == 0 && status >= http.StatusOK {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController flush and hijack.
func (s *seen) Unwrap() http.ResponseWriter { return s.ResponseWriter }
