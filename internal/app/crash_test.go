package app

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"math"
	mathrand "math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/internal/sqlite"
)

// sent is an interaction that was sent, with the reply if one came.
type sent struct {
	body, reply []byte
}

// TestNothingIsLostOrDoubledByAKill kills the server in the middle of a storm
// of writes, several times. Everything it had answered must be there, and
// sending everything again must change nothing but finish what was cut off.
func TestNothingIsLostOrDoubledByAKill(t *testing.T) {
	rounds, perRound, workers := 4, int64(400), 16
	if testing.Short() {
		rounds, perRound = 2, 100
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "coffer.db")
	var all []sent
	for round := range rounds {
		p := startServe(t, key, path)
		all = append(all, storm(p, round, workers, perRound)...)
		if err := p.kill(); err == nil {
			t.Fatal("the server ended by itself before it was killed")
		}
		audit(t, path)
	}
	answered := 0
	for _, s := range all {
		if s.reply != nil {
			answered++
		}
	}
	t.Logf("%d interactions sent, %d answered before the kills", len(all), answered)

	p := startServe(t, key, path)
	transactions := -1
	for again := range 2 {
		for _, s := range all {
			status, reply, err := p.post(s.body)
			if err != nil || status != http.StatusOK {
				t.Fatalf("status %d, %v", status, err)
			}
			if s.reply != nil && !bytes.Equal(reply, s.reply) {
				t.Fatalf("repetition %d answers otherwise:\nfirst %s\nnow   %s", again, s.reply, reply)
			}
		}
		if got := audit(t, path); transactions >= 0 && got != transactions {
			t.Errorf("%d transactions after the second repetition, %d after the first", got, transactions)
		} else {
			transactions = got
		}
	}
	if err := p.stop(); err != nil {
		t.Errorf("stop: %v: %s", err, p.stderr)
	}
}

// storm sends writes from many workers until enough are answered, and leaves
// the rest in flight for the kill.
func storm(p *process, round, workers int, enough int64) []sent {
	var answered, ids atomic.Int64
	var group sync.WaitGroup
	results := make([][]sent, workers)
	killed := make(chan struct{})
	for w := range workers {
		group.Go(func() {
			random := mathrand.New(mathrand.NewPCG(uint64(round), uint64(w)))
			for {
				id := snowflake(time.Now(), int(ids.Add(1))%math.MaxInt16)
				s := sent{body: anyWrite(random, id)}
				status, reply, err := p.post(s.body)
				if err == nil && status == http.StatusOK {
					s.reply = reply
				}
				results[w] = append(results[w], s)
				if err != nil {
					return
				}
				if answered.Add(1) == enough {
					close(killed)
				}
			}
		})
	}
	<-killed
	_ = p.cmd.Process.Kill()
	group.Wait()
	var all []sent
	for _, r := range results {
		all = append(all, r...)
	}
	return all
}

// anyWrite is a payment among few members, or a daily claim of one of many.
// Payments are small enough never to be refused in one order and not in another.
func anyWrite(random *mathrand.Rand, id string) []byte {
	member := func(n int) string { return strconv.Itoa(1000000000000000 + random.IntN(n)) }
	if random.IntN(4) == 0 {
		return command(id, member(1_000_000), "daily")
	}
	from := member(20)
	to := from
	for to == from {
		to = member(20)
	}
	return command(id, from, "pay", option(6, "member", to), option(3, "amount", "1"), option(3, "note", "round"))
}

// audit checks the books and returns how many transactions there are.
func audit(t *testing.T, path string) int {
	t.Helper()
	store, err := sqlite.OpenExisting(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	a, err := store.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if broken, ok := a.Broken(); ok {
		t.Fatalf("the books are broken: %+v", broken)
	}
	return a.Transactions
}
