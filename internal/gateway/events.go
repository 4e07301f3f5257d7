package gateway

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

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
		c.census.restart() // all guilds are told of again
		c.ready("a new session")
	case "RESUMED":
		c.ready("the session that was lost")
	case "GUILD_CREATE":
		var d struct {
			ID          economy.GuildID
			Unavailable bool
		}
		if err := json.Unmarshal(m.Data, &d); err != nil || d.ID == "" {
			c.cfg.Log.Warn("there is a guild that cannot be read", slog.Any("error", err))
			return nil
		}
		if d.Unavailable {
			return nil // it is told of again
		}
		c.joins.add(join{guild: d.ID, at: c.cfg.Now()})
		c.census.add(d.ID)
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

// member is a member of a guild as Discord shows him.
type member struct {
	Nick   string
	Joined string `json:"joined_at"`
	User   struct {
		ID         economy.UserID
		Username   string
		GlobalName string `json:"global_name"`
		Bot        bool
	}
}

// person is who he is, by the name that the guild shows, and when he joined it, if Discord
// tells that.
func (m member) person() economy.Person {
	joined, _ := time.Parse(time.RFC3339, m.Joined)
	return economy.Person{User: m.User.ID, Name: cmp.Or(m.Nick, m.User.GlobalName, m.User.Username), Bot: m.User.Bot, Joined: joined.UTC()}
}

// decodeJoin reads who joined which guild.
func decodeJoin(data json.RawMessage) (join, error) {
	var d struct {
		Guild economy.GuildID `json:"guild_id"`
		member
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return join{}, err
	}
	if d.Guild == "" || d.User.ID == "" {
		return join{}, errors.New("there is no guild or no user")
	}
	return join{guild: d.Guild, person: d.person()}, nil
}
