package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
)

// One connection writes at a time, so events appear in the order of their ids, and a
// position is the id of the last event that was read.

// Head implements events.Follower.
func (s *Store) Head(ctx context.Context) (p events.Position, err error) {
	err = s.query(ctx, func(t *tx) error {
		p, err = t.head()
		return err
	})
	return p, err
}

func (t *tx) head() (p events.Position, err error) {
	err = t.row("SELECT coalesce(max(id), 0) FROM events", nil, &p.ID)
	return p, err
}

const selectEntries = `SELECT e.id, e.guild_id, coalesce(e.actor_id, 0), e.kind, e.subject, e.before, e.after, e.at, ` + actorColumns + `
	FROM events e LEFT JOIN accounts aa ON aa.id = e.actor_id LEFT JOIN members am ON am.id = aa.id WHERE `

// entries reads events with who did it.
func (t *tx) entries(which string, args ...any) ([]events.Entry, error) {
	var list []events.Entry
	err := t.each(selectEntries+which, args, func(rows *sql.Rows) error {
		var e events.Entry
		var before, after sql.NullString
		var at int64
		if err := rows.Scan(&e.ID, &e.Guild, &e.Actor, &e.Kind, &e.Subject, &before, &after, &at,
			&e.By.Kind, &e.By.ID, &e.By.User, &e.By.Name); err != nil {
			return err
		}
		e.By.Kind = cmp.Or(e.By.Kind, economy.ActorSystem)
		e.Before, e.After, e.At = document(before), document(after), time.UnixMicro(at).UTC()
		e.Position = events.Position{ID: e.ID}
		list = append(list, e)
		return nil
	})
	return list, err
}

// After implements events.Follower. Each guild is one range of its index.
func (s *Store) After(ctx context.Context, from events.Position, guilds []string, limit int) (b events.Batch, err error) {
	limit = min(max(limit, 1), events.MaxBatch)
	guilds = slices.Compact(slices.Sorted(slices.Values(guilds)))
	err = s.read(ctx, func(t *tx) error {
		if b.Until, err = t.head(); err != nil {
			return err
		}
		if from.Compare(b.Until) > 0 {
			return events.ErrPosition
		}
		for _, guild := range guilds {
			some, err := t.entries("e.guild_id = ? AND e.id > ? ORDER BY e.id LIMIT ?", guild, from.ID, limit)
			if err != nil {
				return err
			}
			b.Entries = append(b.Entries, some...)
		}
		return nil
	})
	if err != nil {
		return events.Batch{}, err
	}
	slices.SortFunc(b.Entries, func(a, b events.Entry) int { return a.Position.Compare(b.Position) })
	if b.More = len(b.Entries) >= limit; b.More {
		b.Entries = b.Entries[:limit]
		b.Until = b.Entries[limit-1].Position
	}
	return b, nil
}
