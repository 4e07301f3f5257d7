package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
)

const microsPerDay = int64(24 * time.Hour / time.Microsecond)

// utcDay is the SQL for the day, in UTC, of a time in a column; division rounds towards 0.
func utcDay(at string) string {
	return "(" + at + " - ((" + at + " % 86400000000) + 86400000000) % 86400000000) / 86400000000"
}

// dayColumns are those of days behind the guild and the day.
const dayColumns = "minted, burned, spent, refunded, transactions, active_members, joined, erased, dailies, transfers, sales, rewards"

// counted counts the events of the guild ?1 behind the event ?2, at most ?3 of them, by
// days. A member is active on a day once: with the first of his events.
var counted = `
	WITH some AS MATERIALIZED (
		SELECT e.kind, e.actor_id, e.transaction_id, ` + utcDay("e.at") + ` AS day FROM events e
		WHERE e.guild_id = ?1 AND e.id > ?2 ORDER BY e.id LIMIT ?3
	), happened AS (
		SELECT day, count(transaction_id) AS transactions, sum(kind = 'member.created') AS joined, sum(kind = 'member.erased') AS erased,
			sum(kind = 'daily') AS dailies, sum(kind = 'transfer') AS transfers, sum(kind = 'purchase') AS sales, sum(kind = 'reward') AS rewards
		FROM some GROUP BY day
	), moved AS (
		SELECT s.day, sum(CASE WHEN a.system <> 'shop' AND e.amount < 0 THEN -e.amount ELSE 0 END) AS minted,
			sum(CASE WHEN a.system <> 'shop' AND e.amount > 0 THEN e.amount ELSE 0 END) AS burned,
			sum(CASE WHEN a.system = 'shop' AND e.amount > 0 THEN e.amount ELSE 0 END) AS spent,
			sum(CASE WHEN a.system = 'shop' AND e.amount < 0 THEN -e.amount ELSE 0 END) AS refunded
		FROM some s CROSS JOIN entries e ON e.transaction_id = s.transaction_id AND e.balance IS NULL CROSS JOIN accounts a ON a.id = e.account_id
		GROUP BY s.day
	), active AS (
		SELECT s.day, count(*) AS members FROM (SELECT DISTINCT day, actor_id FROM some WHERE actor_id IS NOT NULL) s
		WHERE EXISTS (SELECT 1 FROM members m WHERE m.id = s.actor_id)
			AND NOT EXISTS (SELECT 1 FROM events e WHERE e.guild_id = ?1 AND e.actor_id = s.actor_id
				AND e.at >= s.day * 86400000000 AND e.at < (s.day + 1) * 86400000000 AND e.id <= ?2)
		GROUP BY s.day
	)
	SELECT ?1 AS guild_id, h.day, coalesce(m.minted, 0) AS minted, coalesce(m.burned, 0) AS burned, coalesce(m.spent, 0) AS spent,
		coalesce(m.refunded, 0) AS refunded, h.transactions, coalesce(a.members, 0) AS active_members, h.joined, h.erased, h.dailies,
		h.transfers, h.sales, h.rewards
	FROM happened h LEFT JOIN moved m ON m.day = h.day LEFT JOIN active a ON a.day = h.day`

// Tally implements events.Statistics, a portion at a time, so that no write waits long.
func (s *Store) Tally(ctx context.Context) error {
	for {
		var guild string
		var last int64
		err := s.query(ctx, func(t *tx) error {
			return t.row(`SELECT coalesce(min(g.id), '') FROM guilds g LEFT JOIN tallies t ON t.guild_id = g.id
				WHERE EXISTS (SELECT 1 FROM events e WHERE e.guild_id = g.id AND e.id > coalesce(t.event_id, 0))`, nil, &guild)
		})
		if err != nil || guild == "" {
			return err
		}
		if err := s.write(ctx, func(t *tx) error {
			var from int64
			if err := t.row("SELECT coalesce(max(event_id), 0) FROM tallies WHERE guild_id = ?", []any{guild}, &from); err != nil {
				return err
			}
			if err := t.row(`SELECT coalesce(max(id), 0) FROM (SELECT id FROM events WHERE guild_id = ? AND id > ? ORDER BY id LIMIT ?)`,
				[]any{guild, from, events.Portion}, &last); err != nil || last == 0 {
				return err
			}
			if _, err := t.exec("INSERT INTO days (guild_id, day, "+dayColumns+") SELECT * FROM ("+counted+`) WHERE true
				ON CONFLICT (guild_id, day) DO UPDATE SET minted = minted + excluded.minted, burned = burned + excluded.burned,
					spent = spent + excluded.spent, refunded = refunded + excluded.refunded, transactions = transactions + excluded.transactions,
					active_members = active_members + excluded.active_members, joined = joined + excluded.joined,
					erased = erased + excluded.erased, dailies = dailies + excluded.dailies, transfers = transfers + excluded.transfers,
					sales = sales + excluded.sales, rewards = rewards + excluded.rewards`, guild, from, events.Portion); err != nil {
				return err
			}
			_, err := t.exec(`INSERT INTO tallies (guild_id, event_id, tallied_at) VALUES (?, ?, ?)
				ON CONFLICT (guild_id) DO UPDATE SET event_id = excluded.event_id, tallied_at = excluded.tallied_at`,
				guild, last, s.clock().UnixMicro())
			return err
		}); err != nil {
			return err
		}
	}
}

