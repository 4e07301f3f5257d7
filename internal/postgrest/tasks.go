package postgrest

import (
	"context"
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// taskTerms are a task's terms as functions take them: with times to the microsecond,
// null for none, and with texts as they are compared.
type taskTerms struct {
	tasks.Terms
	Folded       string        `json:"folded"`
	AnswerFolded string        `json:"answer_folded"`
	Deadline     *time.Time    `json:"deadline"`
	Prerequisite *tasks.TaskID `json:"prerequisite"`
}

func taskTermsOf(t tasks.Terms) taskTerms {
	terms := taskTerms{Terms: t, Folded: economy.Fold(t.Title), AnswerFolded: economy.Fold(t.Answer), Deadline: moment(t.Deadline)}
	if t.Prerequisite != 0 {
		terms.Prerequisite = &t.Prerequisite
	}
	return terms
}

// CreateTask implements tasks.Store.
func (s *Store) CreateTask(ctx context.Context, c tasks.TaskCreation) (tasks.Task, error) {
	return write[tasks.Task](ctx, s, "coffer_create_task", struct {
		Request request     `json:"request"`
		Admin   person      `json:"admin"`
		Terms   taskTerms   `json:"terms"`
		State   tasks.State `json:"state"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Admin), taskTermsOf(c.Terms), c.State})
}

// EditTask implements tasks.Store.
func (s *Store) EditTask(ctx context.Context, c tasks.TaskEdit) (tasks.Task, error) {
	return write[tasks.Task](ctx, s, "coffer_edit_task", struct {
		Request request      `json:"request"`
		Admin   person       `json:"admin"`
		Task    tasks.TaskID `json:"task"`
		Version int          `json:"version"`
		Terms   taskTerms    `json:"terms"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Admin), c.Task, c.Version, taskTermsOf(c.Terms)})
}

// MoveTask implements tasks.Store.
func (s *Store) MoveTask(ctx context.Context, c tasks.TaskMove) (tasks.Task, error) {
	return write[tasks.Task](ctx, s, "coffer_move_task", struct {
		Request request      `json:"request"`
		Admin   person       `json:"admin"`
		Task    tasks.TaskID `json:"task"`
		Folded  string       `json:"folded"`
		State   tasks.State  `json:"state"`
	}{requestOf(c.Request, c.Fingerprint()), personOf(c.Admin), c.Task.ID, economy.Fold(c.Task.Title), c.To})
}

// boardLine is a task with its viewer's claim as functions return them.
type boardLine struct {
	Task tasks.Task   `json:"task"`
	Left int          `json:"left"`
	Mine *tasks.Claim `json:"mine"`
}

// OpenTasks implements tasks.Store.
func (s *Store) OpenTasks(ctx context.Context, q tasks.BoardQuery) (tasks.BoardPage, error) {
	skip, size := page(q.Page, q.Size)
	found, err := read[struct {
		Lines    []boardLine      `json:"lines"`
		Currency economy.Currency `json:"currency"`
	}](ctx, s, "coffer_open_tasks", struct {
		Guild  economy.GuildID `json:"guild"`
		At     time.Time       `json:"at"`
		Viewer person          `json:"viewer"`
		Skip   int64           `json:"skip"`
		Size   int             `json:"size"`
	}{q.Guild, instant(q.At), personOf(q.Viewer), skip, size + 1})
	lines, more := first(found.Lines, size)
	board := tasks.BoardPage{More: more, Currency: found.Currency}
	for _, l := range lines {
		board.Lines = append(board.Lines, tasks.BoardLine(l))
	}
	return board, err
}

// TaskOffer implements tasks.Store.
func (s *Store) TaskOffer(ctx context.Context, q tasks.OfferQuery) (tasks.Offer, error) {
	found, err := read[*struct {
		boardLine
		Prerequisite string           `json:"prerequisite"`
		Qualified    bool             `json:"qualified"`
		Done         *economy.Day     `json:"done"` // the latest period that is
		Zone         string           `json:"zone"`
		Currency     economy.Currency `json:"currency"`
	}](ctx, s, "coffer_task_offer", struct {
		Guild  economy.GuildID `json:"guild"`
		At     time.Time       `json:"at"`
		Viewer person          `json:"viewer"`
		Task   tasks.TaskID    `json:"task"`
		Folded string          `json:"folded"`
	}{q.Guild, instant(q.At), personOf(q.Viewer), q.Task.ID, economy.Fold(q.Task.Title)})
	switch {
	case err != nil:
		return tasks.Offer{}, err
	case found == nil: // not raised, for the viewer has been met
		return tasks.Offer{}, tasks.ErrUnknownTask
	}
	offer := tasks.Offer{
		BoardLine: tasks.BoardLine(found.boardLine), Prerequisite: found.Prerequisite, Qualified: found.Qualified, Currency: found.Currency,
	}
	if found.Done != nil {
		zone, err := s.zones.Stored(found.Zone)
		if err != nil {
			return tasks.Offer{}, err
		}
		if repeat := offer.Task.Repeat; *found.Done >= repeat.Period(economy.DayOf(q.At, zone)) {
			offer.Next = repeat.Next(*found.Done, zone)
		}
	}
	return offer, nil
}

// TaskNames implements tasks.Store.
func (s *Store) TaskNames(ctx context.Context, q tasks.NamesQuery) ([]tasks.TaskName, error) {
	found, err := read[[]struct {
		ID     tasks.TaskID   `json:"id"`
		Title  string         `json:"title"`
		State  tasks.State    `json:"state"`
		Reward economy.Amount `json:"reward"`
	}](ctx, s, "coffer_task_names", struct {
		Guild  economy.GuildID `json:"guild"`
		Folded string          `json:"folded"`
		Which  tasks.Which     `json:"which"`
		Member economy.UserID  `json:"member"`
		At     time.Time       `json:"at"`
		Size   int             `json:"size"`
	}{q.Guild, economy.Fold(q.Text), q.Which, q.Member, instant(q.At), limited(q.Limit)})
	var list []tasks.TaskName
	for _, n := range found {
		list = append(list, tasks.TaskName(n))
	}
	return list, err
}
