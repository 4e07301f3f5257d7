package gateway

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/simulator"
)

// lists are the requests for lists of members, each of which a test may hold up or
// answer by itself.
type lists struct {
	mu      sync.Mutex
	queries []string // "guild after"
	now     int
	most    int // at once
	between func(w http.ResponseWriter, r *http.Request) (answered bool)
}

// listed puts a test between the worker and the lists of members.
func listed(r *rig, between func(http.ResponseWriter, *http.Request) bool) *lists {
	l := &lists{between: between}
	inner := r.rest.Config.Handler
	r.rest.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !strings.HasSuffix(req.URL.Path, "/members") {
			inner.ServeHTTP(w, req)
			return
		}
		l.mu.Lock()
		l.queries = append(l.queries, strings.Split(req.URL.Path, "/")[4]+" "+req.URL.Query().Get("after"))
		l.now++
		l.most = max(l.most, l.now)
		l.mu.Unlock()
		defer func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.now--
		}()
		if l.between == nil || !l.between(w, req) {
			inner.ServeHTTP(w, req)
		}
	})
	return l
}

func (l *lists) asked() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string{}, l.queries...)
}

// crowd has so many join a guild, of whom one in ten is a bot when robots are wanted.
// Ids are of different lengths, as Discord's are. It returns how many are people.
func crowd(r *rig, guild string, n int, robots bool) (people int) {
	for i := range n {
		u := simulator.User{ID: fmt.Sprint(990_000 + 7*i), Username: fmt.Sprint("crowd", i), Bot: robots && i%10 == 0}
		if !u.Bot {
			people++
		}
		r.sim.Join(simulator.Member{GuildID: guild, User: u})
	}
	return people
}

func (r *rig) compared(times int) {
	r.t.Helper()
	r.until("the end of the comparison", func() bool {
		return strings.Count(r.log.String(), "members of a guild were compared") >= times
	})
}

func TestFiveThousandWhoJoinedWhileAwayAreMet(t *testing.T) {
	r := newRig(t)
	l := listed(r, nil)
	want := crowd(r, simulator.DemoGuildID, 5000, true)
	r.start()
	r.until("all of them", func() bool { return r.book.knows(simulator.DemoGuildID) == want })
	r.compared(1)
	// One page after the other, the sixth of them empty.
	if got := l.asked(); len(got) != 6 || got[0] != simulator.DemoGuildID+" 0" || got[5] != fmt.Sprint(simulator.DemoGuildID, " ", 990_000+7*4999) || l.most != 1 {
		t.Errorf("%d lists at once: %q", l.most, got)
	}
	if r.book.most > mostCounted {
		t.Errorf("the store was told of %d at once", r.book.most)
	}
	// All are known now: the next session asks, and nobody is met.
	r.plant(simulator.Fault{Kind: simulator.GatewayInvalidSession, At: "event"})
	for range want {
		<-r.book.news
	}
	r.join("71")
	r.compared(2)
	r.meets("71") // the event was lost with its session
	r.nobody()
}

