package app

import (
	"strings"
	"testing"
	"time"

	"coffer/internal/simulator"
)

// TestTroubleAtDiscordLosesAndDoublesNothing has Discord's REST fail in every way
// while the server posts, edits, grants and tells, and an admin who is impatient.
func TestTroubleAtDiscordLosesAndDoublesNothing(t *testing.T) {
	story := func(t *testing.T, w *town) {
		w.staffed()
		w.say("ada", "/admin item create name:Badge price:10 role:@Deckhand")
		people := []string{"bob", "emil", "fatima", "goro", "hana", "jun"}
		for _, f := range []simulator.Fault{
			{Kind: simulator.RateLimit, RetryAfter: 0.1},
			{Kind: simulator.RateLimit, RetryAfter: 0.1, Global: true},
			{Kind: simulator.StatusFault, Status: 500},
			{Kind: simulator.StatusFault, Status: 502},
			{Kind: simulator.CloseBefore},
			{Kind: simulator.CloseAfter},
		} {
			for _, path := range []string{"/channels", "/guilds", "/users"} {
				f.Path, f.Count = path, 3
				if _, err := w.sim.Plant(f); err != nil {
					t.Fatal(err)
				}
			}
		}
		w.say("ada", `/admin task create title:Rescue reward:20 proof:text places:50`)
		for _, who := range people {
			w.buy(who, "Badge")
			w.say(who, "/task claim task:Rescue")
			w.say(who, "/task submit task:Rescue text:"+who+"-was-there")
		}
		for range people {
			w.click("chidi", w.say("chidi", "/review").Message, "Approve")
		}
		w.drained()
		if left := w.sim.Faults(); len(left) > 6 {
			t.Errorf("%d faults of 18 were not met; the test is too small for them: %+v", len(left), left)
		}
		for _, who := range people {
			w.role(who, simulator.DemoNewcomerRole, true)
			w.expect(w.text(w.say(who, "/balance").Message), "110")
			m, _ := w.sim.Member(simulator.DemoGuildID, who)
			if told := w.sim.Directs(m.User.ID); len(told) != 1 {
				t.Errorf("%s was told %d times", who, len(told))
			}
		}
		if posted := w.sim.Messages("tasks", "ada"); len(posted) != 1 {
			t.Errorf("the task was announced %d times", len(posted))
		} else {
			w.expect(w.text(&posted[0]), "Rescue", "44")
		}
		reviews := w.sim.Messages("reviews", "ada")
		if len(reviews) != len(people) {
			t.Errorf("%d reviews were asked for, want %d", len(reviews), len(people))
		}
		for _, m := range reviews {
			if text := w.text(&m); strings.Contains(text, "Approve") {
				t.Errorf("a review shows no outcome:\n%s", text)
			}
		}
		w.sound()
	}
	eachStore(t, func(t *testing.T, s store) {
		story(t, newTownServing(t, s, server{store: s, deliverEvery: 50 * time.Millisecond}))
	})
}

// drained waits until nothing is to be delivered any more, and has whatever waits or
// has failed tried again at once.
func (w *town) drained() {
	w.t.Helper()
	w.eventually("everything is delivered", func() bool {
		list, err := w.store.Deliveries(w.t.Context(), simulator.DemoGuildID, 0, 100)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, d := range list {
			if _, err := w.store.RetryDelivery(w.t.Context(), simulator.DemoGuildID, d.ID); err != nil {
				w.t.Fatal(err)
			}
		}
		return len(list) == 0
	})
}
