-- A role may administer, beside those who manage the server.

ALTER TABLE coffer.guilds ADD COLUMN admin_role text NOT NULL DEFAULT ''; -- administers

-- What was told of settings before, is told of all of them.
-- By guild, so that events_by_kind finds the few among all.
UPDATE coffer.events e SET before = e.before || '{"admin_role": ""}', after = e.after || '{"admin_role": ""}'
    FROM coffer.guilds g WHERE e.guild_id = g.id AND e.kind COLLATE "C" IN ('guild.created', 'settings.changed');

CREATE OR REPLACE FUNCTION coffer.settings(g coffer.guilds) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'currency_name', g.currency_name, 'currency_symbol', g.currency_symbol,
        'starting_balance', g.starting_balance, 'daily_amount', g.daily_amount,
        'streak_bonus', g.streak_bonus, 'streak_cap', g.streak_cap, 'grace', g.grace,
        'time_zone', g.time_zone, 'max_balance', g.max_balance, 'admin_channel', g.admin_channel,
        'task_channel', g.task_channel, 'review_channel', g.review_channel, 'reviewer_role', g.reviewer_role,
        'welcome_channel', g.welcome_channel, 'admin_role', g.admin_role)
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
            welcome_channel = after.welcome_channel, admin_role = after.admin_role
            WHERE g.id = r.guild;
        PERFORM coffer.tell(r.guild, coffer.account(r.guild, actor), 'settings.changed', 'guild', NULL,
            coffer.settings(before), coffer.settings(after), r.at);
    END IF;
    RETURN coffer.remember(r, 'settings', NULL, coffer.settings(after));
END $$;

-- may_review reports whether somebody may review who has these roles, one of which may make him an admin, or manages the guild.
CREATE OR REPLACE FUNCTION coffer.may_review(g coffer.guilds, roles text[], manager boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT manager OR g.reviewer_role <> '' AND coalesce(g.reviewer_role = ANY (roles), false)
        OR g.admin_role <> '' AND coalesce(g.admin_role = ANY (roles), false)
$$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128001400'
$$;

CALL coffer.keep_private();
