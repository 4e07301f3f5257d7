package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/outbox"
	"coffer/internal/problem"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// lens shows a guild with its transactions and members numbered from 1 in the
// order of their events, so that two stores' answers can be compared.
//
// Items, purchases, tasks, claims, submissions and deliveries, which are numbered in
// all of the store, have numbers by when they were first seen.
type lens struct {
	guild        economy.GuildID
	last         int64 // the newest event seen
	transactions []economy.TransactionID
	numbers      map[economy.TransactionID]economy.TransactionID
	members      map[int64]int64
	memberIDs    []int64 // in their order
	officials    *seen   // who act and are no members; their numbers are below 0
	items        *seen
	purchases    *seen
	tasks        *seen
	claims       *seen
	submissions  *seen
	*shared
}

// shared is what a store's lenses have in common.
type shared struct {
	deliveries *seen
	leases     []outbox.Lease
	guilds     map[economy.GuildID]*lens
}

// seen are the store's own numbers of things, in the order in which they were seen.
type seen struct {
	ids     []int64
	numbers map[int64]int64
}

func newSeen() *seen { return &seen{numbers: map[int64]int64{0: 0}} }

// number returns a thing's number.
func (s *seen) number(id int64) int64 {
	if _, known := s.numbers[id]; !known {
		s.ids = append(s.ids, id)
		s.numbers[id] = int64(len(s.ids))
	}
	return s.numbers[id]
}

// id returns the store's own number of the n-th thing, and one that does not exist
// for any other n.
func (s *seen) id(n int) int64 {
	if n < 0 || n >= len(s.ids) {
		return 1 << 40
	}
	return s.ids[n]
}

func newLens(guild economy.GuildID, common *shared) *lens {
	l := &lens{guild: guild, numbers: map[economy.TransactionID]economy.TransactionID{0: 0}, members: map[int64]int64{0: 0}, officials: newSeen(),
		items: newSeen(), purchases: newSeen(), tasks: newSeen(), claims: newSeen(), submissions: newSeen(), shared: common}
	common.guilds[guild] = l
	return l
}

// id returns the store's own id of the n-th transaction, and one that does not
// exist for any other n.
func (l *lens) id(n int) economy.TransactionID {
	if n < 0 || n >= len(l.transactions) {
		return 1 << 40
	}
	return l.transactions[n]
}

// told is an event with numbers instead of ids.
type told struct {
	Actor         int64
	Kind, Subject string
	Before, After any
	At            time.Time
}

// look reads the new events.
func (l *lens) look(ctx context.Context, store events.Reader) ([]told, error) {
	list, err := allEvents(ctx, store, l.guild, l.last)
	if err != nil {
		return nil, err
	}
	var news []told
	for _, e := range list {
		l.last = e.ID
		kind, id, _ := strings.Cut(e.Subject, ":")
		n, err := strconv.ParseInt(id, 10, 64)
		switch {
		case e.Guild != string(l.guild) || err != nil && e.Subject != "guild":
			return nil, fmt.Errorf("event %+v", e)
		case kind == "member":
			if e.Kind == "member.created" {
				l.members[n] = int64(len(l.members))
				l.memberIDs = append(l.memberIDs, n)
			}
			e.Subject = subject(kind, l.members[n])
		case kind == "transaction":
			l.transactions = append(l.transactions, economy.TransactionID(n))
			l.numbers[economy.TransactionID(n)] = economy.TransactionID(len(l.transactions))
			e.Subject = subject(kind, int64(len(l.transactions)))
		default:
			e.Subject = l.subject(e.Subject)
		}
		actor := l.actor(e.Actor)
		read := l.document
		switch kind {
		case "item":
			read = l.item
		case "task":
			read = l.task
		case "claim":
			read = l.doing
		}
		before, err1 := read(e.Before)
		after, err2 := read(e.After)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("event %+v: %w", e, err)
		}
		news = append(news, told{actor, e.Kind, e.Subject, before, after, e.At})
	}
	return news, nil
}

