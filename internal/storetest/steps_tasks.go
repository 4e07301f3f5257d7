package storetest

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// chores draws a task's terms, of few titles, rewards and times. A prerequisite is
// drawn as a place among the tasks seen, from 1, and a deadline as a time from the
// step's, after epoch.
var chores = rapid.Custom(func(t *rapid.T) tasks.Terms {
	text := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, name) }
	number := func(name string, from ...int) int { return rapid.SampledFrom(from).Draw(t, name) }
	v := tasks.Terms{
		Title:       text("title", "Essay", "eSSAY", "Été", "ÉTÉ", "Σας", "\\%_'; --", "🪙 essay"),
		Description: text("description", "", "two\nlines"),
		Picture:     text("picture", "", "https://example.org/a.png?b=1&c=%20"),
		Reward:      rapid.SampledFrom([]economy.Amount{1, 3, 20, 99, economy.MaxMovement}).Draw(t, "reward"),
		Proof:       rapid.SampledFrom(tasks.Proofs).Draw(t, "proof"),
		Review:      tasks.Review(text("review", string(tasks.ByPerson), string(tasks.ByPerson), string(tasks.ByNobody), string(tasks.ByAnswer))),
		Places:      number("places", 0, 1, 1, 2, 2, 3),
		Repeat:      tasks.Repeat(text("repeat", string(tasks.Daily), string(tasks.Weekly), string(tasks.Once))),
		Deadline: rapid.SampledFrom([]time.Time{12: epoch.Add(-time.Hour), 13: epoch.Add(time.Hour), 14: epoch.Add(12 * time.Hour),
			15: epoch.Add(day + 1), 16: epoch.Add(3 * day), 17: epoch.Add(3 * day)}).Draw(t, "deadline"),
		ClaimHours:   number("hours", 0, 0, 1, 24, 36, tasks.MaxClaimHours),
		Tries:        number("tries", 1, 2, 2, 3),
		RequiredRole: economy.RoleID(text("required", "", "", "", "", "", "7002")),
		Prerequisite: tasks.TaskID(number("prerequisite", 0, 0, 0, 0, 0, 1, 2, 9)),
	}
	if v.Review == tasks.ByAnswer {
		v.Proof, v.Answer = tasks.ProofText, "Ja"
	}
	return v
})

var epoch = time.Unix(0, 0).UTC()

// works are what can be handed in.
var works = []tasks.Work{{}, {Text: "JA"}, {Text: "no"}, {Text: "https://example.org/a"}, {Image: picture()}, {Text: "look\nhere", Image: picture()}}

// proves returns work that is what a task asks for.
func proves(t tasks.Terms, n int) tasks.Work {
	for i := range works {
		if w := works[(n+i)%len(works)]; w.Proves(t.Proof) {
			return w
		}
	}
	return tasks.Work{}
}

// chore returns the n-th task of a guild as the model has it.
func (p *parallel) chore(g, n int) tasks.Task {
	l, m := p.model.lenses[g], p.model.store.(*Model)
	if t := m.guilds[l.guild].task(tasks.TaskID(l.tasks.id(n))); t != nil {
		return *t
	}
	return tasks.Task{}
}

// opened returns which task is open, one of those that are, if there is any.
func (p *parallel) opened(v step) (n int, ok bool) {
	l := p.model.lenses[v.Guild]
	var open []int
	for n := range l.tasks.ids {
		if p.chore(v.Guild, n).State == tasks.Open {
			open = append(open, n)
		}
	}
	if len(open) == 0 {
		return 0, false
	}
	return open[v.Nth%len(open)], true
}

