package api

import (
	"iter"
	"net/http"
	"time"

	"coffer/internal/admins"
	"coffer/internal/economy"
)

// Verifier is verify with the keys of secrets.
func Verifier(secrets []string) func(token string, now time.Time) (admins.ID, string, error) {
	list := keysOf(secrets)
	return func(token string, now time.Time) (admins.ID, string, error) { return verify(list, token, now) }
}

// Decode is decode.
func Decode[T any](w http.ResponseWriter, r *http.Request) (T, error) { return decode[T](w, r) }

// SealCursor and OpenCursor are those of a list.
func SealCursor(list string, key ...any) string { return sealCursor(list, key) }

// OpenCursor returns the key of a list's cursor, nil if it is none.
func OpenCursor(cursor, list string, parts int) []string { return openCursor(cursor, list, parts) }

// WriteCSV is writeCSV.
func WriteCSV(w http.ResponseWriter, r *http.Request, name string, header []string, rows iter.Seq2[[]any, error]) error {
	return writeCSV(w, r, name, header, rows)
}

// WantsCSV is wantsCSV.
func WantsCSV(r *http.Request) bool { return wantsCSV(r) }

// Guarded is what a handler learns of a write: its request, and the version seen.
func Guarded(r *http.Request, now time.Time) (economy.Request, int64, error) {
	q, err := requestOf(r, now)
	if err != nil {
		return q, 0, err
	}
	version, err := ifMatch(r)
	return q, version, err
}

// Changed is changed, with the ETag of what is now.
func Changed(w http.ResponseWriter, version int64, current, by any, at time.Time) error {
	setETag(w, version)
	return changed(current, by, at)
}

// NoVersion is noVersion.
const NoVersion = noVersion

// Neutral is neutral.
func Neutral(s string) string { return neutral(s) }

// LocalPath is localPath.
func LocalPath(s string) string { return localPath(s) }

// MostKeys is mostKeys.
const MostKeys = mostKeys

// Limiter is a limiter of calls in a minute: call reports whether one is beyond the
// limit, and keys how many are remembered.
func Limiter(limit int, now func() time.Time) (call func(key string) bool, keys func() int) {
	l := newLimiter(limit, time.Minute, now)
	return func(key string) bool { _, over := l.count(key); return over }, func() int { return len(l.calls) }
}
