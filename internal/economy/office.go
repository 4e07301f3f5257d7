package economy

import (
	"context"
	"strings"
	"time"

	"coffer/internal/problem"
)

// MemberID is a member's number: the one by which the ledger and events know him. It
// stays when he is erased, and nobody else gets it.
type MemberID int64

// MaxExport is the most rows that a read of the Office returns.
const MaxExport = 1000

// Problems of the office.
var (
	ErrUnknownMember = problem.New(problem.NotFound, "unknown_member",
		"There is no such member in this server.")
	ErrErasedMember = problem.New(problem.Refused, "erased_member",
		"Somebody whom that concerned was erased, so it cannot be taken back.")
)

// Office is what only those see and do who manage the economy from the dashboard. It
// is part of the same store as the books: see Store for what all its operations have
// in common. Its reads meet nobody and create nothing: an unknown guild is empty.
//
// No read takes longer in a larger guild; their lists go on behind the last row that
// was seen. Of members, those who were erased are in none of them.
type Office interface {
	// Guilds returns guilds by their ids, each with how many members it has.
	Guilds(context.Context, GuildsQuery) (GuildsPage, error)

	// Rules returns the guild's settings with who changed them last: for an unknown guild
	// the defaults, of version 0.
	Rules(ctx context.Context, guild GuildID) (Rules, error)

	// Members returns members in an order, or by what they are looked for.
	Members(context.Context, MembersQuery) (MembersPage, error)

	// Member returns all that is shown of one. Errors: ErrUnknownMember.
	Member(context.Context, MemberQuery) (MemberFile, error)

	// Transactions returns transactions, the newest first: those of a member by their
	// numbers, those of the guild by their time and then by number. Of a member's, a page
	// may have less than was asked for although there are more: then More is true, and
	// Next goes on behind what was looked at.
	Transactions(context.Context, TransactionsQuery) (TransactionsPage, error)

	// Transaction returns one. Errors: ErrUnknownTransaction.
	Transaction(ctx context.Context, guild GuildID, id TransactionID) (LedgerRecord, error)

	// AdjustMany does the adjustments of a list, each by a transaction of its own as Adjust
	// does it, in their order: all of them, or where one is refused, or with DryRun, none.
	// Then Applied is false, nothing is remembered, and the receipt tells what would have
	// changed or why not; only where it is no dry run is the admin met first, as everywhere.
	// A list of balances (NewImport) creates whom it meets, keeps the
	// names that it tells, and makes nobody of a bot.
	// Errors: ErrKeyReused.
	AdjustMany(context.Context, BulkAdjustment) (BulkReceipt, error)

	// Erase forgets who a member is: his coins are burned by a transaction of KindTake
	// (whatever MaxMovement says; none where he has none), his work that waits is refused,
	// his claims are dropped, his roles end and Discord is to take them, and his Discord id
	// and name, the notes of his transactions, what he handed in and what was said of it
	// are blanked, also in results that are remembered and in deliveries; messages that
	// would be told him are not any more. What is left is numbers: the books balance, and
	// his goods stay nobody's. The same Discord user may join again, as somebody new.
	//
	// The Discord id is kept with the deliveries that take his roles until they are done.
	//
	// Events: what happens to his coins and claims, all by the admin, and then
	// "member.erased", subject "member:<id>". Cards that show his work are to show that
	// he is gone. Errors: ErrUnknownMember (also one who was erased), ErrKeyReused.
	Erase(context.Context, Erasure) (ErasureReceipt, error)

	// Record returns what is stored about a member beside his transactions.
	// Errors: ErrUnknownMember.
	Record(context.Context, MemberQuery) (MemberRecord, error)
}

// GuildsQuery asks for guilds.
type GuildsQuery struct {
	Of    []GuildID // only these; nil: all
	After GuildID   // only those behind it
	Limit int       // 1 to MaxExport
}

// GuildsPage is a page of guilds.
type GuildsPage struct {
	Guilds []GuildLine
	More   bool
}

