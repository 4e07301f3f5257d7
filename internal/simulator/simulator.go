// Package simulator is a local Discord: it sends signed interactions to an app,
// checks its answers and its REST calls by Discord's rules, and shows what the
// people at their clients would see. The demo, the terminal, the playground and
// the tests all speak to it.
//
// It shares no code with the app it judges. Its limits are its own (limits.go),
// and what it refuses it refuses with Discord's statuses and error bodies.
package simulator

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Config is what a simulator needs.
type Config struct {
	ApplicationID   string
	BotToken        string
	PrivateKey      ed25519.PrivateKey // signs interactions
	InteractionsURL string             // where the app listens
	ClientSecret    string             // of the app, to sign people in; "": it has none
	RedirectURIs    []string           // where people who sign in may be sent back to
	GatewayURL      string             // what /gateway/bot names; the host of the request if empty
	Log             *slog.Logger       // nil: silent
	Now             func() time.Time   // nil: time.Now
	AnswerWithin    time.Duration      // 0: 3 s, Discord's limit for the first answer

	HeartbeatInterval time.Duration // of the gateway; 0: 41.25 s
	SessionStarts     int           // sessions that may be begun in a day; 0: 1000

	World World
}

// Simulator is one local Discord with one application. Its methods are safe
// for concurrent use. New starts nothing; Close ends what deliveries are in
// flight.
type Simulator struct {
	cfg    Config
	ids    snowflakes
	client *http.Client
	life   context.Context // ends when Close loses patience
	end    context.CancelFunc

	mu           sync.Mutex // guards everything below; never held over I/O
	url          string
	world        *world
	commands     map[string][]definition // by scope: a guild's id, "" for global
	interactions map[string]*interaction
	order        []string                // interactions, oldest first
	tokens       map[string]*interaction // by continuation token
	messages     map[string]*Message
	messageOrder []string
	channels     map[string][]string // message ids by channel, oldest first
	directs      map[string]string   // direct message channels by user id
	nonces       map[string]usedNonce
	files        files
	codes        map[string]consent // by code, until they are used
	grants       map[string]*grant  // by access and by refresh token
	faults       []*Fault
	listeners    map[*listener]struct{}
	gateway      gateway
	hungUp       bool // no listeners any more
	closed       bool
	inFlight     int
	idle         chan struct{} // closed when closed and nothing is in flight
}

// New makes a simulator. It panics when the key is not an ed25519 private key,
// as crypto/ed25519 would at the first signature.
func New(cfg Config) *Simulator {
	if len(cfg.PrivateKey) != ed25519.PrivateKeySize {
		panic("simulator: Config.PrivateKey is not an ed25519 private key")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.AnswerWithin = cmp.Or(cfg.AnswerWithin, answerWithin)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // the app is local
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 0, 256
	life, end := context.WithCancel(context.Background())
	s := &Simulator{
		cfg: cfg, ids: snowflakes{now: cfg.Now}, url: cfg.InteractionsURL, life: life, end: end,
		client: &http.Client{
			Transport: transport,
			// Discord does not follow an endpoint that moves.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		world:    newWorld(cfg.World, cfg.ApplicationID),
		commands: map[string][]definition{}, interactions: map[string]*interaction{}, tokens: map[string]*interaction{},
		messages: map[string]*Message{}, channels: map[string][]string{}, directs: map[string]string{},
		nonces: map[string]usedNonce{}, codes: map[string]consent{}, grants: map[string]*grant{}, listeners: map[*listener]struct{}{}, idle: make(chan struct{}),
		gateway: gateway{conns: map[*gatewayConn]struct{}{}, sessions: map[string]*gatewaySession{}},
	}
	return s
}

// SetInteractionsURL changes where the next interactions go.
func (s *Simulator) SetInteractionsURL(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.url = url
}

// PublicKey is the half of the key that the app verifies with.
func (s *Simulator) PublicKey() ed25519.PublicKey {
	return s.cfg.PrivateKey.Public().(ed25519.PublicKey)
}

// Close refuses new deliveries, closes the gateway, and waits for those in flight. When ctx ends
// first it cuts them off, waits for that, and returns the context's error.
func (s *Simulator) Close(ctx context.Context) error {
	s.HangUp()
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		if s.inFlight == 0 {
			close(s.idle)
		}
	}
	s.mu.Unlock()
	s.endGateway()
	var err error
	select {
	case <-s.idle:
	case <-ctx.Done():
		err = ctx.Err()
		s.end()
		<-s.idle
	}
	s.end()
	s.client.CloseIdleConnections()
	return err
}

// begin counts work that Close is to wait for.
func (s *Simulator) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.inFlight++
	return nil
}

