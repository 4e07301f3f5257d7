package postgrest

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"coffer/internal/events"
)

// happenedCalls are calls of the functions that look at what happened.
func happenedCalls(at string) []functionCall {
	trail := func(name string, filter func(g *guild, n int) string) functionCall {
		return functionCall{"coffer_trail, " + name, func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_trail('%s', %s, 25, 1000)", g.id, filter(g, n))
		}}
	}
	const newest = "NULL, NULL, 0"
	middle := "NULL, '" + founded.AddDate(0, 0, 2).Format(time.RFC3339) + "', 0"
	recent := "'" + founded.AddDate(0, 0, 4).Format(time.RFC3339) + "', NULL, 0"
	return []functionCall{
		{"coffer_events_head", func(*testing.T, *guild, int) string { return "public.coffer_events_head()" }},
		{"coffer_follow", func(t *testing.T, g *guild, n int) string {
			from := events.Position{} // from the first
			if n%2 == 1 {
				from = must[events.Position](t)(g.store.Head(t.Context()))
			}
			return fmt.Sprintf("public.coffer_follow('%d', %d, '{%s,nowhere}', 1000)", from.Round, from.ID, g.id)
		}},
		trail("all", func(_ *guild, n int) string { return "0, '', '', " + []string{newest, middle, recent}[n%3] }),
		trail("by somebody", func(g *guild, n int) string {
			return fmt.Sprintf("%d, '', '', %s", g.actors[n%len(g.actors)], []string{newest, middle, recent}[n%3])
		}),
		trail("by nobody", func(*guild, int) string { return "-1, '', '', " + newest }),
		trail("kind", func(_ *guild, n int) string {
			return "0, '" + []string{"transfer", "settings.changed", "no such"}[n%3] + "', '', " + []string{newest, middle, recent}[n/3%3]
		}),
		trail("kinds", func(_ *guild, n int) string {
			return "0, '" + []string{"claim.", "task.", "member."}[n%3] + "', '', " + []string{newest, middle}[n/3%2]
		}),
		trail("subject", func(_ *guild, n int) string {
			return "0, '', '" + []string{"guild", "task:1", "transaction:1000", "transaction:x"}[n%4] + "', " + newest
		}),
		trail("by somebody, of a kind", func(g *guild, n int) string {
			return fmt.Sprintf("%d, 'reversal', '', %s", g.actors[n%len(g.actors)], newest)
		}),
		{"coffer_stats", func(_ *testing.T, g *guild, n int) string {
			first := int(events.Beginning(today, 30).Unix() / 86400)
			return fmt.Sprintf("public.coffer_stats('%s', %s, %d, %d, '%s', %d, 1000)", g.id, at, first, first+29,
				today.Add(-events.TopWindow).Format(time.RFC3339), events.MaxLive)
		}},
		{"coffer_tally", func(*testing.T, *guild, int) string { return "public.coffer_tally(300)" }},
	}
}

// happenedOperations look at what happened.
func happenedOperations() []operation {
	trail := func(name string, ask func(g *guild, q *events.TrailQuery)) operation {
		return operation{"trail, " + name, func(ctx context.Context, g *guild) error {
			q := events.TrailQuery{Guild: string(g.id), Limit: 25}
			ask(g, &q)
			_, err := g.store.Trail(ctx, q)
			return err
		}}
	}
	return []operation{
		{"stats", func(ctx context.Context, g *guild) error {
			_, err := g.store.Stats(ctx, events.StatsQuery{Guild: g.id, Days: 30, At: today})
			return err
		}},
		{"follow, nothing new", func(ctx context.Context, g *guild) error {
			head, err := g.store.Head(ctx)
			if err == nil {
				_, err = g.store.After(ctx, head, []string{string(g.id)}, 100)
			}
			return err
		}},
		{"follow, from the first", func(ctx context.Context, g *guild) error {
			_, err := g.store.After(ctx, events.Position{}, []string{string(g.id)}, 100)
			return err
		}},
		trail("newest", func(*guild, *events.TrailQuery) {}),
		trail("deep", func(_ *guild, q *events.TrailQuery) { q.Until = founded.AddDate(0, 0, 2) }),
		trail("by somebody", func(g *guild, q *events.TrailQuery) { q.Actor = g.actors[0] }),
		trail("kind", func(_ *guild, q *events.TrailQuery) { q.Kind = "transfer" }),
		trail("rare kind", func(_ *guild, q *events.TrailQuery) { q.Kind = "settings.changed" }),
		trail("kinds", func(_ *guild, q *events.TrailQuery) { q.Kind = "claim." }),
		trail("subject", func(g *guild, q *events.TrailQuery) {
			q.Subject = "transaction:" + strconv.FormatInt(int64(g.deep), 10)
		}),
	}
}

// count has what is in the guilds tallied, and their members ranked.
func (p *project) count(t *testing.T, s *Store) {
	t.Helper()
	watch := p.watch(t, "coffer_tally")
	if err := s.Tally(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Log("Tally of everything took", watch())
	watch = p.watch(t, "coffer_take_tops")
	if err := s.TakeTops(t.Context(), today); err != nil {
		t.Fatal(err)
	}
	t.Log("TakeTops took", watch())
}
