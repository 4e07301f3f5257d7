package gateway

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"coffer/internal/economy"
)

// event does what an event asks for. Of most it asks nothing.
func (c *conversation) event(m message) error {
	switch m.Type {
	case "READY":
		var d struct {
			Session string `json:"session_id"`
			URL     string `json:"resume_gateway_url"`
		}
		if err := json.Unmarshal(m.Data, &d); err != nil {
			return fmt.Errorf("read READY: %w", err)
		}
		if d.Session == "" || d.URL == "" {
			return errors.New("READY names no session")
		}
		c.session.id, c.session.url = d.Session, d.URL
		c.ready("a new session")
	case "RESUMED":
		c.ready("the session that was lost")
	case "GUILD_MEMBER_ADD":
		j, err := decodeJoin(m.Data)
		if err != nil {
			// The others still join; this one is met at his first command.
			c.cfg.Log.Warn("somebody joined who cannot be read", slog.Any("error", err))
			return nil
		}
		j.at = c.cfg.Now()
		c.joins.add(j)
	}
	return nil
}

// decodeJoin reads who joined which guild. His name is the one that the guild shows.
func decodeJoin(data json.RawMessage) (join, error) {
	var d struct {
		Guild economy.GuildID `json:"guild_id"`
		Nick  string
		User  struct {
			ID         economy.UserID
			Username   string
			GlobalName string `json:"global_name"`
			Bot        bool
		}
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return join{}, err
	}
	if d.Guild == "" || d.User.ID == "" {
		return join{}, errors.New("there is no guild or no user")
	}
	return join{guild: d.Guild, person: economy.Person{
		User: d.User.ID, Name: cmp.Or(d.Nick, d.User.GlobalName, d.User.Username), Bot: d.User.Bot}}, nil
}
