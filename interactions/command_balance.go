package interactions

import (
	"context"
	"strconv"

	"coffer/internal/economy"
)

func (b *bank) balance(ctx context.Context, r *Request) (Reply, error) {
	whose, err := r.wallet("member")
	if err != nil {
		return nil, err
	}
	w, err := b.store.Wallet(ctx, economy.WalletQuery{Guild: r.Guild, Viewer: r.Member, Member: whose, At: r.At})
	if err != nil {
		return nil, err
	}
	l := r.texts
	next := l.text("balance.now")
	if !w.NextDaily.IsZero() {
		next = relative(w.NextDaily)
	}
	e := card(l.text("balance.title"), l.text("balance.body",
		"member", mention(whose.User), "balance", l.money(w.Balance, w.Currency), "currency", quote(w.Currency.Name)))
	if rank := l.rank(w.Rank); rank != "" {
		e.Fields = append(e.Fields, field(l.text("balance.rank"), rank))
	}
	e.Fields = append(e.Fields,
		field(l.text("balance.streak"), l.days(w.Streak)),
		field(l.text("balance.next"), next))
	return message{embed: e}, nil
}

// rank says a member's place; nothing where it is not known.
func (l *locale) rank(r economy.Rank) string {
	switch {
	case r.Position > 0:
		return l.text("rank.position", "position", l.number(int64(r.Position)))
	case r.TopPercent > 0:
		return l.text("rank.percent", "percent", strconv.Itoa(r.TopPercent))
	}
	return ""
}
