package api

import (
	"strconv"
	"time"

	"coffer/internal/economy"
)

// idOf writes a number as the API does; 0 is none.
func idOf[ID ~int64](id ID) *string {
	if id == 0 {
		return nil
	}
	s := strconv.FormatInt(int64(id), 10)
	return &s
}

// number writes an id that is there.
func number[ID ~int64](id ID) string { return strconv.FormatInt(int64(id), 10) }

// timeOf writes a time; the zero time is null.
func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// textOf writes a text that may be missing; "" is null.
func textOf[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}

// actorJSON is who did something.
type actorJSON struct {
	Kind economy.ActorKind `json:"kind"`
	ID   string            `json:"id"`
	User *economy.UserID   `json:"user_id"`
	Name string            `json:"name"`
}

func showActor(a economy.Actor) actorJSON {
	out := actorJSON{Kind: a.Kind, User: textOf(a.User), Name: a.Name}
	if a.Kind == "" {
		out.Kind = economy.ActorSystem
	}
	if out.Kind != economy.ActorSystem {
		out.ID = number(a.ID)
	}
	return out
}
