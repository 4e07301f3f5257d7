package sqlite

import (
	"context"
	"errors"
	"time"

	"coffer/internal/economy"
)

// Wallet implements economy.Store.
func (s *Store) Wallet(ctx context.Context, q economy.WalletQuery) (w economy.Wallet, err error) {
	err = s.visit(ctx, q.Guild, q.At, func(t *tx) error {
		settings, err := t.settings(q.Guild)
		if err != nil {
			return err
		}
		if q.Viewer.User != q.Member.User {
			if _, err := t.member(q.Guild, q.Viewer.User); err != nil {
				return err
			}
		}
		w, err = t.wallet(q.Guild, settings, q.Member.User, q.At)
		return err
	}, q.Viewer, q.Member)
	return w, err
}

// visit runs a read for people. If one of them or the guild is unknown, it
// creates them and runs the read again.
func (s *Store) visit(ctx context.Context, guild economy.GuildID, at time.Time, read func(*tx) error,
	people ...economy.Person,
) error {
	err := s.read(ctx, read)
	if !errors.Is(err, errStranger) {
		return err
	}
	if err := s.write(ctx, func(t *tx) error {
		settings, err := t.meetGuild(guild, at)
		for _, p := range people {
			if err == nil {
				_, err = t.meet(guild, settings, p, at)
			}
		}
		return err
	}); err != nil {
		return err
	}
	return s.read(ctx, read)
}

// wallet returns what a known member has.
func (t *tx) wallet(guild economy.GuildID, settings economy.Settings, user economy.UserID, at time.Time) (economy.Wallet, error) {
	zone, err := location(settings)
	if err != nil {
		return economy.Wallet{}, err
	}
	m, err := t.member(guild, user)
	if err != nil {
		return economy.Wallet{}, err
	}
	rank, err := t.rank(guild, m)
	today := economy.DayOf(at, zone)
	return economy.Wallet{
		Member:    user,
		Balance:   m.balance,
		Rank:      rank,
		Streak:    m.streak.Live(today, settings.Grace),
		NextDaily: m.streak.Next(today, zone),
		Currency:  settings.Currency(),
	}, err
}
