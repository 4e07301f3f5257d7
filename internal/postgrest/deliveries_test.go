package postgrest

import (
	"context"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/outbox"
	"coffer/internal/problem"
	"coffer/internal/shop"
	"coffer/internal/supabasetest"
)

// counter makes requests of guild 1.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) request() economy.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return economy.Request{Guild: "1", Source: economy.FromDiscord, Key: fmt.Sprint("k", c.n), At: noon.Add(time.Duration(c.n) * time.Minute)}
}

func (c *counter) sell(t *testing.T, s *Store, terms shop.Terms) shop.Item {
	t.Helper()
	creation := must[shop.ItemCreation](t)(shop.NewItemCreation(c.request(), economy.Person{User: "1", Name: "Root"}, terms, shop.Stock{}))
	return must[shop.Item](t)(s.CreateItem(t.Context(), creation))
}

// TestTwoAdminsMaySwapNames has two edits take each other's name at the same time:
// one of them is refused, and neither waits for the other in a ring.
func TestTwoAdminsMaySwapNames(t *testing.T) {
	thorough(t)
	s := newProject(t).store(t)
	c := new(counter)
	items := []shop.Item{c.sell(t, s, shop.Terms{Name: "A", Price: 1}), c.sell(t, s, shop.Terms{Name: "B", Price: 1})}
	for range 10 {
		var group sync.WaitGroup
		for i := range items {
			group.Go(func() {
				swapped := items[i].Terms
				swapped.Name = items[1-i].Name
				edit := must[shop.ItemEdit](t)(shop.NewItemEdit(c.request(), economy.Person{User: economy.UserID(fmt.Sprint(i + 1))},
					items[i].ID, items[i].Version, swapped, nil))
				if _, err := s.EditItem(t.Context(), edit); !errors.Is(err, shop.ErrNameTaken) {
					t.Errorf("got %v, want %v", err, shop.ErrNameTaken)
				}
			})
		}
		group.Wait()
	}
}

