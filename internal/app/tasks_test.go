package app

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/simulator"
)

// lookout is how long a story waits for what the server does by itself.
const lookout = time.Minute

// eventually waits until the condition holds.
func (w *town) eventually(what string, holds func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(lookout); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: not within %v\n%s", what, lookout, w.log)
		}
	}
}

// staffed has the guild announce tasks and review work, and chidi and dana review it.
func (w *town) staffed() {
	w.t.Helper()
	w.expect(w.text(w.say("ada", "/admin settings task_channel:#tasks review_channel:#reviews reviewer_role:@Reviewer").Message), "Reviewer")
}

// posted waits for a message in a channel that has all of the words, and returns it.
func (w *town) posted(channel string, words ...string) *simulator.Message {
	w.t.Helper()
	var found *simulator.Message
	w.eventually("a message in "+channel+" with "+strings.Join(words, ", "), func() bool {
		for _, m := range w.sim.Messages(channel, "ada") {
			text := w.text(&m)
			if has(text, words) {
				found = &m
				return true
			}
		}
		return false
	})
	return found
}

func has(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// told waits for a direct message to somebody that has all of the words.
func (w *town) told(who string, words ...string) {
	w.t.Helper()
	m, ok := w.sim.Member(simulator.DemoGuildID, who)
	if !ok {
		w.t.Fatalf("no member %s", who)
	}
	w.eventually("a direct message to "+who+" with "+strings.Join(words, ", "), func() bool {
		for _, d := range w.sim.Directs(m.User.ID) {
			if has(w.text(&d), words) {
				return true
			}
		}
		return false
	})
}

// fill sends off the form that an interaction opened, with the text in its only input.
func (w *town) fill(it simulator.Interaction, text string) simulator.Interaction {
	w.t.Helper()
	if it.Modal == nil {
		w.t.Fatalf("no form was opened, but:\n%s", w.text(lastMessage(it)))
	}
	return w.settle(w.sim.SubmitModal(w.t.Context(), simulator.ModalSubmit{InteractionID: it.ID,
		Fields: map[string]string{it.Modal.Inputs[0].CustomID: text}}))
}

// handIn submits a picture.
func (w *town) handIn(who, task string, file simulator.File) simulator.Interaction {
	w.t.Helper()
	options := map[string]json.RawMessage{}
	for name, value := range map[string]any{"task": task, "image": file} {
		raw, err := json.Marshal(value)
		if err != nil {
			w.t.Fatal(err)
		}
		options[name] = raw
	}
	return w.settle(w.sim.Say(w.t.Context(), simulator.Command{As: who,
		Filled: simulator.Filled{Command: "task submit", Options: options}}))
}

func TestATaskIsAnnouncedClaimedProvedReviewedAndPaid(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.staffed()
		w.expect(w.text(w.say("ada", `/admin task create title:"Paint the boat" reward:40 places:2 description:"Red, please."`).Message), "Paint the boat")
		announced := w.posted("tasks", "Paint the boat", "40", "Red, please.")
		w.expect(w.text(w.say("bob", "/tasks").Message), "Paint the boat", "40")

		w.expect(w.text(lastMessage(w.click("bob", announced, "Claim"))), "Paint the boat", "only bob sees this")
		w.eventually("one place is left", func() bool {
			now, _ := w.sim.Message(announced.ID)
			return has(w.text(&now), []string{"1"}) && w.text(&now) != w.text(announced)
		})
		w.expect(w.text(lastMessage(w.click("bob", announced, "Claim"))), "yours already")

		w.expect(w.text(lastMessage(w.fill(w.say("bob", `/task submit task:"Paint the boat"`), "It is red now, both sides."))), "review")
		asked := w.posted("reviews", "Paint the boat", "It is red now, both sides.", "Approve")
		w.expect(w.text(lastMessage(w.click("emil", asked, "Approve"))), "reviewers")
		w.click("chidi", asked, "Approve")
		w.eventually("the message shows its outcome", func() bool {
			now, _ := w.sim.Message(asked.ID)
			_, button := findButton(now, "Approve")
			return !button && has(w.text(&now), []string{"chidi"})
		})
		w.told("bob", "Paint the boat", "40")
		w.expect(w.text(w.say("bob", "/balance").Message), "140")
		w.expect(w.text(w.say("bob", "/history").Message), "Paint the boat")
		w.expect(w.text(lastMessage(w.force("dana", "/review"))), "Nothing")
		w.sound()
	})
}

