package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Post posts a message, whose body is JSON, in a channel, with files by their names,
// and returns its id. It notifies nobody but the users whom the body's allowed_mentions
// name. The same nonce, 1 to 25 characters, again within some minutes posts nothing and
// returns the id of what is there, so the call is retried like one that can be repeated.
// A body refers to a file as attachment://name. The files are not copied. Its error is
// *Error.
func (c *Client) Post(ctx context.Context, channel, nonce string, body []byte, files map[string][]byte) (string, error) {
	id, err := c.post(ctx, channel, nonce, body, files)
	if err != nil {
		return "", fmt.Errorf("post a message: %w", err)
	}
	return id, nil
}

func (c *Client) post(ctx context.Context, channel, nonce string, body []byte, files map[string][]byte) (string, error) {
	if n := len([]rune(nonce)); n < 1 || n > 25 {
		return "", &Error{Message: "a nonce has 1 to 25 characters, not " + strconv.Itoa(n)}
	}
	message, err := quiet(body)
	if err != nil {
		return "", err
	}
	quoted, err := json.Marshal(nonce)
	if err != nil {
		return "", &Error{Message: "the nonce is no text"}
	}
	message["nonce"], message["enforce_nonce"] = quoted, json.RawMessage("true")
	sent, err := withFiles(message, files)
	if err != nil {
		return "", err
	}
	answer, err := c.asBot(ctx, http.MethodPost, messages(channel), http.Header{idempotent: nil}, sent)
	if err != nil {
		return "", err
	}
	var posted struct{ ID string }
	if json.Unmarshal(answer, &posted) != nil || posted.ID == "" {
		return "", &Error{Status: http.StatusOK, Message: "the answer is no message"}
	}
	return posted.ID, nil
}

// Edit replaces what a message of the bot's shows by the body (JSON): its text, embeds
// and components, of which what the body does not have is removed. Its files stay, and
// the body may refer to them, unless its list of attachments is empty: then they are
// removed. Nobody is notified. Its error is *Error: code CodeUnknownMessage when the
// message was deleted.
func (c *Client) Edit(ctx context.Context, channel, message string, body []byte) error {
	if err := c.edit(ctx, channel, message, body); err != nil {
		return fmt.Errorf("edit a message: %w", err)
	}
	return nil
}

func (c *Client) edit(ctx context.Context, channel, message string, body []byte) error {
	changed, err := quiet(body)
	if err != nil {
		return err
	}
	if string(changed["attachments"]) != "[]" {
		delete(changed, "attachments") // a list keeps only what is in it
	}
	for field, none := range map[string]string{"content": `""`, "embeds": "[]", "components": "[]"} {
		if changed[field] == nil {
			changed[field] = json.RawMessage(none) // or Discord would leave it as it was
		}
	}
	sent, err := withFiles(changed, nil)
	if err != nil {
		return err
	}
	_, err = c.asBot(ctx, http.MethodPatch, messages(channel)+"/"+url.PathEscape(message), nil, sent)
	return err
}

func messages(channel string) string { return "/channels/" + url.PathEscape(channel) + "/messages" }

// quiet reads the body of a message and has it notify nobody but the users whom its
// allowed_mentions name.
func quiet(body []byte) (map[string]json.RawMessage, error) {
	message := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &message); err != nil || message == nil {
		return nil, &Error{Message: "the message is no JSON object"}
	}
	var given struct {
		Allowed struct {
			Parse [0]string `json:"parse"`
			Users []string  `json:"users,omitempty"`
		} `json:"allowed_mentions"`
	}
	if err := json.Unmarshal(body, &given); err != nil {
		return nil, &Error{Message: "the message's allowed_mentions cannot be read"}
	}
	allowed, err := json.Marshal(given.Allowed)
	message["allowed_mentions"] = allowed
	return message, err
}
