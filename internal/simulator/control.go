package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxWait bounds how long a request of the control API may wait.
const maxWait = time.Minute

// controlError is a refusal of the control API.
type controlError struct {
	status  int
	message string
}

func (e *controlError) Error() string { return e.message }

// Control serves the API by which the terminal and the playground act as the
// people of this Discord. All paths are under /simulator/. It speaks only to
// this machine: requests must name a loopback host, and changes must be
// application/json, so that no page of another site can send them.
func (s *Simulator) Control() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, h func(*http.Request) (any, error)) {
		mux.Handle(pattern, control(maxControlBody, h))
	}
	handle("GET /simulator/state", s.controlState)
	mux.Handle("POST /simulator/commands", control(maxUploadBody, s.controlCommand))
	handle("POST /simulator/components", s.controlClick)
	handle("POST /simulator/modals", s.controlModal)
	handle("POST /simulator/autocomplete", s.controlAutocomplete)
	handle("GET /simulator/interactions/{id}", s.controlInteraction)
	handle("GET /simulator/messages", s.controlMessages)
	handle("DELETE /simulator/messages/{message}", s.controlDeleteMessage)
	mux.HandleFunc("GET /simulator/files/{file}/{name}", s.controlFile)
	handle("DELETE /simulator/files/{file}", s.controlExpire)
	handle("POST /simulator/members", s.controlArrive)
	handle("GET /simulator/members/{member}", s.controlMember)
	handle("POST /simulator/members/{member}", s.controlChangeMember)
	handle("DELETE /simulator/members/{member}", s.controlLeave)
	handle("DELETE /simulator/roles/{role}", s.controlDeleteRole)
	handle("GET /simulator/gateway", func(*http.Request) (any, error) { return s.Gateway(), nil })
	handle("POST /simulator/gateway", s.controlIntent)
	mux.HandleFunc("GET /simulator/stream", s.controlStream)
	handle("GET /simulator/faults", func(*http.Request) (any, error) { return s.Faults(), nil })
	handle("POST /simulator/faults", s.controlPlant)
	handle("DELETE /simulator/faults", func(*http.Request) (any, error) { s.ClearFaults(); return nil, nil })
	handle("POST /simulator/ping", s.controlPing)
	handle("/", func(r *http.Request) (any, error) {
		return nil, &controlError{http.StatusNotFound, "there is no " + r.Method + " " + r.URL.Path}
	})
	return mux
}

// control guards a handler, whose request's body is bounded, and turns its outcome into
// an answer.
func control(most int64, h func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		result, err := any(nil), guard(r)
		if err == nil {
			r.Body = http.MaxBytesReader(w, r.Body, most)
			result, err = h(r)
		}
		var refused *controlError
		var client *ClientError
		status := http.StatusOK
		switch {
		case errors.As(err, &refused):
			status = refused.status
		case errors.As(err, &client):
			status = http.StatusUnprocessableEntity
		case errors.Is(err, ErrUnknownInteraction):
			status = http.StatusNotFound
		case errors.Is(err, ErrClosed):
			status = http.StatusServiceUnavailable
		case err != nil:
			status = http.StatusBadRequest
		case result == nil:
			status = http.StatusNoContent
		}
		if err != nil {
			result = map[string]string{"error": err.Error()}
		}
		write(w, status, result)
	})
}

// guard refuses what does not come from this machine's own tools and pages.
func guard(r *http.Request) error {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	if !strings.EqualFold(host, "localhost") && (ip == nil || !ip.IsLoopback()) {
		return &controlError{http.StatusForbidden, "the simulator is only for this machine: use 127.0.0.1 or localhost"}
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return &controlError{http.StatusForbidden, "requests of other sites are refused"}
	}
	if r.Method == http.MethodPost {
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			return &controlError{http.StatusUnsupportedMediaType, "send application/json"}
		}
	}
	return nil
}

// read decodes the body of a request, and nothing but what is asked for.
func read[T any](r *http.Request) (v T, err error) {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return v, &controlError{http.StatusRequestEntityTooLarge, "the body is too large"}
		}
		return v, &controlError{http.StatusBadRequest, "the body is not what is expected here: " + err.Error()}
	}
	if dec.More() {
		return v, &controlError{http.StatusBadRequest, "there is more than one value in the body"}
	}
	return v, nil
}

