package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

const taskColumns = `t.id, t.title, t.description, t.picture, t.reward, t.proof, t.review, t.answer, t.places, t.repeat, t.deadline,
	t.claim_hours, t.tries, t.required_role, t.prerequisite, t.state, t.version, t.taken`

// taskRow is where the columns of a task are scanned to.
type taskRow struct {
	tasks.Task
	taken                  int // places, as written
	deadline, prerequisite sql.NullInt64
}

func (r *taskRow) columns() []any {
	t := &r.Task
	return []any{&t.ID, &t.Title, &t.Description, &t.Picture, &t.Reward, &t.Proof, &t.Review, &t.Answer, &t.Places, &t.Repeat, &r.deadline,
		&t.ClaimHours, &t.Tries, &t.RequiredRole, &r.prerequisite, &t.State, &t.Version, &r.taken}
}

// scanned completes the row after its columns were scanned.
func (r *taskRow) scanned() {
	r.Deadline, r.Prerequisite = moment(r.deadline), tasks.TaskID(r.prerequisite.Int64)
}

// places returns how many places are left as written, where they are limited.
func (r *taskRow) places() int { return max(0, r.Places-r.taken) }

// task returns a guild's task. Errors: tasks.ErrUnknownTask.
func (t *tx) task(guild economy.GuildID, id tasks.TaskID) (taskRow, error) {
	return t.scanTask("t.id = ?2", string(guild), int64(id))
}

// meant returns the task that a reference names. Errors: tasks.ErrUnknownTask.
func (t *tx) meant(guild economy.GuildID, r tasks.Ref) (taskRow, error) {
	if r.ID != 0 {
		return t.task(guild, r.ID)
	}
	return t.scanTask("t.folded = ?2 AND t.state <> 'archived'", string(guild), economy.Fold(r.Title))
}

func (t *tx) scanTask(which string, args ...any) (r taskRow, err error) {
	err = t.row("SELECT "+taskColumns+" FROM tasks t WHERE t.guild_id = ?1 AND "+which, args, r.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		err = tasks.ErrUnknownTask
	}
	r.scanned()
	return r, err
}

// can checks what a task's terms need of others.
// Errors: tasks.ErrTitleTaken, tasks.ErrUnknownPrerequisite.
func (t *tx) can(guild economy.GuildID, task tasks.Task) error {
	var taken, known bool
	err := t.row(`SELECT EXISTS (SELECT 1 FROM tasks WHERE guild_id = ?1 AND folded = ?2 AND state <> 'archived' AND id <> ?3),
		?4 = 0 OR EXISTS (SELECT 1 FROM tasks WHERE id = ?4 AND guild_id = ?1 AND id <> ?3)`,
		[]any{string(guild), economy.Fold(task.Title), int64(task.ID), int64(task.Prerequisite)}, &taken, &known)
	switch {
	case err != nil:
		return err
	case taken:
		return tasks.ErrTitleTaken
	case !known:
		return tasks.ErrUnknownPrerequisite
	}
	return nil
}

// duty returns a task's terms in the order of their columns, from the title on.
func duty(t tasks.Task) []any {
	return []any{t.Title, economy.Fold(t.Title), t.Description, t.Picture, int64(t.Reward), string(t.Proof), string(t.Review), t.Answer, t.Places,
		string(t.Repeat), micros(t.Deadline), t.ClaimHours, t.Tries, string(t.RequiredRole), reference(t.Prerequisite)}
}

// reference returns an id for a column; 0 is null.
func reference[ID ~int64](id ID) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}

