package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Errors of the simulator itself.
var (
	// ErrClosed is returned by everything that would start work after Close.
	ErrClosed = errors.New("simulator: closed")
	// ErrUnknownInteraction: no interaction of this id, or no longer kept.
	ErrUnknownInteraction = errors.New("simulator: unknown interaction")
)

// APIError is a refusal in Discord's own terms: the status and the body that
// its API answers. It is also why an answer of the app was not accepted.
type APIError struct {
	Status  int            `json:"-"`
	Message string         `json:"message"`
	Code    int            `json:"code"`
	Errors  map[string]any `json:"errors,omitempty"` // by path, "_errors" at the leaves

	oauth *oauthError // a refusal of OAuth2, whose body is of another form
}

// MarshalJSON gives the body as Discord would send it.
func (e *APIError) MarshalJSON() ([]byte, error) {
	if e.oauth != nil {
		return json.Marshal(e.oauth)
	}
	type plain APIError
	return json.Marshal((*plain)(e))
}

// Error gives the body as Discord would send it, after the status.
func (e *APIError) Error() string {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Sprintf("%d %s", e.Status, e.Message)
	}
	return fmt.Sprintf("HTTP %d %s", e.Status, body)
}

// ClientError is what Discord's client shows to a person who typed or clicked
// something that it does not send. The app never hears of it.
type ClientError struct{ Message string }

func (e *ClientError) Error() string { return e.Message }

func clientErrorf(format string, args ...any) error {
	return &ClientError{Message: fmt.Sprintf(format, args...)}
}

func refuse(status, code int, message string) *APIError {
	return &APIError{Status: status, Code: code, Message: message}
}

// Discord's answers that need no detail. Each call makes a new value, so that
// nobody can change another's.
func errNotFound() *APIError     { return refuse(http.StatusNotFound, 0, "404: Not Found") }
func errMethod() *APIError       { return refuse(http.StatusMethodNotAllowed, 0, "405: Method Not Allowed") }
func errUnauthorized() *APIError { return refuse(http.StatusUnauthorized, 0, "401: Unauthorized") }
func errBlocked() *APIError {
	return refuse(http.StatusForbidden, 40333, "internal network error")
}
func errMissingAccess() *APIError { return refuse(http.StatusForbidden, 50001, "Missing Access") }
func errForeignApplication() *APIError {
	return refuse(http.StatusForbidden, 20012, "You are not authorized to perform this action on this application")
}
func errUnknownChannel() *APIError { return refuse(http.StatusNotFound, 10003, "Unknown Channel") }
func errUnknownGuild() *APIError   { return refuse(http.StatusNotFound, 10004, "Unknown Guild") }
func errUnknownMember() *APIError  { return refuse(http.StatusNotFound, 10007, "Unknown Member") }
func errUnknownMessage() *APIError { return refuse(http.StatusNotFound, 10008, "Unknown Message") }
func errUnknownRole() *APIError    { return refuse(http.StatusNotFound, 10011, "Unknown Role") }
func errUnknownUser() *APIError    { return refuse(http.StatusNotFound, 10013, "Unknown User") }
func errUnknownWebhook() *APIError { return refuse(http.StatusNotFound, 10015, "Unknown Webhook") }
func errUnknownInteraction() *APIError {
	return refuse(http.StatusNotFound, 10062, "Unknown interaction")
}
func errTooManyCommands(n int) *APIError {
	return refuse(http.StatusBadRequest, 30032, fmt.Sprintf("Maximum number of application commands reached (%d).", n))
}
func errTooLarge() *APIError {
	return refuse(http.StatusRequestEntityTooLarge, 40005, "Request entity too large")
}
func errAcknowledged() *APIError {
	return refuse(http.StatusBadRequest, 40060, "Interaction has already been acknowledged.")
}
func errEmptyMessage() *APIError {
	return refuse(http.StatusBadRequest, 50006, "Cannot send an empty message")
}

// errExpiredToken is what a token answers after its 15 minutes: 401, not 404.
func errExpiredToken() *APIError {
	return refuse(http.StatusUnauthorized, 50027, "Invalid Webhook Token")
}
func errInvalidJSON() *APIError {
	return refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
}
func errContentType(allowed string) *APIError {
	bad := &complaints{}
	bad.add(nil, "CONTENT_TYPE_INVALID", "Expected \"Content-Type\" header to be one of {%s}.", allowed)
	return bad.err()
}
