package postgrest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	pgrst "github.com/supabase-community/postgrest-go"
)

const (
	attemptTime    = 5 * time.Second  // of one attempt, with its body
	bulkTime       = time.Minute      // of one that changes much
	surveyTime     = 15 * time.Minute // of one that looks at everything
	largestAnswer  = 8 << 20
	largestFailure = 64 << 10
)

// deadlineHeader tells a function that writes until when its caller waits, by the
// database's clock. A request that arrives later does nothing, because the caller
// may have gone on in the meantime: repeated it and been refused, say.
const deadlineHeader = "Coffer-Deadline"

// clock is how far the database's clock is ahead of this one, as a function said
// that found a request too late although someone still waited for it. It is
// believed for a while only, because clocks are set right.
type clock struct{ learned atomic.Pointer[reading] }

type reading struct {
	skew time.Duration
	at   time.Time
}

const (
	readingLife = 10 * time.Minute
	// clockTolerance is how long a caller must still wait for what was found too late,
	// to blame it on the clocks. A request that was slow is just late.
	clockTolerance = 500 * time.Millisecond
)

func (c *clock) skew() time.Duration {
	if r := c.learned.Load(); r != nil && time.Since(r.at) < readingLife {
		return r.skew
	}
	return 0
}

// learn reads the database's clock from a failure that tells it.
func (c *clock) learn(f *failure) {
	var late struct{ Now time.Time }
	if f.tooLate() && json.Unmarshal([]byte(f.Details), &late) == nil {
		c.learned.Store(&reading{time.Until(late.Now), time.Now()})
	}
}

// attempt is one request and its answer. It stands below a library client of
// its own, because one failure would spoil a shared one for ever, and it reads
// the answer itself: the library passes errors on as results or as text.
type attempt struct {
	client *client
	ctx    context.Context
	status int
	body   []byte
	err    error
}

// attempt sends a query once and decodes its answer.
func (c *client) attempt(ctx context.Context, q *query, result any) error {
	if ctx.Err() != nil {
		return gaveUp(ctx)
	}
	limited, cancel := context.WithTimeout(ctx, q.time)
	defer cancel()
	library, err := pgrst.NewClientWithError(c.rest, schema, c.headers)
	if err != nil {
		return errors.New("the library refuses the project's address")
	}
	a := &attempt{client: c, ctx: limited}
	library.Transport.Parent = a
	// The library's call takes no context, and takes an error's body for a result:
	// the attempt below it adds the one and reads the other.
	_, err = library.RpcWithError(q.function, "", q.args)
	switch {
	case a.err != nil && errors.Is(a.err, ErrUnreachable) && ctx.Err() != nil:
		return gaveUp(ctx)
	case a.err != nil:
		return a.err
	case err != nil:
		return err
	}
	return a.decode(result)
}

// RoundTrip implements http.RoundTripper. The answer that it returns has no
// body: it is kept in the attempt. A status other than 2xx is an error, so that
// no redirect is followed.
func (a *attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	if a.err = a.exchange(req); a.err != nil {
		return nil, a.err
	}
	return &http.Response{Status: http.StatusText(a.status), StatusCode: a.status, Body: http.NoBody, Request: req}, nil
}

func (a *attempt) exchange(req *http.Request) error {
	if base := a.client.base; req.URL.Scheme != base.Scheme || req.URL.Host != base.Host {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return errors.New("a request to another host was held back") // it has the key
	}
	deadline, limited := a.ctx.Deadline()
	if limited {
		req.Header.Set(deadlineHeader, deadline.Add(a.client.clock.skew()).UTC().Format(time.RFC3339Nano))
	}
	res, err := a.client.pool.RoundTrip(req.WithContext(a.ctx))
	if err != nil {
		return unreachable(err)
	}
	defer func() { _ = res.Body.Close() }()
	a.status = res.StatusCode
	if res.StatusCode < 200 || res.StatusCode > 299 {
		body, _ := io.ReadAll(io.LimitReader(res.Body, largestFailure)) // the status says enough
		f := newFailure(res.StatusCode, body, a.client.key)
		if limited && time.Until(deadline) > clockTolerance {
			a.client.clock.learn(f)
		}
		return f
	}
	a.body, err = io.ReadAll(io.LimitReader(res.Body, largestAnswer+1))
	switch {
	case err != nil:
		return unreachable(err)
	case len(a.body) > largestAnswer:
		return fmt.Errorf("%w: it is larger than %d bytes", errUnfit, largestAnswer)
	case a.status != http.StatusNoContent && !json.Valid(a.body):
		return unreachable(errNoJSON)
	}
	return nil
}

// decode reads the answer into result. The decoder's own errors quote what they
// stumble over, so they are not passed on.
func (a *attempt) decode(result any) error {
	if result == nil {
		return nil
	}
	err := json.Unmarshal(a.body, result)
	var field *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &field):
		return fmt.Errorf("%w: in %T the field %q is not %s", errUnfit, result, field.Field, field.Type)
	}
	return fmt.Errorf("%w: it is no %T", errUnfit, result)
}