// CreateTask implements tasks.Store.
func (s *Store) CreateTask(ctx context.Context, c tasks.TaskCreation) (tasks.Task, error) {
	return once(ctx, s, "task.create", c.Request, c.Fingerprint(),
		func(t *tx) (task tasks.Task, _ economy.TransactionID, err error) {
			r := c.Request
			settings, admin, err := t.enter(r, c.Admin)
			if err != nil {
				return task, 0, err
			}
			if err := c.OnTime(); err != nil {
				return task, 0, err
			}
			task = tasks.Task{Terms: c.Terms, State: c.State, Version: 1}
			if err := t.can(r.Guild, task); err != nil {
				return task, 0, err
			}
			if err := t.row(`INSERT INTO tasks (guild_id, title, folded, description, picture, reward, proof, review, answer, places,
				repeat, deadline, claim_hours, tries, required_role, prerequisite, state, created_at)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
				append(append([]any{string(r.Guild)}, duty(task)...), string(task.State), r.At.UnixMicro()), &task.ID); err != nil {
				return task, 0, err
			}
			return task, 0, s.tellTask(t, r, settings, admin, "task.created", nil, task)
		})
}

// EditTask implements tasks.Store.
func (s *Store) EditTask(ctx context.Context, c tasks.TaskEdit) (tasks.Task, error) {
	return once(ctx, s, "task.edit", c.Request, c.Fingerprint(),
		func(t *tx) (after tasks.Task, _ economy.TransactionID, err error) {
			r := c.Request
			settings, admin, err := t.enter(r, c.Admin)
			if err != nil {
				return after, 0, err
			}
			before, err := t.task(r.Guild, c.Task)
			if err != nil {
				return after, 0, err
			}
			after, changed, err := c.Of(before.Task)
			if err != nil || !changed {
				return after, 0, err
			}
			if err := t.can(r.Guild, after); err != nil {
				return after, 0, err
			}
			if _, err := t.exec(`UPDATE tasks SET title = ?, folded = ?, description = ?, picture = ?, reward = ?, proof = ?, review = ?,
				answer = ?, places = ?, repeat = ?, deadline = ?, claim_hours = ?, tries = ?, required_role = ?, prerequisite = ?,
				version = ? WHERE id = ?`, append(duty(after), after.Version, int64(after.ID))...); err != nil {
				return after, 0, err
			}
			return after, 0, s.tellTask(t, r, settings, admin, "task.changed", before.Task, after)
		})
}

// MoveTask implements tasks.Store.
func (s *Store) MoveTask(ctx context.Context, c tasks.TaskMove) (tasks.Task, error) {
	return once(ctx, s, "task.move", c.Request, c.Fingerprint(),
		func(t *tx) (after tasks.Task, _ economy.TransactionID, err error) {
			r := c.Request
			settings, admin, err := t.enter(r, c.Admin)
			if err != nil {
				return after, 0, err
			}
			before, err := t.meant(r.Guild, c.Task)
			if err != nil {
				return after, 0, err
			}
			after, changed, err := c.Of(before.Task)
			if err != nil || !changed {
				return after, 0, err
			}
			return after, 0, s.moveTask(t, r, settings, admin, before.Task, after)
		})
}

// moveTask writes a task's new state.
func (s *Store) moveTask(t *tx, r economy.Request, settings economy.Settings, actor *member, before, after tasks.Task) error {
	if _, err := t.exec("UPDATE tasks SET state = ?, version = ? WHERE id = ?", string(after.State), after.Version, int64(after.ID)); err != nil {
		return err
	}
	kind := map[tasks.State]string{tasks.Open: "task.opened", tasks.Closed: "task.closed", tasks.Archived: "task.archived"}[after.State]
	return s.tellTask(t, r, settings, actor, kind, before, after)
}

// tellTask tells of a task's change, and has its card show it.
func (s *Store) tellTask(t *tx, r economy.Request, settings economy.Settings, actor *member, kind string, before any, after tasks.Task) error {
	subject := about("task", after.ID)
	if err := t.tell(event{guild: r.Guild, actor: actor, kind: kind, subject: subject, before: before, after: after, at: r.At}); err != nil {
		return err
	}
	if kind == "task.opened" || kind == "task.created" && after.State == tasks.Open {
		if err := t.wantCard(r.Guild, subject, settings.TaskChannel); err != nil {
			return err
		}
	}
	return s.deliverCard(t, r.Guild, subject, r.At)
}
