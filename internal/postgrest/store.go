package postgrest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"coffer/internal/admins"
	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/lease"
	"coffer/internal/outbox"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

var (
	_ economy.Store = (*Store)(nil)
	_ shop.Store    = (*Store)(nil)
	_ tasks.Store   = (*Store)(nil)
	_ outbox.Store  = (*Store)(nil)
	_ events.Reader = (*Store)(nil)
	_ admins.Store  = (*Store)(nil)

	_ shop.Office        = (*Store)(nil)
	_ tasks.Office       = (*Store)(nil)
	_ outbox.Office      = (*Store)(nil)
	_ economy.Store      = (*Store)(nil)
	_ economy.Office     = (*Store)(nil)
	_ shop.Store         = (*Store)(nil)
	_ tasks.Store        = (*Store)(nil)
	_ outbox.Store       = (*Store)(nil)
	_ events.Reader      = (*Store)(nil)
	_ admins.Store       = (*Store)(nil)
	_ events.Follower    = (*Store)(nil)
	_ events.Trail       = (*Store)(nil)
	_ events.Statistics  = (*Store)(nil)
	_ economy.Bookkeeper = (*Store)(nil)
	_ lease.Store        = (*Store)(nil)
)

// ErrSchema means that the database's tables and functions are older than this
// program.
var ErrSchema = errors.New("the database is older than this program: run coffer migrate")

// Store is a Supabase project. Its methods may be called at the same time.
type Store struct {
	client *client
	zones  economy.Zones
}

// Open returns the project at the address, which is like
// https://abcdefgh.supabase.co, for the holder of its secret key: one that begins
// with sb_secret_, or a legacy service_role JWT. It asks nothing of the project
// yet. Close the store after use.
func Open(address, key string) (*Store, error) {
	c, err := newClient(address, key)
	if err != nil {
		return nil, err
	}
	return &Store{client: c}, nil
}

// Close closes the connections that nobody uses.
func (s *Store) Close() error {
	s.client.close()
	return nil
}

// Schema returns the version of the database and of this program: the newest
// migration of each. A newer database serves an older program, so that a
// deployment can be taken back; an older one does not. PostgREST may need a moment
// to notice a migration that has just been made.
// Errors: ErrSchema; those of a project that does not answer.
func (s *Store) Schema(ctx context.Context) (database, program string, err error) {
	program = newestMigration()
	for patience := time.After(2 * time.Second); ; {
		err = s.client.call(ctx, "coffer_schema", nil, &database)
		if !errors.Is(err, ErrNotMigrated) {
			break
		}
		select {
		case <-patience:
			return "", program, err
		case <-ctx.Done():
			return "", program, err
		case <-time.After(100 * time.Millisecond):
		}
	}
	if err != nil {
		return "", program, err
	}
	if database < program {
		err = fmt.Errorf("%w (it is at %s, the program at %s)", ErrSchema, database, program)
	}
	return database, program, err
}

// Ping reports whether the database answers. It tries once.
func (s *Store) Ping(ctx context.Context) error {
	var version string
	return s.client.once(ctx, "coffer_schema", nil, &version)
}

// read runs a function that reads.
func read[R any](ctx context.Context, s *Store, function string, args any) (R, error) {
	var result R
	err := s.client.call(ctx, function, args, &result)
	return result, err
}

// write runs a function that writes.
func write[R any](ctx context.Context, s *Store, function string, args any) (R, error) {
	var result R
	if err := s.client.write(ctx, function, args, &result); err != nil {
		var none R
		return none, s.problem(err)
	}
	return result, nil
}

// instant is a time as Postgres keeps it, to the microsecond.
func instant(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

// person is a member as functions take him.
type person struct {
	User   economy.UserID  `json:"user"`
	Name   string          `json:"name"`
	Folded string          `json:"folded"` // the name as names are compared
	Admin  economy.AdminID `json:"admin"`  // who acts as no member
	Joined time.Time       `json:"joined,omitzero"`
}

func personOf(p economy.Person) person {
	name := economy.CleanName(p.Name)
	v := person{User: p.User, Name: name, Folded: economy.Fold(name), Admin: p.Admin}
	if !p.Joined.IsZero() {
		v.Joined = instant(p.Joined)
	}
	return v
}

// standing is a wallet as functions return it: what a day makes of the streak is
// decided here, by the rules.
type standing struct {
	Balance    economy.Amount   `json:"balance"`
	Position   int              `json:"position"`
	TopPercent int              `json:"top_percent"`
	Streak     int              `json:"streak"`
	LastDaily  economy.Day      `json:"last_daily"`
	Grace      int              `json:"grace"`
	Zone       string           `json:"zone"`
	Currency   economy.Currency `json:"currency"`
}

func (s *Store) wallet(w standing, member economy.UserID, at time.Time) (economy.Wallet, error) {
	zone, err := s.zones.Stored(w.Zone)
	if err != nil {
		return economy.Wallet{}, err
	}
	today, streak := economy.DayOf(at, zone), economy.Streak{Length: w.Streak, Last: w.LastDaily}
	return economy.Wallet{
		Member:    member,
		Balance:   w.Balance,
		Rank:      economy.Rank{Position: w.Position, TopPercent: w.TopPercent},
		Streak:    streak.Live(today, w.Grace),
		NextDaily: streak.Next(today, zone),
		Currency:  w.Currency,
	}, nil
}
