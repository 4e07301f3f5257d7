package sqlite

import (
	"context"
	"errors"

	"coffer/internal/economy"
)

// errNotApplied ends a list of adjustments that leaves no trace.
var errNotApplied = errors.New("a list that is not applied")

// AdjustMany implements economy.Office.
func (s *Store) AdjustMany(ctx context.Context, c economy.BulkAdjustment) (economy.BulkReceipt, error) {
	var report economy.BulkReceipt
	if c.DryRun {
		err := s.read(ctx, func(t *tx) (err error) {
			report, _, err = t.weighList(c)
			return err
		})
		return report, err
	}
	receipt, err := once(ctx, s, "adjust.many", c.Request, c.Fingerprint(),
		func(t *tx) (economy.BulkReceipt, economy.TransactionID, error) {
			_, admin, err := t.enter(c.Request, c.Admin)
			if err != nil {
				return economy.BulkReceipt{}, 0, err
			}
			done, rows, err := t.weighList(c)
			if err == nil && len(done.Refused) > 0 {
				report, err = done, errNotApplied
			}
			if err == nil {
				err = t.applyList(c, admin, rows, &done)
			}
			return done, 0, err
		})
	if errors.Is(err, errNotApplied) {
		return report, nil
	}
	return receipt, err
}

// bulkRow is a row of a list with what it does, as statements read it.
type bulkRow struct {
	Known       bool                  `json:"known"`
	Member      int64                 `json:"member"`
	User        economy.UserID        `json:"user"`
	Name        string                `json:"name"` // that is told, and is new
	Folded      string                `json:"folded"`
	Before      economy.Amount        `json:"before"`
	Change      economy.Amount        `json:"change"`
	Opening     economy.TransactionID `json:"opening"`     // 0: none
	Transaction economy.TransactionID `json:"transaction"` // 0: none
}

// weighList returns what a list would do.
func (t *tx) weighList(c economy.BulkAdjustment) (economy.BulkReceipt, []bulkRow, error) {
	receipt := economy.BulkReceipt{Changes: []economy.BulkChange{}}
	settings, err := t.settings(c.Request.Guild)
	if errors.Is(err, errStranger) {
		settings, err = economy.DefaultSettings(), nil
	}
	if err != nil {
		return receipt, nil, err
	}
	rows := make([]bulkRow, 0, len(c.Rows))
	for i, row := range c.Rows {
		m, err := t.onList(c.Request.Guild, row)
		known := err == nil
		switch {
		case errors.Is(err, errStranger) && row.User == "":
			receipt.Note(i, row.Member, 0, 0, economy.ErrUnknownMember)
			continue
		case errors.Is(err, errStranger):
			m = &member{balance: settings.StartingBalance}
			receipt.Created++
		case err != nil:
			return receipt, nil, err
		}
		change, refusal := c.Adjustment(row).Change(m.balance, settings)
		receipt.Note(i, economy.MemberID(m.id), m.balance, change, refusal)
		r := bulkRow{Known: known, Member: m.id, User: row.User, Before: m.balance, Change: change}
		if name := economy.CleanName(row.Name); name != "" && name != m.name {
			r.Name, r.Folded = name, economy.Fold(name)
		}
		rows = append(rows, r)
	}
	return receipt, rows, nil
}

// onList returns the member of a row, or errStranger.
func (t *tx) onList(guild economy.GuildID, row economy.BulkRow) (*member, error) {
	if row.User != "" {
		return t.member(guild, row.User)
	}
	return t.scanMember(selectMember+"id = ? AND guild_id = ? AND user_id IS NOT NULL", int64(row.Member), string(guild))
}

// applyList does what a list was found to do, each table in one statement: with very
// many, SQLite would spend its time on what each may have to undo.
func (t *tx) applyList(c economy.BulkAdjustment, admin *member, rows []bulkRow, receipt *economy.BulkReceipt) error {
	if err := t.numberRows(rows); err != nil {
		return err
	}
	receipt.Applied = true
	for i := range receipt.Changes { // nobody was refused, so they are the first
		receipt.Changes[i].Member, receipt.Changes[i].Transaction = economy.MemberID(rows[i].Member), rows[i].Transaction
	}
	list, err := column(rows)
	if err != nil {
		return err
	}
	args := []any{list, string(c.Request.Guild), c.Request.At.UnixMicro(), string(c.Kind), admin.id, c.Reason}
	for _, statement := range bulkStatements {
		if _, err := t.exec(bulkRows+statement, args...); err != nil {
			return err
		}
	}
	return nil
}

