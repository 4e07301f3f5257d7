package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"coffer/internal/outbox"
)

func card(says string) outbox.Lease {
	return outbox.Lease{Kind: outbox.Card, Guild: "1", Channel: "9", Subject: "task:1",
		Notice: outbox.Notice{Name: outbox.NoticeTask, Args: json.RawMessage(says)}}
}

// pictured is a card with a picture of the given address.
func pictured(address string) outbox.Lease {
	l := card(address)
	l.Notice.Name = outbox.NoticeSubmission
	return l
}

// posted is a card that has a message, with the id that the world gives.
func posted(says, message string) outbox.Lease {
	l := card(says)
	l.Message = message
	return l
}

func (r *rig) wantCard(t *testing.T, one *row, state outbox.State, attempts int, messages string) {
	t.Helper()
	got := r.queue.get(one)
	if got.state != state || got.lease.Attempt != attempts {
		t.Errorf("it is %s after %d attempts (%s), want %s after %d", got.state, got.lease.Attempt, got.err, state, attempts)
	}
	if said := r.said(); said != messages {
		t.Errorf("messages are %q, want %q", said, messages)
	}
}

// said is all that was said, in one line.
func (r *rig) said() string {
	list := []string{}
	for where, text := range r.world.snapshot().messages {
		list = append(list, where+": "+text)
	}
	return strings.Join(list, "; ")
}

func TestACardIsPostedAndThenEdited(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		one := r.queue.add(card("first"))
		pass(3 * time.Second)
		r.wantCard(t, one, outbox.Done, 1, "#9 d1: first")
		message := r.queue.get(one).lease.Message
		if message != "md1" || len(r.world.snapshot().calls) != 1 {
			t.Fatalf("its message is %q after %d calls", message, len(r.world.snapshot().calls))
		}
		two := r.queue.add(posted("second", message))
		pass(3 * time.Second)
		r.wantCard(t, two, outbox.Done, 1, "#9 d1: second")
		if got := r.queue.get(two); got.lease.Message != message || got.gone {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAMessageThatWasDeletedIsNotPostedAgain(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		one := r.queue.add(posted("second", "md7"))
		pass(3 * time.Second)
		r.wantCard(t, one, outbox.Done, 1, "")
		if got := r.queue.get(one); !got.gone || got.err != "" {
			t.Errorf("got %+v, want it to be gone", got)
		}
	})
}

// A channel takes its messages along. Whoever chooses another has his tasks shown there
// when they open again, which a card that clings to the old message would prevent.
func TestAChannelThatWasDeletedTakesItsMessagesAlong(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.failing(func(context.Context, int) error { return refusal{status: 404, code: 10003} })
		one := r.queue.add(posted("second", "md7"))
		pass(3 * time.Second)
		r.wantCard(t, one, outbox.Done, 1, "")
		if got := r.queue.get(one); !got.gone {
			t.Errorf("got %+v, want it to be gone", got)
		}
	})
}

// What a lost answer has posted is found by its nonce, and then made to show what is so
// now.
func TestALostPostShowsWhatIsSoNow(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.set(func(w *world) { w.lost, w.takes = 1, time.Second })
		one := r.queue.add(card("old"))
		r.Wake()
		pass(500 * time.Millisecond)
		if r.queue.add(card("new")) != one { // joins while it is posted, and has it begin anew
			t.Fatal("two rows for one subject")
		}
		pass(20 * time.Second)
		r.wantCard(t, one, outbox.Done, 1, "#9 d1: new")
		if got := r.queue.get(one); got.lease.Message != "md1" || len(r.world.snapshot().calls) != 3 {
			t.Errorf("its message is %q after %d calls, want one lost post, one found, one edit", got.lease.Message, len(r.world.snapshot().calls))
		}
	})
}

// A message that was posted is known from then on, whatever follows.
func TestWhatWasPostedIsKnownAfterAFailure(t *testing.T) {
	for name, then := range map[string]func(context.Context) error{
		"a refusal": func(context.Context) error { return refusal{status: 403, code: 50013} },
		"a failure": func(context.Context) error { return refusal{status: 500} },
		"a panic":   func(context.Context) error { panic("boo") },
		"the end":   func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, r *rig) {
				r.world.failing(func(ctx context.Context, n int) error {
					switch n {
					case 1:
						return refusal{status: 500}
					case 3: // the edit after the post
						return then(ctx)
					}
					return nil
				})
				one := r.queue.add(card("text"))
				r.Wake()
				pass(13 * time.Second) // the second attempt comes within 12.5 s, a third not before 15 s
				r.stop()
				if got := r.queue.get(one); got.lease.Message != "md1" || got.lease.Attempt != 2 || got.state == outbox.Done {
					t.Errorf("got %+v", got)
				}
			})
		})
	}
}

func TestACardDeletedBetweenPostAndEdit(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.failing(func(_ context.Context, n int) error {
			switch n {
			case 1:
				return refusal{status: 500}
			case 3:
				return refusal{status: 404, code: 10008}
			}
			return nil
		})
		one := r.queue.add(card("text"))
		pass(20 * time.Second)
		if got := r.queue.get(one); got.state != outbox.Done || !got.gone || got.lease.Message != "" {
			t.Errorf("got %+v, want it to be gone, and no message", got)
		}
	})
}

