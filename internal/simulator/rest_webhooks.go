package simulator

import (
	"net/http"
	"slices"
	"strconv"
)

// byToken finds the interaction of a continuation token. The lock is held.
//
// Discord answers 404 "Unknown Webhook" as long as the first answer has not
// come (and for good when it never came), and after 15 minutes 401 "Invalid
// Webhook Token".
func (s *Simulator) byToken(r *http.Request) (*interaction, error) {
	it := s.tokens[r.PathValue("token")]
	switch {
	case it == nil && r.PathValue("app") == s.cfg.ApplicationID:
		return nil, errExpiredToken()
	case it == nil || r.PathValue("app") != s.cfg.ApplicationID:
		return nil, errUnknownWebhook()
	}
	s.expire(it)
	switch {
	case s.cfg.Now().Sub(it.At) > tokenLife:
		return nil, errExpiredToken()
	case !it.acked:
		return nil, errUnknownWebhook()
	}
	return it, nil
}

// ofToken finds a message that the token may change: @original, or one that
// was drawn with it, by id.
func (s *Simulator) ofToken(r *http.Request) (*interaction, *Message, error) {
	it, err := s.byToken(r)
	if err != nil {
		return nil, nil, err
	}
	id := r.PathValue("message")
	if m := it.original; m != nil && (id == "@original" || id == m.ID) && s.messages[m.ID] != nil {
		return it, m, nil
	}
	for _, m := range it.followups {
		if m.ID == id && s.messages[id] != nil {
			return it, m, nil
		}
	}
	return nil, nil, errUnknownMessage()
}

func (s *Simulator) getAnswer(r *http.Request, _ body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, m, err := s.ofToken(r)
	if err != nil {
		return nil, err
	}
	return s.wireMessage(m), nil
}

func (s *Simulator) editAnswer(r *http.Request, b body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it, m, err := s.ofToken(r)
	if err != nil {
		return nil, err
	}
	d, refused := readWhole(b, m.Flags, flagsOfAnswer)
	if refused == nil {
		refused = s.edit(m, d)
	}
	if refused != nil {
		return nil, refused
	}
	if m == it.original {
		it.State, it.deferred = Answered, 0
	}
	it.touch()
	return s.wireMessage(m), nil
}

func (s *Simulator) deleteAnswer(r *http.Request, _ body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it, m, err := s.ofToken(r)
	if err != nil {
		return nil, err
	}
	s.remove(m)
	if m == it.original {
		it.original, it.State, it.deferred = nil, Answered, 0
	}
	it.followups = slices.DeleteFunc(it.followups, func(f *Message) bool { return f == m })
	it.touch()
	return nil, nil
}

// createFollowup posts a further message. The first one after a deferred
// answer becomes that answer, as on Discord, and is as ephemeral as it was.
func (s *Simulator) createFollowup(r *http.Request, b body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it, err := s.byToken(r)
	if err != nil {
		return nil, err
	}
	d, refused := readWhole(b, 0, flagsOfAnswer)
	if refused != nil {
		return nil, refused
	}
	if it.original != nil && it.original.Thinking {
		if refused := s.edit(it.original, d); refused != nil {
			return nil, refused
		}
		it.State, it.deferred = Answered, 0
		it.touch()
		return s.wireMessage(it.original), nil
	}
	m := s.newAnswer(it)
	if it.original != nil {
		m.ReplyTo = it.original.ID
	}
	s.apply(d, m)
	if m.empty() && !d.other {
		return nil, errEmptyMessage()
	}
	s.address(it, m)
	m.Pings = d.mentions.pings(m.Content)
	s.post(m)
	it.followups = append(it.followups, m)
	if it.deferred == callbackDeferUpdate {
		it.State, it.deferred = Answered, 0
	}
	it.touch()
	return s.wireMessage(m), nil
}

// createCallback is the other way to answer an interaction: by REST, after
// the delivery was answered 202.
func (s *Simulator) createCallback(r *http.Request, b body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.interactions[r.PathValue("interaction")]
	if it == nil || it.token != r.PathValue("token") || it.State == Failed {
		return nil, errUnknownInteraction()
	}
	if refused := s.callback(it, b.json, b.uploads); refused != nil {
		return nil, refused
	}
	it.Response = rawOrString(b.json)
	if full, _ := strconv.ParseBool(r.URL.Query().Get("with_response")); !full {
		return nil, nil
	}
	info := map[string]any{"id": it.ID, "type": interactionTypes[it.Type]}
	answer := map[string]any{"interaction": info}
	if m := it.original; m != nil {
		info["response_message_id"] = m.ID
		info["response_message_loading"] = m.Thinking
		info["response_message_ephemeral"] = m.Ephemeral
		answer["resource"] = map[string]any{"type": callbackMessage, "message": s.wireMessage(m)}
	}
	return answer, nil
}

// readWhole reads a REST body that is a message.
func readWhole(b body, had, settable int64) (draft, *APIError) {
	bad := &complaints{}
	raw := b.json
	if raw == nil {
		raw = []byte("{}")
	}
	f, ok := openForm(raw, nil, bad)
	if !ok {
		return draft{}, bad.err()
	}
	d := readDraft(f, b.uploads, had, settable)
	return d, bad.err()
}
