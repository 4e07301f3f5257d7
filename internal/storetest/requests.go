package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"coffer/internal/economy"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// requests tells of keys.
func requests(b *book) {
	b.story("each write repeated is answered with its first receipt and does nothing", func(s *scene) {
		var first []Write
		for _, op := range s.oneOfEach() {
			w := Write{Operation: op}.Do(s.ctx, s.store)
			if w.Err != nil {
				s.t.Fatalf("%+v: %v", op, w.Err)
			}
			first = append(first, w)
		}
		s.rules(func(v *economy.Settings) { v.CurrencyName, v.DailyAmount = "beans", 1 })
		s.adjust(ada, economy.KindSet, 77)
		s.untouched(func() {
			for _, w := range first {
				same(s.t, fmt.Sprintf("%T repeated", w.Operation), w.Do(s.ctx, s.store), w)
				again := Write{Operation: later(w.Operation)}.Do(s.ctx, s.store)
				same(s.t, fmt.Sprintf("%T repeated later under other names", w.Operation), again.Receipt, w.Receipt)
			}
		})
		s.has(ada, 77)
	})
	b.story("a key with other arguments is refused and does nothing", func(s *scene) {
		ops := s.oneOfEach()
		for _, op := range ops {
			if w := (Write{Operation: op}).Do(s.ctx, s.store); w.Err != nil {
				s.t.Fatalf("%+v: %v", op, w.Err)
			}
		}
		s.untouched(func() {
			for _, op := range ops {
				for _, other := range others(op) {
					refused(s.t, Write{Operation: other}.Do(s.ctx, s.store).Err, economy.ErrKeyReused)
				}
			}
		})
		stranger := ops[0].(economy.DailyClaim)
		stranger.Member = dee
		s.untouched(func() {
			_, err := s.store.ClaimDaily(s.ctx, stranger)
			refused(s.t, err, economy.ErrKeyReused)
		})
	})
	b.story("a key is of its operation, its guild and its source", func(s *scene) {
		here, there := s.keyed("same"), s.elsewhere().keyed("same")
		system := here
		system.Source = economy.FromSystem
		for _, r := range []economy.Request{here, there, system} {
			did(s.store.Transfer(s.ctx, must(economy.NewTransfer(r, ada, bob, economy.Coins(1), "")))).in(s)
			did(s.store.Adjust(s.ctx, must(economy.NewAdjustment(r, root, ada, economy.KindGive, 5, "")))).in(s)
			did(s.store.ChangeSettings(s.ctx, must(economy.NewSettingsChange(r, root, economy.DefaultSettings())))).in(s)
		}
		did(s.store.ClaimDaily(s.ctx, must(economy.NewDailyClaim(here, ada)))).in(s)
		did(s.store.ClaimDaily(s.ctx, must(economy.NewDailyClaim(there, ada)))).in(s)
		_, err := s.store.ClaimDaily(s.ctx, must(economy.NewDailyClaim(system, ada)))
		refused(s.t, err, economy.ErrAlreadyClaimed.With("next", time.Date(2024, 5, 15, 0, 0, 0, 0, time.UTC)))
		s.has(ada, 100-2+2*5+100)
	})
	b.story("keys differ by each byte", func(s *scene) {
		keys := []string{"k", "K", " k", "k ", "k%", "k_", "ｋ", "k'", `k"`, "k\\", "0", "00", "é", "e\u0301"}
		for _, key := range keys {
			did(s.store.Transfer(s.ctx, must(economy.NewTransfer(s.keyed(key), ada, bob, economy.Coins(1), "")))).in(s)
		}
		s.has(bob, 100+economy.Amount(len(keys)))
	})
	b.story("a refusal is not remembered", func(s *scene) {
		op := s.payment(ada, bob, economy.Coins(150), "")
		_, err := s.store.Transfer(s.ctx, op)
		refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(100)))
		s.adjust(ada, economy.KindGive, 50)
		did(s.store.Transfer(s.ctx, op)).in(s)
		s.has(bob, 250)
	})
	b.story("a refused key is free for other arguments", func(s *scene) {
		op := s.payment(ada, bob, economy.Coins(150), "")
		_, err := s.store.Transfer(s.ctx, op)
		refused(s.t, err, economy.ErrInsufficientFunds.With("balance", economy.Amount(100)))
		op.Quantity = economy.Coins(15)
		did(s.store.Transfer(s.ctx, op)).in(s)
		s.has(bob, 115)
	})
	b.story("64 at once with the same key are one write with 64 equal receipts", func(s *scene) {
		cake := s.cake(1)
		bought := s.buy(ada, cake, 2)
		s.wallet(bob)
		write, run := s.open(essay()), s.open(errand())
		s.take(cyd, run)
		work := s.handIn(cyd, run, "").Submission
		for _, op := range []any{
			s.claim(ada),
			s.payment(ada, bob, economy.Quantity{Share: economy.Half}, "half"),
			s.adjustment(ada, economy.KindGive, 7),
			s.reversal(s.opening(bob)),
			s.creation(shop.Terms{Name: "Hat", Price: 1}, shop.Stock{}),
			s.edit(cake, shop.Terms{Name: "Cake", Price: 2, Usable: true}, nil),
			s.purchase(ada, shop.Item{ID: cake.ID, Terms: shop.Terms{Price: 2}}, 1),
			s.use(ada, cake),
			s.refund(bought.Purchase),
			s.archival(cake),
			s.task(tasks.Terms{Title: "Sing", Reward: 1, Proof: tasks.ProofNone, Review: tasks.ByPerson, Repeat: tasks.Once, Tries: 1}, true),
			s.retask(write, func(t *tasks.Terms) { t.Reward++ }),
			s.claiming(ada, write),
			s.submitting(ada, write, "My essay"),
			s.approval(work, 50),
			s.claiming(bob, write),
			s.dropping(bob, write),
			s.moving(write, tasks.Closed),
		} {
			before := len(s.events())
			writes := make([]Write, 64)
			together(len(writes), func(i int) { writes[i] = Write{Operation: op}.Do(s.ctx, s.store) })
			for _, w := range writes {
				if w.Err != nil || !reflect.DeepEqual(w.Receipt, writes[0].Receipt) {
					s.t.Fatalf("%T: got %+v (error %v), want %+v", op, w.Receipt, w.Err, writes[0].Receipt)
				}
			}
			transactions := 0
			for _, e := range s.events()[before:] {
				if e.Kind != "member.created" && e.Kind != "opening" && e.Kind != "claim.approved" { // beside its reward
					transactions++
				}
			}
			same(s.t, fmt.Sprintf("effects of %T", op), transactions, 1)
		}
	})
	b.story("64 strangers' first write with the same key is one write", func(s *scene) {
		writes := make([]Write, 64)
		op := s.payment(ada, bob, economy.Coins(10), "")
		together(len(writes), func(i int) { writes[i] = Write{Operation: op}.Do(s.ctx, s.store) })
		for _, w := range writes {
			same(s.t, "write", w, writes[0])
		}
		s.has(ada, 90)
		kinds(s.t, s.events(), "guild.created", "member.created", "opening", "member.created", "opening", "transfer")
	})
}

