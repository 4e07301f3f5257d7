package interactions

import (
	"context"
	"strconv"
	"strings"

	"coffer/internal/economy"
)

// shownNote is how much of a note stands in a line of a history.
const shownNote = 60

func (b *bank) history(ctx context.Context, r *Request) (Reply, error) {
	whose, err := r.wallet("member")
	if err != nil {
		return nil, err
	}
	m, err := b.historyPage(ctx, r, economy.HistoryQuery{Member: whose})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// turnHistory answers a button: history:owner:member:older|newer:transaction.
func (b *bank) turnHistory(ctx context.Context, r *Request) (Reply, error) {
	if err := r.owned(0); err != nil {
		return nil, err
	}
	from, err := r.number(3)
	if err != nil || !snowflake(r.arg(1)) {
		return nil, errUnknownComponent
	}
	q := economy.HistoryQuery{Member: economy.Person{User: economy.UserID(r.arg(1))}, Turned: true}
	switch r.arg(2) {
	case "older":
		q.Before = economy.TransactionID(from)
	case "newer":
		q.After = economy.TransactionID(from)
	default:
		return nil, errUnknownComponent
	}
	m, err := b.historyPage(ctx, r, q)
	if err != nil {
		return nil, err
	}
	return update(m), nil
}

func (b *bank) historyPage(ctx context.Context, r *Request, q economy.HistoryQuery) (message, error) {
	q.Guild, q.Viewer, q.Size, q.At = r.Guild, r.Member, pageSize, r.At
	got, err := b.store.History(ctx, q)
	if err != nil {
		return message{}, err
	}
	l := r.texts
	var text strings.Builder
	text.WriteString(l.text("history.body", "member", mention(q.Member.User), "balance", l.coins(got.Balance, got.Currency)))
	text.WriteString("\n\n")
	for _, line := range got.Lines {
		text.WriteString(l.historyLine(line, got.Currency) + "\n")
	}
	if len(got.Lines) == 0 {
		text.WriteString(l.text("history.empty"))
		return message{embed: card(l.text("history.title"), text.String())}, nil
	}
	m := message{embed: card(l.text("history.title"), text.String())}
	if got.Newer || got.Older {
		newest, oldest := got.Lines[0].Transaction, got.Lines[len(got.Lines)-1].Transaction
		owner, member := string(r.Member.User), string(q.Member.User)
		m.rows = row(
			pageButton(l.text("history.newer"), got.Newer, "history", owner, member, "newer", strconv.FormatInt(int64(newest), 10)),
			pageButton(l.text("history.older"), got.Older, "history", owner, member, "older", strconv.FormatInt(int64(oldest), 10)),
		)
	}
	return m, nil
}

// historyLine shows one entry: number, change, what it was, who, why and when.
func (l *locale) historyLine(line economy.HistoryLine, c economy.Currency) string {
	var b strings.Builder
	b.WriteString("**" + l.change(line.Amount, c) + "** · " + l.kind(line.Kind))
	if line.Reverses != 0 {
		b.WriteString(" " + l.text("history.reverses", "number", transaction(line.Reverses)))
	}
	if line.Counterparty != "" {
		key := "history.from"
		if line.Amount < 0 {
			key = "history.to"
		}
		b.WriteString(" " + l.text(key, "member", mention(line.Counterparty)))
	}
	if note := quote(clip(line.Note, shownNote)); note != "" {
		b.WriteString(" · " + note)
	}
	what := "`" + transaction(line.Transaction) + "` "
	if line.ReversedBy != 0 {
		what += "~~" + b.String() + "~~ · " + l.text("history.reversed", "number", transaction(line.ReversedBy))
	} else {
		what += b.String()
	}
	return what + " · " + relative(line.At)
}

// kind names a kind of transaction.
func (l *locale) kind(k economy.Kind) string {
	key := "kind." + string(k)
	if _, known := l.texts[key]; !known {
		return l.text("kind.other")
	}
	return l.text(key)
}
