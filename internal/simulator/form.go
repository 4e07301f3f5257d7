package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// A path leads to a place in a body, for the error tree. Nil is the body.
type path struct {
	up  *path
	key string
}

func (p *path) to(key string) *path { return &path{up: p, key: key} }
func (p *path) index(i int) *path   { return &path{up: p, key: strconv.Itoa(i)} }

// complaints collects what is wrong with a body, all of it at once, in the
// nested form of Discord's error 50035.
type complaints struct{ tree map[string]any }

func (c *complaints) add(at *path, code, format string, args ...any) {
	node := c.node(at)
	list, _ := node["_errors"].([]any)
	node["_errors"] = append(list, map[string]any{"code": code, "message": fmt.Sprintf(format, args...)})
}

func (c *complaints) node(at *path) map[string]any {
	if at == nil {
		if c.tree == nil {
			c.tree = map[string]any{}
		}
		return c.tree
	}
	parent := c.node(at.up)
	child, ok := parent[at.key].(map[string]any)
	if !ok {
		child = map[string]any{}
		parent[at.key] = child
	}
	return child
}

// err is nil when nothing was wrong.
func (c *complaints) err() *APIError {
	if c.tree == nil {
		return nil
	}
	return &APIError{Status: http.StatusBadRequest, Message: "Invalid Form Body", Code: 50035, Errors: c.tree}
}

// The complaints that many fields share.
func (c *complaints) required(at *path) {
	c.add(at, "BASE_TYPE_REQUIRED", "This field is required")
}

func (c *complaints) oneOf(at *path, values ...string) {
	c.add(at, "BASE_TYPE_CHOICES", "Value must be one of {%s}.", strings.Join(values, ", "))
}

// span is a permitted length or size, both ends included.
type span struct{ min, max int }

func upTo(n int) span { return span{0, n} }

// length complains about n outside of the span, in Discord's two ways to say it.
func (c *complaints) length(at *path, n int, s span) bool {
	switch {
	case n >= s.min && n <= s.max:
		return true
	case s.min == 0:
		c.add(at, "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", s.max)
	default:
		c.add(at, "BASE_TYPE_BAD_LENGTH", "Must be between %d and %d in length.", s.min, s.max)
	}
	return false
}

// A form reads one JSON object field by field and complains in Discord's
// words about what does not fit. Fields nobody asks for are ignored, as
// Discord ignores them. Null is the same as absent unless sent says otherwise.
type form struct {
	fields map[string]json.RawMessage
	at     *path
	bad    *complaints
}

func openForm(raw json.RawMessage, at *path, bad *complaints) (form, bool) {
	f := form{at: at, bad: bad}
	if !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) || json.Unmarshal(raw, &f.fields) != nil {
		bad.add(at, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
		return f, false
	}
	return f, true
}

// sent: the field is there, be it null.
func (f form) sent(key string) bool {
	_, ok := f.fields[key]
	return ok
}

// given: the field is there and not null.
func (f form) given(key string) bool {
	raw, ok := f.fields[key]
	return ok && string(raw) != "null"
}

// require complains when the field is absent or null.
func (f form) require(key string) bool {
	if !f.given(key) {
		f.bad.required(f.at.to(key))
		return false
	}
	return true
}

// text reads an optional string whose length must be within s.
func (f form) text(key string, s span) string {
	if !f.given(key) {
		return ""
	}
	var v string
	if json.Unmarshal(f.fields[key], &v) != nil {
		f.bad.add(f.at.to(key), "STRING_TYPE_CONVERT", "Could not interpret \"%s\" as string.", f.fields[key])
		return ""
	}
	f.bad.length(f.at.to(key), length(v), s)
	return v
}

// needText reads a string that must be there.
func (f form) needText(key string, s span) string {
	if !f.require(key) {
		return ""
	}
	return f.text(key, s)
}

// whole reads an optional integer within [low, high].
func (f form) whole(key string, low, high int64) (int64, bool) {
	if !f.given(key) {
		return 0, false
	}
	raw := string(f.fields[key])
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil { // 3.0 and 3e2 are integers too
		x, ferr := strconv.ParseFloat(raw, 64)
		if ferr != nil || x != math.Trunc(x) || math.Abs(x) > maxSafeInteger {
			f.bad.add(f.at.to(key), "NUMBER_TYPE_COERCE", "Value \"%s\" is not int.", strings.Trim(raw, `"`))
			return 0, false
		}
		n = int64(x)
	}
	switch {
	case n < low:
		f.bad.add(f.at.to(key), "NUMBER_TYPE_MIN", "int value should be greater than or equal to %d.", low)
	case n > high:
		f.bad.add(f.at.to(key), "NUMBER_TYPE_MAX", "int value should be less than or equal to %d.", high)
	default:
		return n, true
	}
	return 0, false
}

// kind reads a required integer that must be one of the given.
func (f form) kind(key string, allowed ...int) int {
	if !f.require(key) {
		return 0
	}
	n, err := strconv.Atoi(string(f.fields[key]))
	if err == nil {
		for _, a := range allowed {
			if n == a {
				return n
			}
		}
	}
	f.bad.oneOf(f.at.to(key), numbers(allowed)...)
	return 0
}

func numbers(list []int) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = strconv.Itoa(n)
	}
	return out
}

// boolean reads an optional boolean.
func (f form) boolean(key string) bool {
	if !f.given(key) {
		return false
	}
	var v bool
	if json.Unmarshal(f.fields[key], &v) != nil {
		f.bad.add(f.at.to(key), "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
	}
	return v
}

// list reads an optional array whose length must be within s. When it is too
// long nothing of it is read further.
func (f form) list(key string, s span) []json.RawMessage {
	if !f.given(key) {
		return nil
	}
	var v []json.RawMessage
	if json.Unmarshal(f.fields[key], &v) != nil {
		f.bad.add(f.at.to(key), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
		return nil
	}
	if !f.bad.length(f.at.to(key), len(v), s) {
		return nil
	}
	return v
}

// sub opens a nested object, if it is given.
func (f form) sub(key string) (form, bool) {
	if !f.given(key) {
		return form{}, false
	}
	return openForm(f.fields[key], f.at.to(key), f.bad)
}
