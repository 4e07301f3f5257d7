package simulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// The gateway's opcodes.
const (
	opDispatch  = 0
	opHeartbeat = 1
	opIdentify  = 2
	opPresence  = 3
	opResume    = 6
	opReconnect = 7
	opInvalid   = 9
	opHello     = 10
	opAck       = 11
)

// The gateway's close codes.
const (
	closeUnknownOpcode     = 4001
	closeDecodeError       = 4002
	closeNotAuthenticated  = 4003
	closeBadToken          = 4004
	closeAlreadyIdentified = 4005
	closeBadSequence       = 4007
	closeTimedOut          = 4009
	closeBadVersion        = 4012
	closeBadIntents        = 4013
	closeDisallowedIntents = 4014
)

const (
	maxGatewayPayload = 4096 // of a client
	maxGatewayConns   = 100
	heartbeatInterval = 41250 * time.Millisecond
)

// gatewayConn is one connection to the gateway. Its goroutine alone reads and writes
// the fields below session; the simulator's lock guards session.
type gatewayConn struct {
	sim     *Simulator
	ws      *socket
	url     string        // by which it came
	wake    chan struct{} // holds one token while there are events to send
	session *gatewaySession

	sent  int64 // sequence of the last event that was sent
	over  bool  // it was told to go: no more events
	ended bool  // closed from here: what still comes is not heard
	beat  *time.Timer
}

// serveGateway serves one client's WebSocket until either end closes it.
func (s *Simulator) serveGateway(w http.ResponseWriter, r *http.Request) {
	if err := s.begin(); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer s.done()
	ws, err := upgrade(w, r)
	if err != nil {
		s.cfg.Log.Debug("gateway", "err", err)
		return
	}
	defer func() { _ = ws.conn.Close() }()
	c := &gatewayConn{sim: s, ws: ws, url: s.gatewayURL(r), wake: make(chan struct{}, 1), beat: time.NewTimer(time.Hour)}
	defer c.beat.Stop()
	if !s.enter(c) {
		ws.close(1001, "")
		return
	}
	defer s.exit(c)
	c.run(r.URL.Query().Get("v"))
}

// run speaks with the client, in a version of the API, until either has closed.
func (c *gatewayConn) run(version string) {
	messages, left := make(chan []byte), make(chan error, 1)
	done := make(chan struct{})
	go func() {
		for {
			m, err := c.ws.read()
			if err != nil {
				left <- err
				return
			}
			select {
			case messages <- m:
			case <-done:
				left <- nil
				return
			}
		}
	}()
	defer func() {
		_ = c.ws.conn.Close()
		close(done)
		<-left //nolint:errcheck // why it left does not matter any more
	}()
	c.beat.Stop()
	if version != "9" && version != "10" {
		c.end(closeBadVersion, "Invalid API version.")
	} else if !c.strikes("connect") {
		c.beat.Reset(c.sim.patience())
		c.send(opHello, map[string]int64{"heartbeat_interval": c.sim.interval().Milliseconds()})
	}
	for {
		select {
		case m := <-messages:
			if c.ended {
				continue
			}
			if code, reason := c.hear(m); code != 0 {
				c.end(code, reason)
			}
		case <-c.wake:
			c.flush()
		case <-c.beat.C:
			c.end(closeTimedOut, "Session timed out.")
		case err := <-left:
			var closed *closedSocket
			if errors.As(err, &closed) && (closed.code == 1000 || closed.code == 1001) {
				c.sim.forget(c) // the client wants no more of the session
			}
			left <- err
			return
		}
	}
}

// hear does what a client asks. It returns the code to close with, or 0.
func (c *gatewayConn) hear(message []byte) (code int, reason string) {
	var p struct {
		Op *int            `json:"op"`
		D  json.RawMessage `json:"d"`
	}
	if len(message) > maxGatewayPayload || json.Unmarshal(message, &p) != nil || p.Op == nil {
		return closeDecodeError, "Error while decoding payload."
	}
	switch *p.Op {
	case opHeartbeat:
		c.beat.Reset(c.sim.patience())
		if !c.strikes("heartbeat") {
			c.send(opAck, nil)
		}
	case opIdentify:
		return c.identify(p.D)
	case opResume:
		return c.resume(p.D)
	case opPresence, 4, 8: // presence, voice, and members: of no interest here
		if !c.identified() {
			return closeNotAuthenticated, "Not authenticated."
		}
	default:
		return closeUnknownOpcode, "Unknown opcode."
	}
	return 0, ""
}

