package interactions

import (
	"context"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
)

func (b *bank) give(ctx context.Context, r *Request) (Reply, error) {
	return b.adjust(ctx, r, economy.KindGive, "adjust.give")
}

func (b *bank) take(ctx context.Context, r *Request) (Reply, error) {
	return b.adjust(ctx, r, economy.KindTake, "adjust.take")
}

func (b *bank) set(ctx context.Context, r *Request) (Reply, error) {
	return b.adjust(ctx, r, economy.KindSet, "adjust.set")
}

func (b *bank) adjust(ctx context.Context, r *Request, kind economy.Kind, title string) (Reply, error) {
	whose, err := r.another("member")
	if err != nil {
		return nil, err
	}
	text, err := r.amount()
	if err != nil {
		return nil, err
	}
	reason, err := r.optional("reason")
	if err != nil {
		return nil, err
	}
	parse := economy.ParseAmount
	if kind == economy.KindSet {
		parse = economy.ParseBalance
	}
	amount, err := parse(text)
	if err != nil {
		return nil, err
	}
	adjustment, err := economy.NewAdjustment(r.write(r.ID), r.Member, whose, kind, amount, reason)
	if err != nil {
		return nil, err
	}
	got, err := b.store.Adjust(ctx, adjustment)
	if err != nil {
		return nil, err
	}
	l := r.texts
	if got.Transaction == 0 {
		return message{embed: card(l.text(title), l.text("adjust.same",
			"member", mention(whose.User), "balance", l.coins(got.After, got.Currency)))}, nil
	}
	e := card(l.text(title), l.text("adjust.body", "member", mention(whose.User),
		"change", l.change(got.After-got.Before, got.Currency),
		"before", l.money(got.Before, got.Currency), "after", l.coins(got.After, got.Currency))+quoted(reason))
	e.Footer = footer(l.text("transaction", "number", transaction(got.Transaction)))
	return message{embed: e, rows: row(undoButton(r, got.Transaction))}, nil
}

// undoButton takes back what the request has just done.
func undoButton(r *Request, id economy.TransactionID) discordgo.Button {
	return discordgo.Button{
		Style:    discordgo.DangerButton,
		Label:    r.texts.text("undo.button"),
		CustomID: customID("undo", r.ID, transaction(id)[1:]),
	}
}
