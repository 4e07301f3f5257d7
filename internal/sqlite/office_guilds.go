package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"coffer/internal/economy"
)

// Guilds implements economy.Office.
func (s *Store) Guilds(ctx context.Context, q economy.GuildsQuery) (page economy.GuildsPage, err error) {
	limit := min(max(q.Limit, 1), economy.MaxExport)
	which, of := "", any(nil)
	if q.Of != nil {
		ids, err := json.Marshal(q.Of)
		if err != nil {
			return page, err
		}
		which, of = "id IN (SELECT value FROM json_each(?3)) AND", string(ids)
	}
	err = s.query(ctx, func(t *tx) error {
		return t.each("SELECT id, members, currency_name, currency_symbol FROM guilds WHERE "+which+" id > ?1 ORDER BY id LIMIT ?2",
			append([]any{string(q.After), limit + 1}, some(of)...), func(rows *sql.Rows) error {
				var g economy.GuildLine
				err := rows.Scan(&g.ID, &g.Members, &g.Currency.Name, &g.Currency.Symbol)
				page.Guilds = append(page.Guilds, g)
				return err
			})
	})
	if page.More = len(page.Guilds) > limit; page.More {
		page.Guilds = page.Guilds[:limit]
	}
	return page, err
}

// some returns a list of the value, or none of nil.
func some(v any) []any {
	if v == nil {
		return nil
	}
	return []any{v}
}
