package outbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
)

// rig is a deliverer that runs, with what it works on.
type rig struct {
	*outbox.Deliverer
	queue *queue
	world *world
	log   *logged
	stop  func() time.Duration // ends Run, and tells how long that took
}

// logged is what was logged.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

// run tells a story in a bubble, in which time passes only by waiting.
func run(t *testing.T, story func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{queue: &queue{}, world: newWorld(), log: &logged{}}
		r.Deliverer = outbox.New(outbox.Config{Queue: r.queue, Discord: r.world, Words: plainWords{},
			Log: slog.New(slog.NewTextHandler(r.log, nil))})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		r.stop = sync.OnceValue(func() time.Duration {
			start := time.Now()
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Run: %v", err)
			}
			return time.Since(start)
		})
		defer r.stop()
		synctest.Wait() // it has looked, and found nothing
		story(t, r)
	})
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func role(user int, entitled bool) outbox.Lease {
	return outbox.Lease{Kind: outbox.Role, Guild: "1", User: economy.UserID(fmt.Sprint(user)), Role: "7", Entitled: entitled}
}

func notice(kind outbox.Kind) outbox.Lease {
	return outbox.Lease{Kind: kind, Guild: "1", User: "5", Channel: "9",
		Notice: outbox.Notice{Name: outbox.NoticeRefunded, Args: json.RawMessage(`{"purchase":3}`)}}
}

func TestEachKindIsDelivered(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.set(func(w *world) { w.roles["1 6 7"] = true })
		r.queue.add(role(5, true))
		r.queue.add(role(6, false))
		r.queue.add(notice(outbox.Channel))
		r.queue.add(notice(outbox.Direct))
		pass(3 * time.Second)
		if n := r.queue.count(outbox.Done); n != 4 {
			t.Errorf("%d are done, want 4", n)
		}
		if !r.world.has("1 5 7") || r.world.has("1 6 7") {
			t.Errorf("roles are %v", r.world.snapshot().roles)
		}
		want := map[string]string{"#9 d3": `{"content":"channel {\"purchase\":3}"}`, "@5 d4": `{"content":"direct {\"purchase\":3}"}`}
		if fmt.Sprint(r.world.snapshot().messages) != fmt.Sprint(want) {
			t.Errorf("messages are %v, want %v", r.world.snapshot().messages, want)
		}
	})
}

func TestItIsPolledSteadily(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		pass(100 * time.Second)
		if r.queue.asked() < 40 || r.queue.asked() > 67 {
			t.Errorf("%d looks in 100 s, want one in about 2 s", r.queue.asked())
		}
		r.queue.add(role(5, true))
		pass(2500 * time.Millisecond)
		if r.queue.count(outbox.Done) != 1 {
			t.Error("a delivery was not found in 2.5 s")
		}
	})
}

func TestWakingLooksAtOnce(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		pass(10 * time.Second)
		r.queue.add(role(5, true))
		for range 5 {
			r.Wake()
		}
		pass(0)
		if r.queue.count(outbox.Done) != 1 {
			t.Error("the delivery still waits")
		}
	})
}

func TestManyAreTriedAtOnceButNotAll(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		pass(time.Second)
		r.world.set(func(w *world) { w.takes = time.Second })
		for i := range 80 {
			r.queue.add(role(i, true))
		}
		r.Wake()
		pass(10100 * time.Millisecond) // 10 times 8, one after the other, and none of them waits to be found
		if done := r.queue.count(outbox.Done); done != 80 || r.world.snapshot().most != 8 {
			t.Errorf("%d are done, at most %d at once; want 80 and 8", done, r.world.snapshot().most)
		}
		for _, limit := range r.queue.limitsAsked() {
			if limit < 1 || limit > 8 {
				t.Errorf("asked for %d", limit)
			}
		}
	})
}

func TestASlowOneHoldsNobodyUp(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		slow := r.queue.add(role(0, true))
		r.world.failing(func(ctx context.Context, n int) error {
			if n == 1 {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
		pass(3 * time.Second)
		for i := range 50 {
			r.queue.add(role(1+i, true))
		}
		r.Wake()
		pass(0)
		if done := r.queue.count(outbox.Done); done != 50 {
			t.Errorf("%d are done beside the slow one, want 50", done)
		}
		pass(40 * time.Second) // past its deadline of 20 s and its next attempt
		if got := r.queue.get(slow); got.state != outbox.Done || got.lease.Attempt != 2 {
			t.Errorf("the slow one is %s after %d attempts", got.state, got.lease.Attempt)
		}
		if r.queue.late() != 0 {
			t.Error("an attempt outlived its lease")
		}
	})
}

func TestALostAnswerIsAskedForAgain(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.set(func(w *world) { w.lost = 2 })
		r.queue.add(notice(outbox.Channel))
		r.queue.add(role(5, true))
		pass(20 * time.Second)
		if n := r.queue.count(outbox.Done); n != 2 || len(r.world.snapshot().messages) != 1 || !r.world.has("1 5 7") {
			t.Errorf("%d are done, messages %v, roles %v", n, r.world.snapshot().messages, r.world.snapshot().roles)
		}
	})
}