// forgetting tells of keys that are too old; it counts over all guilds.
func forgetting(b *book) {
	b.story("only older keys are forgotten", func(s *scene) {
		old := s.payment(ada, bob, economy.Coins(1), "")
		did(s.store.Transfer(s.ctx, old)).in(s)
		there := s.elsewhere()
		there.daily(ada)
		s.now = s.now.Add(time.Microsecond)
		young := s.payment(ada, bob, economy.Coins(2), "")
		did(s.store.Transfer(s.ctx, young)).in(s)
		for _, v := range []struct {
			before time.Time
			want   int
		}{
			{s.now.Add(-time.Microsecond), 0}, {s.now.Add(-1), 0}, {s.now, 2}, {s.now, 0},
		} {
			same(s.t, "forgotten", did(s.store.ForgetRequests(s.ctx, v.before)).in(s), v.want)
		}
		did(s.store.Transfer(s.ctx, old)).in(s)
		did(s.store.Transfer(s.ctx, young)).in(s)
		s.has(bob, 100+1+2+1)
		same(s.t, "forgotten", did(s.store.ForgetRequests(s.ctx, s.now.Add(time.Hour))).in(s), 2)
		same(s.t, "forgotten", did(s.store.ForgetRequests(s.ctx, s.now.Add(time.Hour))).in(s), 0)
	})
}

