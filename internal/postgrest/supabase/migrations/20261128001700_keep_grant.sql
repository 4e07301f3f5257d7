-- coffer_keep_grant keeps with what Discord is asked the next time, before it is known
-- whether Discord answers: it knows what was kept before no more.
CREATE FUNCTION public.coffer_keep_grant(session text, sealed text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.in_time();
    UPDATE coffer.sessions s SET sealed = coffer_keep_grant.sealed WHERE s.id = session AND s.sealed IS NOT NULL;
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128001700'
$$;

CALL coffer.keep_private();
