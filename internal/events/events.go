// Package events describes what happened: the rows that feed the live
// dashboard and are the audit trail, and what is counted of them. An event is
// written in the same transaction as what it tells, and never changed.
package events

import (
	"context"
	"encoding/json"
	"time"

	"coffer/internal/economy"
)

// Event is one thing that happened in a guild. It names members and accounts by
// their surrogate ids only, so that a person can be erased without touching it.
type Event struct {
	ID      int64
	Guild   string
	Actor   int64           // surrogate id of the member who did it; 0: the system
	Kind    string          // "daily", "transfer", "member.created", ...
	Subject string          // "transaction:12", "member:3", "guild"
	Before  json.RawMessage // what changed, as it was; null where there was nothing
	After   json.RawMessage // and as it is
	At      time.Time
}

// Entry is an event as people are shown it.
type Entry struct {
	Event
	By       economy.Actor // who did it, as he is called now
	Position Position
}

// Reader reads events back. It is no way to follow them: with several writers, an
// event may appear behind one with a greater id.
type Reader interface {
	// Events returns the guild's events after the given id, ascending, at most limit,
	// and at most 1000.
	Events(ctx context.Context, guild string, after int64, limit int) ([]Event, error)
}
