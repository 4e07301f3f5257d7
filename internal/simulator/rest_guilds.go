package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// guild finds a guild; those that the app is not in are missing access. The
// lock is held.
func (s *Simulator) guild(r *http.Request) (Guild, error) {
	id := r.PathValue("guild")
	g, ok := s.world.guilds[id]
	switch {
	case !isSnowflake(id):
		bad := &complaints{}
		bad.add((*path)(nil).to("guild_id"), "NUMBER_TYPE_COERCE", "Value \"%s\" is not snowflake.", id)
		return g, bad.err()
	case !ok:
		return g, errUnknownGuild()
	}
	return g, nil
}

// memberOf finds the member of a path. The lock is held.
func (s *Simulator) memberOf(r *http.Request) (*Member, error) {
	g, err := s.guild(r)
	if err != nil {
		return nil, err
	}
	m := s.world.members[g.ID][r.PathValue("user")]
	if m == nil {
		return nil, errUnknownMember()
	}
	return m, nil
}

func (s *Simulator) getGuild(r *http.Request, _ body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.guild(r)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"id": g.ID, "name": g.Name, "icon": nil, "owner_id": g.OwnerID, "preferred_locale": g.Locale,
		"features": append([]string{}, g.Features...), "roles": s.rolesOf(g.ID), "emojis": []any{}, "stickers": []any{},
		"approximate_member_count": len(s.world.members[g.ID]),
	}, nil
}

func (s *Simulator) rolesOf(guildID string) []wireRole {
	list := []wireRole{}
	for _, role := range s.world.order.Roles {
		if role.GuildID == guildID {
			list = append(list, role.wire())
		}
	}
	return list
}

func (s *Simulator) listRoles(r *http.Request, _ body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.guild(r)
	if err != nil {
		return nil, err
	}
	return s.rolesOf(g.ID), nil
}

func (s *Simulator) listChannels(r *http.Request, _ body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.guild(r)
	if err != nil {
		return nil, err
	}
	list := []*wireChannel{}
	for _, c := range s.world.order.Channels {
		if c.GuildID == g.ID {
			list = append(list, c.wire())
		}
	}
	return list, nil
}

func (s *Simulator) getMember(r *http.Request, _ body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.memberOf(r)
	if err != nil {
		return nil, err
	}
	return s.world.wireMember(m, false), nil
}

// listMembers pages by id: limit 1 to 1000 (1 if absent), after the last id seen.
func (s *Simulator) listMembers(r *http.Request, _ body) (any, error) {
	bad, limit, after := &complaints{}, 1, r.URL.Query().Get("after")
	if text := r.URL.Query().Get("limit"); text != "" {
		at := (*path)(nil).to("limit")
		n, err := strconv.Atoi(text)
		switch {
		case err != nil:
			bad.add(at, "NUMBER_TYPE_COERCE", "Value \"%s\" is not int.", text)
		case n < 1:
			bad.add(at, "NUMBER_TYPE_MIN", "int value should be greater than or equal to 1.")
		case n > maxMembersPerPage:
			bad.add(at, "NUMBER_TYPE_MAX", "int value should be less than or equal to %d.", maxMembersPerPage)
		}
		limit = n
	}
	if after != "" && !isSnowflake(after) {
		bad.add((*path)(nil).to("after"), "NUMBER_TYPE_COERCE", "Value \"%s\" is not snowflake.", after)
	}
	if err := bad.err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.guild(r)
	if err != nil {
		return nil, err
	}
	list := []*wireMember{}
	for _, m := range s.world.sortedMembers(g.ID) {
		if len(list) < limit && compareIDs(m.User.ID, strings.TrimLeft(after, "0")) > 0 {
			list = append(list, s.world.wireMember(m, false))
		}
	}
	return list, nil
}

func (s *Simulator) grantRole(r *http.Request, _ body) (any, error)  { return s.changeRole(r, true) }
func (s *Simulator) revokeRole(r *http.Request, _ body) (any, error) { return s.changeRole(r, false) }

// changeRole grants or revokes a role, if the bot may: it needs Manage Roles
// and a role above the one in question.
func (s *Simulator) changeRole(r *http.Request, grant bool) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.memberOf(r)
	if err != nil {
		return nil, err
	}
	role, ok := s.world.roles[r.PathValue("role")]
	if !ok || role.GuildID != m.GuildID {
		return nil, errUnknownRole()
	}
	bot, top := s.world.members[m.GuildID][s.world.bot.ID], -1
	if bot != nil {
		for _, id := range bot.Roles {
			top = max(top, s.world.roles[id].Position)
		}
	}
	may := bot != nil && s.world.permissions(bot)&ManageRoles != 0 && top > role.Position
	if !may || role.Managed || role.ID == role.GuildID {
		return nil, refuse(http.StatusForbidden, 50013, "Missing Permissions")
	}
	m.Roles = slices.DeleteFunc(slices.Clone(m.Roles), func(id string) bool { return id == role.ID })
	if grant {
		m.Roles = append(m.Roles, role.ID)
	}
	s.tell("")
	return nil, nil
}

// createDirect opens the direct message channel with a user, always the same.
func (s *Simulator) createDirect(_ *http.Request, b body) (any, error) {
	var want struct {
		Recipient string `json:"recipient_id"`
	}
	if err := json.Unmarshal(b.json, &want); err != nil {
		return nil, errInvalidJSON()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	user, ok := s.world.user(want.Recipient)
	if !ok {
		if user, ok = s.world.gone[want.Recipient]; !ok {
			return nil, errUnknownUser()
		}
	}
	id, open := s.directs[user.ID]
	if !open {
		id = s.ids.next()
		s.directs[user.ID] = id
		s.world.channels[id] = Channel{ID: id, Type: 1, Name: user.Username}
	}
	return map[string]any{"id": id, "type": 1, "last_message_id": nil, "flags": 0, "recipients": []wireUser{user.wire()}}, nil
}
