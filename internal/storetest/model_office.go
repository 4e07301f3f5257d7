package storetest

import (
	"context"
	"slices"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// changes returns when a task or an item was created, and when and by whom it was
// changed last.
func (g *guild) changes(subject string) (created, changed time.Time, by economy.Actor) {
	for _, e := range g.events {
		if e.Subject != subject || e.Kind == "item.used" {
			continue
		}
		if created.IsZero() {
			created = e.At
		}
		changed, by = e.At, g.actor(e.Actor)
	}
	return created, changed, by
}

// leaf returns the first rows of a list, and whether there are more.
func leaf[T any](list []T, rows int) ([]T, bool) {
	n := min(len(list), clamp(rows))
	return list[:n:n], len(list) > n
}

// contains reports whether a name has a text in it, as names are compared.
func contains(name, text string) bool {
	return strings.Contains(economy.Fold(name), economy.Fold(text))
}

func (g *guild) taskSheet(t tasks.Task) tasks.TaskSheet {
	v := tasks.TaskSheet{Task: t, Taken: g.taken(t, time.Time{})}
	for _, s := range g.submissions {
		if s.State == tasks.Waiting && g.claimed(s.Claim).task == t.ID {
			v.Waiting = min(v.Waiting+1, tasks.MostCounted)
		}
	}
	v.Created, v.Changed, v.ChangedBy = g.changes(subject("task", int64(t.ID)))
	return v
}

// TaskList implements tasks.Office.
func (m *Model) TaskList(ctx context.Context, q tasks.TaskListQuery) (tasks.TaskListPage, error) {
	return peek(ctx, m, q.Guild, func(g *guild) (page tasks.TaskListPage) {
		var all []tasks.TaskSheet
		for _, t := range slices.Backward(g.tasks) {
			if (q.State == "" || t.State == q.State) && (q.Before == 0 || t.ID < q.Before) && contains(t.Title, q.Text) {
				all = append(all, g.taskSheet(t))
			}
		}
		page.Tasks, page.More = leaf(all, q.Size)
		return page
	})
}

// TaskSheet implements tasks.Office.
func (m *Model) TaskSheet(ctx context.Context, id economy.GuildID, task tasks.TaskID) (tasks.TaskSheet, error) {
	v, err := peek(ctx, m, id, func(g *guild) *tasks.TaskSheet {
		if t := g.task(task); t != nil {
			v := g.taskSheet(*t)
			return &v
		}
		return nil
	})
	return known(v, err, tasks.ErrUnknownTask)
}

// known returns what was found, or an error where that is nothing.
func known[T any](found *T, err, unknown error) (none T, _ error) {
	switch {
	case err != nil:
		return none, err
	case found == nil:
		return none, unknown
	}
	return *found, nil
}

func (g *guild) submissionSheet(s submission) tasks.SubmissionSheet {
	about := g.cards[subject("submission", int64(s.ID))]
	return tasks.SubmissionSheet{Submission: g.seenSubmission(s), Worker: g.actor(s.member), Transaction: s.transaction,
		Card: tasks.CardPlace{Channel: about.channel, Message: about.message}}
}

// Submissions implements tasks.Office.
func (m *Model) Submissions(ctx context.Context, q tasks.SubmissionsQuery) (tasks.SubmissionsPage, error) {
	return peek(ctx, m, q.Guild, func(g *guild) (page tasks.SubmissionsPage) {
		var all []tasks.SubmissionSheet
		for _, s := range g.submissions {
			if s.State == tasks.Waiting {
				page.Waiting = min(page.Waiting+1, tasks.MostCounted)
			}
			if (q.State == "" || s.State == q.State) && (q.Task == 0 || g.claimed(s.Claim).task == q.Task) && (q.Member == 0 || s.member == q.Member) &&
				(q.After == 0 || (s.ID > q.After) == (q.State == tasks.Waiting) && s.ID != q.After) {
				all = append(all, g.submissionSheet(s))
			}
		}
		if q.State != tasks.Waiting {
			slices.Reverse(all)
		}
		page.Submissions, page.More = leaf(all, q.Size)
		return page
	})
}

// SubmissionSheet implements tasks.Office.
func (m *Model) SubmissionSheet(ctx context.Context, id economy.GuildID, n tasks.SubmissionID) (tasks.SubmissionSheet, error) {
	v, err := peek(ctx, m, id, func(g *guild) *tasks.SubmissionSheet {
		if i := slices.IndexFunc(g.submissions, func(s submission) bool { return s.ID == n }); i >= 0 {
			v := g.submissionSheet(g.submissions[i])
			return &v
		}
		return nil
	})
	return known(v, err, tasks.ErrUnknownSubmission)
}

func (g *guild) itemSheet(i shop.Item) shop.ItemSheet {
	v := shop.ItemSheet{Item: i}
	v.Created, v.Changed, v.ChangedBy = g.changes(subject("item", int64(i.ID)))
	return v
}

// ItemList implements shop.Office.
func (m *Model) ItemList(ctx context.Context, q shop.ItemListQuery) (shop.ItemListPage, error) {
	return peek(ctx, m, q.Guild, func(g *guild) (page shop.ItemListPage) {
		var all []shop.ItemSheet
		for _, i := range slices.Backward(g.items) {
			if (q.Shelf == "" || i.Archived == (q.Shelf == shop.Archived)) && (q.Before == 0 || i.ID < q.Before) && contains(i.Name, q.Text) {
				all = append(all, g.itemSheet(i))
			}
		}
		page.Items, page.More = leaf(all, q.Size)
		return page
	})
}

// ItemSheet implements shop.Office.
func (m *Model) ItemSheet(ctx context.Context, id economy.GuildID, item shop.ItemID) (shop.ItemSheet, error) {
	v, err := peek(ctx, m, id, func(g *guild) *shop.ItemSheet {
		if i := g.item(item); i != nil {
			v := g.itemSheet(*i)
			return &v
		}
		return nil
	})
	return known(v, err, shop.ErrUnknownItem)
}

// Purchases implements shop.Office.
func (m *Model) Purchases(ctx context.Context, q shop.PurchasesQuery) (shop.PurchasesPage, error) {
	return peek(ctx, m, q.Guild, func(g *guild) (page shop.PurchasesPage) {
		var all []shop.PurchaseSheet
		for _, p := range slices.Backward(g.purchases) {
			if q.State != "" && (p.refund != 0) != (q.State == shop.Refunded) || q.Member != 0 && p.member != q.Member ||
				q.Item != 0 && p.item != q.Item || q.Before != 0 && p.id >= q.Before {
				continue
			}
			v := shop.PurchaseSheet{ID: p.id, Item: p.item, Name: p.name, Quantity: p.quantity, Total: p.total, Buyer: g.actor(p.member),
				Role: p.role, RoleUntil: p.until, RoleRuns: p.running, Granted: p.granted, Transaction: p.transaction, At: p.at, Refund: p.refund}
			if p.refund != 0 {
				back := g.transactions[p.refund-1]
				v.Refunded, v.Reason = back.at, back.note
				v.RefundedBy = g.actor(g.events[slices.IndexFunc(g.events, func(e events.Event) bool {
					return e.Subject == subject("transaction", int64(p.refund))
				})].Actor)
			}
			all = append(all, v)
		}
		page.Purchases, page.More = leaf(all, q.Size)
		return page
	})
}

// DeliveryList implements outbox.Office.
func (m *Model) DeliveryList(ctx context.Context, q outbox.DeliveryListQuery) (outbox.DeliveryListPage, error) {
	return peek(ctx, m, q.Guild, func(g *guild) (page outbox.DeliveryListPage) {
		var all []outbox.DeliverySheet
		for _, d := range slices.Backward(g.deliveries) {
			if d.State != outbox.Done && (q.State == "" || d.State == q.State) && (q.Before == 0 || d.ID < q.Before) {
				sheet := outbox.DeliverySheet{Delivery: g.listed(d), Member: g.actor(d.member)}
				sheet.Delivery.User = sheet.Member.User // not an erased member's, which only the deliverer needs
				all = append(all, sheet)
			}
		}
		page.Deliveries, page.More = leaf(all, q.Size)
		return page
	})
}
