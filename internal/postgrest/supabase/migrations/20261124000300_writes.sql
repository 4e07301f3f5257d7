-- The writes, each one transaction. A request that was made before returns its
-- stored result, and does nothing.

CREATE FUNCTION public.coffer_claim_daily(request jsonb, member jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
DECLARE
    r coffer.request := jsonb_populate_record(NULL::coffer.request, request);
    who coffer.person := jsonb_populate_record(NULL::coffer.person, member);
    result jsonb := coffer.recall(r, 'daily');
    g coffer.guilds;
    m coffer.members;
    today integer;
    length integer;
    reward bigint;
    posted bigint;
BEGIN
    IF result IS NOT NULL THEN
        RETURN result;
    END IF;
    g := coffer.enter(r, ARRAY[who]);
    m := coffer.member(r.guild, who);
    today := coffer.day_of(r.at, g.time_zone);
    IF m.streak > 0 AND today <= m.last_daily THEN
        PERFORM coffer.refuse('422', 'already_claimed', jsonb_build_object('last', m.last_daily, 'zone', g.time_zone));
    END IF;
    length := CASE WHEN m.streak = 0 OR today - m.last_daily > 1 + g.grace THEN 1 ELSE m.streak + 1 END;
    reward := least(g.daily_amount + g.streak_bonus * least(length - 1, g.streak_cap), coffer.room(g, m.balance));
    IF reward = 0 THEN
        PERFORM coffer.refuse('422', 'wallet_full',
            jsonb_build_object('max', g.max_balance, 'balance', m.balance, 'currency', coffer.currency(g)));
    END IF;
    UPDATE coffer.members SET streak = length, last_daily = today WHERE id = m.id;
    posted := coffer.post(r.guild, 'daily', m.id, NULL, NULL, r.at,
        ARRAY[coffer.system_account(r.guild, 'mint'), m.id], ARRAY[-reward, reward]);
    RETURN coffer.remember(r, 'daily', posted, jsonb_build_object(
        'transaction', posted,
        'reward', reward,
        'bonus', reward - least(reward, g.daily_amount),
        'streak', length,
        'balance', m.balance + reward,
        'day', today,
        'zone', g.time_zone,
        'currency', coffer.currency(g)));
END $$;

CREATE FUNCTION public.coffer_transfer(request jsonb, payer jsonb, payee jsonb, share text, amount bigint, note text)
    RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
DECLARE
    r coffer.request := jsonb_populate_record(NULL::coffer.request, request);
    giver coffer.person := jsonb_populate_record(NULL::coffer.person, payer);
    taker coffer.person := jsonb_populate_record(NULL::coffer.person, payee);
    result jsonb := coffer.recall(r, 'transfer');
    g coffer.guilds;
    purse coffer.members;
    target coffer.members;
    moved bigint;
    posted bigint;
BEGIN
    IF result IS NOT NULL THEN
        RETURN result;
    END IF;
    g := coffer.enter(r, ARRAY[giver, taker]);
    purse := coffer.member(r.guild, giver);
    target := coffer.member(r.guild, taker);
    IF (share IN ('all', 'half') OR share = 'exact' AND amount IS NOT NULL) IS NOT TRUE THEN
        RAISE EXCEPTION 'a transfer of % %', share, amount;
    END IF;
    moved := CASE share WHEN 'all' THEN purse.balance WHEN 'half' THEN purse.balance / 2 ELSE amount END;
    IF moved > purse.balance OR moved < 1 AND share <> 'exact' THEN
        PERFORM coffer.refuse('422', 'insufficient_funds',
            jsonb_build_object('balance', purse.balance, 'currency', coffer.currency(g)));
    END IF;
    IF moved NOT BETWEEN 1 AND coffer.max_movement() THEN
        PERFORM coffer.refuse('422', 'amount_range');
    END IF;
    IF moved > coffer.room(g, target.balance) THEN
        PERFORM coffer.refuse('422', 'wallet_full',
            jsonb_build_object('max', g.max_balance, 'currency', coffer.currency(g)));
    END IF;
    posted := coffer.post(r.guild, 'transfer', purse.id, note, NULL, r.at,
        ARRAY[purse.id, target.id], ARRAY[-moved, moved]);
    RETURN coffer.remember(r, 'transfer', posted, jsonb_build_object(
        'transaction', posted,
        'amount', moved,
        'balance', purse.balance - moved,
        'currency', coffer.currency(g)));
END $$;

CREATE FUNCTION public.coffer_adjust(request jsonb, admin jsonb, member jsonb, kind text, amount bigint, reason text)
    RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
DECLARE
    r coffer.request := jsonb_populate_record(NULL::coffer.request, request);
    actor coffer.person := jsonb_populate_record(NULL::coffer.person, admin);
    who coffer.person := jsonb_populate_record(NULL::coffer.person, member);
    result jsonb := coffer.recall(r, 'adjust');
    g coffer.guilds;
    m coffer.members;
    change bigint;
    posted bigint;
BEGIN
    IF result IS NOT NULL THEN
        RETURN result;
    END IF;
    g := coffer.enter(r, ARRAY[actor, who]);
    m := coffer.member(r.guild, who);
    IF (kind IN ('give', 'take') AND amount BETWEEN 1 AND coffer.max_movement() OR kind = 'set' AND amount >= 0) IS NOT TRUE THEN
        RAISE EXCEPTION 'an adjustment of kind % by %', kind, amount;
    END IF;
    change := CASE kind WHEN 'take' THEN -amount WHEN 'set' THEN amount - m.balance ELSE amount END;
    IF m.balance + change < 0 THEN
        PERFORM coffer.refuse('422', 'insufficient_funds',
            jsonb_build_object('balance', m.balance, 'currency', coffer.currency(g)));
    END IF;
    IF change > coffer.room(g, m.balance) THEN
        PERFORM coffer.refuse('422', 'wallet_full',
            jsonb_build_object('max', g.max_balance, 'balance', m.balance, 'currency', coffer.currency(g)));
    END IF;
    IF abs(change) > coffer.max_movement() THEN
        PERFORM coffer.refuse('422', 'amount_range');
    END IF;
    IF change <> 0 THEN
        posted := coffer.post(r.guild, kind, coffer.account(r.guild, actor), reason, NULL, r.at,
            ARRAY[coffer.system_account(r.guild, CASE WHEN change > 0 THEN 'mint' ELSE 'burn' END), m.id],
            ARRAY[-change, change]);
    END IF;
    RETURN coffer.remember(r, 'adjust', posted, jsonb_build_object(
        'transaction', coalesce(posted, 0),
        'before', m.balance,
        'after', m.balance + change,
        'currency', coffer.currency(g)));
END $$;

CREATE FUNCTION public.coffer_reverse(request jsonb, admin jsonb, transaction bigint, reason text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET jit = off SET lock_timeout = '3s' SET statement_timeout = '4s' AS $$
DECLARE
    r coffer.request := jsonb_populate_record(NULL::coffer.request, request);
    actor coffer.person := jsonb_populate_record(NULL::coffer.person, admin);
    result jsonb := coffer.recall(r, 'reverse');
    g coffer.guilds;
    original coffer.transactions;
    touched bigint[];
    amounts bigint[];
    reversal bigint;
    short coffer.members;
    posted bigint;
BEGIN
    IF result IS NOT NULL THEN
        RETURN result;
    END IF;
    SELECT * INTO original FROM coffer.transactions t WHERE t.id = transaction AND t.guild_id = r.guild;
    IF NOT FOUND THEN
        PERFORM coffer.refuse('404', 'unknown_transaction');
    END IF;
    IF original.kind IN ('reversal', 'refund') THEN
        PERFORM coffer.refuse('422', 'irreversible');
    END IF;
    IF original.kind = 'purchase' THEN
        PERFORM coffer.refuse('422', 'refund_instead'); -- the goods must come back
    END IF;
    SELECT array_agg(e.account_id ORDER BY e.account_id), array_agg(-e.amount ORDER BY e.account_id) INTO touched, amounts
        FROM coffer.entries e WHERE e.transaction_id = original.id;
    g := coffer.enter(r, ARRAY[actor], touched);
    SELECT t.id INTO reversal FROM coffer.transactions t WHERE t.reverses = original.id; -- behind the members' locks
    IF FOUND THEN
        PERFORM coffer.refuse('409', 'already_reversed', jsonb_build_object('by', reversal));
    END IF;
    IF EXISTS (SELECT FROM coffer.members m WHERE m.id = ANY (touched) AND m.user_id IS NULL) THEN
        PERFORM coffer.refuse('422', 'erased_member');
    END IF;
    SELECT m.* INTO short FROM unnest(touched, amounts) AS l(account, amount) JOIN coffer.members m ON m.id = l.account
        WHERE m.balance + l.amount < 0 ORDER BY m.id LIMIT 1;
    IF FOUND THEN
        PERFORM coffer.refuse('422', 'insufficient_funds', jsonb_build_object(
            'balance', short.balance, 'member', coalesce(short.user_id, ''), 'currency', coffer.currency(g)));
    END IF;
    posted := coffer.post(r.guild, 'reversal', coffer.account(r.guild, actor), reason, original.id, r.at, touched, amounts);
    RETURN coffer.remember(r, 'reverse', posted, jsonb_build_object(
        'transaction', posted,
        'original', original.id,
        'kind', original.kind,
        'legs', (SELECT jsonb_agg(jsonb_build_object(
                'member', coalesce(m.user_id, ''), 'change', e.amount, 'balance', e.balance) ORDER BY e.amount, m.id)
            FROM coffer.entries e JOIN coffer.members m ON m.id = e.account_id WHERE e.transaction_id = posted),
        'currency', coffer.currency(g)));
END $$;

-- coffer_change_settings takes the version that was looked at, 0 for any.
CREATE FUNCTION public.coffer_change_settings(request jsonb, admin jsonb, settings jsonb, version integer) RETURNS jsonb
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
            task_channel = after.task_channel, review_channel = after.review_channel, reviewer_role = after.reviewer_role
            WHERE g.id = r.guild;
        PERFORM coffer.tell(r.guild, coffer.account(r.guild, actor), 'settings.changed', 'guild', NULL,
            coffer.settings(before), coffer.settings(after), r.at);
    END IF;
    RETURN coffer.remember(r, 'settings', NULL, coffer.settings(after));
END $$;

CALL coffer.keep_private();
