package storetest

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/tasks"
)

// claim is a member's claim on a task.
type claim struct {
	id     tasks.ClaimID
	task   tasks.TaskID
	member int64
	state  tasks.ClaimState
	period economy.Day
	reward economy.Amount
	spent  int       // tries of those before it in its period
	tries  int       // with those
	due    time.Time // its own end; zero: none
	at     time.Time
}

// submission is one with who handed it in and who reviewed it, which its names do
// not tell here.
type submission struct {
	tasks.Submission
	member, reviewer int64
	transaction      economy.TransactionID
}

// claimed returns a claim, nil for an unknown one.
func (g *guild) claimed(id tasks.ClaimID) *claim {
	i := slices.IndexFunc(g.claims, func(c claim) bool { return c.id == id })
	if i < 0 {
		return nil
	}
	return &g.claims[i]
}

// runs returns a member's claim on a task that runs as written, nil if there is none.
func (g *guild) runs(task tasks.TaskID, member int64) *claim {
	i := slices.IndexFunc(g.claims, func(c claim) bool { return c.task == task && c.member == member && c.state.Runs() })
	if i < 0 {
		return nil
	}
	return &g.claims[i]
}

// seenClaim returns a claim as its member sees it.
func (g *guild) seenClaim(c claim, at time.Time) tasks.Claim {
	t := g.task(c.task)
	v := tasks.Claim{ID: c.id, Task: c.task, Title: t.Title, Proof: t.Proof, Reward: c.reward, Tries: c.tries, Claimed: c.at}
	v.State, v.Left, v.Due = t.Standing(c.state, c.tries, c.due, at)
	for _, s := range g.submissions {
		if s.Claim == c.id && s.State == tasks.Refused {
			v.Reason = s.Reason
		}
		if s.Claim == c.id {
			v.Paid += s.Paid
		}
	}
	return v
}

// past returns what a member has done of a task before.
func (g *guild) past(t tasks.Task, member int64, at time.Time) (p tasks.Past) {
	for _, c := range g.claims {
		if c.member != member {
			continue
		}
		p.Prerequisite = p.Prerequisite || c.task == t.Prerequisite && c.state == tasks.Approved
		if c.task != t.ID {
			continue
		}
		if state, _, _ := t.Standing(c.state, c.tries, c.due, at); state.Runs() {
			p.Running = state
		}
		if c.state.Counts() && (!p.Counts || c.period > p.Latest) {
			p.Counts, p.Latest = true, c.period
		}
	}
	return p
}

// doing is what the event of a claim tells.
type doing struct {
	Task  tasks.TaskID     `json:"task"`
	State tasks.ClaimState `json:"state"`
}

// turn has a claim change its state.
func (g *guild) turn(id economy.GuildID, actor int64, c *claim, to tasks.ClaimState, at time.Time) {
	before := doing{c.task, c.state}
	c.state = to
	g.tell(id, actor, "claim."+string(to), subject("claim", int64(c.id)), before, doing{c.task, to}, at)
}

// showPlaces has the card of a claim's task show how many places are taken, where
// they are limited.
func (g *guild) showPlaces(c claim, at time.Time) {
	if g.task(c.task).Places > 0 {
		g.deliverCard(subject("task", int64(c.task)), at)
	}
}

// ClaimTask implements tasks.Store.
func (m *Model) ClaimTask(ctx context.Context, v tasks.Claiming) (tasks.ClaimReceipt, error) {
	id := v.Request.Guild
	return write(ctx, m, v.Request, "task.claim", v.Fingerprint(), func(g *guild, at time.Time) (r tasks.ClaimReceipt, err error) {
		n := g.involve(id, v.Member, at)
		t := g.meant(v.Task)
		if t == nil || t.State == tasks.Draft || t.State == tasks.Archived {
			return r, tasks.ErrUnknownTask
		}
		first := ""
		if t.Prerequisite != 0 {
			first = g.task(t.Prerequisite).Title
		}
		period, err := v.Of(*t, g.past(*t, n, at), first, must(g.settings.Location()))
		if err != nil {
			return r, err
		}
		if c := g.runs(t.ID, n); c != nil { // it is over
			g.turn(id, 0, c, tasks.Expired, at)
		}
		if t.Places > 0 && g.taken(*t, time.Time{}) >= t.Places {
			for i := range g.claims {
				c := &g.claims[i]
				if state, _, _ := t.Standing(c.state, c.tries, c.due, at); c.task == t.ID && state != c.state {
					g.turn(id, 0, c, tasks.Expired, at)
				}
			}
			if g.taken(*t, time.Time{}) >= t.Places {
				return r, tasks.ErrNoPlace.With("places", t.Places)
			}
		}
		c := claim{id: tasks.ClaimID(g.next()), task: t.ID, member: n, state: tasks.Claimed, period: period, reward: t.Reward, due: t.Due(at), at: at}
		for _, before := range g.claims { // given up
			if before.task == t.ID && before.member == n && before.period == period {
				c.spent = before.tries
			}
		}
		c.tries = c.spent
		g.claims = append(g.claims, c)
		g.tell(id, n, "claim.created", subject("claim", int64(c.id)), nil, doing{c.task, c.state}, at)
		g.showPlaces(c, at)
		r = tasks.ClaimReceipt{Claim: c.id, Task: t.ID, Title: t.Title, Proof: t.Proof, Review: t.Review, Reward: c.reward,
			Currency: g.settings.Currency()}
		_, r.Tries, r.Due = t.Standing(c.state, c.tries, c.due, at)
		return r, nil
	})
}

