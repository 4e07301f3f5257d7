package storetest

import (
	"fmt"

	"coffer/internal/economy"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// actors tells of those who act from the dashboard.
func actors(b *book) {
	b.story("an account of the dashboard does all that admins do, and is no member", func(s *scene) {
		s.channels()
		s.rules(func(v *economy.Settings) { v.StartingBalance = 10 })
		paid := s.pay(bob, ada, 3).Transaction
		cake := s.cake(2)
		bought := s.buy(ada, cake, 2)
		write := s.open(of(essay(), func(t *tasks.Terms) { t.Tries = 3 }))
		s.take(ada, write)
		work := s.handIn(ada, write, "My essay").Submission
		seen := s.events()
		for _, op := range []any{
			must(economy.NewAdjustment(s.request(), desk, ada, economy.KindGive, 50, "welcome")),
			must(economy.NewAdjustment(s.request(), desk, bob, economy.KindSet, 3, "")),
			must(economy.NewReversal(s.request(), desk, paid, "a mistake")),
			must(shop.NewRefund(s.request(), desk, bought.Purchase, "stale")),
			must(shop.NewItemCreation(s.request(), desk, shop.Terms{Name: "Hat", Price: 5}, shop.Stock{})),
			must(shop.NewItemEdit(s.request(), desk, cake.ID, cake.Version, shop.Terms{Name: "Cake", Price: 9}, nil)),
			shop.ItemArchival{Request: s.request(), Admin: desk, Item: cake.ID},
			must(tasks.NewTaskCreation(s.request(), desk, of(errand(), func(t *tasks.Terms) { t.Title = "Run" }), true)),
			must(tasks.NewTaskEdit(s.request(), desk, write.ID, write.Version, of(essay(), func(t *tasks.Terms) { t.Reward = 9 }))),
			must(tasks.NewApproval(s.request(), manager(desk), work, 100)),
			must(tasks.NewTaskMove(s.request(), desk, tasks.Ref{ID: write.ID}, tasks.Closed)),
			must(economy.NewSettingsChange(s.request(), desk, economy.DefaultSettings())),
		} {
			w := Write{Operation: op}.Do(s.ctx, s.store)
			if w.Err != nil {
				s.t.Fatalf("%+v: %v", op, w.Err)
			}
			same(s.t, fmt.Sprintf("%T repeated", op), Write{Operation: later(op)}.Do(s.ctx, s.store).Receipt, w.Receipt)
		}
		list := s.events()[len(seen):]
		kinds(s.t, list, "give", "set", "reversal", "refund", "item.created", "item.changed", "item.archived",
			"task.created", "task.changed", "reward", "claim.approved", "task.closed", "settings.changed")
		met := make(map[int64]bool)
		for _, e := range seen {
			met[e.Actor] = true
		}
		for _, e := range list {
			if e.Actor != list[0].Actor || met[e.Actor] {
				s.t.Errorf("%s is by %d, want one and the same account, which is nobody's else", e.Kind, e.Actor)
			}
		}
		same(s.t, "members", len(s.board(ada, 1, economy.MaxPage).Rows), 3) // with root
	})
	b.story("each guild knows an account by a number of its own, and by its newest name", func(s *scene) {
		s.channels()
		write := s.open(of(essay(), func(t *tasks.Terms) { t.Repeat = tasks.Daily }))
		review := func(who economy.Person) economy.Actor {
			s.take(ada, write)
			id := s.handIn(ada, write, "a").Submission
			got := did(s.store.ReviewSubmission(s.ctx, must(tasks.NewApproval(s.request(), manager(who), id, 0)))).in(s)
			s.now = s.now.Add(day)
			_, err := s.store.ReviewSubmission(s.ctx, s.approval(id, 100))
			refused(s.t, err, tasks.ErrReviewed.With("by", got.Submission.Reviewer).With("state", tasks.Accepted).With("at", got.Submission.Reviewed))
			return got.Submission.Reviewer
		}
		first := review(desk)
		same(s.t, "reviewer", first, by(desk, s.number(desk)))
		same(s.t, "without a name", review(economy.Person{Admin: desk.Admin}), first)
		renamed := economy.Person{Admin: desk.Admin, Name: "Reception"}
		same(s.t, "under another name", review(renamed), economy.Actor{Kind: economy.ActorAccount, ID: first.ID, Name: "Reception"})
		other := review(economy.Person{Admin: 8, Name: desk.Name})
		if other.ID == first.ID || other.Kind != economy.ActorAccount {
			s.t.Errorf("another account is %+v, the first %+v", other, first)
		}
		same(s.t, "a member", review(bob), by(bob, s.number(bob)))
		there := s.elsewhere()
		there.rulesBy(desk)
		kinds(s.t, there.events(), "guild.created", "settings.changed")
	})
	b.story("who is nobody, or two, does nothing", func(s *scene) {
		s.wallet(ada)
		s.untouched(func() {
			for _, who := range []economy.Person{{Name: "Nobody"}, {User: ada.User, Admin: 7}} {
				w := Write{Operation: must(economy.NewAdjustment(s.request(), who, ada, economy.KindGive, 1, ""))}.Do(s.ctx, s.store)
				if !w.Unknown() || w.Err == nil {
					s.t.Errorf("%+v gives coins: %+v", who, w)
				}
			}
			w := Write{Operation: must(economy.NewAdjustment(s.request(), root, economy.Person{Name: "Nobody"}, economy.KindGive, 1, ""))}.Do(s.ctx, s.store)
			if !w.Unknown() {
				s.t.Errorf("nobody gets coins: %+v", w)
			}
		})
	})
	b.story("64 first acts of an account at once are of one", func(s *scene) {
		s.wallet(ada)
		together(64, func(i int) {
			r := s.keyed(fmt.Sprint("act-", i))
			w := Write{Operation: must(economy.NewAdjustment(r, desk, ada, economy.KindGive, 1, ""))}.Do(s.ctx, s.store)
			if w.Err != nil {
				s.t.Error(w.Err)
			}
		})
		s.has(ada, 164)
		list := s.events()
		for _, e := range list[3:] {
			same(s.t, "actor", e.Actor, list[3].Actor)
		}
		same(s.t, "events", len(list), 3+64)
	})
}
