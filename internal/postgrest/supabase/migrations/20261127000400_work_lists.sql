-- What admins list of tasks, work, goods and deliveries. A page is, for each state that
-- is asked for, one range of an index, whatever else it is narrowed by. Indexes are named
-- by all of their columns, in the condition and in the order: by less, a small guild's
-- page would be looked for among everybody's rows.

-- A submission is its task's as its claim is.
ALTER TABLE coffer.submissions ADD COLUMN task_id bigint REFERENCES coffer.tasks;
UPDATE coffer.submissions s SET task_id = c.task_id FROM coffer.claims c WHERE c.id = s.claim_id;
ALTER TABLE coffer.submissions ALTER COLUMN task_id SET NOT NULL;

CREATE FUNCTION coffer.name_task() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    SELECT c.task_id INTO NEW.task_id FROM coffer.claims c WHERE c.id = NEW.claim_id;
    RETURN NEW;
END $$;

CREATE TRIGGER name_task BEFORE INSERT ON coffer.submissions FOR EACH ROW WHEN (NEW.task_id IS NULL)
    EXECUTE FUNCTION coffer.name_task();

CREATE INDEX submissions_by_state ON coffer.submissions (guild_id, state, id);
CREATE INDEX submissions_by_task ON coffer.submissions (task_id, state, id);
CREATE INDEX submissions_by_member ON coffer.submissions (member_id, state, id);

ALTER TABLE coffer.purchases ADD COLUMN state text COLLATE "C" NOT NULL
    GENERATED ALWAYS AS (CASE WHEN refund_id IS NULL THEN 'kept' ELSE 'refunded' END) STORED;
CREATE INDEX purchases_by_state ON coffer.purchases (guild_id, state, id);
CREATE INDEX purchases_by_buyer ON coffer.purchases (member_id, state, id);
CREATE INDEX purchases_by_item ON coffer.purchases (item_id, state, id);

CREATE INDEX tasks_by_state ON coffer.tasks (guild_id, state, id);
CREATE INDEX claims_waiting ON coffer.claims (task_id) WHERE state = 'submitted';
CREATE INDEX items_by_shelf ON coffer.items (guild_id, archived, id);
CREATE INDEX deliveries_by_state ON coffer.deliveries (guild_id, state, id) WHERE state <> 'done';

-- Who changed a task or an item, and when.
CREATE INDEX events_of_work ON coffer.events (guild_id, subject, id) WHERE kind IN ('task.created', 'task.changed', 'task.opened',
    'task.closed', 'task.archived', 'item.created', 'item.changed', 'item.archived');

-- last_change is when a task or an item was changed last, and by whom.
CREATE FUNCTION coffer.last_change(guild text, subject text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('changed', coffer.instant(e.at), 'changed_by', coffer.actor(e.actor_id)))
    FROM coffer.events e
    WHERE (e.guild_id, e.subject, e.id) > (guild, last_change.subject, 0)
        AND (e.guild_id, e.subject, e.id) <= (guild, last_change.subject, 9223372036854775807)
        AND e.kind IN ('task.created', 'task.changed', 'task.opened', 'task.closed', 'task.archived',
            'item.created', 'item.changed', 'item.archived')
    ORDER BY e.guild_id DESC, e.subject DESC, e.id DESC LIMIT 1
$$;

-- task_sheet is a task as an admin sees it.
CREATE FUNCTION coffer.task_sheet(t coffer.tasks) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coffer.last_change(t.guild_id, 'task:' || t.id) || jsonb_build_object(
        'task', coffer.task(t),
        'taken', t.taken,
        'waiting', (SELECT count(*) FROM (SELECT FROM coffer.claims c WHERE c.task_id = t.id AND c.state = 'submitted' LIMIT 100) w),
        'created', coffer.instant(t.created_at))
$$;

