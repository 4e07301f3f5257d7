package interactions

import (
	"context"
	"strings"
	"testing"
	"time"

	"coffer/internal/problem"
	"coffer/internal/tasks"
)

func TestTaskSubmit(t *testing.T) {
	story(t, "task_submit", func(s *stage) {
		submit := func(about, task string, options ...object) object {
			s.t.Helper()
			return s.play(about, s.command("task submit", append([]object{text("task", task)}, options...)...))
		}
		s.store.errands()
		submit("before it is claimed", "1")
		submit("a text, before it is claimed", "1", text("text", "My *guide* to `everything`."))
		for _, task := range []string{"1", "2", "3", "4", "5"} {
			s.send(s.command("task claim", text("task", task)))
		}
		submit("a text is asked for", "write a guide")
		submit("a link is asked for", "2")
		submit("a picture is asked for", "3")
		none, _ := ids(submit("nothing is asked for", "4"))
		submit("an unknown one", "Cheese")
		submit("a picture for a text", "1", file("image", photo))
		submit("a text for a link", "2", text("text", "example.com/bug"))
		submit("a text for a picture", "3", text("text", "Imagine it."))
		submit("a text for nothing", "4", text("text", "Hello!"))
		submit("a letter for a picture", "3", file("image", letter))
		submit("a picture that is too big", "3", file("image", poster))
		submit("a text that is too long", "1", text("text", strings.Repeat("x", 2001)))
		submit("the picture", "3", file("image", photo), text("text", "Drawn by hand."))
		submit("the link", "2", text("text", " https://bugs.example/?a=1&b=*2* "))
		submit("the link again", "2", text("text", "https://bugs.example/2"))
		s.play("nothing", s.press(none[0]))
		s.play("nothing, pressed twice", s.press(none[0]))
		submit("a wrong answer", "5", text("text", "A bucket"))
		submit("the last wrong answer", "5", text("text", "A net"))
		submit("after the last try", "5", text("text", "A sponge"))
		s.store.claims = nil
		s.send(s.command("task claim", text("task", "5")))
		submit("the right answer", "5", text("text", " a SPONGE "))
		s.store.settings.MaxBalance = 130
		s.store.claims = nil
		s.send(s.command("task claim", text("task", "5")))
		submit("into a wallet that is full", "5", text("text", "a sponge"))
	})
}

func TestTheSubmitButton(t *testing.T) {
	story(t, "task_submit_button", func(s *stage) {
		s.store.errands()
		press := func(about, task string) (object, object) {
			s.t.Helper()
			receipt, _ := ids(s.send(s.command("task claim", text("task", task))))
			s.store.calls = nil
			o := s.press(receipt[0])
			reply := s.play(about, o)
			if task != "4" && len(s.store.calls) != 0 {
				s.t.Errorf("%s: the store was asked: %v", about, s.store.calls)
			}
			return o, reply
		}
		from, modal := press("a text", "1")
		filled := s.fill(modal, from, "First line.\n@everyone [here](https://evil.example) \u202eback")
		s.play("written", filled)
		s.play("written, sent twice", filled)
		if len(s.store.submissions) != 1 {
			s.t.Errorf("got %v", s.store.submissions)
		}
		s.play("written, once more", s.fill(s.send(s.press("submit:"+ada+":1:text")), from, "It is not lost.\nNot the second line either."))
		from, modal = press("a link", "2")
		s.play("no link", s.fill(modal, from, "bugs.example"))
		s.play("the link", s.fill(modal, from, "https://bugs.example/1"))
		press("a picture", "3")
		press("nothing", "4")
		from = s.command("task submit", text("task", "5"))
		s.send(s.command("task claim", text("task", "5")))
		modal = s.play("by the command", from)
		answered := s.play("a wrong answer from there", s.fill(modal, from, "A bucket"))
		if answered["type"] != float64(respondMessage) {
			s.t.Errorf("there is nothing to update: %v", answered)
		}
	})
}

