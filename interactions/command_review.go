package interactions

import (
	"context"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/tasks"
)

// The buttons of a review carry their owner and the submission: approve:owner:submission.
// Without an owner they stand on the message in the review channel, which everybody
// sees: it stays in English, and the store decides who may press.

func (b *bank) review(ctx context.Context, r *Request) (Reply, error) {
	return b.queue(ctx, r, 0)
}

// turnReview answers a button: review:owner:submission, the one that was shown; 0 begins anew.
func (b *bank) turnReview(ctx context.Context, r *Request) (Reply, error) {
	after, err := strconv.ParseInt(r.arg(1), 10, 64)
	if err != nil || !digits(r.arg(1)) {
		return nil, errUnknownComponent
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	return updated(b.queue(ctx, r, tasks.SubmissionID(after)))
}

// queue shows the next submission that waits.
func (b *bank) queue(ctx context.Context, r *Request, after tasks.SubmissionID) (message, error) {
	got, err := b.store.ReviewQueue(ctx, tasks.QueueQuery{Guild: r.Guild, Reviewer: r.reviewer(), After: after, At: r.At})
	if err != nil {
		return message{}, err
	}
	l := r.texts
	if got.Submission == nil {
		m := message{embed: card(l.text("review.title"), l.text("review.empty"))}
		if got.Waiting > 0 { // those that were passed over
			m.embed.Description = l.text("review.end", "n", l.waiting(got.Waiting))
			m.rows = row(r.nextButton(0, l.text("review.first")))
		}
		return m, nil
	}
	s := *got.Submission
	m := message{embed: l.reviewCard(tasks.ReviewCard{Submission: s, Currency: got.Currency})}
	m.embed.Footer = footer(l.text("review.waiting", "n", l.waiting(got.Waiting)))
	m = l.withProof(m, s, picture(s, r.At), l.text("review.expired"))
	m.rows = row(append(l.reviewButtons(string(r.Member.User), s.ID), r.nextButton(s.ID, l.text("review.next")))...)
	return m, nil
}

// pressApprove answers a button. Its key is the submission and who presses: two
// presses are one decision, however they arrive. His erasure takes him out of a key
// that ends with him.
func (b *bank) pressApprove(ctx context.Context, r *Request) (Reply, error) {
	id, err := r.reviewed()
	if err != nil {
		return nil, err
	}
	approval, err := tasks.NewApproval(r.write("approve:"+r.arg(1)+":"+string(r.Member.User)), r.reviewer(), id, 100)
	if err != nil {
		return nil, err
	}
	return b.decided(ctx, r, approval)
}

// pressPart asks which part of the reward an approval pays.
func (b *bank) pressPart(_ context.Context, r *Request) (Reply, error) {
	if _, err := r.reviewed(); err != nil {
		return nil, err
	}
	l := r.texts
	return modal{id: customID("part", r.arg(0), r.arg(1), r.ID), title: l.text("review.part_title"), rows: row(discordgo.TextInput{
		CustomID: "percent", Label: l.text("review.percent"), Style: discordgo.TextInputShort, Placeholder: "50", Required: true, MaxLength: 5})}, nil
}

// sendPart answers the modal: part:owner:submission:interaction. Its key is the
// interaction that opened it.
func (b *bank) sendPart(ctx context.Context, r *Request) (Reply, error) {
	id, err := r.reviewed()
	if err != nil || !snowflake(r.arg(2)) {
		return nil, errUnknownComponent
	}
	percent, err := parsePercent(r.field("percent"))
	if err != nil {
		return nil, err
	}
	approval, err := tasks.NewApproval(r.write(r.arg(2)+":part"), r.reviewer(), id, percent)
	if err != nil {
		return nil, err
	}
	return b.decided(ctx, r, approval)
}

// pressReject asks for the reason of a rejection.
func (b *bank) pressReject(_ context.Context, r *Request) (Reply, error) {
	if _, err := r.reviewed(); err != nil {
		return nil, err
	}
	l := r.texts
	return modal{id: customID("reject", r.arg(0), r.arg(1), r.ID), title: l.text("review.reject_title"), rows: row(discordgo.TextInput{
		CustomID: "reason", Label: l.text("review.reason"), Style: discordgo.TextInputShort, Required: true, MaxLength: 200})}, nil
}

// sendReject answers the modal: reject:owner:submission:interaction. Its key is the
// interaction that opened it.
func (b *bank) sendReject(ctx context.Context, r *Request) (Reply, error) {
	id, err := r.reviewed()
	if err != nil || !snowflake(r.arg(2)) {
		return nil, errUnknownComponent
	}
	rejection, err := tasks.NewRejection(r.write(r.arg(2)+":reject"), r.reviewer(), id, r.field("reason"))
	if err != nil {
		return nil, err
	}
	return b.decided(ctx, r, rejection)
}

// decided has the store decide and updates the message that was pressed to the
// outcome. Whoever was second is told privately who was first, and the message in the
// channel is brought up to date by its own delivery.
func (b *bank) decided(ctx context.Context, r *Request, decision tasks.Reviewing) (Reply, error) {
	got, err := b.store.ReviewSubmission(ctx, decision)
	if err != nil {
		return nil, err
	}
	seen := tasks.ReviewCard{Submission: got.Submission, Currency: got.Currency}
	if r.arg(0) == "" {
		return r.instead(texts().english.reviewPost(seen, true)), nil
	}
	m := r.texts.withProof(message{embed: r.texts.reviewCard(seen)}, got.Submission,
		picture(got.Submission, r.At), r.texts.text("review.expired"))
	m.rows = row(r.nextButton(got.Submission.ID, r.texts.text("review.next")))
	return r.instead(m), nil
}

// reviewed returns the submission of a button or a modal, which is everybody's or its
// owner's. Errors: errUnknownComponent, errNotYours.
func (r *Request) reviewed() (tasks.SubmissionID, error) {
	id, err := r.number(1)
	if err != nil {
		return 0, err
	}
	if r.arg(0) == "" {
		return tasks.SubmissionID(id), nil
	}
	return tasks.SubmissionID(id), r.owned(0)
}

// reviewer is who asks, with the rights that Discord signed.
func (r *Request) reviewer() tasks.Reviewer {
	return tasks.Reviewer{Person: r.Member, Roles: r.roles(), Manager: r.managing}
}

// parsePercent reads "50", "50%" and "50 %". Errors: tasks.ErrPercent.
func parsePercent(text string) (int, error) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	n, err := strconv.Atoi(text)
	if err != nil || !digits(text) {
		return 0, tasks.ErrPercent
	}
	return n, nil
}

// waiting is how many wait, of which the store counts a hundred.
func (l *locale) waiting(n int) string {
	if n >= 100 {
		return "100+"
	}
	return l.number(int64(n))
}

func (r *Request) nextButton(after tasks.SubmissionID, label string) discordgo.Button {
	return discordgo.Button{Style: discordgo.SecondaryButton, Label: label,
		CustomID: customID("review", string(r.Member.User), strconv.FormatInt(int64(after), 10))}
}
