package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/problem"
)

// lens shows a guild with its transactions and members numbered from 1 in the
// order of their events, so that two stores' answers can be compared.
type lens struct {
	guild        economy.GuildID
	last         int64 // the newest event seen
	transactions []economy.TransactionID
	numbers      map[economy.TransactionID]economy.TransactionID
	members      map[int64]int64
}

func newLens(guild economy.GuildID) *lens {
	return &lens{guild: guild, numbers: map[economy.TransactionID]economy.TransactionID{0: 0}, members: map[int64]int64{0: 0}}
}

// id returns the store's own id of the n-th transaction, and one that does not
// exist for any other n.
func (l *lens) id(n int) economy.TransactionID {
	if n < 0 || n >= len(l.transactions) {
		return 1 << 40
	}
	return l.transactions[n]
}

// told is an event with numbers instead of ids.
type told struct {
	Actor         int64
	Kind, Subject string
	Before, After any
	At            time.Time
}

// look reads the new events.
func (l *lens) look(ctx context.Context, store events.Reader) ([]told, error) {
	list, err := allEvents(ctx, store, l.guild, l.last)
	if err != nil {
		return nil, err
	}
	var news []told
	for _, e := range list {
		l.last = e.ID
		kind, id, _ := strings.Cut(e.Subject, ":")
		n, err := strconv.ParseInt(id, 10, 64)
		switch {
		case e.Guild != string(l.guild) || err != nil && e.Subject != "guild":
			return nil, fmt.Errorf("event %+v", e)
		case kind == "member":
			l.members[n] = int64(len(l.members))
			e.Subject = subject(kind, l.members[n])
		case kind == "transaction":
			l.transactions = append(l.transactions, economy.TransactionID(n))
			l.numbers[economy.TransactionID(n)] = economy.TransactionID(len(l.transactions))
			e.Subject = subject(kind, int64(len(l.transactions)))
		}
		actor, known := l.members[e.Actor]
		if !known {
			return nil, fmt.Errorf("unknown actor in event %+v", e)
		}
		before, err1 := l.document(e.Before)
		after, err2 := l.document(e.After)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("event %+v: %w", e, err)
		}
		news = append(news, told{actor, e.Kind, e.Subject, before, after, e.At})
	}
	return news, nil
}

// document reads what was before or after, with members by number.
func (l *lens) document(raw json.RawMessage) (any, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil || doc == nil {
		return nil, err
	}
	held, ok := doc["balances"].(map[string]any)
	if !ok {
		return doc, nil
	}
	numbered := make(map[string]any)
	for id, coins := range held {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || l.members[n] == 0 {
			return nil, fmt.Errorf("balance of unknown member %q", id)
		}
		numbered[fmt.Sprint(l.members[n])] = coins
	}
	doc["balances"] = numbered
	return doc, nil
}

// normal returns an answer with numbers instead of ids; an id without an event
// becomes -1.
func (l *lens) normal(answer any) any {
	switch v := answer.(type) {
	case economy.DailyReceipt:
		v.Transaction = l.number(v.Transaction)
		return v
	case economy.TransferReceipt:
		v.Transaction = l.number(v.Transaction)
		return v
	case economy.AdjustmentReceipt:
		v.Transaction = l.number(v.Transaction)
		return v
	case economy.ReversalReceipt:
		v.Transaction, v.Original = l.number(v.Transaction), l.number(v.Original)
		return v
	case economy.HistoryPage:
		v.Lines = l.normal(v.Lines).([]economy.HistoryLine)
		return v
	case []economy.HistoryLine:
		lines := []economy.HistoryLine{}
		for _, h := range v {
			h.Transaction, h.Reverses, h.ReversedBy = l.number(h.Transaction), l.number(h.Reverses), l.number(h.ReversedBy)
			lines = append(lines, h)
		}
		return lines
	case []economy.ReversibleTransaction:
		list := []economy.ReversibleTransaction{}
		for _, r := range v {
			r.Transaction = l.number(r.Transaction)
			list = append(list, r)
		}
		return list
	case economy.LeaderboardPage:
		v.Rows = append([]economy.LeaderboardRow{}, v.Rows...)
		return v
	}
	return answer
}

func (l *lens) number(id economy.TransactionID) economy.TransactionID {
	if n, known := l.numbers[id]; known {
		return n
	}
	return -1
}

// refusal is an error by code and arguments.
type refusal struct {
	Code string
	Args map[string]any
}

func (l *lens) problem(err error) refusal {
	p := problem.Of(err)
	if p.Kind == problem.Internal || p.Kind == problem.Unavailable {
		return refusal{Code: err.Error()}
	}
	r := refusal{p.Code, make(map[string]any)}
	for name, v := range p.Args {
		if id, ok := v.(economy.TransactionID); ok {
			v = l.number(id)
		}
		r.Args[name] = v
	}
	return r
}
