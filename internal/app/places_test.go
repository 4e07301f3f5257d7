package app

import (
	"crypto/ed25519"
	"net/http/httptest"
	"testing"
	"time"

	"coffer/internal/discord"
	"coffer/internal/simulator"
)

func TestPlacesAreWhatDiscordShows(t *testing.T) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	sim := simulator.New(simulator.Config{ApplicationID: simulator.DemoApplicationID, BotToken: "bot", PrivateKey: key, World: simulator.DemoWorld()})
	rest := httptest.NewServer(sim.REST())
	client := discord.New(discord.Config{BaseURL: rest.URL, Token: "bot", ApplicationID: simulator.DemoApplicationID, Backoff: time.Millisecond})
	t.Cleanup(func() { client.Close(); rest.Close(); _ = sim.Close(t.Context()) })
	p := places{client}
	if got, err := p.Place(t.Context(), simulator.DemoGuildID); err != nil || got.Name != "Harbour Guild" || got.Icon != "" {
		t.Errorf("place %+v, %v", got, err)
	}
	channels, err := p.Channels(t.Context(), simulator.DemoGuildID)
	kinds := map[string]bool{}
	for _, c := range channels {
		kinds[c.Kind] = true
		if !c.ID.Valid() || c.ID == "" || c.Name == "" {
			t.Errorf("channel %+v", c)
		}
	}
	if err != nil || !kinds["text"] || kinds["other"] {
		t.Errorf("channels %+v, %v", channels, err)
	}
	roles, err := p.Roles(t.Context(), simulator.DemoGuildID)
	found := false
	for _, r := range roles {
		found = found || string(r.ID) == simulator.DemoReviewerRole && r.Name == "Reviewer" && r.Color == 0x2ECC71
	}
	if err != nil || !found {
		t.Errorf("roles %+v, %v", roles, err)
	}
	if _, err := p.Roles(t.Context(), "5"); err == nil {
		t.Error("the bot is in a guild that there is not")
	}
	if got := (discord.Guild{ID: "1", Icon: "a_b"}).IconURL(); got != "https://cdn.discordapp.com/icons/1/a_b.png?size=128" {
		t.Errorf("icon at %s", got)
	}
}
