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

	"coffer/internal/economy"
)

// largestAnswer is more than a thousand members are.
const largestAnswer = 16 << 20

// ask reads what Discord's API says, as JSON. It returns for how long the API is to be
// left alone after that. An answer other than 200 is a *laterError.
func (w *Worker) ask(ctx context.Context, path string, result any) (rest time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.cfg.BaseURL+"/api/v10"+path, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bot "+w.cfg.Token)
	req.Header.Set("User-Agent", "DiscordBot ("+w.cfg.Homepage+", "+w.cfg.Version+")")
	res, err := w.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // whole, so that the connection can be used again
		var problem struct{ Code int }
		_ = json.Unmarshal(said, &problem) // 0 if it is not Discord who speaks
		return 0, &laterError{"Discord answered " + res.Status, seconds(res.Header.Get("Retry-After")), res.StatusCode, problem.Code}
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, largestAnswer+1))
	switch {
	case err != nil:
		return 0, err
	case len(body) > largestAnswer:
		return 0, fmt.Errorf("the answer is larger than %d bytes", largestAnswer)
	}
	if res.Header.Get("X-RateLimit-Remaining") == "0" {
		rest = seconds(res.Header.Get("X-RateLimit-Reset-After"))
	}
	return rest, json.Unmarshal(body, result)
}

// address asks Discord where the gateway is, before each new session: it tells, too,
// how many sessions the bot may still begin. Who begins more has his token taken.
func (w *Worker) address(ctx context.Context) (string, error) {
	var d struct {
		URL   string
		Limit struct {
			Remaining  *int
			ResetAfter float64 `json:"reset_after"` // milliseconds
		} `json:"session_start_limit"`
	}
	_, err := w.ask(ctx, "/gateway/bot", &d)
	var later *laterError
	switch {
	case errors.As(err, &later) && later.status == http.StatusUnauthorized:
		return "", &RefusedError{4004} // the gateway would say the same of the token
	case err != nil:
		return "", fmt.Errorf("ask for the gateway: %w", err)
	}
	if u, err := url.Parse(d.URL); err != nil || u.Host == "" {
		return "", errors.New("asked for the gateway, Discord named no address")
	}
	if d.Limit.Remaining != nil && *d.Limit.Remaining < 1 {
		return "", &laterError{reason: "the bot has begun all sessions that Discord allows in a day", after: bounded(d.Limit.ResetAfter)}
	}
	return d.URL, nil
}

// page is how many members Discord lists at once.
const page = 1000

// members asks for the members of a guild whose ids come after one, by their ids.
func (w *Worker) members(ctx context.Context, guild economy.GuildID, after economy.UserID) (list []member, rest time.Duration, err error) {
	query := url.Values{"limit": {strconv.Itoa(page)}, "after": {string(after)}}
	rest, err = w.ask(ctx, "/guilds/"+url.PathEscape(string(guild))+"/members?"+query.Encode(), &list)
	if err != nil {
		return nil, 0, fmt.Errorf("ask for the members of a guild: %w", err)
	}
	return list, rest, nil
}

// seconds reads a header of Discord's, which may say nothing.
func seconds(header string) time.Duration {
	s, _ := strconv.ParseFloat(header, 64) // 0 if it says nothing
	return bounded(s * 1000)
}

// bounded is a time of Discord's in milliseconds, at most a day.
func bounded(ms float64) time.Duration {
	if !(ms > 0) { // nor NaN
		return 0
	}
	return time.Duration(min(ms, float64((24*time.Hour).Milliseconds()))) * time.Millisecond
}
