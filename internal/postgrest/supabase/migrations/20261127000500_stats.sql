-- What happened, for those who follow it, look it up, or want it counted.

-- An event keeps the transaction that wrote it. Numbers are drawn before they are
-- seen, so an event may appear behind one with a greater id; but once no transaction
-- below some number is under way, none of theirs can appear any more. So events are
-- followed in the order of (round, id), up to the oldest transaction that has not
-- ended. Those of before this migration are of round 0.
ALTER TABLE coffer.events ADD COLUMN round xid8 NOT NULL DEFAULT '0'; -- does not rewrite the table
ALTER TABLE coffer.events ALTER COLUMN round SET DEFAULT pg_current_xact_id();
CREATE INDEX events_in_order ON coffer.events (guild_id, round, id);

-- The trail goes by time. What transactions tell is found by them.
CREATE INDEX events_by_time ON coffer.events (guild_id, at, id);
CREATE INDEX events_by_actor ON coffer.events (guild_id, actor_id, at, id) WHERE actor_id IS NOT NULL;
CREATE INDEX events_by_kind ON coffer.events (guild_id, kind COLLATE "C", at, id);
CREATE INDEX events_by_subject ON coffer.events (guild_id, subject, at, id) WHERE transaction_id IS NULL;

-- What happened in a guild on a day, in UTC, as far as it was tallied.
CREATE TABLE coffer.days (
    guild_id       text COLLATE "C" NOT NULL,
    day            integer NOT NULL,
    minted         bigint  NOT NULL,
    burned         bigint  NOT NULL,
    spent          bigint  NOT NULL,
    refunded       bigint  NOT NULL,
    transactions   bigint  NOT NULL,
    active_members bigint  NOT NULL,
    joined         bigint  NOT NULL,
    erased         bigint  NOT NULL,
    dailies        bigint  NOT NULL,
    transfers      bigint  NOT NULL,
    sales          bigint  NOT NULL,
    rewards        bigint  NOT NULL,
    PRIMARY KEY (guild_id, day)
);

-- The last event that was tallied.
CREATE TABLE coffer.tallies (
    guild_id   text COLLATE "C" PRIMARY KEY,
    round      xid8        NOT NULL,
    event_id   bigint      NOT NULL,
    tallied_at timestamptz NOT NULL
);

-- The top earners and spenders of guilds where too much happens to count it each time.
CREATE TABLE coffer.tops (
    guild_id text COLLATE "C" PRIMARY KEY,
    since    timestamptz NOT NULL,
    earners  jsonb       NOT NULL,
    spenders jsonb       NOT NULL
);

ALTER TABLE coffer.days    ENABLE ROW LEVEL SECURITY;
ALTER TABLE coffer.tallies ENABLE ROW LEVEL SECURITY;
ALTER TABLE coffer.tops    ENABLE ROW LEVEL SECURITY;

-- entry is an event as people are shown it.
CREATE FUNCTION coffer.entry(e coffer.events) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', e.id, 'guild', e.guild_id, 'round', e.round::text, 'actor', coalesce(e.actor_id, 0),
        'by', coffer.actor(e.actor_id), 'kind', e.kind, 'subject', e.subject, 'before', e.before, 'after', e.after, 'at', e.at)
$$;

-- horizon is the oldest transaction that has not ended, as far as the caller sees: all
-- rounds below it are complete. It never moves back.
CREATE FUNCTION coffer.horizon() RETURNS xid8
LANGUAGE sql STABLE AS $$
    SELECT pg_snapshot_xmin(pg_current_snapshot())
$$;

CREATE FUNCTION public.coffer_events_head() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coffer.horizon()::text
$$;