func TestAResumedSessionIsNotComparedAgain(t *testing.T) {
	r := newRig(t)
	l := listed(r, nil)
	r.start()
	r.compared(1)
	r.plant(simulator.Fault{Kind: simulator.GatewayClose, At: "event"})
	r.join("71")
	r.meets("71")
	r.until("the resumption", func() bool { return r.sim.Gateway().Resumed == 1 })
	if got := l.asked(); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// TestAComparisonGoesOnBesideALostConnection: it belongs to the session, and a session
// that is resumed is the same.
func TestAComparisonGoesOnBesideALostConnection(t *testing.T) {
	r := newRig(t)
	held, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	l := listed(r, func(_ http.ResponseWriter, req *http.Request) bool {
		if req.URL.Query().Get("after") != "0" {
			once.Do(func() { close(held) })
			<-release
		}
		return false
	})
	want := crowd(r, simulator.DemoGuildID, 1500, false)
	r.start()
	<-held
	r.plant(simulator.Fault{Kind: simulator.GatewayReconnect, At: "event"})
	r.join("71")
	r.until("the resumption", func() bool { return r.sim.Gateway().Resumed == 1 })
	close(release)
	r.until("all of them", func() bool { return r.book.knows(simulator.DemoGuildID) == want+1 })
	if got := l.asked(); len(got) != 2 {
		t.Errorf("%q", got)
	}
}

func TestANewSessionBeginsTheComparisonAnew(t *testing.T) {
	r := newRig(t)
	held, gone := make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	l := listed(r, func(_ http.ResponseWriter, req *http.Request) bool {
		if req.URL.Query().Get("after") == "0" || !first.CompareAndSwap(false, true) {
			return false
		}
		close(held)
		<-req.Context().Done() // is cancelled
		close(gone)
		return true
	})
	want := crowd(r, simulator.DemoGuildID, 1500, false)
	r.start()
	<-held
	r.plant(simulator.Fault{Kind: simulator.GatewayInvalidSession, At: "event"})
	r.join("71")
	r.until("all of them", func() bool { return r.book.knows(simulator.DemoGuildID) == want+1 })
	<-gone
	r.compared(1)
	if got := l.asked(); len(got) != 4 || !strings.HasSuffix(got[2], " 0") {
		t.Errorf("%q", got)
	}
	if r.sim.Gateway().Identified != 2 {
		t.Errorf("%+v", r.sim.Gateway())
	}
}

func TestTroubleWithTheListIsSurvived(t *testing.T) {
	type fault = simulator.Fault
	for what, faults := range map[string][]fault{
		"the API is away":     {{Kind: simulator.StatusFault, Route: "members.list", Status: 502, Count: 9}},
		"the API cuts off":    {{Kind: simulator.CloseBefore, Route: "members.list", Count: 3}, {Kind: simulator.CloseAfter, Route: "members.list", Count: 3}},
		"the API limits":      {{Kind: simulator.RateLimit, Route: "members.list", RetryAfter: 700, Count: 4}},
		"limits in the midst": {{Kind: simulator.RateLimit, Route: "members.list", RetryAfter: 700, Skip: 1}},
		"a token refused":     {{Kind: simulator.StatusFault, Route: "members.list", Status: 401}},
	} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t)
			for _, f := range faults {
				r.plant(f)
			}
			want := crowd(r, simulator.DemoGuildID, 2500, false)
			r.start()
			r.until("all of them", func() bool { return r.book.knows(simulator.DemoGuildID) == want })
			r.compared(1)
			r.mu.Lock()
			defer r.mu.Unlock()
			waited := 0
			for _, d := range r.slept {
				if d == 700*time.Second {
					waited++
				}
			}
			if f := faults[0]; f.Kind == simulator.RateLimit && waited != max(f.Count, 1) {
				t.Errorf("waited %d times: %v", waited, r.slept)
			}
		})
	}
}

func TestAnEmptyBucketIsWaitedFor(t *testing.T) {
	r := newRig(t)
	inner := r.rest.Config.Handler
	r.rest.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, "/members") {
			w = &emptied{w}
		}
		inner.ServeHTTP(w, req)
	})
	want := crowd(r, simulator.DemoGuildID, 1500, false)
	r.start()
	r.until("all of them", func() bool { return r.book.knows(simulator.DemoGuildID) == want })
	r.compared(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	waited := 0
	for _, d := range r.slept {
		if d == 1234*time.Millisecond {
			waited++
		}
	}
	if waited != 1 {
		t.Errorf("waited %d times between two pages: %v", waited, r.slept)
	}
}

// emptied answers that the limit is used up.
type emptied struct{ http.ResponseWriter }

func (e *emptied) WriteHeader(status int) {
	e.Header().Set("X-RateLimit-Remaining", "0")
	e.Header().Set("X-RateLimit-Reset-After", "1.234")
	e.ResponseWriter.WriteHeader(status)
}

// TestAGuildThatCannotBeListedHoldsNobodyUp: whatever is wrong with it.
func TestAGuildThatCannotBeListedHoldsNobodyUp(t *testing.T) {
	for what, answer := range map[string]func(http.ResponseWriter){
		"the bot was removed": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"message":"Unknown Guild","code":10004}`)
		},
		"it may not see members": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"message":"Missing Access","code":50001}`)
		},
		"its list does not end": func(w http.ResponseWriter) {
			fmt.Fprint(w, "["+strings.Repeat(`{"user":{"id":"5"}},`, 999)+`{"user":{"id":"5"}}]`)
		},
		"members without users": func(w http.ResponseWriter) { fmt.Fprint(w, `[{},{"user":null}]`) },
		"no ids":                func(w http.ResponseWriter) { fmt.Fprint(w, `[{"user":{"id":"x"}}]`) },
		"no list":               func(w http.ResponseWriter) { fmt.Fprint(w, `{"message":"hello"}`) },
		"an endless answer":     func(w http.ResponseWriter) { fmt.Fprint(w, `["`+strings.Repeat("x", largestAnswer)+`"]`) },
	} {
		t.Run(what, func(t *testing.T) {
			r := newRig(t)
			var calls atomic.Int64
			listed(r, func(w http.ResponseWriter, req *http.Request) bool {
				if strings.Contains(req.URL.Path, "/77/") && calls.Add(1) < 20 {
					answer(w)
					return true
				}
				return false
			})
			r.sim.AddGuild(simulator.Guild{ID: "77", Name: "Trouble"})
			r.sim.AddGuild(simulator.Guild{ID: "78", Name: "Behind it"})
			want := crowd(r, "78", 10, false)
			r.start()
			r.until("the others", func() bool { return r.book.knows("78") == want })
			r.until("the guild", func() bool { return r.book.knows("77") >= 0 })
			says := map[string]string{"the bot was removed": "cannot be compared", "it may not see members": "cannot be compared",
				"its list does not end": "does not go on", "members without users": "without a user", "no ids": "does not go on",
				"no list": "cannot unmarshal", "an endless answer": "is larger than"}[what]
			r.until("the reason", func() bool { return strings.Contains(r.log.String(), says) })
			r.join("71")
			r.until("the newcomer", func() bool { return r.book.knows(simulator.DemoGuildID) == 1 })
		})
	}
}

