package simulator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// World is who and what there is on this Discord. It is data: New copies it.
type World struct {
	Guilds   []Guild
	Channels []Channel
	Roles    []Role
	Members  []Member
}

// Guild is a Discord server.
type Guild struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	OwnerID  string   `json:"owner_id"`
	Locale   string   `json:"preferred_locale"` // en-US if empty
	Features []string `json:"features"`
}

// Channel is a text channel of a guild, or with no guild a direct message.
type Channel struct {
	ID       string `json:"id"`
	GuildID  string `json:"guild_id,omitempty"`
	Name     string `json:"name"`
	Type     int    `json:"type"` // 0 text, 1 direct message, 2 voice, 4 category, 5 announcement
	Position int    `json:"position"`
	Topic    string `json:"topic,omitempty"`
}

// Role is a role of a guild. The role whose id is the guild's is @everyone.
type Role struct {
	ID          string      `json:"id"`
	GuildID     string      `json:"guild_id"`
	Name        string      `json:"name"`
	Color       int         `json:"color"`
	Position    int         `json:"position"`
	Permissions Permissions `json:"permissions"`
	Managed     bool        `json:"managed"`
	Commands    []string    `json:"commands,omitempty"` // allowed to it under Integrations, whatever they need
}

// User is a Discord account.
type User struct {
	ID         string `json:"id"`
	Username   string `json:"username"`
	GlobalName string `json:"global_name,omitempty"`
	Avatar     string `json:"avatar,omitempty"` // hash; null in payloads when empty
	Bot        bool   `json:"bot,omitempty"`
	// NoDirectMessages: the user has closed direct messages from this guild.
	NoDirectMessages bool `json:"no_direct_messages,omitempty"`
}

// Member is a user in a guild.
type Member struct {
	GuildID  string    `json:"guild_id"`
	User     User      `json:"user"`
	Nick     string    `json:"nick,omitempty"`
	Roles    []string  `json:"roles"`
	JoinedAt time.Time `json:"joined_at"`
}

// DisplayName is the name a client shows: nick, else global name, else username.
func (m Member) DisplayName() string {
	return cmp.Or(m.Nick, m.User.GlobalName, m.User.Username)
}

// Permissions is Discord's permission bit set. It travels as a decimal string.
type Permissions uint64

// The permissions that the simulator knows by name.
const (
	Administrator    Permissions = 1 << 3
	ManageChannels   Permissions = 1 << 4
	ManageGuild      Permissions = 1 << 5
	ViewChannel      Permissions = 1 << 10
	SendMessages     Permissions = 1 << 11
	ManageMessages   Permissions = 1 << 13
	EmbedLinks       Permissions = 1 << 14
	AttachFiles      Permissions = 1 << 15
	ReadHistory      Permissions = 1 << 16
	MentionEveryone  Permissions = 1 << 17
	ManageRoles      Permissions = 1 << 28
	UseCommands      Permissions = 1 << 31
	everyPermission  Permissions = 1<<53 - 1
	everyonesDefault             = ViewChannel | SendMessages | EmbedLinks | AttachFiles | ReadHistory | UseCommands
)

// String is the decimal form that Discord sends.
func (p Permissions) String() string { return strconv.FormatUint(uint64(p), 10) }

// MarshalText makes the set a string in JSON.
func (p Permissions) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the decimal form.
func (p *Permissions) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 64)
	*p = Permissions(n)
	return err
}

// world is a World with its indexes. The simulator's lock guards it.
type world struct {
	guilds   map[string]Guild
	channels map[string]Channel
	roles    map[string]Role
	members  map[string]map[string]*Member // by guild, then user id
	gone     map[string]User               // who left, by id; Discord knows them still
	names    map[string]map[string]string  // by guild: lower-case username to user id
	order    World                         // as given, for listing
	bot      User
}

func newWorld(w World, applicationID string) *world {
	x := &world{
		guilds: map[string]Guild{}, channels: map[string]Channel{}, roles: map[string]Role{},
		members: map[string]map[string]*Member{}, names: map[string]map[string]string{}, gone: map[string]User{},
		bot: User{ID: applicationID, Username: "coffer", Bot: true},
	}
	x.order = World{Guilds: slices.Clone(w.Guilds), Channels: slices.Clone(w.Channels), Roles: slices.Clone(w.Roles)}
	for i, g := range w.Guilds {
		x.addGuild(g)
		x.order.Guilds[i] = x.guilds[g.ID]
	}
	for _, c := range w.Channels {
		x.channels[c.ID] = c
	}
	for _, r := range w.Roles {
		x.roles[r.ID] = r
	}
	for _, m := range w.Members {
		x.join(m)
	}
	return x
}

// addGuild adds a guild without anybody in it.
func (w *world) addGuild(g Guild) {
	g.Locale = cmp.Or(g.Locale, "en-US")
	w.guilds[g.ID], w.members[g.ID], w.names[g.ID] = g, map[string]*Member{}, map[string]string{}
}