-- coffer_task_list takes the text folded.
CREATE FUNCTION public.coffer_task_list(guild text, states text[], folded text, before bigint, size integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coalesce(jsonb_agg(coffer.task_sheet(p.t) ORDER BY (p.t).id DESC), '[]')
    FROM (SELECT x.t FROM unnest(states) AS u(state) CROSS JOIN LATERAL (
            SELECT y AS t FROM coffer.tasks y
            WHERE (y.guild_id, y.state, y.id) > (guild, u.state, 0) AND (y.guild_id, y.state, y.id) < (guild, u.state, before)
                AND strpos(y.folded, coffer_task_list.folded) > 0
            ORDER BY y.guild_id DESC, y.state DESC, y.id DESC LIMIT size) x
        ORDER BY (x.t).id DESC LIMIT size) p
$$;

CREATE FUNCTION public.coffer_task_sheet(guild text, task bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coffer.task_sheet(t) FROM coffer.tasks t WHERE t.id = task AND t.guild_id = guild
$$;

-- submission_sheet is a submission as an admin sees it.
CREATE FUNCTION coffer.submission_sheet(s coffer.submissions) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'submission', coffer.submission(s),
        'worker', coffer.actor(s.member_id),
        'transaction', CASE WHEN s.state = 'accepted' THEN coalesce((SELECT c.transaction_id FROM coffer.claims c WHERE c.id = s.claim_id), 0) ELSE 0 END,
        'channel', coalesce(k.channel, ''),
        'message', coalesce(k.message, ''))
    FROM (VALUES (1)) one LEFT JOIN coffer.cards k ON k.guild_id = s.guild_id AND k.subject = 'submission:' || s.id
$$;

-- work_page returns submissions of states, in the order of their numbers or against it,
-- after the given one: of a member, or of a task, or else of the guild. Where a member
-- and a task are given, the member's are looked through.
CREATE FUNCTION coffer.work_page(guild text, states text[], task bigint, member bigint, oldest boolean, after bigint, size integer)
    RETURNS SETOF coffer.submissions
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF member <> 0 AND NOT EXISTS (SELECT FROM coffer.members m WHERE m.id = member AND m.guild_id = guild)
        OR task <> 0 AND NOT EXISTS (SELECT FROM coffer.tasks t WHERE t.id = task AND t.guild_id = guild)
    THEN
        RETURN;
    END IF;
    IF oldest THEN -- of one state, in the guild or in a task, or a member's
        IF member <> 0 THEN
            RETURN QUERY SELECT y.* FROM coffer.submissions y
                WHERE (y.member_id, y.state, y.id) > (member, states[1], after) AND (y.member_id, y.state, y.id) <= (member, states[1], 9223372036854775807)
                    AND (task = 0 OR y.task_id IS NOT DISTINCT FROM task)
                ORDER BY y.member_id, y.state, y.id LIMIT size;
        ELSIF task <> 0 THEN
            RETURN QUERY SELECT y.* FROM coffer.submissions y
                WHERE (y.task_id, y.state, y.id) > (task, states[1], after) AND (y.task_id, y.state, y.id) <= (task, states[1], 9223372036854775807)
                ORDER BY y.task_id, y.state, y.id LIMIT size;
        ELSE
            RETURN QUERY SELECT y.* FROM coffer.submissions y
                WHERE (y.guild_id, y.state, y.id) > (guild, states[1], after) AND (y.guild_id, y.state, y.id) <= (guild, states[1], 9223372036854775807)
                ORDER BY y.guild_id, y.state, y.id LIMIT size;
        END IF;
    ELSIF member <> 0 THEN
        RETURN QUERY SELECT x.* FROM unnest(states) AS u(state) CROSS JOIN LATERAL (
            SELECT y.* FROM coffer.submissions y
            WHERE (y.member_id, y.state, y.id) > (member, u.state, 0) AND (y.member_id, y.state, y.id) < (member, u.state, after)
                AND (task = 0 OR y.task_id IS NOT DISTINCT FROM task)
            ORDER BY y.member_id DESC, y.state DESC, y.id DESC LIMIT size) x ORDER BY x.id DESC LIMIT size;
    ELSIF task <> 0 THEN
        RETURN QUERY SELECT x.* FROM unnest(states) AS u(state) CROSS JOIN LATERAL (
            SELECT y.* FROM coffer.submissions y
            WHERE (y.task_id, y.state, y.id) > (task, u.state, 0) AND (y.task_id, y.state, y.id) < (task, u.state, after)
            ORDER BY y.task_id DESC, y.state DESC, y.id DESC LIMIT size) x ORDER BY x.id DESC LIMIT size;
    ELSE
        RETURN QUERY SELECT x.* FROM unnest(states) AS u(state) CROSS JOIN LATERAL (
            SELECT y.* FROM coffer.submissions y
            WHERE (y.guild_id, y.state, y.id) > (guild, u.state, 0) AND (y.guild_id, y.state, y.id) < (guild, u.state, after)
            ORDER BY y.guild_id DESC, y.state DESC, y.id DESC LIMIT size) x ORDER BY x.id DESC LIMIT size;
    END IF;
END $$;

CREATE FUNCTION public.coffer_submissions(guild text, states text[], task bigint, member bigint, oldest boolean, after bigint, size integer)
    RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT jsonb_build_object(
        'submissions', (SELECT coalesce(jsonb_agg(coffer.submission_sheet(p.s) ORDER BY CASE WHEN oldest THEN (p.s).id ELSE -(p.s).id END), '[]')
            FROM (SELECT w AS s FROM coffer.work_page(guild, states, task, member, oldest, after, size) w) p),
        'waiting', (SELECT count(*) FROM (SELECT FROM coffer.submissions y
            WHERE (y.guild_id, y.state, y.id) > (guild, 'waiting', 0) AND (y.guild_id, y.state, y.id) <= (guild, 'waiting', 9223372036854775807)
            ORDER BY y.guild_id, y.state, y.id LIMIT 100) first))
$$;

CREATE FUNCTION public.coffer_submission_sheet(guild text, submission bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coffer.submission_sheet(s) FROM coffer.submissions s WHERE s.id = submission AND s.guild_id = guild
$$;

-- item_sheet is an item as an admin sees it.
CREATE FUNCTION coffer.item_sheet(i coffer.items) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coffer.last_change(i.guild_id, 'item:' || i.id) || jsonb_build_object(
        'item', coffer.item(i),
        'created', coffer.instant(i.created_at))
$$;

-- coffer_item_list takes the text folded.
CREATE FUNCTION public.coffer_item_list(guild text, archived boolean[], folded text, before bigint, size integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coalesce(jsonb_agg(coffer.item_sheet(p.i) ORDER BY (p.i).id DESC), '[]')
    FROM (SELECT x.i FROM unnest(coffer_item_list.archived) AS u(shelf) CROSS JOIN LATERAL (
            SELECT y AS i FROM coffer.items y
            WHERE (y.guild_id, y.archived, y.id) > (guild, u.shelf, 0) AND (y.guild_id, y.archived, y.id) < (guild, u.shelf, before)
                AND strpos(y.folded, coffer_item_list.folded) > 0
            ORDER BY y.guild_id DESC, y.archived DESC, y.id DESC LIMIT size) x
        ORDER BY (x.i).id DESC LIMIT size) p
$$;

CREATE FUNCTION public.coffer_item_sheet(guild text, item bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coffer.item_sheet(i) FROM coffer.items i WHERE i.id = item AND i.guild_id = guild
$$;

-- purchase_sheet is a purchase as an admin sees it.
CREATE FUNCTION coffer.purchase_sheet(p coffer.purchases) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'id', p.id, 'item', p.item_id, 'name', p.name, 'quantity', p.quantity, 'total', p.total,
        'buyer', coffer.actor(p.member_id),
        'role', coalesce(e.role, ''), 'role_until', coffer.instant(e.ends),
        'role_runs', e.purchase_id IS NOT NULL AND e.ended_at IS NULL, 'granted', coalesce(e.granted, false),
        'transaction', p.transaction_id, 'at', coffer.instant(p.created_at),
        'refund', coalesce(p.refund_id, 0), 'refunded_by', coffer.actor(x.actor_id), 'refunded', coffer.instant(x.created_at),
        'reason', coalesce(x.note, '')))
    FROM (VALUES (1)) one LEFT JOIN coffer.entitlements e ON e.purchase_id = p.id LEFT JOIN coffer.transactions x ON x.id = p.refund_id
$$;

-- sales_page returns purchases of states, the newest first: of a member, or of an item,
-- or else of the guild. Where a member and an item are given, the member's are looked through.
CREATE FUNCTION coffer.sales_page(guild text, states text[], member bigint, item bigint, before bigint, size integer)
    RETURNS SETOF coffer.purchases
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF member <> 0 AND NOT EXISTS (SELECT FROM coffer.members m WHERE m.id = member AND m.guild_id = guild)
        OR item <> 0 AND NOT EXISTS (SELECT FROM coffer.items i WHERE i.id = item AND i.guild_id = guild)
    THEN
        RETURN;
    END IF;
    IF member <> 0 THEN
        RETURN QUERY SELECT x.* FROM unnest(states) AS u(state) CROSS JOIN LATERAL (
            SELECT y.* FROM coffer.purchases y
            WHERE (y.member_id, y.state, y.id) > (member, u.state, 0) AND (y.member_id, y.state, y.id) < (member, u.state, before)
                AND (item = 0 OR y.item_id IS NOT DISTINCT FROM item)
            ORDER BY y.member_id DESC, y.state DESC, y.id DESC LIMIT size) x ORDER BY x.id DESC LIMIT size;
    ELSIF item <> 0 THEN
        RETURN QUERY SELECT x.* FROM unnest(states) AS u(state) CROSS JOIN LATERAL (
            SELECT y.* FROM coffer.purchases y
            WHERE (y.item_id, y.state, y.id) > (item, u.state, 0) AND (y.item_id, y.state, y.id) < (item, u.state, before)
            ORDER BY y.item_id DESC, y.state DESC, y.id DESC LIMIT size) x ORDER BY x.id DESC LIMIT size;
    ELSE
        RETURN QUERY SELECT x.* FROM unnest(states) AS u(state) CROSS JOIN LATERAL (
            SELECT y.* FROM coffer.purchases y
            WHERE (y.guild_id, y.state, y.id) > (guild, u.state, 0) AND (y.guild_id, y.state, y.id) < (guild, u.state, before)
            ORDER BY y.guild_id DESC, y.state DESC, y.id DESC LIMIT size) x ORDER BY x.id DESC LIMIT size;
    END IF;
END $$;

CREATE FUNCTION public.coffer_purchases(guild text, states text[], member bigint, item bigint, before bigint, size integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coalesce(jsonb_agg(coffer.purchase_sheet(p.p) ORDER BY (p.p).id DESC), '[]')
    FROM (SELECT w AS p FROM coffer.sales_page(guild, states, member, item, before, size) w) p
$$;

CREATE FUNCTION public.coffer_delivery_list(guild text, states text[], before bigint, size integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'id', d.id, 'kind', d.kind, 'state', d.state, 'attempts', d.attempts, 'member', coffer.actor(d.member_id),
            'role', coalesce(d.role, ''), 'channel', coalesce(d.channel, k.channel, ''),
            'subject', coalesce(d.subject, ''), 'notice', coalesce(d.notice, ''), 'error', d.error, 'created', coffer.instant(d.created_at),
            'due', CASE WHEN d.state = 'waiting' THEN coffer.instant(d.due) END)) ORDER BY d.id DESC), '[]')
    FROM (SELECT x.* FROM unnest(states) AS u(state) CROSS JOIN LATERAL (
            SELECT y.* FROM coffer.deliveries y
            WHERE (y.guild_id, y.state, y.id) > (guild, u.state, 0) AND (y.guild_id, y.state, y.id) < (guild, u.state, before)
                AND y.state <> 'done'
            ORDER BY y.guild_id DESC, y.state DESC, y.id DESC LIMIT size) x
        ORDER BY x.id DESC LIMIT size) d
        LEFT JOIN coffer.cards k ON k.guild_id = d.guild_id AND k.subject = d.subject
$$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261127000400'
$$;

CALL coffer.keep_private();
