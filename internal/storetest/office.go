package storetest

import (
	"fmt"
	"slices"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// turned reads a list page by page, two rows each, and returns its rows. No page may be
// empty but the only one, and no more than two rows long.
func turned[T any](s *scene, page func(last T, size int) ([]T, bool)) (all []T) {
	s.t.Helper()
	var last T
	for {
		rows, more := page(last, 2)
		all = append(all, rows...)
		if len(rows) > 2 || more && len(rows) < 2 || len(rows) == 0 && len(all) > 0 {
			s.t.Fatalf("a page of %d rows, more follow: %v", len(rows), more)
		}
		if !more {
			return all
		}
		last = rows[len(rows)-1]
	}
}

// ids returns what rows are known by.
func ids[T, ID any](rows []T, id func(T) ID) []ID {
	list := []ID{}
	for _, r := range rows {
		list = append(list, id(r))
	}
	return list
}

func taskNumber(v tasks.TaskSheet) tasks.TaskID                   { return v.Task.ID }
func submissionNumber(v tasks.SubmissionSheet) tasks.SubmissionID { return v.Submission.ID }
func itemNumber(v shop.ItemSheet) shop.ItemID                     { return v.Item.ID }
func purchaseNumber(v shop.PurchaseSheet) shop.PurchaseID         { return v.ID }
func deliveryNumber(v outbox.DeliverySheet) int64                 { return v.Delivery.ID }

func (s *scene) taskSheet(t tasks.Task) tasks.TaskSheet {
	s.t.Helper()
	return did(s.store.TaskSheet(s.ctx, s.guild, t.ID)).in(s)
}

func (s *scene) itemSheet(i shop.Item) shop.ItemSheet {
	s.t.Helper()
	return did(s.store.ItemSheet(s.ctx, s.guild, i.ID)).in(s)
}

// taskList returns the numbers of all tasks that a query finds, page by page.
func (s *scene) taskList(q tasks.TaskListQuery) []tasks.TaskID {
	s.t.Helper()
	q.Guild = s.guild
	return ids(turned(s, func(last tasks.TaskSheet, size int) ([]tasks.TaskSheet, bool) {
		q.Before, q.Size = last.Task.ID, size
		page := did(s.store.TaskList(s.ctx, q)).in(s)
		return page.Tasks, page.More
	}), taskNumber)
}

// submissionList is the same of submissions.
func (s *scene) submissionList(q tasks.SubmissionsQuery) []tasks.SubmissionID {
	s.t.Helper()
	q.Guild = s.guild
	return ids(turned(s, func(last tasks.SubmissionSheet, size int) ([]tasks.SubmissionSheet, bool) {
		q.After, q.Size = last.Submission.ID, size
		page := did(s.store.Submissions(s.ctx, q)).in(s)
		return page.Submissions, page.More
	}), submissionNumber)
}

// itemList is the same of items.
func (s *scene) itemList(q shop.ItemListQuery) []shop.ItemID {
	s.t.Helper()
	q.Guild = s.guild
	return ids(turned(s, func(last shop.ItemSheet, size int) ([]shop.ItemSheet, bool) {
		q.Before, q.Size = last.Item.ID, size
		page := did(s.store.ItemList(s.ctx, q)).in(s)
		return page.Items, page.More
	}), itemNumber)
}

// purchaseList is the same of purchases.
func (s *scene) purchaseList(q shop.PurchasesQuery) []shop.PurchaseID {
	s.t.Helper()
	q.Guild = s.guild
	return ids(turned(s, func(last shop.PurchaseSheet, size int) ([]shop.PurchaseSheet, bool) {
		q.Before, q.Size = last.ID, size
		page := did(s.store.Purchases(s.ctx, q)).in(s)
		return page.Purchases, page.More
	}), purchaseNumber)
}

// workOffice tells of what admins see of tasks and of what was handed in.
func workOffice(b *book) {
	b.story("a task's sheet tells how it stands, and who changed it last", func(s *scene) {
		began := s.now
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Places = 5 }))
		rootNumber := s.number(root)
		same(s.t, "created", s.taskSheet(t), tasks.TaskSheet{Task: t, Created: began, Changed: began, ChangedBy: by(root, rootNumber)})

		for _, who := range []economy.Person{ada, bob, cyd} {
			s.take(who, t)
		}
		s.handIn(ada, t, "a")
		s.approve(s.handIn(bob, t, "b").Submission, 100)
		s.drop(cyd, t)
		s.now = s.now.Add(time.Hour)
		edit := must(tasks.NewTaskEdit(s.request(), desk, t.ID, t.Version, of(t.Terms, func(t *tasks.Terms) { t.Reward = 21 })))
		t = did(s.store.EditTask(s.ctx, edit)).in(s)
		deskNumber := s.number(desk)
		want := tasks.TaskSheet{Task: t, Taken: 2, Waiting: 1, Created: began, Changed: s.now, ChangedBy: by(desk, deskNumber)}
		same(s.t, "edited by an account", s.taskSheet(t), want)
		same(s.t, "listed", did(s.store.TaskList(s.ctx, tasks.TaskListQuery{Guild: s.guild, Size: 5})).in(s), tasks.TaskListPage{Tasks: []tasks.TaskSheet{want}})

		s.now = s.now.Add(time.Hour)
		want.Task, want.Changed, want.ChangedBy = s.move(t, tasks.Closed), s.now, by(root, rootNumber)
		same(s.t, "closed", s.taskSheet(t), want)
		s.now = s.now.Add(time.Hour)
		s.take(dee, s.open(errand())) // another's changes are not its own
		same(s.t, "later", s.taskSheet(t), want)

		over := s.open(of(quiz(), func(t *tasks.Terms) { t.Deadline = s.now.Add(time.Hour) }))
		s.now = s.now.Add(2 * time.Hour)
		s.tidy()
		got := s.taskSheet(over)
		same(s.t, "closed by nobody", []any{got.Task.State, got.Changed, got.ChangedBy}, []any{tasks.Closed, s.now, economy.Actor{}})
	})
	b.story("an edit of what somebody else has changed is told apart by the sheet", func(s *scene) {
		t := s.open(essay())
		s.now = s.now.Add(time.Minute)
		s.amend(t, func(t *tasks.Terms) { t.Reward = 33 })
		changed := s.now
		s.now = s.now.Add(time.Minute)
		_, err := s.store.EditTask(s.ctx, must(tasks.NewTaskEdit(s.request(), desk, t.ID, t.Version, of(t.Terms, func(t *tasks.Terms) { t.Reward = 7 }))))
		refused(s.t, err, tasks.ErrTaskChanged.With("version", 2))
		got := s.taskSheet(t)
		same(s.t, "now", []any{got.Task.Reward, got.Task.Version, got.Changed, got.ChangedBy.Name}, []any{economy.Amount(33), 2, changed, "Root"})
	})
	b.story("tasks are listed by state and by title, the newest first, page by page", func(s *scene) {
		there := s.elsewhere()
		there.open(of(errand(), func(t *tasks.Terms) { t.Title = "Paint elsewhere" }))
		var all []tasks.TaskID
		for i := range 7 {
			terms := of(errand(), func(t *tasks.Terms) { t.Title = fmt.Sprint([]string{"Paint ÄRGER ", "Sweep "}[i%2], i) })
			var t tasks.Task
			if i%3 == 0 {
				t = s.draft(terms)
			} else {
				t = s.open(terms)
			}
			if i == 5 {
				s.move(t, tasks.Archived)
			}
			all = append(all, t.ID)
		}
		at := func(numbers ...int) []tasks.TaskID {
			list := []tasks.TaskID{}
			for _, n := range numbers {
				list = append(list, all[n])
			}
			return list
		}
		same(s.t, "all", s.taskList(tasks.TaskListQuery{}), at(6, 5, 4, 3, 2, 1, 0))
		same(s.t, "drafts", s.taskList(tasks.TaskListQuery{State: tasks.Draft}), at(6, 3, 0))
		same(s.t, "open", s.taskList(tasks.TaskListQuery{State: tasks.Open}), at(4, 2, 1))
		same(s.t, "closed", s.taskList(tasks.TaskListQuery{State: tasks.Closed}), at())
		same(s.t, "archived", s.taskList(tasks.TaskListQuery{State: tasks.Archived}), at(5))
		same(s.t, "by title", s.taskList(tasks.TaskListQuery{Text: " ärger"}), at(6, 4, 2, 0))
		same(s.t, "by title and state", s.taskList(tasks.TaskListQuery{Text: "sweep", State: tasks.Draft}), at(3))
		same(s.t, "by no title", s.taskList(tasks.TaskListQuery{Text: "%"}), at())
		_, err := s.store.TaskSheet(s.ctx, there.guild, all[0])
		refused(s.t, err, tasks.ErrUnknownTask)
		for _, unknown := range []tasks.TaskID{0, -1, 1 << 40} {
			_, err := s.store.TaskSheet(s.ctx, s.guild, unknown)
			refused(s.t, err, tasks.ErrUnknownTask)
		}
	})
	b.story("a submission's sheet tells whose it is, who decided, and where it is shown", func(s *scene) {
		s.channels()
		t := s.open(essay())
		s.take(ada, t)
		s.idle()
		id := s.handIn(ada, t, "mine").Submission
		sheet := func() tasks.SubmissionSheet {
			s.t.Helper()
			return did(s.store.SubmissionSheet(s.ctx, s.guild, id)).in(s)
		}
		adaNumber := s.number(ada)
		got := sheet()
		want := tasks.SubmissionSheet{Worker: by(ada, adaNumber), Card: tasks.CardPlace{Channel: "502"}, Submission: tasks.Submission{
			ID: id, Claim: got.Submission.Claim, Task: t.ID, Title: "Essay", Proof: tasks.ProofText, Member: ada.User, Name: "Ada",
			Work: tasks.Work{Text: "mine"}, Reward: 20, Try: 1, At: s.now, State: tasks.Waiting}}
		same(s.t, "waiting", got, want)
		for _, l := range s.lease(day) {
			if l.Subject == subject("submission", int64(id)) {
				s.settle(l, outbox.Outcome{State: outbox.Done, Message: "777"})
			}
		}
		want.Card.Message = "777"
		same(s.t, "posted", sheet(), want)
		paid := did(s.store.ReviewSubmission(s.ctx, must(tasks.NewApproval(s.request(), manager(desk), id, 50)))).in(s)
		want.Submission, want.Transaction = paid.Submission, paid.Transaction
		same(s.t, "reviewed", sheet(), want)
		same(s.t, "by", paid.Submission.Reviewer, by(desk, s.number(desk)))
		same(s.t, "listed", did(s.store.Submissions(s.ctx, tasks.SubmissionsQuery{Guild: s.guild, Size: 9})).in(s),
			tasks.SubmissionsPage{Submissions: []tasks.SubmissionSheet{want}})
		for _, unknown := range []tasks.SubmissionID{0, -1, 1 << 40} {
			_, err := s.store.SubmissionSheet(s.ctx, s.guild, unknown)
			refused(s.t, err, tasks.ErrUnknownSubmission)
		}
		_, err := s.store.SubmissionSheet(s.ctx, s.elsewhere().guild, id)
		refused(s.t, err, tasks.ErrUnknownSubmission)
	})
	b.story("submissions are listed by state, task and member: what waits the oldest first, all else the newest", func(s *scene) {
		people := []economy.Person{ada, bob, cyd}
		first := s.open(of(essay(), func(t *tasks.Terms) { t.Tries, t.Repeat = 9, tasks.Daily }))
		second := s.open(of(errand(), func(t *tasks.Terms) { t.Tries = 9 }))
		type known struct {
			id     tasks.SubmissionID
			task   tasks.TaskID
			who    economy.Person
			states tasks.SubmissionState
		}
		var all []known
		for round := range 3 {
			for i, who := range people {
				for _, t := range []tasks.Task{first, second} {
					if round == 0 || t.ID == first.ID && i == 0 {
						s.take(who, t)
					}
					text := "x"
					if t.ID == second.ID {
						text = ""
					}
					w := must(tasks.NewWork(text, tasks.Image{}))
					got, err := s.store.SubmitWork(s.ctx, tasks.NewSubmitting(s.request(), who, tasks.Ref{ID: t.ID}, w))
					if err != nil {
						continue // it was accepted, or waits
					}
					k := known{got.Submission, t.ID, who, tasks.Waiting}
					switch {
					case t.ID == first.ID && i == 0:
						s.approve(k.id, 10)
						k.states = tasks.Accepted
					case round < 2:
						s.reject(k.id, "again")
						k.states = tasks.Refused
					}
					all = append(all, k)
				}
			}
			s.now = s.now.Add(day)
		}
		numbers := map[economy.UserID]int64{}
		for _, who := range people {
			numbers[who.User] = s.number(who)
		}
		for _, state := range append([]tasks.SubmissionState{""}, tasks.SubmissionStates...) {
			for _, task := range []tasks.TaskID{0, first.ID, second.ID} {
				for _, who := range append([]economy.Person{{}}, people...) {
					want := []tasks.SubmissionID{}
					for _, k := range all {
						if (state == "" || k.states == state) && (task == 0 || k.task == task) && (who.User == "" || k.who.User == who.User) {
							want = append(want, k.id)
						}
					}
					if state != tasks.Waiting {
						slices.Reverse(want)
					}
					q := tasks.SubmissionsQuery{State: state, Task: task, Member: numbers[who.User]}
					same(s.t, fmt.Sprintf("%+v", q), s.submissionList(q), want)
				}
			}
		}
		waiting := 0
		for _, k := range all {
			if k.states == tasks.Waiting {
				waiting++
			}
		}
		page := did(s.store.Submissions(s.ctx, tasks.SubmissionsQuery{Guild: s.guild, State: tasks.Accepted, Size: 1})).in(s)
		same(s.t, "waiting in the guild", page.Waiting, waiting)
		same(s.t, "a stranger's", s.submissionList(tasks.SubmissionsQuery{Member: 1 << 40}), []tasks.SubmissionID{})
		there := s.elsewhere()
		there.wallet(ada)
		for _, q := range []tasks.SubmissionsQuery{{Task: first.ID}, {Member: numbers[ada.User]}, {State: tasks.Waiting, Task: first.ID}, {State: tasks.Waiting, Member: numbers[bob.User]}} {
			same(s.t, "from another guild", there.submissionList(q), []tasks.SubmissionID{})
		}
	})
	b.story("an office looks and creates nobody, whatever it asks for", func(s *scene) {
		const most, least = 1<<63 - 1, -1 << 63
		s.untouched(func() {
			for _, n := range []int64{0, most, least} {
				same(s.t, "tasks", did(s.store.TaskList(s.ctx, tasks.TaskListQuery{Guild: s.guild, Before: tasks.TaskID(n), Size: int(n)})).in(s), tasks.TaskListPage{})
				same(s.t, "submissions", did(s.store.Submissions(s.ctx, tasks.SubmissionsQuery{Guild: s.guild, After: tasks.SubmissionID(n), Size: int(n)})).in(s), tasks.SubmissionsPage{})
				same(s.t, "queue", did(s.store.Submissions(s.ctx, tasks.SubmissionsQuery{Guild: s.guild, State: tasks.Waiting, After: tasks.SubmissionID(n)})).in(s), tasks.SubmissionsPage{})
				same(s.t, "items", did(s.store.ItemList(s.ctx, shop.ItemListQuery{Guild: s.guild, Before: shop.ItemID(n), Size: int(n)})).in(s), shop.ItemListPage{})
				same(s.t, "purchases", did(s.store.Purchases(s.ctx, shop.PurchasesQuery{Guild: s.guild, Before: shop.PurchaseID(n), Size: int(n)})).in(s), shop.PurchasesPage{})
				same(s.t, "deliveries", did(s.store.DeliveryList(s.ctx, outbox.DeliveryListQuery{Guild: s.guild, Before: n, Size: int(n)})).in(s), outbox.DeliveryListPage{})
			}
		})
	})
}