// join adds a member, or replaces him. Members of unknown guilds are left out.
func (w *world) join(m Member) {
	if w.members[m.GuildID] == nil {
		return
	}
	m.Roles = orEmpty(m.Roles)
	w.members[m.GuildID][m.User.ID] = &m
	delete(w.gone, m.User.ID)
	w.names[m.GuildID][strings.ToLower(m.User.Username)] = m.User.ID
	if m.User.ID == w.bot.ID {
		w.bot = m.User
	}
}

// leave removes a member. His messages stay.
func (w *world) leave(m *Member) {
	delete(w.members[m.GuildID], m.User.ID)
	if name := strings.ToLower(m.User.Username); w.names[m.GuildID][name] == m.User.ID {
		delete(w.names[m.GuildID], name)
	}
	if _, elsewhere := w.user(m.User.ID); !elsewhere {
		w.gone[m.User.ID] = m.User
	}
}

// user finds a user in any guild.
func (w *world) user(id string) (User, bool) {
	for _, members := range w.members {
		if m := members[id]; m != nil {
			return m.User, true
		}
	}
	return User{}, false
}

// deleteRole removes a role, from those who have it too.
func (w *world) deleteRole(r Role) {
	delete(w.roles, r.ID)
	w.order.Roles = slices.DeleteFunc(w.order.Roles, func(other Role) bool { return other.ID == r.ID })
	for _, m := range w.members[r.GuildID] {
		m.Roles = slices.DeleteFunc(slices.Clone(m.Roles), func(id string) bool { return id == r.ID })
	}
}

// member finds somebody by id, username, @username or mention; failing that by
// display name, if only one has it.
func (w *world) member(guildID, who string) *Member {
	who = strings.TrimSpace(who)
	if id, ok := mention(who, "@!", "@"); ok {
		who = id
	}
	who = strings.TrimPrefix(who, "@")
	if m := w.members[guildID][who]; m != nil {
		return m
	}
	if id, ok := w.names[guildID][strings.ToLower(who)]; ok {
		return w.members[guildID][id]
	}
	var found *Member
	for _, m := range w.members[guildID] {
		if strings.EqualFold(m.DisplayName(), who) {
			if found != nil {
				return nil
			}
			found = m
		}
	}
	return found
}

func (w *world) role(guildID, which string) (Role, bool) {
	if id, ok := mention(which, "@&"); ok {
		which = id
	}
	which = strings.TrimPrefix(which, "@")
	if r, ok := w.roles[which]; ok && r.GuildID == guildID {
		return r, true
	}
	for _, r := range w.order.Roles {
		if r.GuildID == guildID && (strings.EqualFold(r.Name, which) || strings.EqualFold(r.Name, "@"+which)) {
			return r, true
		}
	}
	return Role{}, false
}

// channel finds a channel by id, #name, name or mention; the first text
// channel when which is empty.
func (w *world) channel(which string) (Channel, bool) {
	if id, ok := mention(which, "#"); ok {
		which = id
	}
	which = strings.TrimPrefix(which, "#")
	if c, ok := w.channels[which]; ok {
		return c, true
	}
	for _, c := range w.order.Channels {
		if which == "" && c.Type == 0 || which != "" && strings.EqualFold(c.Name, which) {
			return c, true
		}
	}
	return Channel{}, false
}

// mention takes the id out of <@1>, <@!1>, <@&1> or <#1>.
func mention(s string, signs ...string) (string, bool) {
	inner, ok := strings.CutPrefix(s, "<")
	if !ok {
		return "", false
	}
	inner, ok = strings.CutSuffix(inner, ">")
	if !ok {
		return "", false
	}
	for _, sign := range signs {
		if id, ok := strings.CutPrefix(inner, sign); ok && isSnowflake(id) {
			return id, true
		}
	}
	return "", false
}

// permissions are those of the guild: the owner and administrators have all,
// the others what @everyone and their roles give. Channel overwrites are not
// simulated.
func (w *world) permissions(m *Member) Permissions {
	if w.guilds[m.GuildID].OwnerID == m.User.ID {
		return everyPermission
	}
	set := everyonesDefault
	if everyone, ok := w.roles[m.GuildID]; ok {
		set = everyone.Permissions
	}
	for _, id := range m.Roles {
		set |= w.roles[id].Permissions
	}
	if set&Administrator != 0 {
		return everyPermission
	}
	return set
}

// allowed says whether one of a member's roles is allowed a command.
func (w *world) allowed(m *Member, command string) bool {
	return slices.ContainsFunc(m.Roles, func(id string) bool { return slices.Contains(w.roles[id].Commands, command) })
}

// appPermissions are the app's own in a guild.
func (w *world) appPermissions(guildID string) Permissions {
	if bot := w.members[guildID][w.bot.ID]; bot != nil {
		return w.permissions(bot)
	}
	return everyonesDefault
}

// sortedMembers lists a guild's members by id, as Discord does.
func (w *world) sortedMembers(guildID string) []*Member {
	list := make([]*Member, 0, len(w.members[guildID]))
	for _, m := range w.members[guildID] {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b *Member) int { return compareIDs(a.User.ID, b.User.ID) })
	return list
}

// compareIDs orders snowflakes as numbers.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
