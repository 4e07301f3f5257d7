package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"coffer/internal/admins"
	"coffer/internal/events"
	"coffer/internal/problem"
	"coffer/internal/requestlog"
)

// live tells of what happens while it does, as server-sent events.
type live struct {
	store   events.Follower
	hub     *events.Hub
	callers callers
	replays chan struct{} // holds a token for each reader that reads what it has missed
	places  *quota
}

const (
	heartbeat   = 15 * time.Second
	streamWrite = 10 * time.Second // that a client may take to read what was sent
	stillTime   = time.Minute      // after about which a stream's credential is looked at again
	replaySize  = 200              // events that are read at once
	replaysOnce = 8                // readers that do so at once
	mostStreams = 2000             // of a server
	mostOfOne   = 50               // of an account
)

var (
	errStreams    = problem.New(problem.Unavailable, "too_many_streams", "This server has as many streams as it can. Try again in a moment.")
	errOwnStreams = problem.New(problem.Refused, "too_many_requests", "Your account has too many streams open. Close some first.")
	errServerEnds = problem.New(problem.Unavailable, "server_ends", "This server is about to end. Connect again.")
)

func newLive(store events.Follower, hub *events.Hub, callers callers) *live {
	return &live{store: store, hub: hub, callers: callers, replays: make(chan struct{}, replaysOnce),
		places: newQuota(mostOfOne, mostStreams, errOwnStreams, errStreams)}
}

// stream sends what happens until the client goes, does not read, or may not any more.
//
// A thousand goroutines wait here, so this function and follow have small frames, and
// wait for one channel: that halves their stacks.
func (l *live) stream(w http.ResponseWriter, r *http.Request) error {
	s, err := l.begin(w, r)
	if err != nil {
		return err
	}
	defer s.end()
	s.follow()
	return nil
}

// begin lets a client in, sends what it has missed, and tells where it is.
func (l *live) begin(w http.ResponseWriter, r *http.Request) (*eventStream, error) {
	leave, err := l.places.enter(callerOf(r).ID)
	if err != nil {
		return nil, err
	}
	watch, err := l.hub.Watch(string(guildOf(r)))
	if err != nil {
		leave()
		if errors.Is(err, events.ErrEnded) {
			err = errServerEnds
		}
		return nil, err
	}
	s := &eventStream{live: l, w: w, r: r, control: http.NewResponseController(w), watch: watch, leave: leave,
		knows: callerOf(r).knowsAnswers(), at: watch.Start()}
	if s.err = s.open(); s.err == nil && r.Method != http.MethodHead {
		s.err = s.resume()
	}
	s.gone = context.AfterFunc(r.Context(), watch.Wake)
	s.beat = time.AfterFunc(heartbeat, watch.Wake)
	s.beaten = time.Now()
	s.looked = s.beaten.Add(rand.N(stillTime) - stillTime/2) //nolint:gosec // so that not all are looked at in one moment
	return s, nil
}

// after reads what a client has missed. Few do so at once, for after a restart all come
// back in one moment; none of them holds the others up while he takes what was read.
func (l *live) after(ctx context.Context, at events.Position, guild string) (events.Batch, error) {
	select {
	case l.replays <- struct{}{}:
		defer func() { <-l.replays }()
	case <-ctx.Done():
		return events.Batch{}, ctx.Err()
	}
	return l.store.After(ctx, at, []string{guild}, replaySize)
}

// eventStream is a response of server-sent events.
type eventStream struct {
	live    *live
	w       http.ResponseWriter
	r       *http.Request
	control *http.ResponseController
	watch   *events.Watch
	leave   func()
	knows   bool        // tasks' answers
	gone    func() bool // forgets to wait for the client to go
	beat    *time.Timer
	beaten  time.Time       // when something was sent unasked, last
	looked  time.Time       // when it was looked whether the client still may, last
	at      events.Position // all up to here was sent
	err     error           // what ends it
}

// follow sends what happens until something ends it.
func (s *eventStream) follow() {
	for s.err == nil && s.r.Method != http.MethodHead {
		<-s.watch.News()
		s.next()
	}
}

// end frees what the stream has.
func (s *eventStream) end() {
	s.gone()
	s.beat.Stop()
	s.watch.Close()
	s.leave()
	if s.err != nil && s.r.Context().Err() == nil {
		requestlog.Add(s.r.Context(), slog.String("ended", s.err.Error()))
	}
}

