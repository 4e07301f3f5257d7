// Package outbox delivers to Discord what the store has decided: roles that members
// bought, and messages. A delivery is a row that was written in the same
// transaction as its cause, and it is tried until Discord has done it or refuses it
// for good. Whatever Discord may have done already, after an answer that was lost,
// is safe to do again.
package outbox

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"coffer/internal/economy"
)

// Kind says what a delivery does.
type Kind string

// The kinds of deliveries.
const (
	Role    Kind = "role"    // make Discord match a member's entitlement to a role
	Card    Kind = "card"    // make a message match what it shows
	Channel Kind = "channel" // post a notice in a channel
	Direct  Kind = "direct"  // tell a member a notice in a direct message
)

// State is where a delivery stands.
type State string

// The states.
const (
	Waiting State = "waiting" // to be tried, again perhaps
	Done    State = "done"
	Failed  State = "failed" // for good; what could be compensated was
)

// KeptFor is how long a delivery that was done or failed is kept, but for a Role that
// has failed.
const KeptFor = 30 * 24 * time.Hour

// Attempts is how often a delivery is tried before it counts as failed. The removal of
// a role is tried until Discord does or refuses it.
const Attempts = 20

// Lease is a delivery that this caller, and nobody else, may try until its time is
// over.
type Lease struct {
	ID       int64
	Token    int64 // of this lease, from 1 and ascending in its delivery; an older one settles nothing
	Attempt  int   // from 1
	Guild    economy.GuildID
	Kind     Kind
	User     economy.UserID    // with Role and Direct
	Role     economy.RoleID    // with Role
	Entitled bool              // with Role: whether he is to have it, as of the lease
	Channel  economy.ChannelID // with Channel and Card
	Subject  string            // with Card: "task:12", "submission:7"
	Message  string            // with Card: the message's id; empty: there is none yet
	Notice   Notice            // with Channel and Direct; with Card what the message is to show, as of the lease
	Created  time.Time
}

// Most returns after how many attempts a delivery that is to wait has failed: the
// removal of a role never, since nothing compensates for one that is left.
func (l Lease) Most() int {
	if l.Kind == Role && !l.Entitled {
		return math.MaxInt32
	}
	return Attempts
}

// Notice is a message before it is put into words.
type Notice struct {
	Name string          `json:"name"` // "purchase.refunded"
	Args json.RawMessage `json:"args"`
}

// The notices.
const (
	NoticeRefunded   = "purchase.refunded"   // a role could not be granted, or not in time, so its purchase was refunded; Args are a Refunded
	NoticeTask       = "task"                // with Card; Args are a tasks.TaskCard
	NoticeSubmission = "submission"          // with Card; Args are a tasks.ReviewCard
	NoticeReviewed   = "submission.reviewed" // Args are a tasks.ReviewNotice
	NoticeWelcome    = "member.joined"       // with Channel; Args are a Welcome
)

// Refunded is what a NoticeRefunded tells.
type Refunded struct {
	Purchase int64            `json:"purchase"`
	Item     string           `json:"item"`
	Total    economy.Amount   `json:"total"`
	Member   economy.UserID   `json:"member"`
	Role     economy.RoleID   `json:"role"`
	Reason   string           `json:"reason"` // Discord's, for the admins
	Currency economy.Currency `json:"currency"`
}

// MostNamed is how many people a Welcome names.
const MostNamed = 3

// Welcome is what a NoticeWelcome tells.
type Welcome struct {
	Members  []economy.UserID `json:"members"` // the first who joined, at most MostNamed; empty: was erased
	Others   int              `json:"others"`  // who joined with them
	Balance  economy.Amount   `json:"balance"` // that each begins with
	Currency economy.Currency `json:"currency"`
}

// NewWelcome returns the welcome for people who have joined a guild.
func NewWelcome(newcomers []economy.UserID, s economy.Settings) Welcome {
	named := newcomers[:min(len(newcomers), MostNamed)]
	return Welcome{Members: named, Others: len(newcomers) - len(named), Balance: s.StartingBalance, Currency: s.Currency()}
}

