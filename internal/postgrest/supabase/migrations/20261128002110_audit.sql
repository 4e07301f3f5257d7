-- What an audit did not look at: streaks, what a claim was promised and for which period,
-- whose submissions are, and how long a role was bought for.

-- A day of any time zone begins and ends within one of UTC's days of it.
CREATE VIEW coffer.broken_streaks_earned AS
    SELECT 'member ' || m.id AS example FROM coffer.members m
        LEFT JOIN (SELECT t.actor_id, count(*) AS n, max(t.created_at) AS latest FROM coffer.transactions t
            WHERE t.kind = 'daily' GROUP BY t.actor_id) d ON d.actor_id = m.id AND m.user_id IS NOT NULL
        WHERE CASE WHEN d.n IS NULL OR NOT isfinite(d.latest) THEN (m.streak, m.last_daily) <> (0, 0)
            ELSE m.streak NOT BETWEEN 1 AND d.n OR abs(m.last_daily::bigint - coffer.utc_day(d.latest)) > 1 END;

-- The terms that each claim was made on: those of the task's newest event before that of
-- the claim. Both are written behind the task's lock, so their numbers tell.
CREATE VIEW coffer.claim_terms AS
    SELECT o.claim_id, o.terms FROM (
        SELECT m.claim_id, first_value(m.terms) OVER (PARTITION BY m.guild_id, m.subject, m.nth ORDER BY m.id) AS terms FROM (
            SELECT x.*, count(x.terms) OVER (PARTITION BY x.guild_id, x.subject ORDER BY x.id) AS nth FROM (
                SELECT t.guild_id, t.subject, t.id, NULL::bigint AS claim_id, t.after -> 'terms' AS terms FROM coffer.tasks_told t
                UNION ALL SELECT c.guild_id, 'task:' || c.task_id, e.id, c.id, NULL FROM coffer.claims_told e
                    JOIN coffer.claims c ON c.guild_id = e.guild_id AND e.subject = 'claim:' || c.id
                    WHERE e.kind = 'claim.created') x) m) o
    WHERE o.claim_id IS NOT NULL;

CREATE OR REPLACE VIEW coffer.broken_claims_told AS
    SELECT 'event ' || t.id AS example FROM coffer.claims_told t
        LEFT JOIN coffer.claims c ON c.guild_id = t.guild_id AND t.subject = 'claim:' || c.id
        LEFT JOIN coffer.members m ON m.id = c.member_id
        WHERE c.id IS NULL OR t.before IS DISTINCT FROM t.previous OR t.before -> 'task' <> t.after -> 'task'
            OR t.kind IN ('claim.created', 'claim.submitted', 'claim.dropped') AND t.actor_id IS DISTINCT FROM c.member_id
                AND NOT (t.kind = 'claim.dropped' AND t.actor_id IS NOT NULL AND m.user_id IS NULL)
            OR (t.kind = 'claim.expired') <> (t.actor_id IS NULL)
            OR NOT coalesce(CASE t.kind
                WHEN 'claim.created' THEN t.before IS NULL AND t.after ->> 'state' = 'claimed'
                WHEN 'claim.submitted' THEN t.before ->> 'state' IN ('claimed', 'rejected') AND t.after ->> 'state' = 'submitted'
                WHEN 'claim.dropped' THEN t.before ->> 'state' IN ('claimed', 'rejected') AND t.after ->> 'state' = 'dropped'
                WHEN 'claim.expired' THEN t.before ->> 'state' IN ('claimed', 'rejected') AND t.after ->> 'state' = 'expired'
                ELSE t.before ->> 'state' = 'submitted' AND t.kind = 'claim.' || (t.after ->> 'state') END, false)
    UNION ALL
    SELECT 'claim ' || c.id FROM coffer.claims c
        LEFT JOIN coffer.claims_told t ON t.guild_id = c.guild_id AND t.subject = 'claim:' || c.id AND t.newest
        LEFT JOIN coffer.tasks x ON x.id = c.task_id
        WHERE (t.after ->> 'task', t.after ->> 'state') IS DISTINCT FROM (c.task_id::text, c.state)
            OR x.guild_id IS DISTINCT FROM c.guild_id
    UNION ALL
    SELECT 'claim ' || c.id FROM coffer.claims c LEFT JOIN coffer.claim_terms w ON w.claim_id = c.id
        WHERE w.terms ->> 'reward' IS DISTINCT FROM c.reward::text OR CASE
            WHEN w.terms ->> 'repeat' = 'once' OR NOT isfinite(c.created_at) THEN c.period <> 0
            ELSE c.period::bigint - coffer.utc_day(c.created_at)
                NOT BETWEEN CASE w.terms ->> 'repeat' WHEN 'daily' THEN -1 ELSE -7 END AND 1 END;