// SubmitWork implements tasks.Store.
func (m *Model) SubmitWork(ctx context.Context, v tasks.Submitting) (tasks.SubmitReceipt, error) {
	id := v.Request.Guild
	return write(ctx, m, v.Request, "task.submit", v.Fingerprint(), func(g *guild, at time.Time) (r tasks.SubmitReceipt, err error) {
		n := g.involve(id, v.Member, at)
		t := g.meant(v.Task)
		if t == nil || t.State == tasks.Draft {
			return r, tasks.ErrUnknownTask
		}
		c := g.runs(t.ID, n)
		if c == nil {
			return r, tasks.ErrNoClaim
		}
		if err := v.Of(*t, c.state, c.due); err != nil {
			return r, err
		}
		c.tries++
		g.turn(id, n, c, tasks.Submitted, at)
		s := submission{Submission: tasks.Submission{ID: tasks.SubmissionID(g.next()), Claim: c.id, Proof: t.Proof, Work: v.Work,
			Try: c.tries, At: at, State: tasks.Waiting}, member: n}
		g.submissions = append(g.submissions, s)
		last := &g.submissions[len(g.submissions)-1]
		verdict := v.Verdict(t.Terms, c.tries)
		if verdict == tasks.Submitted {
			about := subject("submission", int64(s.ID))
			g.wantCard(about, g.settings.ReviewChannel)
			g.deliverCard(about, at)
		} else {
			g.decide(id, n, 0, last, verdict, 100, "", at)
		}
		r = tasks.SubmitReceipt{Submission: s.ID, Claim: c.id, Task: t.ID, Title: t.Title, State: verdict, Reward: c.reward, Paid: last.Paid,
			Transaction: last.transaction, Balance: g.member(n).balance, Currency: g.settings.Currency()}
		_, r.Left, r.Due = t.Standing(c.state, c.tries, c.due, at)
		return r, nil
	})
}

// decide ends a submission: its claim gets the state, and if that is Approved, the
// member the part of its reward.
func (g *guild) decide(id economy.GuildID, actor, reviewer int64, s *submission, to tasks.ClaimState, percent int, reason string, at time.Time) {
	c := g.claimed(s.Claim)
	t := g.task(c.task)
	s.reviewer, s.Reviewed = reviewer, at
	switch to {
	case tasks.Approved:
		s.State, s.Percent = tasks.Accepted, percent
		s.Paid = tasks.Pay(c.reward, percent, g.member(c.member).balance, g.settings)
		if s.Paid > 0 {
			s.transaction = g.post(id, actor, transaction{kind: economy.KindReward, at: at, note: t.Title,
				entries: between(economy.Mint, c.member, s.Paid)})
		}
	case tasks.Rejected:
		c.due = t.Due(at)
		fallthrough
	default:
		s.State, s.Reason = tasks.Refused, reason
	}
	g.turn(id, actor, c, to, at)
	if reviewer != 0 {
		_, left, due := t.Standing(c.state, c.tries, c.due, at)
		g.deliver(delivery{Delivery: outbox.Delivery{Kind: outbox.Direct}, member: c.member, notice: outbox.Notice{Name: outbox.NoticeReviewed,
			Args: must(json.Marshal(tasks.ReviewNotice{Task: t.ID, Title: t.Title, State: to, Percent: s.Percent, Paid: s.Paid, Reason: s.Reason,
				Left: left, Due: due, Currency: g.settings.Currency()}))}}, at)
	}
	g.deliverCard(subject("submission", int64(s.ID)), at)
	if to == tasks.Failed {
		g.showPlaces(*c, at)
	}
}

