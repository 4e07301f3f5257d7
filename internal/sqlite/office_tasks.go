package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"strconv"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

var selectTaskSheets = "SELECT " + taskColumns + `, t.created_at,
	(SELECT count(*) FROM (SELECT 1 FROM claims c WHERE c.task_id = t.id AND c.state = 'submitted' LIMIT ` + strconv.Itoa(tasks.MostCounted) + `)),
	coalesce(e.at, 0), ` + actorColumns + " FROM tasks t" + joinChange("t.guild_id", "'task:' || t.id") + "WHERE t.guild_id = ?1 AND "

// taskSheets returns tasks as admins see them.
func (t *tx) taskSheets(which string, args ...any) (list []tasks.TaskSheet, err error) {
	err = t.each(selectTaskSheets+which, args, func(rows *sql.Rows) error {
		var task taskRow
		var v tasks.TaskSheet
		var created, changed int64
		err := rows.Scan(append(append(task.columns(), &created, &v.Waiting, &changed), actorRow(&v.ChangedBy)...)...)
		task.scanned()
		v.Task, v.Taken, v.Created, v.Changed = task.Task, task.taken, instant(created), instant(changed)
		list = append(list, v)
		return err
	})
	return list, err
}

// tasksOf are the tasks of one state for a page.
const tasksOf = "t.state = ?2 AND t.id < ?3 AND instr(t.folded, ?4) > 0 ORDER BY t.id DESC LIMIT ?5"

// TaskList implements tasks.Office.
func (s *Store) TaskList(ctx context.Context, q tasks.TaskListQuery) (page tasks.TaskListPage, err error) {
	newest := func(a, b tasks.TaskSheet) int { return cmp.Compare(b.Task.ID, a.Task.ID) }
	err = s.read(ctx, func(t *tx) error {
		page.Tasks, page.More, err = leaf(among(q.State, tasks.States), q.Size, newest,
			func(state tasks.State, most int) ([]tasks.TaskSheet, error) {
				return t.taskSheets(tasksOf,
					string(q.Guild), string(state), beyond(q.Before), economy.Fold(q.Text), most)
			})
		return err
	})
	return page, err
}

// TaskSheet implements tasks.Office.
func (s *Store) TaskSheet(ctx context.Context, guild economy.GuildID, id tasks.TaskID) (tasks.TaskSheet, error) {
	var list []tasks.TaskSheet
	err := s.query(ctx, func(t *tx) (err error) {
		list, err = t.taskSheets("t.id = ?2", string(guild), int64(id))
		return err
	})
	if err == nil && len(list) == 0 {
		err = tasks.ErrUnknownTask
	}
	if err != nil {
		return tasks.TaskSheet{}, err
	}
	return list[0], nil
}

const selectSubmissionSheets = "SELECT " + submissionColumns + `, coalesce(s.transaction_id, 0), coalesce(k.channel_id, ''), coalesce(k.message, '')` +
	fromSubmissions + " LEFT JOIN cards k ON k.guild_id = s.guild_id AND k.subject = 'submission:' || s.id WHERE "

// submissionSheets returns submissions as admins see them.
func (t *tx) submissionSheets(which string, args ...any) (list []tasks.SubmissionSheet, err error) {
	err = t.each(selectSubmissionSheets+which, args, func(rows *sql.Rows) error {
		var r submissionRow
		var v tasks.SubmissionSheet
		err := rows.Scan(append(r.columns(), &v.Transaction, &v.Card.Channel, &v.Card.Message)...)
		r.scanned()
		v.Submission = r.Submission
		v.Worker = economy.Actor{Kind: economy.ActorMember, ID: r.member, User: r.Member, Name: r.Name}
		if r.Member == "" {
			v.Worker.Kind = economy.ActorErased
		}
		list = append(list, v)
		return err
	})
	return list, err
}

// submissionsOf are the submissions of one state for a page. Where the index is another
// than the guild's, + keeps SQLite from that.
func submissionsOf(q tasks.SubmissionsQuery) string {
	whose := "s.guild_id = ?1 AND ?5 = ?6"
	switch {
	case q.Member != 0:
		whose = "s.member_id = ?5 AND +s.guild_id = ?1 AND (?6 = 0 OR +s.task_id = ?6)"
	case q.Task != 0:
		whose = "s.task_id = ?6 AND +s.guild_id = ?1 AND ?5 = 0"
	}
	if q.State == tasks.Waiting {
		return whose + " AND s.state = ?2 AND s.id > ?3 ORDER BY s.id LIMIT ?4"
	}
	return whose + " AND s.state = ?2 AND s.id < ?3 ORDER BY s.id DESC LIMIT ?4"
}

// Submissions implements tasks.Office. Where a member and a task are given, the
// member's are looked through.
func (s *Store) Submissions(ctx context.Context, q tasks.SubmissionsQuery) (page tasks.SubmissionsPage, err error) {
	order, after := func(a, b tasks.SubmissionSheet) int { return cmp.Compare(b.Submission.ID, a.Submission.ID) }, beyond(q.After)
	if q.State == tasks.Waiting {
		order, after = func(a, b tasks.SubmissionSheet) int { return cmp.Compare(a.Submission.ID, b.Submission.ID) }, int64(q.After)
	}
	which := submissionsOf(q)
	err = s.read(ctx, func(t *tx) error {
		page.Submissions, page.More, err = leaf(among(q.State, tasks.SubmissionStates), q.Size, order,
			func(state tasks.SubmissionState, most int) ([]tasks.SubmissionSheet, error) {
				return t.submissionSheets(which, string(q.Guild), string(state), after, most, q.Member, int64(q.Task))
			})
		if err != nil {
			return err
		}
		return t.row("SELECT count(*) FROM (SELECT 1 FROM submissions WHERE guild_id = ? AND state = 'waiting' LIMIT ?)",
			[]any{string(q.Guild), tasks.MostCounted}, &page.Waiting)
	})
	return page, err
}

// SubmissionSheet implements tasks.Office.
func (s *Store) SubmissionSheet(ctx context.Context, guild economy.GuildID, id tasks.SubmissionID) (tasks.SubmissionSheet, error) {
	var list []tasks.SubmissionSheet
	err := s.query(ctx, func(t *tx) (err error) {
		list, err = t.submissionSheets("s.guild_id = ?1 AND s.id = ?2", string(guild), int64(id))
		return err
	})
	if err == nil && len(list) == 0 {
		err = tasks.ErrUnknownSubmission
	}
	if err != nil {
		return tasks.SubmissionSheet{}, err
	}
	return list[0], nil
}
