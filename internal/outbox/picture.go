package outbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// pictureAttempts is how often a picture is asked for before its message goes without:
// about five minutes. A reviewer who sees no picture can do more than one who sees
// nothing.
const pictureAttempts = 6

// illustrated returns what is posted for a message: its body, and its picture as a file.
func (d *Deliverer) illustrated(ctx context.Context, l Lease, m Message) (body []byte, files map[string][]byte, err error) {
	if m.Image == nil {
		return m.Body, nil, nil
	}
	fetching, cancel := context.WithTimeout(ctx, attemptTime/2) // the rest is for posting it
	defer cancel()
	picture, err := d.Discord.Fetch(fetching, m.Image.URL, m.Image.Size)
	switch {
	case err == nil:
		return m.Body, map[string][]byte{m.Image.Name: picture}, nil
	case ctx.Err() == nil && (isLost(err) || l.Attempt >= pictureAttempts):
		return m.Image.Without, nil, nil
	}
	// Without its chain: what a host of files answers says nothing of the message, nor of
	// the bot's token.
	return nil, nil, fmt.Errorf("fetch the picture: %v", err) //nolint:errorlint // on purpose
}

// isLost reports whether Discord serves a file no more.
func isLost(err error) bool {
	var r refusal
	if !errors.As(err, &r) {
		return false
	}
	switch status, _, _, _ := r.Answer(); status {
	case http.StatusForbidden, http.StatusNotFound, http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return true
	}
	return false
}