// actor returns the number of who did something.
func (l *lens) actor(id int64) int64 {
	if n, known := l.members[id]; known {
		return n
	}
	return -l.officials.number(id)
}

// document reads what was before or after, with members by number.
func (l *lens) document(raw json.RawMessage) (any, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil || doc == nil {
		return nil, err
	}
	held, ok := doc["balances"].(map[string]any)
	if !ok {
		return doc, nil
	}
	numbered := make(map[string]any)
	for id, coins := range held {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || l.members[n] == 0 {
			return nil, fmt.Errorf("balance of unknown member %q", id)
		}
		numbered[fmt.Sprint(l.members[n])] = coins
	}
	doc["balances"] = numbered
	return doc, nil
}

// item reads an item that was or is.
func (l *lens) item(raw json.RawMessage) (any, error) {
	var i *shop.Item
	if len(raw) == 0 {
		return i, nil
	}
	if err := json.Unmarshal(raw, &i); err != nil || i == nil {
		return i, err
	}
	i.From, i.Until = i.From.UTC(), i.Until.UTC()
	return l.normal(*i), nil
}

// task reads a task that was or is.
func (l *lens) task(raw json.RawMessage) (any, error) {
	var t *tasks.Task
	if len(raw) == 0 {
		return t, nil
	}
	if err := json.Unmarshal(raw, &t); err != nil || t == nil {
		return t, err
	}
	t.Deadline = t.Deadline.UTC()
	return l.normal(*t), nil
}

// doing reads what was or is of a claim.
func (l *lens) doing(raw json.RawMessage) (any, error) {
	var d *doing
	if len(raw) == 0 {
		return d, nil
	}
	if err := json.Unmarshal(raw, &d); err != nil || d == nil {
		return d, err
	}
	d.Task = tasks.TaskID(l.tasks.number(int64(d.Task)))
	return *d, nil
}

// subject returns what an event or a card is about, by its number.
func (l *lens) subject(s string) string {
	kind, id, _ := strings.Cut(s, ":")
	among, known := map[string]*seen{"item": l.items, "task": l.tasks, "claim": l.claims, "submission": l.submissions}[kind]
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || !known {
		return s
	}
	return subject(kind, among.number(n))
}

