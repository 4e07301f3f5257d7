package economy

import "time"

// Invariant is a statement about the books that always holds.
type Invariant struct {
	Name      string // for programs
	Statement string // for people
}

// Invariants are what an audit checks, in this order: the first that is broken
// is the one to look at.
var Invariants = []Invariant{
	{Storage, "the stored data is readable and every reference leads somewhere"},
	{"transactions_balance", "the entries of each transaction sum to 0"},
	{"transactions_move", "each transaction has two or more entries, none of them 0, all in accounts of its own guild"},
	{"balances_match", "each balance is the sum of its account's entries"},
	{"balances_lawful", "no balance is below 0"},
	{"entries_chain", "each entry's running balance is the one before plus its amount"},
	{"openings_once", "a member's starting balance was paid at most once, from the mint, before all else"},
	{"reversals_once", "each transaction is reversed at most once, by the exact opposite of its entries: a purchase by a refund, all else by a reversal, and neither of these again"},
	{"kinds_fit", "coins are made and removed only by the kinds of transactions that may, through the account meant for it"},
	{"transactions_told", "each transaction has exactly one event, which tells who did it, when, and the balances before and after"},
	{"arrivals_told", "each guild has its accounts and one event of its creation, and so has each member, and they are counted"},
	{"streaks_earned", "each streak is of as many daily rewards at the most as its member was paid, the last of them on the day that it tells"},
	{"settings_told", "each guild's settings are what its events tell, change by change"},
	{"requests_done", "each remembered request points to the transaction that its result names, and no two to the same"},
	{"items_told", "each item is what its events tell, change by change"},
	{"units_match", "of each item, the units sold are those in inventories, used or refunded, and its stock is what its events and sales leave"},
	{"purchases_paid", "each purchase has exactly one transaction, by its buyer, of its total at the price that the item had"},
	{"refunds_once", "each refund takes back exactly one purchase, by reversing its transaction"},
	{"entitlements_fit", "each purchase of an item with a role entitles its buyer to it, for the time that it was bought for, until it is refunded at the latest"},
	{"roles_delivered", "each entitlement that was not granted yet has a delivery that waits"},
	{"tasks_told", "each task is what its events tell, change by change"},
	{"claims_told", "each claim went through its states as its events tell, each from a state that leads there, and is of the period and the reward of its time"},
	{"claims_once", "nobody has two claims on a task that run, or that belong to one period"},
	{"places_match", "of each task, the places taken are the claims that hold one"},
	{"submissions_fit", "each claim was handed in as often as it says, and waits for a review exactly where its last submission does"},
	{"erasures_whole", "of each member who was erased, as one event tells, there are numbers left: no coins, claims or roles, and none of his words"},
	{"rewards_once", "each approved claim was paid once, by one transaction to its member of what it says, and each reward pays a claim"},
}

// Storage is the name of the first invariant, which damage to the store itself breaks.
const Storage = "storage"

// Audit is the outcome of checking the books.
type Audit struct {
	At           time.Time
	Guilds       int
	Members      int
	Transactions int
	Entries      int
	Coins        Amount // in members' wallets, or the highest Amount if it is more
	Findings     []Finding
}

// Finding is one invariant as the audit found it.
type Finding struct {
	Invariant
	Broken  int    // how many rows break it; 0 means it holds
	Example string // one of them, by identifiers only
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