// numberRows gives rows their numbers, in their order: strangers those of their accounts
// and openings, and what moves those of transactions. Nobody else draws any meanwhile.
func (t *tx) numberRows(rows []bulkRow) error {
	var account int64
	var transaction economy.TransactionID
	if err := t.row(`SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'accounts'), 0),
		coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'transactions'), 0)`, nil, &account, &transaction); err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		if !r.Known {
			account++
			r.Member = account
			if r.Before > 0 {
				transaction++
				r.Opening = transaction
			}
		}
		if r.Change != 0 {
			transaction++
			r.Transaction = transaction
		}
	}
	return nil
}

// bulkRows are the rows of a list ?1, of the guild ?2 at ?3: adjustments of the kind ?4
// by ?5 for the reason ?6. The first line uses all of them, whatever follows does.
const bulkRows = `WITH given AS (SELECT ?2 AS guild, ?3 AS at, ?4 AS kind, ?5 AS actor, nullif(?6, '') AS reason),
	list AS (SELECT key AS n, value ->> 'known' AS known, value ->> 'member' AS member, value ->> 'user' AS user, value ->> 'name' AS name,
		value ->> 'folded' AS folded, value ->> 'before' AS before, value ->> 'change' AS change, value ->> 'opening' AS opening,
		value ->> 'transaction' AS moved FROM json_each(?1)),
	system AS (SELECT (SELECT id FROM accounts WHERE guild_id = ?2 AND system = 'mint') AS mint,
		(SELECT id FROM accounts WHERE guild_id = ?2 AND system = 'burn') AS burn)
	`

var bulkStatements = []string{
	`INSERT INTO accounts (id, guild_id) SELECT member, guild FROM list, given WHERE NOT known ORDER BY n`,
	`INSERT INTO members (id, guild_id, user_id, name, folded, balance, created_at)
		SELECT member, guild, user, name, folded, before + change, at FROM list, given WHERE NOT known ORDER BY n`,
	`UPDATE guilds SET members = members + (SELECT count(*) FROM list WHERE NOT known) WHERE id = (SELECT guild FROM given)`,
	`UPDATE members SET balance = before + change, name = CASE l.name WHEN '' THEN members.name ELSE l.name END,
			folded = CASE l.name WHEN '' THEN members.folded ELSE l.folded END
		FROM list l, given WHERE members.id = l.member AND l.known AND (l.change <> 0 OR l.name <> '')`,
	`INSERT INTO transactions (id, guild_id, kind, actor_id, note, created_at)
		SELECT opening, guild, 'opening', NULL, NULL, at FROM list, given WHERE opening > 0
		UNION ALL SELECT moved, guild, kind, actor, reason, at FROM list, given WHERE moved > 0 ORDER BY 1`,
	`INSERT INTO entries (account_id, transaction_id, amount, balance)
		SELECT mint, opening, -before, NULL FROM list, system, given WHERE opening > 0
		UNION ALL SELECT member, opening, before, before FROM list, given WHERE opening > 0
		UNION ALL SELECT CASE WHEN change > 0 THEN mint ELSE burn END, moved, -change, NULL FROM list, system, given WHERE moved > 0
		UNION ALL SELECT member, moved, change, before + change FROM list, given WHERE moved > 0 ORDER BY 1, 2`,
	`INSERT INTO events (guild_id, actor_id, kind, subject, transaction_id, before, after, at)
		SELECT guild, actor, kind, subject, moved, CASE WHEN moved IS NOT NULL THEN json_object('balances', json_object(member, before)) END,
			CASE WHEN moved IS NOT NULL THEN json_object('balances', json_object(member, after)) END, at
		FROM (
			SELECT n, 1 AS step, guild, NULL AS actor, 'member.created' AS kind, 'member:' || member AS subject, NULL AS moved,
				CAST(member AS TEXT) AS member, NULL AS before, NULL AS after, at FROM list, given WHERE NOT known
			UNION ALL SELECT n, 2, guild, NULL, 'opening', 'transaction:' || opening, opening, CAST(member AS TEXT), 0, before, at
				FROM list, given WHERE opening > 0
			UNION ALL SELECT n, 3, guild, actor, kind, 'transaction:' || moved, moved, CAST(member AS TEXT), before, before + change, at
				FROM list, given WHERE moved > 0)
		ORDER BY n, step`,
}

// adjusted writes the transaction of an adjustment.
func (t *tx) adjusted(a economy.Adjustment, admin, m *member, change economy.Amount) (economy.TransactionID, error) {
	other := economy.Mint
	if change < 0 {
		other = economy.Burn
	}
	return t.post(movement{guild: a.Request.Guild, kind: a.Kind, actor: admin, note: a.Reason, at: a.Request.At,
		legs: []leg{{system: other, amount: -change}, {member: m, amount: change}}})
}