// TestAStoreThatIsAwayDelaysTheComparison: and what fails for another reason is given up
// after some attempts.
func TestAStoreThatIsAwayDelaysTheComparison(t *testing.T) {
	for _, back := range []bool{true, false} {
		r := newRig(t)
		r.book.fail = func(call int) error {
			switch {
			case back && call < 20:
				return problem.ErrUnavailable
			case !back && call == 1:
				panic("a defect")
			case !back && call <= mostAttempts:
				return errors.New("a defect")
			}
			return nil
		}
		want := crowd(r, simulator.DemoGuildID, 1200, false)
		r.start()
		if back {
			r.until("all of them", func() bool { return r.book.knows(simulator.DemoGuildID) == want })
			continue
		}
		r.until("the end of the attempts", func() bool { return strings.Contains(r.log.String(), "cannot be compared with Discord's") })
		r.join("71")
		r.meets("71")
	}
}

// TestScatteredFailuresDoNotEndTheComparison: what goes on between them is progress.
func TestScatteredFailuresDoNotEndTheComparison(t *testing.T) {
	r := newRig(t)
	failed := 0
	r.book.fail = func(call int) error {
		if call%2 == 0 {
			failed++
			return errors.New("a defect")
		}
		return nil
	}
	want := crowd(r, simulator.DemoGuildID, 5000, true)
	r.start()
	r.until("all of them", func() bool { return r.book.knows(simulator.DemoGuildID) == want })
	r.compared(1)
	r.book.mu.Lock()
	defer r.book.mu.Unlock()
	if failed <= mostAttempts {
		t.Errorf("only %d failures", failed)
	}
}

// TestWhoWasErasedIsNotFoundAgain: he may be in the guild still.
func TestWhoWasErasedIsNotFoundAgain(t *testing.T) {
	r := newRig(t)
	erased := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	r.book.erased = erased
	for id, joined := range map[string]time.Time{"71": erased.Add(-time.Hour), "72": erased.Add(time.Minute), "73": erased.Add(time.Hour)} {
		r.sim.Join(simulator.Member{GuildID: simulator.DemoGuildID, User: simulator.User{ID: id, Username: "u" + id}, JoinedAt: joined})
	}
	r.start()
	r.connected()
	r.meets("73")
	r.nobody()
	r.sim.Leave(simulator.DemoGuildID, "71")
	r.join("71") // by his own will
	r.meets("71")
	r.book.mu.Lock()
	defer r.book.mu.Unlock()
	if got := r.book.joined; len(got) != 1 || got[0].User != "71" {
		t.Errorf("met as somebody who joins: %+v, want 71, and not who was found", got)
	}
}

// TestWhoIsBackIsToldOfWithTheTime when he joined: by his join as one call with whoever
// joins beside him, and by the list whoever was erased.
func TestWhoIsBackIsToldOfWithTheTime(t *testing.T) {
	r := newRig(t)
	erased := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	r.book.erased = erased
	want := map[economy.UserID]time.Time{"71": erased.Add(-time.Hour), "72": erased.Add(time.Hour)}
	for id, at := range want {
		r.sim.Join(simulator.Member{GuildID: simulator.DemoGuildID, User: simulator.User{ID: string(id), Username: "u" + string(id)}, JoinedAt: at})
	}
	r.start()
	r.connected()
	r.meets("72")
	r.book.mu.Lock()
	got := map[economy.UserID]time.Time{}
	for _, p := range r.book.back {
		if p.Bot {
			t.Errorf("told of %+v", p)
		}
		if want[p.User] != (time.Time{}) {
			got[p.User] = p.Joined
		}
	}
	before := r.book.calls
	r.book.mu.Unlock()
	if !maps.Equal(got, want) {
		t.Errorf("the list tells of %v, want %v", got, want)
	}
	at := erased.Add(2 * time.Hour)
	r.sim.Join(simulator.Member{GuildID: simulator.DemoGuildID, User: simulator.User{ID: "73", Username: "u73"}, JoinedAt: at})
	r.meets("73")
	r.nobody()
	r.book.mu.Lock()
	defer r.book.mu.Unlock()
	if p := r.book.joined[0]; p.User != "73" || !p.Joined.Equal(at) {
		t.Errorf("joined: %+v, want 73 at %v", p, at)
	}
	if n := r.book.calls - before; n != 1 {
		t.Errorf("the store was asked %d times, want once", n)
	}
}

