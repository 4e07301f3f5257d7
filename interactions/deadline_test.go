package interactions

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bwmarrin/discordgo"
)

func TestATooLongHandlerEndsInAReply(t *testing.T) {
	tooSlow := english("problem.too_slow")
	timed(t, "that stops with its context", func(t *testing.T) {
		b := newBench(t)
		b.store.before = make(gate).before
		start := time.Now()
		b.send(b.command("daily"))
		if got := <-b.hooks.sent; said(t, got.body) != tooSlow || time.Since(start) != defaultDeferredLife {
			t.Errorf("after %v: %+v", time.Since(start), got)
		}
		synctest.Wait()
		if !strings.Contains(b.logs.String(), "outcome=timeout") {
			t.Errorf("log:\n%s", b.logs)
		}
	})
	timed(t, "that does not", func(t *testing.T) {
		b, g := newBench(t, func(c *Config) { c.MaxRunning = 1 }), make(gate)
		b.store.before = func(context.Context, string) error { <-g; return nil }
		b.send(b.command("daily"))
		if got := <-b.hooks.sent; said(t, got.body) != tooSlow {
			t.Errorf("got %+v", got)
		}
		synctest.Wait()
		mustSay(t, b.send(b.command("daily")), english("problem.busy")) // it still runs
		close(g)
		synctest.Wait()
		if n := b.hooks.attempts(); n != 1 {
			t.Errorf("%d deliveries", n)
		}
	})
	t.Run("that fails because of it", func(t *testing.T) {
		b := newBench(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		rt := &route{run: func(ctx context.Context, _ *Request) (Reply, error) { return nil, ctx.Err() }}
		if got := b.call(ctx, &Request{texts: texts().english}, rt); got.outcome != outcomeTimeout {
			t.Errorf("got %+v", got)
		}
	})
	timed(t, "before it is deferred", func(t *testing.T) {
		b := newBench(t, func(c *Config) { c.DeferredLife = time.Second })
		b.store.before = make(gate).before
		mustSay(t, b.send(b.command("daily")), tooSlow)
	})
}

func TestWhatCannotBeDeferredHasADeadline(t *testing.T) {
	timed(t, "an autocompletion", func(t *testing.T) {
		b := newBench(t)
		b.store.before = make(gate).before
		start := time.Now()
		response := b.send(as(b.complete(""), manager()))
		if list, ok := data(response)["choices"].([]any); !ok || len(list) != 0 || time.Since(start) != defaultDeferAfter {
			t.Errorf("after %v: %v", time.Since(start), response)
		}
	})
	opener := func(run handlerFunc) *table {
		return &table{commands: []*command{{name: "form", opensModal: true, run: run}}}
	}
	timed(t, "a command that opens a modal", func(t *testing.T) {
		b := newBenchWith(t, opener(func(ctx context.Context, _ *Request) (Reply, error) {
			return nil, make(gate).pass(ctx)
		}))
		mustSay(t, b.send(b.command("form")), english("problem.too_slow"))
		if b.hooks.attempts() != 0 {
			t.Error("something was delivered")
		}
	})
	timed(t, "a command that opens it in time", func(t *testing.T) {
		b := newBenchWith(t, opener(func(context.Context, *Request) (Reply, error) {
			return modal{id: "proof:1", title: strings.Repeat("long ", 20), rows: row(discordgo.TextInput{CustomID: "text", Label: "Text"})}, nil
		}))
		response := b.send(b.command("form"))
		if response["type"] != 9.0 || data(response)["custom_id"] != "proof:1" {
			t.Errorf("got %v", response)
		}
		checkLimits(t, response)
	})
}
