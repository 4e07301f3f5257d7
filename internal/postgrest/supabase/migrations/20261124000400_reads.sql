-- The reads. Those for people create whom they meet and then read by a STABLE
-- function, so that all of an answer is of one snapshot.

-- wallet returns what a member has, as far as the database knows it: what a day
-- makes of a streak is for the server to say.
CREATE FUNCTION coffer.wallet(guild text, who text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    g coffer.guilds;
    m coffer.members;
    exact CONSTANT integer := 1000; -- the places of a leaderboard
    ahead integer;
    top integer := 0;
BEGIN
    SELECT * INTO g FROM coffer.guilds x WHERE x.id = guild;
    SELECT * INTO m FROM coffer.members x WHERE x.guild_id = guild AND x.user_id = who;
    -- Each count is one range of the index, and stops at the last place that counts.
    SELECT count(*) INTO ahead FROM (SELECT FROM coffer.members x WHERE x.guild_id = guild AND x.user_id IS NOT NULL AND x.balance > m.balance
        ORDER BY x.balance DESC LIMIT exact) richer;
    IF ahead < exact THEN
        SELECT ahead + count(*) INTO ahead FROM (SELECT FROM coffer.members x
            WHERE x.guild_id = guild AND x.user_id IS NOT NULL AND x.balance = m.balance AND x.id < m.id ORDER BY x.id LIMIT exact - ahead) earlier;
    END IF;
    IF ahead >= exact THEN
        SELECT coalesce(
            (SELECT s.percent FROM coffer.rank_steps s WHERE s.guild_id = guild
                AND (s.balance < m.balance OR s.balance = m.balance AND s.member_id >= m.id) ORDER BY s.percent LIMIT 1),
            (SELECT max(s.percent) FROM coffer.rank_steps s WHERE s.guild_id = guild), 0) INTO top;
    END IF;
    RETURN jsonb_build_object(
        'balance', m.balance,
        'position', CASE WHEN ahead < exact THEN ahead + 1 ELSE 0 END,
        'top_percent', top,
        'streak', m.streak,
        'last_daily', m.last_daily,
        'grace', g.grace,
        'zone', g.time_zone,
        'currency', coffer.currency(g));
END $$;

CREATE FUNCTION public.coffer_wallet(guild text, at timestamptz, viewer jsonb, member jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.meet(guild, at, jsonb_populate_record(NULL::coffer.person, viewer), jsonb_populate_record(NULL::coffer.person, member));
    RETURN coffer.wallet(guild, member ->> 'user');
END $$;

-- strangers are those of some people who are no members of a guild, once each.
CREATE FUNCTION coffer.strangers(guild text, people jsonb) RETURNS coffer.person[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(s.who ORDER BY s.n), '{}')
    FROM (SELECT DISTINCT ON (p.value ->> 'user') p.n, jsonb_populate_record(NULL::coffer.person, p.value) AS who
        FROM jsonb_array_elements(people) WITH ORDINALITY p(value, n)
        WHERE NOT EXISTS (SELECT FROM coffer.members m WHERE m.guild_id = guild AND m.user_id = p.value ->> 'user')
        ORDER BY p.value ->> 'user', p.n) s
$$;

-- coffer_meet makes members of those who are none, and returns how many there were.
CREATE FUNCTION public.coffer_meet(guild text, at timestamptz, people jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '15s' AS $$
DECLARE
    unknown coffer.person[];
BEGIN
    PERFORM coffer.meet(guild, at, VARIADIC '{}');
    IF coffer.strangers(guild, people) <> '{}' THEN
        PERFORM FROM coffer.guilds g WHERE g.id = guild FOR NO KEY UPDATE;
        unknown := coffer.strangers(guild, people);
        PERFORM coffer.meet(guild, at, VARIADIC unknown);
    END IF;
    RETURN coalesce(cardinality(unknown), 0);
END $$;

CREATE FUNCTION coffer.leaderboard(guild text, viewer text, skip integer, size integer) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'viewer', coffer.wallet(guild, viewer),
        'places', (SELECT coalesce(jsonb_agg(jsonb_build_object('member', p."user", 'balance', p.balance) ORDER BY p.balance DESC, p.id), '[]')
            FROM (SELECT m.id, m.user_id AS "user", m.balance FROM coffer.members m WHERE m.guild_id = guild AND m.user_id IS NOT NULL
                ORDER BY m.balance DESC, m.id LIMIT size OFFSET skip) p))
$$;

CREATE FUNCTION public.coffer_leaderboard(guild text, at timestamptz, viewer jsonb, skip integer, size integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.meet(guild, at, jsonb_populate_record(NULL::coffer.person, viewer));
    RETURN coffer.leaderboard(guild, viewer ->> 'user', skip, size);
END $$;

-- history returns entries older than one transaction, newest first, or newer than
-- another, the oldest of them; null means from the newest. What a page has is read
-- once, between bounds of the index: a few members have thousands of entries.
CREATE FUNCTION coffer.history(guild text, who text, older bigint, newer bigint, size integer) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    m coffer.members;
    page coffer.entries[];
    lines jsonb;
    newest bigint;
    oldest bigint;
BEGIN
    SELECT * INTO m FROM coffer.members x WHERE x.guild_id = guild AND x.user_id = who;
    IF newer IS NULL THEN
        page := ARRAY(SELECT (e.account_id, e.transaction_id, e.amount, e.balance)::coffer.entries FROM coffer.entries e
            WHERE e.account_id = m.id AND e.transaction_id < coalesce(older, 9223372036854775807)
            ORDER BY e.transaction_id DESC LIMIT size);
    ELSE
        page := ARRAY(SELECT (e.account_id, e.transaction_id, e.amount, e.balance)::coffer.entries FROM coffer.entries e
            WHERE e.account_id = m.id AND e.transaction_id > newer ORDER BY e.transaction_id LIMIT size);
    END IF;
    SELECT jsonb_agg(jsonb_build_object(
            'transaction', t.id, 'kind', t.kind, 'amount', e.amount, 'balance', e.balance, 'note', coalesce(t.note, ''),
            'at', t.created_at, 'reverses', coalesce(t.reverses, 0), 'reversed_by', coalesce(r.id, 0),
            'counterparty', coalesce((SELECT o.user_id FROM coffer.entries x JOIN coffer.members o ON o.id = x.account_id
                WHERE x.transaction_id = t.id AND x.account_id <> m.id LIMIT 1), '')) ORDER BY t.id DESC),
        max(t.id), min(t.id)
        INTO lines, newest, oldest
        FROM unnest(page) e JOIN coffer.transactions t ON t.id = e.transaction_id
            LEFT JOIN coffer.transactions r ON r.reverses = t.id;
    RETURN jsonb_build_object(
        'lines', coalesce(lines, '[]'),
        'newer', EXISTS (SELECT FROM coffer.entries e WHERE e.account_id = m.id AND e.transaction_id > coalesce(newest, older - 1, newer)
            ORDER BY e.transaction_id LIMIT 1), -- by the index, whatever is expected of it
        'older', EXISTS (SELECT FROM coffer.entries e WHERE e.account_id = m.id AND e.transaction_id < coalesce(oldest, older, newer + 1)
            ORDER BY e.transaction_id DESC LIMIT 1),
        'balance', m.balance,
        'currency', (SELECT coffer.currency(g) FROM coffer.guilds g WHERE g.id = guild));
END $$;

CREATE FUNCTION public.coffer_history(guild text, at timestamptz, viewer jsonb, member jsonb,
    older bigint, newer bigint, size integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.meet(guild, at, jsonb_populate_record(NULL::coffer.person, viewer), jsonb_populate_record(NULL::coffer.person, member));
    RETURN coffer.history(guild, member ->> 'user', older, newer, size);
END $$;

-- Postgres does not know how few rows the next two are asked for. So they name the
-- guild and the number as one value, that no other index may serve; what was reversed
-- is asked for row by row, not joined; and parallel workers are out of the question.

CREATE FUNCTION public.coffer_reversible(guild text, size integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '4s'
SET max_parallel_workers_per_gather = 0 AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
            'transaction', t.id, 'kind', t.kind, 'at', t.created_at,
            'amount', (SELECT sum(e.amount) FROM coffer.entries e WHERE e.transaction_id = t.id AND e.amount > 0),
            'from', coalesce((SELECT m.name FROM coffer.entries e JOIN coffer.members m ON m.id = e.account_id
                WHERE e.transaction_id = t.id AND e.amount < 0 ORDER BY m.id LIMIT 1), ''),
            'to', coalesce((SELECT m.name FROM coffer.entries e JOIN coffer.members m ON m.id = e.account_id
                WHERE e.transaction_id = t.id AND e.amount > 0 ORDER BY m.id LIMIT 1), '')) ORDER BY t.id DESC), '[]')
    FROM (SELECT * FROM coffer.transactions x
        WHERE (x.guild_id, x.id) BETWEEN (guild, 0) AND (guild, 9223372036854775807) AND x.kind NOT IN ('reversal', 'purchase', 'refund')
            AND (SELECT r.id FROM coffer.transactions r WHERE r.reverses = x.id) IS NULL
        ORDER BY x.guild_id DESC, x.id DESC LIMIT size) t
$$;

-- coffer_settings returns null for an unknown guild.
CREATE FUNCTION public.coffer_settings(guild text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coffer.settings(g) FROM coffer.guilds g WHERE g.id = guild
$$;

CREATE FUNCTION public.coffer_events(guild text, after bigint, size integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '4s'
SET max_parallel_workers_per_gather = 0 AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', e.id, 'actor', coalesce(e.actor_id, 0), 'kind', e.kind, 'subject', e.subject,
            'before', e.before, 'after', e.after, 'at', e.at) ORDER BY e.id), '[]')
    FROM (SELECT * FROM coffer.events x WHERE x.guild_id = guild AND x.id > coffer_events.after
        ORDER BY x.id LIMIT size) e
$$;

CALL coffer.keep_private();