// Totals implements events.Statistics.
func (s *Store) Totals(ctx context.Context) (v events.Totals, err error) {
	err = s.query(ctx, func(t *tx) error {
		return t.row(`SELECT (SELECT count(*) FROM guilds), coalesce(sum(joined - erased), 0), coalesce(sum(minted), 0), coalesce(sum(burned), 0),
			coalesce(sum(spent), 0), coalesce(sum(refunded), 0), coalesce(sum(transactions), 0),
			(SELECT count(*) FROM deliveries WHERE state = 'waiting'),
			(SELECT count(*) FROM deliveries WHERE state <> 'done' AND state = 'failed') FROM days`, nil,
			&v.Guilds, &v.Members, &v.Minted, &v.Burned, &v.Spent, &v.Refunded, &v.Transactions, &v.DeliveriesWaiting, &v.DeliveriesFailed)
	})
	return v, err
}

// ranked ranks the members of the guild ?1 by what they earned or spent since ?2: by
// daily rewards and tasks, or in the shop, less what was taken back.
const ranked = `
	WITH sums AS MATERIALIZED (
		SELECT x.account_id, sum(CASE WHEN coalesce(o.kind, t.kind) <> 'purchase' THEN x.amount ELSE 0 END) AS earned,
			sum(CASE WHEN coalesce(o.kind, t.kind) = 'purchase' THEN -x.amount ELSE 0 END) AS spent
		FROM events e CROSS JOIN transactions t ON t.id = e.transaction_id LEFT JOIN transactions o ON o.id = t.reverses
			CROSS JOIN entries x ON x.transaction_id = t.id AND x.balance IS NOT NULL
		WHERE e.guild_id = ?1 AND e.at >= ?2 AND e.kind IN ('daily', 'reward', 'purchase', 'reversal', 'refund')
			AND coalesce(o.kind, t.kind) IN ('daily', 'reward', 'purchase')
		GROUP BY x.account_id
	)
	SELECT (SELECT json_group_array(json_array(account_id, earned)) FROM (
			SELECT account_id, earned FROM sums WHERE earned > 0 ORDER BY earned DESC, account_id LIMIT 10)),
		(SELECT json_group_array(json_array(account_id, spent)) FROM (
			SELECT account_id, spent FROM sums WHERE spent > 0 ORDER BY spent DESC, account_id LIMIT 10))`

// tops are the ranked members of a guild as they are kept.
type tops struct {
	since             int64
	earners, spenders string
}

func (t *tx) ranked(guild economy.GuildID, since int64) (top tops, err error) {
	top.since = since
	err = t.row(ranked, []any{string(guild), since}, &top.earners, &top.spenders)
	return top, err
}

// busy reports whether too much has happened since a time to be counted at each read.
func (t *tx) busy(guild economy.GuildID, since int64) (busy bool, err error) {
	err = t.row("SELECT count(*) > ?3 FROM (SELECT 1 FROM events WHERE guild_id = ?1 AND at >= ?2 LIMIT ?3 + 1)",
		[]any{string(guild), since, events.MaxLive}, &busy)
	return busy, err
}

// TakeTops implements events.Statistics. It ranks on snapshots, beside whoever writes.
func (s *Store) TakeTops(ctx context.Context, now time.Time) error {
	since := now.Add(-events.TopWindow).UnixMicro()
	var guilds []economy.GuildID
	if err := s.query(ctx, func(t *tx) error {
		return t.each("SELECT id FROM guilds", nil, func(rows *sql.Rows) error {
			var id economy.GuildID
			err := rows.Scan(&id)
			guilds = append(guilds, id)
			return err
		})
	}); err != nil {
		return err
	}
	taken := map[economy.GuildID]tops{}
	for _, guild := range guilds {
		if err := s.survey(ctx, func(t *tx) error {
			busy, err := t.busy(guild, since)
			if err == nil && busy {
				taken[guild], err = t.ranked(guild, since)
			}
			return err
		}); err != nil {
			return err
		}
	}
	return s.write(ctx, func(t *tx) error {
		if _, err := t.exec("DELETE FROM tops"); err != nil {
			return err
		}
		for guild, top := range taken {
			if _, err := t.exec("INSERT INTO tops (guild_id, since, earners, spenders) VALUES (?, ?, ?, ?)",
				string(guild), top.since, top.earners, top.spenders); err != nil {
				return err
			}
		}
		return nil
	})
}

// Stats implements events.Statistics.
func (s *Store) Stats(ctx context.Context, q events.StatsQuery) (stats events.Stats, err error) {
	err = s.read(ctx, func(t *tx) error {
		stats, err = t.stats(q)
		return err
	})
	return stats, err
}

