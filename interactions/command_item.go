package interactions

import (
	"context"
	"strconv"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/problem"
	"coffer/internal/shop"
)

// pickItem answers the menu of a page of the shop: item:tag:page:category.
func (b *bank) pickItem(ctx context.Context, r *Request) (Reply, error) {
	page, err := r.number(1)
	if err != nil || page > maxShelf || !storable(r.rest(2), shop.MaxCategory) {
		return nil, errUnknownComponent
	}
	value, err := r.chosen()
	if err != nil {
		return nil, err
	}
	id, ok := parseItem(value)
	if !ok {
		return nil, errUnknownComponent
	}
	if err := r.ownedByTag(0); err != nil {
		return nil, err
	}
	o, err := b.store.Offer(ctx, shop.OfferQuery{Guild: r.Guild, Viewer: r.Member, Item: id, At: r.At})
	if err != nil {
		return nil, err
	}
	back := customID("shop", r.args...)
	return update{embed: r.itemCard(o), rows: r.itemRows(o, back)}, nil
}

// itemCard shows all of an item, as it is for the viewer.
func (r *Request) itemCard(o shop.Offer) *discordgo.MessageEmbed {
	l, i := r.texts, o.Item
	e := card(itemTitle(i), lines(i.Description))
	if i.Picture != "" {
		e.Image = &discordgo.MessageEmbedImage{URL: i.Picture}
	}
	add := func(label, value string) {
		if value != "" {
			e.Fields = append(e.Fields, field(label, value))
		}
	}
	add(l.text("item.price"), l.coins(i.Price, o.Currency))
	add(l.text("item.stock"), l.stock(i.Stock))
	add(l.text("item.gives"), l.gives(i.Terms))
	if o.Owned > 0 {
		add(l.text("item.owned"), l.number(o.Owned))
	}
	if !i.Until.IsZero() {
		add(l.text("item.until"), when(i.Until))
	}
	add(l.text("item.requirements"), l.requirements(o, r.roles()))
	if err := obstacle(o, r.roles(), 1, r.At); err != nil {
		e.Fields = append(e.Fields, &discordgo.MessageEmbedField{Name: l.text("item.not_now"), Value: l.problem(problem.Of(err))})
	}
	e.Footer = footer(l.text("item.balance", "balance", l.number(int64(o.Balance)), "currency", plain(o.Currency.Name)))
	return e
}

func (r *Request) itemRows(o shop.Offer, back string) []discordgo.MessageComponent {
	return row(
		discordgo.Button{Style: discordgo.SuccessButton, Label: r.texts.text("item.buy"),
			Disabled: obstacle(o, r.roles(), 1, r.At) != nil, CustomID: r.buyID(o.Item.ID, 1)},
		discordgo.Button{Style: discordgo.SecondaryButton, Label: r.texts.text("item.back"), CustomID: back},
	)
}

// toShop leads to the first page of the shop.
func (r *Request) toShop() discordgo.Button {
	return discordgo.Button{Style: discordgo.SecondaryButton, Label: r.texts.text("item.to_shop"),
		CustomID: customID("shop", tag(r.Member.User), "1", "")}
}

// parseItem reads an item's number, as a menu or a completion gives it.
func parseItem(text string) (shop.ItemID, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return shop.ItemID(n), err == nil && n > 0 && digits(text)
}

// item returns the item that an option names, for what needs its number: it must
// have been picked from the list. Errors: errMalformed, errPickItem.
func (r *Request) item(name string) (shop.ItemID, error) {
	text, err := r.required(name)
	if err != nil {
		return 0, err
	}
	id, ok := parseItem(text)
	if !ok {
		return 0, errPickItem
	}
	return id, nil
}

// offered returns the item that an option names: by its number, as picked from the
// list, or by its whole name. Errors: errMalformed, shop.ErrUnknownItem.
func (r *Request) offered(name string) (shop.OfferQuery, error) {
	q := shop.OfferQuery{Guild: r.Guild, Viewer: r.Member, At: r.At}
	text, err := r.required(name)
	if err != nil {
		return q, err
	}
	id, ok := parseItem(text)
	switch {
	case ok:
		q.Item = id
	case text == "" || !storable(text, shop.MaxName):
		return q, shop.ErrUnknownItem
	default:
		q.Name = text
	}
	return q, nil
}

// completeItem offers what is on sale.
func (b *bank) completeItem(ctx context.Context, r *Request) (Reply, error) {
	return b.completeNames(ctx, r, shop.NamesQuery{Limit: 25}, func(n shop.ItemName) string {
		return r.texts.number(int64(n.Price))
	})
}

// completeAnyItem offers what an admin can change: on sale, not yet or not any more.
func (b *bank) completeAnyItem(ctx context.Context, r *Request) (Reply, error) {
	return b.completeNames(ctx, r, shop.NamesQuery{Unsold: true, Limit: 25}, func(n shop.ItemName) string {
		return r.texts.number(int64(n.Price))
	})
}

// completeNames offers items by what is typed so far of their names, each with a
// remark.
func (b *bank) completeNames(ctx context.Context, r *Request, q shop.NamesQuery, remark func(shop.ItemName) string) (Reply, error) {
	q.Guild, q.Text, q.At = r.Guild, r.typed(), r.At
	if !storable(q.Text, shop.MaxName) {
		return choices{}, nil
	}
	names, err := b.store.ItemNames(ctx, q)
	if err != nil {
		return nil, err
	}
	var found choices
	for _, n := range names {
		text := remark(n)
		found = append(found, choice{itemLabel(n.Name, n.ID, 100-3-width(text)) + " · " + text, strconv.FormatInt(int64(n.ID), 10)})
	}
	return found, nil
}
