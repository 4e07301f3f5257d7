-- Whoever leaves a guild loses his roles at Discord. Whoever joins again is given back
-- those that he has bought and is still entitled to.
--
-- Discord tells when a member joined. If that is later than since when he holds a role
-- that he is entitled to, he has lost it by leaving. If it is not, and he does not have
-- the role, then somebody has taken it from him, and it stays taken. So whoever tells of
-- the same joining again, a list of members too, changes nothing.

ALTER TABLE coffer.entitlements ADD COLUMN held_since timestamptz NOT NULL DEFAULT '1970-01-01 00:00:00+00'; -- bought, or joined again
UPDATE coffer.entitlements e SET held_since = p.created_at FROM coffer.purchases p WHERE p.id = e.purchase_id;

-- entitle entitles the buyer to a role for some hours, 0 for ever, and returns until
-- when he is, with all that he has bought; null for ever. Hours begin where the
-- latest end of his others is, and end when JSON can still tell it.
CREATE OR REPLACE FUNCTION coffer.entitle(purchase bigint, role text, hours bigint, at timestamptz) RETURNS timestamptz
LANGUAGE plpgsql AS $$
DECLARE
    p coffer.purchases;
    latest timestamptz;
BEGIN
    SELECT * INTO p FROM coffer.purchases x WHERE x.id = purchase;
    SELECT max(e.ends) INTO latest FROM coffer.entitlements e
        WHERE e.member_id = p.member_id AND e.role = entitle.role AND e.ended_at IS NULL;
    INSERT INTO coffer.entitlements (purchase_id, guild_id, member_id, role, ends)
        VALUES (p.id, p.guild_id, p.member_id, role, CASE WHEN hours > 0 THEN
            least(greatest(at, latest) + make_interval(hours => hours::integer), timestamptz '9999-12-31 23:59:59.999999+00') END);
    PERFORM coffer.hold(p.guild_id, p.member_id, role, at, at);
    RETURN coffer.role_end(p.member_id, role);
END $$;

-- hold has Discord give a member a role that he is entitled to, behind his lock.
CREATE FUNCTION coffer.hold(guild text, member bigint, role text, since timestamptz, at timestamptz) RETURNS void
LANGUAGE sql AS $$
    UPDATE coffer.entitlements e SET held_since = greatest(e.held_since, since)
        WHERE e.member_id = member AND e.role = hold.role AND e.ended_at IS NULL;
    SELECT coffer.deliver_role(guild, member, role, at)
$$;

-- lost are the roles that people lost by leaving, and since when they are back.
CREATE FUNCTION coffer.lost(guild text, people jsonb, at timestamptz) RETURNS TABLE (member bigint, role text, joined timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT p.member, e.role, p.joined
    FROM (SELECT m.id AS member, max((x.value ->> 'joined')::timestamptz) AS joined FROM jsonb_array_elements(people) x
            CROSS JOIN LATERAL (SELECT y.id FROM coffer.members y WHERE y.guild_id = guild AND y.user_id = x.value ->> 'user' OFFSET 0) m
            WHERE x.value ? 'joined' GROUP BY m.id) p
        CROSS JOIN LATERAL (SELECT y.role, max(y.held_since) AS since FROM coffer.entitlements y
            WHERE y.member_id = p.member AND y.ended_at IS NULL AND (y.ends IS NULL OR y.ends > lost.at) GROUP BY y.role) e
    WHERE e.since < p.joined ORDER BY p.member, e.role
$$;

-- restore has Discord give back what people lost by leaving, and returns how many roles
-- that were. Where that is nothing it only reads.
CREATE FUNCTION coffer.restore(guild text, people jsonb, at timestamptz) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    back CONSTANT bigint[] := ARRAY(SELECT DISTINCT l.member FROM coffer.lost(guild, people, at) l);
    l record;
    restored integer := 0;
BEGIN
    IF back = '{}' THEN
        RETURN 0;
    END IF;
    PERFORM FROM coffer.members m WHERE m.id = ANY (back) ORDER BY m.id FOR NO KEY UPDATE;
    FOR l IN SELECT * FROM coffer.lost(guild, people, at) x WHERE x.member = ANY (back) LOOP -- behind the locks
        PERFORM coffer.hold(guild, l.member, l.role, l.joined, at);
        PERFORM coffer.tell(guild, NULL, 'role.restored', 'member:' || l.member, NULL, NULL, jsonb_build_object('role', l.role), at);
        restored := restored + 1;
    END LOOP;
    RETURN restored;
END $$;

-- coffer_restore tells when people have joined, without meeting anybody.
CREATE FUNCTION public.coffer_restore(guild text, at timestamptz, people jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '15s' AS $$
BEGIN
    RETURN coffer.restore(guild, people, at);
END $$;

-- coffer_join is coffer_meet for people who have joined just now. Those who are new are
-- welcomed, the first three by name, unless a welcome of the guild waits already. Those
-- who are back are given back their roles.
CREATE OR REPLACE FUNCTION public.coffer_join(guild text, at timestamptz, people jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '15s' AS $$
DECLARE
    g coffer.guilds;
    unknown coffer.person[];
BEGIN
    PERFORM coffer.meet(guild, at, VARIADIC '{}');
    IF coffer.strangers(guild, people) <> '{}' THEN
        PERFORM FROM coffer.guilds x WHERE x.id = guild FOR NO KEY UPDATE;
        unknown := coffer.strangers(guild, people);
        g := coffer.meet(guild, at, VARIADIC unknown);
        INSERT INTO coffer.deliveries (guild_id, kind, channel, notice, args, due, created_at)
            SELECT guild, 'channel', g.welcome_channel, 'member.joined', jsonb_build_object(
                'members', (SELECT jsonb_agg(p."user" ORDER BY p.n) FROM unnest(unknown[:3]) WITH ORDINALITY p("user", name, folded, admin, n)),
                'others', greatest(0, cardinality(unknown) - 3), 'balance', g.starting_balance, 'currency', coffer.currency(g)),
                clock_timestamp(), at
            WHERE g.welcome_channel <> '' AND unknown <> '{}' AND NOT EXISTS (SELECT FROM coffer.deliveries d
                WHERE d.guild_id = guild AND d.notice = 'member.joined' AND d.state = 'waiting');
    END IF;
    PERFORM coffer.restore(guild, people, at);
    RETURN coalesce(cardinality(unknown), 0);
END $$;

-- coffer_inventory gives whoever looks back what he lost by leaving, where his joining is told.
CREATE OR REPLACE FUNCTION public.coffer_inventory(guild text, at timestamptz, viewer jsonb, member jsonb, skip bigint, size integer,
    turned boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.meet_reader(guild, at, viewer, member, turned);
    IF viewer ? 'joined' THEN
        PERFORM coffer.restore(guild, jsonb_build_array(viewer), at);
    END IF;
    RETURN coffer.inventory(guild, member ->> 'user', skip, size);
END $$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128002200'
$$;

CALL coffer.keep_private();
