package interactions

import (
	"context"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
)

func (b *bank) daily(ctx context.Context, r *Request) (Reply, error) {
	claim, err := economy.NewDailyClaim(r.write(r.ID), r.Member)
	if err != nil {
		return nil, err
	}
	got, err := b.store.ClaimDaily(ctx, claim)
	if err != nil {
		return nil, err
	}
	l := r.texts
	e := card(l.text("daily.title"), l.text("daily.body",
		"member", mention(r.Member.User), "reward", l.change(got.Reward, got.Currency)))
	e.Fields = []*discordgo.MessageEmbedField{
		field(l.text("daily.streak"), l.days(got.Streak)),
		field(l.text("daily.balance"), l.coins(got.Balance, got.Currency)),
		field(l.text("daily.next"), relative(got.NextDaily)),
	}
	if got.Bonus > 0 {
		e.Description += "\n" + l.text("daily.bonus", "bonus", l.money(got.Bonus, got.Currency))
	}
	return message{embed: e}, nil
}
