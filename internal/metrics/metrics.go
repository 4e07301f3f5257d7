// Package metrics counts what the server does, for Prometheus.
package metrics

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"coffer/internal/events"
	"coffer/internal/problem"
)

// Metrics are what is counted. Their methods may be called at the same time, and take
// a fraction of a microsecond.
type Metrics struct {
	registry     *prometheus.Registry
	interactions *prometheus.CounterVec
	answers      *prometheus.HistogramVec
	calls        *prometheus.HistogramVec
	failures     *prometheus.CounterVec
	requests     *prometheus.CounterVec
	requestTimes *prometheus.HistogramVec
	logins       *prometheus.CounterVec
}

// times are the bounds of histograms, in seconds: Discord waits for three.
var times = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// New returns metrics with a registry of their own.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		interactions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "coffer_interactions_total",
			Help: "Interactions of Discord by what they were, and how they ended."}, []string{"type", "command", "outcome"}),
		answers: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "coffer_interaction_seconds", Buckets: times,
			Help: "How long it took until the reply was there; deferred ones included."}, []string{"type", "command"}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "coffer_store_call_seconds", Buckets: times,
			Help: "How long operations of the store took."}, []string{"operation"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "coffer_store_errors_total",
			Help: "Operations of the store that failed; refusals by rules are no failures."}, []string{"operation", "kind"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "coffer_api_requests_total",
			Help: "Requests of the admin API by operation and status."}, []string{"operation", "status"}),
		requestTimes: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "coffer_api_request_seconds", Buckets: times,
			Help: "How long requests of the admin API took; streams are left out."}, []string{"operation"}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "coffer_logins_total",
			Help: "Tries to sign in at the dashboard by way and outcome."}, []string{"way", "outcome"}),
	}
	m.registry.MustRegister(m.interactions, m.answers, m.calls, m.failures, m.requests, m.requestTimes, m.logins,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Interaction counts an interaction that was answered.
func (m *Metrics) Interaction(kind, command, outcome string, took time.Duration) {
	m.interactions.WithLabelValues(kind, command, outcome).Inc()
	m.answers.WithLabelValues(kind, command).Observe(took.Seconds())
}

// StoreCall counts an operation of the store that has ended, with an error or nil.
func (m *Metrics) StoreCall(operation string, took time.Duration, err error) {
	m.calls.WithLabelValues(operation).Observe(took.Seconds())
	if err == nil {
		return
	}
	switch p := problem.Of(err); p.Kind {
	case problem.Unavailable:
		m.failures.WithLabelValues(operation, "unavailable").Inc()
	case problem.Internal:
		m.failures.WithLabelValues(operation, "internal").Inc()
	}
}

// Operations of the admin API that are not like the others.
const (
	stream        = "streamEvents"
	loginPassword = "login"
	loginDiscord  = "finishDiscord"
)

// Request counts a request of the admin API. A try to sign in ended as the status
// outcome says, whatever was answered.
func (m *Metrics) Request(operation string, status, outcome int, took time.Duration) {
	m.requests.WithLabelValues(operation, strconv.Itoa(status)).Inc()
	if operation != stream {
		m.requestTimes.WithLabelValues(operation).Observe(took.Seconds())
	}
	way, end := "", "ok"
	switch operation {
	case loginPassword:
		way = "password"
	case loginDiscord:
		way = "discord"
	default:
		return
	}
	switch {
	case outcome == http.StatusTooManyRequests:
		end = "limited"
	case outcome >= http.StatusInternalServerError:
		end = "failed"
	case outcome >= http.StatusBadRequest:
		end = "refused"
	}
	m.logins.WithLabelValues(way, end).Inc()
}

// Streams has the number of open streams told.
func (m *Metrics) Streams(open func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "coffer_streams",
		Help: "Open streams of events."}, func() float64 { return float64(open()) }))
}

// Books are where the totals are read.
type Books interface {
	Totals(context.Context) (events.Totals, error)
}

// Totals has the totals of the ledger and the outbox told. They are read when they are
// asked for, but at most every 15 seconds.
func (m *Metrics) Totals(books Books) { m.registry.MustRegister(&totals{books: books}) }

// totals collects the figures of all guilds together.
type totals struct {
	books Books

	mu   sync.Mutex
	at   time.Time
	last events.Totals
	up   bool
}

const (
	totalsLife = 15 * time.Second
	totalsTime = 5 * time.Second
)

func describe(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }

var (
	totalsUp          = describe("coffer_totals_up", "Whether the totals could be read: 1, or 0 where they are left out.")
	totalGuilds       = describe("coffer_guilds", "Guilds that have books.")
	totalMembers      = describe("coffer_members", "Members of all guilds.")
	totalCirculation  = describe("coffer_coins_in_circulation", "Coins in members' wallets.")
	totalMinted       = describe("coffer_coins_minted_total", "Coins that were made.")
	totalBurned       = describe("coffer_coins_burned_total", "Coins that were removed.")
	totalSpent        = describe("coffer_coins_spent_total", "Coins that were spent in shops.")
	totalRefunded     = describe("coffer_coins_refunded_total", "Coins that came back from shops.")
	totalTransactions = describe("coffer_transactions_total", "Transactions of all ledgers.")
	totalWaiting      = describe("coffer_outbox_waiting", "Deliveries to Discord that are due or will be tried again.")
	totalFailed       = describe("coffer_outbox_failed", "Deliveries to Discord that have failed for good.")
)

// Describe implements prometheus.Collector. One stands for all: to collect them would
// have the store hold up the server's start.
func (t *totals) Describe(out chan<- *prometheus.Desc) { out <- totalsUp }

// Collect implements prometheus.Collector.
func (t *totals) Collect(out chan<- prometheus.Metric) {
	v, up := t.read()
	if !up {
		out <- prometheus.MustNewConstMetric(totalsUp, prometheus.GaugeValue, 0)
		return
	}
	out <- prometheus.MustNewConstMetric(totalsUp, prometheus.GaugeValue, 1)
	for desc, value := range map[*prometheus.Desc]int64{
		totalGuilds: v.Guilds, totalMembers: v.Members, totalCirculation: int64(v.Circulation()),
		totalWaiting: v.DeliveriesWaiting, totalFailed: v.DeliveriesFailed,
	} {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value))
	}
	for desc, value := range map[*prometheus.Desc]int64{
		totalMinted: int64(v.Minted), totalBurned: int64(v.Burned), totalSpent: int64(v.Spent), totalRefunded: int64(v.Refunded),
		totalTransactions: v.Transactions,
	} {
		out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value))
	}
}

func (t *totals) read() (events.Totals, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(t.at) < totalsLife {
		return t.last, t.up
	}
	ctx, cancel := context.WithTimeout(context.Background(), totalsTime)
	defer cancel()
	v, err := t.books.Totals(ctx)
	t.at, t.last, t.up = time.Now(), v, err == nil
	return t.last, t.up
}

// Handler serves the metrics to whoever bears the token.
func (m *Metrics) Handler(token string) http.Handler {
	want := sha256.Sum256([]byte(token))
	page := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(given)) // so that not even the length can be told from the time
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		page.ServeHTTP(w, r)
	})
}
