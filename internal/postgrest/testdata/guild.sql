-- Functions that fill a guild with lawful books, for measurements. They live as
-- long as the connection.

-- strip removes what would be kept up row by row while much is loaded, and dress
-- puts it back, which checks it.
CREATE FUNCTION pg_temp.strip() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    CREATE TEMP TABLE stripped AS
        SELECT row_number() OVER (ORDER BY kind) AS step, x.* FROM (
            SELECT CASE contype WHEN 'f' THEN 3 ELSE 1 END AS kind,
                format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS off,
                format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS "on"
            FROM pg_constraint WHERE connamespace = 'coffer'::regnamespace AND contype IN ('p', 'u', 'f')
            UNION ALL
            SELECT 2, format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
            FROM pg_index JOIN pg_class c ON c.oid = indrelid
            WHERE c.relnamespace = 'coffer'::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)) x;
    FOR r IN SELECT * FROM stripped ORDER BY step DESC LOOP
        EXECUTE r.off;
    END LOOP;
END $$;

CREATE FUNCTION pg_temp.dress() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT * FROM stripped ORDER BY step LOOP
        EXECUTE r."on";
    END LOOP;
    DROP TABLE stripped;
    PERFORM setval('coffer.accounts_id_seq', max(id)) FROM coffer.accounts;
    PERFORM setval('coffer.transactions_id_seq', max(id)) FROM coffer.transactions;
    PERFORM setval('coffer.events_id_seq', max(id)) FROM coffer.events;
    PERFORM setval('coffer.tasks_id_seq', max(id)) FROM coffer.tasks;
    PERFORM setval('coffer.claims_id_seq', max(id)) FROM coffer.claims;
    PERFORM setval('coffer.submissions_id_seq', max(id)) FROM coffer.submissions;
    PERFORM setval('coffer.deliveries_id_seq', max(id)) FROM coffer.deliveries;
END $$;

