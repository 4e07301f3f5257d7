package sqlite

import (
	"context"
	"database/sql"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// overClaims are the claims that are over at ?1: by their own time, or by their
// tasks', of which it looks at those only that have claims which wait for members.
const overClaims = `(
	SELECT id FROM claims WHERE ` + claimUnsubmitted + ` AND due IS NOT NULL AND due <= ?1
	UNION
	SELECT c.id FROM (
		WITH RECURSIVE busy (task) AS (
			SELECT min(task_id) FROM claims WHERE ` + claimUnsubmitted + `
			UNION ALL
			SELECT (SELECT min(task_id) FROM claims WHERE ` + claimUnsubmitted + ` AND task_id > busy.task) FROM busy WHERE busy.task IS NOT NULL)
		SELECT task FROM busy) b
	CROSS JOIN tasks t ON t.id = b.task AND (t.state = 'archived' OR t.deadline <= ?1)
	CROSS JOIN claims c ON c.task_id = t.id AND c.` + claimUnsubmitted + `)`

// lateTasks holds for open tasks whose deadline has passed at ?1.
const lateTasks = "t.state = 'open' AND t.deadline IS NOT NULL AND t.deadline <= ?1"

// TidyTasks implements tasks.Store, a portion at a time, so that no write waits long.
func (s *Store) TidyTasks(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for {
		var some bool
		if err := s.query(ctx, func(t *tx) error {
			return t.row("SELECT EXISTS (SELECT 1 FROM "+overClaims+") OR EXISTS (SELECT 1 FROM tasks t WHERE "+lateTasks+")",
				[]any{now.UnixMicro()}, &some)
		}); err != nil || !some {
			return total, err
		}
		var tidied int
		if err := s.write(ctx, func(t *tx) error {
			n, err := s.expireClaims(t, now)
			if err == nil && n == 0 {
				n, err = s.closeTasks(t, now)
			}
			tidied = n
			return err
		}); err != nil {
			return total, err
		}
		total += tidied
	}
}

// untidy is a row that somebody forgot.
type untidy struct {
	guild economy.GuildID
	task  taskRow
	claim claimRow
}

// portion is how much is tidied up in one write.
const portion = 500

// expireClaims writes of the next claims that are over that they are.
func (s *Store) expireClaims(t *tx, now time.Time) (int, error) {
	var over []untidy
	if err := t.each("SELECT t.guild_id, "+claimColumns+", "+taskColumns+" FROM "+overClaims+` o
		JOIN claims c ON c.id = o.id JOIN tasks t ON t.id = c.task_id ORDER BY c.id LIMIT ?2`, []any{now.UnixMicro(), portion},
		func(rows *sql.Rows) error {
			var u untidy
			err := rows.Scan(append(append([]any{&u.guild}, u.claim.columns()...), u.task.columns()...)...)
			u.claim.scanned()
			over = append(over, u)
			return err
		}); err != nil {
		return 0, err
	}
	for i := range over {
		u := &over[i]
		r := economy.Request{Guild: u.guild, At: now}
		if err := t.turn(r, nil, &u.claim, tasks.Expired); err != nil {
			return 0, err
		}
		if err := s.showPlaces(t, r, u.task.Task); err != nil {
			return 0, err
		}
	}
	return len(over), nil
}

// closeTasks closes the next open tasks whose deadline has passed.
func (s *Store) closeTasks(t *tx, now time.Time) (int, error) {
	var late []untidy
	if err := t.each("SELECT t.guild_id, "+taskColumns+" FROM tasks t WHERE "+lateTasks+" ORDER BY t.id LIMIT ?2", []any{now.UnixMicro(), portion},
		func(rows *sql.Rows) error {
			var u untidy
			err := rows.Scan(append([]any{&u.guild}, u.task.columns()...)...)
			u.task.scanned()
			late = append(late, u)
			return err
		}); err != nil {
		return 0, err
	}
	for _, u := range late {
		after := u.task.Task
		after.State = tasks.Closed
		after.Version++
		if err := s.moveTask(t, economy.Request{Guild: u.guild, At: now}, economy.Settings{}, nil, u.task.Task, after); err != nil {
			return 0, err
		}
	}
	return len(late), nil
}
