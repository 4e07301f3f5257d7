-- What admins see and do of members and money, from the dashboard. The reads create
-- nobody. Where rows of a guild go on behind a place, guild and place are named as one
-- value, that no other index may serve.

CREATE FUNCTION public.coffer_guilds(only_of text[], after text, size integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'members', g.members, 'currency', coffer.currency(g)) ORDER BY g.id), '[]')
    FROM (SELECT * FROM coffer.guilds x WHERE x.id > after AND (only_of IS NULL OR x.id = ANY (only_of)) ORDER BY x.id LIMIT size) g
$$;

-- member_line is a member in a list: what a day makes of his streak is for the server
-- to say.
CREATE FUNCTION coffer.member_line(m coffer.members) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', m.id, 'user', coalesce(m.user_id, ''), 'name', coalesce(m.name, ''), 'balance', m.balance,
        'streak', m.streak, 'last_daily', m.last_daily, 'created', coffer.instant(m.created_at))
$$;

-- coffer_members returns those behind a place: a number, with a balance or a name. Of
-- equal balances there may be very many, so those behind the place are a range of their
-- own. last is the last text that begins with what is looked for, as names are compared.
CREATE FUNCTION public.coffer_members(guild text, sort text, search text, last text, place bigint, balance bigint, folded text, size integer)
    RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s'
SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    found coffer.members[];
BEGIN
    CASE sort
    WHEN '-balance' THEN
        found := ARRAY(SELECT q.m FROM (
            (SELECT x AS m, x.balance, x.folded, x.id FROM coffer.members x WHERE x.guild_id = guild AND x.user_id IS NOT NULL
                AND x.balance = coffer_members.balance AND x.id > place ORDER BY x.id LIMIT size)
            UNION ALL
            (SELECT x, x.balance, x.folded, x.id FROM coffer.members x WHERE x.guild_id = guild AND x.user_id IS NOT NULL
                AND x.balance < coffer_members.balance ORDER BY x.balance DESC, x.id LIMIT size)) q
            ORDER BY q.balance DESC, q.id LIMIT size);
    WHEN 'balance' THEN
        found := ARRAY(SELECT q.m FROM (
            (SELECT x AS m, x.balance, x.folded, x.id FROM coffer.members x WHERE x.guild_id = guild AND x.user_id IS NOT NULL
                AND x.balance = coffer_members.balance AND x.id < place ORDER BY x.id DESC LIMIT size)
            UNION ALL
            (SELECT x, x.balance, x.folded, x.id FROM coffer.members x WHERE x.guild_id = guild AND x.user_id IS NOT NULL
                AND x.balance > coffer_members.balance ORDER BY x.balance, x.id DESC LIMIT size)) q
            ORDER BY q.balance, q.id DESC LIMIT size);
    WHEN 'name' THEN
        found := ARRAY(SELECT q.m FROM (
            (SELECT x AS m, x.balance, x.folded, x.id FROM coffer.members x WHERE x.user_id IS NOT NULL
                AND (x.guild_id, x.folded, x.id) > (guild, greatest(coffer_members.folded, search),
                    CASE WHEN coffer_members.folded < search THEN 0 ELSE place END)
                AND (x.guild_id, x.folded) <= (guild, last)
                ORDER BY x.guild_id, x.folded, x.id LIMIT size)
            UNION
            (SELECT x, x.balance, x.folded, x.id FROM coffer.members x WHERE x.guild_id = guild AND x.user_id = search
                AND (x.folded, x.id) > (coffer_members.folded, place))) q
            ORDER BY q.folded, q.id LIMIT size);
    WHEN '-created' THEN
        found := ARRAY(SELECT x FROM coffer.members x WHERE x.user_id IS NOT NULL
            AND (x.guild_id, x.id) < (guild, place) AND (x.guild_id, x.id) > (guild, 0)
            ORDER BY x.guild_id DESC, x.id DESC LIMIT size);
    ELSE
        found := ARRAY(SELECT x FROM coffer.members x WHERE x.user_id IS NOT NULL
            AND (x.guild_id, x.id) > (guild, place) AND (x.guild_id, x.id) < (guild, 9223372036854775807)
            ORDER BY x.guild_id, x.id LIMIT size);
    END CASE;
    RETURN (SELECT jsonb_build_object('zone', g.time_zone, 'grace', g.grace,
            'members', (SELECT coalesce(jsonb_agg(coffer.member_line(found[n]) ORDER BY n), '[]') FROM generate_subscripts(found, 1) n))
        FROM coffer.guilds g WHERE g.id = guild);
