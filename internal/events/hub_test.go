package events_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"coffer/internal/events"
)

// store is a follower in memory that counts how often it is asked.
type store struct {
	mu    sync.Mutex
	list  []events.Entry
	asked int
	fails error
	lost  bool // the order begins anew
}

func (s *store) add(guild string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		id := int64(len(s.list) + 1)
		s.list = append(s.list, events.Entry{Event: events.Event{ID: id, Guild: guild}, Position: events.Position{ID: id}})
	}
}

func (s *store) Head(context.Context) (events.Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return events.Position{ID: int64(len(s.list))}, s.fails
}

func (s *store) After(_ context.Context, from events.Position, guilds []string, limit int) (events.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.fails != nil {
		return events.Batch{}, s.fails
	}
	if s.lost {
		s.lost = false
		return events.Batch{}, events.ErrPosition
	}
	b := events.Batch{Until: events.Position{ID: int64(len(s.list))}}
	for _, e := range s.list[from.ID:] {
		if slices.Contains(guilds, e.Guild) {
			b.Entries = append(b.Entries, e)
			if len(b.Entries) == limit {
				b.Until, b.More = e.Position, true
				break
			}
		}
	}
	return b, nil
}

func (s *store) questions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// inBubble runs a test with a hub and a clock of its own.
func inBubble(t *testing.T, test func(t *testing.T, s *store, h *events.Hub)) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{}
		h := events.NewHub(events.HubConfig{Follower: s})
		ctx, end := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- h.Run(ctx) }()
		test(t, s, h)
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func watch(t *testing.T, h *events.Hub, guild string) *events.Watch {
	t.Helper()
	w, err := h.Watch(guild)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// took returns the ids of what is there to take.
func took(t *testing.T, w *events.Watch) (ids []int64) {
	t.Helper()
	news, _, _, err := w.Take()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range news {
		ids = append(ids, n.ID)
	}
	return ids
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestManyWatchersAreOneQuestionASecond(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store, h *events.Hub) {
		s.add("a", 3)
		time.Sleep(time.Minute)
		same(t, "questions while nobody watches", s.questions(), 0)
		var all []*events.Watch
		for i := range 1000 {
			all = append(all, watch(t, h, fmt.Sprint("guild-", i%10)))
		}
		same(t, "watchers", h.Watchers(), 1000)
		same(t, "start", all[0].Start(), events.Position{ID: 3})
		s.add("guild-7", 2)
		s.add("elsewhere", 1)
		time.Sleep(time.Minute + time.Millisecond)
		same(t, "questions in a minute", s.questions(), 60)
		same(t, "told where it happened", took(t, all[7]), []int64{4, 5})
		same(t, "not told elsewhere", took(t, all[8]), []int64(nil))
		for _, w := range all {
			w.Close()
		}
		synctest.Wait()
		same(t, "watchers afterwards", h.Watchers(), 0)
		before := s.questions()
		time.Sleep(time.Minute)
		same(t, "questions when all have gone", s.questions()-before, 0)
	})
}

func TestAWakeIsAnsweredAtOnceButNotMoreThanFiveTimesASecond(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store, h *events.Hub) {
		w := watch(t, h, "a")
		defer w.Close()
		time.Sleep(500 * time.Millisecond)
		s.add("a", 1)
		h.Wake()
		synctest.Wait()
		same(t, "told at once", took(t, w), []int64{1})
		before := s.questions()
		for range 1000 {
			h.Wake()
			time.Sleep(time.Millisecond)
		}
		if n := s.questions() - before; n > 5 {
			t.Errorf("%d questions in a second of wakes, want at most 5", n)
		}
	})
}

func TestNobodyWaitsForASlowWatcher(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store, h *events.Hub) {
		slow, quick, late := watch(t, h, "a"), watch(t, h, "a"), watch(t, h, "b")
		defer quick.Close()
		defer late.Close()
		var seen []int64
		for range 5 {
			s.add("a", 1000)
			time.Sleep(time.Second + time.Millisecond)
			seen = append(seen, took(t, quick)...)
		}
		same(t, "the quick one's", len(seen), 5000)
		if _, _, _, err := slow.Take(); !errors.Is(err, events.ErrSlow) {
			t.Errorf("the slow one: %v, want %v", err, events.ErrSlow)
		}
		same(t, "watchers left", h.Watchers(), 2)
		slow.Close() // does no harm
		same(t, "watchers left", h.Watchers(), 2)
	})
}

