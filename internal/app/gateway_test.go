package app

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/internal/gateway"
	"coffer/internal/logging"
	"coffer/internal/simulator"
)

// arrives has somebody join who has no account, or comes back.
func (w *town) arrives(name string) {
	w.t.Helper()
	if _, err := w.sim.Arrive(simulator.DemoGuildID, name); err != nil {
		w.t.Fatal(err)
	}
}

// members waits until the books have so many accounts of members.
func (w *town) members(want int) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		a, err := w.store.Audit(w.t.Context())
		switch {
		case err != nil:
			w.t.Fatal(err)
		case int(a.Members) == want:
			return
		case time.Now().After(deadline):
			w.t.Fatalf("%d members, want %d\n%s", a.Members, want, w.log)
		}
	}
}

// listening waits until the gateway's worker would hear of somebody who joins.
func (w *town) listening() {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); w.sim.Gateway().Connected != 1; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("the gateway is not connected\n%s", w.log)
		}
	}
}

// residents are those of the local Discord who become members.
func residents() (n int) {
	for _, m := range simulator.DemoWorld().Members {
		if !m.User.Bot {
			n++
		}
	}
	return n
}

func TestWhoJoinsHasTheStartingBalanceOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s store) {
		w := newTownWith(t, s, server{store: s}, true)
		all := residents()
		w.members(all) // who were there before
		w.listening()
		w.arrives("zed")
		w.members(all + 1) // before anybody has said anything
		w.expect(w.text(w.say("ada", "/balance @zed").Message), "100 🪙")
		w.say("zed", "/daily")

		if !w.sim.Leave(simulator.DemoGuildID, "zed") {
			t.Fatal("zed is not there")
		}
		w.arrives("zed")
		w.arrives("yan") // who is met after zed
		w.members(all + 2)
		w.expect(w.text(w.say("ada", "/balance @zed").Message), "200 🪙")
		if a, coins := w.sound(), 100*(all+3); int(a.Members) != all+2 || int(a.Coins) != coins || int(a.Transactions) != all+3 {
			t.Errorf("%d members with %d coins in %d transactions, want %d with %d in %d: their openings and a daily reward",
				a.Members, a.Coins, a.Transactions, all+2, coins, all+3)
		}
	})
}

func TestWhoJoinsIsWelcomedOnce(t *testing.T) {
	thorough(t)
	eachStore(t, func(t *testing.T, s store) {
		w := newTownWith(t, s, server{store: s}, true)
		all := residents()
		w.members(all)
		w.listening()
		w.expect(w.text(w.say("ada", "/admin settings welcome_channel:#bazaar").Message), simulator.DemoBazaarChannel)
		posted := func(want int) []simulator.Message {
			t.Helper()
			for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
				list, err := s.Deliveries(t.Context(), simulator.DemoGuildID, 0, 100)
				if err != nil {
					t.Fatal(err)
				}
				got := w.sim.Messages("bazaar", "ada")
				if len(got) == want && len(list) == 0 {
					return got
				}
				if len(got) > want || time.Now().After(deadline) {
					t.Fatalf("%d messages, %+v waiting, want %d\n%s", len(got), list, want, w.log)
				}
			}
		}
		w.arrives("zed")
		w.members(all + 1)
		zed, _ := w.sim.Member(simulator.DemoGuildID, "zed")
		first := posted(1)[0]
		if want := "Welcome, <@" + zed.User.ID + ">! You begin with **100 🪙 coins**."; first.Content != want || !slices.Equal(first.Pings, []string{zed.User.ID}) {
			t.Errorf("posted %q, which notifies %v; want %q", first.Content, first.Pings, want)
		}
		for range 2 { // the same join is told again
			if !w.sim.Leave(simulator.DemoGuildID, "zed") {
				t.Fatal("zed is not there")
			}
			w.arrives("zed")
		}
		w.arrives("yan") // who is met after zed
		w.members(all + 2)
		yan, _ := w.sim.Member(simulator.DemoGuildID, "yan")
		if list := posted(2); list[0].ID != first.ID || !strings.Contains(list[1].Content, "<@"+yan.User.ID+">!") {
			t.Errorf("posted %+v, want another for yan", list)
		}
		w.expect(w.text(w.say("ada", "/admin settings clear:Welcome channel").Message), "Welcome channel")
		w.arrives("xia")
		w.members(all + 3)
		posted(2)
		w.sound()
	})
}

func TestPlaygroundHasSomebodyJoin(t *testing.T) {
	thorough(t)
	b := newBrowser(t)
	bank := stores["sqlite"](t)
	w := newTownWith(t, bank, server{store: bank}, true)
	p := w.visit(b, t, 1360, 860, "light")
	w.listening()
	w.members(residents())
	join := func(name string) {
		t.Helper()
		eval[any](p, `document.querySelector('form[aria-label="Someone joins"] input').focus()`)
		p.press(name, enter)
	}
	join("Zed the 3rd")
	p.until(`document.querySelector('[data-member="zedthe3rd"]')`)
	p.until(`document.querySelector('form[aria-label="Someone joins"] input').value === ''`)
	w.members(residents() + 1)
	p.be("zedthe3rd")
	p.write("/balance ")
	p.ready()
	p.press(enter)
	p.latest("100")
	join("zedthe3rd")
	p.shows(`[role="alert"]`, "zedthe3rd is here already")
	p.picture("joins")
	p.forgive("422")
}

func TestAServerGoesOnWithoutTheGateway(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer refusing.Close()
	log := &lockedBuffer{}
	s := server{log: logging.New(log, slog.LevelInfo, "json")}
	if err := s.listen(t.Context()); err != nil {
		t.Errorf("switched off: %v", err)
	}
	s.gateway = gateway.New(gateway.Config{Token: "x", BaseURL: refusing.URL, Log: s.log})
	if err := s.listen(t.Context()); err != nil {
		t.Errorf("refused: %v", err)
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "DISCORD_TOKEN") || !strings.Contains(got, `"level":"error"`) {
		t.Errorf("the log is\n%s", got)
	}
}
