package sqlite

import (
	"context"

	"coffer/internal/economy"
)

// ClaimDaily implements economy.Store.
func (s *Store) ClaimDaily(ctx context.Context, c economy.DailyClaim) (economy.DailyReceipt, error) {
	return once(ctx, s, "daily", c.Request, c.Fingerprint(),
		func(t *tx) (receipt economy.DailyReceipt, id economy.TransactionID, err error) {
			r := c.Request
			settings, m, err := t.enter(r, c.Member)
			if err != nil {
				return receipt, 0, err
			}
			zone, err := s.zones.Stored(settings.TimeZone)
			if err != nil {
				return receipt, 0, err
			}
			today := economy.DayOf(r.At, zone)
			streak, ok := m.streak.Claim(today, settings.Grace)
			if !ok {
				return receipt, 0, economy.ErrAlreadyClaimed.With("next", m.streak.Next(today, zone))
			}
			reward := min(settings.Reward(streak.Length), settings.Room(m.balance))
			if reward == 0 {
				return receipt, 0, settings.InCurrency(economy.ErrWalletFull.With("max", settings.MaxBalance).With("balance", m.balance))
			}
			if _, err := t.exec("UPDATE members SET streak = ?, last_daily = ? WHERE id = ?",
				streak.Length, int32(streak.Last), m.id); err != nil {
				return receipt, 0, err
			}
			id, err = t.post(movement{guild: r.Guild, kind: economy.KindDaily, actor: m, at: r.At, legs: []leg{
				{system: economy.Mint, amount: -reward}, {member: m, amount: reward}}})
			return economy.DailyReceipt{
				Transaction: id,
				Reward:      reward,
				Bonus:       reward - min(reward, settings.DailyAmount),
				Streak:      streak.Length,
				Balance:     m.balance,
				NextDaily:   streak.Next(today, zone),
				Currency:    settings.Currency(),
			}, id, err
		})
}
