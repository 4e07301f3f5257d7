package api

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/julienschmidt/httprouter"

	"coffer/internal/admins"
	"coffer/internal/economy"
	"coffer/internal/problem"
)

// Caller is who makes a request.
type Caller struct {
	admins.Account
	Session string // the session that the account signed in with; "" for a token
}

// Person returns the caller as the books know him.
func (c Caller) Person() economy.Person {
	return economy.Person{Admin: economy.AdminID(c.ID), Name: c.Name}
}

// callers tells who holds a bearer's credential.
type callers interface {
	// Caller returns whose credential it is. Errors: admins.ErrSignedOut.
	Caller(ctx context.Context, credential string) (Caller, error)
}

// guilds tells which guilds there are.
type guilds interface {
	// KnowsGuild reports whether the books have the guild.
	KnowsGuild(ctx context.Context, guild string) (bool, error)
}

// What the guard answers.
var (
	errRole = problem.New(problem.Forbidden, "role",
		"Your account's role does not include this. An owner can change that.")
	errUnknownGuild = problem.New(problem.NotFound, "unknown_guild",
		"There is no such server here, or your account is not for it.")
)

// guard stands before every route.
type guard struct {
	callers   callers
	guilds    guilds
	known     *sync.Map // guilds that exist; they never cease to
	calls     *limiter  // of each caller
	strangers *limiter  // public calls, by admins.AddressKey
	refused   *limiter  // tokens of programs that were none, by admins.AddressKey
}

// The limits of each server. They are far above what a dashboard asks.
const (
	callsPerMinute    = 600
	refusalsPerMinute = 60
)

func newGuard(c callers, g guilds, now func() time.Time) guard {
	return guard{
		callers:   c,
		guilds:    g,
		known:     &sync.Map{},
		calls:     newLimiter(callsPerMinute, time.Minute, now),
		strangers: newLimiter(callsPerMinute, time.Minute, now),
		refused:   newLimiter(refusalsPerMinute, time.Minute, now),
	}
}

// admit lets a request pass that has the access, and returns it with its caller.
func (g guard) admit(w http.ResponseWriter, r *http.Request, access Access) (*http.Request, error) {
	switch access {
	case Unlimited:
		return r, nil
	case Public:
		return r, count(w, g.strangers, admins.AddressKey(ClientAddress(r)))
	}
	caller, err := g.identify(w, r)
	if err != nil {
		return r, err
	}
	r = r.WithContext(context.WithValue(r.Context(), callerKey{}, caller))
	if guild := httprouter.ParamsFromContext(r.Context()).ByName("guild"); guild != "" {
		if err := g.covers(r.Context(), caller, guild); err != nil {
			return r, err
		}
	}
	if access != SignedIn && !caller.Role.AtLeast(access.role()) {
		return r, errRole
	}
	return r, nil
}

// identify finds out whose credential the request bears, within the limits.
func (g guard) identify(w http.ResponseWriter, r *http.Request) (Caller, error) {
	credential, ok := bearer(r)
	if !ok {
		return Caller{}, admins.ErrSignedOut
	}
	// The store is asked about tokens of programs, whatever they are; access tokens
	// must be signed first. So only guesses of those are limited, and nobody can keep
	// out people who share his address.
	program, address := strings.HasPrefix(credential, tokenPrefix), admins.AddressKey(ClientAddress(r))
	if use, over := g.refused.over(address); program && over {
		use.tell(w.Header())
		return Caller{}, tooMany(use.reset)
	}
	caller, err := g.callers.Caller(r.Context(), credential)
	if err != nil {
		if program && problem.Of(err).Is(admins.ErrSignedOut) {
			g.refused.count(address)
		}
		return Caller{}, err
	}
	return caller, count(w, g.calls, limitKey(caller))
}

// count counts the call and tells whoever makes it how many are left.
func count(w http.ResponseWriter, l *limiter, key string) error {
	use, over := l.count(key)
	use.tell(w.Header())
	if over {
		return tooMany(use.reset)
	}
	return nil
}

// covers tells whether the guild exists and is the caller's.
func (g guard) covers(ctx context.Context, caller Caller, guild string) error {
	if !economy.GuildID(guild).Valid() || !caller.Covers(guild) {
		return errUnknownGuild
	}
	if _, ok := g.known.Load(guild); ok {
		return nil
	}
	known, err := g.guilds.KnowsGuild(ctx, guild)
	switch {
	case err != nil:
		return err
	case !known:
		return errUnknownGuild
	}
	g.known.Store(guild, true)
	return nil
}

// bearer returns the request's credential.
func bearer(r *http.Request) (string, bool) {
	headers := r.Header["Authorization"]
	if len(headers) != 1 {
		return "", false
	}
	scheme, credential, ok := strings.Cut(headers[0], " ")
	return credential, ok && strings.EqualFold(scheme, "Bearer") && credential != ""
}

type callerKey struct{}

// callerOf returns who makes the request: of a Public or Unlimited route nobody.
func callerOf(r *http.Request) Caller {
	c, _ := r.Context().Value(callerKey{}).(Caller)
	return c
}

// guildOf returns the guild that the path names.
func guildOf(r *http.Request) economy.GuildID {
	return economy.GuildID(httprouter.ParamsFromContext(r.Context()).ByName("guild"))
}
