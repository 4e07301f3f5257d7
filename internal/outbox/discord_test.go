package outbox_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"coffer/internal/discord"
	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/simulator"
)

const (
	bob  economy.UserID = "1180000000000001001"
	ivan economy.UserID = "1180000000000001008" // takes no direct messages
)

// town is a local Discord with a deliverer at work in it.
type town struct {
	*simulator.Simulator
	*outbox.Deliverer
	t      *testing.T
	queue  *queue
	client *discord.Client
}

func newTown(t *testing.T, token string) *town {
	t.Helper()
	sim := simulator.New(simulator.Config{ApplicationID: simulator.DemoApplicationID, BotToken: "right", World: simulator.DemoWorld(),
		PrivateKey: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))})
	rest := httptest.NewServer(sim.REST())
	client := discord.New(discord.Config{BaseURL: rest.URL, Token: token, ApplicationID: simulator.DemoApplicationID, Backoff: time.Millisecond})
	w := &town{Simulator: sim, t: t, queue: &queue{}, client: client}
	w.Deliverer = outbox.New(outbox.Config{Queue: w.queue, Discord: client, Words: townWords{}, Interval: 10 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		client.Close()
		rest.Close()
		if err := sim.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return w
}

// townWords puts a notice into an embed. A submission's arguments are the address of its
// picture.
type townWords struct{}

func (townWords) Notice(l outbox.Lease) (outbox.Message, error) {
	show := func(text, picture string) []byte {
		embed := map[string]any{"description": text}
		if picture != "" {
			embed["image"] = map[string]string{"url": picture}
		}
		body, _ := json.Marshal(map[string]any{"embeds": []any{embed}}) // cannot fail
		return body
	}
	said := string(l.Notice.Args)
	if l.Notice.Name != outbox.NoticeSubmission {
		return outbox.Message{Body: show(said, "")}, nil
	}
	var address string
	if err := json.Unmarshal(l.Notice.Args, &address); err != nil {
		return outbox.Message{}, err
	}
	return outbox.Message{Body: show("work", "attachment://proof.png"),
		Image: &outbox.Image{URL: address, Name: "proof.png", Size: 1 << 20, Without: show("work, its picture is gone", "")}}, nil
}

func (w *town) plant(f simulator.Fault) {
	w.t.Helper()
	if _, err := w.Plant(f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) role(user economy.UserID, role economy.RoleID, entitled bool) outbox.Lease {
	return outbox.Lease{Kind: outbox.Role, Guild: simulator.DemoGuildID, User: user, Role: role, Entitled: entitled}
}

func (w *town) notice(kind outbox.Kind, user economy.UserID) outbox.Lease {
	args, err := json.Marshal(outbox.Refunded{Purchase: 3, Item: "Captaincy", Total: 500, Member: user, Role: simulator.DemoAdminRole,
		Reason: "Missing Permissions", Currency: economy.Currency{Symbol: "🪙", Name: "coins"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return outbox.Lease{Kind: kind, Guild: simulator.DemoGuildID, User: user, Channel: simulator.DemoReviewChannel,
		Notice: outbox.Notice{Name: outbox.NoticeRefunded, Args: args}}
}

// deliver adds a delivery and waits until its first attempt has ended.
func (w *town) deliver(l outbox.Lease) row {
	w.t.Helper()
	r := w.queue.add(l)
	w.Wake()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if got := w.queue.get(r); got.lease.Attempt > 0 && !got.leased {
			return got
		}
	}
	w.t.Fatal("the delivery was not tried in a minute")
	return row{}
}

func (w *town) want(l outbox.Lease, state outbox.State, because string) {
	w.t.Helper()
	if got := w.deliver(l); got.state != state || !strings.Contains(got.err, because) {
		w.t.Errorf("it is %s (%s), want %s (%s)", got.state, got.err, state, because)
	}
}

func (w *town) has(user economy.UserID, role string) bool {
	m, _ := w.Member(simulator.DemoGuildID, string(user))
	return slices.Contains(m.Roles, role)
}

func TestRolesComeAndGo(t *testing.T) {
	w := newTown(t, "right")
	w.want(w.role(bob, simulator.DemoNewcomerRole, true), outbox.Done, "")
	if !w.has(bob, simulator.DemoNewcomerRole) {
		t.Error("bob has no role")
	}
	w.want(w.role(bob, simulator.DemoNewcomerRole, false), outbox.Done, "")
	if w.has(bob, simulator.DemoNewcomerRole) {
		t.Error("bob still has the role")
	}
	w.want(w.role(bob, simulator.DemoAdminRole, true), outbox.Failed, "50013")
	w.DeleteRole(simulator.DemoGuildID, simulator.DemoNewcomerRole)
	w.want(w.role(bob, simulator.DemoNewcomerRole, true), outbox.Failed, "10011")
	w.want(w.role(bob, simulator.DemoNewcomerRole, false), outbox.Done, "")
	w.Leave(simulator.DemoGuildID, "bob")
	w.want(w.role(bob, simulator.DemoReviewerRole, true), outbox.Failed, "10007")
	w.want(w.role(bob, simulator.DemoReviewerRole, false), outbox.Done, "")
}

func TestNoticesArrive(t *testing.T) {
	w := newTown(t, "right")
	w.want(w.notice(outbox.Direct, bob), outbox.Done, "")
	w.want(w.notice(outbox.Channel, bob), outbox.Done, "")
	w.want(w.notice(outbox.Direct, ivan), outbox.Failed, "50007")
	w.want(w.notice(outbox.Direct, "5"), outbox.Failed, "10013")
	w.Leave(simulator.DemoGuildID, "bob")
	w.want(w.notice(outbox.Direct, bob), outbox.Failed, "50278")
	lost := w.notice(outbox.Channel, bob)
	lost.Channel = "5"
	w.want(lost, outbox.Failed, "10003")
	for where, list := range map[string][]simulator.Message{
		"direct": w.Directs(string(bob)), "channel": w.Messages(simulator.DemoReviewChannel, ""),
	} {
		if len(list) != 1 || len(list[0].Embeds) != 1 || !strings.Contains(string(list[0].Embeds[0]), "Captaincy") || len(list[0].Pings) != 0 {
			t.Errorf("%s shows %+v", where, list)
		}
	}
}

// Lost answers and failures on the way leave one role and one message of each.
func TestFaultsOnTheWay(t *testing.T) {
	w := newTown(t, "right")
	for _, route := range []string{"members.grant", "messages.post", "direct"} {
		w.plant(simulator.Fault{Kind: simulator.CloseAfter, Route: route})
		w.plant(simulator.Fault{Kind: simulator.StatusFault, Status: 502, Route: route})
		w.plant(simulator.Fault{Kind: simulator.RateLimit, RetryAfter: 0.01, Route: route})
	}
	w.want(w.role(bob, simulator.DemoNewcomerRole, true), outbox.Done, "")
	w.want(w.notice(outbox.Channel, bob), outbox.Done, "")
	w.want(w.notice(outbox.Direct, bob), outbox.Done, "")
	if n := len(w.Messages(simulator.DemoReviewChannel, "")); n != 1 || len(w.Directs(string(bob))) != 1 || !w.has(bob, simulator.DemoNewcomerRole) {
		t.Errorf("%d messages and %d direct ones, want one each", n, len(w.Directs(string(bob))))
	}
	if left := w.Faults(); len(left) != 0 {
		t.Errorf("these did not strike: %+v", left)
	}
}

func TestWhatPassesWaits(t *testing.T) {
	for name, tt := range map[string]struct {
		fault simulator.Fault
		token string
		why   string
	}{
		"Discord is down":      {simulator.Fault{Kind: simulator.StatusFault, Status: 503, Count: -1}, "right", "503"},
		"nothing comes back":   {simulator.Fault{Kind: simulator.CloseBefore, Count: -1}, "right", "no answer"},
		"a limit for a minute": {simulator.Fault{Kind: simulator.RateLimit, RetryAfter: 60}, "right", "429"},
		"a firewall":           {simulator.Fault{Kind: simulator.StatusFault, Status: 403}, "right", "403"},
		"a token that is bad":  {simulator.Fault{Kind: simulator.Delay}, "wrong", "401"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t, tt.token)
			w.plant(tt.fault)
			w.want(w.role(bob, simulator.DemoNewcomerRole, true), outbox.Waiting, tt.why)
		})
	}
}

// show is a card about a task, in the channel of tasks.
func (w *town) show(text string) outbox.Lease {
	args, err := json.Marshal(text)
	if err != nil {
		w.t.Fatal(err)
	}
	return outbox.Lease{Kind: outbox.Card, Guild: simulator.DemoGuildID, Channel: simulator.DemoTaskChannel, Subject: "task:1",
		Notice: outbox.Notice{Name: outbox.NoticeTask, Args: args}}
}

// picture has something attached elsewhere, and returns its address.
func (w *town) picture(content string) string {
	w.t.Helper()
	id, err := w.client.Post(w.t.Context(), simulator.DemoGeneralChannel, "x"+strconv.Itoa(len(w.Messages(simulator.DemoGeneralChannel, ""))),
		[]byte(`{}`), map[string][]byte{"boat.png": []byte(content)})
	if err != nil {
		w.t.Fatal(err)
	}
	m, _ := w.Message(id)
	return w.attached(m)[0].URL
}

// work is a card about a submission with a picture.
func (w *town) work(address string) outbox.Lease {
	l := w.show(address)
	l.Channel, l.Notice.Name, l.Subject = simulator.DemoReviewChannel, outbox.NoticeSubmission, "submission:1"
	return l
}

// attachment is what a message shows of a file.
type attachment struct{ ID, Filename, URL string }

func (w *town) attached(m simulator.Message) []attachment {
	w.t.Helper()
	list := make([]attachment, len(m.Attachments))
	for i, raw := range m.Attachments {
		if err := json.Unmarshal(raw, &list[i]); err != nil {
			w.t.Fatal(err)
		}
	}
	return list
}

// only returns the one message of a channel.
func (w *town) only(channel string) simulator.Message {
	w.t.Helper()
	list := w.Messages(channel, "")
	if len(list) != 1 {
		w.t.Fatalf("%d messages in %s, want 1", len(list), channel)
	}
	return list[0]
}

func TestACardFollowsItsSubject(t *testing.T) {
	w := newTown(t, "right")
	first := w.deliver(w.show("open"))
	m := w.only(simulator.DemoTaskChannel)
	if first.state != outbox.Done || first.lease.Message != m.ID || !strings.Contains(string(m.Embeds[0]), "open") {
		t.Fatalf("%+v shows %+v", first, m)
	}
	again := w.show("closed")
	again.Message = m.ID
	w.want(again, outbox.Done, "")
	if m = w.only(simulator.DemoTaskChannel); !strings.Contains(string(m.Embeds[0]), "closed") || m.EditedAt == nil {
		t.Errorf("it shows %+v", m)
	}
	w.DeleteMessage(m.ID)
	if got := w.deliver(again); got.state != outbox.Done || !got.gone || len(w.Messages(simulator.DemoTaskChannel, "")) != 0 {
		t.Errorf("got %+v", got)
	}
	nowhere := w.show("x")
	nowhere.Channel = "5"
	w.want(nowhere, outbox.Failed, "10003")
}

func TestAPictureGoesAlong(t *testing.T) {
	w := newTown(t, "right")
	got := w.deliver(w.work(w.picture("PNG")))
	m := w.only(simulator.DemoReviewChannel)
	list := w.attached(m)
	if got.state != outbox.Done || len(list) != 1 || list[0].Filename != "proof.png" || !strings.Contains(string(m.Embeds[0]), "attachment://proof.png") {
		t.Fatalf("%+v shows %+v", got, m)
	}
	// It is the message's own: what the member had attached may go.
	w.DeleteMessage(w.only(simulator.DemoGeneralChannel).ID)
	reviewed := w.show("accepted")
	reviewed.Channel, reviewed.Message = simulator.DemoReviewChannel, m.ID
	w.want(reviewed, outbox.Done, "")
	if kept, ok := w.File(w.attached(w.only(simulator.DemoReviewChannel))[0].ID); !ok || string(kept) != "PNG" {
		t.Errorf("kept %q, %v", kept, ok)
	}
}

func TestAPictureThatExpired(t *testing.T) {
	w := newTown(t, "right")
	address := w.picture("PNG")
	w.ExpireFile("")
	w.want(w.work(address), outbox.Done, "")
	if m := w.only(simulator.DemoReviewChannel); len(m.Attachments) != 0 || !strings.Contains(string(m.Embeds[0]), "its picture is gone") {
		t.Errorf("it shows %+v", m)
	}
	elsewhere := newTown(t, "right")
	elsewhere.want(elsewhere.work("https://evil.example/boat.png"), outbox.Done, "")
	large := elsewhere.work(elsewhere.picture(strings.Repeat("x", 1<<20+1)))
	large.Subject = "submission:2"
	elsewhere.want(large, outbox.Done, "")
	for _, m := range elsewhere.Messages(simulator.DemoReviewChannel, "") {
		if len(m.Attachments) != 0 || !strings.Contains(string(m.Embeds[0]), "its picture is gone") {
			t.Errorf("it shows %+v", m)
		}
	}
}

// Whatever happens on the way, there is one message with one picture, and it shows what
// is so.
func TestCardsAndFaultsOnTheWay(t *testing.T) {
	w := newTown(t, "right")
	address := w.picture("PNG")
	for _, route := range []string{"files.get", "messages.post", "messages.edit"} {
		w.plant(simulator.Fault{Kind: simulator.CloseAfter, Route: route})
		w.plant(simulator.Fault{Kind: simulator.StatusFault, Status: 502, Route: route})
		w.plant(simulator.Fault{Kind: simulator.RateLimit, RetryAfter: 0.01, Global: route == "messages.edit", Route: route})
	}
	w.want(w.work(address), outbox.Done, "")
	m := w.only(simulator.DemoReviewChannel)
	again := w.work(address)
	again.Message = m.ID
	w.want(again, outbox.Done, "")
	if list := w.attached(w.only(simulator.DemoReviewChannel)); len(list) != 1 {
		t.Errorf("attached are %v", list)
	}
	if left := w.Faults(); len(left) != 0 {
		t.Errorf("these did not strike: %+v", left)
	}
	for _, route := range []string{"messages.post", "messages.edit"} {
		w.plant(simulator.Fault{Kind: simulator.StatusFault, Status: 403, Code: 50013, Route: route})
	}
	refused := w.work(address)
	refused.Subject = "submission:2"
	w.want(refused, outbox.Failed, "50013")
	w.want(again, outbox.Failed, "50013")
	w.plant(simulator.Fault{Kind: simulator.StatusFault, Status: 401, Route: "files.get"})
	refused.Subject = "submission:3"
	w.want(refused, outbox.Waiting, "fetch the picture: ")
}