// next sends what there is, and from time to time that the stream is still there.
func (s *eventStream) next() {
	if s.err = s.r.Context().Err(); s.err != nil {
		return
	}
	now := time.Now()
	beat := now.Sub(s.beaten) >= heartbeat
	if beat {
		s.beaten = now
		s.beat.Reset(heartbeat)
	}
	if now.Sub(s.looked) >= stillTime {
		if s.looked = now; !s.stillMay() {
			s.err = admins.ErrSignedOut
			return
		}
	}
	s.err = s.news(beat)
}

// stillMay reports whether the caller may still read what he reads: a store that does
// not answer takes nothing from anybody.
func (s *eventStream) stillMay() bool {
	credential, _ := bearer(s.r)
	caller, err := s.live.callers.Caller(s.r.Context(), credential)
	if err != nil {
		return !problem.Of(err).Is(admins.ErrSignedOut)
	}
	s.knows = caller.knowsAnswers()
	return caller.Covers(string(guildOf(s.r))) && caller.Role.AtLeast(Viewer.role())
}

// open begins the response.
func (s *eventStream) open() error {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
	s.w.WriteHeader(http.StatusOK)
	return s.send([]byte("retry: 1000\n\n"))
}

// resume sends where the client is, after what it has missed since its last event.
func (s *eventStream) resume() error {
	last := s.r.Header.Get("Last-Event-ID")
	if last == "" {
		return s.send(s.here())
	}
	at, err := events.ParsePosition(last)
	if err != nil {
		return s.reset()
	}
	return s.replay(at)
}

// replay sends what happened behind a position, at least up to where the watch begins.
func (s *eventStream) replay(at events.Position) error {
	for guild := string(guildOf(s.r)); ; {
		b, err := s.live.after(s.r.Context(), at, guild)
		if errors.Is(err, events.ErrPosition) {
			return s.reset()
		}
		if err != nil {
			return err
		}
		var texts [][]byte
		for _, e := range b.Entries {
			if !s.knows {
				e = withoutAnswer(e)
			}
			texts = append(texts, sayEvent(e))
		}
		at, s.at = b.Until, b.Until
		if !b.More {
			if at.Compare(s.watch.Start()) < 0 { // the store was put back, and the hub does not know yet
				return s.reset()
			}
			return s.send(append(texts, s.here())...)
		}
		if err := s.send(texts...); err != nil {
			return err
		}
	}
}

// news sends what there is to take; a beat also where the client is.
func (s *eventStream) news(beat bool) error {
	list, until, reset, err := s.watch.Take()
	if err != nil {
		return err
	}
	if reset {
		s.at = until
		return s.reset()
	}
	var texts [][]byte
	for _, n := range list {
		if n.Position.Compare(s.at) > 0 { // else it was replayed
			s.at = n.Position
			texts = append(texts, s.text(n))
		}
	}
	if until.Compare(s.at) > 0 {
		s.at = until
	}
	if beat {
		texts = append(texts, s.here())
	}
	return s.send(texts...)
}

// text is an event in words: those of everybody, unless it tells what the client must
// not know.
func (s *eventStream) text(n *events.News) []byte {
	if s.knows || !hasAnswer(n.Before) && !hasAnswer(n.After) {
		return n.Text(sayEvent)
	}
	return sayEvent(withoutAnswer(n.Entry))
}

// here tells where the client is, which it keeps although it is no event.
func (s *eventStream) here() []byte { return []byte(": here\nid: " + s.at.String() + "\n\n") }

// reset tells the client that what it knows cannot be gone on from.
func (s *eventStream) reset() error {
	return s.send([]byte("event: reset\nid: " + s.at.String() + "\ndata: {}\n\n"))
}

// send sends texts at once, if there are any.
func (s *eventStream) send(texts ...[]byte) error {
	if len(texts) == 0 {
		return nil
	}
	if err := s.control.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	for _, text := range texts {
		if _, err := s.w.Write(text); err != nil { //nolint:gosec // an event stream, which no browser takes for a page
			return err
		}
	}
	return s.control.Flush()
}

// sayEvent is an entry as an event of the stream.
func sayEvent(e events.Entry) []byte {
	data, _ := json.Marshal(showHappening(e)) // what the store returned can be written
	return []byte("id: " + e.Position.String() + "\nevent: " + e.Kind + "\ndata: " + string(data) + "\n\n")
}
