package metrics_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/metrics"
	"coffer/internal/problem"
)

const token = "a-random-text-of-16"

// read asks for the page.
func read(t *testing.T, m *metrics.Metrics, authorization string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	m.Handler(token).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// books are totals, or an error.
type books struct {
	totals events.Totals
	err    error
	asked  int
}

func (b *books) Totals(context.Context) (events.Totals, error) {
	b.asked++
	return b.totals, b.err
}

func TestThePageTellsWhatWasCounted(t *testing.T) {
	m := metrics.New()
	m.Interaction("command", "daily", "ok", 3*time.Millisecond)
	m.Interaction("command", "daily", "refused", 3*time.Millisecond)
	m.StoreCall("transfer", time.Millisecond, nil)
	m.StoreCall("transfer", time.Millisecond, economy.ErrInsufficientFunds)
	m.StoreCall("transfer", time.Millisecond, problem.ErrUnavailable.Because(errors.New("down")))
	m.StoreCall("transfer", time.Millisecond, errors.New("a defect"))
	m.Request("login", 200, 200, time.Millisecond)
	m.Request("login", 401, 401, time.Millisecond)
	m.Request("login", 429, 429, time.Millisecond)
	m.Request("finishDiscord", 302, 302, time.Millisecond)
	m.Request("finishDiscord", 302, 403, time.Millisecond)
	m.Request("finishDiscord", 302, 503, time.Millisecond)
	m.Request("streamEvents", 200, 200, time.Hour)
	m.Streams(func() int { return 17 })
	b := &books{totals: events.Totals{Guilds: 2, Members: 3, Minted: 100, Burned: 7, Spent: 30, Refunded: 10, Transactions: 9, DeliveriesWaiting: 4, DeliveriesFailed: 1}}
	m.Totals(b)
	status, page := read(t, m, "Bearer "+token)
	if status != http.StatusOK {
		t.Fatalf("status %d: %s", status, page)
	}
	for _, want := range []string{
		`coffer_interactions_total{command="daily",outcome="ok",type="command"} 1`,
		`coffer_interactions_total{command="daily",outcome="refused",type="command"} 1`,
		`coffer_interaction_seconds_bucket{command="daily",type="command",le="0.005"} 2`,
		`coffer_store_call_seconds_count{operation="transfer"} 4`,
		`coffer_store_errors_total{kind="unavailable",operation="transfer"} 1`,
		`coffer_store_errors_total{kind="internal",operation="transfer"} 1`,
		`coffer_logins_total{outcome="ok",way="password"} 1`,
		`coffer_logins_total{outcome="refused",way="password"} 1`,
		`coffer_logins_total{outcome="limited",way="password"} 1`,
		`coffer_logins_total{outcome="ok",way="discord"} 1`,
		`coffer_logins_total{outcome="refused",way="discord"} 1`,
		`coffer_logins_total{outcome="failed",way="discord"} 1`,
		`coffer_api_requests_total{operation="finishDiscord",status="302"} 3`,
		`coffer_api_requests_total{operation="streamEvents",status="200"} 1`,
		"coffer_streams 17", "coffer_guilds 2", "coffer_members 3", "coffer_coins_in_circulation 73", "coffer_coins_minted_total 100",
		"coffer_transactions_total 9", "coffer_outbox_waiting 4", "coffer_outbox_failed 1", "coffer_totals_up 1", "go_goroutines ",
	} {
		if !strings.Contains(page, "\n"+want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, `coffer_api_request_seconds_count{operation="streamEvents"}`) {
		t.Error("a stream counts as a slow request")
	}
	read(t, m, "Bearer "+token)
	if b.asked != 1 {
		t.Errorf("the totals were read %d times", b.asked)
	}
}

func TestTotalsThatCannotBeReadAreLeftOut(t *testing.T) {
	m := metrics.New()
	m.Totals(&books{err: errors.New("down")})
	_, page := read(t, m, "Bearer "+token)
	if !strings.Contains(page, "\ncoffer_totals_up 0") || strings.Contains(page, "\ncoffer_members") {
		t.Errorf("got %s", page)
	}
}

func TestThePageIsForWhoeverHasTheToken(t *testing.T) {
	m := metrics.New()
	for _, authorization := range []string{"", token, "Bearer", "Bearer ", "Bearer " + token + "x", "Bearer " + token[1:], "Basic " + token, "Bearer " + strings.ToUpper(token)} {
		if status, page := read(t, m, authorization); status != http.StatusUnauthorized || page != "" {
			t.Errorf("%q: status %d: %s", authorization, status, page)
		}
	}
	if status, _ := read(t, m, "bearer "+token); status != http.StatusOK {
		t.Errorf("the scheme in other letters: status %d", status)
	}
}

func TestCountingAllocatesNothing(t *testing.T) {
	m := metrics.New()
	for name, count := range map[string]func(){
		"interaction": func() { m.Interaction("command", "daily", "ok", time.Millisecond) },
		"store call":  func() { m.StoreCall("transfer", time.Millisecond, nil) },
	} {
		if n := testing.AllocsPerRun(100, count); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkStoreCall(b *testing.B) {
	m := metrics.New()
	b.ReportAllocs()
	for b.Loop() {
		m.StoreCall("transfer", time.Millisecond, nil)
	}
}

func BenchmarkInteraction(b *testing.B) {
	m := metrics.New()
	b.ReportAllocs()
	for b.Loop() {
		m.Interaction("command", "daily", "ok", time.Millisecond)
	}
}