// claimant returns somebody with a claim that runs and can be handed in, or waits, and
// which task it is on, if there is any; the newest first, or another.
func (p *parallel) claimant(v step, waits bool) (who economy.Person, n int, ok bool) {
	l, m := p.model.lenses[v.Guild], p.model.store.(*Model)
	g := m.guilds[l.guild]
	var found []claim
	for _, c := range g.claims {
		if waits && c.state == tasks.Submitted || !waits && c.state.CanSubmit() {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return who, 0, false
	}
	c := found[len(found)-1-v.Nth%len(found)/2]
	return economy.Person{User: g.member(c.member).user, Name: v.Who.Name}, slices.Index(l.tasks.ids, int64(c.task)), true
}

// duty returns the write of a task that the step means, and false where the domain
// refuses to construct it.
func (p *parallel) duty(v step, r economy.Request) (op any, ok bool) {
	var err error
	l := p.model.lenses[v.Guild]
	n := v.pick(l.tasks)
	ref := tasks.Ref{}
	if v.Size == 4 && v.Nth%3 == 0 {
		n, ref.Title = -1, p.chore(v.Guild, n).Title
		if v.Odd {
			ref.Title = " essay "
		}
	}
	roles := [][]economy.RoleID{{"7002", "7003"}, {"7003"}, {"7004"}}[v.Nth%3]
	reviewer := tasks.Reviewer{Person: v.admin(), Roles: roles, Manager: v.Size < 4}
	if !v.Task.Deadline.IsZero() {
		v.Task.Deadline = r.At.Add(v.Task.Deadline.Sub(epoch))
	}
	switch v.Verb {
	case "task":
		op, err = tasks.NewTaskCreation(r, v.admin(), v.Task, v.Size < 4)
	case "retask":
		task := p.chore(v.Guild, n)
		if v.Size == 3 && v.Note != "" {
			task.Version--
		}
		if v.Size == 1 { // perhaps to the same
			v.Task = task.Terms
			v.Task.Prerequisite = tasks.TaskID(l.tasks.number(int64(task.Prerequisite)))
		}
		if v.Size == 2 { // nearly
			terms := task.Terms
			terms.Places, terms.Deadline, terms.Tries, terms.ClaimHours = v.Task.Places, v.Task.Deadline, v.Task.Tries, v.Task.ClaimHours
			terms.Prerequisite = tasks.TaskID(l.tasks.number(int64(task.Prerequisite)))
			v.Task = terms
		}
		op, err = tasks.NewTaskEdit(r, v.admin(), 0, task.Version, v.Task)
		n = max(n, 0)
	case "move":
		op, err = tasks.NewTaskMove(r, v.admin(), ref, v.To)
	case "claim":
		if i, ok := p.opened(v); ok && n >= 0 && !v.Odd {
			n = i
		}
		op, err = tasks.NewClaiming(r, v.Who, roles, ref)
	case "submit":
		if who, i, ok := p.claimant(v, false); ok && !v.Odd {
			v.Who, n = who, i
		}
		w := works[v.Nth%len(works)]
		if v.Size > 1 {
			w = proves(p.chore(v.Guild, n).Terms, v.Nth)
		}
		if n >= 0 {
			ref = tasks.Ref{}
		}
		op = tasks.NewSubmitting(r, v.Who, ref, w)
	case "drop":
		if who, i, ok := p.claimant(v, v.Odd); ok {
			v.Who, n = who, i
		}
		if n >= 0 {
			ref = tasks.Ref{}
		}
		op = tasks.NewDropping(r, v.Who, ref)
	case "review":
		n = v.pick(l.submissions)
		g := p.model.store.(*Model).guilds[l.guild]
		if i := slices.IndexFunc(g.submissions, func(s submission) bool { return s.State == tasks.Waiting }); i >= 0 && !v.Odd {
			n = slices.Index(l.submissions.ids, int64(g.submissions[i].ID))
		}
		if v.Size > 2 {
			op, err = tasks.NewRejection(r, reviewer, 0, "no: "+v.Note)
		} else {
			op, err = tasks.NewApproval(r, reviewer, 0, []int{100, 100, 50, 1, 0}[v.Nth%5])
		}
	}
	return nth{op, n}, err == nil
}

// ownTask returns the store's own number of the task that has one, from 1, among those
// seen.
func (l *lens) ownTask(was tasks.TaskID) tasks.TaskID {
	if was == 0 {
		return 0
	}
	return tasks.TaskID(l.tasks.id(int(was) - 1))
}

// ref returns a reference to the n-th task, or with -1 what it was.
func (l *lens) ref(was tasks.Ref, n int) tasks.Ref {
	if n < 0 {
		return was
	}
	return tasks.Ref{ID: tasks.TaskID(l.tasks.id(n))}
}

// duty returns the write of the n-th task as the store of the lens knows it.
func (l *lens) duty(op any, n int) any {
	switch op := op.(type) {
	case tasks.TaskCreation:
		op.Terms.Prerequisite = l.ownTask(op.Terms.Prerequisite)
		return op
	case tasks.TaskEdit:
		op.Task, op.Terms.Prerequisite = tasks.TaskID(l.tasks.id(n)), l.ownTask(op.Terms.Prerequisite)
		return op
	case tasks.TaskMove:
		op.Task = l.ref(op.Task, n)
		return op
	case tasks.Claiming:
		op.Task = l.ref(op.Task, n)
		return op
	case tasks.Submitting:
		op.Task = l.ref(op.Task, n)
		return op
	case tasks.Dropping:
		op.Task = l.ref(op.Task, n)
		return op
	case tasks.Reviewing:
		op.Submission = tasks.SubmissionID(l.submissions.id(n))
		return op
	}
	return nil
}

// look takes a step that looks around among tasks, or tidies up.
func (p *parallel) look(v step, now time.Time) {
	p.t.Helper()
	guild, n := p.model.lenses[v.Guild].guild, v.pick(p.model.lenses[v.Guild].tasks)
	words := []string{"", "e", "ssay", "ÉT", "σ", "%", "\\", "\x00\xff"}
	p.all(v, v.Guild, func(s Store, l *lens) (any, error) {
		switch v.Verb {
		case "open tasks":
			return s.OpenTasks(p.ctx, tasks.BoardQuery{Guild: guild, Viewer: v.Who, Page: v.Nth % 3, Size: v.Size, At: now})
		case "task offer":
			q := tasks.OfferQuery{Guild: guild, Viewer: v.Who, Task: tasks.Ref{ID: tasks.TaskID(l.tasks.id(n))}, At: now}
			if v.Odd {
				q.Task = tasks.Ref{Title: []string{"ESSAY", " été ", "ΣΑΣ", "nothing"}[v.Nth%4]}
			}
			return s.TaskOffer(p.ctx, q)
		case "task names":
			return s.TaskNames(p.ctx, tasks.NamesQuery{Guild: guild, Text: words[v.Nth%len(words)], Member: v.Who.User, At: now, Limit: v.Size * 2,
				Which: []tasks.Which{tasks.Claimable, tasks.Mine, tasks.Unarchived, tasks.Every}[v.Size-1]})
		case "claims":
			return s.Claims(p.ctx, tasks.ClaimsQuery{Guild: guild, Viewer: v.Who, Page: v.Nth % 3, Size: v.Size, At: now})
		case "queue":
			q := tasks.QueueQuery{Guild: guild, Reviewer: tasks.Reviewer{Person: v.Who, Roles: []economy.RoleID{[]economy.RoleID{"7002", "7004"}[v.Nth%2]}, Manager: v.Size > 1}, At: now}
			if v.Odd {
				q.After = tasks.SubmissionID(l.submissions.id(v.Nth / 3))
			}
			return s.ReviewQueue(p.ctx, q)
		case "meet":
			who := []economy.Person{v.Too, v.Who, {User: "77", Bot: true}, v.Too}
			who[1], who[2], who[3] = joined(v.Who, now), joined(who[2], now), joined(v.Too, now.Add(-time.Duration(v.Nth)*time.Hour))
			switch v.Size {
			case 4:
				return s.Restore(p.ctx, guild, who[v.Nth%4:], now)
			case 3:
				return s.Join(p.ctx, guild, who[v.Nth%4:], now)
			}
			return s.Meet(p.ctx, guild, who[v.Nth%4:], now)
		default:
			return s.TidyTasks(p.ctx, now)
		}
	})
}
