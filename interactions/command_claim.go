package interactions

import (
	"context"
	"errors"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/problem"
	"coffer/internal/tasks"
)

func (b *bank) claim(ctx context.Context, r *Request) (Reply, error) {
	task, err := r.task("task")
	if err != nil {
		return nil, err
	}
	return b.claimed(ctx, r, r.ID, task)
}

// pressClaim answers the button of an announcement, which anybody may press:
// claim:task. The announcement stays as it is. The click is the key of the write: two
// of them are no two claims, since the store gives nobody a second one; then the way to
// the first is shown.
func (b *bank) pressClaim(ctx context.Context, r *Request) (Reply, error) {
	task, err := r.taskArg(0)
	if err != nil {
		return nil, err
	}
	m, err := b.claimed(ctx, r, r.ID, task)
	if errors.Is(err, tasks.ErrHaveClaim) {
		return r.yoursAlready(err), nil
	}
	return m, err
}

// pressTake answers the button of a task's card: take:owner:interaction:task. Its key is
// the click, as pressClaim's is.
func (b *bank) pressTake(ctx context.Context, r *Request) (Reply, error) {
	task, err := r.ownTask()
	if err != nil {
		return nil, err
	}
	m, err := b.claimed(ctx, r, r.ID, task)
	if errors.Is(err, tasks.ErrHaveClaim) {
		return r.yoursAlready(err), nil // beside the card, which the first click may have replaced
	}
	return updated(m, err)
}

// yoursAlready shows the way to a claim.
func (r *Request) yoursAlready(err error) message {
	return message{embed: card("", r.texts.problem(problem.Of(err))), rows: row(r.toClaims())}
}

func (b *bank) claimed(ctx context.Context, r *Request, key string, task tasks.Ref) (message, error) {
	claiming, err := tasks.NewClaiming(r.write(key), r.Member, r.roles(), task)
	if err != nil {
		return message{}, err
	}
	got, err := b.store.ClaimTask(ctx, claiming)
	if err != nil {
		return message{}, err
	}
	l := r.texts
	e := card(l.text("claimed.title"), l.text("claimed.body", "task", titled(got.Title, got.Task),
		"reward", l.coins(got.Reward, got.Currency))+"\n"+l.how(got.Proof))
	addField(e, l.text("task.due"), some(got.Due, when))
	addField(e, l.text("task.tries"), l.number(int64(got.Tries)))
	return message{embed: e, rows: row(r.submitButton(got.Task, got.Proof), r.dropButton(got.Task), r.toClaims())}, nil
}

// ownTask reads a button that writes and that only the member has for whom it was
// drawn: name:owner:interaction:task. Its life has no end, since a task may take days,
// and may be there again when it is pressed again. So the key of the write is the click,
// not the interaction that drew it: the store knows whether what it does is possible
// now, and to the second of two clicks it is not. Errors: errUnknownComponent,
// errNotYours.
func (r *Request) ownTask() (tasks.Ref, error) {
	task, err := r.taskArg(2)
	if err != nil || !snowflake(r.arg(1)) {
		return task, errUnknownComponent
	}
	return task, r.owned(0)
}

func (r *Request) claimButton(id tasks.TaskID, possible bool) discordgo.Button {
	return discordgo.Button{Style: discordgo.SuccessButton, Label: r.texts.text("task.claim"), Disabled: !possible,
		CustomID: customID("take", string(r.Member.User), r.ID, taskNumber(id))}
}