func (c *gatewayConn) identified() bool {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	return c.session != nil
}

// identify begins a session.
func (c *gatewayConn) identify(data json.RawMessage) (code int, reason string) {
	var d struct {
		Token      string
		Intents    *int
		Properties json.RawMessage
	}
	switch err := json.Unmarshal(data, &d); {
	case err != nil || d.Intents == nil || d.Properties == nil:
		return closeDecodeError, "Error while decoding payload."
	case c.identified():
		return closeAlreadyIdentified, "Already authenticated."
	}
	if code, reason := c.sim.admit(strings.TrimPrefix(d.Token, "Bot "), *d.Intents); code != 0 {
		return code, reason
	}
	if c.strikes("identify") {
		return 0, ""
	}
	c.sim.newSession(c, *d.Intents)
	c.flush()
	c.strikes("ready")
	return 0, ""
}

// resume goes on with a session, or says that it is gone.
func (c *gatewayConn) resume(data json.RawMessage) (code int, reason string) {
	var d struct {
		Token   string
		Session string `json:"session_id"`
		Seq     *int64
	}
	switch err := json.Unmarshal(data, &d); {
	case err != nil || d.Seq == nil:
		return closeDecodeError, "Error while decoding payload."
	case c.identified():
		return closeAlreadyIdentified, "Already authenticated."
	case strings.TrimPrefix(d.Token, "Bot ") != c.sim.cfg.BotToken:
		return closeBadToken, "Authentication failed."
	}
	if c.strikes("identify") {
		return 0, ""
	}
	found, valid := c.sim.goOn(c, d.Session, *d.Seq)
	switch {
	case found && !valid:
		return closeBadSequence, "Invalid seq."
	case !found:
		c.send(opInvalid, false)
		return 0, ""
	}
	c.sent = *d.Seq
	c.flush()
	c.strikes("ready")
	return 0, ""
}

// strikes lets a planted fault have its way at a moment, and reports whether what was
// due there is not to happen.
func (c *gatewayConn) strikes(at string) bool {
	c.sim.mu.Lock()
	f := c.sim.takeFault(func(f *Fault) bool { return f.forGateway(at) })
	c.sim.mu.Unlock()
	switch f.Kind {
	case GatewaySilence:
	case GatewaySay:
		_ = c.ws.write(frameText, []byte(f.Text)) // the reader will see that it is gone
	case GatewayReconnect:
		c.over = true
		c.send(opReconnect, nil)
	case GatewayInvalidSession:
		c.over = true
		c.sim.forget(c)
		c.send(opInvalid, false)
	case GatewayClose:
		if f.Code == 0 {
			_ = c.ws.conn.Close() // cut off
		}
		c.end(f.Code, "")
	default:
		return false
	}
	return true
}

// end closes from this side. The connection is gone when the client agrees, or soon.
func (c *gatewayConn) end(code int, reason string) {
	c.over, c.ended = true, true
	c.ws.close(code, reason)
}

// flush sends the events that are due.
func (c *gatewayConn) flush() {
	for _, e := range c.sim.due(c) {
		lost := e.news && !c.over && c.strikes("event")
		if c.over {
			return // it comes when the session is resumed
		}
		c.sent = e.seq
		if !lost {
			c.sendEvent(e)
		}
	}
}

func (c *gatewayConn) send(op int, d any) {
	body, _ := json.Marshal(map[string]any{"op": op, "d": d, "s": nil, "t": nil}) // cannot fail
	_ = c.ws.write(frameText, body)                                               // the reader will see that it is gone
}

func (c *gatewayConn) sendEvent(e gatewayEvent) {
	body, _ := json.Marshal(map[string]any{"op": opDispatch, "d": e.data, "s": e.seq, "t": e.kind}) // cannot fail
	_ = c.ws.write(frameText, body)
}
