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
        FROM coffer.accounts a WHERE a.system IS NULL AND a.admin_id IS NULL AND NOT EXISTS (SELECT FROM coffer.members m WHERE m.id = a.id)
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
    SELECT 'transaction ' || t.id || ' is by the unknown account ' || t.actor_id
        FROM coffer.transactions t WHERE t.actor_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM coffer.accounts a WHERE a.id = t.actor_id AND a.system IS NULL)
    UNION ALL
    SELECT 'event ' || e.id || ' is by the unknown account ' || e.actor_id
        FROM coffer.events e WHERE e.actor_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM coffer.accounts a WHERE a.id = e.actor_id AND a.system IS NULL)
    UNION ALL
    SELECT 'submission ' || s.id || ' was reviewed by the unknown account ' || s.reviewer_id
        FROM coffer.submissions s WHERE s.reviewer_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM coffer.accounts a WHERE a.id = s.reviewer_id AND a.system IS NULL)
    UNION ALL
    SELECT 'item ' || x.id || ' is of the unknown guild ' || x.guild_id
        FROM coffer.items x WHERE NOT EXISTS (SELECT FROM coffer.guilds g WHERE g.id = x.guild_id)
    UNION ALL
    SELECT 'purchase ' || x.id || ' is of the unknown guild ' || x.guild_id
        FROM coffer.purchases x WHERE NOT EXISTS (SELECT FROM coffer.guilds g WHERE g.id = x.guild_id)
    UNION ALL
    SELECT 'use ' || x.id || ' is of the unknown guild ' || x.guild_id
        FROM coffer.uses x WHERE NOT EXISTS (SELECT FROM coffer.guilds g WHERE g.id = x.guild_id)
    UNION ALL
    SELECT 'entitlement of purchase ' || x.purchase_id || ' is of the unknown guild ' || x.guild_id
        FROM coffer.entitlements x WHERE NOT EXISTS (SELECT FROM coffer.guilds g WHERE g.id = x.guild_id)
    UNION ALL
    SELECT 'delivery ' || x.id || ' is of the unknown guild ' || x.guild_id
        FROM coffer.deliveries x WHERE NOT EXISTS (SELECT FROM coffer.guilds g WHERE g.id = x.guild_id)
    UNION ALL
    SELECT x.what || ' is of the unknown guild ' || x.guild_id
        FROM (SELECT 'task ' || id AS what, guild_id FROM coffer.tasks
            UNION ALL SELECT 'claim ' || id, guild_id FROM coffer.claims
            UNION ALL SELECT 'submission ' || id, guild_id FROM coffer.submissions
            UNION ALL SELECT 'card of ' || subject, guild_id FROM coffer.cards) x
        WHERE NOT EXISTS (SELECT FROM coffer.guilds g WHERE g.id = x.guild_id)
    UNION ALL
    SELECT x.what || ' is of the unknown member ' || x.member_id
        FROM (SELECT 'purchase ' || id AS what, member_id FROM coffer.purchases
            UNION ALL SELECT 'item ' || item_id, member_id FROM coffer.inventory
            UNION ALL SELECT 'use ' || id, member_id FROM coffer.uses
            UNION ALL SELECT 'entitlement of purchase ' || purchase_id, member_id FROM coffer.entitlements
            UNION ALL SELECT 'delivery ' || id, member_id FROM coffer.deliveries WHERE kind IN ('role', 'direct')
            UNION ALL SELECT 'claim ' || id, member_id FROM coffer.claims
            UNION ALL SELECT 'submission ' || id, member_id FROM coffer.submissions) x
        WHERE NOT EXISTS (SELECT FROM coffer.members m WHERE m.id = x.member_id)
    UNION ALL
    SELECT x.what || ' is of the unknown item ' || x.item_id
        FROM (SELECT 'purchase ' || id AS what, item_id FROM coffer.purchases
            UNION ALL SELECT 'inventory of member ' || member_id, item_id FROM coffer.inventory
            UNION ALL SELECT 'use ' || id, item_id FROM coffer.uses) x
        WHERE NOT EXISTS (SELECT FROM coffer.items i WHERE i.id = x.item_id)
    UNION ALL
    SELECT 'purchase ' || p.id || ' has an unknown transaction' FROM coffer.purchases p
        WHERE NOT EXISTS (SELECT FROM coffer.transactions t WHERE t.id = p.transaction_id)
            OR p.refund_id IS NOT NULL AND NOT EXISTS (SELECT FROM coffer.transactions t WHERE t.id = p.refund_id)
    UNION ALL
    SELECT 'entitlement is of the unknown purchase ' || e.purchase_id FROM coffer.entitlements e
        WHERE NOT EXISTS (SELECT FROM coffer.purchases p WHERE p.id = e.purchase_id)
    UNION ALL
    SELECT x.what || ' is of the unknown task ' || x.task_id
        FROM (SELECT 'claim ' || id AS what, task_id FROM coffer.claims
            UNION ALL SELECT 'prerequisite of task ' || id, prerequisite FROM coffer.tasks WHERE prerequisite IS NOT NULL) x
        WHERE NOT EXISTS (SELECT FROM coffer.tasks t WHERE t.id = x.task_id)
    UNION ALL
    SELECT 'submission ' || s.id || ' is of the unknown claim ' || s.claim_id FROM coffer.submissions s
        WHERE NOT EXISTS (SELECT FROM coffer.claims c WHERE c.id = s.claim_id)
    UNION ALL
    SELECT 'claim ' || c.id || ' has an unknown transaction' FROM coffer.claims c
        WHERE c.transaction_id IS NOT NULL AND NOT EXISTS (SELECT FROM coffer.transactions t WHERE t.id = c.transaction_id)
    UNION ALL
    SELECT x.what || ' shows the unknown ' || x.subject
        FROM (SELECT 'card' AS what, guild_id, subject FROM coffer.cards
            UNION ALL SELECT 'delivery ' || id, guild_id, subject FROM coffer.deliveries WHERE kind = 'card') x
        WHERE NOT EXISTS (SELECT FROM coffer.tasks t WHERE t.guild_id = x.guild_id AND x.subject = 'task:' || t.id)
            AND NOT EXISTS (SELECT FROM coffer.submissions s WHERE s.guild_id = x.guild_id AND x.subject = 'submission:' || s.id);

