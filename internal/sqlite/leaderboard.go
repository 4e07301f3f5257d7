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
	size := min(max(q.Size, 1), economy.MaxPage)
	skip := min(min(max(q.Page-1, 0), economy.ExactRanks)*size, economy.ExactRanks)
	end := min(skip+size, economy.ExactRanks)
	err = s.visit(ctx, q.Guild, q.At, func(t *tx) error {
		look, err := s.look(t, q.Guild, q.Viewer.User, q.Viewer.User)
		if err != nil {
			return err
		}
		page = economy.LeaderboardPage{Currency: look.settings.Currency()}
		if page.Viewer, err = s.wallet(look, q.At); err != nil {
			return err
		}
		places := look.board // from the first, or from skip
		if places != nil {
			places = places[min(skip, len(places)):]
		} else if places, err = t.places(q.Guild, skip, min(size+1, economy.ExactRanks-skip)); err != nil {
			return err
		}
		page.More = len(places) > end-skip
		for i, p := range places[:min(len(places), end-skip)] {
			page.Rows = append(page.Rows, economy.LeaderboardRow{Position: skip + i + 1, Member: p.user, Balance: p.balance})
		}
		return nil
	}, q.Viewer)
	return page, err
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
	if err := s.readers.run(ctx, func(c *conn) error {
		t := &tx{ctx: ctx, conn: c} // it can take long, so it can be cancelled
		return t.each(`WITH large AS (
				SELECT id AS guild_id, members AS size FROM guilds WHERE members > ?),
			placed AS (
				SELECT guild_id, balance, id, row_number() OVER (PARTITION BY guild_id ORDER BY balance DESC, id) AS place
				FROM members WHERE guild_id IN (SELECT guild_id FROM large) AND user_id IS NOT NULL)
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
		return unavailable(err)
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
