package economy

import (
	"context"
	"slices"
	"time"
)

// BookInvariants are those of Invariants, in their order, that are checked for the
// books of one guild.
func BookInvariants() []Invariant {
	return slices.DeleteFunc(slices.Clone(Invariants), func(i Invariant) bool {
		switch i.Name {
		case "transactions_balance", "transactions_move", "balances_match", "balances_lawful", "entries_chain", "reversals_once",
			"transactions_told":
			return false
		}
		return true
	})
}

// Books is the proof that the ledger of a guild balances.
type Books struct {
	At           time.Time
	Mint         Amount // what the account holds: below 0 by what it has made
	Shop         Amount
	Burn         Amount
	Members      Amount // in all wallets
	Entries      int64
	Transactions int64
	Findings     []Finding // of BookInvariants, in their order
}

// Balanced reports whether nothing is broken and no coin is missing or left over.
func (b Books) Balanced() bool {
	for _, f := range b.Findings {
		if f.Broken > 0 {
			return false
		}
	}
	return b.Mint+b.Shop+b.Burn+b.Members == 0
}

// Bookkeeper checks the books of single guilds.
type Bookkeeper interface {
	// Books checks them over one snapshot. It looks at all that the guild has: of
	// millions of entries that takes many seconds. An unknown guild has empty books.
	Books(context.Context, GuildID) (Books, error)
}
