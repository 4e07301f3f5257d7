package lease

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// shelf is a store of one lease, by the time of the test.
type shelf struct {
	mu     sync.Mutex
	holder string
	token  int64
	ends   time.Time
	away   bool          // it fails
	slow   atomic.Int64  // nanoseconds until it answers
	late   time.Duration // of each answer, when it is done
	lost   bool          // its next answer gets lost
}

var errAway = errors.New("the store is away")

func (s *shelf) call(ctx context.Context, do func()) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case <-time.After(time.Duration(s.slow.Load())):
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock()
	defer time.Sleep(s.late)
	defer s.mu.Unlock()
	if s.away {
		return errAway
	}
	do()
	if s.lost {
		s.lost = false
		return errAway
	}
	return nil
}

func (s *shelf) TakeLease(ctx context.Context, _, holder string, life time.Duration) (l Lease, err error) {
	err = s.call(ctx, func() {
		if l.Holder = s.holder; s.holder != holder && s.ends.After(time.Now()) {
			return
		}
		s.holder, s.ends = holder, time.Now().Add(life)
		s.token++
		l = Lease{s.token, holder}
	})
	return l, err
}

func (s *shelf) RenewLease(ctx context.Context, _ string, token int64, life time.Duration) (held bool, err error) {
	err = s.call(ctx, func() {
		if held = token == s.token && s.ends.After(time.Now()); held {
			s.ends = time.Now().Add(life)
		}
	})
	return held, err
}

func (s *shelf) ReturnLease(ctx context.Context, _ string, token int64) error {
	return s.call(ctx, func() {
		if token == s.token {
			s.ends = time.Time{}
		}
	})
}

// fail has the store fail from now on, or not any more.
func (s *shelf) fail(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

func (s *shelf) left() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Until(s.ends)
}

// diary collects log lines of many goroutines.
type diary struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all.Write(p)
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all.String()
}

// worker is a process that works for as long as it may.
type worker struct {
	*Keeper
	log   *diary
	works atomic.Bool
	terms atomic.Int64
	kill  context.CancelFunc
	ended chan error
	fails error
}

func newWorker(s Store) *worker {
	w := &worker{log: &diary{}, ended: make(chan error, 1)}
	w.Keeper = NewKeeper(s, "work", slog.New(slog.NewTextHandler(w.log, nil)))
	return w
}

// start runs it until the test of the bubble is over.
func (w *worker) start(t *testing.T) {
	ctx, kill := context.WithCancel(t.Context())
	w.kill = kill
	go func() { w.ended <- w.Run(ctx, w.work) }()
}

func (w *worker) work(ctx context.Context) error {
	w.works.Store(true)
	w.terms.Add(1)
	defer w.works.Store(false)
	if w.fails != nil {
		return w.fails
	}
	<-ctx.Done()
	return nil
}

// stop ends it and fails the test if that fails.
func (w *worker) stop(t *testing.T) {
	t.Helper()
	w.kill()
	if err := <-w.ended; err != nil {
		t.Errorf("Run: %v\n%s", err, w.log)
	}
}

func TestOneWorksAndTheNextAsSoonAsItHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		a, b := newWorker(s), newWorker(s)
		a.start(t)
		synctest.Wait()
		b.start(t)
		for range 10 * 60 {
			time.Sleep(time.Second)
			synctest.Wait()
			if !a.works.Load() || b.works.Load() || a.terms.Load() != 1 {
				t.Fatalf("first %v, %d times, second %v\n%s", a.works.Load(), a.terms.Load(), b.works.Load(), a.log)
			}
		}
		if n := strings.Count(b.log.String(), "another process works"); n != 1 || !strings.Contains(b.log.String(), a.holder) {
			t.Errorf("the second says it %d times:\n%s", n, b.log)
		}
		a.stop(t)
		time.Sleep(pollEvery + pollEvery/4)
		synctest.Wait()
		if !b.works.Load() {
			t.Errorf("nobody works\n%s", b.log)
		}
		b.stop(t)
		if left := s.left(); left > 0 {
			t.Errorf("the lease is held for %v", left)
		}
	})
}

// TestAKilledHolderIsReplacedWithinHalfAMinute: nothing tells that it is gone.
func TestAKilledHolderIsReplacedWithinHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		if _, err := s.TakeLease(t.Context(), "work", "who is killed", life); err != nil {
			t.Fatal(err)
		}
		b := newWorker(s)
		b.start(t)
		for began := time.Now(); !b.works.Load(); time.Sleep(100 * time.Millisecond) {
			if time.Since(began) > 25*time.Second { // the rest is for the connection
				t.Fatalf("nobody works after %v\n%s", time.Since(began), b.log)
			}
			synctest.Wait()
		}
		b.stop(t)
	})
}

