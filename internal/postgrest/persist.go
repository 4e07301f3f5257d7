package postgrest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

const (
	attempts     = 5
	firstBackoff = 50 * time.Millisecond // doubled for each further one
	lastBackoff  = time.Second

	openFor = time.Second // until the breaker lets trial calls through
	slow    = time.Second // a caller who waited that long until his deadline met a failure
)

func newRetryPolicy() retrypolicy.RetryPolicy[any] {
	return retrypolicy.NewBuilder[any]().
		HandleIf(func(_ any, err error) bool { return passing(err) }).
		WithMaxAttempts(attempts).
		WithBackoff(firstBackoff, lastBackoff).
		WithJitterFactor(0.5).
		ReturnLastFailure().
		Build()
}

// newBreaker returns a breaker that opens when half of the last 20 attempts
// have failed (10 when nothing else happened), and closes when two of three
// trial calls go well.
func newBreaker() circuitbreaker.CircuitBreaker[any] {
	return circuitbreaker.NewBuilder[any]().
		WithFailureThresholdRatio(10, 20).
		WithDelay(openFor).
		WithSuccessThresholdRatio(2, 3).
		Build()
}

// persist sends a query until it is answered, while attempts, the breaker and
// the context allow.
func (c *client) persist(ctx context.Context, q *query, result any) error {
	var last error
	sent := 0
	// What Run returns is of no use: that the context has ended, even if the
	// answer came first.
	_ = c.retries.WithContext(ctx).Run(func() error {
		if ctx.Err() != nil { // it must not cost a trial
			last = also(gaveUp(ctx), last)
			return last
		}
		if !c.breaker.TryAcquirePermit() {
			last = also(circuitbreaker.ErrOpen, last)
			return circuitbreaker.ErrOpen
		}
		sent++
		started := time.Now()
		last = c.attempt(ctx, q, result)
		c.learn(last, time.Since(started))
		q.unsettled = q.unsettled || mayHaveHappened(last)
		return last
	})
	if passing(last) && ctx.Err() != nil {
		last = also(gaveUp(ctx), last)
	}
	if last != nil && sent > 1 {
		return fmt.Errorf("%w (attempt %d)", last, sent)
	}
	return last
}

// also returns why there was no further attempt, and how the last one ended.
func also(why, last error) error {
	if last == nil {
		return why
	}
	return fmt.Errorf("%w: %w", why, last)
}

// probe sends a query once, past the breaker.
func (c *client) probe(ctx context.Context, q *query, result any) error {
	started := time.Now()
	err := c.attempt(ctx, q, result)
	switch {
	case err == nil:
		c.breaker.Close()
		c.breaker.RecordSuccess()
	case failed(err, time.Since(started)):
		c.breaker.RecordFailure()
	}
	return err
}

// learn tells the breaker how an attempt went that had its permit.
func (c *client) learn(err error, took time.Duration) {
	switch {
	case failed(err, took):
		c.breaker.RecordFailure()
	case !errors.Is(err, errGaveUp):
		c.breaker.RecordSuccess() // whatever the answer, there was one
	case !c.breaker.IsClosed():
		// A trial without outcome. Its permit must be given back, and the breaker
		// knows no other way that does not take it for a success.
		c.breaker.RecordFailure()
	}
}

// failed reports whether the service failed in an attempt, not its caller.
func failed(err error, took time.Duration) bool {
	var f *failure
	if errors.As(err, &f) && f.tooLate() {
		return false // it was the caller's time that was over, or a clock is wrong
	}
	if f != nil && f.conflicted() {
		return false // it works
	}
	if f != nil && (f.Code == "" && f.Status >= 500 || f.overloaded()) {
		return true
	}
	return passing(err) || errors.Is(err, errGaveUp) && errors.Is(err, context.DeadlineExceeded) && took >= slow
}

// mayHaveHappened reports whether an attempt that ended with err may have reached
// the database and taken effect there, now or later.
func mayHaveHappened(err error) bool {
	var f *failure
	var connecting *net.OpError
	switch {
	case errors.As(err, &f):
		return f.lost || f.cutOff() || f.Code == "" && f.Status >= 500 && f.Status != statusPaused // a gateway that does not know either
	case errors.As(err, &connecting) && connecting.Op == "dial":
		return false
	}
	return errors.Is(err, ErrUnreachable) || errors.Is(err, errGaveUp) || errors.Is(err, errUnfit)
}

// passing reports whether a failure may pass if the same is sent again.
func passing(err error) bool {
	var f *failure
	if !errors.As(err, &f) {
		return errors.Is(err, ErrUnreachable)
	}
	switch f.Status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, statusNoDatabase,
		520, 521, 522, 523, 524: // Cloudflare's, for a network error behind it
		return true
	}
	return f.lost || f.conflicted()
}
