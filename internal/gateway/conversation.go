package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// The gateway's opcodes.
const (
	opDispatch  = 0
	opHeartbeat = 1
	opIdentify  = 2
	opResume    = 6
	opReconnect = 7
	opInvalid   = 9
	opHello     = 10
	opAck       = 11
)

// intents are what the worker listens to: guilds, and their members, which is
// privileged.
const intents = 1<<0 | 1<<1

const (
	largestMessage = 32 << 20 // a guild of the largest kind is a few MiB
	writeTime      = 10 * time.Second
	goodbyeTime    = time.Second
)

// conversation is one connection to the gateway. One goroutine has it; another only
// reads.
type conversation struct {
	*Worker
	conn    *websocket.Conn
	session *session

	beat     *time.Timer   // when the next heartbeat is due; never before HELLO
	interval time.Duration // between heartbeats
	awaited  bool          // the last heartbeat is not acknowledged
	deadline *time.Timer   // of HELLO, then of READY
	late     error         // what it is when that passes
}

// converse connects to the gateway and listens until the connection ends. It returns
// why, never nil.
func (w *Worker) converse(ctx context.Context, address string, s *session) error {
	conn, err := w.dial(ctx, address)
	if err != nil {
		return fmt.Errorf("connect to the gateway: %w", err)
	}
	c := &conversation{Worker: w, conn: conn, session: s, late: errNoHello,
		beat: time.NewTimer(time.Hour), deadline: time.NewTimer(w.helloWithin)}
	c.beat.Stop()
	defer c.beat.Stop()
	defer c.deadline.Stop()

	var failed error
	messages, ended, done := make(chan []byte), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			_, m, err := conn.ReadMessage()
			if err != nil {
				failed = err
				return
			}
			select {
			case messages <- m:
			case <-done:
				return
			}
		}
	}()
	defer func() { _ = conn.Close(); close(done); <-ended }()
	for {
		select {
		case m := <-messages:
			if err := c.hear(m); err != nil {
				c.goodbye(4000) // the session stays
				return err
			}
		case <-c.beat.C:
			if c.awaited {
				c.goodbye(4000)
				return errDeaf
			}
			if err := c.heartbeat(); err != nil {
				return err
			}
			c.beat.Reset(c.interval)
		case <-c.deadline.C:
			c.goodbye(4000)
			return c.late
		case <-ended:
			return failed
		case <-ctx.Done():
			c.goodbye(websocket.CloseNormalClosure) // the session ends
			return ctx.Err()
		}
	}
}

// dial connects. Unlike the library's, it ends at once with ctx.
func (w *Worker) dial(ctx context.Context, address string) (*websocket.Conn, error) {
	stop := func() bool { return true }
	defer func() { stop() }()
	dialer := websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: w.helloWithin,
		NetDialContext: func(dialing context.Context, network, host string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(dialing, network, host)
			if err == nil {
				stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
			}
			return conn, err
		},
	}
	conn, res, err := dialer.DialContext(ctx, strings.TrimRight(address, "/")+"/?v=10&encoding=json", nil) //nolint:bodyclose // there is nothing to close, the library says
	if err != nil {
		if res != nil {
			err = fmt.Errorf("%w: %s", err, res.Status)
		}
		return nil, err
	}
	conn.SetReadLimit(largestMessage)
	return conn, nil
}

// goodbye says that the connection is closed from here.
func (c *conversation) goodbye(code int) {
	deadline := time.Now().Add(goodbyeTime)
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), deadline) // it may be gone
}

// message is what the gateway says.
type message struct {
	Op   int             `json:"op"`
	Seq  int64           `json:"s"`
	Type string          `json:"t"`
	Data json.RawMessage `json:"d"`
}

// hear does what a message asks. An error ends the connection.
func (c *conversation) hear(raw []byte) error {
	m := message{Op: -1} // "null" and "{}" are not dispatches
	if err := json.Unmarshal(raw, &m); err != nil {
		return fmt.Errorf("the gateway said what is no JSON: %w", err)
	}
	switch m.Op {
	case opHello:
		return c.hello(m.Data)
	case opAck:
		c.awaited = false
	case opHeartbeat:
		return c.heartbeat()
	case opReconnect:
		return errReconnect
	case opInvalid:
		if string(m.Data) == "true" {
			return errReconnect // it can be resumed
		}
		return errInvalid
	case opDispatch:
		c.session.seq = m.Seq
		return c.event(m)
	}
	return nil // more may be invented
}

// hello answers the gateway's first words: it begins a session, or resumes one.
func (c *conversation) hello(data json.RawMessage) error {
	var d struct {
		Interval int64 `json:"heartbeat_interval"` // milliseconds
	}
	if err := json.Unmarshal(data, &d); err != nil || d.Interval < 1 || d.Interval > time.Hour.Milliseconds() {
		return errors.New("the gateway said hello without a heartbeat interval")
	}
	if c.interval != 0 {
		return errors.New("the gateway said hello twice")
	}
	c.interval = time.Duration(d.Interval) * time.Millisecond
	c.beat.Reset(time.Duration(rand.Float64() * float64(c.interval))) //nolint:gosec // Discord wants jitter
	c.deadline.Reset(c.readyWithin)
	c.late = errNoReady
	if c.session.id != "" {
		return c.say(opResume, map[string]any{"token": c.cfg.Token, "session_id": c.session.id, "seq": c.session.seq})
	}
	c.identified = c.cfg.Now()
	return c.say(opIdentify, map[string]any{
		"token": c.cfg.Token, "intents": intents,
		"properties": map[string]string{"os": runtime.GOOS, "browser": "coffer", "device": "coffer"},
	})
}

func (c *conversation) heartbeat() error {
	c.awaited = true
	if c.session.seq == 0 {
		return c.say(opHeartbeat, nil)
	}
	return c.say(opHeartbeat, c.session.seq)
}

func (c *conversation) say(op int, data any) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	if err := c.conn.WriteJSON(map[string]any{"op": op, "d": data}); err != nil {
		return fmt.Errorf("speak to the gateway: %w", err)
	}
	return nil
}

// ready notes that the session goes on from here.
func (c *conversation) ready(what string) {
	c.deadline.Stop()
	c.session.fails = 0
	c.listening = c.cfg.Now()
	c.cfg.Log.Info("the gateway is connected", slog.String("as", what))
}
