package storetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// Model is the reference that adapters are held against: a guild is a handful
// of slices, and an operation works on a copy of them that replaces the
// original only if it succeeds.
type Model struct {
	mu     sync.Mutex
	guilds map[economy.GuildID]*guild
	placed []place // events in the order in which they are followed
	number int64   // the last of an item, a purchase, a task, a claim, a submission or a delivery
}

var _ Store = (*Model)(nil)

// NewModel returns an empty model.
func NewModel() *Model { return &Model{guilds: make(map[economy.GuildID]*guild)} }

// guild is everything about one guild. The number of a member, transaction or
// event is its place in the slice, from 1.
type guild struct {
	settings     economy.Settings
	members      []member
	officials    []official
	transactions []transaction
	events       []events.Event
	requests     map[requestKey]request
	percents     map[int64]int // of members, as of the last snapshot
	items        []shop.Item
	purchases    []purchase
	owned, used  map[goods]int64
	tasks        []tasks.Task
	claims       []claim
	submissions  []submission
	cards        map[string]card // by subject
	placed       int             // events that have a place
	tops         *ranking        // nil: were not taken
	deliveries   []delivery
	number       *int64 // the model's
	defect       error  // of an operation for somebody who cannot be
}

type member struct {
	user    economy.UserID
	name    string
	balance economy.Amount
	streak  economy.Streak
	at      time.Time
}

// erased members have no user any more.
func (m member) erased() bool { return m.user == "" }

var errNobody = errors.New("a person who is nobody, or two")

// official is who acts from the dashboard. His number, as an actor, is below 0.
type official struct {
	admin economy.AdminID
	name  string
}

type transaction struct {
	kind                 economy.Kind
	actor                int64
	at                   time.Time
	note                 string
	entries              []entry
	reverses, reversedBy economy.TransactionID
}

type entry struct {
	member  int64                 // 0 where it is in a system account
	system  economy.SystemAccount // where it is not a member's
	amount  economy.Amount
	balance economy.Amount // of the member, after
}

type requestKey struct {
	operation string
	source    economy.Source
	key       string
}

type request struct {
	fingerprint string
	at          time.Time
	receipt     any
}

func cut(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// next returns a new number of what is numbered in all of the model.
func (g *guild) next() int64 {
	*g.number++
	return *g.number
}

// open returns a copy of the guild to work on, or a new guild.
func (m *Model) open(id economy.GuildID, at time.Time) *guild {
	if g, known := m.guilds[id]; known {
		c := *g
		c.members = slices.Clone(g.members)
		c.officials = slices.Clone(g.officials)
		c.transactions = slices.Clone(g.transactions)
		c.events = slices.Clone(g.events)
		c.requests = maps.Clone(g.requests)
		c.items = slices.Clone(g.items)
		c.purchases = slices.Clone(g.purchases)
		c.owned, c.used = maps.Clone(g.owned), maps.Clone(g.used)
		c.tasks, c.claims, c.submissions = slices.Clone(g.tasks), slices.Clone(g.claims), slices.Clone(g.submissions)
		c.cards = maps.Clone(g.cards)
		c.deliveries = slices.Clone(g.deliveries)
		return &c
	}
	g := &guild{settings: economy.DefaultSettings(), requests: make(map[requestKey]request),
		owned: make(map[goods]int64), used: make(map[goods]int64), cards: make(map[string]card), number: &m.number}
	g.tell(id, 0, "guild.created", "guild", nil, g.settings, at)
	return g
}

// read runs a read, which may meet unknown members.
func read[R any](ctx context.Context, m *Model, id economy.GuildID, at time.Time, do func(*guild, time.Time) R) (R, error) {
	if err := ctx.Err(); err != nil {
		return *new(R), err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.open(id, cut(at))
	result := do(g, cut(at))
	m.guilds[id] = g
	return result, nil
}

// write runs a write once for its key.
func write[R any](ctx context.Context, m *Model, r economy.Request, operation, fingerprint string,
	do func(*guild, time.Time) (R, error)) (R, error) {
	if err := ctx.Err(); err != nil {
		return *new(R), err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.open(r.Guild, cut(r.At))
	key := requestKey{operation, r.Source, r.Key}
	if first, known := g.requests[key]; known {
		if first.fingerprint != fingerprint {
			return *new(R), economy.ErrKeyReused
		}
		return first.receipt.(R), nil
	}
	receipt, err := do(g, cut(r.At))
	if g.defect != nil {
		return *new(R), g.defect
	}
	if err != nil {
		return *new(R), g.settings.InCurrency(err)
	}
	g.requests[key] = request{fingerprint, cut(r.At), receipt}
	m.guilds[r.Guild] = g
	return receipt, nil
}

// find returns the number of a member, 0 for an unknown one.
func (g *guild) find(user economy.UserID) int64 {
	if user == "" {
		return 0
	}
	return int64(slices.IndexFunc(g.members, func(m member) bool { return m.user == user }) + 1)
}

func (g *guild) member(id int64) *member { return &g.members[id-1] }

// meet returns a person's number as a member; an unknown one joins and gets
// the starting balance.
func (g *guild) meet(id economy.GuildID, p economy.Person, at time.Time) int64 {
	if known := g.find(p.User); known != 0 {
		return known
	}
	g.members = append(g.members, member{user: p.User, name: clearName(p.Name), at: at})
	n := int64(len(g.members))
	g.tell(id, 0, "member.created", subject("member", n), nil, nil, at)
	if start := g.settings.StartingBalance; start != 0 {
		g.post(id, 0, transaction{kind: economy.KindOpening, at: at, entries: between(economy.Mint, n, start)})
	}
	return n
}

// involve meets a person in a write, which keeps his newest name.
func (g *guild) involve(id economy.GuildID, p economy.Person, at time.Time) int64 {
	if !p.Known() {
		g.defect = errNobody
	}
	if p.Admin != 0 {
		i := slices.IndexFunc(g.officials, func(o official) bool { return o.admin == p.Admin })
		if i < 0 {
			i, g.officials = len(g.officials), append(g.officials, official{admin: p.Admin})
		}
		if name := clearName(p.Name); name != "" {
			g.officials[i].name = name
		}
		return int64(-1 - i)
	}
	n := g.meet(id, p, at)
	g.member(n).name = clearName(p.Name)
	return n
}

// actor returns who did something, as he is shown; 0 is nobody.
func (g *guild) actor(n int64) economy.Actor {
	switch {
	case n == 0:
		return economy.Actor{}
	case n < 0:
		return economy.Actor{Kind: economy.ActorAccount, ID: n, Name: g.officials[-1-n].name}
	}
	m := g.member(n)
	if m.erased() {
		return economy.Actor{Kind: economy.ActorErased, ID: n}
	}
	return economy.Actor{Kind: economy.ActorMember, ID: n, User: m.user, Name: m.name}
}

func clearName(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// between returns the entries that move n coins from a system account to a
// member, or back where n is negative.
func between(account economy.SystemAccount, to int64, n economy.Amount) []entry {
	return []entry{{system: account, amount: -n}, {member: to, amount: n}}
}
