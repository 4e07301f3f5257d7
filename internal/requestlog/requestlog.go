// Package requestlog gives every HTTP request an id and one structured log
// line, recovers what panics, and lets the code below add to the line.
//
// It never logs query strings, headers or bodies: those carry tokens.
package requestlog

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// Header carries the request id, in and out.
const Header = "X-Request-Id"

// HealthPath is the path whose successes are logged at debug level only.
const HealthPath = "/api/health"

// longestWord is how much of a path or a method is logged: a client chooses its length.
const longestWord = 256

// New wraps next. Each request gets an id (an incoming one of at most 64
// characters [A-Za-z0-9_-] is kept), which is set on the response and found
// with ID; at its end one line is logged with method, path, status, bytes,
// duration_ms, request_id and what Add contributed. An added "route" replaces
// the path.
//
// A panic below is recovered here, once: the line becomes an error with the
// stack, and the client gets a problem document with the id as a reference, or
// a cut connection if the response had begun. http.ErrAbortHandler is logged
// as "aborted" and passed on.
func New(log *slog.Logger, next http.Handler) http.Handler {
	return &middleware{log: log, next: next}
}

type middleware struct {
	log  *slog.Logger
	next http.Handler
}

func (m *middleware) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	c := &carrier{id: sanitised(r.Header.Get(Header))}
	w.Header()[Header] = []string{c.id}
	res := &response{ResponseWriter: w}

	defer func() {
		v := recover()
		if v == nil {
			m.finish(r, res, c, start)
			return
		}
		abort := v == http.ErrAbortHandler //nolint:errorlint // net/http compares by identity too
		if abort {
			c.add(slog.Bool("aborted", true))
		} else {
			c.add(slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
			if res.status == 0 {
				apologise(res, c.id)
			} else {
				abort = true // a truncated body must not look complete
			}
		}
		m.finish(r, res, c, start)
		if abort {
			panic(http.ErrAbortHandler)
		}
	}()
	m.next.ServeHTTP(res, r.WithContext(with(r.Context(), c)))
}

// finish logs the request's one line.
func (m *middleware) finish(r *http.Request, res *response, c *carrier, start time.Time) {
	if res.status == 0 {
		res.status = http.StatusOK // what net/http sends for a handler that wrote nothing
	}
	if r.Method == http.MethodHead {
		res.bytes = 0
	}
	added, panicked := c.close()
	level := slog.LevelInfo
	switch {
	case panicked || res.status >= http.StatusInternalServerError:
		level = slog.LevelError
	case r.URL.Path == HealthPath:
		level = slog.LevelDebug
	}
	ctx := r.Context()
	if !m.log.Enabled(ctx, level) {
		return
	}
	var room [16]slog.Attr
	line := append(room[:0], slog.String("method", shortened(r.Method)))
	if !has(added, "route") {
		line = append(line, slog.String("path", shortened(r.URL.Path)))
	}
	line = append(line,
		slog.Int("status", res.status),
		slog.Int64("bytes", res.bytes),
		slog.Float64("duration_ms", float64(time.Since(start).Microseconds())/1000),
		slog.String("request_id", c.id))
	m.log.LogAttrs(ctx, level, "request", append(line, added...)...)
}

func shortened(s string) string {
	if len(s) > longestWord {
		return strings.ToValidUTF8(s[:longestWord], "") + "…"
	}
	return s
}

// apologise answers a request whose handler panicked before it wrote. The id
// is safe inside JSON by its alphabet.
func apologise(w http.ResponseWriter, id string) {
	h := w.Header()
	for _, stale := range []string{"Content-Length", "Content-Encoding", "Etag", "Last-Modified", "Set-Cookie"} {
		h.Del(stale)
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte(`{"type":"about:blank","title":"Internal Server Error","status":500,` +
		`"code":"internal","detail":"Something went wrong on our side.","request_id":"` + id + `"}` + "\n"))
}
