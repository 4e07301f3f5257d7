package api

import (
	"math"
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

const (
	mostKeys = 100_000 // that a window tells apart
	sample   = 8       // keys that are looked at to find one that can be forgotten
)

// limiter counts calls by key in windows of time. Its memory is what one window
// has seen, and at most mostKeys.
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
	if _, known := l.calls[key]; !known && len(l.calls) >= mostKeys {
		l.forget()
	}
	l.calls[key]++
	return l.usage(key, reset), l.calls[key] > l.limit
}

// over reports whether the limit is reached, without counting.
func (l *limiter) over(key string) (usage, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	reset := l.turn()
	return l.usage(key, reset), l.calls[key] >= l.limit
}

func (l *limiter) usage(key string, reset time.Duration) usage {
	return usage{l.limit, max(l.limit-l.calls[key], 0), reset}
}

// forget makes room for a key: of some that the map happens to begin with, the one
// with the fewest calls is let go. So whoever comes with ever new keys pushes out
// those, and neither locks others out nor clears the count of one that is used up.
func (l *limiter) forget() {
	least, fewest, seen := "", math.MaxInt, 0
	for key, calls := range l.calls {
		if calls < fewest {
			least, fewest = key, calls
		}
		if seen++; seen == sample {
			break
		}
	}
	delete(l.calls, least)
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
