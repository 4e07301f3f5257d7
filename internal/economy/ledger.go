package economy

import "time"

// Kind says what a transaction was for.
type Kind string

// The kinds of transactions.
const (
	KindOpening  Kind = "opening"  // the starting balance, at first contact
	KindDaily    Kind = "daily"    // a daily claim
	KindTransfer Kind = "transfer" // a member pays a member
	KindGive     Kind = "give"     // an admin creates coins
	KindTake     Kind = "take"     // an admin removes coins
	KindSet      Kind = "set"      // an admin sets a balance
	KindReversal Kind = "reversal" // an admin undoes a transaction
	KindPurchase Kind = "purchase" // a member buys goods
	KindRefund   Kind = "refund"   // a purchase is taken back
	KindReward   Kind = "reward"   // a task is paid
)

// SystemAccount is an account of the guild itself. It has no balance row; its
// balance is the sum of its entries.
type SystemAccount string

// The system accounts of every guild.
const (
	Mint SystemAccount = "mint" // coins enter
	Shop SystemAccount = "shop" // coins leave for goods
	Burn SystemAccount = "burn" // coins are removed by admins
)

// The limits of ranks and pages.
const (
	// ExactRanks is how many places a leaderboard has; beyond it a rank is a percentage.
	ExactRanks = 1000
	// MaxPage is the most rows that a read returns.
	MaxPage = 100
)

// Rank is a member's place among the guild's members: by balance, and among
// equals the earlier member first. Exactly one field is set, or none where the
// place is beyond ExactRanks and no snapshot has been taken yet.
type Rank struct {
	Position   int `json:"position,omitempty"`    // 1 to ExactRanks
	TopPercent int `json:"top_percent,omitempty"` // 1 to 100, as of the last snapshot
}

// Wallet is what a member has.
type Wallet struct {
	Member    UserID
	Balance   Amount
	Rank      Rank
	Streak    int       // 0 once broken
	NextDaily time.Time // zero: now
	Currency  Currency
}

// DailyReceipt is the result of a daily claim.
type DailyReceipt struct {
	Transaction TransactionID `json:"transaction"`
	Reward      Amount        `json:"reward"` // what was paid: less than earned where the balance reached its limit
	Bonus       Amount        `json:"bonus"`  // the part of the reward that the streak added
	Streak      int           `json:"streak"`
	Balance     Amount        `json:"balance"`
	NextDaily   time.Time     `json:"next_daily"`
	Currency    Currency      `json:"currency"`
}

// TransferReceipt is the result of a transfer.
type TransferReceipt struct {
	Transaction TransactionID `json:"transaction"`
	Amount      Amount        `json:"amount"`
	Balance     Amount        `json:"balance"` // the payer's, after
	Currency    Currency      `json:"currency"`
}

// AdjustmentReceipt is the result of an adjustment.
type AdjustmentReceipt struct {
	Transaction TransactionID `json:"transaction"` // 0 where KindSet found the balance as asked: nothing moved
	Before      Amount        `json:"before"`
	After       Amount        `json:"after"`
	Currency    Currency      `json:"currency"`
}

// ReversalReceipt is the result of a reversal.
type ReversalReceipt struct {
	Transaction TransactionID `json:"transaction"`
	Original    TransactionID `json:"original"`
	Kind        Kind          `json:"kind"` // of the original
	Legs        []ReversalLeg `json:"legs"` // the members' entries of the reversal, by change, then by account
	Currency    Currency      `json:"currency"`
}

// ReversalLeg is what a reversal did to one member.
type ReversalLeg struct {
	Member  UserID `json:"member"`
	Change  Amount `json:"change"`
	Balance Amount `json:"balance"` // after
}

// WalletQuery asks for a member's wallet.
type WalletQuery struct {
	Guild  GuildID
	Viewer Person
	Member Person // the viewer himself, or another
	At     time.Time
}

// LeaderboardQuery asks for one page of the guild's richest.
type LeaderboardQuery struct {
	Guild  GuildID
	Viewer Person
	Page   int // from 1
	Size   int // rows a page, 1 to MaxPage
	At     time.Time
}

// LeaderboardPage is a page of the richest members. It is empty beyond the end
// and beyond ExactRanks.
type LeaderboardPage struct {
	Rows     []LeaderboardRow
	More     bool   // another page follows
	Viewer   Wallet // of the one who asked
	Currency Currency
}

// LeaderboardRow is one member's place.
type LeaderboardRow struct {
	Position int
	Member   UserID
	Balance  Amount
}

// HistoryQuery asks for one page of a member's entries, newest first.
type HistoryQuery struct {
	Guild  GuildID
	Viewer Person
	Member Person
	Turned bool          // another page was shown before: a Member who is none by now was erased, is not met again, and has nothing
	Before TransactionID // only older ones; 0: from the newest
	After  TransactionID // only newer ones, the oldest of them; not together with Before
	Size   int           // rows a page, 1 to MaxPage
	At     time.Time
}

// HistoryPage is a page of a member's entries, newest first.
type HistoryPage struct {
	Lines        []HistoryLine
	Newer, Older bool // whether there are entries on either side
	Balance      Amount
	Currency     Currency
}

// HistoryLine is one entry of a member's account with its transaction.
type HistoryLine struct {
	Transaction  TransactionID
	Kind         Kind
	Amount       Amount // signed
	Balance      Amount // after
	Counterparty UserID // the other member of a transfer or of its reversal; else empty
	Note         string
	At           time.Time
	Reverses     TransactionID // 0: is no reversal
	ReversedBy   TransactionID // 0: was not reversed
}

// ReversibleTransaction is a transaction that can still be undone, as an admin
// picks it from a list.
type ReversibleTransaction struct {
	Transaction TransactionID
	Kind        Kind
	Amount      Amount // what moved: the sum of the positive entries
	From, To    string // names of members; empty for system accounts
	At          time.Time
}
