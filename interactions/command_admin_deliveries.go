package interactions

import (
	"context"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/outbox"
)

func (b *bank) deliveries(ctx context.Context, r *Request) (Reply, error) {
	return b.deliveryPage(ctx, r, 0)
}

// turnDeliveries answers a button: deliveries:owner:newest|older:delivery.
func (b *bank) turnDeliveries(ctx context.Context, r *Request) (Reply, error) {
	var before int64
	if r.arg(1) != "newest" {
		from, err := r.number(2)
		if err != nil || r.arg(1) != "older" {
			return nil, errUnknownComponent
		}
		before = from
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	return updated(b.deliveryPage(ctx, r, before))
}

// deliveryPage shows deliveries that wait or have failed.
func (b *bank) deliveryPage(ctx context.Context, r *Request, before int64) (message, error) {
	got, err := b.store.Deliveries(ctx, r.Guild, before, pageSize+1)
	if err != nil {
		return message{}, err
	}
	l, more := r.texts, len(got) > pageSize
	got = got[:min(len(got), pageSize)]
	if len(got) == 0 && before == 0 {
		return message{embed: card(l.text("deliveries.title"), l.text("deliveries.empty"))}, nil
	}
	var text strings.Builder
	var options []discordgo.SelectMenuOption
	for _, d := range got {
		text.WriteString(l.deliveryLine(d) + "\n")
		options = append(options, discordgo.SelectMenuOption{Label: deliveryNumber(d.ID), Value: strconv.FormatInt(d.ID, 10),
			Description: clip(plain(d.Error), 100)})
	}
	if len(got) == 0 {
		text.WriteString(l.text("deliveries.end"))
	}
	m := message{embed: card(l.text("deliveries.title"), text.String())}
	if len(got) > 0 {
		m.rows = append(m.rows, menu(customID("retry", string(r.Member.User)), l.text("deliveries.retry"), options))
	}
	var last int64
	if more {
		last = got[len(got)-1].ID
	}
	if before > 0 || more {
		m.rows = append(m.rows, row(
			pageButton(l.text("deliveries.newest"), before > 0, "deliveries", string(r.Member.User), "newest"),
			pageButton(l.text("history.older"), more, "deliveries", string(r.Member.User), "older", strconv.FormatInt(last, 10)))...)
	}
	return m, nil
}

// pickRetry answers the menu of deliveries: retry:owner.
func (b *bank) pickRetry(ctx context.Context, r *Request) (Reply, error) {
	value, err := r.chosen()
	if err != nil {
		return nil, err
	}
	id, err := strconv.ParseInt(value, 10, 64)
	if err != nil || id < 1 || !digits(value) {
		return nil, errUnknownComponent
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	there, err := b.store.RetryDelivery(ctx, r.Guild, id)
	if err != nil {
		return nil, err
	}
	l := r.texts
	e := card(l.text("deliveries.title"), l.text("deliveries.retried", "number", deliveryNumber(id)))
	if !there {
		e.Description = l.text("deliveries.gone", "number", deliveryNumber(id))
	}
	return update{embed: e, rows: row(pageButton(l.text("deliveries.back"), true, "deliveries", string(r.Member.User), "newest"))}, nil
}

// deliveryLine shows a delivery: what it does for whom, how far it is, and why not further.
func (l *locale) deliveryLine(d outbox.Delivery) string {
	attempts := ""
	switch {
	case d.Attempts == 1:
		attempts = l.text("deliveries.attempt")
	case d.Attempts > 1:
		attempts = l.text("deliveries.attempts", "n", l.number(int64(d.Attempts)))
	}
	state := l.text("deliveries.failed")
	if d.State == outbox.Waiting {
		state = l.text("deliveries.waiting", "time", relative(d.Due))
	}
	return "`" + deliveryNumber(d.ID) + "` " + joined([]string{l.delivers(d), "**" + state + "**", attempts}) + quoted(clip(d.Error, 120))
}

// delivers says what a delivery does, for whom or where.
func (l *locale) delivers(d outbox.Delivery) string {
	task, isTask := strings.CutPrefix(d.Subject, "task:")
	submission, isSubmission := strings.CutPrefix(d.Subject, "submission:")
	switch {
	case d.Kind == outbox.Role:
		return l.text("deliveries.role", "role", mentionRole(d.Role), "member", l.somebody(d.User))
	case d.Kind == outbox.Direct:
		return l.text("deliveries.direct", "member", l.somebody(d.User))
	case d.Kind == outbox.Channel:
		return l.text("deliveries.channel", "channel", mentionChannel(d.Channel))
	case isTask:
		return l.text("deliveries.task", "number", quote(task), "channel", mentionChannel(d.Channel))
	case isSubmission:
		return l.text("deliveries.submission", "number", quote(submission), "channel", mentionChannel(d.Channel))
	}
	return quote(string(d.Kind))
}

func deliveryNumber(id int64) string { return "#" + strconv.FormatInt(id, 10) }