func TestAPermanentRefusalFailsAtOnce(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.failing(func(context.Context, int) error { return refusal{status: 403, code: 50013} })
		failed := r.queue.add(role(5, true))
		pass(3 * time.Second)
		if got := r.queue.get(failed); got.state != outbox.Failed || !got.refunded || got.lease.Attempt != 1 || got.err != "discord: 403 (50013)" {
			t.Errorf("got %+v", got)
		}
		if r.log.count("level=WARN") != 1 || r.log.count("failed for good") != 1 {
			t.Errorf("log: %s", r.log.b.String())
		}
	})
}

func TestAClosedDirectMessageFailsAlone(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.failing(func(context.Context, int) error { return refusal{status: 403, code: 50007} })
		failed := r.queue.add(notice(outbox.Direct))
		pass(3 * time.Second)
		if got := r.queue.get(failed); got.state != outbox.Failed || got.refunded {
			t.Errorf("got %+v", got)
		}
	})
}

// A refund that comes while the role is being granted: the lease does not settle it,
// and the next takes the role.
func TestALateGrantDoesNotOutliveItsRefund(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.set(func(w *world) { w.takes = time.Second })
		first := r.queue.add(role(5, true))
		r.Wake()
		pass(500 * time.Millisecond)
		if r.queue.add(role(5, false)) != first {
			t.Fatal("two rows for one member and role")
		}
		pass(10 * time.Second)
		if got := r.queue.get(first); got.state != outbox.Done || r.world.has("1 5 7") || len(r.world.snapshot().calls) != 2 {
			t.Errorf("it is %s, the roles are %v, after %d calls", got.state, r.world.snapshot().roles, len(r.world.snapshot().calls))
		}
	})
}

func TestOneLimitHoldsBackItsOwnDelivery(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.failing(func(_ context.Context, n int) error {
			if n == 1 {
				return refusal{status: 429, after: time.Minute}
			}
			return nil
		})
		r.queue.add(role(5, true))
		pass(10 * time.Second)
		r.queue.add(role(6, true))
		pass(3 * time.Second)
		if r.queue.count(outbox.Done) != 1 {
			t.Error("the other delivery waits, too")
		}
		pass(2 * time.Minute)
		if at := r.world.at(2); r.queue.count(outbox.Done) != 2 || at < 65*time.Second || at > 75*time.Second {
			t.Errorf("the limited one was tried again at %v, want after a minute and 5 to 10 s", at)
		}
	})
}

func TestTheGlobalLimitHoldsBackEverything(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.failing(func(_ context.Context, n int) error {
			if n == 1 {
				return refusal{status: 429, after: time.Minute, global: true}
			}
			return nil
		})
		r.queue.add(role(5, true))
		pass(3 * time.Second)
		looks := r.queue.asked()
		r.queue.add(role(6, true))
		r.Wake()
		pass(50 * time.Second)
		if len(r.world.snapshot().calls) != 1 || r.queue.asked() > looks {
			t.Errorf("calls at %v and %d looks in spite of the limit", r.world.snapshot().calls, r.queue.asked()-looks)
		}
		pass(30 * time.Second)
		if at := r.world.at(1); r.queue.count(outbox.Done) != 2 || at < time.Minute || at > 65*time.Second {
			t.Errorf("the other was tried at %v, want soon after a minute", at)
		}
	})
}

func TestAnOutageIsSatOut(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.failing(func(context.Context, int) error {
			if time.Since(r.world.start) < 2*time.Hour {
				return refusal{status: 503}
			}
			return nil
		})
		for i := range 20 {
			r.queue.add(role(i, true))
		}
		pass(2 * time.Hour)
		if n := r.queue.count(outbox.Waiting); n != 20 {
			t.Fatalf("%d of 20 still wait", n)
		}
		if n := len(r.world.snapshot().calls); n > 20*20 {
			t.Errorf("%d calls in the outage", n)
		}
		pass(31 * time.Minute)
		if n := r.queue.count(outbox.Done); n != 20 {
			t.Errorf("%d of 20 are done", n)
		}
	})
}

func TestAttemptsComeToAnEnd(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.failing(func(context.Context, int) error { return refusal{status: 500} })
		failed := r.queue.add(role(5, true))
		pass(20 * time.Hour)
		if got := r.queue.get(failed); got.state != outbox.Failed || !got.refunded || len(r.world.snapshot().calls) != outbox.Attempts {
			t.Errorf("it is %s after %d calls", got.state, len(r.world.snapshot().calls))
		}
	})
}

