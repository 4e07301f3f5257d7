package interactions

import (
	"context"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
	"coffer/internal/tasks"
)

func (b *bank) tasks(ctx context.Context, r *Request) (Reply, error) {
	return b.board(ctx, r, 1)
}

// turnTasks answers a button: tasks:owner:page.
func (b *bank) turnTasks(ctx context.Context, r *Request) (Reply, error) {
	page, err := r.page(1)
	if err != nil {
		return nil, err
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	return updated(b.board(ctx, r, page))
}

// board shows a page of the open tasks.
func (b *bank) board(ctx context.Context, r *Request, page int) (message, error) {
	got, err := b.store.OpenTasks(ctx, tasks.BoardQuery{Guild: r.Guild, Viewer: r.Member, Page: page, Size: shelf, At: r.At})
	if err != nil {
		return message{}, err
	}
	l := r.texts
	m := message{embed: card(l.text("tasks.title"), l.text("tasks.body"))}
	var options []discordgo.SelectMenuOption
	for _, line := range got.Lines {
		t := line.Task
		e := card(taskTitle(t.Title, t.ID), l.taskSummary(line, got.Currency))
		if t.Picture != "" {
			e.Thumbnail = &discordgo.MessageEmbedThumbnail{URL: t.Picture}
		}
		m.more = append(m.more, e)
		options = append(options, l.taskOption(t.ID, t.Title, t.Reward, got.Currency))
	}
	switch {
	case len(got.Lines) > 0:
		m.rows = append(m.rows, menu(customID("task", string(r.Member.User), "tasks", strconv.Itoa(page)), l.text("tasks.pick"), options))
	case page > 1:
		m.embed.Description = l.text("shop.empty_page")
	case r.managing:
		m.embed.Description = l.text("tasks.empty_manager")
	default:
		m.embed.Description = l.text("tasks.empty")
	}
	return r.paged(m, "tasks", page, got.More, r.toClaims()), nil
}

// turnClaims answers a button: claims:owner:page.
func (b *bank) turnClaims(ctx context.Context, r *Request) (Reply, error) {
	page, err := r.page(1)
	if err != nil {
		return nil, err
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	return updated(b.claims(ctx, r, page))
}

// claims shows a page of the viewer's claims.
func (b *bank) claims(ctx context.Context, r *Request, page int) (message, error) {
	got, err := b.store.Claims(ctx, tasks.ClaimsQuery{Guild: r.Guild, Viewer: r.Member, Page: page, Size: shelf, At: r.At})
	if err != nil {
		return message{}, err
	}
	l := r.texts
	var text strings.Builder
	var options []discordgo.SelectMenuOption
	listed := map[tasks.TaskID]bool{} // one may claim a task every day
	for _, c := range got.Claims {
		text.WriteString(l.claimLine(c, got.Currency) + "\n\n")
		if !listed[c.Task] {
			options = append(options, l.taskOption(c.Task, c.Title, c.Reward, got.Currency))
			listed[c.Task] = true
		}
	}
	m := message{embed: card(l.text("claims.title"), text.String())}
	switch {
	case len(got.Claims) > 0:
		m.rows = append(m.rows, menu(customID("task", string(r.Member.User), "claims", strconv.Itoa(page)), l.text("tasks.pick"), options))
	case page > 1:
		m.embed.Description = l.text("shop.empty_page")
	default:
		m.embed.Description = l.text("claims.empty")
	}
	return r.paged(m, "claims", page, got.More, r.toTasks()), nil
}

// claimLine shows a claim: where it stands, what it was worth, and why it was rejected.
func (l *locale) claimLine(c tasks.Claim, currency economy.Currency) string {
	text := titled(c.Title, c.Task)
	if c.State != tasks.Approved { // then it is said what was paid
		text += " · " + l.money(c.Reward, currency)
	}
	return text + "\n" + l.claimState(c, currency) + quoted(clip(c.Reason, 100))
}

// taskOption is a task in a menu.
func (l *locale) taskOption(id tasks.TaskID, title string, reward economy.Amount, c economy.Currency) discordgo.SelectMenuOption {
	return discordgo.SelectMenuOption{Label: taskLabel(title, id, 100), Value: taskNumber(id),
		Description: clip(l.number(int64(reward))+" "+plain(c.Name), 100)}
}

// paged adds the buttons of a page, and one that leads elsewhere.
func (r *Request) paged(m message, name string, page int, more bool, elsewhere discordgo.Button) message {
	l, buttons := r.texts, []discordgo.MessageComponent{elsewhere}
	if page > 1 || more {
		m.embed.Footer = footer(l.text("shop.page", "page", l.number(int64(page))))
		buttons = []discordgo.MessageComponent{
			pageButton(l.text("shop.previous"), page > 1, name, string(r.Member.User), strconv.Itoa(page-1)),
			pageButton(l.text("shop.next"), more && page < maxShelf, name, string(r.Member.User), strconv.Itoa(page+1)),
			elsewhere,
		}
	}
	m.rows = append(m.rows, row(buttons...)...)
	return m
}

// page returns an argument that is a page's number. Errors: errUnknownComponent.
func (r *Request) page(i int) (int, error) {
	page, err := r.number(i)
	if err != nil || page > maxShelf {
		return 0, errUnknownComponent
	}
	return int(page), nil
}

// toTasks leads to the first page of the board.
func (r *Request) toTasks() discordgo.Button {
	return discordgo.Button{Style: discordgo.SecondaryButton, Label: r.texts.text("tasks.to_tasks"),
		CustomID: customID("tasks", string(r.Member.User), "1")}
}

// toClaims leads to the first page of the viewer's claims.
func (r *Request) toClaims() discordgo.Button {
	return discordgo.Button{Style: discordgo.SecondaryButton, Label: r.texts.text("tasks.to_claims"),
		CustomID: customID("claims", string(r.Member.User), "1")}
}