func TestWorkIsRejectedHandedInAgainAndFails(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.staffed()
		w.say("ada", `/admin task create title:Poem reward:100 tries:2 proof:text`)
		w.sim.CloseDirectMessages(simulator.DemoGuildID, "bob", true)
		w.say("bob", "/task claim task:Poem")
		w.fill(w.say("bob", "/task submit task:Poem"), "Roses are red.")
		queue := w.say("chidi", "/review")
		w.expect(w.text(queue.Message), "Roses are red.", "Poem")
		w.fill(w.click("chidi", queue.Message, "Reject"), "Too short.")
		w.posted("reviews", "Roses are red.", "Too short.")
		w.expect(w.text(w.say("bob", "/tasks").Message), "Poem")

		w.fill(w.say("bob", "/task submit task:Poem"), "Roses are red, violets are blue.")
		w.fill(w.click("dana", w.posted("reviews", "violets", "Approve"), "Reject"), "No.")
		w.expect(w.text(w.say("bob", "/task claim task:Poem").Message), "had your turn")
		w.expect(w.text(w.say("bob", "/balance").Message), "100")
		w.sound()
	})
}

func TestWhoeverReviewsSecondIsToldWhoWasFirst(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.staffed()
		w.say("ada", `/admin task create title:Song reward:100`)
		w.say("chidi", "/task claim task:Song")
		w.say("chidi", "/task submit task:Song text:La")
		asked := w.posted("reviews", "Song", "Approve")
		w.expect(w.text(lastMessage(w.click("chidi", asked, "Approve"))), "own")
		approve, _ := findButton(*asked, "Approve")
		var group sync.WaitGroup
		answers := make([]string, 2)
		for i, who := range []string{"dana", "ada"} {
			group.Go(func() {
				it := w.settle(w.sim.Click(t.Context(), simulator.Click{As: who, MessageID: asked.ID, CustomID: approve.CustomID}))
				answers[i] = w.text(lastMessage(it))
			})
		}
		group.Wait()
		if strings.Contains(answers[0], "already") == strings.Contains(answers[1], "already") {
			t.Errorf("one decides and one is second, got:\n%s\n%s", answers[0], answers[1])
		}
		w.expect(w.text(w.say("chidi", "/balance").Message), "200")
		w.sound()
	})
}

func TestTheLastPlaceIsClaimedOnce(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.staffed()
		w.say("ada", `/admin task create title:Watch reward:5 places:3 proof:none reviewer:nobody`)
		announced := w.posted("tasks", "Watch")
		if got := w.rush(w.crowd(30), "Watch", func(who string) simulator.Interaction {
			it := w.click(who, announced, "Claim")
			if strings.Contains(w.text(lastMessage(it)), "taken") {
				return simulator.Interaction{Message: &simulator.Message{}}
			}
			it.Message = lastMessage(it)
			return it
		}); got != 3 {
			t.Errorf("%d got one of 3 places", got)
		}
		w.posted("tasks", "Watch", "none left")
		w.sound()
	})
}

