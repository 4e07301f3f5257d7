package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// contexts tells of callers who give up.
func contexts(b *book) {
	b.story("a call whose context is done does nothing", func(s *scene) {
		ops := s.oneOfEach()
		lease := s.lease(0)[0]
		done, cancel := context.WithCancel(s.ctx)
		cancel()
		s.untouched(func() {
			for _, op := range ops {
				if w := (Write{Operation: op}).Do(done, s.store); w.Err == nil || !w.Unknown() {
					s.t.Errorf("%T: got %+v (error %v), want an error that is no refusal", op, w.Receipt, w.Err)
				}
			}
			for name, read := range map[string]func() error{
				"Wallet": func() error {
					_, err := s.store.Wallet(done, economy.WalletQuery{Guild: s.guild, Viewer: dee, Member: dee, At: s.now})
					return err
				},
				"Leaderboard": func() error {
					_, err := s.store.Leaderboard(done, economy.LeaderboardQuery{Guild: s.guild, Viewer: dee, Page: 1, Size: 1, At: s.now})
					return err
				},
				"History": func() error {
					_, err := s.store.History(done, economy.HistoryQuery{Guild: s.guild, Viewer: dee, Member: dee, Size: 1, At: s.now})
					return err
				},
				"Reversible":     func() error { _, err := s.store.Reversible(done, s.guild, 1); return err },
				"Settings":       func() error { _, err := s.store.Settings(done, s.guild); return err },
				"RefreshRanks":   func() error { return s.store.RefreshRanks(done, s.now) },
				"ForgetRequests": func() error { _, err := s.store.ForgetRequests(done, s.now.Add(day)); return err },
				"Audit":          func() error { _, err := s.store.Audit(done); return err },
				"Ping":           func() error { return s.store.Ping(done) },
				"Events":         func() error { _, err := s.store.Events(done, string(s.guild), 0, 1); return err },
				"Catalogue": func() error {
					_, err := s.store.Catalogue(done, shop.CatalogueQuery{Guild: s.guild, Viewer: dee, Page: 1, Size: 1, At: s.now})
					return err
				},
				"Offer": func() error {
					_, err := s.store.Offer(done, shop.OfferQuery{Guild: s.guild, Viewer: dee, Name: "Cake", At: s.now})
					return err
				},
				"ItemNames": func() error {
					_, err := s.store.ItemNames(done, shop.NamesQuery{Guild: s.guild, At: s.now, Limit: 1})
					return err
				},
				"Inventory": func() error {
					_, err := s.store.Inventory(done, shop.InventoryQuery{Guild: s.guild, Viewer: dee, Member: dee, Page: 1, Size: 1, At: s.now})
					return err
				},
				"Refundable":  func() error { _, err := s.store.Refundable(done, s.guild, 1); return err },
				"ExpireRoles": func() error { _, err := s.store.ExpireRoles(done, s.now.Add(day)); return err },
				"Meet":        func() error { _, err := s.store.Meet(done, s.guild, []economy.Person{dee}, s.now); return err },
				"Restore": func() error {
					_, err := s.store.Restore(done, s.guild, []economy.Person{joined(dee, s.now)}, s.now)
					return err
				},
				"Join":      func() error { _, err := s.store.Join(done, s.guild, []economy.Person{dee}, s.now); return err },
				"TidyTasks": func() error { _, err := s.store.TidyTasks(done, s.now.Add(1000*day)); return err },
				"OpenTasks": func() error {
					_, err := s.store.OpenTasks(done, tasks.BoardQuery{Guild: s.guild, Viewer: dee, Page: 1, Size: 1, At: s.now})
					return err
				},
				"TaskOffer": func() error {
					_, err := s.store.TaskOffer(done, tasks.OfferQuery{Guild: s.guild, Viewer: dee, Task: tasks.Ref{Title: "Errand"}, At: s.now})
					return err
				},
				"Claims": func() error {
					_, err := s.store.Claims(done, tasks.ClaimsQuery{Guild: s.guild, Viewer: dee, Page: 1, Size: 1, At: s.now})
					return err
				},
				"TaskNames": func() error {
					_, err := s.store.TaskNames(done, tasks.NamesQuery{Guild: s.guild, Which: tasks.Every, At: s.now, Limit: 1})
					return err
				},
				"ReviewQueue": func() error {
					_, err := s.store.ReviewQueue(done, tasks.QueueQuery{Guild: s.guild, Reviewer: manager(dee), At: s.now})
					return err
				},
				"TaskList": func() error {
					_, err := s.store.TaskList(done, tasks.TaskListQuery{Guild: s.guild, Size: 1})
					return err
				},
				"TaskSheet": func() error { _, err := s.store.TaskSheet(done, s.guild, 1); return err },
				"Submissions": func() error {
					_, err := s.store.Submissions(done, tasks.SubmissionsQuery{Guild: s.guild, Size: 1})
					return err
				},
				"SubmissionSheet": func() error { _, err := s.store.SubmissionSheet(done, s.guild, 1); return err },
				"ItemList": func() error {
					_, err := s.store.ItemList(done, shop.ItemListQuery{Guild: s.guild, Size: 1})
					return err
				},
				"ItemSheet": func() error { _, err := s.store.ItemSheet(done, s.guild, 1); return err },
				"Purchases": func() error {
					_, err := s.store.Purchases(done, shop.PurchasesQuery{Guild: s.guild, Size: 1})
					return err
				},
				"DeliveryList": func() error {
					_, err := s.store.DeliveryList(done, outbox.DeliveryListQuery{Guild: s.guild, Size: 1})
					return err
				},
				"LeaseDeliveries":  func() error { _, err := s.store.LeaseDeliveries(done, 1, time.Hour); return err },
				"SettleDelivery":   func() error { return s.store.SettleDelivery(done, lease, failed, s.now) },
				"Deliveries":       func() error { _, err := s.store.Deliveries(done, s.guild, 0, 1); return err },
				"RetryDelivery":    func() error { _, err := s.store.RetryDelivery(done, s.guild, lease.ID); return err },
				"ForgetDeliveries": func() error { _, err := s.store.ForgetDeliveries(done, s.now.Add(day)); return err },
			} {
				if err := read(); err == nil {
					s.t.Errorf("%s under a context that is done: no error", name)
				}
			}
		})
		for _, op := range ops {
			if w := (Write{Operation: op}).Do(s.ctx, s.store); w.Err != nil {
				s.t.Errorf("%T afterwards: %v", op, w.Err)
			}
		}
		if err := s.store.Ping(s.ctx); err != nil {
			s.t.Errorf("Ping: %v", err)
		}
	})
	b.story("reads whose callers give up at any moment leave every reader fresh", func(s *scene) {
		s.daily(ada)
		rounds := 4000
		if testing.Short() {
			rounds = 400
		}
		together(8, func(worker int) {
			random := rand.New(rand.NewPCG(3, uint64(worker)))
			for range rounds {
				ctx, cancel := context.WithCancel(s.ctx)
				timer := time.AfterFunc(time.Duration(random.IntN(60))*time.Microsecond, cancel)
				_, _ = s.store.Wallet(ctx, economy.WalletQuery{Guild: s.guild, Viewer: ada, Member: ada, At: s.now})
				timer.Stop()
				cancel()
			}
		})
		s.pay(ada, bob, 150)
		together(32, func(int) { s.has(ada, 50) })
	})
	b.story("writes whose callers give up at any moment happen once or not at all", func(s *scene) {
		ware := s.creation(shop.Terms{Name: "Cake", Price: 2, Role: "7001", RoleHours: 1}, shop.Stock{Limited: true, Left: 100})
		j := &Journal{Guild: s.guild, Members: []economy.Person{ada, bob, cyd, root}, At: s.now,
			Writes: []Write{Write{Operation: ware}.Do(s.ctx, s.store)}}
		cake := j.Writes[0].Receipt.(shop.Item)
		const workers = 16
		writes := make([][]Write, workers)
		together(workers, func(worker int) {
			dice := rand.New(rand.NewPCG(7, uint64(worker)))
			for i := range size(60, 12) {
				people := dice.Perm(3)
				r := s.keyed(fmt.Sprintf("%d-%d", worker, i))
				from, to := j.Members[people[0]], j.Members[people[1]]
				var op any
				switch dice.IntN(3) {
				case 0:
					op = must(economy.NewTransfer(r, from, to, economy.Coins(1+economy.Amount(dice.IntN(5))), ""))
				case 1:
					op = must(economy.NewAdjustment(r, root, to, economy.KindGive, 3, ""))
				default:
					op = must(shop.NewPurchase(r, from, nil, cake.ID, 1, cake.Price))
				}
				ctx, cancel := context.WithTimeout(s.ctx, time.Duration(dice.IntN(8000))*time.Microsecond)
				writes[worker] = append(writes[worker], Write{Operation: op}.Do(ctx, s.store))
				cancel()
			}
		})
		for _, w := range writes {
			j.Writes = append(j.Writes, w...)
		}
		j.Check(s.ctx, s.t, s.store)
	})
	b.story("a storm that is called off leaves clean books", func(s *scene) {
		ctx, cancel := context.WithTimeout(s.ctx, 25*time.Millisecond)
		defer cancel()
		Storm(ctx, s.t, s.store, 2, 16, 16*1000).Check(s.ctx, s.t, s.store)
	})
}
