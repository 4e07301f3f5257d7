-- What no member waits for.

CREATE FUNCTION public.coffer_refresh_ranks(now timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET statement_timeout = '60s' AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('coffer.rank_steps', 0)); -- another server may be at it
    DELETE FROM coffer.rank_steps WHERE true; -- Supabase refuses to do it without WHERE
    INSERT INTO coffer.rank_steps (guild_id, percent, balance, member_id, taken_at)
    WITH large AS (
        SELECT m.guild_id, count(*) AS size FROM coffer.members m GROUP BY m.guild_id HAVING count(*) > 1000
    ), placed AS (
        SELECT m.guild_id, m.balance, m.id, l.size,
            row_number() OVER (PARTITION BY m.guild_id ORDER BY m.balance DESC, m.id) AS place
        FROM coffer.members m JOIN large l ON l.guild_id = m.guild_id
    )
    SELECT DISTINCT ON (p.guild_id, percent) p.guild_id, (p.place * 100 + p.size - 1) / p.size AS percent, p.balance, p.id, now
    FROM placed p ORDER BY p.guild_id, percent, p.place DESC;
END $$;

-- coffer_forget_requests removes at most so many keys, and returns how many.
CREATE FUNCTION public.coffer_forget_requests(before timestamptz, portion integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET statement_timeout = '30s' AS $$
DECLARE
    forgotten integer;
BEGIN
    DELETE FROM coffer.requests q WHERE (q.guild_id, q.operation, q.source, q.key) IN (
        SELECT o.guild_id, o.operation, o.source, o.key FROM coffer.requests o
            WHERE o.created_at < before LIMIT portion FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

-- coffer_schema returns the version of the newest migration. Each migration that
-- follows replaces it.
CREATE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET statement_timeout = '4s' AS $$
    SELECT '20261124009900'
$$;
