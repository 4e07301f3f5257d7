package api

import (
	"strconv"
	"time"

	"coffer/internal/economy"
)

// actorJSON is who did something, or whom it concerns.
type actorJSON struct {
	Kind   economy.ActorKind `json:"kind"`
	ID     string            `json:"id"`
	UserID *economy.UserID   `json:"user_id"`
	Name   string            `json:"name"`
}

// showActor shows an actor; the zero value is the system.
func showActor(a economy.Actor) actorJSON {
	if a == (economy.Actor{}) {
		return actorJSON{Kind: economy.ActorSystem}
	}
	return actorJSON{Kind: a.Kind, ID: showID(a.ID), UserID: orNull(a.User), Name: a.Name}
}

// showID writes an id.
func showID[ID ~int64](id ID) string { return strconv.FormatInt(int64(id), 10) }

// idOrNull writes an id, 0 as null.
func idOrNull[ID ~int64](id ID) *string {
	if id == 0 {
		return nil
	}
	s := showID(id)
	return &s
}

// orNull writes a text, an empty one as null.
func orNull[S ~string](s S) *S {
	if s == "" {
		return nil
	}
	return &s
}

// timeOrNull writes a time, the zero one as null.
func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// text reads a text that may be left out or null, which is empty then.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// moment reads a time that may be left out or null, which is zero then.
func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
