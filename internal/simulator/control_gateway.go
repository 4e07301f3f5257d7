package simulator

import "net/http"

// controlArrive has somebody join under a name, and shows him.
func (s *Simulator) controlArrive(r *http.Request) (any, error) {
	who, err := read[struct{ Name string }](r)
	if err != nil {
		return nil, err
	}
	m, err := s.Arrive(s.guildAsked(r), who.Name)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// controlIntent enables or disables the members intent for the app.
func (s *Simulator) controlIntent(r *http.Request) (any, error) {
	change, err := read[struct {
		MembersIntent *bool `json:"members_intent"`
	}](r)
	if err != nil {
		return nil, err
	}
	if change.MembersIntent == nil {
		return nil, &controlError{http.StatusBadRequest, "say members_intent, true or false"}
	}
	s.AllowMembersIntent(*change.MembersIntent)
	return s.Gateway(), nil
}
