package interactions

import (
	"testing"
	"time"
)

func TestDaily(t *testing.T) {
	story(t, "daily", func(s *stage) {
		s.play("first day", s.command("daily"))
		s.play("again on the same day", s.command("daily"))
		s.now = s.now.Add(24 * time.Hour)
		s.play("second day, with a bonus", s.command("daily"))
		s.now = s.now.Add(24 * time.Hour)
		s.store.settings.MaxBalance = 320
		s.play("as far as the wallet holds", s.command("daily"))
		s.now = s.now.Add(24 * time.Hour)
		s.play("a full wallet", s.command("daily"))
	})
}

func TestTheSameInteractionTwiceIsOneClaim(t *testing.T) {
	b := newBench(t)
	claim := b.command("daily")
	first, second := b.send(claim), b.send(claim)
	if said(t, data(first)) != said(t, data(second)) {
		t.Errorf("got %v, then %v", first, second)
	}
	if n := len(b.store.booked); n != 2 {
		t.Errorf("%d transactions, want the opening and one claim", n)
	}
}