// normal returns an answer with numbers instead of ids; an id without an event
// becomes -1.
func (l *lens) normal(answer any) any {
	switch v := answer.(type) {
	case economy.DailyReceipt:
		v.Transaction = l.number(v.Transaction)
		return v
	case economy.TransferReceipt:
		v.Transaction = l.number(v.Transaction)
		return v
	case economy.AdjustmentReceipt:
		v.Transaction = l.number(v.Transaction)
		return v
	case economy.ReversalReceipt:
		v.Transaction, v.Original = l.number(v.Transaction), l.number(v.Original)
		return v
	case economy.HistoryPage:
		v.Lines = l.normal(v.Lines).([]economy.HistoryLine)
		return v
	case []economy.HistoryLine:
		lines := []economy.HistoryLine{}
		for _, h := range v {
			h.Transaction, h.Reverses, h.ReversedBy = l.number(h.Transaction), l.number(h.Reverses), l.number(h.ReversedBy)
			lines = append(lines, h)
		}
		return lines
	case []economy.ReversibleTransaction:
		list := []economy.ReversibleTransaction{}
		for _, r := range v {
			r.Transaction = l.number(r.Transaction)
			list = append(list, r)
		}
		return list
	case shop.Item:
		v.ID = shop.ItemID(l.items.number(int64(v.ID)))
		return v
	case shop.CataloguePage:
		list := []shop.Item{}
		for _, i := range v.Items {
			list = append(list, l.normal(i).(shop.Item))
		}
		v.Items, v.Categories = list, append([]string{}, v.Categories...)
		return v
	case shop.Offer:
		v.Item = l.normal(v.Item).(shop.Item)
		return v
	case []shop.ItemName:
		list := []shop.ItemName{}
		for _, n := range v {
			n.ID = shop.ItemID(l.items.number(int64(n.ID)))
			list = append(list, n)
		}
		return list
	case shop.PurchaseReceipt:
		v.Purchase, v.Transaction = shop.PurchaseID(l.purchases.number(int64(v.Purchase))), l.number(v.Transaction)
		v.Item = shop.ItemID(l.items.number(int64(v.Item)))
		return v
	case shop.RefundReceipt:
		v.Purchase, v.Transaction = shop.PurchaseID(l.purchases.number(int64(v.Purchase))), l.number(v.Transaction)
		return v
	case []shop.RefundablePurchase:
		list := []shop.RefundablePurchase{}
		for _, r := range v {
			r.Purchase = shop.PurchaseID(l.purchases.number(int64(r.Purchase)))
			list = append(list, r)
		}
		return list
	case shop.InventoryPage:
		list := []shop.InventoryLine{}
		for _, i := range v.Lines {
			i.Item = shop.ItemID(l.items.number(int64(i.Item)))
			list = append(list, i)
		}
		v.Lines = list
		return v
	case shop.UseReceipt:
		v.Item = shop.ItemID(l.items.number(int64(v.Item)))
		return v
	case []outbox.Lease:
		list := []any{}
		for _, d := range v {
			l := l.guilds[d.Guild] // which may be another
			told := l.notice(d.Notice)
			d.ID, d.Token, d.Notice = l.deliveries.number(d.ID), 0, outbox.Notice{Name: d.Notice.Name}
			d.Subject = l.subject(d.Subject)
			list = append(list, d, told)
		}
		return list
	case []outbox.Delivery:
		list := []outbox.Delivery{}
		for _, d := range v {
			d.ID, d.Subject = l.deliveries.number(d.ID), l.subject(d.Subject)
			if d.State == outbox.Waiting && !d.Due.IsZero() {
				d.Due = time.Unix(1, 0) // by the store's own clock
			}
			list = append(list, d)
		}
		return list
	case events.Stats:
		v.TopEarners, v.TopSpenders = l.sums(v.TopEarners), l.sums(v.TopSpenders)
		return v
	case []events.Entry:
		list := []any{}
		for _, e := range v {
			list = append(list, l.entry(e))
		}
		return list
	case economy.Books:
		v.At = time.Time{}
		return v
	case economy.LeaderboardPage:
		v.Rows = append([]economy.LeaderboardRow{}, v.Rows...)
		return v
	}
	return l.office(answer)
}

// by returns who did something, by number.
func (l *lens) by(a economy.Actor) economy.Actor {
	a.ID = l.actor(a.ID)
	return a
}

func (l *lens) sums(list []events.Sum) []events.Sum {
	numbered := []events.Sum{}
	for _, v := range list {
		numbered = append(numbered, events.Sum{Member: l.by(v.Member), Amount: v.Amount})
	}
	return numbered
}

// entry is an entry of a trail without what is looked at anyway, event by event.
func (l *lens) entry(e events.Entry) any {
	kind, id, _ := strings.Cut(e.Subject, ":")
	switch n, _ := strconv.ParseInt(id, 10, 64); kind {
	case "member":
		e.Subject = subject(kind, l.members[n])
	case "transaction":
		e.Subject = subject(kind, int64(l.numbers[economy.TransactionID(n)]))
	default:
		e.Subject = l.subject(e.Subject)
	}
	return []any{e.Kind, e.Subject, l.by(e.By), e.At}
}

