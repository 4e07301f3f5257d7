package economy

import (
	"context"
	"time"
)

// Store keeps the books. Each method is one atomic operation: all of it
// happens, or none, whatever else happens at the same time in this process or
// another; an adapter spends one round trip on it.
//
// First contact: an operation that meets an unknown guild or member, as actor
// or as subject, creates it in the same operation: the guild with
// DefaultSettings, its system accounts and an event "guild.created"; the member
// with an event "member.created" and, where the starting balance is not 0, a
// KindOpening transaction from Mint, exactly once. Who acts as an account of the
// dashboard (Person.Admin) has a number in the guild from his first act, by which
// events tell of him, and is no member. A refused operation leaves no
// trace, except that reads create whom they meet. Writes keep the newest name
// they are told.
//
// Writes are identified by their Request (which see). A write whose context
// ends before its answer may have happened: the same request again tells.
//
// ErrInsufficientFunds and ErrWalletFull also have the argument "currency"
// (Settings.InCurrency).
//
// Each transaction has an event with its kind, actor, subject and the balances
// before and after. Times are cut to microseconds.
//
// Every method can fail with a problem of kind Unavailable or Internal.
type Store interface {
	// Meet creates the guild, if it is unknown, and those of the given people who are
	// no members yet (first contact), in their order, and returns how many there were.
	// Bots are passed over. It changes nobody whom it knows, so it needs no request.
	Meet(ctx context.Context, guild GuildID, people []Person, at time.Time) (int, error)

	// Join is Meet for people who have joined just now: those who are created are welcomed
	// by one Channel delivery (outbox.NoticeWelcome) in Settings.WelcomeChannel, written in
	// the same operation. Where that is empty, or an earlier welcome of the guild still
	// waits to be delivered, there is none. Those who are back are given back their roles,
	// as Restore does.
	Join(ctx context.Context, guild GuildID, people []Person, at time.Time) (int, error)

	// Restore has Discord give back the roles that people lost by leaving the guild, and
	// returns how many there were. Such a role has an entitlement that runs, its time not
	// over at the given one, and the member joined (Person.Joined, where that is told) after
	// each of those to it was bought, and after he joined when it was last restored. Then a
	// Role delivery is written, which joins the one that there is, with an event
	// role.restored by nobody; both by member, then role. So each joining counts once,
	// whoever tells of it how often, and a role that was taken from somebody who stayed
	// stays taken. Strangers and bots are passed over, and nobody is created.
	Restore(ctx context.Context, guild GuildID, people []Person, at time.Time) (int, error)

	// Wallet returns what a member has. Read.
	Wallet(context.Context, WalletQuery) (Wallet, error)

	// Leaderboard returns one page of the richest members. Read.
	Leaderboard(context.Context, LeaderboardQuery) (LeaderboardPage, error)

	// History returns one page of a member's entries. Read.
	History(context.Context, HistoryQuery) (HistoryPage, error)

	// Reversible returns the guild's newest transactions that can be undone,
	// newest first, at most limit. An unknown guild has none and is not created.
	Reversible(ctx context.Context, guild GuildID, limit int) ([]ReversibleTransaction, error)

	// Settings returns the guild's settings: the defaults for an unknown guild,
	// which is not created.
	Settings(ctx context.Context, guild GuildID) (Settings, error)

	// ClaimDaily pays today's reward from Mint, at most what the guild's highest
	// balance leaves room for, and extends the streak. Today is the guild's day
	// at Request.At.
	// Errors: ErrAlreadyClaimed (argument "next": time.Time), ErrWalletFull
	// (arguments "max", "balance": Amount; the streak stays as it was), ErrKeyReused.
	ClaimDaily(context.Context, DailyClaim) (DailyReceipt, error)

	// Transfer moves coins from one member to another.
	// Errors: ErrInsufficientFunds (argument "balance": Amount, the payer's),
	// ErrWalletFull (argument "max": the payee's wallet; his balance is not told),
	// ErrAmountRange (all or half of a balance beyond MaxMovement), ErrKeyReused.
	Transfer(context.Context, Transfer) (TransferReceipt, error)

	// Adjust gives coins from Mint, takes them to Burn, or does whichever of the
	// two sets a balance.
	// Errors: ErrInsufficientFunds ("balance"), ErrWalletFull ("max", "balance"),
	// ErrAmountRange, ErrKeyReused.
	Adjust(context.Context, Adjustment) (AdjustmentReceipt, error)

	// Reverse undoes a transaction by a linked one with opposite entries. The
	// highest balance does not limit it; streaks stay as they are.
	// Errors: ErrUnknownTransaction, ErrIrreversible (of a reversal or a refund),
	// ErrRefundInstead (of a purchase), ErrAlreadyReversed (argument "by":
	// TransactionID), ErrErasedMember, ErrInsufficientFunds ("balance", "member": UserID, the first
	// member by account whom it would leave below 0), ErrKeyReused.
	Reverse(context.Context, Reversal) (ReversalReceipt, error)

	// ChangeSettings replaces the guild's settings; lowering the highest balance
	// touches no balance. Its event "settings.changed" holds both versions; a
	// change to the same settings makes no event, whatever its version is.
	// Errors: ErrSettingsChanged, ErrKeyReused.
	ChangeSettings(context.Context, SettingsChange) (Settings, error)

	// RefreshRanks takes the snapshot that ranks beyond ExactRanks are read from.
	RefreshRanks(ctx context.Context, now time.Time) error

	// ForgetRequests removes the keys of requests made before the given time and
	// returns how many there were.
	ForgetRequests(ctx context.Context, before time.Time) (int, error)

	// Audit checks every invariant of Invariants, in their order, each in one
	// statement, all over one snapshot of the data, without blocking writers.
	Audit(context.Context) (Audit, error)

	// Ping reports whether the store answers.
	Ping(context.Context) error
}
