package simulator

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// How much of the gateway's past is kept for those who resume.
const (
	keptSessions = 100
	keptEvents   = 1000
)

// Session starts that an app has, and in how long.
const (
	sessionStarts = 1000
	startsWindow  = 24 * time.Hour
)

// The gateway's intents. Those that are privileged must be enabled for the app.
const (
	intentGuilds     = 1 << 0
	intentMembers    = 1 << 1
	intentPresences  = 1 << 8
	intentContent    = 1 << 15
	neverEnabled     = intentPresences | intentContent
	allIntents       = 1<<17 - 1 | 1<<20 | 1<<21 | 1<<24 | 1<<25
	privilegedReason = "Disallowed intent(s)."
)

// gateway is the state of the gateway. The simulator's lock guards it.
type gateway struct {
	conns    map[*gatewayConn]struct{}
	sessions map[string]*gatewaySession
	order    []string // sessions, oldest first
	starts   int      // in the window that began at since
	since    time.Time
	all      int  // starts since ever
	resumed  int  // since ever
	closed   bool // the members intent is not enabled for the app
}

// gatewaySession outlives its connections: it is what a client resumes.
type gatewaySession struct {
	id      string
	intents int
	seq     int64 // of the newest event
	events  []gatewayEvent
	taken   int64        // of the newest event that a connection was given
	conn    *gatewayConn // nil while nobody is connected
}

// gatewayEvent is an event as one session gets it.
type gatewayEvent struct {
	seq  int64
	kind string
	data json.RawMessage
	news bool // it happened; the others say how things stand
}

// GatewayState tells how the gateway stands.
type GatewayState struct {
	MembersIntent bool `json:"members_intent"` // is enabled for the app
	Connected     int  `json:"connected"`      // sessions that a client listens to
	Identified    int  `json:"identified"`     // sessions that were ever begun
	Resumed       int  `json:"resumed"`        // how often one was gone on with
}

// Gateway tells how the gateway stands.
func (s *Simulator) Gateway() GatewayState {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := GatewayState{MembersIntent: !s.gateway.closed, Identified: s.gateway.all, Resumed: s.gateway.resumed}
	for c := range s.gateway.conns {
		if c.session != nil && c.session.conn == c {
			state.Connected++
		}
	}
	return state
}

// AllowMembersIntent enables the Server Members intent for the app, as the developer
// portal does, or disables it: then those who ask for it are closed with 4014. It is
// enabled at first.
func (s *Simulator) AllowMembersIntent(allowed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.closed = !allowed
}

func (s *Simulator) interval() time.Duration {
	return cmp.Or(s.cfg.HeartbeatInterval, heartbeatInterval)
}

// patience is how long a client may be without a heartbeat.
func (s *Simulator) patience() time.Duration { return s.interval() * 3 / 2 }

func (s *Simulator) gatewayURL(r *http.Request) string {
	return cmp.Or(s.cfg.GatewayURL, "ws://"+r.Host)
}

// enter counts a connection in, if there is room.
func (s *Simulator) enter(c *gatewayConn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.gateway.conns) >= maxGatewayConns {
		return false
	}
	s.gateway.conns[c] = struct{}{}
	return true
}

// exit counts it out. Its session may be resumed.
func (s *Simulator) exit(c *gatewayConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.gateway.conns, c)
	if c.session != nil && c.session.conn == c {
		c.session.conn = nil
	}
}

// endGateway closes all connections.
func (s *Simulator) endGateway() {
	s.mu.Lock()
	var conns []*gatewayConn
	for c := range s.gateway.conns {
		conns = append(conns, c)
	}
	s.mu.Unlock()
	for _, c := range conns {
		c.ws.close(1001, "")
	}
}

// startsLeft is how many sessions the app may begin, and when it may begin all again.
// The lock is held.
func (s *Simulator) startsLeft() (total, left int, reset time.Duration) {
	now := s.cfg.Now()
	total, reset = cmp.Or(s.cfg.SessionStarts, sessionStarts), s.gateway.since.Add(startsWindow).Sub(now)
	if reset <= 0 {
		s.gateway.since, s.gateway.starts, reset = now, 0, startsWindow
	}
	return total, max(0, total-s.gateway.starts), reset
}

