package storetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/tasks"
)

// duties tells of what admins do with tasks.
func duties(b *book) {
	whole := func(s *scene) tasks.Terms {
		first := s.draft(of(errand(), func(t *tasks.Terms) { t.Title = "First" }))
		return tasks.Terms{Title: "Ölfass 🪙", Description: "two\nlines", Picture: "https://example.org/a.png?b=1&c=%20", Reward: economy.MaxMovement,
			Proof: tasks.ProofText, Review: tasks.ByAnswer, Answer: "Ωμέγα", Places: tasks.MaxPlaces, Repeat: tasks.Weekly,
			Deadline: s.now.Add(day + time.Microsecond), ClaimHours: tasks.MaxClaimHours, Tries: tasks.MaxTries,
			RequiredRole: "7001", Prerequisite: first.ID}
	}
	b.story("every term of a task is kept", func(s *scene) {
		terms := whole(s)
		got := s.open(terms)
		same(s.t, "answer", got, tasks.Task{ID: got.ID, Terms: terms, State: tasks.Open, Version: 1})
		same(s.t, "offer", s.taskOffer(ada, got).Task, got)
		draft := s.draft(errand())
		same(s.t, "draft", []any{draft.State, draft.Version, draft.ID > got.ID}, []any{tasks.Draft, 1, true})
		for _, proof := range tasks.Proofs {
			t := s.open(of(errand(), func(t *tasks.Terms) { t.Title, t.Proof, t.Review = "By "+string(proof), proof, tasks.ByNobody }))
			same(s.t, "offer", s.taskOffer(ada, t).Task, t)
		}
	})
	b.story("each write tells the task before and after, by the admin", func(s *scene) {
		terms := whole(s)
		s.now = s.now.Add(1_234)
		seen := len(s.events())
		draft := s.draft(terms)
		changed := s.amend(draft, func(t *tasks.Terms) { *t = essay() })
		opened := s.move(changed, tasks.Open)
		closed := s.move(opened, tasks.Closed)
		again := s.move(closed, tasks.Open)
		archived := s.move(again, tasks.Archived)
		list := s.events()[seen:]
		kinds(s.t, list, "task.created", "task.changed", "task.opened", "task.closed", "task.opened", "task.archived")
		steps := []tasks.Task{draft, changed, opened, closed, again, archived}
		for i, e := range list {
			same(s.t, "event", []any{e.Actor, e.Subject, e.At}, []any{list[0].Actor, fmt.Sprint("task:", draft.ID), s.now.Truncate(time.Microsecond)})
			same(s.t, e.Kind+" after", asTask(s.t, e.After), &steps[i])
			if i > 0 {
				same(s.t, e.Kind+" before", asTask(s.t, e.Before), &steps[i-1])
			}
			same(s.t, "version", steps[i].Version, i+1)
		}
		same(s.t, "created before", asTask(s.t, list[0].Before), (*tasks.Task)(nil))
		same(s.t, "state", archived.State, tasks.Archived)
		if list[0].Actor == 0 {
			s.t.Error("nobody did it")
		}
	})
	b.story("titles differ in more than case and blanks, among what is not archived", func(s *scene) {
		s.draft(of(essay(), func(t *tasks.Terms) { t.Title = "Été" }))
		other := s.open(errand())
		s.untouched(func() {
			_, err := s.store.CreateTask(s.ctx, s.task(of(essay(), func(t *tasks.Terms) { t.Title = "éTÉ" }), true))
			refused(s.t, err, tasks.ErrTitleTaken)
			_, err = s.store.EditTask(s.ctx, s.retask(other, func(t *tasks.Terms) { t.Title = "ÉTÉ" }))
			refused(s.t, err, tasks.ErrTitleTaken)
		})
		other = s.amend(other, func(t *tasks.Terms) { t.Title = "ERRAND" }) // its own
		s.move(other, tasks.Archived)
		s.open(errand())
		there := s.elsewhere()
		there.open(essay())
		there.open(of(essay(), func(t *tasks.Terms) { t.Title = "Été" }))
	})
	b.story("what is to be done first is another task of the guild", func(s *scene) {
		there := s.elsewhere()
		first := s.open(errand())
		s.untouched(func() {
			for _, id := range []tasks.TaskID{1 << 40, there.open(errand()).ID} {
				_, err := s.store.CreateTask(s.ctx, s.task(of(essay(), func(t *tasks.Terms) { t.Prerequisite = id }), true))
				refused(s.t, err, tasks.ErrUnknownPrerequisite)
				_, err = s.store.EditTask(s.ctx, s.retask(first, func(t *tasks.Terms) { t.Prerequisite = id }))
				refused(s.t, err, tasks.ErrUnknownPrerequisite)
			}
			_, err := s.store.EditTask(s.ctx, s.retask(first, func(t *tasks.Terms) { t.Prerequisite = first.ID }))
			refused(s.t, err, tasks.ErrUnknownPrerequisite)
		})
		s.move(first, tasks.Archived)
		second := s.open(of(essay(), func(t *tasks.Terms) { t.Prerequisite = first.ID })) // archived ones serve
		same(s.t, "kept", second.Prerequisite, first.ID)
		_, err := s.store.CreateTask(s.ctx, s.task(of(essay(), func(t *tasks.Terms) { t.Prerequisite = 1 << 40 }), true))
		refused(s.t, err, tasks.ErrTitleTaken) // which comes first
	})
	b.story("an edit is of what was looked at", func(s *scene) {
		t := s.open(errand())
		stale := s.retask(t, func(t *tasks.Terms) { t.Reward = 11 })
		t = s.amend(t, func(t *tasks.Terms) { t.Reward = 12 })
		s.untouched(func() {
			_, err := s.store.EditTask(s.ctx, stale)
			refused(s.t, err, tasks.ErrTaskChanged.With("version", 2))
			same(s.t, "to the same", did(s.store.EditTask(s.ctx, s.retask(t, func(*tasks.Terms) {}))).in(s), t)
			unknown := s.retask(t, func(t *tasks.Terms) { t.Reward = 13 })
			unknown.Task = 1 << 40
			_, err = s.store.EditTask(s.ctx, unknown)
			refused(s.t, err, tasks.ErrUnknownTask)
		})
		s.move(t, tasks.Archived)
		_, err := s.store.EditTask(s.ctx, s.retask(t, func(t *tasks.Terms) { t.Reward = 13 }))
		refused(s.t, err, tasks.ErrUnknownTask)
		there := s.elsewhere()
		_, err = s.store.EditTask(s.ctx, there.retask(t, func(t *tasks.Terms) { t.Reward = 13 }))
		refused(s.t, err, tasks.ErrUnknownTask)
	})
	b.story("a task goes from state to state where there is a way", func(s *scene) {
		states := []tasks.State{tasks.Draft, tasks.Open, tasks.Closed, tasks.Archived}
		ways := map[tasks.State][]bool{ // to Open, Closed, Archived
			tasks.Draft: {true, false, true}, tasks.Open: {true, true, true}, tasks.Closed: {true, true, true}, tasks.Archived: {false, false, true},
		}
		for _, from := range states {
			for i, to := range states[1:] {
				t := s.draft(of(errand(), func(t *tasks.Terms) { t.Title = fmt.Sprint(from, " to ", to) }))
				if from == tasks.Closed {
					t = s.move(t, tasks.Open)
				}
				if from != tasks.Draft {
					t = s.move(t, from)
				}
				before := len(s.events())
				got, err := s.store.MoveTask(s.ctx, s.moving(t, to))
				switch {
				case !ways[from][i]:
					refused(s.t, err, tasks.ErrTaskState.With("state", from))
				case err != nil:
					s.t.Errorf("from %s to %s: %v", from, to, err)
				case from == to:
					same(s.t, "as it was", got, t)
				default:
					same(s.t, "moved", []any{got.State, got.Version}, []any{to, t.Version + 1})
					before++
				}
				same(s.t, fmt.Sprintf("events from %s to %s", from, to), len(s.events()), before)
			}
		}
	})
	b.story("a task is named by its number or its title, by which nothing archived is found", func(s *scene) {
		t := s.open(errand())
		by := func(title string) tasks.TaskMove {
			return must(tasks.NewTaskMove(s.request(), root, tasks.Ref{Title: title}, tasks.Closed))
		}
		same(s.t, "by title", did(s.store.MoveTask(s.ctx, by(" eRRAND "))).in(s).ID, t.ID)
		s.move(t, tasks.Archived)
		for _, op := range []tasks.TaskMove{by("Errand"), by("Erran"), by(""), s.moving(tasks.Task{ID: 1 << 40}, tasks.Open), s.elsewhere().moving(t, tasks.Open)} {
			_, err := s.store.MoveTask(s.ctx, op)
			refused(s.t, err, tasks.ErrUnknownTask)
		}
		next := s.open(errand())
		same(s.t, "by title", did(s.store.MoveTask(s.ctx, by("errand"))).in(s).ID, next.ID)
	})
	b.story("a task does not open after its deadline", func(s *scene) {
		end := s.now.Add(time.Hour)
		creation := s.task(of(essay(), func(t *tasks.Terms) { t.Deadline = end }), true)
		created := did(s.store.CreateTask(s.ctx, creation)).in(s)
		creation.Request.At = end
		same(s.t, "repeated after its deadline", did(s.store.CreateTask(s.ctx, creation)).in(s), created)
		s.untouched(func() {
			creation.Request.Key, creation.Terms.Title = "anew", "Another"
			_, err := s.store.CreateTask(s.ctx, creation)
			refused(s.t, err, tasks.ErrDeadline.With("deadline", end))
		})
		t := s.draft(of(errand(), func(t *tasks.Terms) { t.Deadline = end }))
		late := s.moving(t, tasks.Open)
		late.Request.At = end
		_, err := s.store.MoveTask(s.ctx, late)
		refused(s.t, err, tasks.ErrDeadline.With("deadline", end))
		s.now = end.Add(-1)
		t = s.move(t, tasks.Open)
		s.now = end
		s.move(t, tasks.Closed)
		_, err = s.store.MoveTask(s.ctx, s.moving(t, tasks.Open))
		refused(s.t, err, tasks.ErrDeadline.With("deadline", end))
		s.move(t, tasks.Archived)
	})
	b.story("text of a task is kept to the letter", func(s *scene) {
		for i, text := range []string{
			`'); DROP TABLE tasks; --`, `"double" 'single' \back\slash`, "100% $1 ?1 :name {} _", "🪙👩‍👩‍👧‍👦é\u0301", "\u202Eright to left\u202C",
			strings.Repeat("🪙", tasks.MaxTitle), "null", `{"json":true}`, "ΣΑΣ", "İI", "ßẞ",
		} {
			t := s.open(of(quiz(), func(t *tasks.Terms) { t.Title, t.Description, t.Answer = text, text+"\n"+text, text }))
			same(s.t, "offer", s.taskOffer(ada, t).Task, t)
			offer := did(s.store.TaskOffer(s.ctx, tasks.OfferQuery{Guild: s.guild, Viewer: ada, Task: tasks.Ref{Title: text}, At: s.now})).in(s)
			same(s.t, "by its title", offer.Task.ID, t.ID)
			s.take(ada, t)
			same(s.t, fmt.Sprint("answer ", i), s.handIn(ada, t, strings.ToUpper(text)).State == tasks.Approved, economy.Fold(strings.ToUpper(text)) == economy.Fold(text))
			same(s.t, "claim", s.claims(ada)[0].Title, text)
		}
	})
}

