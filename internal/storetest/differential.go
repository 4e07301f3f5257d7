package storetest

import (
	"context"
	"flag"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// fewer runs a quarter of rapid's hundred sequences, which are others each time, and the
// race detector one: it makes each take ten times as long, and finds nothing in what one
// goroutine does alone. Who asks for a number gets it: "make soak" runs thousands.
func fewer(t *testing.T) {
	checks, number := flag.Lookup("rapid.checks"), "25"
	if checks.Value.String() != checks.DefValue {
		return
	}
	if RaceDetector {
		number = "1"
	}
	t.Cleanup(func() { _ = checks.Value.Set(checks.DefValue) })
	if err := checks.Value.Set(number); err != nil {
		t.Fatal(err)
	}
}

// RunDifferential runs random sequences of operations against stores and the
// Model at once, and fails at the first answer, event or end state that differs.
// Numbers of transactions and members are compared by their order in the guild.
func RunDifferential(t *testing.T, stores ...Store) {
	fewer(t)
	count, want := 0, [5]int{}
	rapid.Check(t, func(t *rapid.T) {
		count++
		p := newParallel(t, stores, fmt.Sprint("world-", count))
		defer func() { // a world that is given up half made is in the stores, too
			for i, n := range counts(must(p.model.store.Audit(p.ctx))) {
				want[i] += n
			}
		}()
		clock := rapid.SampledFrom(moments).Draw(t, "start")
		kind := rapid.SampledFrom([]int{2, 1, 0, 2, 1}).Draw(t, "kind of world")
		for g := range p.model.lenses {
			law := rapid.SampledFrom(rules).Draw(t, "rules")
			if kind > 0 { // where one cannot buy, there are no goods
				law.MaxBalance, law.StartingBalance = economy.MaxBalance, law.StartingBalance%10+300
			}
			if kind == 2 {
				law.TaskChannel, law.ReviewChannel, law.WelcomeChannel, law.ReviewerRole = "501", "502", "503", "7002"
			}
			p.run(step{Verb: "rules", Guild: g, Who: root, Source: economy.FromSystem, Rules: law}, clock)
		}
		world := steps(kind)
		for n := range 4 {
			v := world.Draw(t, "ware")
			v.Guild, v.Key = n/3, ""
			if kind == 2 {
				v.Verb, v.Task, v.Size = "task", chores.Draw(t, "terms"), n%3+1
				v.Task.Title += fmt.Sprint(n)
			} else {
				v.Verb, v.Terms, v.Stock = "create", wares.Draw(t, "terms"), stocks.Draw(t, "stock")
				v.Terms.Name += fmt.Sprint(n)
			}
			p.run(v, clock)
		}
		t.Repeat(map[string]func(*rapid.T){"step": func(t *rapid.T) {
			for range size(3, 1) {
				step := world.Draw(t, "step")
				clock = clock.Add(step.Tick)
				p.run(step, clock)
			}
		}})
		p.compareEnd(clock)
		p.wrapUp(clock)
	})
	for _, store := range stores {
		same(t, "guilds, members, transactions, entries, coins of all worlds", counts(clean(t, store)), want)
	}
}

func counts(a economy.Audit) [5]int {
	return [5]int{a.Guilds, a.Members, a.Transactions, a.Entries, int(a.Coins)}
}

// parallel is the model and stores that are to do the same, in the same world of
// two guilds.
type parallel struct {
	t      *rapid.T
	ctx    context.Context
	model  side
	stores []side
	writes []any // done so far, to be repeated
}

// side is one store with its lenses, one for each guild.
type side struct {
	store  Store
	lenses [2]*lens
}

func newParallel(t *rapid.T, stores []Store, world string) *parallel {
	p := &parallel{t: t, ctx: context.Background(), model: newSide(NewModel(), world)}
	for _, store := range stores {
		if _, err := store.ForgetRequests(p.ctx, time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
			t.Fatalf("ForgetRequests: %v", err)
		}
		settle(p.ctx, t, store)
		p.stores = append(p.stores, newSide(store, world))
	}
	return p
}

func newSide(store Store, world string) side {
	s := side{store: store}
	common := &shared{deliveries: newSeen(), guilds: make(map[economy.GuildID]*lens)}
	for g := range s.lenses {
		s.lenses[g] = newLens(economy.GuildID(fmt.Sprint(world, "-", g)), common)
	}
	return s
}

// last is when everything is over that has an end.
var last = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)

