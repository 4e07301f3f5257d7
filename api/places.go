package api

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// Places tells the API what servers look like at Discord, by the bot.
type Places interface {
	// Place returns a server's name and the address of its picture ("": none).
	Place(context.Context, economy.GuildID) (Place, error)
	// Channels returns a server's channels.
	Channels(context.Context, economy.GuildID) ([]Channel, error)
	// Roles returns a server's roles.
	Roles(context.Context, economy.GuildID) ([]Role, error)
}

// Place is a server as Discord shows it.
type Place struct {
	Name, Icon string
}

// Channel is a channel of a server.
type Channel struct {
	ID       economy.ChannelID `json:"id"`
	Name     string            `json:"name"`
	Kind     string            `json:"kind"` // "text", "announcement", "voice", "category" or "other"
	Position int               `json:"position"`
}

// Role is a role of a server.
type Role struct {
	ID       economy.RoleID `json:"id"`
	Name     string         `json:"name"`
	Color    int            `json:"color"` // 0xRRGGBB; 0: none
	Position int            `json:"position"`
}

// errDiscord says that Discord was asked in vain.
var errDiscord = problem.New(problem.Unavailable, "discord_unavailable",
	"Discord does not answer, or the bot is not in this server. Try again soon.")

// How long what Discord said is believed, and for how long nobody asks again after a failure.
const (
	placesLife   = time.Minute
	failuresLife = 10 * time.Second
	discordTime  = 5 * time.Second
	mostPlaces   = 10_000 // that are remembered
)

// remembered is what Discord said of a server, or that it said nothing.
type remembered[T any] struct {
	value T
	err   error
	until time.Time
}

// memory remembers what Discord says for a while, and has one caller ask for all.
type memory[T any] struct {
	ask   func(context.Context, economy.GuildID) (T, error)
	now   func() time.Time
	group singleflight.Group

	mu    sync.Mutex
	known map[economy.GuildID]remembered[T]
}

func newMemory[T any](now func() time.Time, ask func(context.Context, economy.GuildID) (T, error)) *memory[T] {
	return &memory[T]{ask: ask, now: now, known: map[economy.GuildID]remembered[T]{}}
}

// of returns what Discord says. Errors: discord_unavailable.
func (m *memory[T]) of(ctx context.Context, guild economy.GuildID) (T, error) {
	if v, ok := m.recall(guild); ok {
		return v.value, v.err
	}
	answers := m.group.DoChan(string(guild), func() (any, error) {
		asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), discordTime)
		defer cancel()
		v := remembered[T]{until: m.now().Add(placesLife)}
		if v.value, v.err = m.ask(asking, guild); v.err != nil {
			v.err, v.until = errDiscord.Because(v.err), m.now().Add(failuresLife)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(m.known) >= mostPlaces {
			clear(m.known)
		}
		m.known[guild] = v
		return v, nil
	})
	select {
	case a := <-answers:
		v := a.Val.(remembered[T]) //nolint:forcetypeassert // it is what was put in
		return v.value, v.err
	case <-ctx.Done():
		var none T
		return none, errDiscord.Because(ctx.Err())
	}
}

// anew is of without what was remembered.
func (m *memory[T]) anew(ctx context.Context, guild economy.GuildID) (T, error) {
	m.mu.Lock()
	delete(m.known, guild)
	m.mu.Unlock()
	return m.of(ctx, guild)
}

func (m *memory[T]) recall(guild economy.GuildID) (remembered[T], bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.known[guild]
	return v, ok && m.now().Before(v.until)
}
