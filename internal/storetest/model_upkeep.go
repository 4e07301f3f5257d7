package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
)

// RefreshRanks implements economy.Store.
func (m *Model) RefreshRanks(ctx context.Context, _ time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range m.guilds {
		g.percents = make(map[int64]int)
		for i, n := range g.ranked() {
			g.percents[n] = (100*(i+1) + g.present() - 1) / g.present()
		}
	}
	return nil
}

// ForgetRequests implements economy.Store.
func (m *Model) ForgetRequests(ctx context.Context, before time.Time) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	forgotten := 0
	for _, g := range m.guilds {
		for key, r := range g.requests {
			if r.at.Before(cut(before)) {
				delete(g.requests, key)
				forgotten++
			}
		}
	}
	return forgotten, nil
}

// Ping implements economy.Store.
func (m *Model) Ping(ctx context.Context) error { return ctx.Err() }

// Audit implements economy.Store. Its time stays zero: a model has no clock.
func (m *Model) Audit(ctx context.Context) (economy.Audit, error) {
	if err := ctx.Err(); err != nil {
		return economy.Audit{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	result := economy.Audit{Guilds: len(m.guilds)}
	broken := make(map[string][]string)
	for id, g := range m.guilds {
		result.Members += len(g.members)
		result.Transactions += len(g.transactions)
		for _, t := range g.transactions {
			result.Entries += len(t.entries)
		}
		for _, member := range g.members {
			result.Coins += member.balance
		}
		g.audit(func(invariant string, n int) {
			broken[invariant] = append(broken[invariant], fmt.Sprintf("%s:%d", id, n))
		})
	}
	for _, v := range economy.Invariants {
		f := economy.Finding{Invariant: v, Broken: len(broken[v.Name])}
		if f.Broken > 0 {
			f.Example = broken[v.Name][0]
		}
		result.Findings = append(result.Findings, f)
	}
	return result, nil
}

// audit reports each row that breaks an invariant.
func (g *guild) audit(report func(invariant string, n int)) {
	chain, opened, told := make(map[int64]economy.Amount), make(map[int64]bool), make(map[string]int)
	reversed := make(map[economy.TransactionID]bool)
	for i, t := range g.transactions {
		broken := func(name string, is bool) {
			if is {
				report(name, i+1)
			}
		}
		sum, zero := economy.Amount(0), false
		for _, e := range t.entries {
			sum += e.amount
			zero = zero || e.amount == 0
			if e.member != 0 {
				_, met := chain[e.member]
				broken("openings_once", t.kind == economy.KindOpening && (met || opened[e.member]))
				opened[e.member] = opened[e.member] || t.kind == economy.KindOpening
				chain[e.member] += e.amount
				broken("entries_chain", chain[e.member] != e.balance)
			}
		}
		broken("transactions_balance", sum != 0)
		broken("transactions_move", len(t.entries) < 2 || zero)
		if t.reverses != 0 {
			original := g.transactions[t.reverses-1]
			broken("reversals_once", reversed[t.reverses] || original.reverses != 0 || original.reversedBy != economy.TransactionID(i+1) ||
				(t.kind == economy.KindRefund) != (original.kind == economy.KindPurchase))
			reversed[t.reverses] = true
		}
	}
	for i, m := range g.members {
		if m.balance != chain[int64(i+1)] {
			report("balances_match", i+1)
		}
		if m.balance < 0 {
			report("balances_lawful", i+1)
		}
	}
	g.auditShop(report)
	g.auditTasks(report)
	for _, e := range g.events {
		told[e.Subject]++
	}
	for i := range g.transactions {
		if told["transaction:"+strconv.Itoa(i+1)] != 1 {
			report("transactions_told", i+1)
		}
	}
}

// auditShop is audit of what is sold.
func (g *guild) auditShop(report func(invariant string, n int)) {
	sold, kept := make(map[goods]int64), make(map[goods]int64)
	for hands, n := range g.owned {
		kept[hands] += n
	}
	for hands, n := range g.used {
		kept[hands] += n
	}
	for i, p := range g.purchases {
		hands, paid := goods{p.member, p.item}, g.transactions[p.transaction-1]
		if paid.kind != economy.KindPurchase || paid.reversedBy != p.refund || paid.entries[0].amount != p.total {
			report("purchases_paid", i+1)
		}
		if p.refund == 0 {
			sold[hands] += p.quantity
		} else if p.running {
			report("entitlements_fit", i+1)
		}
		if p.running && !p.granted && !slices.ContainsFunc(g.deliveries, func(d delivery) bool {
			return d.Kind == outbox.Role && d.member == p.member && d.Role == p.role && d.State == outbox.Waiting
		}) {
			report("roles_delivered", i+1)
		}
	}
	maps.DeleteFunc(kept, func(_ goods, n int64) bool { return n == 0 })
	maps.DeleteFunc(sold, func(_ goods, n int64) bool { return n == 0 })
	if !maps.Equal(sold, kept) {
		report("units_match", 0)
	}
	for i, item := range g.items {
		total := int64(0)
		for hands, n := range sold {
			if hands.item == item.ID {
				total += n
			}
		}
		if item.Sold != total || item.Stock.Left < 0 {
			report("units_match", i+1)
		}
	}
}
