package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"coffer/internal/economy"
)

// loss is a role that a member lost by leaving.
type loss struct {
	member int64
	role   economy.RoleID
	joined time.Time // since when he is back
}

// Restore implements economy.Store. Where nothing is lost, it only reads.
func (s *Store) Restore(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	var back []loss
	if err := s.read(ctx, func(t *tx) (err error) {
		back, err = t.lost(guild, people, at)
		return err
	}); err != nil || len(back) == 0 {
		return 0, err
	}
	restored := 0
	err := s.write(ctx, func(t *tx) (err error) {
		restored, err = s.restore(t, guild, people, at)
		return err
	})
	if err != nil {
		return 0, err // an abandoned write may still be counting
	}
	return restored, nil
}

// lost returns what people lost by leaving: roles that they are entitled to, and have
// joined after since when they hold them.
func (t *tx) lost(guild economy.GuildID, people []economy.Person, at time.Time) ([]loss, error) {
	joined := map[economy.UserID]time.Time{}
	for _, p := range people {
		if !p.Bot && p.Joined.After(joined[p.User]) {
			joined[p.User] = p.Joined
		}
	}
	var list []loss
	for user, when := range joined {
		if err := t.each(`SELECT e.member_id, e.role_id FROM members m JOIN entitlements e ON e.member_id = m.id
			WHERE m.guild_id = ? AND m.user_id = ? AND e.ended_at IS NULL AND (e.until_at IS NULL OR e.until_at > ?)
			GROUP BY e.member_id, e.role_id HAVING max(e.held_since) < ?`,
			[]any{string(guild), string(user), at.UnixMicro(), when.UnixMicro()}, func(rows *sql.Rows) error {
				l := loss{joined: when}
				err := rows.Scan(&l.member, &l.role)
				list = append(list, l)
				return err
			}); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b loss) int {
		return cmp.Or(cmp.Compare(a.member, b.member), strings.Compare(string(a.role), string(b.role)))
	})
	return list, nil
}

// restore has Discord give back what people lost by leaving, and returns how many roles
// that were.
func (s *Store) restore(t *tx, guild economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	list, err := t.lost(guild, people, at)
	if err != nil {
		return 0, err
	}
	for _, l := range list {
		if err := s.hold(t, guild, l.member, l.role, l.joined, at); err != nil {
			return 0, err
		}
		if err := t.tell(event{guild: guild, kind: "role.restored", subject: "member:" + strconv.FormatInt(l.member, 10),
			after: map[string]economy.RoleID{"role": l.role}, at: at}); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}
