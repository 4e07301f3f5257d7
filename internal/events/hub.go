package events

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// HubConfig is what a Hub needs. The zero value of a time means its default.
type HubConfig struct {
	Follower Follower
	Log      *slog.Logger  // nil: silent
	Interval time.Duration // 0: 1 s; how often the store is asked while somebody watches
	Pause    time.Duration // 0: 200 ms; the least time between two questions, however often it is woken
}

// Hub tells what happens to whoever watches in this process. It alone follows the
// store for all of them, and only while there is somebody.
type Hub struct {
	cfg     HubConfig
	joining chan *Watch
	leaving chan *Watch
	wake    chan struct{}
	ended   chan struct{} // closed once Run has ended
	head    atomic.Pointer[Position]
	count   atomic.Int64
}

// The ends of a watch.
var (
	// ErrSlow means that too much was not taken: the watcher is to come again, and
	// goes on from where he was.
	ErrSlow = errors.New("too slow for what happens")
	// ErrEnded means that the hub has ended.
	ErrEnded = errors.New("the server ends")
)

// mostUntaken is how many events may wait for one watcher.
const mostUntaken = 4 * MaxBatch

// NewHub returns a hub, and starts nothing.
func NewHub(c HubConfig) *Hub {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Interval = cmp.Or(c.Interval, time.Second)
	c.Pause = cmp.Or(c.Pause, 200*time.Millisecond)
	return &Hub{cfg: c, joining: make(chan *Watch), leaving: make(chan *Watch), wake: make(chan struct{}, 1), ended: make(chan struct{})}
}

// Wake has the store asked soon, because something has just happened. It never blocks.
func (h *Hub) Wake() {
	if h.count.Load() == 0 {
		return
	}
	select {
	case h.wake <- struct{}{}:
	default: // it will be asked anyway
	}
}

// Watchers returns how many watch.
func (h *Hub) Watchers() int { return int(h.count.Load()) }

// News is an event on its way to many, for whom it is put into words once.
type News struct {
	Entry
	once sync.Once
	text []byte
}

// Text returns what say makes of the entry; say is asked once for all watchers.
func (n *News) Text(say func(Entry) []byte) []byte {
	n.once.Do(func() { n.text = say(n.Entry) })
	return n.text
}

// Watch is one who watches a guild. Close it after use.
type Watch struct {
	hub   *Hub
	guild string
	start Position
	ready chan struct{} // closed once it has joined
	news  chan struct{} // holds a token where there is something to take

	mu    sync.Mutex
	queue []*News
	reset bool
	err   error
}

// Watch begins to watch a guild: everything behind Start is handed on.
// Errors: ErrEnded; those of the store, if it does not answer.
func (h *Hub) Watch(guild string) (*Watch, error) {
	w := &Watch{hub: h, guild: guild, ready: make(chan struct{}), news: make(chan struct{}, 1)}
	select {
	case h.joining <- w:
	case <-h.ended:
		return nil, ErrEnded
	}
	<-w.ready // the hub answers everyone
	return w, w.err
}

// Start is the position behind which everything is handed on.
func (w *Watch) Start() Position { return w.start }

// News is sent a value whenever there is something to take, or the watch has ended.
func (w *Watch) News() <-chan struct{} { return w.news }

// Wake has News send a value although nothing has happened.
func (w *Watch) Wake() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// Take returns what has happened since the last time, in order, and the position up to
// which that is all. reset means that the order was lost, with a store that was put
// back: what there is must be read anew. Errors: ErrSlow, ErrEnded.
func (w *Watch) Take() (news []*News, until Position, reset bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// The hub moves the head behind what it hands on, and before it tells of a reset. So
	// all up to here is in the queue, and where reset is true this is the new order's.
	until = *w.hub.head.Load()
	news, reset = w.queue, w.reset
	w.queue, w.reset = nil, false
	return news, until, reset, w.err
}

// Close ends the watch.
func (w *Watch) Close() {
	select {
	case w.hub.leaving <- w:
	case <-w.hub.ended:
	}
}

// tell hands something on, and reports whether the watcher still keeps up.
func (w *Watch) tell(change func()) bool {
	w.mu.Lock()
	change()
	if len(w.queue) > mostUntaken {
		w.queue, w.err = nil, ErrSlow
	}
	ok := w.err == nil
	w.mu.Unlock()
	w.Wake()
	return ok
}

