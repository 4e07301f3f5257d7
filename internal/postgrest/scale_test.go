package postgrest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"coffer/internal/economy"
	"coffer/internal/storetest"
)

// TestScale asks whether anything that members wait for takes longer in a large
// guild than in a small one. Two small guilds stand before and behind the large one
// in its database: what they ask must not be answered by plans that suit it.
func TestScale(t *testing.T) {
	size, rounds := 20_000, 15
	switch {
	case soaking:
		size, rounds = 1_000_000, 300
	case testing.Short() || storetest.RaceDetector:
		t.Skip("it fills a guild and looks at every plan: make large")
	}
	alone, aloneStore := newScaledProject(t)
	shared, sharedStore := newScaledProject(t)
	base := newGuild(t, "small, alone", alone, aloneStore, "10", 1_000)
	before := newGuild(t, "small, before", shared, sharedStore, "20", 1_000)
	large := newGuild(t, "large", shared, sharedStore, "21", size)
	behind := newGuild(t, "small, behind", shared, sharedStore, "22", 1_000)
	fill(t, alone, base)
	fill(t, shared, before, large, behind)

	t.Run("ranks", func(t *testing.T) {
		watch := shared.watch(t, "coffer_refresh_ranks")
		if err := sharedStore.RefreshRanks(t.Context(), today); err != nil {
			t.Fatal(err)
		}
		t.Log("RefreshRanks took", watch())
	})
	t.Run("counting", func(t *testing.T) {
		alone.count(t, aloneStore)
		shared.count(t, sharedStore)
		if soaking {
			watch := shared.watch(t, "coffer_books")
			books := must[economy.Books](t)(sharedStore.Books(t.Context(), large.id))
			t.Logf("the books of a guild of %d entries took %s", books.Entries, watch())
		}
	})
	t.Run("speed", func(t *testing.T) { compare(t, rounds, base, large, before, behind) })
	t.Run("plans", func(t *testing.T) { inspect(t, shared, large, before, behind) })
	t.Run("audit", func(t *testing.T) {
		shared.exec(t, "VACUUM (ANALYZE)")
		if soaking {
			for _, invariant := range economy.Invariants {
				watch := shared.watch(t, "coffer_audit")
				fresh := must[*pgx.Conn](t)(pgx.Connect(t.Context(), shared.DatabaseURL()))
				if _, err := fresh.Exec(t.Context(), "SELECT public.coffer_audit(ARRAY[$1])", invariant.Name); err != nil {
					t.Error(err)
				}
				t.Log(invariant.Name, "took", watch())
				_ = fresh.Close(t.Context())
			}
		}
		for _, s := range []*Store{aloneStore, sharedStore} {
			watch := shared.watch(t, "coffer_audit")
			audit := must[economy.Audit](t)(s.Audit(t.Context()))
			t.Logf("the audit of %d entries took %s", audit.Entries, watch())
			if broken, found := audit.Broken(); found {
				t.Errorf("%d rows break %s: %s", broken.Broken, broken.Name, broken.Example)
			}
		}
	})
}

// operation is something that people wait for.
type operation struct {
	name string
	run  func(ctx context.Context, g *guild) error
}

