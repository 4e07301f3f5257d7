package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// listening is a client of the gateway.
type listening struct {
	*websocket.Conn
	t *testing.T
}

type heard struct {
	Op int
	S  int64
	T  string
	D  struct {
		Interval int64  `json:"heartbeat_interval"`
		Session  string `json:"session_id"`
		URL      string `json:"resume_gateway_url"`
		ID       string
		Name     string
		GuildID  string `json:"guild_id"`
		User     struct{ ID, Username string }
		Guilds   []struct {
			ID          string
			Unavailable bool
		}
	}
}

func (r *rig) listenAt(query string) *listening {
	r.t.Helper()
	conn, res, err := websocket.DefaultDialer.Dial("ws://"+r.rest.Listener.Addr().String()+"/?"+query, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	res.Body.Close()
	r.t.Cleanup(func() { conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	return &listening{conn, r.t}
}

// connected has read HELLO.
func (r *rig) connected() *listening {
	r.t.Helper()
	c := r.listenAt("v=10&encoding=json")
	if h := c.next(); h.Op != opHello || h.D.Interval != r.interval().Milliseconds() {
		r.t.Fatalf("hello is %+v", h)
	}
	return c
}

// identified has read READY and the guild, and returns the session's id.
func (r *rig) identified(intents int) (*listening, string) {
	r.t.Helper()
	c := r.connected()
	c.say(identify(testToken, intents))
	ready := c.want("READY")
	if ready.S != 1 || ready.D.Session == "" || ready.D.URL == "" || ready.D.User.ID != DemoApplicationID ||
		len(ready.D.Guilds) != 1 || !ready.D.Guilds[0].Unavailable {
		r.t.Errorf("READY is %+v", ready)
	}
	if intents&intentGuilds != 0 {
		if guild := c.want("GUILD_CREATE"); guild.D.ID != DemoGuildID || guild.D.Name == "" {
			r.t.Errorf("GUILD_CREATE is %+v", guild)
		}
	}
	return c, ready.D.Session
}

func identify(token string, intents int) string {
	return fmt.Sprintf(`{"op":2,"d":{"token":"Bot %s","intents":%d,"properties":{"os":"linux"}}}`, token, intents)
}

func resume(session string, seq int) string {
	return fmt.Sprintf(`{"op":6,"d":{"token":%q,"session_id":%q,"seq":%d}}`, testToken, session, seq)
}

func (c *listening) say(text string) {
	c.t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *listening) next() (h heard) {
	c.t.Helper()
	var other *json.UnmarshalTypeError // op 9 has a bool
	if err := c.ReadJSON(&h); err != nil && !errors.As(err, &other) {
		c.t.Fatal(err)
	}
	return h
}

func (c *listening) want(event string) heard {
	c.t.Helper()
	h := c.next()
	if h.Op != opDispatch || h.T != event {
		c.t.Fatalf("heard %+v, want %s", h, event)
	}
	return h
}

// end returns the close code; 0 if the connection was cut.
func (c *listening) end() int {
	c.t.Helper()
	_, m, err := c.ReadMessage()
	var closed *websocket.CloseError
	switch {
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		return closed.Code
	case err == nil:
		c.t.Fatalf("heard %s, want the end", m)
	}
	return 0
}

func newcomer(id string) Member {
	return Member{GuildID: DemoGuildID, User: User{ID: id, Username: "new" + id}}
}

func TestTheGatewayTellsWhoComesAndGoes(t *testing.T) {
	r := newRig(t, always(text("x")))
	c, _ := r.identified(intentGuilds | intentMembers)
	deaf, _ := r.identified(intentGuilds)
	r.Join(newcomer("77"))
	if h := c.want("GUILD_MEMBER_ADD"); h.S != 3 || h.D.GuildID != DemoGuildID || h.D.User.ID != "77" || h.D.User.Username != "new77" {
		t.Errorf("heard %+v", h)
	}
	r.Join(newcomer("77"))
	c.want("GUILD_MEMBER_UPDATE")
	r.Leave(DemoGuildID, "77")
	if h := c.want("GUILD_MEMBER_REMOVE"); h.D.GuildID != DemoGuildID || h.D.User.ID != "77" {
		t.Errorf("heard %+v", h)
	}
	for _, l := range []*listening{c, deaf} {
		l.say(`{"op":1,"d":null}`)
		if h := l.next(); h.Op != opAck {
			t.Errorf("a heartbeat is answered by %+v", h)
		}
	}
	if state := r.Gateway(); state != (GatewayState{MembersIntent: true, Connected: 2, Identified: 2}) {
		t.Errorf("state %+v", state)
	}
}

func TestTheGatewayRefuses(t *testing.T) {
	r := newRig(t, always(text("x")))
	r.AllowMembersIntent(false)
	for what, c := range map[string]struct {
		says []string
		code int
	}{
		"another token":         {[]string{identify("wrong", 1)}, closeBadToken},
		"no intents":            {[]string{`{"op":2,"d":{"token":"bot-token","properties":{}}}`}, closeDecodeError},
		"no properties":         {[]string{`{"op":2,"d":{"token":"bot-token","intents":1}}`}, closeDecodeError},
		"no data":               {[]string{`{"op":2}`}, closeDecodeError},
		"the intent is not on":  {[]string{identify(testToken, 3)}, closeDisallowedIntents},
		"another privileged":    {[]string{identify(testToken, intentContent)}, closeDisallowedIntents},
		"unknown intents":       {[]string{identify(testToken, 1<<30)}, closeBadIntents},
		"not identified":        {[]string{`{"op":3,"d":{}}`}, closeNotAuthenticated},
		"no JSON":               {[]string{`{`}, closeDecodeError},
		"no opcode":             {[]string{`{}`}, closeDecodeError},
		"an unknown opcode":     {[]string{`{"op":99}`}, closeUnknownOpcode},
		"too long":              {[]string{`{"op":1,"d":"` + repeat("x", maxGatewayPayload) + `"}`}, closeDecodeError},
		"resume, another token": {[]string{`{"op":6,"d":{"token":"x","session_id":"y","seq":1}}`}, closeBadToken},
		"resume, no sequence":   {[]string{`{"op":6,"d":{"token":"bot-token","session_id":"y"}}`}, closeDecodeError},
	} {
		conn := r.connected()
		for _, text := range c.says {
			conn.say(text)
		}
		if code := conn.end(); code != c.code {
			t.Errorf("%s: closed with %d, want %d", what, code, c.code)
		}
	}
	if code := r.listenAt("v=8").end(); code != closeBadVersion {
		t.Errorf("an old version: closed with %d", code)
	}
	twice, _ := r.identified(intentGuilds)
	twice.say(identify(testToken, 1))
	if code := twice.end(); code != closeAlreadyIdentified {
		t.Errorf("identified twice: closed with %d", code)
	}
}

func TestASessionIsResumed(t *testing.T) {
	r := newRig(t, always(text("x")))
	c, session := r.identified(intentGuilds | intentMembers)
	r.Join(newcomer("71"))
	c.want("GUILD_MEMBER_ADD")
	c.Close()
	r.Join(newcomer("72"))
	r.Join(newcomer("73"))

	c = r.connected()
	c.say(resume(session, 3))
	for _, want := range []string{"72", "73"} {
		if h := c.want("GUILD_MEMBER_ADD"); h.D.User.ID != want {
			t.Errorf("missed %+v, want %s", h, want)
		}
	}
	c.want("RESUMED")
	// Its successor takes over while it is open.
	successor := r.connected()
	successor.say(resume(session, 5))
	successor.want("RESUMED")
	if code := c.end(); code != 0 {
		t.Errorf("the predecessor was closed with %d", code)
	}
	ahead := r.connected()
	ahead.say(resume(session, 500))
	if code := ahead.end(); code != closeBadSequence {
		t.Errorf("a sequence of the future: closed with %d", code)
	}
	// Who says goodbye does not come back.
	_ = successor.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second))
	if code := successor.end(); code != 1000 {
		t.Errorf("the goodbye was answered by %d", code)
	}
	for deadline := time.Now().Add(time.Minute); r.Gateway().Connected > 0; time.Sleep(time.Millisecond) { // the answer comes first
		if time.Now().After(deadline) {
			t.Fatal("whoever said goodbye is still connected")
		}
	}
	for range 2 { // the second connection finds what the first left
		gone := r.connected()
		gone.say(resume(session, 5))
		if h := gone.next(); h.Op != opInvalid {
			t.Errorf("a session that is gone: %+v", h)
		}
		gone.say(identify(testToken, 1))
		gone.want("READY")
	}
	if state := r.Gateway(); state.Resumed != 2 {
		t.Errorf("resumed %d times, want 2", state.Resumed)
	}
}

func TestAMissedHeartbeatCloses(t *testing.T) {
	r := newRig(t, always(text("x")), func(c *Config) { c.HeartbeatInterval = 500 * time.Millisecond }) // in which it identifies
	c, _ := r.identified(intentGuilds)
	c.say(`{"op":3,"d":{}}`) // other words do not count
	if code := c.end(); code != closeTimedOut {
		t.Errorf("closed with %d", code)
	}
}

func TestSessionStartsAreCounted(t *testing.T) {
	r := newRig(t, always(text("x")), func(c *Config) { c.SessionStarts = 2 })
	type limit struct {
		URL   string
		Limit struct {
			Total, Remaining int
			ResetAfter       int64 `json:"reset_after"`
		} `json:"session_start_limit"`
	}
	left := func() limit {
		_, out := r.call("GET", "/api/v10/gateway/bot", "")
		return decode[limit](t, out)
	}
	if l := left(); l.URL != "ws://"+r.rest.Listener.Addr().String() || l.Limit.Total != 2 || l.Limit.Remaining != 2 {
		t.Errorf("limit %+v", l)
	}
	r.identified(1)
	r.identified(1)
	r.clock.advance(time.Hour)
	if l := left(); l.Limit.Remaining != 0 || l.Limit.ResetAfter != (23*time.Hour).Milliseconds() {
		t.Errorf("limit %+v", l)
	}
	c := r.connected()
	c.say(identify(testToken, 1))
	if code := c.end(); code != closeBadToken {
		t.Errorf("one too many: closed with %d", code)
	}
	r.clock.advance(24 * time.Hour)
	r.identified(1)
	if status, out := r.call("GET", "/api/v10/gateway", ""); status != 200 || strings.Contains(out, "limit") {
		t.Errorf("the public address: %d %s", status, out)
	}
}

func TestFaultsOfTheGateway(t *testing.T) {
	r := newRig(t, always(text("x")))
	plant := func(f Fault) {
		t.Helper()
		if _, err := r.Plant(f); err != nil {
			t.Fatal(err)
		}
	}
	plant(Fault{Kind: GatewaySilence, At: "connect"})
	silent := r.listenAt("v=10")
	silent.say(`{"op":1,"d":null}`)
	if h := silent.next(); h.Op != opAck { // and no HELLO before it
		t.Errorf("a silent gateway said %+v", h)
	}
	plant(Fault{Kind: GatewayReconnect})
	c := r.connected()
	c.say(identify(testToken, 3))
	if h := c.next(); h.Op != opReconnect {
		t.Errorf("heard %+v", h)
	}
	plant(Fault{Kind: GatewayClose, Code: 4008, At: "ready"})
	c, _ = r.identified(3)
	if code := c.end(); code != 4008 {
		t.Errorf("closed with %d", code)
	}
	plant(Fault{Kind: GatewaySay, Text: "null", At: "heartbeat"})
	c, session := r.identified(3)
	c.say(`{"op":1,"d":2}`)
	if _, m, err := c.ReadMessage(); err != nil || string(m) != "null" {
		t.Errorf("heard %s, %v", m, err)
	}
	plant(Fault{Kind: GatewaySilence, At: "event"})
	plant(Fault{Kind: GatewayClose, At: "event"})
	r.Join(newcomer("81")) // is lost
	r.Join(newcomer("82")) // cuts the connection
	if code := c.end(); code != 0 {
		t.Errorf("closed with %d", code)
	}
	c = r.connected()
	c.say(resume(session, 3))
	if h := c.want("GUILD_MEMBER_ADD"); h.D.User.ID != "82" {
		t.Errorf("missed %+v", h)
	}
	c.want("RESUMED")
	plant(Fault{Kind: GatewayInvalidSession, At: "event"})
	r.Join(newcomer("83"))
	if h := c.next(); h.Op != opInvalid {
		t.Errorf("heard %+v", h)
	}
	c = r.connected()
	c.say(resume(session, 3))
	if h := c.next(); h.Op != opInvalid {
		t.Errorf("heard %+v", h)
	}
	if left := r.Faults(); len(left) != 0 {
		t.Errorf("%+v are left", left)
	}
	if _, err := r.Plant(Fault{Kind: GatewayClose, At: "midnight"}); err == nil {
		t.Error("there is no such moment")
	}
}

func TestControlOfTheGateway(t *testing.T) {
	r := newRig(t, always(text("x")))
	c, _ := r.identified(intentMembers)
	for _, s := range []struct {
		path, body, want string
		status           int
	}{
		{"/simulator/members", `{"name":"Zoë  Newcomer_1"}`, `"username":"zonewcomer_1"`, 200},
		{"/simulator/members", `{"name":"zonewcomer_1"}`, "here already", 422},
		{"/simulator/members", `{"name":"五郎丸"}`, `"username":"user`, 200},
		{"/simulator/members", `{"name":" "}`, "1 to 32", 422},
		{"/simulator/members", `{"name":"` + repeat("x", 33) + `"}`, "1 to 32", 422},
		{"/simulator/members?guild=5", `{"name":"zed"}`, "no such guild", 422},
		{"/simulator/members", `{"who":"zed"}`, "not what is expected", 400},
		{"/simulator/gateway", `{}`, "say members_intent", 400},
		{"/simulator/gateway", `{"members_intent":false}`, `"members_intent":false`, 200},
		{"/simulator/faults", `{"kind":"gateway_close","at":"ready","code":4000}`, `"at":"ready"`, 200},
	} {
		if status, out := r.control("POST", s.path, s.body); status != s.status || !strings.Contains(out, s.want) {
			t.Errorf("%s %s: %d %s, want %d %s", s.path, s.body, status, out, s.status, s.want)
		}
	}
	first := c.want("GUILD_MEMBER_ADD").D.User
	c.want("GUILD_MEMBER_ADD")
	if status, _ := r.control("DELETE", "/simulator/members/zonewcomer_1", ""); status != 204 {
		t.Errorf("leave: %d", status)
	}
	c.want("GUILD_MEMBER_REMOVE")
	r.control("POST", "/simulator/members", `{"name":"zonewcomer_1"}`)
	if again := c.want("GUILD_MEMBER_ADD").D.User; again != first {
		t.Errorf("%+v came back as %+v", first, again)
	}
	if status, out := r.control("GET", "/simulator/gateway", ""); status != 200 || !strings.Contains(out, `"connected":1`) {
		t.Errorf("state: %d %s", status, out)
	}
}

func TestTheGatewayEndsWithTheSimulator(t *testing.T) {
	r := newRig(t, always(text("x")))
	c, _ := r.identified(1)
	closing := make(chan error, 1)
	go func() { closing <- r.Close(t.Context()) }()
	if code := c.end(); code != 1001 {
		t.Errorf("closed with %d", code)
	}
	if err := <-closing; err != nil {
		t.Error(err)
	}
	_, res, err := websocket.DefaultDialer.Dial("ws://"+r.rest.Listener.Addr().String()+"/?v=10", nil) //nolint:bodyclose // there is nothing to close, the library says
	if err == nil || res == nil || res.StatusCode != 503 {
		t.Errorf("after the end: %v", err)
	}
}

func TestAGuildThatTheAppIsAddedToIsTold(t *testing.T) {
	r := newRig(t, nil)
	c, _ := r.identified(intentGuilds)
	r.AddGuild(Guild{ID: "77", Name: "Elsewhere"})
	r.AddGuild(Guild{ID: "77", Name: "Again"})
	r.AddGuild(Guild{ID: "78", Name: "Further"})
	for _, want := range []string{"Elsewhere", "Further"} {
		if got := c.want("GUILD_CREATE"); got.D.Name != want {
			t.Errorf("told of %q, want %q", got.D.Name, want)
		}
	}
	if _, ok := r.Member("77", DemoApplicationID); !ok {
		t.Error("the app is not there")
	}
}

// TestACrowdIsToldToTheLast: also to a client that reads slowly.
func TestACrowdIsToldToTheLast(t *testing.T) {
	r := newRig(t, nil)
	c, _ := r.identified(intentGuilds | intentMembers)
	const crowd = 3 * keptEvents
	for i := range crowd {
		r.Join(Member{GuildID: DemoGuildID, User: User{ID: fmt.Sprint(1_000_000 + i), Username: fmt.Sprint("crowd", i)}})
	}
	for i := range crowd {
		if got, want := c.want("GUILD_MEMBER_ADD"), fmt.Sprint(1_000_000+i); got.D.User.ID != want {
			t.Fatalf("told of %s, want %s", got.D.User.ID, want)
		}
	}
}
