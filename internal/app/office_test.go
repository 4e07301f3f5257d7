package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"coffer/internal/admins"
	"coffer/internal/simulator"
	"coffer/internal/tasks"
)

// deskToken is an API token that may do everything in the demo's guild.
const deskToken = "coffer_front-desk-of-the-town"

// eachOffice tells a story in a town whose admin API serves the desk, on each kind of
// store.
func eachOffice(t *testing.T, story func(*testing.T, *town)) {
	eachStore(t, func(t *testing.T, s store) {
		creation, err := admins.NewToken("front desk", admins.Hash(deskToken), admins.Manager, []string{simulator.DemoGuildID}, time.Time{}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.CreateAccount(t.Context(), creation); err != nil {
			t.Fatal(err)
		}
		w := newTownOn(t, s, nil)
		w.say("ada", "/balance") // a guild that nobody has spoken in is not known
		story(t, w)
	})
}

// ask asks the admin API about the guild, as the desk, and reads the answer.
func (w *town) ask(method, path string, header map[string]string, body, answer any) (status int) {
	w.t.Helper()
	var sent io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		sent = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, "http://"+w.listener.Addr().String()+"/api/guilds/"+simulator.DemoGuildID+path, sent)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+deskToken)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if answer != nil {
		if err := json.Unmarshal(got, answer); err != nil {
			w.t.Fatalf("%s %s: %v in %s", method, path, err, got)
		}
	}
	if res.StatusCode >= 500 {
		w.t.Fatalf("%s %s: %d %s\n%s", method, path, res.StatusCode, got, w.log)
	}
	return res.StatusCode
}

// key is an Idempotency-Key.
func key(k string) map[string]string { return map[string]string{"Idempotency-Key": k} }

type object map[string]any

// listed is a page as stories read it.
type listed struct {
	Data []struct {
		ID, State string
	}
}

// only returns the one id that a list has.
func (w *town) only(path string) string {
	w.t.Helper()
	var list listed
	if status := w.ask("GET", path, nil, nil, &list); status != 200 || len(list.Data) != 1 {
		w.t.Fatalf("%s: %d, %+v", path, status, list)
	}
	return list.Data[0].ID
}

func TestATaskOfTheDashboardIsAnnouncedDoneInDiscordAndPaidFromTheDashboard(t *testing.T) {
	eachOffice(t, func(t *testing.T, w *town) {
		w.staffed()
		var task struct{ ID string }
		if status := w.ask("POST", "/tasks", key("t"), object{"title": "Sketch", "reward": 40, "proof": "image", "review": "person",
			"repeat": "once", "tries": 2, "places": 2, "description": "Of the harbour."}, &task); status != 201 {
			t.Fatalf("created with %d", status)
		}
		announced := w.posted("tasks", "Sketch", "40", "Of the harbour.")
		w.click("bob", announced, "Claim")
		w.handIn("bob", "Sketch", simulator.File{Name: "sketch.png", Data: sketch(t)})
		asked := w.posted("reviews", "Sketch", "Approve")
		id := w.only("/submissions?state=waiting&task=" + task.ID)

		var proof struct {
			URL string
		}
		w.eventually("the proof is the card's copy", func() bool { // as soon as it is noted that the card was posted
			if status := w.ask("GET", "/submissions/"+id+"/proof", nil, nil, &proof); status != 200 {
				t.Fatalf("the proof: %d", status)
			}
			return strings.Contains(proof.URL, "/attachments/") && !strings.Contains(proof.URL, "ephemeral")
		})
		if expires, ok := tasks.ReadAddress(proof.URL); !ok || !expires.After(time.Now()) {
			t.Errorf("the proof is at %s until %s", proof.URL, expires)
		}
		if got, err := w.discord.Fetch(t.Context(), proof.URL, 1<<20); err != nil || !bytes.Equal(got, sketch(t)) {
			t.Errorf("the proof is %d bytes, %v", len(got), err)
		}

		var outcome struct {
			State string
			Paid  int64
		}
		if status := w.ask("POST", "/submissions/"+id+"/review", key("r"), object{"approve": true}, &outcome); status != 200 || outcome.State != "accepted" || outcome.Paid != 40 {
			t.Fatalf("approved: %d, %+v", status, outcome)
		}
		w.eventually("the message shows its outcome", func() bool {
			now, _ := w.sim.Message(asked.ID)
			_, button := findButton(now, "Approve")
			return !button && has(w.text(&now), []string{"front desk"})
		})
		w.told("bob", "Sketch", "40")
		w.expect(w.text(w.say("bob", "/balance").Message), "140")
		w.sound()
	})
}

