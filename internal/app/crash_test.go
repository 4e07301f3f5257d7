package app

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"math"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/internal/sqlite"
	"coffer/internal/storetest"
)

// sent is an interaction that was sent, with the reply if one came.
type sent struct {
	body, reply []byte
}

// TestNothingIsLostOrDoubledByAKill kills the server in the middle of a storm
// of writes, several times. Everything it had answered must be there, and
// sending everything again must change nothing but finish what was cut off.
func TestNothingIsLostOrDoubledByAKill(t *testing.T) {
	rounds, perRound, workers, members := 4, int64(400), 16, 20
	switch {
	case testing.Short():
		rounds, perRound = 2, 100
	case storetest.RaceDetector:
		rounds, perRound = 2, 200
	case os.Getenv("COFFER_SOAK") != "":
		rounds, perRound, workers, members = 25, 4000, 64, 5000
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "coffer.db")
	var all []sent
	for round := range rounds {
		p := startServe(t, key, path)
		all = append(all, storm(p, round, workers, members, perRound)...)
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
	for again := range 2 {
		receipts := 0
		for _, s := range all {
			status, reply, err := p.post(s.body)
			if err != nil || status != http.StatusOK {
				t.Fatalf("status %d, %v", status, err)
			}
			// Who was told to wait was answered later, elsewhere.
			if s.reply != nil && !bytes.Equal(s.reply, []byte(`{"type":5}`)) && !bytes.Equal(reply, s.reply) {
				t.Fatalf("repetition %d answers otherwise:\nfirst %s\nnow   %s", again, s.reply, reply)
			}
			if isReceipt(reply) {
				receipts++
			}
		}
		if got := audit(t, path); got != receipts {
			t.Errorf("%d payments and claims in the ledger, %d receipts given for them", got, receipts)
		}
	}
	if err := p.stop(); err != nil {
		t.Errorf("stop: %v: %s", err, p.stderr)
	}
}

// storm sends writes from many workers until enough are answered, and leaves
// the rest in flight for the kill.
func storm(p *process, round, workers, members int, enough int64) []sent {
	var answered, ids atomic.Int64
	var group sync.WaitGroup
	results := make([][]sent, workers)
	reached, dead := make(chan struct{}), make(chan struct{})
	for w := range workers {
		group.Go(func() {
			random := mathrand.New(mathrand.NewPCG(uint64(round), uint64(w)))
			for {
				id := snowflake(time.Now(), int(ids.Add(1))%math.MaxInt16)
				s := sent{body: anyWrite(random, members, id)}
				status, reply, err := p.post(s.body)
				if err == nil && status == http.StatusOK {
					s.reply = reply
				}
				results[w] = append(results[w], s)
				if err != nil {
					return
				}
				if answered.Add(1) == enough {
					close(reached)
				}
			}
		})
	}
	go func() { group.Wait(); close(dead) }()
	select {
	case <-reached:
	case <-dead:
		p.t.Fatalf("the server ended by itself: %s", p.stderr)
	}
	_ = p.cmd.Process.Kill()
	<-dead
	var all []sent
	for _, r := range results {
		all = append(all, r...)
	}
	return all
}

// anyWrite is a payment among few members, or a daily claim of one of many.
// Members are too many for one to run out of coins: a refusal is not remembered,
// and later the same payment may be possible.
func anyWrite(random *mathrand.Rand, members int, id string) []byte {
	member := func(n int) string { return strconv.Itoa(1000000000000000 + random.IntN(n)) }
	if random.IntN(4) == 0 {
		return command(id, member(1_000_000), "daily")
	}
	from := member(members)
	to := from
	for to == from {
		to = member(members)
	}
	return command(id, from, "pay", option(6, "member", to), option(3, "amount", "1"), option(3, "note", "round"))
}

// isReceipt reports whether a reply tells of a write. Refusals have no title.
func isReceipt(reply []byte) bool { return bytes.Contains(reply, []byte(`"title":`)) }

// audit checks the books and returns how many payments and claims there are.
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
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM transactions WHERE kind IN ('transfer', 'daily')").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