// Outcome is how an attempt ended.
type Outcome struct {
	State State         // Done, Failed, or Waiting: to be tried again
	After time.Duration // with Waiting: not before
	Error string        // why it was not done; for admins, without secrets; kept as CleanError has it

	Message string // with Card: the id of the message that was posted
	Gone    bool   // with Card and Done: the message was deleted at Discord, by itself or with its channel
}

// Delivery is a delivery as an admin sees it.
type Delivery struct {
	ID       int64
	Kind     Kind
	State    State
	Attempts int
	User     economy.UserID
	Role     economy.RoleID
	Channel  economy.ChannelID
	Subject  string // with Card
	Notice   string // its name
	Error    string // of the last attempt
	Created  time.Time
	Due      time.Time // with Waiting: not tried before; by the store's clock
}

// CleanError returns what went wrong as stores keep it: valid UTF-8 on one line of
// at most 300 characters.
func CleanError(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) > 300 {
		s = string([]rune(s)[:299]) + "…"
	}
	return s
}

// Store keeps deliveries. It is part of the same store as the books (see
// economy.Store). Leases go by the store's own clock, because servers' clocks
// differ.
//
// A Role delivery is one row per member and role while it waits or has failed: what
// begins or ends an entitlement, or restores its role to who joined the guild again, in
// the meantime joins it, so that it is due at once,
// its attempts are counted anew, and a lease that was taken before only ends:
// whatever its outcome is, Discord may have been told what is no longer so. Whether
// the member is entitled is read when it is leased. One of a member who was erased is
// about who has his user id now, if anybody has, whose changes join it, too.
//
// A Card delivery is the same for a message: one row per subject, and what the message
// is to show is read when it is leased. The card itself, which is a channel and once it
// was posted a message, lasts longer than its deliveries. A message that was deleted at
// Discord, by itself or with its channel, is not posted again: its card is forgotten,
// until its subject asks for one anew. A card that has no message yet goes to the
// channel that was asked for last.
//
// The oldest delivery is that with the lowest number.
type Store interface {
	// LeaseDeliveries takes deliveries that are due, at most limit, and at most
	// economy.MaxPage, for the given time, and returns them the oldest first. Each that is
	// taken is of a guild of which the fewest are leased, and in it the oldest: a guild
	// with many that are slow holds up no other's. Attempts that were not settled in time
	// are due again, and count.
	LeaseDeliveries(ctx context.Context, limit int, life time.Duration) ([]Lease, error)

	// SettleDelivery notes how an attempt ended. It does nothing for a lease that was
	// taken over, except that a card which has no message is always given the one that was
	// posted, whatever the State. With Gone, the card is forgotten, and so is a cause that
	// has joined. A delivery that fails for good, or is to wait after Most, is Failed.
	// With Done, the entitlements of a Role that were to be granted are granted. A Role
	// that was to be granted and is Failed is compensated in the same operation: each
	// running entitlement to it that was never granted ends, its purchase is refunded
	// (shop.Store, Refund, by nobody: actor 0, at now, without a note), its buyer is told
	// by a Direct delivery and then the admins by a Channel one (NoticeRefunded), where
	// the guild has an admin channel; the oldest purchase first. Where the goods are not
	// there any more, the entitlement ends and nothing else. Then the delivery waits
	// again, its attempts counted anew: an attempt whose answer was lost may have granted
	// the role, and Discord is to agree that he has it no more.
	SettleDelivery(ctx context.Context, lease Lease, o Outcome, now time.Time) error

	// Deliveries returns the guild's deliveries that wait or have failed, newest first,
	// older than the given one (0: from the newest), at most limit, at most economy.MaxPage.
	Deliveries(ctx context.Context, guild economy.GuildID, before int64, limit int) ([]Delivery, error)

	// RetryDelivery has a delivery that waits or has failed tried at once, its attempts
	// counted anew, and reports whether there is such a one. One that is leased is left to
	// its lease. A failed Role whose member is not entitled to it any more is tried too:
	// then the role is taken.
	RetryDelivery(ctx context.Context, guild economy.GuildID, id int64) (bool, error)

	// ForgetDeliveries removes those that were done or failed before the given time,
	// and returns how many there were. A Role that has failed is kept: Discord and the
	// books disagree until it is retried, or the entitlement changes.
	ForgetDeliveries(ctx context.Context, before time.Time) (int, error)
}
