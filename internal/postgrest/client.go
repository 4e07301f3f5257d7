// Package postgrest keeps the books in a Supabase project. Each operation is one
// request to PostgREST, which calls one function of the project's Postgres, which
// is one transaction. Functions and tables are in supabase/migrations.
package postgrest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"coffer/internal/supabase"
)

const (
	schema    = "public"
	userAgent = "coffer/1 (economy server)" // Supabase refuses a secret key from what looks like a browser
)

// client sends requests to one project: again while they fail in ways that
// pass, and not at all for a moment after many have. It is safe for concurrent
// use and keeps connections, which close drops.
//
// Its errors are problem.ErrUnavailable with a cause, a *failure of our own
// (refusal tells), or a plain error for what only a defect explains. None of
// them has the key, the arguments, or a row.
type client struct {
	base    *url.URL
	rest    string // base as text, for the library
	headers map[string]string
	key     string
	pool    http.RoundTripper
	clock   clock
	retries failsafe.Executor[any]
	breaker circuitbreaker.CircuitBreaker[any]
}

// newClient returns a client of the project at an address such as
// https://abc.supabase.co. The key is a secret one (sb_secret_...) or the
// legacy service_role token.
func newClient(address, key string) (*client, error) {
	address, err := supabase.Address(address)
	if err != nil {
		return nil, fmt.Errorf("the Supabase project's address %w", err)
	}
	if err := supabase.CheckKey(key); err != nil {
		return nil, fmt.Errorf("the Supabase project's key %w", err)
	}
	base, err := url.Parse(supabase.REST(address))
	if err != nil {
		return nil, errors.New("the Supabase project's address cannot be read")
	}
	return connect(base, key, newPool()), nil
}

// connect returns a client of the PostgREST at base that sends through pool.
func connect(base *url.URL, key string, pool http.RoundTripper) *client {
	headers := map[string]string{"apikey": key, "User-Agent": userAgent}
	if supabase.IsToken(key) {
		headers["Authorization"] = "Bearer " + key
	}
	return &client{
		base: base, rest: base.String(), headers: headers, key: key, pool: pool,
		retries: failsafe.With(newRetryPolicy()), breaker: newBreaker(),
	}
}

// newPool returns the connections of one client.
func newPool() *http.Transport {
	dialer := &net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: 3 * time.Second,
		IdleConnTimeout:     90 * time.Second,
		MaxIdleConns:        64,
		MaxIdleConnsPerHost: 64,   // all requests go to one host
		DisableCompression:  true, // answers are a few hundred bytes
		ForceAttemptHTTP2:   true,
		// A connection that died silently would take every request with it.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 3 * time.Second},
	}
}

// close drops idle connections.
func (c *client) close() {
	if pool, ok := c.pool.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}

// call runs a function of the database under args, which become JSON once and
// are the same in each attempt. The answer is decoded into result, or checked to
// be JSON if result is nil.
func (c *client) call(ctx context.Context, function string, args, result any) error {
	q, err := invocation(function, args)
	if err != nil {
		return err
	}
	return q.outward(c.persist(ctx, q, result))
}

// write is call for a function that writes, and that does so once, however often
// it is called with the same arguments. Where it is not known whether it did, the
// error is problem.ErrUnsettled.
func (c *client) write(ctx context.Context, function string, args, result any) error {
	q, err := invocation(function, args)
	if err != nil {
		return err
	}
	q.writes = true
	return q.outward(c.persist(ctx, q, result))
}

// bulk is write for a function that takes longer.
func (c *client) bulk(ctx context.Context, function string, args, result any) error {
	q, err := invocation(function, args)
	if err != nil {
		return err
	}
	q.writes, q.time = true, bulkTime
	return q.outward(c.persist(ctx, q, result))
}

// once is call in a single attempt, whatever the breaker says. A success closes
// the breaker, a failure counts.
func (c *client) once(ctx context.Context, function string, args, result any) error {
	q, err := invocation(function, args)
	if err != nil {
		return err
	}
	return q.outward(c.probe(ctx, q, result))
}

// survey is once for a function that may take minutes: sent again, it would run
// beside itself.
func (c *client) survey(ctx context.Context, function string, args, result any) error {
	q, err := invocation(function, args)
	if err != nil {
		return err
	}
	q.time = surveyTime
	return q.outward(c.probe(ctx, q, result))
}

// query is what is sent, in as many attempts as it takes.
type query struct {
	function string
	args     json.RawMessage
	time     time.Duration // of each attempt
	writes   bool
	// unsettled is true once an attempt has ended so that it may have taken effect.
	unsettled bool
}

// invocation is the query that calls a function.
func invocation(function string, args any) (*query, error) {
	body := []byte("{}")
	if args != nil {
		var err error
		if body, err = json.Marshal(args); err != nil {
			return nil, fmt.Errorf("arguments of %s: %w", function, err)
		}
		if bytes.Equal(body, []byte("null")) {
			body = []byte("{}")
		}
	}
	return &query{function: function, args: body, time: attemptTime}, nil
}
