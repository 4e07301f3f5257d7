// Package api is the admin API: the one table of routes with the access that
// each needs, the handlers, and the translation of errors to HTTP.
//
// A resource is one file: the interface that its handlers need of the store,
// the handlers as methods of a small struct, and the JSON they speak. It joins
// by a row in routes.go for each operation and by the operation's description
// in a fragment of openapi/*.yaml; a row without a description does not start.
package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"coffer/api/openapi"
	"coffer/internal/admins"
	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/problem"
)

// Pinger is the part of a store that the health check asks. Ping reports
// whether the store answers, and returns soon after its context has ended.
type Pinger interface {
	Ping(ctx context.Context) error
}

// Store is all that the API needs of the books, one interface for each resource.
type Store interface {
	Pinger
	admins.Store
	TaskStore
	SubmissionStore
	ItemStore
	PurchaseStore
	DeliveryStore
	guildStore
	settingsStore
	memberStore
	adjustmentStore
	transactionStore
	Statistics
	economy.Bookkeeper
	events.Follower
	events.Trail
}

// Config is what the API needs.
type Config struct {
	Store     Store
	Secrets   []string // sign sessions: the first what is new, the others are still believed
	Passwords Passwords
	Discord   Discord // nil: nobody signs in with Discord
	Pictures  Pictures
	Places    Places // nil: there is no bot
	Demo      *Demo  // nil: this is no demo
	Cookies   Cookies
	Document  *openapi.Document // nil: the program's own
	Version   string            // of the program
	Now       func() time.Time
	Hub       *events.Hub // follows the store for all streams; runs beside the API

	// Observe is told of each request that came to a route, a panic included: the status
	// that was written, and the outcome, which is the same but for a redirect that tells
	// of a refusal: then it is the refusal's status. It must not block. nil: nobody is told.
	Observe func(operation string, status, outcome int, took time.Duration)
}

// API answers what is under /api.
type API struct {
	cfg      Config
	guard    guard
	health   health
	docs     docs
	signIn   *signIn
	accounts accounts

	tasks        taskDesk
	submissions  submissionDesk
	items        itemDesk
	purchases    purchaseDesk
	deliveries   deliveryDesk
	guilds       places
	settings     settings
	members      members
	adjustments  adjustments
	transactions transactions
	stats        stats
	books        *books
	trail        trail
	live         *live
	exports      exports
}

// New returns the API; Register puts it on a router.
func New(cfg Config) *API {
	if cfg.Document == nil {
		cfg.Document = openapi.Own()
	}
	if cfg.Observe == nil {
		cfg.Observe = func(string, int, int, time.Duration) {}
	}
	in := &signIn{store: cfg.Store, keys: keysOf(cfg.Secrets), passwords: cfg.Passwords, discord: cfg.Discord,
		demo: cfg.Demo, cookies: cfg.Cookies, now: cfg.Now}
	guilds := newPlaces(cfg)
	return &API{
		cfg:      cfg,
		guard:    newGuard(in, cfg.Store, cfg.Now),
		health:   health{store: cfg.Store, version: cfg.Version, now: cfg.Now, pings: &singleflight.Group{}},
		docs:     newDocs(cfg.Document),
		signIn:   in,
		accounts: accounts{in},

		tasks:        taskDesk{cfg.Store, cfg.Now},
		submissions:  submissionDesk{cfg.Store, cfg.Pictures, cfg.Now},
		items:        itemDesk{cfg.Store, cfg.Now},
		purchases:    purchaseDesk{cfg.Store, cfg.Now},
		deliveries:   deliveryDesk{cfg.Store},
		guilds:       guilds,
		settings:     settings{cfg.Store, guilds.channels, cfg.Now},
		members:      members{cfg.Store, cfg.Now},
		adjustments:  adjustments{cfg.Store, cfg.Now, newImports()},
		transactions: transactions{cfg.Store, cfg.Now},
		stats:        stats{cfg.Store, cfg.Now},
		books:        newBooks(cfg.Store, cfg.Now),
		trail:        trail{cfg.Store},
		live:         newLive(cfg.Store, cfg.Hub, in),
		exports:      newExports(),
	}
}

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
