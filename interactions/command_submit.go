package interactions

import (
	"context"
	"slices"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/tasks"
)

// submit hands work in, or where none was given, says how it is done: by a modal
// where the proof can be typed.
func (b *bank) submit(ctx context.Context, r *Request) (Reply, error) {
	task, err := r.task("task")
	if err != nil {
		return nil, err
	}
	if !r.handsIn() {
		return b.asksForWork(ctx, r, task)
	}
	text, err := r.optional("text")
	if err != nil {
		return nil, err
	}
	image, err := r.image("image")
	if err != nil {
		return nil, err
	}
	return b.handedIn(ctx, r, r.ID, task, text, image)
}

// handsIn reports whether /task submit came with a proof: then it is a write, which
// may take its time, and never opens a modal.
func (r *Request) handsIn() bool {
	return slices.ContainsFunc(r.options, func(o option) bool { return o.Name == "text" || o.Name == "image" })
}

func (b *bank) asksForWork(ctx context.Context, r *Request, task tasks.Ref) (Reply, error) {
	o, err := b.offer(ctx, r, task)
	if err != nil {
		return nil, err
	}
	if err := submitObstacle(o, r.At); err != nil {
		return nil, err
	}
	l, t := r.texts, o.Task
	if t.Proof == tasks.ProofText || t.Proof == tasks.ProofLink {
		return r.workModal(t.ID, t.Proof, l.text("submit.modal", "task", taskLabel(t.Title, t.ID, 80))), nil
	}
	m := message{embed: card(taskTitle(t.Title, t.ID), l.how(t.Proof))}
	if t.Proof == tasks.ProofNone {
		m.rows = row(r.submitButton(t.ID, t.Proof), r.dropButton(t.ID))
	}
	return m, nil
}

// pressSubmit answers a button without asking the store: submit:owner:task:proof.
// Should the task ask for another proof by now, handing in says so.
func (b *bank) pressSubmit(_ context.Context, r *Request) (Reply, error) {
	task, err := r.taskArg(1)
	proof := tasks.Proof(r.arg(2))
	if err != nil || !slices.Contains(tasks.Proofs, proof) {
		return nil, errUnknownComponent
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	if proof == tasks.ProofText || proof == tasks.ProofLink {
		return r.workModal(task.ID, proof, r.texts.text("submit.title")), nil
	}
	return message{embed: card(r.texts.text("submit.title"), r.texts.how(proof))}, nil
}

// pressHandIn answers the button of a task that asks for no proof:
// handin:owner:interaction:task. Its key is the click.
func (b *bank) pressHandIn(ctx context.Context, r *Request) (Reply, error) {
	task, err := r.ownTask()
	if err != nil {
		return nil, err
	}
	return updated(b.handedIn(ctx, r, r.ID, task, "", tasks.Image{}))
}

// sendWork answers the modal: work:interaction:task. Its key is the interaction that
// opened it. It has no end: what was typed for an hour is not lost for that.
func (b *bank) sendWork(ctx context.Context, r *Request) (Reply, error) {
	task, err := r.taskArg(1)
	if err != nil || !snowflake(r.arg(0)) {
		return nil, errUnknownComponent
	}
	m, err := b.handedIn(ctx, r, r.arg(0)+":submit", task, r.field("work"), tasks.Image{})
	return r.instead(m), err
}

func (b *bank) handedIn(ctx context.Context, r *Request, key string, task tasks.Ref, text string, image tasks.Image) (message, error) {
	work, err := tasks.NewWork(text, image)
	if err != nil {
		return message{}, err
	}
	got, err := b.store.SubmitWork(ctx, tasks.NewSubmitting(r.write(key), r.Member, task, work))
	if err != nil {
		return message{}, err
	}
	return r.handInReceipt(got), nil
}

// handInReceipt says what became of work at once.
func (r *Request) handInReceipt(got tasks.SubmitReceipt) message {
	l, task := r.texts, titled(got.Title, got.Task)
	var e *discordgo.MessageEmbed
	buttons := []discordgo.MessageComponent{r.toTasks(), r.toClaims()}
	switch got.State {
	case tasks.Approved:
		e = card(l.text("submitted.accepted"), l.text("submitted.paid", "task", task, "paid", l.coins(got.Paid, got.Currency)))
		if got.Paid < got.Reward {
			e.Description += "\n" + l.text("submitted.capped", "reward", l.money(got.Reward, got.Currency))
		}
		addField(e, l.text("bought.balance"), l.money(got.Balance, got.Currency))
		if got.Transaction != 0 {
			e.Footer = footer(l.text("transaction", "number", transaction(got.Transaction)))
		}
	case tasks.Rejected:
		e = card(l.text("submitted.wrong"), l.text("submitted.again", "task", task, "tries", l.triesLeft(got.Left)))
		addField(e, l.text("task.due"), some(got.Due, when))
		buttons = []discordgo.MessageComponent{r.submitButton(got.Task, tasks.ProofText), r.dropButton(got.Task)} // only an answer can be wrong at once
	case tasks.Failed:
		e = card(l.text("submitted.wrong"), l.text("submitted.failed", "task", task))
	default:
		e = card(l.text("submitted.title"), l.text("submitted.waits", "task", task))
	}
	if got.State != tasks.Approved && got.State != tasks.Submitted {
		e.Color = 0 // the accent is for good news
	}
	return message{embed: e, rows: row(buttons...)}
}

// workModal asks for a proof that can be typed.
func (r *Request) workModal(id tasks.TaskID, proof tasks.Proof, title string) modal {
	in := discordgo.TextInput{CustomID: "work", Label: r.texts.text("submit.text"), Style: discordgo.TextInputParagraph,
		Required: true, MaxLength: tasks.MaxProofText}
	if proof == tasks.ProofLink {
		in.Label, in.Style, in.MaxLength, in.Placeholder = r.texts.text("submit.link"), discordgo.TextInputShort, tasks.MaxLink, "https://"
	}
	return modal{id: customID("work", r.ID, taskNumber(id)), title: title, rows: row(in)}
}

// submitButton hands in at once where no proof is asked for, and else leads to how.
func (r *Request) submitButton(id tasks.TaskID, proof tasks.Proof) discordgo.Button {
	b := discordgo.Button{Style: discordgo.PrimaryButton, Label: r.texts.text("task.submit"),
		CustomID: customID("submit", string(r.Member.User), taskNumber(id), string(proof))}
	if proof == tasks.ProofNone {
		b.CustomID = customID("handin", string(r.Member.User), r.ID, taskNumber(id))
	}
	return b
}

// image returns the file that an option holds, zero if it was not given; whether it is
// a picture is decided by tasks.NewWork. Errors: errMalformed.
func (r *Request) image(name string) (tasks.Image, error) {
	o, given, err := r.option(name, optionFile)
	if err != nil || !given {
		return tasks.Image{}, err
	}
	id, ok := jsonString(o.Value)
	file, resolved := r.payload.Data.Resolved.Attachments[id]
	if !ok || !resolved || file.URL == "" {
		return tasks.Image{}, errMalformed
	}
	return tasks.Image{URL: file.URL, Name: file.Filename, Type: file.ContentType, Size: file.Size}, nil
}
