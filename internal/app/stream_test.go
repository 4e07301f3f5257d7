package app

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/sqlite"
	"coffer/internal/storetest"
	"coffer/internal/tasks"
)

// dashboard is somebody who is signed in at a server and watches a guild's stream.
type dashboard struct {
	t    *testing.T
	last string // the id of the newest event
	kind []string
	ids  []string
}

// signIn signs the first owner in at a server.
func signIn(t *testing.T, url string) (token string) {
	t.Helper()
	res, err := http.Post(url+"/api/auth/login", "application/json", strings.NewReader(`{"username":"ada","password":"a-password-of-16"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var granted struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&granted); err != nil || granted.AccessToken == "" {
		t.Fatalf("%d: %v", res.StatusCode, err)
	}
	return granted.AccessToken
}

// watch is follow for a server that is there.
func (d *dashboard) watch(url, token string, begun func(), seen func(kind string) bool) {
	d.t.Helper()
	if err := d.follow(d.t.Context(), url, token, begun, seen); err != nil {
		d.t.Fatal(err)
	}
}

// follow connects, goes on from the last event, and calls begun once it is told where
// it is. It returns when seen returns false or the stream ends. Errors: there was none.
func (d *dashboard) follow(ctx context.Context, url, token string, begun func(), seen func(kind string) bool) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/guilds/1180000000000000100/events", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if d.last != "" {
		req.Header.Set("Last-Event-ID", d.last)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the stream's status is %d", res.StatusCode)
	}
	here, kind := false, ""
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case lines.Text() == ": here":
			here = true
		case name == "id":
			d.last = value
		case name == "event":
			kind = value
		case name == "data":
			d.ids, d.kind = append(d.ids, d.last), append(d.kind, kind)
			if !seen(kind) {
				return nil
			}
		case lines.Text() == "" && here:
			here = false
			begun()
		}
	}
	return nil
}

// TestTwoServersTellOneDashboard has two processes on one Supabase. What a command
// does at one of them reaches a dashboard at the other within two seconds; when that
// is killed, the dashboard goes to the first, and has seen everything once.
func TestTwoServersTellOneDashboard(t *testing.T) {
	thorough(t)
	bank, p := newSupabase(t)
	defer func() { _ = bank.Close() }()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	env := append(onSupabase(p), "ADMIN_USERNAME=ada", "ADMIN_PASSWORD=a-password-of-16")
	one, other := startServeOn(t, key, env...), startServeOn(t, key, env...)
	said := 0
	say := func(p *process, name string, options ...map[string]any) {
		t.Helper()
		said++
		status, reply, err := p.post(command(snowflake(time.Now(), said), "1180000000000001001", name, options...))
		if err != nil || status != http.StatusOK {
			t.Fatalf("%d %s: %v", status, reply, err)
		}
	}
	say(one, "daily")
	token := signIn(t, other.url) // both believe it
	d := &dashboard{t: t}
	pay := func() { say(one, "pay", option(6, "member", "1180000000000001002"), option(3, "amount", "1")) }
	var paid time.Time
	slowest, times := time.Duration(0), 0
	d.watch(other.url, token, func() {
		paid = time.Now()
		pay()
	}, func(kind string) bool {
		if kind == "transfer" {
			slowest, times = max(slowest, time.Since(paid)), times+1
			if times < 5 {
				paid = time.Now()
				pay()
			}
		}
		return times < 5
	})
	t.Logf("the slowest of %d took %s", times, slowest)
	if times != 5 || slowest > 2*time.Second {
		t.Errorf("of 5 payments %d arrived, the slowest after %s", times, slowest)
	}
	started := d.last
	watching, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		d.watch(other.url, token, func() { close(watching) }, func(string) bool { return true })
	}()
	<-watching
	pay()
	if err := other.kill(); err == nil {
		t.Fatal("the server ended by itself before it was killed")
	}
	<-ended
	pay()
	say(one, "daily") // is refused, and so tells nothing
	say(one, "pay", option(6, "member", "1180000000000001003"), option(3, "amount", "2"))
	d.watch(one.url, token, func() {}, func(kind string) bool { return kind != "transfer" || countOf(d.kind, "transfer") < 8 })
	if n := countOf(d.kind, "transfer"); n != 8 {
		t.Errorf("%d payments were told, want 8: %v", n, d.kind)
	}
	for i := 1; i < len(d.ids); i++ {
		before, err1 := events.ParsePosition(d.ids[i-1])
		after, err2 := events.ParsePosition(d.ids[i])
		if err1 != nil || err2 != nil || before.Compare(after) >= 0 {
			t.Errorf("%s comes after %s (%s on)", d.ids[i], d.ids[i-1], started)
		}
	}
	history, err := bank.History(t.Context(), economy.HistoryQuery{Guild: "1180000000000000100", Viewer: economy.Person{User: "1180000000000001001"},
		Member: economy.Person{User: "1180000000000001001"}, Size: 100, At: time.Now()})
	if err != nil || len(history.Lines) != 8+2 {
		t.Errorf("the payer has %d entries, want 8 payments, a daily reward and his opening: %v", len(history.Lines), err)
	}
}

// TestAStormAtTwoServersIsToldOnceAndInOrder has ten thousand payments made at two
// processes on one Supabase, of which one after the other is killed and started anew,
// and four dashboards that go from the one to the other, cut off by that and by themselves.
// Whoever was not answered sends the same again, to the other.
func TestAStormAtTwoServersIsToldOnceAndInOrder(t *testing.T) {
	thorough(t)
	payments, payers, watchers := 10_000, 8, 4
	if storetest.RaceDetector {
		payments = 400
	}
	bank, p := newSupabase(t)
	defer func() { _ = bank.Close() }()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	env := append(onSupabase(p), "ADMIN_USERNAME=ada", "ADMIN_PASSWORD=a-password-of-16")
	var mu sync.Mutex
	servers := [2]*process{startServeOn(t, key, env...), startServeOn(t, key, env...)}
	pick := func(n int) *process {
		mu.Lock()
		defer mu.Unlock()
		return servers[n%2]
	}
	token := signIn(t, servers[0].url)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // it ends a test that has failed
	defer cancel()
	const guild = "1180000000000000100"
	payer := func(n int) string { return strconv.Itoa(1180000000000002000 + n) }
	for n := range payers {
		who := economy.Person{User: economy.UserID(payer(n)), Name: "payer"}
		gift, err := economy.NewAdjustment(economy.Request{Guild: guild, Source: economy.FromSystem, Key: payer(n), At: time.Now()},
			who, who, economy.KindGive, 1_000_000, "")
		if err == nil {
			_, err = bank.Adjust(ctx, gift)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	from, err := bank.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}

	var paying, watching sync.WaitGroup
	var made, again, ids atomic.Int64
	for n := range payers {
		paying.Go(func() {
			for range payments / payers {
				body := command(snowflake(time.Now(), int(ids.Add(1))%(1<<22)), payer(n), "pay",
					option(6, "member", "1180000000000001001"), option(3, "amount", "1"))
				for try := n; ctx.Err() == nil; try++ {
					if status, reply, err := pick(try).postContext(ctx, body); err == nil && status == http.StatusOK && isReceipt(reply) {
						break
					}
					again.Add(1)
				}
				made.Add(1)
			}
		})
	}
	dashboards := make([]*dashboard, watchers)
	connections := make([]int, watchers)
	for n := range watchers {
		d := &dashboard{t: t, last: from.String()}
		dashboards[n] = d
		watching.Go(func() {
			for told := 0; told < payments && ctx.Err() == nil; connections[n]++ {
				left := 200 + 200*n // and then it cuts itself off
				_ = d.follow(ctx, pick(n+connections[n]).url, token, func() {}, func(kind string) bool {
					left--
					if kind == "transfer" {
						told++
					}
					return told < payments && left > 0
				})
			}
		})
	}
	kills := 0
	for tick := time.NewTicker(3 * time.Second); made.Load() < int64(payments) && ctx.Err() == nil; <-tick.C {
		killed := pick(kills)
		if err := killed.kill(); err == nil {
			t.Error("a server ended by itself before it was killed")
		}
		fresh := startServeOn(t, key, env...)
		mu.Lock()
		servers[kills%2] = fresh
		mu.Unlock()
		kills++
	}
	paying.Wait()
	watching.Wait()

	var want []string
	transfers, position := 0, from
	for more := true; more; {
		b, err := bank.After(t.Context(), position, []string{guild}, events.MaxBatch)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range b.Entries {
			want = append(want, e.Position.String())
			if e.Kind == "transfer" {
				transfers++
			}
		}
		position, more = b.Until, b.More
	}
	t.Logf("%d payments, %d of them sent again; %d kills; the dashboards connected %v times", transfers, again.Load(), kills, connections)
	if transfers != payments {
		t.Errorf("%d payments happened, want %d", transfers, payments)
	}
	for n, d := range dashboards {
		if !slices.Equal(d.ids, want[:min(len(want), len(d.ids))]) || countOf(d.kind, "transfer") != payments {
			t.Errorf("dashboard %d was told of %d payments in %d events, want %d in %d, in their order",
				n, countOf(d.kind, "transfer"), len(d.ids), payments, len(want))
		}
	}
}

// TestWhoeverWatchesIsToldOfEachWrite: a write that succeeds has the stream look at once.
func TestWhoeverWatchesIsToldOfEachWrite(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "coffer.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	told, delivered := 0, 0
	w := wakeful{store, func() { delivered++ }, func() { told++ }}
	claim := economy.DailyClaim{Request: economy.Request{Guild: "1", Source: economy.FromDiscord, Key: "1", At: time.Now()}, Member: economy.Person{User: "2"}}
	if _, err := w.ClaimDaily(t.Context(), claim); err != nil || told != 1 || delivered != 0 {
		t.Errorf("a claim is told %d times, and delivered %d times: %v", told, delivered, err)
	}
	claim.Request.Key = "2"
	if _, err := w.ClaimDaily(t.Context(), claim); err == nil || told != 1 {
		t.Errorf("a refusal is told %d times: %v", told-1, err)
	}
	task := tasks.TaskCreation{State: tasks.Draft, Request: economy.Request{Guild: "1", Source: economy.FromDiscord, Key: "3", At: time.Now()}, Admin: economy.Person{User: "2"},
		Terms: tasks.Terms{Title: "Sweep", Reward: 1, Proof: tasks.ProofNone, Review: tasks.ByNobody, Repeat: tasks.Once, Tries: 1}}
	if _, err := w.CreateTask(t.Context(), task); err != nil || told != 2 || delivered != 1 {
		t.Errorf("a task is told %d times, and delivered %d times: %v", told-1, delivered, err)
	}
}

func countOf(list []string, what string) (n int) {
	for _, s := range list {
		if s == what {
			n++
		}
	}
	return n
}
