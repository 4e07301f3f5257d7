// Package problem is the vocabulary of errors that people may see. An error
// has a stable code for programs, a public detail for people, arguments for
// translation, and a private cause for the log.
package problem

import (
	"errors"
	"maps"
	"slices"
)

// Kind says what class of trouble an error is; the edges map it to HTTP
// statuses and to the tone of a reply.
type Kind int

// The kinds, from "our fault" to "yours".
const (
	Internal    Kind = iota // a defect or an unexpected failure
	Unavailable             // the store or Discord does not answer; nothing was lost
	Invalid                 // malformed input
	Forbidden               // known, but not allowed
	NotFound                // no such thing
	Conflict                // the same key with other arguments, or a state that has moved on
	Refused                 // understood, and a rule says no
)

// String returns the kind as it stands in logs.
func (k Kind) String() string {
	switch k {
	case Unavailable:
		return "unavailable"
	case Invalid:
		return "invalid"
	case Forbidden:
		return "forbidden"
	case NotFound:
		return "not_found"
	case Conflict:
		return "conflict"
	case Refused:
		return "refused"
	default:
		return "internal"
	}
}

// Error is a problem. Values are immutable: With and Because return copies, so
// that package-level problems can serve as sentinels for errors.Is.
type Error struct {
	Kind   Kind
	Code   string         // stable, snake_case, unique in the product
	Detail string         // public, English, says what to do next
	Args   map[string]any // values that a translation of the detail may name
	Fields []Field        // what is wrong where, if what was sent has fields
	cause  error
}

// Field says what is wrong with one field of what was sent, for a form to show
// beside it.
type Field struct {
	Field  string `json:"field"` // its name; with a slash before each further name or index where it is deeper
	Code   string `json:"code"`  // required, unknown, type, format, range, or what the field alone can be
	Detail string `json:"detail"`
}

// New returns a problem without arguments or cause.
func New(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}

// With returns a copy that carries a value for the translated detail.
func (e *Error) With(key string, value any) *Error {
	c := *e
	c.Args = maps.Clone(e.Args)
	if c.Args == nil {
		c.Args = make(map[string]any, 1)
	}
	c.Args[key] = value
	return &c
}

// At returns a copy that says what is wrong in which fields, besides those that
// it names already.
func (e *Error) At(fields ...Field) *Error {
	c := *e
	c.Fields = append(slices.Clip(c.Fields), fields...)
	return &c
}

// Because returns a copy with a private cause: logged, never shown.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error returns the code, the detail and the cause: for logs, not for people.
func (e *Error) Error() string {
	s := e.Code + ": " + e.Detail
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is the same problem: the same code, whatever the
// arguments and the cause.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Of returns the problem in err's chain. An error that is none is Internal,
// with err as its cause.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return New(Internal, "internal", "Something went wrong on our side.").Because(err)
}

// ErrUnavailable says that the store does not answer now. What was asked has not
// happened, unless the caller gave up himself.
var ErrUnavailable = New(Unavailable, "unavailable", "The bank is closed for a moment. Nothing was lost; try again soon.")

// ErrUnsettled says that a write got no answer and may have happened or not: the
// same request again tells, and no other must be made before that is known.
var ErrUnsettled = New(Unavailable, "unsettled", "The bank did not answer in time. It may have happened all the same: look before you try again.")
