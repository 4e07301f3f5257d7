-- Who joins is welcomed.

ALTER TABLE coffer.guilds ADD COLUMN welcome_channel text NOT NULL DEFAULT ''; -- where who joins is welcomed

-- What was told of settings before, is told of all of them.
UPDATE coffer.events e SET before = e.before || '{"welcome_channel": ""}', after = e.after || '{"welcome_channel": ""}'
    WHERE e.kind IN ('guild.created', 'settings.changed');

-- A welcome was written when those it names were met.
CREATE INDEX deliveries_welcoming ON coffer.deliveries (guild_id, created_at) WHERE notice = 'member.joined';
CREATE INDEX deliveries_welcome ON coffer.deliveries (guild_id) WHERE notice = 'member.joined' AND state = 'waiting';

CREATE OR REPLACE FUNCTION coffer.settings(g coffer.guilds) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'currency_name', g.currency_name, 'currency_symbol', g.currency_symbol,
        'starting_balance', g.starting_balance, 'daily_amount', g.daily_amount,
        'streak_bonus', g.streak_bonus, 'streak_cap', g.streak_cap, 'grace', g.grace,
        'time_zone', g.time_zone, 'max_balance', g.max_balance, 'admin_channel', g.admin_channel,
        'task_channel', g.task_channel, 'review_channel', g.review_channel, 'reviewer_role', g.reviewer_role,
        'welcome_channel', g.welcome_channel)
$$;

-- coffer_change_settings takes the version that was looked at, 0 for any.
CREATE OR REPLACE FUNCTION public.coffer_change_settings(request jsonb, admin jsonb, settings jsonb, version integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
DECLARE
    r coffer.request := jsonb_populate_record(NULL::coffer.request, request);
    actor coffer.person := jsonb_populate_record(NULL::coffer.person, admin);
    result jsonb := coffer.recall(r, 'settings');
    before coffer.guilds;
    after coffer.guilds;
BEGIN
    IF result IS NOT NULL THEN
        RETURN result;
    END IF;
    BEGIN
        PERFORM coffer.day_of(r.at, settings ->> 'time_zone');
    EXCEPTION WHEN invalid_parameter_value THEN
        PERFORM coffer.refuse('400', 'settings', '{"field": "time_zone"}');
    END;
    PERFORM coffer.meet(r.guild, r.at, actor);
    PERFORM FROM coffer.guilds g WHERE g.id = r.guild FOR NO KEY UPDATE;
    before := coffer.enter(r, ARRAY[actor]);
    after := jsonb_populate_record(before, settings);
    IF after IS DISTINCT FROM before THEN
        IF version NOT IN (0, before.version) THEN
            PERFORM coffer.refuse('409', 'settings_changed', jsonb_build_object('version', before.version));
        END IF;
        UPDATE coffer.guilds g SET
            version = before.version + 1, changed_by = coffer.account(r.guild, actor), changed_at = r.at,
            currency_name = after.currency_name, currency_symbol = after.currency_symbol,
            starting_balance = after.starting_balance, daily_amount = after.daily_amount,
            streak_bonus = after.streak_bonus, streak_cap = after.streak_cap, grace = after.grace,
            time_zone = after.time_zone, max_balance = after.max_balance, admin_channel = after.admin_channel,
            task_channel = after.task_channel, review_channel = after.review_channel, reviewer_role = after.reviewer_role,
            welcome_channel = after.welcome_channel
            WHERE g.id = r.guild;
        PERFORM coffer.tell(r.guild, coffer.account(r.guild, actor), 'settings.changed', 'guild', NULL,
            coffer.settings(before), coffer.settings(after), r.at);
    END IF;
    RETURN coffer.remember(r, 'settings', NULL, coffer.settings(after));
END $$;

-- blank removes all that tells who a member is, also from the results of requests that
-- are remembered.
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
    UPDATE coffer.requests q SET result = jsonb_set(q.result, '{submission,reviewer}', jsonb_build_object('kind', 'erased', 'id', m.id))
        WHERE q.guild_id = m.guild_id AND q.operation = 'task.review'
            AND q.result #>> '{submission,id}' IN (SELECT s.id::text FROM coffer.submissions s WHERE s.reviewer_id = m.id);
    UPDATE coffer.requests q SET result = q.result || '{"reason": ""}'
        WHERE q.guild_id = m.guild_id AND q.operation = 'task.drop'
            AND q.result ->> 'id' IN (SELECT c.id::text FROM coffer.claims c WHERE c.member_id = m.id);
END $$;

-- coffer_join is coffer_meet for people who have joined just now. Those who are new are
-- welcomed, the first three by name, unless a welcome of the guild waits already.
CREATE FUNCTION public.coffer_join(guild text, at timestamptz, people jsonb) RETURNS integer
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
    RETURN coalesce(cardinality(unknown), 0);
END $$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128001200'
$$;

CALL coffer.keep_private();