// goodsOffice tells of what admins see of goods, sales and deliveries.
func goodsOffice(b *book) {
	b.story("an item's sheet tells who changed it last, sales and uses aside", func(s *scene) {
		began := s.now
		cake := s.cake(2)
		rooted := by(root, s.number(root))
		same(s.t, "created", s.itemSheet(cake), shop.ItemSheet{Item: cake, Created: began, Changed: began, ChangedBy: rooted})
		s.now = s.now.Add(time.Hour)
		s.buy(ada, cake, 2)
		did(s.store.Use(s.ctx, s.use(ada, cake))).in(s)
		got := s.itemSheet(cake)
		same(s.t, "sold", []any{got.Item.Sold, got.Changed, got.ChangedBy}, []any{int64(2), began, rooted})
		edit := must(shop.NewItemEdit(s.request(), desk, cake.ID, cake.Version, shop.Terms{Name: "Cake", Price: 3}, &shop.Stock{Limited: true, Left: 4}))
		cake = did(s.store.EditItem(s.ctx, edit)).in(s)
		want := shop.ItemSheet{Item: cake, Created: began, Changed: s.now, ChangedBy: by(desk, s.number(desk))}
		same(s.t, "edited by an account", s.itemSheet(cake), want)
		same(s.t, "listed", did(s.store.ItemList(s.ctx, shop.ItemListQuery{Guild: s.guild, Size: 5})).in(s), shop.ItemListPage{Items: []shop.ItemSheet{want}})
		for _, unknown := range []shop.ItemID{0, -1, 1 << 40} {
			_, err := s.store.ItemSheet(s.ctx, s.guild, unknown)
			refused(s.t, err, shop.ErrUnknownItem)
		}
		_, err := s.store.ItemSheet(s.ctx, s.elsewhere().guild, cake.ID)
		refused(s.t, err, shop.ErrUnknownItem)
	})
	b.story("items are listed by shelf and by name, the newest first, page by page", func(s *scene) {
		s.elsewhere().cake(1)
		var all []shop.ItemID
		for i := range 7 {
			item := s.sell(shop.Terms{Name: fmt.Sprint([]string{"Hut Größe ", "Cake "}[i%2], i), Price: 1}, shop.Stock{})
			if i%3 == 0 {
				did(s.store.ArchiveItem(s.ctx, s.archival(item))).in(s)
			}
			all = append(all, item.ID)
		}
		at := func(numbers ...int) []shop.ItemID {
			list := []shop.ItemID{}
			for _, n := range numbers {
				list = append(list, all[n])
			}
			return list
		}
		same(s.t, "all", s.itemList(shop.ItemListQuery{}), at(6, 5, 4, 3, 2, 1, 0))
		same(s.t, "active", s.itemList(shop.ItemListQuery{Shelf: shop.Active}), at(5, 4, 2, 1))
		same(s.t, "archived", s.itemList(shop.ItemListQuery{Shelf: shop.Archived}), at(6, 3, 0))
		same(s.t, "by name", s.itemList(shop.ItemListQuery{Text: "GRÖßE"}), at(6, 4, 2, 0))
		same(s.t, "by name and shelf", s.itemList(shop.ItemListQuery{Text: "cake", Shelf: shop.Archived}), at(3))
		same(s.t, "by no name", s.itemList(shop.ItemListQuery{Text: "_"}), at())
	})
	b.story("a purchase tells what became of it, and who took it back", func(s *scene) {
		s.alone()
		cake, badge := s.cake(2), s.badge("7001", 24)
		ate := s.buy(ada, cake, 3)
		s.now = s.now.Add(time.Hour)
		wore := s.buy(bob, badge, 2)
		adaActor, bobActor := by(ada, s.number(ada)), by(bob, s.number(bob))
		bought := s.now
		want := []shop.PurchaseSheet{
			{ID: wore.Purchase, Item: badge.ID, Name: "Badge 7001", Quantity: 2, Total: 20, Buyer: bobActor, Role: "7001", RoleUntil: bought.Add(48 * time.Hour),
				RoleRuns: true, Transaction: wore.Transaction, At: bought},
			{ID: ate.Purchase, Item: cake.ID, Name: "Cake", Quantity: 3, Total: 6, Buyer: adaActor, Transaction: ate.Transaction, At: bought.Add(-time.Hour)},
		}
		list := func() []shop.PurchaseSheet {
			s.t.Helper()
			return did(s.store.Purchases(s.ctx, shop.PurchasesQuery{Guild: s.guild, Size: 9})).in(s).Purchases
		}
		same(s.t, "bought", list(), want)
		s.finish()
		want[0].Granted = true
		same(s.t, "granted", list(), want)
		s.now = s.now.Add(time.Hour)
		back := did(s.store.Refund(s.ctx, must(shop.NewRefund(s.request(), desk, wore.Purchase, "too loud")))).in(s)
		want[0].RoleRuns, want[0].Refund, want[0].Refunded, want[0].Reason, want[0].RefundedBy = false, back.Transaction, s.now, "too loud", by(desk, s.number(desk))
		same(s.t, "refunded", list(), want)
	})
	b.story("a purchase that was paid back because Discord refused its role was so by nobody", func(s *scene) {
		s.alone()
		badge := s.badge("7001", 0)
		s.buy(ada, badge, 1)
		s.settle(s.one(day), outbox.Outcome{State: outbox.Failed, Error: "there is no such role"})
		got := did(s.store.Purchases(s.ctx, shop.PurchasesQuery{Guild: s.guild, State: shop.Refunded, Size: 9})).in(s).Purchases
		if len(got) != 1 || got[0].Refund == 0 || got[0].RefundedBy != (economy.Actor{}) || got[0].RoleRuns || !got[0].Refunded.Equal(s.now) {
			s.t.Errorf("got %+v, want one that nobody refunded", got)
		}
	})
	b.story("purchases are listed by state, buyer and item, the newest first, page by page", func(s *scene) {
		people := []economy.Person{ada, bob}
		goods := []shop.Item{s.cake(1), s.sell(shop.Terms{Name: "Hat", Price: 2}, shop.Stock{})}
		type known struct {
			id    shop.PurchaseID
			item  shop.ItemID
			who   economy.Person
			state shop.PurchaseState
		}
		var all []known
		for i := range 12 {
			k := known{item: goods[i%3%2].ID, who: people[i/3%2], state: shop.Kept}
			k.id = s.buy(k.who, goods[i%3%2], 1).Purchase
			all = append(all, k)
		}
		for i := 0; i < len(all); i += 4 {
			s.takeBack(all[i].id)
			all[i].state = shop.Refunded
		}
		numbers := map[economy.UserID]int64{ada.User: s.number(ada), bob.User: s.number(bob)}
		for _, state := range append([]shop.PurchaseState{""}, shop.PurchaseStates...) {
			for _, item := range []shop.ItemID{0, goods[0].ID, goods[1].ID} {
				for _, who := range append([]economy.Person{{}}, people...) {
					want := []shop.PurchaseID{}
					for _, k := range slices.Backward(all) {
						if (state == "" || k.state == state) && (item == 0 || k.item == item) && (who.User == "" || k.who.User == who.User) {
							want = append(want, k.id)
						}
					}
					q := shop.PurchasesQuery{State: state, Item: item, Member: numbers[who.User]}
					same(s.t, fmt.Sprintf("%+v", q), s.purchaseList(q), want)
				}
			}
		}
		there := s.elsewhere()
		there.wallet(ada)
		same(s.t, "from another guild", there.purchaseList(shop.PurchasesQuery{Item: goods[0].ID}), []shop.PurchaseID{})
		same(s.t, "from another guild", there.purchaseList(shop.PurchasesQuery{Member: numbers[ada.User]}), []shop.PurchaseID{})
	})
	b.story("deliveries are listed by state, with the member whom they are for", func(s *scene) {
		s.alone()
		s.rules(func(v *economy.Settings) { v.TaskChannel = "501" })
		s.buy(ada, s.badge("7001", 0), 1)
		s.buy(bob, s.badge("7002", 0), 1)
		s.open(errand())
		for _, l := range s.lease(0) {
			if l.User == bob.User {
				s.settle(l, outbox.Outcome{State: outbox.Done})
			}
			if l.Kind == outbox.Card {
				s.settle(l, outbox.Outcome{State: outbox.Failed, Error: "no such channel"})
			}
		}
		list := func(state outbox.State) []outbox.DeliverySheet {
			s.t.Helper()
			q := outbox.DeliveryListQuery{Guild: s.guild, State: state}
			return turned(s, func(last outbox.DeliverySheet, size int) ([]outbox.DeliverySheet, bool) {
				q.Before, q.Size = last.Delivery.ID, size
				page := did(s.store.DeliveryList(s.ctx, q)).in(s)
				return page.Deliveries, page.More
			})
		}
		waits, failed, both := list(outbox.Waiting), list(outbox.Failed), list("")
		if len(waits) != 1 || len(failed) != 1 || len(both) != 2 {
			s.t.Fatalf("got %d that wait, %d that failed, %d of both", len(waits), len(failed), len(both))
		}
		same(s.t, "both", ids(both, deliveryNumber), []int64{failed[0].Delivery.ID, waits[0].Delivery.ID})
		same(s.t, "whose", waits[0].Member, by(ada, s.number(ada)))
		same(s.t, "nobody's", failed[0].Member, economy.Actor{})
		for i, d := range s.outbox() {
			same(s.t, "as members' admins see it", both[i].Delivery, d)
		}
	})
}
