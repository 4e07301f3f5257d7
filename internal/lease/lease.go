// Package lease has one of several processes do something at a time: whoever holds the
// lease in the store that they share.
package lease

import (
	"context"
	"time"
)

// Longest is how long a lease may live. One that is to end later was written by a clock
// that has been set back since, and is over.
const Longest = time.Minute

// Lease says who holds a lease.
type Lease struct {
	Token  int64  // of whoever asked, if he holds it now; 0: somebody else does
	Holder string // who does
}

// Store keeps leases, by name. They end by the store's clock.
//
// The token of a lease grows each time that it is taken. It fences the lease itself: a
// holder who was too slow can neither prolong nor end what has become somebody else's.
// What is done under a lease may still be done by two for a moment, after a pause of
// the whole process for one, so it must be harmless.
//
// Every method can fail with a problem of kind Unavailable or Internal.
type Store interface {
	// TakeLease takes a lease for life, at most Longest, if nobody holds it; and from
	// the same holder, whose answer may have been lost.
	TakeLease(ctx context.Context, name, holder string, life time.Duration) (Lease, error)

	// RenewLease has a lease end after life from now, and reports whether it was still
	// held with the token. One that is over is not renewed.
	RenewLease(ctx context.Context, name string, token int64, life time.Duration) (bool, error)

	// ReturnLease ends a lease, if it is held with the token.
	ReturnLease(ctx context.Context, name string, token int64) error
}
