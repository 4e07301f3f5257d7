-- Deliveries of one member or one guild know of those of another.

CREATE INDEX deliveries_of_erased ON coffer.deliveries (guild_id, user_id) WHERE user_id IS NOT NULL;

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

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128002000'
$$;

CALL coffer.keep_private();