// settle ends all that other worlds left to do: what is over all guilds must
// count in this world only.
func settle(ctx context.Context, t interface{ Fatalf(string, ...any) }, store Store) {
	if _, err := store.ExpireRoles(ctx, last); err != nil {
		t.Fatalf("ExpireRoles: %v", err)
	}
	if _, err := store.TidyTasks(ctx, last); err != nil {
		t.Fatalf("TidyTasks: %v", err)
	}
	for {
		leases, err := store.LeaseDeliveries(ctx, economy.MaxPage, 1000*day)
		if err != nil {
			t.Fatalf("LeaseDeliveries: %v", err)
		}
		if len(leases) == 0 {
			break
		}
	}
	if _, err := store.ForgetDeliveries(ctx, last); err != nil {
		t.Fatalf("ForgetDeliveries: %v", err)
	}
}

// all asks all of them the same, about a guild, and compares the stores' answers
// with the model's.
func (p *parallel) all(what any, g int, ask func(Store, *lens) (any, error)) {
	p.t.Helper()
	answered, told := p.ask(p.model, what, g, ask)
	for _, s := range p.stores {
		answer, news := p.ask(s, what, g, ask)
		if !reflect.DeepEqual(answer, answered) {
			p.t.Fatalf("%T: %+v:\n got %+v\nwant %+v", s.store, what, answer, answered)
		}
		if !reflect.DeepEqual(news, told) {
			p.t.Fatalf("%T: events of %+v:\n got %+v\nwant %+v", s.store, what, news, told)
		}
	}
}

// ask returns what a store answers, with numbers instead of ids, and the events
// since the last time.
func (p *parallel) ask(s side, what any, g int, ask func(Store, *lens) (any, error)) (answer any, news []told) {
	p.t.Helper()
	lens := s.lenses[g]
	answer, err := ask(s.store, lens)
	news, broken := lens.look(p.ctx, s.store)
	if broken != nil {
		p.t.Fatalf("%T: %+v: events: %v", s.store, what, broken)
	}
	if err != nil {
		return lens.problem(err), news
	}
	return lens.normal(answer), news
}

// wrapUp ends what still runs and compares what that leaves to deliver, so that every
// card is seen once more.
func (p *parallel) wrapUp(at time.Time) {
	p.t.Helper()
	for g, l := range p.model.lenses {
		for n := range l.tasks.ids {
			r := economy.Request{Guild: l.guild, Source: economy.FromDiscord, Key: fmt.Sprint("end-", n), At: at}
			p.write(nth{tasks.TaskMove{Request: r, Admin: root, To: tasks.Archived}, n}, g)
		}
	}
	p.all("roles at the end", 0, func(s Store, _ *lens) (any, error) { return s.ExpireRoles(p.ctx, last) })
	p.all("tidied at the end", 0, func(s Store, _ *lens) (any, error) { return s.TidyTasks(p.ctx, last) })
	for more := true; more; {
		p.all("leases at the end", 0, func(s Store, _ *lens) (any, error) {
			leases, err := s.LeaseDeliveries(p.ctx, economy.MaxPage, 1000*day)
			more = len(leases) > 0
			return leases, err
		})
	}
	for g, l := range p.model.lenses {
		p.all("deliveries behind the end", g, func(s Store, _ *lens) (any, error) { return s.Deliveries(p.ctx, l.guild, 0, economy.MaxPage) })
		p.all("balance behind the end", g, func(s Store, _ *lens) (any, error) {
			return s.Leaderboard(p.ctx, economy.LeaderboardQuery{Guild: l.guild, Viewer: root, Page: 1, Size: economy.MaxPage, At: at})
		})
	}
}

