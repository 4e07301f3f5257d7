package interactions

import (
	"context"

	"coffer/internal/economy"
)

func (b *bank) pay(ctx context.Context, r *Request) (Reply, error) {
	to, err := r.another("member")
	if err != nil {
		return nil, err
	}
	text, err := r.amount()
	if err != nil {
		return nil, err
	}
	note, err := r.optional("note")
	if err != nil {
		return nil, err
	}
	quantity, err := economy.ParseQuantity(text)
	if err != nil {
		return nil, err
	}
	transfer, err := economy.NewTransfer(r.write(r.ID), r.Member, to, quantity, note)
	if err != nil {
		return nil, err
	}
	paid, err := b.store.Transfer(ctx, transfer)
	if err != nil {
		return nil, err
	}
	l := r.texts
	e := card(l.text("pay.title"), l.text("pay.body", "from", mention(r.Member.User),
		"to", mention(to.User), "amount", l.coins(paid.Amount, paid.Currency))+quoted(note))
	e.Footer = footer(l.text("transaction", "number", transaction(paid.Transaction)))
	return message{embed: e}, nil
}

// quoted is a note on a line of its own, or nothing.
func quoted(note string) string {
	if note = quote(note); note == "" {
		return ""
	}
	return "\n> " + note
}
