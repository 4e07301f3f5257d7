// Package admins holds the rules of who may use the dashboard and the API:
// accounts with a password, accounts of Discord, and tokens of programs, each
// with a role and the guilds that it is for, and the port that keeps them.
package admins

import (
	"slices"
	"time"
)

// ID is an account's number; 0 means none.
type ID int64

// Role is what an account may do. Each includes those before it.
type Role string

// The roles.
const (
	Viewer   Role = "viewer"   // reads
	Reviewer Role = "reviewer" // also reviews submissions
	Manager  Role = "manager"  // also changes everything in its guilds
	Owner    Role = "owner"    // everything in all guilds, and the accounts
)

// ladder has the roles from the least to the most.
var ladder = []Role{Viewer, Reviewer, Manager, Owner}

// Valid reports whether it is a role.
func (r Role) Valid() bool { return slices.Contains(ladder, r) }

// AtLeast reports whether the role includes least.
func (r Role) AtLeast(least Role) bool {
	have, need := slices.Index(ladder, r), slices.Index(ladder, least)
	return need >= 0 && have >= need
}

// Kind says how an account proves who it is.
type Kind string

// The kinds.
const (
	ByPassword Kind = "password"
	ByDiscord  Kind = "discord" // role and guilds are what Discord says
	ByToken    Kind = "token"   // a program that holds the token
)

// Account is somebody, or a program, who may use the dashboard and the API.
type Account struct {
	ID        ID
	Kind      Kind
	Name      string // of a password's account the name that it signs in with
	DiscordID string // of a Discord account
	Role      Role
	Guilds    []string // Discord ids; an owner is for all guilds, whatever stands here
	Disabled  bool
	CreatedAt time.Time
	LastUsed  time.Time // zero: never
	ExpiresAt time.Time // zero: never
}

// Covers reports whether the account is for the guild.
func (a Account) Covers(guild string) bool {
	return a.Role == Owner || slices.Contains(a.Guilds, guild)
}

// Usable reports whether the account may be used at that time.
func (a Account) Usable(now time.Time) bool {
	return !a.Disabled && (a.ExpiresAt.IsZero() || now.Before(a.ExpiresAt))
}
