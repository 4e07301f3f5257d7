package gateway

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/simulator"
)

func TestWhoJoinsWaitsForTheStore(t *testing.T) {
	r := newRig(t)
	r.book.fail = func(call int) error {
		if call <= 20 {
			return fmt.Errorf("meet: %w", problem.ErrUnavailable)
		}
		return nil
	}
	r.start()
	r.connected()
	r.join("71")
	r.join("72")
	r.join("73")
	r.meets("71", "72", "73")
	r.nobody()
	r.logs("wait for the store")
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		if got := waits(r)[i]; got != want*time.Second {
			t.Errorf("pause %d is %v, want %d s", i, got, want)
		}
	}
}

// waits are the pauses for the store: they are whole seconds.
func waits(r *rig) (list []time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range r.slept {
		if d > 0 && d%time.Second == 0 {
			list = append(list, d)
		}
	}
	return list
}

func TestWhoCannotBeMetHoldsNobodyUp(t *testing.T) {
	r := newRig(t)
	r.book.fail = func(call int) error {
		switch {
		case call == 2:
			panic("a defect")
		case call <= mostAttempts:
			return errors.New("a defect")
		}
		return nil
	}
	r.start()
	r.connected()
	r.join("71")
	r.until("the end of the attempts", func() bool { return strings.Contains(r.log.String(), "were not met; they are at their first command") })
	r.join("72")
	r.meets("72")
	r.nobody()
}

func TestThereIsRoomForACrowd(t *testing.T) {
	r := newRig(t)
	down := problem.ErrUnavailable
	r.book.fail = func(int) error {
		if down != nil {
			return down
		}
		return nil
	}
	for i := range mostWaiting + 7 {
		r.joins.add(join{guild: simulator.DemoGuildID, person: economy.Person{User: economy.UserID(strconv.Itoa(i + 1))}})
	}
	r.logs("the next will be looked for in the list of members")
	down = nil
	r.start()
	for i := range mostWaiting {
		r.meets(strconv.Itoa(i + 1))
	}
	r.until("the word on those who were missed", func() bool { return strings.Contains(r.log.String(), "people=7") })
	r.nobody()
	if r.book.calls != mostWaiting/mostAtOnce {
		t.Errorf("%d calls", r.book.calls)
	}
}

func TestAtTheEndTheStoreIsAskedOnceMore(t *testing.T) {
	for _, back := range []bool{true, false} {
		r := newRig(t)
		ctx, cancel := context.WithCancel(t.Context())
		r.book.fail = func(call int) error {
			if call == 3 {
				cancel()
			}
			if call <= 3 || !back {
				return problem.ErrUnavailable
			}
			return nil
		}
		for _, id := range []economy.UserID{"71", "72"} {
			r.joins.add(join{guild: simulator.DemoGuildID, person: economy.Person{User: id}})
		}
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
		if back {
			r.meets("71", "72")
		} else {
			r.logs("were not met before the end")
			r.logs("people=2")
		}
		r.nobody()
	}
}

func TestGuildsAreMetInTurn(t *testing.T) {
	q := newJoins(nil, nil, nil)
	for i, guild := range []economy.GuildID{"1", "1", "2", "1"} {
		q.add(join{guild: guild, person: economy.Person{User: economy.UserID(strconv.Itoa(i))}})
	}
	for _, want := range []int{2, 1, 1, 0} {
		got := q.next()
		if len(got) != want {
			t.Fatalf("%d of one guild, want %d", len(got), want)
		}
		q.strike(len(got))
	}
}
