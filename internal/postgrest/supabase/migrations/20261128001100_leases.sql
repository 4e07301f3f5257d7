-- Who of several processes does something that one at a time is to do.

CREATE TABLE coffer.leases (
    name    text COLLATE "C" PRIMARY KEY,
    holder  text        NOT NULL,
    token   bigint      NOT NULL, -- grows with each holder
    ends_at timestamptz NOT NULL
);

ALTER TABLE coffer.leases ENABLE ROW LEVEL SECURITY;

-- coffer_take_lease takes a lease that nobody else holds, and says who holds it. One
-- that ends too late was written by a clock that has been set back since, and is over.
-- Times are those behind the lock of the row.
CREATE FUNCTION public.coffer_take_lease(name text, holder text, life interval, longest interval) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
DECLARE
    taken bigint;
    other text;
BEGIN
    PERFORM coffer.in_time();
    SELECT l.holder INTO other FROM coffer.leases l WHERE l.name = coffer_take_lease.name AND l.holder <> coffer_take_lease.holder
        AND l.ends_at > clock_timestamp() AND l.ends_at <= clock_timestamp() + longest;
    IF FOUND THEN
        RETURN jsonb_build_object('token', 0, 'holder', other); -- whoever waits does not write
    END IF;
    INSERT INTO coffer.leases AS l VALUES (name, holder, 0, '-infinity') ON CONFLICT DO NOTHING;
    UPDATE coffer.leases l SET holder = coffer_take_lease.holder, token = l.token + 1, ends_at = clock_timestamp() + life
        WHERE l.name = coffer_take_lease.name AND (l.holder = coffer_take_lease.holder
            OR l.ends_at <= clock_timestamp() OR l.ends_at > clock_timestamp() + longest)
        RETURNING l.token INTO taken;
    RETURN jsonb_build_object('token', coalesce(taken, 0),
        'holder', (SELECT l.holder FROM coffer.leases l WHERE l.name = coffer_take_lease.name));
END $$;

CREATE FUNCTION public.coffer_renew_lease(name text, token bigint, life interval) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
BEGIN
    PERFORM coffer.in_time();
    UPDATE coffer.leases l SET ends_at = clock_timestamp() + life
        WHERE l.name = coffer_renew_lease.name AND l.token = coffer_renew_lease.token AND l.ends_at > clock_timestamp();
    RETURN FOUND;
END $$;

CREATE FUNCTION public.coffer_return_lease(name text, token bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
BEGIN
    UPDATE coffer.leases l SET ends_at = '-infinity' WHERE l.name = coffer_return_lease.name AND l.token = coffer_return_lease.token;
    RETURN FOUND;
END $$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128001100'
$$;

CALL coffer.keep_private();
