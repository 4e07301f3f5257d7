package storetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"coffer/internal/economy"
)

// ClaimDaily implements economy.Store.
func (m *Model) ClaimDaily(ctx context.Context, c economy.DailyClaim) (economy.DailyReceipt, error) {
	id := c.Request.Guild
	return write(ctx, m, c.Request, "daily", c.Fingerprint(), func(g *guild, at time.Time) (r economy.DailyReceipt, err error) {
		n := g.involve(id, c.Member, at)
		zone := must(g.settings.Location())
		today := economy.DayOf(at, zone)
		streak, ok := g.member(n).streak.Claim(today, g.settings.Grace)
		if !ok {
			return r, economy.ErrAlreadyClaimed.With("next", streak.Next(today, zone))
		}
		earned, balance := g.settings.Reward(streak.Length), g.member(n).balance
		reward := min(earned, g.settings.Room(balance))
		if reward == 0 {
			return r, economy.ErrWalletFull.With("max", g.settings.MaxBalance).With("balance", balance)
		}
		g.member(n).streak = streak
		return economy.DailyReceipt{
			Transaction: g.post(id, n, transaction{kind: economy.KindDaily, at: at, entries: between(economy.Mint, n, reward)}),
			Reward:      reward, Bonus: reward - min(reward, g.settings.DailyAmount), Streak: streak.Length,
			Balance: balance + reward, NextDaily: streak.Next(today, zone), Currency: g.settings.Currency(),
		}, nil
	})
}

// Transfer implements economy.Store.
func (m *Model) Transfer(ctx context.Context, t economy.Transfer) (economy.TransferReceipt, error) {
	id := t.Request.Guild
	return write(ctx, m, t.Request, "transfer", t.Fingerprint(), func(g *guild, at time.Time) (r economy.TransferReceipt, err error) {
		from, to := g.involve(id, t.From, at), g.involve(id, t.To, at)
		n, err := t.Quantity.Of(g.member(from).balance)
		if err != nil {
			return r, err
		}
		if n > g.settings.Room(g.member(to).balance) {
			return r, economy.ErrWalletFull.With("max", g.settings.MaxBalance)
		}
		tx := g.post(id, from, transaction{kind: economy.KindTransfer, at: at, note: t.Note,
			entries: []entry{{member: from, amount: -n}, {member: to, amount: n}}})
		return economy.TransferReceipt{Transaction: tx, Amount: n, Balance: g.member(from).balance, Currency: g.settings.Currency()}, nil
	})
}

// Adjust implements economy.Store.
func (m *Model) Adjust(ctx context.Context, a economy.Adjustment) (economy.AdjustmentReceipt, error) {
	id := a.Request.Guild
	return write(ctx, m, a.Request, "adjust", a.Fingerprint(), func(g *guild, at time.Time) (r economy.AdjustmentReceipt, err error) {
		admin, n := g.involve(id, a.Admin, at), g.involve(id, a.Member, at)
		before := g.member(n).balance
		change, err := a.Change(before, g.settings)
		if err != nil {
			return r, err
		}
		r = economy.AdjustmentReceipt{Before: before, After: before + change, Currency: g.settings.Currency()}
		account := economy.Mint
		if change < 0 {
			account = economy.Burn
		}
		if change != 0 {
			r.Transaction = g.post(id, admin, transaction{kind: a.Kind, at: at, note: a.Reason, entries: between(account, n, change)})
		}
		return r, nil
	})
}

// Reverse implements economy.Store.
func (m *Model) Reverse(ctx context.Context, v economy.Reversal) (economy.ReversalReceipt, error) {
	id := v.Request.Guild
	return write(ctx, m, v.Request, "reverse", v.Fingerprint(), func(g *guild, at time.Time) (r economy.ReversalReceipt, err error) {
		if v.Transaction < 1 || int(v.Transaction) > len(g.transactions) {
			return r, economy.ErrUnknownTransaction
		}
		original := &g.transactions[v.Transaction-1]
		switch {
		case original.reverses != 0:
			return r, economy.ErrIrreversible
		case original.kind == economy.KindPurchase:
			return r, economy.ErrRefundInstead
		case original.reversedBy != 0:
			return r, economy.ErrAlreadyReversed.With("by", original.reversedBy)
		}
		admin := g.involve(id, v.Admin, at)
		original = &g.transactions[v.Transaction-1] // the admin's opening may have moved them
		opposite := slices.Clone(original.entries)
		slices.SortFunc(opposite, func(a, b entry) int { return cmp.Compare(a.member, b.member) })
		for _, e := range opposite {
			if e.member != 0 && g.member(e.member).erased() {
				return r, economy.ErrErasedMember
			}
		}
		for i, e := range opposite {
			opposite[i].amount = -e.amount
			if e.member != 0 && g.member(e.member).balance < e.amount {
				return r, economy.ErrInsufficientFunds.With("balance", g.member(e.member).balance).
					With("member", g.member(e.member).user)
			}
		}
		original.reversedBy = economy.TransactionID(len(g.transactions) + 1)
		r = economy.ReversalReceipt{Original: v.Transaction, Kind: original.kind, Currency: g.settings.Currency()}
		r.Transaction = g.post(id, admin, transaction{kind: economy.KindReversal, at: at, note: v.Reason,
			entries: opposite, reverses: v.Transaction})
		for _, e := range opposite {
			if e.member != 0 {
				r.Legs = append(r.Legs, economy.ReversalLeg{Member: g.member(e.member).user, Change: e.amount, Balance: e.balance})
			}
		}
		slices.SortStableFunc(r.Legs, func(a, b economy.ReversalLeg) int { return cmp.Compare(a.Change, b.Change) })
		return r, nil
	})
}

// ChangeSettings implements economy.Store.
func (m *Model) ChangeSettings(ctx context.Context, c economy.SettingsChange) (economy.Settings, error) {
	id := c.Request.Guild
	return write(ctx, m, c.Request, "settings", c.Fingerprint(), func(g *guild, at time.Time) (economy.Settings, error) {
		admin := g.involve(id, c.Admin, at)
		if c.Settings != g.settings {
			if err := c.Of(g.version()); err != nil {
				return economy.Settings{}, err
			}
			g.tell(id, admin, "settings.changed", "guild", g.settings, c.Settings, at)
			g.settings = c.Settings
		}
		return c.Settings, nil
	})
}