CREATE VIEW coffer.broken_transactions_balance AS
    SELECT 'transaction ' || transaction_id AS example FROM coffer.entries GROUP BY transaction_id HAVING sum(amount) <> 0;

CREATE VIEW coffer.broken_transactions_move AS
    SELECT 'transaction ' || t.id AS example FROM coffer.transactions t
        LEFT JOIN (SELECT transaction_id, count(*) AS size FROM coffer.entries GROUP BY transaction_id) e ON e.transaction_id = t.id
        WHERE coalesce(e.size, 0) < 2
    UNION ALL
    SELECT 'transaction ' || t.id FROM coffer.transactions t
        JOIN coffer.entries e ON e.transaction_id = t.id JOIN coffer.accounts a ON a.id = e.account_id
        WHERE e.amount = 0 OR a.guild_id <> t.guild_id OR a.admin_id IS NOT NULL
    UNION ALL
    SELECT 'member ' || m.id FROM coffer.members m JOIN coffer.accounts a ON a.id = m.id
        WHERE a.guild_id <> m.guild_id OR a.system IS NOT NULL OR a.admin_id IS NOT NULL;

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
        WHERE (r.kind IN ('reversal', 'refund') OR r.reverses IS NOT NULL) AND (
            o.id IS NULL OR o.guild_id <> r.guild_id
            OR CASE r.kind WHEN 'refund' THEN o.kind <> 'purchase'
                WHEN 'reversal' THEN o.kind IN ('reversal', 'purchase', 'refund') ELSE true END
            OR (SELECT count(*) FROM coffer.transactions x WHERE x.reverses = o.id) > 1
            OR EXISTS (SELECT account_id, amount FROM coffer.entries WHERE transaction_id = o.id
                EXCEPT SELECT account_id, -amount FROM coffer.entries WHERE transaction_id = r.id)
            OR EXISTS (SELECT account_id, -amount FROM coffer.entries WHERE transaction_id = r.id
                EXCEPT SELECT account_id, amount FROM coffer.entries WHERE transaction_id = o.id));

