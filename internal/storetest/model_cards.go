package storetest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/tasks"
)

// card is a message that is kept to its subject's state.
type card struct {
	channel economy.ChannelID
	message string // empty: not posted yet
}

// wantCard has a subject shown in a channel, if there is one.
func (g *guild) wantCard(subject string, in economy.ChannelID) {
	if in != "" && g.cards[subject].message == "" {
		g.cards[subject] = card{channel: in}
	}
}

// deliverCard has a subject's card, if there is one, show what is so now.
func (g *guild) deliverCard(subject string, at time.Time) {
	if _, shown := g.cards[subject]; !shown {
		return
	}
	i := slices.IndexFunc(g.deliveries, func(d delivery) bool {
		return d.Kind == outbox.Card && d.Subject == subject && d.State != outbox.Done
	})
	if i < 0 {
		kind, _, _ := strings.Cut(subject, ":")
		g.deliver(delivery{Delivery: outbox.Delivery{Kind: outbox.Card, Subject: subject}, notice: outbox.Notice{Name: kind}}, at)
		return
	}
	g.deliveries[i].join()
}

// join has a delivery that is not done tried again for another cause.
func (d *delivery) join() {
	d.State, d.Attempts, d.joined = outbox.Waiting, 0, true
	if !d.leased {
		d.Due = due
	}
}

// compose returns what a card is to show.
func (g *guild) compose(about string) outbox.Notice {
	kind, number, _ := strings.Cut(about, ":")
	id := must(strconv.ParseInt(number, 10, 64))
	var args any
	if kind == "task" {
		t := *g.task(tasks.TaskID(id))
		args = tasks.TaskCard{Task: t, Left: g.free(t, time.Time{}), Currency: g.settings.Currency()}
	} else {
		i := slices.IndexFunc(g.submissions, func(s submission) bool { return int64(s.ID) == id })
		args = tasks.ReviewCard{Submission: g.seenSubmission(g.submissions[i]), Currency: g.settings.Currency()}
	}
	return outbox.Notice{Name: kind, Args: must(json.Marshal(args))}
}

// posted gives a card that has no message the one that was posted for it, and the
// channel where that was.
func (g *guild) posted(l outbox.Lease, message string) {
	if c, shown := g.cards[l.Subject]; shown && l.Kind == outbox.Card && c.message == "" && message != "" {
		g.cards[l.Subject] = card{l.Channel, message}
	}
}
