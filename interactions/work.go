package interactions

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// claimObstacle returns why the viewer could not claim the task now. It is for showing
// only; the store decides.
func claimObstacle(o tasks.Offer, roles []economy.RoleID, at time.Time) error {
	t := o.Task
	if t.State != tasks.Open {
		return tasks.ErrNotOpen
	}
	if err := t.OnTime(at); err != nil {
		return err
	}
	switch {
	case o.Mine != nil && o.Mine.State.Runs():
		return tasks.ErrHaveClaim.With("state", o.Mine.State)
	case !o.Next.IsZero():
		return tasks.ErrDone.With("next", o.Next)
	case o.Mine != nil && o.Mine.State.Counts() && t.Repeat == tasks.Once:
		return tasks.ErrDone
	case t.RequiredRole != "" && !slices.Contains(roles, t.RequiredRole):
		return tasks.ErrTaskRole.With("role", t.RequiredRole)
	case !o.Qualified:
		return tasks.ErrPrerequisite.With("title", o.Prerequisite)
	case t.Places > 0 && o.Left < 1:
		return tasks.ErrNoPlace.With("places", t.Places)
	}
	return nil
}

// submitObstacle returns why the viewer could not hand in work for the task now. It is
// for showing only; the store decides.
func submitObstacle(o tasks.Offer, at time.Time) error {
	switch mine := o.Mine; {
	case mine == nil || !mine.State.Runs():
		return tasks.ErrNoClaim
	case mine.State == tasks.Submitted:
		return tasks.ErrClaimState
	}
	return o.Task.OnTime(at)
}

// places says how many places are left; nothing where there is no end of them.
func (l *locale) places(t tasks.Terms, left int) string {
	switch {
	case t.Places == 0:
		return ""
	case left < 1:
		return l.text("work.full")
	}
	return l.text("work.places", "n", l.number(int64(left)), "places", l.number(int64(t.Places)))
}

// again says how often a task can be done; nothing where it is once.
func (l *locale) again(r tasks.Repeat) string {
	switch r {
	case tasks.Daily:
		return l.text("work.daily")
	case tasks.Weekly:
		return l.text("work.weekly")
	}
	return ""
}

// taskSummary is a task on a page of the board: all that decides whether to look closer.
func (l *locale) taskSummary(b tasks.BoardLine, c economy.Currency) string {
	t := b.Task
	parts := []string{"**" + l.money(t.Reward, c) + "**", some(l.places(t.Terms, b.Left), func(left string) string { return l.text("work.left", "left", left) }), l.text("work.proof", "proof", l.value(t.Proof, nil)), l.again(t.Repeat)}
	if t.RequiredRole != "" {
		parts = append(parts, l.text("goods.required_role", "role", mentionRole(t.RequiredRole)))
	}
	if !t.Deadline.IsZero() {
		parts = append(parts, l.text("goods.until", "time", relative(t.Deadline)))
	}
	text := joined(parts)
	if b.Mine != nil && (b.Mine.State.Runs() || b.Mine.State.Counts()) {
		text += "\n" + l.text("work.mine", "claim", l.claimState(*b.Mine, c))
	}
	return text
}

// claimState says where a claim stands, and what its member can do and until when.
func (l *locale) claimState(m tasks.Claim, c economy.Currency) string {
	parts := []string{"**" + l.value(m.State, nil) + "**"}
	if m.State == tasks.Approved {
		parts = append(parts, l.money(m.Paid, c))
	}
	if m.State.CanSubmit() {
		if !m.Due.IsZero() {
			parts = append(parts, l.text("work.due", "time", relative(m.Due)))
		}
		parts = append(parts, l.triesLeft(m.Left))
	}
	return joined(parts)
}

// triesLeft counts the times that work can be handed in.
func (l *locale) triesLeft(n int) string {
	if n == 1 {
		return l.text("tries.one")
	}
	return l.text("tries.other", "n", l.number(int64(n)))
}

// conditions says what a task asks of who claims it, and whether the viewer has it.
func (l *locale) conditions(o tasks.Offer, roles []economy.RoleID) string {
	var all []string
	add := func(met bool, text string) {
		mark := "❌ "
		if met {
			mark = "✅ "
		}
		all = append(all, mark+text)
	}
	if role := o.Task.RequiredRole; role != "" {
		add(slices.Contains(roles, role), mentionRole(role))
	}
	if o.Task.Prerequisite != 0 {
		add(o.Qualified, l.text("work.first", "task", quote(o.Prerequisite)))
	}
	return strings.Join(all, "\n")
}

// how says how work for a task is handed in.
func (l *locale) how(p tasks.Proof) string {
	switch p {
	case tasks.ProofNone:
		return l.text("how.none")
	case tasks.ProofText:
		return l.text("how.text")
	case tasks.ProofLink:
		return l.text("how.link")
	case tasks.ProofImage:
		return l.text("how.image", "option", l.text("name.image"))
	}
	return ""
}

// taskLabel is a task's title in plain text, or its number where that shows nothing.
func taskLabel(title string, id tasks.TaskID, most int) string {
	return label(title, "#"+strconv.FormatInt(int64(id), 10), most)
}

// taskTitle is a task's title as a heading.
func taskTitle(title string, id tasks.TaskID) string { return quote(taskLabel(title, id, 200)) }

// titled is a task's title within a sentence.
func titled(title string, id tasks.TaskID) string { return "**" + taskTitle(title, id) + "**" }

// addField adds a field that says something.
func addField(e *discordgo.MessageEmbed, name, value string) {
	if value != "" {
		e.Fields = append(e.Fields, field(name, value))
	}
}

// taskNumber writes a task's number as custom ids and menus hold it.
func taskNumber(id tasks.TaskID) string { return strconv.FormatInt(int64(id), 10) }
