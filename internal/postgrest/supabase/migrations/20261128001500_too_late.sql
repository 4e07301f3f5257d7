-- What came too late was refused with 503, which PostgREST takes for a sign that its own
-- connection is gone: it connected anew and read the whole schema again, each time, while
-- the database was busy as it was. 504 says the same and leaves PostgREST in peace.
CREATE OR REPLACE FUNCTION coffer.in_time() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    deadline timestamptz := nullif(current_setting('request.headers', true), '')::jsonb ->> 'coffer-deadline';
BEGIN
    IF clock_timestamp() > deadline THEN
        PERFORM coffer.refuse('504', 'too_late', jsonb_build_object('now', clock_timestamp()));
    END IF;
END $$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128001500'
$$;

CALL coffer.keep_private();
