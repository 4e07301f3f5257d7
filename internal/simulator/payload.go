package simulator

import (
	"encoding/json"
)

// The numbers of interaction types, by the names used here.
var interactionTypes = map[string]int{"ping": 1, TypeCommand: 2, TypeComponent: 3, TypeAutocomplete: 4, TypeModal: 5}

// payload is an interaction as Discord posts it.
type payload struct {
	ID            string            `json:"id"`
	ApplicationID string            `json:"application_id"`
	Type          int               `json:"type"`
	Token         string            `json:"token"`
	Version       int               `json:"version"`
	Data          any               `json:"data,omitempty"`
	Guild         *wireGuild        `json:"guild,omitempty"`
	GuildID       string            `json:"guild_id,omitempty"`
	GuildLocale   string            `json:"guild_locale,omitempty"`
	Channel       *wireChannel      `json:"channel,omitempty"`
	ChannelID     string            `json:"channel_id,omitempty"`
	Member        *wireMember       `json:"member,omitempty"`
	User          *wireUser         `json:"user,omitempty"`
	Message       *wireMessage      `json:"message,omitempty"`
	Permissions   string            `json:"app_permissions,omitempty"`
	Locale        string            `json:"locale,omitempty"`
	Entitlements  []json.RawMessage `json:"entitlements"`
	Owners        map[string]string `json:"authorizing_integration_owners"`
	Context       int               `json:"context"`
	FileLimit     int               `json:"attachment_size_limit"`
}

// payload builds what is posted for an action. The lock is held.
func (s *Simulator) payload(a action, locale string) payload {
	it, g := a.it, s.world.guilds[a.it.guildID]
	member, channel := s.world.wireMember(a.member, true), it.channel.wire()
	channel.Permissions = member.Permissions
	p := payload{
		ID: it.ID, ApplicationID: s.cfg.ApplicationID, Type: interactionTypes[it.Type], Token: it.token, Version: 1, Data: a.data,
		Guild:   &wireGuild{ID: g.ID, Locale: g.Locale, Features: orEmpty(g.Features)},
		GuildID: g.ID, GuildLocale: g.Locale, Channel: channel, ChannelID: it.channel.ID, Member: member,
		Permissions: s.world.appPermissions(g.ID).String(), Locale: locale, Entitlements: []json.RawMessage{},
		Owners: map[string]string{"0": g.ID}, Context: 0, FileLimit: maxFileSize,
	}
	if it.target != nil {
		p.Message = s.wireMessage(it.target)
	}
	return p
}

type wireGuild struct {
	ID       string   `json:"id"`
	Locale   string   `json:"locale"`
	Features []string `json:"features"`
}

type wireChannel struct {
	ID            string  `json:"id"`
	GuildID       string  `json:"guild_id,omitempty"`
	Type          int     `json:"type"`
	Name          string  `json:"name"`
	Topic         *string `json:"topic"`
	Position      int     `json:"position"`
	ParentID      *string `json:"parent_id"`
	NSFW          bool    `json:"nsfw"`
	RateLimit     int     `json:"rate_limit_per_user"`
	LastMessageID *string `json:"last_message_id"`
	Flags         int     `json:"flags"`
	Permissions   string  `json:"permissions,omitempty"`
}

type wireUser struct {
	ID            string  `json:"id"`
	Username      string  `json:"username"`
	GlobalName    *string `json:"global_name"`
	Discriminator string  `json:"discriminator"`
	Avatar        *string `json:"avatar"`
	Decoration    *string `json:"avatar_decoration_data"`
	Clan          *string `json:"clan"`
	Guild         *string `json:"primary_guild"`
	PublicFlags   int     `json:"public_flags"`
	Bot           bool    `json:"bot,omitempty"`
}

// wireMember is a member as payloads and REST have it. In "resolved" there is
// no user, deaf or mute.
type wireMember struct {
	User          *wireUser `json:"user,omitempty"`
	Nick          *string   `json:"nick"`
	Avatar        *string   `json:"avatar"`
	Banner        *string   `json:"banner"`
	Roles         []string  `json:"roles"`
	JoinedAt      string    `json:"joined_at"`
	PremiumSince  *string   `json:"premium_since"`
	Deaf          *bool     `json:"deaf,omitempty"`
	Mute          *bool     `json:"mute,omitempty"`
	Flags         int       `json:"flags"`
	Pending       bool      `json:"pending"`
	TimedOutUntil *string   `json:"communication_disabled_until"`
	DMActivity    *string   `json:"unusual_dm_activity_until"`
	Permissions   string    `json:"permissions,omitempty"`
}

type wireRole struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Description *string        `json:"description"`
	Permissions string         `json:"permissions"`
	Position    int            `json:"position"`
	Color       int            `json:"color"`
	Colors      map[string]any `json:"colors"`
	Hoist       bool           `json:"hoist"`
	Managed     bool           `json:"managed"`
	Mentionable bool           `json:"mentionable"`
	Icon        *string        `json:"icon"`
	Emoji       *string        `json:"unicode_emoji"`
	Flags       int            `json:"flags"`
}

// orNull is null in JSON for an empty string.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (u User) wire() wireUser {
	return wireUser{ID: u.ID, Username: u.Username, GlobalName: orNull(u.GlobalName), Discriminator: "0", Avatar: orNull(u.Avatar), Bot: u.Bot}
}

