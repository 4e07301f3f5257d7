package interactions

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/outbox"
	"coffer/internal/tasks"
)

// Notices puts what is delivered into words, in English: nobody's own language is known
// where no interaction is. Create it with NewNotices.
type Notices struct{ texts *locale }

// NewNotices returns the words of notices.
func NewNotices() *Notices { return &Notices{texts().english} }

// Notice returns the message for a delivery with a notice. An unknown notice, or one
// whose arguments cannot be read, is an error.
func (n *Notices) Notice(lease outbox.Lease) (outbox.Message, error) {
	switch lease.Notice.Name {
	case outbox.NoticeRefunded:
		return withArgs(lease, func(r outbox.Refunded) (outbox.Message, error) {
			if lease.Kind == outbox.Direct {
				return posted(message{embed: n.texts.refundedForBuyer(r, lease)})
			}
			return posted(message{embed: n.texts.refundedForAdmins(r)})
		})
	case outbox.NoticeTask:
		return withArgs(lease, func(c tasks.TaskCard) (outbox.Message, error) { return posted(n.texts.announcement(c)) })
	case outbox.NoticeSubmission:
		return withArgs(lease, n.texts.submissionPost)
	case outbox.NoticeReviewed:
		return withArgs(lease, func(v tasks.ReviewNotice) (outbox.Message, error) {
			return posted(message{embed: n.texts.reviewedForMember(v, lease)})
		})
	case outbox.NoticeWelcome:
		return withArgs(lease, n.texts.welcome)
	}
	return outbox.Message{}, fmt.Errorf("there are no words for %q", lease.Notice.Name)
}

// withArgs reads the arguments of a notice and puts them into words.
func withArgs[T any](lease outbox.Lease, words func(T) (outbox.Message, error)) (outbox.Message, error) {
	var args T
	if err := json.Unmarshal(lease.Notice.Args, &args); err != nil {
		return outbox.Message{}, fmt.Errorf("read the arguments of %s: %w", lease.Notice.Name, err)
	}
	return words(args)
}

// posted is a message as it is posted. It says nothing of files, so an edit keeps them.
func posted(m message) (outbox.Message, error) {
	body, err := encode(m.data(false))
	return outbox.Message{Body: body}, err
}

// announcement is the message about a task in its guild's channel, with a button while
// it can be claimed.
func (l *locale) announcement(c tasks.TaskCard) message {
	t := c.Task
	e := l.workCard(t, c.Left, c.Currency)
	addField(e, l.text("task.conditions"), l.announcedConditions(t.Terms))
	if t.State != tasks.Open {
		e.Color = 0 // the accent is for good news
		e.Description = faded(e.Description)
		e.Footer = footer(l.text("task.over", "state", l.value(t.State, nil)))
		return message{embed: e}
	}
	return message{embed: e, rows: row(discordgo.Button{Style: discordgo.SuccessButton, Label: l.text("task.claim"),
		Disabled: t.Places > 0 && c.Left < 1, CustomID: customID("claim", taskNumber(t.ID))})}
}

// announcedConditions says what a task asks of who claims it, for everybody to read.
func (l *locale) announcedConditions(t tasks.Terms) string {
	var parts []string
	if t.RequiredRole != "" {
		parts = append(parts, l.text("goods.required_role", "role", mentionRole(t.RequiredRole)))
	}
	if t.Prerequisite != 0 {
		parts = append(parts, l.text("task.after"))
	}
	return strings.Join(parts, "\n")
}

// faded writes a text small and grey.
func faded(s string) string {
	all := strings.Split(s, "\n")
	for i, line := range all {
		if line = strings.TrimLeft(line, "#->* "); line != "" {
			all[i] = "-# " + line
		}
	}
	return strings.Join(all, "\n")
}

// welcome names who has joined, and notifies them and nobody else. It is a plain text,
// for nobody is notified of an embed.
func (l *locale) welcome(w outbox.Welcome) (outbox.Message, error) {
	var names []string
	d := messageData{Embeds: []*discordgo.MessageEmbed{}, Components: []discordgo.MessageComponent{}}
	for _, m := range w.Members[:min(len(w.Members), outbox.MostNamed)] {
		names = append(names, l.somebody(m))
		if m != "" {
			d.AllowedMentions.Users = append(d.AllowedMentions.Users, m)
		}
	}
	if len(names) == 0 {
		return outbox.Message{}, errors.New("a welcome for nobody")
	}
	switch {
	case w.Others == 1:
		names = append(names, l.text("notice.welcome.other"))
	case w.Others > 1:
		names = append(names, l.text("notice.welcome.others", "n", l.number(int64(w.Others))))
	}
	last := len(names) - 1
	all := names[last]
	if last > 0 {
		all = l.text("notice.welcome.and", "members", strings.Join(names[:last], ", "), "last", all)
	}
	d.Content = l.text("notice.welcome.all", "members", all)
	switch {
	case w.Balance > 0 && last == 0:
		d.Content += " " + l.text("notice.welcome.one_has", "coins", l.coins(w.Balance, w.Currency))
	case w.Balance > 0:
		d.Content += " " + l.text("notice.welcome.each_has", "coins", l.coins(w.Balance, w.Currency))
	}
	d.Content = clip(d.Content, 2000)
	body, err := encode(d)
	return outbox.Message{Body: body}, err
}

