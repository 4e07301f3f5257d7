-- Whoever was erased while a write waited for his lock may have been met anew by then,
-- by another: then he has an account, and it is not locked. coffer.enter let that pass.

CREATE OR REPLACE FUNCTION coffer.enter(r coffer.request, people coffer.person[], others bigint[] DEFAULT '{}') RETURNS coffer.guilds
LANGUAGE plpgsql AS $$
DECLARE
    g coffer.guilds := coffer.meet(r.guild, r.at, VARIADIC people);
    who coffer.person;
    ids bigint[];
BEGIN
    SELECT others || array_agg(m.id) INTO ids
        FROM unnest(people) p JOIN coffer.members m ON m.guild_id = r.guild AND m.user_id = p."user";
    PERFORM FROM coffer.members m WHERE m.id = ANY (ids) ORDER BY m.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM unnest(people) p CROSS JOIN LATERAL coffer.account(r.guild, p) account
        WHERE account IS NULL OR p."user" <> '' AND (account = ANY (ids)) IS NOT TRUE) -- erased in the meantime, so he is somebody new
    THEN
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

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128001300'
$$;

CALL coffer.keep_private();
