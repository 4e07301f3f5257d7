package interactions

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// gate lets handlers pass when it is opened, or when their context ends.
type gate chan struct{}

func (g gate) pass(ctx context.Context) error {
	select {
	case <-g:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g gate) before(ctx context.Context, _ string) error { return g.pass(ctx) }

// timed runs a test on a clock of its own, on which waiting costs nothing.
func timed(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

var reference = regexp.MustCompile(`Reference (\S+)`)

// mustRefer checks that an apology carries the reference under which the log
// tells the cause.
func mustRefer(t *testing.T, b *bench, apology string, logged ...string) {
	t.Helper()
	found := reference.FindStringSubmatch(apology)
	if found == nil {
		t.Fatalf("no reference in %q", apology)
	}
	for line := range strings.Lines(b.logs.String()) {
		if strings.Contains(line, "interaction failed") {
			for _, want := range append(logged, "level=ERROR", "request_id="+found[1]) {
				if !strings.Contains(line, want) {
					t.Errorf("the log lacks %q: %s", want, line)
				}
			}
			return
		}
	}
	t.Errorf("nothing is logged:\n%s", b.logs)
}

func TestAPanicBecomesAnApology(t *testing.T) {
	crash := func(context.Context, string) error { panic("out of " + token) }
	timed(t, "at once", func(t *testing.T) {
		b := newBench(t)
		b.store.before = crash
		response := b.send(b.command("daily"))
		mustSay(t, response, "Something went wrong on our side.")
		mustRefer(t, b, said(t, data(response)), "stack=", "pipeline_test.go", "out of")
		if strings.Contains(b.logs.String(), token) {
			t.Errorf("the log has the token:\n%s", b.logs)
		}
		if !strings.Contains(b.logs.String(), "outcome=panic") {
			t.Errorf("log:\n%s", b.logs)
		}
	})
	timed(t, "after the deferral", func(t *testing.T) {
		b, g := newBench(t), make(gate)
		b.store.before = func(ctx context.Context, m string) error { _ = g.pass(ctx); return crash(ctx, m) }
		b.send(b.command("daily"))
		close(g)
		mustRefer(t, b, said(t, (<-b.hooks.sent).body), "stack=")
	})
	timed(t, "in an autocompletion", func(t *testing.T) {
		b := newBench(t)
		b.store.before = crash
		if response := b.send(as(b.complete(""), manager())); response["type"] != 8.0 {
			t.Errorf("got %v", response)
		}
	})
}

func TestWhoseFaultAnErrorIs(t *testing.T) {
	for _, c := range []struct {
		name   string
		err    error
		want   string
		logged string // empty: not logged as an error
	}{
		{"a refusal", economy.ErrWalletFull, "That would exceed", ""},
		{"a refusal with arguments", economy.ErrWalletFull.With("max", economy.Amount(5000)), "A wallet in this server holds at most 5,000, and", ""},
		{"a refusal of an unknown code", problem.New(problem.Refused, "later", "Told in public."), "Told in public.", ""},
		{"an unknown error", errors.New("row 7 is on fire"), "Something went wrong", "row 7 is on fire"},
		{"an internal problem", problem.New(problem.Internal, "books", "secret").Because(errors.New("row 8")), "Something went wrong", "row 8"},
		{"a store that does not answer", problem.New(problem.Unavailable, "store", "secret").Because(errors.New("refused")),
			"The bank is closed for a moment; nothing was lost.", "refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.store.before = func(context.Context, string) error { return c.err }
			response := b.send(b.command("balance"))
			mustSay(t, response, c.want)
			if c.logged != "" {
				mustRefer(t, b, said(t, data(response)), c.logged)
			} else if log := b.logs.String(); strings.Contains(log, "level=ERROR") || !strings.Contains(log, "outcome=refused") {
				t.Errorf("log:\n%s", log)
			}
			if strings.Contains(said(t, data(response)), "secret") {
				t.Errorf("told %v", response)
			}
		})
	}
}

// TestAReplyThatDoesNotAnswerIsOurFault holds what Discord would show as a
// failed interaction.
func TestAReplyThatDoesNotAnswerIsOurFault(t *testing.T) {
	for name, reply := range map[string]Reply{
		"none": nil, "an update of no message": update{}, "choices": choices{}, "a modal that may be deferred": modal{},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBenchWith(t, &table{commands: []*command{{name: "wrong", run: func(context.Context, *Request) (Reply, error) {
				return reply, nil
			}}}})
			response := b.send(b.command("wrong"))
			mustSay(t, response, "Something went wrong")
			mustRefer(t, b, said(t, data(response)), "cannot be answered with")
		})
	}
}

func TestAHandlerOutlivesItsWebhook(t *testing.T) {
	b := newBench(t)
	b.store.before = func(ctx context.Context, _ string) error { return ctx.Err() }
	body, _ := encode(b.command("daily"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // Discord has hung up
	w := b.serve(b.request(body).WithContext(ctx))
	if w.Code != http.StatusOK || len(b.store.booked) != 2 {
		t.Errorf("got %d, %d transactions", w.Code, len(b.store.booked))
	}
}

func TestTheLogTellsWhatHappenedAndNothingPrivate(t *testing.T) {
	b := newBench(t)
	b.send(b.command("pay", who("member", bob), text("amount", "5"), text("note", "a private note")))
	b.send(b.press("leaderboard:" + bob + ":1:next"))
	nonsense := b.command("balance")
	nonsense["data"].(object)["name"] = "nonsense"
	b.send(nonsense)
	b.serve(httptest.NewRequest(http.MethodPost, "/interactions", strings.NewReader("a private body")))
	log := b.logs.String()
	for _, want := range []string{
		"interaction=command command=pay outcome=ok",
		"interaction=component command=leaderboard outcome=refused",
		"interaction=command command=unknown outcome=refused",
		"status=401", "outcome=rejected",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
	for _, secret := range []string{token, "private", "Ada", "nonsense"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
	if n := strings.Count(log, "\n"); n != 4 {
		t.Errorf("%d lines for 4 requests:\n%s", n, log)
	}
}

func TestEveryHandlerSurvivesAStoreThatDoesNotAnswer(t *testing.T) {
	b := newBench(t)
	b.store.before = func(context.Context, string) error { return problem.New(problem.Unavailable, "unavailable", "") }
	for _, payload := range []object{
		b.command("balance"), b.command("daily"), b.command("leaderboard"), b.command("history"), b.command("help"),
		b.command("pay", who("member", bob), text("amount", "5")),
		b.command("admin coins give", who("member", bob), text("amount", "5")),
		b.command("admin coins take", who("member", bob), text("amount", "5")),
		b.command("admin coins set", who("member", bob), text("amount", "5")),
		b.command("admin undo", text("transaction", "1")),
		b.press("leaderboard:" + ada + ":1:next"),
		b.press("history:" + ada + ":" + bob + ":older:5"),
		b.press("undo:" + snow(clock, 1) + ":1"),
	} {
		mustSay(t, b.send(as(payload, manager())), "The bank is closed for a moment; nothing was lost.")
	}
	if response := b.send(as(b.complete(""), manager())); response["type"] != float64(respondChoices) {
		t.Errorf("an autocompletion got %v", response)
	}
}