-- Each kind has its form: who lost, then who gained. A reversal and a refund
-- mirror their original. From the dashboard nobody does what members do.
CREATE VIEW coffer.broken_kinds_fit AS
    SELECT 'transaction ' || t.id AS example
        FROM coffer.transactions t
            LEFT JOIN coffer.entries e ON e.transaction_id = t.id
            LEFT JOIN coffer.accounts a ON a.id = e.account_id
        WHERE t.kind NOT IN ('reversal', 'refund')
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
                    WHEN 'purchase' THEN ARRAY['member- shop+']
                    WHEN 'reward' THEN ARRAY['mint- member+']
                    ELSE ARRAY[]::text[] END)
    UNION ALL
    SELECT 'transaction ' || t.id FROM coffer.transactions t JOIN coffer.accounts a ON a.id = t.actor_id
        WHERE a.admin_id IS NOT NULL AND t.kind NOT IN ('give', 'take', 'set', 'reversal', 'refund', 'reward') OR a.guild_id <> t.guild_id;

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
        GROUP BY x.arrival HAVING sum(x.n) <> 0
    UNION ALL
    SELECT 'guild ' || g.id FROM coffer.guilds g
        LEFT JOIN (SELECT m.guild_id, count(*) AS n FROM coffer.members m WHERE m.user_id IS NOT NULL GROUP BY m.guild_id) m ON m.guild_id = g.id
        WHERE g.members <> coalesce(m.n, 0);

CREATE VIEW coffer.broken_settings_told AS
    SELECT 'event ' || x.id AS example FROM (
        SELECT id, kind, before, lag(after) OVER (PARTITION BY guild_id ORDER BY id) AS previous
            FROM coffer.events WHERE kind IN ('guild.created', 'settings.changed')) x
        WHERE x.before IS DISTINCT FROM x.previous OR (x.before IS NULL) <> (x.kind = 'guild.created')
    UNION ALL
    SELECT 'guild ' || g.id FROM coffer.guilds g LEFT JOIN (
            SELECT DISTINCT ON (guild_id) guild_id, after FROM coffer.events
                WHERE kind IN ('guild.created', 'settings.changed') ORDER BY guild_id, id DESC) e ON e.guild_id = g.id
        WHERE coffer.settings(g) IS DISTINCT FROM e.after
    UNION ALL
    SELECT 'guild ' || g.id FROM coffer.guilds g
        LEFT JOIN (SELECT guild_id, count(*) AS n FROM coffer.events WHERE kind = 'settings.changed' GROUP BY guild_id) e ON e.guild_id = g.id
        WHERE g.version <> 1 + coalesce(e.n, 0);

