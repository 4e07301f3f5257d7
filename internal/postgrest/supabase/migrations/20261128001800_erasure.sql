-- Whoever was erased is not met again because somebody turns a page that was his: only
-- the viewer is.

DROP FUNCTION public.coffer_history(text, timestamptz, jsonb, jsonb, bigint, bigint, integer);
CREATE FUNCTION public.coffer_history(guild text, at timestamptz, viewer jsonb, member jsonb,
    older bigint, newer bigint, size integer, turned boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.meet_reader(guild, at, viewer, member, turned);
    RETURN coffer.history(guild, member ->> 'user', older, newer, size);
END $$;

DROP FUNCTION public.coffer_inventory(text, timestamptz, jsonb, jsonb, bigint, integer);
CREATE FUNCTION public.coffer_inventory(guild text, at timestamptz, viewer jsonb, member jsonb, skip bigint, size integer,
    turned boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.meet_reader(guild, at, viewer, member, turned);
    RETURN coffer.inventory(guild, member ->> 'user', skip, size);
END $$;

-- meet_reader meets who reads of a member, and the member, unless a page is turned.
CREATE FUNCTION coffer.meet_reader(guild text, at timestamptz, viewer jsonb, member jsonb, turned boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    reader coffer.person := jsonb_populate_record(NULL::coffer.person, viewer);
BEGIN
    PERFORM coffer.meet(guild, at, VARIADIC CASE WHEN turned THEN ARRAY[reader]
        ELSE ARRAY[reader, jsonb_populate_record(NULL::coffer.person, member)] END);
END $$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128001800'
$$;

CALL coffer.keep_private();
