package storetest

import (
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// lists is normal for what admins see of work and goods.
func (l *lens) lists(answer any) any {
	actor := func(a *economy.Actor) { a.ID = l.actor(a.ID) }
	switch v := answer.(type) {
	case tasks.TaskSheet:
		v.Task = l.work(v.Task).(tasks.Task)
		actor(&v.ChangedBy)
		return v
	case tasks.TaskListPage:
		v.Tasks = each(l, v.Tasks)
		return v
	case tasks.SubmissionSheet:
		v.Submission = l.work(v.Submission).(tasks.Submission)
		actor(&v.Worker)
		v.Transaction = l.number(v.Transaction)
		return v
	case tasks.SubmissionsPage:
		v.Submissions = each(l, v.Submissions)
		return v
	case shop.ItemSheet:
		v.Item = l.normal(v.Item).(shop.Item)
		actor(&v.ChangedBy)
		return v
	case shop.ItemListPage:
		v.Items = each(l, v.Items)
		return v
	case shop.PurchaseSheet:
		v.ID, v.Item = shop.PurchaseID(l.purchases.number(int64(v.ID))), shop.ItemID(l.items.number(int64(v.Item)))
		v.Transaction, v.Refund = l.number(v.Transaction), l.number(v.Refund)
		actor(&v.Buyer)
		actor(&v.RefundedBy)
		return v
	case shop.PurchasesPage:
		v.Purchases = each(l, v.Purchases)
		return v
	case outbox.DeliverySheet:
		d := &v.Delivery
		d.ID, d.Subject = l.deliveries.number(d.ID), l.subject(d.Subject)
		if d.State == outbox.Waiting && !d.Due.IsZero() {
			d.Due = time.Unix(1, 0) // by the store's own clock
		}
		actor(&v.Member)
		return v
	case outbox.DeliveryListPage:
		v.Deliveries = each(l, v.Deliveries)
		return v
	}
	return answer
}

// each shows the rows of a page.
func each[T any](l *lens, list []T) []T {
	shown := []T{}
	for _, row := range list {
		shown = append(shown, l.lists(row).(T))
	}
	return shown
}

// compareLists compares all that admins see of work and goods in a guild, and what there is of a task,
// an item and a member. That lists keep to their states the stories tell.
func (p *parallel) compareLists(g int) {
	guild := p.model.lenses[g].guild
	p.all("the office's tasks", g, func(s Store, _ *lens) (any, error) {
		return s.TaskList(p.ctx, tasks.TaskListQuery{Guild: guild, Size: economy.MaxPage})
	})
	p.all("the office's items", g, func(s Store, _ *lens) (any, error) {
		return s.ItemList(p.ctx, shop.ItemListQuery{Guild: guild, Size: economy.MaxPage})
	})
	p.all("the office's deliveries", g, func(s Store, _ *lens) (any, error) {
		return s.DeliveryList(p.ctx, outbox.DeliveryListQuery{Guild: guild, Size: economy.MaxPage})
	})
	p.all("the office's queue", g, func(s Store, _ *lens) (any, error) {
		return s.Submissions(p.ctx, tasks.SubmissionsQuery{Guild: guild, State: tasks.Waiting, Size: economy.MaxPage})
	})
	for n := range int64(3) {
		p.all("the office's submissions", g, func(s Store, l *lens) (any, error) {
			q := tasks.SubmissionsQuery{Guild: guild, Size: economy.MaxPage}
			switch n {
			case 1:
				q.Task = tasks.TaskID(l.tasks.id(0))
			case 2:
				q.Member = int64(l.memberID(int(n)))
			}
			return s.Submissions(p.ctx, q)
		})
		p.all("the office's purchases", g, func(s Store, l *lens) (any, error) {
			q := shop.PurchasesQuery{Guild: guild, Size: economy.MaxPage}
			switch n {
			case 1:
				q.Item = shop.ItemID(l.items.id(0))
			case 2:
				q.Member = int64(l.memberID(int(n)))
			}
			return s.Purchases(p.ctx, q)
		})
	}
}
