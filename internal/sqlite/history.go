package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"coffer/internal/economy"
)

// History implements economy.Store.
func (s *Store) History(ctx context.Context, q economy.HistoryQuery) (page economy.HistoryPage, err error) {
	err = s.visit(ctx, q.Guild, q.At, func(t *tx) error {
		if !t.snapshot {
			return errSnapshot
		}
		settings, err := t.settings(q.Guild)
		if err != nil {
			return err
		}
		if _, err := t.member(q.Guild, q.Viewer.User); err != nil {
			return err
		}
		page = economy.HistoryPage{Currency: settings.Currency()}
		m, err := t.member(q.Guild, q.Member.User)
		if q.Turned && errors.Is(err, errStranger) {
			return nil
		}
		if err != nil {
			return err
		}
		page.Balance = m.balance
		if page.Lines, err = t.lines(m, q); err != nil {
			return err
		}
		newest, oldest := max(q.Before-1, q.After), max(q.Before, q.After+1) // around an empty page
		if n := len(page.Lines); n > 0 {
			newest, oldest = page.Lines[0].Transaction, page.Lines[n-1].Transaction
		}
		return t.row(`SELECT
			EXISTS (SELECT 1 FROM entries WHERE account_id = ?1 AND transaction_id > ?2),
			EXISTS (SELECT 1 FROM entries WHERE account_id = ?1 AND transaction_id < ?3)`,
			[]any{m.id, int64(newest), int64(oldest)}, &page.Newer, &page.Older)
	}, met(q.Viewer, q.Member, q.Turned)...)
	return page, err
}

// met returns whom a viewer's look at a member meets.
func met(viewer, member economy.Person, turned bool) []economy.Person {
	if turned {
		return []economy.Person{viewer}
	}
	return []economy.Person{viewer, member}
}

const selectLines = `SELECT e.transaction_id, t.kind, e.amount, e.balance, coalesce(t.note, ''), t.created_at,
	coalesce(t.reverses, 0), coalesce(r.id, 0),
	coalesce((SELECT m.user_id FROM entries o JOIN members m ON m.id = o.account_id
		WHERE o.transaction_id = e.transaction_id AND o.account_id <> e.account_id LIMIT 1), '')
	FROM entries e JOIN transactions t ON t.id = e.transaction_id LEFT JOIN transactions r ON r.reverses = t.id
	WHERE e.account_id = ? AND `

// lines returns the entries of a page, newest first.
func (t *tx) lines(m *member, q economy.HistoryQuery) ([]economy.HistoryLine, error) {
	query, from := selectLines+"e.transaction_id < ? ORDER BY e.transaction_id DESC LIMIT ?", q.Before
	switch {
	case q.After > 0:
		query, from = selectLines+"e.transaction_id > ? ORDER BY e.transaction_id LIMIT ?", q.After
	case q.Before == 0:
		from = 1<<63 - 1
	}
	var lines []economy.HistoryLine
	err := t.each(query, []any{m.id, int64(from), min(max(q.Size, 1), economy.MaxPage)}, func(rows *sql.Rows) error {
		var l economy.HistoryLine
		var at int64
		if err := rows.Scan(&l.Transaction, &l.Kind, &l.Amount, &l.Balance, &l.Note, &at,
			&l.Reverses, &l.ReversedBy, &l.Counterparty); err != nil {
			return err
		}
		l.At = time.UnixMicro(at).UTC()
		lines = append(lines, l)
		return nil
	})
	if q.After > 0 {
		slices.Reverse(lines)
	}
	return lines, err
}

// Reversible implements economy.Store.
func (s *Store) Reversible(ctx context.Context, guild economy.GuildID, limit int) ([]economy.ReversibleTransaction, error) {
	var list []economy.ReversibleTransaction
	err := s.query(ctx, func(t *tx) error {
		return t.each(`SELECT t.id, t.kind, t.created_at,
			(SELECT coalesce(sum(amount), 0) FROM entries WHERE transaction_id = t.id AND amount > 0),
			coalesce((SELECT m.name FROM entries e JOIN members m ON m.id = e.account_id
				WHERE e.transaction_id = t.id AND e.amount < 0), ''),
			coalesce((SELECT m.name FROM entries e JOIN members m ON m.id = e.account_id
				WHERE e.transaction_id = t.id AND e.amount > 0), '')
			FROM transactions t WHERE t.guild_id = ? AND t.kind NOT IN ('reversal', 'purchase', 'refund')
				AND NOT EXISTS (SELECT 1 FROM transactions r WHERE r.reverses = t.id)
			ORDER BY t.id DESC LIMIT ?`, []any{string(guild), min(max(limit, 0), economy.MaxPage)}, func(rows *sql.Rows) error {
			var x economy.ReversibleTransaction
			var at int64
			if err := rows.Scan(&x.Transaction, &x.Kind, &at, &x.Amount, &x.From, &x.To); err != nil {
				return err
			}
			x.At = time.UnixMicro(at).UTC()
			list = append(list, x)
			return nil
		})
	})
	return list, err
}
