package discord_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"coffer/internal/discord"

	"github.com/bwmarrin/discordgo"
)

func TestSyncOverwritesOnlyWhatChanged(t *testing.T) {
	want := []*discordgo.ApplicationCommand{{Name: "daily", Description: "Claim."}}
	have, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		guild, have string
		calls       []string // method and path
	}{
		"the same, global": {"", string(have), []string{"GET /api/v9/applications/" + app + "/commands?with_localizations=true"}},
		"other, in a guild": {"42", `[]`, []string{
			"GET /api/v9/applications/" + app + "/guilds/42/commands?with_localizations=true",
			"PUT /api/v9/applications/" + app + "/guilds/42/commands?"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, c := newFake(t, answer{status: 200, body: tt.have}, answer{status: 200, body: string(have)})
			changed, err := c.Registrar().Sync(t.Context(), tt.guild, want)
			if err != nil || changed != (len(tt.calls) == 2) || f.count() != len(tt.calls) {
				t.Fatalf("changed %v, %d calls, error %v", changed, f.count(), err)
			}
			for i, call := range f.calls {
				line := strings.SplitN(call, "\n", 5)
				if got := line[0] + " " + line[1]; got != tt.calls[i] {
					t.Errorf("call %d = %q, want %q", i, got, tt.calls[i])
				}
				if line[2] != "Bot "+bot || line[3] != "DiscordBot (https://coffer.example, 1.2.3)" {
					t.Errorf("call %d: authorization %q, user agent %q", i, line[2], line[3])
				}
			}
		})
	}
}

func TestRegistrationSurvivesFaults(t *testing.T) {
	f, c := newFake(t,
		answer{status: 502, body: "<html>"},
		answer{status: 429, body: `{"message":"slow","retry_after":0.001}`},
		// discordgo alone would now sleep for an hour, deaf to the context
		answer{status: 200, body: `[]`, header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "3600"}},
		answer{status: 200, body: `[]`})
	r := c.Registrar()
	for range 2 {
		if _, err := r.Commands(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Overwrite(t.Context(), "", nil); err == nil {
		t.Error("an answer that is no list: want an error")
	}
	if last := f.calls[len(f.calls)-1]; !strings.HasSuffix(last, "\n[]") {
		t.Errorf("no commands are sent as %q, want []", last)
	}
}

func TestRegistrationErrorsAreTyped(t *testing.T) {
	_, c := newFake(t, answer{status: 401, body: `{"code":0,"message":"401: Unauthorized"}`})
	_, err := c.Registrar().Commands(t.Context(), "")
	var got *discord.Error
	if !errors.As(err, &got) || got.Status != 401 || got.Temporary() {
		t.Errorf("error = %v, want a final 401", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Registrar().Sync(ctx, "", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want cancelled", err)
	}
}
