package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

const (
	mostWaiting  = 10_000           // joins that wait for the store
	mostAtOnce   = 100              // of one guild, in one call of the store
	meetingTime  = 10 * time.Second // of a call
	goodbyes     = 3 * time.Second  // for all that wait when the worker ends
	mostAttempts = 5                // where the store does answer, but with a failure
)

// join is somebody who has joined a guild, or the bot itself.
type join struct {
	guild  economy.GuildID
	person economy.Person // of no id: the bot was added to the guild
	at     time.Time
}

// joins are those who have joined and are still to be met, in their order. While the
// store does not answer they wait here, as long as the process lives and there is room.
type joins struct {
	members Members
	log     *slog.Logger
	wake    chan struct{} // holds one token when there is news; closed at the end
	look    func(economy.GuildID)

	mu      sync.Mutex
	waiting []join
	missed  map[economy.GuildID]int // for want of room, since the store last answered
	ended   bool
}

// newJoins returns an empty queue. It calls look for a guild of which it has missed
// somebody, once the store answers again.
func newJoins(members Members, look func(economy.GuildID), log *slog.Logger) *joins {
	return &joins{members: members, look: look, log: log, wake: make(chan struct{}, 1), missed: map[economy.GuildID]int{}}
}

// add has somebody met soon. It never blocks. Bots are passed over.
func (q *joins) add(j join) {
	if j.person.Bot {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= mostWaiting {
		if j.person.User == "" {
			return // the guild is met with its members
		}
		if len(q.missed) == 0 {
			q.log.Warn("too many who joined wait for the store: the next will be looked for in the list of members",
				slog.Int("waiting", len(q.waiting)))
		}
		q.missed[j.guild]++
		return
	}
	q.waiting = append(q.waiting, j)
	if !q.ended {
		select {
		case q.wake <- struct{}{}:
		default: // is awake already
		}
	}
}

// end says that nobody will be added any more.
func (q *joins) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = true
	close(q.wake)
}

// next returns those at the head of the queue, all of one guild. They stay in it until
// they are struck off.
func (q *joins) next() []join {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for n < len(q.waiting) && n < mostAtOnce && q.waiting[n].guild == q.waiting[0].guild {
		n++
	}
	return slices.Clone(q.waiting[:n])
}

// strike takes n off the head of the queue.
func (q *joins) strike(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting = slices.Delete(q.waiting, 0, n); len(q.waiting) == 0 {
		q.waiting = nil // a crowd's room is not kept
	}
}

// left returns who still waits.
func (q *joins) left() []economy.Person {
	q.mu.Lock()
	defer q.mu.Unlock()
	return people(q.waiting)
}

// people returns who has joined, without the guilds that the bot was added to.
func people(list []join) []economy.Person {
	all := make([]economy.Person, 0, len(list))
	for _, j := range list {
		if j.person.User != "" {
			all = append(all, j.person)
		}
	}
	return all
}

// lookForMissed has those looked for whom there was no room for, now that there is.
func (q *joins) lookForMissed() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for guild, n := range q.missed {
		q.log.Warn("people joined while there was no room to remember them; they are looked for in the list of members",
			slog.String("guild", string(guild)), slog.Int("people", n))
		q.look(guild)
	}
	clear(q.missed)
}

// run meets who joins until end was called and nobody waits. When ctx has ended, too, it
// tries once more for those who wait, and logs how many it has not met.
func (q *joins) run(ctx context.Context, sleep func(context.Context, time.Duration) error) {
	var pause time.Duration
	for failures := 0; ctx.Err() == nil; {
		batch := q.next()
		if len(batch) == 0 {
			select {
			case _, more := <-q.wake:
				if !more && len(q.next()) == 0 {
					return
				}
			case <-ctx.Done():
			}
			continue
		}
		err := q.meet(ctx, batch)
		if err == nil {
			pause, failures = 0, 0
			continue
		}
		if ctx.Err() != nil {
			break
		}
		pause = min(max(2*pause, time.Second), time.Minute)
		if failures++; problem.Of(err).Kind != problem.Unavailable && failures >= mostAttempts {
			q.log.Error("people who joined were not met; they are at their first command",
				slog.Int("people", len(people(batch))), slog.String("guild", string(batch[0].guild)), slog.Any("error", err))
			q.strike(len(batch))
			pause, failures = 0, 0
			continue
		}
		q.log.Warn("people who joined wait for the store", slog.Duration("wait", pause), slog.Any("error", err))
		_ = sleep(ctx, pause) // the loop looks at ctx
	}
	q.farewell(ctx)
}

// farewell tries once for all that wait, when nobody will be added any more.
func (q *joins) farewell(ctx context.Context) {
	for range q.wake { // until it is closed
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyes)
	defer cancel()
	for batch := q.next(); len(batch) > 0; batch = q.next() {
		if err := q.meet(last, batch); err != nil {
			q.log.Warn("people who joined were not met before the end; they are at their first command",
				slog.Int("people", len(q.left())), slog.Any("error", err))
			return
		}
	}
}

// meet has a batch met and strikes it off.
func (q *joins) meet(ctx context.Context, batch []join) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, meetingTime)
	defer cancel()
	some := people(batch)
	met, err := q.members.Join(ctx, batch[0].guild, some, batch[len(batch)-1].at)
	if err != nil {
		return err
	}
	q.strike(len(batch))
	q.lookForMissed()
	q.log.Debug("people joined", slog.String("guild", string(batch[0].guild)), slog.Int("people", len(some)), slog.Int("new", met))
	return nil
}
