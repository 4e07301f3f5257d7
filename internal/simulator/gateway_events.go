package simulator

// ready is what a session begins with. The guilds follow one by one.
func (s *Simulator) ready(g *gatewaySession, url string) any {
	guilds := []map[string]any{}
	for _, guild := range s.world.order.Guilds {
		guilds = append(guilds, map[string]any{"id": guild.ID, "unavailable": true})
	}
	return map[string]any{
		"v": 10, "user": s.world.bot.wire(), "guilds": guilds, "session_id": g.id, "resume_gateway_url": url,
		"session_type": "normal", "private_channels": []any{}, "relationships": []any{}, "presences": []any{},
		"application": map[string]any{"id": s.cfg.ApplicationID, "flags": 1 << 15}, "_trace": []string{},
	}
}

func (s *Simulator) guildCreate(g Guild) any {
	channels, members := []*wireChannel{}, []*wireMember{}
	for _, c := range s.world.order.Channels {
		if c.GuildID == g.ID {
			x := c.wire()
			x.GuildID = "" // the gateway leaves it out
			channels = append(channels, x)
		}
	}
	if bot := s.world.members[g.ID][s.world.bot.ID]; bot != nil {
		members = append(members, s.world.wireMember(bot, false))
	}
	return map[string]any{
		"id": g.ID, "name": g.Name, "icon": nil, "owner_id": g.OwnerID, "preferred_locale": g.Locale,
		"features": orEmpty(g.Features), "roles": s.rolesOf(g.ID), "emojis": []any{}, "stickers": []any{},
		"joined_at": "2025-01-06T09:30:00.000000+00:00", "large": false, "unavailable": false,
		"member_count": len(s.world.members[g.ID]), "members": members, "channels": channels, "threads": []any{},
		"presences": []any{}, "voice_states": []any{}, "stage_instances": []any{}, "guild_scheduled_events": []any{},
	}
}

// memberEvent is a member as the gateway shows him: with his guild.
type memberEvent struct {
	*wireMember
	GuildID string `json:"guild_id"`
}

// joined tells of somebody who joined, or who was there and has changed.
func (s *Simulator) joined(m *Member, known bool) {
	kind := "GUILD_MEMBER_ADD"
	if known {
		kind = "GUILD_MEMBER_UPDATE"
	}
	s.dispatch(intentMembers, kind, memberEvent{s.world.wireMember(m, false), m.GuildID})
}

func (s *Simulator) left(guildID string, u User) {
	s.dispatch(intentMembers, "GUILD_MEMBER_REMOVE", map[string]any{"guild_id": guildID, "user": u.wire()})
}
