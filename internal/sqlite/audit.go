package sqlite

import (
	"context"
	"fmt"
	"math"
	"time"

	"coffer/internal/economy"
)

// violations returns, for an invariant, a query for the rows that break it, each
// described by identifiers only.
func violations(invariant string) (query string, ok bool) {
	for _, some := range []map[string]string{ledgerViolations, shopViolations, taskViolations} {
		if query, ok = some[invariant]; ok {
			break
		}
	}
	return query, ok
}

var ledgerViolations = map[string]string{
	"transactions_balance": `
		SELECT 'transaction ' || transaction_id AS row FROM entries GROUP BY transaction_id HAVING sum(amount) <> 0`,

	"transactions_move": `
		SELECT 'transaction ' || t.id AS row FROM transactions t
		LEFT JOIN entries e ON e.transaction_id = t.id LEFT JOIN accounts a ON a.id = e.account_id
		GROUP BY t.id HAVING count(e.account_id) < 2 OR sum(e.amount = 0) > 0 OR sum(a.guild_id <> t.guild_id OR a.admin_id IS NOT NULL) > 0
		UNION ALL
		SELECT 'member ' || m.id FROM members m JOIN accounts a ON a.id = m.id
		WHERE a.guild_id <> m.guild_id OR a.system IS NOT NULL OR a.admin_id IS NOT NULL`,

	"balances_match": `
		SELECT 'member ' || m.id AS row FROM members m
		LEFT JOIN (SELECT account_id, sum(amount) AS total FROM entries WHERE balance IS NOT NULL GROUP BY account_id) e
			ON e.account_id = m.id
		WHERE m.balance <> coalesce(e.total, 0)`,

	"balances_lawful": `
		SELECT 'member ' || id AS row FROM members WHERE balance < 0`,

	"entries_chain": `
		SELECT 'transaction ' || transaction_id || ' in account ' || account_id AS row FROM (
			SELECT e.account_id, e.transaction_id, e.amount, e.balance, m.id AS member,
				lag(e.balance, 1, 0) OVER (PARTITION BY e.account_id ORDER BY e.transaction_id) AS previous
			FROM entries e LEFT JOIN members m ON m.id = e.account_id)
		WHERE balance IS NOT CASE WHEN member IS NULL THEN NULL ELSE previous + amount END`,

	"openings_once": `
		SELECT 'member ' || e.account_id AS row FROM transactions t JOIN entries e ON e.transaction_id = t.id AND e.amount > 0
		WHERE t.kind = 'opening' AND (
			EXISTS (SELECT 1 FROM entries x WHERE x.account_id = e.account_id AND x.transaction_id < t.id)
			OR NOT EXISTS (SELECT 1 FROM entries x JOIN accounts a ON a.id = x.account_id
				WHERE x.transaction_id = t.id AND a.system = 'mint' AND x.amount = -e.amount))`,

	"reversals_once": `
		SELECT 'transaction ' || r.id AS row FROM transactions r LEFT JOIN transactions o ON o.id = r.reverses
		WHERE (r.kind IN ('reversal', 'refund') OR r.reverses IS NOT NULL) AND (
			r.kind NOT IN ('reversal', 'refund') OR o.id IS NULL OR o.kind IN ('reversal', 'refund')
			OR (r.kind = 'refund') <> (o.kind = 'purchase') OR o.guild_id <> r.guild_id
			OR (SELECT count(*) FROM transactions x WHERE x.reverses = o.id) > 1
			OR EXISTS (SELECT account_id, amount FROM entries WHERE transaction_id = o.id
				EXCEPT SELECT account_id, -amount FROM entries WHERE transaction_id = r.id)
			OR EXISTS (SELECT account_id, -amount FROM entries WHERE transaction_id = r.id
				EXCEPT SELECT account_id, amount FROM entries WHERE transaction_id = o.id))`,

	// The system's side of a transaction, told by its sign: what it made (mint,
	// below 0) or removed (burn, above 0) or took for goods (shop, above 0). Reversals
	// and refunds mirror their originals. From the dashboard nobody does what members do.
	"kinds_fit": `
		SELECT 'transaction ' || t.id AS row FROM transactions t
		WHERE t.kind NOT IN ('reversal', 'refund') AND (t.actor_id IS NULL) <> (t.kind = 'opening')
		UNION ALL
		SELECT 'transaction ' || t.id FROM transactions t WHERE t.kind NOT IN ('reversal', 'refund') AND (
			SELECT coalesce(group_concat(a.system || CASE WHEN e.amount < 0 THEN '-' ELSE '+' END), '')
			FROM entries e JOIN accounts a ON a.id = e.account_id AND a.system IS NOT NULL WHERE e.transaction_id = t.id
		) NOT IN (SELECT value FROM json_each(CASE t.kind
			WHEN 'transfer' THEN '[""]'
			WHEN 'take' THEN '["burn+"]'
			WHEN 'purchase' THEN '["shop+"]'
			WHEN 'set' THEN '["mint-", "burn+"]'
			ELSE '["mint-"]' END))
		UNION ALL
		SELECT 'transaction ' || t.id FROM transactions t JOIN accounts a ON a.id = t.actor_id
		WHERE a.guild_id <> t.guild_id OR a.system IS NOT NULL
			OR a.admin_id IS NOT NULL AND t.kind NOT IN ('give', 'take', 'set', 'reversal', 'refund', 'reward')`,

	"transactions_told": `
		SELECT 'transaction ' || t.id AS row FROM transactions t LEFT JOIN events e ON e.transaction_id = t.id
		GROUP BY t.id HAVING count(e.id) <> 1
		UNION ALL
		SELECT 'event ' || e.id FROM events e LEFT JOIN transactions t ON t.id = e.transaction_id
		WHERE CASE WHEN e.transaction_id IS NULL THEN e.subject LIKE 'transaction:%'
			ELSE t.id IS NULL OR e.guild_id <> t.guild_id OR e.kind <> t.kind OR e.subject <> 'transaction:' || t.id
				OR e.actor_id IS NOT t.actor_id OR e.at <> t.created_at END
		UNION ALL
		SELECT 'event ' || e.id FROM events e WHERE e.transaction_id IS NOT NULL AND (
			(SELECT count(*) FROM entries x WHERE x.transaction_id = e.transaction_id AND x.balance IS NOT NULL)
				NOT IN (SELECT count(*) FROM json_each(e.before, '$.balances'))
			OR (SELECT count(*) FROM json_each(e.before, '$.balances'))
				NOT IN (SELECT count(*) FROM json_each(e.after, '$.balances'))
			OR EXISTS (SELECT 1 FROM entries x WHERE x.transaction_id = e.transaction_id AND x.balance IS NOT NULL AND (
				json_extract(e.after, '$.balances."' || x.account_id || '"') IS NOT x.balance
				OR json_extract(e.before, '$.balances."' || x.account_id || '"') IS NOT x.balance - x.amount)))`,

	"arrivals_told": `
		SELECT 'guild ' || g.id AS row FROM guilds g LEFT JOIN accounts a ON a.guild_id = g.id AND a.system IS NOT NULL
		GROUP BY g.id HAVING count(DISTINCT a.system) <> 3
		UNION ALL
		SELECT 'guild ' || guild_id || ' ' || subject FROM events WHERE kind IN ('guild.created', 'member.created')
		GROUP BY guild_id, kind, subject HAVING count(*) > 1
		UNION ALL
		SELECT * FROM (SELECT 'guild ' || id || ' guild' FROM guilds
			UNION ALL SELECT 'guild ' || guild_id || ' member:' || id FROM members
			EXCEPT SELECT 'guild ' || guild_id || ' ' || subject FROM events WHERE kind IN ('guild.created', 'member.created'))
		UNION ALL
		SELECT * FROM (SELECT 'guild ' || guild_id || ' ' || subject FROM events WHERE kind IN ('guild.created', 'member.created')
			EXCEPT SELECT 'guild ' || id || ' guild' FROM guilds
			EXCEPT SELECT 'guild ' || guild_id || ' member:' || id FROM members)
		UNION ALL
		SELECT 'guild ' || g.id FROM guilds g LEFT JOIN members m ON m.guild_id = g.id AND m.user_id IS NOT NULL
		GROUP BY g.id HAVING g.members <> count(m.id)`,

	"erasures_whole": `
		SELECT 'guild ' || guild_id || ' ' || subject AS row FROM events WHERE kind = 'member.erased' GROUP BY guild_id, subject HAVING count(*) > 1
		UNION ALL
		SELECT * FROM (SELECT 'guild ' || guild_id || ' member:' || id FROM members WHERE user_id IS NULL
			EXCEPT SELECT 'guild ' || guild_id || ' ' || subject FROM events WHERE kind = 'member.erased')
		UNION ALL
		SELECT * FROM (SELECT 'guild ' || guild_id || ' ' || subject FROM events WHERE kind = 'member.erased'
			EXCEPT SELECT 'guild ' || guild_id || ' member:' || id FROM members WHERE user_id IS NULL)
		UNION ALL
		SELECT 'member ' || m.id FROM members m WHERE m.user_id IS NULL AND (m.name IS NOT NULL OR m.folded <> '' OR m.balance <> 0
			OR EXISTS (SELECT 1 FROM claims c WHERE c.member_id = m.id AND c.` + claimRuns + `)
			OR EXISTS (SELECT 1 FROM entitlements e WHERE e.member_id = m.id AND e.ended_at IS NULL)
			OR EXISTS (SELECT 1 FROM claims c JOIN submissions s ON s.claim_id = c.id
				WHERE c.member_id = m.id AND (s.text <> '' OR s.image <> '' OR s.reason <> ''))
			OR EXISTS (SELECT 1 FROM entries e JOIN transactions t ON t.id = e.transaction_id
				WHERE e.account_id = m.id AND t.note IS NOT NULL AND t.kind NOT IN ('purchase', 'reward'))
			OR EXISTS (SELECT 1 FROM deliveries d WHERE d.member_id = m.id AND d.kind = 'direct'))`,

	// A day of any time zone begins and ends within one of UTC's days of it.
	"streaks_earned": `
		SELECT 'member ' || m.id AS row FROM members m
		LEFT JOIN (SELECT actor_id, count(*) AS n, max(created_at) AS latest FROM transactions WHERE kind = 'daily' GROUP BY actor_id) d
			ON d.actor_id = m.id AND m.user_id IS NOT NULL
		WHERE CASE WHEN d.n IS NULL THEN m.streak <> 0 OR m.last_daily <> 0
			ELSE m.streak NOT BETWEEN 1 AND d.n OR m.last_daily - ` + utcDay("d.latest") + ` NOT BETWEEN -1 AND 1 END`,

	"settings_told": `
		SELECT 'event ' || id AS row FROM (
			SELECT id, kind, before, lag(after) OVER (PARTITION BY guild_id ORDER BY id) AS previous
			FROM events WHERE kind IN ('guild.created', 'settings.changed'))
		WHERE before IS NOT previous OR (before IS NULL) <> (kind = 'guild.created')
		UNION ALL
		SELECT 'guild ' || g.id FROM guilds g JOIN (
			SELECT guild_id, after, max(id) FROM events WHERE kind IN ('guild.created', 'settings.changed') GROUP BY guild_id
		) e ON e.guild_id = g.id
		WHERE json_array(g.currency_name, g.currency_symbol, g.starting_balance, g.daily_amount, g.streak_bonus, g.streak_cap,
				g.grace, g.time_zone, g.max_balance, g.admin_channel, g.task_channel, g.review_channel,
				g.welcome_channel, g.reviewer_role, g.admin_role)
			IS NOT json_array(e.after ->> 'currency_name', e.after ->> 'currency_symbol', e.after ->> 'starting_balance',
				e.after ->> 'daily_amount', e.after ->> 'streak_bonus', e.after ->> 'streak_cap', e.after ->> 'grace',
				e.after ->> 'time_zone', e.after ->> 'max_balance', e.after ->> 'admin_channel',
				e.after ->> 'task_channel', e.after ->> 'review_channel', e.after ->> 'welcome_channel',
				e.after ->> 'reviewer_role', e.after ->> 'admin_role')
		UNION ALL
		SELECT 'guild ' || g.id FROM guilds g LEFT JOIN events e ON e.guild_id = g.id AND e.kind = 'settings.changed'
		GROUP BY g.id HAVING g.version <> 1 + count(e.id)`,

	"requests_done": `
		SELECT 'request ' || r.operation || ' of guild ' || r.guild_id AS row FROM requests r
		LEFT JOIN transactions t ON t.id = r.transaction_id
		WHERE t.guild_id <> r.guild_id
			OR t.id IS NULL AND (r.transaction_id IS NOT NULL OR r.operation IN ('daily', 'transfer', 'reverse', 'purchase', 'refund'))
			OR t.id IS NOT NULL AND t.kind NOT IN (SELECT value FROM json_each(CASE r.operation
				WHEN 'daily' THEN '["daily"]'
				WHEN 'transfer' THEN '["transfer"]'
				WHEN 'adjust' THEN '["give", "take", "set"]'
				WHEN 'reverse' THEN '["reversal"]'
				WHEN 'purchase' THEN '["purchase"]'
				WHEN 'refund' THEN '["refund"]'
				WHEN 'erase' THEN '["take"]'
				WHEN 'task.submit' THEN '["reward"]'
				WHEN 'task.review' THEN '["reward"]'
				ELSE '[]' END))
			OR r.operation IN ('daily', 'transfer', 'adjust', 'reverse', 'purchase', 'refund', 'task.submit', 'task.review', 'erase')
				AND json_extract(r.result, '$.transaction') IS NOT coalesce(r.transaction_id, 0)
			OR EXISTS (SELECT 1 FROM entries e WHERE e.transaction_id = t.id AND e.balance IS NOT NULL AND CASE r.operation
				WHEN 'daily' THEN r.result ->> '$.reward' IS NOT e.amount OR r.result ->> '$.balance' IS NOT e.balance
				WHEN 'transfer' THEN e.account_id = t.actor_id AND (r.result ->> '$.amount' IS NOT -e.amount OR r.result ->> '$.balance' IS NOT e.balance)
				WHEN 'adjust' THEN r.result ->> '$.before' IS NOT e.balance - e.amount OR r.result ->> '$.after' IS NOT e.balance END)
			OR r.operation IN ('purchase', 'refund') AND NOT EXISTS (SELECT 1 FROM purchases p WHERE p.id = r.result ->> '$.purchase'
				AND CASE r.operation WHEN 'refund' THEN p.refund_id ELSE p.transaction_id END = r.transaction_id)
			OR r.operation IN ('item.create', 'item.edit', 'item.archive', 'use') AND NOT EXISTS (SELECT 1 FROM items i
				WHERE i.id = coalesce(r.result ->> '$.id', r.result ->> '$.item') AND i.guild_id = r.guild_id)
			OR r.operation IN ('task.create', 'task.edit', 'task.move') AND NOT EXISTS (SELECT 1 FROM tasks x
				WHERE x.id = r.result ->> '$.id' AND x.guild_id = r.guild_id)
			OR r.operation IN ('task.claim', 'task.drop') AND NOT EXISTS (SELECT 1 FROM claims c JOIN tasks x ON x.id = c.task_id
				WHERE c.id = coalesce(r.result ->> '$.claim', r.result ->> '$.id') AND x.guild_id = r.guild_id)
			OR r.operation IN ('task.submit', 'task.review') AND NOT EXISTS (SELECT 1 FROM submissions s
				WHERE s.id = coalesce(r.result ->> '$.submission.id', r.result ->> '$.submission') AND s.guild_id = r.guild_id
					AND (s.transaction_id = r.transaction_id OR r.transaction_id IS NULL))
		UNION ALL
		SELECT 'transaction ' || transaction_id FROM requests WHERE transaction_id IS NOT NULL
		GROUP BY transaction_id HAVING count(*) > 1`,

	// Broken CHECKs are left to the invariants that they stand for.
	economy.Storage: `
		SELECT integrity_check AS row FROM pragma_integrity_check
		WHERE integrity_check <> 'ok' AND integrity_check NOT LIKE 'CHECK constraint failed%'
		UNION ALL
		SELECT 'account ' || a.id || ' is nobody''s' FROM accounts a LEFT JOIN members m ON m.id = a.id
		WHERE m.id IS NULL AND a.system IS NULL AND a.admin_id IS NULL
		UNION ALL
		SELECT "table" || ' row ' || coalesce(rowid, '?') || ' refers to a missing ' || parent FROM pragma_foreign_key_check
		UNION ALL
		SELECT 'a card shows the unknown ' || subject FROM (
			SELECT guild_id, subject FROM cards UNION SELECT guild_id, subject FROM deliveries WHERE kind = 'card'
			EXCEPT SELECT guild_id, 'task:' || id FROM tasks
			EXCEPT SELECT guild_id, 'submission:' || id FROM submissions)`,
}

