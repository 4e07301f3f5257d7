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
    SELECT x.what || ' ' || x.id || ' is of the unknown guild ' || x.guild_id
        FROM (SELECT 'account' AS what, id::text, guild_id FROM coffer.accounts
            UNION ALL SELECT 'member', id::text, guild_id FROM coffer.members
            UNION ALL SELECT 'transaction', id::text, guild_id FROM coffer.transactions
            UNION ALL SELECT 'event', id::text, guild_id FROM coffer.events
            UNION ALL SELECT 'request', operation, guild_id FROM coffer.requests) x
        WHERE NOT EXISTS (SELECT FROM coffer.guilds g WHERE g.id = x.guild_id)
    UNION ALL
    SELECT x.what || ' ' || x.id || ' is by the unknown member ' || x.actor_id
        FROM (SELECT 'transaction' AS what, id, actor_id FROM coffer.transactions
            UNION ALL SELECT 'event', id, actor_id FROM coffer.events) x
        WHERE x.actor_id IS NOT NULL AND NOT EXISTS (SELECT FROM coffer.members m WHERE m.id = x.actor_id);

CREATE VIEW coffer.broken_transactions_balance AS
    SELECT 'transaction ' || transaction_id AS example FROM coffer.entries GROUP BY transaction_id HAVING sum(amount) <> 0;

CREATE VIEW coffer.broken_transactions_move AS
    SELECT 'transaction ' || t.id AS example FROM coffer.transactions t
        LEFT JOIN coffer.entries e ON e.transaction_id = t.id LEFT JOIN coffer.accounts a ON a.id = e.account_id
        GROUP BY t.id HAVING count(e.account_id) < 2 OR bool_or(e.amount = 0) OR bool_or(a.guild_id <> t.guild_id)
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
        WHERE t.kind = 'opening' AND (
            EXISTS (SELECT FROM coffer.entries x WHERE x.account_id = e.account_id AND x.transaction_id < t.id)
            OR NOT EXISTS (SELECT FROM coffer.entries x JOIN coffer.accounts a ON a.id = x.account_id
                WHERE x.transaction_id = t.id AND a.system = 'mint' AND x.amount = -e.amount));

CREATE VIEW coffer.broken_reversals_once AS
    SELECT 'transaction ' || r.id AS example FROM coffer.transactions r LEFT JOIN coffer.transactions o ON o.id = r.reverses
        WHERE (r.kind IN ('reversal', 'refund') OR r.reverses IS NOT NULL) AND (
            o.id IS NULL OR o.guild_id <> r.guild_id
            OR CASE r.kind WHEN 'refund' THEN o.kind <> 'purchase'
                WHEN 'reversal' THEN o.kind IN ('reversal', 'purchase', 'refund') ELSE true END
            OR (SELECT count(*) FROM coffer.transactions x WHERE x.reverses = o.id) > 1
            OR EXISTS (SELECT account_id, amount FROM coffer.entries WHERE transaction_id = o.id
                EXCEPT SELECT account_id, -amount FROM coffer.entries WHERE transaction_id = r.id)
            OR EXISTS (SELECT account_id, -amount FROM coffer.entries WHERE transaction_id = r.id
                EXCEPT SELECT account_id, amount FROM coffer.entries WHERE transaction_id = o.id));

-- The system's side of a transaction, told by its sign: what it made (mint, below
-- 0), removed (burn, above 0) or took for goods (shop, above 0). A reversal and a
-- refund mirror their original.
CREATE VIEW coffer.broken_kinds_fit AS
    SELECT 'transaction ' || t.id AS example
        FROM coffer.transactions t
            LEFT JOIN coffer.entries e ON e.transaction_id = t.id AND e.balance IS NULL
            LEFT JOIN coffer.accounts a ON a.id = e.account_id AND a.system IS NOT NULL
        WHERE t.kind NOT IN ('reversal', 'refund')
        GROUP BY t.id, t.kind
        HAVING coalesce(string_agg(a.system || CASE WHEN e.amount < 0 THEN '-' ELSE '+' END, ''), '') <> ALL (CASE t.kind
            WHEN 'transfer' THEN ARRAY['']
            WHEN 'take' THEN ARRAY['burn+']
            WHEN 'set' THEN ARRAY['mint-', 'burn+']
            WHEN 'purchase' THEN ARRAY['shop+']
            ELSE ARRAY['mint-'] END);

