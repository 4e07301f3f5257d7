package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"syscall"

	"coffer/api"
	"coffer/internal/config"
	"coffer/internal/discord"
	"coffer/internal/gateway"
	"coffer/internal/logging"
)

type serveCommand struct{}

// Run serves until ctx ends.
func (serveCommand) Run(ctx context.Context, c console) (err error) {
	cfg, err := config.Read(".env")
	if err != nil {
		return err
	}
	log := logging.New(c.out, cfg.LogLevel, string(cfg.LogFormat))
	store, err := openStore(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore(store)) }()
	if err := firstOwner(ctx, cfg, store, log); err != nil {
		return err
	}
	listener, err := listen("", int(cfg.Port), "PORT")
	if err != nil {
		return err
	}
	log.Info("serving", slog.String("address", listener.Addr().String()), slog.String("version", version()),
		slog.String("store", string(cfg.Store)))
	defer log.Info("stopped")
	client := newDiscord(cfg, log)
	defer client.Close()
	var worker *gateway.Worker
	if cfg.Gateway {
		worker = newGateway(cfg, store, log)
	}
	return server{
		store:        store,
		discord:      client,
		publicKey:    cfg.DiscordPublicKey,
		dashboardURL: string(cmp.Or(cfg.DashboardURL, cfg.PublicURL)),
		protection:   protection(cfg),
		secrets:      secrets(cfg),
		login:        discordLogin(cfg, client),
		cookies:      cookies(cfg),
		log:          log,
		gateway:      worker,
		metricsToken: cfg.MetricsToken.Reveal(),
	}.run(ctx, listener)
}

// cookies are those of sessions. Besides pages elsewhere, the dashboards at the server's
// own address and behind the proxy may use them, whatever host that names.
func cookies(cfg config.Config) api.Cookies {
	c := api.Cookies{SameSite: sameSite(cfg.CookieSameSite), Origins: protection(cfg).Origins}
	for _, address := range []config.URL{cfg.PublicURL, cfg.DashboardURL} {
		if origin := address.Origin(); origin != "" {
			c.Origins = append(c.Origins, api.Origin(origin))
		}
	}
	return c
}

// protection is how the server is reached.
func protection(cfg config.Config) api.Protection {
	p := api.Protection{Proxies: cfg.TrustedProxy, ProxySecret: cfg.ProxySecret.Reveal()}
	for _, o := range cfg.CORSOrigins {
		p.Origins = append(p.Origins, api.Origin(o))
	}
	return p
}

func newDiscord(cfg config.Config, log *slog.Logger) *discord.Client {
	return discord.New(discord.Config{
		BaseURL:       string(cfg.DiscordAPIURL),
		Token:         cfg.DiscordToken.Reveal(),
		ApplicationID: string(cfg.DiscordClientID),
		Homepage:      string(cfg.PublicURL),
		Version:       version(),
		Log:           log,
	})
}

func newGateway(cfg config.Config, s books, log *slog.Logger) *gateway.Worker {
	return gateway.New(gateway.Config{
		Token:    cfg.DiscordToken.Reveal(),
		BaseURL:  string(cfg.DiscordAPIURL),
		Homepage: string(cfg.PublicURL),
		Version:  version(),
		Members:  s,
		Leases:   s,
		Log:      log,
	})
}

// listen opens a port; setting is what to change if that is taken.
func listen(host string, port int, setting string) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %d is taken; choose another with %s", port, setting)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on port %d: %w; choose another with %s", port, err, setting)
	}
	return listener, nil
}
