package sqlite

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"coffer/internal/events"
)

// Trail implements events.Trail.
func (s *Store) Trail(ctx context.Context, q events.TrailQuery) (page events.TrailPage, err error) {
	err = s.read(ctx, func(t *tx) error {
		page, err = t.trail(q)
		return err
	})
	return page, err
}

func (t *tx) trail(q events.TrailQuery) (events.TrailPage, error) {
	size := min(max(q.Limit, 1), events.MaxPage)
	candidates, looked, err := t.candidates(q, size+1)
	if err != nil {
		return events.TrailPage{}, err
	}
	var page events.TrailPage
	for _, e := range candidates {
		if !fits(q, e) {
			continue
		}
		if len(page.Entries) == size {
			page.Next = markOf(page.Entries[size-1])
			return page, nil
		}
		page.Entries = append(page.Entries, e)
	}
	if len(candidates) == looked {
		page.Next = markOf(candidates[looked-1])
	}
	return page, nil
}

func markOf(e events.Entry) *events.Mark { return &events.Mark{At: e.At, ID: e.ID} }

func fits(q events.TrailQuery, e events.Entry) bool {
	switch {
	case q.Actor < 0 && e.Actor != 0, q.Actor > 0 && e.Actor != q.Actor, q.Subject != "" && e.Subject != q.Subject:
		return false
	case strings.HasSuffix(q.Kind, "."):
		return strings.HasPrefix(e.Kind, q.Kind)
	}
	return q.Kind == "" || e.Kind == q.Kind
}

// candidates returns the newest events by the one condition that an index finds best,
// as many as are looked at for a page: no more than are needed where there is no other
// condition.
func (t *tx) candidates(q events.TrailQuery, needed int) (list []events.Entry, looked int, err error) {
	at, id := int64(math.MaxInt64), int64(0)
	if q.Before != (events.Mark{}) {
		at, id = q.Before.At.UnixMicro(), q.Before.ID
	}
	if until := ceiling(q.Until); !q.Until.IsZero() && until <= at {
		at, id = until, 0
	}
	since := int64(math.MinInt64)
	if !q.From.IsZero() {
		since = ceiling(q.From)
	}
	looked = events.MaxLooked
	conditions := 0
	for _, given := range []bool{q.Subject != "", q.Actor > 0, q.Kind != ""} {
		if given {
			conditions++
		}
	}
	if conditions <= 1 && q.Actor >= 0 {
		looked = needed
	}
	const older = " AND (e.at, e.id) < (?, ?) AND e.at >= ? ORDER BY e.at DESC, e.id DESC LIMIT ?"
	bounds := []any{at, id, since, looked}
	by := func(which string, args ...any) ([]events.Entry, int, error) {
		list, err := t.entries("e.guild_id = ? AND "+which+older, append(append([]any{q.Guild}, args...), bounds...)...)
		return list, looked, err
	}
	number, ofTransaction := strings.CutPrefix(q.Subject, "transaction:")
	switch {
	case ofTransaction:
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, looked, nil
		}
		return by("e.transaction_id = ?", n)
	case q.Subject != "":
		return by("e.transaction_id IS NULL AND e.subject = ?", q.Subject)
	case q.Actor > 0:
		return by("e.actor_id = ?", q.Actor)
	case strings.HasSuffix(q.Kind, "."):
		list, err := t.ofKinds(q.Guild, q.Kind, bounds)
		return list, looked, err
	case q.Kind != "":
		return by("e.kind = ?", q.Kind)
	}
	return by("true")
}

// ofKinds returns the newest events whose kind begins so. Those kinds are few: one
// after the other is looked up in the index.
func (t *tx) ofKinds(guild, prefix string, bounds []any) ([]events.Entry, error) {
	const newest = `SELECT id FROM events WHERE guild_id = ?1 AND kind = kinds.kind AND (at, id) < (?3, ?4) AND at >= ?5
		ORDER BY at DESC, id DESC LIMIT ?6`
	return t.entries(`e.id IN (
		WITH RECURSIVE kinds (kind) AS (
			SELECT (SELECT min(kind) FROM events WHERE guild_id = ?1 AND kind > ?2)
			UNION ALL
			SELECT (SELECT min(kind) FROM events WHERE guild_id = ?1 AND kind > kinds.kind) FROM kinds
			WHERE substr(kinds.kind, 1, length(?2)) = ?2)
		SELECT f.id FROM kinds JOIN events f ON f.id IN (`+newest+`) WHERE substr(kinds.kind, 1, length(?2)) = ?2)
		ORDER BY e.at DESC, e.id DESC LIMIT ?6`, append([]any{guild, prefix}, bounds...)...)
}

// ceiling is the first microsecond that is not before a time.
func ceiling(t time.Time) int64 { return t.Add(time.Microsecond - 1).UnixMicro() }
