package storetest

import (
	"fmt"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// contact tells how guilds and members come to be.
func contact(b *book) {
	// Each operation, done by ada (or root) with bob, and whom it meets, in order.
	for _, first := range []struct {
		name  string
		meets []economy.Person
		do    func(*scene) error
	}{
		{"a viewer who looks at himself", []economy.Person{ada}, func(s *scene) error {
			s.wallet(ada)
			return nil
		}},
		{"a viewer and whom he looks at", []economy.Person{ada, bob}, func(s *scene) error {
			_, err := s.store.Wallet(s.ctx, economy.WalletQuery{Guild: s.guild, Viewer: ada, Member: bob, At: s.now})
			return err
		}},
		{"the reader of a history and whose it is", []economy.Person{ada, bob}, func(s *scene) error {
			s.history(economy.HistoryQuery{Viewer: ada, Member: bob, Size: 10})
			return nil
		}},
		{"the reader of a leaderboard", []economy.Person{ada}, func(s *scene) error {
			s.board(ada, 1, 10)
			return nil
		}},
		{"a claimant", []economy.Person{ada}, func(s *scene) error {
			_, err := s.store.ClaimDaily(s.ctx, s.claim(ada))
			return err
		}},
		{"payer and payee", []economy.Person{ada, bob}, func(s *scene) error {
			_, err := s.store.Transfer(s.ctx, s.payment(ada, bob, economy.Coins(1), ""))
			return err
		}},
		{"an admin and a member", []economy.Person{root, bob}, func(s *scene) error {
			_, err := s.store.Adjust(s.ctx, s.adjustment(bob, economy.KindGive, 1))
			return err
		}},
		{"an admin and himself", []economy.Person{root}, func(s *scene) error {
			_, err := s.store.Adjust(s.ctx, s.adjustment(root, economy.KindGive, 1))
			return err
		}},
		{"an admin who changes settings", []economy.Person{root}, func(s *scene) error {
			v := economy.DefaultSettings()
			v.StartingBalance = 7
			_, err := s.store.ChangeSettings(s.ctx, s.change(v))
			return err
		}},
		{"the reader of a catalogue", []economy.Person{ada}, func(s *scene) error {
			s.catalogue("", 1, 5)
			return nil
		}},
		{"whoever looks for an item in vain", []economy.Person{ada}, func(s *scene) error {
			_, err := s.store.Offer(s.ctx, shop.OfferQuery{Guild: s.guild, Viewer: ada, Item: 1 << 40, At: s.now})
			refused(s.t, err, shop.ErrUnknownItem)
			return nil
		}},
		{"the reader of an inventory and whose it is", []economy.Person{ada, bob}, func(s *scene) error {
			_, err := s.store.Inventory(s.ctx, shop.InventoryQuery{Guild: s.guild, Viewer: ada, Member: bob, Page: 1, Size: 5, At: s.now})
			return err
		}},
		{"the reader of open tasks", []economy.Person{ada}, func(s *scene) error {
			s.openTasks(ada, 1, 5)
			return nil
		}},
		{"the reader of his claims", []economy.Person{ada}, func(s *scene) error {
			s.claims(ada)
			return nil
		}},
		{"whoever looks for a task in vain", []economy.Person{ada}, func(s *scene) error {
			_, err := s.store.TaskOffer(s.ctx, tasks.OfferQuery{Guild: s.guild, Viewer: ada, Task: tasks.Ref{ID: 1 << 40}, At: s.now})
			refused(s.t, err, tasks.ErrUnknownTask)
			return nil
		}},
		{"a reviewer", []economy.Person{ada}, func(s *scene) error {
			s.queue(manager(ada), 0)
			return nil
		}},
		{"one who is no reviewer", []economy.Person{ada}, func(s *scene) error {
			_, err := s.store.ReviewQueue(s.ctx, tasks.QueueQuery{Guild: s.guild, Reviewer: tasks.Reviewer{Person: ada}, At: s.now})
			refused(s.t, err, tasks.ErrNotReviewer)
			return nil
		}},
		{"an admin with a task", []economy.Person{root}, func(s *scene) error {
			s.draft(errand())
			return nil
		}},
		{"those who joined", []economy.Person{ada, bob}, func(s *scene) error {
			n, err := s.store.Meet(s.ctx, s.guild, []economy.Person{ada, bob}, s.now)
			same(s.t, "new", n, 2)
			return err
		}},
		{"those who join while one listens", []economy.Person{ada, bob}, func(s *scene) error {
			n, err := s.store.Join(s.ctx, s.guild, []economy.Person{ada, bob}, s.now)
			same(s.t, "new", n, 2)
			return err
		}},
		{"an admin who sells", []economy.Person{root}, func(s *scene) error {
			s.cake(1)
			return nil
		}},
	} {
		b.story("meets "+first.name, func(s *scene) {
			if err := first.do(s); err != nil {
				s.t.Fatal(err)
			}
			s.meets(first.meets)
		})
	}

	b.story("people who are met are members from then on, bots are not, and nobody is met twice", func(s *scene) {
		meet := func(want int, who ...economy.Person) {
			s.t.Helper()
			same(s.t, "new", did(s.store.Meet(s.ctx, s.guild, who, s.now)).in(s), want)
		}
		bot := economy.Person{User: "77", Name: "Bot", Bot: true}
		meet(0, bot, bot)
		kinds(s.t, s.events(), "guild.created")
		s.untouched(func() {
			meet(0)
			meet(0, bot, bot)
		})
		s.now = s.now.Add(1_999)
		meet(3, bob, bot, ada, bob, cyd)
		list := s.events()
		kinds(s.t, list, "guild.created", "member.created", "opening", "member.created", "opening", "member.created", "opening")
		same(s.t, "when", list[1].At, s.now.Truncate(time.Microsecond))
		same(s.t, "ranks", []int{s.wallet(bob).Rank.Position, s.wallet(ada).Rank.Position}, []int{1, 2})
		s.pay(ada, bob, 1)
		lady := ada
		lady.Name = "Lady Ada"
		s.untouched(func() { meet(0, lady, bob) })
		s.names("Ada", "Bob")
		s.rules(func(v *economy.Settings) { v.StartingBalance = 7 })
		odd := dee
		odd.Name = "b\xffd"
		meet(1, odd, ada)
		s.has(dee, 7)
		s.pay(dee, bob, 1)
	})
	b.story("a guild that is met has the default settings, and is met once", func(s *scene) {
		together(8, func(int) {
			if n, err := s.store.Meet(s.ctx, s.guild, nil, s.now); n != 0 || err != nil {
				s.t.Errorf("%d were new, error %v", n, err)
			}
		})
		same(s.t, "settings", did(s.store.Settings(s.ctx, s.guild)).in(s), economy.DefaultSettings())
		list := s.events()
		kinds(s.t, list, "guild.created")
		same(s.t, "when", list[0].At, s.now)
		s.rules(func(v *economy.Settings) { v.StartingBalance = 7 })
		s.untouched(func() { did(s.store.Meet(s.ctx, s.guild, nil, s.now)).in(s) })
		same(s.t, "starting balance", did(s.store.Settings(s.ctx, s.guild)).in(s).StartingBalance, economy.Amount(7))
	})
	b.story("many at once meet the same people, each of whom joins once", func(s *scene) {
		crowd := make([]economy.Person, 20)
		for i := range crowd {
			crowd[i] = economy.Person{User: economy.UserID(fmt.Sprint("crowd-", i)), Name: "Crowd"}
		}
		met := make([]int, 16)
		together(len(met), func(i int) {
			var err error
			turned := append(append([]economy.Person{}, crowd[i:]...), crowd[:i]...)
			if met[i], err = s.store.Meet(s.ctx, s.guild, turned, s.now); err != nil {
				s.t.Error(err)
			}
		})
		total := 0
		for _, n := range met {
			total += n
		}
		same(s.t, "met", total, 20)
		same(s.t, "events", len(s.events()), 1+2*20)
	})
	b.story("an admin who reverses joins too", func(s *scene) {
		id := s.daily(ada).Transaction
		s.undo(id)
		s.has(root, 100)
		kinds(s.t, s.events(), "guild.created", "member.created", "opening", "daily", "member.created", "opening", "reversal")
	})
	b.story("a buyer joins too, and an admin who takes back", func(s *scene) {
		i := s.cake(1)
		got := s.buy(ada, i, 1)
		other := s.refund(got.Purchase)
		other.Admin = bob
		did(s.store.Refund(s.ctx, other)).in(s)
		kinds(s.t, s.events(), "guild.created", "member.created", "opening", "item.created",
			"member.created", "opening", "purchase", "member.created", "opening", "refund")
		lady := ada
		lady.Name = "Lady Ada"
		s.buy(lady, i, 1)
		same(s.t, "name", did(s.store.Refundable(s.ctx, s.guild, 1)).in(s)[0].Buyer, "Lady Ada")
	})
	b.story("32 at once meet the same stranger, who is paid his starting balance once", func(s *scene) {
		errs := make([]error, 32)
		together(len(errs), func(i int) {
			if i%2 == 0 {
				_, errs[i] = s.store.Wallet(s.ctx, economy.WalletQuery{Guild: s.guild, Viewer: ada, Member: ada, At: s.now})
			} else {
				_, errs[i] = s.store.Leaderboard(s.ctx, economy.LeaderboardQuery{Guild: s.guild, Viewer: ada, Page: 1, Size: 5, At: s.now})
			}
		})
		for _, err := range errs {
			if err != nil {
				s.t.Fatal(err)
			}
		}
		s.meets([]economy.Person{ada})
	})
	b.story("32 members pay a stranger at once in an unknown guild", func(s *scene) {
		errs := make([]error, 32)
		together(len(errs), func(i int) {
			payer := economy.Person{User: economy.UserID(fmt.Sprint("payer-", i)), Name: "Payer"}
			_, errs[i] = s.store.Transfer(s.ctx, economy.Transfer{
				Request: s.keyed(fmt.Sprint("key-", i)), From: payer, To: ada, Quantity: economy.Coins(10)})
		})
		for _, err := range errs {
			if err != nil {
				s.t.Fatal(err)
			}
		}
		s.has(ada, 100+32*10)
	})
	b.story("a starting balance of 0 makes no transaction", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.StartingBalance = 0 })
		s.has(ada, 0)
		same(s.t, "history", len(s.history(economy.HistoryQuery{Member: ada, Size: 5}).Lines), 0)
		kinds(s.t, s.events(), "guild.created", "member.created", "opening", "settings.changed", "member.created")
	})
	b.story("a refused write leaves no trace", func(s *scene) {
		s.untouched(func() {
			_, err := s.store.Transfer(s.ctx, s.payment(ada, bob, economy.Coins(101), ""))
			refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(100)))
			_, err = s.store.Adjust(s.ctx, s.adjustment(ada, economy.KindTake, 101))
			refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(100)))
			_, err = s.store.Reverse(s.ctx, s.reversal(1<<40))
			refused(s.t, err, economy.ErrUnknownTransaction)
		})
		same(s.t, "reversible", len(s.reversible()), 0)
	})
	b.story("a refused write leaves no trace of one stranger among known members", func(s *scene) {
		s.wallet(ada)
		s.untouched(func() {
			_, err := s.store.Transfer(s.ctx, s.payment(ada, bob, economy.Coins(101), ""))
			refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(100)))
		})
		same(s.t, "members", len(s.board(ada, 1, 10).Rows), 1)
	})
	b.story("asking for settings or a list creates no guild", func(s *scene) {
		s.untouched(func() {
			got, err := s.store.Settings(s.ctx, s.guild)
			same(s.t, "settings", did(got, err).in(s), economy.DefaultSettings())
			same(s.t, "reversible", len(s.reversible()), 0)
		})
	})
	b.story("writes keep the newest name they are told, reads and refusals and repetitions do not", func(s *scene) {
		lady, sir := ada, bob
		lady.Name, sir.Name = "Lady Ada", "Sir Bob"
		first := s.payment(ada, bob, economy.Coins(5), "")
		did(s.store.Transfer(s.ctx, first)).in(s)
		s.names("Ada", "Bob")
		s.pay(lady, sir, 5)
		s.names("Lady Ada", "Sir Bob")
		s.wallet(ada)
		_, err := s.store.Transfer(s.ctx, s.payment(ada, bob, economy.Coins(1000), ""))
		refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(90)))
		did(s.store.Transfer(s.ctx, first)).in(s)
		s.names("Lady Ada", "Sir Bob")
		s.daily(ada)
		got := s.reversible()[1]
		same(s.t, "names after ada's claim", []string{got.From, got.To}, []string{"Ada", "Sir Bob"})
	})
}

