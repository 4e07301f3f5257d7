package sqlite

import (
	"context"

	"coffer/internal/economy"
)

// Transfer implements economy.Store.
func (s *Store) Transfer(ctx context.Context, c economy.Transfer) (economy.TransferReceipt, error) {
	return once(ctx, s, "transfer", c.Request, c.Fingerprint(),
		func(t *tx) (receipt economy.TransferReceipt, id economy.TransactionID, err error) {
			r := c.Request
			settings, from, err := t.enter(r, c.From)
			if err != nil {
				return receipt, 0, err
			}
			to, err := t.act(r.Guild, settings, c.To, r.At)
			if err != nil {
				return receipt, 0, err
			}
			amount, err := c.Quantity.Of(from.balance)
			if err != nil {
				return receipt, 0, settings.InCurrency(err)
			}
			if amount > settings.Room(to.balance) {
				return receipt, 0, settings.InCurrency(economy.ErrWalletFull.With("max", settings.MaxBalance))
			}
			id, err = t.post(movement{guild: r.Guild, kind: economy.KindTransfer, actor: from, note: c.Note, at: r.At,
				legs: []leg{{member: from, amount: -amount}, {member: to, amount: amount}}})
			return economy.TransferReceipt{
				Transaction: id,
				Amount:      amount,
				Balance:     from.balance,
				Currency:    settings.Currency(),
			}, id, err
		})
}