func (t *tx) stats(q events.StatsQuery) (events.Stats, error) {
	stats := events.Stats{At: time.UnixMicro(q.At.UnixMicro()).UTC()}
	guild := string(q.Guild)
	var from, tallied, waiting int64
	if err := t.row(`SELECT coalesce(max(event_id), 0), coalesce(max(tallied_at), ?2),
		(SELECT count(*) FROM (SELECT 1 FROM events WHERE guild_id = ?1
			AND id > coalesce((SELECT event_id FROM tallies WHERE guild_id = ?1), 0) LIMIT ?3 + 1)) FROM tallies WHERE guild_id = ?1`,
		[]any{guild, q.At.UnixMicro(), events.MaxLive}, &from, &tallied, &waiting); err != nil {
		return stats, err
	}
	live := events.MaxLive
	if waiting > events.MaxLive {
		live, stats.At = 0, time.UnixMicro(tallied).UTC()
	}
	if err := t.days(&stats, q, from, live); err != nil {
		return stats, err
	}
	if err := t.row(`SELECT
		(SELECT count(*) FROM (SELECT 1 FROM submissions WHERE guild_id = ?1 AND state = 'waiting' LIMIT ?2)),
		(SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE guild_id = ?1 AND state <> 'done' AND state = 'failed' LIMIT ?2)),
		(SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE guild_id = ?1 AND state <> 'done' AND state = 'waiting' LIMIT ?2))`,
		[]any{guild, events.MaxWaiting},
		&stats.Waiting.Reviews, &stats.Waiting.DeliveriesFailed, &stats.Waiting.DeliveriesWaiting); err != nil {
		return stats, err
	}
	return stats, t.tops(&stats, q)
}

// days reads what was tallied and counts what came since.
func (t *tx) days(stats *events.Stats, q events.StatsQuery, from int64, live int) error {
	n := min(max(q.Days, 1), events.MaxDays)
	first := events.Beginning(q.At, n)
	days := map[int64]*events.Day{}
	err := t.each("SELECT day, "+dayColumns+" FROM days WHERE guild_id = ?1 UNION ALL SELECT day, "+dayColumns+" FROM ("+counted+")",
		[]any{string(q.Guild), from, live}, func(rows *sql.Rows) error {
			var day int64
			var c events.Counts
			if err := rows.Scan(&day, &c.Minted, &c.Burned, &c.Spent, &c.Refunded, &c.Transactions, &c.ActiveMembers, &c.Joined,
				&c.Erased, &c.Dailies, &c.Transfers, &c.Sales, &c.Rewards); err != nil {
				return err
			}
			stats.Members += c.Joined - c.Erased
			stats.Circulation += c.Minted - c.Burned - c.Spent + c.Refunded
			if days[day] == nil {
				days[day] = &events.Day{Date: time.UnixMicro(day * microsPerDay).UTC()}
			}
			days[day].Add(c)
			return nil
		})
	var found []events.Day
	for _, d := range days {
		found = append(found, *d)
	}
	stats.Days = events.Filled(first, n, found)
	return err
}

// tops reads or counts who earned and spent the most.
func (t *tx) tops(stats *events.Stats, q events.StatsQuery) error {
	top := tops{since: q.At.Add(-events.TopWindow).UnixMicro(), earners: "[]", spenders: "[]"}
	busy, err := t.busy(q.Guild, top.since)
	switch {
	case err != nil:
		return err
	case !busy:
		top, err = t.ranked(q.Guild, top.since)
	default:
		err = t.row("SELECT count(*) = 0, coalesce(max(since), ?2), coalesce(max(earners), '[]'), coalesce(max(spenders), '[]') FROM tops WHERE guild_id = ?1",
			[]any{string(q.Guild), top.since}, &stats.TopsUncounted, &top.since, &top.earners, &top.spenders)
	}
	if err != nil {
		return err
	}
	stats.TopsSince = time.UnixMicro(top.since).UTC()
	if stats.TopEarners, err = t.sums(top.earners); err == nil {
		stats.TopSpenders, err = t.sums(top.spenders)
	}
	return err
}

// sums shows ranked members as they are called now.
func (t *tx) sums(kept string) ([]events.Sum, error) {
	var pairs [][2]int64
	if err := json.Unmarshal([]byte(kept), &pairs); err != nil {
		return nil, fmt.Errorf("the ranked members are unreadable: %w", err)
	}
	var list []events.Sum
	for _, p := range pairs {
		sum := events.Sum{Amount: economy.Amount(p[1])}
		by := &sum.Member
		if err := t.row("SELECT "+actorColumns+" FROM accounts aa LEFT JOIN members am ON am.id = aa.id WHERE aa.id = ?", []any{p[0]},
			&by.Kind, &by.ID, &by.User, &by.Name); err != nil {
			return nil, err
		}
		by.Kind = cmp.Or(by.Kind, economy.ActorErased)
		list = append(list, sum)
	}
	return list, nil
}
