package simulator

import "net/http"

// guildAsked is the guild that a request of the control API names, or the first.
func (s *Simulator) guildAsked(r *http.Request) string {
	if id := r.URL.Query().Get("guild"); id != "" {
		return id
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.world.order.Guilds) == 0 {
		return ""
	}
	return s.world.order.Guilds[0].ID
}

func errNoMember() error { return &controlError{http.StatusNotFound, "there is no such member"} }

// controlMember shows a member, with the names of his roles and his direct messages.
func (s *Simulator) controlMember(r *http.Request) (any, error) {
	m, ok := s.Member(s.guildAsked(r), r.PathValue("member"))
	if !ok {
		return nil, errNoMember()
	}
	names := []string{}
	s.mu.Lock()
	for _, id := range m.Roles {
		names = append(names, s.world.roles[id].Name)
	}
	s.mu.Unlock()
	return struct {
		Member
		RoleNames []string  `json:"role_names"`
		Directs   []Message `json:"directs"`
	}{m, names, s.Directs(m.User.ID)}, nil
}

// controlChangeMember opens or closes a member's direct messages.
func (s *Simulator) controlChangeMember(r *http.Request) (any, error) {
	change, err := read[struct {
		NoDirectMessages *bool `json:"no_direct_messages"`
	}](r)
	if err != nil {
		return nil, err
	}
	if change.NoDirectMessages == nil {
		return nil, &controlError{http.StatusBadRequest, "say no_direct_messages, true or false"}
	}
	if !s.CloseDirectMessages(s.guildAsked(r), r.PathValue("member"), *change.NoDirectMessages) {
		return nil, errNoMember()
	}
	return nil, nil
}

// controlLeave has a member leave.
func (s *Simulator) controlLeave(r *http.Request) (any, error) {
	if !s.Leave(s.guildAsked(r), r.PathValue("member")) {
		return nil, errNoMember()
	}
	return nil, nil
}

// controlDeleteRole deletes a role.
func (s *Simulator) controlDeleteRole(r *http.Request) (any, error) {
	if !s.DeleteRole(s.guildAsked(r), r.PathValue("role")) {
		return nil, &controlError{http.StatusNotFound, "there is no such role"}
	}
	return nil, nil
}