END $$;

-- ledger_record is a transaction as it is shown.
CREATE FUNCTION coffer.ledger_record(t coffer.transactions) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', t.id, 'kind', t.kind, 'actor', coalesce(coffer.actor(t.actor_id), '{"kind": "system"}'), 'note', coalesce(t.note, ''),
        'at', coffer.instant(t.created_at), 'reverses', coalesce(t.reverses, 0),
        'reversed_by', coalesce((SELECT r.id FROM coffer.transactions r WHERE r.reverses = t.id), 0),
        'entries', (SELECT jsonb_agg(jsonb_build_object('account', coffer.actor(e.account_id), 'system', coalesce(a.system, ''),
                'amount', e.amount, 'balance', coalesce(e.balance, 0)) ORDER BY e.amount, e.account_id)
            FROM coffer.entries e JOIN coffer.accounts a ON a.id = e.account_id WHERE e.transaction_id = t.id))
$$;

-- transactions_of returns those of a member, picked from the next that he has, of which
-- at most so many are looked at.
CREATE FUNCTION coffer.transactions_of(guild text, member bigint, kind text, since timestamptz, until timestamptz, before bigint,
    size integer, most integer) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    x record;
    ids bigint[] := '{}';
    looked integer := 0;
    next bigint;
    last bigint;
BEGIN
    FOR x IN SELECT e.transaction_id AS id, (transactions_of.kind = '' OR t.kind = transactions_of.kind) AND (since IS NULL OR t.created_at >= since)
            AND (until IS NULL OR t.created_at < until) AS fits
        FROM (SELECT y.transaction_id FROM coffer.entries y WHERE y.account_id = member AND y.transaction_id < before
                ORDER BY y.transaction_id DESC LIMIT most + 1) e
            JOIN coffer.transactions t ON t.id = e.transaction_id AND t.guild_id = guild
        ORDER BY e.transaction_id DESC
    LOOP
        IF cardinality(ids) = size OR looked = most THEN
            next := last;
            EXIT;
        END IF;
        looked := looked + 1;
        last := x.id;
        IF x.fits THEN
            ids := ids || x.id;
        END IF;
    END LOOP;
    RETURN jsonb_build_object('next', next, 'transactions', (SELECT coalesce(jsonb_agg(coffer.ledger_record(t) ORDER BY t.id DESC), '[]')
        FROM coffer.transactions t WHERE t.id = ANY (ids)));
END $$;

