package interactions

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/tasks"
)

// memoryTasks is what memoryStore keeps of tasks, and of deliveries.
type memoryTasks struct {
	tasks       []*tasks.Task
	claims      []*memoryClaim
	submissions []*tasks.Submission
	deliveries  []outbox.Delivery // newest first
	retried     []int64
}

type memoryClaim struct {
	tasks.Claim
	member economy.UserID
	period economy.Day
	end    time.Time // its own; zero: none
}

// task finds a task by its reference.
func (s *memoryStore) task(ref tasks.Ref) (*tasks.Task, error) {
	for _, t := range s.tasks {
		if ref.ID == t.ID || ref.ID == 0 && t.State != tasks.Archived && economy.Fold(t.Title) == economy.Fold(ref.Title) {
			return t, nil
		}
	}
	return nil, tasks.ErrUnknownTask
}

// tidy expires the claims on a task that are over.
func (s *memoryStore) tidy(t *tasks.Task, at time.Time) {
	for _, c := range s.claims {
		if c.Task == t.ID && c.State.CanSubmit() &&
			(t.State == tasks.Archived || t.OnTime(at) != nil || !c.end.IsZero() && !at.Before(c.end)) {
			c.State = tasks.Expired
		}
	}
}

// left counts the places of a task that are free.
func (s *memoryStore) left(t *tasks.Task) int {
	n := t.Places
	for _, c := range s.claims {
		if c.Task == t.ID && c.State.HoldsPlace() {
			n--
		}
	}
	return max(0, n)
}

// newest returns a member's newest claim on a task, or nil.
func (s *memoryStore) newest(t *tasks.Task, member economy.UserID) *memoryClaim {
	for _, c := range slices.Backward(s.claims) {
		if c.Task == t.ID && c.member == member {
			return c
		}
	}
	return nil
}

// past is what a member has done of a task.
func (s *memoryStore) past(t *tasks.Task, member economy.UserID) (p tasks.Past) {
	for _, c := range s.claims {
		switch {
		case c.member != member:
		case c.Task == t.Prerequisite && c.State == tasks.Approved:
			p.Prerequisite = true
		case c.Task != t.ID:
		case c.State.Runs():
			p.Running = c.State
		case c.State.Counts():
			p.Counts, p.Latest = true, max(p.Latest, c.period)
		}
	}
	return p
}

// shown is a claim as its member sees it.
func (s *memoryStore) shown(c *memoryClaim, t *tasks.Task) tasks.Claim {
	got := c.Claim
	got.Title, got.Proof = t.Title, t.Proof
	if c.State.CanSubmit() {
		got.Left, got.Due = max(0, t.Tries-c.Tries), c.end
		if got.Due.IsZero() || !t.Deadline.IsZero() && t.Deadline.Before(got.Due) {
			got.Due = t.Deadline
		}
	}
	return got
}

func (s *memoryStore) line(t *tasks.Task, viewer economy.UserID, at time.Time) tasks.BoardLine {
	s.tidy(t, at)
	b := tasks.BoardLine{Task: *t, Left: s.left(t)}
	if c := s.newest(t, viewer); c != nil {
		mine := s.shown(c, t)
		b.Mine = &mine
	}
	return b
}

func (s *memoryStore) OpenTasks(ctx context.Context, q tasks.BoardQuery) (tasks.BoardPage, error) {
	leave, err := s.enter(ctx, "OpenTasks")
	if err != nil {
		return tasks.BoardPage{}, err
	}
	defer leave()
	s.member(q.Viewer, q.At)
	var all []tasks.BoardLine
	for _, t := range slices.Backward(s.tasks) {
		if t.State == tasks.Open && t.OnTime(q.At) == nil {
			all = append(all, s.line(t, q.Viewer.User, q.At))
		}
	}
	from := min(len(all), (q.Page-1)*q.Size)
	to := min(len(all), from+q.Size)
	return tasks.BoardPage{Lines: all[from:to], More: to < len(all), Currency: s.settings.Currency()}, nil
}

