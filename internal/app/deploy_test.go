package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestADeployUnderLoadLosesNothing does what a platform does with a new version: the
// old server answers until the new one is ready, both do for a while, some deliveries
// reach both, then the new one alone, and the old is asked to end while it still works.
func TestADeployUnderLoadLosesNothing(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "coffer.db")
		got := deploy(t, key, "STORE=sqlite", "SQLITE_PATH="+path)
		if booked := audit(t, path); booked != got {
			t.Errorf("%d payments and claims in the ledger, %d receipts given for them", booked, got)
		}
	})
	t.Run("supabase", func(t *testing.T) {
		thorough(t)
		bank, project := newSupabase(t)
		defer bank.Close()
		got := deploy(t, key, onSupabase(project)...)
		a, err := bank.Audit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if broken, ok := a.Broken(); ok {
			t.Fatalf("the books are broken: %+v", broken)
		}
		if booked := a.Transactions - a.Members; booked != got {
			t.Errorf("%d payments and claims in the ledger, %d receipts given for them", booked, got)
		}
	})
}

// deploy replaces one server by another under load and returns how many writes took
// effect, by the replies. No request may fail, and a repetition answers the same.
func deploy(t *testing.T, key ed25519.PrivateKey, store ...string) int {
	const workers, members, phase = 16, 50, 150
	var deferred sync.Map // the tokens of those that the old server has yet to reply to
	var edits sync.Map    // the tokens of interactions whose replies came later
	discord := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token, ok := strings.CutSuffix(r.URL.Path, "/messages/@original"); ok && r.Method == http.MethodPatch {
			edits.Store(token[strings.LastIndex(token, "/")+1:], true)
		}
		_, _ = io.WriteString(w, `{"id":"1"}`)
	}))
	defer discord.Close()
	store = append(store, "DISCORD_API_URL="+discord.URL)
	old, next := startServeOn(t, key, store...), (*process)(nil)
	var (
		group    sync.WaitGroup
		answered atomic.Int64
		front    atomic.Pointer[[]*process] // who may be given a delivery
		toOld    sync.WaitGroup             // deliveries on their way to the old server
		door     sync.RWMutex               // between choosing a server and being on the way there
		results  = make([][]sent, workers)
		stop     = make(chan struct{})
	)
	front.Store(&[]*process{old})
	for w := range workers {
		group.Go(func() {
			random := mathrand.New(mathrand.NewPCG(5, uint64(w)))
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				s := sent{body: anyWrite(random, members, snowflake(time.Now(), w*200+n%200))}
				alone := false
				door.RLock()
				servers := *front.Load()
				p := servers[random.IntN(len(servers))]
				if p == old {
					toOld.Add(1)
				}
				door.RUnlock()
				underWay := sync.OnceFunc(func() {
					if p == old {
						toOld.Done()
					}
				})
				var err error
				var status int
				if len(servers) > 1 && random.IntN(2) == 0 {
					s.reply = twice(t, s.body, servers...)
					status = http.StatusOK
				} else {
					alone = true
					ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { underWay() }})
					status, s.reply, err = p.postContext(ctx, s.body)
				}
				underWay()
				if err != nil || status != http.StatusOK {
					t.Errorf("status %d, %v (refused: %v)", status, err, errors.Is(err, syscall.ECONNREFUSED))
					return
				}
				if alone && p == old && bytes.Equal(s.reply, []byte(`{"type":5}`)) {
					deferred.Store(tokenOf(t, s.body), true)
				}
				results[w] = append(results[w], s)
				answered.Add(1)
			}
		})
	}
	reach := func(n int64) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); answered.Load() < n; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) || t.Failed() {
				t.Fatalf("%d of %d were answered\n%s", answered.Load(), n, old.stderr)
			}
		}
	}
	defer group.Wait()
	stopAll := sync.OnceFunc(func() { close(stop) })
	defer stopAll()

	reach(phase)
	next = startServeOn(t, key, store...)
	front.Store(&[]*process{old, next})
	reach(answered.Load() + 2*phase)
	door.Lock()
	front.Store(&[]*process{next})
	door.Unlock()
	toOld.Wait() // each is written to its connection, or answered
	asked := time.Now()
	if err := old.terminate(); err != nil {
		t.Errorf("the old server: %v: %s", err, old.stderr)
	}
	ended := time.Since(asked)
	waited := 0
	deferred.Range(func(token, _ any) bool {
		waited++
		if _, ok := edits.Load(token); !ok {
			t.Errorf("the old server has ended, and %s is still thinking", token)
		}
		return true
	})
	reach(answered.Load() + phase)
	stopAll()
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}

	var took atomic.Int64
	for _, r := range results {
		group.Go(func() {
			for _, s := range r {
				status, reply, err := next.post(s.body)
				switch {
				case err != nil || status != http.StatusOK:
					t.Errorf("status %d, %v", status, err)
					return
				case isReceipt(s.reply) && !bytes.Equal(reply, s.reply):
					t.Errorf("a repetition answers otherwise:\nfirst %s\nnow   %s", s.reply, reply)
				case isReceipt(reply):
					took.Add(1)
				}
			}
		})
	}
	group.Wait()
	t.Logf("%d writes, %d took effect; the old server had %d deferred, and ended within %v", answered.Load(), took.Load(), waited, ended)
	if err := next.terminate(); err != nil {
		t.Errorf("stop: %v: %s", err, next.stderr)
	}
	return int(took.Load())
}

// tokenOf returns the token by which an interaction is replied to later.
func tokenOf(t *testing.T, body []byte) string {
	t.Helper()
	var it struct{ Token string }
	if err := json.Unmarshal(body, &it); err != nil {
		t.Error(err)
	}
	return it.Token
}