CREATE VIEW coffer.broken_requests_done AS
    SELECT 'request ' || q.operation || ' of guild ' || q.guild_id AS example FROM coffer.requests q
        LEFT JOIN coffer.transactions t ON t.id = q.transaction_id
        LEFT JOIN coffer.purchases p ON p.transaction_id = q.transaction_id
        LEFT JOIN coffer.purchases b ON b.refund_id = q.transaction_id
        LEFT JOIN coffer.items i ON i.guild_id = q.guild_id AND i.id::text = coalesce(q.result ->> 'id', q.result ->> 'item')
        LEFT JOIN coffer.claims c ON c.transaction_id = q.transaction_id
        WHERE t.guild_id <> q.guild_id OR q.operation NOT IN ('daily', 'transfer', 'adjust', 'reverse', 'settings',
                'adjust.many', 'erase', 'purchase', 'refund', 'use', 'item.create', 'item.edit', 'item.archive',
                'task.create', 'task.edit', 'task.move', 'task.claim', 'task.submit', 'task.drop', 'task.review')
            OR t.id IS NULL AND (q.transaction_id IS NOT NULL OR q.operation IN ('daily', 'transfer', 'reverse', 'purchase', 'refund'))
            OR t.id IS NOT NULL AND t.kind <> ALL (CASE q.operation
                WHEN 'daily' THEN ARRAY['daily']
                WHEN 'transfer' THEN ARRAY['transfer']
                WHEN 'adjust' THEN ARRAY['give', 'take', 'set']
                WHEN 'reverse' THEN ARRAY['reversal']
                WHEN 'purchase' THEN ARRAY['purchase']
                WHEN 'refund' THEN ARRAY['refund']
                WHEN 'erase' THEN ARRAY['take']
                WHEN 'task.submit' THEN ARRAY['reward']
                WHEN 'task.review' THEN ARRAY['reward']
                ELSE ARRAY[]::text[] END)
            OR q.operation IN ('daily', 'transfer', 'adjust', 'reverse', 'purchase', 'refund', 'task.submit', 'task.review', 'erase')
                AND q.result ->> 'transaction' IS DISTINCT FROM coalesce(q.transaction_id, 0)::text
            OR q.operation IN ('purchase', 'refund') AND q.result ->> 'purchase' IS DISTINCT FROM
                CASE q.operation WHEN 'purchase' THEN p.id ELSE b.id END::text
            OR q.operation IN ('item.create', 'item.edit', 'item.archive', 'use') AND i.id IS NULL
            OR q.operation IN ('task.create', 'task.edit', 'task.move', 'task.claim', 'task.submit', 'task.drop') AND NOT EXISTS (
                SELECT FROM coffer.tasks x WHERE x.guild_id = q.guild_id AND x.id::text = coalesce(q.result ->> 'task', q.result ->> 'id'))
            OR q.operation IN ('task.claim', 'task.submit', 'task.drop') AND NOT EXISTS (
                SELECT FROM coffer.claims x WHERE x.guild_id = q.guild_id AND x.id::text = coalesce(q.result ->> 'claim', q.result ->> 'id'))
            OR q.operation IN ('task.submit', 'task.review') AND (
                coalesce(q.result #>> '{submission,paid}', q.result ->> 'paid') IS DISTINCT FROM coalesce(c.paid, 0)::text
                OR NOT EXISTS (SELECT FROM coffer.submissions x WHERE x.guild_id = q.guild_id
                    AND x.id::text = coalesce(q.result #>> '{submission,id}', q.result ->> 'submission')))
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

-- What items were and are, as their events tell.
CREATE VIEW coffer.items_told AS
    SELECT e.id, e.guild_id, e.subject, e.kind, e.before, e.after,
        lag(e.after) OVER of_item AS previous, lead(e.id) OVER of_item IS NULL AS newest
    FROM coffer.events e WHERE e.kind IN ('item.created', 'item.changed', 'item.archived')
    WINDOW of_item AS (PARTITION BY e.guild_id, e.subject ORDER BY e.id);

-- What sales change is not told by an item's events, but by theirs.
CREATE FUNCTION coffer.without_sales(item jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT item #- '{sold}' #- '{stock,left}'
$$;

CREATE VIEW coffer.broken_items_told AS
    SELECT 'event ' || t.id AS example FROM coffer.items_told t
        WHERE (t.before IS NULL) <> (t.kind = 'item.created')
            OR coffer.without_sales(t.before) IS DISTINCT FROM coffer.without_sales(t.previous)
            OR t.after -> 'version' IS DISTINCT FROM to_jsonb(coalesce((t.before ->> 'version')::integer, 0) + (t.kind <> 'item.archived')::integer)
            OR t.after -> 'archived' IS DISTINCT FROM to_jsonb(t.kind = 'item.archived')
            OR t.subject <> 'item:' || (t.after ->> 'id')
            OR NOT EXISTS (SELECT FROM coffer.items i WHERE i.guild_id = t.guild_id AND t.subject = 'item:' || i.id)
    UNION ALL
    SELECT 'item ' || i.id FROM coffer.items i
        LEFT JOIN coffer.items_told t ON t.guild_id = i.guild_id AND t.subject = 'item:' || i.id AND t.newest
        WHERE coffer.without_sales(coffer.item(i)) IS DISTINCT FROM coffer.without_sales(t.after);

CREATE VIEW coffer.broken_units_match AS
    SELECT 'item ' || x.item_id || ' of member ' || x.member_id AS example
        FROM (SELECT member_id, item_id, quantity AS units FROM coffer.purchases WHERE refund_id IS NULL
            UNION ALL SELECT member_id, item_id, -quantity FROM coffer.inventory
            UNION ALL SELECT member_id, item_id, -1 FROM coffer.uses) x
        GROUP BY x.item_id, x.member_id HAVING sum(x.units) <> 0
    UNION ALL
    SELECT 'item ' || v.item_id || ' of member ' || v.member_id FROM coffer.inventory v WHERE v.quantity < 0
    UNION ALL
    SELECT 'sales of item ' || i.id FROM coffer.items i
        LEFT JOIN coffer.purchases p ON p.item_id = i.id AND p.refund_id IS NULL
        GROUP BY i.id, i.sold HAVING i.sold <> coalesce(sum(p.quantity), 0)
    UNION ALL
    SELECT 'stock of item ' || i.id FROM coffer.items i
        JOIN coffer.items_told t ON t.guild_id = i.guild_id AND t.subject = 'item:' || i.id AND t.newest
        LEFT JOIN (SELECT p.item_id, e.id, -p.quantity AS units
                FROM coffer.purchases p JOIN coffer.events e ON e.transaction_id = p.transaction_id
            UNION ALL SELECT p.item_id, e.id, p.quantity
                FROM coffer.purchases p JOIN coffer.events e ON e.transaction_id = p.refund_id) s
            ON s.item_id = i.id AND s.id > t.id
        WHERE i.stock IS NOT NULL
        GROUP BY i.id, i.stock, t.after HAVING i.stock < 0 OR (i.stock - coalesce(sum(s.units), 0))::text IS DISTINCT FROM t.after #>> '{stock,left}'
    UNION ALL
    SELECT 'uses of ' || x.subject || ' by member ' || x.member_id
        FROM (SELECT guild_id, member_id, 'item:' || item_id AS subject, 1 AS units FROM coffer.uses
            UNION ALL SELECT guild_id, actor_id, subject, -1 FROM coffer.events WHERE kind = 'item.used') x
        GROUP BY x.guild_id, x.member_id, x.subject HAVING sum(x.units) <> 0;

-- The terms of each purchase: those of the item's newest event before that of the
-- purchase. Both are written behind the item's lock, so their numbers tell.
CREATE VIEW coffer.purchase_terms AS
    SELECT o.purchase_id, o.terms FROM (
        SELECT m.purchase_id, first_value(m.terms) OVER (PARTITION BY m.guild_id, m.subject, m.nth ORDER BY m.id) AS terms FROM (
            SELECT x.*, count(x.terms) OVER (PARTITION BY x.guild_id, x.subject ORDER BY x.id) AS nth FROM (
                SELECT t.guild_id, t.subject, t.id, NULL::bigint AS purchase_id, t.after -> 'terms' AS terms FROM coffer.items_told t
                UNION ALL SELECT p.guild_id, 'item:' || p.item_id, e.id, p.id, NULL
                    FROM coffer.purchases p JOIN coffer.events e ON e.transaction_id = p.transaction_id) x) m) o
    WHERE o.purchase_id IS NOT NULL;

CREATE VIEW coffer.broken_purchases_paid AS
    SELECT 'purchase ' || p.id AS example FROM coffer.purchases p
        LEFT JOIN coffer.transactions t ON t.id = p.transaction_id
        LEFT JOIN coffer.entries e ON e.transaction_id = t.id AND e.account_id = p.member_id
        LEFT JOIN coffer.purchase_terms w ON w.purchase_id = p.id
        WHERE (t.kind, t.guild_id, t.actor_id, t.created_at, e.amount) IS DISTINCT FROM ('purchase', p.guild_id, p.member_id, p.created_at, -p.total)
            OR (w.terms ->> 'name', w.terms ->> 'price', p.total % nullif(p.quantity, 0))
                IS DISTINCT FROM (p.name, (p.total / nullif(p.quantity, 0))::text, 0::bigint)
            OR NOT EXISTS (SELECT FROM coffer.items i WHERE i.id = p.item_id AND i.guild_id = p.guild_id)
    UNION ALL
    SELECT 'transaction ' || t.id FROM coffer.transactions t LEFT JOIN coffer.purchases p ON p.transaction_id = t.id
        WHERE t.kind = 'purchase' GROUP BY t.id HAVING count(p.id) <> 1;

CREATE VIEW coffer.broken_refunds_once AS
    SELECT 'purchase ' || p.id AS example FROM coffer.purchases p LEFT JOIN coffer.transactions t ON t.id = p.refund_id
        WHERE p.refund_id IS NOT NULL AND (t.kind, t.reverses) IS DISTINCT FROM ('refund', p.transaction_id)
    UNION ALL
    SELECT 'transaction ' || t.id FROM coffer.transactions t LEFT JOIN coffer.purchases p ON p.refund_id = t.id
        WHERE t.kind = 'refund' GROUP BY t.id HAVING count(p.id) <> 1;

CREATE VIEW coffer.broken_entitlements_fit AS
    SELECT 'purchase ' || p.id AS example FROM coffer.purchases p
        LEFT JOIN coffer.purchase_terms w ON w.purchase_id = p.id
        LEFT JOIN coffer.entitlements e ON e.purchase_id = p.id
        WHERE w.terms ->> 'role' IS DISTINCT FROM coalesce(e.role, '')
            OR e.purchase_id IS NOT NULL AND (
                e.member_id <> p.member_id OR e.guild_id <> p.guild_id
                OR (e.ends IS NULL) <> (w.terms ->> 'role_hours' = '0') OR e.ends < p.created_at
                OR p.refund_id IS NOT NULL AND e.ended_at IS NULL);

CREATE VIEW coffer.broken_roles_delivered AS
    SELECT 'purchase ' || e.purchase_id AS example FROM coffer.entitlements e
        WHERE e.ended_at IS NULL AND NOT e.granted AND NOT EXISTS (SELECT FROM coffer.deliveries d
            WHERE d.kind = 'role' AND d.state = 'waiting' AND d.member_id = e.member_id AND d.role = e.role);

-- What tasks were and are, as their events tell.
CREATE VIEW coffer.tasks_told AS
    SELECT e.id, e.guild_id, e.subject, e.kind, e.before, e.after,
        lag(e.after) OVER of_task AS previous, lead(e.id) OVER of_task IS NULL AS newest
    FROM coffer.events e WHERE e.kind IN ('task.created', 'task.changed', 'task.opened', 'task.closed', 'task.archived')
    WINDOW of_task AS (PARTITION BY e.guild_id, e.subject ORDER BY e.id);

CREATE VIEW coffer.broken_tasks_told AS
    SELECT 'event ' || t.id AS example FROM coffer.tasks_told t
        WHERE (t.before IS NULL) <> (t.kind = 'task.created')
            OR t.before IS DISTINCT FROM t.previous
            OR t.after -> 'version' IS DISTINCT FROM to_jsonb(coalesce((t.before ->> 'version')::integer, 0) + 1)
            OR NOT coalesce(CASE t.kind
                WHEN 'task.created' THEN t.after ->> 'state' IN ('draft', 'open')
                WHEN 'task.changed' THEN t.before -> 'state' = t.after -> 'state' AND t.before ->> 'state' <> 'archived'
                WHEN 'task.opened' THEN t.before ->> 'state' IN ('draft', 'closed') AND t.after ->> 'state' = 'open'
                WHEN 'task.closed' THEN t.before ->> 'state' = 'open' AND t.after ->> 'state' = 'closed'
                WHEN 'task.archived' THEN t.before ->> 'state' <> 'archived' AND t.after ->> 'state' = 'archived' END, false)
            OR t.kind IN ('task.opened', 'task.closed', 'task.archived') AND t.before -> 'terms' IS DISTINCT FROM t.after -> 'terms'
            OR t.subject <> 'task:' || (t.after ->> 'id')
            OR NOT EXISTS (SELECT FROM coffer.tasks x WHERE x.guild_id = t.guild_id AND t.subject = 'task:' || x.id)
    UNION ALL
    SELECT 'task ' || x.id FROM coffer.tasks x
        LEFT JOIN coffer.tasks_told t ON t.guild_id = x.guild_id AND t.subject = 'task:' || x.id AND t.newest
        WHERE coffer.task(x) IS DISTINCT FROM t.after;

-- The same of claims.
CREATE VIEW coffer.claims_told AS
    SELECT e.id, e.guild_id, e.actor_id, e.subject, e.kind, e.before, e.after,
        lag(e.after) OVER of_claim AS previous, lead(e.id) OVER of_claim IS NULL AS newest
    FROM coffer.events e WHERE e.kind IN ('claim.created', 'claim.submitted', 'claim.approved', 'claim.rejected', 'claim.failed',
        'claim.dropped', 'claim.expired')
    WINDOW of_claim AS (PARTITION BY e.guild_id, e.subject ORDER BY e.id);

CREATE VIEW coffer.broken_claims_told AS
    SELECT 'event ' || t.id AS example FROM coffer.claims_told t
        LEFT JOIN coffer.claims c ON c.guild_id = t.guild_id AND t.subject = 'claim:' || c.id
        LEFT JOIN coffer.members m ON m.id = c.member_id
        WHERE c.id IS NULL OR t.before IS DISTINCT FROM t.previous OR t.before -> 'task' <> t.after -> 'task'
            OR t.kind IN ('claim.created', 'claim.submitted', 'claim.dropped') AND t.actor_id IS DISTINCT FROM c.member_id
                AND NOT (t.kind = 'claim.dropped' AND t.actor_id IS NOT NULL AND m.user_id IS NULL)
            OR (t.kind = 'claim.expired') <> (t.actor_id IS NULL)
            OR NOT coalesce(CASE t.kind
                WHEN 'claim.created' THEN t.before IS NULL AND t.after ->> 'state' = 'claimed'
                WHEN 'claim.submitted' THEN t.before ->> 'state' IN ('claimed', 'rejected') AND t.after ->> 'state' = 'submitted'
                WHEN 'claim.dropped' THEN t.before ->> 'state' IN ('claimed', 'rejected') AND t.after ->> 'state' = 'dropped'
                WHEN 'claim.expired' THEN t.before ->> 'state' IN ('claimed', 'rejected') AND t.after ->> 'state' = 'expired'
                ELSE t.before ->> 'state' = 'submitted' AND t.kind = 'claim.' || (t.after ->> 'state') END, false)
    UNION ALL
    SELECT 'claim ' || c.id FROM coffer.claims c
        LEFT JOIN coffer.claims_told t ON t.guild_id = c.guild_id AND t.subject = 'claim:' || c.id AND t.newest
        LEFT JOIN coffer.tasks x ON x.id = c.task_id
        WHERE (t.after ->> 'task', t.after ->> 'state') IS DISTINCT FROM (c.task_id::text, c.state)
            OR x.guild_id IS DISTINCT FROM c.guild_id;

CREATE VIEW coffer.broken_claims_once AS
    SELECT 'task ' || c.task_id || ' of member ' || c.member_id AS example FROM coffer.claims c
        WHERE c.state IN ('claimed', 'submitted', 'rejected')
        GROUP BY c.task_id, c.member_id HAVING count(*) > 1
    UNION ALL
    SELECT 'period ' || c.period || ' of task ' || c.task_id || ' of member ' || c.member_id FROM coffer.claims c
        WHERE c.state IN ('claimed', 'submitted', 'rejected', 'failed', 'approved')
        GROUP BY c.task_id, c.member_id, c.period HAVING count(*) > 1;

CREATE VIEW coffer.broken_places_match AS
    SELECT 'task ' || t.id AS example FROM coffer.tasks t
        LEFT JOIN (SELECT c.task_id, count(*) AS n FROM coffer.claims c WHERE coffer.holds_place(c.state) GROUP BY c.task_id) c
            ON c.task_id = t.id
        WHERE t.taken <> coalesce(c.n, 0);

CREATE VIEW coffer.broken_submissions_fit AS
    SELECT 'claim ' || c.id AS example FROM coffer.claims c
        LEFT JOIN (SELECT x.claim_id, count(*) AS n, max(x.try) AS latest, count(DISTINCT x.try) AS tries,
                count(*) FILTER (WHERE x.state = 'refused' AND NOT x.last) AS refused
            FROM coffer.submissions x GROUP BY x.claim_id) a ON a.claim_id = c.id
        LEFT JOIN coffer.submissions s ON s.claim_id = c.id AND s.try = c.tries
        WHERE (c.tries, c.tries, c.tries) IS DISTINCT FROM (c.spent + coalesce(a.n, 0), coalesce(a.latest, c.spent), c.spent + coalesce(a.tries, 0))
            OR c.spent <> coalesce((SELECT max(x.tries) FROM coffer.claims x
                WHERE x.task_id = c.task_id AND x.member_id = c.member_id AND x.period = c.period AND x.id < c.id), 0)
            OR coalesce(a.refused, 0) < c.tries - c.spent - 1
            OR c.tries > c.spent AND (s.guild_id, s.member_id) IS DISTINCT FROM (c.guild_id, c.member_id)
            OR (c.state = 'submitted') IS DISTINCT FROM (coalesce(s.state, '') = 'waiting')
            OR (c.state = 'approved') IS DISTINCT FROM (coalesce(s.state, '') = 'accepted')
            OR (c.state = 'failed') IS DISTINCT FROM coalesce(s.last, false)
            OR c.state = 'rejected' AND c.tries = c.spent
            OR c.paid <> coalesce(s.paid, 0)
    UNION ALL
    SELECT 'submission ' || s.id FROM coffer.submissions s WHERE s.reviewer_id = s.member_id;

CREATE VIEW coffer.broken_rewards_once AS
    SELECT 'claim ' || c.id AS example FROM coffer.claims c
        LEFT JOIN coffer.transactions t ON t.id = c.transaction_id
        LEFT JOIN coffer.entries e ON e.transaction_id = t.id AND e.account_id = c.member_id
        WHERE (c.paid > 0 OR c.transaction_id IS NOT NULL) AND (
                c.state <> 'approved' OR c.paid > c.reward
                OR (t.kind, t.guild_id, e.amount) IS DISTINCT FROM ('reward', c.guild_id, c.paid))
            OR c.paid < 0
    UNION ALL
    SELECT 'submission ' || s.id FROM coffer.submissions s
        JOIN coffer.claims c ON c.id = s.claim_id
        LEFT JOIN coffer.transactions t ON t.id = c.transaction_id
        WHERE s.paid <> 0 AND (s.state <> 'accepted' OR s.paid > c.reward / 100 * s.percent + c.reward % 100 * s.percent / 100
            OR (t.created_at, t.actor_id) IS DISTINCT FROM (s.reviewed_at, coalesce(s.reviewer_id, s.member_id)))
    UNION ALL
    SELECT 'transaction ' || t.id FROM coffer.transactions t LEFT JOIN coffer.claims c ON c.transaction_id = t.id
        WHERE t.kind = 'reward' GROUP BY t.id HAVING count(c.id) <> 1;

CREATE VIEW coffer.broken_erasures_whole AS
    SELECT x.erasure AS example FROM (
            SELECT 'guild ' || guild_id || ' member:' || id AS erasure, 1 AS n FROM coffer.members WHERE user_id IS NULL
            UNION ALL SELECT 'guild ' || guild_id || ' ' || subject, -1 FROM coffer.events WHERE kind = 'member.erased') x
        GROUP BY x.erasure HAVING sum(x.n) <> 0
    UNION ALL
    SELECT 'member ' || m.id FROM coffer.members m WHERE m.user_id IS NULL AND (m.name IS NOT NULL OR m.folded <> '' OR m.balance <> 0
        OR EXISTS (SELECT FROM coffer.claims c WHERE c.member_id = m.id AND (c.state IN ('claimed', 'submitted', 'rejected') OR c.reason <> ''))
        OR EXISTS (SELECT FROM coffer.entitlements e WHERE e.member_id = m.id AND e.ended_at IS NULL)
        OR EXISTS (SELECT FROM coffer.submissions s
            WHERE s.member_id = m.id AND (s.words IS NOT NULL OR s.image IS NOT NULL OR s.reason <> ''))
        OR EXISTS (SELECT FROM coffer.entries e JOIN coffer.transactions t ON t.id = e.transaction_id
            WHERE e.account_id = m.id AND t.note IS NOT NULL AND t.kind NOT IN ('purchase', 'reward'))
        OR EXISTS (SELECT FROM coffer.deliveries d WHERE d.member_id = m.id AND d.kind = 'direct'));

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
    SELECT '20261124001100'
$$;

CALL coffer.keep_private();
