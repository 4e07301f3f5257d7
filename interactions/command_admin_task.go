package interactions

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

func (b *bank) createTask(ctx context.Context, r *Request) (Reply, error) {
	for _, name := range []string{"title", "reward"} {
		if _, err := r.required(name); err != nil {
			return nil, err
		}
	}
	s := &sheet{Request: r}
	draft := false
	s.flag("draft", &draft)
	terms := s.taskTerms(tasks.Terms{Proof: tasks.ProofText, Review: tasks.ByPerson, Repeat: tasks.Once, Tries: 3})
	if s.err != nil {
		return nil, s.err
	}
	creation, err := tasks.NewTaskCreation(r.write(r.ID), r.Member, terms, !draft)
	if err != nil {
		return nil, err
	}
	got, err := b.store.CreateTask(ctx, creation)
	if err != nil {
		return nil, err
	}
	return message{embed: r.texts.taskSheet(r.texts.text("admintask.created"), got), rows: r.taskForm(got)}, nil
}

// editTask changes a task or, without options, shows it.
func (b *bank) editTask(ctx context.Context, r *Request) (Reply, error) {
	task, err := r.task("task")
	if err != nil {
		return nil, err
	}
	m, err := b.taskEdited(ctx, r, task, r.ID, 0)
	return m, err
}

// taskEdited asks the store twice, as itemEdited does and for the same reason.
func (b *bank) taskEdited(ctx context.Context, r *Request, task tasks.Ref, key string, shown int) (message, error) {
	s := &sheet{Request: r}
	if s.taskTerms(tasks.Terms{}); s.err != nil {
		return message{}, s.err // what cannot be read need not be asked for
	}
	o, err := b.store.TaskOffer(ctx, tasks.OfferQuery{Guild: r.Guild, Viewer: r.Member, Task: task, At: r.At})
	if err != nil {
		return message{}, err
	}
	l := r.texts
	s = &sheet{Request: r}
	terms := s.taskTerms(o.Task.Terms)
	if s.given == 0 {
		return message{embed: l.taskSheet(l.text("admintask.present"), o.Task), rows: r.taskForm(o.Task)}, nil
	}
	edit, err := tasks.NewTaskEdit(r.write(key), r.Member, o.Task.ID, cmp.Or(shown, o.Task.Version), terms)
	if err != nil {
		return message{}, err
	}
	got, err := b.store.EditTask(ctx, edit)
	if err != nil {
		return message{}, err
	}
	e := l.taskSheet(l.text("admintask.edited"), got)
	e.Description = l.changes(l.taskFacts(o.Task), l.taskFacts(got))
	return message{embed: e, rows: r.taskForm(got)}, nil
}

// taskForm leads to the form of a task's words, if they can still be changed.
func (r *Request) taskForm(t tasks.Task) []discordgo.MessageComponent {
	if t.State == tasks.Archived {
		return nil
	}
	return row(r.formButton("edittask", taskNumber(t.ID), r.texts.text("sheet.words")))
}