CREATE VIEW coffer.broken_transactions_told AS
    SELECT 'transaction ' || t.id AS example FROM coffer.transactions t LEFT JOIN coffer.events e ON e.transaction_id = t.id
        GROUP BY t.id HAVING count(e.id) <> 1
    UNION ALL
    SELECT 'event ' || e.id FROM coffer.events e LEFT JOIN coffer.transactions t ON t.id = e.transaction_id
        WHERE CASE WHEN e.transaction_id IS NULL THEN e.subject LIKE 'transaction:%'
            ELSE t.id IS NULL OR e.guild_id <> t.guild_id OR e.kind <> t.kind OR e.subject <> 'transaction:' || t.id
                OR e.actor_id IS DISTINCT FROM t.actor_id OR e.at <> t.created_at END
    UNION ALL
    SELECT 'event ' || e.id FROM coffer.events e
        LEFT JOIN (SELECT transaction_id, jsonb_object_agg(account_id, balance - amount) AS before,
                jsonb_object_agg(account_id, balance) AS after
            FROM coffer.entries WHERE balance IS NOT NULL GROUP BY transaction_id) x ON x.transaction_id = e.transaction_id
        WHERE e.transaction_id IS NOT NULL
            AND (e.before IS DISTINCT FROM jsonb_build_object('balances', x.before)
                OR e.after IS DISTINCT FROM jsonb_build_object('balances', x.after));

CREATE VIEW coffer.broken_arrivals_told AS
    WITH arrived AS (
        SELECT 'guild ' || id || ' guild' AS example FROM coffer.guilds
        UNION ALL SELECT 'guild ' || guild_id || ' member:' || id FROM coffer.members
    ), told AS (
        SELECT 'guild ' || guild_id || ' ' || subject AS example FROM coffer.events WHERE kind IN ('guild.created', 'member.created')
    )
    SELECT 'guild ' || g.id AS example
        FROM coffer.guilds g LEFT JOIN coffer.accounts a ON a.guild_id = g.id AND a.system IS NOT NULL
        GROUP BY g.id HAVING count(DISTINCT a.system) <> 3
    UNION ALL
    (SELECT example FROM told EXCEPT ALL SELECT example FROM arrived)
    UNION ALL
    (SELECT example FROM arrived EXCEPT ALL SELECT example FROM told);

CREATE VIEW coffer.broken_settings_told AS
    SELECT 'event ' || x.id AS example FROM (
        SELECT id, kind, before, lag(after) OVER (PARTITION BY guild_id ORDER BY id) AS previous
            FROM coffer.events WHERE kind IN ('guild.created', 'settings.changed')) x
        WHERE x.before IS DISTINCT FROM x.previous OR (x.before IS NULL) <> (x.kind = 'guild.created')
    UNION ALL
    SELECT 'guild ' || g.id FROM coffer.guilds g JOIN (
            SELECT DISTINCT ON (guild_id) guild_id, after FROM coffer.events
                WHERE kind IN ('guild.created', 'settings.changed') ORDER BY guild_id, id DESC) e ON e.guild_id = g.id
        WHERE coffer.settings(g) IS DISTINCT FROM e.after;

CREATE VIEW coffer.broken_requests_done AS
    SELECT 'request ' || q.operation || ' of guild ' || q.guild_id AS example FROM coffer.requests q
        LEFT JOIN coffer.transactions t ON t.id = q.transaction_id
        WHERE t.guild_id <> q.guild_id
            OR t.id IS NULL AND (q.transaction_id IS NOT NULL OR q.operation IN ('daily', 'transfer', 'reverse', 'purchase', 'refund'))
            OR t.id IS NOT NULL AND t.kind <> ALL (CASE q.operation
                WHEN 'daily' THEN ARRAY['daily']
                WHEN 'transfer' THEN ARRAY['transfer']
                WHEN 'adjust' THEN ARRAY['give', 'take', 'set']
                WHEN 'reverse' THEN ARRAY['reversal']
                WHEN 'purchase' THEN ARRAY['purchase']
                WHEN 'refund' THEN ARRAY['refund']
                ELSE ARRAY[]::text[] END)
            OR q.operation IN ('daily', 'transfer', 'adjust', 'reverse', 'purchase', 'refund')
                AND q.result ->> 'transaction' IS DISTINCT FROM coalesce(q.transaction_id, 0)::text
    UNION ALL
    SELECT 'transaction ' || transaction_id FROM coffer.requests WHERE transaction_id IS NOT NULL
        GROUP BY transaction_id HAVING count(*) > 1;

-- coffer_audit checks invariants by name, in the given order. It is STABLE, so all
-- of them are checked over the snapshot of the statement that calls it.
CREATE FUNCTION public.coffer_audit(invariants text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = '' SET timezone = 'UTC' SET work_mem = '128MB' SET statement_timeout = '15min' AS $$
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
