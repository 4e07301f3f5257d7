package gateway

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "a.very-secret.token"

// book is a store that remembers whom it met, in which guilds, and whom it did not know.
type book struct {
	mu     sync.Mutex
	guilds map[economy.GuildID]map[economy.UserID]bool
	met    []economy.Person     // who were new
	joined []economy.Person     // of those: who were met as such
	back   []economy.Person     // who may be given back roles, as lists tell
	calls  int                  // that were about somebody
	most   int                  // people of one call
	fail   func(call int) error // nil: never
	erased time.Time            // when somebody was
	news   chan economy.Person
}

func (b *book) Meet(_ context.Context, guild economy.GuildID, people []economy.Person, _ time.Time) (int, error) {
	return b.create(guild, people, false)
}

func (b *book) Join(_ context.Context, guild economy.GuildID, people []economy.Person, _ time.Time) (int, error) {
	return b.create(guild, people, true)
}

// Restore remembers who is back.
func (b *book) Restore(_ context.Context, _ economy.GuildID, people []economy.Person, _ time.Time) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.back = append(b.back, people...)
	return 0, nil
}

func (b *book) create(guild economy.GuildID, people []economy.Person, joined bool) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(people) > 0 {
		b.calls++
		b.most = max(b.most, len(people))
		if b.fail != nil {
			if err := b.fail(b.calls); err != nil {
				return 0, err
			}
		}
	}
	if b.guilds[guild] == nil {
		b.guilds[guild] = map[economy.UserID]bool{}
	}
	n := 0
	for _, p := range people {
		if !b.guilds[guild][p.User] {
			b.guilds[guild][p.User] = true
			b.met = append(b.met, p)
			if joined {
				b.joined = append(b.joined, p)
			}
			b.news <- p
			n++
		}
	}
	return n, nil
}

// Trail implements events.Trail, for what is asked of it here.
func (b *book) Trail(_ context.Context, q events.TrailQuery) (p events.TrailPage, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.erased.IsZero() && q.Kind == "member.erased" && q.Limit == 1 {
		p.Entries = []events.Entry{{Event: events.Event{At: b.erased}}}
	}
	return p, nil
}

// knows reports how many of a guild it has met; -1: it does not know the guild.
func (b *book) knows(guild economy.GuildID) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.guilds[guild] == nil {
		return -1
	}
	return len(b.guilds[guild])
}

// lockedBuffer collects log lines from many goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// rig is a worker that waits for nothing, and a local Discord.
type rig struct {
	*Worker
	t    *testing.T
	sim  *simulator.Simulator
	rest *httptest.Server
	book *book
	log  *lockedBuffer

	mu    sync.Mutex
	slept []time.Duration

	stop func() error // ends the worker and returns what Run did
}

func newRig(t *testing.T, change ...func(*simulator.Config)) *rig {
	t.Helper()
	r := &rig{t: t, log: &lockedBuffer{}, book: &book{news: make(chan economy.Person, 30_000), guilds: map[economy.GuildID]map[economy.UserID]bool{}}}
	world := simulator.DemoWorld()
	world.Members = nil
	cfg := simulator.Config{
		ApplicationID: simulator.DemoApplicationID, BotToken: token, World: world,
		PrivateKey: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)),
	}
	for _, f := range change {
		f(&cfg)
	}
	r.sim = simulator.New(cfg)
	r.rest = httptest.NewServer(r.sim.REST())
	r.Worker = New(Config{Token: token, BaseURL: r.rest.URL, Members: r.book,
		Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	r.sleep = func(ctx context.Context, d time.Duration) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.slept = append(r.slept, d)
		return ctx.Err()
	}
	t.Cleanup(func() {
		if err := r.sim.Close(context.Background()); err != nil {
			t.Error(err)
		}
		r.rest.Close()
		if strings.Contains(r.log.String(), "secret") {
			t.Errorf("the token is in the log:\n%s", r.log)
		}
	})
	return r
}

// start runs the worker until the test ends or stop is called.
func (r *rig) start() {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	r.stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(time.Minute):
			return errors.New("the worker does not end")
		}
	})
	r.t.Cleanup(func() {
		if err := r.stop(); err != nil {
			r.t.Errorf("Run: %v\n%s", err, r.log)
		}
	})
}

// thorough keeps a test out of the quick run.
func thorough(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not with -short: it takes seconds")
	}
}

// until waits for a condition.
func (r *rig) until(what string, holds func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("in vain for: %s\n%s", what, r.log)
		}
	}
}

// connected waits until the worker listens, and has compared the members once, so that
// nobody is met but by his join.
func (r *rig) connected() {
	r.t.Helper()
	r.until("a connection", func() bool { return r.sim.Gateway().Connected == 1 })
	r.compared(1)
}

// join has somebody join whose id and name are known.
func (r *rig) join(id string) {
	r.sim.Join(simulator.Member{GuildID: simulator.DemoGuildID, User: simulator.User{ID: id, Username: "u" + id}})
}

// meets waits for the next ones whom the store meets.
func (r *rig) meets(ids ...string) {
	r.t.Helper()
	for _, id := range ids {
		select {
		case p := <-r.book.news:
			if string(p.User) != id {
				r.t.Fatalf("met %+v, want %s\n%s", p, id, r.log)
			}
		case <-time.After(time.Minute):
			r.t.Fatalf("%s was not met\n%s", id, r.log)
		}
	}
}

// nobody: no one else was met.
func (r *rig) nobody() {
	r.t.Helper()
	select {
	case p := <-r.book.news:
		r.t.Errorf("met %+v, too", p)
	default:
	}
}

func (r *rig) plant(f simulator.Fault) {
	r.t.Helper()
	if _, err := r.sim.Plant(f); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) logs(want string) {
	r.t.Helper()
	if !strings.Contains(r.log.String(), want) {
		r.t.Errorf("the log does not say %q:\n%s", want, r.log)
	}
}
