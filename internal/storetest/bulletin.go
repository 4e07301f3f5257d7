package storetest

import (
	"time"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// bulletin tells of tasks as members see them.
func bulletin(b *book) {
	gold := economy.Currency{Name: "coins", Symbol: "🪙"}
	named := func(title string) tasks.Terms { return of(errand(), func(t *tasks.Terms) { t.Title = title }) }

	b.story("open tasks before their deadlines are shown, the newest first, in pages", func(s *scene) {
		end := s.now.Add(time.Hour)
		a := s.open(named("a"))
		s.draft(named("draft"))
		c := s.open(of(named("c"), func(t *tasks.Terms) { t.Deadline = end }))
		s.move(s.open(named("closed")), tasks.Closed)
		s.move(s.open(named("archived")), tasks.Archived)
		e := s.open(of(named("e"), func(t *tasks.Terms) { t.Places = 3 }))
		a = s.amend(a, func(t *tasks.Terms) { t.Description = "Changed." }) // which makes it no newer
		line := func(t tasks.Task) tasks.BoardLine { return tasks.BoardLine{Task: t, Left: t.Places} }
		page := func(n, size int, more bool, want ...tasks.BoardLine) {
			s.t.Helper()
			got := s.openTasks(ada, n, size)
			same(s.t, "page", append([]tasks.BoardLine{}, got.Lines...), append([]tasks.BoardLine{}, want...))
			same(s.t, "more", []any{got.More, got.Currency}, []any{more, gold})
		}
		page(1, 2, true, line(e), line(c))
		page(2, 2, false, line(a))
		page(3, 2, false)
		page(1, 3, false, line(e), line(c), line(a))
		page(0, -1, true, line(e))
		page(1<<62, 1<<62, false)
		s.now = end
		page(1, 5, false, line(e), line(a))
		there := s.elsewhere()
		same(s.t, "elsewhere", len(there.openTasks(ada, 1, 5).Lines), 0)
	})
	b.story("a viewer sees his newest claim", func(s *scene) {
		t := s.open(of(essay(), func(t *tasks.Terms) { t.Places, t.ClaimHours = 2, 1 }))
		mine := func(who economy.Person, want tasks.ClaimState) {
			s.t.Helper()
			state := tasks.ClaimState("")
			if line := s.openTasks(who, 1, 1).Lines[0]; line.Mine != nil {
				state = line.Mine.State
				same(s.t, "as listed", *line.Mine, s.claims(who)[0])
			}
			same(s.t, "state for "+who.Name, state, want)
			same(s.t, "offer", s.taskOffer(who, t).BoardLine, s.openTasks(who, 1, 1).Lines[0])
		}
		mine(ada, "")
		s.take(ada, t)
		mine(ada, tasks.Claimed)
		mine(bob, "")
		s.drop(ada, t)
		mine(ada, tasks.Dropped)
		s.take(ada, t)
		mine(ada, tasks.Claimed)
		s.now = s.now.Add(time.Hour)
		mine(ada, tasks.Expired)
	})
	b.story("one task is shown in any state, by its number, and by its title unless it is archived", func(s *scene) {
		s.wallet(ada)
		by := func(r tasks.Ref) (tasks.Offer, error) {
			return s.store.TaskOffer(s.ctx, tasks.OfferQuery{Guild: s.guild, Viewer: ada, Task: r, At: s.now})
		}
		t := s.draft(named("Ölfass"))
		for _, state := range []tasks.State{tasks.Draft, tasks.Open, tasks.Closed, tasks.Archived} {
			if state != tasks.Draft {
				t = s.move(t, state)
			}
			want := tasks.Offer{BoardLine: tasks.BoardLine{Task: t}, Qualified: true, Currency: gold}
			same(s.t, "by number", did(by(tasks.Ref{ID: t.ID, Title: "nothing"})).in(s), want)
			got, err := by(tasks.Ref{Title: " öLFASS "})
			if state == tasks.Archived {
				refused(s.t, err, tasks.ErrUnknownTask)
			} else {
				same(s.t, "by title", did(got, err).in(s), want)
			}
		}
		there := s.elsewhere().open(named("there"))
		for _, r := range []tasks.Ref{{ID: there.ID}, {ID: 1 << 40}, {ID: -1}, {Title: "there"}, {}} {
			_, err := by(r)
			refused(s.t, err, tasks.ErrUnknownTask)
		}
	})
	b.story("tasks are found by a part of their titles", func(s *scene) {
		end := s.now.Add(time.Hour)
		one := s.open(of(named("Été"), func(t *tasks.Terms) { t.Deadline = end }))
		two := s.open(named("Bonté"))
		three := s.draft(named("100% té_\\"))
		four := s.move(s.open(named("té closed")), tasks.Closed)
		five := s.move(s.open(named("té old")), tasks.Archived)
		find := func(which tasks.Which, text string, limit int, want ...tasks.Task) {
			s.t.Helper()
			got := did(s.store.TaskNames(s.ctx, tasks.NamesQuery{Guild: s.guild, Text: text, Which: which, Member: ada.User, At: s.now, Limit: limit})).in(s)
			names := []tasks.TaskName{}
			for _, t := range want {
				names = append(names, tasks.TaskName{ID: t.ID, Title: t.Title, State: t.State, Reward: t.Reward})
			}
			same(s.t, string(which)+" "+text, append([]tasks.TaskName{}, got...), names)
		}
		find(tasks.Every, "TÉ", 9, four, five, three, two, one)
		find(tasks.Unarchived, "té", 9, four, three, two, one)
		find(tasks.Claimable, " té", 9, two, one)
		find(tasks.Every, "é", 2, one, three)
		find(tasks.Every, "%", 9, three)
		find(tasks.Every, "_\\", 9, three)
		find(tasks.Every, "", 3, three, two, four)
		find(tasks.Every, "nothing", 9)
		find(tasks.Mine, "", 9)
		s.take(ada, two)
		s.take(ada, one)
		s.take(bob, two)
		find(tasks.Mine, "", 9, two, one)
		find(tasks.Mine, "é", 9, one, two)
		s.handIn(ada, two, "")
		s.now = end
		find(tasks.Mine, "", 9, two)
		find(tasks.Claimable, "", 9, two)
		two = s.move(two, tasks.Archived)
		find(tasks.Mine, "", 9, two) // it waits for its review
		stranger := tasks.NamesQuery{Guild: s.guild, Which: tasks.Mine, Member: dee.User, At: s.now, Limit: 9}
		s.untouched(func() { same(s.t, "a stranger's", len(did(s.store.TaskNames(s.ctx, stranger)).in(s)), 0) })
		there := s.elsewhere()
		stranger.Guild, stranger.Which = there.guild, tasks.Every
		there.untouched(func() { same(s.t, "elsewhere", len(did(s.store.TaskNames(s.ctx, stranger)).in(s)), 0) })
	})
}
