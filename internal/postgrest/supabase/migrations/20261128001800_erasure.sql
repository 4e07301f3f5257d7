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

-- coffer_erase holds the guild, which has a member less then, as whoever creates somebody
-- does; the member, the tasks of his claims, and then what belongs to these. It took the
-- guild last, and waited for whoever had it and waited for the member.
CREATE OR REPLACE FUNCTION public.coffer_erase(request jsonb, admin jsonb, member bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '30s' AS $$
DECLARE
    r coffer.request := jsonb_populate_record(NULL::coffer.request, request);
    who coffer.person := jsonb_populate_record(NULL::coffer.person, admin);
    result jsonb := coffer.recall(r, 'erase');
    actor bigint;
    m coffer.members;
    c coffer.claims;
    t coffer.tasks;
    e coffer.entitlements;
    posted bigint;
BEGIN
    IF result IS NOT NULL THEN
        RETURN result;
    END IF;
    SELECT * INTO m FROM coffer.members x WHERE x.id = member AND x.guild_id = r.guild AND x.user_id IS NOT NULL;
    IF NOT FOUND THEN
        PERFORM coffer.refuse('404', 'unknown_member');
    END IF;
    PERFORM coffer.meet(r.guild, r.at, who);
    PERFORM FROM coffer.guilds g WHERE g.id = r.guild FOR NO KEY UPDATE;
    PERFORM coffer.enter(r, ARRAY[who], ARRAY[m.id]);
    actor := coffer.account(r.guild, who);
    SELECT * INTO m FROM coffer.members x WHERE x.id = m.id; -- behind his lock
    IF m.user_id IS NULL THEN
        PERFORM coffer.refuse('404', 'unknown_member');
    END IF;
    IF m.balance > 0 THEN
        posted := coffer.post(r.guild, 'take', actor, NULL, NULL, r.at, ARRAY[m.id, coffer.system_account(r.guild, 'burn')],
            ARRAY[-m.balance, m.balance]);
    END IF;
    PERFORM FROM coffer.tasks x WHERE x.id IN (SELECT y.task_id FROM coffer.claims y WHERE y.member_id = m.id
        AND y.state IN ('claimed', 'submitted', 'rejected')) ORDER BY x.id FOR NO KEY UPDATE;
    FOR c IN SELECT * FROM coffer.claims x WHERE x.member_id = m.id AND x.state IN ('claimed', 'submitted', 'rejected') ORDER BY x.id LOOP
        SELECT * INTO t FROM coffer.tasks x WHERE x.id = c.task_id;
        IF c.state = 'submitted' THEN
            UPDATE coffer.submissions s SET state = 'refused', reviewed_at = r.at WHERE s.claim_id = c.id AND s.state = 'waiting';
            c := coffer.turn(c, 'rejected', actor, r.at);
        END IF;
        c := coffer.turn(c, 'dropped', actor, r.at);
        IF t.places > 0 THEN
            PERFORM coffer.show_task(t, r.at);
        END IF;
    END LOOP;
    FOR e IN SELECT * FROM coffer.entitlements x WHERE x.member_id = m.id AND x.ended_at IS NULL ORDER BY x.purchase_id LOOP
        UPDATE coffer.entitlements x SET ended_at = r.at WHERE x.purchase_id = e.purchase_id;
        PERFORM coffer.deliver_role(r.guild, m.id, e.role, r.at);
    END LOOP;
    UPDATE coffer.deliveries d SET user_id = m.user_id WHERE d.member_id = m.id AND d.kind = 'role' AND d.state <> 'done';
    PERFORM coffer.blank(m);
    PERFORM coffer.show(r.guild, 'submission:' || s.id, r.at) FROM (
        SELECT x.id FROM coffer.submissions x WHERE x.member_id = m.id
        UNION SELECT x.id FROM coffer.submissions x WHERE x.reviewer_id = m.id ORDER BY 1) s;
    PERFORM coffer.tell(r.guild, actor, 'member.erased', 'member:' || m.id, NULL, NULL, NULL, r.at);
    RETURN coffer.remember(r, 'erase', posted, jsonb_build_object('transaction', coalesce(posted, 0), 'burned', m.balance));
END $$;

-- blank removes all that tells who a member is, also from the results of requests that
-- are remembered, and from the keys of his reviews, which end with his Discord id.
CREATE OR REPLACE FUNCTION coffer.blank(m coffer.members) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    moved bigint[];
BEGIN
    UPDATE coffer.members x SET user_id = NULL, name = NULL, folded = '', streak = 0, last_daily = 0 WHERE x.id = m.id;
    UPDATE coffer.guilds g SET members = g.members - 1 WHERE g.id = m.guild_id;
    UPDATE coffer.transactions t SET note = NULL WHERE t.note IS NOT NULL AND t.kind NOT IN ('purchase', 'reward')
        AND t.id IN (SELECT e.transaction_id FROM coffer.entries e WHERE e.account_id = m.id);
    UPDATE coffer.submissions s SET words = NULL, image = NULL, reason = '' WHERE s.member_id = m.id;
    UPDATE coffer.claims c SET reason = '' WHERE c.member_id = m.id AND c.reason <> '';
    DELETE FROM coffer.deliveries d WHERE d.member_id = m.id AND d.kind = 'direct';
    UPDATE coffer.deliveries d SET args = d.args || '{"member": ""}'
        WHERE d.guild_id = m.guild_id AND d.kind = 'channel' AND d.args ->> 'member' = m.user_id;
    UPDATE coffer.deliveries d SET args = jsonb_set(d.args, '{members}', (
            SELECT jsonb_agg(CASE WHEN w.value #>> '{}' = m.user_id THEN '""' ELSE w.value END ORDER BY w.n)
            FROM jsonb_array_elements(d.args -> 'members') WITH ORDINALITY w(value, n)))
        WHERE d.guild_id = m.guild_id AND d.notice = 'member.joined' AND d.created_at = m.created_at;
    moved := ARRAY(SELECT e.transaction_id FROM coffer.entries e WHERE e.account_id = m.id);
    UPDATE coffer.requests q SET result = q.result || '{"member": ""}'
        WHERE q.transaction_id = ANY (moved) AND q.operation = 'refund' AND q.result ->> 'member' = m.user_id;
    UPDATE coffer.requests q SET result = q.result || jsonb_build_object('legs', (
            SELECT jsonb_agg(CASE WHEN l.value ->> 'member' = m.user_id THEN l.value || '{"member": ""}' ELSE l.value END ORDER BY l.n)
            FROM jsonb_array_elements(q.result -> 'legs') WITH ORDINALITY l(value, n)))
        WHERE q.transaction_id = ANY (moved) AND q.operation = 'reverse';
    UPDATE coffer.requests q SET result = jsonb_set(q.result, '{submission}',
            q.result -> 'submission' || '{"member": "", "name": "", "reason": "", "work": {"text": ""}}')
        WHERE q.guild_id = m.guild_id AND q.operation = 'task.review'
            AND q.result #>> '{submission,id}' IN (SELECT s.id::text FROM coffer.submissions s WHERE s.member_id = m.id);
    UPDATE coffer.requests q SET result = jsonb_set(q.result, '{submission,reviewer}', jsonb_build_object('kind', 'erased', 'id', m.id)),
            key = CASE WHEN right(q.key, length(m.user_id) + 1) = ':' || m.user_id
                THEN left(q.key, -length(m.user_id)) || m.id ELSE q.key END
        WHERE q.guild_id = m.guild_id AND q.operation = 'task.review'
            AND q.result #>> '{submission,id}' IN (SELECT s.id::text FROM coffer.submissions s WHERE s.reviewer_id = m.id);
    UPDATE coffer.requests q SET result = q.result || '{"reason": ""}'
        WHERE q.guild_id = m.guild_id AND q.operation = 'task.drop'
            AND q.result ->> 'id' IN (SELECT c.id::text FROM coffer.claims c WHERE c.member_id = m.id);
END $$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128001800'
$$;

CALL coffer.keep_private();