func TestWhoJoinsDoesNotWaitForTheComparison(t *testing.T) {
	r := newRig(t)
	held, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	listed(r, func(http.ResponseWriter, *http.Request) bool {
		once.Do(func() { close(held) })
		<-release
		return false
	})
	defer close(release)
	r.start()
	<-held
	r.join("71")
	r.meets("71")
}

func TestTheBotIsAddedToAGuild(t *testing.T) {
	r := newRig(t)
	l := listed(r, nil)
	r.start()
	r.until("the first guild", func() bool { return r.book.knows(simulator.DemoGuildID) == 0 })
	r.sim.AddGuild(simulator.Guild{ID: "77", Name: "New"})
	want := 3
	r.until("the new guild", func() bool { return r.book.knows("77") >= 0 })
	crowd(r, "77", want, false)
	r.until("who is there", func() bool { return r.book.knows("77") == want })
	r.plant(simulator.Fault{Kind: simulator.GatewaySay, Text: `{"op":0,"s":1000000,"t":"GUILD_CREATE","d":{"id":"99","unavailable":true}}`, At: "event"})
	r.plant(simulator.Fault{Kind: simulator.GatewaySay, Text: `{"op":0,"s":1000001,"t":"GUILD_CREATE","d":[]}`, At: "event"})
	for _, id := range []string{"71", "72", "73"} { // two of which are lost to the faults
		r.join(id)
	}
	r.until("the word on the guild that cannot be read", func() bool { return strings.Contains(r.log.String(), "a guild that cannot be read") })
	r.until("somebody after it", func() bool { return r.book.knows(simulator.DemoGuildID) > 0 })
	if n := r.book.knows("99"); n != -1 {
		t.Errorf("a guild that is unavailable was met")
	}
	for _, q := range l.asked() {
		if strings.HasPrefix(q, "99 ") {
			t.Errorf("asked for %q", q)
		}
	}
}

// TestACrowdThatThereWasNoRoomForIsLookedFor: nobody is forgotten.
func TestACrowdThatThereWasNoRoomForIsLookedFor(t *testing.T) {
	thorough(t)
	r := newRig(t)
	r.start()
	r.compared(1)
	var down atomic.Bool
	down.Store(true)
	r.book.mu.Lock()
	r.book.fail = func(int) error {
		if down.Load() {
			return problem.ErrUnavailable
		}
		return nil
	}
	r.book.mu.Unlock()
	want := crowd(r, simulator.DemoGuildID, mostWaiting+200, false)
	r.until("a queue that is full", func() bool { return strings.Contains(r.log.String(), "too many who joined") })
	r.until("all events", func() bool {
		r.joins.mu.Lock()
		defer r.joins.mu.Unlock()
		return r.joins.missed[simulator.DemoGuildID] == 200
	})
	down.Store(false)
	r.until("all of them", func() bool { return r.book.knows(simulator.DemoGuildID) == want })
	r.logs("people=200")
}

func TestABurstOfTenThousandJoinsIsMetInBatches(t *testing.T) {
	thorough(t)
	r := newRig(t)
	r.start()
	r.compared(1)
	want := crowd(r, simulator.DemoGuildID, 10_000, false)
	r.until("all of them", func() bool { return r.book.knows(simulator.DemoGuildID) == want })
	if r.book.most > mostAtOnce {
		t.Errorf("the store was told of %d at once", r.book.most)
	}
	r.joins.mu.Lock()
	defer r.joins.mu.Unlock()
	if len(r.joins.waiting) > 0 || cap(r.joins.waiting) > mostWaiting {
		t.Errorf("%d wait, there is room for %d", len(r.joins.waiting), cap(r.joins.waiting))
	}
}

// TestATermFollowsAnother: a worker that lost its lease works again when it has it back,
// not faster than connections may be made.
func TestATermFollowsAnother(t *testing.T) {
	r := newRig(t)
	for i, id := range []string{"71", "72", "73"} {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.work(ctx) }()
		r.connected()
		r.compared(i + 1)
		r.join(id)
		r.meets(id)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		r.until("the goodbye", func() bool { return r.sim.Gateway().Connected == 0 })
	}
	if n := r.sim.Gateway().Identified; n != 3 {
		t.Errorf("%d sessions", n)
	}
	for _, want := range []time.Duration{firstPause, 2 * firstPause} {
		if !slices.Contains(r.slept, want) {
			t.Errorf("no pause of %v: %v", want, r.slept)
		}
	}
}
