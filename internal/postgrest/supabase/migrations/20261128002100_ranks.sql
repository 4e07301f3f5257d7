-- Who was erased has no place, and is not among those of whom the percentages are.

CREATE OR REPLACE FUNCTION public.coffer_refresh_ranks(now timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '60s' AS $$
DECLARE
    taken coffer.rank_steps[];
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('coffer.rank_steps', 0)) THEN
        RETURN; -- another server is at it
    END IF;
    WITH large AS (
        SELECT g.id AS guild_id, g.members AS size FROM coffer.guilds g WHERE g.members > 1000
    ), placed AS (
        SELECT m.guild_id, m.balance, m.id, l.size,
            row_number() OVER (PARTITION BY m.guild_id ORDER BY m.balance DESC, m.id) AS place
        FROM coffer.members m JOIN large l ON l.guild_id = m.guild_id WHERE m.user_id IS NOT NULL
    )
    SELECT array_agg(ROW(p.guild_id, (p.place * 100 + p.size - 1) / p.size, p.balance, p.id, now)::coffer.rank_steps) INTO taken
        FROM placed p WHERE (p.place * 100 + 99) % p.size < 100; -- the next place is in the next percent
    DELETE FROM coffer.rank_steps WHERE true; -- Supabase refuses to do it without WHERE
    INSERT INTO coffer.rank_steps SELECT * FROM unnest(taken);
END $$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128002100'
$$;

CALL coffer.keep_private();
