package sqlite

import (
	"context"
	"database/sql"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// isOver holds for claims c of a task t that are over at ?2, if they wait for their members.
const isOver = "(t.state = 'archived' OR t.deadline <= ?2 OR c.due <= ?2)"

// isOpen holds for tasks that can be claimed at ?2.
const isOpen = " t.state = 'open' AND (t.deadline IS NULL OR t.deadline > ?2) "

// placesLeft are the places of a task that a claim at ?2 would find.
const placesLeft = `CASE WHEN t.places = 0 THEN 0 ELSE max(0, t.places - t.taken + CASE WHEN t.state = 'archived' OR coalesce(t.deadline <= ?2, 0)
	THEN (SELECT count(*) FROM claims c WHERE c.task_id = t.id AND c.` + claimUnsubmitted + `)
	ELSE (SELECT count(*) FROM claims c WHERE c.task_id = t.id AND c.` + claimUnsubmitted + ` AND c.due <= ?2) END) END`

// OpenTasks implements tasks.Store.
func (s *Store) OpenTasks(ctx context.Context, q tasks.BoardQuery) (page tasks.BoardPage, err error) {
	size, skip := turn(q.Page, q.Size)
	err = s.visit(ctx, q.Guild, q.At, func(t *tx) error {
		if !t.snapshot {
			return errSnapshot
		}
		viewer, err := t.member(q.Guild, q.Viewer.User)
		if err != nil {
			return err
		}
		settings, err := t.settings(q.Guild)
		if err != nil {
			return err
		}
		page = tasks.BoardPage{Currency: settings.Currency()}
		page.Lines, err = t.bulletin("t.guild_id = ?1 AND"+isOpen+"ORDER BY t.id DESC LIMIT ?3 OFFSET ?4", viewer, q.At,
			string(q.Guild), q.At.UnixMicro(), size+1, skip)
		if page.More = len(page.Lines) > size; page.More {
			page.Lines = page.Lines[:size]
		}
		return err
	}, q.Viewer)
	return page, err
}

// bulletin returns tasks as a member sees them.
func (t *tx) bulletin(which string, viewer *member, at time.Time, args ...any) ([]tasks.BoardLine, error) {
	var lines []tasks.BoardLine
	if err := t.each("SELECT "+taskColumns+", "+placesLeft+" FROM tasks t WHERE "+which, args, func(rows *sql.Rows) error {
		var task taskRow
		var line tasks.BoardLine
		err := rows.Scan(append(task.columns(), &line.Left)...)
		task.scanned()
		line.Task = task.Task
		lines = append(lines, line)
		return err
	}); err != nil {
		return nil, err
	}
	for i := range lines {
		mine, err := t.claim(lines[i].Task.ID, viewer.id, "true")
		if err != nil {
			return nil, err
		}
		if mine != nil {
			seen := mine.seen(lines[i].Task, cut(at))
			lines[i].Mine = &seen
		}
	}
	return lines, nil
}

// TaskOffer implements tasks.Store.
func (s *Store) TaskOffer(ctx context.Context, q tasks.OfferQuery) (offer tasks.Offer, err error) {
	which, name := "t.id = ?3", any(int64(q.Task.ID))
	if q.Task.ID == 0 {
		which, name = "t.folded = ?3 AND t.state <> 'archived'", economy.Fold(q.Task.Title)
	}
	err = s.visit(ctx, q.Guild, q.At, func(t *tx) error {
		if !t.snapshot {
			return errSnapshot
		}
		viewer, err := t.member(q.Guild, q.Viewer.User)
		if err != nil {
			return err
		}
		settings, err := t.settings(q.Guild)
		if err != nil {
			return err
		}
		zone, err := s.zones.Stored(settings.TimeZone)
		if err != nil {
			return err
		}
		found, err := t.bulletin("t.guild_id = ?1 AND "+which, viewer, q.At, string(q.Guild), q.At.UnixMicro(), name)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return tasks.ErrUnknownTask
		}
		offer = tasks.Offer{BoardLine: found[0], Currency: settings.Currency()}
		past, prerequisite, err := t.past(offer.Task, viewer.id)
		offer.Prerequisite, offer.Qualified = prerequisite, offer.Task.Prerequisite == 0 || past.Prerequisite
		if past.Counts && past.Latest >= offer.Task.Repeat.Period(economy.DayOf(q.At, zone)) {
			offer.Next = offer.Task.Repeat.Next(past.Latest, zone)
		}
		return err
	}, q.Viewer)
	if err != nil {
		return tasks.Offer{}, err
	}
	return offer, nil
}

// TaskNames implements tasks.Store.
func (s *Store) TaskNames(ctx context.Context, q tasks.NamesQuery) ([]tasks.TaskName, error) {
	var list []tasks.TaskName
	err := s.query(ctx, func(t *tx) error {
		return t.each(`SELECT t.id, t.title, t.state, t.reward FROM tasks t WHERE t.guild_id = ?1 AND instr(t.folded, ?3) > 0 AND CASE ?4
				WHEN 'claimable' THEN`+isOpen+`
				WHEN 'mine' THEN EXISTS (SELECT 1 FROM claims c
					WHERE c.task_id = t.id AND c.member_id = (SELECT id FROM members WHERE guild_id = ?1 AND user_id = ?5)
						AND c.`+claimRuns+` AND (c.state = 'submitted' OR NOT coalesce(`+isOver+`, 0)))
				WHEN 'unarchived' THEN t.state <> 'archived'
				ELSE true END
			ORDER BY instr(t.folded, ?3) > 1, t.folded, t.id LIMIT ?6`,
			[]any{string(q.Guild), q.At.UnixMicro(), economy.Fold(q.Text), string(q.Which), string(q.Member), min(max(q.Limit, 1), economy.MaxPage)},
			func(rows *sql.Rows) error {
				var n tasks.TaskName
				err := rows.Scan(&n.ID, &n.Title, &n.State, &n.Reward)
				list = append(list, n)
				return err
			})
	})
	return list, err
}
