package discord

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	attempts      = 4
	largestAnswer = 4 << 20          // of the API; a full list of commands is below 1 MiB
	longestWait   = 30 * time.Second // for a rate limit, even if the context allows more
)

// transport sends a request to the configured host, waits for rate limits
// within the request's context, retries what is safe, and returns an *Error
// for every answer that is not a success. That last point bends the contract
// of http.RoundTripper on purpose: it gives discordgo's calls and our own the
// same errors, and no redirect can carry a token to another host.
type transport struct {
	base      *url.URL // nil if it is not usable
	userAgent string
	timeout   time.Duration
	backoff   time.Duration
	largest   int64 // the most bytes of an answer
	log       *slog.Logger
	next      http.RoundTripper
	global    gate
	routes    routes
}

// CloseIdleConnections is found by http.Client.CloseIdleConnections.
func (t *transport) CloseIdleConnections() {
	if next, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

func (t *transport) RoundTrip(original *http.Request) (*http.Response, error) {
	if original.Body != nil {
		defer func() { _ = original.Body.Close() }() // attempts use copies of it
	}
	req, err := t.readdressed(original)
	if err != nil {
		return nil, err
	}
	ctx, route, safe := req.Context(), t.routes.gate(req), repeatable(req)
	for attempt := 1; ; attempt++ {
		if err := t.open(ctx, route); err != nil {
			return nil, err
		}
		res, err := t.once(req, route)
		if err == nil {
			return res, nil
		}
		wait, ok := t.again(safe, err, attempt)
		if !ok || ctx.Err() != nil {
			return nil, described(err, ctx.Err())
		}
		t.log.LogAttrs(ctx, slog.LevelDebug, "discord call is retried",
			slog.String("method", req.Method), slog.Int("attempt", attempt), slog.Duration("wait", wait))
		if gaveUp := sleep(ctx, wait); gaveUp != nil {
			return nil, described(err, gaveUp)
		}
	}
}

// open waits until neither the route's limit nor the global one holds the call back.
func (t *transport) open(ctx context.Context, route *gate) error {
	if route != nil {
		if err := route.wait(ctx); err != nil {
			return err
		}
	}
	return t.global.wait(ctx)
}

// repeatable reports whether a call may be sent again when its answer was lost: POST
// is not idempotent, unless its caller says so by net/http's header, which is not sent
// where it has no value.
func repeatable(req *http.Request) bool {
	_, said := req.Header[idempotent]
	return said || req.Method != http.MethodPost
}

const idempotent = "Idempotency-Key"

// readdressed returns a copy of the request that goes to the configured host.
func (t *transport) readdressed(original *http.Request) (*http.Request, error) {
	if t.base == nil {
		return nil, &Error{Message: "the address of Discord's API must be scheme and host"}
	}
	req := original.Clone(original.Context())
	req.URL.Scheme, req.URL.Host, req.Host = t.base.Scheme, t.base.Host, ""
	req.Header.Set("User-Agent", t.userAgent)
	return req, nil
}

// transfer is how much longer a call may take for what it carries.
func transfer(size int64) time.Duration { return time.Duration(size>>20) * time.Second }

// once makes one attempt and reads the whole answer within the timeout.
func (t *transport) once(req *http.Request, route *gate) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), t.timeout+transfer(req.ContentLength))
	defer cancel()
	attempt := req.WithContext(ctx)
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		attempt.Body = body
	}
	res, err := t.next.RoundTrip(attempt)
	if err != nil {
		return nil, err
	}
	refused, most := res.StatusCode < 200 || res.StatusCode > 299, t.largest
	if refused {
		most = largestAnswer // whatever is asked for, a refusal is the host's own
	}
	body, err := readUpTo(res, most+1)
	_ = res.Body.Close()
	if wait := exhausted(res.Header); wait > 0 && route != nil {
		route.closeFor(wait)
	}
	switch {
	case err != nil:
		return nil, err
	case refused:
		e := refusal(res, body)
		if e.Status == http.StatusTooManyRequests {
			e.RetryAfter, e.Global = rateLimit(res.Header, body)
			if e.Global {
				t.global.closeFor(e.RetryAfter)
			} else if route != nil {
				route.closeFor(e.RetryAfter)
			}
		}
		return nil, e
	case int64(len(body)) > most:
		return nil, &Error{Status: http.StatusOK, Message: fmt.Sprintf("the answer is larger than %d bytes", most)}
	}
	for name := range res.Header {
		if strings.HasPrefix(name, "X-Ratelimit-") {
			delete(res.Header, name) // discordgo would sleep on them, deaf to the context
		}
	}
	res.Body = whole{bytes.NewReader(body), body}
	return res, nil
}

// whole is the body of an answer that was read already. Who knows that need not copy it.
type whole struct {
	*bytes.Reader
	data []byte
}

func (whole) Close() error { return nil }

// readUpTo reads at most so many bytes of an answer. Its own word on its size is only
// believed as far as that.
func readUpTo(res *http.Response, most int64) ([]byte, error) {
	var b bytes.Buffer
	if n := res.ContentLength; 0 < n && n < most {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(res.Body, most))
	return b.Bytes(), err
}

// again decides whether and when a failed attempt is repeated. One that is not safe
// to repeat is so only if Discord refused to look at it (429) or could not be reached
// at all.
func (t *transport) again(safe bool, err error, attempt int) (time.Duration, bool) {
	if attempt == attempts {
		return 0, false
	}
	backoff := t.backoff << (attempt - 1)
	backoff = backoff/2 + rand.N(backoff/2+1) //nolint:gosec // jitter, no secret
	var e *Error
	if !errors.As(err, &e) {
		var dial *net.OpError
		unsent := errors.As(err, &dial) && dial.Op == "dial"
		return backoff, safe || unsent
	}
	if e.Status == http.StatusTooManyRequests {
		// A little more than asked: clocks differ, and a second 429 counts.
		return max(e.RetryAfter, 0) + backoff/4, e.RetryAfter <= longestWait
	}
	return backoff, e.Status >= 500 && safe
}

// described turns the failure of an attempt into an *Error. Why there was no
// further attempt is its cause.
func described(err, gaveUp error) error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Message: err.Error(), cause: contextError(err)}
	}
	if gaveUp != nil {
		e.cause = contextError(gaveUp)
	}
	return e
}