// pressEditTask answers a button with a form of a task's words, for which an option has
// one line: edittask:owner:task.
func (b *bank) pressEditTask(ctx context.Context, r *Request) (Reply, error) {
	task, err := r.taskArg(1)
	if err != nil {
		return nil, err
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	o, err := b.store.TaskOffer(ctx, tasks.OfferQuery{Guild: r.Guild, Viewer: r.Member, Task: task, At: r.At})
	if err != nil {
		return nil, err
	}
	l, t := r.texts, o.Task
	if t.State == tasks.Archived {
		return nil, tasks.ErrUnknownTask
	}
	questions := []question{
		{name: "title", label: l.text("taskterm.title"), present: t.Title},
		{name: "description", label: l.text("term.description"), present: t.Description, long: true, optional: true},
		{name: "picture", label: l.text("sheet.picture"), present: t.Picture, optional: true},
	}
	if t.Review == tasks.ByAnswer {
		questions = append(questions, question{name: "answer", label: l.text("taskterm.answer"), present: t.Answer})
	}
	return form(customID("edittask", r.arg(1), strconv.Itoa(t.Version), r.ID), taskLabel(t.Title, t.ID, 45), taskTerms(false), questions), nil
}

// sendEditTask answers the form: edittask:task:version:interaction.
func (b *bank) sendEditTask(ctx context.Context, r *Request) (Reply, error) {
	id, version, key, err := r.sentEdit()
	if err != nil {
		return nil, err
	}
	if err := r.answer(taskTerms(false)); err != nil {
		return nil, err
	}
	m, err := b.taskEdited(ctx, r, tasks.Ref{ID: tasks.TaskID(id)}, key, version)
	return r.instead(m), err
}

func (b *bank) openTask(ctx context.Context, r *Request) (Reply, error) {
	return b.moveTask(ctx, r, tasks.Open)
}

func (b *bank) closeTask(ctx context.Context, r *Request) (Reply, error) {
	return b.moveTask(ctx, r, tasks.Closed)
}

func (b *bank) archiveTask(ctx context.Context, r *Request) (Reply, error) {
	return b.moveTask(ctx, r, tasks.Archived)
}

func (b *bank) moveTask(ctx context.Context, r *Request, to tasks.State) (Reply, error) {
	task, err := r.task("task")
	if err != nil {
		return nil, err
	}
	move, err := tasks.NewTaskMove(r.write(r.ID), r.Member, task, to)
	if err != nil {
		return nil, err
	}
	got, err := b.store.MoveTask(ctx, move)
	if err != nil {
		return nil, err
	}
	l, title := r.texts, titled(got.Title, got.ID)
	switch to {
	case tasks.Open:
		return message{embed: card(l.text("admintask.opened"), l.text("admintask.opened_body", "task", title))}, nil
	case tasks.Closed:
		return message{embed: card(l.text("admintask.closed"), l.text("admintask.closed_body", "task", title))}, nil
	default:
		return message{embed: card(l.text("admintask.archived"), l.text("admintask.archived_body", "task", title))}, nil
	}
}

// taskTerms returns a task's terms as the options change them. What follows from a change is
// changed with it: an answer is what reviews, unless it is said who does.
func (s *sheet) taskTerms(t tasks.Terms) tasks.Terms {
	s.words("title", &t.Title)
	s.coins("reward", economy.ParseAmount, &t.Reward)
	s.clearable("description", &t.Description)
	s.clearable("picture", &t.Picture)
	picked(s, "proof", proofs, &t.Proof)
	reviewed := picked(s, "reviewer", reviewers, &t.Review)
	answered := s.clearable("answer", &t.Answer)
	switch {
	case answered && !reviewed && t.Answer != "":
		t.Review = tasks.ByAnswer
	case answered && !reviewed && t.Review == tasks.ByAnswer:
		t.Review = tasks.ByPerson
	case reviewed && !answered && t.Review != tasks.ByAnswer:
		t.Answer = ""
	}
	count(s, "places", &t.Places)
	picked(s, "repeat", repeats, &t.Repeat)
	s.moment("deadline", &t.Deadline)
	count(s, "hours", &t.ClaimHours)
	count(s, "tries", &t.Tries)
	s.role("required_role", false, &t.RequiredRole)
	s.parsed("prerequisite", func(text string) error {
		if s.texts.none(text) {
			t.Prerequisite = 0
			return nil
		}
		id, ok := parseTask(text)
		if !ok {
			return errPickTask
		}
		t.Prerequisite = id
		return nil
	})
	return t
}

// taskSheet shows all of a task, as an admin decides about it.
func (l *locale) taskSheet(title string, t tasks.Task) *discordgo.MessageEmbed {
	e := card(title, l.list(l.taskFacts(t)))
	if t.Picture != "" {
		e.Thumbnail = &discordgo.MessageEmbedThumbnail{URL: t.Picture}
	}
	e.Footer = footer(l.text("admintask.footer", "number", taskNumber(t.ID), "version", l.number(int64(t.Version))))
	return e
}

func (l *locale) taskFacts(t tasks.Task) []fact {
	one := func(s string) string { return quote(clip(strings.ReplaceAll(s, "\n", " "), 300)) }
	number := func(n int) string { return l.number(int64(n)) }
	return []fact{
		{l.text("taskterm.title"), quote(t.Title)},
		{l.text("taskterm.state"), l.value(t.State, nil)},
		{l.text("taskterm.reward"), l.number(int64(t.Reward))},
		{l.text("term.description"), one(t.Description)},
		{l.text("term.picture"), one(t.Picture)},
		{l.text("taskterm.proof"), l.text("choice.proof." + string(t.Proof))},
		{l.text("taskterm.reviewer"), l.text("choice.reviewer." + string(t.Review))},
		{l.text("taskterm.answer"), one(t.Answer)},
		{l.text("taskterm.places"), cmp.Or(some(t.Places, number), l.text("goods.unlimited"))},
		{l.text("taskterm.repeat"), l.text("choice.repeat." + string(t.Repeat))},
		{l.text("taskterm.deadline"), some(t.Deadline, when)},
		{l.text("taskterm.hours"), some(t.ClaimHours, l.hours)},
		{l.text("taskterm.tries"), number(t.Tries)},
		{l.text("term.required_role"), some(t.RequiredRole, mentionRole)},
		{l.text("taskterm.prerequisite"), some(t.Prerequisite, func(id tasks.TaskID) string { return l.text("taskterm.number", "number", taskNumber(id)) })},
	}
}