func TestAReviewerInDiscordAndOneAtTheDashboardPayOnce(t *testing.T) {
	eachOffice(t, func(t *testing.T, w *town) {
		w.staffed()
		const rounds = 6
		for i := range rounds {
			title := fmt.Sprint("Song", i)
			w.ask("POST", "/tasks", key(title), object{"title": title, "reward": 10, "proof": "text", "review": "person", "repeat": "once", "tries": 1}, nil)
			w.say("bob", "/task claim task:"+title)
			w.say("bob", "/task submit task:"+title+" text:La")
			asked := w.posted("reviews", title, "Approve")
			id := w.only("/submissions?state=waiting")
			approve, _ := findButton(*asked, "Approve")
			var group sync.WaitGroup
			var answered string
			var status int
			var problem struct{ Code string }
			group.Go(func() {
				it := w.settle(w.sim.Click(t.Context(), simulator.Click{As: "dana", MessageID: asked.ID, CustomID: approve.CustomID}))
				answered = w.text(lastMessage(it))
			})
			group.Go(func() {
				status = w.ask("POST", "/submissions/"+id+"/review", key("r"+title), object{"approve": true}, &problem)
			})
			group.Wait()
			second := strings.Contains(answered, "already")
			if (status == 200) != second || status != 200 && (status != 409 || problem.Code != "reviewed") {
				t.Errorf("the dashboard got %d %s, and Discord:\n%s", status, problem.Code, answered)
			}
		}
		w.expect(w.text(w.say("bob", "/balance").Message), fmt.Sprint(100+10*rounds))
		w.sound()
	})
}

func TestWorkIsRejectedFromTheDashboardAndManyAreApprovedAtOnce(t *testing.T) {
	eachOffice(t, func(t *testing.T, w *town) {
		w.staffed()
		w.ask("POST", "/tasks", key("t"), object{"title": "Poem", "reward": 5, "proof": "text", "review": "person", "repeat": "once", "tries": 3}, nil)
		people := []string{"bob", "emil", "goro"}
		for _, who := range people {
			w.say(who, "/task claim task:Poem")
			w.say(who, "/task submit task:Poem text:Roses")
		}
		var list listed
		w.ask("GET", "/submissions?state=waiting", nil, nil, &list)
		if len(list.Data) != len(people) {
			t.Fatalf("%+v wait", list.Data)
		}
		first := list.Data[0].ID
		if status := w.ask("POST", "/submissions/"+first+"/review", key("no"), object{"approve": false, "reason": "Too short."}, nil); status != 200 {
			t.Fatalf("rejected: %d", status)
		}
		w.told("bob", "Poem", "Too short.")
		w.posted("reviews", "Roses", "Too short.")
		w.say("bob", "/task submit task:Poem text:Violets")
		w.ask("GET", "/submissions?state=waiting", nil, nil, &list)
		ids := []string{first}
		for _, v := range list.Data {
			ids = append(ids, v.ID)
		}
		var bulk struct {
			Data []struct {
				Submission string
				OK         bool
			}
		}
		for range 2 {
			if status := w.ask("POST", "/reviews", key("all"), object{"submissions": ids, "approve": true}, &bulk); status != 200 || len(bulk.Data) != 4 {
				t.Fatalf("%d, %+v", status, bulk)
			}
			for i, v := range bulk.Data {
				if v.OK == (i == 0) {
					t.Errorf("%+v, want all but the first, which was rejected", bulk.Data)
				}
			}
		}
		for _, who := range people {
			w.told(who, "Poem", "5")
			w.expect(w.text(w.say(who, "/balance").Message), "105")
		}
		w.sound()
	})
}

