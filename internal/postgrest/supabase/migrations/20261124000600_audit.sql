-- The audit. Each view holds the rows that break one invariant, described by
-- identifiers only: SELECT * FROM coffer.broken_balances_match.

CREATE VIEW coffer.broken_storage AS
    SELECT 'entry of transaction ' || e.transaction_id || ' is in the unknown account ' || e.account_id AS example
        FROM coffer.entries e WHERE NOT EXISTS (SELECT FROM coffer.accounts a WHERE a.id = e.account_id)
    UNION ALL
    SELECT 'entry in account ' || e.account_id || ' is of the unknown transaction ' || e.transaction_id
        FROM coffer.entries e WHERE NOT EXISTS (SELECT FROM coffer.transactions t WHERE t.id = e.transaction_id)
    UNION ALL
    SELECT 'member ' || m.id || ' has no account'
        FROM coffer.members m WHERE NOT EXISTS (SELECT FROM coffer.accounts a WHERE a.id = m.id)
    UNION ALL
    SELECT 'account ' || a.id || ' is nobody''s'
        FROM coffer.accounts a WHERE a.system IS NULL AND NOT EXISTS (SELECT FROM coffer.members m WHERE m.id = a.id)
    UNION ALL
    SELECT 'account ' || a.id || ' is of the unknown guild ' || a.guild_id
        FROM coffer.accounts a WHERE NOT EXISTS (SELECT FROM coffer.guilds g WHERE g.id = a.guild_id)
    UNION ALL
    SELECT 'member ' || m.id || ' is of the unknown guild ' || m.guild_id
        FROM coffer.members m WHERE NOT EXISTS (SELECT FROM coffer.guilds g WHERE g.id = m.guild_id)
    UNION ALL
    SELECT 'transaction ' || t.id || ' is of the unknown guild ' || t.guild_id
        FROM coffer.transactions t WHERE NOT EXISTS (SELECT FROM coffer.guilds g WHERE g.id = t.guild_id)
    UNION ALL
    SELECT 'event ' || e.id || ' is of the unknown guild ' || e.guild_id
        FROM coffer.events e WHERE NOT EXISTS (SELECT FROM coffer.guilds g WHERE g.id = e.guild_id)
    UNION ALL
    SELECT 'request ' || q.operation || ' is of the unknown guild ' || q.guild_id
        FROM coffer.requests q WHERE NOT EXISTS (SELECT FROM coffer.guilds g WHERE g.id = q.guild_id)
    UNION ALL
    SELECT 'transaction ' || t.id || ' is by the unknown member ' || t.actor_id
        FROM coffer.transactions t WHERE t.actor_id IS NOT NULL AND NOT EXISTS (SELECT FROM coffer.members m WHERE m.id = t.actor_id)
    UNION ALL
    SELECT 'event ' || e.id || ' is by the unknown member ' || e.actor_id
        FROM coffer.events e WHERE e.actor_id IS NOT NULL AND NOT EXISTS (SELECT FROM coffer.members m WHERE m.id = e.actor_id);

CREATE VIEW coffer.broken_transactions_balance AS
    SELECT 'transaction ' || transaction_id AS example FROM coffer.entries GROUP BY transaction_id HAVING sum(amount) <> 0;

CREATE VIEW coffer.broken_transactions_move AS
    SELECT 'transaction ' || t.id AS example FROM coffer.transactions t
        LEFT JOIN (SELECT transaction_id, count(*) AS size FROM coffer.entries GROUP BY transaction_id) e ON e.transaction_id = t.id
        WHERE coalesce(e.size, 0) < 2
    UNION ALL
    SELECT 'transaction ' || t.id FROM coffer.transactions t
        JOIN coffer.entries e ON e.transaction_id = t.id JOIN coffer.accounts a ON a.id = e.account_id
        WHERE e.amount = 0 OR a.guild_id <> t.guild_id
    UNION ALL
    SELECT 'member ' || m.id FROM coffer.members m JOIN coffer.accounts a ON a.id = m.id
        WHERE a.guild_id <> m.guild_id OR a.system IS NOT NULL;

CREATE VIEW coffer.broken_balances_match AS
    SELECT 'member ' || m.id AS example FROM coffer.members m
        LEFT JOIN (SELECT account_id, sum(amount) AS total FROM coffer.entries WHERE balance IS NOT NULL GROUP BY account_id) e
            ON e.account_id = m.id
        WHERE m.balance <> coalesce(e.total, 0);

CREATE VIEW coffer.broken_balances_lawful AS
    SELECT 'member ' || id AS example FROM coffer.members WHERE balance < 0;

CREATE VIEW coffer.broken_entries_chain AS
    SELECT 'transaction ' || x.transaction_id || ' in account ' || x.account_id AS example FROM (
        SELECT e.account_id, e.transaction_id, e.amount, e.balance, m.id AS member,
            lag(e.balance, 1, 0::bigint) OVER (PARTITION BY e.account_id ORDER BY e.transaction_id) AS previous
        FROM coffer.entries e LEFT JOIN coffer.members m ON m.id = e.account_id) x
    WHERE x.balance IS DISTINCT FROM CASE WHEN x.member IS NOT NULL THEN x.previous + x.amount END;

