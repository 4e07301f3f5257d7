package api

import "strconv"

// ID is a number that Coffer gave, as JSON shows it: a text, because JavaScript's
// numbers are not exact.
type ID int64

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(id), 10), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *ID) UnmarshalText(text []byte) error {
	n, ok := parseID(string(text))
	if !ok {
		return errID
	}
	*id = ID(n)
	return nil
}