// Rules are a guild's settings, and how they came to be so.
type Rules struct {
	Settings  Settings  `json:"settings"`
	Version   int       `json:"version"`             // from 1, one more with each change
	ChangedBy Actor     `json:"changed_by,omitzero"` // zero: nobody yet
	ChangedAt time.Time `json:"changed_at,omitzero"`
}

// GuildLine is a guild in a list.
type GuildLine struct {
	ID       GuildID  `json:"id"`
	Members  int      `json:"members"` // that were not erased
	Currency Currency `json:"currency"`
}

// MemberSort is an order of members.
type MemberSort string

// The orders. Equal balances: the earlier member first, or with the poorest first the
// later one.
const (
	ByRichest MemberSort = "-balance"
	ByPoorest MemberSort = "balance"
	ByName    MemberSort = "name" // as Fold has it
	ByNewest  MemberSort = "-created"
	ByOldest  MemberSort = "created"
)

// MembersQuery asks for members.
type MembersQuery struct {
	Guild  GuildID
	Search string     // the beginning of a name, as Fold has both, or a whole Discord id; the order is then ByName
	Sort   MemberSort // empty: ByRichest
	After  *MemberPlace
	Limit  int // 1 to MaxExport
	At     time.Time
}

// MemberPlace is a place in a list of members: where it goes on.
type MemberPlace struct {
	Balance Amount   `json:"b,omitempty"`
	Folded  string   `json:"f,omitempty"`
	Member  MemberID `json:"m"`
}

// Clean returns the query with its search folded, and the last text that begins with it.
func (q MembersQuery) Clean() (MembersQuery, string) {
	q.Search = Fold(q.Search)
	if q.Search != "" {
		q.Sort = ByName
	}
	if q.Sort == "" {
		q.Sort = ByRichest
	}
	q.Limit = min(max(q.Limit, 1), MaxExport)
	return q, q.Search + strings.Repeat("\U0010FFFF", 100) // as long as a name is
}

// MembersPage is a page of members.
type MembersPage struct {
	Members []Member
	Next    *MemberPlace // nil: the list is at its end
}

// Member is a member in a list.
type Member struct {
	ID        MemberID
	User      UserID
	Name      string
	Balance   Amount
	Streak    int // 0 once broken
	LastDaily Day // counts with Claimed
	Claimed   bool
	Created   time.Time
}

// MemberQuery asks for one member.
type MemberQuery struct {
	Guild  GuildID
	Member MemberID
	At     time.Time
}

// MemberFile is what is shown of one member.
type MemberFile struct {
	Member
	Rank      Rank
	NextDaily time.Time // zero: now
	Goods     []Holding // by name, the first 100
	Claims    []Work    // the newest 25
	History   TransactionsPage
	Currency  Currency
}

// Holding is what a member owns of an item.
type Holding struct {
	Item      int64     `json:"item"`
	Name      string    `json:"name"`
	Quantity  int64     `json:"quantity"`
	Usable    bool      `json:"usable"`
	Role      RoleID    `json:"role"`                // that he is entitled to by it; empty: none
	RoleUntil time.Time `json:"role_until,omitzero"` // zero: for ever
}

// Work is a claim on a task.
type Work struct {
	Claim   int64     `json:"id"`
	Task    int64     `json:"task"`
	Title   string    `json:"title"`
	State   string    `json:"state"`
	Reward  Amount    `json:"reward"`
	Tries   int       `json:"tries"`
	Due     time.Time `json:"due,omitzero"`
	Paid    Amount    `json:"paid"`
	Reason  string    `json:"reason"`
	Claimed time.Time `json:"claimed"`
}

// TransactionsQuery asks for transactions.
type TransactionsQuery struct {
	Guild  GuildID
	Member MemberID  // who takes part; 0: all
	Kind   Kind      // empty: any
	From   time.Time // not before; zero: ever
	Until  time.Time // before; zero: ever
	After  *TransactionPlace
	Limit  int // 1 to MaxExport
}