// TestNothingThatWasTypedIsLost holds that whatever keeps work from being handed in,
// its writer gets his words back.
func TestNothingThatWasTypedIsLost(t *testing.T) {
	words := "Line *one*.\n" + strings.Repeat("😀", 900) + "\nthe end"
	for what, spoil := range map[string]func(*bench){
		"the deadline":    func(b *bench) { b.store.tasks[0].Deadline = clock },
		"the time":        func(b *bench) { b.now = b.now.Add(48 * time.Hour) },
		"an archive":      func(b *bench) { b.store.tasks[0].State = tasks.Archived },
		"another proof":   func(b *bench) { b.store.tasks[0].Proof = tasks.ProofImage },
		"no claim":        func(b *bench) { b.store.claims[0].State = tasks.Dropped },
		"a store that is": func(b *bench) { b.store.before = func(context.Context, string) error { return problem.ErrUnavailable } },
		"an answer that is lost": func(b *bench) {
			b.store.before = func(context.Context, string) error { return problem.ErrUnsettled }
		},
		"a panic": func(b *bench) { b.store.before = func(context.Context, string) error { panic("!") } },
	} {
		t.Run(what, func(t *testing.T) {
			b := newBench(t)
			b.store.errands()
			receipt, _ := ids(b.send(b.command("task claim", text("task", "1"))))
			from := b.press(receipt[0])
			modal := b.send(from)
			spoil(b)
			for _, o := range []object{b.fill(modal, from, words), b.command("task submit", text("task", "1"), text("text", words))} {
				reply := b.send(o)
				checkLimits(t, reply)
				embeds := data(reply)["embeds"].([]any)
				if data(reply)["flags"] != float64(ephemeral) || reply["type"] != float64(respondMessage) || len(embeds) != 2 {
					t.Fatalf("got %v", reply)
				}
				got := embeds[1].(object)["description"].(string)
				if want := ">>> Line \\*one\\*.\n" + strings.Repeat("😀", 900) + "\nthe end"; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
}

func TestWorkThatTakesLongIsDeferred(t *testing.T) {
	prepare := func(t *testing.T) (*bench, gate, object) {
		b := newBench(t)
		b.store.errands()
		receipt, _ := ids(b.send(b.command("task claim", text("task", "1"))))
		from := b.press(receipt[0])
		filled := b.fill(b.send(from), from, "Here it is.")
		g := make(gate)
		b.store.before = g.before
		return b, g, filled
	}
	timed(t, "a modal from a message", func(t *testing.T) {
		b, g, filled := prepare(t)
		if got := b.send(filled); got["type"] != float64(respondDeferUpdate) {
			t.Errorf("got %v", got)
		}
		close(g)
		if got := <-b.hooks.sent; got.how != "edit" || !strings.Contains(said(t, got.body), "waits for its review") {
			t.Errorf("got %v", got)
		}
	})
	timed(t, "and is refused", func(t *testing.T) {
		b, g, filled := prepare(t)
		b.store.tasks[0].State = tasks.Archived
		b.send(filled)
		close(g)
		if got := <-b.hooks.sent; got.how != "follow-up" || got.body["flags"] != float64(ephemeral) || len(got.body["embeds"].([]any)) != 2 {
			t.Errorf("got %v", got)
		}
	})
	timed(t, "a command with its proof", func(t *testing.T) {
		b, g, _ := prepare(t)
		if got := b.send(b.command("task submit", text("task", "1"), text("text", "x"))); got["type"] != float64(respondDeferral) {
			t.Errorf("got %v", got)
		}
		close(g)
		if got := <-b.hooks.sent; got.how != "edit" {
			t.Errorf("got %v", got)
		}
	})
	timed(t, "a command that may open a modal is not", func(t *testing.T) {
		b, _, _ := prepare(t)
		mustSay(t, b.send(b.command("task submit", text("task", "1"))), english("problem.too_slow"))
	})
}

func TestAnAttachmentOfTheWrongKindIsRefused(t *testing.T) {
	b := newBench(t)
	b.store.errands()
	for _, o := range []object{give("image", optionFile, "1"), give("image", optionFile, 5), give("image", optionString, photo), give("text", optionInteger, 5)} {
		mustSay(t, b.send(b.command("task submit", text("task", "3"), o)), english("problem.malformed"))
	}
	for _, url := range []string{"", "https://evil.example/x.png", "http://cdn.discordapp.com/x.png", "https://cdn.discordapp.com@evil.example/x.png"} {
		o := b.command("task submit", text("task", "3"), file("image", photo))
		o["data"].(object)["resolved"].(object)["attachments"] = object{photo: object{"url": url, "filename": "x.png", "content_type": "image/png", "size": 5}}
		want := english("problem.work")
		if url == "" {
			want = english("problem.malformed")
		}
		mustSay(t, b.send(o), want)
	}
	if len(b.store.calls) != 0 {
		t.Errorf("the store was asked: %v", b.store.calls)
	}
}