// work is normal for tasks.
func (l *lens) work(answer any) any {
	task := func(id *tasks.TaskID) { *id = tasks.TaskID(l.tasks.number(int64(*id))) }
	claim := func(id *tasks.ClaimID) { *id = tasks.ClaimID(l.claims.number(int64(*id))) }
	submission := func(id *tasks.SubmissionID) { *id = tasks.SubmissionID(l.submissions.number(int64(*id))) }
	switch v := answer.(type) {
	case tasks.Task:
		task(&v.ID)
		task(&v.Prerequisite)
		return v
	case tasks.Claim:
		task(&v.Task)
		claim(&v.ID)
		return v
	case tasks.Submission:
		v.Reviewer.ID = l.actor(v.Reviewer.ID)
		task(&v.Task)
		claim(&v.Claim)
		submission(&v.ID)
		return v
	case tasks.ClaimReceipt:
		task(&v.Task)
		claim(&v.Claim)
		return v
	case tasks.SubmitReceipt:
		task(&v.Task)
		claim(&v.Claim)
		submission(&v.Submission)
		v.Transaction = l.number(v.Transaction)
		return v
	case tasks.ReviewReceipt:
		v.Submission, v.Transaction = l.work(v.Submission).(tasks.Submission), l.number(v.Transaction)
		return v
	case tasks.BoardLine:
		v.Task = l.work(v.Task).(tasks.Task)
		if v.Mine != nil {
			mine := l.work(*v.Mine).(tasks.Claim)
			v.Mine = &mine
		}
		return v
	case tasks.BoardPage:
		list := []tasks.BoardLine{}
		for _, line := range v.Lines {
			list = append(list, l.work(line).(tasks.BoardLine))
		}
		v.Lines = list
		return v
	case tasks.Offer:
		v.BoardLine = l.work(v.BoardLine).(tasks.BoardLine)
		return v
	case tasks.ClaimsPage:
		list := []tasks.Claim{}
		for _, c := range v.Claims {
			list = append(list, l.work(c).(tasks.Claim))
		}
		v.Claims = list
		return v
	case []tasks.TaskName:
		list := []tasks.TaskName{}
		for _, n := range v {
			task(&n.ID)
			list = append(list, n)
		}
		return list
	case tasks.QueuePage:
		if v.Submission != nil {
			s := l.work(*v.Submission).(tasks.Submission)
			v.Submission = &s
		}
		return v
	}
	return l.lists(answer)
}

// notice reads what a notice of the lens's guild tells; purchases have no number here.
func (l *lens) notice(n outbox.Notice) any {
	switch n.Name {
	case "":
		return nil
	case outbox.NoticeRefunded:
		told, err := args[outbox.Refunded](n)
		told.Purchase = 0
		return []any{told, err}
	case outbox.NoticeWelcome:
		told, err := args[outbox.Welcome](n)
		return []any{told, err}
	case outbox.NoticeTask:
		told, err := args[tasks.TaskCard](n)
		told.Task = l.work(told.Task).(tasks.Task)
		return []any{told, err}
	case outbox.NoticeSubmission:
		told, err := args[tasks.ReviewCard](n)
		told.Submission = l.work(told.Submission).(tasks.Submission)
		return []any{told, err}
	case outbox.NoticeReviewed:
		told, err := args[tasks.ReviewNotice](n)
		told.Task = tasks.TaskID(l.tasks.number(int64(told.Task)))
		return []any{told, err}
	}
	return "unknown notice " + n.Name
}

// args reads what a notice tells.
func args[T any](n outbox.Notice) (told T, err error) {
	err = json.Unmarshal(n.Args, &told)
	return told, err
}

func (l *lens) number(id economy.TransactionID) economy.TransactionID {
	if n, known := l.numbers[id]; known {
		return n
	}
	return -1
}

// refusal is an error by code and arguments.
type refusal struct {
	Code string
	Args map[string]any
}

func (l *lens) problem(err error) refusal {
	p := problem.Of(err)
	if p.Kind == problem.Internal || p.Kind == problem.Unavailable {
		return refusal{Code: err.Error()}
	}
	r := refusal{p.Code, make(map[string]any)}
	for name, v := range p.Args {
		if id, ok := v.(economy.TransactionID); ok {
			v = l.number(id)
		}
		if by, ok := v.(economy.Actor); ok {
			by.ID = l.actor(by.ID)
			v = by
		}
		if i, ok := v.(shop.Item); ok {
			v = l.normal(i)
		}
		r.Args[name] = v
	}
	return r
}
