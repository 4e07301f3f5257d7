package interactions

import (
	"context"
	"strings"

	"coffer/internal/shop"
)

func (b *bank) use(ctx context.Context, r *Request) (Reply, error) {
	id, err := r.item("item")
	if err != nil {
		return nil, err
	}
	got, err := b.store.Use(ctx, shop.Use{Request: r.write(r.ID), Member: r.Member, Item: id})
	if err != nil {
		return nil, err
	}
	l := r.texts
	text := strings.TrimSpace(lines(got.Message))
	if text == "" {
		text = l.text("use.body", "item", quote(got.Name))
	}
	e := card(l.text("use.title", "item", quote(got.Name)), text)
	e.Footer = footer(l.text("use.left", "n", l.number(got.Left)))
	return message{embed: e}, nil
}

// completeOwned offers what the member owns.
func (b *bank) completeOwned(ctx context.Context, r *Request) (Reply, error) {
	return b.completeNames(ctx, r, shop.NamesQuery{OwnedBy: r.Member.User, Limit: 25}, func(n shop.ItemName) string {
		return r.texts.text("use.owned", "n", r.texts.number(n.Owned))
	})
}
