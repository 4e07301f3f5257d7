package interactions

import (
	"context"
	"strings"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
)

func (b *bank) help(ctx context.Context, r *Request) (Reply, error) {
	s, err := b.store.Settings(ctx, r.Guild)
	if err != nil {
		return nil, err
	}
	l := r.texts
	var member, manager strings.Builder
	for _, c := range b.commands {
		list := &member
		if c.manager {
			list = &manager
		}
		list.WriteString("`/" + l.path(c.name) + "` · " + l.text("describe."+dotted(c.name)) + "\n")
	}
	e := card(l.text("help.title"), l.text("help.body",
		"symbol", symbol(s.Currency()), "currency", quote(s.CurrencyName))+"\n\n"+member.String())
	e.Fields = append(e.Fields, &discordgo.MessageEmbedField{Name: l.text("help.daily"), Value: l.daily(s)})
	m := message{embed: e}
	if r.managing || s.Administers(r.roles()) {
		m.more = append(m.more, card(l.text("help.manager"), manager.String()))
	}
	if b.dashboard != "" {
		m.rows = row(discordgo.Button{Style: discordgo.LinkButton, Label: l.text("help.dashboard"), URL: b.dashboard})
	}
	return m, nil
}

// daily says what a daily claim earns under the guild's settings.
func (l *locale) daily(s economy.Settings) string {
	text := l.text("help.reward", "amount", l.money(s.DailyAmount, s.Currency()))
	if s.StreakBonus > 0 && s.StreakCap > 0 {
		text += " " + l.text("help.bonus", "bonus", l.money(s.StreakBonus, s.Currency()),
			"most", l.money(s.Reward(s.StreakCap+1), s.Currency()))
	}
	return text
}