// Run follows the store until ctx ends, and then ends all watches. It is called once
// and always returns nil: what fails is logged and tried again.
func (h *Hub) Run(ctx context.Context) error {
	r := hubRound{Hub: h, ctx: ctx, watched: map[string]map[*Watch]bool{}}
	defer r.end()
	timer := time.NewTimer(0)
	<-timer.C
	var last time.Time // when the store was asked
	for {
		select {
		case <-ctx.Done():
			return nil
		case w := <-h.joining:
			if r.join(w) && len(r.watched) == 1 && len(r.watched[w.guild]) == 1 {
				timer.Reset(h.cfg.Interval)
			}
			continue
		case w := <-h.leaving:
			r.leave(w)
			continue
		case <-h.wake:
			if len(r.watched) > 0 {
				timer.Reset(max(0, h.cfg.Pause-time.Since(last)))
			}
			continue
		case <-timer.C:
		}
		if len(r.watched) == 0 {
			continue // and it rests until somebody comes
		}
		last = time.Now()
		r.follow()
		timer.Reset(h.cfg.Interval)
	}
}

// hubRound is what Run knows, alone.
type hubRound struct {
	*Hub
	ctx     context.Context
	watched map[string]map[*Watch]bool // by guild
	at      Position                   // all up to here was handed on
	failing bool
}

// storeTime is how long the store may take to answer.
const storeTime = 10 * time.Second

// join lets a watcher in, and reports whether it did.
func (r *hubRound) join(w *Watch) bool {
	defer close(w.ready)
	if len(r.watched) == 0 {
		ctx, cancel := context.WithTimeout(r.ctx, storeTime)
		defer cancel()
		head, err := r.cfg.Follower.Head(ctx)
		if err != nil {
			w.err = err
			return false
		}
		r.move(head)
	}
	w.start = r.at
	if r.watched[w.guild] == nil {
		r.watched[w.guild] = map[*Watch]bool{}
	}
	r.watched[w.guild][w] = true
	r.count.Add(1)
	return true
}

func (r *hubRound) leave(w *Watch) {
	if !r.watched[w.guild][w] {
		return
	}
	r.count.Add(-1)
	if delete(r.watched[w.guild], w); len(r.watched[w.guild]) == 0 {
		delete(r.watched, w.guild)
	}
}

func (r *hubRound) move(to Position) {
	r.at = to
	r.head.Store(&to)
}

// follow hands on what is new.
func (r *hubRound) follow() {
	ctx, cancel := context.WithTimeout(r.ctx, storeTime)
	defer cancel()
	for more := true; more && len(r.watched) > 0; {
		b, err := r.cfg.Follower.After(ctx, r.at, slices.Collect(maps.Keys(r.watched)), MaxBatch)
		switch {
		case errors.Is(err, ErrPosition):
			r.startOver(ctx)
			return
		case err != nil:
			r.failed(err)
			return
		}
		r.failing = false
		for _, e := range b.Entries {
			n := &News{Entry: e}
			for w := range r.watched[e.Guild] {
				if !w.tell(func() { w.queue = append(w.queue, n) }) {
					r.leave(w)
				}
			}
		}
		r.move(b.Until)
		more = b.More
	}
}

// startOver goes on from the head, and has everybody read anew.
func (r *hubRound) startOver(ctx context.Context) {
	head, err := r.cfg.Follower.Head(ctx)
	if err != nil {
		r.failed(err)
		return
	}
	r.cfg.Log.Warn("the order of events was lost, as after a restore; everybody who watches reads anew")
	r.move(head)
	for _, watches := range r.watched {
		for w := range watches {
			w.tell(func() { w.queue, w.reset = nil, true })
		}
	}
}

func (r *hubRound) failed(err error) {
	if !r.failing && r.ctx.Err() == nil {
		r.cfg.Log.Warn("events cannot be followed for now", slog.Any("error", err))
	}
	r.failing = true
}

// end ends all watches.
func (r *hubRound) end() {
	close(r.ended)
	for _, watches := range r.watched {
		for w := range watches {
			w.tell(func() { w.err = ErrEnded })
			r.count.Add(-1)
		}
	}
}