func (s *memoryStore) TaskOffer(ctx context.Context, q tasks.OfferQuery) (tasks.Offer, error) {
	leave, err := s.enter(ctx, "TaskOffer")
	if err != nil {
		return tasks.Offer{}, err
	}
	defer leave()
	t, err := s.task(q.Task)
	if err != nil {
		return tasks.Offer{}, err
	}
	o := tasks.Offer{BoardLine: s.line(t, q.Viewer.User, q.At), Qualified: true, Currency: s.settings.Currency()}
	past := s.past(t, q.Viewer.User)
	if t.Prerequisite != 0 {
		o.Qualified, o.Prerequisite = past.Prerequisite, s.tasks[t.Prerequisite-1].Title
	}
	if past.Counts && past.Latest >= t.Repeat.Period(economy.DayOf(q.At, time.UTC)) {
		o.Next = t.Repeat.Next(past.Latest, time.UTC)
	}
	return o, nil
}

func (s *memoryStore) Claims(ctx context.Context, q tasks.ClaimsQuery) (tasks.ClaimsPage, error) {
	leave, err := s.enter(ctx, "Claims")
	if err != nil {
		return tasks.ClaimsPage{}, err
	}
	defer leave()
	var all []tasks.Claim
	for _, c := range slices.Backward(s.claims) {
		if c.member == q.Viewer.User {
			t := s.tasks[c.Task-1]
			s.tidy(t, q.At)
			all = append(all, s.shown(c, t))
		}
	}
	from := min(len(all), (q.Page-1)*q.Size)
	to := min(len(all), from+q.Size)
	return tasks.ClaimsPage{Claims: all[from:to], More: to < len(all), Currency: s.settings.Currency()}, nil
}

func (s *memoryStore) TaskNames(ctx context.Context, q tasks.NamesQuery) ([]tasks.TaskName, error) {
	leave, err := s.enter(ctx, "TaskNames")
	if err != nil {
		return nil, err
	}
	defer leave()
	var found []tasks.TaskName
	text := economy.Fold(q.Text)
	for _, t := range s.tasks {
		s.tidy(t, q.At)
		wanted := true
		switch q.Which {
		case tasks.Claimable:
			wanted = t.State == tasks.Open && t.OnTime(q.At) == nil
		case tasks.Mine:
			c := s.newest(t, q.Member)
			wanted = c != nil && c.State.Runs()
		case tasks.Unarchived:
			wanted = t.State != tasks.Archived
		}
		if wanted && strings.Contains(economy.Fold(t.Title), text) {
			found = append(found, tasks.TaskName{ID: t.ID, Title: t.Title, State: t.State, Reward: t.Reward})
		}
	}
	rank := func(n tasks.TaskName) int {
		if strings.HasPrefix(economy.Fold(n.Title), text) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(found, func(a, b tasks.TaskName) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(economy.Fold(a.Title), economy.Fold(b.Title)))
	})
	return found[:min(len(found), q.Limit)], nil
}

func (s *memoryStore) ReviewQueue(ctx context.Context, q tasks.QueueQuery) (tasks.QueuePage, error) {
	leave, err := s.enter(ctx, "ReviewQueue")
	if err != nil {
		return tasks.QueuePage{}, err
	}
	defer leave()
	if !q.Reviewer.May(s.settings) {
		return tasks.QueuePage{}, tasks.ErrNotReviewer
	}
	page := tasks.QueuePage{Currency: s.settings.Currency()}
	for _, b := range s.submissions {
		if b.State != tasks.Waiting || b.Member == q.Reviewer.Person.User {
			continue
		}
		page.Waiting = min(100, page.Waiting+1)
		if page.Submission == nil && b.ID > q.After {
			found := *b
			page.Submission = &found
		}
	}
	return page, nil
}

// taken reports whether another task that is not archived has the title.
func (s *memoryStore) taken(title string, but tasks.TaskID) bool {
	t, err := s.task(tasks.Ref{Title: title})
	return err == nil && t.ID != but
}

func (s *memoryStore) preceded(t tasks.Terms, id tasks.TaskID) bool {
	return t.Prerequisite == 0 || int(t.Prerequisite) <= len(s.tasks) && t.Prerequisite != id
}

