package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// held occupies the writer until release is called.
func held(t *testing.T, s *Store) (release func()) {
	t.Helper()
	entered, leave, left := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		left <- s.write(context.Background(), func(*tx) error {
			close(entered)
			<-leave
			return nil
		})
	}()
	<-entered
	return func() {
		close(leave)
		if err := <-left; err != nil {
			t.Error(err)
		}
	}
}

// queued waits until n writes wait for their turn.
func queued(s *Store, n int) {
	for {
		s.writer.mu.Lock()
		waiting := len(s.writer.queue)
		s.writer.mu.Unlock()
		if waiting == n {
			return
		}
		runtime.Gosched()
	}
}

func addGuild(id string) func(*tx) error {
	return func(t *tx) error { _, err := t.meetGuild(economy.GuildID(id), noon); return err }
}

func guilds(t *testing.T, s *Store) int {
	t.Helper()
	return must[economy.Audit](t)(s.Audit(t.Context())).Guilds
}

func TestWritesThatWaitShareACommitAndFailAlone(t *testing.T) {
	s := openTemp(t)
	release := held(t, s)
	refusal := problem.New(problem.Refused, "no", "No.")
	var inOne atomic.Int32
	var group sync.WaitGroup
	outcomes := make([]error, 3)
	panicked := make(chan any, 1)
	for i, do := range []func(*tx) error{
		addGuild("1"),
		func(t *tx) error { return errors.Join(addGuild("2")(t), refusal) },
		func(t *tx) error {
			inOne.Store(int32(len(s.writer.queue)))
			return addGuild("3")(t)
		},
	} {
		group.Go(func() { outcomes[i] = s.write(context.Background(), do) })
		queued(s, i+1)
	}
	group.Go(func() {
		defer func() { panicked <- recover() }()
		_ = s.write(context.Background(), func(t *tx) error {
			_ = addGuild("4")(t)
			panic("defect")
		})
	})
	queued(s, 4)
	release()
	group.Wait()
	if outcomes[0] != nil || !errors.Is(outcomes[1], refusal) || outcomes[2] != nil {
		t.Errorf("outcomes = %v", outcomes)
	}
	if got, ok := (<-panicked).(error); !ok || !strings.Contains(got.Error(), "defect") || !strings.Contains(got.Error(), "commit_test.go") {
		t.Errorf("the writer of a defect saw %v, want its panic and where it was", got)
	}
	if n := inOne.Load(); n != 0 {
		t.Errorf("%d writes were left for another commit", n)
	}
	if got := guilds(t, s); got != 2 {
		t.Errorf("%d guilds, want 2: the refused and the defective leave no trace", got)
	}
}

func TestAWriteAbandonedBeforeItsTurnNeverHappens(t *testing.T) {
	s := openTemp(t)
	release := held(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.write(ctx, addGuild("1")) }()
	queued(s, 1)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || !errors.Is(err, problem.ErrUnavailable) {
		t.Errorf("err = %v", err)
	}
	release()
	if err := s.write(context.Background(), addGuild("2")); err != nil {
		t.Fatal(err)
	}
	if got := guilds(t, s); got != 1 {
		t.Errorf("%d guilds, want 1", got)
	}
}

func TestAFailedCommitFailsEverybodyInIt(t *testing.T) {
	s := openTemp(t)
	release := held(t, s)
	var group sync.WaitGroup
	outcomes := make([]error, 2)
	for i, do := range []func(*tx) error{
		addGuild("1"),
		func(t *tx) error { // what SQLite does by itself when the disk is full
			_, err := t.conn.ExecContext(t.ctx, "ROLLBACK")
			return errors.Join(errors.New("disk full"), err)
		},
	} {
		group.Go(func() { outcomes[i] = s.write(context.Background(), do) })
		queued(s, i+1)
	}
	release()
	group.Wait()
	if outcomes[0] == nil || outcomes[1] == nil {
		t.Errorf("outcomes = %v, want failures: nothing was committed", outcomes)
	}
	if err := s.write(context.Background(), addGuild("2")); err != nil {
		t.Errorf("the writer does not recover: %v", err)
	}
	if got := guilds(t, s); got != 1 {
		t.Errorf("%d guilds, want 1", got)
	}
}

// TestAFullDiskIsToldUntilThereIsRoom has a disk with no room for another page.
func TestAFullDiskIsToldUntilThereIsRoom(t *testing.T) {
	s := openTemp(t)
	pages := func(most int) {
		t.Helper()
		if err := s.write(t.Context(), func(x *tx) error {
			_, err := x.conn.ExecContext(x.ctx, fmt.Sprintf("PRAGMA max_page_count = %d", most))
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	pages(1) // as many as there are
	var err error
	for n := 0; n < 10_000 && err == nil; n++ {
		err = s.write(t.Context(), addGuild(fmt.Sprint("guild", n)))
	}
	if !errors.Is(err, problem.ErrUnavailable) {
		t.Fatalf("a write ended with %v, want a full disk", err)
	}
	for range 2 {
		if err := s.Ping(t.Context()); !errors.Is(err, problem.ErrUnavailable) {
			t.Errorf("Ping on a full disk: %v", err)
		}
	}
	pages(1 << 30)
	for range 2 {
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("Ping with room again: %v", err)
		}
	}
	if s.refused.Load() != nil {
		t.Error("it goes on writing")
	}
	if err := s.write(t.Context(), addGuild("last")); err != nil {
		t.Error(err)
	}
	var left int
	if err := s.query(t.Context(), func(x *tx) error {
		return x.row("SELECT count(*) FROM sqlite_schema WHERE name = 'room'", nil, &left)
	}); err != nil || left != 0 {
		t.Errorf("%d tables are left: %v", left, err)
	}
}

func TestCloseFinishesWhatIsQueued(t *testing.T) {
	s := openTemp(t)
	release := held(t, s)
	done := make(chan error)
	go func() { done <- s.write(context.Background(), addGuild("1")) }()
	queued(s, 1)
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	release()
	if err := errors.Join(<-done, <-closed); err != nil {
		t.Error(err)
	}
	if err := s.write(context.Background(), addGuild("2")); !errors.Is(err, problem.ErrUnavailable) {
		t.Errorf("a closed store says %v", err)
	}
}