// Audit implements economy.Store. Damage to the file ends it early, as a broken
// Storage.
func (s *Store) Audit(ctx context.Context) (a economy.Audit, err error) {
	err = s.survey(ctx, func(t *tx) error {
		a, err = t.audit()
		return err
	})
	if Damaged(err) {
		a.Findings = []economy.Finding{{Invariant: economy.Invariants[0], Broken: 1, Example: err.Error()}}
		return a, nil
	}
	return a, err
}

// audit checks the books as a transaction sees them.
func (t *tx) audit() (a economy.Audit, err error) {
	var at, billions, rest int64
	if err := t.row(`SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER),
		(SELECT count(*) FROM guilds), (SELECT count(*) FROM members), (SELECT count(*) FROM transactions),
		(SELECT count(*) FROM entries), (SELECT coalesce(sum(balance / 1000000000), 0) FROM members),
		(SELECT coalesce(sum(balance % 1000000000), 0) FROM members)`,
		nil, &at, &a.Guilds, &a.Members, &a.Transactions, &a.Entries, &billions, &rest); err != nil {
		return a, err
	}
	a.At = time.UnixMicro(at).UTC()
	const billion = 1_000_000_000
	a.Coins = math.MaxInt64
	if carry := rest / billion; billions+carry < math.MaxInt64/billion {
		a.Coins = economy.Amount((billions+carry)*billion + rest%billion)
	}
	for _, invariant := range economy.Invariants {
		query, ok := violations(invariant.Name)
		if !ok {
			return a, fmt.Errorf("no query checks the invariant %q", invariant.Name)
		}
		f := economy.Finding{Invariant: invariant}
		if err := t.row("WITH broken AS ("+query+") SELECT count(*), coalesce(min(row), '') FROM broken",
			nil, &f.Broken, &f.Example); err != nil {
			return a, fmt.Errorf("check %q: %w", invariant.Name, err)
		}
		a.Findings = append(a.Findings, f)
	}
	return a, nil
}