// DropClaim implements tasks.Store.
func (m *Model) DropClaim(ctx context.Context, v tasks.Dropping) (tasks.Claim, error) {
	id := v.Request.Guild
	return write(ctx, m, v.Request, "task.drop", v.Fingerprint(), func(g *guild, at time.Time) (tasks.Claim, error) {
		n := g.involve(id, v.Member, at)
		t := g.meant(v.Task)
		if t == nil || t.State == tasks.Draft {
			return tasks.Claim{}, tasks.ErrUnknownTask
		}
		c := g.runs(t.ID, n)
		if c == nil {
			return tasks.Claim{}, tasks.ErrNoClaim
		}
		switch state, _, _ := t.Standing(c.state, c.tries, c.due, at); state {
		case tasks.Expired:
			return tasks.Claim{}, tasks.ErrNoClaim
		case tasks.Submitted:
			return tasks.Claim{}, tasks.ErrClaimState
		}
		g.turn(id, n, c, tasks.Dropped, at)
		g.showPlaces(*c, at)
		return g.seenClaim(*c, at), nil
	})
}

// ReviewSubmission implements tasks.Store.
func (m *Model) ReviewSubmission(ctx context.Context, v tasks.Reviewing) (tasks.ReviewReceipt, error) {
	id := v.Request.Guild
	return write(ctx, m, v.Request, "task.review", v.Fingerprint(), func(g *guild, at time.Time) (r tasks.ReviewReceipt, err error) {
		n := g.involve(id, v.Reviewer.Person, at)
		i := slices.IndexFunc(g.submissions, func(s submission) bool { return s.ID == v.Submission })
		switch {
		case !v.Reviewer.May(g.settings):
			return r, tasks.ErrNotReviewer
		case i < 0:
			return r, tasks.ErrUnknownSubmission
		case g.submissions[i].member == n:
			return r, tasks.ErrOwnSubmission
		}
		s := &g.submissions[i]
		if s.State != tasks.Waiting {
			return r, tasks.ErrReviewed.With("by", g.actor(s.reviewer)).With("state", s.State).With("at", s.Reviewed)
		}
		c := g.claimed(s.Claim)
		t := g.task(c.task)
		g.decide(id, n, n, s, v.Verdict(t.Terms, c.tries), v.Percent, v.Reason, at)
		r = tasks.ReviewReceipt{Submission: g.seenSubmission(*s), State: c.state, Transaction: s.transaction, Currency: g.settings.Currency()}
		_, r.Left, _ = t.Standing(c.state, c.tries, c.due, at)
		return r, nil
	})
}

// seenSubmission returns a submission as reviewers see it.
func (g *guild) seenSubmission(s submission) tasks.Submission {
	v, c, who := s.Submission, g.claimed(s.Claim), g.member(s.member)
	v.Task, v.Title, v.Reward = c.task, g.task(c.task).Title, c.reward
	v.Member, v.Name, v.Reviewer = who.user, who.name, g.actor(s.reviewer)
	v.Last = s.State == tasks.Refused && c.state == tasks.Failed && s.Try == c.tries
	return v
}

// Claims implements tasks.Store.
func (m *Model) Claims(ctx context.Context, q tasks.ClaimsQuery) (tasks.ClaimsPage, error) {
	return read(ctx, m, q.Guild, q.At, func(g *guild, at time.Time) tasks.ClaimsPage {
		viewer := g.meet(q.Guild, q.Viewer, at)
		var all []tasks.Claim
		for _, c := range slices.Backward(g.claims) {
			if c.member == viewer {
				all = append(all, g.seenClaim(c, at))
			}
		}
		page := tasks.ClaimsPage{Currency: g.settings.Currency()}
		page.Claims, page.More = turn(all, q.Page, q.Size)
		return page
	})
}

// ReviewQueue implements tasks.Store.
func (m *Model) ReviewQueue(ctx context.Context, q tasks.QueueQuery) (tasks.QueuePage, error) {
	var refusal error
	page, err := read(ctx, m, q.Guild, q.At, func(g *guild, at time.Time) tasks.QueuePage {
		n := g.meet(q.Guild, q.Reviewer.Person, at)
		if !q.Reviewer.May(g.settings) {
			refusal = tasks.ErrNotReviewer
			return tasks.QueuePage{}
		}
		page := tasks.QueuePage{Currency: g.settings.Currency()}
		for _, s := range g.submissions {
			if s.State != tasks.Waiting || s.member == n {
				continue
			}
			page.Waiting = min(page.Waiting+1, 100)
			if s.ID > q.After && page.Submission == nil {
				v := g.seenSubmission(s)
				page.Submission = &v
			}
		}
		return page
	})
	if err == nil {
		err = refusal
	}
	return page, err
}