// TestAClaimThatIsNotHandedInInTimeFreesItsPlace has two servers tidy up, and the
// announcement follow.
func TestAClaimThatIsNotHandedInInTimeFreesItsPlace(t *testing.T) {
	thorough(t)
	eachTown(t, func(t *testing.T, w *town) {
		w.staffed()
		w.say("ada", `/admin task create title:Watch reward:5 places:1 hours:1`)
		w.click("bob", w.posted("tasks", "Watch", "1 of 1 left"), "Claim")
		full := w.posted("tasks", "Watch", "none left")
		if _, open := findButton(*full, "Claim"); open {
			t.Errorf("there is no place, but a button:\n%s", w.text(full))
		}
		w.later(59*time.Minute, w.store.TidyTasks)
		w.expect(w.text(w.say("dana", "/task claim task:Watch").Message), "taken")
		w.later(61*time.Minute, w.store.TidyTasks)
		free := w.posted("tasks", "Watch", "1 of 1 left")
		mine := w.click("bob", w.say("bob", "/tasks").Message, "My tasks")
		w.expect(w.text(lastMessage(mine)), "Watch", "not handed in in time")
		w.expect(w.text(lastMessage(w.click("dana", free, "Claim"))), "is yours")
		w.expect(w.text(w.say("bob", "/task submit task:Watch text:late").Message), "not yours now", "late")
		w.sound()
	})
}

// TestWhatDiscordRefusesIsTriedAgainByHand has the bot lose its permissions in the
// channel of tasks. Nothing of it is lost: the admins see what failed, mend it, and have
// it tried again.
func TestWhatDiscordRefusesIsTriedAgainByHand(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.staffed()
		if _, err := w.sim.Plant(simulator.Fault{Kind: simulator.StatusFault, Status: 403, Code: 50013,
			Method: "POST", Path: "/channels/" + simulator.DemoTaskChannel, Count: -1}); err != nil {
			t.Fatal(err)
		}
		w.say("ada", `/admin task create title:Watch reward:5 places:2`)
		w.eventually("the announcement has failed", func() bool {
			return has(w.text(w.say("ada", "/admin deliveries").Message), []string{"task 1 in", "failed", "50013"})
		})
		w.expect(w.text(w.say("bob", "/task claim task:Watch").Message), "is yours") // it goes on without
		w.eventually("it has failed again", func() bool {
			return has(w.text(w.say("ada", "/admin deliveries").Message), []string{"failed"})
		})
		if got := w.sim.Messages("tasks", "ada"); len(got) != 0 {
			t.Errorf("%d messages were posted", len(got))
		}
		w.sim.ClearFaults()
		w.expect(w.text(w.pick("ada", w.say("ada", "/admin deliveries").Message, 0)), "tried again")
		w.posted("tasks", "Watch", "1 of 2 left")
		w.eventually("nothing waits", func() bool {
			return has(w.text(w.say("ada", "/admin deliveries").Message), []string{"Nothing waits"})
		})
		w.expect(w.text(w.force("bob", "/admin deliveries").Message), "may manage this server")
		w.sound()
	})
}

// TestAnAdminWritesInForms changes what an option has one line for.
func TestAnAdminWritesInForms(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.staffed()
		made := w.say("ada", `/admin task create title:Log reward:5`)
		w.posted("tasks", "Log")
		form := w.click("ada", made.Message, "words")
		w.expect(w.text(lastMessage(w.fillIn(form, "description", "What you saw:\n- ships\n- whales"))), "Task changed")
		w.posted("tasks", "Log", "ships", "whales")

		form = w.click("ada", w.say("ada", "/admin settings").Message, "currency")
		w.expect(w.text(lastMessage(w.fillIn(form, "currency", "pearls"))), "coins", "pearls")
		w.expect(w.text(w.say("bob", "/balance").Message), "pearls")
		w.sound()
	})
}

// fillIn sends a form off as it is, but for one of its inputs.
func (w *town) fillIn(it simulator.Interaction, input, text string) simulator.Interaction {
	w.t.Helper()
	if it.Modal == nil {
		w.t.Fatalf("no form was opened, but:\n%s", w.text(lastMessage(it)))
	}
	fields := map[string]string{}
	for _, in := range it.Modal.Inputs {
		fields[in.CustomID] = in.Value
	}
	fields[input] = text
	return w.settle(w.sim.SubmitModal(w.t.Context(), simulator.ModalSubmit{InteractionID: it.ID, Fields: fields}))
}