// Nothing compensates for a role that is left to who does not own it: two days of
// trouble do not end its removal, and the log does not say so.
func TestARemovalIsNotGivenUp(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.set(func(w *world) { w.roles["1 5 7"] = true })
		r.world.failing(func(context.Context, int) error {
			if time.Since(r.world.start) < 48*time.Hour {
				return refusal{status: 502}
			}
			return nil
		})
		removal := r.queue.add(role(5, false))
		pass(48*time.Hour + 31*time.Minute)
		if got := r.queue.get(removal); got.state != outbox.Done || r.world.has("1 5 7") || r.log.count("failed for good") != 0 {
			t.Errorf("it is %s after %d attempts, roles %v", got.state, got.lease.Attempt, r.world.snapshot().roles)
		}
		if n := len(r.world.snapshot().calls); n > 220 {
			t.Errorf("%d calls in two days, want at most one in a quarter of an hour", n)
		}
	})
}

// A token that Discord refuses is the operator's: whatever it takes him to notice,
// nobody's purchase is refunded, and the log says it once.
func TestABadTokenFailsNothing(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.failing(func(context.Context, int) error {
			if time.Since(r.world.start) < 100*time.Hour {
				return refusal{status: 401}
			}
			return nil
		})
		for i := range 30 {
			r.queue.add(role(i, true))
		}
		pass(100 * time.Hour)
		if n := r.queue.count(outbox.Waiting); n != 30 {
			t.Errorf("%d of 30 still wait", n)
		}
		if n := len(r.world.snapshot().calls); n > 100*13 {
			t.Errorf("%d calls in 100 hours, want one in 5 minutes", n)
		}
		pass(time.Hour)
		if n := r.queue.count(outbox.Done); n != 30 {
			t.Errorf("%d of 30 are done", n)
		}
		if r.log.count("level=ERROR") != 1 || r.log.count("accepts the bot's token again") != 1 {
			t.Errorf("said %d times that the token is bad, %d times that it is good", r.log.count("level=ERROR"), r.log.count("accepts"))
		}
	})
}

func TestAStoreThatFailsIsAskedMoreRarely(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.queue.set(func(q *queue) { q.down = errors.New("paused") })
		pass(10 * time.Minute)
		if r.queue.asked() > 40 || r.log.count("level=WARN") != 1 {
			t.Errorf("%d looks and %d warnings in 10 minutes", r.queue.asked(), r.log.count("level=WARN"))
		}
		r.queue.add(role(5, true))
		r.queue.set(func(q *queue) { q.down = nil })
		pass(40 * time.Second)
		if r.queue.count(outbox.Done) != 1 || r.log.count("can be read again") != 1 {
			t.Error("it did not go on")
		}
	})
}

func TestAnEndThatWasNotKeptIsTriedAgain(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.queue.set(func(q *queue) { q.unkept = errors.New("gone") })
		one := r.queue.add(notice(outbox.Channel))
		pass(3 * time.Second)
		r.queue.set(func(q *queue) { q.unkept = nil })
		pass(65 * time.Second)
		if got := r.queue.get(one); got.state != outbox.Done || got.lease.Attempt != 2 || len(r.world.snapshot().messages) != 1 {
			t.Errorf("it is %s after %d attempts, messages %v", got.state, got.lease.Attempt, r.world.snapshot().messages)
		}
	})
}

func TestWhatThisVersionDoesNotKnowWaitsForOneThatDoes(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		unknown := notice(outbox.Direct)
		unknown.Notice.Name = "tomorrow.came"
		rows := []*row{r.queue.add(unknown), r.queue.add(outbox.Lease{Kind: "smoke"})}
		pass(3 * time.Second)
		for _, one := range rows {
			if got := r.queue.get(one); got.state != outbox.Waiting || got.err == "" || len(r.world.snapshot().calls) != 0 {
				t.Errorf("got %+v", got)
			}
		}
	})
}

func TestAPanicIsOneAttempt(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.failing(func(_ context.Context, n int) error {
			if n == 1 {
				panic("boo")
			}
			return nil
		})
		one := r.queue.add(role(5, true))
		pass(15 * time.Second)
		if got := r.queue.get(one); got.state != outbox.Done || got.lease.Attempt != 2 || r.log.count("boo") != 1 {
			t.Errorf("it is %s after %d attempts", got.state, got.lease.Attempt)
		}
	})
}

func TestTheEndWaitsForAttemptsUnderWay(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.set(func(w *world) { w.takes = 4 * time.Second })
		for i := range 20 {
			r.queue.add(role(i, true))
		}
		r.Wake()
		pass(time.Second)
		took := r.stop()
		if done := r.queue.count(outbox.Done); done != 8 || took > 4*time.Second {
			t.Errorf("%d are done after %v, want the 8 under way", done, took)
		}
		if n := len(r.world.snapshot().calls); n != 8 {
			t.Errorf("%d calls, want none after the end", n)
		}
	})
}

func TestTheEndDoesNotWaitForEver(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.set(func(w *world) { w.takes = time.Minute })
		one := r.queue.add(role(5, true))
		r.Wake()
		pass(time.Second)
		if took := r.stop(); took != 5*time.Second {
			t.Errorf("it took %v, want the grace of 5 s", took)
		}
		if got := r.queue.get(one); got.state != outbox.Waiting || !got.leased || got.err != "" {
			t.Errorf("got %+v, want a lease that expires", got)
		}
	})
}