// compareEnd compares everything that can be observed.
func (p *parallel) compareEnd(at time.Time) {
	for g := range p.model.lenses {
		guild := p.model.lenses[g].guild
		p.lookBack(g, 40, at.Add(3*day))
		p.lookUp(g, events.TrailQuery{Limit: events.MaxPage})
		p.all("books at the end", g, func(s Store, _ *lens) (any, error) { return s.Books(p.ctx, guild) })
		p.all("settings at the end", g, func(s Store, _ *lens) (any, error) { return s.Settings(p.ctx, guild) })
		p.all("reversible at the end", g, func(s Store, _ *lens) (any, error) { return s.Reversible(p.ctx, guild, economy.MaxPage) })
		p.all("refundable at the end", g, func(s Store, _ *lens) (any, error) { return s.Refundable(p.ctx, guild, economy.MaxPage) })
		p.all("deliveries at the end", g, func(s Store, _ *lens) (any, error) { return s.Deliveries(p.ctx, guild, 0, economy.MaxPage) })
		p.all("all items at the end", g, func(s Store, _ *lens) (any, error) {
			return s.ItemNames(p.ctx, shop.NamesQuery{Guild: guild, Unsold: true, At: at, Limit: economy.MaxPage})
		})
		for n := range p.model.lenses[g].items.ids {
			p.all("offer at the end", g, func(s Store, l *lens) (any, error) {
				return s.Offer(p.ctx, shop.OfferQuery{Guild: guild, Viewer: people[0], Item: shop.ItemID(l.items.id(n)), At: at})
			})
		}
		p.all("all tasks at the end", g, func(s Store, _ *lens) (any, error) {
			return s.TaskNames(p.ctx, tasks.NamesQuery{Guild: guild, Which: tasks.Every, At: at, Limit: economy.MaxPage})
		})
		p.all("queue at the end", g, func(s Store, _ *lens) (any, error) {
			return s.ReviewQueue(p.ctx, tasks.QueueQuery{Guild: guild, Reviewer: manager(people[0]), At: at})
		})
		for n := range p.model.lenses[g].tasks.ids {
			p.all("task at the end", g, func(s Store, l *lens) (any, error) {
				return s.TaskOffer(p.ctx, tasks.OfferQuery{Guild: guild, Viewer: people[0], Task: tasks.Ref{ID: tasks.TaskID(l.tasks.id(n))}, At: at})
			})
		}
		p.compareLists(g)
		for page := range 4 {
			p.all("catalogue at the end", g, func(s Store, _ *lens) (any, error) {
				return s.Catalogue(p.ctx, shop.CatalogueQuery{Guild: guild, Viewer: people[0], Page: page + 1, Size: 2, At: at})
			})
		}
		p.compareOffice(g, at)
		for _, who := range people {
			p.all("inventory at the end of "+who.Name, g, func(s Store, _ *lens) (any, error) {
				return s.Inventory(p.ctx, shop.InventoryQuery{Guild: guild, Viewer: who, Member: who, Page: 1, Size: economy.MaxPage, At: at})
			})
			p.all("claims at the end of "+who.Name, g, func(s Store, _ *lens) (any, error) {
				return s.Claims(p.ctx, tasks.ClaimsQuery{Guild: guild, Viewer: who, Page: 1, Size: economy.MaxPage, At: at})
			})
			p.all("history at the end of "+who.Name, g, func(s Store, _ *lens) (any, error) {
				return wholeHistory(p.ctx, s, guild, who, at)
			})
			p.all("wallet at the end of "+who.Name, g, func(s Store, _ *lens) (any, error) {
				return s.Wallet(p.ctx, economy.WalletQuery{Guild: guild, Viewer: who, Member: who, At: at})
			})
		}
		for page := range 3 {
			p.all("open tasks at the end", g, func(s Store, _ *lens) (any, error) {
				return s.OpenTasks(p.ctx, tasks.BoardQuery{Guild: guild, Viewer: people[1], Page: page + 1, Size: 2, At: at})
			})
		}
		for page := range 4 {
			p.all("leaderboard at the end", g, func(s Store, _ *lens) (any, error) {
				return s.Leaderboard(p.ctx, economy.LeaderboardQuery{Guild: guild, Viewer: people[0], Page: page + 1, Size: 2, At: at})
			})
		}
	}
}

// lookBack compares what was counted of what happened.
func (p *parallel) lookBack(g, days int, at time.Time) {
	p.t.Helper()
	q := events.StatsQuery{Guild: p.model.lenses[g].guild, Days: days, At: at}
	p.all(q, g, func(s Store, _ *lens) (any, error) { return s.Stats(p.ctx, q) })
}

// lookUp compares what is told of what happened.
func (p *parallel) lookUp(g int, q events.TrailQuery) {
	p.t.Helper()
	q.Guild = string(p.model.lenses[g].guild)
	p.all(q, g, func(s Store, l *lens) (any, error) {
		own := q // each store has numbers of its own
		if q.Actor > 0 {
			own.Actor = int64(l.memberID(int(q.Actor) - 1))
		}
		return wholeTrail(p.ctx, s, own)
	})
}
