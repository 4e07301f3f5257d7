package sqlite

import (
	"context"

	"coffer/internal/economy"
)

// Adjust implements economy.Store.
func (s *Store) Adjust(ctx context.Context, c economy.Adjustment) (economy.AdjustmentReceipt, error) {
	return once(ctx, s, "adjust", c.Request, c.Fingerprint(),
		func(t *tx) (receipt economy.AdjustmentReceipt, id economy.TransactionID, err error) {
			r := c.Request
			settings, admin, err := t.enter(r, c.Admin)
			if err != nil {
				return receipt, 0, err
			}
			m, err := t.act(r.Guild, settings, c.Member, r.At)
			if err != nil {
				return receipt, 0, err
			}
			change, err := c.Change(m.balance, settings)
			if err != nil {
				return receipt, 0, settings.InCurrency(err)
			}
			receipt = economy.AdjustmentReceipt{Before: m.balance, After: m.balance + change, Currency: settings.Currency()}
			if change == 0 {
				return receipt, 0, nil
			}
			receipt.Transaction, err = t.adjusted(c, admin, m, change)
			return receipt, receipt.Transaction, err
		})
}
