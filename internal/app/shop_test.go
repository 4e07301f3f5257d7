package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/internal/outbox"
	"coffer/internal/simulator"
)

// roles waits until the local Discord shows a member with a role, or without it.
func (w *town) role(who, role string, want bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		m, ok := w.sim.Member(simulator.DemoGuildID, who)
		if !ok {
			w.t.Fatalf("no member %s", who)
		}
		if slices.Contains(m.Roles, role) == want {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s has the roles %v; want %s: %v\n%s", who, m.Roles, role, want, w.log)
		}
	}
}

// buy goes from /buy to the receipt.
func (w *town) buy(who, item string) simulator.Interaction {
	w.t.Helper()
	offer := w.say(who, "/buy item:"+item)
	return w.click(who, offer.Message, "Confirm")
}

func TestAnItemIsSoldUsedAndRefunded(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.expect(w.text(w.say("ada", `/admin item create name:Lantern price:40 stock:2 usable:true message:"It is bright now."`).Message), "Lantern")
		w.expect(w.text(w.say("bob", "/shop").Message), "Lantern", "40", "2 left")
		offer := w.say("bob", "/buy item:Lantern")
		w.expect(w.text(offer.Message), "Lantern", "40", "60")
		w.expect(w.text(w.click("bob", offer.Message, "Confirm").Message), "Bought", "Lantern")
		w.expect(w.text(w.say("bob", "/inventory").Message), "Lantern")
		w.expect(w.text(w.say("bob", "/balance").Message), "60")
		w.expect(w.text(w.say("bob", "/use item:1").Message), "It is bright now.")
		w.expect(w.text(w.say("bob", "/use item:1").Message), "do not own")
		w.expect(w.text(w.say("ada", "/admin refund purchase:1").Message), "only 0 are left to be taken back")

		w.buy("dana", "Lantern")
		w.expect(w.text(w.say("emil", "/buy item:Lantern").Message), "0 left")
		w.expect(w.text(w.say("ada", "/admin refund purchase:2").Message), "Lantern", "40")
		w.expect(w.text(w.say("dana", "/balance").Message), "100")
		w.expect(w.text(w.say("ada", "/admin undo 3").Message), "refund")
		w.sound()
	})
}

func TestAPriceThatChangedIsAskedAgainAndADoubleClickBuysOnce(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.say("ada", "/admin item create name:Rope price:10")
		offer := w.say("bob", "/buy item:Rope")
		w.say("ada", "/admin item edit item:1 price:20")
		again := w.click("bob", offer.Message, "Confirm")
		w.expect(w.text(again.Message), "has changed", "20")
		w.expect(w.text(w.say("bob", "/balance").Message), "100")

		confirm, ok := findButton(*again.Message, "Confirm")
		if !ok {
			t.Fatalf("no button in:\n%s", w.text(again.Message))
		}
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				_, err := w.sim.Click(t.Context(), simulator.Click{As: "bob", MessageID: again.Message.ID, CustomID: confirm.CustomID})
				if err != nil && !strings.Contains(err.Error(), "component") { // the first may have replaced the message
					t.Error(err)
				}
			})
		}
		group.Wait()
		w.expect(w.text(w.say("bob", "/balance").Message), "80")
		w.expect(w.text(w.say("bob", "/inventory").Message), "Rope")
		w.sound()
	})
}

func TestARoleThatChangedIsAskedForAgain(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.say("ada", "/admin item create name:Box price:5 role:@Deckhand hours:720")
		offer := w.say("bob", "/buy item:Box")
		w.expect(w.text(offer.Message), "30 days")
		w.say("ada", "/admin item edit item:Box hours:1")
		again := w.click("bob", offer.Message, "Confirm")
		w.expect(w.text(again.Message), "has changed", "1 hour")
		w.expect(w.text(w.say("bob", "/balance").Message), "100")
		w.expect(w.text(w.click("bob", again.Message, "Confirm").Message), "Bought")
	})
}

func TestARoleIsGrantedAndTakenBackByTheRefund(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.expect(w.text(w.say("ada", "/admin item create name:Badge price:30 role:@Deckhand").Message), "Badge")
		w.expect(w.text(w.buy("bob", "Badge").Message), "Bought")
		w.role("bob", simulator.DemoNewcomerRole, true)
		w.say("ada", "/admin refund purchase:1")
		w.role("bob", simulator.DemoNewcomerRole, false)
		w.expect(w.text(w.say("bob", "/balance").Message), "100")
		w.sound()
	})
}