-- fill gives a guild so many members with ten entries for each: an opening, a daily
-- reward, a transfer, another reward, and a transfer or, for one in fifty, the
-- reversal of the reward. Each is a round on a day of its own. The receivers of
-- transfers are a few much more than the many, so that a few are rich and have long
-- histories. A quarter of the payers pay round sums, which leaves crowds with the same
-- balance. The requests of the last round are still remembered.
--
-- The guild exists. Its first member may reverse, and openings are large enough.
CREATE FUNCTION pg_temp.fill(guild text, size bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    g coffer.guilds;
    admin bigint := (SELECT min(id) FROM coffer.members m WHERE m.guild_id = guild);
    mint bigint := (SELECT id FROM coffer.accounts a WHERE a.guild_id = guild AND system = 'mint');
    a0 bigint := (SELECT max(id) FROM coffer.accounts);
    t0 bigint := (SELECT coalesce(max(id), 0) FROM coffer.transactions);
    e0 bigint := (SELECT max(id) FROM coffer.events);
BEGIN
    SELECT * INTO g FROM coffer.guilds WHERE id = guild;

    CREATE TEMP TABLE plan AS
        SELECT p.n, p.round, p.member, p.at, p.kind,
            CASE p.kind
                WHEN 'opening' THEN g.starting_balance
                WHEN 'daily' THEN g.daily_amount + g.streak_bonus * (p.round / 2)
                WHEN 'reversal' THEN g.daily_amount + g.streak_bonus
                ELSE CASE WHEN p.member % 4 = 0 THEN 1000 ELSE 1 + (hashint8(-p.n) & 1048575) % 40000 END
            END AS amount,
            CASE p.kind
                WHEN 'transfer' THEN a0 + CASE WHEN p.popular = p.member THEN p.popular % size + 1 ELSE p.popular END
                ELSE mint
            END AS other
        FROM (
            SELECT n, (n - 1) / size AS round,
                1 + (n - 1) * 7919 % size AS member,
                1 + floor(size * power((hashint8(n) & 1073741823) / 1073741824.0, 3))::bigint AS popular,
                g.created_at + (n - 1) * (interval '1 day' / size) AS at,
                CASE WHEN n <= size THEN 'opening' WHEN (n - 1) / size % 2 = 1 THEN 'daily'
                    WHEN n > 4 * size AND n % 50 = 0 THEN 'reversal' ELSE 'transfer' END AS kind
            FROM generate_series(1, 5 * size) n) p;
    ANALYZE plan;

    INSERT INTO coffer.accounts (id, guild_id) SELECT a0 + i, guild FROM generate_series(1, size) i;
    INSERT INTO coffer.transactions (id, guild_id, kind, actor_id, reverses, created_at)
        SELECT t0 + n, guild, kind, CASE kind WHEN 'opening' THEN NULL WHEN 'reversal' THEN admin ELSE a0 + member END,
            CASE WHEN kind = 'reversal' THEN t0 + n - size END, at
        FROM plan ORDER BY n;
    INSERT INTO coffer.entries (account_id, transaction_id, amount, balance)
        SELECT account, t0 + n, amount, CASE WHEN account <> mint THEN sum(amount) OVER (PARTITION BY account ORDER BY n) END
        FROM (SELECT n, a0 + member AS account, CASE WHEN kind IN ('opening', 'daily') THEN amount ELSE -amount END AS amount FROM plan
            UNION ALL
            SELECT n, other, CASE WHEN kind IN ('opening', 'daily') THEN -amount ELSE amount END FROM plan) legs
        ORDER BY n;
    INSERT INTO coffer.members (id, guild_id, user_id, name, folded, balance, streak, last_daily, created_at)
        SELECT p.id, guild, (100000000000000000 + p.member)::text, 'Member ' || p.member, 'member ' || p.member, b.balance, 2,
            (g.created_at + interval '3 days')::date - date '1970-01-01', p.at
        FROM (SELECT a0 + member AS id, member, at FROM plan WHERE round = 0) p
            JOIN (SELECT account_id, sum(amount) AS balance FROM coffer.entries WHERE transaction_id > t0 GROUP BY account_id) b
                ON b.account_id = p.id
        ORDER BY p.id;
    UPDATE coffer.guilds x SET members = x.members + size WHERE x.id = guild;
    INSERT INTO coffer.events (id, guild_id, actor_id, kind, subject, transaction_id, before, after, at)
        SELECT e0 + 2 * n - 1, guild, NULL::bigint, 'member.created', 'member:' || a0 + member, NULL, NULL::jsonb, NULL::jsonb, at
            FROM plan WHERE round = 0
        UNION ALL
        SELECT e0 + t.id - t0 + least(t.id - t0, size), guild, t.actor_id, t.kind, 'transaction:' || t.id, t.id,
                jsonb_build_object('balances', b.before), jsonb_build_object('balances', b.after), t.created_at
            FROM coffer.transactions t JOIN (
                SELECT transaction_id, jsonb_object_agg(account_id, balance - amount) AS before, jsonb_object_agg(account_id, balance) AS after
                FROM coffer.entries WHERE balance IS NOT NULL AND transaction_id > t0 GROUP BY transaction_id) b ON b.transaction_id = t.id
        ORDER BY 1;
    INSERT INTO coffer.requests (guild_id, operation, source, key, fingerprint, transaction_id, result, created_at)
        SELECT guild, CASE kind WHEN 'reversal' THEN 'reverse' ELSE 'transfer' END, 'discord', (200000000000000000 + n)::text,
            md5(n::text), t0 + n, jsonb_build_object('transaction', t0 + n, 'amount', plan.amount, 'balance', e.balance,
                'currency', coffer.currency(g)), at
        FROM plan JOIN coffer.entries e ON e.account_id = a0 + member AND e.transaction_id = t0 + n
        WHERE round = 4 ORDER BY n;
    DROP TABLE plan;
    PERFORM pg_temp.employ(guild, size, a0);
END $$;

-- employ gives a guild 25 open tasks, and an archived one for a hundred members. Each
-- member has a claim, every third of them on the first task: of eight, four were
-- approved for nothing, two wait for their review, one has begun, and the time of one
-- was over yesterday. What waits has a card, which was posted. The last task has one
-- that was not.
CREATE FUNCTION pg_temp.employ(guild text, size bigint, a0 bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    g coffer.guilds;
    k0 bigint := (SELECT coalesce(max(id), 0) FROM coffer.tasks);
    c0 bigint := (SELECT coalesce(max(id), 0) FROM coffer.claims);
    s0 bigint := (SELECT coalesce(max(id), 0) FROM coffer.submissions);
    d0 bigint := (SELECT coalesce(max(id), 0) FROM coffer.deliveries);
    e0 bigint := (SELECT max(id) FROM coffer.events);
BEGIN
    SELECT * INTO g FROM coffer.guilds WHERE id = guild;
    INSERT INTO coffer.claims (id, guild_id, task_id, member_id, state, period, reward, tries, ends, created_at)
        SELECT c0 + i, guild, k0 + 1 + CASE WHEN i % 3 = 0 THEN 0 ELSE i % 25 END, a0 + i,
            CASE WHEN i % 8 < 4 THEN 'approved' WHEN i % 8 < 6 THEN 'submitted' ELSE 'claimed' END,
            coffer.utc_day(g.created_at), 10, (i % 8 < 6)::integer, CASE WHEN i % 8 = 7 THEN g.created_at + interval '4 days' ELSE 'infinity' END, g.created_at
        FROM generate_series(1, size) i;
    INSERT INTO coffer.submissions (id, guild_id, claim_id, task_id, member_id, proof, words, try, state, created_at, reviewed_at)
        SELECT s0 + row_number() OVER (ORDER BY c.id), guild, c.id, c.task_id, c.member_id, 'none', '', 1,
            CASE c.state WHEN 'approved' THEN 'accepted' ELSE 'waiting' END, c.created_at,
            CASE c.state WHEN 'approved' THEN c.created_at END
        FROM coffer.claims c WHERE c.guild_id = guild AND c.tries = 1;
    INSERT INTO coffer.tasks (id, guild_id, title, folded, description, picture, reward, proof, review, answer, answer_folded, places,
            repeat, claim_hours, tries, required_role, state, version, taken, tidied, created_at)
        SELECT k0 + k, guild, 'Task ' || k, 'task ' || k, '', '', 10, 'none', 'person', '', '', k % 2 * 100000,
            'daily', 0, 3, '', CASE WHEN k > 25 THEN 'archived' ELSE 'open' END, CASE WHEN k > 25 THEN 2 ELSE 1 END,
            (SELECT count(*) FROM coffer.claims c WHERE c.task_id = k0 + k AND k <= 25), k > 25, g.created_at
        FROM generate_series(1, 25 + size / 100) k;
    INSERT INTO coffer.events (id, guild_id, actor_id, kind, subject, before, after, at)
        SELECT e0 + row_number() OVER (ORDER BY x.step, x.id), guild, x.actor, x.kind, x.subject, x.before, x.after, g.created_at
        FROM (
            SELECT 1 AS step, t.id, a0 + 1 AS actor, 'task.created' AS kind, 'task:' || t.id AS subject, NULL::jsonb AS before,
                coffer.task(t) || '{"state": "open", "version": 1}' AS after
                FROM coffer.tasks t WHERE t.guild_id = guild
            UNION ALL
            SELECT 2, t.id, a0 + 1, 'task.archived', 'task:' || t.id, coffer.task(t) || '{"state": "open", "version": 1}', coffer.task(t)
                FROM coffer.tasks t WHERE t.guild_id = guild AND t.state = 'archived'
            UNION ALL
            SELECT n.step, c.id, c.member_id, 'claim.' || CASE n.step WHEN 3 THEN 'created' WHEN 4 THEN 'submitted' ELSE 'approved' END,
                'claim:' || c.id,
                CASE WHEN n.step > 3 THEN jsonb_build_object('task', c.task_id, 'state', CASE n.step WHEN 4 THEN 'claimed' ELSE 'submitted' END) END,
                jsonb_build_object('task', c.task_id, 'state', CASE n.step WHEN 3 THEN 'claimed' WHEN 4 THEN 'submitted' ELSE 'approved' END)
                FROM coffer.claims c, generate_series(3, 5) AS n(step)
                WHERE c.guild_id = guild AND (n.step = 3 OR n.step = 4 AND c.tries = 1 OR c.state = 'approved')) x;
    INSERT INTO coffer.cards (guild_id, subject, channel, message)
        SELECT guild, 'submission:' || s.id, '99', s.id::text FROM coffer.submissions s WHERE s.guild_id = guild AND s.state = 'waiting'
        UNION ALL SELECT guild, 'task:' || k0 + 25, '98', NULL;
    INSERT INTO coffer.deliveries (id, guild_id, kind, state, subject, notice, due, created_at, settled_at)
        SELECT d0 + row_number() OVER (), guild, 'card', 'done', k.subject, split_part(k.subject, ':', 1), g.created_at, g.created_at,
            g.created_at FROM coffer.cards k WHERE k.guild_id = guild;
END $$;