// controlState is everything a client needs to draw the guilds.
func (s *Simulator) controlState(*http.Request) (any, error) {
	type member struct {
		Member
		DisplayName string      `json:"display_name"`
		Permissions Permissions `json:"permissions"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	members, commands := []member{}, []definition{}
	for _, g := range s.world.order.Guilds {
		for _, m := range s.world.sortedMembers(g.ID) {
			members = append(members, member{m.clone(), m.DisplayName(), s.world.permissions(m)})
		}
	}
	for _, list := range s.commands {
		commands = append(commands, list...)
	}
	out := map[string]any{
		"application_id": s.cfg.ApplicationID, "bot": s.world.bot, "guilds": orEmpty(s.world.order.Guilds),
		"channels": orEmpty(s.world.order.Channels), "roles": orEmpty(s.world.order.Roles),
		"members": members, "commands": commands,
	}
	if len(s.world.order.Guilds) > 0 {
		out["guild"] = s.world.order.Guilds[0]
	}
	return out, nil
}

// orEmpty makes a nil list an empty one, for JSON.
func orEmpty[T any](list []T) []T { return append([]T{}, list...) }

func (s *Simulator) controlCommand(r *http.Request) (any, error) {
	c, err := read[struct {
		As, Line, Channel, Locale string
		Force                     bool
		Filled
	}](r)
	if err != nil {
		return nil, err
	}
	return s.Say(detached(r), Command{
		As: c.As, Channel: c.Channel, Line: c.Line, Filled: c.Filled, Locale: c.Locale, Force: c.Force})
}

func (s *Simulator) controlClick(r *http.Request) (any, error) {
	c, err := read[struct {
		As       string   `json:"as"`
		Message  string   `json:"message"`
		CustomID string   `json:"custom_id"`
		Values   []string `json:"values"`
		Locale   string   `json:"locale"`
	}](r)
	if err != nil {
		return nil, err
	}
	return s.Click(detached(r), Click{As: c.As, MessageID: c.Message, CustomID: c.CustomID, Values: c.Values, Locale: c.Locale})
}

func (s *Simulator) controlModal(r *http.Request) (any, error) {
	c, err := read[struct {
		As, Interaction, Locale string
		Fields                  map[string]string
	}](r)
	if err != nil {
		return nil, err
	}
	return s.SubmitModal(detached(r), ModalSubmit{As: c.As, InteractionID: c.Interaction, Fields: c.Fields, Locale: c.Locale})
}

func (s *Simulator) controlAutocomplete(r *http.Request) (any, error) {
	c, err := read[struct {
		As, Line, Channel, Locale string
		Filled
	}](r)
	if err != nil {
		return nil, err
	}
	return s.Autocomplete(detached(r), Typing{As: c.As, Channel: c.Channel, Line: c.Line, Filled: c.Filled, Locale: c.Locale})
}

// controlInteraction waits, when asked to, until the answer is there; when it
// does not come in time the interaction is shown as it is.
func (s *Simulator) controlInteraction(r *http.Request) (any, error) {
	id := r.PathValue("id")
	var wait time.Duration
	if text := r.URL.Query().Get("wait"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return nil, &controlError{http.StatusBadRequest, "wait is a duration, as 10s"}
		}
		wait = min(d, maxWait)
	}
	if wait == 0 {
		if it, ok := s.Interaction(id); ok {
			return it, nil
		}
		return nil, ErrUnknownInteraction
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	it, err := s.Wait(ctx, id)
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	return it, nil
}

func (s *Simulator) controlMessages(r *http.Request) (any, error) {
	query := r.URL.Query()
	list := s.Messages(query.Get("channel"), query.Get("as"))
	if list == nil {
		return nil, &controlError{http.StatusNotFound, "there is no such channel"}
	}
	if text := query.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 {
			return nil, &controlError{http.StatusBadRequest, "limit is a number of messages"}
		}
		list = list[max(0, len(list)-limit):] // the newest
	}
	return list, nil
}

// controlDeleteMessage deletes a message as a moderator does.
func (s *Simulator) controlDeleteMessage(r *http.Request) (any, error) {
	if !s.DeleteMessage(r.PathValue("message")) {
		return nil, &controlError{http.StatusNotFound, "there is no such message"}
	}
	return nil, nil
}

func (s *Simulator) controlPlant(r *http.Request) (any, error) {
	f, err := read[Fault](r)
	if err != nil {
		return nil, err
	}
	return s.Plant(f)
}

// controlPing checks the endpoint as the developer portal does.
func (s *Simulator) controlPing(r *http.Request) (any, error) {
	if err := s.Verify(r.Context()); err != nil {
		return nil, &controlError{http.StatusBadGateway, err.Error()}
	}
	return map[string]bool{"ok": true}, nil
}