// TransactionPlace is a place in a list of transactions: where it goes on.
type TransactionPlace struct {
	At          time.Time     `json:"t,omitzero"` // zero in a list of a member's
	Transaction TransactionID `json:"n"`
}

// TransactionsPage is a page of transactions.
type TransactionsPage struct {
	Transactions []LedgerRecord
	Next         *TransactionPlace // nil: the list is at its end
}

// LookedAt is the most of a member's transactions that one page is picked from.
const LookedAt = 1000

// LedgerRecord is a transaction as it is shown.
type LedgerRecord struct {
	ID         TransactionID `json:"id"`
	Kind       Kind          `json:"kind"`
	Actor      Actor         `json:"actor"` // ActorSystem: nobody
	Note       string        `json:"note"`
	At         time.Time     `json:"at"`
	Reverses   TransactionID `json:"reverses"`    // 0: is no reversal
	ReversedBy TransactionID `json:"reversed_by"` // 0: was not reversed
	Entries    []EntryRecord `json:"entries"`     // by amount, then by account
}

// EntryRecord is an entry as it is shown.
type EntryRecord struct {
	Account Actor         `json:"account"`          // a member, or ActorSystem
	System  SystemAccount `json:"system,omitempty"` // with ActorSystem
	Amount  Amount        `json:"amount"`
	Balance Amount        `json:"balance"` // after it; without meaning with ActorSystem
}

// MemberRecord is what is stored about a member, beside his transactions.
type MemberRecord struct {
	Member       Member                `json:"-"`
	Goods        []RecordedGoods       `json:"goods"`
	Purchases    []RecordedPurchase    `json:"purchases"`
	Entitlements []RecordedEntitlement `json:"entitlements"`
	Claims       []Work                `json:"claims"` // all, the oldest first
	Submissions  []RecordedSubmission  `json:"submissions"`
	Deliveries   []RecordedDelivery    `json:"deliveries"`
	Reviews      []int64               `json:"reviews"` // the submissions of others that he reviewed
}

// RecordedGoods is what a member has of an item.
type RecordedGoods struct {
	Item  int64  `json:"item"`
	Name  string `json:"name"`
	Owned int64  `json:"owned"`
	Used  int64  `json:"used"`
}

// RecordedPurchase is a purchase of a member.
type RecordedPurchase struct {
	Purchase    int64         `json:"id"`
	Item        int64         `json:"item"`
	Name        string        `json:"name"`
	Quantity    int64         `json:"quantity"`
	Total       Amount        `json:"total"`
	Transaction TransactionID `json:"transaction"`
	Refund      TransactionID `json:"refund"` // 0: was not refunded
	At          time.Time     `json:"at"`
}

// RecordedEntitlement is what a purchase entitles to.
type RecordedEntitlement struct {
	Purchase int64     `json:"purchase"`
	Role     RoleID    `json:"role"`
	Until    time.Time `json:"until,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Granted  bool      `json:"granted"`
}

// RecordedSubmission is work that a member handed in.
type RecordedSubmission struct {
	Submission int64     `json:"id"`
	Claim      int64     `json:"claim"`
	Try        int       `json:"try"`
	Text       string    `json:"text"`
	Image      string    `json:"image"`
	State      string    `json:"state"`
	Percent    int       `json:"percent"`
	Paid       Amount    `json:"paid"`
	Reason     string    `json:"reason"`
	At         time.Time `json:"at"`
	Reviewed   time.Time `json:"reviewed,omitzero"`
}

// RecordedDelivery is what Discord was or is to be told of a member.
type RecordedDelivery struct {
	Delivery int64     `json:"id"`
	Kind     string    `json:"kind"`
	State    string    `json:"state"`
	Role     RoleID    `json:"role"`
	Notice   string    `json:"notice"`
	At       time.Time `json:"at"`
}
