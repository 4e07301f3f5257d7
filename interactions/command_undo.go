package interactions

import (
	"context"
	"strconv"
	"strings"

	"coffer/internal/economy"
)

func (b *bank) undo(ctx context.Context, r *Request) (Reply, error) {
	text, err := r.required("transaction")
	if err != nil {
		return nil, err
	}
	reason, err := r.optional("reason")
	if err != nil {
		return nil, err
	}
	id, err := parseTransaction(text)
	if err != nil {
		return nil, err
	}
	m, err := b.reverse(ctx, r, r.ID, id, reason)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// pressUndo answers the button under an admin's change: undo:interaction:transaction.
// Its key is that interaction and what the button does, so two presses are one.
func (b *bank) pressUndo(ctx context.Context, r *Request) (Reply, error) {
	drawn, err := r.drawn(0)
	if err != nil {
		return nil, err
	}
	id, err := r.number(1)
	if err != nil {
		return nil, err
	}
	m, err := b.reverse(ctx, r, drawn+":undo", economy.TransactionID(id), "")
	if err != nil {
		return nil, err
	}
	return update(m), nil
}

func (b *bank) reverse(ctx context.Context, r *Request, key string, id economy.TransactionID, reason string) (message, error) {
	reversal, err := economy.NewReversal(r.write(key), r.Member, id, reason)
	if err != nil {
		return message{}, err
	}
	got, err := b.store.Reverse(ctx, reversal)
	if err != nil {
		return message{}, err
	}
	l := r.texts
	var text strings.Builder
	text.WriteString(l.text("undo.body", "original", transaction(got.Original), "kind", l.kind(got.Kind)))
	for _, leg := range got.Legs {
		text.WriteString("\n" + l.text("undo.leg", "member", l.somebody(leg.Member),
			"change", l.change(leg.Change, got.Currency), "balance", l.coins(leg.Balance, got.Currency)))
	}
	e := card(l.text("undo.title"), text.String()+quoted(reason))
	e.Footer = footer(l.text("transaction", "number", transaction(got.Transaction)))
	return message{embed: e}, nil
}

// parseTransaction reads "12" or "#12". Errors: errTransactionFormat.
func parseTransaction(text string) (economy.TransactionID, error) {
	text = strings.TrimPrefix(text, "#")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || !digits(text) {
		return 0, errTransactionFormat
	}
	return economy.TransactionID(n), nil
}

// undoable offers the newest transactions that can be undone: those whose number
// begins with what is typed so far, then those that contain it elsewhere.
func (b *bank) undoable(ctx context.Context, r *Request) (Reply, error) {
	all, err := b.store.Reversible(ctx, r.Guild, economy.MaxPage)
	if err != nil {
		return nil, err
	}
	typed := strings.ToLower(r.typed())
	var numbered, others choices
	for _, t := range all {
		offer := choice{r.texts.undoLabel(t), transaction(t.Transaction)[1:]}
		switch {
		case strings.HasPrefix(offer.Value, strings.TrimPrefix(typed, "#")):
			numbered = append(numbered, offer)
		case strings.Contains(strings.ToLower(offer.Name), typed):
			others = append(others, offer)
		}
	}
	return append(numbered, others...), nil
}

// undoLabel is a transaction on one line of plain text:
// "#12 · transfer · 500 · ada → bob · 2026-11-23 14:05".
func (l *locale) undoLabel(t economy.ReversibleTransaction) string {
	parts := []string{transaction(t.Transaction), l.kind(t.Kind), l.number(int64(t.Amount))}
	if who := strings.TrimSpace(clip(plain(t.From), 20) + " → " + clip(plain(t.To), 20)); who != "→" {
		parts = append(parts, who)
	}
	return clip(strings.Join(append(parts, t.At.UTC().Format("2006-01-02 15:04 UTC")), " · "), 100)
}
