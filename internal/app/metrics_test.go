package app

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"coffer/internal/sqlite"
)

// scrape asks a town's server for its metrics.
func scrape(t *testing.T, w *town, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+w.listener.Addr().String()+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestMetricsTellOfCommandsAndTheStore(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "coffer.db"))
	if err != nil {
		t.Fatal(err)
	}
	w := newTownServing(t, store, server{store: store, metricsToken: "a-random-text-of-16"})
	w.say("ada", "/daily")
	w.say("ada", "/daily")
	status, page := scrape(t, w, "a-random-text-of-16")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	for _, want := range []string{
		`coffer_interactions_total{command="daily",outcome="ok",type="command"} 1`,
		`coffer_interactions_total{command="daily",outcome="refused",type="command"} 1`,
		`coffer_interaction_seconds_count{command="daily",type="command"} 2`,
		`coffer_store_call_seconds_count{operation="claim_daily"} 2`,
		"coffer_totals_up 1", "coffer_streams 0",
	} {
		if !strings.Contains(page, "\n"+want+"\n") {
			t.Errorf("the page lacks %s", want)
		}
	}
	if status, _ := scrape(t, w, "another-text-of-16"); status != http.StatusUnauthorized {
		t.Errorf("with another token: status %d", status)
	}
}

func TestWithoutATokenThereAreNoMetrics(t *testing.T) {
	w := newTown(t, nil)
	for _, token := range []string{"", "anything-of-16-or-more"} {
		if status, _ := scrape(t, w, token); status != http.StatusNotFound {
			t.Errorf("%q: status %d", token, status)
		}
	}
}
