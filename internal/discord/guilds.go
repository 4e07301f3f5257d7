package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// Guild is a server as Discord shows it.
type Guild struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Icon string `json:"icon"` // the hash of its picture; empty: none
}

// IconURL is where the guild's picture is; empty: nowhere.
func (g Guild) IconURL() string {
	if g.Icon == "" {
		return ""
	}
	return "https://cdn.discordapp.com/icons/" + url.PathEscape(g.ID) + "/" + url.PathEscape(g.Icon) + ".png?size=128"
}

// GuildChannel is a channel of a guild.
type GuildChannel struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Type     int    `json:"type"` // Discord's number
	Position int    `json:"position"`
}

// GuildRole is a role of a guild. The one whose id is the guild's is everybody's.
type GuildRole struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Color    int    `json:"color"` // 0xRRGGBB; 0: none
	Position int    `json:"position"`
	Managed  bool   `json:"managed"` // belongs to an app or to Discord, and cannot be given

	Permissions string `json:"permissions"` // Discord's bits, in decimal
}

// Guild returns a guild that the bot is in. Its error is *Error.
func (c *Client) Guild(ctx context.Context, id string) (Guild, error) {
	return look[Guild](ctx, c, "a server", "/guilds/"+url.PathEscape(id))
}

// GuildChannels returns the channels of a guild that the bot is in, but for threads.
// Its error is *Error.
func (c *Client) GuildChannels(ctx context.Context, id string) ([]GuildChannel, error) {
	return look[[]GuildChannel](ctx, c, "channels", "/guilds/"+url.PathEscape(id)+"/channels")
}

// GuildRoles returns the roles of a guild that the bot is in. Its error is *Error.
func (c *Client) GuildRoles(ctx context.Context, id string) ([]GuildRole, error) {
	return look[[]GuildRole](ctx, c, "roles", "/guilds/"+url.PathEscape(id)+"/roles")
}

// look asks Discord for what does not change by asking.
func look[T any](ctx context.Context, c *Client, what, path string) (T, error) {
	var found T
	answer, err := c.asBot(ctx, http.MethodGet, path, nil, content{})
	if err == nil {
		if err = json.Unmarshal(answer, &found); err != nil {
			err = &Error{Message: "the answer is not what was asked for"}
		}
	}
	if err != nil {
		return found, fmt.Errorf("look for %s: %w", what, err)
	}
	return found, nil
}
