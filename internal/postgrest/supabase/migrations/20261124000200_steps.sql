-- The steps that operations are made of. They run inside the functions coffer_*
-- of public, with their rights and their empty search path.
--
-- Locks are taken in one order: the request's key, the guild, its members by id,
-- its items by id, a task, and then what belongs to one of these. Nothing else waits
-- for a lock. Numbers of transactions are drawn behind all of them, so that
-- they ascend within each account.

CREATE TYPE coffer.request AS (guild text, source text, key text, fingerprint text, at timestamptz);
CREATE TYPE coffer.person AS ("user" text, name text, folded text, admin bigint); -- admin: 0 or null of a Discord user

-- keep_private ends each migration that adds functions: Supabase grants whatever is
-- new in public to everybody, and Coffer's functions are for the server alone, which
-- comes with the role service_role.
CREATE PROCEDURE coffer.keep_private()
LANGUAGE plpgsql AS $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'coffer\_%' LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, anon, authenticated, service_role', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', f);
    END LOOP;
    REVOKE ALL ON ALL ROUTINES IN SCHEMA coffer FROM PUBLIC;
    NOTIFY pgrst, 'reload schema';
END $$;

-- refuse ends an operation, which then leaves no trace. The status is HTTP's, the
-- code is what the server knows the refusal by.
CREATE FUNCTION coffer.refuse(status text, code text, details jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'PT' || status, MESSAGE = code, DETAIL = details::text;
END $$;

-- in_time ends a write that nobody waits for any more. It may have been on its way
-- for long, and whoever sent it may have gone on since.
CREATE FUNCTION coffer.in_time() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    deadline timestamptz := nullif(current_setting('request.headers', true), '')::jsonb ->> 'coffer-deadline';
BEGIN
    IF clock_timestamp() > deadline THEN
        PERFORM coffer.refuse('503', 'too_late', jsonb_build_object('now', clock_timestamp()));
    END IF;
END $$;

-- recall returns the stored result of a request, or null. Until the end of the
-- transaction nobody else gets past it with the same key.
CREATE FUNCTION coffer.recall(r coffer.request, operation text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    known coffer.requests;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(jsonb_build_array(r.guild, operation, r.source, r.key)::text, 0));
    SELECT * INTO known FROM coffer.requests q
        WHERE q.guild_id = r.guild AND q.operation = recall.operation AND q.source = r.source AND q.key = r.key;
    IF NOT FOUND THEN
        PERFORM coffer.in_time();
    ELSIF known.fingerprint IS DISTINCT FROM r.fingerprint THEN
        PERFORM coffer.refuse('409', 'key_reused');
    END IF;
    RETURN known.result;
END $$;

CREATE FUNCTION coffer.remember(r coffer.request, operation text, transaction bigint, result jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM coffer.in_time(); -- it may have waited for locks
    INSERT INTO coffer.requests (guild_id, operation, source, key, fingerprint, transaction_id, result, created_at)
        VALUES (r.guild, operation, r.source, r.key, r.fingerprint, transaction, result, r.at);
    RETURN result;
END $$;

CREATE FUNCTION coffer.settings(g coffer.guilds) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'currency_name', g.currency_name, 'currency_symbol', g.currency_symbol,
        'starting_balance', g.starting_balance, 'daily_amount', g.daily_amount,
        'streak_bonus', g.streak_bonus, 'streak_cap', g.streak_cap, 'grace', g.grace,
        'time_zone', g.time_zone, 'max_balance', g.max_balance, 'admin_channel', g.admin_channel,
        'task_channel', g.task_channel, 'review_channel', g.review_channel, 'reviewer_role', g.reviewer_role)
$$;

CREATE FUNCTION coffer.currency(g coffer.guilds) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('name', g.currency_name, 'symbol', g.currency_symbol)
$$;

-- room is how much a balance can still earn or receive.
CREATE FUNCTION coffer.room(g coffer.guilds, balance bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT greatest(0, g.max_balance - balance)
$$;

-- max_movement is the most that one transaction moves into or out of an account.
CREATE FUNCTION coffer.max_movement() RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT 1000000000000
$$;

-- day_of returns the day that has the given time in a time zone. The zone is set
-- as the session's, because AT TIME ZONE takes 'EST' or 'CET' for an abbreviation.
CREATE FUNCTION coffer.day_of(at timestamptz, zone text) RETURNS integer
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
BEGIN
    PERFORM set_config('timezone', zone, true);
    RETURN at::date - date '1970-01-01';
END $$;

CREATE FUNCTION coffer.tell(guild text, actor bigint, kind text, subject text, transaction bigint,
    before jsonb, after jsonb, at timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO coffer.events (guild_id, actor_id, kind, subject, transaction_id, before, after, at)
        VALUES (guild, actor, kind, subject, transaction, before, after, at)
$$;

CREATE FUNCTION coffer.system_account(guild text, system text) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT id FROM coffer.accounts a WHERE a.guild_id = guild AND a.system = system_account.system
$$;

-- post writes a transaction with its entries, the members' new balances and its
-- event. The members among the accounts are locked.
CREATE FUNCTION coffer.post(guild text, kind text, actor bigint, note text, reverses bigint, at timestamptz,
    accounts bigint[], amounts bigint[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    posted bigint;
    before jsonb;
    after jsonb;
BEGIN
    IF (SELECT sum(a) <> 0 OR count(*) < 2 FROM unnest(amounts) a) THEN
        RAISE EXCEPTION 'a % of amounts %', kind, amounts;
    END IF;
    INSERT INTO coffer.transactions (guild_id, kind, actor_id, note, reverses, created_at)
        VALUES (guild, kind, actor, nullif(note, ''), reverses, at) RETURNING id INTO posted;
    WITH legs AS (
        SELECT * FROM unnest(accounts, amounts) AS l(account, amount)
    ), moved AS (
        UPDATE coffer.members m SET balance = m.balance + l.amount FROM legs l WHERE m.id = l.account
        RETURNING m.id, m.balance, l.amount
    ), written AS (
        INSERT INTO coffer.entries (account_id, transaction_id, amount, balance)
        SELECT l.account, posted, l.amount, m.balance FROM legs l LEFT JOIN moved m ON m.id = l.account
    )
    SELECT jsonb_object_agg(m.id, m.balance - m.amount), jsonb_object_agg(m.id, m.balance) INTO before, after FROM moved m;
    PERFORM coffer.tell(guild, actor, kind, 'transaction:' || posted, posted,
        jsonb_build_object('balances', before), jsonb_build_object('balances', after), at);
    RETURN posted;
END $$;

-- meet returns a guild, after creating it and the given people where they are
-- unknown, in their order. Creating holds the guild's lock.
CREATE FUNCTION coffer.meet(guild text, at timestamptz, VARIADIC people coffer.person[]) RETURNS coffer.guilds
LANGUAGE plpgsql AS $$
DECLARE
    g coffer.guilds;
    who coffer.person;
    account bigint;
BEGIN
    IF EXISTS (SELECT FROM unnest(people) p WHERE (coalesce(p."user", '') = '') = (coalesce(p.admin, 0) = 0)) OR coalesce(guild, '') = '' THEN
        RAISE EXCEPTION 'a guild or a member without an id';
    END IF;
    SELECT * INTO g FROM coffer.guilds WHERE id = guild;
    IF FOUND AND NOT EXISTS (SELECT FROM unnest(people) p WHERE CASE WHEN p."user" <> ''
        THEN NOT EXISTS (SELECT FROM coffer.members m WHERE m.guild_id = guild AND m.user_id = p."user")
        ELSE NOT EXISTS (SELECT FROM coffer.accounts a WHERE a.guild_id = guild AND a.admin_id = p.admin) END)
    THEN
        RETURN g;
    END IF;

    INSERT INTO coffer.guilds (id, created_at) VALUES (guild, at) ON CONFLICT DO NOTHING RETURNING * INTO g;
    IF FOUND THEN
        INSERT INTO coffer.accounts (guild_id, system) VALUES (guild, 'mint'), (guild, 'shop'), (guild, 'burn');
        PERFORM coffer.tell(guild, NULL, 'guild.created', 'guild', NULL, NULL, coffer.settings(g), at);
    END IF;
    SELECT * INTO g FROM coffer.guilds WHERE id = guild FOR NO KEY UPDATE;

    FOREACH who IN ARRAY people LOOP
        CONTINUE WHEN coffer.account(guild, who) IS NOT NULL;
        INSERT INTO coffer.accounts (guild_id, admin_id, admin_name)
            VALUES (guild, nullif(who.admin, 0), CASE WHEN who.admin <> 0 THEN who.name END) RETURNING id INTO account;
        CONTINUE WHEN who.admin <> 0;
        INSERT INTO coffer.members (id, guild_id, user_id, name, folded, created_at)
            VALUES (account, guild, who."user", who.name, who.folded, at);
        UPDATE coffer.guilds x SET members = x.members + 1 WHERE x.id = guild;
        PERFORM coffer.tell(guild, NULL, 'member.created', 'member:' || account, NULL, NULL, NULL, at);
        IF g.starting_balance > 0 THEN
            PERFORM coffer.post(guild, 'opening', NULL, NULL, NULL, at,
                ARRAY[coffer.system_account(guild, 'mint'), account], ARRAY[-g.starting_balance, g.starting_balance]);
        END IF;
    END LOOP;
    RETURN g;
END $$;

-- enter begins a write: it meets the guild and the people, locks them and other
-- accounts that the write will touch, and keeps the newest names. It returns the
-- guild as it is behind the locks.
CREATE FUNCTION coffer.enter(r coffer.request, people coffer.person[], others bigint[] DEFAULT '{}') RETURNS coffer.guilds
LANGUAGE plpgsql AS $$
DECLARE
    g coffer.guilds := coffer.meet(r.guild, r.at, VARIADIC people);
    who coffer.person;
    ids bigint[];
BEGIN
    SELECT others || array_agg(m.id) INTO ids
        FROM unnest(people) p JOIN coffer.members m ON m.guild_id = r.guild AND m.user_id = p."user";
    PERFORM FROM coffer.members m WHERE m.id = ANY (ids) ORDER BY m.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM unnest(people) p WHERE coffer.account(r.guild, p) IS NULL) THEN -- erased in the meantime, so he is somebody new
        RAISE EXCEPTION USING ERRCODE = 'serialization_failure', MESSAGE = 'somebody was erased';
    END IF;
    SELECT * INTO g FROM coffer.guilds x WHERE x.id = r.guild; -- as it is behind the locks
    FOREACH who IN ARRAY people LOOP
        UPDATE coffer.members m SET name = who.name, folded = who.folded
            WHERE m.guild_id = r.guild AND m.user_id = who."user" AND who.name <> '' AND m.name IS DISTINCT FROM who.name;
        UPDATE coffer.accounts a SET admin_name = who.name
            WHERE a.guild_id = r.guild AND a.admin_id = who.admin AND who.name <> '' AND a.admin_name IS DISTINCT FROM who.name;
    END LOOP;
    RETURN g;
END $$;

-- account returns the number of a member, or of an account of the dashboard.
CREATE FUNCTION coffer.account(guild text, who coffer.person) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN who."user" <> '' THEN (SELECT m.id FROM coffer.members m WHERE m.guild_id = guild AND m.user_id = who."user")
        ELSE (SELECT a.id FROM coffer.accounts a WHERE a.guild_id = guild AND a.admin_id = who.admin) END
$$;

-- actor is who did something, as he is shown; null for nobody.
CREATE FUNCTION coffer.actor(account bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'kind', CASE WHEN a.system IS NOT NULL THEN 'system' WHEN a.admin_id IS NOT NULL THEN 'account' WHEN m.user_id IS NULL THEN 'erased' ELSE 'member' END,
        'id', a.id, 'user', m.user_id, 'name', coalesce(a.admin_name, m.name)))
    FROM coffer.accounts a LEFT JOIN coffer.members m ON m.id = a.id WHERE a.id = account
$$;

CREATE FUNCTION coffer.member(guild text, who coffer.person) RETURNS coffer.members
LANGUAGE sql STABLE AS $$
    SELECT m FROM coffer.members m WHERE m.guild_id = guild AND m.user_id = who."user"
$$;

CALL coffer.keep_private();