func operations() []operation {
	wallet := func(name string, of func(g *guild) (viewer, member economy.Person)) operation {
		return operation{"wallet, " + name, func(ctx context.Context, g *guild) error {
			viewer, member := of(g)
			_, err := g.store.Wallet(ctx, economy.WalletQuery{Guild: g.id, Viewer: viewer, Member: member, At: today})
			return err
		}}
	}
	leaderboard := func(name string, page int) operation {
		return operation{"leaderboard, " + name, func(ctx context.Context, g *guild) error {
			found, err := g.store.Leaderboard(ctx, economy.LeaderboardQuery{Guild: g.id, Viewer: g.middle, Page: page, Size: 10, At: today})
			if err == nil && len(found.Rows) != 10 {
				err = fmt.Errorf("page %d has %d rows", page, len(found.Rows))
			}
			return err
		}}
	}
	history := func(name string, query func(g *guild, q *economy.HistoryQuery)) operation {
		return operation{"history, " + name, func(ctx context.Context, g *guild) error {
			q := economy.HistoryQuery{Guild: g.id, Viewer: g.rich, Member: g.rich, Size: 10, At: today}
			query(g, &q)
			_, err := g.store.History(ctx, q)
			return err
		}}
	}
	told := func(name string, after func(g *guild) int64) operation {
		return operation{"events, " + name, func(ctx context.Context, g *guild) error {
			_, err := g.store.Events(ctx, string(g.id), after(g), 100)
			return err
		}}
	}
	return append(happenedOperations(), []operation{
		wallet("own, rich", func(g *guild) (_, _ economy.Person) { return g.rich, g.rich }),
		wallet("own, middle", func(g *guild) (_, _ economy.Person) { return g.middle, g.middle }),
		wallet("own, poor", func(g *guild) (_, _ economy.Person) { return g.poor, g.poor }),
		wallet("another's, rich", func(g *guild) (_, _ economy.Person) { return g.poor, g.rich }),
		wallet("another's, middle", func(g *guild) (_, _ economy.Person) { return g.rich, g.middle }),
		wallet("another's, poor", func(g *guild) (_, _ economy.Person) { return g.rich, g.poor }),
		{"daily", func(ctx context.Context, g *guild) error {
			_, err := g.store.ClaimDaily(ctx, economy.DailyClaim{Request: g.request(), Member: g.next()})
			return err
		}},
		{"transfer", func(ctx context.Context, g *guild) error {
			_, err := g.store.Transfer(ctx, economy.Transfer{
				Request: g.request(), From: g.person(rand.IntN(g.size/2) + 1), To: g.person(g.size/2 + rand.IntN(g.size/2) + 1),
				Quantity: economy.Coins(1), Note: "thanks",
			})
			return err
		}},
		leaderboard("first page", 1),
		leaderboard("last page", economy.ExactRanks/10),
		history("first page", func(*guild, *economy.HistoryQuery) {}),
		history("older, deep", func(g *guild, q *economy.HistoryQuery) { q.Before = g.deep }),
		history("newer, deep", func(g *guild, q *economy.HistoryQuery) { q.After = g.deep }),
		history("short", func(g *guild, q *economy.HistoryQuery) { q.Member = g.person(g.size) }),
		{"reversible", func(ctx context.Context, g *guild) error {
			_, err := g.store.Reversible(ctx, g.id, 25)
			return err
		}},
		{"settings", func(ctx context.Context, g *guild) error {
			_, err := g.store.Settings(ctx, g.id)
			return err
		}},
		told("first", func(*guild) int64 { return 0 }),
		told("newest", func(g *guild) int64 { return g.lastEvent - 10 }),
	}...)
}

// compare times each operation in all guilds by turns, and holds the medians
// against those of the first one.
func compare(t *testing.T, rounds int, guilds ...*guild) {
	const most = 1.5
	all := append(operations(), officeOperations()...)
	times := map[*guild][][]time.Duration{}
	for _, g := range guilds {
		times[g] = make([][]time.Duration, len(all))
	}
	const warmup = 8 // more often than Postgres plans for the arguments at hand
	for round := range warmup + rounds {
		for i, o := range all {
			for _, n := range rand.Perm(len(guilds)) {
				g := guilds[n]
				start := time.Now()
				if err := o.run(t.Context(), g); err != nil {
					t.Fatalf("%s in the guild %q: %v", o.name, g.name, err)
				}
				if round >= warmup {
					times[g][i] = append(times[g][i], time.Since(start))
				}
			}
		}
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "median of %d", rounds)
	for _, g := range guilds {
		fmt.Fprintf(w, "\t%s: %d", g.name, g.size)
	}
	fmt.Fprintln(w)
	for i, o := range all {
		fmt.Fprint(w, o.name)
		small := median(times[guilds[0]][i])
		for _, g := range guilds {
			took := median(times[g][i])
			ratio := float64(took) / float64(small)
			fmt.Fprintf(w, "\t%.2f ms", took.Seconds()*1e3)
			if g != guilds[0] {
				fmt.Fprintf(w, " ×%.2f", ratio)
			}
			if soaking && ratio > most {
				t.Errorf("%s takes %.2f times as long in the guild %q as in %q", o.name, ratio, g.name, guilds[0].name)
			}
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush()
	t.Logf("\n%s", table.String())
}

func median(of []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}
