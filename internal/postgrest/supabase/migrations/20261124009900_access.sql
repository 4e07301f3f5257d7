-- Supabase grants whatever is new in public to everybody. Coffer's functions are
-- for the server alone, which comes with the role service_role.

DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'coffer\_%' LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, anon, authenticated, service_role', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO service_role', f);
    END LOOP;
END $$;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA coffer FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA coffer FROM PUBLIC, anon, authenticated, service_role;

NOTIFY pgrst, 'reload schema';
