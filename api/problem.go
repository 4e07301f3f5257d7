package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"coffer/internal/problem"
	"coffer/internal/requestlog"
)

// document is an RFC 9457 problem document.
type document struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
	RequestID string `json:"request_id,omitempty"`
}

// Problem writes err as a problem document. People see the code and the
// detail; the cause goes to the request's log line.
func Problem(w http.ResponseWriter, r *http.Request, err error) {
	p := problem.Of(err)
	status := statusOf(p)
	requestlog.Add(r.Context(), slog.String("code", p.Code))
	if status >= http.StatusInternalServerError {
		requestlog.Add(r.Context(), slog.String("error", err.Error()))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	write(w, status, document{
		Type:      "about:blank",
		Title:     http.StatusText(status),
		Status:    status,
		Code:      p.Code,
		Detail:    p.Detail,
		RequestID: requestlog.ID(r.Context()),
	})
}

// statusOf maps kinds to statuses, but for problems that are HTTP's own.
func statusOf(p *problem.Error) int {
	if errors.Is(p, errNoMethod) {
		return http.StatusMethodNotAllowed
	}
	switch p.Kind {
	case problem.Unavailable:
		return http.StatusServiceUnavailable
	case problem.Invalid:
		return http.StatusBadRequest
	case problem.Forbidden:
		return http.StatusForbidden
	case problem.NotFound:
		return http.StatusNotFound
	case problem.Conflict:
		return http.StatusConflict
	case problem.Refused:
		return http.StatusUnprocessableEntity
	case problem.Internal:
	}
	return http.StatusInternalServerError
}

// write sends v as JSON that no cache keeps. Its type is JSON unless the header
// says otherwise.
func write(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that has gone is no error
}
