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
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v while a handler runs", err)
		}
		close(g)
		if err := b.Drain(t.Context()); err != nil || len(b.hooks.sent) != 1 {
			t.Errorf("got %v, %d delivered", err, len(b.hooks.sent))
		}
		if err := b.Drain(t.Context()); err != nil {
			t.Errorf("a second time: %v", err)
		}
	})
}
