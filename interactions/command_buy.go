package interactions

import (
	"context"
	"errors"
	"strconv"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/shop"
)

func (b *bank) buy(ctx context.Context, r *Request) (Reply, error) {
	q, err := r.offered("item")
	if err != nil {
		return nil, err
	}
	quantity, given, err := r.integer("quantity")
	if err != nil {
		return nil, err
	}
	if !given {
		quantity = 1
	}
	return b.confirmation(ctx, r, q, quantity)
}

// pressBuy answers a button: buy:owner:item:quantity.
func (b *bank) pressBuy(ctx context.Context, r *Request) (Reply, error) {
	id, err := r.number(1)
	if err != nil {
		return nil, err
	}
	quantity, err := r.number(2)
	if err != nil {
		return nil, err
	}
	if err := r.owned(0); err != nil {
		return nil, err
	}
	return updated(b.confirmation(ctx, r, shop.OfferQuery{Guild: r.Guild, Viewer: r.Member, Item: shop.ItemID(id), At: r.At}, quantity))
}

// confirmation shows what a purchase would cost and asks for it.
func (b *bank) confirmation(ctx context.Context, r *Request, q shop.OfferQuery, quantity int64) (message, error) {
	if quantity < 1 || quantity > shop.MaxQuantity {
		return message{}, shop.ErrQuantity
	}
	o, err := b.store.Offer(ctx, q)
	if err != nil {
		return message{}, err
	}
	l, total := r.texts, o.Item.Price*economy.Amount(quantity)
	refusal := obstacle(o, r.roles(), quantity, r.At)
	text := l.text("confirm.body", "quantity", l.number(quantity), "price", l.money(o.Item.Price, o.Currency),
		"total", l.coins(total, o.Currency))
	if refusal == nil {
		text += "\n" + l.text("confirm.balance", "before", l.money(o.Balance, o.Currency), "after", l.money(o.Balance-total, o.Currency))
	} else {
		text += "\n\n" + l.problem(problem.Of(refusal))
	}
	e := card(l.text("confirm.title", "item", itemTitle(o.Item)), text)
	if o.Item.Picture != "" {
		e.Thumbnail = &discordgo.MessageEmbedThumbnail{URL: o.Item.Picture}
	}
	if refusal == nil {
		e.Footer = footer(l.text("confirm.expiry"))
	}
	return message{embed: e, rows: row(
		r.confirmButton(o.Item.ID, quantity, o.Item.Price, refusal == nil), r.cancelButton())}, nil
}

// pressConfirm answers a button: confirm:owner:interaction:item:quantity:price. Its
// key is the interaction that drew it and what it does, so two presses are one
// purchase. What is bought is what was shown: at another price there is none.
func (b *bank) pressConfirm(ctx context.Context, r *Request) (Reply, error) {
	if err := r.owned(0); err != nil {
		return nil, err
	}
	drawn, err := r.drawn(1)
	if errors.Is(err, errExpired) {
		return nil, errOfferExpired
	} else if err != nil {
		return nil, err
	}
	item, errItem := r.number(2)
	quantity, errQuantity := r.number(3)
	price, errPrice := r.number(4)
	if err := errors.Join(errItem, errQuantity, errPrice); err != nil {
		return nil, errUnknownComponent
	}
	purchase, err := shop.NewPurchase(r.write(drawn+":buy"), r.Member, r.roles(), shop.ItemID(item), quantity, economy.Amount(price))
	if err != nil {
		return nil, err
	}
	got, err := b.store.Purchase(ctx, purchase)
	if errors.Is(err, shop.ErrPriceChanged) {
		return updated(r.reconfirmation(purchase, problem.Of(err)))
	}
	if err != nil {
		return nil, err
	}
	return update(r.receipt(got)), nil
}

// reconfirmation asks again, at the price that the store has told, under a new key.
// The name and the balance are behind a button: the store has been asked once.
func (r *Request) reconfirmation(p shop.Purchase, changed *problem.Error) (message, error) {
	price, ok := changed.Args["price"].(economy.Amount)
	if !ok {
		return message{}, changed
	}
	l := r.texts
	e := card(l.text("confirm.changed"), l.text("confirm.new_price", "quantity", l.number(p.Quantity),
		"before", l.number(int64(p.Price)), "price", l.number(int64(price)), "total", l.number(int64(price)*p.Quantity)))
	e.Footer = footer(l.text("confirm.expiry"))
	return message{embed: e, rows: row(
		r.confirmButton(p.Item, p.Quantity, price, true),
		discordgo.Button{Style: discordgo.PrimaryButton, Label: l.text("confirm.details"), CustomID: r.buyID(p.Item, p.Quantity)},
		r.cancelButton())}, nil
}

// receipt says what was bought.
func (r *Request) receipt(got shop.PurchaseReceipt) message {
	l := r.texts
	e := card(l.text("bought.title"), l.text("bought.body", "quantity", l.number(got.Quantity),
		"item", quote(got.Name), "total", l.coins(got.Total, got.Currency)))
	if got.Role != "" {
		until := l.text("bought.for_ever")
		if !got.RoleUntil.IsZero() {
			until = l.text("bought.until", "time", when(got.RoleUntil))
		}
		e.Description += "\n" + l.text("bought.role", "role", mentionRole(got.Role), "until", until)
	}
	e.Fields = append(e.Fields, field(l.text("bought.balance"), l.money(got.Balance, got.Currency)),
		field(l.text("bought.owned"), l.number(got.Owned)))
	e.Footer = footer(l.text("bought.purchase", "purchase", got.Purchase.String(), "transaction", transaction(got.Transaction)))
	return message{embed: e, rows: row(r.toShop())}
}

// pressCancel answers a button: cancel:owner. It needs nothing of the store.
func (b *bank) pressCancel(_ context.Context, r *Request) (Reply, error) {
	if err := r.owned(0); err != nil {
		return nil, err
	}
	return update{embed: card("", r.texts.text("confirm.cancelled")), rows: row(r.toShop())}, nil
}

func (r *Request) buyID(id shop.ItemID, quantity int64) string {
	return customID("buy", string(r.Member.User), strconv.FormatInt(int64(id), 10), strconv.FormatInt(quantity, 10))
}

func (r *Request) confirmButton(id shop.ItemID, quantity int64, price economy.Amount, possible bool) discordgo.Button {
	return discordgo.Button{Style: discordgo.SuccessButton, Label: r.texts.text("confirm.button"), Disabled: !possible,
		CustomID: customID("confirm", string(r.Member.User), r.ID, strconv.FormatInt(int64(id), 10),
			strconv.FormatInt(quantity, 10), strconv.FormatInt(int64(price), 10))}
}

func (r *Request) cancelButton() discordgo.Button {
	return discordgo.Button{Style: discordgo.SecondaryButton, Label: r.texts.text("confirm.cancel"),
		CustomID: customID("cancel", string(r.Member.User))}
}
