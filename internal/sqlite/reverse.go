package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"coffer/internal/economy"
)

// Reverse implements economy.Store.
func (s *Store) Reverse(ctx context.Context, c economy.Reversal) (economy.ReversalReceipt, error) {
	return once(ctx, s, "reverse", c.Request, c.Fingerprint(),
		func(t *tx) (receipt economy.ReversalReceipt, id economy.TransactionID, err error) {
			r := c.Request
			kind, err := t.reversible(r.Guild, c.Transaction) // before anybody's opening can be taken for it
			if err != nil {
				return receipt, 0, err
			}
			settings, admin, err := t.enter(r, c.Admin)
			if err != nil {
				return receipt, 0, err
			}
			legs, err := t.opposite(c.Transaction)
			if err != nil {
				return receipt, 0, settings.InCurrency(err)
			}
			id, err = t.post(movement{guild: r.Guild, kind: economy.KindReversal, actor: admin, note: c.Reason,
				reverses: c.Transaction, at: r.At, legs: legs})
			receipt = economy.ReversalReceipt{Transaction: id, Original: c.Transaction, Kind: kind, Currency: settings.Currency()}
			for _, l := range legs {
				if l.member != nil {
					receipt.Legs = append(receipt.Legs, economy.ReversalLeg{
						Member: l.member.user, Change: l.amount, Balance: l.member.balance})
				}
			}
			slices.SortStableFunc(receipt.Legs, func(a, b economy.ReversalLeg) int { return cmp.Compare(a.Change, b.Change) })
			return receipt, id, err
		})
}

// reversible returns the kind of a transaction that can be reversed.
func (t *tx) reversible(guild economy.GuildID, id economy.TransactionID) (kind economy.Kind, err error) {
	var by economy.TransactionID
	err = t.row(`SELECT t.kind, coalesce(r.id, 0) FROM transactions t LEFT JOIN transactions r ON r.reverses = t.id
		WHERE t.id = ? AND t.guild_id = ?`, []any{int64(id), string(guild)}, &kind, &by)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", economy.ErrUnknownTransaction
	case err != nil:
		return "", err
	case kind == economy.KindReversal, kind == economy.KindRefund:
		return "", economy.ErrIrreversible
	case kind == economy.KindPurchase:
		return "", economy.ErrRefundInstead
	case by != 0:
		return "", economy.ErrAlreadyReversed.With("by", by)
	}
	return kind, nil
}

// opposite returns the legs that undo a transaction, ordered by account.
func (t *tx) opposite(id economy.TransactionID) ([]leg, error) {
	type entry struct {
		account int64
		system  economy.SystemAccount
		amount  economy.Amount
	}
	var entries []entry
	if err := t.each(`SELECT a.id, coalesce(a.system, ''), e.amount, a.system IS NULL AND m.user_id IS NULL
		FROM entries e JOIN accounts a ON a.id = e.account_id LEFT JOIN members m ON m.id = a.id
		WHERE e.transaction_id = ? ORDER BY a.id`, []any{int64(id)}, func(rows *sql.Rows) error {
		var e entry
		var erased bool
		if err := rows.Scan(&e.account, &e.system, &e.amount, &erased); err != nil {
			return err
		}
		if erased {
			return economy.ErrErasedMember
		}
		entries = append(entries, e)
		return nil
	}); err != nil {
		return nil, err
	}
	legs := make([]leg, 0, len(entries))
	for _, e := range entries {
		if e.system != "" {
			legs = append(legs, leg{system: e.system, amount: -e.amount})
			continue
		}
		m, err := t.memberByID(e.account)
		if err != nil {
			return nil, err
		}
		if m.balance < e.amount {
			return nil, economy.ErrInsufficientFunds.With("balance", m.balance).With("member", m.user)
		}
		legs = append(legs, leg{member: m, amount: -e.amount})
	}
	return legs, nil
}