// submissionPost is the message about a submission in its guild's channel for reviews.
// Its picture is attached to it: the address of its first home ends. Where there is no
// picture, none stays: whoever handed it in may have been erased.
func (l *locale) submissionPost(c tasks.ReviewCard) (outbox.Message, error) {
	image := c.Submission.Work.Image
	if image == (tasks.Image{}) {
		d := l.reviewPost(c, true).data(false)
		d.Attachments = []string{}
		body, err := encode(d)
		return outbox.Message{Body: body}, err
	}
	m, err := posted(l.reviewPost(c, true))
	if err != nil {
		return m, err
	}
	without, err := posted(l.reviewPost(c, false))
	m.Image = &outbox.Image{URL: image.URL, Name: attachmentName(image), Size: tasks.MaxImage, Without: without.Body}
	return m, err
}

// reviewedForMember is read outside the server, so it links to it.
func (l *locale) reviewedForMember(v tasks.ReviewNotice, lease outbox.Lease) *discordgo.MessageEmbed {
	task := titled(v.Title, v.Task)
	e := card(l.text("notice.reviewed.title"), "")
	switch v.State {
	case tasks.Approved:
		e.Title = l.text("notice.reviewed.accepted")
		e.Description = l.text("notice.reviewed.full", "task", task, "paid", l.coins(v.Paid, v.Currency))
		switch {
		case v.Paid == 0:
			e.Description = l.text("notice.reviewed.unpaid", "task", task)
		case v.Percent != 100:
			e.Description = l.text("notice.reviewed.part", "task", task, "paid", l.coins(v.Paid, v.Currency), "percent", strconv.Itoa(v.Percent))
		}
	case tasks.Rejected:
		e.Color = 0 // the accent is for good news
		e.Description = l.text("notice.reviewed.rejected", "task", task) + quoted(v.Reason) + "\n\n" +
			l.text("notice.reviewed.again", "tries", l.triesLeft(v.Left))
		if !v.Due.IsZero() {
			e.Description += "\n" + l.text("notice.reviewed.due", "time", when(v.Due))
		}
	default:
		e.Color = 0
		e.Description = l.text("notice.reviewed.rejected", "task", task) + quoted(v.Reason) + "\n\n" + l.text("notice.reviewed.failed")
	}
	e.Description += "\n" + l.text("notice.server", "server", "https://discord.com/channels/"+string(lease.Guild))
	return e
}

// refundedForBuyer is read outside the server, so it links to it, and does not mention
// the role, which Discord shows only inside.
func (l *locale) refundedForBuyer(r outbox.Refunded, lease outbox.Lease) *discordgo.MessageEmbed {
	server := "https://discord.com/channels/" + string(lease.Guild)
	return l.refunded(r, l.text("notice.refunded.buyer", "item", quote(r.Item), "total", l.coins(r.Total, r.Currency), "server", server))
}

func (l *locale) refundedForAdmins(r outbox.Refunded) *discordgo.MessageEmbed {
	e := l.refunded(r, l.text("notice.refunded.admins", "member", l.somebody(r.Member), "item", quote(r.Item),
		"role", "<@&"+string(r.Role)+">", "total", l.coins(r.Total, r.Currency)))
	if reason := strings.TrimSpace(r.Reason); reason != "" {
		e.Fields = append(e.Fields, &discordgo.MessageEmbedField{Name: l.text("notice.refunded.reason"), Value: clip(quote(reason), 1000)})
	}
	e.Fields = append(e.Fields, &discordgo.MessageEmbedField{Name: l.text("notice.refunded.todo"), Value: l.text("notice.refunded.advice")})
	return e
}

func (l *locale) refunded(r outbox.Refunded, text string) *discordgo.MessageEmbed {
	e := card(l.text("notice.refunded.title"), text)
	e.Color = 0 // the accent is for good news
	e.Footer = footer(l.text("notice.refunded.purchase", "number", "#"+strconv.FormatInt(r.Purchase, 10)))
	return e
}
