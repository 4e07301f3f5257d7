package discord

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Codes of Discord's errors that callers act upon.
const (
	CodeUnknownChannel = 10003
	CodeUnknownMessage = 10008
	CodeUnknownWebhook = 10015
)

// Error is a call that failed. Its text never has a token in it.
type Error struct {
	Status     int // HTTP status, 0 if there was no answer
	Code       int // Discord's own code, 0 if it gave none
	Message    string
	RetryAfter time.Duration // how long Discord asks to wait, with status 429
	Global     bool          // with status 429: that holds for all calls
	cause      error         // context.Canceled or DeadlineExceeded, or nil
}

// Error returns status, message and code.
func (e *Error) Error() string {
	s := "discord: no answer"
	if e.Status != 0 {
		s = "discord: " + strconv.Itoa(e.Status)
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Code != 0 {
		s += " (" + strconv.Itoa(e.Code) + ")"
	}
	return s
}

// Unwrap returns context.Canceled or context.DeadlineExceeded if that ended
// the call.
func (e *Error) Unwrap() error { return e.cause }

// Answer returns what Discord answered, for callers that know no type of this package.
func (e *Error) Answer() (status, code int, retryAfter time.Duration, global bool) {
	return e.Status, e.Code, e.RetryAfter, e.Global
}

// Temporary reports whether the same call may succeed later: no answer, a rate
// limit, or a failure on Discord's side.
//
// Unknown webhook (10015) and unknown message (10008) count too, because for a
// moment after an interaction was deferred Discord may not know its reply yet.
// A caller retries those for a second or so at most: afterwards they mean that
// the token has expired or the message was deleted.
func (e *Error) Temporary() bool {
	switch {
	case errors.Is(e.cause, context.Canceled):
		return false
	case e.Status == 0, e.Status == http.StatusTooManyRequests, e.Status >= 500:
		return true
	default:
		return e.Status == http.StatusNotFound && (e.Code == CodeUnknownWebhook || e.Code == CodeUnknownMessage)
	}
}

// longestMessage is how much of Discord's words is kept, in bytes.
const longestMessage = 300

// refusal reads an answer that is not a success.
func refusal(res *http.Response, body []byte) *Error {
	e := &Error{Status: res.StatusCode, Message: http.StatusText(res.StatusCode)}
	var said struct {
		Code    int
		Message string
		Errors  json.RawMessage // which field is wrong, and why
	}
	if json.Unmarshal(body, &said) == nil && said.Message != "" {
		e.Code, e.Message = said.Code, said.Message
		if len(said.Errors) > 0 {
			e.Message += " " + string(said.Errors)
		}
	}
	if len(e.Message) > longestMessage {
		e.Message = strings.ToValidUTF8(e.Message[:longestMessage], "") + "…"
	}
	return e
}

// without returns a copy whose text has none of the secrets: what a server or
// a library says may quote the request.
func (e *Error) without(secrets ...string) *Error {
	c := *e
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, form := range []string{secret, url.PathEscape(secret)} {
			c.Message = strings.ReplaceAll(c.Message, form, "[redacted]")
		}
	}
	return &c
}

func contextError(err error) error {
	for _, sentinel := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, sentinel) {
			return sentinel
		}
	}
	return nil
}
