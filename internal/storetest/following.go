package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
)

// follower reads what follows a position, again and again, as the live dashboard does.
type follower struct {
	store  events.Follower
	guilds []string
	size   int
	at     events.Position
	seen   []events.Entry
}

// read reads all that is there, and checks that positions ascend.
func (f *follower) read(ctx context.Context) error {
	for {
		b, err := f.store.After(ctx, f.at, f.guilds, f.size)
		if err != nil {
			return err
		}
		for _, e := range b.Entries {
			if e.Position.Compare(f.at) <= 0 || e.Position.Compare(b.Until) > 0 {
				return fmt.Errorf("event %d is at %v, which is not behind %v or is behind %v", e.ID, e.Position, f.at, b.Until)
			}
			f.at = e.Position
			f.seen = append(f.seen, e)
		}
		if b.Until.Compare(f.at) < 0 || b.More && len(b.Entries) == 0 {
			return fmt.Errorf("a batch of %d ends at %v, before %v", len(b.Entries), b.Until, f.at)
		}
		f.at = b.Until
		if !b.More {
			return nil
		}
	}
}

// until reads until so many events were seen. An event appears once all writes that
// began before it have ended.
func (f *follower) until(s *scene, n int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	for {
		if err := f.read(ctx); err != nil {
			s.t.Fatalf("after %d of %d events: %v", len(f.seen), n, err)
		}
		if len(f.seen) >= n {
			return
		}
	}
}

// plain are the events of entries, in the order of their ids.
func plain(entries []events.Entry, guild economy.GuildID) []events.Event {
	var list []events.Event
	for _, e := range entries {
		if e.Guild == string(guild) {
			list = append(list, e.Event)
		}
	}
	slices.SortFunc(list, func(a, b events.Event) int { return int(a.ID - b.ID) })
	return list
}

// following tells of those who want to know what happens.
func following(b *book) {
	b.story("whoever follows sees each event of his guilds once, in batches", func(s *scene) {
		there, unwatched := s.elsewhere(), s.elsewhere()
		f := &follower{store: s.store, guilds: []string{string(s.guild), string(there.guild), string(s.guild), "nowhere"}, size: 3}
		for range 5 {
			s.pay(ada, bob, 1)
			there.pay(bob, cyd, 1)
			unwatched.pay(ada, bob, 1)
		}
		here, other := s.events(), there.events()
		f.until(s, len(here)+len(other))
		same(s.t, "events here", plain(f.seen, s.guild), here)
		same(s.t, "events there", plain(f.seen, there.guild), other)
		same(s.t, "all", len(f.seen), len(here)+len(other))
		if last, err := events.ParsePosition(f.at.String()); err != nil || last != f.at {
			s.t.Errorf("the position %v is read back as %v: %v", f.at, last, err)
		}
		from := f.seen[4].Position // any event's own is a place to go on from
		again := &follower{store: s.store, guilds: f.guilds, size: 100, at: from}
		again.until(s, len(f.seen)-5)
		same(s.t, "the rest", again.seen, f.seen[5:])
	})
	b.story("whoever starts at the head sees only what is new", func(s *scene) {
		s.pay(ada, bob, 1)
		head := did(s.store.Head(s.ctx)).in(s)
		f := &follower{store: s.store, guilds: []string{string(s.guild)}, size: 100, at: head}
		known := len(s.events())
		s.pay(ada, bob, 2)
		f.until(s, 1)
		if list := s.events(); f.seen[len(f.seen)-1].ID != list[len(list)-1].ID || len(f.seen) > known+1 {
			s.t.Errorf("saw %+v, want the event %+v", f.seen, list[len(list)-1])
		}
		later := did(s.store.Head(s.ctx)).in(s)
		same(s.t, "the head moves on", later.Compare(head), 1)
		none := did(s.store.After(s.ctx, later, nil, 100)).in(s)
		same(s.t, "of no guild", []any{len(none.Entries), none.More}, []any{0, false})
	})
	b.story("an entry tells who did it", func(s *scene) {
		s.rules(func(v *economy.Settings) { v.Grace = 3 })
		f := &follower{store: s.store, guilds: []string{string(s.guild)}, size: 100}
		f.until(s, len(s.events()))
		first, last := f.seen[0], f.seen[len(f.seen)-1]
		same(s.t, "the system", first.By, economy.Actor{Kind: economy.ActorSystem})
		same(s.t, "a member", last.By, economy.Actor{Kind: economy.ActorMember, ID: last.Actor, User: root.User, Name: root.Name})
	})
	b.story("a position of another time is refused", func(s *scene) {
		s.pay(ada, bob, 1)
		head := did(s.store.Head(s.ctx)).in(s)
		for _, p := range []events.Position{{Round: head.Round + 1<<40}, {Round: head.Round, ID: head.ID + 1<<40}, {Round: 1<<64 - 1, ID: 1<<63 - 1}} {
			_, err := s.store.After(s.ctx, p, []string{string(s.guild)}, 10)
			refused(s.t, err, events.ErrPosition)
		}
	})
	b.story("nothing appears behind what was read, however many write", func(s *scene) {
		there := s.elsewhere()
		f := &follower{store: s.store, guilds: []string{string(s.guild), string(there.guild)}, size: 7, at: did(s.store.Head(s.ctx)).in(s)}
		const writers = 8
		each := size(60, 12)
		var busy atomic.Int32
		busy.Store(writers)
		together(writers+1, func(i int) {
			if i == writers {
				for busy.Load() > 0 {
					if err := f.read(s.ctx); err != nil {
						s.t.Error(err)
						return
					}
				}
				return
			}
			defer busy.Add(-1)
			for n := range each {
				guild := []economy.GuildID{s.guild, there.guild}[n%2]
				r := economy.Request{Guild: guild, Source: economy.FromDiscord, Key: fmt.Sprint(i, "-", n), At: s.now}
				who := []economy.Person{ada, bob, cyd, dee}[i%4]
				op := must(economy.NewAdjustment(r, root, who, economy.KindGive, 1, ""))
				if _, err := s.store.Adjust(s.ctx, op); err != nil {
					s.t.Error(err)
				}
			}
		})
		here, other := s.events(), there.events()
		f.until(s, len(here)+len(other))
		same(s.t, "events here", plain(f.seen, s.guild), here)
		same(s.t, "events there", plain(f.seen, there.guild), other)
	})
}
