package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
)

// event is what an operation tells; before and after become JSON.
type event struct {
	guild         economy.GuildID
	actor         *member // nil: the system
	kind          string
	subject       string
	transaction   economy.TransactionID // 0: about none
	before, after any
	at            time.Time
}

// tell writes an event.
func (t *tx) tell(e event) error {
	before, err := column(e.before)
	if err != nil {
		return err
	}
	after, err := column(e.after)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO events (guild_id, actor_id, kind, subject, transaction_id, before, after, at)
		VALUES (?, ?, ?, ?, nullif(?, 0), ?, ?, ?)`,
		string(e.guild), e.actor.ref(), e.kind, e.subject, int64(e.transaction), before, after, e.at.UnixMicro())
	return err
}

// column returns v as JSON text, or nil for nil.
func column(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

// maxEvents is the most events that one read returns.
const maxEvents = 1000

// Events implements events.Reader.
func (s *Store) Events(ctx context.Context, guild string, after int64, limit int) ([]events.Event, error) {
	var list []events.Event
	err := s.query(ctx, func(t *tx) error {
		return t.each(`SELECT id, coalesce(actor_id, 0), kind, subject, before, after, at FROM events
			WHERE guild_id = ? AND id > ? ORDER BY id LIMIT ?`, []any{guild, after, min(max(limit, 0), maxEvents)}, func(rows *sql.Rows) error {
			e := events.Event{Guild: guild}
			var before, after sql.NullString
			var at int64
			if err := rows.Scan(&e.ID, &e.Actor, &e.Kind, &e.Subject, &before, &after, &at); err != nil {
				return err
			}
			e.Before, e.After, e.At = document(before), document(after), time.UnixMicro(at).UTC()
			list = append(list, e)
			return nil
		})
	})
	return list, err
}

func document(column sql.NullString) json.RawMessage {
	if !column.Valid {
		return nil
	}
	return json.RawMessage(column.String)
}