// asTask reads a task of an event.
func asTask(t testing.TB, raw json.RawMessage) *tasks.Task {
	t.Helper()
	if nothing(t, raw) == nil {
		return nil
	}
	var v *tasks.Task
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Errorf("task %q: %v", raw, err)
	}
	return v
}

// happened checks what an event of a claim tells.
func (s *scene) happened(e events.Event, actor int64, id tasks.ClaimID, task tasks.TaskID, from, to tasks.ClaimState) {
	s.t.Helper()
	kind := "claim." + string(to)
	if from == "" {
		kind = "claim.created"
	}
	same(s.t, "event", []any{e.Actor, e.Kind, e.Subject, e.At}, []any{actor, kind, fmt.Sprint("claim:", id), s.now.Truncate(time.Microsecond)})
	var before, after *doing
	for raw, into := range map[*json.RawMessage]**doing{&e.Before: &before, &e.After: &after} {
		if nothing(s.t, *raw) != nil {
			if err := json.Unmarshal(*raw, into); err != nil {
				s.t.Errorf("%+v: %v", e, err)
			}
		}
	}
	same(s.t, kind+" after", after, &doing{task, to})
	if from != "" {
		same(s.t, kind+" before", before, &doing{task, from})
	} else {
		same(s.t, kind+" before", before, (*doing)(nil))
	}
}
