package interactions

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/bwmarrin/discordgo"
	"time"

	"coffer/internal/economy"
)

func TestASlowHandlerIsDeferredAndItsReplyDelivered(t *testing.T) {
	timed(t, "a public command", func(t *testing.T) {
		b, g := newBench(t), make(gate)
		b.store.before = g.before
		start := time.Now()
		response := b.send(b.command("daily"))
		if time.Since(start) != defaultDeferAfter {
			t.Errorf("answered after %v, want %v", time.Since(start), defaultDeferAfter)
		}
		if response["type"] != 5.0 || response["data"] != nil {
			t.Errorf("got %v, want a bare deferral", response)
		}
		if n := b.hooks.attempts(); n != 0 {
			t.Errorf("%d deliveries before there was a reply", n)
		}
		close(g)
		got := <-b.hooks.sent
		if got.how != "edit" || got.application != application || got.token != token || got.body["flags"] != nil {
			t.Errorf("got %+v", got)
		}
		if s := said(t, got.body); !strings.HasPrefix(s, "**+100 🪙**") {
			t.Errorf("delivered %q", s)
		}
		synctest.Wait()
		for _, want := range []string{"msg=request", "outcome=deferred", `msg="deferred reply"`, "outcome=ok", "tries=1", "command=daily"} {
			if !strings.Contains(b.logs.String(), want) {
				t.Errorf("the log lacks %s:\n%s", want, b.logs)
			}
		}
	})
	timed(t, "a private command", func(t *testing.T) {
		b, g := newBench(t), make(gate)
		b.store.before = g.before
		if response := b.send(b.command("balance")); response["type"] != 5.0 || data(response)["flags"] != 64.0 {
			t.Errorf("got %v, want a private deferral", response)
		}
		close(g)
		if got := <-b.hooks.sent; got.how != "edit" || got.body["flags"] != nil {
			t.Errorf("got %+v", got)
		}
	})
	timed(t, "a refusal", func(t *testing.T) {
		b, g := newBench(t), make(gate)
		b.store.before = func(ctx context.Context, _ string) error {
			return errors.Join(g.pass(ctx), economy.ErrAlreadyClaimed)
		}
		b.send(b.command("daily"))
		close(g)
		if got := <-b.hooks.sent; got.how != "edit" || said(t, got.body) != english("problem.already_claimed") {
			t.Errorf("got %+v", got)
		}
	})
	timed(t, "a button that changes its message", func(t *testing.T) {
		b, g := newBench(t), make(gate)
		b.store.before = g.before
		if response := b.send(b.press("leaderboard:" + ada + ":1:next")); response["type"] != 6.0 {
			t.Errorf("got %v, want a deferred update", response)
		}
		close(g)
		if got := <-b.hooks.sent; got.how != "edit" || !strings.Contains(said(t, got.body), "🥇") {
			t.Errorf("got %+v", got)
		}
	})
	timed(t, "a button that is refused gets a private message of its own", func(t *testing.T) {
		b, g := newBench(t), make(gate)
		b.store.before = func(ctx context.Context, _ string) error {
			return errors.Join(g.pass(ctx), economy.ErrUnknownTransaction)
		}
		b.send(as(b.press("undo:"+snow(clock, 1)+":1"), manager()))
		close(g)
		if got := <-b.hooks.sent; got.how != "follow-up" || got.body["flags"] != 64.0 ||
			said(t, got.body) != english("problem.unknown_transaction") {
			t.Errorf("got %+v", got)
		}
	})
}

// TestTheDeferralIsWrittenBeforeTheDelivery holds the order on which Discord
// insists, with a handler that is done at the very moment of the deferral.
func TestTheDeferralIsWrittenBeforeTheDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []string
		var mu sync.Mutex
		tell := func(e string) {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, e)
		}
		b, g := newBench(t), make(gate)
		b.store.before = g.before
		b.hooks.fail = func(int) error { tell("delivered"); return nil }
		body, _ := encode(b.command("daily"))
		w := &slowWriter{ResponseRecorder: httptest.NewRecorder(), tell: func(e string) {
			if e == "written" {
				close(g) // the handler is done, but Discord has not been told to wait
			}
			tell(e)
		}}
		b.outer.ServeHTTP(w, b.request(body))
		<-b.hooks.sent
		synctest.Wait()
		if got := strings.Join(events, " "); got != "written flushed delivered" {
			t.Errorf("got %q", got)
		}
	})
}

