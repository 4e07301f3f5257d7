package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"coffer/internal/economy"
)

// Wallet implements economy.Store.
func (s *Store) Wallet(ctx context.Context, q economy.WalletQuery) (w economy.Wallet, err error) {
	err = s.visit(ctx, q.Guild, q.At, func(t *tx) error {
		look, err := s.look(t, q.Guild, q.Viewer.User, q.Member.User)
		if err != nil {
			return err
		}
		w, err = s.wallet(look, q.At)
		return err
	}, q.Viewer, q.Member)
	return w, err
}

// errSnapshot is returned by a read that needs more than one statement.
var errSnapshot = errors.New("one statement does not tell all of it")

// visit runs a read for people: at first as one statement, which is a snapshot
// by itself, and if that is not enough, in a transaction. If one of the people
// or the guild is unknown, it creates them and runs the read again.
func (s *Store) visit(ctx context.Context, guild economy.GuildID, at time.Time, read func(*tx) error,
	people ...economy.Person,
) error {
	err := s.query(ctx, read)
	if errors.Is(err, errSnapshot) {
		err = s.read(ctx, read)
	}
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

// look is what one glance at a member tells.
type look struct {
	member   member
	rank     economy.Rank
	version  int64            // of the guild's board
	board    []place          // nil where it is not known
	settings economy.Settings // as far as a wallet needs them
}

// look reads what a wallet is made of, for a viewer who must be known too.
// Errors: errStranger; errSnapshot if the rank takes a transaction.
func (s *Store) look(t *tx, guild economy.GuildID, viewer, user economy.UserID) (look, error) {
	l := look{member: member{user: user}}
	m := &l.member
	var percent int
	err := t.row(`SELECT m.id, m.balance, m.streak, m.last_daily, g.currency_name, g.currency_symbol, g.grace, g.time_zone,
		(SELECT max(id) FROM events WHERE guild_id = ?1),
		coalesce(
			(SELECT percent FROM rank_steps s WHERE s.guild_id = ?1
				AND (s.balance < m.balance OR s.balance = m.balance AND s.member_id >= m.id) ORDER BY percent LIMIT 1),
			(SELECT max(percent) FROM rank_steps WHERE guild_id = ?1), 0)
		FROM members m JOIN guilds g ON g.id = m.guild_id WHERE m.guild_id = ?1 AND m.user_id = ?2
			AND (?3 = ?2 OR EXISTS (SELECT 1 FROM members WHERE guild_id = ?1 AND user_id = ?3))`,
		[]any{string(guild), string(user), string(viewer)}, &m.id, &m.balance, &m.streak.Length, &m.streak.Last,
		&l.settings.CurrencyName, &l.settings.CurrencySymbol, &l.settings.Grace, &l.settings.TimeZone, &l.version, &percent)
	if errors.Is(err, sql.ErrNoRows) {
		return l, errStranger
	}
	if err != nil {
		return l, err
	}
	ahead, err := s.standing(t, guild, &l)
	if ahead < economy.ExactRanks {
		l.rank.Position = ahead + 1
	} else {
		l.rank.TopPercent = percent
	}
	return l, err
}

// standing is how many are ahead of the member, at least as far as it counts.
func (s *Store) standing(t *tx, guild economy.GuildID, l *look) (ahead int, err error) {
	var known bool
	if l.board, known = s.boards.find(guild, l.version); known {
		return standing(l.board, &l.member), nil
	}
	if !t.snapshot {
		return 0, errSnapshot
	}
	if !s.boards.miss(guild, l.version) {
		return t.counted(guild, &l.member)
	}
	if l.board, err = t.places(guild, 0, economy.ExactRanks); err != nil {
		return 0, err
	}
	s.boards.keep(guild, l.version, l.board)
	return standing(l.board, &l.member), nil
}

// wallet returns what a member has.
func (s *Store) wallet(l look, at time.Time) (economy.Wallet, error) {
	zone, err := s.zones.Stored(l.settings.TimeZone)
	if err != nil {
		return economy.Wallet{}, err
	}
	today := economy.DayOf(at, zone)
	return economy.Wallet{
		Member:    l.member.user,
		Balance:   l.member.balance,
		Rank:      l.rank,
		Streak:    l.member.streak.Live(today, l.settings.Grace),
		NextDaily: l.member.streak.Next(today, zone),
		Currency:  l.settings.Currency(),
	}, nil
}
