package events

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"coffer/internal/problem"
)

// Position is a place in the order in which events can be followed: one behind an
// event, or behind a moment. Nothing ever appears before a place that was read up
// to. Callers compare and pass it on; what it is made of is the store's business.
// The zero value is before everything.
type Position struct {
	Round uint64 // of the store's writes, where several are under way at once
	ID    int64  // of an event
}

// ErrPosition means that a position is none of this store's: it cannot be read, or it
// is one of a time that the store knows nothing of, after a restore say.
var ErrPosition = problem.New(problem.Invalid, "bad_position", "Nothing is known of that position. Start without one.")

// ParsePosition reads what String wrote. Errors: ErrPosition.
func ParsePosition(text string) (Position, error) {
	round, id, _ := strings.Cut(text, "-")
	var p Position
	var err error
	if p.Round, err = strconv.ParseUint(round, 10, 64); err != nil {
		return Position{}, ErrPosition.Because(err)
	}
	if p.ID, err = strconv.ParseInt(id, 10, 64); err != nil {
		return Position{}, ErrPosition.Because(err)
	}
	if p.ID < 0 || p.String() != text {
		return Position{}, ErrPosition
	}
	return p, nil
}

// String is the position as clients keep it.
func (p Position) String() string {
	return strconv.FormatUint(p.Round, 10) + "-" + strconv.FormatInt(p.ID, 10)
}

// Compare returns -1 for a position before another one, 0 for the same, 1 behind it.
func (p Position) Compare(other Position) int {
	return cmp.Or(cmp.Compare(p.Round, other.Round), cmp.Compare(p.ID, other.ID))
}

// MaxBatch is the most events that one read returns.
const MaxBatch = 1000

// Batch is what follows a position.
type Batch struct {
	Entries []Entry  // ascending by position
	Until   Position // everything up to here was looked at: go on from it
	More    bool     // and more can be read at once
}

// Follower reads events in an order in which nothing appears behind what was read,
// whoever writes at the same time: whoever goes on from Until again and again sees
// each event once. An event may take a moment to appear, until every write that began
// before it has ended.
type Follower interface {
	// Head returns the position behind everything that can be read now.
	Head(context.Context) (Position, error)

	// After returns what followed a position in some guilds, at most limit events, and
	// at most MaxBatch. Errors: ErrPosition, for one that is beyond Head.
	After(ctx context.Context, from Position, guilds []string, limit int) (Batch, error)
}
