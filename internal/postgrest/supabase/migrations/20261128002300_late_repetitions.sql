-- Whoever repeats a request has the first result, also when the deadline of the task, or
-- the end of the token, that it created has passed meanwhile. So the time is looked at
-- behind the key, and here.

CREATE OR REPLACE FUNCTION public.coffer_create_task(request jsonb, admin jsonb, terms jsonb, state text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
DECLARE
    r coffer.request := jsonb_populate_record(NULL::coffer.request, request);
    result jsonb := coffer.recall(r, 'task.create');
    actor bigint;
    t coffer.tasks;
BEGIN
    IF result IS NOT NULL THEN
        RETURN result;
    END IF;
    actor := coffer.enter_as_admin(r, jsonb_populate_record(NULL::coffer.person, admin));
    t := jsonb_populate_record(NULL::coffer.tasks, terms);
    t.id := 0;
    t.guild_id := r.guild;
    IF coffer_create_task.state = 'open' AND t.deadline <= r.at THEN
        PERFORM coffer.refuse('422', 'deadline', jsonb_build_object('deadline', coffer.instant(t.deadline)));
    END IF;
    PERFORM coffer.check_task(t);
    INSERT INTO coffer.tasks (guild_id, title, folded, description, picture, reward, proof, review, answer, answer_folded, places,
            repeat, deadline, claim_hours, tries, required_role, prerequisite, state, created_at)
        VALUES (t.guild_id, t.title, t.folded, t.description, t.picture, t.reward, t.proof, t.review, t.answer, t.answer_folded, t.places,
            t.repeat, t.deadline, t.claim_hours, t.tries, t.required_role, t.prerequisite, coffer_create_task.state, r.at)
        RETURNING * INTO t;
    PERFORM coffer.tell(r.guild, actor, 'task.created', 'task:' || t.id, NULL, NULL, coffer.task(t), r.at);
    IF t.state = 'open' THEN
        PERFORM coffer.show_task(t, r.at, opens => true);
    END IF;
    RETURN coffer.remember(r, 'task.create', NULL, coffer.task(t));
END $$;

CREATE OR REPLACE FUNCTION public.coffer_create_admin(creation jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '4s' AS $$
DECLARE
    who coffer.admins;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('coffer.admins', 0));
    SELECT * INTO who FROM coffer.admins a WHERE a.request = nullif(creation ->> 'key', '');
    IF NOT FOUND THEN
        IF (creation ->> 'expires_at')::timestamptz <= (creation ->> 'at')::timestamptz THEN
            PERFORM coffer.refuse('400', 'expiry');
        END IF;
        PERFORM coffer.in_time();
        who := coffer.insert_admin(creation);
    ELSIF who.fingerprint IS DISTINCT FROM creation ->> 'fingerprint' THEN
        PERFORM coffer.refuse('409', 'key_reused');
    END IF;
    RETURN jsonb_build_object('account', coffer.account_json(who), 'password_hash', coalesce(who.password_hash, who.token_hash));
END $$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128002300'
$$;

CALL coffer.keep_private();