-- coffer_transactions returns a page of all, behind a time and a number (null: the
-- newest), or of a member, behind a number.
CREATE FUNCTION public.coffer_transactions(guild text, member bigint, kind text, since timestamptz, until timestamptz,
    behind timestamptz, place bigint, size integer, most integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s'
SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    found coffer.transactions[];
BEGIN
    IF member <> 0 THEN
        IF NOT EXISTS (SELECT FROM coffer.accounts a WHERE a.id = member AND a.guild_id = guild) THEN
            RETURN '{"transactions": []}';
        END IF;
        RETURN coffer.transactions_of(guild, member, kind, since, until, place, size, most);
    END IF;
    IF behind IS NULL OR behind >= until THEN
        behind := coalesce(until, 'infinity');
        place := 0;
    END IF;
    since := coalesce(since, '-infinity');
    IF kind = '' THEN
        found := ARRAY(SELECT t FROM coffer.transactions t
            WHERE (t.guild_id, t.created_at, t.id) < (guild, behind, place) AND (t.guild_id, t.created_at) >= (guild, since)
            ORDER BY t.guild_id DESC, t.created_at DESC, t.id DESC LIMIT size + 1);
    ELSE
        found := ARRAY(SELECT t FROM coffer.transactions t
            WHERE (t.guild_id, t.kind, t.created_at, t.id) < (guild, coffer_transactions.kind, behind, place)
                AND (t.guild_id, t.kind, t.created_at) >= (guild, coffer_transactions.kind, since)
            ORDER BY t.guild_id DESC, t.kind DESC, t.created_at DESC, t.id DESC LIMIT size + 1);
    END IF;
    RETURN jsonb_build_object('more', cardinality(found) > size, 'transactions',
        (SELECT coalesce(jsonb_agg(coffer.ledger_record(found[n]) ORDER BY n), '[]') FROM generate_series(1, least(size, cardinality(found))) n));
END $$;

-- coffer_transaction returns null where there is none.
CREATE FUNCTION public.coffer_transaction(guild text, transaction bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coffer.ledger_record(t) FROM coffer.transactions t WHERE t.id = transaction AND t.guild_id = guild
$$;

-- works are claims of a member, the newest of them, as they stand at a time.
CREATE FUNCTION coffer.works(member bigint, size integer, at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(coffer.claim(c, t, at) ORDER BY (c).id DESC), '[]')
    FROM (SELECT x AS c, y AS t FROM coffer.claims x JOIN coffer.tasks y ON y.id = x.task_id
        WHERE x.member_id = member ORDER BY x.id DESC LIMIT size) w
$$;

-- coffer_member returns null where there is none.
CREATE FUNCTION public.coffer_member(guild text, member bigint, at timestamptz, goods integer, claims integer, history integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT jsonb_build_object(
        'member', coffer.member_line(m),
        'standing', coffer.wallet(guild, m.user_id),
        'goods', coffer.inventory(guild, m.user_id, 0, goods),
        'claims', coffer.works(m.id, claims, at),
        'history', coffer.transactions_of(guild, m.id, '', NULL, NULL, 9223372036854775807, history, history))
    FROM coffer.members m WHERE m.id = member AND m.guild_id = guild AND m.user_id IS NOT NULL
$$;

-- coffer_record returns null where there is no such member.
CREATE FUNCTION public.coffer_record(guild text, member bigint, at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '30s' AS $$
    SELECT jsonb_build_object(
        'member', coffer.member_line(m), 'zone', g.time_zone, 'grace', g.grace,
        'goods', (SELECT coalesce(jsonb_agg(jsonb_build_object('item', i.id, 'name', i.name, 'owned', v.quantity,
                'used', (SELECT count(*) FROM coffer.uses u WHERE u.member_id = m.id AND u.item_id = i.id)) ORDER BY i.id), '[]')
            FROM coffer.inventory v JOIN coffer.items i ON i.id = v.item_id WHERE v.member_id = m.id),
        'purchases', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'item', p.item_id, 'name', p.name, 'quantity', p.quantity,
                'total', p.total, 'transaction', p.transaction_id, 'refund', coalesce(p.refund_id, 0), 'at', coffer.instant(p.created_at))
                ORDER BY p.id), '[]')
            FROM coffer.purchases p WHERE p.member_id = m.id),
        'entitlements', (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('purchase', e.purchase_id, 'role', e.role,
                'until', coffer.instant(e.ends), 'ended', coffer.instant(e.ended_at), 'granted', e.granted)) ORDER BY e.purchase_id), '[]')
            FROM coffer.purchases p JOIN coffer.entitlements e ON e.purchase_id = p.id WHERE p.member_id = m.id),
        'claims', coffer.works(m.id, NULL, at),
        'submissions', (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', s.id, 'claim', s.claim_id, 'try', s.try,
                'text', coalesce(s.words, ''), 'image', coalesce(s.image ->> 'url', ''), 'state', s.state, 'percent', s.percent,
                'paid', s.paid, 'reason', s.reason, 'at', coffer.instant(s.created_at), 'reviewed', coffer.instant(s.reviewed_at)))
                ORDER BY s.id), '[]')
            FROM coffer.submissions s WHERE s.member_id = m.id),
        'deliveries', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'kind', d.kind, 'state', d.state, 'role', coalesce(d.role, ''),
                'notice', coalesce(d.notice, ''), 'at', coffer.instant(d.created_at)) ORDER BY d.id), '[]')
            FROM coffer.deliveries d WHERE d.member_id = m.id),
        'reviews', (SELECT coalesce(jsonb_agg(s.id ORDER BY s.id), '[]') FROM coffer.submissions s WHERE s.reviewer_id = m.id))
    FROM coffer.members m JOIN coffer.guilds g ON g.id = m.guild_id
    WHERE m.id = member AND m.guild_id = guild AND m.user_id IS NOT NULL
