package api

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strconv"

	"coffer/internal/admins"
	"coffer/internal/problem"
	"coffer/internal/requestlog"
)

// retryAfter is the argument of problems that tells, in whole seconds, when to
// try again; it is also sent as the header of that name.
const retryAfter = "retry_after"

// Problem writes err as an RFC 9457 problem document. People see the code, the
// detail, the fields that are wrong, and the problem's arguments as members of
// their own; the cause goes to the request's log line.
func Problem(w http.ResponseWriter, r *http.Request, err error) {
	p := problem.Of(err)
	status := statusOf(p)
	requestlog.Add(r.Context(), slog.String("code", p.Code))
	if status >= http.StatusInternalServerError {
		requestlog.Add(r.Context(), slog.String("error", err.Error()))
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Del("Content-Disposition")
	h.Del("ETag")
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="coffer"`)
	}
	if seconds, ok := p.Args[retryAfter].(int); ok {
		h.Set("Retry-After", strconv.Itoa(seconds))
	}
	write(w, status, document(p, status, requestlog.ID(r.Context())))
}

// document is the problem's JSON.
func document(p *problem.Error, status int, id string) any {
	d := map[string]any{}
	maps.Copy(d, p.Args)
	delete(d, "field") // is among the fields
	d["type"], d["title"], d["status"], d["code"], d["detail"] = "about:blank", http.StatusText(status), status, p.Code, p.Detail
	if id != "" {
		d["request_id"] = id
	}
	if fields := fieldsOf(p); len(fields) > 0 {
		d["fields"] = fields
	}
	return ordered(d)
}

// fieldsOf returns the fields that are wrong. A domain names one by an argument.
func fieldsOf(p *problem.Error) []problem.Field {
	if name, ok := p.Args["field"].(string); ok {
		return append([]problem.Field{{Field: name, Code: "invalid", Detail: p.Detail}}, p.Fields...)
	}
	return p.Fields
}

// ordered writes an object with the members of every problem first.
type ordered map[string]any

// MarshalJSON implements json.Marshaler.
func (o ordered) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	rest := maps.Clone(o)
	for _, name := range []string{"type", "title", "status", "code", "detail", "request_id", "fields"} {
		v, ok := rest[name]
		if !ok {
			continue
		}
		delete(rest, name)
		value, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		out = append(fmt.Appendf(out, "%q:", name), value...)
		out = append(out, ',')
	}
	if len(rest) == 0 {
		out[len(out)-1] = '}'
		return out, nil
	}
	more, err := json.Marshal(map[string]any(rest))
	return append(out, more[1:]...), err
}

// statusOf maps kinds to statuses, but for problems that are HTTP's own.
func statusOf(p *problem.Error) int {
	switch p.Code {
	case admins.ErrSignedOut.Code, errLogin.Code:
		return http.StatusUnauthorized
	case errNoMethod.Code:
		return http.StatusMethodNotAllowed
	case errChanged.Code:
		return http.StatusPreconditionFailed
	case errTooLarge.Code:
		return http.StatusRequestEntityTooLarge
	case errContentType.Code:
		return http.StatusUnsupportedMediaType
	case codeKeyReused:
		return http.StatusUnprocessableEntity
	case errNoPrecondition.Code:
		return http.StatusPreconditionRequired
	case errTooMany.Code, admins.ErrTooManyLogins.Code:
		return http.StatusTooManyRequests
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

// inField returns a domain's error with the name of the field that it is about,
// so that a form can show it there. Errors that are no one's fault stay as they are.
func inField(name string, err error) error {
	if err == nil {
		return nil
	}
	if p := problem.Of(err); p.Kind == problem.Invalid || p.Kind == problem.Refused {
		return about(name, p)
	}
	return err
}

// about returns a problem with the name of the field that it is about.
func about(name string, p *problem.Error) *problem.Error {
	return p.At(problem.Field{Field: name, Code: p.Code, Detail: p.Detail})
}

// write sends v as JSON that no cache keeps. Its type is JSON unless the header
// says otherwise, which may say more to caches, too.
func write(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that has gone is no error
}
