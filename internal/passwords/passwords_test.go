package passwords

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestAHashIsOfOnePassword(t *testing.T) {
	h := New()
	one, err := h.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.Hash(t.Context(), "correct horse battery")
	if err != nil || one == two {
		t.Errorf("two hashes are the same, or %v: a salt is missing", err)
	}
	if !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %q", one)
	}
	for password, want := range map[string]bool{"correct horse battery": true, "correct horse batterx": false, "": false, "correct horse battery ": false} {
		if got, err := h.Check(t.Context(), password, one); got != want || err != nil {
			t.Errorf("%q: %v, %v, want %v", password, got, err, want)
		}
	}
}

func TestAHashThatIsNoneIsAnError(t *testing.T) {
	h := New()
	good, err := h.Hash(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"x", "$argon2id$", good[:len(good)-1], good + "A", strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "m=19456", "m=4000000", 1), strings.Replace(good, "t=2", "t=0", 1),
		strings.Replace(good, "p=1", "p=255", 1), "$" + good} {
		if ok, err := h.Check(t.Context(), "x", bad); ok || err == nil {
			t.Errorf("%q: %v, %v, want an error", bad, ok, err)
		}
	}
}

// TestAnUnknownNameCostsTheSame counts the work instead of timing it: with and
// without a hash one key is derived, at the same price.
func TestAnUnknownNameCostsTheSame(t *testing.T) {
	h := New()
	hash, err := h.Hash(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	var work []string
	h.derive = func(password string, salt []byte, p parameters) []byte {
		work = append(work, fmt.Sprint(len(salt), p))
		return derive(password, salt, p)
	}
	for _, known := range []string{hash, ""} {
		if _, err := h.Check(t.Context(), "guess", known); err != nil {
			t.Fatal(err)
		}
	}
	if ok, err := h.Check(t.Context(), "", ""); ok || err != nil {
		t.Errorf("no password for no account: %v, %v", ok, err)
	}
	if len(work) != 3 || work[0] != work[1] || work[1] != work[2] {
		t.Errorf("work %q, want the same each time", work)
	}
}

// TestOnlyAFewRunAtOnce: the memory is bounded, and so is the line before it.
func TestOnlyAFewRunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New()
		open := make(chan struct{})
		var running, most, busy, done atomic.Int32
		h.derive = func(string, []byte, parameters) []byte {
			n := running.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-open
			running.Add(-1)
			return make([]byte, keySize)
		}
		var all sync.WaitGroup
		for range 2 * inLine {
			all.Go(func() {
				switch _, err := h.Check(context.Background(), "x", ""); {
				case errors.Is(err, ErrBusy):
					busy.Add(1)
				case err == nil:
					done.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		gone, leave := context.WithCancel(context.Background())
		leave()
		if _, err := h.Check(gone, "x", ""); !errors.Is(err, ErrBusy) {
			t.Errorf("beyond the line: %v, want %v", err, ErrBusy)
		}
		close(open)
		all.Wait()
		if most.Load() != atOnce || done.Load() != inLine || busy.Load() != inLine {
			t.Errorf("%d at once, %d done, %d turned away, want %d, %d and %d", most.Load(), done.Load(), busy.Load(), atOnce, inLine, inLine)
		}
	})
}
