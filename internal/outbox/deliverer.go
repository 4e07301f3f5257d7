package outbox

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// Queue is what a Deliverer needs of the store; see Store for the contracts.
type Queue interface {
	LeaseDeliveries(ctx context.Context, limit int, life time.Duration) ([]Lease, error)
	SettleDelivery(ctx context.Context, lease Lease, o Outcome, now time.Time) error
}

// Discord is what a Deliverer needs of Discord. Each call is safe to do again. An
// error that has a method Answer (see discord.Error) tells what Discord said; any
// other means that the call may succeed later.
type Discord interface {
	// GrantRole and TakeRole make a member have a role, or not. The reason is for the
	// guild's audit log.
	GrantRole(ctx context.Context, guild, user, role, reason string) error
	TakeRole(ctx context.Context, guild, user, role, reason string) error

	// Post sends a message, whose body is JSON, to a channel, with files by their names,
	// and returns its id. Direct sends one to a user. The same nonce again within some
	// minutes is the same message.
	Post(ctx context.Context, channel, nonce string, body []byte, files map[string][]byte) (string, error)
	Direct(ctx context.Context, user, nonce string, body []byte) error

	// Edit replaces a message's text, embeds and components; its files stay.
	Edit(ctx context.Context, channel, message string, body []byte) error

	// Fetch returns a file from Discord's own hosts. Of any other it returns nothing, as
	// if by an answer of 403, and instead of a file of more than most bytes one of 413.
	Fetch(ctx context.Context, address string, most int64) ([]byte, error)
}

// Message is what is posted.
type Message struct {
	Body  []byte // JSON
	Image *Image // to be attached where the message is new; nil: none
}

// Image is a picture that is fetched from Discord, to be attached to a message. The
// body of the message refers to it as attachment://Name.
type Image struct {
	URL     string
	Name    string
	Size    int64  // the most bytes it may have
	Without []byte // the body if Discord serves the picture no more, or for too long does not
}

// Words puts notices into words.
type Words interface {
	// Notice returns the message for a lease with a notice. An error has it tried again,
	// for another version of the program may know the notice.
	Notice(Lease) (Message, error)
}

// Config is what a Deliverer needs. The zero value of a limit means its default.
type Config struct {
	Queue      Queue
	Discord    Discord
	Words      Words
	Log        *slog.Logger     // nil: silent
	Now        func() time.Time // nil: time.Now
	Interval   time.Duration    // 0: 2 s; about how long a delivery waits to be found
	Concurrent int              // 0: 8 attempts at once
	Grace      time.Duration    // 0: 5 s; what attempts under way have left when Run is to end
}

// The times within a lease, which is counted by the store from somewhere within
// leasing. Together they end well before it, so that nobody else tries what is still
// being tried. The lease is short, because Discord remembers nonces for minutes.
const (
	leaseLife     = time.Minute
	leasingTime   = 10 * time.Second
	attemptTime   = 20 * time.Second
	settlingTime  = 10 * time.Second
	settlingGrace = 2 * time.Second // more than Grace, to note how the last attempts ended
)

// longestSilence is how rarely a store that fails is asked.
const longestSilence = 30 * time.Second

// Deliverer tries deliveries until they are done. Create it with New. Any number of
// them, in any number of processes, may share a store.
type Deliverer struct {
	Config
	wake chan struct{} // holds one token
}

// New returns a Deliverer and starts nothing.
func New(c Config) *Deliverer {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Interval = cmp.Or(c.Interval, 2*time.Second)
	c.Concurrent = cmp.Or(c.Concurrent, 8)
	c.Grace = cmp.Or(c.Grace, 5*time.Second)
	return &Deliverer{Config: c, wake: make(chan struct{}, 1)}
}

// Wake has the store looked at now, because something has just become due. It never
// blocks.
func (d *Deliverer) Wake() {
	select {
	case d.wake <- struct{}{}:
	default: // it will be looked at anyway
	}
}

