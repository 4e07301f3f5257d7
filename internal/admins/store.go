package admins

import (
	"context"
	"time"
)

// The limits of tries to sign in. One address alone cannot use up an account's.
const (
	TriesOfAccount = 100
	TriesOfAddress = 30
	TriesWindow    = 15 * time.Minute
)

// How long things live.
const (
	SessionLife = 30 * 24 * time.Hour
	// Grace is how long after a renewal the secret before may still be used: by a
	// second tab, or by one that did not get its answer.
	Grace = 10 * time.Second
	// UsedEvery is how often it is kept when an account was last used.
	UsedEvery = time.Minute
)

// Try is an attempt to sign in with a password.
type Try struct {
	Name    string // as UserName has it; "" if it is none
	NameKey string
	Address string // AddressKey
	At      time.Time
}

// Credentials are what a password is checked against; the zero value where there is
// no such account, or it is disabled.
type Credentials struct {
	Account      ID
	PasswordHash string
}

// Opening is the beginning of a session.
type Opening struct {
	Session string // its id
	Secret  string // the hash of its first secret
	Account ID
	// PasswordHash is that which the password was checked against.
	PasswordHash string
	Forgive      []string // keys of tries, of which one is forgiven
	At           time.Time
}

// Identity is a person whom Discord has named.
type Identity struct {
	DiscordID string
	Name      string
	Guilds    []string // those that he may manage
}

// DiscordOpening is the beginning of a session of somebody whom Discord has named.
type DiscordOpening struct {
	Session  string
	Secret   string
	Identity Identity
	Sealed   string // what is needed to ask Discord again
	At       time.Time
}

// Renewal asks for a session's next secret.
type Renewal struct {
	Session string
	Secret  string   // the hash of the secret that was shown
	Next    []string // hashes of what may follow it, that of the newest key first
	At      time.Time
}

// Renewed is a session that goes on.
type Renewed struct {
	Account Account
	Next    int    // which of Renewal.Next is the secret now
	Fresh   bool   // this renewal made it so; else one before did, within Grace
	Sealed  string // of a session that began with Discord
}

// Store keeps accounts and sessions. Each method is one atomic operation. None tells
// whether an account is unknown, disabled, expired or revoked: that is ErrSignedOut.
// Times are cut to microseconds.
//
// Whatever is done to an account or a token is kept in the trail, for good, in the same
// operation: one entry each for its creation and its end, for a change of what it may do,
// and for a new password. What is refused, repeated, or changes nothing leaves none.
type Store interface {
	// CreateFirstOwner creates the account if there is none with a password, and
	// reports whether it did.
	CreateFirstOwner(context.Context, Creation) (bool, error)
	// CreateAccount creates an account or a token. Under the key of an earlier
	// creation it returns what that created, with the hash of its password or token.
	// Errors: ErrExpiry (it has ended), ErrNameTaken, ErrKeyReused (the key with another
	// fingerprint).
	CreateAccount(context.Context, Creation) (Account, string, error)
	// ChangeAccount changes an account that is no token. Whoever is disabled, or has
	// a new password, has no sessions any more.
	// Errors: ErrUnknownAccount, ErrDerived, ErrLastOwner.
	ChangeAccount(context.Context, Change) (Account, error)
	// Accounts returns up to limit accounts, or tokens that were not revoked, with
	// numbers above after, ascending.
	Accounts(ctx context.Context, tokens bool, after ID, limit int) ([]Account, error)
	// RevokeToken ends a token for ever. Errors: ErrUnknownToken.
	RevokeToken(ctx context.Context, token, by ID, at time.Time) error
	// AccountTrail returns up to limit entries of the trail, the newest first. Entries of
	// one account are in the order of what was done to it.
	AccountTrail(context.Context, TrailQuery) ([]TrailEntry, error)

	// TryLogin counts a try and returns what the password is checked against. Beyond
	// the limits it counts nothing. Errors: ErrTooManyLogins, with how many seconds to
	// wait as retry_after.
	TryLogin(context.Context, Try) (Credentials, error)
	// OpenSession begins a session of an account whose password was right, and
	// forgives the try. Errors: ErrSignedOut (meanwhile it is disabled, or has another
	// password).
	OpenSession(context.Context, Opening) (Account, error)
	// OpenDiscordSession begins a session of somebody whom Discord has named: a
	// manager of those of his guilds that the books know. The first makes his account.
	// Errors: ErrSignedOut (he is disabled).
	OpenDiscordSession(context.Context, DiscordOpening) (Account, error)
	// RenewSession gives a session its next secret. The secret before the newest
	// yields the newest again for the time of Grace; any other ends the session.
	// Errors: ErrSignedOut.
	RenewSession(context.Context, Renewal) (Renewed, error)
	// DeriveSession keeps what Discord says now of the account of a session that
	// began with it. Errors: ErrSignedOut.
	DeriveSession(ctx context.Context, session string, who Identity, sealed string, at time.Time) (Account, error)
	// KeepGrant replaces what is needed to ask Discord again, and nothing else. It is no
	// error if there is no such session.
	KeepGrant(ctx context.Context, session, sealed string) error
	// CloseSession ends the session if the secret is its newest or the one before,
	// and with everywhere all sessions of its account. It is no error if there is none.
	CloseSession(ctx context.Context, session, secret string, everywhere bool) error
	// DropSession ends a session.
	DropSession(ctx context.Context, session string) error
	// ChangePassword replaces a password that was checked against old, and ends all
	// sessions of the account but keep. Errors: ErrSignedOut (there is another
	// password meanwhile).
	ChangePassword(ctx context.Context, account ID, old, hash, keep string, at time.Time) error

	// SessionAccount returns whose session it is, and keeps that it was used.
	// Errors: ErrSignedOut.
	SessionAccount(ctx context.Context, session string, at time.Time) (Account, error)
	// TokenAccount returns the account of the token with the hash, and keeps that it
	// was used. Errors: ErrSignedOut.
	TokenAccount(ctx context.Context, hash string, at time.Time) (Account, error)
	// ForgetSessions removes sessions that are over and tries that count no more, and
	// returns how many.
	ForgetSessions(ctx context.Context, now time.Time) (int, error)

	// KnowsGuild reports whether the books have the guild.
	KnowsGuild(ctx context.Context, guild string) (bool, error)
}
