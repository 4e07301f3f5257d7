package gateway

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"coffer/internal/simulator"
)

func TestWhoJoinsIsMet(t *testing.T) {
	r := newRig(t)
	r.start()
	r.connected()
	for _, m := range []simulator.Member{
		{User: simulator.User{ID: "70", Username: "robot", Bot: true}},
		{User: simulator.User{ID: "71", Username: "plain"}},
		{User: simulator.User{ID: "72", Username: "u", GlobalName: "Global"}},
		{User: simulator.User{ID: "73", Username: "u3", GlobalName: "Global"}, Nick: "Nick"},
	} {
		m.GuildID = simulator.DemoGuildID
		r.sim.Join(m)
	}
	r.meets("71", "72", "73")
	r.join("71") // is there: he has changed
	r.sim.Leave(simulator.DemoGuildID, "71")
	r.join("71") // the store knows that it has met him
	r.join("74")
	r.meets("74")
	var names []string
	for _, p := range r.book.met {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, ","); got != "plain,Global,Nick,u74" {
		t.Errorf("names %s", got)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	r.until("the goodbye", func() bool { return r.sim.Gateway().Connected == 0 })
	r.nobody()
}

func TestWhatDiscordRefusesForGoodEndsTheWorker(t *testing.T) {
	for code, says := range map[int]string{
		4004: "DISCORD_TOKEN", 4010: "GATEWAY=off", 4011: "too many guilds", 4012: "updated", 4013: "updated",
		4014: "Server Members Intent in Discord's developer portal",
	} {
		r := newRig(t)
		if code == 4014 {
			r.sim.AllowMembersIntent(false)
		} else {
			r.plant(simulator.Fault{Kind: simulator.GatewayClose, Code: code, Count: -1})
		}
		err := r.Run(t.Context())
		var refused *RefusedError
		if !errors.As(err, &refused) || refused.Code != code || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%d: %v", code, err)
		}
		if n := r.sim.Gateway().Identified; n > 1 {
			t.Errorf("%d: identified %d times", code, n)
		}
	}
	r := newRig(t)
	r.cfg.Token = "another.secret.token"
	var refused *RefusedError
	if err := r.Run(t.Context()); !errors.As(err, &refused) || refused.Code != 4004 {
		t.Errorf("a wrong token: %v", err)
	}
}

