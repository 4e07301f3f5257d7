-- coffer_doctor tells what coffer doctor looks at: the clock, who asks, what waits for
-- Discord, which roles are for sale, and what others than the server may do. It changes
-- nothing.
CREATE FUNCTION public.coffer_doctor() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '10s' AS $$
    WITH ours AS (
        SELECT c.oid, c.relname, c.relkind, c.relrowsecurity FROM pg_class c
        WHERE c.relnamespace = 'coffer'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    ), open AS (
        SELECT format('%s may use the schema coffer', r) AS what FROM unnest(ARRAY['anon', 'authenticated', 'service_role']) r
        WHERE has_schema_privilege(r, 'coffer', 'USAGE')
        UNION ALL
        SELECT format('%s may %s %s', r, string_agg(privilege, ', ' ORDER BY privilege), c.relname)
        FROM ours c, unnest(ARRAY['anon', 'authenticated', 'service_role']) r,
            unnest(CASE WHEN c.relkind = 'S' THEN ARRAY['USAGE', 'SELECT', 'UPDATE']
                ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'] END) privilege
        WHERE CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(r, c.oid, privilege)
            ELSE has_table_privilege(r, c.oid, privilege) END
        GROUP BY r, c.relname
        UNION ALL
        SELECT format('%s may call %s', r, f.proname)
        FROM pg_proc f, unnest(ARRAY['anon', 'authenticated', 'service_role']) r
        WHERE has_function_privilege(r, f.oid, 'EXECUTE') AND (f.pronamespace = 'coffer'::regnamespace
            OR f.pronamespace = 'public'::regnamespace AND f.proname LIKE 'coffer\_%' AND r <> 'service_role')
    )
    SELECT jsonb_build_object(
        'at', clock_timestamp(),
        'roles', (SELECT coalesce(jsonb_agg(x), '[]') FROM (
            SELECT DISTINCT i.guild_id AS guild, i.role FROM coffer.items i WHERE NOT i.archived AND i.role <> '' ORDER BY 1, 2) x),
        'waiting', (SELECT count(*) FROM coffer.deliveries d WHERE d.state = 'waiting'),
        'failed', (SELECT count(*) FROM coffer.deliveries d WHERE d.state <> 'done' AND d.state = 'failed'),
        'oldest', (SELECT min(d.created_at) FROM coffer.deliveries d WHERE d.state = 'waiting'),
        'due', (SELECT min(d.due) FROM coffer.deliveries d WHERE d.state = 'waiting'),
        'access', jsonb_build_object(
            'role', current_setting('role'),
            'tables', (SELECT coalesce(jsonb_agg(relname ORDER BY relname), '[]') FROM ours WHERE relkind IN ('r', 'p')),
            'functions', (SELECT count(*) FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND f.proname LIKE 'coffer\_%'),
            'open', (SELECT coalesce(jsonb_agg(what ORDER BY what), '[]') FROM open),
            'unprotected', (SELECT coalesce(jsonb_agg(relname ORDER BY relname), '[]') FROM ours c WHERE relkind IN ('r', 'p')
                AND (NOT relrowsecurity OR EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)))))
$$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128001000'
$$;

CALL coffer.keep_private();
