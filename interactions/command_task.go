package interactions

import (
	"context"
	"strconv"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/tasks"
)

// pickTask answers the menu of a page of tasks or claims: task:owner:tasks|claims:page.
func (b *bank) pickTask(ctx context.Context, r *Request) (Reply, error) {
	page, err := r.page(2)
	if err != nil || r.arg(1) != "tasks" && r.arg(1) != "claims" {
		return nil, errUnknownComponent
	}
	value, err := r.chosen()
	if err != nil {
		return nil, err
	}
	id, ok := parseTask(value)
	if !ok {
		return nil, errUnknownComponent
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	o, err := b.offer(ctx, r, tasks.Ref{ID: id})
	if err != nil {
		return nil, err
	}
	back := customID(r.arg(1), string(r.Member.User), strconv.Itoa(page))
	return update{embed: r.taskCard(o), rows: r.taskRows(o, back)}, nil
}

// offer reads a task for a member, who is told nothing of drafts.
// Errors: tasks.ErrUnknownTask.
func (b *bank) offer(ctx context.Context, r *Request, task tasks.Ref) (tasks.Offer, error) {
	o, err := b.store.TaskOffer(ctx, tasks.OfferQuery{Guild: r.Guild, Viewer: r.Member, Task: task, At: r.At})
	if err == nil && o.Task.State == tasks.Draft {
		err = tasks.ErrUnknownTask
	}
	return o, err
}

// taskCard shows all of a task, as it is for the viewer.
func (r *Request) taskCard(o tasks.Offer) *discordgo.MessageEmbed {
	l, t := r.texts, o.Task
	e := l.workCard(t, o.Left, o.Currency)
	addField(e, l.text("task.tries"), l.number(int64(t.Tries)))
	addField(e, l.text("task.conditions"), l.conditions(o, r.roles()))
	if o.Mine != nil {
		e.Fields = append(e.Fields, &discordgo.MessageEmbedField{Name: l.text("task.mine"),
			Value: l.claimState(*o.Mine, o.Currency) + quoted(o.Mine.Reason)})
	}
	if err := claimObstacle(o, r.roles(), r.At); err != nil && (o.Mine == nil || !o.Mine.State.Runs()) {
		e.Fields = append(e.Fields, &discordgo.MessageEmbedField{Name: l.text("item.not_now"), Value: l.problem(problem.Of(err))})
	}
	return e
}

// workCard shows of a task what is the same for everybody.
func (l *locale) workCard(t tasks.Task, left int, c economy.Currency) *discordgo.MessageEmbed {
	e := card(taskTitle(t.Title, t.ID), lines(t.Description))
	if t.Picture != "" {
		e.Image = &discordgo.MessageEmbedImage{URL: t.Picture}
	}
	addField(e, l.text("task.reward"), l.coins(t.Reward, c))
	addField(e, l.text("task.places"), l.places(t.Terms, left))
	addField(e, l.text("task.proof"), l.value(t.Proof, nil))
	addField(e, l.text("task.repeat"), l.again(t.Repeat))
	addField(e, l.text("task.deadline"), some(t.Deadline, when))
	addField(e, l.text("task.hours"), some(t.ClaimHours, l.hours))
	return e
}

// taskRows are the buttons of a task's card: what its viewer can do with it.
func (r *Request) taskRows(o tasks.Offer, back string) []discordgo.MessageComponent {
	var buttons []discordgo.MessageComponent
	switch {
	case submitObstacle(o, r.At) == nil:
		buttons = append(buttons, r.submitButton(o.Task.ID, o.Task.Proof), r.dropButton(o.Task.ID))
	case o.Mine != nil && o.Mine.State == tasks.Submitted:
	default:
		buttons = append(buttons, r.claimButton(o.Task.ID, claimObstacle(o, r.roles(), r.At) == nil))
	}
	return row(append(buttons, discordgo.Button{Style: discordgo.SecondaryButton, Label: r.texts.text("item.back"), CustomID: back})...)
}

// parseTask reads a task's number, as a menu or a completion gives it.
func parseTask(text string) (tasks.TaskID, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return tasks.TaskID(n), err == nil && n > 0 && digits(text)
}

// task returns the task that an option names: by its number, as picked from the list,
// or by its whole title. Errors: errMalformed, tasks.ErrUnknownTask.
func (r *Request) task(name string) (tasks.Ref, error) {
	text, err := r.required(name)
	if err != nil {
		return tasks.Ref{}, err
	}
	if id, ok := parseTask(text); ok {
		return tasks.Ref{ID: id}, nil
	}
	if text == "" || !storable(text, tasks.MaxTitle) {
		return tasks.Ref{}, tasks.ErrUnknownTask
	}
	return tasks.Ref{Title: text}, nil
}

// taskArg returns the task of a button. Errors: errUnknownComponent.
func (r *Request) taskArg(i int) (tasks.Ref, error) {
	id, err := r.number(i)
	return tasks.Ref{ID: tasks.TaskID(id)}, err
}

// completeClaimable offers what can be claimed.
func (b *bank) completeClaimable(ctx context.Context, r *Request) (Reply, error) {
	return b.completeTasks(ctx, r, tasks.Claimable, r.rewarded)
}

// completeMine offers what the member has claimed.
func (b *bank) completeMine(ctx context.Context, r *Request) (Reply, error) {
	return b.completeTasks(ctx, r, tasks.Mine, r.rewarded)
}

// completeAnyTask offers what an admin can change; as a prerequisite even what is over.
func (b *bank) completeAnyTask(ctx context.Context, r *Request) (Reply, error) {
	which := tasks.Unarchived
	if r.focused() == "prerequisite" {
		which = tasks.Every
	}
	return b.completeTasks(ctx, r, which, func(n tasks.TaskName) string { return r.texts.value(n.State, nil) })
}

func (r *Request) rewarded(n tasks.TaskName) string { return r.texts.number(int64(n.Reward)) }

// completeTasks offers tasks by what is typed so far of their titles, each with a remark.
func (b *bank) completeTasks(ctx context.Context, r *Request, which tasks.Which, remark func(tasks.TaskName) string) (Reply, error) {
	text := r.typed()
	if !storable(text, tasks.MaxTitle) {
		return choices{}, nil
	}
	names, err := b.store.TaskNames(ctx, tasks.NamesQuery{Guild: r.Guild, Text: text, Which: which, Member: r.Member.User, At: r.At, Limit: 25})
	if err != nil {
		return nil, err
	}
	var found choices
	for _, n := range names {
		note := remark(n)
		found = append(found, choice{taskLabel(n.Title, n.ID, 100-3-width(note)) + " · " + note, taskNumber(n.ID)})
	}
	return found, nil
}