func (s *memoryStore) CreateTask(ctx context.Context, c tasks.TaskCreation) (tasks.Task, error) {
	leave, err := s.enter(ctx, "CreateTask")
	if err != nil {
		return tasks.Task{}, err
	}
	defer leave()
	return once(s, "create task", c.Request, c.Fingerprint(), func() (tasks.Task, error) {
		switch late := c.OnTime(); {
		case late != nil:
			return tasks.Task{}, late
		case s.taken(c.Terms.Title, 0):
			return tasks.Task{}, tasks.ErrTitleTaken
		case !s.preceded(c.Terms, 0):
			return tasks.Task{}, tasks.ErrUnknownPrerequisite
		}
		t := &tasks.Task{ID: tasks.TaskID(len(s.tasks) + 1), Terms: c.Terms, State: c.State, Version: 1}
		s.tasks = append(s.tasks, t)
		return *t, nil
	})
}

func (s *memoryStore) EditTask(ctx context.Context, e tasks.TaskEdit) (tasks.Task, error) {
	leave, err := s.enter(ctx, "EditTask")
	if err != nil {
		return tasks.Task{}, err
	}
	defer leave()
	return once(s, "edit task", e.Request, e.Fingerprint(), func() (tasks.Task, error) {
		t, err := s.task(tasks.Ref{ID: e.Task})
		if err != nil {
			return tasks.Task{}, err
		}
		after, _, err := e.Of(*t)
		switch {
		case err != nil:
			return tasks.Task{}, err
		case s.taken(e.Terms.Title, t.ID):
			return tasks.Task{}, tasks.ErrTitleTaken
		case !s.preceded(e.Terms, t.ID):
			return tasks.Task{}, tasks.ErrUnknownPrerequisite
		}
		*t = after
		return after, nil
	})
}

func (s *memoryStore) MoveTask(ctx context.Context, m tasks.TaskMove) (tasks.Task, error) {
	leave, err := s.enter(ctx, "MoveTask")
	if err != nil {
		return tasks.Task{}, err
	}
	defer leave()
	return once(s, "move task", m.Request, m.Fingerprint(), func() (tasks.Task, error) {
		t, err := s.task(m.Task)
		if err != nil {
			return tasks.Task{}, err
		}
		after, _, err := m.Of(*t)
		if err != nil {
			return tasks.Task{}, err
		}
		*t = after
		return after, nil
	})
}

func (s *memoryStore) ClaimTask(ctx context.Context, c tasks.Claiming) (tasks.ClaimReceipt, error) {
	leave, err := s.enter(ctx, "ClaimTask")
	if err != nil {
		return tasks.ClaimReceipt{}, err
	}
	defer leave()
	return once(s, "claim task", c.Request, c.Fingerprint(), func() (tasks.ClaimReceipt, error) {
		none, at := tasks.ClaimReceipt{}, c.Request.At
		t, err := s.task(c.Task)
		if err != nil || t.State == tasks.Draft || t.State == tasks.Archived {
			return none, tasks.ErrUnknownTask
		}
		s.tidy(t, at)
		first := ""
		if t.Prerequisite != 0 {
			first = s.tasks[t.Prerequisite-1].Title
		}
		period, err := c.Of(*t, s.past(t, c.Member.User), first, time.UTC)
		switch {
		case err != nil:
			return none, err
		case t.Places > 0 && s.left(t) == 0:
			return none, tasks.ErrNoPlace.With("places", t.Places)
		}
		s.member(c.Member, at)
		n := &memoryClaim{member: c.Member.User, period: period, end: t.Due(at), Claim: tasks.Claim{
			ID: tasks.ClaimID(len(s.claims) + 1), Task: t.ID, State: tasks.Claimed, Reward: t.Reward, Claimed: at}}
		s.claims = append(s.claims, n)
		return tasks.ClaimReceipt{Claim: n.ID, Task: t.ID, Title: t.Title, Proof: t.Proof, Review: t.Review, Reward: t.Reward,
			Due: s.shown(n, t).Due, Tries: t.Tries, Currency: s.settings.Currency()}, nil
	})
}

