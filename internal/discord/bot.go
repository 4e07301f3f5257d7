package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// longestReason is the most bytes of a reason for the audit log, once encoded.
const longestReason = 512

// asBot makes a call by the bot's token.
func (c *Client) asBot(ctx context.Context, method, path string, header http.Header, body []byte) ([]byte, error) {
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
	_, err := c.asBot(ctx, method, path, header, nil)
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

// Post posts a message, whose body is JSON, in a channel. Nobody is notified by it. The
// same nonce, 1 to 25 characters, again within some minutes posts nothing, so the call
// is retried like one that can be repeated. Its error is *Error.
func (c *Client) Post(ctx context.Context, channel, nonce string, body []byte) error {
	if err := c.post(ctx, channel, nonce, body); err != nil {
		return fmt.Errorf("post a message: %w", err)
	}
	return nil
}

func (c *Client) post(ctx context.Context, channel, nonce string, body []byte) error {
	marked, err := withNonce(nonce, body)
	if err != nil {
		return err
	}
	_, err = c.asBot(ctx, http.MethodPost, "/channels/"+url.PathEscape(channel)+"/messages", http.Header{idempotent: nil}, marked)
	return err
}

// withNonce returns the message with what makes it safe to post again, and so that it
// notifies nobody.
func withNonce(nonce string, body []byte) ([]byte, error) {
	if n := len([]rune(nonce)); n < 1 || n > 25 {
		return nil, &Error{Message: "a nonce has 1 to 25 characters, not " + strconv.Itoa(n)}
	}
	message := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &message); err != nil || message == nil {
		return nil, &Error{Message: "the message is no JSON object"}
	}
	quoted, err := json.Marshal(nonce)
	if err != nil {
		return nil, &Error{Message: "the nonce is no text"}
	}
	message["nonce"], message["enforce_nonce"] = quoted, json.RawMessage("true")
	message["allowed_mentions"] = json.RawMessage(`{"parse":[]}`)
	return json.Marshal(message)
}
