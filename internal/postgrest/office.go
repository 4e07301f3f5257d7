package postgrest

import (
	"context"
	"math"
	"time"

	"coffer/internal/economy"
)

// Guilds implements economy.Office.
func (s *Store) Guilds(ctx context.Context, q economy.GuildsQuery) (economy.GuildsPage, error) {
	limit := min(max(q.Limit, 1), economy.MaxExport)
	found, err := read[[]economy.GuildLine](ctx, s, "coffer_guilds", struct {
		Of    []economy.GuildID `json:"only_of"`
		After economy.GuildID   `json:"after"`
		Size  int               `json:"size"`
	}{q.Of, q.After, limit + 1})
	list, more := first(found, limit)
	return economy.GuildsPage{Guilds: list, More: more}, err
}

// memberLine is a member in a list as functions return him.
type memberLine struct {
	ID      economy.MemberID `json:"id"`
	User    economy.UserID   `json:"user"`
	Name    string           `json:"name"`
	Balance economy.Amount   `json:"balance"`
	Streak  int              `json:"streak"`
	Last    economy.Day      `json:"last_daily"`
	Created time.Time        `json:"created"`
}

// memberOf returns the member as he is at a time.
func (s *Store) memberOf(l memberLine, zone string, grace int, at time.Time) (economy.Member, error) {
	location, err := s.zones.Stored(zone)
	streak := economy.Streak{Length: l.Streak, Last: l.Last}
	m := economy.Member{ID: l.ID, User: l.User, Name: l.Name, Balance: l.Balance, Claimed: l.Streak > 0, Created: l.Created}
	if err != nil {
		return m, err
	}
	m.Streak = streak.Live(economy.DayOf(at, location), grace)
	if m.Claimed {
		m.LastDaily = l.Last
	}
	return m, nil
}

// Members implements economy.Office.
func (s *Store) Members(ctx context.Context, q economy.MembersQuery) (page economy.MembersPage, err error) {
	q, last := q.Clean()
	var after economy.MemberPlace
	switch {
	case q.After != nil:
		after = *q.After
	case q.Sort == economy.ByNewest:
		after.Member = math.MaxInt64
	case q.Sort == economy.ByRichest:
		after.Balance = math.MaxInt64
	case q.Sort == economy.ByPoorest:
		after.Balance = -1
	}
	found, err := read[*struct {
		Zone    string       `json:"zone"`
		Grace   int          `json:"grace"`
		Members []memberLine `json:"members"`
	}](ctx, s, "coffer_members", struct {
		Guild   economy.GuildID    `json:"guild"`
		Sort    economy.MemberSort `json:"sort"`
		Search  string             `json:"search"`
		Last    string             `json:"last"`
		Place   economy.MemberID   `json:"place"`
		Balance economy.Amount     `json:"balance"`
		Folded  string             `json:"folded"`
		Size    int                `json:"size"`
	}{q.Guild, q.Sort, q.Search, last, after.Member, after.Balance, after.Folded, q.Limit + 1})
	if err != nil || found == nil {
		return page, err
	}
	lines, more := first(found.Members, q.Limit)
	for _, l := range lines {
		m, err := s.memberOf(l, found.Zone, found.Grace, q.At)
		if err != nil {
			return economy.MembersPage{}, err
		}
		page.Members = append(page.Members, m)
	}
	if more {
		m := page.Members[len(page.Members)-1]
		page.Next = &economy.MemberPlace{Balance: m.Balance, Folded: economy.Fold(m.Name), Member: m.ID}
	}
	return page, nil
}

// The most that a file shows of a member.
const (
	fileGoods   = 100
	fileClaims  = 25
	fileHistory = 25
)

// memberTransactions are a page of a member's, as functions return it.
type memberTransactions struct {
	Next         *economy.TransactionID `json:"next"`
	More         bool                   `json:"more"` // with those of the guild
	Transactions []economy.LedgerRecord `json:"transactions"`
}

func (t memberTransactions) page() economy.TransactionsPage {
	page := economy.TransactionsPage{Transactions: t.Transactions}
	if t.Next != nil {
		page.Next = &economy.TransactionPlace{Transaction: *t.Next}
	}
	return page
}

// memberArgs are whom a function is about.
type memberArgs struct {
	Guild  economy.GuildID  `json:"guild"`
	Member economy.MemberID `json:"member"`
	At     time.Time        `json:"at"`
}

// Member implements economy.Office.
func (s *Store) Member(ctx context.Context, q economy.MemberQuery) (file economy.MemberFile, err error) {
	found, err := read[*struct {
		Member   memberLine         `json:"member"`
		Standing standing           `json:"standing"`
		Goods    []economy.Holding  `json:"goods"`
		Claims   []economy.Work     `json:"claims"`
		History  memberTransactions `json:"history"`
	}](ctx, s, "coffer_member", struct {
		memberArgs
		Goods   int `json:"goods"`
		Claims  int `json:"claims"`
		History int `json:"history"`
	}{memberArgs{q.Guild, q.Member, instant(q.At)}, fileGoods, fileClaims, fileHistory})
	if err != nil {
		return file, err
	}
	if found == nil {
		return file, economy.ErrUnknownMember
	}
	wallet, err := s.wallet(found.Standing, found.Member.User, q.At)
	if err != nil {
		return file, err
	}
	file = economy.MemberFile{Rank: wallet.Rank, NextDaily: wallet.NextDaily, Goods: found.Goods, Claims: found.Claims,
		History: found.History.page(), Currency: wallet.Currency}
	file.Member, err = s.memberOf(found.Member, found.Standing.Zone, found.Standing.Grace, q.At)
	return file, err
}

