package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/sync/singleflight"

	"coffer/internal/requestlog"
)

// storeAnswersWithin is how long the store may take to answer a ping.
const storeAnswersWithin = 2 * time.Second

type health struct {
	store   Pinger
	version string
	now     func() time.Time
	pings   *singleflight.Group
}

type healthJSON struct {
	Status    string           `json:"status"`
	Service   string           `json:"service"`
	Version   string           `json:"version"`
	Timestamp time.Time        `json:"timestamp"`
	Checks    healthChecksJSON `json:"checks"`
}

type healthChecksJSON struct {
	Store string `json:"store"`
}

// get answers 200 while the store does, and 503 otherwise. Why the store does
// not is for the log alone.
func (h health) get(w http.ResponseWriter, r *http.Request) error {
	status := http.StatusOK
	body := healthJSON{
		Status:    "healthy",
		Service:   "coffer",
		Version:   h.version,
		Timestamp: h.now().UTC().Truncate(time.Millisecond),
		Checks:    healthChecksJSON{Store: "ok"},
	}
	if err := h.ping(r.Context()); err != nil {
		requestlog.Add(r.Context(), slog.String("error", "ping the store: "+err.Error()))
		status, body.Status, body.Checks.Store = http.StatusServiceUnavailable, "unhealthy", "does not answer"
	}
	write(w, status, body)
	return nil
}

// ping asks the store. Checks that come while a ping is under way share it, so
// that a slow store is not asked over and over; it does not end with the
// request that began it.
func (h health) ping(ctx context.Context) error {
	detached := context.WithoutCancel(ctx)
	answer := h.pings.DoChan("store", func() (any, error) {
		ctx, cancel := context.WithTimeout(detached, storeAnswersWithin)
		defer cancel()
		return nil, h.store.Ping(ctx)
	})
	patience, cancel := context.WithTimeout(ctx, storeAnswersWithin)
	defer cancel()
	select {
	case result := <-answer:
		return result.Err
	case <-patience.Done():
		return patience.Err()
	}
}
