package storetest

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
)

// post books a transaction and tells of it.
func (g *guild) post(id economy.GuildID, actor int64, t transaction) economy.TransactionID {
	before, after := make(map[string]economy.Amount), make(map[string]economy.Amount)
	for i, e := range t.entries {
		if e.member != 0 {
			m, key := g.member(e.member), strconv.FormatInt(e.member, 10)
			before[key] = m.balance
			m.balance += e.amount
			after[key] = m.balance
			t.entries[i].balance = m.balance
		}
	}
	t.actor = actor
	g.transactions = append(g.transactions, t)
	n := economy.TransactionID(len(g.transactions))
	g.tell(id, actor, string(t.kind), subject("transaction", int64(n)), balances{before}, balances{after}, t.at)
	return n
}

type balances struct {
	Balances map[string]economy.Amount `json:"balances"`
}

func subject(what string, id int64) string { return what + ":" + strconv.FormatInt(id, 10) }

// tell appends an event.
func (g *guild) tell(id economy.GuildID, actor int64, kind, subject string, before, after any, at time.Time) {
	g.events = append(g.events, events.Event{
		ID: int64(len(g.events)) + 1, Guild: string(id), Actor: actor, Kind: kind, Subject: subject,
		Before: must(json.Marshal(before)), After: must(json.Marshal(after)), At: at,
	})
}

// ranked returns the members' numbers, the richest first, among equals the
// earlier member.
func (g *guild) ranked() []int64 {
	ids := make([]int64, len(g.members))
	for i := range ids {
		ids[i] = int64(i) + 1
	}
	ids = slices.DeleteFunc(ids, func(n int64) bool { return g.member(n).erased() })
	slices.SortStableFunc(ids, func(a, b int64) int {
		return int(min(1, max(-1, g.member(b).balance-g.member(a).balance)))
	})
	return ids
}

// wallet returns what a member has.
func (g *guild) wallet(n int64, at time.Time) economy.Wallet {
	zone := must(g.settings.Location())
	today := economy.DayOf(at, zone)
	m := g.member(n)
	rank := economy.Rank{Position: slices.Index(g.ranked(), n) + 1}
	if rank.Position > economy.ExactRanks {
		rank = economy.Rank{TopPercent: g.percents[n]}
	}
	return economy.Wallet{
		Member: m.user, Balance: m.balance, Rank: rank,
		Streak:    m.streak.Live(today, g.settings.Grace),
		NextDaily: m.streak.Next(today, zone),
		Currency:  g.settings.Currency(),
	}
}
