package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
)

// Meet implements economy.Store.
func (s *Store) Meet(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	return s.create(ctx, guild, people, at, false)
}

// Join implements economy.Store.
func (s *Store) Join(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error) {
	return s.create(ctx, guild, people, at, true)
}

// create makes members of those who are none; those who join are welcomed, or given back
// what they lost by leaving. Where all are known and nothing is lost, it only reads.
func (s *Store) create(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time, joining bool) (int, error) {
	var strangers []economy.Person
	var back []loss
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
		if !joining {
			return nil
		}
		var err error
		back, err = t.lost(guild, people, at)
		return err
	}); err != nil || known && len(strangers) == 0 && len(back) == 0 {
		return 0, err
	}
	met := 0
	err := s.write(ctx, func(t *tx) error {
		settings, err := t.meetGuild(guild, at)
		var created []economy.UserID
		for _, p := range strangers {
			if err != nil {
				return err
			}
			if _, err = t.member(guild, p.User); errors.Is(err, errStranger) { // nobody was faster
				_, err = t.meet(guild, settings, p, at)
				created = append(created, p.User)
			}
		}
		if met = len(created); err == nil && joining && met > 0 {
			err = s.welcome(t, guild, settings, created, at)
		}
		if err == nil && len(back) > 0 {
			_, err = s.restore(t, guild, people, at)
		}
		return err
	})
	if err != nil {
		return 0, err // an abandoned write may still be counting
	}
	return met, nil
}

// welcomes holds for deliveries that welcome somebody.
const welcomes = "notice = 'member.joined'"

// welcome has people who have joined welcomed, unless a welcome waits already.
func (s *Store) welcome(t *tx, guild economy.GuildID, settings economy.Settings, created []economy.UserID, at time.Time) error {
	if settings.WelcomeChannel == "" {
		return nil
	}
	args, err := json.Marshal(outbox.NewWelcome(created, settings))
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO deliveries (guild_id, kind, channel_id, notice, args, due, created_at) SELECT ?1, 'channel', ?2, ?3, ?4, ?5, ?6
		WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE guild_id = ?1 AND `+welcomes+` AND state = 'waiting')`,
		string(guild), string(settings.WelcomeChannel), outbox.NoticeWelcome, string(args), s.clock().UnixMicro(), at.UnixMicro())
	return err
}
