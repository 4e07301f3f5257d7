package discord

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// longestReason is the most bytes of a reason for the audit log, once encoded.
const longestReason = 512

// asBot makes a call by the bot's token.
func (c *Client) asBot(ctx context.Context, method, path string, header http.Header, body content) ([]byte, error) {
	if header == nil {
		header = http.Header{}
	}
	header.Set("Authorization", "Bot "+c.cfg.Token)
	return c.send(ctx, method, path, c.cfg.Token, header, body)
}

// GrantRole gives a member a role. Whoever has it keeps it. The reason is shown in the
// guild's audit log. Its error is *Error.
func (c *Client) GrantRole(ctx context.Context, guild, user, role, reason string) error {
	if err := c.role(ctx, http.MethodPut, guild, user, role, reason); err != nil {
		return fmt.Errorf("grant a role: %w", err)
	}
	return nil
}

// TakeRole takes a role from a member. Whoever does not have it stays as he is. The
// reason is shown in the guild's audit log. Its error is *Error.
func (c *Client) TakeRole(ctx context.Context, guild, user, role, reason string) error {
	if err := c.role(ctx, http.MethodDelete, guild, user, role, reason); err != nil {
		return fmt.Errorf("take a role: %w", err)
	}
	return nil
}

func (c *Client) role(ctx context.Context, method, guild, user, role, reason string) error {
	path := "/guilds/" + url.PathEscape(guild) + "/members/" + url.PathEscape(user) + "/roles/" + url.PathEscape(role)
	header := http.Header{}
	if reason != "" {
		header.Set("X-Audit-Log-Reason", clipReason(reason))
	}
	_, err := c.asBot(ctx, method, path, header, content{})
	return err
}

// clipReason encodes a reason for a header and cuts it, between characters, to what
// Discord takes.
func clipReason(reason string) string {
	var out string
	for _, r := range reason {
		encoded := url.PathEscape(string(r))
		if len(out)+len(encoded) > longestReason {
			break
		}
		out += encoded
	}
	return out
}