// meets checks that the guild knows these members and nobody else, that each
// was paid the starting balance once, and that they joined in this order.
func (s *scene) meets(people []economy.Person) {
	s.t.Helper()
	counts := make(map[string]int)
	for _, e := range s.events() {
		counts[e.Kind]++
	}
	for kind, want := range map[string]int{"guild.created": 1, "member.created": len(people), "opening": len(people)} {
		if counts[kind] != want {
			s.t.Errorf("%d events %s, want %d", counts[kind], kind, want)
		}
	}
	s.untouched(func() {
		for _, p := range people {
			var openings []economy.Amount
			for _, line := range s.history(economy.HistoryQuery{Member: p, Size: 10}).Lines {
				if line.Kind == economy.KindOpening {
					openings = append(openings, line.Amount)
				}
			}
			same(s.t, "openings of "+p.Name, openings, []economy.Amount{100})
		}
	})
	if list := s.reversible(); len(people) == 2 { // openings in order of first contact
		same(s.t, "order of first contact", []string{list[len(list)-1].To, list[len(list)-2].To}, []string{people[0].Name, people[1].Name})
	}
}

// names checks the names that the newest transaction shows.
func (s *scene) names(from, to string) {
	s.t.Helper()
	list := s.reversible()
	if len(list) == 0 {
		s.t.Fatal("nothing reversible")
	}
	same(s.t, "names", []string{list[0].From, list[0].To}, []string{from, to})
}

// kinds checks the kinds of events.
func kinds(t testing.TB, list []events.Event, want ...string) {
	t.Helper()
	var got []string
	for _, e := range list {
		got = append(got, e.Kind)
	}
	same(t, "events", got, want)
}