func TestWhatWasTypedIsNotLostAtTheDeadline(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.say("ada", `/admin task create title:Report reward:50`)
		w.say("bob", "/task claim task:Report")
		form := w.say("bob", "/task submit task:Report")
		w.expect(w.text(w.say("ada", `/admin task edit task:Report deadline:"2020-01-01 12:00"`).Message), "2020")
		w.expect(w.text(lastMessage(w.fill(form, "All is calm."))), "All is calm.", "deadline")
		w.expect(w.text(w.say("bob", "/balance").Message), "100")
		w.sound()
	})
}

// sketch is a small picture.
func sketch(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAPictureIsAttachedAgainAndOutlivesItsAddress(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.staffed()
		w.say("ada", `/admin task create title:Sketch reward:50 proof:image`)
		w.say("bob", "/task claim task:Sketch")
		w.expect(w.text(lastMessage(w.say("bob", "/task submit task:Sketch"))), "image")
		w.handIn("bob", "Sketch", simulator.File{Name: "sketch.png", Data: sketch(t)})
		asked := w.posted("reviews", "Sketch", "Approve")
		if len(asked.Attachments) != 1 {
			t.Errorf("the review has the attachments %s, want one", asked.Attachments)
		}
		form := w.click("dana", asked, "part")
		w.fill(form, "50")
		w.eventually("the message shows its outcome", func() bool {
			now, _ := w.sim.Message(asked.ID)
			return strings.Contains(w.text(&now), "50") && len(now.Attachments) == 1 && !strings.Contains(w.text(&now), "Approve")
		})
		w.expect(w.text(w.say("bob", "/balance").Message), "125")
		w.sound()
	})
}

// TestThePictureOfWhoIsErasedGoes: also where it was attached again.
func TestThePictureOfWhoIsErasedGoes(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		w.staffed()
		w.say("ada", `/admin task create title:Sketch reward:50 proof:image`)
		for _, who := range []string{"bob", "dana"} {
			w.say(who, "/task claim task:Sketch")
			w.handIn(who, "Sketch", simulator.File{Name: "sketch.png", Data: sketch(t)})
			asked := w.posted("reviews", "Sketch", "Approve")
			if len(asked.Attachments) != 1 {
				t.Fatalf("the review has the attachments %s, want one", asked.Attachments)
			}
			if who == "dana" { // what was decided is shown with its picture
				w.click("ada", asked, "Approve")
			}
			w.erase(who)
			w.eventually("the message has no picture", func() bool {
				now, _ := w.sim.Message(asked.ID)
				return len(now.Attachments) == 0 && strings.Contains(w.text(&now), "former member") && !strings.Contains(w.text(&now), "Approve")
			})
		}
		w.sound()
	})
}

// erase erases who has a name.
func (w *town) erase(name string) {
	w.t.Helper()
	who, _ := w.sim.Member(simulator.DemoGuildID, name)
	found, err := w.store.Members(w.t.Context(), economy.MembersQuery{Guild: simulator.DemoGuildID, Search: who.User.ID, Limit: 2, At: time.Now()})
	if err != nil || len(found.Members) != 1 {
		w.t.Fatalf("%s is %+v, %v", name, found.Members, err)
	}
	if _, err := w.store.Erase(w.t.Context(), economy.Erasure{
		Request: economy.Request{Guild: simulator.DemoGuildID, Source: economy.FromAPI, Key: "erase " + name, At: time.Now()},
		Admin:   economy.Person{Admin: 7, Name: "Desk"}, Member: found.Members[0].ID,
	}); err != nil {
		w.t.Fatal(err)
	}
}
