package storetest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// task returns a task of the guild, nil for an unknown one.
func (g *guild) task(id tasks.TaskID) *tasks.Task {
	i := slices.IndexFunc(g.tasks, func(t tasks.Task) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return &g.tasks[i]
}

// titled returns the task of that title that is not archived, nil if there is none.
func (g *guild) titled(title string) *tasks.Task {
	i := slices.IndexFunc(g.tasks, func(t tasks.Task) bool {
		return t.State != tasks.Archived && economy.Fold(t.Title) == economy.Fold(title)
	})
	if i < 0 {
		return nil
	}
	return &g.tasks[i]
}

// meant returns the task that a reference names, nil if there is none.
func (g *guild) meant(r tasks.Ref) *tasks.Task {
	if r.ID != 0 {
		return g.task(r.ID)
	}
	return g.titled(r.Title)
}

// can checks what the terms of a task need of others.
func (g *guild) can(t tasks.Task) error {
	if same := g.titled(t.Title); same != nil && same.ID != t.ID {
		return tasks.ErrTitleTaken
	}
	if p := t.Prerequisite; p != 0 && (p == t.ID || g.task(p) == nil) {
		return tasks.ErrUnknownPrerequisite
	}
	return nil
}

// CreateTask implements tasks.Store.
func (m *Model) CreateTask(ctx context.Context, c tasks.TaskCreation) (tasks.Task, error) {
	id := c.Request.Guild
	return write(ctx, m, c.Request, "task.create", c.Fingerprint(), func(g *guild, at time.Time) (tasks.Task, error) {
		admin := g.involve(id, c.Admin, at)
		t := tasks.Task{Terms: c.Terms, State: c.State, Version: 1}
		if err := c.OnTime(); err != nil {
			return tasks.Task{}, err
		}
		if err := g.can(t); err != nil {
			return tasks.Task{}, err
		}
		t.ID = tasks.TaskID(g.next())
		g.tasks = append(g.tasks, t)
		g.tellTask(id, admin, "task.created", nil, t, at)
		return t, nil
	})
}

// EditTask implements tasks.Store.
func (m *Model) EditTask(ctx context.Context, e tasks.TaskEdit) (tasks.Task, error) {
	id := e.Request.Guild
	return write(ctx, m, e.Request, "task.edit", e.Fingerprint(), func(g *guild, at time.Time) (tasks.Task, error) {
		admin := g.involve(id, e.Admin, at)
		t := g.task(e.Task)
		if t == nil {
			return tasks.Task{}, tasks.ErrUnknownTask
		}
		after, changed, err := e.Of(*t)
		if err == nil && changed {
			err = g.can(after)
		}
		if err != nil || !changed {
			return after, err
		}
		before := *t
		*t = after
		g.tellTask(id, admin, "task.changed", before, after, at)
		return after, nil
	})
}

// MoveTask implements tasks.Store.
func (m *Model) MoveTask(ctx context.Context, v tasks.TaskMove) (tasks.Task, error) {
	id := v.Request.Guild
	return write(ctx, m, v.Request, "task.move", v.Fingerprint(), func(g *guild, at time.Time) (tasks.Task, error) {
		admin := g.involve(id, v.Admin, at)
		t := g.meant(v.Task)
		if t == nil {
			return tasks.Task{}, tasks.ErrUnknownTask
		}
		after, changed, err := v.Of(*t)
		if err != nil || !changed {
			return after, err
		}
		g.move(id, admin, t, after, at)
		return after, nil
	})
}

// move has a task change its state.
func (g *guild) move(id economy.GuildID, actor int64, t *tasks.Task, after tasks.Task, at time.Time) {
	kind := map[tasks.State]string{tasks.Open: "task.opened", tasks.Closed: "task.closed", tasks.Archived: "task.archived"}[after.State]
	before := *t
	*t = after
	g.tellTask(id, actor, kind, before, after, at)
}

// tellTask tells of a task that changed, and has its card show it.
func (g *guild) tellTask(id economy.GuildID, actor int64, kind string, before any, t tasks.Task, at time.Time) {
	about := subject("task", int64(t.ID))
	g.tell(id, actor, kind, about, before, t, at)
	if kind == "task.opened" || kind == "task.created" && t.State == tasks.Open {
		g.wantCard(about, g.settings.TaskChannel)
	}
	g.deliverCard(about, at)
}

// free returns how many places of a task are left at a time; 0 where there is no limit.
func (g *guild) free(t tasks.Task, at time.Time) int {
	if t.Places == 0 {
		return 0
	}
	return max(0, t.Places-g.taken(t, at))
}

// taken returns how many places of a task are taken: as written, at the zero time.
func (g *guild) taken(t tasks.Task, at time.Time) (n int) {
	for _, c := range g.claims {
		state := c.state
		if !at.IsZero() {
			state, _, _ = t.Standing(c.state, c.tries, c.due, at)
		}
		if c.task == t.ID && state.HoldsPlace() {
			n++
		}
	}
	return n
}

// line returns a task as a member sees it on the board.
func (g *guild) line(t tasks.Task, member int64, at time.Time) tasks.BoardLine {
	line := tasks.BoardLine{Task: t, Left: g.free(t, at)}
	for _, c := range g.claims {
		if c.task == t.ID && c.member == member { // the newest is the last
			mine := g.seenClaim(c, at)
			line.Mine = &mine
		}
	}
	return line
}

// OpenTasks implements tasks.Store.
func (m *Model) OpenTasks(ctx context.Context, q tasks.BoardQuery) (tasks.BoardPage, error) {
	return read(ctx, m, q.Guild, q.At, func(g *guild, at time.Time) tasks.BoardPage {
		viewer := g.meet(q.Guild, q.Viewer, at)
		var all []tasks.BoardLine
		for _, t := range slices.Backward(g.tasks) {
			if t.State == tasks.Open && t.OnTime(at) == nil {
				all = append(all, g.line(t, viewer, at))
			}
		}
		page := tasks.BoardPage{Currency: g.settings.Currency()}
		page.Lines, page.More = turn(all, q.Page, q.Size)
		return page
	})
}

// TaskOffer implements tasks.Store.
func (m *Model) TaskOffer(ctx context.Context, q tasks.OfferQuery) (tasks.Offer, error) {
	var unknown error
	offer, err := read(ctx, m, q.Guild, q.At, func(g *guild, at time.Time) tasks.Offer {
		viewer := g.meet(q.Guild, q.Viewer, at)
		t := g.meant(q.Task)
		if t == nil {
			unknown = tasks.ErrUnknownTask
			return tasks.Offer{}
		}
		o := tasks.Offer{BoardLine: g.line(*t, viewer, at), Qualified: true, Currency: g.settings.Currency()}
		past := g.past(*t, viewer, at)
		if t.Prerequisite != 0 {
			o.Prerequisite, o.Qualified = g.task(t.Prerequisite).Title, past.Prerequisite
		}
		zone := must(g.settings.Location())
		if past.Counts && past.Latest >= t.Repeat.Period(economy.DayOf(at, zone)) {
			o.Next = t.Repeat.Next(past.Latest, zone)
		}
		return o
	})
	if err == nil {
		err = unknown
	}
	return offer, err
}

// TaskNames implements tasks.Store.
func (m *Model) TaskNames(ctx context.Context, q tasks.NamesQuery) ([]tasks.TaskName, error) {
	return peek(ctx, m, q.Guild, func(g *guild) []tasks.TaskName {
		var list []tasks.TaskName
		text, at := economy.Fold(q.Text), cut(q.At)
		for _, t := range g.tasks {
			var ok bool
			switch q.Which {
			case tasks.Claimable:
				ok = t.State == tasks.Open && t.OnTime(at) == nil
			case tasks.Mine:
				mine := g.line(t, g.find(q.Member), at).Mine
				ok = mine != nil && mine.State.Runs()
			case tasks.Unarchived:
				ok = t.State != tasks.Archived
			default:
				ok = true
			}
			if ok && strings.Contains(economy.Fold(t.Title), text) {
				list = append(list, tasks.TaskName{ID: t.ID, Title: t.Title, State: t.State, Reward: t.Reward})
			}
		}
		later := func(n tasks.TaskName) int { // those that begin with it come first
			if strings.HasPrefix(economy.Fold(n.Title), text) {
				return 0
			}
			return 1
		}
		slices.SortFunc(list, func(a, b tasks.TaskName) int {
			return cmp.Or(cmp.Compare(later(a), later(b)), strings.Compare(economy.Fold(a.Title), economy.Fold(b.Title)), cmp.Compare(a.ID, b.ID))
		})
		return list[:min(len(list), clamp(q.Limit))]
	})
}

// TidyTasks implements tasks.Store.
func (m *Model) TidyTasks(ctx context.Context, now time.Time) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now = cut(now)
	type row struct {
		guild economy.GuildID
		id    int64
	}
	var over, late []row // of all guilds, by number
	for id, g := range m.guilds {
		for _, c := range g.claims {
			if state, _, _ := g.task(c.task).Standing(c.state, c.tries, c.due, now); state != c.state {
				over = append(over, row{id, int64(c.id)})
			}
		}
		for _, t := range g.tasks {
			if t.State == tasks.Open && t.OnTime(now) != nil {
				late = append(late, row{id, int64(t.ID)})
			}
		}
	}
	for _, list := range [][]row{over, late} {
		slices.SortFunc(list, func(a, b row) int { return cmp.Compare(a.id, b.id) })
	}
	for _, r := range over {
		g := m.guilds[r.guild]
		c := g.claimed(tasks.ClaimID(r.id))
		g.turn(r.guild, 0, c, tasks.Expired, now)
		g.showPlaces(*c, now)
	}
	for _, r := range late {
		g := m.guilds[r.guild]
		t := g.task(tasks.TaskID(r.id))
		after := *t
		after.State = tasks.Closed
		after.Version++
		g.move(r.guild, 0, t, after, now)
	}
	return len(over) + len(late), nil
}
