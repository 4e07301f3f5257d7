package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

var (
	errKey = problem.New(problem.Invalid, "idempotency_key",
		"Send an Idempotency-Key of 1 to 100 printable ASCII characters, new for each thing that you mean to do: so repeating a request does it once.")
	errNoPrecondition = problem.New(problem.Invalid, "no_precondition",
		"Send If-Match with the ETag of what you have seen, so that nobody's change is lost.")
	errChanged = problem.New(problem.Conflict, "changed",
		"Somebody has changed this since you looked. See what it is now, and decide again.")
)

// codeKeyReused is the code of the store's refusal of a key with another body.
var codeKeyReused = economy.ErrKeyReused.Code

// longestKey is the most characters of an Idempotency-Key.
const longestKey = 100

// idempotencyKey returns the request's key, which belongs to the caller alone.
// Errors: idempotency_key.
func idempotencyKey(r *http.Request) (string, error) {
	keys := r.Header["Idempotency-Key"]
	if len(keys) != 1 || keys[0] == "" || len(keys[0]) > longestKey {
		return "", errKey
	}
	for _, c := range []byte(keys[0]) {
		if c < ' ' || c > '~' {
			return "", errKey
		}
	}
	return strconv.FormatInt(int64(callerOf(r).ID), 10) + ":" + keys[0], nil
}

// requestOf returns what identifies the write that a request means, in the guild
// of its path. Errors: idempotency_key.
func requestOf(r *http.Request, now time.Time) (economy.Request, error) {
	key, err := idempotencyKey(r)
	return economy.Request{Guild: guildOf(r), Source: economy.FromAPI, Key: key, At: now}, err
}

// setETag tells the version of what is sent. A proxy that packed it would weaken the tag,
// and a weak one never matches.
func setETag(w http.ResponseWriter, version int64) {
	w.Header().Set("ETag", `"`+strconv.FormatInt(version, 10)+`"`)
	w.Header().Set("Cache-Control", "no-store, no-transform")
}

// noVersion is what an If-Match that was never an ETag of ours asks for: nothing
// has it.
const noVersion = -1

// ifMatch returns the version that the caller has seen; noVersion if his If-Match
// is none that was ever sent, so that he is told what there is now.
// Errors: no_precondition.
func ifMatch(r *http.Request) (int64, error) {
	tags := r.Header["If-Match"]
	if len(tags) == 0 {
		return 0, errNoPrecondition
	}
	tag, opened := strings.CutPrefix(tags[0], `"`)
	tag, closed := strings.CutSuffix(tag, `"`)
	version, err := strconv.ParseInt(tag, 10, 32) // as stores keep it
	if len(tags) > 1 || !opened || !closed || err != nil || version < 0 || strconv.FormatInt(version, 10) != tag {
		return noVersion, nil
	}
	return version, nil
}

// changed is the answer to a stale If-Match: what the resource is now, as its GET
// shows it, who made it so and when. by may be nil, and at zero, where that is not
// known.
func changed(current, by any, at time.Time) error {
	p := errChanged.With("current", current).With("changed_by", by).With("changed_at", nil)
	if !at.IsZero() {
		p = p.With("changed_at", at.UTC())
	}
	return p
}
