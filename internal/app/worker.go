package app

import (
	"context"
	"errors"
	"log/slog"

	"coffer/internal/config"
	"coffer/internal/logging"
)

type workerCommand struct{}

// Run listens at the gateway until ctx ends, without serving anything. It fails where
// Discord refuses the worker for good.
func (workerCommand) Run(ctx context.Context, c console) (err error) {
	cfg, err := config.Read(".env", "DISCORD_TOKEN", "DISCORD_API_URL", "PUBLIC_URL",
		"STORE", "SUPABASE_URL", "SUPABASE_KEY", "SQLITE_PATH", "LOG_LEVEL", "LOG_FORMAT")
	if err != nil {
		return err
	}
	log := logging.New(c.out, cfg.LogLevel, string(cfg.LogFormat))
	store, err := openStore(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore(store)) }()
	log.Info("working", slog.String("version", version()), slog.String("store", string(cfg.Store)))
	defer log.Info("stopped")
	return newGateway(cfg, store, log).Run(ctx)
}