func (s *memoryStore) SubmitWork(ctx context.Context, w tasks.Submitting) (tasks.SubmitReceipt, error) {
	leave, err := s.enter(ctx, "SubmitWork")
	if err != nil {
		return tasks.SubmitReceipt{}, err
	}
	defer leave()
	return once(s, "submit", w.Request, w.Fingerprint(), func() (tasks.SubmitReceipt, error) {
		none, at := tasks.SubmitReceipt{}, w.Request.At
		t, err := s.task(w.Task)
		if err != nil || t.State == tasks.Draft {
			return none, tasks.ErrUnknownTask
		}
		c := s.newest(t, w.Member.User)
		switch {
		case c == nil || !c.State.Runs():
			return none, tasks.ErrNoClaim
		case c.State == tasks.Submitted:
			return none, tasks.ErrClaimState
		case t.OnTime(at) != nil:
			return none, t.OnTime(at)
		case t.State == tasks.Archived:
			return none, tasks.ErrClaimOver
		case !c.end.IsZero() && !at.Before(c.end):
			return none, tasks.ErrClaimOver.With("due", c.end)
		case !w.Work.Proves(t.Proof):
			return none, tasks.ErrProof.With("proof", t.Proof)
		}
		m := s.member(w.Member, at)
		c.Tries++
		b := &tasks.Submission{ID: tasks.SubmissionID(len(s.submissions) + 1), Claim: c.ID, Task: t.ID, Title: t.Title, Proof: t.Proof,
			Member: m.id, Name: m.name, Work: w.Work, Reward: c.Reward, Try: c.Tries, At: at, State: tasks.Waiting}
		s.submissions = append(s.submissions, b)
		var id economy.TransactionID
		if c.State = w.Verdict(t.Terms, c.Tries); c.State != tasks.Submitted {
			id = s.settle(b, c, t, 100, economy.Actor{}, "", at)
		}
		now := s.shown(c, t)
		return tasks.SubmitReceipt{Submission: b.ID, Claim: c.ID, Task: t.ID, Title: t.Title, State: c.State, Left: now.Left, Due: now.Due,
			Reward: c.Reward, Paid: c.Paid, Transaction: id, Balance: m.balance, Currency: s.settings.Currency()}, nil
	})
}

// settle notes what became of a submission whose claim has its new state.
func (s *memoryStore) settle(b *tasks.Submission, c *memoryClaim, t *tasks.Task, percent int, by economy.Actor, reason string, at time.Time) (id economy.TransactionID) {
	b.Reviewer, b.Reviewed = by, at
	if c.State != tasks.Approved {
		b.State, b.Reason, b.Last, c.Reason = tasks.Refused, reason, c.State == tasks.Failed, reason
		c.end = t.Due(at)
		return 0
	}
	m := s.member(economy.Person{User: c.member}, at)
	paid := tasks.Pay(c.Reward, percent, m.balance, s.settings)
	if paid > 0 {
		id = s.book(economy.KindReward, t.Title, at, move{m, paid})
	}
	c.Paid, c.Reason = paid, ""
	b.State, b.Percent, b.Paid = tasks.Accepted, percent, paid
	return id
}

func (s *memoryStore) DropClaim(ctx context.Context, d tasks.Dropping) (tasks.Claim, error) {
	leave, err := s.enter(ctx, "DropClaim")
	if err != nil {
		return tasks.Claim{}, err
	}
	defer leave()
	return once(s, "drop", d.Request, d.Fingerprint(), func() (tasks.Claim, error) {
		t, err := s.task(d.Task)
		if err != nil || t.State == tasks.Draft {
			return tasks.Claim{}, tasks.ErrUnknownTask
		}
		s.tidy(t, d.Request.At)
		c := s.newest(t, d.Member.User)
		switch {
		case c == nil || !c.State.Runs():
			return tasks.Claim{}, tasks.ErrNoClaim
		case c.State == tasks.Submitted:
			return tasks.Claim{}, tasks.ErrClaimState
		}
		c.State = tasks.Dropped
		return s.shown(c, t), nil
	})
}