-- coffer_follow returns what follows a position in some guilds: each is one range of
-- its index.
CREATE FUNCTION public.coffer_follow(round text, event bigint, guilds text[], size integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '4s'
SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    horizon xid8 := coffer.horizon();
    start xid8 := round::xid8;
BEGIN
    IF start > horizon OR start = horizon AND event > 0 THEN
        PERFORM coffer.refuse('400', 'bad_position');
    END IF;
    RETURN jsonb_build_object('horizon', horizon::text, 'entries', (
        SELECT coalesce(jsonb_agg(coffer.entry(x.e) ORDER BY x.round, x.id), '[]') FROM (
            SELECT y.* FROM (SELECT DISTINCT unnest(guilds) AS id) g CROSS JOIN LATERAL (
                SELECT e, e.round, e.id FROM coffer.events e
                WHERE e.guild_id = g.id AND (e.round, e.id) > (start, event) AND e.round < horizon
                ORDER BY e.round, e.id LIMIT size) y
            ORDER BY y.round, y.id LIMIT size) x));
END $$;

-- candidates are events of a guild older than a mark, the newest first, by the one
-- condition that an index finds best; what else they must fit is for the caller.
CREATE FUNCTION coffer.candidates(guild text, actor bigint, kind text, subject text,
    since timestamptz, before_at timestamptz, before_id bigint, size integer) RETURNS SETOF coffer.events
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF subject LIKE 'transaction:%' THEN
        RETURN QUERY SELECT e.* FROM coffer.events e
            WHERE e.transaction_id = CASE WHEN candidates.subject ~ '^transaction:[0-9]{1,18}$' THEN substr(candidates.subject, 13)::bigint END
                AND e.subject = candidates.subject
                AND e.guild_id = guild AND (e.at, e.id) < (before_at, before_id) AND e.at >= since;
    ELSIF subject <> '' THEN
        RETURN QUERY SELECT e.* FROM coffer.events e
            WHERE e.guild_id = guild AND e.subject = candidates.subject AND e.transaction_id IS NULL
                AND (e.at, e.id) < (before_at, before_id) AND e.at >= since
            ORDER BY e.at DESC, e.id DESC LIMIT size;
    ELSIF actor > 0 THEN
        RETURN QUERY SELECT e.* FROM coffer.events e
            WHERE e.guild_id = guild AND e.actor_id = actor AND (e.at, e.id) < (before_at, before_id) AND e.at >= since
            ORDER BY e.at DESC, e.id DESC LIMIT size;
    ELSIF kind LIKE '%.' THEN
        -- The kinds that begin so are few. One after the other is looked up in the index.
        RETURN QUERY WITH RECURSIVE kinds AS (
                SELECT (SELECT min(e.kind COLLATE "C") FROM coffer.events e WHERE e.guild_id = guild AND e.kind COLLATE "C" > candidates.kind) AS kind
                UNION ALL
                SELECT (SELECT min(e.kind COLLATE "C") FROM coffer.events e WHERE e.guild_id = guild AND e.kind COLLATE "C" > k.kind) FROM kinds k
                WHERE starts_with(k.kind, candidates.kind))
            SELECT (y.e).* FROM kinds k CROSS JOIN LATERAL (
                SELECT e, e.at, e.id FROM coffer.events e
                WHERE e.guild_id = guild AND e.kind COLLATE "C" = k.kind AND (e.at, e.id) < (before_at, before_id) AND e.at >= since
                ORDER BY e.at DESC, e.id DESC LIMIT size) y
            WHERE starts_with(k.kind, candidates.kind)
            ORDER BY y.at DESC, y.id DESC LIMIT size;
    ELSIF kind <> '' THEN
        RETURN QUERY SELECT e.* FROM coffer.events e
            WHERE e.guild_id = guild AND e.kind COLLATE "C" = candidates.kind AND (e.at, e.id) < (before_at, before_id) AND e.at >= since
            ORDER BY e.at DESC, e.id DESC LIMIT size;
    ELSE
        RETURN QUERY SELECT e.* FROM coffer.events e
            WHERE e.guild_id = guild AND (e.at, e.id) < (before_at, before_id) AND e.at >= since
            ORDER BY e.at DESC, e.id DESC LIMIT size;
    END IF;
END $$;

-- coffer_trail returns one entry more than a page, if there is one, and the last event
-- that it looked at where it looked at as many as it may.
CREATE FUNCTION public.coffer_trail(guild text, actor bigint, kind text, subject text,
    since timestamptz, before_at timestamptz, before_id bigint, size integer, most integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '4s'
SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    looked integer := CASE WHEN (subject <> '')::integer + (actor <> 0)::integer + (kind <> '')::integer
        - (subject = '' AND actor = -1 AND kind = '')::integer > 1 OR actor = -1 THEN most ELSE size + 1 END;
    result jsonb;
BEGIN
    WITH found AS MATERIALIZED (
        SELECT e, e.at, e.id,
            (actor = 0 OR e.actor_id IS NOT DISTINCT FROM nullif(actor, -1))
                AND (coffer_trail.kind IN ('', e.kind) OR coffer_trail.kind LIKE '%.' AND starts_with(e.kind, coffer_trail.kind)) AS fits
        FROM coffer.candidates(guild, actor, coffer_trail.kind, coffer_trail.subject, coalesce(since, '-infinity'),
            coalesce(before_at, 'infinity'), before_id, looked) e
    ), page AS (
        SELECT * FROM found f WHERE f.fits ORDER BY f.at DESC, f.id DESC LIMIT size + 1
    )
    SELECT jsonb_build_object(
        'entries', (SELECT coalesce(jsonb_agg(coffer.entry(p.e) ORDER BY p.at DESC, p.id DESC), '[]') FROM page p),
        'last', CASE WHEN (SELECT count(*) FROM found) >= looked THEN
            (SELECT jsonb_build_object('at', f.at, 'id', f.id) FROM found f ORDER BY f.at, f.id LIMIT 1) END) INTO result;
    RETURN result;
END $$;

-- utc_day is the day, in UTC, that has a time.
CREATE FUNCTION coffer.utc_day(at timestamptz) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT (at AT TIME ZONE 'UTC')::date - date '1970-01-01'
$$;

CREATE FUNCTION coffer.utc_midnight(day integer) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT (date '1970-01-01' + day)::timestamp AT TIME ZONE 'UTC'
$$;

-- counted counts the next events of a guild behind a position, by days. A member is
-- active on a day once: with the first of his events in the order of positions.
CREATE FUNCTION coffer.counted(guild text, start xid8, event bigint, horizon xid8, size integer) RETURNS SETOF coffer.days
LANGUAGE sql STABLE AS $$
    WITH news AS MATERIALIZED (
        SELECT e.kind, e.actor_id, e.transaction_id, coffer.utc_day(e.at) AS day FROM coffer.events e
        WHERE e.guild_id = guild AND (e.round, e.id) > (start, event) AND e.round < horizon
        ORDER BY e.round, e.id LIMIT size
    ), happened AS (
        SELECT s.day, count(s.transaction_id) AS transactions, count(*) FILTER (WHERE s.kind = 'member.created') AS joined,
            count(*) FILTER (WHERE s.kind = 'member.erased') AS erased, count(*) FILTER (WHERE s.kind = 'daily') AS dailies,
            count(*) FILTER (WHERE s.kind = 'transfer') AS transfers, count(*) FILTER (WHERE s.kind = 'purchase') AS sales,
            count(*) FILTER (WHERE s.kind = 'reward') AS rewards
        FROM news s GROUP BY s.day
    ), moved AS (
        SELECT s.day, sum(e.minted) AS minted, sum(e.burned) AS burned, sum(e.spent) AS spent, sum(e.refunded) AS refunded
        FROM news s CROSS JOIN LATERAL (
            SELECT sum(-x.amount) FILTER (WHERE x.account_id <> shop.id AND x.amount < 0) AS minted,
                sum(x.amount) FILTER (WHERE x.account_id <> shop.id AND x.amount > 0) AS burned,
                sum(x.amount) FILTER (WHERE x.account_id = shop.id AND x.amount > 0) AS spent,
                sum(-x.amount) FILTER (WHERE x.account_id = shop.id AND x.amount < 0) AS refunded
            FROM coffer.entries x CROSS JOIN (SELECT coffer.system_account(guild, 'shop') AS id) shop
            WHERE x.transaction_id = s.transaction_id AND x.balance IS NULL) e
        GROUP BY s.day
    ), active AS (
        SELECT s.day, count(*) AS members FROM (SELECT DISTINCT x.day, x.actor_id FROM news x WHERE x.actor_id IS NOT NULL) s
        WHERE (SELECT m.id FROM coffer.members m WHERE m.id = s.actor_id) IS NOT NULL
            AND (SELECT e.id FROM coffer.events e WHERE e.guild_id = guild AND e.actor_id = s.actor_id
                AND e.at >= coffer.utc_midnight(s.day) AND e.at < coffer.utc_midnight(s.day + 1)
                AND (e.round, e.id) <= (start, event) LIMIT 1) IS NULL
        GROUP BY s.day
    )
    SELECT guild, h.day, coalesce(m.minted, 0)::bigint, coalesce(m.burned, 0)::bigint, coalesce(m.spent, 0)::bigint,
        coalesce(m.refunded, 0)::bigint, h.transactions, coalesce(a.members, 0), h.joined, h.erased, h.dailies, h.transfers,
        h.sales, h.rewards
    FROM happened h LEFT JOIN moved m ON m.day = h.day LEFT JOIN active a ON a.day = h.day
$$;

-- coffer_tally counts about so many events that were not counted yet, and returns how
-- many it counted: less where there are no more. A transaction that writes delays what
-- can be followed, so it is short.
CREATE FUNCTION public.coffer_tally(portion integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '30s'
SET max_parallel_workers_per_gather = 0 SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    horizon xid8 := coffer.horizon();
    guild text;
    start xid8;
    event bigint;
    last record;
    done integer := 0;
BEGIN
    FOR guild IN SELECT g.id FROM coffer.guilds g LEFT JOIN coffer.tallies t ON t.guild_id = g.id
        WHERE EXISTS (SELECT FROM coffer.events e WHERE e.guild_id = g.id
            AND (e.round, e.id) > (coalesce(t.round, '0'), coalesce(t.event_id, 0)) AND e.round < horizon)
    LOOP
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(hashtextextended('coffer.tally ' || guild, 0)); -- another server is at it
        start := '0';
        event := 0;
        SELECT t.round, t.event_id INTO start, event FROM coffer.tallies t WHERE t.guild_id = guild;
        IF NOT FOUND THEN
            start := '0';
            event := 0;
        END IF;
        SELECT count(*) AS n, (array_agg(x.round ORDER BY x.round DESC, x.id DESC))[1] AS round,
                (array_agg(x.id ORDER BY x.round DESC, x.id DESC))[1] AS id INTO last
            FROM (SELECT e.round, e.id FROM coffer.events e
                WHERE e.guild_id = guild AND (e.round, e.id) > (start, event) AND e.round < horizon
                ORDER BY e.round, e.id LIMIT portion) x;
        CONTINUE WHEN last.n = 0;
        INSERT INTO coffer.days AS d SELECT * FROM coffer.counted(guild, start, event, horizon, portion)
            ON CONFLICT (guild_id, day) DO UPDATE SET
                minted = d.minted + excluded.minted, burned = d.burned + excluded.burned, spent = d.spent + excluded.spent,
                refunded = d.refunded + excluded.refunded, transactions = d.transactions + excluded.transactions,
                active_members = d.active_members + excluded.active_members, joined = d.joined + excluded.joined,
                erased = d.erased + excluded.erased, dailies = d.dailies + excluded.dailies,
                transfers = d.transfers + excluded.transfers, sales = d.sales + excluded.sales, rewards = d.rewards + excluded.rewards;
        INSERT INTO coffer.tallies (guild_id, round, event_id, tallied_at) VALUES (guild, last.round, last.id, clock_timestamp())
            ON CONFLICT (guild_id) DO UPDATE SET round = excluded.round, event_id = excluded.event_id, tallied_at = excluded.tallied_at;
        done := done + last.n;
        EXIT WHEN done >= portion;
    END LOOP;
    RETURN done;
END $$;

-- ranked are the members who earned or spent the most since a time: by daily rewards
-- and tasks, or in the shop, less what was taken back.
CREATE FUNCTION coffer.ranked(guild text, since timestamptz, OUT earners jsonb, OUT spenders jsonb)
LANGUAGE sql STABLE AS $$
    WITH sums AS MATERIALIZED (
        SELECT e.account_id, sum(e.amount) FILTER (WHERE coalesce(o.kind, t.kind) <> 'purchase') AS earned,
            sum(-e.amount) FILTER (WHERE coalesce(o.kind, t.kind) = 'purchase') AS spent
        FROM coffer.events v
            JOIN coffer.transactions t ON t.id = v.transaction_id
            LEFT JOIN coffer.transactions o ON o.id = t.reverses
            JOIN coffer.entries e ON e.transaction_id = t.id AND e.balance IS NOT NULL
        WHERE v.guild_id = guild AND v.at >= since AND v.kind IN ('daily', 'reward', 'purchase', 'reversal', 'refund')
            AND coalesce(o.kind, t.kind) IN ('daily', 'reward', 'purchase')
        GROUP BY e.account_id
    )
    SELECT (SELECT jsonb_agg(jsonb_build_array(x.account_id, x.earned) ORDER BY x.earned DESC, x.account_id) FROM (
            SELECT s.account_id, s.earned FROM sums s WHERE s.earned > 0 ORDER BY s.earned DESC, s.account_id LIMIT 10) x),
        (SELECT jsonb_agg(jsonb_build_array(x.account_id, x.spent) ORDER BY x.spent DESC, x.account_id) FROM (
            SELECT s.account_id, s.spent FROM sums s WHERE s.spent > 0 ORDER BY s.spent DESC, s.account_id LIMIT 10) x)
$$;

-- busy reports whether more than so many events of a guild are not older than a time.
CREATE FUNCTION coffer.busy(guild text, since timestamptz, most integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT count(*) > most FROM (SELECT FROM coffer.events e WHERE e.guild_id = guild AND e.at >= since
        ORDER BY e.at LIMIT most + 1) x
$$;

-- coffer_take_tops computes everything before it writes the first row: from then on,
-- nobody who follows events sees any that are younger.
CREATE FUNCTION public.coffer_take_tops(since timestamptz, most integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '5min'
SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    taken jsonb;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('coffer.tops', 0)) THEN
        RETURN; -- another server is at it
    END IF;
    SELECT coalesce(jsonb_agg(jsonb_build_object('guild', g.id, 'earners', r.earners, 'spenders', r.spenders)), '[]') INTO taken
        FROM (SELECT x.id FROM coffer.guilds x WHERE coffer.busy(x.id, since, most)) g CROSS JOIN LATERAL coffer.ranked(g.id, since) r;
    DELETE FROM coffer.tops WHERE true; -- Supabase refuses to do it without WHERE
    INSERT INTO coffer.tops (guild_id, since, earners, spenders)
        SELECT t ->> 'guild', since, coalesce(nullif(t -> 'earners', 'null'), '[]'), coalesce(nullif(t -> 'spenders', 'null'), '[]')
        FROM jsonb_array_elements(taken) t;
END $$;

-- top shows ranked members as they are called now.
CREATE FUNCTION coffer.top(ranked jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('member', coffer.actor((r.sum ->> 0)::bigint), 'amount', r.sum -> 1) ORDER BY r.n), '[]')
    FROM jsonb_array_elements(coalesce(ranked, '[]')) WITH ORDINALITY r(sum, n)
$$;

-- coffer_stats counts few events, whatever the planner expects of them, so it looks up
-- what belongs to them one by one.
CREATE FUNCTION public.coffer_stats(guild text, at timestamptz, first_day integer, last_day integer,
    since timestamptz, most integer, waiting integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '4s'
SET max_parallel_workers_per_gather = 0 SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    t coffer.tallies;
    endless CONSTANT xid8 := '18446744073709551615';
    fresh boolean;
    busy boolean := coffer.busy(guild, since, most);
    tops coffer.tops;
    result jsonb;
BEGIN
    SELECT * INTO t FROM coffer.tallies x WHERE x.guild_id = guild;
    t.round := coalesce(t.round, '0');
    t.event_id := coalesce(t.event_id, 0);
    fresh := (SELECT count(*) <= most FROM (SELECT FROM coffer.events e
        WHERE e.guild_id = guild AND (e.round, e.id) > (t.round, t.event_id) ORDER BY e.round, e.id LIMIT most + 1) x);
    IF busy THEN
        SELECT * INTO tops FROM coffer.tops x WHERE x.guild_id = guild;
    ELSE
        tops.since := since;
        SELECT r.earners, r.spenders INTO tops.earners, tops.spenders FROM coffer.ranked(guild, since) r;
    END IF;
    WITH days AS MATERIALIZED (
        SELECT d.* FROM coffer.days d WHERE d.guild_id = guild
        UNION ALL SELECT c.* FROM coffer.counted(guild, t.round, t.event_id, endless, CASE WHEN fresh THEN most ELSE 0 END) c
    )
    SELECT jsonb_build_object(
        'at', CASE WHEN fresh THEN at ELSE coalesce(t.tallied_at, at) END,
        'members', (SELECT coalesce(sum(d.joined - d.erased), 0) FROM days d),
        'circulation', (SELECT least(coalesce(sum(d.minted::numeric - d.burned - d.spent + d.refunded), 0), 9223372036854775807) FROM days d),
        'days', (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.day), '[]') FROM (
            SELECT d.day, sum(d.minted) AS minted, sum(d.burned) AS burned, sum(d.spent) AS spent, sum(d.refunded) AS refunded,
                sum(d.transactions) AS transactions, sum(d.active_members) AS active_members, sum(d.joined) AS joined,
                sum(d.erased) AS erased, sum(d.dailies) AS dailies, sum(d.transfers) AS transfers, sum(d.sales) AS sales,
                sum(d.rewards) AS rewards
            FROM days d WHERE d.day BETWEEN first_day AND last_day GROUP BY d.day) x),
        'earners', coffer.top(tops.earners),
        'spenders', coffer.top(tops.spenders),
        'since', coalesce(tops.since, coffer_stats.since),
        'uncounted', busy AND tops.guild_id IS NULL,
        'reviews', (SELECT count(*) FROM (SELECT FROM coffer.submissions s WHERE s.guild_id = guild AND s.state = 'waiting'
            ORDER BY s.id LIMIT waiting) x),
        'failed', (SELECT count(*) FROM (SELECT FROM coffer.deliveries d WHERE d.guild_id = guild AND d.state = 'failed'
            ORDER BY d.id LIMIT waiting) x),
        'undelivered', (SELECT count(*) FROM (SELECT FROM coffer.deliveries d WHERE d.guild_id = guild AND d.state = 'waiting'
            ORDER BY d.id LIMIT waiting) x))
        INTO result;
    RETURN result;
END $$;

-- coffer_totals returns the figures of all guilds, as far as they were tallied.
CREATE FUNCTION public.coffer_totals() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT jsonb_build_object(
        'guilds', (SELECT count(*) FROM coffer.guilds),
        'members', coalesce(sum(d.joined - d.erased), 0),
        'minted', least(coalesce(sum(d.minted), 0), 9223372036854775807), 'burned', least(coalesce(sum(d.burned), 0), 9223372036854775807),
        'spent', least(coalesce(sum(d.spent), 0), 9223372036854775807), 'refunded', least(coalesce(sum(d.refunded), 0), 9223372036854775807),
        'transactions', coalesce(sum(d.transactions), 0),
        'waiting', (SELECT count(*) FROM coffer.deliveries x WHERE x.state = 'waiting'),
        'failed', (SELECT count(*) FROM coffer.deliveries x WHERE x.state <> 'done' AND x.state = 'failed'))
    FROM coffer.days d
$$;

-- coffer_books checks the ledger of one guild over one snapshot, as the audit does
-- that of all.
CREATE FUNCTION public.coffer_books(guild text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '5min'
SET work_mem = '32MB' SET random_page_cost = 1.1 SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    findings jsonb := '{}';
BEGIN
    WITH broken AS (
        SELECT 'transactions_balance' AS invariant, 'transaction ' || t.id AS example
            FROM coffer.transactions t JOIN coffer.entries e ON e.transaction_id = t.id
            WHERE t.guild_id = guild GROUP BY t.id HAVING sum(e.amount) <> 0
        UNION ALL
        SELECT 'transactions_move', 'transaction ' || t.id
            FROM coffer.transactions t LEFT JOIN coffer.entries e ON e.transaction_id = t.id LEFT JOIN coffer.accounts a ON a.id = e.account_id
            WHERE t.guild_id = guild
            GROUP BY t.id HAVING count(e.account_id) < 2 OR bool_or(e.amount = 0) OR bool_or(a.guild_id <> guild OR a.admin_id IS NOT NULL)
        UNION ALL
        SELECT 'transactions_move', 'member ' || m.id FROM coffer.members m JOIN coffer.accounts a ON a.id = m.id
            WHERE m.guild_id = guild AND (a.guild_id <> guild OR a.system IS NOT NULL OR a.admin_id IS NOT NULL)
        UNION ALL
        SELECT 'balances_match', 'member ' || m.id FROM coffer.members m
            WHERE m.guild_id = guild
                AND m.balance <> (SELECT coalesce(sum(e.amount), 0) FROM coffer.entries e WHERE e.account_id = m.id AND e.balance IS NOT NULL)
        UNION ALL
        SELECT 'balances_lawful', 'member ' || m.id FROM coffer.members m WHERE m.guild_id = guild AND m.balance < 0
        UNION ALL
        SELECT 'entries_chain', 'transaction ' || x.transaction_id || ' in account ' || x.account_id FROM (
                SELECT e.account_id, e.transaction_id, e.amount, e.balance, m.id AS member,
                    lag(e.balance, 1, 0::bigint) OVER (PARTITION BY e.account_id ORDER BY e.transaction_id) AS previous
                FROM coffer.accounts a JOIN coffer.entries e ON e.account_id = a.id LEFT JOIN coffer.members m ON m.id = a.id
                WHERE a.guild_id = guild) x
            WHERE x.balance IS DISTINCT FROM CASE WHEN x.member IS NOT NULL THEN x.previous + x.amount END
        UNION ALL
        SELECT 'reversals_once', 'transaction ' || r.id FROM coffer.transactions r LEFT JOIN coffer.transactions o ON o.id = r.reverses
            WHERE r.guild_id = guild AND (r.kind IN ('reversal', 'refund') OR r.reverses IS NOT NULL) AND (
                o.id IS NULL OR o.guild_id <> r.guild_id
                OR CASE r.kind WHEN 'refund' THEN o.kind <> 'purchase'
                    WHEN 'reversal' THEN o.kind IN ('reversal', 'purchase', 'refund') ELSE true END
                OR (SELECT count(*) FROM coffer.transactions x WHERE x.reverses = o.id) > 1
                OR EXISTS (SELECT account_id, amount FROM coffer.entries WHERE transaction_id = o.id
                    EXCEPT SELECT account_id, -amount FROM coffer.entries WHERE transaction_id = r.id)
                OR EXISTS (SELECT account_id, -amount FROM coffer.entries WHERE transaction_id = r.id
                    EXCEPT SELECT account_id, amount FROM coffer.entries WHERE transaction_id = o.id))
        UNION ALL
        SELECT 'transactions_told', 'transaction ' || t.id
            FROM coffer.transactions t LEFT JOIN coffer.events e ON e.transaction_id = t.id
            WHERE t.guild_id = guild
            GROUP BY t.id HAVING count(e.id) <> 1 OR bool_or(e.guild_id <> t.guild_id OR e.kind <> t.kind
                OR e.subject <> 'transaction:' || t.id OR e.actor_id IS DISTINCT FROM t.actor_id OR e.at <> t.created_at
                OR (SELECT coalesce(jsonb_object_agg(x.account_id, x.balance), 'null') FROM coffer.entries x
                    WHERE x.transaction_id = t.id AND x.balance IS NOT NULL) IS DISTINCT FROM e.after -> 'balances'
                OR (SELECT coalesce(jsonb_object_agg(x.account_id, x.balance - x.amount), 'null') FROM coffer.entries x
                    WHERE x.transaction_id = t.id AND x.balance IS NOT NULL) IS DISTINCT FROM e.before -> 'balances')
        UNION ALL
        SELECT 'transactions_told', 'event ' || e.id FROM coffer.events e
            WHERE e.guild_id = guild AND CASE WHEN e.transaction_id IS NULL THEN e.subject LIKE 'transaction:%' OR e.kind NOT LIKE '%.%'
                ELSE NOT EXISTS (SELECT FROM coffer.transactions t WHERE t.id = e.transaction_id AND t.guild_id = guild) END
    )
    SELECT coalesce(jsonb_object_agg(b.invariant, jsonb_build_object('broken', b.broken, 'example', b.example)), '{}') INTO findings
        FROM (SELECT invariant, count(*) AS broken, min(example) AS example FROM broken GROUP BY invariant) b;
    RETURN jsonb_build_object(
        'at', statement_timestamp(),
        'mint', (SELECT coalesce(sum(e.amount), 0) FROM coffer.entries e WHERE e.account_id = coffer.system_account(guild, 'mint')),
        'shop', (SELECT coalesce(sum(e.amount), 0) FROM coffer.entries e WHERE e.account_id = coffer.system_account(guild, 'shop')),
        'burn', (SELECT coalesce(sum(e.amount), 0) FROM coffer.entries e WHERE e.account_id = coffer.system_account(guild, 'burn')),
        'members', (SELECT coalesce(sum(m.balance), 0) FROM coffer.members m WHERE m.guild_id = guild),
        'entries', (SELECT count(*) FROM coffer.accounts a JOIN coffer.entries e ON e.account_id = a.id WHERE a.guild_id = guild),
        'transactions', (SELECT count(*) FROM coffer.transactions t WHERE t.guild_id = guild),
        'findings', findings);
END $$;

-- coffer_refresh_ranks now also computes everything before it writes the first row.
CREATE OR REPLACE FUNCTION public.coffer_refresh_ranks(now timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '60s' AS $$
DECLARE
    taken coffer.rank_steps[];
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('coffer.rank_steps', 0)) THEN
        RETURN; -- another server is at it
    END IF;
    WITH large AS (
        SELECT m.guild_id, count(*) AS size FROM coffer.members m GROUP BY m.guild_id HAVING count(*) > 1000
    ), placed AS (
        SELECT m.guild_id, m.balance, m.id, l.size,
            row_number() OVER (PARTITION BY m.guild_id ORDER BY m.balance DESC, m.id) AS place
        FROM coffer.members m JOIN large l ON l.guild_id = m.guild_id
    )
    SELECT array_agg(ROW(p.guild_id, (p.place * 100 + p.size - 1) / p.size, p.balance, p.id, now)::coffer.rank_steps) INTO taken
        FROM placed p WHERE (p.place * 100 + 99) % p.size < 100; -- the next place is in the next percent
    DELETE FROM coffer.rank_steps WHERE true; -- Supabase refuses to do it without WHERE
    INSERT INTO coffer.rank_steps SELECT * FROM unnest(taken);
END $$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261127000500'
$$;

CALL coffer.keep_private();
