package discord_test

import (
	"errors"
	"testing"

	"coffer/internal/discord"
)

func TestAMessagesPictureIsLookedUp(t *testing.T) {
	message := `{"id":"9","attachments":[{"id":"1","filename":"a.txt","content_type":"text/plain","url":"https://cdn.discordapp.com/a.txt"},
		{"id":"2","filename":"a.png","content_type":"image/png","url":"` + picture + `"}]}`
	f, c := newFake(t, answer{status: 503}, answer{status: 200, body: message}, answer{status: 200, body: `{"id":"9"}`},
		answer{status: 404, body: `{"code":10008,"message":"Unknown Message"}`}, answer{status: 200, body: `[`})
	if got, err := c.Picture(t.Context(), "4", "9"); got != picture || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if want := "GET\n/api/v10/channels/4/messages/9?\nBot " + bot + "\nDiscordBot (https://coffer.example, 1.2.3)\n"; f.calls[1] != want {
		t.Errorf("got  %q\nwant %q", f.calls[1], want)
	}
	if got, err := c.Picture(t.Context(), "4", "9"); got != "" || err != nil {
		t.Errorf("without a picture: %q, %v", got, err)
	}
	var e *discord.Error
	if got, err := c.Picture(t.Context(), "4", "9"); got != "" || !errors.As(err, &e) || e.Status != 404 || e.Code != discord.CodeUnknownMessage {
		t.Errorf("of a message that was deleted: %q, %v", got, err)
	}
	if got, err := c.Picture(t.Context(), "4", "9"); got != "" || !errors.As(err, &e) || e.Status != 200 {
		t.Errorf("of what is no message: %q, %v", got, err)
	}
}
