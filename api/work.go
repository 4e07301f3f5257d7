package api

import (
	"crypto/rand"
	"net/http"
	"strconv"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// errArchived is the answer to a change of what is archived.
var errArchived = problem.New(problem.Conflict, "archived", "That is archived for ever. Create a new one instead.")

// anew returns what identifies a write whose repetition does no harm, so that its
// sender need not name it.
func anew(r *http.Request, now time.Time) economy.Request {
	key := strconv.FormatInt(int64(callerOf(r).ID), 10) + ":" + rand.Text()
	return economy.Request{Guild: guildOf(r), Source: economy.FromAPI, Key: key, At: now}
}

// listJSON is a page of a list whose store says itself whether another follows.
func listJSON[E, T any](p *page, entries []E, more bool, show func(E) T, key func(E) int64) pageJSON[T] {
	out := pageJSON[T]{Data: make([]T, 0, len(entries))}
	for _, e := range entries {
		out.Data = append(out.Data, show(e))
	}
	if more && len(entries) > 0 {
		next := sealCursor(p.list, []any{key(entries[len(entries)-1])})
		out.NextCursor = &next
	}
	return out
}

// longestSearch is the most characters that names are searched for.
const longestSearch = 100
