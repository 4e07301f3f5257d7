package interactions

import (
	"context"
	"errors"
	"math"
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
	return r.confirm(o, quantity, ""), nil
}

// confirm shows what somebody would pay for what, below a remark.
func (r *Request) confirm(o shop.Offer, quantity int64, remark string) message {
	l, total := r.texts, o.Item.Price*economy.Amount(quantity)
	refusal := obstacle(o, r.roles(), quantity, r.At)
	text := remark + l.text("confirm.body", "quantity", l.number(quantity), "price", l.money(o.Item.Price, o.Currency),
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
	all := o.Item.Terms
	all.RoleHours *= int(quantity)
	addField(e, l.text("item.gives"), l.gives(all))
	if refusal == nil {
		e.Footer = footer(l.text("confirm.expiry"))
	}
	return message{embed: e, rows: row(r.confirmButton(o.Item, quantity, refusal == nil), r.cancelButton())}
}

// pressConfirm answers a button: confirm:owner:interaction:item:quantity:price:version.
// Its key is the interaction that drew it and what it does, so two presses are one
// purchase. What is bought is what was shown: of another version there is none. Buttons
// from before have none, and hold to the price alone.
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
	var version int64
	if r.arg(5) != "" {
		if version, err = r.number(5); err != nil || version > math.MaxInt32 {
			return nil, errUnknownComponent
		}
	}
	purchase, err := shop.NewPurchase(r.write(drawn+":buy"), r.Member, r.roles(), shop.ItemID(item), quantity, economy.Amount(price))
	if err != nil {
		return nil, err
	}
	purchase.Version = int(version)
	got, err := b.store.Purchase(ctx, purchase)
	if errors.Is(err, shop.ErrItemChanged) {
		return updated(r.reconfirmation(purchase, problem.Of(err)))
	}
	if err != nil {
		return nil, err
	}
	return update(r.receipt(got)), nil
}

// reconfirmation asks again for what the item is by now, as the store has told, under a
// new key. How many the member has bought before it has not: should he want more than he
// may have, the next answer says so.
func (r *Request) reconfirmation(p shop.Purchase, changed *problem.Error) (message, error) {
	item, told := changed.Args["item"].(shop.Item)
	balance, _ := changed.Args["balance"].(economy.Amount)
	currency, _ := changed.Args["currency"].(economy.Currency)
	if !told {
		return message{}, changed
	}
	return r.confirm(shop.Offer{Item: item, Balance: balance, Currency: currency}, p.Quantity, r.texts.text("confirm.changed")+"\n\n"), nil
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

func (r *Request) confirmButton(i shop.Item, quantity int64, possible bool) discordgo.Button {
	return discordgo.Button{Style: discordgo.SuccessButton, Label: r.texts.text("confirm.button"), Disabled: !possible,
		CustomID: customID("confirm", string(r.Member.User), r.ID, strconv.FormatInt(int64(i.ID), 10),
			strconv.FormatInt(quantity, 10), strconv.FormatInt(int64(i.Price), 10), strconv.Itoa(i.Version))}
}

func (r *Request) cancelButton() discordgo.Button {
	return discordgo.Button{Style: discordgo.SecondaryButton, Label: r.texts.text("confirm.cancel"),
		CustomID: customID("cancel", string(r.Member.User))}
}
