package simulator

import (
	"strings"
	"unicode"
)

// Arrive has somebody join a guild under a name: whoever left and was called so, or
// somebody new. A name that is taken or unfit is a ClientError.
func (s *Simulator) Arrive(guildID, name string) (Member, error) {
	name = strings.TrimSpace(name)
	if n := length(name); n < 1 || n > 32 || strings.ContainsFunc(name, unicode.IsControl) {
		return Member{}, clientErrorf("A name has 1 to 32 characters.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.world.guilds[guildID]; !ok {
		return Member{}, clientErrorf("There is no such guild.")
	}
	u := User{ID: s.ids.next(), Username: username(name), GlobalName: name}
	if len(u.Username) < 2 {
		u.Username = "user" + u.ID[len(u.ID)-6:]
	}
	if s.world.member(guildID, u.Username) != nil {
		return Member{}, clientErrorf("%s is here already.", u.Username)
	}
	for _, old := range s.world.gone {
		if old.Username == u.Username {
			u = old
		}
	}
	m := Member{GuildID: guildID, User: u, JoinedAt: s.cfg.Now()}
	s.admitMember(m)
	return *s.world.members[guildID][u.ID], nil
}

// username is what is left of a name by Discord's rules for usernames.
func username(name string) string {
	name = strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		}
		return -1
	}, name)
	return name
}

// admitMember adds a member, or changes one, and tells of it. The lock is held.
func (s *Simulator) admitMember(m Member) {
	known := s.world.members[m.GuildID][m.User.ID] != nil
	s.world.join(m)
	if joined := s.world.members[m.GuildID][m.User.ID]; joined != nil {
		s.joined(joined, known)
	}
	s.tell("")
}