func (s *memoryStore) ReviewSubmission(ctx context.Context, v tasks.Reviewing) (tasks.ReviewReceipt, error) {
	leave, err := s.enter(ctx, "ReviewSubmission")
	if err != nil {
		return tasks.ReviewReceipt{}, err
	}
	defer leave()
	return once(s, "review", v.Request, v.Fingerprint(), func() (tasks.ReviewReceipt, error) {
		none, by := tasks.ReviewReceipt{}, v.Reviewer.Person.User
		if !v.Reviewer.May(s.settings) {
			return none, tasks.ErrNotReviewer
		}
		if int(v.Submission) > len(s.submissions) {
			return none, tasks.ErrUnknownSubmission
		}
		b := s.submissions[v.Submission-1]
		switch {
		case b.Member == by:
			return none, tasks.ErrOwnSubmission
		case b.State != tasks.Waiting:
			return none, tasks.ErrReviewed.With("by", b.Reviewer).With("state", b.State).With("at", b.Reviewed)
		}
		c, t := s.claims[b.Claim-1], s.tasks[b.Task-1]
		c.State = v.Verdict(t.Terms, c.Tries)
		id := s.settle(b, c, t, v.Percent, economy.Actor{Kind: economy.ActorMember, User: by}, v.Reason, v.Request.At)
		return tasks.ReviewReceipt{Submission: *b, State: c.State, Left: s.shown(c, t).Left, Transaction: id, Currency: s.settings.Currency()}, nil
	})
}

func (s *memoryStore) Deliveries(ctx context.Context, _ economy.GuildID, before int64, limit int) ([]outbox.Delivery, error) {
	leave, err := s.enter(ctx, "Deliveries")
	if err != nil {
		return nil, err
	}
	defer leave()
	var found []outbox.Delivery
	for _, d := range s.deliveries {
		if (before == 0 || d.ID < before) && len(found) < limit {
			found = append(found, d)
		}
	}
	return found, nil
}

func (s *memoryStore) RetryDelivery(ctx context.Context, _ economy.GuildID, id int64) (bool, error) {
	leave, err := s.enter(ctx, "RetryDelivery")
	if err != nil {
		return false, err
	}
	defer leave()
	s.retried = append(s.retried, id)
	return slices.ContainsFunc(s.deliveries, func(d outbox.Delivery) bool { return d.ID == id }), nil
}

// assign opens a task.
func (s *memoryStore) assign(t tasks.Terms) *tasks.Task {
	t.Proof, t.Review, t.Repeat, t.Tries = cmp.Or(t.Proof, tasks.ProofText), cmp.Or(t.Review, tasks.ByPerson), cmp.Or(t.Repeat, tasks.Once), cmp.Or(t.Tries, 3)
	n := &tasks.Task{ID: tasks.TaskID(len(s.tasks) + 1), Terms: t, State: tasks.Open, Version: 1}
	s.tasks = append(s.tasks, n)
	return n
}

// errands opens seven tasks of every kind.
func (s *memoryStore) errands() {
	s.assign(tasks.Terms{Title: "Write a guide", Reward: 250, Description: "About **anything**.\nA page is enough.", Places: 2, ClaimHours: 48,
		Picture: "https://pictures.example/guide.png"})
	s.assign(tasks.Terms{Title: "Find a bug", Reward: 40, Proof: tasks.ProofLink, Repeat: tasks.Weekly, Deadline: clock.AddDate(0, 0, 9)})
	s.assign(tasks.Terms{Title: "Draw_the_*logo*", Reward: 1500, Proof: tasks.ProofImage, Places: 1})
	s.assign(tasks.Terms{Title: "Say hello", Reward: 5, Proof: tasks.ProofNone, Review: tasks.ByNobody, Repeat: tasks.Daily})
	s.assign(tasks.Terms{Title: "Riddle", Reward: 20, Review: tasks.ByAnswer, Answer: "A Sponge", Tries: 2, Description: "What holds water and is full of holes?"})
	s.assign(tasks.Terms{Title: "Help newcomers", Reward: 90, RequiredRole: vip, Prerequisite: 1, Proof: tasks.ProofNone})
	s.assign(tasks.Terms{Title: "Water the plants", Reward: 1})
}
