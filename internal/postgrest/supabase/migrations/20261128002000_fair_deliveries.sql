-- Deliveries of one member or one guild know of those of another.

CREATE INDEX deliveries_of_erased ON coffer.deliveries (guild_id, user_id) WHERE user_id IS NOT NULL;

DROP INDEX coffer.deliveries_waiting;
CREATE INDEX deliveries_waiting ON coffer.deliveries (guild_id, id, due) WHERE state = 'waiting';
CREATE INDEX deliveries_leased ON coffer.deliveries (guild_id, due) WHERE state = 'waiting' AND leased;

-- deliver_role has Discord agree with a member's entitlement to a role, which has
-- just changed behind his lock. It joins the delivery that waits or has failed, if
-- there is one, and those of whom he was before he was erased: they are about the same
-- user and role, so that one of theirs that is under way may undo what his tells.
CREATE OR REPLACE FUNCTION coffer.deliver_role(guild text, member bigint, role text, at timestamptz) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO coffer.deliveries AS d (guild_id, kind, member_id, role, due, created_at)
        VALUES (guild, 'role', member, role, clock_timestamp(), at)
        ON CONFLICT (member_id, role) WHERE kind = 'role' AND state <> 'done' DO UPDATE SET
            state = 'waiting', settled_at = NULL, attempts = 0, joined = true,
            due = CASE WHEN d.leased THEN d.due ELSE excluded.due END;
    UPDATE coffer.deliveries d SET state = 'waiting', settled_at = NULL, attempts = 0, joined = true,
            due = CASE WHEN d.leased THEN d.due ELSE clock_timestamp() END
        WHERE d.guild_id = guild AND d.user_id = (SELECT m.user_id FROM coffer.members m WHERE m.id = member)
            AND d.role = deliver_role.role AND d.kind = 'role' AND d.state <> 'done' AND d.member_id <> member;
$$;

-- compensate pays back what cannot be granted. The delivery waits again, to take the
-- role in case it was granted all the same.
CREATE OR REPLACE FUNCTION coffer.compensate(d coffer.deliveries, reason text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    e coffer.entitlements;
BEGIN
    FOR e IN SELECT * FROM coffer.compensable(d.member_id, d.role) LOOP
        PERFORM coffer.deliver_role(d.guild_id, d.member_id, d.role, at);
        PERFORM coffer.pay_back(e, reason, at);
    END LOOP;
END $$;

-- coffer_lease_deliveries takes what nobody else is taking, and waits for nobody. Each
-- delivery has a turn in its guild, behind those that are being tried. What is due is
-- looked for only in as many guilds as deliveries are asked for.
-- What was taken is looked at by another statement: one that changed an entitlement,
-- or a card's subject, has either committed, and is seen, or will find the delivery
-- leased, and joins it.
CREATE OR REPLACE FUNCTION public.coffer_lease_deliveries(size integer, life interval) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET timezone = 'UTC' SET statement_timeout = '4s' AS $$
DECLARE
    moment CONSTANT timestamptz := clock_timestamp();
    taken bigint[];
    leases jsonb;
BEGIN
    PERFORM coffer.in_time();
    WITH RECURSIVE guilds AS (
        (SELECT d.guild_id FROM coffer.deliveries d WHERE d.state = 'waiting' ORDER BY d.guild_id LIMIT 1)
        UNION ALL
        SELECT (SELECT d.guild_id FROM coffer.deliveries d WHERE d.state = 'waiting' AND d.guild_id > g.guild_id ORDER BY d.guild_id LIMIT 1)
            FROM guilds g WHERE g.guild_id IS NOT NULL
    ), ready AS (
        SELECT g.guild_id, tried.busy, oldest.id FROM guilds g
            CROSS JOIN LATERAL (SELECT d.id FROM coffer.deliveries d WHERE d.guild_id = g.guild_id AND d.state = 'waiting' AND d.due <= moment
                ORDER BY d.id LIMIT 1) oldest
            CROSS JOIN LATERAL (SELECT count(*) AS busy FROM coffer.deliveries d
                WHERE d.guild_id = g.guild_id AND d.state = 'waiting' AND d.leased AND d.due > moment) tried
            ORDER BY tried.busy, oldest.id LIMIT size
    ), queue AS MATERIALIZED (
        SELECT f.id, r.busy + row_number() OVER (PARTITION BY r.guild_id ORDER BY f.id) AS turn FROM ready r
            CROSS JOIN LATERAL (SELECT d.id FROM coffer.deliveries d WHERE d.guild_id = r.guild_id AND d.state = 'waiting' AND d.due <= moment
                ORDER BY d.id LIMIT size FOR NO KEY UPDATE SKIP LOCKED) f
    ), free AS (
        SELECT q.id FROM queue q ORDER BY q.turn, q.id LIMIT size
    ), held AS (
        UPDATE coffer.deliveries d SET token = d.token + 1, attempts = d.attempts + 1, leased = true, joined = false,
            due = moment + life
            FROM free f WHERE d.id = f.id RETURNING d.id
    )
    SELECT array_agg(h.id) INTO taken FROM held h;
    SELECT jsonb_agg(jsonb_build_object(
            'id', d.id, 'token', d.token, 'attempt', d.attempts, 'guild', d.guild_id, 'kind', d.kind,
            'user', coalesce(m.user_id, d.user_id, ''), 'role', coalesce(d.role, ''), 'entitled', d.kind = 'role' AND coffer.entitled(
                coalesce((SELECT n.id FROM coffer.members n WHERE n.guild_id = d.guild_id AND n.user_id = d.user_id), d.member_id), d.role),
            'channel', coalesce(d.channel, k.channel, ''), 'subject', coalesce(d.subject, ''), 'message', coalesce(k.message, ''),
            'notice', coalesce(d.notice, ''), 'args', CASE d.kind WHEN 'card' THEN coffer.card(d.subject) ELSE d.args END,
            'created', d.created_at) ORDER BY d.id) INTO leases
        FROM coffer.deliveries d LEFT JOIN coffer.members m ON m.id = d.member_id
            LEFT JOIN coffer.cards k ON k.guild_id = d.guild_id AND k.subject = d.subject
        WHERE d.id = ANY (taken);
    RETURN coalesce(leases, '[]');
END $$;

-- coffer_forget_deliveries removes at most so many, and returns how many. Where a role
-- has failed, Discord and the books still disagree.
CREATE OR REPLACE FUNCTION public.coffer_forget_deliveries(before timestamptz, portion integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '30s' AS $$
DECLARE
    forgotten integer;
BEGIN
    DELETE FROM coffer.deliveries d WHERE d.ctid = ANY (ARRAY( -- see coffer_forget_requests
        SELECT x.ctid FROM coffer.deliveries x WHERE x.state <> 'waiting' AND x.settled_at < before
                AND NOT (x.kind = 'role' AND x.state = 'failed')
            ORDER BY x.settled_at LIMIT portion FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128002000'
$$;

CALL coffer.keep_private();
