package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// Storm runs about ops random writes and reads by concurrent workers in a guild of
// its own and records every write with its key. If ctx ends during the storm, or
// the store fails, some outcomes are unknown; Journal.Check settles them and sees
// that no coin was made or lost. Use a seed once per store.
func Storm(ctx context.Context, t testing.TB, store Store, seed uint64, workers, ops int) *Journal {
	t.Helper()
	j := &Journal{
		Guild: economy.GuildID(fmt.Sprintf("storm-%d", seed)),
		At:    time.Date(2024, 2, 27, 9, 0, 0, 0, time.UTC),
	}
	for i := range 8 {
		j.Members = append(j.Members, economy.Person{User: economy.UserID(fmt.Sprint(500+i, "0000000000000000")), Name: fmt.Sprint("Member ", i)})
	}
	j.stock(ctx, store)
	j.employ(ctx, store)
	var mu sync.Mutex
	together(workers, func(i int) {
		w := &worker{ctx: ctx, t: t, store: store, journal: j, id: i, rand: rand.New(rand.NewPCG(seed, uint64(i)))}
		for n := 0; n < ops/workers && ctx.Err() == nil; n++ {
			w.step(n)
		}
		mu.Lock()
		defer mu.Unlock()
		j.Writes = append(j.Writes, w.writes...)
	})
	return j
}

// stock has the guild sell three items: one that can be used, one whose pieces are
// few, and a role.
func (j *Journal) stock(ctx context.Context, store Store) {
	for i, w := range []struct {
		terms shop.Terms
		stock shop.Stock
	}{
		{shop.Terms{Name: "Cake", Price: 3, Usable: true}, shop.Stock{}},
		{shop.Terms{Name: "Crown", Price: 20, MemberLimit: 3}, shop.Stock{Limited: true, Left: 12}},
		{shop.Terms{Name: "Badge", Price: 7, Role: "7001", RoleHours: 24}, shop.Stock{Limited: true, Left: 60}},
	} {
		r := economy.Request{Guild: j.Guild, Source: economy.FromSystem, Key: fmt.Sprint("item-", i), At: j.At}
		done := Write{Operation: must(shop.NewItemCreation(r, j.Members[0], w.terms, w.stock))}.Do(ctx, store)
		j.Writes = append(j.Writes, done)
		if item, ok := done.Receipt.(shop.Item); ok {
			j.items = append(j.items, item)
		}
	}
}

// employ has the guild pay for three tasks: one that is paid at once, one with few
// places that a person reviews, and one that is easily overdue.
func (j *Journal) employ(ctx context.Context, store Store) {
	for i, terms := range []tasks.Terms{
		{Title: "Greet", Reward: 4, Proof: tasks.ProofNone, Review: tasks.ByNobody, Repeat: tasks.Daily, Tries: 1},
		{Title: "Sweep", Reward: 9, Proof: tasks.ProofNone, Review: tasks.ByPerson, Repeat: tasks.Daily, Places: 40, Tries: 2},
		{Title: "Guard", Reward: 15, Proof: tasks.ProofText, Review: tasks.ByAnswer, Answer: "All quiet", Repeat: tasks.Weekly, Places: 3, ClaimHours: 30, Tries: 3},
	} {
		r := economy.Request{Guild: j.Guild, Source: economy.FromSystem, Key: fmt.Sprint("task-", i), At: j.At}
		done := Write{Operation: must(tasks.NewTaskCreation(r, j.Members[0], terms, true))}.Do(ctx, store)
		j.Writes = append(j.Writes, done)
		if task, ok := done.Receipt.(tasks.Task); ok {
			j.tasks = append(j.tasks, task)
		}
	}
}

// worker is one of a storm's callers.
type worker struct {
	ctx     context.Context
	t       testing.TB
	store   Store
	journal *Journal
	id      int
	rand    *rand.Rand
	writes  []Write
}

// step runs one operation.
func (w *worker) step(n int) {
	who := func() economy.Person { return w.journal.Members[w.rand.IntN(len(w.journal.Members))] }
	r := economy.Request{
		Guild: w.journal.Guild, Source: economy.FromDiscord, Key: fmt.Sprintf("%d-%d", w.id, n),
		At: w.journal.At.Add(time.Duration(n) * 7 * time.Hour),
	}
	from, to := who(), who()
	for to == from {
		to = who()
	}
	switch dice := w.rand.IntN(100); {
	case dice < 30:
		q := []economy.Quantity{{Share: economy.All}, {Share: economy.Half}, economy.Coins(1 + economy.Amount(w.rand.IntN(60)))}
		w.write(must(economy.NewTransfer(r, from, to, q[w.rand.IntN(len(q))], "")))
	case dice < 45:
		kinds := []economy.Kind{economy.KindGive, economy.KindTake, economy.KindSet}
		w.write(must(economy.NewAdjustment(r, from, to, kinds[w.rand.IntN(3)], 1+economy.Amount(w.rand.IntN(300)), "storm")))
	case dice < 52:
		w.write(must(economy.NewDailyClaim(r, from)))
	case dice < 64 && len(w.journal.tasks) > 0:
		w.labour(r, from, to, w.journal.tasks[w.rand.IntN(len(w.journal.tasks))])
	case dice < 76 && len(w.journal.items) > 0:
		w.trade(r, from, w.journal.items[w.rand.IntN(len(w.journal.items))])
	case dice < 81 && len(w.writes) > 0:
		id, _ := w.writes[w.rand.IntN(len(w.writes))].effect()
		w.write(must(economy.NewReversal(r, from, id, "storm")))
	case dice < 90 && len(w.writes) > 0:
		w.repeat(w.rand.IntN(len(w.writes)))
	default:
		w.look(from, to, r.At)
	}
}

