package sqlite

import (
	"context"
	"fmt"
	"time"

	"coffer/internal/economy"
)

// bookViolations are queries for the rows of the guild ?1 that break an invariant, as
// violations are for all guilds.
var bookViolations = map[string]string{
	"transactions_balance": `
		SELECT 'transaction ' || t.id AS row FROM transactions t JOIN entries e ON e.transaction_id = t.id
		WHERE t.guild_id = ?1 GROUP BY t.id HAVING sum(e.amount) <> 0`,

	"transactions_move": `
		SELECT 'transaction ' || t.id AS row FROM transactions t
		LEFT JOIN entries e ON e.transaction_id = t.id LEFT JOIN accounts a ON a.id = e.account_id
		WHERE t.guild_id = ?1
		GROUP BY t.id HAVING count(e.account_id) < 2 OR sum(e.amount = 0) > 0 OR sum(a.guild_id <> t.guild_id OR a.admin_id IS NOT NULL) > 0
		UNION ALL
		SELECT 'member ' || m.id FROM members m JOIN accounts a ON a.id = m.id
		WHERE m.guild_id = ?1 AND (a.guild_id <> m.guild_id OR a.system IS NOT NULL OR a.admin_id IS NOT NULL)`,

	"balances_match": `
		SELECT 'member ' || m.id AS row FROM members m WHERE m.guild_id = ?1 AND m.balance <> (
			SELECT coalesce(sum(amount), 0) FROM entries WHERE account_id = m.id AND balance IS NOT NULL)`,

	"balances_lawful": `
		SELECT 'member ' || id AS row FROM members WHERE guild_id = ?1 AND balance < 0`,

	"entries_chain": `
		SELECT 'transaction ' || transaction_id || ' in account ' || account_id AS row FROM (
			SELECT e.account_id, e.transaction_id, e.amount, e.balance, m.id AS member,
				lag(e.balance, 1, 0) OVER (PARTITION BY e.account_id ORDER BY e.transaction_id) AS previous
			FROM accounts a JOIN entries e ON e.account_id = a.id LEFT JOIN members m ON m.id = a.id WHERE a.guild_id = ?1)
		WHERE balance IS NOT CASE WHEN member IS NULL THEN NULL ELSE previous + amount END`,

	"reversals_once": `
		SELECT 'transaction ' || r.id AS row FROM transactions r LEFT JOIN transactions o ON o.id = r.reverses
		WHERE r.guild_id = ?1 AND (r.kind IN ('reversal', 'refund') OR r.reverses IS NOT NULL) AND (
			r.kind NOT IN ('reversal', 'refund') OR o.id IS NULL OR o.kind IN ('reversal', 'refund')
			OR (r.kind = 'refund') <> (o.kind = 'purchase') OR o.guild_id <> r.guild_id
			OR (SELECT count(*) FROM transactions x WHERE x.reverses = o.id) > 1
			OR EXISTS (SELECT account_id, amount FROM entries WHERE transaction_id = o.id
				EXCEPT SELECT account_id, -amount FROM entries WHERE transaction_id = r.id)
			OR EXISTS (SELECT account_id, -amount FROM entries WHERE transaction_id = r.id
				EXCEPT SELECT account_id, amount FROM entries WHERE transaction_id = o.id))`,

	"transactions_told": `
		SELECT 'transaction ' || t.id AS row FROM transactions t LEFT JOIN events e ON e.transaction_id = t.id
		WHERE t.guild_id = ?1 GROUP BY t.id HAVING count(e.id) <> 1
		UNION ALL
		SELECT 'event ' || e.id FROM events e LEFT JOIN transactions t ON t.id = e.transaction_id
		WHERE e.guild_id = ?1 AND CASE WHEN e.transaction_id IS NULL THEN e.subject LIKE 'transaction:%'
			ELSE t.id IS NULL OR e.guild_id <> t.guild_id OR e.kind <> t.kind OR e.subject <> 'transaction:' || t.id
				OR e.actor_id IS NOT t.actor_id OR e.at <> t.created_at END
		UNION ALL
		SELECT 'event ' || e.id FROM events e WHERE e.guild_id = ?1 AND e.transaction_id IS NOT NULL AND (
			(SELECT count(*) FROM entries x WHERE x.transaction_id = e.transaction_id AND x.balance IS NOT NULL)
				NOT IN (SELECT count(*) FROM json_each(e.before, '$.balances'))
			OR (SELECT count(*) FROM json_each(e.before, '$.balances'))
				NOT IN (SELECT count(*) FROM json_each(e.after, '$.balances'))
			OR EXISTS (SELECT 1 FROM entries x WHERE x.transaction_id = e.transaction_id AND x.balance IS NOT NULL AND (
				json_extract(e.after, '$.balances."' || x.account_id || '"') IS NOT x.balance
				OR json_extract(e.before, '$.balances."' || x.account_id || '"') IS NOT x.balance - x.amount)))`,
}

// Books implements economy.Bookkeeper.
func (s *Store) Books(ctx context.Context, guild economy.GuildID) (economy.Books, error) {
	var b economy.Books
	err := s.survey(ctx, func(t *tx) error {
		var at int64
		if err := t.row(`SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER),
			(SELECT coalesce(sum(e.amount), 0) FROM accounts a JOIN entries e ON e.account_id = a.id WHERE a.guild_id = ?1 AND a.system = 'mint'),
			(SELECT coalesce(sum(e.amount), 0) FROM accounts a JOIN entries e ON e.account_id = a.id WHERE a.guild_id = ?1 AND a.system = 'shop'),
			(SELECT coalesce(sum(e.amount), 0) FROM accounts a JOIN entries e ON e.account_id = a.id WHERE a.guild_id = ?1 AND a.system = 'burn'),
			(SELECT coalesce(sum(balance), 0) FROM members WHERE guild_id = ?1),
			(SELECT count(*) FROM accounts a JOIN entries e ON e.account_id = a.id WHERE a.guild_id = ?1),
			(SELECT count(*) FROM transactions WHERE guild_id = ?1)`, []any{string(guild)},
			&at, &b.Mint, &b.Shop, &b.Burn, &b.Members, &b.Entries, &b.Transactions); err != nil {
			return err
		}
		b.At = time.UnixMicro(at).UTC()
		for _, invariant := range economy.BookInvariants() {
			query, ok := bookViolations[invariant.Name]
			if !ok {
				return fmt.Errorf("no query checks the invariant %q in the books of a guild", invariant.Name)
			}
			f := economy.Finding{Invariant: invariant}
			if err := t.row("WITH broken AS ("+query+") SELECT count(*), coalesce(min(row), '') FROM broken",
				[]any{string(guild)}, &f.Broken, &f.Example); err != nil {
				return fmt.Errorf("check %q: %w", invariant.Name, err)
			}
			b.Findings = append(b.Findings, f)
		}
		return nil
	})
	return b, err
}
