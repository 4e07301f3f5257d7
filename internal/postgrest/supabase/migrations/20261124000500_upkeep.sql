-- What no member waits for.

CREATE FUNCTION public.coffer_refresh_ranks(now timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '60s' AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('coffer.rank_steps', 0)) THEN
        RETURN; -- another server is at it
    END IF;
    DELETE FROM coffer.rank_steps WHERE true; -- Supabase refuses to do it without WHERE
    INSERT INTO coffer.rank_steps (guild_id, percent, balance, member_id, taken_at)
    WITH large AS (
        SELECT g.id AS guild_id, g.members AS size FROM coffer.guilds g WHERE g.members > 1000
    ), placed AS (
        SELECT m.guild_id, m.balance, m.id, l.size,
            row_number() OVER (PARTITION BY m.guild_id ORDER BY m.balance DESC, m.id) AS place
        FROM coffer.members m JOIN large l ON l.guild_id = m.guild_id WHERE m.user_id IS NOT NULL
    )
    SELECT p.guild_id, (p.place * 100 + p.size - 1) / p.size, p.balance, p.id, now
    FROM placed p WHERE (p.place * 100 + 99) % p.size < 100; -- the next place is in the next percent
END $$;

-- coffer_forget_requests removes at most so many keys, and returns how many.
CREATE FUNCTION public.coffer_forget_requests(before timestamptz, portion integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '30s' AS $$
DECLARE
    forgotten integer;
BEGIN
    -- By where the rows stand, and from the oldest: a join, or any rows that are old,
    -- would be looked for in all of the table each time.
    DELETE FROM coffer.requests q WHERE q.ctid = ANY (ARRAY(
        SELECT o.ctid FROM coffer.requests o WHERE o.created_at < before
            ORDER BY o.created_at LIMIT portion FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

CALL coffer.keep_private();
