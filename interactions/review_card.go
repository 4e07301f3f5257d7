package interactions

import (
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

// reviewPost is the message in the review channel. Its picture is the one attached to
// it, unless that is gone.
func (l *locale) reviewPost(c tasks.ReviewCard, attached bool) message {
	s, image := c.Submission, ""
	if s.Work.Image != (tasks.Image{}) && attached {
		image = "attachment://" + attachmentName(s.Work.Image)
	}
	m := l.withProof(message{embed: l.reviewCard(c)}, s, image, l.text("review.gone"))
	if s.State == tasks.Waiting {
		m.rows = row(l.reviewButtons("", s.ID)...)
	}
	return m
}

// reviewCard shows whose work a submission is, for what, and what became of it; what
// was handed in is shown by withProof.
func (l *locale) reviewCard(c tasks.ReviewCard) *discordgo.MessageEmbed {
	s := c.Submission
	e := card(taskTitle(s.Title, s.Task), l.text("review.body", "member", l.somebody(s.Member)))
	if s.Proof == tasks.ProofNone {
		e.Description = l.text("review.done", "member", l.somebody(s.Member))
	}
	addField(e, l.text("task.reward"), l.coins(s.Reward, c.Currency))
	addField(e, l.text("review.try"), l.number(int64(s.Try)))
	addField(e, l.text("review.at"), relative(s.At))
	if s.State != tasks.Waiting {
		e.Fields = append(e.Fields, &discordgo.MessageEmbedField{Name: l.text("review.outcome"), Value: l.outcome(c)})
	}
	if s.State == tasks.Refused {
		e.Color = 0 // the accent is for good news
	}
	return e
}

// outcome says who decided what.
func (l *locale) outcome(c tasks.ReviewCard) string {
	s := c.Submission
	text := l.text("review.decided", "verdict", l.value(s.State, nil), "by", l.actor(s.Reviewer), "at", relative(s.Reviewed))
	if s.State == tasks.Refused {
		if s.Last {
			text += " · " + l.text("review.last")
		}
		return text + quoted(s.Reason)
	}
	paid := l.text("review.paid", "paid", l.money(s.Paid, c.Currency))
	if s.Percent != 100 {
		paid = l.text("review.paid_part", "paid", l.money(s.Paid, c.Currency), "percent", strconv.Itoa(s.Percent))
	}
	if s.Paid < tasks.Pay(s.Reward, s.Percent, 0, economy.Settings{MaxBalance: economy.MaxBalance}) {
		paid += " · " + l.text("review.capped")
	}
	return text + "\n" + paid
}

// withProof adds what was handed in; where its picture is not there any more, that is
// said instead. A text has an embed of its own, for it can be as
// long as all the rest; a link can be followed, and reads as where it leads.
func (l *locale) withProof(m message, s tasks.Submission, image, gone string) message {
	w := s.Work
	pictured := w.Image != (tasks.Image{})
	switch {
	case pictured && image == "":
		m.embed.Description += "\n" + gone
	case pictured:
		m.embed.Image = &discordgo.MessageEmbedImage{URL: image}
	}
	if w.Text == "" {
		return m
	}
	text := passage(w.Text)
	if s.Proof == tasks.ProofLink && w.Proves(tasks.ProofLink) {
		text = "<" + plain(w.Text) + ">"
	}
	m.more = append(m.more, &discordgo.MessageEmbed{Description: text, Color: m.embed.Color})
	return m
}

// picture is the address of a submission's picture, empty if Discord serves it no more.
func picture(s tasks.Submission, at time.Time) string {
	if image := s.Work.Image; image.Expires.IsZero() || at.Before(image.Expires) {
		return image.URL
	}
	return ""
}

// attachmentName is the name of a picture as a file: Discord changes those that it
// does not like, and a message must refer to it by the name that it has.
func attachmentName(i tasks.Image) string { return "proof." + strings.TrimPrefix(i.Type, "image/") }

// reviewButtons decide on a submission.
func (l *locale) reviewButtons(owner string, id tasks.SubmissionID) []discordgo.MessageComponent {
	number := strconv.FormatInt(int64(id), 10)
	return []discordgo.MessageComponent{
		discordgo.Button{Style: discordgo.SuccessButton, Label: l.text("review.approve"), CustomID: customID("approve", owner, number)},
		discordgo.Button{Style: discordgo.SecondaryButton, Label: l.text("review.part"), CustomID: customID("part", owner, number)},
		discordgo.Button{Style: discordgo.DangerButton, Label: l.text("review.reject"), CustomID: customID("reject", owner, number)},
	}
}