CREATE OR REPLACE VIEW coffer.broken_submissions_fit AS
    SELECT 'claim ' || c.id AS example FROM coffer.claims c
        LEFT JOIN (SELECT x.claim_id, count(*) AS n, max(x.try) AS latest, count(DISTINCT x.try) AS tries,
                count(*) FILTER (WHERE x.state = 'refused' AND NOT x.last) AS refused
            FROM coffer.submissions x GROUP BY x.claim_id) a ON a.claim_id = c.id
        LEFT JOIN coffer.submissions s ON s.claim_id = c.id AND s.try = c.tries
        WHERE (c.tries, c.tries, c.tries) IS DISTINCT FROM (c.spent + coalesce(a.n, 0), coalesce(a.latest, c.spent), c.spent + coalesce(a.tries, 0))
            OR c.spent <> coalesce((SELECT max(x.tries) FROM coffer.claims x
                WHERE x.task_id = c.task_id AND x.member_id = c.member_id AND x.period = c.period AND x.id < c.id), 0)
            OR coalesce(a.refused, 0) < c.tries - c.spent - 1
            OR c.tries > c.spent AND (s.guild_id, s.member_id) IS DISTINCT FROM (c.guild_id, c.member_id)
            OR (c.state = 'submitted') IS DISTINCT FROM (coalesce(s.state, '') = 'waiting')
            OR (c.state = 'approved') IS DISTINCT FROM (coalesce(s.state, '') = 'accepted')
            OR (c.state = 'failed') IS DISTINCT FROM coalesce(s.last, false)
            OR c.state = 'rejected' AND c.tries = c.spent
            OR c.paid <> coalesce(s.paid, 0)
    UNION ALL
    SELECT 'submission ' || s.id FROM coffer.submissions s JOIN coffer.claims c ON c.id = s.claim_id
        WHERE s.reviewer_id = s.member_id OR (s.guild_id, s.member_id, s.task_id) IS DISTINCT FROM (c.guild_id, c.member_id, c.task_id);

CREATE OR REPLACE VIEW coffer.broken_entitlements_fit AS
    SELECT 'purchase ' || p.id AS example FROM coffer.purchases p
        LEFT JOIN coffer.purchase_terms w ON w.purchase_id = p.id
        LEFT JOIN coffer.entitlements e ON e.purchase_id = p.id
        CROSS JOIN LATERAL (SELECT e.ends - CASE WHEN w.terms ->> 'role_hours' ~ '^[0-9]{1,5}$'
            THEN (w.terms ->> 'role_hours')::integer * least(p.quantity, 1000) * interval '1 hour' END AS begins) x
        WHERE w.terms ->> 'role' IS DISTINCT FROM coalesce(e.role, '')
            OR e.purchase_id IS NOT NULL AND (
                e.member_id <> p.member_id OR e.guild_id <> p.guild_id
                OR (e.ends IS NULL) <> (w.terms ->> 'role_hours' = '0') OR e.ends < p.created_at
                OR p.refund_id IS NOT NULL AND e.ended_at IS NULL
                OR x.begins <> p.created_at AND e.ends <> '9999-12-31 23:59:59.999999+00' -- else when another's ends
                    AND NOT EXISTS (SELECT FROM coffer.purchases y JOIN coffer.entitlements o ON o.purchase_id = y.id
                        WHERE y.member_id = p.member_id AND y.id < p.id AND o.role = e.role AND o.ends = x.begins));

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128002110'
$$;

CALL coffer.keep_private();