// TestARoleThatCannotBeGrantedIsRefunded has Discord refuse a role for good. The buyer
// and the admins are told why; if the buyer takes no direct messages, his coins are back
// all the same, and he is told when an admin has the message tried again.
func TestARoleThatCannotBeGrantedIsRefunded(t *testing.T) {
	thorough(t)
	for name, c := range map[string]struct {
		role    string
		spoil   func(*town) bool
		because string
	}{
		"deleted": {"@Deckhand", func(w *town) bool { return w.sim.DeleteRole(simulator.DemoGuildID, simulator.DemoNewcomerRole) }, "10011"},
		"above the bot's own, and direct messages closed": {"@Admin", func(w *town) bool {
			return w.sim.CloseDirectMessages(simulator.DemoGuildID, "bob", true)
		}, "50013"},
	} {
		t.Run(name, func(t *testing.T) {
			eachTown(t, func(t *testing.T, w *town) {
				w.say("ada", "/admin settings admin_channel:#reviews")
				w.say("ada", "/admin item create name:Badge price:30 role:"+c.role)
				offer := w.say("bob", "/buy item:Badge")
				if !c.spoil(w) {
					t.Fatal("nothing to spoil")
				}
				w.click("bob", offer.Message, "Confirm")
				w.posted("reviews", "Refunded", "bob", "Badge", "30", c.because)
				w.expect(w.text(w.say("bob", "/balance").Message), "100")
				w.expect(w.text(w.say("bob", "/history").Message), "refund")
				w.expect(w.text(w.say("bob", "/inventory").Message), "nothing yet")
				if c.because == "50013" {
					w.eventually("the message has failed, and is the newest that is not done", func() bool {
						list, err := w.store.Deliveries(t.Context(), simulator.DemoGuildID, 0, 1)
						if err != nil || len(list) == 0 || list[0].Kind != outbox.Direct {
							return false
						}
						return has(w.text(w.say("ada", "/admin deliveries").Message), []string{"message to @bob", "failed", "50007"})
					})
					w.sim.CloseDirectMessages(simulator.DemoGuildID, "bob", false)
					w.expect(w.text(w.pick("ada", w.say("ada", "/admin deliveries").Message, 0)), "tried again")
				}
				w.told("bob", "Refunded", "Badge", "30")
				w.sound()
			})
		})
	}
}

// pick chooses the only option of a message's menu, or one of them.
func (w *town) pick(as string, m *simulator.Message, option int) *simulator.Message {
	w.t.Helper()
	var rows []struct {
		Components []struct {
			CustomID string `json:"custom_id"`
			Options  []struct{ Value string }
		}
	}
	raw, err := json.Marshal(m.Components)
	if err != nil || json.Unmarshal(raw, &rows) != nil || len(rows) == 0 || len(rows[0].Components[0].Options) <= option {
		w.t.Fatalf("no menu with so many options in:\n%s", w.text(m))
	}
	menu := rows[0].Components[0]
	return lastMessage(w.settle(w.sim.Click(w.t.Context(), simulator.Click{As: as, MessageID: m.ID, CustomID: menu.CustomID,
		Values: []string{menu.Options[option].Value}})))
}

// TestARentedRoleIsTakenBackWhenItsTimeIsOver has two servers look for what is over, as
// each does every minute.
func TestARentedRoleIsTakenBackWhenItsTimeIsOver(t *testing.T) {
	thorough(t)
	eachTown(t, func(t *testing.T, w *town) {
		w.say("ada", "/admin item create name:Berth price:30 role:@Deckhand hours:1")
		w.expect(w.text(w.buy("bob", "Berth").Message), "Bought", "until")
		w.role("bob", simulator.DemoNewcomerRole, true)
		w.drained() // what was never granted is paid back when its time is over
		w.later(59*time.Minute, w.store.ExpireRoles)
		w.later(61*time.Minute, w.store.ExpireRoles)
		w.role("bob", simulator.DemoNewcomerRole, false)
		w.expect(w.text(w.say("bob", "/balance").Message), "70")
		w.sound()
	})
}

// later has two servers do at once what they do periodically, as of a later time.
func (w *town) later(by time.Duration, tidy func(context.Context, time.Time) (int, error)) {
	w.t.Helper()
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if _, err := tidy(w.t.Context(), time.Now().Add(by)); err != nil {
				w.t.Error(err)
			}
		})
	}
	group.Wait()
}

// crowd has so many people join the guild and returns their names.
func (w *town) crowd(size int) []string {
	w.t.Helper()
	var names []string
	for i := range size {
		name := fmt.Sprintf("guest%03d", i)
		w.sim.Join(simulator.Member{GuildID: simulator.DemoGuildID, Roles: []string{},
			User: simulator.User{ID: strconv.Itoa(1190000000000000000 + i), Username: name}})
		names = append(names, name)
	}
	return names
}

// rush has all of them do the same at once and returns how many came to the end that
// the words tell.
func (w *town) rush(people []string, words string, act func(who string) simulator.Interaction) int {
	w.t.Helper()
	var group sync.WaitGroup
	var done atomic.Int64
	for _, who := range people {
		group.Go(func() {
			if strings.Contains(w.text(act(who).Message), words) {
				done.Add(1)
			}
		})
	}
	group.Wait()
	return int(done.Load())
}

// TestTheLastPiecesAreSoldOnce has 200 buyers for 10 pieces, all of whom have seen
// that there are some left.
func TestTheLastPiecesAreSoldOnce(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		size := 200
		if testing.Short() {
			size = 40
		}
		w.say("ada", "/admin item create name:Cake price:1 stock:10")
		people, offers := w.crowd(size), map[string]*simulator.Message{}
		for _, who := range people {
			offers[who] = w.say(who, "/buy item:Cake").Message
		}
		if got := w.rush(people, "Bought", func(who string) simulator.Interaction {
			return w.click(who, offers[who], "Confirm")
		}); got != 10 {
			t.Errorf("%d pieces of 10 were sold", got)
		}
		w.sound()
	})
}
