package sqlite

import (
	"slices"
	"time"

	"coffer/internal/economy"
)

// among returns the one that is asked for, or all where it is none.
func among[S ~string](one S, all []S) []S {
	if one == "" {
		return all
	}
	return []S{one}
}

// beyond returns where a page from the newest begins: behind a number, or with 0 behind none.
func beyond[ID ~int64](id ID) int64 {
	if id == 0 {
		return 1<<63 - 1
	}
	return int64(id)
}

// leaf gathers a page of rows that stand in several states: those of each state by the
// order of its index, and of them all the first. More tells whether another page follows.
func leaf[S, R any](states []S, size int, order func(a, b R) int, rows func(state S, most int) ([]R, error)) (page []R, more bool, err error) {
	size = min(max(size, 1), economy.MaxPage)
	for _, state := range states {
		some, err := rows(state, size+1)
		if err != nil {
			return nil, false, err
		}
		page = append(page, some...)
	}
	slices.SortFunc(page, order)
	if more = len(page) > size; more {
		page = page[:size]
	}
	return page, more, nil
}

// ofWork holds for the events of changes of tasks and items.
const ofWork = `kind IN ('task.created', 'task.changed', 'task.opened', 'task.closed', 'task.archived',
	'item.created', 'item.changed', 'item.archived')`

// joinActor adds who did what the column tells: see actorColumns.
func joinActor(column string) string {
	return " LEFT JOIN accounts aa ON aa.id = " + column + " LEFT JOIN members am ON am.id = aa.id "
}

// joinChange adds the newest change e of a row with a subject, and who did it.
func joinChange(guild, subject string) string {
	return " LEFT JOIN events e ON e.id = (SELECT max(id) FROM events WHERE guild_id = " + guild + " AND subject = " + subject +
		" AND " + ofWork + ")" + joinActor("e.actor_id")
}

// actorRow is where actorColumns are scanned to.
func actorRow(a *economy.Actor) []any { return []any{&a.Kind, &a.ID, &a.User, &a.Name} }

// instant is the time in a column.
func instant(column int64) time.Time { return time.UnixMicro(column).UTC() }
