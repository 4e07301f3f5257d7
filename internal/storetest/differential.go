package storetest

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coffer/internal/economy"
)

// RunDifferential runs random sequences of operations against an adapter and
// the Model, and fails at the first answer, event or end state that differs.
// Numbers of transactions and members are compared by their order in the guild.
func RunDifferential(t *testing.T, open func(t *testing.T) Store) {
	store := open(t)
	worlds, want := 0, [5]int{}
	rapid.Check(t, func(t *rapid.T) {
		worlds++
		p := newPair(t, store, fmt.Sprint("world-", worlds))
		clock := rapid.SampledFrom(moments).Draw(t, "start")
		for g := range p.sides[0].lenses {
			p.run(step{Verb: "rules", Guild: g, Who: root, Source: economy.FromSystem, Rules: rapid.SampledFrom(rules).Draw(t, "rules")}, clock)
		}
		t.Repeat(map[string]func(*rapid.T){"step": func(t *rapid.T) {
			step := steps.Draw(t, "step")
			clock = clock.Add(step.Tick)
			p.run(step, clock)
		}})
		p.compareEnd(clock)
		for i, n := range counts(must(p.sides[1].store.Audit(p.ctx))) {
			want[i] += n
		}
	})
	same(t, "guilds, members, transactions, entries, coins of all worlds", counts(clean(t, store)), want)
}

func counts(a economy.Audit) [5]int {
	return [5]int{a.Guilds, a.Members, a.Transactions, a.Entries, int(a.Coins)}
}

// pair is an adapter and the model, in the same world of two guilds.
type pair struct {
	t      *rapid.T
	ctx    context.Context
	sides  [2]side // the adapter, the model
	writes []any   // done so far, to be repeated
}

// side is one store of the pair with its lenses, one for each guild.
type side struct {
	store  Store
	lenses [2]*lens
}

func newPair(t *rapid.T, store Store, world string) *pair {
	p := &pair{t: t, ctx: context.Background()}
	p.sides[0].store, p.sides[1].store = store, NewModel()
	for i := range p.sides {
		for g := range p.sides[i].lenses {
			p.sides[i].lenses[g] = newLens(economy.GuildID(fmt.Sprint(world, "-", g)))
		}
	}
	if _, err := store.ForgetRequests(p.ctx, time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatalf("ForgetRequests: %v", err)
	}
	return p
}

// both asks the two stores the same, about a guild, and compares the answers.
func (p *pair) both(what any, g int, ask func(Store, *lens) (any, error)) {
	p.t.Helper()
	var answers, told [2]any
	for i, side := range p.sides {
		lens := side.lenses[g]
		answer, err := ask(side.store, lens)
		news, broken := lens.look(p.ctx, side.store)
		if broken != nil {
			p.t.Fatalf("%+v: events: %v", what, broken)
		}
		answers[i], told[i] = lens.normal(answer), news
		if err != nil {
			answers[i] = lens.problem(err)
		}
	}
	if !reflect.DeepEqual(answers[0], answers[1]) {
		p.t.Fatalf("%+v:\n got %+v\nwant %+v", what, answers[0], answers[1])
	}
	if !reflect.DeepEqual(told[0], told[1]) {
		p.t.Fatalf("events of %+v:\n got %+v\nwant %+v", what, told[0], told[1])
	}
}

// compareEnd compares everything that can be observed.
func (p *pair) compareEnd(at time.Time) {
	for g := range p.sides[0].lenses {
		guild := p.sides[0].lenses[g].guild
		p.both("settings at the end", g, func(s Store, _ *lens) (any, error) { return s.Settings(p.ctx, guild) })
		p.both("reversible at the end", g, func(s Store, _ *lens) (any, error) { return s.Reversible(p.ctx, guild, economy.MaxPage) })
		for _, who := range people {
			p.both("history at the end of "+who.Name, g, func(s Store, _ *lens) (any, error) {
				return wholeHistory(p.ctx, s, guild, who, at)
			})
			p.both("wallet at the end of "+who.Name, g, func(s Store, _ *lens) (any, error) {
				return s.Wallet(p.ctx, economy.WalletQuery{Guild: guild, Viewer: who, Member: who, At: at})
			})
		}
		for page := range 4 {
			p.both("leaderboard at the end", g, func(s Store, _ *lens) (any, error) {
				return s.Leaderboard(p.ctx, economy.LeaderboardQuery{Guild: guild, Viewer: people[0], Page: page + 1, Size: 2, At: at})
			})
		}
	}
}