func TestGoodsOfTheDashboardAreBoughtInDiscordAndTakenBack(t *testing.T) {
	eachOffice(t, func(t *testing.T, w *town) {
		var item struct {
			ID    string
			Stock struct{ Left int }
		}
		if status := w.ask("POST", "/items", key("i"), object{"name": "Badge", "price": 30, "role": simulator.DemoNewcomerRole,
			"stock": object{"limited": true, "left": 3}}, &item); status != 201 {
			t.Fatalf("created with %d", status)
		}
		at := "/items/" + item.ID
		w.expect(w.text(w.buy("bob", "Badge").Message), "Bought")
		w.role("bob", simulator.DemoNewcomerRole, true)
		if w.ask("GET", at, nil, nil, &item); item.Stock.Left != 2 {
			t.Errorf("%d are left, want 2", item.Stock.Left)
		}
		purchase := w.only("/purchases?item=" + item.ID + "&state=kept")
		for range 2 {
			var back struct{ Total, Balance int64 }
			if status := w.ask("POST", "/purchases/"+purchase+"/refund", key("back"), object{"reason": "too small"}, &back); status != 200 || back.Total != 30 || back.Balance != 100 {
				t.Fatalf("refunded: %d, %+v", status, back)
			}
		}
		w.role("bob", simulator.DemoNewcomerRole, false)
		w.expect(w.text(w.say("bob", "/history").Message), "refund")
		if w.ask("GET", at, nil, nil, &item); item.Stock.Left != 3 {
			t.Errorf("%d are left, want 3", item.Stock.Left)
		}
		w.sound()
	})
}

func TestAPriceThatTheDashboardChangedIsAskedAgain(t *testing.T) {
	eachOffice(t, func(t *testing.T, w *town) {
		var item struct {
			ID string
		}
		w.ask("POST", "/items", key("i"), object{"name": "Rope", "price": 10}, &item)
		offer := w.say("bob", "/buy item:Rope")
		edited := object{"name": "Rope", "price": 20}
		if status := w.ask("PUT", "/items/"+item.ID, map[string]string{"If-Match": `"1"`}, edited, nil); status != 200 {
			t.Fatalf("edited with %d", status)
		}
		again := w.click("bob", offer.Message, "Confirm")
		w.expect(w.text(again.Message), "has changed", "20")
		w.expect(w.text(w.say("bob", "/balance").Message), "100")
		w.click("bob", again.Message, "Confirm")
		w.expect(w.text(w.say("bob", "/balance").Message), "80")

		var stale struct {
			Code    string
			Current struct{ Price int64 }
			By      struct{ Name string } `json:"changed_by"`
		}
		if status := w.ask("PUT", "/items/"+item.ID, map[string]string{"If-Match": `"1"`}, edited, &stale); status != 412 || stale.Code != "changed" ||
			stale.Current.Price != 20 || stale.By.Name != "front desk" {
			t.Errorf("a stale edit: %d, %+v", status, stale)
		}
		if status := w.ask("PUT", "/items/"+item.ID+"/state", nil, object{"state": "archived"}, nil); status != 200 {
			t.Errorf("archived with %d", status)
		}
		if text := w.text(w.say("bob", "/shop").Message); strings.Contains(text, "Rope") {
			t.Errorf("an archived item is in the shop:\n%s", text)
		}
		w.sound()
	})
}

func TestADeliveryIsTriedAgainFromTheDashboard(t *testing.T) {
	eachOffice(t, func(t *testing.T, w *town) {
		_, err := w.sim.Plant(simulator.Fault{Kind: simulator.StatusFault, Route: "members.grant", Status: http.StatusServiceUnavailable, Count: -1})
		if err != nil {
			t.Fatal(err)
		}
		w.say("ada", "/admin item create name:Badge price:30 role:@Deckhand")
		w.buy("bob", "Badge")
		var list struct {
			Data []struct {
				ID, Error string
				Member    struct{ Name string }
				RoleID    string `json:"role_id"`
			}
		}
		w.eventually("the delivery has failed once", func() bool {
			w.ask("GET", "/deliveries?state=waiting", nil, nil, &list)
			return len(list.Data) == 1 && list.Data[0].Error != ""
		})
		if d := list.Data[0]; d.Member.Name != "Bob" || d.RoleID != simulator.DemoNewcomerRole {
			t.Errorf("what waits is %+v", d)
		}
		w.sim.ClearFaults()
		if status := w.ask("POST", "/deliveries/"+list.Data[0].ID+"/retry", nil, nil, nil); status != http.StatusNoContent {
			t.Errorf("retried with %d", status)
		}
		w.role("bob", simulator.DemoNewcomerRole, true)
		w.eventually("nothing waits", func() bool {
			w.ask("GET", "/deliveries", nil, nil, &list)
			return len(list.Data) == 0
		})
	})
}
