package api

import (
	"net/http"
	"time"

	"coffer/internal/admins"
)

// VerifyAccessToken is verify with the keys of secrets.
func VerifyAccessToken(secrets []string, token string, now time.Time) (admins.ID, string, error) {
	return verify(keysOf(secrets), token, now)
}

// Decode is decode.
func Decode[T any](w http.ResponseWriter, r *http.Request) (T, error) { return decode[T](w, r) }

// SealCursor and OpenCursor are those of a list.
func SealCursor(list string, key ...any) string { return sealCursor(list, key) }

// OpenCursor returns the key of a list's cursor, nil if it is none.
func OpenCursor(cursor, list string, parts int) []string { return openCursor(cursor, list, parts) }

// Neutral is neutral.
func Neutral(s string) string { return neutral(s) }

// LocalPath is localPath.
func LocalPath(s string) string { return localPath(s) }
