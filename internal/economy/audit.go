package economy

import "time"

// Invariant is a statement about the books that always holds.
type Invariant struct {
	Name      string // for programs
	Statement string // for people
}

// Invariants are what an audit checks, cause before effect: the first that is
// broken is the one to look at.
var Invariants = []Invariant{
	{"storage", "the stored data is readable and every reference leads somewhere"},
	{"transactions_balance", "the entries of each transaction sum to 0"},
	{"transactions_move", "each transaction has two or more entries, none of them 0, all in accounts of its own guild"},
	{"balances_match", "each balance is the sum of its account's entries"},
	{"balances_lawful", "no balance is below 0"},
	{"entries_chain", "each entry's running balance is the one before plus its amount"},
	{"openings_once", "a member's starting balance was paid at most once, from the mint, before all else"},
	{"reversals_once", "each transaction is reversed at most once, by the exact opposite of its entries, and a reversal never"},
	{"kinds_fit", "coins are made and removed only by the kinds of transactions that may, through the account meant for it"},
	{"transactions_told", "each transaction has exactly one event, and each event about a transaction has its transaction"},
	{"requests_done", "each remembered request that moved coins points to its transaction, and no two to the same"},
}

// Audit is the outcome of checking the books.
type Audit struct {
	At           time.Time
	Guilds       int
	Members      int
	Transactions int
	Entries      int
	Coins        Amount // in members' wallets
	Findings     []Finding
}

// Finding is one invariant as the audit found it.
type Finding struct {
	Invariant
	Broken  int    // how many rows break it; 0 means it holds
	Example string // the first of them, by identifiers only
}

// Broken returns the first broken invariant.
func (a Audit) Broken() (Finding, bool) {
	for _, f := range a.Findings {
		if f.Broken > 0 {
			return f, true
		}
	}
	return Finding{}, false
}
