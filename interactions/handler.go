package interactions

import (
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"coffer/internal/requestlog"
)

const pong = `{"type":1}`

// ServeHTTP answers one interaction. Whatever Discord did not sign, now, is a
// bare 401: Discord sends such requests to see that they are refused.
func (h *Handler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	arrived := time.Now()
	r, status := h.receive(req)
	switch {
	case status != http.StatusOK:
		requestlog.Add(req.Context(), slog.String("outcome", "rejected"))
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(status)
	case r.payload.Type == typePing:
		requestlog.Add(req.Context(), slog.String("interaction", "ping"), slog.String("outcome", "ok"))
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(pong)))
		_, _ = io.WriteString(w, pong)
	default:
		h.handle(w, req, r, arrived)
	}
}

// receive reads a signed interaction, or says with which status to refuse it.
func (h *Handler) receive(req *http.Request) (*Request, int) {
	buf := buffers.Get().(*[]byte)
	defer recycle(buf)
	body, ok := h.signedBody(req, buf)
	if !ok {
		return nil, http.StatusUnauthorized
	}
	r, err := decode(body)
	if err != nil {
		return nil, http.StatusBadRequest
	}
	return r, http.StatusOK
}

// find completes the request and returns the route of what it names.
// Errors: errMalformed, errGuildOnly, errUnknownCommand, errUnknownComponent.
func (h *Handler) find(r *Request) (*route, error) {
	r.texts = h.texts.speak(r.payload.Locale)
	r.At, r.Name = h.now(), "unknown"
	if err := r.complete(); err != nil {
		return nil, err
	}
	var rt *route
	unknown := errUnknownComponent
	switch data := &r.payload.Data; r.payload.Type {
	case typeCommand, typeAutocomplete:
		unknown = errUnknownCommand
		if data.Type > 1 { // of a context menu
			break
		}
		table := h.routes.commands
		if r.payload.Type == typeAutocomplete {
			table = h.routes.completions
		}
		rt = table[r.descend()]
	case typeComponent, typeModal:
		table := h.routes.components
		if r.payload.Type == typeModal {
			table = h.routes.modals
		}
		name, args, _ := strings.Cut(data.CustomID, ":")
		rt, r.args = table[name], strings.Split(args, ":")
	default:
		return nil, errMalformed
	}
	if rt == nil {
		return nil, unknown
	}
	r.Name = rt.name
	r.defers = rt.defers || rt.writes != nil && rt.writes(r)
	return rt, nil
}

// kind names the type of an interaction in logs.
func (r *Request) kind() string {
	switch r.payload.Type {
	case typeCommand:
		return "command"
	case typeComponent:
		return "component"
	case typeAutocomplete:
		return "autocomplete"
	case typeModal:
		return "modal"
	}
	return "unknown"
}