// TestTroubleIsSurvived: after each kind of trouble the worker listens again.
func TestTroubleIsSurvived(t *testing.T) {
	type fault = simulator.Fault
	for what, faults := range map[string][]fault{
		"no HELLO":                   {{Kind: simulator.GatewaySilence, At: "connect"}},
		"no READY":                   {{Kind: simulator.GatewaySilence}},
		"reconnect before HELLO":     {{Kind: simulator.GatewayReconnect, At: "connect"}},
		"reconnect before READY":     {{Kind: simulator.GatewayReconnect}},
		"reconnect":                  {{Kind: simulator.GatewayReconnect, At: "ready"}},
		"invalid before READY":       {{Kind: simulator.GatewayInvalidSession}},
		"invalid":                    {{Kind: simulator.GatewayInvalidSession, At: "ready"}},
		"cut off before HELLO":       {{Kind: simulator.GatewayClose, At: "connect"}},
		"cut off before READY":       {{Kind: simulator.GatewayClose}},
		"cut off":                    {{Kind: simulator.GatewayClose, At: "ready"}},
		"closed":                     {{Kind: simulator.GatewayClose, Code: 4000, At: "ready"}},
		"session timed out":          {{Kind: simulator.GatewayClose, Code: 4009, At: "ready"}},
		"closed normally":            {{Kind: simulator.GatewayClose, Code: 1000, At: "ready"}},
		"no acks":                    {{Kind: simulator.GatewaySilence, At: "heartbeat"}},
		"null":                       {{Kind: simulator.GatewaySay, Text: "null", At: "ready"}},
		"no JSON":                    {{Kind: simulator.GatewaySay, Text: "{", At: "ready"}},
		"no JSON object":             {{Kind: simulator.GatewaySay, Text: `"x"`, At: "connect"}},
		"HELLO without interval":     {{Kind: simulator.GatewaySay, Text: `{"op":10,"d":{}}`, At: "connect"}},
		"HELLO without data":         {{Kind: simulator.GatewaySay, Text: `{"op":10}`, At: "connect"}},
		"HELLO with a strange one":   {{Kind: simulator.GatewaySay, Text: `{"op":10,"d":{"heartbeat_interval":-1}}`, At: "connect"}},
		"HELLO twice":                {{Kind: simulator.GatewaySay, Text: `{"op":10,"d":{"heartbeat_interval":9}}`, At: "ready"}},
		"READY without a session":    {{Kind: simulator.GatewaySay, Text: `{"op":0,"s":1,"t":"READY","d":{}}`}},
		"READY of another kind":      {{Kind: simulator.GatewaySay, Text: `{"op":0,"s":1,"t":"READY","d":[]}`}},
		"a member of another kind":   {{Kind: simulator.GatewaySay, Text: `{"op":0,"s":3,"t":"GUILD_MEMBER_ADD","d":[]}`, At: "ready"}},
		"a member without a user":    {{Kind: simulator.GatewaySay, Text: `{"op":0,"s":3,"t":"GUILD_MEMBER_ADD","d":{"guild_id":"1"}}`, At: "ready"}},
		"an opcode of the future":    {{Kind: simulator.GatewaySay, Text: `{"op":77}`, At: "ready"}},
		"a heartbeat is asked for":   {{Kind: simulator.GatewaySay, Text: `{"op":1,"d":null}`, At: "ready"}},
		"resumable, but not":         {{Kind: simulator.GatewaySay, Text: `{"op":9,"d":true}`, At: "ready"}, {Kind: simulator.GatewayInvalidSession, Skip: 1}},
		"resuming fails for long":    {{Kind: simulator.GatewayClose, At: "ready"}, {Kind: simulator.GatewayClose, Skip: 1, Count: 9}},
		"the API is away":            {{Kind: simulator.StatusFault, Route: "gateway", Status: 502, Count: 3}},
		"the API cuts off":           {{Kind: simulator.CloseBefore, Route: "gateway", Count: 3}},
		"the API limits":             {{Kind: simulator.RateLimit, Route: "gateway", RetryAfter: 2}},
		"everything, one by one":     {{Kind: simulator.StatusFault, Route: "gateway"}, {Kind: simulator.GatewaySilence, At: "connect"}, {Kind: simulator.GatewayReconnect}, {Kind: simulator.GatewayClose, At: "ready"}},
		"a bad gateway before READY": {{Kind: simulator.GatewayClose, Code: 1011, Count: 4}},
	} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t, func(c *simulator.Config) { c.HeartbeatInterval = 300 * time.Millisecond })
			r.helloWithin, r.readyWithin = 200*time.Millisecond, 200*time.Millisecond
			for _, f := range faults {
				r.plant(f)
			}
			r.start()
			r.until("the fault", func() bool { return len(r.sim.Faults()) == 0 })
			r.connected()
			for i := 0; ; i++ { // who joins between two sessions is met at his first command
				r.join("71")
				select {
				case <-r.book.news:
					return
				case <-time.After(50 * time.Millisecond):
					r.sim.Leave(simulator.DemoGuildID, "71")
				}
				if i == 200 {
					t.Fatalf("nobody is met any more\n%s", r.log)
				}
			}
		})
	}
}

func TestALostConnectionLosesNobody(t *testing.T) {
	r := newRig(t)
	r.start()
	r.connected()
	r.plant(simulator.Fault{Kind: simulator.GatewayClose, At: "event"})
	r.plant(simulator.Fault{Kind: simulator.GatewayReconnect, At: "event", Skip: 2})
	for _, id := range []string{"71", "72", "73", "74", "75"} {
		r.join(id)
	}
	r.meets("71", "72", "73", "74", "75")
	r.nobody()
	if s := r.sim.Gateway(); s.Identified != 1 || s.Resumed != 2 {
		t.Errorf("%+v, want one session, resumed twice", s)
	}
}

// TestAThousandReconnectsLeaveNothing: connections come and go, goroutines and memory
// stay. The first half fills what is kept on purpose: the simulator keeps a hundred
// sessions.
func TestAThousandReconnectsLeaveNothing(t *testing.T) {
	r := newRig(t, func(c *simulator.Config) { c.SessionStarts = 10_000 })
	const each = 125
	plant := func() {
		for range each {
			r.plant(simulator.Fault{Kind: simulator.GatewayReconnect, At: "ready"})
			r.plant(simulator.Fault{Kind: simulator.GatewayClose, At: "ready"})
			r.plant(simulator.Fault{Kind: simulator.GatewayInvalidSession})
			r.plant(simulator.Fault{Kind: simulator.GatewayClose, Code: 4009, At: "ready"})
		}
	}
	// settled waits for the end of the faults, and for a worker that only listens.
	settled := func() {
		t.Helper()
		r.until("the end of the faults", func() bool { return len(r.sim.Faults()) == 0 })
		r.connected()
		r.until("the end of the comparisons", func() bool {
			r.census.mu.Lock()
			defer r.census.mu.Unlock()
			return len(r.census.waiting) == 0 && r.census.current == nil
		})
	}
	// How many connections to the API are kept for the next request is chance.
	goroutines := func() int {
		r.http.CloseIdleConnections()
		return runtime.NumGoroutine()
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	plant()
	r.start()
	settled()
	var few int
	r.until("a number of goroutines that stays", func() bool {
		before := few
		few = goroutines()
		return few == before
	})
	before := heap()
	plant()
	r.plant(simulator.Fault{Kind: simulator.GatewayReconnect, At: "event"})
	r.join("71") // which begins the second half
	settled()
	var n int
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if n = goroutines(); n <= few {
			break
		}
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines halfway and %d at the end:\n%s", few, n, stacks[:runtime.Stack(stacks, true)])
		}
	}
	if after := heap(); after > before+2<<20 {
		t.Errorf("%d KiB were used halfway and %d KiB at the end", before>>10, after>>10)
	}
	if s := r.sim.Gateway(); s.Identified+s.Resumed < 6*each {
		t.Errorf("only %+v", s)
	}
	r.join("72")
	r.until("72", func() bool { return r.book.knows(simulator.DemoGuildID) == 2 })
}

