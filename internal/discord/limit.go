package discord

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// gate holds back every call of a client while Discord's global limit lasts.
type gate struct {
	opens atomic.Int64 // Unix nanoseconds
}

func (g *gate) closeFor(d time.Duration) {
	opens := time.Now().Add(d).UnixNano()
	for {
		old := g.opens.Load()
		if old >= opens || g.opens.CompareAndSwap(old, opens) {
			return
		}
	}
}

// wait returns when the gate is open. It fails at once, without waiting in
// vain, if that will not be within ctx or longestWait.
func (g *gate) wait(ctx context.Context) error {
	for {
		d := time.Until(time.Unix(0, g.opens.Load()))
		if d <= 0 {
			return nil
		}
		limited := &Error{Status: http.StatusTooManyRequests, Message: "the global rate limit is reached", RetryAfter: d}
		if d > longestWait {
			return limited
		}
		if err := sleep(ctx, d); err != nil {
			limited.cause = contextError(err)
			return limited
		}
	}
}

// sleep waits for d, or fails: at once if ctx's deadline comes before that.
func sleep(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// rateLimit reads an answer of status 429: how long to wait, and whether that
// holds for all calls. One that is not Discord's JSON comes from the network
// in front of it and concerns this machine's address, so it holds for all.
func rateLimit(h http.Header, body []byte) (after time.Duration, global bool) {
	var said struct {
		RetryAfter *float64 `json:"retry_after"`
		Global     bool
	}
	if json.Unmarshal(body, &said) == nil && said.RetryAfter != nil {
		return seconds(*said.RetryAfter), said.Global || h.Get("X-RateLimit-Global") != ""
	}
	after = time.Second
	if s, err := strconv.ParseFloat(h.Get("Retry-After"), 64); err == nil {
		after = seconds(s)
	}
	return after, true
}

func seconds(s float64) time.Duration {
	if math.IsNaN(s) || s < 0 {
		return 0
	}
	return time.Duration(math.Ceil(min(s, 1e6)*1000)) * time.Millisecond
}
