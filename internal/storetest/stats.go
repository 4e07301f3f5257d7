package storetest

import (
	"fmt"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/tasks"
)

func (s *scene) stats(days int) events.Stats {
	s.t.Helper()
	return did(s.store.Stats(s.ctx, events.StatsQuery{Guild: s.guild, Days: days, At: s.now})).in(s)
}

// tallied has what happened counted, and checks that nobody can tell.
func (s *scene) tallied(days int) events.Stats {
	s.t.Helper()
	before := s.stats(days)
	for range 2 {
		if err := s.store.Tally(s.ctx); err != nil {
			s.t.Fatalf("Tally: %v", err)
		}
	}
	after := s.stats(days)
	same(s.t, "stats before and after they were tallied", after, before)
	return after
}

// sums are ranked members by name.
func sums(list []events.Sum) (named []string) {
	for _, v := range list {
		named = append(named, fmt.Sprint(v.Member.Kind, " ", v.Member.User, " ", v.Member.Name, " ", v.Amount))
	}
	return named
}

// stats tells of what is counted.
func stats(b *book) {
	b.story("days are counted in UTC, whenever they are tallied", func(s *scene) {
		midnight := time.Date(2024, 5, 15, 0, 0, 0, 0, time.UTC)
		s.now = midnight.Add(-time.Microsecond)
		s.rules(func(v *economy.Settings) { v.TimeZone = "Pacific/Kiritimati" })
		cake := s.cake(30)
		s.pay(ada, bob, 40)
		s.daily(ada)
		mistake := s.adjust(ada, economy.KindGive, 500).Transaction
		first := events.Counts{Minted: 100 + 100 + 100 + 100 + 500, Transactions: 6, ActiveMembers: 2, Joined: 3, Dailies: 1, Transfers: 1}
		got := s.tallied(3)
		same(s.t, "the first day", got, events.Stats{
			At: s.now, Members: 3, Circulation: 900,
			Days:        []events.Day{{Date: midnight.AddDate(0, 0, -3)}, {Date: midnight.AddDate(0, 0, -2)}, {Date: midnight.AddDate(0, 0, -1), Counts: first}},
			TopEarners:  got.TopEarners,
			TopsSince:   s.now.Add(-events.TopWindow),
			TopSpenders: nil,
		})
		same(s.t, "earners", sums(got.TopEarners), []string{"member " + string(ada.User) + " Ada 100"})

		s.now = midnight
		bought := s.buy(ada, cake, 2)
		kept := s.buy(bob, cake, 1)
		s.takeBack(bought.Purchase)
		s.undo(mistake)
		s.adjust(bob, economy.KindTake, 7)
		s.adjust(cyd, economy.KindSet, 0)
		second := events.Counts{Minted: 100, Burned: 500 + 7 + 100, Spent: 90, Refunded: 60, Transactions: 7, ActiveMembers: 3, Joined: 1, Sales: 2}
		got = s.tallied(2)
		same(s.t, "both days", got.Days, []events.Day{{Date: midnight.AddDate(0, 0, -1), Counts: first}, {Date: midnight, Counts: second}})
		same(s.t, "coins", []any{got.Members, got.Circulation}, []any{int64(4), economy.Amount(900 + 100 - 607 - 90 + 60)})
		same(s.t, "spenders", sums(got.TopSpenders), []string{"member " + string(bob.User) + " Bob 30"})

		s.now = midnight.Add(-time.Hour) // late news of a day that was tallied
		s.pay(bob, ada, 1)
		s.adjust(dee, economy.KindGive, 1)
		first.Transactions, first.ActiveMembers, first.Transfers, first.Joined, first.Minted = 9, 3, 2, 4, first.Minted+101
		s.now = midnight.Add(23 * time.Hour)
		got = s.tallied(2)
		same(s.t, "late news", got.Days, []events.Day{{Date: midnight.AddDate(0, 0, -1), Counts: first}, {Date: midnight, Counts: second}})
		same(s.t, "the one kept", kept.Quantity, int64(1))
		same(s.t, "a year", len(s.tallied(events.MaxDays+5).Days), events.MaxDays)

		s.now = midnight.AddDate(0, 0, 7) // what was before midnight is too old
		got = s.tallied(1)
		same(s.t, "after a week", []any{sums(got.TopEarners), sums(got.TopSpenders), got.Days[0].Counts},
			[]any{[]string(nil), []string{"member " + string(bob.User) + " Bob 30"}, events.Counts{}})
	})
	b.story("what is earned and what waits is told", func(s *scene) {
		s.channels()
		s.rules(func(v *economy.Settings) { v.DailyAmount = 10 })
		paid := s.open(tasks.Terms{Title: "Greet", Reward: 25, Proof: tasks.ProofNone, Review: tasks.ByNobody, Repeat: tasks.Once, Tries: 1})
		looked := s.open(tasks.Terms{Title: "Sweep", Reward: 25, Proof: tasks.ProofNone, Review: tasks.ByPerson, Repeat: tasks.Once, Tries: 1})
		for _, p := range []economy.Person{cyd, ada} {
			s.take(p, paid)
			s.handIn(p, paid, "")
		}
		s.undo(s.daily(cyd).Transaction)
		s.daily(bob)
		s.take(bob, looked)
		s.handIn(bob, looked, "")
		got := s.tallied(1)
		same(s.t, "earners, equal ones by who came first", sums(got.TopEarners), []string{
			"member " + string(cyd.User) + " Cyd 25", "member " + string(ada.User) + " Ada 25", "member " + string(bob.User) + " Bob 10"})
		same(s.t, "rewards", []int64{got.Days[0].Rewards, got.Days[0].Dailies}, []int64{2, 2})
		same(s.t, "waiting", got.Waiting.Reviews, 1)
		if got.Waiting.DeliveriesWaiting == 0 || got.Waiting.DeliveriesFailed != 0 {
			s.t.Errorf("cards wait for their delivery: %+v", got.Waiting)
		}
	})
	b.story("totals are of all guilds", func(s *scene) {
		total := func() events.Totals {
			if err := s.store.Tally(s.ctx); err != nil {
				s.t.Fatal(err)
			}
			return did(s.store.Totals(s.ctx)).in(s)
		}
		before := total()
		there := s.elsewhere()
		there.takeBack(there.buy(ada, there.cake(30), 2).Purchase)
		s.buy(bob, s.badge("7001", 0), 1)
		s.adjust(bob, economy.KindTake, 7)
		got := total()
		same(s.t, "totals", events.Totals{
			Guilds: got.Guilds - before.Guilds, Members: got.Members - before.Members, Minted: got.Minted - before.Minted,
			Burned: got.Burned - before.Burned, Spent: got.Spent - before.Spent, Refunded: got.Refunded - before.Refunded,
			Transactions: got.Transactions - before.Transactions, DeliveriesWaiting: got.DeliveriesWaiting - before.DeliveriesWaiting,
			DeliveriesFailed: got.DeliveriesFailed - before.DeliveriesFailed,
		}, events.Totals{Guilds: 2, Members: 4, Minted: 400, Burned: 7, Spent: 70, Refunded: 60, Transactions: 8, DeliveriesWaiting: 1})
		same(s.t, "in circulation", got.Circulation()-before.Circulation(), economy.Amount(400-7-70+60))
	})
	b.story("an unknown guild has no figures", func(s *scene) {
		got := s.stats(2)
		same(s.t, "stats", got, events.Stats{At: s.now, Days: events.Filled(events.Beginning(s.now, 2), 2, nil), TopsSince: s.now.Add(-events.TopWindow)})
		same(s.t, "events", len(s.events()), 0)
	})
	b.story("where much happens, figures are those of the last tally", func(s *scene) {
		if size(1, 0) == 0 {
			s.t.Skip("it takes more than is counted while somebody waits")
		}
		crowded := func(round string) {
			together(8, func(i int) {
				for n := range events.MaxLive/8 + 1 {
					r := economy.Request{Guild: s.guild, Source: economy.FromDiscord, Key: fmt.Sprint(round, i, "-", n), At: s.now}
					if _, err := s.store.Adjust(s.ctx, must(economy.NewAdjustment(r, root, ada, economy.KindGive, 1, ""))); err != nil {
						s.t.Error(err)
					}
				}
			})
		}
		s.daily(ada)
		crowded("first")
		if !s.stats(1).TopsUncounted {
			s.t.Error("the tops were taken before anybody did")
		}
		for _, err := range []error{s.store.Tally(s.ctx), s.store.TakeTops(s.ctx, s.now)} {
			if err != nil {
				s.t.Fatal(err)
			}
		}
		s.now = s.now.Add(time.Minute)
		s.daily(bob)
		got := s.stats(1)
		same(s.t, "coins", got.Circulation, economy.Amount(3*100+2*100+8*(events.MaxLive/8+1)))
		same(s.t, "dailies, the last one too", got.Days[0].Dailies, int64(2))
		same(s.t, "earners, as they were taken", sums(got.TopEarners), []string{"member " + string(ada.User) + " Ada 100"})
		same(s.t, "since when", []any{got.TopsSince, got.TopsUncounted}, []any{s.now.Add(-time.Minute - events.TopWindow), false})
	})
}

