package interactions

import (
	"context"
	"strconv"
	"strings"

	"coffer/internal/economy"
	"coffer/internal/shop"
)

func (b *bank) refund(ctx context.Context, r *Request) (Reply, error) {
	text, err := r.required("purchase")
	if err != nil {
		return nil, err
	}
	reason, err := r.optional("reason")
	if err != nil {
		return nil, err
	}
	text = strings.TrimPrefix(text, "#")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || !digits(text) {
		return nil, errPurchaseFormat
	}
	refund, err := shop.NewRefund(r.write(r.ID), r.Member, shop.PurchaseID(n), reason)
	if err != nil {
		return nil, err
	}
	got, err := b.store.Refund(ctx, refund)
	if err != nil {
		return nil, err
	}
	l := r.texts
	e := card(l.text("refund.title"), l.text("refund.body", "member", l.somebody(got.Member), "quantity", l.number(got.Quantity),
		"item", quote(got.Name), "total", l.coins(got.Total, got.Currency), "balance", l.money(got.Balance, got.Currency))+quoted(reason))
	e.Footer = footer(l.text("bought.purchase", "purchase", got.Purchase.String(), "transaction", transaction(got.Transaction)))
	return message{embed: e}, nil
}

// refundable offers the newest purchases that can be refunded: those whose number
// begins with what is typed so far, then those that contain it elsewhere.
func (b *bank) refundable(ctx context.Context, r *Request) (Reply, error) {
	all, err := b.store.Refundable(ctx, r.Guild, economy.MaxPage)
	if err != nil {
		return nil, err
	}
	typed := strings.ToLower(r.typed())
	var numbered, others choices
	for _, p := range all {
		offer := choice{r.texts.refundLabel(p), p.Purchase.String()[1:]}
		switch {
		case strings.HasPrefix(offer.Value, strings.TrimPrefix(typed, "#")):
			numbered = append(numbered, offer)
		case strings.Contains(strings.ToLower(offer.Name), typed):
			others = append(others, offer)
		}
	}
	return append(numbered, others...), nil
}

// refundLabel is a purchase on one line of plain text:
// "#12 · 2 × Sword · 100 · ada · 2026-11-23 14:05 UTC".
func (l *locale) refundLabel(p shop.RefundablePurchase) string {
	return clip(joined([]string{
		p.Purchase.String(), l.number(p.Quantity) + " × " + clip(plain(p.Item), 30), l.number(int64(p.Total)),
		clip(plain(p.Buyer), 20), p.At.UTC().Format("2006-01-02 15:04 UTC")}), 100)
}
