package interactions

import (
	"context"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/tasks"
)

func (b *bank) drop(ctx context.Context, r *Request) (Reply, error) {
	task, err := r.task("task")
	if err != nil {
		return nil, err
	}
	return b.dropped(ctx, r, r.ID, task)
}

// pressDrop answers a button: drop:owner:interaction:task. Its key is the click.
func (b *bank) pressDrop(ctx context.Context, r *Request) (Reply, error) {
	task, err := r.ownTask()
	if err != nil {
		return nil, err
	}
	return updated(b.dropped(ctx, r, r.ID, task))
}

func (b *bank) dropped(ctx context.Context, r *Request, key string, task tasks.Ref) (message, error) {
	got, err := b.store.DropClaim(ctx, tasks.NewDropping(r.write(key), r.Member, task))
	if err != nil {
		return message{}, err
	}
	l := r.texts
	return message{embed: card(l.text("dropped.title"), l.text("dropped.body", "task", titled(got.Title, got.Task))), rows: row(r.toTasks())}, nil
}

func (r *Request) dropButton(id tasks.TaskID) discordgo.Button {
	return discordgo.Button{Style: discordgo.SecondaryButton, Label: r.texts.text("task.drop"),
		CustomID: customID("drop", string(r.Member.User), r.ID, taskNumber(id))}
}
