package interactions

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestBeyondTheLimitMembersAreAskedToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, g := newBench(t, func(c *Config) { c.MaxRunning = 2 }), make(gate)
		b.store.before = g.before
		b.send(b.command("daily"))
		b.send(b.command("daily"))
		mustSay(t, b.send(b.command("daily")), english("problem.busy"))
		if w := b.serve(b.request(pingBody)); w.Body.String() != pong {
			t.Errorf("a ping got %q", w.Body)
		}
		close(g)
		synctest.Wait()
		if response := b.send(b.command("balance")); response["type"] != 4.0 || !strings.Contains(said(t, data(response)), "##") {
			t.Errorf("got %v", response)
		}
	})
}

func TestDrainWaitsForWhatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, g := newBench(t), make(gate)
		b.store.before = g.before
		b.send(b.command("daily"))
		time.AfterFunc(5*time.Second, func() { close(g) })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := b.Drain(ctx); err != nil || len(b.hooks.sent) != 1 {
			t.Fatalf("got %v, %d delivered", err, len(b.hooks.sent))
		}
		if got := said(t, (<-b.hooks.sent).body); strings.Contains(got, english("problem.too_slow")) {
			t.Errorf("delivered %q", got)
		}
		if err := b.Drain(t.Context()); err != nil {
			t.Errorf("a second time: %v", err)
		}
	})
}

// TestDrainTellsThoseWhoWouldWaitForEver: at the end of the program nothing
// stays "thinking", whatever the handler and Discord do.
func TestDrainTellsThoseWhoWouldWaitForEver(t *testing.T) {
	const patience = 9 * time.Second
	timed(t, "a handler that waits", func(t *testing.T) {
		b, g := newBench(t), make(gate)
		b.store.before = g.before
		b.send(b.command("daily"))
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if err := b.Drain(ctx); err != nil || len(b.hooks.sent) != 1 {
			t.Fatalf("got %v, %d delivered", err, len(b.hooks.sent))
		}
		if got := said(t, (<-b.hooks.sent).body); got != english("problem.too_slow") {
			t.Errorf("delivered %q", got)
		}
	})
	timed(t, "a handler deaf to its context", func(t *testing.T) {
		b, g := newBench(t), make(chan struct{})
		b.store.before = func(context.Context, string) error { <-g; return nil }
		b.send(b.command("daily"))
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if err := b.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) || len(b.hooks.sent) != 1 {
			t.Errorf("got %v, %d delivered, want a deadline and an apology", err, len(b.hooks.sent))
		}
		close(g)
	})
	timed(t, "a Discord that fails until the end", func(t *testing.T) {
		b, g := newBench(t), make(gate)
		b.store.before = g.before
		end := time.Now().Add(patience - 4*time.Second)
		b.hooks.fail = func(int) error {
			if time.Now().Before(end) {
				return errors.New("502")
			}
			return nil
		}
		b.send(b.command("daily"))
		close(g)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if err := b.Drain(ctx); err != nil || len(b.hooks.sent) != 1 {
			t.Errorf("got %v, %d delivered", err, len(b.hooks.sent))
		}
	})
	timed(t, "nothing, although the time is up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := newBench(t).Drain(ctx); err != nil {
			t.Errorf("got %v", err)
		}
	})
}
