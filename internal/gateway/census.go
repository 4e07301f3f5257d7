package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/problem"
)

// mostCounted is how many members one call of the store is told of, so that no call
// keeps commands waiting for long.
const mostCounted = 250

// census finds who joined while nobody listened. A session begins with all guilds, and
// from then on no join is missed, whatever happens to its connections, as long as it is
// resumed; so the members of a guild are gone through once in a session, page by page,
// one guild after the other, and never more than a page is remembered. It begins anew
// with the next session.
//
// Who was erased is known to nobody, and may still be in the guild: there he would be
// found as somebody new, with his name, and coins. So whoever joined before anybody of
// the guild was erased is left to his first command. What restores roles is told of all,
// since it meets nobody.
type census struct {
	*Worker
	wake chan struct{} // holds one token when there is news

	mu      sync.Mutex
	waiting []*count
	current *count             // gone through now
	stop    context.CancelFunc // of that
}

// count is a guild whose members are gone through.
type count struct {
	guild    economy.GuildID
	after    economy.UserID // whom the store knows
	met      int            // who were new
	restored int            // roles of those who joined again
	fails    int            // calls of the store, one after the other, that failed, but for its absence
}

func newCensus(w *Worker) *census { return &census{Worker: w, wake: make(chan struct{}, 1)} }

// restart forgets all guilds.
func (c *census) restart() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = nil
	if c.current != nil {
		c.stop()
	}
}

// add has the members of a guild gone through, from the beginning. It never blocks.
func (c *census) add(guild economy.GuildID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil && c.current.guild == guild {
		c.stop()
	}
	c.waiting = slices.DeleteFunc(c.waiting, func(n *count) bool { return n.guild == guild })
	c.waiting = append(c.waiting, &count{guild: guild, after: "0"})
	select {
	case c.wake <- struct{}{}:
	default: // is awake already
	}
}

// next returns the guild whose turn it is, or nil, and the context of its turn.
func (c *census) next(ctx context.Context) (context.Context, *count) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		return ctx, nil
	}
	c.current, c.waiting = c.waiting[0], c.waiting[1:]
	ctx, c.stop = context.WithCancel(ctx)
	return ctx, c.current
}

// done ends a turn. Who is to go on later does so behind the others, unless the turn
// was stopped.
func (c *census) done(ctx context.Context, n *count, later bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if later && ctx.Err() == nil {
		c.waiting = append(c.waiting, n)
	}
	c.stop()
	c.current = nil
}

// run goes through the guilds until ctx ends.
func (c *census) run(ctx context.Context) {
	var pause time.Duration
	for ctx.Err() == nil {
		turn, n := c.next(ctx)
		if n == nil {
			select {
			case <-c.wake:
			case <-ctx.Done():
			}
			continue
		}
		err := c.through(turn, n)
		switch {
		case turn.Err() != nil: // begun anew, or not at all
			c.done(turn, n, false)
			continue
		case err == nil:
			c.cfg.Log.Info("the members of a guild were compared with Discord's", slog.String("guild", string(n.guild)), slog.Int("new", n.met), slog.Int("restored", n.restored))
			c.done(turn, n, false)
			pause = 0
			continue
		case gone(err) || n.fails >= mostAttempts:
			c.cfg.Log.Warn("the members of a guild cannot be compared with Discord's; who is new is met at his first command",
				slog.String("guild", string(n.guild)), slog.Any("error", err))
			c.done(turn, n, false)
			continue
		}
		c.done(turn, n, true)
		pause = doubled(pause)
		wait := pause
		var later *laterError
		if errors.As(err, &later) {
			wait = max(wait, later.after)
		}
		c.cfg.Log.Warn("the members of a guild will be compared with Discord's later",
			slog.String("guild", string(n.guild)), slog.Duration("wait", wait), slog.Any("error", err))
		_ = c.sleep(ctx, wait) // the loop looks at ctx
	}
}

// gone reports whether Discord says that it does not show the guild's members: there is no
// such guild, the bot was removed, or may not see them. What stands before Discord and
// refuses everybody for a while names no such code.
func gone(err error) bool {
	var later *laterError
	return errors.As(err, &later) && slices.Contains([]int{10004, 50001, 50013}, later.code)
}

// through goes on through the members of a guild.
func (c *census) through(ctx context.Context, n *count) (err error) {
	defer func() {
		if v := recover(); v != nil {
			n.fails++
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	for {
		list, rest, err := c.members(ctx, n.guild, n.after)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(list, mostCounted) {
			if err := c.meet(ctx, n, some); err != nil {
				return err
			}
		}
		if len(list) < page {
			return nil
		}
		if err := c.sleep(ctx, rest); err != nil {
			return err
		}
	}
}

// meet has members met, and notes how far that is.
func (c *census) meet(ctx context.Context, n *count, some []member) error {
	ctx, cancel := context.WithTimeout(ctx, meetingTime)
	defer cancel()
	erased, err := c.erased(ctx, n.guild) // after the list was read, and just before it is used
	if err != nil {
		return n.failed(err)
	}
	all := make([]economy.Person, 0, len(some))
	for _, m := range some {
		if m.User.ID == "" {
			return errors.New("Discord lists a member without a user") //nolint:staticcheck // a name
		}
		if !m.User.Bot {
			all = append(all, m.person())
		}
	}
	people := slices.DeleteFunc(slices.Clone(all), func(p economy.Person) bool { return p.Joined.Before(erased) }) // not known: long ago
	last := some[len(some)-1].User.ID
	if !less(n.after, last) {
		return errors.New("Discord's list of members does not go on") //nolint:staticcheck // a name
	}
	met, err := c.cfg.Members.Meet(ctx, n.guild, people, c.cfg.Now())
	if err != nil {
		return n.failed(err)
	}
	restored, err := c.cfg.Members.Restore(ctx, n.guild, all, c.cfg.Now())
	if err != nil {
		return n.failed(err)
	}
	n.after, n.met, n.restored, n.fails = last, n.met+met, n.restored+restored, 0
	return nil
}

// failed counts a failure of the store but for its absence.
func (n *count) failed(err error) error {
	if problem.Of(err).Kind != problem.Unavailable {
		n.fails++
	}
	return err
}

// clocks is how far Discord's clock and the store's may be apart.
const clocks = 5 * time.Minute

// erased returns until when who joined a guild may have been erased; zero: nobody was.
func (c *census) erased(ctx context.Context, guild economy.GuildID) (time.Time, error) {
	last, err := c.cfg.Members.Trail(ctx, events.TrailQuery{Guild: string(guild), Kind: "member.erased", Limit: 1})
	if err != nil || len(last.Entries) == 0 {
		return time.Time{}, err
	}
	return last.Entries[0].At.Add(clocks), nil
}

// less compares ids, which are numbers.
func less(a, b economy.UserID) bool {
	x, err := strconv.ParseUint(string(a), 10, 64)
	y, wrong := strconv.ParseUint(string(b), 10, 64)
	return err == nil && wrong == nil && x < y
}