CREATE VIEW coffer.broken_openings_once AS
    SELECT 'member ' || e.account_id AS example
        FROM coffer.transactions t JOIN coffer.entries e ON e.transaction_id = t.id AND e.amount > 0
            JOIN (SELECT account_id, min(transaction_id) AS first FROM coffer.entries GROUP BY account_id) f ON f.account_id = e.account_id
            LEFT JOIN coffer.entries x ON x.transaction_id = t.id AND x.balance IS NULL AND x.amount = -e.amount
            LEFT JOIN coffer.accounts a ON a.id = x.account_id AND a.system = 'mint'
        WHERE t.kind = 'opening' AND (f.first < t.id OR a.id IS NULL);

CREATE VIEW coffer.broken_reversals_once AS
    SELECT 'transaction ' || r.id AS example FROM coffer.transactions r LEFT JOIN coffer.transactions o ON o.id = r.reverses
        WHERE (r.kind = 'reversal' OR r.reverses IS NOT NULL) AND (
            r.kind <> 'reversal' OR o.id IS NULL OR o.kind = 'reversal' OR o.guild_id <> r.guild_id
            OR (SELECT count(*) FROM coffer.transactions x WHERE x.reverses = o.id) > 1
            OR EXISTS (SELECT account_id, amount FROM coffer.entries WHERE transaction_id = o.id
                EXCEPT SELECT account_id, -amount FROM coffer.entries WHERE transaction_id = r.id)
            OR EXISTS (SELECT account_id, -amount FROM coffer.entries WHERE transaction_id = r.id
                EXCEPT SELECT account_id, amount FROM coffer.entries WHERE transaction_id = o.id));

-- Each kind has its form: who lost, then who gained.
CREATE VIEW coffer.broken_kinds_fit AS
    SELECT 'transaction ' || t.id AS example
        FROM coffer.transactions t
            LEFT JOIN coffer.entries e ON e.transaction_id = t.id
            LEFT JOIN coffer.accounts a ON a.id = e.account_id
        WHERE t.kind <> 'reversal'
        GROUP BY t.id, t.kind, t.actor_id
        HAVING (t.actor_id IS NULL) <> (t.kind = 'opening')
            OR coalesce(string_agg(coalesce(a.system, 'member') || CASE WHEN e.amount < 0 THEN '-' ELSE '+' END, ' ' ORDER BY e.amount), '')
                <> ALL (CASE t.kind
                    WHEN 'opening' THEN ARRAY['mint- member+']
                    WHEN 'daily' THEN ARRAY['mint- member+']
                    WHEN 'give' THEN ARRAY['mint- member+']
                    WHEN 'take' THEN ARRAY['member- burn+']
                    WHEN 'set' THEN ARRAY['mint- member+', 'member- burn+']
                    WHEN 'transfer' THEN ARRAY['member- member+']
                    ELSE ARRAY[]::text[] END);

CREATE VIEW coffer.broken_transactions_told AS
    SELECT coalesce('event ' || e.id, 'transaction ' || t.id) AS example
        FROM coffer.events e FULL JOIN coffer.transactions t ON t.id = e.transaction_id
        WHERE CASE WHEN e.transaction_id IS NULL THEN e.id IS NULL OR e.subject LIKE 'transaction:%' OR e.kind NOT LIKE '%.%'
            ELSE t.id IS NULL OR e.guild_id <> t.guild_id OR e.kind <> t.kind OR e.subject <> 'transaction:' || t.id
                OR e.actor_id IS DISTINCT FROM t.actor_id OR e.at <> t.created_at END
    UNION ALL
    SELECT 'transaction ' || transaction_id FROM coffer.events WHERE transaction_id IS NOT NULL
        GROUP BY transaction_id HAVING count(*) > 1
    UNION ALL
    SELECT 'event ' || e.id FROM coffer.events e
        LEFT JOIN (SELECT transaction_id,
                '{"balances": {' || string_agg('"' || account_id || '": ' || balance - amount, ', ') || '}}' AS before,
                '{"balances": {' || string_agg('"' || account_id || '": ' || balance, ', ') || '}}' AS after
            FROM coffer.entries WHERE balance IS NOT NULL GROUP BY transaction_id) x ON x.transaction_id = e.transaction_id
        WHERE e.transaction_id IS NOT NULL
            AND (e.before::text IS DISTINCT FROM x.before AND e.before IS DISTINCT FROM coalesce(x.before, '{"balances": null}')::jsonb
                OR e.after::text IS DISTINCT FROM x.after AND e.after IS DISTINCT FROM coalesce(x.after, '{"balances": null}')::jsonb);