// Run delivers until ctx ends. Then attempts under way have Grace to finish; those
// that do not are left for their leases to expire. It is called once, returns when
// nothing is left running, and always nil: what fails is logged and tried again.
func (d *Deliverer) Run(ctx context.Context) error {
	tries, endTries := context.WithCancel(context.WithoutCancel(ctx))
	defer endTries()
	settles, endSettles := context.WithCancel(context.WithoutCancel(ctx))
	defer endSettles()
	r := round{Deliverer: d, tries: tries, settles: settles, ended: make(chan verdict, d.Concurrent)}
	defer r.attempts.Wait()
	for timer := time.NewTimer(0); ; {
		select {
		case <-ctx.Done():
			timer.Stop()
			r.finish(endTries, endSettles)
			return nil
		case v := <-r.ended:
			if r.note(v); !r.more {
				continue
			}
		case <-d.wake:
			r.more = true // if there is no room now
		case <-timer.C:
		}
		timer.Reset(r.look(ctx))
	}
}

// round is the state of a Run; only its goroutine uses it.
type round struct {
	*Deliverer
	tries, settles context.Context // of all attempts, and of noting their ends
	attempts       sync.WaitGroup
	ended          chan verdict // one for each attempt
	running        int          // attempts whose end was not noted yet
	more           bool         // the store has more than there was room for
	paused         time.Time    // nothing is tried before
	refused        bool         // the bot's token was, by the last that asked
	failures       int          // of the store, in a row
}

// look leases as many deliveries as there is room for, starts them, and returns when
// to look again.
func (r *round) look(ctx context.Context) time.Duration {
	if wait := r.paused.Sub(r.Now()); wait > 0 {
		return wait + r.around(r.Interval)
	}
	room := r.Concurrent - r.running
	if r.refused {
		room = 1 - r.running // one asks for all whether the token is good by now
	}
	if room <= 0 {
		return r.around(r.Interval)
	}
	asking, cancel := context.WithTimeout(ctx, leasingTime)
	leases, err := r.Queue.LeaseDeliveries(asking, room, leaseLife)
	cancel()
	if err != nil {
		return r.failed(ctx, err)
	}
	if r.failures > 0 {
		r.failures = 0
		r.Log.Info("deliveries can be read again")
	}
	r.more = len(leases) >= room
	for _, l := range leases {
		r.running++
		r.attempts.Go(func() { r.ended <- r.attempt(r.tries, r.settles, l) })
	}
	return r.around(r.Interval)
}

// failed notes that the store did not answer, and returns when to ask again.
func (r *round) failed(ctx context.Context, err error) time.Duration {
	if r.failures == 0 && ctx.Err() == nil {
		r.Log.Warn("deliveries cannot be read; they wait", slog.Any("error", err))
	}
	wait := r.Interval << min(r.failures, 5)
	r.failures++
	return r.around(min(wait, longestSilence))
}

// note takes in how an attempt ended.
func (r *round) note(v verdict) {
	r.running--
	if v.pause > 0 {
		if until := r.Now().Add(v.pause); until.After(r.paused) {
			r.paused = until
		}
	}
	switch {
	case v.operator && !r.refused:
		r.refused = true
		r.Log.Error("Discord refuses the bot's token; nothing is delivered until DISCORD_TOKEN is right")
	case v.answered && !v.operator && r.refused:
		r.refused = false
		r.Log.Info("Discord accepts the bot's token again")
	}
}

// finish waits for the attempts under way, and ends those that take too long.
func (r *round) finish(endTries, endSettles func()) {
	grace := time.NewTimer(r.Grace)
	defer grace.Stop()
	last := time.NewTimer(r.Grace + settlingGrace)
	defer last.Stop()
	for r.running > 0 {
		select {
		case v := <-r.ended:
			r.note(v)
		case <-grace.C:
			r.Log.Warn("deliveries were cut off; they will be tried again", slog.Int("count", r.running))
			endTries()
		case <-last.C:
			endSettles()
		}
	}
}

// around returns a time close to d, so that servers that started together do not ask
// together.
func (r *round) around(d time.Duration) time.Duration {
	return d*3/4 + rand.N(d/2+1) //nolint:gosec // jitter, no secret
}
