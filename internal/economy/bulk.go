package economy

import (
	"fmt"
	"unicode/utf8"

	"coffer/internal/problem"
)

// The limits of lists.
const (
	MaxBulk    = 1000   // members of a bulk adjustment
	MaxImport  = 50_000 // rows of an import
	MaxChanges = 200    // that a receipt tells
	MaxRefused = 1000   // that a receipt tells
)

// Problems of lists.
var (
	ErrBulkSize = problem.New(problem.Invalid, "bulk_size",
		"A list has 1 to 1000 members, an import 1 to 50000 rows.")
	ErrDuplicate = problem.New(problem.Invalid, "duplicate",
		"Somebody is on the list twice.") // argument "index": the second time
	ErrUserID = problem.New(problem.Invalid, "user_id",
		"That is no Discord id: 17 to 20 digits.")
	ErrBalance = problem.New(problem.Invalid, "balance",
		"A balance is a whole number from 0 to 1000000000000000.")
	ErrMemberName = problem.New(problem.Invalid, "name",
		"A name is one line of at most 100 characters.")
)

// BulkAdjustment is an admin's change of many balances, all or none.
type BulkAdjustment struct {
	Request Request
	Admin   Person
	Kind    Kind // KindGive, KindTake or KindSet
	Reason  string
	Rows    []BulkRow
	DryRun  bool
}

// BulkRow is one member of a list: by his number, or in an import by his Discord id.
type BulkRow struct {
	Member MemberID
	User   UserID
	Name   string // with User: as he is called; empty: not told
	Amount Amount // as in Adjustment
}

// NewBulkAdjustment checks a list of members, nobody twice, of whom all get the same.
// Errors: ErrBulkSize, ErrDuplicate, ErrAmountRange, ErrNote.
func NewBulkAdjustment(r Request, admin Person, members []MemberID, kind Kind, n Amount, reason string, dryRun bool) (BulkAdjustment, error) {
	if len(members) < 1 || len(members) > MaxBulk {
		return BulkAdjustment{}, ErrBulkSize
	}
	if _, err := NewAdjustment(r, admin, Person{}, kind, n, reason); err != nil {
		return BulkAdjustment{}, err
	}
	seen := make(map[MemberID]bool, len(members))
	b := BulkAdjustment{Request: r, Admin: admin, Kind: kind, Reason: reason, DryRun: dryRun}
	for i, id := range members {
		if seen[id] {
			return BulkAdjustment{}, ErrDuplicate.With("index", i)
		}
		seen[id] = true
		b.Rows = append(b.Rows, BulkRow{Member: id, Amount: n})
	}
	return b, nil
}

// NewImport checks a list of balances that are to be set, of rows that CheckRow is
// content with. Errors: ErrBulkSize, ErrDuplicate, ErrNote.
func NewImport(r Request, admin Person, rows []BulkRow, reason string, dryRun bool) (BulkAdjustment, error) {
	if len(rows) < 1 || len(rows) > MaxImport {
		return BulkAdjustment{}, ErrBulkSize
	}
	if err := CheckNote(reason); err != nil {
		return BulkAdjustment{}, err
	}
	seen := make(map[UserID]bool, len(rows))
	for i, row := range rows {
		if seen[row.User] {
			return BulkAdjustment{}, ErrDuplicate.With("index", i)
		}
		seen[row.User] = true
	}
	return BulkAdjustment{Request: r, Admin: admin, Kind: KindSet, Reason: reason, Rows: rows, DryRun: dryRun}, nil
}

// CheckRow checks a row of an import. Errors: ErrUserID, ErrBalance, ErrMemberName.
func CheckRow(row BulkRow) error {
	switch {
	case !snowflake(string(row.User)) || len(row.User) < 17:
		return ErrUserID
	case row.Amount < 0 || row.Amount > MaxBalance:
		return ErrBalance
	case !utf8.ValidString(row.Name) || utf8.RuneCountInString(row.Name) > 100 || !printable(row.Name):
		return ErrMemberName
	}
	return nil
}