$$;

-- A row of a list of adjustments, with what it comes to and the numbers that it gets.
CREATE TYPE coffer.bulk_row AS (n bigint, known boolean, member bigint, "user" text, name text, folded text, before bigint, change bigint,
    code text, opening bigint, transaction bigint);

-- on_list returns the numbers of members by their Discord ids, or of those numbers that
-- are members'; null for others.
CREATE FUNCTION coffer.on_list(guild text, members bigint[], users text[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF users IS NULL THEN
        RETURN ARRAY(SELECT m.id FROM unnest(members) WITH ORDINALITY AS l(id, n)
            LEFT JOIN coffer.members m ON m.id = l.id AND m.guild_id = guild AND m.user_id IS NOT NULL ORDER BY l.n);
    END IF;
    RETURN ARRAY(SELECT m.id FROM unnest(users) WITH ORDINALITY AS l("user", n)
        LEFT JOIN coffer.members m ON m.guild_id = guild AND m.user_id = l."user" ORDER BY l.n);
END $$;

-- weigh returns the rows of a list with what each does, to the members who are on it
-- (null: is not known) behind their locks.
CREATE FUNCTION coffer.weigh(g coffer.guilds, kind text, known bigint[], members bigint[], users text[], names text[], folded text[],
    amounts bigint[]) RETURNS coffer.bulk_row[]
LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT (r.n, r.known, r.member, r."user", r.name, r.folded, r.before, r.change,
            CASE WHEN NOT r.known AND r."user" IS NULL THEN 'unknown_member'
                WHEN r.before + r.change < 0 THEN 'insufficient_funds'
                WHEN r.change > coffer.room(g, r.before) THEN 'wallet_full'
                WHEN abs(r.change) > coffer.max_movement() THEN 'amount_range' END, NULL, NULL)::coffer.bulk_row
        FROM (SELECT b.*, CASE kind WHEN 'take' THEN -b.amount WHEN 'set' THEN b.amount - b.before ELSE b.amount END AS change
            FROM (SELECT l.n, l.known IS NOT NULL AS known, coalesce(l.known, l.member, 0) AS member, l."user", l.name, l.folded, l.amount,
                    CASE WHEN l.known IS NOT NULL THEN m.balance WHEN l."user" IS NOT NULL THEN g.starting_balance ELSE 0 END AS before
                FROM unnest(known, members, users, names, folded, amounts) WITH ORDINALITY AS l(known, member, "user", name, folded, amount, n)
                    LEFT JOIN coffer.members m ON m.id = l.known) b) r
        ORDER BY r.n)
$$;

-- weighed is what a list comes to: the first changes and refusals, and sums of all.
CREATE FUNCTION coffer.weighed(list coffer.bulk_row[], changes integer, refusals integer) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'applied', false,
        'count', count(*) FILTER (WHERE r.code IS NULL AND r.change <> 0),
        'minted', coalesce(sum(r.change) FILTER (WHERE r.code IS NULL AND r.change > 0), 0),
        'burned', coalesce(-sum(r.change) FILTER (WHERE r.code IS NULL AND r.change < 0), 0),
        'created', count(*) FILTER (WHERE NOT r.known AND r."user" IS NOT NULL),
        'changes', coalesce((SELECT jsonb_agg(jsonb_build_object('row', c.n - 1, 'member', c.member, 'before', c.before,
                'after', c.before + c.change, 'transaction', coalesce(c.transaction, 0)) ORDER BY c.n)
            FROM (SELECT * FROM unnest(list) x WHERE x.code IS NULL ORDER BY x.n LIMIT changes) c), '[]'),
        'refused', coalesce((SELECT jsonb_agg(jsonb_build_object('row', c.n - 1, 'member', c.member, 'code', c.code, 'balance', c.before)
                ORDER BY c.n)
            FROM (SELECT * FROM unnest(list) x WHERE x.code IS NOT NULL ORDER BY x.n LIMIT refusals) c), '[]'))
    FROM unnest(list) r