// slowWriter takes a second for each step, in which others run.
type slowWriter struct {
	*httptest.ResponseRecorder
	tell func(string)
}

func (w *slowWriter) Write(p []byte) (int, error) {
	defer time.Sleep(time.Second)
	w.tell("written")
	return w.ResponseRecorder.Write(p)
}

func (w *slowWriter) Flush() {
	time.Sleep(time.Second)
	w.ResponseRecorder.Flush()
	w.tell("flushed")
}

func TestADeferralReachesTheClientWhileTheHandlerRuns(t *testing.T) {
	g := make(gate)
	b := newBench(t, func(c *Config) { c.DeferAfter = time.Nanosecond })
	b.store.before = g.before
	server := httptest.NewServer(b.outer)
	defer server.Close()

	body, _ := encode(b.command("daily"))
	r := b.request(body)
	r.URL, _ = r.URL.Parse(server.URL + "/interactions")
	r.RequestURI = ""
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.ContentLength != int64(len(`{"type":5}`)) {
		t.Errorf("got %d with %d bytes", res.StatusCode, res.ContentLength)
	}
	close(g)
	<-b.hooks.sent
	if err := b.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}

type permanentError struct{}

func (permanentError) Error() string   { return "404 unknown webhook " + token }
func (permanentError) Temporary() bool { return false }

func TestDeliveryIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		fail  func(attempt int) error
		tries int
		sent  bool
	}{
		{"until it succeeds", func(n int) error {
			if n < 4 {
				return errors.New("404, for now")
			}
			return nil
		}, 4, true},
		{"not where it is of no use, but with an apology", func(int) error { return permanentError{} }, 2, false},
		{"not for ever", func(int) error { return errors.New("no answer from /" + token + "/") }, attempts, false},
	} {
		timed(t, c.name, func(t *testing.T) {
			b, g := newBench(t), make(gate)
			b.store.before, b.hooks.fail = g.before, c.fail
			b.send(b.command("daily"))
			close(g)
			if err := b.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := b.hooks.attempts(); n != c.tries || len(b.hooks.sent) == 1 != c.sent {
				t.Errorf("%d attempts, %d sent; want %d, sent %v", n, len(b.hooks.sent), c.tries, c.sent)
			}
			if failed := strings.Contains(b.logs.String(), "level=ERROR"); failed == c.sent {
				t.Errorf("logged as an error: %v\n%s", failed, b.logs)
			}
			if strings.Contains(b.logs.String(), token) {
				t.Errorf("the log has the token:\n%s", b.logs)
			}
		})
	}
}

func TestAPanicOfTheWebhooksIsContained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, g := newBench(t), make(gate)
		b.store.before = g.before
		b.hooks.fail = func(int) error { panic("no route to Discord") }
		b.send(b.command("daily"))
		close(g)
		if err := b.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.logs.String(), "no route to Discord") {
			t.Errorf("log:\n%s", b.logs)
		}
	})
}

// TestAReplyThatCannotBeComposedIsAnApology, at once or after a deferral.
func TestAReplyThatCannotBeComposedIsAnApology(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, g := newBench(t), make(gate)
		b.routes = table{commands: []*command{{name: "daily", run: func(ctx context.Context, _ *Request) (Reply, error) {
			return message{embed: &discordgo.MessageEmbed{Fields: []*discordgo.MessageEmbedField{nil}}}, g.pass(ctx)
		}}}}.routes()
		b.send(b.command("daily"))
		close(g)
		if err := b.Drain(t.Context()); err != nil || len(b.hooks.sent) != 1 {
			t.Fatalf("got %v, %d delivered", err, len(b.hooks.sent))
		}
		mustRefer(t, b, said(t, (<-b.hooks.sent).body), "panic")
		if got := said(t, data(b.send(b.command("daily")))); !reference.MatchString(got) {
			t.Errorf("at once: got %q", got)
		}
	})
}
