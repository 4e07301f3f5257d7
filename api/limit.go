package api

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"coffer/internal/problem"
)

var errTooMany = problem.New(problem.Refused, "too_many_requests",
	"That was too much at once. Wait as long as Retry-After says.")

// tooMany is the refusal of whoever must wait.
func tooMany(wait time.Duration) error { return errTooMany.With(retryAfter, seconds(wait)) }

// seconds returns d in whole seconds, rounded up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// mostKeys is how many keys a window tells apart; those beyond are counted as one.
const mostKeys = 100_000

// limiter counts calls by key in windows of time. Its memory is what one window
// has seen.
type limiter struct {
	limit  int
	window time.Duration
	now    func() time.Time

	mu    sync.Mutex
	since time.Time
	calls map[string]int
}

func newLimiter(limit int, window time.Duration, now func() time.Time) *limiter {
	return &limiter{limit: limit, window: window, now: now}
}

// usage is how much of a limit is used.
type usage struct {
	limit, left int
	reset       time.Duration // until all of it can be used again
}

// tell writes the usage to a response.
func (u usage) tell(h http.Header) {
	h.Set("RateLimit-Limit", strconv.Itoa(u.limit))
	h.Set("RateLimit-Remaining", strconv.Itoa(u.left))
	h.Set("RateLimit-Reset", strconv.Itoa(seconds(u.reset)))
}

// count counts a call, and reports whether it is beyond the limit.
func (l *limiter) count(key string) (usage, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	reset := l.turn()
	key = l.known(key)
	l.calls[key]++
	return usage{l.limit, max(l.limit-l.calls[key], 0), reset}, l.calls[key] > l.limit
}

// over reports whether the limit is reached, and for how long.
func (l *limiter) over(key string) (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	reset := l.turn()
	return reset, l.calls[l.known(key)] >= l.limit
}

// known returns the key, or "" if there are too many others.
func (l *limiter) known(key string) string {
	if _, ok := l.calls[key]; !ok && len(l.calls) >= mostKeys {
		return ""
	}
	return key
}

// turn begins a new window when the old one is over, and returns what is left of it.
func (l *limiter) turn() time.Duration {
	now := l.now()
	if gone := now.Sub(l.since); l.calls == nil || gone >= l.window || gone < 0 {
		l.since, l.calls = now, map[string]int{}
	}
	return l.window - now.Sub(l.since)
}

// limitKey is what a caller's calls are counted by.
func limitKey(c Caller) string {
	return strconv.FormatInt(int64(c.ID), 10) + " " + c.Session
}
