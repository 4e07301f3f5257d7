package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// FaultKind is what a planted fault does.
type FaultKind string

// The kinds of faults. Delay is for both REST calls and interactions.
const (
	RateLimit   FaultKind = "rate_limit"   // REST: 429 with RetryAfter
	StatusFault FaultKind = "status"       // REST: answer Status, without effect
	CloseBefore FaultKind = "close_before" // REST: cut the connection, without effect
	CloseAfter  FaultKind = "close_after"  // REST: do it, then cut the connection: a lost answer
	Delay       FaultKind = "delay"        // hold a REST call, or an interaction's answer, for Delay

	DropAnswer   FaultKind = "drop_answer"   // interaction: the answer gets lost
	Duplicate    FaultKind = "duplicate"     // interaction: delivered twice at once
	BadSignature FaultKind = "bad_signature" // interaction: signed wrong

	GatewaySilence        FaultKind = "gateway_silence"         // what was due is not sent
	GatewaySay            FaultKind = "gateway_say"             // Text is sent in its place
	GatewayReconnect      FaultKind = "gateway_reconnect"       // op 7: the client is to connect again and resume
	GatewayInvalidSession FaultKind = "gateway_invalid_session" // op 9: the session cannot be resumed
	GatewayClose          FaultKind = "gateway_close"           // closes with Code; without one the connection is cut
)

// Fault is trouble that is planted: it strikes the next Count matching REST
// calls or interactions. Empty conditions match everything.
type Fault struct {
	ID   string    `json:"id,omitempty"` // given by Plant
	Kind FaultKind `json:"kind"`

	// REST calls are matched by any of these.
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`  // prefix of the path after /api/v10
	Route  string `json:"route,omitempty"` // name of the route, as "webhook.edit"; see routes; "files.get" for the file hosts
	// Interactions are matched by type (as "command"), command and user.
	Type    string `json:"type,omitempty"`
	Command string `json:"command,omitempty"` // in full, or its first words
	As      string `json:"as,omitempty"`      // username

	// Gateway faults strike at a moment, in place of what was due there: "connect" (HELLO),
	// "identify" (the answer to IDENTIFY or RESUME; the default), "heartbeat" (its ACK),
	// "event" (somebody joined or left); or "ready", behind READY or RESUMED.
	At string `json:"at,omitempty"`

	Skip  int `json:"skip,omitempty"`  // let this many pass first
	Count int `json:"count,omitempty"` // 0 is 1; negative is for ever

	Status     int      `json:"status,omitempty"`      // of StatusFault; 0 is 500
	Code       int      `json:"code,omitempty"`        // of StatusFault: Discord's own; of GatewayClose
	Text       string   `json:"text,omitempty"`        // of GatewaySay
	RetryAfter float64  `json:"retry_after,omitempty"` // seconds, of RateLimit
	Global     bool     `json:"global,omitempty"`      // of RateLimit: the global limit, not the route's
	Delay      Duration `json:"delay,omitempty"`
}

// Duration is a time.Duration that is text in JSON, as "1.5s".
type Duration time.Duration

func (d Duration) d() time.Duration { return time.Duration(d) }

// MarshalText writes it as time.Duration does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.d().String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

func (f *Fault) forREST() bool {
	switch f.Kind {
	case RateLimit, StatusFault, CloseBefore, CloseAfter:
		return true
	}
	return f.Kind == Delay && f.Type == "" && f.Command == "" && f.As == ""
}

func (f *Fault) forInteraction(it *interaction) bool {
	switch f.Kind {
	case DropAnswer, Duplicate, BadSignature:
	case Delay:
		if f.Type == "" && f.Command == "" && f.As == "" {
			return false // a delay without conditions is REST's
		}
	default:
		return false
	}
	return (f.Type == "" || f.Type == it.Type) && (f.As == "" || strings.EqualFold(f.As, it.As)) &&
		(f.Command == "" || f.Command == it.Command || strings.HasPrefix(it.Command, f.Command+" "))
}

func (f *Fault) forCall(route, method, path string) bool {
	return f.forREST() && (f.Method == "" || strings.EqualFold(f.Method, method)) &&
		(f.Route == "" || f.Route == route) && strings.HasPrefix(path, f.Path)
}

func (f *Fault) forGateway(at string) bool {
	return f.gateway() && cmp.Or(f.At, "identify") == at
}

func (f *Fault) gateway() bool {
	switch f.Kind {
	case GatewaySilence, GatewaySay, GatewayReconnect, GatewayInvalidSession, GatewayClose:
		return true
	}
	return false
}

// Plant adds a fault and returns it with its id. Faults are tried in the order
// they were planted in; one strikes at a time.
func (s *Simulator) Plant(f Fault) (Fault, error) {
	switch f.Kind {
	case RateLimit, StatusFault, CloseBefore, CloseAfter, Delay, DropAnswer, Duplicate, BadSignature:
	default:
		if !f.gateway() {
			return f, fmt.Errorf("simulator: no fault of kind %q", f.Kind)
		}
	}
	if f.gateway() && !slices.Contains([]string{"", "connect", "identify", "ready", "heartbeat", "event"}, f.At) {
		return f, fmt.Errorf("simulator: no moment %q of the gateway", f.At)
	}
	if f.Status != 0 && (f.Status < 300 || f.Status > 599) {
		return f, fmt.Errorf("simulator: %d is no status of a failure", f.Status)
	}
	if f.Count == 0 {
		f.Count = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) >= 1000 {
		return f, fmt.Errorf("simulator: too many faults are planted")
	}
	f.ID = s.ids.next()
	s.faults = append(s.faults, &f)
	return f, nil
}

// Faults lists what is still planted.
func (s *Simulator) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Fault{}
	for _, f := range s.faults {
		list = append(list, *f)
	}
	return list
}

// ClearFaults removes all faults.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault finds the fault that strikes, and uses it up. The zero Fault
// does nothing.
func (s *Simulator) takeFault(matches func(*Fault) bool) Fault {
	for i, f := range s.faults {
		if !matches(f) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Count--; f.Count == 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return *f
	}
	return Fault{}
}

// rateLimitBody is Discord's answer with 429.
func (f Fault) rateLimitBody() json.RawMessage {
	body, _ := json.Marshal(map[string]any{ // cannot fail
		"message": "You are being rate limited.", "retry_after": f.RetryAfter, "global": f.Global,
	})
	return body
}