// oneOfEach returns a write of each kind, all of which succeed in this order.
func (s *scene) oneOfEach() []any {
	s.t.Helper()
	paid := s.pay(bob, cyd, 3).Transaction
	v := economy.DefaultSettings()
	v.DailyAmount = 55
	cake := s.sell(shop.Terms{Name: "Cake", Price: 1, Usable: true, UseMessage: "Yum!"}, shop.Stock{Limited: true, Left: 50})
	badge := s.sell(shop.Terms{Name: "Badge", Price: 2, Role: "7001", RoleHours: 5}, shop.Stock{})
	s.buy(ada, cake, 3)
	bought := s.buy(bob, badge, 1)
	write, run, sweep := s.open(essay()), s.open(errand()), s.open(tasks.Terms{Title: "Sweep", Reward: 4, Proof: tasks.ProofNone, Review: tasks.ByPerson,
		Repeat: tasks.Daily, Places: 3, Tries: 2})
	for _, t := range []tasks.Task{run, sweep} {
		s.take(bob, t)
	}
	s.take(ada, run)
	first, second := s.handIn(bob, run, "").Submission, s.handIn(bob, sweep, "").Submission
	return []any{
		s.claim(ada),
		s.payment(ada, bob, half, "for you"),
		s.adjustment(ada, economy.KindTake, 11),
		s.reversal(paid),
		s.change(v),
		s.creation(shop.Terms{Name: "Hat", Price: 5}, shop.Stock{}),
		s.edit(cake, shop.Terms{Name: "Cakes", Price: 1, Usable: true}, nil),
		s.purchase(ada, cake, 2),
		s.purchase(ada, badge, 1),
		s.refund(bought.Purchase),
		s.use(ada, cake),
		s.archival(badge),
		s.task(tasks.Terms{Title: "Sing", Reward: 1, Proof: tasks.ProofText, Review: tasks.ByAnswer, Answer: "La", Repeat: tasks.Once, Tries: 1}, false),
		s.retask(write, func(t *tasks.Terms) { t.Description = "Long." }),
		s.claiming(ada, write),
		s.submitting(ada, write, "My essay"),
		s.dropping(ada, run),
		s.approval(first, 50),
		s.rejection(second, "dusty"),
		s.moving(sweep, tasks.Closed),
	}
}

// later returns the same write an hour later, under other names.
func later(op any) any {
	return as(op, requestOf(op).At.Add(time.Hour), "the Great")
}

// as returns the same write at another time, by somebody who is called otherwise.
// One person has one name at a time.
func as(op any, at time.Time, name string) any {
	edit := func(r *economy.Request, actor *economy.Person, others ...*economy.Person) {
		r.At, actor.Name = at, name
		for _, p := range others {
			if p.User == actor.User {
				p.Name = name
			}
		}
	}
	switch op := op.(type) {
	case economy.DailyClaim:
		edit(&op.Request, &op.Member)
		return op
	case economy.Transfer:
		edit(&op.Request, &op.From, &op.To)
		return op
	case economy.Adjustment:
		edit(&op.Request, &op.Member, &op.Admin)
		return op
	case economy.Reversal:
		edit(&op.Request, &op.Admin)
		return op
	case economy.SettingsChange:
		edit(&op.Request, &op.Admin)
		return op
	case economy.BulkAdjustment:
		edit(&op.Request, &op.Admin)
		return op
	case economy.Erasure:
		edit(&op.Request, &op.Admin)
		return op
	case shop.ItemCreation:
		edit(&op.Request, &op.Admin)
		return op
	case shop.ItemEdit:
		edit(&op.Request, &op.Admin)
		return op
	case shop.ItemArchival:
		edit(&op.Request, &op.Admin)
		return op
	case shop.Purchase:
		edit(&op.Request, &op.Buyer)
		op.Roles = []economy.RoleID{"7003"}
		return op
	case shop.Refund:
		edit(&op.Request, &op.Admin)
		return op
	case shop.Use:
		edit(&op.Request, &op.Member)
		return op
	case tasks.TaskCreation:
		edit(&op.Request, &op.Admin)
		return op
	case tasks.TaskEdit:
		edit(&op.Request, &op.Admin)
		return op
	case tasks.TaskMove:
		edit(&op.Request, &op.Admin)
		return op
	case tasks.Claiming:
		edit(&op.Request, &op.Member)
		op.Roles = []economy.RoleID{"7003"}
		return op
	case tasks.Submitting:
		edit(&op.Request, &op.Member)
		return op
	case tasks.Dropping:
		edit(&op.Request, &op.Member)
		return op
	case tasks.Reviewing:
		edit(&op.Request, &op.Reviewer.Person)
		op.Reviewer.Manager = false
		return op
	}
	panic(fmt.Sprintf("a write of type %T", op))
}

