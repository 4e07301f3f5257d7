package events

import (
	"context"
	"time"
)

// Mark is a place in a trail. The zero value is before the newest.
type Mark struct {
	At time.Time
	ID int64
}

// BySystem is the actor of what nobody did.
const BySystem = -1

// TrailQuery asks for a page of what happened in a guild. All that is given must fit.
type TrailQuery struct {
	Guild       string
	Actor       int64     // surrogate id; BySystem: nobody; 0: anybody
	Kind        string    // exactly, or what it begins with where it ends with a point: "task."; "": any
	Subject     string    // exactly; "": any
	From, Until time.Time // from this time, and before that; zero: unlimited
	Before      Mark      // older than this; zero: from the newest
	Limit       int       // 1 to MaxPage
}

// MaxPage is the most entries of a page.
const MaxPage = 100

// TrailPage is a page of the trail, the newest first: by time, then by id.
type TrailPage struct {
	Entries []Entry
	Next    *Mark // where the next page begins; nil at the end
}

// MaxLooked is how many events a read looks at for one page. Where fewer of them fit
// than the page has room for, it ends there and tells where to go on, so that a page
// may be short or empty although others follow.
const MaxLooked = 1000

// Trail reads what happened.
type Trail interface {
	// Trail returns one page. An unknown guild has none and is not created.
	Trail(context.Context, TrailQuery) (TrailPage, error)
}
