package storetest

import (
	"slices"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// auditTasks is audit of work that is paid for. That tasks and claims are as they
// are told, and that places match, is so in a model by its making.
func (g *guild) auditTasks(report func(invariant string, n int)) {
	type period struct {
		task   tasks.TaskID
		member int64
		day    economy.Day
	}
	running, used := make(map[period]bool), make(map[period]bool)
	paid := make(map[economy.TransactionID]bool)
	for _, c := range g.claims {
		n := int(c.id)
		one, this := period{c.task, c.member, 0}, period{c.task, c.member, c.period}
		if c.state.Runs() && running[one] || (c.state.Runs() || c.state.Counts()) && used[this] {
			report("claims_once", n)
		}
		running[one] = running[one] || c.state.Runs()
		used[this] = used[this] || c.state.Runs() || c.state.Counts()
		g.auditClaim(c, paid, func(invariant string) { report(invariant, n) })
	}
	for i, t := range g.transactions {
		if t.kind == economy.KindReward && !paid[economy.TransactionID(i+1)] {
			report("rewards_once", i+1)
		}
	}
}

// auditClaim holds a claim against what was handed in for it.
func (g *guild) auditClaim(c claim, paid map[economy.TransactionID]bool, report func(invariant string)) {
	var last submission
	tries := c.spent
	for _, s := range g.submissions {
		if s.Claim != c.id {
			continue
		}
		tries++
		last = s
		if s.Try != tries || s.member != c.member || (s.State == tasks.Waiting) != (tries == c.tries && c.state == tasks.Submitted) {
			report("submissions_fit")
		}
		if s.State != tasks.Accepted && (s.Paid != 0 || s.transaction != 0) {
			report("rewards_once")
		}
	}
	if tries != c.tries {
		report("submissions_fit")
	}
	fits := map[tasks.ClaimState][]tasks.SubmissionState{
		tasks.Claimed: {""}, tasks.Submitted: {tasks.Waiting}, tasks.Rejected: {tasks.Refused}, tasks.Failed: {tasks.Refused},
		tasks.Approved: {tasks.Accepted}, tasks.Dropped: {"", tasks.Refused}, tasks.Expired: {"", tasks.Refused},
	}
	if !slices.Contains(fits[c.state], last.State) {
		report("submissions_fit")
	}
	if c.state != tasks.Approved {
		return
	}
	if last.transaction == 0 {
		if last.Paid != 0 {
			report("rewards_once")
		}
		return
	}
	t := g.transactions[last.transaction-1]
	if t.kind != economy.KindReward || paid[last.transaction] || last.Paid == 0 ||
		!slices.ContainsFunc(t.entries, func(e entry) bool { return e.member == c.member && e.amount == last.Paid }) {
		report("rewards_once")
	}
	paid[last.transaction] = true
}