// wireMember is a member with his user and, when the payload is to show them,
// his permissions.
func (w *world) wireMember(m *Member, withPermissions bool) *wireMember {
	user, no := m.User.wire(), false
	x := w.resolvedMember(m)
	x.User, x.Deaf, x.Mute = &user, &no, &no
	if !withPermissions {
		x.Permissions = ""
	}
	return x
}

func (w *world) resolvedMember(m *Member) *wireMember {
	return &wireMember{
		Nick: orNull(m.Nick), Roles: append([]string{}, m.Roles...), JoinedAt: stamp(m.JoinedAt),
		Permissions: w.permissions(m).String(),
	}
}

func (r Role) wire() wireRole {
	return wireRole{
		ID: r.ID, Name: r.Name, Permissions: r.Permissions.String(), Position: r.Position, Color: r.Color, Managed: r.Managed,
		Colors: map[string]any{"primary_color": r.Color, "secondary_color": nil, "tertiary_color": nil},
	}
}

func (c Channel) wire() *wireChannel {
	return &wireChannel{ID: c.ID, GuildID: c.GuildID, Type: c.Type, Name: c.Name, Topic: orNull(c.Topic), Position: c.Position}
}

// resolved is what the ids in options and selects stand for.
type resolved struct {
	Users       map[string]wireUser    `json:"users,omitempty"`
	Members     map[string]*wireMember `json:"members,omitempty"`
	Roles       map[string]wireRole    `json:"roles,omitempty"`
	Channels    map[string]wireChannel `json:"channels,omitempty"`
	Attachments map[string]attachment  `json:"attachments,omitempty"`
}

// put is map assignment that makes the map.
func put[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
}

func (r *resolved) member(w *world, m *Member) {
	put(&r.Users, m.User.ID, m.User.wire())
	put(&r.Members, m.User.ID, w.resolvedMember(m))
}

func (r *resolved) role(role Role) { put(&r.Roles, role.ID, role.wire()) }

func (r *resolved) channel(c Channel, p Permissions) {
	x := c.wire()
	x.Permissions, x.GuildID = p.String(), ""
	put(&r.Channels, c.ID, *x)
}

// orNil leaves "resolved" out when nothing was.
func (r *resolved) orNil() *resolved {
	if r.Users == nil && r.Roles == nil && r.Channels == nil && r.Attachments == nil {
		return nil
	}
	return r
}

// commandData is the data of a command or an autocompletion.
type commandData struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Type     int           `json:"type"`
	GuildID  string        `json:"guild_id,omitempty"` // of a guild command
	Options  []givenOption `json:"options,omitempty"`
	Resolved *resolved     `json:"resolved,omitempty"`
}

// givenOption is an option with its value, or a subcommand with its options.
type givenOption struct {
	Name    string         `json:"name"`
	Type    int            `json:"type"`
	Value   any            `json:"value,omitempty"`
	Options *[]givenOption `json:"options,omitempty"` // [] for a subcommand without any
	Focused bool           `json:"focused,omitempty"`
}

// componentData is the data of a click.
type componentData struct {
	ID       int       `json:"id"`
	CustomID string    `json:"custom_id"`
	Type     int       `json:"component_type"`
	Values   *[]string `json:"values,omitempty"`
	Resolved *resolved `json:"resolved,omitempty"`
}

// modalData is the data of a submitted modal.
type modalData struct {
	CustomID   string      `json:"custom_id"`
	Components []modalPart `json:"components"`
	Resolved   *resolved   `json:"resolved,omitempty"`
}

type modalPart struct {
	Type       int         `json:"type"`
	ID         int         `json:"id"`
	Components []modalPart `json:"components,omitempty"`
	Component  *modalPart  `json:"component,omitempty"`
	CustomID   string      `json:"custom_id,omitempty"`
	Value      *string     `json:"value,omitempty"`
	Values     *[]string   `json:"values,omitempty"`
}

// wireMessage is m as Discord's API shows it.
func (s *Simulator) wireMessage(m *Message) *wireMessage {
	m.blank()
	w := &wireMessage{
		ID: m.ID, ChannelID: m.ChannelID, Author: m.Author.wire(), Content: m.Content, Timestamp: stamp(m.Timestamp),
		Mentions: []wireUser{}, MentionRoles: []string{}, Attachments: m.Attachments, Embeds: m.Embeds,
		Components: m.Components, Flags: m.Flags, ApplicationID: s.cfg.ApplicationID,
	}
	if m.EditedAt != nil {
		edited := stamp(*m.EditedAt)
		w.EditedTimestamp = &edited
	}
	for _, id := range m.Pings {
		if id == "everyone" {
			w.MentionEveryone = true
		} else if u := s.world.members[m.GuildID][id]; u != nil {
			w.Mentions = append(w.Mentions, u.User.wire())
		} else {
			w.MentionRoles = append(w.MentionRoles, id)
		}
	}
	if m.Interaction == "" {
		return w
	}
	w.WebhookID = s.cfg.ApplicationID
	if it := s.interactions[m.Interaction]; it != nil {
		w.Metadata = &wireMetadata{
			ID: it.ID, Type: interactionTypes[it.Type], User: it.by.wire(), Name: it.Command,
			Owners: map[string]string{"0": it.guildID},
		}
		if it.Type == TypeCommand {
			w.Type, w.Metadata.CmdType = 20, 1
		}
	}
	if m.ReplyTo != "" {
		w.Type = 19
		w.Reference = &wireReference{ChannelID: m.ChannelID, MessageID: m.ReplyTo, GuildID: m.GuildID}
	}
	return w
}
