package economy

import "strconv"

// ActorKind says what somebody is who did something.
type ActorKind string

// The kinds of actors.
const (
	ActorMember  ActorKind = "member"
	ActorAccount ActorKind = "account" // of the dashboard
	ActorSystem  ActorKind = "system"  // nobody: time, or a delivery that failed
	ActorErased  ActorKind = "erased"  // a member of whom nothing is kept but his number
)

// Actor is who did something, as it is shown. The zero value is nobody.
type Actor struct {
	Kind ActorKind `json:"kind"`
	ID   int64     `json:"id"`             // surrogate, in the guild; 0: the system
	User UserID    `json:"user,omitempty"` // of a member
	Name string    `json:"name,omitempty"` // the newest that the store was told
}

// Identity is what tells a person who acts from all others, whatever his name is.
func (p Person) Identity() string {
	if p.Admin != 0 {
		return "account:" + strconv.FormatInt(int64(p.Admin), 10)
	}
	return string(p.User)
}

// Known reports whether the person is one that can act: a Discord user, or an
// account of the dashboard, and not both.
func (p Person) Known() bool { return (p.User == "") != (p.Admin == 0) }
