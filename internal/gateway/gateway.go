// Package gateway listens at Discord's gateway for people who join a guild, and has
// them met: they become members, with the starting balance, before their first command.
// So is the guild itself when the bot is added to it. Who joined while nobody listened
// is found in the lists of members, after each new session. Whoever joined again is given
// back the roles that he lost by leaving. Nothing else needs the gateway. Whoever is
// missed here is met at his first command, and has his roles when he looks at what he owns.
package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/lease"
)

// Members is what a Worker needs of the store; see economy.Store for the contract.
type Members interface {
	events.Trail
	Meet(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error)
	Join(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error)
	Restore(ctx context.Context, guild economy.GuildID, people []economy.Person, at time.Time) (int, error)
}

// Config is what a Worker needs. Only Token and Members have no default.
type Config struct {
	Token    string // the bot's token, without "Bot "
	BaseURL  string // scheme and host of the API, which names the gateway; default https://discord.com
	Homepage string // of the bot, for the user agent; default the library's
	Version  string // the program's, for the user agent; default "dev"
	Members  Members
	Leases   lease.Store      // nil: no other process works for the bot
	Log      *slog.Logger     // nil: silent
	Now      func() time.Time // nil: time.Now
}

// The pace of connections. A session is begun at most every identifyEvery, which is
// Discord's own rule; what fails is tried again after firstPause, doubled up to
// longestPause, so that even a gateway that fails after each READY costs some 300 of
// the 1000 sessions that Discord allows in a day. Connections that lasted for lasting
// begin anew.
const (
	identifyEvery = 5500 * time.Millisecond
	firstPause    = time.Second
	longestPause  = 5 * time.Minute
	lasting       = time.Minute
)

// Worker is one connection to the gateway, made again whenever it is lost. Of the workers
// of one store, in as many processes, the holder of the lease works. That is for the
// sake of Discord's budget of sessions: to meet somebody twice is to meet him once, so
// two that work for a moment do no harm, and the lease's token fences nothing but the
// lease.
type Worker struct {
	cfg    Config
	http   *http.Client
	joins  *joins
	census *census

	// Of a test, which does not wait.
	sleep       func(context.Context, time.Duration) error
	helloWithin time.Duration
	readyWithin time.Duration

	identified time.Time     // when the last session was begun
	pause      time.Duration // after the last connection
	listening  time.Time     // since when the connection is READY; zero while it is not
}

// New returns a worker and starts nothing.
func New(c Config) *Worker {
	c.BaseURL = strings.TrimRight(cmp.Or(c.BaseURL, "https://discord.com"), "/")
	c.Homepage = cmp.Or(c.Homepage, "https://github.com/bwmarrin/discordgo")
	c.Version = cmp.Or(c.Version, "dev")
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	pool := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // the standard library's own value
	w := &Worker{
		cfg:   c,
		sleep: sleep, helloWithin: 10 * time.Second, readyWithin: 30 * time.Second,
		http: &http.Client{Transport: pool, Timeout: 10 * time.Second,
			// The token must not follow a redirect.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	w.begin()
	return w
}

// begin makes what a term has for itself.
func (w *Worker) begin() {
	w.census = newCensus(w)
	w.joins = newJoins(w.cfg.Members, w.census.add, w.cfg.Log)
}

// Run listens until ctx ends, and then returns nil within a few seconds; with Leases,
// whenever this process holds the lease "gateway". It returns a *RefusedError when
// Discord refuses the worker for good: then only the operator can help, and everything
// but the meeting of newcomers goes on without it. Whoever joined before it returns is
// met, or logged. Run is called once.
func (w *Worker) Run(ctx context.Context) error {
	defer w.http.CloseIdleConnections()
	if w.cfg.Leases == nil {
		return w.work(ctx)
	}
	return lease.NewKeeper(w.cfg.Leases, "gateway", w.cfg.Log).Run(ctx, w.work)
}

// work is Run for one term: as long as the lease is held. The pause that a connection
// earned outlives the term, or a store that fails now and then would cost many sessions.
func (w *Worker) work(ctx context.Context) error {
	var group sync.WaitGroup
	counting, end := context.WithCancel(ctx)
	defer w.begin() // the next one
	defer group.Wait()
	defer w.joins.end()
	defer end()
	group.Go(func() { w.joins.run(ctx, w.sleep) })
	group.Go(func() { w.census.run(counting) })

	var s session
	wait := w.pause
	for {
		if w.sleep(ctx, wait) != nil {
			return nil
		}
		w.listening = time.Time{}
		err := w.connect(ctx, &s)
		var refused *RefusedError
		if errors.As(err, &refused) {
			return refused
		}
		if !w.listening.IsZero() && w.cfg.Now().Sub(w.listening) >= lasting {
			w.pause = 0
		}
		w.pause = doubled(w.pause)
		if ctx.Err() != nil {
			return nil
		}
		wait = w.pause/2 + rand.N(w.pause/2) //nolint:gosec // jitter, no secret
		var later *laterError
		if errors.As(err, &later) {
			wait = max(wait, later.after)
		}
		w.cfg.Log.LogAttrs(ctx, severity(err), "the gateway connection has ended and will be made again",
			slog.String("reason", err.Error()), slog.Bool("resumable", s.id != ""), slog.Duration("wait", wait))
	}
}

// doubled is the pause after the next failure.
func doubled(pause time.Duration) time.Duration {
	return min(max(2*pause, firstPause), longestPause)
}

// severity is how loud an end of a connection is: Discord ends them now and then.
func severity(err error) slog.Level {
	if errors.Is(err, errReconnect) {
		return slog.LevelDebug
	}
	return slog.LevelWarn
}

// connect begins a session, or goes on with s, and returns why its connection ended,
// never nil. It brings s along: what can be resumed is in it.
func (w *Worker) connect(ctx context.Context, s *session) (err error) {
	defer func() {
		if v := recover(); v != nil {
			*s = session{} // whatever it was is not met again
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	address := s.url
	if s.id == "" {
		if address, err = w.address(ctx); err != nil {
			return err
		}
		if err := w.sleep(ctx, w.identified.Add(identifyEvery).Sub(w.cfg.Now())); err != nil {
			return err
		}
	}
	err = w.converse(ctx, address, s)
	s.tried(err)
	return verdict(err)
}

// sleep waits for d, which may be over already, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
