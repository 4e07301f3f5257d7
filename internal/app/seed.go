package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"coffer/internal/economy"
	"coffer/internal/simulator"
)

// seeder writes the demo's history through the store's ordinary operations, so
// that its books are as sound as any.
type seeder struct {
	ctx    context.Context
	store  books
	people map[string]economy.Person
	at     time.Time
	writes int
	err    error
}

// seedNew makes the demo's database if there is none. It is made under another
// name first, so that one is never half made.
func seedNew(ctx context.Context, path string) error {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return nil // what else may be wrong, opening it will tell
	}
	making := path + ".new"
	for _, left := range []string{"", "-wal", "-shm"} { // by a demo that was interrupted
		if err := os.Remove(making + left); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("cannot make the demo's database: %w", err)
		}
	}
	store, err := openFile(ctx, making)
	if err != nil {
		return err
	}
	if err := errors.Join(seed(ctx, store, time.Now()), store.Close()); err != nil {
		if ctx.Err() != nil {
			return nil // interrupted, and so is the demo
		}
		return fmt.Errorf("make the demo's database: %w", err)
	}
	return os.Rename(making, path)
}

// seed gives an empty store the demo's guild with two weeks of history.
func seed(ctx context.Context, store books, now time.Time) error {
	s := &seeder{ctx: ctx, store: store, people: map[string]economy.Person{}}
	world := simulator.DemoWorld()
	for _, m := range world.Members {
		s.people[m.User.Username] = economy.Person{User: economy.UserID(m.User.ID), Name: m.DisplayName(), Bot: m.User.Bot}
	}
	const days = 14
	start := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -days)
	s.at = start.Add(7 * time.Hour)
	settings := economy.DefaultSettings()
	settings.CurrencyName, settings.CurrencySymbol = "doubloons", "🪙"
	settings.TaskChannel, settings.ReviewChannel = simulator.DemoTaskChannel, simulator.DemoReviewChannel
	settings.AdminChannel, settings.ReviewerRole = simulator.DemoReviewChannel, simulator.DemoReviewerRole
	s.settings("ada", settings)
	s.stock()
	for day := range days {
		for i, m := range world.Members {
			// Some come every day, some now and then; the last day leaves today's claim to you.
			if !m.User.Bot && (day*7+i*5)%12 >= i/2 {
				s.at = start.AddDate(0, 0, day).Add(8*time.Hour + time.Duration(i*37+day)*time.Minute)
				s.daily(m.User.Username)
			}
		}
		s.at = start.AddDate(0, 0, day).Add(20 * time.Hour)
		switch day {
		case 2:
			s.adjust("ada", "bob", economy.KindGive, 1500, "won the regatta")
			s.pay("bob", "emil", 250, "half of the boat")
		case 4:
			s.pay("chidi", "dana", 120, "ropes")
			s.pay("fatima", "goro", 75, "")
		case 7:
			s.adjust("ada", "kai", economy.KindTake, 50, "harbour fee")
			s.pay("hana", "lea", 200, "for the lamp oil 🪔")
		case 11:
			s.adjust("ada", "goro", economy.KindGive, 400, "lighthouse duty")
			s.pay("emil", "ivan", 90, "thanks!")
			s.pay("lea", "jun", 33, "")
		}
	}
	s.at = now.UTC()
	s.work()
	return s.err
}

func (s *seeder) request() economy.Request {
	s.writes++
	return economy.Request{Guild: simulator.DemoGuildID, Source: economy.FromSystem,
		Key: fmt.Sprintf("demo-%d", s.writes), At: s.at}
}

// step runs one write unless an earlier one failed.
func step[Op, Receipt any](s *seeder, op Op, err error, do func(context.Context, Op) (Receipt, error)) {
	if s.err == nil && err == nil {
		_, err = do(s.ctx, op)
	}
	if s.err == nil {
		s.err = err
	}
}

func (s *seeder) settings(admin string, settings economy.Settings) {
	op, err := economy.NewSettingsChange(s.request(), s.people[admin], settings)
	step(s, op, err, s.store.ChangeSettings)
}

func (s *seeder) daily(who string) {
	op, err := economy.NewDailyClaim(s.request(), s.people[who])
	step(s, op, err, s.store.ClaimDaily)
}

func (s *seeder) pay(from, to string, n economy.Amount, note string) {
	op, err := economy.NewTransfer(s.request(), s.people[from], s.people[to], economy.Coins(n), note)
	step(s, op, err, s.store.Transfer)
}

func (s *seeder) adjust(admin, member string, kind economy.Kind, n economy.Amount, reason string) {
	op, err := economy.NewAdjustment(s.request(), s.people[admin], s.people[member], kind, n, reason)
	step(s, op, err, s.store.Adjust)
}