$$;

-- apply does what the numbered rows of a list come to: for strangers their arrival, and
-- the names that are told.
CREATE FUNCTION coffer.apply(guild text, kind text, actor bigint, reason text, list coffer.bulk_row[], at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    mint CONSTANT bigint := coffer.system_account(guild, 'mint');
    burn CONSTANT bigint := coffer.system_account(guild, 'burn');
BEGIN
    INSERT INTO coffer.accounts (id, guild_id) SELECT r.member, guild FROM unnest(list) r WHERE NOT r.known;
    INSERT INTO coffer.members (id, guild_id, user_id, name, folded, balance, created_at)
        SELECT r.member, guild, r."user", r.name, r.folded, r.before + r.change, at FROM unnest(list) r WHERE NOT r.known;
    UPDATE coffer.guilds g SET members = g.members + n.new
        FROM (SELECT count(*) AS new FROM unnest(list) r WHERE NOT r.known) n WHERE g.id = guild AND n.new > 0;
    UPDATE coffer.members m SET balance = m.balance + r.change,
            name = CASE WHEN r.name <> '' THEN r.name ELSE m.name END, folded = CASE WHEN r.name <> '' THEN r.folded ELSE m.folded END
        FROM unnest(list) r WHERE m.id = r.member AND r.known AND (r.change <> 0 OR r.name <> '' AND m.name IS DISTINCT FROM r.name);
    INSERT INTO coffer.transactions (id, guild_id, kind, actor_id, note, created_at)
        SELECT t.id, guild, t.kind, t.actor, t.note, at
        FROM unnest(list) r CROSS JOIN LATERAL (VALUES
            (r.opening, 'opening', NULL::bigint, NULL::text), (r.transaction, apply.kind, actor, nullif(reason, ''))) t(id, kind, actor, note)
        WHERE t.id IS NOT NULL ORDER BY t.id;
    INSERT INTO coffer.entries (account_id, transaction_id, amount, balance)
        SELECT e.account, e.transaction, e.amount, e.balance
        FROM unnest(list) r CROSS JOIN LATERAL (VALUES
            (mint, r.opening, -r.before, NULL::bigint),
            (r.member, r.opening, r.before, r.before),
            (CASE WHEN r.change > 0 THEN mint ELSE burn END, r.transaction, -r.change, NULL),
            (r.member, r.transaction, r.change, r.before + r.change)) e(account, transaction, amount, balance)
        WHERE e.transaction IS NOT NULL ORDER BY e.transaction, e.account;
    INSERT INTO coffer.events (guild_id, actor_id, kind, subject, transaction_id, before, after, at)
        SELECT guild, e.actor, e.kind, e.subject, e.transaction,
            CASE WHEN e.step > 1 THEN jsonb_build_object('balances', jsonb_build_object(r.member, e.before)) END,
            CASE WHEN e.step > 1 THEN jsonb_build_object('balances', jsonb_build_object(r.member, e.after)) END, at
        FROM unnest(list) r CROSS JOIN LATERAL (VALUES
            (1, 'member.created', NULL::bigint, 'member:' || r.member, NULL::bigint, NULL::bigint, NULL::bigint),
            (2, 'opening', NULL, 'transaction:' || r.opening, r.opening, 0, r.before),
            (3, apply.kind, actor, 'transaction:' || r.transaction, r.transaction, r.before, r.before + r.change))
            e(step, kind, actor, subject, transaction, before, after)
        WHERE CASE e.step WHEN 1 THEN NOT r.known ELSE e.transaction IS NOT NULL END
        ORDER BY r.n, e.step;
END $$;

-- coffer_adjust_many does a list of adjustments: of members by their numbers, or (users
-- is not null) by their Discord ids. The guild's lock keeps strangers from joining in
-- the meantime. What is refused, or dry, is found out before anything is written, and
-- what was met for it is forgotten.
CREATE FUNCTION public.coffer_adjust_many(request jsonb, admin jsonb, kind text, reason text, members bigint[], users text[], names text[],
    folded text[], amounts bigint[], dry boolean, changes integer, refusals integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '10s' SET statement_timeout = '60s' AS $$
DECLARE
    r coffer.request := jsonb_populate_record(NULL::coffer.request, request);
    actor coffer.person := jsonb_populate_record(NULL::coffer.person, admin);
    result jsonb := CASE WHEN NOT dry THEN coffer.recall(r, 'adjust.many') END;
    g coffer.guilds;
    known bigint[];
    list coffer.bulk_row[];
BEGIN
    IF result IS NOT NULL THEN
        RETURN result;
    END IF;
    BEGIN
        PERFORM coffer.meet(r.guild, r.at, VARIADIC CASE WHEN NOT dry THEN ARRAY[actor] ELSE '{}' END);
        IF users IS NOT NULL AND NOT dry THEN
            PERFORM FROM coffer.guilds x WHERE x.id = r.guild FOR NO KEY UPDATE;
        END IF;
        known := coffer.on_list(r.guild, members, users);
        IF NOT dry THEN
            PERFORM FROM coffer.members m WHERE m.id = ANY (known) ORDER BY m.id FOR NO KEY UPDATE;
            known := coffer.on_list(r.guild, members, users); -- somebody may have been erased
        END IF;
        SELECT * INTO g FROM coffer.guilds x WHERE x.id = r.guild;
        list := coffer.weigh(g, kind, known, members, users, names, folded, amounts);
        result := coffer.weighed(list, changes, refusals);
        IF dry OR result -> 'refused' <> '[]' THEN
            RAISE EXCEPTION USING ERRCODE = 'CF001', MESSAGE = 'not applied';
        END IF;
    EXCEPTION WHEN SQLSTATE 'CF001' THEN
        RETURN result;
    END;
    PERFORM coffer.enter(r, ARRAY[actor]);
    list := ARRAY(SELECT (x.n, x.known, CASE WHEN x.known THEN x.member ELSE nextval('coffer.accounts_id_seq') END, x."user", x.name, x.folded,
            x.before, x.change, x.code, CASE WHEN NOT x.known AND x.before > 0 THEN nextval('coffer.transactions_id_seq') END,
            CASE WHEN x.change <> 0 THEN nextval('coffer.transactions_id_seq') END)::coffer.bulk_row FROM unnest(list) x);
    PERFORM coffer.apply(r.guild, kind, coffer.account(r.guild, actor), reason, list, r.at);
    RETURN coffer.remember(r, 'adjust.many', NULL, (coffer.weighed(list, changes, refusals) || '{"applied": true}') - 'refused');
END $$;

-- coffer_erase holds the member, then the tasks of his claims, and then what belongs to
-- these.
CREATE FUNCTION public.coffer_erase(request jsonb, admin jsonb, member bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '30s' AS $$
DECLARE
    r coffer.request := jsonb_populate_record(NULL::coffer.request, request);
    who coffer.person := jsonb_populate_record(NULL::coffer.person, admin);
    result jsonb := coffer.recall(r, 'erase');
    actor bigint;
    m coffer.members;
    c coffer.claims;
    t coffer.tasks;
    e coffer.entitlements;
    posted bigint;
BEGIN
    IF result IS NOT NULL THEN
        RETURN result;
    END IF;
    SELECT * INTO m FROM coffer.members x WHERE x.id = member AND x.guild_id = r.guild AND x.user_id IS NOT NULL;
    IF NOT FOUND THEN
        PERFORM coffer.refuse('404', 'unknown_member');
    END IF;
    PERFORM coffer.enter(r, ARRAY[who], ARRAY[m.id]);
    actor := coffer.account(r.guild, who);
    SELECT * INTO m FROM coffer.members x WHERE x.id = m.id; -- behind his lock
    IF m.user_id IS NULL THEN
        PERFORM coffer.refuse('404', 'unknown_member');
    END IF;
    IF m.balance > 0 THEN
        posted := coffer.post(r.guild, 'take', actor, NULL, NULL, r.at, ARRAY[m.id, coffer.system_account(r.guild, 'burn')],
            ARRAY[-m.balance, m.balance]);
    END IF;
    PERFORM FROM coffer.tasks x WHERE x.id IN (SELECT y.task_id FROM coffer.claims y WHERE y.member_id = m.id
        AND y.state IN ('claimed', 'submitted', 'rejected')) ORDER BY x.id FOR NO KEY UPDATE;
    FOR c IN SELECT * FROM coffer.claims x WHERE x.member_id = m.id AND x.state IN ('claimed', 'submitted', 'rejected') ORDER BY x.id LOOP
        SELECT * INTO t FROM coffer.tasks x WHERE x.id = c.task_id;
        IF c.state = 'submitted' THEN
            UPDATE coffer.submissions s SET state = 'refused', reviewed_at = r.at WHERE s.claim_id = c.id AND s.state = 'waiting';
            c := coffer.turn(c, 'rejected', actor, r.at);
        END IF;
        c := coffer.turn(c, 'dropped', actor, r.at);
        IF t.places > 0 THEN
            PERFORM coffer.show_task(t, r.at);
        END IF;
    END LOOP;
    FOR e IN SELECT * FROM coffer.entitlements x WHERE x.member_id = m.id AND x.ended_at IS NULL ORDER BY x.purchase_id LOOP
        UPDATE coffer.entitlements x SET ended_at = r.at WHERE x.purchase_id = e.purchase_id;
        PERFORM coffer.deliver_role(r.guild, m.id, e.role, r.at);
    END LOOP;
    UPDATE coffer.deliveries d SET user_id = m.user_id WHERE d.member_id = m.id AND d.kind = 'role' AND d.state <> 'done';
    PERFORM coffer.blank(m);
    PERFORM coffer.show(r.guild, 'submission:' || s.id, r.at) FROM (
        SELECT x.id FROM coffer.submissions x WHERE x.member_id = m.id
        UNION SELECT x.id FROM coffer.submissions x WHERE x.reviewer_id = m.id ORDER BY 1) s;
    PERFORM coffer.tell(r.guild, actor, 'member.erased', 'member:' || m.id, NULL, NULL, NULL, r.at);
    RETURN coffer.remember(r, 'erase', posted, jsonb_build_object('transaction', coalesce(posted, 0), 'burned', m.balance));
END $$;

-- blank removes all that tells who a member is, also from the results of requests that
-- are remembered.
CREATE FUNCTION coffer.blank(m coffer.members) RETURNS void
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

-- coffer_rules are the settings of a guild with who changed them last and when; null for
-- an unknown guild.
CREATE FUNCTION public.coffer_rules(guild text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('settings', coffer.settings(g), 'version', g.version,
        'changed_by', coffer.actor(g.changed_by), 'changed_at', coffer.instant(g.changed_at)))
    FROM coffer.guilds g WHERE g.id = guild
$$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261127000300'
$$;

CALL coffer.keep_private();
