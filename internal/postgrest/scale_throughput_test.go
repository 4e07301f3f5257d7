package postgrest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"coffer/internal/economy"
	"coffer/internal/supabasetest"
)

// TestThroughput measures how many writes a second 64 callers get through, with
// commits that wait for the disk, and what the database waits for meanwhile.
func TestThroughput(t *testing.T) {
	if !soaking {
		t.Skip("a measurement, made with COFFER_SOAK=1")
	}
	const callers, span = 64, 10 * time.Second
	p, s := newScaledProject(t, supabasetest.Durable(), supabasetest.PoolSize(15))
	one := newGuild(t, "one", p, s, "30", 20_000)
	all := []*guild{one}
	for n := range callers {
		all = append(all, newGuild(t, "many", p, s, economy.GuildID(fmt.Sprint(100+n)), 1_000))
	}
	fill(t, p, all...)

	var turn atomic.Int64
	claim := func(ctx context.Context, g *guild) error {
		request := economy.Request{Guild: g.id, Source: economy.FromDiscord, Key: fmt.Sprint("claim-", turn.Add(1)), At: today}
		_, err := s.ClaimDaily(ctx, economy.DailyClaim{Request: request, Member: g.next()})
		return err
	}
	pay := func(to func(g *guild, n int) economy.Person) func(ctx context.Context, g *guild) error {
		return func(ctx context.Context, g *guild) error {
			n := int(turn.Add(1))
			request := economy.Request{Guild: g.id, Source: economy.FromDiscord, Key: fmt.Sprint("pay-", n), At: today}
			_, err := s.Transfer(ctx, economy.Transfer{Request: request, From: g.person(n*7919%(g.size-1) + 1), To: to(g, n), Quantity: economy.Coins(1)})
			return err
		}
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%d callers\twrites/s\tp50\tp99\tfailed\twaits of the %d connections\n", callers, 15)
	for _, c := range []struct {
		name  string
		guild func(caller int) *guild
		run   func(context.Context, *guild) error
	}{
		{"daily, one guild", func(int) *guild { return one }, claim},
		{"daily, a guild each", func(n int) *guild { return all[1+n] }, claim},
		{"transfer, one guild", func(int) *guild { return one }, pay(func(g *guild, n int) economy.Person { return g.person(n*7919%(g.size-1) + 2) })},
		{"transfer, to one member", func(int) *guild { return one }, pay(func(g *guild, _ int) economy.Person { return g.person(g.size) })},
	} {
		waits := p.sample(t)
		ctx, cancel := context.WithTimeout(t.Context(), span)
		var mu sync.Mutex
		var times []time.Duration
		failed := map[string]int{}
		var group sync.WaitGroup
		for caller := range callers {
			group.Go(func() {
				for ctx.Err() == nil {
					start := time.Now()
					err := c.run(t.Context(), c.guild(caller)) // to its end, or it would count as failed
					mu.Lock()
					if times = append(times, time.Since(start)); err != nil {
						failed[err.Error()]++
					}
					mu.Unlock()
				}
			})
		}
		group.Wait()
		cancel()
		slices.Sort(times)
		wrong := 0
		for text, n := range failed {
			wrong += n
			t.Logf("%s: %d times: %s", c.name, n, text)
		}
		fmt.Fprintf(w, "%s\t%.0f\t%s\t%s\t%d\t%s\n", c.name, float64(len(times)-wrong)/span.Seconds(),
			times[len(times)/2].Round(100*time.Microsecond), times[len(times)*99/100].Round(100*time.Microsecond), wrong, waits())
	}
	_ = w.Flush()
	t.Logf("\n%s", table.String())
	audit := must[economy.Audit](t)(s.Audit(t.Context()))
	if broken, found := audit.Broken(); found {
		t.Errorf("%d rows break %s: %s", broken.Broken, broken.Name, broken.Example)
	}
}

// sample looks at what PostgREST's connections wait for until the returned function
// is called, which tells it in percent.
func (p *project) sample(t *testing.T) (done func() string) {
	t.Helper()
	conn := must[*pgx.Conn](t)(pgx.Connect(t.Context(), p.SuperuserURL()))
	stop, result := make(chan struct{}), make(chan map[string]int)
	go func() {
		seen := map[string]int{}
		for {
			rows, err := conn.Query(context.Background(), `SELECT coalesce(wait_event_type || ' ' || wait_event, 'running')
				FROM pg_stat_activity WHERE usename = 'authenticator' AND datname = current_database() AND query NOT ILIKE 'LISTEN%'`)
			if err == nil {
				events, _ := pgx.CollectRows(rows, pgx.RowTo[string]) // a sample less
				for _, e := range events {
					seen[e]++
				}
			}
			select {
			case <-stop:
				result <- seen
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() string {
		close(stop)
		seen := <-result
		_ = conn.Close(context.Background())
		total := 0
		var names []string
		for name, n := range seen {
			total += n
			names = append(names, name)
		}
		slices.SortFunc(names, func(a, b string) int { return seen[b] - seen[a] })
		var told []string
		for _, name := range names[:min(4, len(names))] {
			told = append(told, fmt.Sprintf("%s %d %%", name, 100*seen[name]/max(total, 1)))
		}
		return strings.Join(told, ", ")
	}
}