func TestTheWorkerEndsWhateverItWaitsFor(t *testing.T) {
	deaf, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	for what, prepare := range map[string]func(*rig){
		"READY":     func(r *rig) { r.plant(simulator.Fault{Kind: simulator.GatewaySilence}) },
		"HELLO":     func(r *rig) { r.plant(simulator.Fault{Kind: simulator.GatewaySilence, At: "connect"}) },
		"the API":   func(r *rig) { r.cfg.BaseURL = "http://" + deaf.Addr().String() },
		"the pause": func(r *rig) { r.sleep = sleep; r.plant(simulator.Fault{Kind: simulator.GatewayClose, Count: -1}) },
		"events":    func(*rig) {},
	} {
		r := newRig(t)
		prepare(r)
		r.start()
		if what == "events" {
			r.connected()
		} else {
			r.until(what, func() bool { return what == "the API" || len(r.sim.Faults()) == 0 || r.sim.Gateway().Identified > 0 })
		}
		began := time.Now()
		if err := r.stop(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: the end took %v", what, took)
		}
	}
	// The handshake of the WebSocket is answered by nobody.
	r := newRig(t, func(c *simulator.Config) { c.GatewayURL = "ws://" + deaf.Addr().String() })
	r.start()
	conn, err := deaf.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}

func TestThePaceOfConnections(t *testing.T) {
	r := newRig(t)
	now := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	ctx, cancel := context.WithCancel(t.Context())
	var pauses, gates []time.Duration
	r.cfg.Now = func() time.Time { return now }
	r.sleep = func(ctx context.Context, d time.Duration) error {
		if d > 0 && d <= identifyEvery && len(gates) < len(pauses) {
			gates = append(gates, d)
			now = now.Add(d)
			return ctx.Err()
		}
		if d > 0 {
			pauses = append(pauses, d)
			now = now.Add(min(d, time.Second)) // so that the gate is needed
		}
		if len(pauses) == 12 {
			cancel()
		}
		return ctx.Err()
	}
	r.plant(simulator.Fault{Kind: simulator.GatewayClose, Code: 4009, At: "ready", Count: -1}) // READY, and then the end
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	for i, d := range pauses {
		whole := min(firstPause<<i, longestPause)
		if d < whole/2 || d > whole {
			t.Errorf("pause %d is %v, want %v to %v", i, d, whole/2, whole)
		}
		if i < len(gates) && gates[i]+time.Second < identifyEvery {
			t.Errorf("session %d was begun after %v", i+1, gates[i]+time.Second)
		}
	}
	if len(gates) != 11 {
		t.Errorf("%d gates", len(gates))
	}
}

func TestNoSessionsAreLeft(t *testing.T) {
	r := newRig(t, func(c *simulator.Config) { c.SessionStarts = 1 })
	ctx, cancel := context.WithCancel(t.Context())
	r.sleep = func(ctx context.Context, d time.Duration) error {
		if d > time.Hour {
			cancel() // it would wait for a day
		}
		return ctx.Err()
	}
	r.plant(simulator.Fault{Kind: simulator.GatewayInvalidSession, At: "ready", Count: -1})
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	r.logs("all sessions that Discord allows")
	if n := r.sim.Gateway().Identified; n != 1 {
		t.Errorf("%d sessions were begun", n)
	}
}

// TestAPanicIsNotTheEnd: what panics while an event is handled ends the connection only.
func TestAPanicIsNotTheEnd(t *testing.T) {
	r := newRig(t)
	clock, calls := r.cfg.Now, 0
	r.cfg.Now = func() time.Time {
		if calls++; calls == 4 {
			panic("boo")
		}
		return clock()
	}
	r.start()
	r.connected()
	r.join("71")
	r.until("the panic", func() bool { return strings.Contains(r.log.String(), "boo") })
	r.connected()
	r.until("a new session", func() bool { return r.sim.Gateway().Identified == 2 })
}