// requestOf returns a write's request.
func requestOf(op any) economy.Request {
	return reflect.ValueOf(op).FieldByName("Request").Interface().(economy.Request)
}

// others returns writes with the same key and one other argument, the first of
// them with one that can be had without knowing the store's numbers.
func others(op any) []any {
	switch op := op.(type) {
	case economy.DailyClaim:
		a := op
		a.Member = bob
		return []any{a}
	case economy.Transfer:
		a, b, c, d := op, op, op, op
		a.Note, b.To, c.Quantity, d.From = op.Note+"!", dee, economy.Coins(1), cyd
		return []any{a, b, c, d}
	case economy.Adjustment:
		a, b, c, d, e := op, op, op, op, op
		a.Reason, b.Kind, c.Amount, d.Member, e.Admin = op.Reason+"!", economy.KindGive, 12, bob, desk
		return []any{a, b, c, d, e}
	case economy.Reversal:
		a, b := op, op
		a.Reason, b.Transaction = op.Reason+"!", op.Transaction-1
		return []any{a, b}
	case economy.SettingsChange:
		a, b := op, op
		a.Settings.Grace, b.Settings.AdminChannel = (op.Settings.Grace+1)%7, "556"
		return []any{a, b}
	case economy.BulkAdjustment:
		a, b, c, d := op, op, op, op
		a.Reason, b.Admin, c.Rows = op.Reason+"!", dee, append(slices.Clone(op.Rows), op.Rows[0])
		d.Rows = slices.Clone(op.Rows)
		d.Rows[0].Amount++
		if !op.Import() {
			return []any{a, b, c, d}
		}
		e := op
		e.Rows = slices.Clone(op.Rows)
		e.Rows[0].Name += "!"
		return []any{a, b, c, d, e}
	case economy.Erasure:
		a, b := op, op
		a.Admin, b.Member = dee, op.Member+1
		return []any{a, b}
	case shop.ItemCreation:
		a, b := op, op
		a.Terms.Description, b.Stock = op.Terms.Description+"!", shop.Stock{Limited: true, Left: 77}
		return []any{a, b}
	case shop.ItemEdit:
		a, b, c, d := op, op, op, op
		a.Terms.Description, b.Version, c.Stock, d.Item = op.Terms.Description+"!", op.Version+1, &shop.Stock{Limited: true, Left: 78}, op.Item+1
		return []any{a, b, c, d}
	case shop.ItemArchival:
		a, b := op, op
		a.Admin, b.Item = dee, op.Item+1
		return []any{a, b}
	case shop.Purchase:
		a, b, c, d := op, op, op, op
		a.Quantity, b.Price, c.Buyer, d.Item = op.Quantity+1, op.Price+1, cyd, op.Item+1
		return []any{a, b, c, d}
	case shop.Refund:
		a, b := op, op
		a.Reason, b.Purchase = op.Reason+"!", op.Purchase+1
		return []any{a, b}
	case shop.Use:
		a, b := op, op
		a.Member, b.Item = dee, op.Item+1
		return []any{a, b}
	case tasks.TaskCreation:
		a, b := op, op
		a.Terms.Description, b.State = op.Terms.Description+"!", tasks.Open
		if op.State == tasks.Open {
			b.State = tasks.Draft
		}
		return []any{a, b}
	case tasks.TaskEdit:
		a, b, c := op, op, op
		a.Terms.Description, b.Version, c.Task = op.Terms.Description+"!", op.Version+1, op.Task+1
		return []any{a, b, c}
	case tasks.TaskMove:
		a, b := op, op
		a.Admin, b.Task.ID = dee, op.Task.ID+1
		return []any{a, b}
	case tasks.Claiming:
		a, b := op, op
		a.Member, b.Task.ID = dee, op.Task.ID+1
		return []any{a, b}
	case tasks.Submitting:
		a, b, c := op, op, op
		a.Member, b.Task.ID, c.Work.Text = dee, op.Task.ID+1, op.Work.Text+"!"
		return []any{a, b, c}
	case tasks.Dropping:
		a, b := op, op
		a.Member, b.Task.ID = dee, op.Task.ID+1
		return []any{a, b}
	case tasks.Reviewing:
		a, b, c := op, op, op
		a.Reviewer.Person, b.Submission, c.Approve = dee, op.Submission+1, !op.Approve
		return []any{a, b, c}
	}
	panic(fmt.Sprintf("a write of type %T", op))
}