func TestACardThatIsRefusedFails(t *testing.T) {
	for _, refused := range []refusal{{status: 404, code: 10003}, {status: 403, code: 50001}, {status: 403, code: 50013}} {
		run(t, func(t *testing.T, r *rig) {
			r.world.failing(func(context.Context, int) error { return refused })
			one := r.queue.add(card("text"))
			pass(3 * time.Second)
			r.wantCard(t, one, outbox.Failed, 1, "")
			if got := r.queue.get(one); got.refunded || got.gone || got.lease.Message != "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAPictureIsAttached(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.set(func(w *world) { w.pictures["a.png"] = "PNG" })
		one := r.queue.add(pictured("a.png"))
		pass(3 * time.Second)
		r.wantCard(t, one, outbox.Done, 1, "#9 d1: with proof.png=PNG")

		// An edit fetches nothing: the files of a message stay.
		r.world.set(func(w *world) { clear(w.pictures) })
		edited := pictured("a.png")
		edited.Message = "md1"
		two := r.queue.add(edited)
		pass(3 * time.Second)
		r.wantCard(t, two, outbox.Done, 1, "#9 d1: with proof.png=PNG")
		if n := len(r.world.snapshot().calls); n != 3 {
			t.Errorf("%d calls, want 3", n)
		}
	})
}

func TestAPictureThatIsLostIsLeftOut(t *testing.T) {
	for _, status := range []int{403, 404, 410, 413, 415} {
		run(t, func(t *testing.T, r *rig) {
			r.world.failing(func(_ context.Context, n int) error {
				if n == 1 {
					return refusal{status: status}
				}
				return nil
			})
			one := r.queue.add(pictured("a.png"))
			pass(3 * time.Second)
			r.wantCard(t, one, outbox.Done, 1, "#9 d1: without")
		})
	}
	run(t, func(t *testing.T, r *rig) {
		r.world.set(func(w *world) { w.pictures["a.png"] = "more than ten bytes" })
		one := r.queue.add(pictured("a.png"))
		pass(3 * time.Second)
		r.wantCard(t, one, outbox.Done, 1, "#9 d1: without")
	})
}

// What the host of the files says is nothing that the bot's token or the message are
// judged by.
func TestAPictureIsFetchedAgain(t *testing.T) {
	for name, failure := range map[string]error{
		"500": refusal{status: 500}, "401": refusal{status: 401}, "a limit of all": refusal{status: 429, after: time.Hour, global: true},
		"a final code": refusal{status: 400, code: 50013}, "no answer": refusal{}, "no error of Discord's": errors.New("broken"),
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, r *rig) {
				r.world.set(func(w *world) { w.pictures["a.png"] = "PNG" })
				r.world.failing(func(_ context.Context, n int) error {
					if n == 1 {
						return failure
					}
					return nil
				})
				one := r.queue.add(pictured("a.png"))
				pass(3 * time.Second)
				if got := r.queue.get(one); got.state != outbox.Waiting || !strings.Contains(got.err, "fetch the picture: "+failure.Error()) {
					t.Errorf("got %+v", got)
				}
				pass(15 * time.Second)
				r.wantCard(t, one, outbox.Done, 2, "#9 d1: with proof.png=PNG")
				if r.log.count("level=ERROR") != 0 {
					t.Errorf("log: %s", r.log.b.String())
				}
			})
		})
	}
}

// Reviewers wait minutes for a picture, not hours.
func TestAPictureThatDoesNotComeIsLeftOutAfterAWhile(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.failing(func(ctx context.Context, n int) error {
			if n <= 6 {
				<-ctx.Done() // a host that does not answer
				return ctx.Err()
			}
			return nil
		})
		one := r.queue.add(pictured("a.png"))
		pass(10 * time.Minute)
		r.wantCard(t, one, outbox.Done, 6, "#9 d1: without")
	})
}

func TestACardCutOffIsTriedAgain(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		r.world.set(func(w *world) { w.takes = time.Minute; w.pictures["a.png"] = "PNG" })
		one := r.queue.add(pictured("a.png"))
		r.Wake()
		pass(time.Second)
		r.stop()
		if got := r.queue.get(one); got.state != outbox.Waiting || !got.leased || got.err != "" || got.lease.Message != "" {
			t.Errorf("got %+v, want a lease that expires", got)
		}
	})
}

func TestCardsWithoutWordsWait(t *testing.T) {
	run(t, func(t *testing.T, r *rig) {
		unknown := card("x")
		unknown.Notice.Name = "tomorrow"
		one := r.queue.add(unknown)
		pass(3 * time.Second)
		if got := r.queue.get(one); got.state != outbox.Waiting || !strings.Contains(got.err, "no words") || len(r.world.snapshot().calls) != 0 {
			t.Errorf("got %+v", got)
		}
	})
}
