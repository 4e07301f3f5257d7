package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// heartbeat is how often a silent stream says that it is alive, and
// streamPatience how long a write to its reader may take.
const (
	heartbeat      = 15 * time.Second
	streamPatience = 10 * time.Second
)

// maxListeners bounds the streams that are open at once.
const maxListeners = 100

// listener hears which channels have changed. News are a set, not a queue: a
// slow reader hears once of a channel that changed a hundred times, and what
// it then fetches is new. The simulator's lock guards it.
type listener struct {
	news map[string]bool // channel ids; "" for people and commands
	wake chan struct{}   // holds one token while there is news; closed at the end
}

// tell wakes the listeners: something in a channel has changed, or with ""
// the people or the commands.
func (s *Simulator) tell(channel string) {
	for l := range s.listeners {
		l.news[channel] = true
		select {
		case l.wake <- struct{}{}:
		default: // is awake already
		}
	}
}

// listen adds a listener. The caller calls the returned function when done.
func (s *Simulator) listen() (*listener, func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hungUp {
		return nil, nil, ErrClosed
	}
	if len(s.listeners) >= maxListeners {
		return nil, nil, &controlError{http.StatusTooManyRequests, "too many streams are open"}
	}
	l := &listener{news: map[string]bool{}, wake: make(chan struct{}, 1)}
	s.listeners[l] = struct{}{}
	return l, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.listeners, l)
	}, nil
}

// take returns the news in a fixed order and forgets them.
func (s *Simulator) take(l *listener) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for channel := range l.news {
		list = append(list, channel)
	}
	clear(l.news)
	slices.Sort(list)
	return list
}

// HangUp ends all streams of the control API and refuses new ones, and closes the
// connections that were opened but not used. A server calls it when it shuts down, for
// it would wait for them. Close does it too.
func (s *Simulator) HangUp() {
	s.client.CloseIdleConnections()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hungUp {
		return
	}
	s.hungUp = true
	for l := range s.listeners {
		close(l.wake)
		delete(s.listeners, l)
	}
}

// controlStream sends a server-sent event for each change: "channel" with the
// id of a channel whose messages have changed, "state" when people or commands
// have. It says what changed and not how, so that nobody misses anything: a
// client fetches after connecting, and again after each event.
func (s *Simulator) controlStream(w http.ResponseWriter, r *http.Request) {
	l, leave, err := (*listener)(nil), func() {}, guard(r)
	if err == nil {
		l, leave, err = s.listen()
	}
	if err != nil {
		status := http.StatusServiceUnavailable
		var refused *controlError
		if errors.As(err, &refused) {
			status = refused.status
		}
		write(w, status, map[string]string{"error": err.Error()})
		return
	}
	defer leave()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	// The server's deadlines are for requests that end.
	if err := out.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return
	}
	send := func(text string) bool {
		if err := out.SetWriteDeadline(time.Now().Add(streamPatience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return false
		}
		if _, err := fmt.Fprint(w, text); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for open := send("retry: 1000\n\n"); open; {
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
			open = send(": still here\n\n")
		case _, more := <-l.wake:
			if !more {
				return
			}
			for _, channel := range s.take(l) {
				open = open && send(event(channel))
			}
		}
	}
}

func event(channel string) string {
	if channel == "" {
		return "event: state\ndata: {}\n\n"
	}
	data, _ := json.Marshal(map[string]string{"channel": channel}) // cannot fail
	return fmt.Sprintf("event: channel\ndata: %s\n\n", data)
}
