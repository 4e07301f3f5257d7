package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"coffer/internal/admins"
	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/tasks"
)

// TaskStore is what is asked of the store about tasks.
type TaskStore interface {
	TaskList(context.Context, tasks.TaskListQuery) (tasks.TaskListPage, error)
	TaskSheet(context.Context, economy.GuildID, tasks.TaskID) (tasks.TaskSheet, error)
	CreateTask(context.Context, tasks.TaskCreation) (tasks.Task, error)
	EditTask(context.Context, tasks.TaskEdit) (tasks.Task, error)
	MoveTask(context.Context, tasks.TaskMove) (tasks.Task, error)
}

// taskDesk has the handlers of tasks.
type taskDesk struct {
	store TaskStore
	now   func() time.Time
}

// taskBody is a task's terms as they are sent.
type taskBody struct {
	Title        string         `json:"title"`
	Description  string         `json:"description,omitzero"`
	Picture      string         `json:"picture,omitzero"`
	Reward       economy.Amount `json:"reward"`
	Proof        tasks.Proof    `json:"proof"`
	Review       tasks.Review   `json:"review"`
	Answer       *string        `json:"answer"`
	Places       int            `json:"places,omitzero"`
	Repeat       tasks.Repeat   `json:"repeat"`
	Deadline     *time.Time     `json:"deadline"`
	ClaimHours   int            `json:"claim_hours,omitzero"`
	Tries        int            `json:"tries"`
	RequiredRole *string        `json:"required_role"`
	Prerequisite *string        `json:"prerequisite"`
	State        *tasks.State   `json:"state"` // of a new one: draft, or else open
}

// terms returns the terms. Errors: fields.
func (b taskBody) terms() (tasks.Terms, error) {
	t := tasks.Terms{
		Title: b.Title, Description: b.Description, Picture: b.Picture, Reward: b.Reward, Proof: b.Proof, Review: b.Review,
		Answer: text(b.Answer), Places: b.Places, Repeat: b.Repeat, Deadline: moment(b.Deadline), ClaimHours: b.ClaimHours, Tries: b.Tries,
		RequiredRole: economy.RoleID(text(b.RequiredRole)),
	}
	if b.Prerequisite != nil {
		id, ok := parseID(*b.Prerequisite)
		if !ok {
			return t, errFields.At(problem.Field{Field: "prerequisite", Code: "format", Detail: "This must be a task's id."})
		}
		t.Prerequisite = tasks.TaskID(id)
	}
	return t, nil
}

// taskJSON is a task.
type taskJSON struct {
	ID           string          `json:"id"`
	Title        string          `json:"title"`
	Description  string          `json:"description"`
	Picture      string          `json:"picture"`
	Reward       economy.Amount  `json:"reward"`
	Proof        tasks.Proof     `json:"proof"`
	Review       tasks.Review    `json:"review"`
	Answer       *string         `json:"answer"`
	Places       int             `json:"places"`
	Repeat       tasks.Repeat    `json:"repeat"`
	Deadline     *time.Time      `json:"deadline"`
	ClaimHours   int             `json:"claim_hours"`
	Tries        int             `json:"tries"`
	RequiredRole *economy.RoleID `json:"required_role"`
	Prerequisite *string         `json:"prerequisite"`
	State        tasks.State     `json:"state"`
	Version      int             `json:"version"`
	Taken        int             `json:"taken"`
	Waiting      int             `json:"waiting"`
	CreatedAt    time.Time       `json:"created_at"`
	ChangedAt    time.Time       `json:"changed_at"`
	ChangedBy    actorJSON       `json:"changed_by"`
}

// knowsAnswers reports whether the caller is shown tasks' answers: who cannot change a
// task is not, because he may be a member who is after the reward.
func (c Caller) knowsAnswers() bool { return c.Role.AtLeast(admins.Manager) }

// showTask returns how a task is shown to the caller.
func showTask(r *http.Request) func(tasks.TaskSheet) taskJSON {
	knows := callerOf(r).knowsAnswers()
	return func(v tasks.TaskSheet) taskJSON {
		t := v.Task
		j := taskJSON{
			ID: showID(t.ID), Title: t.Title, Description: t.Description, Picture: t.Picture, Reward: t.Reward, Proof: t.Proof, Review: t.Review,
			Places: t.Places, Repeat: t.Repeat, Deadline: timeOrNull(t.Deadline), ClaimHours: t.ClaimHours, Tries: t.Tries,
			RequiredRole: orNull(t.RequiredRole), Prerequisite: idOrNull(t.Prerequisite), State: t.State, Version: t.Version,
			Taken: v.Taken, Waiting: v.Waiting, CreatedAt: v.Created.UTC(), ChangedAt: v.Changed.UTC(), ChangedBy: showActor(v.ChangedBy),
		}
		if knows {
			j.Answer = &t.Answer
		}
		return j
	}
}

