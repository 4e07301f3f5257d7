package discord

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// gate holds back calls while a limit of Discord's lasts: all of a client's, or those
// of one route.
type gate struct {
	opens atomic.Int64 // Unix nanoseconds
	trial atomic.Bool  // who finds it open first is to try whether it is
	route bool         // it is one route's
}

const (
	// longestClosed is for how long one answer closes a gate. Discord does say more, of
	// a day's limits, but a call an hour costs nothing, and a wrong word would cost all
	// until the next start.
	longestClosed = time.Hour
	// longestHearsay is for how long an answer does that is not Discord's own. Networks
	// shut an address out for minutes, and say whatever they like.
	longestHearsay = 10 * time.Minute
	// trialTime is what one call has for finding out whether a long limit is over,
	// before all others follow.
	trialTime = 2 * time.Second
)

func (g *gate) closeFor(d time.Duration) {
	d = min(d, longestClosed)
	opens := time.Now().Add(d).UnixNano()
	for {
		old := g.opens.Load()
		if old >= opens {
			return
		}
		if g.opens.CompareAndSwap(old, opens) {
			break
		}
	}
	if d > longestWait { // many may have come together by then
		g.trial.Store(true)
	}
}

// wait returns when the gate is open. It fails at once, without waiting in
// vain, if that will not be within ctx or longestWait.
func (g *gate) wait(ctx context.Context) error {
	for {
		trial := g.trial.Load() // before opens, which changes first when the trial begins
		opens := g.opens.Load()
		d := time.Until(time.Unix(0, opens))
		if d <= 0 && trial {
			if g.opens.CompareAndSwap(opens, time.Now().Add(trialTime).UnixNano()) {
				g.trial.Store(false)
				return nil
			}
			continue
		}
		if d <= 0 {
			return nil
		}
		limited := &Error{Status: http.StatusTooManyRequests, Message: "the global rate limit is reached", RetryAfter: d, Global: true}
		if g.route {
			limited.Message, limited.Global = "the rate limit of the route is reached", false
		}
		if d > longestWait {
			return limited
		}
		if err := sleep(ctx, d); err != nil {
			limited.cause = contextError(err)
			return limited
		}
	}
}

// routes holds the gates of the routes that the bot calls by its token, so that those
// who come later wait for a limit instead of being told of it: Discord bans addresses
// that are told too often. Its zero value is ready.
type routes struct {
	mu    sync.Mutex
	gates map[string]*gate
}

// mostRoutes is where gates are looked through for those that are open.
const mostRoutes = 1000

// gate returns the gate of a call's route, or nil for calls that have none: those by
// the token of an interaction or of a person, which are limited each for itself.
func (r *routes) gate(req *http.Request) *gate {
	key, ok := routeOf(req.Method, req.URL.Path)
	if !ok || strings.HasPrefix(req.Header.Get("Authorization"), "Bearer ") {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if g := r.gates[key]; g != nil {
		return g
	}
	if len(r.gates) >= mostRoutes {
		now := time.Now().UnixNano()
		maps.DeleteFunc(r.gates, func(_ string, g *gate) bool { return g.opens.Load() <= now })
	}
	if r.gates == nil {
		r.gates = map[string]*gate{}
	}
	g := &gate{route: true}
	r.gates[key] = g
	return g
}

// routeOf names what Discord counts together: the method and the path, with the ids
// in it that are not its first, as in "PUT /api/v10/guilds/1/members/:id/roles/:id".
func routeOf(method, path string) (string, bool) {
	if strings.Contains(path, "/webhooks/") || strings.Contains(path, "/interactions/") {
		return "", false
	}
	parts, first := strings.Split(path, "/"), true
	for i, part := range parts {
		if part == "" || strings.Trim(part, "0123456789") != "" {
			continue
		}
		if !first {
			parts[i] = ":id"
		}
		first = false
	}
	return method + " " + strings.Join(parts, "/"), true
}

// exhausted returns for how long no call of a route should follow this answer: Discord
// would refuse it. What is too long to be waited for is left to Discord to say again.
func exhausted(h http.Header) time.Duration {
	if h.Get("X-RateLimit-Remaining") != "0" {
		return 0
	}
	s, err := strconv.ParseFloat(h.Get("X-RateLimit-Reset-After"), 64)
	if err != nil || seconds(s) > longestWait {
		return 0
	}
	return seconds(s)
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
// in front of it and concerns this machine's address, so it holds for all, but
// is not believed for longer than longestHearsay.
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
		after = min(seconds(s), longestHearsay)
	}
	return after, true
}

func seconds(s float64) time.Duration {
	if math.IsNaN(s) || s < 0 {
		return 0
	}
	return time.Duration(math.Ceil(min(s, 1e6)*1000)) * time.Millisecond
}
