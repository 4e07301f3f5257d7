// Package api is the admin API: the one table of routes with the access that
// each needs, the handlers, and the translation of errors to HTTP.
package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"coffer/internal/problem"
)

// Pinger is the part of a store that the health check asks. Ping reports
// whether the store answers, and returns soon after its context has ended.
type Pinger interface {
	Ping(ctx context.Context) error
}

// Config is what the API needs.
type Config struct {
	Store   Pinger
	Version string // of the program
	Now     func() time.Time
}

// API answers what is under /api.
type API struct {
	cfg   Config
	pings singleflight.Group
}

// New returns the API; Register puts it on a router.
func New(cfg Config) *API { return &API{cfg: cfg} }

// Under reports whether path belongs to the API.
func Under(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

var (
	errNoRoute  = problem.New(problem.NotFound, "no_such_route", "There is nothing at this address.")
	errNoMethod = problem.New(problem.Refused, "method_not_allowed", "This address does not know that method; the Allow header names those it knows.")
)

// NotFound is the router's answer to unknown paths: a problem document under
// /api, and next elsewhere.
func NotFound(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Under(r.URL.Path) {
			Problem(w, r, errNoRoute)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// MethodNotAllowed is the router's answer to known paths with another method:
// a problem document under /api, a bare 405 elsewhere. The router has set
// Allow.
func MethodNotAllowed() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Under(r.URL.Path) {
			Problem(w, r, errNoMethod)
			return
		}
		w.WriteHeader(http.StatusMethodNotAllowed)
	})
}