// TestWhoCannotRenewStopsBeforeAnybodyElseMayBegin: whether the store refuses or does
// not answer, and whether or not it has heard.
func TestWhoCannotRenewStopsBeforeAnybodyElseMayBegin(t *testing.T) {
	for name, trouble := range map[string]func(*shelf){
		"away":                  func(s *shelf) { s.fail(true) },
		"away, and late before": func(s *shelf) { s.fail(true) },
		"away soon, and late":   func(s *shelf) { s.fail(true) },
		"silence":               func(s *shelf) { s.slow.Store(int64(time.Hour)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &shelf{}
				after := 12 * time.Second
				if strings.Contains(name, "late") {
					s.late = 2 * time.Second
				}
				if strings.Contains(name, "soon") {
					after = 3 * time.Second // before the first renewal
				}
				a := newWorker(s)
				a.start(t)
				time.Sleep(after)
				trouble(s)
				for a.works.Load() {
					if s.left() < margin-time.Millisecond {
						t.Fatalf("it works with %v of its lease left\n%s", s.left(), a.log)
					}
					time.Sleep(100 * time.Millisecond)
					synctest.Wait()
				}
				if n := strings.Count(a.log.String(), "was not renewed"); n != 1 {
					t.Errorf("the failure is told %d times:\n%s", n, a.log)
				}
				s.fail(false)
				s.slow.Store(0)
				time.Sleep(25 * time.Second) // it may be asking still
				synctest.Wait()
				if !a.works.Load() || a.terms.Load() != 2 {
					t.Errorf("it does not go on\n%s", a.log)
				}
				a.stop(t)
			})
		})
	}
}

func TestAStoreThatFailsForAMomentChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		a := newWorker(s)
		a.start(t)
		for range 20 {
			time.Sleep(7 * time.Second)
			s.fail(true)
			time.Sleep(6 * time.Second)
			s.fail(false)
		}
		synctest.Wait()
		if !a.works.Load() || a.terms.Load() != 1 {
			t.Errorf("works %v, %d terms\n%s", a.works.Load(), a.terms.Load(), a.log)
		}
		a.stop(t)
	})
}

func TestWhoseLeaseWasTakenStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		a := newWorker(s)
		a.start(t)
		time.Sleep(time.Second)
		s.mu.Lock() // by an operator's hand, or another clock
		s.holder, s.token = "another", s.token+1
		s.ends = time.Now().Add(time.Hour)
		s.mu.Unlock()
		time.Sleep(renewEvery)
		synctest.Wait()
		if a.works.Load() {
			t.Errorf("it works still\n%s", a.log)
		}
		a.stop(t)
		if s.left() < time.Minute {
			t.Error("it has given another's lease back")
		}
	})
}

func TestALostAnswerCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{lost: true}
		a := newWorker(s)
		a.start(t)
		time.Sleep(pollEvery + pollEvery/4)
		synctest.Wait()
		if !a.works.Load() || s.token != 2 {
			t.Errorf("works %v, token %d\n%s", a.works.Load(), s.token, a.log)
		}
		s.mu.Lock()
		s.lost = true // of a renewal
		s.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if !a.works.Load() || a.terms.Load() != 1 {
			t.Errorf("works %v, %d terms\n%s", a.works.Load(), a.terms.Load(), a.log)
		}
		a.stop(t)
	})
}

// TestWorkThatFailsIsTold: and the lease is free for who may do better.
func TestWorkThatFailsIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		a := newWorker(s)
		a.fails = errors.New("refused")
		a.start(t)
		if err := <-a.ended; !errors.Is(err, a.fails) {
			t.Errorf("Run: %v", err)
		}
		if left := s.left(); left > 0 {
			t.Errorf("the lease is held for %v", left)
		}
	})
}

// TestTheLeaseIsKeptWhileWorkEnds: the next one begins after it, not beside it.
func TestTheLeaseIsKeptWhileWorkEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		a := newWorker(s)
		ctx, kill := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = a.Run(ctx, func(ctx context.Context) error {
				<-ctx.Done()
				time.Sleep(time.Minute)
				if s.left() < margin {
					t.Errorf("%v of the lease are left", s.left())
				}
				return nil
			})
		}()
		time.Sleep(time.Second)
		kill()
		<-done
		if left := s.left(); left > 0 {
			t.Errorf("the lease is held for %v", left)
		}
	})
}

func TestAStoreThatDoesNotAnswerHoldsTheEndUpForSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, works := range []bool{true, false} {
			s := &shelf{}
			a := newWorker(s)
			if !works {
				s.slow.Store(int64(time.Hour))
			}
			a.start(t)
			time.Sleep(renewEvery - time.Millisecond)
			s.slow.Store(int64(time.Hour))
			time.Sleep(2 * time.Millisecond)
			began := time.Now()
			a.stop(t)
			if took := time.Since(began); took > 2*answerTime {
				t.Errorf("the end took %v", took)
			}
		}
	})
}
