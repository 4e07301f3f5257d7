package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"coffer/internal/economy"
)

// Leaderboard implements economy.Store.
func (s *Store) Leaderboard(ctx context.Context, q economy.LeaderboardQuery) (page economy.LeaderboardPage, err error) {
	err = s.visit(ctx, q.Guild, q.At, func(t *tx) error {
		settings, err := t.settings(q.Guild)
		if err != nil {
			return err
		}
		page = economy.LeaderboardPage{Currency: settings.Currency()}
		if page.Viewer, err = t.wallet(q.Guild, settings, q.Viewer.User, q.At); err != nil {
			return err
		}
		size := min(max(q.Size, 1), economy.MaxPage)
		skip := min(max(q.Page-1, 0), economy.ExactRanks) * size
		if skip >= economy.ExactRanks {
			return nil
		}
		limit := min(size, economy.ExactRanks-skip)
		position := skip
		err = t.each(`SELECT coalesce(user_id, ''), balance FROM members WHERE guild_id = ?
			ORDER BY balance DESC, id LIMIT ? OFFSET ?`, []any{string(q.Guild), limit + 1, skip}, func(rows *sql.Rows) error {
			if position++; position > skip+limit {
				page.More = position <= economy.ExactRanks
				return nil
			}
			row := economy.LeaderboardRow{Position: position}
			if err := rows.Scan(&row.Member, &row.Balance); err != nil {
				return err
			}
			page.Rows = append(page.Rows, row)
			return nil
		})
		return err
	}, q.Viewer)
	return page, err
}

// rank returns a member's place. Each count is one range of the index and
// stops at the last place that counts.
func (t *tx) rank(guild economy.GuildID, m *member) (r economy.Rank, err error) {
	var ahead, percent int
	if err := t.row(`SELECT
		(SELECT count(*) FROM (SELECT 1 FROM members WHERE guild_id = ?1 AND balance > ?2 LIMIT ?4)) +
		(SELECT count(*) FROM (SELECT 1 FROM members WHERE guild_id = ?1 AND balance = ?2 AND id < ?3 LIMIT ?4))`,
		[]any{string(guild), int64(m.balance), m.id, economy.ExactRanks}, &ahead); err != nil {
		return r, err
	}
	if ahead < economy.ExactRanks {
		return economy.Rank{Position: ahead + 1}, nil
	}
	err = t.row(`SELECT coalesce(min(percent) FILTER (WHERE balance < ?1 OR balance = ?1 AND member_id >= ?2), max(percent), 0)
		FROM rank_steps WHERE guild_id = ?3`, []any{int64(m.balance), m.id, string(guild)}, &percent)
	return economy.Rank{TopPercent: percent}, err
}

// RefreshRanks implements economy.Store. The long part only reads. With max() as
// its one aggregate, SQLite takes the other columns from the row that has it.
func (s *Store) RefreshRanks(ctx context.Context, now time.Time) error {
	type step struct {
		guild   string
		percent int
		balance int64
		member  int64
	}
	var steps []step
	if err := s.query(ctx, func(t *tx) error {
		return t.each(`WITH large AS (
				SELECT guild_id, count(*) AS size FROM members GROUP BY guild_id HAVING count(*) > ?),
			placed AS (
				SELECT guild_id, balance, id, row_number() OVER (PARTITION BY guild_id ORDER BY balance DESC, id) AS place
				FROM members WHERE guild_id IN (SELECT guild_id FROM large))
			SELECT guild_id, (place * 100 + size - 1) / size AS percent, balance, id
			FROM placed JOIN large USING (guild_id) GROUP BY guild_id, percent HAVING max(place) ORDER BY guild_id`,
			[]any{economy.ExactRanks}, func(rows *sql.Rows) error {
				var x step
				if err := rows.Scan(&x.guild, &x.percent, &x.balance, &x.member); err != nil {
					return err
				}
				steps = append(steps, x)
				return nil
			})
	}); err != nil {
		return err
	}
	for len(steps) > 0 { // a guild at a time, so that no write waits long
		guild := steps[0].guild
		n := slices.IndexFunc(steps, func(x step) bool { return x.guild != guild })
		if n < 0 {
			n = len(steps)
		}
		if err := s.write(ctx, func(t *tx) error {
			if _, err := t.exec("DELETE FROM rank_steps WHERE guild_id = ?", guild); err != nil {
				return err
			}
			for _, x := range steps[:n] {
				if _, err := t.exec("INSERT INTO rank_steps (guild_id, percent, balance, member_id, taken_at) VALUES (?, ?, ?, ?, ?)",
					x.guild, x.percent, x.balance, x.member, now.UnixMicro()); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		steps = steps[n:]
	}
	return nil
}
