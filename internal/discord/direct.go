package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
)

// mostDirects is how many channels of direct messages are remembered.
const mostDirects = 1000

// directs remembers the channels of direct messages by user. There is one for each
// user for ever, and asking for it is limited more tightly than messages are. Its zero
// value is ready.
type directs struct {
	mu       sync.Mutex
	channels map[string]string
}

func (d *directs) get(user string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.channels[user]
}

func (d *directs) put(user, channel string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.channels == nil {
		d.channels = map[string]string{}
	}
	if len(d.channels) >= mostDirects {
		for other := range d.channels { // any one
			delete(d.channels, other)
			break
		}
	}
	d.channels[user] = channel
}

func (d *directs) forget(user string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.channels, user)
}

// Direct sends a user a direct message; see Post. Its error is *Error: code 50007 when
// he takes none from the bot.
func (c *Client) Direct(ctx context.Context, user, nonce string, body []byte) error {
	channel := c.directs.get(user)
	if channel != "" {
		_, err := c.post(ctx, channel, nonce, body, nil)
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeUnknownChannel {
			return directFailure(err)
		}
		c.directs.forget(user)
	}
	channel, err := c.openDirect(ctx, user)
	if err != nil {
		return fmt.Errorf("open direct messages: %w", err)
	}
	_, err = c.post(ctx, channel, nonce, body, nil)
	return directFailure(err)
}

func directFailure(err error) error {
	if err != nil {
		return fmt.Errorf("send a direct message: %w", err)
	}
	return nil
}

// openDirect returns the channel of a user's direct messages, which is made when it is
// first asked for.
func (c *Client) openDirect(ctx context.Context, user string) (string, error) {
	want, err := json.Marshal(map[string]string{"recipient_id": user})
	if err != nil {
		return "", &Error{Message: "the user's id is no text"}
	}
	answer, err := c.asBot(ctx, http.MethodPost, "/users/@me/channels", http.Header{idempotent: nil}, jsonContent(want))
	if err != nil {
		return "", err
	}
	var channel struct{ ID string }
	if json.Unmarshal(answer, &channel) != nil || channel.ID == "" {
		return "", &Error{Status: http.StatusOK, Message: "the answer is no channel"}
	}
	c.directs.put(user, channel.ID)
	return channel.ID, nil
}
