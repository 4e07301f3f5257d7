-- What people see of tasks and claims, and what tidies up behind them.

-- places_left is how many places can be taken: those of claims that are over count,
-- whether that was noted or not.
CREATE FUNCTION coffer.places_left(t coffer.tasks, at timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN t.places = 0 THEN 0 ELSE greatest(0, t.places - t.taken + (SELECT count(*) FROM coffer.claims c
        WHERE c.task_id = t.id AND c.state IN ('claimed', 'rejected')
            AND c.ends <= CASE WHEN t.over_at <= at THEN 'infinity' ELSE at END)) END
$$;

-- board_line is a task with its viewer's newest claim on it.
CREATE FUNCTION coffer.board_line(t coffer.tasks, viewer bigint, at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'task', coffer.task(t),
        'left', coffer.places_left(t, at),
        'mine', (SELECT coffer.claim(c, t, at) FROM coffer.claims c
            WHERE c.task_id = t.id AND c.member_id = viewer ORDER BY c.id DESC LIMIT 1))
$$;

CREATE FUNCTION coffer.board(guild text, viewer text, skip bigint, size integer, at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'lines', (SELECT coalesce(jsonb_agg(coffer.board_line(t, m.id, at) ORDER BY (t).id DESC), '[]')
            FROM (SELECT x AS t FROM coffer.tasks x WHERE x.guild_id = guild AND x.state = 'open' AND x.over_at > at
                ORDER BY x.id DESC LIMIT size OFFSET skip) open),
        'currency', coffer.currency(g))
    FROM coffer.guilds g, coffer.members m WHERE g.id = guild AND m.guild_id = guild AND m.user_id = viewer
$$;

CREATE FUNCTION public.coffer_open_tasks(guild text, at timestamptz, viewer jsonb, skip bigint, size integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.meet(guild, at, jsonb_populate_record(NULL::coffer.person, viewer));
    RETURN coffer.board(guild, viewer ->> 'user', skip, size, at);
END $$;

-- task_offer returns null where there is no such task. What the day makes of the
-- latest period that the viewer has done is for the server to say.
CREATE FUNCTION coffer.task_offer(guild text, viewer text, task bigint, folded text, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t coffer.tasks := coffer.find_task(guild, task, folded);
    m coffer.members;
    g coffer.guilds;
BEGIN
    IF t.id IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT * INTO m FROM coffer.members x WHERE x.guild_id = guild AND x.user_id = viewer;
    SELECT * INTO g FROM coffer.guilds x WHERE x.id = guild;
    RETURN coffer.board_line(t, m.id, at) || jsonb_build_object(
        'prerequisite', coalesce((SELECT x.title FROM coffer.tasks x WHERE x.id = t.prerequisite), ''),
        'qualified', coffer.qualified(m.id, t.prerequisite),
        'done', (SELECT max(c.period) FROM coffer.claims c
            WHERE c.task_id = t.id AND c.member_id = m.id AND c.state IN ('approved', 'failed')),
        'zone', g.time_zone,
        'currency', coffer.currency(g));
END $$;

CREATE FUNCTION public.coffer_task_offer(guild text, at timestamptz, viewer jsonb, task bigint, folded text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.meet(guild, at, jsonb_populate_record(NULL::coffer.person, viewer));
    RETURN coffer.task_offer(guild, viewer ->> 'user', task, folded, at);
END $$;

CREATE FUNCTION coffer.claims_of(guild text, viewer text, skip bigint, size integer, at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'claims', (SELECT coalesce(jsonb_agg(coffer.claim(c, t, at) ORDER BY (c).id DESC), '[]')
            FROM (SELECT x AS c, y AS t FROM coffer.claims x JOIN coffer.tasks y ON y.id = x.task_id
                WHERE x.member_id = m.id ORDER BY x.id DESC LIMIT size OFFSET skip) newest),
        'currency', coffer.currency(g))
    FROM coffer.guilds g, coffer.members m WHERE g.id = guild AND m.guild_id = guild AND m.user_id = viewer
$$;

CREATE FUNCTION public.coffer_claims(guild text, at timestamptz, viewer jsonb, skip bigint, size integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.meet(guild, at, jsonb_populate_record(NULL::coffer.person, viewer));
    RETURN coffer.claims_of(guild, viewer ->> 'user', skip, size, at);
END $$;

-- coffer_task_names takes the text folded.
CREATE FUNCTION public.coffer_task_names(guild text, folded text, which text, member text, at timestamptz, size integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', n.id, 'title', n.title, 'state', n.state, 'reward', n.reward) ORDER BY n.place), '[]')
    FROM (SELECT t.id, t.title, t.state, t.reward,
            row_number() OVER (ORDER BY NOT starts_with(t.folded, coffer_task_names.folded), t.folded, t.id) AS place
        FROM coffer.tasks t
        WHERE t.guild_id = guild AND strpos(t.folded, coffer_task_names.folded) > 0
            AND CASE which
                WHEN 'claimable' THEN t.state = 'open' AND t.over_at > at
                WHEN 'mine' THEN EXISTS (SELECT FROM coffer.members m JOIN coffer.claims c ON c.member_id = m.id
                    WHERE m.guild_id = guild AND m.user_id = member AND c.task_id = t.id
                        AND c.state IN ('claimed', 'submitted', 'rejected') AND NOT coffer.is_over(c, t, at))
                WHEN 'unarchived' THEN t.state <> 'archived'
                ELSE true END
        ORDER BY place LIMIT size) n
$$;

-- review_queue returns null where the reviewer may not review. It names the guild and
-- the number as one value, or a small guild's queue would be looked for among everybody's.
CREATE FUNCTION coffer.review_queue(guild text, reviewer text, roles text[], manager boolean, after bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'submission', (SELECT coffer.submission(s) FROM coffer.submissions s
            WHERE (s.guild_id, s.id) > (guild, review_queue.after) AND (s.guild_id, s.id) <= (guild, 9223372036854775807)
                AND s.state = 'waiting' AND s.member_id <> m.id ORDER BY s.guild_id, s.id LIMIT 1),
        'waiting', (SELECT count(*) FROM (SELECT FROM coffer.submissions s
            WHERE (s.guild_id, s.id) BETWEEN (guild, 0) AND (guild, 9223372036854775807)
                AND s.state = 'waiting' AND s.member_id <> m.id ORDER BY s.guild_id, s.id LIMIT 100) first),
        'currency', coffer.currency(g))
    FROM coffer.guilds g, coffer.members m
    WHERE g.id = guild AND m.guild_id = guild AND m.user_id = reviewer AND coffer.may_review(g, roles, manager)
$$;

CREATE FUNCTION public.coffer_review_queue(guild text, at timestamptz, reviewer jsonb, roles text[], manager boolean, after bigint)
    RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.meet(guild, at, jsonb_populate_record(NULL::coffer.person, reviewer));
    RETURN coffer.review_queue(guild, reviewer ->> 'user', roles, manager, after);
END $$;

-- coffer_tidy_tasks expires claims that are over and closes tasks behind their
-- deadline, at most so many in all, and returns how many. What somebody else holds is
-- left to another time. A task that is over is looked at until it has no claims left
-- that can be.
CREATE FUNCTION public.coffer_tidy_tasks(now timestamptz, portion integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '30s' AS $$
DECLARE
    due bigint[];
    t coffer.tasks;
    freed record;
    done integer := 0;
BEGIN
    PERFORM coffer.in_time();
    LOOP
        due := ARRAY(SELECT x.id FROM coffer.tasks x WHERE NOT x.tidied AND x.over_at <= now
                ORDER BY x.over_at LIMIT portion - done FOR NO KEY UPDATE SKIP LOCKED)
            || ARRAY(SELECT x.id FROM coffer.claims c JOIN coffer.tasks x ON x.id = c.task_id
                WHERE c.state IN ('claimed', 'rejected') AND c.ends <= now
                ORDER BY c.ends LIMIT portion - done FOR NO KEY UPDATE OF x SKIP LOCKED);
        EXIT WHEN due = '{}';
        FOR freed IN SELECT * FROM coffer.expire(due, now, portion - done) LOOP
            done := done + freed.expired;
            SELECT * INTO t FROM coffer.tasks x WHERE x.id = freed.task;
            IF t.places > 0 THEN
                PERFORM coffer.show_task(t, now);
            END IF;
        END LOOP;
        FOR t IN SELECT * FROM coffer.tasks x WHERE x.id = ANY (due) AND x.state = 'open' AND x.over_at <= now
            ORDER BY x.id LIMIT portion - done
        LOOP
            done := done + 1;
            PERFORM coffer.show_task(coffer.move_task(t, 'closed', NULL, now), now);
        END LOOP;
        EXIT WHEN done >= portion; -- there may be more of the same tasks
        UPDATE coffer.tasks x SET tidied = true WHERE x.id = ANY (due) AND x.over_at <= now;
    END LOOP;
    RETURN done;
END $$;

CALL coffer.keep_private();