// Transactions implements economy.Office.
func (s *Store) Transactions(ctx context.Context, q economy.TransactionsQuery) (economy.TransactionsPage, error) {
	limit := min(max(q.Limit, 1), economy.MaxExport)
	place := economy.TransactionPlace{Transaction: math.MaxInt64}
	if q.After != nil {
		place = *q.After
	}
	found, err := read[memberTransactions](ctx, s, "coffer_transactions", struct {
		Guild  economy.GuildID       `json:"guild"`
		Member economy.MemberID      `json:"member"`
		Kind   economy.Kind          `json:"kind"`
		Since  *time.Time            `json:"since"`
		Until  *time.Time            `json:"until"`
		Behind *time.Time            `json:"behind"`
		Place  economy.TransactionID `json:"place"`
		Size   int                   `json:"size"`
		Most   int                   `json:"most"`
	}{q.Guild, q.Member, q.Kind, ceil(q.From), ceil(q.Until), ceil(place.At), place.Transaction, limit, economy.LookedAt})
	page := found.page()
	if n := len(page.Transactions); found.More && n > 0 {
		last := page.Transactions[n-1]
		page.Next = &economy.TransactionPlace{At: last.At, Transaction: last.ID}
	}
	return page, err
}

// ceil returns a time rounded up to the microsecond, as what is stored was cut; nil for
// the zero time.
func ceil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	up := instant(t)
	if up.Before(t) {
		up = up.Add(time.Microsecond)
	}
	return &up
}

// Transaction implements economy.Office.
func (s *Store) Transaction(ctx context.Context, guild economy.GuildID, id economy.TransactionID) (economy.LedgerRecord, error) {
	found, err := read[*economy.LedgerRecord](ctx, s, "coffer_transaction", struct {
		Guild       economy.GuildID       `json:"guild"`
		Transaction economy.TransactionID `json:"transaction"`
	}{guild, id})
	if err != nil {
		return economy.LedgerRecord{}, err
	}
	if found == nil {
		return economy.LedgerRecord{}, economy.ErrUnknownTransaction
	}
	return *found, nil
}

// Record implements economy.Office.
func (s *Store) Record(ctx context.Context, q economy.MemberQuery) (economy.MemberRecord, error) {
	found, err := read[*struct {
		economy.MemberRecord
		Member memberLine `json:"member"`
		Zone   string     `json:"zone"`
		Grace  int        `json:"grace"`
	}](ctx, s, "coffer_record", memberArgs{q.Guild, q.Member, instant(q.At)})
	if err != nil {
		return economy.MemberRecord{}, err
	}
	if found == nil {
		return economy.MemberRecord{}, economy.ErrUnknownMember
	}
	record := found.MemberRecord
	for i, j := 0, len(record.Claims)-1; i < j; i, j = i+1, j-1 {
		record.Claims[i], record.Claims[j] = record.Claims[j], record.Claims[i]
	}
	record.Member, err = s.memberOf(found.Member, found.Zone, found.Grace, q.At)
	return record, err
}

// AdjustMany implements economy.Office.
func (s *Store) AdjustMany(ctx context.Context, c economy.BulkAdjustment) (economy.BulkReceipt, error) {
	args := struct {
		Request  request            `json:"request"`
		Admin    person             `json:"admin"`
		Kind     economy.Kind       `json:"kind"`
		Reason   string             `json:"reason"`
		Members  []economy.MemberID `json:"members"`
		Users    []economy.UserID   `json:"users"` // null in a list of numbers
		Names    []string           `json:"names"`
		Folded   []string           `json:"folded"`
		Amounts  []economy.Amount   `json:"amounts"`
		Dry      bool               `json:"dry"`
		Changes  int                `json:"changes"`
		Refusals int                `json:"refusals"`
	}{
		Request: requestOf(c.Request, c.Fingerprint()), Admin: personOf(c.Admin), Kind: c.Kind, Reason: c.Reason, Dry: c.DryRun,
		Changes: economy.MaxChanges, Refusals: economy.MaxRefused,
	}
	for _, row := range c.Rows {
		args.Amounts = append(args.Amounts, row.Amount)
		if c.Import() {
			name := economy.CleanName(row.Name)
			args.Users, args.Names, args.Folded = append(args.Users, row.User), append(args.Names, name), append(args.Folded, economy.Fold(name))
		} else {
			args.Members = append(args.Members, row.Member)
		}
	}
	var receipt economy.BulkReceipt
	if err := s.client.bulk(ctx, "coffer_adjust_many", args, &receipt); err != nil {
		return economy.BulkReceipt{}, s.problem(err)
	}
	if len(receipt.Refused) == 0 {
		receipt.Refused = nil
	}
	return receipt, nil
}

// Erase implements economy.Office.
func (s *Store) Erase(ctx context.Context, c economy.Erasure) (economy.ErasureReceipt, error) {
	var receipt economy.ErasureReceipt
	if err := s.client.bulk(ctx, "coffer_erase", struct {
		Request request          `json:"request"`
		Admin   person           `json:"admin"`
		Member  economy.MemberID `json:"member"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Admin), c.Member}, &receipt); err != nil {
		return economy.ErasureReceipt{}, s.problem(err)
	}
	return receipt, nil
}

// Rules implements economy.Office.
func (s *Store) Rules(ctx context.Context, guild economy.GuildID) (economy.Rules, error) {
	found, err := read[*economy.Rules](ctx, s, "coffer_rules", struct {
		Guild economy.GuildID `json:"guild"`
	}{guild})
	if err != nil || found == nil {
		return economy.Rules{Settings: economy.DefaultSettings()}, err
	}
	return *found, nil
}
