-- coffer_purchase sells what the buyer has seen: the item of that version, or of any where
-- it is 0, as servers from before leave it.
DROP FUNCTION public.coffer_purchase(jsonb, jsonb, text[], bigint, bigint, bigint);
CREATE FUNCTION public.coffer_purchase(request jsonb, buyer jsonb, roles text[], item bigint, quantity bigint, price bigint,
    version integer DEFAULT 0) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
DECLARE
    r coffer.request := jsonb_populate_record(NULL::coffer.request, request);
    who coffer.person := jsonb_populate_record(NULL::coffer.person, buyer);
    result jsonb := coffer.recall(r, 'purchase');
    g coffer.guilds;
    m coffer.members;
    i coffer.items;
    bought bigint;
    total bigint;
    posted bigint;
    number bigint;
    ends timestamptz;
    owned bigint;
BEGIN
    IF result IS NOT NULL THEN
        RETURN result;
    END IF;
    g := coffer.enter(r, ARRAY[who]);
    m := coffer.member(r.guild, who);
    SELECT * INTO i FROM coffer.items x WHERE x.id = item AND x.guild_id = r.guild FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM coffer.refuse('404', 'unknown_item');
    END IF;
    IF NOT coffer.on_sale(i, r.at) THEN
        PERFORM coffer.refuse('422', 'not_for_sale', CASE
            WHEN i.archived THEN '{}'
            WHEN i.opens > r.at THEN jsonb_build_object('from', coffer.instant(i.opens))
            ELSE jsonb_build_object('until', coffer.instant(i.closes)) END);
    END IF;
    IF version <> 0 AND i.version <> version THEN
        PERFORM coffer.refuse('409', 'item_changed',
            jsonb_build_object('item', coffer.item(i), 'balance', m.balance, 'currency', coffer.currency(g)));
    END IF;
    IF i.price <> price THEN
        PERFORM coffer.refuse('409', 'price_changed', jsonb_build_object('price', i.price));
    END IF;
    IF i.required_role <> '' AND NOT coalesce(i.required_role = ANY (roles), false) THEN
        PERFORM coffer.refuse('422', 'role_required', jsonb_build_object('role', i.required_role));
    END IF;
    IF i.member_limit > 0 THEN
        bought := coffer.bought(m.id, i.id);
        IF bought + quantity > i.member_limit THEN
            PERFORM coffer.refuse('422', 'member_limit', jsonb_build_object('limit', i.member_limit, 'bought', bought));
        END IF;
    END IF;
    IF i.stock < quantity THEN
        PERFORM coffer.refuse('422', 'sold_out', jsonb_build_object('left', i.stock));
    END IF;
    IF m.balance < i.minimum_balance THEN
        PERFORM coffer.refuse('422', 'minimum_balance',
            jsonb_build_object('minimum', i.minimum_balance, 'balance', m.balance, 'currency', coffer.currency(g)));
    END IF;
    total := i.price * quantity;
    IF total NOT BETWEEN 1 AND coffer.max_movement() THEN
        PERFORM coffer.refuse('422', 'amount_range');
    END IF;
    IF total > m.balance THEN
        PERFORM coffer.refuse('422', 'insufficient_funds',
            jsonb_build_object('balance', m.balance, 'currency', coffer.currency(g)));
    END IF;

    UPDATE coffer.items x SET stock = x.stock - quantity, sold = x.sold + quantity WHERE x.id = i.id;
    posted := coffer.post(r.guild, 'purchase', m.id, i.name, NULL, r.at,
        ARRAY[coffer.system_account(r.guild, 'shop'), m.id], ARRAY[total, -total]);
    INSERT INTO coffer.purchases (guild_id, member_id, item_id, name, quantity, total, transaction_id, created_at)
        VALUES (r.guild, m.id, i.id, i.name, quantity, total, posted, r.at) RETURNING id INTO number;
    INSERT INTO coffer.inventory AS v (member_id, item_id, quantity) VALUES (m.id, i.id, quantity)
        ON CONFLICT (member_id, item_id) DO UPDATE SET quantity = v.quantity + excluded.quantity
        RETURNING v.quantity INTO owned;
    IF i.role <> '' THEN
        ends := coffer.entitle(number, i.role, i.role_hours * quantity, r.at);
    END IF;
    RETURN coffer.remember(r, 'purchase', posted, jsonb_strip_nulls(jsonb_build_object(
        'purchase', number,
        'transaction', posted,
        'item', i.id,
        'name', i.name,
        'quantity', quantity,
        'total', total,
        'balance', m.balance - total,
        'owned', owned,
        'role', i.role,
        'role_until', coffer.instant(ends),
        'currency', coffer.currency(g))));
END $$;

-- coffer_item_names leaves out what is archived, which may be more than a list holds. Its
-- argument archived asks for what else is not on sale; servers from before dropped the
-- archived ones themselves.
CREATE OR REPLACE FUNCTION public.coffer_item_names(guild text, folded text, archived boolean, owner text, at timestamptz, size integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', n.id, 'name', n.name, 'price', n.price, 'archived', n.archived, 'owned', n.owned) ORDER BY n.place), '[]')
    FROM (SELECT i.id, i.name, i.price, i.archived, coalesce(v.quantity, 0) AS owned,
            row_number() OVER (ORDER BY NOT starts_with(i.folded, coffer_item_names.folded), i.folded, i.id) AS place
        FROM coffer.items i
            LEFT JOIN coffer.members m ON m.guild_id = guild AND m.user_id = owner
            LEFT JOIN coffer.inventory v ON v.member_id = m.id AND v.item_id = i.id
        WHERE i.guild_id = guild AND strpos(i.folded, coffer_item_names.folded) > 0
            AND CASE WHEN owner IS NOT NULL THEN v.quantity > 0
                ELSE coffer_item_names.archived AND NOT i.archived OR coffer.on_sale(i, at) END
        ORDER BY place LIMIT size) n
$$;

CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET jit = off SET statement_timeout = '4s' AS $$
    SELECT '20261128001900'
$$;

CALL coffer.keep_private();
