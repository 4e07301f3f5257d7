package discord

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"coffer/internal/doctor"
)

// Flags of an application whose bot may ask who joins: it is in many guilds and was
// allowed to, or in few and switched it on.
const (
	flagGuildMembers        = 1 << 14
	flagGuildMembersLimited = 1 << 15
)

// Application returns the token's own application. Its error is *Error.
func (c *Client) Application(ctx context.Context) (doctor.Application, error) {
	found, err := look[struct {
		ID   string
		Name string
		Bot  struct {
			ID string
		}
		VerifyKey       string   `json:"verify_key"`
		InteractionsURL string   `json:"interactions_endpoint_url"`
		RedirectURIs    []string `json:"redirect_uris"`
		Flags           uint64
	}](ctx, c, "the application", "/applications/@me")
	if found.Bot.ID == "" {
		found.Bot.ID = found.ID // of old applications they differ, and Discord tells
	}
	return doctor.Application{
		ID: found.ID, Name: found.Name, Bot: found.Bot.ID, PublicKey: found.VerifyKey,
		InteractionsURL: found.InteractionsURL, RedirectURIs: found.RedirectURIs,
		MembersIntent: found.Flags&(flagGuildMembers|flagGuildMembersLimited) != 0,
	}, err
}

// Membership returns the roles of a guild, and those of the bot there. Its error is
// *Error: 404 or 403 where the bot is not in it.
func (c *Client) Membership(ctx context.Context, guild, bot string) (doctor.Membership, error) {
	var m doctor.Membership
	roles, err := c.GuildRoles(ctx, guild)
	if err != nil {
		return m, err
	}
	for _, r := range roles {
		may, err := strconv.ParseUint(r.Permissions, 10, 64)
		if err != nil {
			return m, &Error{Status: http.StatusOK, Message: "the permissions of a role are no number"}
		}
		m.Roles = append(m.Roles, doctor.Role{ID: r.ID, Name: r.Name, Position: r.Position, Managed: r.Managed, Permissions: may})
	}
	self, err := look[struct{ Roles []string }](ctx, c, "the bot", "/guilds/"+url.PathEscape(guild)+"/members/"+url.PathEscape(bot))
	m.Mine = self.Roles
	return m, err
}
