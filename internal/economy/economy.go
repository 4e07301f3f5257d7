// Package economy holds the rules of a guild's coins: who has how many, how
// they are earned, sent, given, taken and taken back, and the port of the
// store that keeps the books.
//
// What a rule can decide without stored state is decided here, once: formats,
// ranges, who may not pay whom. What needs stored state (balances, the guild's
// day, streaks, what was reversed) is decided inside the store's operation, in
// the same transaction as its effect, with the pure functions of this package
// where the store is written in Go.
package economy

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"coffer/internal/problem"
)

// GuildID is a Discord server's snowflake.
type GuildID string

// UserID is a Discord user's snowflake.
type UserID string

// RoleID is a Discord role's snowflake; empty means none.
type RoleID string

// ChannelID is a Discord channel's snowflake; empty means none.
type ChannelID string

// Valid reports whether it is a snowflake.
func (id GuildID) Valid() bool { return snowflake(string(id)) }

// Valid reports whether it is a snowflake or none.
func (id RoleID) Valid() bool { return id == "" || snowflake(string(id)) }

// Valid reports whether it is a snowflake or none.
func (id ChannelID) Valid() bool { return id == "" || snowflake(string(id)) }

// snowflake reports whether s is a Discord id as Discord writes it.
func snowflake(s string) bool {
	n, err := strconv.ParseUint(s, 10, 64)
	return err == nil && n > 0 && s[0] != '0' && isDigits(s)
}

// AdminID is the number of an account of the dashboard; 0 means none.
type AdminID int64

// TransactionID is a transaction's number, ascending within a guild.
type TransactionID int64

// Person is a Discord user as an interaction shows him, or who acts as an account
// of the dashboard and is no member: then User is empty.
type Person struct {
	User   UserID
	Name   string // as shown in the guild, or empty if not told; the store keeps the newest it is told
	Bot    bool
	Admin  AdminID   // the dashboard's account; 0: a Discord user
	Joined time.Time // the guild, by Discord; zero if not told, which is enough but where a role may have to be restored
}

// CleanName returns a name fit to be stored and shown: valid UTF-8 without
// control characters, at most 100 characters. Stores keep names in this form.
func CleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, name)
	if utf8.RuneCountInString(name) > 100 {
		name = string([]rune(name)[:100])
	}
	return name
}

// Problems of the economy. Every operation can also fail with a problem of
// kind Unavailable (the store did not answer) or Internal.
var (
	ErrInsufficientFunds = problem.New(problem.Refused, "insufficient_funds",
		"There are not enough coins for that.")
	ErrAlreadyClaimed = problem.New(problem.Refused, "already_claimed",
		"Today's coins are claimed already.")
	ErrWalletFull = problem.New(problem.Refused, "wallet_full",
		"That would exceed this server's highest balance.")
	ErrSelfTransfer = problem.New(problem.Refused, "self_transfer",
		"You cannot pay yourself.")
	ErrBotMember = problem.New(problem.Refused, "bot_member",
		"Bots have no wallet.")
	ErrNote = problem.New(problem.Invalid, "note",
		"A note has at most 200 characters, all of them printable.")
	ErrUnknownTransaction = problem.New(problem.NotFound, "unknown_transaction",
		"There is no such transaction in this server.")
	ErrAlreadyReversed = problem.New(problem.Conflict, "already_reversed",
		"That transaction was undone already.")
	ErrIrreversible = problem.New(problem.Refused, "irreversible",
		"An undo cannot be undone; make the opposite change instead.")
	ErrRefundInstead = problem.New(problem.Refused, "refund_instead",
		"A purchase is refunded, not undone: so the goods come back, too.")
	ErrKeyReused = problem.New(problem.Conflict, "key_reused",
		"This request was made before with other values. Start again.")
)

// MaxNote is the most characters of a note or a reason.
const MaxNote = 200

// Source says which edge a request came through.
type Source string

// The sources.
const (
	FromDiscord Source = "discord"
	FromAPI     Source = "api"
	FromSystem  Source = "system"
)

// Request identifies one write. Its key, within the guild, the operation and
// the source, makes the write happen at most once: the same key again returns
// the stored first result; with other arguments it is ErrKeyReused; a refusal
// stores nothing. Keys are kept for KeyLife.
type Request struct {
	Guild  GuildID
	Source Source
	Key    string
	At     time.Time // the edge's clock; stores cut it to microseconds
}

// KeyLife is how long a key is remembered.
const KeyLife = 7 * 24 * time.Hour

// printable reports whether s holds only characters that a note or a name can
// show: no control characters, which includes line breaks.
func printable(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}

// CheckNote checks a note or a reason: MaxNote characters, all of them printable.
// Errors: ErrNote.
func CheckNote(s string) error {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > MaxNote || !printable(s) {
		return ErrNote
	}
	return nil
}