func (w *worker) write(op any) { w.writes = append(w.writes, Write{Operation: op}.Do(w.ctx, w.store)) }

// trade buys, uses, takes back, or delivers a role, most often well.
func (w *worker) trade(r economy.Request, who economy.Person, i shop.Item) {
	switch w.rand.IntN(8) {
	case 0:
		w.write(shop.Use{Request: r, Member: who, Item: i.ID})
	case 1, 2:
		for _, earlier := range slices.Backward(w.writes) {
			if bought, ok := earlier.Receipt.(shop.PurchaseReceipt); ok {
				w.write(must(shop.NewRefund(r, who, bought.Purchase, "storm")))
				return
			}
		}
	case 3:
		leases, err := w.store.LeaseDeliveries(w.ctx, 2, time.Minute)
		for _, l := range leases {
			if err == nil {
				err = w.store.SettleDelivery(w.ctx, l, []outbox.Outcome{done, done, done, failed}[w.rand.IntN(4)], r.At)
			}
		}
	case 4:
		_, _ = w.store.ExpireRoles(w.ctx, r.At)
	default:
		w.write(must(shop.NewPurchase(r, who, nil, i.ID, 1+w.rand.Int64N(2), i.Price)))
	}
}

// labour claims a task, hands it in, gives it up, reviews it, or tidies up.
func (w *worker) labour(r economy.Request, who, other economy.Person, t tasks.Task) {
	ref := tasks.Ref{ID: t.ID}
	switch w.rand.IntN(10) {
	case 0, 1, 2:
		w.write(must(tasks.NewClaiming(r, who, nil, ref)))
	case 3, 4, 5:
		text := ""
		if t.Proof == tasks.ProofText {
			text = []string{"all quiet", "a noise"}[w.rand.IntN(2)]
		}
		w.write(tasks.NewSubmitting(r, who, ref, tasks.Work{Text: text}))
	case 6:
		w.write(tasks.NewDropping(r, who, ref))
	case 7:
		_, _ = w.store.TidyTasks(w.ctx, r.At)
	default:
		page, err := w.store.ReviewQueue(w.ctx, tasks.QueueQuery{Guild: r.Guild, Reviewer: manager(other), At: r.At})
		if err != nil || page.Submission == nil {
			return
		}
		if w.rand.IntN(3) == 0 {
			w.write(must(tasks.NewRejection(r, manager(other), page.Submission.ID, "storm")))
		} else {
			w.write(must(tasks.NewApproval(r, manager(other), page.Submission.ID, 1+w.rand.IntN(100))))
		}
	}
}

// repeat sends an earlier write again and keeps what is newly known of it.
func (w *worker) repeat(i int) {
	first := w.writes[i]
	again := first.Do(w.ctx, w.store)
	switch {
	case first.Receipt == nil: // a refusal is not remembered, so this time it may have happened
		w.writes[i] = again
	case again.Unknown():
	case !reflect.DeepEqual(again.Receipt, first.Receipt):
		w.t.Errorf("a repeated request:\n got %+v (error %v)\nwant %+v", again.Receipt, again.Err, first.Receipt)
	}
}

// look reads; its answers are only required to make sense.
func (w *worker) look(viewer, member economy.Person, at time.Time) {
	wallet, err := w.store.Wallet(w.ctx, economy.WalletQuery{Guild: w.journal.Guild, Viewer: viewer, Member: member, At: at})
	if err == nil && (wallet.Balance < 0 || wallet.Rank.Position < 1 || wallet.Rank.Position > len(w.journal.Members)) {
		w.t.Errorf("a wallet in a storm: %+v", wallet)
	}
	page, err := w.store.Catalogue(w.ctx, shop.CatalogueQuery{Guild: w.journal.Guild, Viewer: viewer, Page: 1, Size: 10, At: at})
	for _, i := range page.Items {
		if err == nil && (i.Stock.Left < 0 || i.Sold < 0 || i.Name == "Crown" && i.Sold+i.Stock.Left != 12) {
			w.t.Errorf("an item in a storm: %+v", i)
		}
	}
	board, err := w.store.OpenTasks(w.ctx, tasks.BoardQuery{Guild: w.journal.Guild, Viewer: viewer, Page: 1, Size: 10, At: at})
	for _, line := range board.Lines {
		if err == nil && (line.Left < 0 || line.Left > line.Task.Places || line.Mine != nil && line.Mine.Task != line.Task.ID) {
			w.t.Errorf("a task in a storm: %+v", line)
		}
	}
	lines, err := wholeHistory(w.ctx, w.store, w.journal.Guild, member, at)
	for i := 1; i < len(lines) && err == nil; i++ {
		if newer := lines[i-1]; newer.Balance-newer.Amount != lines[i].Balance {
			w.t.Errorf("entries do not chain: %+v after %+v", newer, lines[i])
		}
	}
}

// storm runs a storm of moderate size.
func storm(b *book) {
	b.story("a storm of operations neither makes nor loses a coin", func(s *scene) {
		Storm(s.ctx, s.t, s.store, 1, 16, size(2400, 400)).Check(s.ctx, s.t, s.store)
	})
}
