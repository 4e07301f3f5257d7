package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"coffer/internal/lease"
)

// RunLeases runs the stories of the port of leases. Open returns a fresh, empty store
// for each call.
func RunLeases(t *testing.T, open func(t *testing.T) lease.Store) {
	for _, story := range []struct {
		name string
		tell func(*tenancy)
	}{
		{"who holds a lease is told to all others", heldLeases},
		{"of many who take one wins, each time, and tokens grow", leaseRaces},
		{"a lease ends by itself", leasesEnd},
		{"a renewal is for the holder only, while he is it", leaseRenewals},
		{"a lease that is given back is free at once", leaseReturns},
		{"a holder whose answer was lost takes it again", leasesAgain},
		{"a clock that was set back holds nobody up", leasesAndClocks},
		{"who gives up takes nothing", leasesAbandoned},
	} {
		t.Run(story.name, func(t *testing.T) { story.tell(&tenancy{t: t, store: open(t)}) })
	}
}

// tenancy is one story of leases.
type tenancy struct {
	t     *testing.T
	store lease.Store
}

// take returns the token, or 0 and checks that another is said to hold the lease.
func (s *tenancy) take(name, holder string, life time.Duration) int64 {
	s.t.Helper()
	l, err := s.store.TakeLease(s.t.Context(), name, holder, life)
	if err != nil {
		s.t.Fatal(err)
	}
	if l.Holder == "" || (l.Holder == holder) != (l.Token != 0) {
		s.t.Errorf("%s is told %+v", holder, l)
	}
	return l.Token
}

func (s *tenancy) renew(name string, token int64, life time.Duration) bool {
	s.t.Helper()
	held, err := s.store.RenewLease(s.t.Context(), name, token, life)
	if err != nil {
		s.t.Fatal(err)
	}
	return held
}

func (s *tenancy) giveBack(name string, token int64) {
	s.t.Helper()
	if err := s.store.ReturnLease(s.t.Context(), name, token); err != nil {
		s.t.Fatal(err)
	}
}

// passes waits until so much time of the store's has passed.
func (s *tenancy) passes(d time.Duration) {
	s.t.Helper()
	s.take("clock", "who waits", d)
	for deadline := time.Now().Add(time.Minute); s.take("clock", "who looks", 0) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatal("the store's time stands still")
		}
	}
}

func heldLeases(s *tenancy) {
	same(s.t, "ada's token", s.take("gateway", "ada", lease.Longest), int64(1))
	for range 2 {
		l, err := s.store.TakeLease(s.t.Context(), "gateway", "bob", lease.Longest)
		same(s.t, "what bob is told", did(l, err), did(lease.Lease{Holder: "ada"}, nil))
	}
	same(s.t, "the token of another lease", s.take("other", "bob", lease.Longest), int64(1))
}

func leaseRaces(s *tenancy) {
	for round := range int64(8) {
		tokens := make([]int64, 16)
		together(len(tokens), func(i int) {
			l, err := s.store.TakeLease(context.Background(), "gateway", fmt.Sprint("taker ", i), lease.Longest)
			if err != nil {
				s.t.Error(err)
			}
			tokens[i] = l.Token
		})
		winners, token := 0, int64(0)
		for _, n := range tokens {
			if n != 0 {
				winners, token = winners+1, n
			}
		}
		if winners != 1 || token != round+1 {
			s.t.Fatalf("round %d: the tokens are %v, want one winner with %d", round, tokens, round+1)
		}
		if round%2 == 0 {
			s.giveBack("gateway", token)
		} else {
			same(s.t, "renewed to its end", s.renew("gateway", token, 0), true)
		}
	}
}

func leasesEnd(s *tenancy) {
	const short = 150 * time.Millisecond
	began := time.Now()
	s.take("gateway", "ada", short)
	for s.take("gateway", "bob", lease.Longest) == 0 {
		if time.Since(began) > time.Minute {
			s.t.Fatal("ada's lease does not end")
		}
		time.Sleep(time.Millisecond)
	}
	if took := time.Since(began); took < short {
		s.t.Errorf("the lease has ended after %v", took)
	}
	same(s.t, "ada's", s.take("gateway", "ada", lease.Longest), int64(0))
	s.take("none", "ada", 0)
	same(s.t, "the lease of no time", s.take("none", "bob", lease.Longest), int64(2))
}

func leaseRenewals(s *tenancy) {
	const short = time.Second // in which it is renewed
	first := s.take("gateway", "ada", short)
	same(s.t, "renewed", s.renew("gateway", first, lease.Longest), true)
	s.passes(short)
	same(s.t, "bob's", s.take("gateway", "bob", lease.Longest), int64(0))
	same(s.t, "renewed again", s.renew("gateway", first, 0), true)
	same(s.t, "renewed when it was over", s.renew("gateway", first, lease.Longest), false)
	second := s.take("gateway", "bob", lease.Longest)
	if second <= first {
		s.t.Errorf("bob's token is %d after %d", second, first)
	}
	for _, stale := range []int64{first, 0, -1, second + 1} {
		same(s.t, fmt.Sprint("renewed with ", stale), s.renew("gateway", stale, 0), false)
		s.giveBack("gateway", stale)
	}
	same(s.t, "cyd's, while bob holds it", s.take("gateway", "cyd", lease.Longest), int64(0))
	same(s.t, "what nobody has taken", s.renew("none", 1, lease.Longest), false)
	s.giveBack("none", 1)
}

func leaseReturns(s *tenancy) {
	first := s.take("gateway", "ada", lease.Longest)
	s.giveBack("gateway", first)
	same(s.t, "renewed after that", s.renew("gateway", first, lease.Longest), false)
	second := s.take("gateway", "bob", lease.Longest)
	same(s.t, "bob's token", second, first+1)
	s.giveBack("gateway", first)
	same(s.t, "bob's renewal", s.renew("gateway", second, lease.Longest), true)
}

func leasesAgain(s *tenancy) {
	lost := s.take("gateway", "ada", lease.Longest)
	again := s.take("gateway", "ada", lease.Longest)
	same(s.t, "the token", again, lost+1)
	same(s.t, "renewed with what was lost", s.renew("gateway", lost, lease.Longest), false)
	same(s.t, "renewed", s.renew("gateway", again, lease.Longest), true)
}

// leasesAndClocks: a lease that is to end in an hour was taken an hour from now, by a
// clock that went wrong.
func leasesAndClocks(s *tenancy) {
	s.take("gateway", "ada", lease.Longest+time.Hour)
	same(s.t, "bob's token", s.take("gateway", "bob", lease.Longest), int64(2))
}

func leasesAbandoned(s *tenancy) {
	done, cancel := context.WithCancel(s.t.Context())
	cancel()
	if l, err := s.store.TakeLease(done, "gateway", "ada", lease.Longest); err == nil {
		s.t.Errorf("took %+v", l)
	}
	token := s.take("gateway", "bob", lease.Longest)
	same(s.t, "bob's token", token, int64(1))
	if _, err := s.store.RenewLease(done, "gateway", token, 0); err == nil {
		s.t.Error("renewed")
	}
	if err := s.store.ReturnLease(done, "gateway", token); err == nil {
		s.t.Error("returned")
	}
	same(s.t, "ada's, while bob holds it", s.take("gateway", "ada", lease.Longest), int64(0))
}