// admit decides whether somebody may identify. If not it returns the close code.
func (s *Simulator) admit(token string, intents int) (code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, left, _ := s.startsLeft()
	switch {
	case token != s.cfg.BotToken, left == 0: // Discord resets the token of an app that begins too many sessions
		return closeBadToken, "Authentication failed."
	case intents&^allIntents != 0:
		return closeBadIntents, "Invalid intent(s)."
	case intents&neverEnabled != 0, intents&intentMembers != 0 && s.gateway.closed:
		return closeDisallowedIntents, privilegedReason
	}
	s.gateway.starts++
	s.gateway.all++
	return 0, ""
}

// newSession begins a session and says how things stand: READY and the guilds.
func (s *Simulator) newSession(c *gatewayConn, intents int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := &gatewaySession{id: rand.Text(), intents: intents, conn: c}
	s.gateway.sessions[g.id] = g
	s.gateway.order = append(s.gateway.order, g.id)
	for len(s.gateway.order) > keptSessions {
		if old := s.gateway.sessions[s.gateway.order[0]]; old != nil && old.conn != nil {
			break // it is listened to
		}
		delete(s.gateway.sessions, s.gateway.order[0])
		s.gateway.order = s.gateway.order[1:]
	}
	c.session = g
	g.add("READY", s.ready(g, c.url), false)
	if intents&intentGuilds == 0 {
		return
	}
	for _, guild := range s.world.order.Guilds {
		g.add("GUILD_CREATE", s.guildCreate(guild), false)
	}
}

// goOn has a connection go on with a session after the event of sequence seq. It
// reports whether there is such a session, and whether seq can be.
func (s *Simulator) goOn(c *gatewayConn, id string, seq int64) (found, valid bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gateway.sessions[id]
	switch {
	case g == nil, len(g.events) > 0 && seq < g.events[0].seq-1:
		return false, false
	case seq > g.seq || seq < 0:
		return true, false
	}
	if g.conn != nil {
		_ = g.conn.ws.conn.Close() // its successor is here
	}
	c.session, g.conn, g.taken = g, c, seq
	s.gateway.resumed++
	g.events = slices.DeleteFunc(g.events, func(e gatewayEvent) bool { return e.kind == "RESUMED" })
	g.add("RESUMED", map[string]any{}, false)
	return true, true
}

// forget ends the session of a connection: nobody can resume it.
func (s *Simulator) forget(c *gatewayConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.session == nil || c.session.conn != c {
		return
	}
	id := c.session.id
	delete(s.gateway.sessions, id)
	s.gateway.order = slices.DeleteFunc(s.gateway.order, func(other string) bool { return other == id })
	c.session = nil
}

// due are the events that a connection has not sent.
func (s *Simulator) due(c *gatewayConn) []gatewayEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.session == nil || c.session.conn != c {
		return nil
	}
	list := c.session.events
	at := slices.IndexFunc(list, func(e gatewayEvent) bool { return e.seq > c.sent })
	if at < 0 {
		return nil
	}
	c.session.taken = c.session.seq
	return slices.Clone(list[at:])
}

// dispatch tells all sessions with an intent what has happened. The lock is held.
func (s *Simulator) dispatch(intent int, kind string, data any) {
	for _, g := range s.gateway.sessions {
		if g.intents&intent == 0 {
			continue
		}
		g.add(kind, data, true)
		if g.conn != nil {
			select {
			case g.conn.wake <- struct{}{}:
			default: // is awake already
			}
		}
	}
}

func (g *gatewaySession) add(kind string, data any, news bool) {
	body, _ := json.Marshal(data) // cannot fail
	g.seq++
	g.events = append(g.events, gatewayEvent{g.seq, kind, body, news})
	old := len(g.events) - keptEvents
	if g.conn != nil {
		for old > 0 && g.events[old-1].seq > g.taken { // a connection is slower than the world
			old--
		}
	}
	if old > 0 {
		g.events = slices.Delete(g.events, 0, old)
	}
}
