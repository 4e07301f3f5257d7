package outbox_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/interactions"
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
	t     *testing.T
	queue *queue
}

func newTown(t *testing.T, token string) *town {
	t.Helper()
	sim := simulator.New(simulator.Config{ApplicationID: simulator.DemoApplicationID, BotToken: "right", World: simulator.DemoWorld(),
		PrivateKey: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))})
	rest := httptest.NewServer(sim.REST())
	client := discord.New(discord.Config{BaseURL: rest.URL, Token: token, ApplicationID: simulator.DemoApplicationID, Backoff: time.Millisecond})
	w := &town{Simulator: sim, t: t, queue: &queue{}}
	w.Deliverer = outbox.New(outbox.Config{Queue: w.queue, Discord: client, Words: interactions.NewNotices(), Interval: 10 * time.Millisecond})
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
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if got := w.queue.get(r); got.lease.Attempt > 0 && !got.leased {
			return got
		}
	}
	w.t.Fatal("the delivery was not tried in 10 s")
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
