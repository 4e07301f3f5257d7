package postgrest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"coffer/internal/problem"
)

// The tests here run in bubbles of fake time.

func TestWhatPassesIsSentAgainWithTheSameArguments(t *testing.T) {
	truncated := func(req *http.Request) (*http.Response, error) {
		res, err := answer(200, "")(req)
		res.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"balance":`), failing{io.ErrUnexpectedEOF}))
		return res, err
	}
	for name, bad := range map[string]step{
		"refused":          broken(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}),
		"reset":            broken(&net.OpError{Op: "read", Err: syscall.ECONNRESET}),
		"closed":           broken(io.EOF),
		"too slow":         hang,
		"cut off":          truncated,
		"cut off unseen":   answer(200, `{"balance":1`),
		"a page":           answer(200, `<html>`),
		"empty":            answer(200, ""),
		"502":              answer(502, "<html>"),
		"503":              answer(503, ""),
		"504":              answer(504, ""),
		"544":              answer(544, ""),
		"no connection":    refuse(503, "PGRST001", "x"),
		"no schema":        refuse(503, "PGRST002", "x"),
		"no pooled one":    refuse(504, "PGRST003", "x"),
		"our own 503":      refuse(503, "PT503", "x"),
		"out of resources": refuse(503, "53300", "x"),
		"a deadlock":       refuse(500, "40P01", "x"),
		"a conflict":       refuse(500, "40001", "x"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, s := scripted(bad, bad, answer(200, `{"balance":7}`))
				var result struct{ Balance int64 }
				err := c.call(t.Context(), "wallet", map[string]string{"request": "a"}, &result)
				if err != nil || result.Balance != 7 || s.count() != 3 {
					t.Errorf("got %d, error %v after %d requests, want 7 after 3", result.Balance, err, s.count())
				}
				for _, body := range s.sent {
					if body != `{"request":"a"}` {
						t.Errorf("sent %s", body)
					}
				}
			})
		})
	}
}

func TestWhatDoesNotPassIsSentOnce(t *testing.T) {
	for _, bad := range []step{
		refuse(409, "PT409", "x"), refuse(409, "23505", "x"), refuse(400, "22P02", "x"), refuse(401, "PGRST301", "x"),
		refuse(403, "42501", "x"), refuse(404, "PGRST202", "x"), refuse(429, "", "x"), refuse(500, "57014", "x"),
		refuse(505, "", "x"), refuse(540, "", "x"),
	} {
		c, s := scripted(bad)
		if err := c.call(t.Context(), "wallet", nil, nil); err == nil || s.count() != 1 {
			t.Errorf("error %v after %d requests, want one after 1", err, s.count())
		}
	}
}

func TestRetriesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(answer(503, ""))
		started := time.Now()
		err := c.call(t.Context(), "wallet", nil, nil)
		wantUnavailable(t, err)
		if s.count() != attempts {
			t.Errorf("%d requests, want %d", s.count(), attempts)
		}
		// 50, 100, 200 and 400 ms, give or take half.
		if took := time.Since(started); took < 375*time.Millisecond || took > 1125*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

func TestACallerWhoGivesUpIsAnsweredAtOnce(t *testing.T) {
	t.Run("before", func(t *testing.T) {
		c, s := scripted(answer(200, `1`))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, err := range []error{c.call(ctx, "wallet", nil, nil), c.once(ctx, "wallet", nil, nil)} {
			wantUnavailable(t, err)
			if !errors.Is(err, context.Canceled) || s.count() != 0 {
				t.Errorf("error %v after %d requests", err, s.count())
			}
		}
	})
	for name, tt := range map[string]struct {
		step  step
		after time.Duration
		count int
	}{
		"during the first attempt": {hang, 2 * time.Second, 1},
		"during the second":        {hang, 6 * time.Second, 2},
		"between attempts":         {answer(503, ""), 20 * time.Millisecond, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, s := scripted(tt.step)
				ctx, cancel := context.WithTimeout(t.Context(), tt.after)
				defer cancel()
				started := time.Now()
				err := c.call(ctx, "wallet", nil, nil)
				wantUnavailable(t, err)
				if took := time.Since(started); took != tt.after || !errors.Is(err, context.DeadlineExceeded) || s.count() != tt.count {
					t.Errorf("error %v after %v and %d requests, want %v and %d", err, took, s.count(), tt.after, tt.count)
				}
			})
		})
	}
}

func TestAnAnswerThatCameBeforeTheEndIsKept(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := scripted(func(req *http.Request) (*http.Response, error) {
		res, err := answer(200, `7`)(req)
		res.Body = io.NopCloser(io.MultiReader(strings.NewReader(`7`), calling(cancel)))
		return res, err
	})
	var result int
	if err := c.call(ctx, "wallet", nil, &result); err != nil || result != 7 {
		t.Errorf("got %d, error %v, want 7", result, err)
	}
}

func TestTheBreakerOpensAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down sync.Mutex // held while the project is down
		c, s := scripted(func(req *http.Request) (*http.Response, error) {
			if !down.TryLock() {
				return nil, io.EOF
			}
			down.Unlock()
			return answer(200, `1`)(req)
		})
		down.Lock()
		for range 2 {
			wantUnavailable(t, c.call(t.Context(), "wallet", nil, nil))
		}
		sent := s.count()
		started := time.Now()
		err := c.call(t.Context(), "wallet", nil, nil)
		wantUnavailable(t, err)
		if !errors.Is(err, circuitbreaker.ErrOpen) || s.count() != sent || time.Since(started) != 0 {
			t.Errorf("after %d failures: error %v after %v and %d more requests, want ErrOpen at once",
				sent, err, time.Since(started), s.count()-sent)
		}

		time.Sleep(openFor)
		err = c.call(t.Context(), "wallet", nil, nil) // two trials fail, and it is open again
		if !errors.Is(err, circuitbreaker.ErrOpen) || !errors.Is(err, ErrUnreachable) || s.count() != sent+2 {
			t.Errorf("half open: error %v after %d requests, want ErrOpen after 2", err, s.count()-sent)
		}

		down.Unlock()
		time.Sleep(openFor)
		for range 2 {
			if err := c.call(t.Context(), "wallet", nil, nil); err != nil {
				t.Errorf("after the recovery: %v", err)
			}
		}
		if !c.breaker.IsClosed() {
			t.Error("two good trials have not closed the breaker")
		}
	})
}

func TestAnOpenBreakerLetsFewTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(hang)
		c.breaker.Open()
		time.Sleep(openFor)
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() { _ = c.call(t.Context(), "wallet", nil, nil) })
		}
		synctest.Wait()
		if s.count() != 3 {
			t.Errorf("%d trial calls at a time, want 3", s.count())
		}
		all.Wait()
	})
}

func TestTheBreakerIsNotForRefusalsAndCallersWhoLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, bad := range map[string]step{
			"refusals": refuse(409, "PT409", "x"), "conflicts": refuse(409, "23505", "x"), "keys": refuse(401, "", "x"),
			"deadlocks": refuse(500, "40P01", "x"),
		} {
			c, _ := scripted(bad)
			for range 30 {
				_ = c.call(t.Context(), "wallet", nil, nil)
			}
			if !c.breaker.IsClosed() {
				t.Errorf("%s have opened the breaker", name)
			}
		}
		c, _ := scripted(hang)
		for range 30 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(3*time.Second, cancel)
			_ = c.call(ctx, "wallet", nil, nil)
		}
		if !c.breaker.IsClosed() {
			t.Error("callers who left have opened the breaker")
		}
	})
}

func TestDeadlinesThatASilentProjectUsesUpOpenTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := scripted(hang)
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			_ = c.call(ctx, "wallet", nil, nil)
			cancel()
		}
		if !c.breaker.IsOpen() {
			t.Error("ten members have waited in vain, and the eleventh will too")
		}
	})
}

func TestTrialsWithoutOutcomeGiveTheirPermitBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(hang, hang, hang, hang, answer(200, `1`))
		c.breaker.Open()
		for range 4 {
			time.Sleep(openFor)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Millisecond, cancel)
			_ = c.call(ctx, "wallet", nil, nil)
		}
		time.Sleep(openFor)
		if err := c.call(t.Context(), "wallet", nil, nil); err != nil || s.count() != 5 {
			t.Errorf("error %v after %d requests", err, s.count())
		}
	})
}

func TestOnceIsOnePastTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(answer(503, ""), refuse(404, "PGRST202", "x"), answer(200, `7`))
		c.breaker.Open()
		wantUnavailable(t, c.once(t.Context(), "ping", nil, nil))
		if err := c.once(t.Context(), "ping", nil, nil); !errors.Is(err, ErrNotMigrated) || c.breaker.IsClosed() {
			t.Errorf("error %v, breaker %v", err, c.breaker.State())
		}
		var result int
		if err := c.once(t.Context(), "ping", nil, &result); err != nil || result != 7 || s.count() != 3 || !c.breaker.IsClosed() {
			t.Errorf("got %d, error %v after %d requests, breaker %v", result, err, s.count(), c.breaker.State())
		}

		c, s = scripted(answer(503, ""))
		for range 10 {
			_ = c.once(t.Context(), "ping", nil, nil)
		}
		if s.count() != 10 || !c.breaker.IsOpen() {
			t.Errorf("after %d failures the breaker is %v", s.count(), c.breaker.State())
		}
	})
}

func wantUnavailable(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, problem.ErrUnavailable) {
		t.Errorf("error %v, want ErrUnavailable", err)
	}
}

// failing is a reader that always fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// calling is a reader at its end, which somebody learns of.
type calling func()

func (f calling) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}

// TestAWriteThatMayHaveHappenedIsToldApart has each kind of failure end a write,
// alone and after one that may have taken effect.
func TestAWriteThatMayHaveHappenedIsToldApart(t *testing.T) {
	for name, c := range map[string]struct {
		steps []step
		want  error // nil: a refusal, untouched
	}{
		"nobody listens":               {[]step{broken(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})}, problem.ErrUnavailable},
		"the database is away":         {[]step{refuse(503, "PGRST000", "x")}, problem.ErrUnavailable},
		"a statement timeout":          {[]step{refuse(500, "57014", "x")}, problem.ErrUnavailable},
		"the key is refused":           {[]step{answer(401, "")}, problem.ErrUnavailable},
		"the project is paused":        {[]step{answer(540, "")}, problem.ErrUnavailable},
		"the connection broke":         {[]step{broken(io.EOF)}, problem.ErrUnsettled},
		"a gateway knows no more":      {[]step{answer(504, "")}, problem.ErrUnsettled},
		"the answer is cut off":        {[]step{answer(200, `{"balance":1`)}, problem.ErrUnsettled},
		"broken, then away":            {[]step{broken(io.EOF), refuse(503, "PGRST000", "x")}, problem.ErrUnsettled},
		"refused by rule":              {[]step{refuse(422, "PT422", "insufficient_funds")}, nil},
		"away, then refused by rule":   {[]step{refuse(503, "PGRST000", "x"), refuse(422, "PT422", "insufficient_funds")}, nil},
		"broken, then refused by rule": {[]step{broken(io.EOF), refuse(422, "PT422", "insufficient_funds")}, problem.ErrUnsettled},
		"a COMMIT without an answer":   {[]step{answer(400, `{"code":"","details":null,"hint":null,"message":""}`)}, problem.ErrUnsettled},
		"a connection cut in use":      {[]step{refuse(503, "PGRST001", "x")}, problem.ErrUnsettled},
		"deadlocks":                    {[]step{refuse(500, "40P01", "x")}, problem.ErrUnavailable},
		"a server that was ended":      {[]step{refuse(500, "57P01", "x")}, problem.ErrUnsettled},
		"an answer of another shape":   {[]step{answer(200, `"what"`)}, problem.ErrUnsettled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, _ := scripted(c.steps...)
				err := client.write(t.Context(), "pay", nil, &struct{}{})
				if _, refused := refusal(err); refused != (c.want == nil) || c.want != nil && !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				if reading, _ := scripted(c.steps...); errors.Is(reading.call(t.Context(), "look", nil, &struct{}{}), problem.ErrUnsettled) {
					t.Error("a read is never unsettled")
				}
			})
		})
	}
}

// TestAnAnswerThatCameTooLateBlamesNobody has functions find that callers' time is
// over: that says nothing of the service.
func TestAnAnswerThatCameTooLateBlamesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := refuse(504, "PT504", "too_late")
		c, _ := scripted(late)
		for range 40 {
			if err := c.write(t.Context(), "pay", nil, nil); !errors.Is(err, problem.ErrUnavailable) {
				t.Fatalf("error %v", err)
			}
		}
		if !c.breaker.IsClosed() {
			t.Error("the breaker is open")
		}
	})
}
