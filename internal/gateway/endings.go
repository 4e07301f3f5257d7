package gateway

import (
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/websocket"
)

// How a connection ends, besides by a close code or a failure of the network.
var (
	errReconnect = errors.New("Discord asks to connect again")     //nolint:staticcheck // a name
	errInvalid   = errors.New("Discord has ended the session")     //nolint:staticcheck // a name
	errDeaf      = errors.New("a heartbeat was not acknowledged")  // the connection is dead, though it is open
	errNoHello   = errors.New("the gateway did not say hello")     // nor that it is none
	errNoReady   = errors.New("the gateway did not say how it is") // after IDENTIFY or RESUME
)

// laterError is a failure after which there is no use in trying soon.
type laterError struct {
	reason string
	after  time.Duration
	status int // of the answer, if it was one
	code   int // Discord's own for what is wrong, if it has said one
}

func (e *laterError) Error() string { return e.reason }

// RefusedError says that Discord refuses the worker, and will again.
type RefusedError struct {
	Code int // the gateway's close code
}

// Error says what to do about it, in one line for the operator.
func (e *RefusedError) Error() string {
	todo := "this version of the program does not fit Discord's gateway any more; set GATEWAY=off until it is updated"
	switch e.Code {
	case 4004:
		todo = "DISCORD_TOKEN is not valid any more; copy it from the developer portal, under Bot"
	case 4010, 4011:
		todo = "the bot is in too many guilds for one connection; set GATEWAY=off"
	case 4014:
		todo = "enable the Server Members Intent in Discord's developer portal, under Bot, or set GATEWAY=off"
	}
	return fmt.Sprintf("Discord refuses the gateway connection (%d): %s", e.Code, todo)
}

// verdict makes a close code that will come again a *RefusedError.
func verdict(err error) error {
	var closed *websocket.CloseError
	if !errors.As(err, &closed) {
		return err
	}
	switch closed.Code {
	case 4004, 4010, 4011, 4012, 4013, 4014:
		return &RefusedError{closed.Code}
	}
	return fmt.Errorf("the gateway has closed the connection: %w", err)
}

// session is what Discord remembers of a connection: with it the next one gets the
// events that were missed. Its zero value is none.
type session struct {
	id    string
	url   string // where to resume
	seq   int64  // of the last event
	fails int    // connections in a row that did not get to resume it
}

// mostResumes is how often resuming may fail before a new session is begun.
const mostResumes = 5

// tried notes how a connection has ended: some ends are the session's, too.
func (s *session) tried(err error) {
	s.fails++
	var closed *websocket.CloseError
	over := errors.Is(err, errInvalid) || s.fails > mostResumes
	if errors.As(err, &closed) {
		switch closed.Code {
		case websocket.CloseNormalClosure, websocket.CloseGoingAway, 4003, 4007, 4009: // not known, bad number, timed out
			over = true
		}
	}
	if over {
		*s = session{}
	}
}