// list answers listTasks.
func (d taskDesk) list(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	p := q.Page("tasks", 1)
	query := tasks.TaskListQuery{
		Guild: guildOf(r), State: tasks.State(q.OneOf("state", "", "draft", "open", "closed", "archived")), Text: q.Text("search", longestSearch),
		Before: tasks.TaskID(p.Int(0)), Size: p.Limit,
	}
	if err := q.Err(); err != nil {
		return err
	}
	found, err := d.store.TaskList(r.Context(), query)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, listJSON(p, found.Tasks, found.More, showTask(r), func(v tasks.TaskSheet) int64 { return int64(v.Task.ID) }))
	return nil
}

// get answers getTask.
func (d taskDesk) get(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "task")
	if err != nil {
		return err
	}
	sheet, err := d.store.TaskSheet(r.Context(), guildOf(r), tasks.TaskID(id))
	if err != nil {
		return err
	}
	setETag(w, int64(sheet.Task.Version))
	write(w, http.StatusOK, showTask(r)(sheet))
	return nil
}

// create answers createTask.
func (d taskDesk) create(w http.ResponseWriter, r *http.Request) error {
	request, err := requestOf(r, d.now())
	if err != nil {
		return err
	}
	body, err := decode[taskBody](w, r)
	if err != nil {
		return err
	}
	if body.State != nil && *body.State != tasks.Draft && *body.State != tasks.Open {
		return errFields.At(problem.Field{Field: "state", Code: "range", Detail: "A new task is a draft or open."})
	}
	terms, err := body.terms()
	if err != nil {
		return err
	}
	creation, err := tasks.NewTaskCreation(request, callerOf(r).Person(), terms, body.State == nil || *body.State == tasks.Open)
	if err != nil {
		return err
	}
	task, err := d.store.CreateTask(r.Context(), creation)
	if err != nil {
		return termsTrouble(err)
	}
	return d.show(w, r, http.StatusCreated, task)
}

// edit answers editTask.
func (d taskDesk) edit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "task")
	if err != nil {
		return err
	}
	version, err := ifMatch(r)
	if err != nil {
		return err
	}
	body, err := decode[taskBody](w, r)
	if err != nil {
		return err
	}
	if body.State != nil {
		return errFields.At(problem.Field{Field: "state", Code: "unknown", Detail: "There is no such field here: a task is opened, closed and archived at its state."})
	}
	terms, err := body.terms()
	if err != nil {
		return err
	}
	edit, err := tasks.NewTaskEdit(anew(r, d.now()), callerOf(r).Person(), tasks.TaskID(id), int(version), terms)
	if err != nil {
		return err
	}
	task, err := d.store.EditTask(r.Context(), edit)
	switch {
	case errors.Is(err, tasks.ErrTaskChanged):
		return d.changed(r, edit.Task)
	case errors.Is(err, tasks.ErrUnknownTask):
		if sheet, other := d.store.TaskSheet(r.Context(), guildOf(r), edit.Task); other == nil && sheet.Task.State == tasks.Archived {
			return errArchived
		}
	}
	if err != nil {
		return termsTrouble(err)
	}
	return d.show(w, r, http.StatusOK, task)
}

// changed tells what the task is now.
func (d taskDesk) changed(r *http.Request, id tasks.TaskID) error {
	sheet, err := d.store.TaskSheet(r.Context(), guildOf(r), id)
	if err != nil {
		return err
	}
	return changed(showTask(r)(sheet), showActor(sheet.ChangedBy), sheet.Changed)
}

// move answers moveTask.
func (d taskDesk) move(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "task")
	if err != nil {
		return err
	}
	body, err := decode[struct {
		State tasks.State `json:"state"`
	}](w, r)
	if err != nil {
		return err
	}
	move, err := tasks.NewTaskMove(anew(r, d.now()), callerOf(r).Person(), tasks.Ref{ID: tasks.TaskID(id)}, body.State)
	if err != nil {
		return errFields.At(problem.Field{Field: "state", Code: "range", Detail: "A task is open, closed or archived."})
	}
	task, err := d.store.MoveTask(r.Context(), move)
	if err != nil {
		return err
	}
	return d.show(w, r, http.StatusOK, task)
}

// show sends a task as a write has left it, with what else is known of it now.
func (d taskDesk) show(w http.ResponseWriter, r *http.Request, status int, task tasks.Task) error {
	sheet, err := d.store.TaskSheet(r.Context(), guildOf(r), task.ID)
	if err != nil {
		return err
	}
	sheet.Task = task
	setETag(w, int64(task.Version))
	write(w, status, showTask(r)(sheet))
	return nil
}

// termsTrouble names the field that a refusal by what else there is, or by the time, is
// about.
func termsTrouble(err error) error {
	for _, of := range []struct {
		refusal *problem.Error
		field   string
	}{
		{tasks.ErrTitleTaken, "title"},
		{tasks.ErrUnknownPrerequisite, "prerequisite"},
		{tasks.ErrDeadline, "deadline"},
	} {
		if errors.Is(err, of.refusal) {
			return about(of.field, problem.Of(err))
		}
	}
	return err
}