// TestManyMayBuyRefundDeliverAndExpireAtOnce has everything that changes
// entitlements, or restores what they brought, run at once, on few members and few items, so that whoever took locks
// in another order would meet a ring.
func TestManyMayBuyRefundDeliverAndExpireAtOnce(t *testing.T) {
	thorough(t)
	const workers, rounds = 12, 40
	s := newProject(t).store(t)
	c := new(counter)
	root := economy.Person{User: "1", Name: "Root"}
	settings := economy.DefaultSettings()
	settings.AdminChannel, settings.StartingBalance = "99", 1_000_000
	must[economy.Settings](t)(s.ChangeSettings(t.Context(),
		must[economy.SettingsChange](t)(economy.NewSettingsChange(c.request(), root, settings))))
	items := []shop.Item{
		c.sell(t, s, shop.Terms{Name: "Hour", Price: 3, Role: "70", RoleHours: 1}),
		c.sell(t, s, shop.Terms{Name: "Ever", Price: 5, Role: "70"}),
		c.sell(t, s, shop.Terms{Name: "Other", Price: 7, Role: "71", RoleHours: 2}),
	}
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range rounds {
				if err := meddle(t, s, c, items); err != nil && problem.Of(err).Kind <= problem.Unavailable {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for drained := false; !drained; {
		leases := must[[]outbox.Lease](t)(s.LeaseDeliveries(t.Context(), 100, time.Minute))
		for _, l := range leases {
			if err := s.SettleDelivery(t.Context(), l, outbox.Outcome{State: outbox.Done}, noon); err != nil {
				t.Error(err)
			}
		}
		drained = len(leases) == 0
	}
	if broken, any := must[economy.Audit](t)(s.Audit(t.Context())).Broken(); any {
		t.Errorf("%s is broken %d times: %s", broken.Name, broken.Broken, broken.Example)
	}
}

// meddle does something that changes entitlements, or settles what follows of it.
func meddle(t *testing.T, s *Store, c *counter, items []shop.Item) error {
	ctx, r := t.Context(), c.request()
	who := economy.Person{User: economy.UserID(fmt.Sprint(1 + mathrand.IntN(4))), Name: "x"}
	switch mathrand.IntN(8) {
	case 0, 1:
		item := items[mathrand.IntN(len(items))]
		_, err := s.Purchase(ctx, shop.Purchase{Request: r, Buyer: who, Item: item.ID, Quantity: 1, Price: item.Price})
		return err
	case 2:
		list, err := s.Refundable(ctx, "1", 20)
		if err != nil || len(list) == 0 {
			return err
		}
		_, err = s.Refund(ctx, shop.Refund{Request: r, Admin: who, Purchase: list[mathrand.IntN(len(list))].Purchase})
		return err
	case 3, 4:
		leases, err := s.LeaseDeliveries(ctx, 3, []time.Duration{time.Millisecond, time.Minute}[mathrand.IntN(2)])
		for _, l := range leases {
			outcome := []outbox.Outcome{{State: outbox.Done}, {State: outbox.Waiting}, {State: outbox.Failed, Error: "403"}}[mathrand.IntN(3)]
			err = errors.Join(err, s.SettleDelivery(ctx, l, outcome, r.At))
		}
		return err
	case 5:
		_, err := s.ExpireRoles(ctx, r.At)
		return err
	case 6:
		var back []economy.Person
		for _, n := range mathrand.Perm(4) {
			back = append(back, economy.Person{User: economy.UserID(fmt.Sprint(1 + n)), Name: "x", Joined: r.At.Add(time.Duration(mathrand.IntN(3_600)) * time.Second)})
		}
		_, err := []func(context.Context, economy.GuildID, []economy.Person, time.Time) (int, error){s.Join, s.Restore}[mathrand.IntN(2)](ctx, "1", back, r.At)
		return err
	default:
		list, err := s.Deliveries(ctx, "1", 0, 20)
		if err != nil || len(list) == 0 {
			return err
		}
		_, err = s.RetryDelivery(ctx, "1", list[mathrand.IntN(len(list))].ID)
		return err
	}
}

// TestADeliveryIsLeasedToOne has many servers take deliveries at the same time.
func TestADeliveryIsLeasedToOne(t *testing.T) {
	thorough(t)
	const members, workers = 30, 8
	s := newProject(t).store(t)
	c := new(counter)
	item := c.sell(t, s, shop.Terms{Name: "VIP", Price: 1, Role: "70"})
	for i := range members {
		buyer := economy.Person{User: economy.UserID(fmt.Sprint(100 + i))}
		must[shop.PurchaseReceipt](t)(s.Purchase(t.Context(), shop.Purchase{Request: c.request(), Buyer: buyer, Item: item.ID, Quantity: 1, Price: 1}))
	}
	var mu sync.Mutex
	taken := make(map[int64]int)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for {
				leases, err := s.LeaseDeliveries(t.Context(), 2, time.Minute)
				if err != nil {
					t.Error(err)
				}
				if len(leases) == 0 {
					return
				}
				mu.Lock()
				for _, l := range leases {
					taken[l.ID]++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(taken) != members {
		t.Errorf("%d deliveries were leased, want %d", len(taken), members)
	}
	for id, times := range taken {
		if times != 1 {
			t.Errorf("delivery %d was leased %d times", id, times)
		}
	}
}

// TestASettlementWhoseAnswerIsLostCompensatesOnce has the same settlement arrive
// again and again.
func TestASettlementWhoseAnswerIsLostCompensatesOnce(t *testing.T) {
	thorough(t)
	p := newProject(t)
	s := p.store(t)
	c := new(counter)
	item := c.sell(t, s, shop.Terms{Name: "VIP", Price: 40, Role: "70"})
	ada := economy.Person{User: "10", Name: "Ada"}
	for range 2 {
		must[shop.PurchaseReceipt](t)(s.Purchase(t.Context(), shop.Purchase{Request: c.request(), Buyer: ada, Item: item.ID, Quantity: 1, Price: 40}))
	}
	leases := must[[]outbox.Lease](t)(s.LeaseDeliveries(t.Context(), 10, time.Minute))
	if len(leases) != 1 || !leases[0].Entitled {
		t.Fatalf("leased %+v, want one delivery that grants", leases)
	}
	lost := 0
	p.Plant(func(*http.Request) supabasetest.Fault {
		if lost++; lost < 3 {
			return supabasetest.LoseAnswer()
		}
		return nil
	})
	if err := s.SettleDelivery(t.Context(), leases[0], outbox.Outcome{State: outbox.Failed, Error: "403"}, noon); err != nil {
		t.Error(err)
	}
	p.Plant(nil)
	if err := s.SettleDelivery(t.Context(), leases[0], outbox.Outcome{State: outbox.Done}, noon); err != nil {
		t.Error(err)
	}
	wallet := must[economy.Wallet](t)(s.Wallet(t.Context(), economy.WalletQuery{Guild: "1", Viewer: ada, Member: ada, At: noon}))
	if wallet.Balance != 100 {
		t.Errorf("Ada has %d coins, want 100", wallet.Balance)
	}
	told := 0
	for _, d := range must[[]outbox.Delivery](t)(s.Deliveries(t.Context(), "1", 0, 100)) {
		if d.Kind == outbox.Direct {
			told++
		} else if d.State != outbox.Waiting || d.Attempts != 0 {
			t.Errorf("delivery %+v, want it to wait for the role to be taken", d)
		}
	}
	if told != 2 {
		t.Errorf("Ada is told %d times, want twice: once for each purchase", told)
	}
}

// TestAReturnWhoseAnswerIsLostCountsOnce: it has no key, and is told again.
func TestAReturnWhoseAnswerIsLostCountsOnce(t *testing.T) {
	p := newProject(t)
	s := p.store(t)
	c := new(counter)
	item := c.sell(t, s, shop.Terms{Name: "VIP", Price: 1, Role: "70"})
	buyer := economy.Person{User: "100", Name: "Ada"}
	must[shop.PurchaseReceipt](t)(s.Purchase(t.Context(), shop.Purchase{Request: c.request(), Buyer: buyer, Item: item.ID, Quantity: 1, Price: 1}))
	l := must[[]outbox.Lease](t)(s.LeaseDeliveries(t.Context(), 1, time.Minute))[0]
	if err := s.SettleDelivery(t.Context(), l, outbox.Outcome{State: outbox.Done}, noon); err != nil {
		t.Fatal(err)
	}
	for n, tell := range []func(context.Context, economy.GuildID, []economy.Person, time.Time) (int, error){s.Join, s.Restore} {
		buyer.Joined = c.request().At.Add(time.Duration(1+n) * time.Hour)
		var lost atomic.Bool
		p.Plant(func(*http.Request) supabasetest.Fault {
			if lost.Swap(true) {
				return nil
			}
			return supabasetest.LoseAnswer()
		})
		if got, err := tell(t.Context(), "1", []economy.Person{buyer}, buyer.Joined); got != 0 || err != nil || !lost.Load() {
			t.Errorf("told %d, %v", got, err)
		}
		told := must[events.TrailPage](t)(s.Trail(t.Context(), events.TrailQuery{Guild: "1", Kind: "role.restored", Limit: 10}))
		if len(told.Entries) != n+1 {
			t.Errorf("%d roles were given back, want %d", len(told.Entries), n+1)
		}
	}
	if list := must[[]outbox.Delivery](t)(s.Deliveries(t.Context(), "1", 0, 10)); len(list) != 1 {
		t.Errorf("deliveries: %+v, want one", list)
	}
}
