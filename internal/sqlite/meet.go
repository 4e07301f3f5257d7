package sqlite

import (
	"context"
	"errors"
	"time"

	"coffer/internal/economy"
)

// Meet implements economy.Store. Where all are known, it only reads.
func (s *Store) Meet(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	var strangers []economy.Person
	known := true // the guild
	if err := s.read(ctx, func(t *tx) error {
		if _, err := t.settings(guild); errors.Is(err, errStranger) {
			known = false
		} else if err != nil {
			return err
		}
		for _, p := range people {
			if p.Bot {
				continue
			}
			if _, err := t.member(guild, p.User); errors.Is(err, errStranger) {
				strangers = append(strangers, p)
			} else if err != nil {
				return err
			}
		}
		return nil
	}); err != nil || known && len(strangers) == 0 {
		return 0, err
	}
	met := 0
	err := s.write(ctx, func(t *tx) error {
		settings, err := t.meetGuild(guild, at)
		n := 0
		for _, p := range strangers {
			if err != nil {
				return err
			}
			if _, err = t.member(guild, p.User); errors.Is(err, errStranger) { // nobody was faster
				_, err = t.meet(guild, settings, p, at)
				n++
			}
		}
		met = n
		return err
	})
	if err != nil {
		return 0, err // an abandoned write may still be counting
	}
	return met, nil
}
