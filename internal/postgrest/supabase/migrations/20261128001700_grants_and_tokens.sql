-- coffer_keep_grant keeps with what Discord is asked the next time, before it is known
-- whether Discord answers: it knows what was kept before no more.
CREATE FUNCTION public.coffer_keep_grant(session text, sealed text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.in_time();
    UPDATE coffer.sessions s SET sealed = coffer_keep_grant.sealed WHERE s.id = session AND s.sealed IS NOT NULL;
    RETURN true;
END $$;

-- coffer_create_admin tells of a token, too, by which hash it is known, since it may have
-- followed from another key than the newest.
CREATE OR REPLACE FUNCTION public.coffer_create_admin(creation jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '4s' AS $$
DECLARE
    who coffer.admins;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('coffer.admins', 0));
    SELECT * INTO who FROM coffer.admins a WHERE a.request = nullif(creation ->> 'key', '');
    IF NOT FOUND THEN
        PERFORM coffer.in_time();
        who := coffer.insert_admin(creation);
    ELSIF who.fingerprint IS DISTINCT FROM creation ->> 'fingerprint' THEN
        PERFORM coffer.refuse('409', 'key_reused');
    END IF;
    RETURN jsonb_build_object('account', coffer.account_json(who), 'password_hash', coalesce(who.password_hash, who.token_hash));
END $$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128001700'
$$;

CALL coffer.keep_private();
