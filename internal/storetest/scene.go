package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"sync"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/problem"
	"coffer/internal/shop"
)

// The cast.
var (
	ada  = economy.Person{User: "100000000000000001", Name: "Ada"}
	bob  = economy.Person{User: "100000000000000002", Name: "Bob"}
	cyd  = economy.Person{User: "100000000000000003", Name: "Cyd"}
	dee  = economy.Person{User: "100000000000000004", Name: "Dee"}
	root = economy.Person{User: "100000000000000009", Name: "Root"}
	desk = economy.Person{Admin: 7, Name: "Front desk"} // from the dashboard
)

// scene is a guild in a store, and a clock. Its verbs fail the test unless the
// store does what they ask; each uses a key of its own.
type scene struct {
	t     testing.TB
	ctx   context.Context
	book  *book
	store Store
	guild economy.GuildID
	now   time.Time
	keys  int
}

// elsewhere returns the same scene in another, unknown guild.
func (s *scene) elsewhere() *scene {
	other := s.book.scene(s.t)
	other.now = s.now
	return other
}

// request returns a request with a new key.
func (s *scene) request() economy.Request {
	s.keys++
	return s.keyed(fmt.Sprint("key-", s.keys))
}

func (s *scene) keyed(key string) economy.Request {
	return economy.Request{Guild: s.guild, Source: economy.FromDiscord, Key: key, At: s.now}
}

// must returns a constructor's value; the stories only ask for lawful ones.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (s *scene) claim(who economy.Person) economy.DailyClaim {
	return must(economy.NewDailyClaim(s.request(), who))
}

func (s *scene) payment(from, to economy.Person, q economy.Quantity, note string) economy.Transfer {
	return must(economy.NewTransfer(s.request(), from, to, q, note))
}

func (s *scene) adjustment(who economy.Person, kind economy.Kind, n economy.Amount) economy.Adjustment {
	return must(economy.NewAdjustment(s.request(), root, who, kind, n, "because"))
}

func (s *scene) reversal(id economy.TransactionID) economy.Reversal {
	return must(economy.NewReversal(s.request(), root, id, "a mistake"))
}

func (s *scene) change(v economy.Settings) economy.SettingsChange {
	return must(economy.NewSettingsChange(s.request(), root, v))
}

func (s *scene) daily(who economy.Person) economy.DailyReceipt {
	s.t.Helper()
	return did(s.store.ClaimDaily(s.ctx, s.claim(who))).in(s)
}

func (s *scene) pay(from, to economy.Person, n economy.Amount) economy.TransferReceipt {
	s.t.Helper()
	return did(s.store.Transfer(s.ctx, s.payment(from, to, economy.Coins(n), ""))).in(s)
}

func (s *scene) adjust(who economy.Person, kind economy.Kind, n economy.Amount) economy.AdjustmentReceipt {
	s.t.Helper()
	return did(s.store.Adjust(s.ctx, s.adjustment(who, kind, n))).in(s)
}

func (s *scene) undo(id economy.TransactionID) economy.ReversalReceipt {
	s.t.Helper()
	return did(s.store.Reverse(s.ctx, s.reversal(id))).in(s)
}

// rules changes the guild's settings, as root.
func (s *scene) rules(edit func(*economy.Settings)) economy.Settings {
	s.t.Helper()
	v := did(s.store.Settings(s.ctx, s.guild)).in(s)
	edit(&v)
	return did(s.store.ChangeSettings(s.ctx, s.change(v))).in(s)
}

func (s *scene) wallet(who economy.Person) economy.Wallet {
	s.t.Helper()
	return did(s.store.Wallet(s.ctx, economy.WalletQuery{Guild: s.guild, Viewer: who, Member: who, At: s.now})).in(s)
}

// has checks a balance.
func (s *scene) has(who economy.Person, want economy.Amount) {
	s.t.Helper()
	if got := s.wallet(who).Balance; got != want {
		s.t.Errorf("%s has %d coins, want %d", who.Name, got, want)
	}
}

func (s *scene) history(q economy.HistoryQuery) economy.HistoryPage {
	s.t.Helper()
	q.Guild, q.At = s.guild, s.now
	if q.Viewer.User == "" {
		q.Viewer = q.Member
	}
	return did(s.store.History(s.ctx, q)).in(s)
}

func (s *scene) board(viewer economy.Person, page, size int) economy.LeaderboardPage {
	s.t.Helper()
	return did(s.store.Leaderboard(s.ctx,
		economy.LeaderboardQuery{Guild: s.guild, Viewer: viewer, Page: page, Size: size, At: s.now})).in(s)
}

func (s *scene) reversible() []economy.ReversibleTransaction {
	s.t.Helper()
	return did(s.store.Reversible(s.ctx, s.guild, economy.MaxPage)).in(s)
}

// events returns all events of the guild.
func (s *scene) events() []events.Event {
	s.t.Helper()
	all, err := allEvents(s.ctx, s.store, s.guild, 0)
	if err != nil {
		s.t.Fatalf("Events: %v", err)
	}
	return all
}

func allEvents(ctx context.Context, store events.Reader, guild economy.GuildID, after int64) ([]events.Event, error) {
	var all []events.Event
	for {
		page, err := store.Events(ctx, string(guild), after, economy.MaxPage)
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
		if last := page[len(page)-1].ID; last > after {
			after = last
		} else {
			return all, fmt.Errorf("event %d comes after event %d", last, after)
		}
	}
}

// untouched checks that nothing happens in the guild during the story.
func (s *scene) untouched(during func()) {
	s.t.Helper()
	before := s.events()
	during()
	same(s.t, "events", s.events(), before)
}

// did holds what a call returned; its method in passes on the value and stops
// the test at an error.
func did[T any](v T, err error) outcome[T] { return outcome[T]{v, err} }

type outcome[T any] struct {
	value T
	err   error
}

func (o outcome[T]) in(s *scene) T {
	s.t.Helper()
	if o.err != nil {
		s.t.Fatalf("unexpected error: %v", o.err)
	}
	return o.value
}

// refused checks an error's code and arguments.
func refused(t testing.TB, err error, want *problem.Error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %s", err, want.Code)
	}
	got := problem.Of(err)
	args := maps.Clone(got.Args)
	_, told := args["currency"]
	delete(args, "currency")
	if got.Kind != want.Kind || len(args)+len(want.Args) > 0 && !reflect.DeepEqual(args, want.Args) {
		t.Errorf("%s: got %v %v, want %v %v", want.Code, got.Kind, args, want.Kind, want.Args)
	}
	if coins := errors.Is(err, economy.ErrInsufficientFunds) || errors.Is(err, economy.ErrWalletFull) ||
		errors.Is(err, shop.ErrMinimumBalance) || args["item"] != nil; told != coins {
		t.Errorf("%s: the currency is told: %v, want %v", want.Code, told, coins)
	}
}

// same checks that two values are deeply equal.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// together runs n functions at once and waits for all of them.
func together(n int, run func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			run(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// size returns full, or little with -short.
func size(full, little int) int {
	if testing.Short() {
		return little
	}
	return full
}