// Import reports whether the list is one of balances by Discord ids.
func (b BulkAdjustment) Import() bool { return len(b.Rows) > 0 && b.Rows[0].User != "" }

// Adjustment returns what a row does to its member.
func (b BulkAdjustment) Adjustment(row BulkRow) Adjustment {
	return Adjustment{Request: b.Request, Admin: b.Admin, Kind: b.Kind, Amount: row.Amount, Reason: b.Reason}
}

// Fingerprint is the same for the same list under another clock or name of the admin. The
// names of an import are part of what it does.
func (b BulkAdjustment) Fingerprint() string {
	rows := make([]string, 0, len(b.Rows))
	for _, row := range b.Rows {
		text := fmt.Sprintf("%d/%s/%d", row.Member, row.User, row.Amount)
		if row.Name != "" {
			text += "/" + row.Name
		}
		rows = append(rows, text)
	}
	return Fingerprint("admin", b.Admin.Identity(), "kind", b.Kind, "reason", b.Reason, "rows", rows)
}

// BulkReceipt is the result of a list.
type BulkReceipt struct {
	Applied bool          `json:"applied"`
	Count   int           `json:"count"`             // rows that change something; with Refused of those that could
	Minted  Amount        `json:"minted"`            // what they make
	Burned  Amount        `json:"burned"`            // and remove
	Created int           `json:"created"`           // members who were not known
	Changes []BulkChange  `json:"changes"`           // the first MaxChanges rows that are not refused
	Refused []BulkRefusal `json:"refused,omitempty"` // the first MaxRefused
}

// BulkChange is what a row does.
type BulkChange struct {
	Row         int           `json:"row"`         // from 0
	Member      MemberID      `json:"member"`      // 0: is not known yet
	Before      Amount        `json:"before"`      // of somebody not known yet: his starting balance
	After       Amount        `json:"after"`       //
	Transaction TransactionID `json:"transaction"` // 0: not Applied, or nothing moves
}

// BulkRefusal is why a row is refused.
type BulkRefusal struct {
	Row     int      `json:"row"` // from 0
	Member  MemberID `json:"member"`
	Code    string   `json:"code"`    // of ErrUnknownMember, ErrInsufficientFunds, ErrWalletFull or ErrAmountRange
	Balance Amount   `json:"balance"` // the member's
}

// Problem returns the problem of a refusal.
func (r BulkRefusal) Problem() *problem.Error {
	for _, p := range []*problem.Error{ErrInsufficientFunds, ErrWalletFull, ErrAmountRange} {
		if p.Code == r.Code {
			return p.With("balance", r.Balance)
		}
	}
	return ErrUnknownMember
}

// Note adds what a row comes to: a refusal, or a change of a balance.
func (r *BulkReceipt) Note(row int, member MemberID, before, change Amount, refusal error) {
	if refusal != nil {
		if len(r.Refused) < MaxRefused {
			r.Refused = append(r.Refused, BulkRefusal{Row: row, Member: member, Code: problem.Of(refusal).Code, Balance: before})
		}
		return
	}
	if len(r.Changes) < MaxChanges {
		r.Changes = append(r.Changes, BulkChange{Row: row, Member: member, Before: before, After: before + change})
	}
	switch {
	case change > 0:
		r.Count++
		r.Minted += change
	case change < 0:
		r.Count++
		r.Burned -= change
	}
}

// Erasure forgets a member.
type Erasure struct {
	Request Request
	Admin   Person
	Member  MemberID
}

// Fingerprint is the same for the same erasure under another clock or name.
func (e Erasure) Fingerprint() string {
	return Fingerprint("admin", e.Admin.Identity(), "member", e.Member)
}

// ErasureReceipt is the result of an erasure.
type ErasureReceipt struct {
	Transaction TransactionID `json:"transaction"` // 0: there were no coins
	Burned      Amount        `json:"burned"`
}