func (s *Simulator) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
	if s.closed && s.inFlight == 0 {
		close(s.idle)
	}
}

// Join lets somebody join a guild, or changes a member who is there.
func (s *Simulator) Join(m Member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.admitMember(m)
}

// AddGuild has somebody add the app to a guild. One that it is in already is left as it
// is.
func (s *Simulator) AddGuild(g Guild) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.world.guilds[g.ID]; known {
		return
	}
	s.world.addGuild(g)
	s.world.order.Guilds = append(s.world.order.Guilds, s.world.guilds[g.ID])
	s.world.join(Member{GuildID: g.ID, User: s.world.bot, JoinedAt: s.cfg.Now()})
	s.dispatch(intentGuilds, "GUILD_CREATE", s.guildCreate(s.world.guilds[g.ID]))
	s.tell("")
}

// Member tells of a member by id or username.
func (s *Simulator) Member(guildID, who string) (Member, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.world.member(guildID, who)
	if m == nil {
		return Member{}, false
	}
	return m.clone(), true
}

// Leave has a member leave his guild, and reports whether there was such a one. He may
// Join again.
func (s *Simulator) Leave(guildID, who string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.world.member(guildID, who)
	if m == nil {
		return false
	}
	s.world.leave(m)
	s.left(guildID, m.User)
	s.tell("")
	return true
}

// CloseDirectMessages has a member take no direct messages from the app, or take them
// again, and reports whether there is such a one.
func (s *Simulator) CloseDirectMessages(guildID, who string, closed bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.world.member(guildID, who)
	if m == nil {
		return false
	}
	m.User.NoDirectMessages = closed
	s.tell("")
	return true
}

// DeleteRole removes a role, by id or name, from the guild and from all who have it,
// and reports whether there was such a one. @everyone stays.
func (s *Simulator) DeleteRole(guildID, which string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	role, ok := s.world.role(guildID, which)
	if !ok || role.ID == guildID {
		return false
	}
	s.world.deleteRole(role)
	s.tell("")
	return true
}

// AddRole adds a role, whose id nothing else has, to its guild.
func (s *Simulator) AddRole(role Role) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.roles[role.ID] = role
	s.world.order.Roles = append(s.world.order.Roles, role)
	s.tell("")
}

// ChangeRole changes a role, by id or name, but for its id and its guild, and reports
// whether there was such a one.
func (s *Simulator) ChangeRole(guildID, which string, change func(*Role)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	role, ok := s.world.role(guildID, which)
	if !ok {
		return false
	}
	changed := role
	change(&changed)
	changed.ID, changed.GuildID = role.ID, role.GuildID
	s.world.roles[role.ID] = changed
	for i, other := range s.world.order.Roles {
		if other.ID == role.ID {
			s.world.order.Roles[i] = changed
		}
	}
	s.tell("")
	return true
}

// Directs are the direct messages of a user, by id, oldest first.
func (s *Simulator) Directs(userID string) []Message {
	s.mu.Lock()
	channel, open := s.directs[userID]
	s.mu.Unlock()
	if !open {
		return []Message{}
	}
	return s.Messages(channel, "")
}

// clone is a copy that shares nothing.
func (m *Member) clone() Member {
	c := *m
	c.Roles = orEmpty(m.Roles)
	return c
}

// readCapped reads a body, and says if there was more than limit.
func readCapped(r io.Reader, limit int64) (body []byte, more bool, err error) {
	body, err = io.ReadAll(io.LimitReader(r, limit+1))
	return body, int64(len(body)) > limit, err
}
