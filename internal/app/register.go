package app

import (
	"context"
	"encoding/json"
	"log/slog"

	"coffer/interactions"
	"coffer/internal/config"
)

type registerCommand struct {
	Guild  string `help:"Register for one guild only, by its id: visible at once, good for trying out."`
	DryRun bool   `help:"Print what would be sent, and send nothing."`
}

// Run sends the command definitions to Discord if they differ from what it has.
func (r registerCommand) Run(ctx context.Context, c console) error {
	want := interactions.Definitions()
	if r.DryRun {
		body, err := json.Marshal(want)
		c.printf("%s\n", body)
		return err
	}
	cfg, err := config.Read(".env", "DISCORD_TOKEN", "DISCORD_CLIENT_ID", "DISCORD_API_URL")
	if err != nil {
		return err
	}
	client := newDiscord(cfg, slog.New(slog.DiscardHandler))
	defer client.Close()
	changed, err := client.Registrar().Sync(ctx, r.Guild, want)
	switch {
	case err != nil:
		return err
	case changed:
		c.printf("Registered %d commands.\n", len(want))
	default:
		c.printf("Discord has these %d commands already; nothing was sent.\n", len(want))
	}
	return nil
}