// books tells of the proof that a guild's ledger balances.
func books(b *book) {
	b.story("the books of a guild are its own", func(s *scene) {
		there := s.elsewhere()
		there.adjust(ada, economy.KindGive, 1_000_000)
		cake := s.cake(30)
		s.pay(ada, bob, 40)
		s.takeBack(s.buy(ada, cake, 1).Purchase)
		s.buy(bob, cake, 1)
		s.undo(s.daily(ada).Transaction)
		s.adjust(bob, economy.KindTake, 7)
		got := did(s.store.Books(s.ctx, s.guild)).in(s)
		same(s.t, "accounts", []economy.Amount{got.Mint, got.Shop, got.Burn, got.Members}, []economy.Amount{-300, 30, 7, 263})
		same(s.t, "how much was looked at", []int64{got.Transactions, got.Entries}, []int64{3 + 1 + 2 + 1 + 2 + 1, 20})
		if !got.Balanced() {
			s.t.Errorf("the books do not balance: %+v", got)
		}
		for i, f := range got.Findings {
			same(s.t, "finding", f, economy.Finding{Invariant: economy.BookInvariants()[i]})
		}
		same(s.t, "findings", len(got.Findings), len(economy.BookInvariants()))
		got.Mint--
		same(s.t, "with a coin too much", got.Balanced(), false)
	})
	b.story("an unknown guild has empty books, which balance", func(s *scene) {
		got := did(s.store.Books(s.ctx, s.guild)).in(s)
		same(s.t, "books", []any{got.Balanced(), got.Entries, got.Transactions}, []any{true, int64(0), int64(0)})
		same(s.t, "events", len(s.events()), 0)
	})
}
