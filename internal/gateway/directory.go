package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// address asks Discord where the gateway is, before each new session: it tells, too,
// how many sessions the bot may still begin. Who begins more has his token taken.
func (w *Worker) address(ctx context.Context) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.cfg.BaseURL+"/api/v10/gateway/bot", nil)
	if err != nil {
		return "", fmt.Errorf("ask for the gateway: %w", err)
	}
	req.Header.Set("Authorization", "Bot "+w.cfg.Token)
	req.Header.Set("User-Agent", "DiscordBot ("+w.cfg.Homepage+", "+w.cfg.Version+")")
	res, err := w.http.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask for the gateway: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	switch {
	case err != nil:
		return "", fmt.Errorf("ask for the gateway: %w", err)
	case res.StatusCode == http.StatusUnauthorized:
		return "", &RefusedError{4004} // the gateway would say the same of the token
	case res.StatusCode != http.StatusOK:
		seconds, _ := strconv.ParseFloat(res.Header.Get("Retry-After"), 64) // 0 if it says nothing
		return "", &laterError{"asked for the gateway, Discord answered " + res.Status, bounded(seconds * 1000)}
	}
	var d struct {
		URL   string
		Limit struct {
			Remaining  *int
			ResetAfter float64 `json:"reset_after"` // milliseconds
		} `json:"session_start_limit"`
	}
	if err := json.Unmarshal(body, &d); err != nil {
		return "", fmt.Errorf("ask for the gateway: %w", err)
	}
	if u, err := url.Parse(d.URL); err != nil || u.Host == "" {
		return "", errors.New("asked for the gateway, Discord named no address")
	}
	if d.Limit.Remaining != nil && *d.Limit.Remaining < 1 {
		return "", &laterError{"the bot has begun all sessions that Discord allows in a day", bounded(d.Limit.ResetAfter)}
	}
	return d.URL, nil
}

// bounded is a time of Discord's in milliseconds, at most a day.
func bounded(ms float64) time.Duration {
	if !(ms > 0) { // nor NaN
		return 0
	}
	return time.Duration(min(ms, float64((24*time.Hour).Milliseconds()))) * time.Millisecond
}
