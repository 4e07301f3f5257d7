package interactions

import (
	"context"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
)

// pageSize is how many rows a page of a leaderboard or a history has.
const pageSize = 10

func (b *bank) leaderboard(ctx context.Context, r *Request) (Reply, error) {
	m, err := b.leaderboardPage(ctx, r, 1)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// turnLeaderboard answers a button: leaderboard:owner:page:which.
func (b *bank) turnLeaderboard(ctx context.Context, r *Request) (Reply, error) {
	page, err := r.number(1)
	if err != nil || page > economy.ExactRanks/pageSize+1 {
		return nil, errUnknownComponent
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	m, err := b.leaderboardPage(ctx, r, int(page))
	if err != nil {
		return nil, err
	}
	return update(m), nil
}

func (b *bank) leaderboardPage(ctx context.Context, r *Request, page int) (message, error) {
	got, err := b.store.Leaderboard(ctx, economy.LeaderboardQuery{
		Guild: r.Guild, Viewer: r.Member, Page: page, Size: pageSize, At: r.At})
	if err != nil {
		return message{}, err
	}
	l := r.texts
	var lines strings.Builder
	for _, m := range got.Rows {
		lines.WriteString(l.place(m.Position) + " " + mention(m.Member) + " · **" + l.money(m.Balance, got.Currency) + "**\n")
	}
	if len(got.Rows) == 0 {
		lines.WriteString(l.text("leaderboard.empty"))
	}
	e := card(l.text("leaderboard.title"), lines.String())
	foot := l.text("leaderboard.page", "page", l.number(int64(page)))
	if rank := l.rank(got.Viewer.Rank); rank != "" {
		foot += " · " + l.text("leaderboard.you", "rank", rank,
			"balance", l.number(int64(got.Viewer.Balance)), "currency", plain(got.Currency.Name))
	}
	e.Footer = footer(foot)

	turn := func(label string, to int, which string, possible bool) discordgo.Button {
		return pageButton(label, possible, "leaderboard", string(r.Member.User), strconv.Itoa(max(1, to)), which)
	}
	return message{embed: e, rows: row(
		turn(l.text("leaderboard.first"), 1, "first", page > 1),
		turn(l.text("leaderboard.previous"), page-1, "previous", page > 1),
		turn(l.text("leaderboard.next"), page+1, "next", got.More),
	)}, nil
}

// place shows a position: a medal for the first three.
func (l *locale) place(position int) string {
	if position >= 1 && position <= 3 {
		return [...]string{"🥇", "🥈", "🥉"}[position-1]
	}
	return "`" + l.number(int64(position)) + ".`"
}

// pageButton turns a page; where there is none on that side, it is disabled.
func pageButton(label string, possible bool, name string, args ...string) discordgo.Button {
	return discordgo.Button{
		Label:    label,
		Style:    discordgo.SecondaryButton,
		Disabled: !possible,
		CustomID: customID(name, args...),
	}
}