CREATE VIEW coffer.broken_arrivals_told AS
    SELECT 'guild ' || g.id AS example
        FROM coffer.guilds g LEFT JOIN coffer.accounts a ON a.guild_id = g.id AND a.system IS NOT NULL
        GROUP BY g.id HAVING count(DISTINCT a.system) <> 3
    UNION ALL
    SELECT x.arrival FROM (
            SELECT 'guild.created ' || id || ' guild' AS arrival, 1 AS n FROM coffer.guilds
            UNION ALL SELECT 'member.created ' || guild_id || ' member:' || id, 1 FROM coffer.members
            UNION ALL SELECT kind || ' ' || guild_id || ' ' || subject, -1 FROM coffer.events WHERE kind IN ('guild.created', 'member.created')) x
        GROUP BY x.arrival HAVING sum(x.n) <> 0;

CREATE VIEW coffer.broken_settings_told AS
    SELECT 'event ' || x.id AS example FROM (
        SELECT id, kind, before, lag(after) OVER (PARTITION BY guild_id ORDER BY id) AS previous
            FROM coffer.events WHERE kind IN ('guild.created', 'settings.changed')) x
        WHERE x.before IS DISTINCT FROM x.previous OR (x.before IS NULL) <> (x.kind = 'guild.created')
    UNION ALL
    SELECT 'guild ' || g.id FROM coffer.guilds g LEFT JOIN (
            SELECT DISTINCT ON (guild_id) guild_id, after FROM coffer.events
                WHERE kind IN ('guild.created', 'settings.changed') ORDER BY guild_id, id DESC) e ON e.guild_id = g.id
        WHERE coffer.settings(g) IS DISTINCT FROM e.after;

CREATE VIEW coffer.broken_requests_done AS
    SELECT 'request ' || q.operation || ' of guild ' || q.guild_id AS example FROM coffer.requests q
        LEFT JOIN coffer.transactions t ON t.id = q.transaction_id
        WHERE t.guild_id <> q.guild_id OR q.operation NOT IN ('daily', 'transfer', 'adjust', 'reverse', 'settings')
            OR t.id IS NULL AND (q.transaction_id IS NOT NULL OR q.operation IN ('daily', 'transfer', 'reverse'))
            OR t.id IS NOT NULL AND t.kind <> ALL (CASE q.operation
                WHEN 'daily' THEN ARRAY['daily']
                WHEN 'transfer' THEN ARRAY['transfer']
                WHEN 'adjust' THEN ARRAY['give', 'take', 'set']
                WHEN 'reverse' THEN ARRAY['reversal']
                ELSE ARRAY[]::text[] END)
            OR q.operation <> 'settings' AND q.result ->> 'transaction' IS DISTINCT FROM coalesce(q.transaction_id, 0)::text
            OR q.operation = 'adjust' AND t.id IS NULL AND q.result -> 'before' IS DISTINCT FROM q.result -> 'after'
            OR EXISTS (SELECT FROM coffer.entries e WHERE e.transaction_id = t.id AND e.balance IS NOT NULL AND CASE q.operation
                WHEN 'daily' THEN (q.result ->> 'reward', q.result ->> 'balance') IS DISTINCT FROM (e.amount::text, e.balance::text)
                WHEN 'transfer' THEN e.account_id = t.actor_id
                    AND (q.result ->> 'amount', q.result ->> 'balance') IS DISTINCT FROM ((-e.amount)::text, e.balance::text)
                WHEN 'adjust' THEN (q.result ->> 'before', q.result ->> 'after') IS DISTINCT FROM ((e.balance - e.amount)::text, e.balance::text)
                END)
    UNION ALL
    SELECT 'transaction ' || transaction_id FROM coffer.requests WHERE transaction_id IS NOT NULL
        GROUP BY transaction_id HAVING count(*) > 1;

-- coffer_audit checks invariants by name, in the given order. It is STABLE, so all
-- of them are checked over the snapshot of the statement that calls it.
--
-- Rows stand about in the order of their numbers, so reading them along an index
-- costs little, and joining them so needs no memory. Helpers would each make sums
-- that one suffices for, and take the processors from those who serve members.
CREATE FUNCTION public.coffer_audit(invariants text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '15min'
SET work_mem = '32MB' SET random_page_cost = 1.1 SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    invariant text;
    broken bigint;
    example text;
    findings jsonb := '[]';
BEGIN
    FOREACH invariant IN ARRAY invariants LOOP
        EXECUTE format('SELECT count(*), coalesce(min(v.example), '''') FROM coffer.%I v', 'broken_' || invariant)
            INTO broken, example;
        findings := findings || jsonb_build_object('name', invariant, 'broken', broken, 'example', example);
    END LOOP;
    RETURN jsonb_build_object(
        'at', statement_timestamp(),
        'guilds', (SELECT count(*) FROM coffer.guilds),
        'members', (SELECT count(*) FROM coffer.members),
        'transactions', (SELECT count(*) FROM coffer.transactions),
        'entries', (SELECT count(*) FROM coffer.entries),
        'coins', (SELECT least(coalesce(sum(balance), 0), 9223372036854775807) FROM coffer.members),
        'findings', findings);
END $$;

-- coffer_schema returns the version of the newest migration. Each migration that
-- follows replaces it.
CREATE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261124000600'
$$;

CALL coffer.keep_private();
