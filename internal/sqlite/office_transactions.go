package sqlite

import (
	"context"
	"database/sql"
	"math"
	"time"

	"coffer/internal/economy"
)

// Transactions implements economy.Office.
func (s *Store) Transactions(ctx context.Context, q economy.TransactionsQuery) (page economy.TransactionsPage, err error) {
	err = s.read(ctx, func(t *tx) error {
		page, err = t.transactions(q)
		return err
	})
	return page, err
}

// Transaction implements economy.Office.
func (s *Store) Transaction(ctx context.Context, guild economy.GuildID, id economy.TransactionID) (record economy.LedgerRecord, err error) {
	err = s.read(ctx, func(t *tx) error {
		list, err := t.records("t.id = ?2", string(guild), int64(id))
		if err == nil && len(list) == 0 {
			return economy.ErrUnknownTransaction
		}
		if err == nil {
			record = list[0]
		}
		return err
	})
	return record, err
}

// span returns the bounds of times in columns, the first inclusive.
func span(q economy.TransactionsQuery) (from, until int64) {
	from, until = math.MinInt64, math.MaxInt64
	if !q.From.IsZero() {
		from = ceil(q.From)
	}
	if !q.Until.IsZero() {
		until = ceil(q.Until)
	}
	return from, until
}

// ceil returns a time for a column, rounded up: what is stored was cut.
func ceil(t time.Time) int64 {
	n := t.UnixMicro()
	if time.UnixMicro(n).Before(t) {
		n++
	}
	return n
}

// transactions returns a page of transactions.
func (t *tx) transactions(q economy.TransactionsQuery) (page economy.TransactionsPage, err error) {
	limit := min(max(q.Limit, 1), economy.MaxExport)
	from, until := span(q)
	if q.Member != 0 {
		return t.ofMember(q, limit, from, until)
	}
	at, id := until, int64(0)
	if q.After != nil && q.After.At.UnixMicro() < until {
		at, id = q.After.At.UnixMicro(), int64(q.After.Transaction)
	}
	kind := "?6 = '' AND "
	if q.Kind != "" {
		kind = "t.kind = ?6 AND "
	}
	page.Transactions, err = t.records(kind+"(t.created_at, t.id) < (?2, ?3) AND t.created_at >= ?4 ORDER BY t.created_at DESC, t.id DESC LIMIT ?5",
		string(q.Guild), at, id, from, limit+1, string(q.Kind))
	if len(page.Transactions) > limit {
		page.Transactions = page.Transactions[:limit]
		last := page.Transactions[limit-1]
		page.Next = &economy.TransactionPlace{At: last.At, Transaction: last.ID}
	}
	return page, err
}

// ofMember returns those of a member, picked from the next that he has.
func (t *tx) ofMember(q economy.TransactionsQuery, limit int, from, until int64) (page economy.TransactionsPage, err error) {
	before := int64(math.MaxInt64)
	if q.After != nil {
		before = int64(q.After.Transaction)
	}
	var ids []int64
	looked, more := 0, false
	if err := t.each(`SELECT e.transaction_id, (?4 = '' OR t.kind = ?4) AND t.created_at >= ?5 AND t.created_at < ?6
		FROM entries e JOIN accounts a ON a.id = e.account_id JOIN transactions t ON t.id = e.transaction_id
		WHERE e.account_id = ?1 AND a.guild_id = ?2 AND e.transaction_id < ?3 ORDER BY e.transaction_id DESC LIMIT ?7`,
		[]any{int64(q.Member), string(q.Guild), before, string(q.Kind), from, until, economy.LookedAt + 1}, func(rows *sql.Rows) error {
			var id int64
			var fits bool
			if err := rows.Scan(&id, &fits); err != nil {
				return err
			}
			if more = len(ids) == limit || looked == economy.LookedAt; more {
				return nil
			}
			looked++
			before = id
			if fits {
				ids = append(ids, id)
			}
			return nil
		}); err != nil {
		return page, err
	}
	if more {
		page.Next = &economy.TransactionPlace{Transaction: economy.TransactionID(before)}
	}
	if len(ids) == 0 {
		return page, nil
	}
	some, err := column(ids)
	if err == nil {
		page.Transactions, err = t.records("t.id IN (SELECT value FROM json_each(?2)) ORDER BY t.id DESC", string(q.Guild), some)
	}
	return page, err
}

const recordColumns = `t.id, t.kind, ` + actorColumns + `, coalesce(t.note, ''), t.created_at, coalesce(t.reverses, 0), coalesce(r.id, 0)
	FROM transactions t LEFT JOIN transactions r ON r.reverses = t.id
	LEFT JOIN accounts aa ON aa.id = t.actor_id LEFT JOIN members am ON am.id = aa.id `

// records returns transactions of the guild ?1 with their entries.
func (t *tx) records(which string, args ...any) ([]economy.LedgerRecord, error) {
	var list []economy.LedgerRecord
	if err := t.each("SELECT "+recordColumns+"WHERE t.guild_id = ?1 AND "+which, args, func(rows *sql.Rows) error {
		var r economy.LedgerRecord
		var at int64
		a := &r.Actor
		err := rows.Scan(&r.ID, &r.Kind, &a.Kind, &a.ID, &a.User, &a.Name, &r.Note, &at, &r.Reverses, &r.ReversedBy)
		if a.Kind == "" {
			a.Kind = economy.ActorSystem
		}
		r.At = time.UnixMicro(at).UTC()
		list = append(list, r)
		return err
	}); err != nil {
		return nil, err
	}
	for i := range list {
		if err := t.each(`SELECT `+actorColumns+`, coalesce(aa.system, ''), e.amount, coalesce(e.balance, 0)
			FROM entries e JOIN accounts aa ON aa.id = e.account_id LEFT JOIN members am ON am.id = aa.id
			WHERE e.transaction_id = ? ORDER BY e.amount, aa.id`, []any{int64(list[i].ID)}, func(rows *sql.Rows) error {
			var e economy.EntryRecord
			a := &e.Account
			err := rows.Scan(&a.Kind, &a.ID, &a.User, &a.Name, &e.System, &e.Amount, &e.Balance)
			if e.System != "" {
				a.Kind = economy.ActorSystem
			}
			list[i].Entries = append(list[i].Entries, e)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return list, nil
}
