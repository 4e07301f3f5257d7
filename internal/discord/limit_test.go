package discord_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"coffer/internal/discord"
)

// scripted is a Discord without a network, so that time in a synctest bubble
// passes only by waiting. It notes when each call came.
type scripted struct {
	mu    sync.Mutex
	start time.Time
	next  []answer
	at    []time.Duration
}

func (s *scripted) RoundTrip(*http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = append(s.at, time.Since(s.start))
	a := answer{status: 200}
	if len(s.next) > 0 {
		a, s.next = s.next[0], s.next[1:]
	}
	header := http.Header{}
	for name, value := range a.header {
		header.Set(name, value)
	}
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(strings.NewReader(a.body))}, nil
}

func script(answers ...answer) (*scripted, *discord.Client) {
	s := &scripted{start: time.Now(), next: answers}
	return s, discord.New(discord.Config{ApplicationID: app, Transport: s, Backoff: 100 * time.Millisecond})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	tests := map[string]answer{
		"in the body":                 {status: 429, body: `{"retry_after":2.5}`, header: map[string]string{"Retry-After": "3"}},
		"in the header alone":         {status: 429, body: "<html>", header: map[string]string{"Retry-After": "2.5"}},
		"for all calls by the body":   {status: 429, body: `{"retry_after":2.5,"global":true}`},
		"for all calls by the header": {status: 429, body: `{"retry_after":2.5}`, header: map[string]string{"X-RateLimit-Global": "true"}},
	}
	for name, a := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, c := script(a)
				if err := followUp(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				if len(s.at) != 2 || s.at[1] < 2500*time.Millisecond || s.at[1] > 2600*time.Millisecond {
					t.Errorf("calls at %v, want the second just after 2.5 s", s.at)
				}
			})
		})
	}
}

func TestAGlobalLimitHoldsBackOtherCalls(t *testing.T) {
	tests := map[string]struct {
		body    string
		earlier bool // the other call goes out before the limit ends
	}{
		"global":  {`{"retry_after":5,"global":true}`, false},
		"not so":  {`{"retry_after":5,"global":false}`, true},
		"no JSON": {`error code: 1015`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, c := script(answer{status: 429, body: tt.body, header: map[string]string{"Retry-After": "5"}})
				var all sync.WaitGroup
				all.Go(func() { _ = edit(t.Context(), c) })
				synctest.Wait() // the first call has met the limit
				all.Go(func() {
					if err := edit(t.Context(), c); err != nil {
						t.Error(err)
					}
				})
				all.Wait()
				if earlier := s.at[1] < 5*time.Second; len(s.at) != 3 || earlier != tt.earlier {
					t.Errorf("calls at %v, want the other one before 5 s: %v", s.at, tt.earlier)
				}
			})
		})
	}
}

// TestNoAnswerClosesDiscordForLong holds that one answer, whoever made it, ends nothing
// for longer than it should, and that one call finds out before all others follow.
func TestNoAnswerClosesDiscordForLong(t *testing.T) {
	tests := map[string]struct {
		limit answer
		open  time.Duration
		asked time.Duration // what the caller is told
	}{
		"something in between":  {answer{status: 429, body: "<html>", header: map[string]string{"Retry-After": "604800"}}, 10 * time.Minute, 10 * time.Minute},
		"Discord for all calls": {answer{status: 429, body: `{"retry_after":604800,"global":true}`}, time.Hour, 168 * time.Hour},
		"Discord for a route":   {answer{status: 429, body: `{"retry_after":604800}`}, time.Hour, 168 * time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, c := script(tt.limit)
				call := func() error { return c.GrantRole(t.Context(), "1", "2", "3", "") }
				var limited *discord.Error
				if err := call(); !errors.As(err, &limited) || limited.RetryAfter != tt.asked {
					t.Fatalf("error = %v, want 429 and %v", err, tt.asked)
				}
				time.Sleep(tt.open - time.Minute)
				if err := call(); !errors.As(err, &limited) || len(s.at) != 1 {
					t.Errorf("a minute before: %v after %d calls, want a limit and no second call", err, len(s.at))
				}
				time.Sleep(50 * time.Second)
				s.next = []answer{tt.limit} // it is not over yet
				var all sync.WaitGroup
				for range 20 {
					all.Go(func() { _ = call() })
				}
				all.Wait()
				if len(s.at) != 2 || s.at[1] != tt.open {
					t.Errorf("calls at %v, want one more, at %v", s.at, tt.open)
				}
				time.Sleep(2*tt.open - time.Since(s.start))
				for range 20 {
					all.Go(func() {
						if err := call(); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				if len(s.at) != 22 || s.at[2] != 2*tt.open || s.at[3] != 2*tt.open+2*time.Second {
					t.Errorf("calls at %v, want one at %v and the others 2 s later", s.at, 2*tt.open)
				}
			})
		})
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	limits := map[string]answer{
		"own":    {status: 429, body: `{"message":"slow","retry_after":20}`},
		"global": {status: 429, body: `{"message":"slow","retry_after":20,"global":true}`},
	}
	for name, a := range limits {
		t.Run(name+", deadline before it", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, c := script(a)
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				for range 2 { // the second meets what the first has learnt
					err := edit(ctx, c)
					var got *discord.Error
					if name == "own" && err == nil {
						break // the second call has no limit of its own
					}
					if !errors.As(err, &got) || got.Status != 429 || got.RetryAfter != 20*time.Second || !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("error = %v, want 429 with 20 s and the deadline", err)
					}
				}
				if waited := time.Since(start); waited != 0 {
					t.Errorf("waited %v in vain", waited)
				}
			})
		})
		t.Run(name+", cancelled", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, c := script(a)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(3*time.Second, cancel)
				start := time.Now()
				err := edit(ctx, c)
				var got *discord.Error
				if !errors.As(err, &got) || !errors.Is(err, context.Canceled) || got.Temporary() {
					t.Errorf("error = %v, want cancelled and not temporary", err)
				}
				if waited := time.Since(start); waited != 3*time.Second {
					t.Errorf("waited %v, want 3 s", waited)
				}
			})
		})
	}
}

func TestBackoffGrowsAndIsJittered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := answer{status: 500}
		s, c := script(down, down, down)
		if err := edit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		for i, most := range []time.Duration{100, 200, 400} {
			most *= time.Millisecond
			if gap := s.at[i+1] - s.at[i]; gap < most/2 || gap > most {
				t.Errorf("wait %d = %v, want %v to %v", i+1, gap, most/2, most)
			}
		}
	})
}

// silent never answers.
type silent struct{ calls int }

func (s *silent) RoundTrip(r *http.Request) (*http.Response, error) {
	s.calls++
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestASilentHostCostsOneTimeoutAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &silent{}
		c := discord.New(discord.Config{Transport: s, Timeout: 2 * time.Second, Backoff: time.Millisecond})
		start := time.Now()
		err := edit(t.Context(), c)
		if !errors.Is(err, context.DeadlineExceeded) || s.calls != 4 {
			t.Errorf("%d calls, error %v, want 4 and the deadline", s.calls, err)
		}
		if took := time.Since(start).Round(time.Second); took != 8*time.Second {
			t.Errorf("took %v, want 8 s", took)
		}
	})
}

func TestAWrongAddressFailsEveryCall(t *testing.T) {
	for _, base := range []string{"discord.com", "https://discord.com/api", "://"} {
		c := discord.New(discord.Config{BaseURL: base, Transport: &scripted{}})
		var got *discord.Error
		if err := edit(t.Context(), c); !errors.As(err, &got) {
			t.Errorf("%q: error = %v, want *Error", base, err)
		}
	}
}