func TestAStoreThatWasPutBackHasEverybodyReadAnew(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store, h *events.Hub) {
		w := watch(t, h, "a")
		defer w.Close()
		s.mu.Lock()
		s.lost = true
		s.mu.Unlock()
		time.Sleep(time.Second + time.Millisecond)
		_, until, reset, err := w.Take()
		if !reset || err != nil || until != (events.Position{}) {
			t.Errorf("reset %v at %v, %v", reset, until, err)
		}
		s.add("a", 1)
		time.Sleep(time.Second)
		same(t, "afterwards", took(t, w), []int64{1})
	})
}

func TestAStoreThatFailsLosesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, s *store, h *events.Hub) {
		w := watch(t, h, "a")
		defer w.Close()
		s.add("a", 1)
		s.mu.Lock()
		s.fails = errors.New("down")
		s.mu.Unlock()
		time.Sleep(10 * time.Second)
		same(t, "while it fails", took(t, w), []int64(nil))
		s.mu.Lock()
		s.fails = nil
		s.mu.Unlock()
		time.Sleep(time.Second + time.Millisecond)
		same(t, "afterwards", took(t, w), []int64{1})
	})
}

func TestAWatchEndsWithTheHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := events.NewHub(events.HubConfig{Follower: &store{}})
		ctx, end := context.WithCancel(t.Context())
		go func() { _ = h.Run(ctx) }()
		w := watch(t, h, "a")
		end()
		<-w.News()
		if _, _, _, err := w.Take(); !errors.Is(err, events.ErrEnded) {
			t.Errorf("got %v, want %v", err, events.ErrEnded)
		}
		w.Close()
		if _, err := h.Watch("a"); !errors.Is(err, events.ErrEnded) {
			t.Errorf("a new one: %v, want %v", err, events.ErrEnded)
		}
	})
}

func TestPositionsAreReadAsTheyAreWritten(t *testing.T) {
	for _, p := range []events.Position{{}, {ID: 7}, {Round: 1<<64 - 1, ID: 1<<63 - 1}} {
		if got, err := events.ParsePosition(p.String()); err != nil || got != p {
			t.Errorf("%v is read as %v: %v", p, got, err)
		}
	}
	for _, text := range []string{"", "-", "1", "1-", "-1", "1--1", "+1-1", "01-1", "1-1-1", " 1-1", "1-1\n", "18446744073709551616-1", "x-1"} {
		if _, err := events.ParsePosition(text); !errors.Is(err, events.ErrPosition) {
			t.Errorf("%q: %v, want %v", text, err, events.ErrPosition)
		}
	}
}

// TestAResetIsNeverToldWithAPositionOfTheOldOrder has the order lost while somebody is
// about to take: he would go on from a position that the new order reaches much later.
func TestAResetIsNeverToldWithAPositionOfTheOldOrder(t *testing.T) {
	s := &store{}
	s.add("a", 1000)
	h := events.NewHub(events.HubConfig{Follower: s, Interval: time.Hour})
	ctx, end := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	defer func() {
		end()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	w := watch(t, h, "a")
	type taken struct {
		until events.Position
		reset bool
		err   error
	}
	result := make(chan taken, 1)
	release := w.Hold()
	go func() {
		_, until, reset, err := w.Take()
		result <- taken{until, reset, err}
	}()
	for deadline := time.Now().Add(time.Minute); !waitsToTake(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("nobody waits to take")
		}
	}
	w.Reset(events.Position{ID: 3})
	release()
	if got := <-result; got.err != nil || !got.reset || got.until != (events.Position{ID: 3}) {
		t.Errorf("got %+v, want a reset to 3", got)
	}
}

// waitsToTake reports whether a goroutine waits for a lock within Take.
func waitsToTake() bool {
	all := make([]byte, 1<<20)
	for stack := range strings.SplitSeq(string(all[:runtime.Stack(all, true)]), "\n\n") {
		head, frames, _ := strings.Cut(stack, "\n")
		if strings.Contains(head, "[sync.Mutex.Lock") && strings.Contains(frames, "(*Watch).Take") {
			return true
		}
	}
	return false
}
