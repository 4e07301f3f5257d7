package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Picture returns the address of the first picture that is attached to a message, as
// Discord signs it anew each time; empty if there is none. Its error is *Error: code
// CodeUnknownMessage when the message was deleted.
func (c *Client) Picture(ctx context.Context, channel, message string) (string, error) {
	answer, err := c.asBot(ctx, http.MethodGet, messages(channel)+"/"+url.PathEscape(message), nil, content{})
	if err != nil {
		return "", fmt.Errorf("look at a message: %w", err)
	}
	var m struct {
		Attachments []struct {
			URL  string `json:"url"`
			Type string `json:"content_type"`
		} `json:"attachments"`
	}
	if err := json.Unmarshal(answer, &m); err != nil {
		return "", fmt.Errorf("look at a message: %w", &Error{Status: http.StatusOK, Message: "the answer is no message"})
	}
	for _, a := range m.Attachments {
		if strings.HasPrefix(a.Type, "image/") {
			return a.URL, nil
		}
	}
	return "", nil
}
