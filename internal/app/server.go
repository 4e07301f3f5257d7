package app

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/julienschmidt/httprouter"
	"golang.org/x/sync/errgroup"

	"coffer/api"
	"coffer/interactions"
	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/gateway"
	"coffer/internal/outbox"
	"coffer/internal/passwords"
	"coffer/internal/requestlog"
	"coffer/internal/simulator"
	"coffer/web"
)

// The times that the end of the program may take, which Railway's
// drainingSeconds must exceed: requests first, then deferred replies, then the store.
const (
	requestsTime = 6 * time.Second
	repliesTime  = 9 * time.Second // together with the requests
)

// server is what serves one community or ten thousand, with its dependencies.
type server struct {
	store        books
	discord      discordAPI
	publicKey    ed25519.PublicKey
	dashboardURL string
	protection   api.Protection
	secrets      []string    // sign the sessions of the dashboard
	login        api.Discord // nil: nobody signs in with Discord
	account      *api.Demo   // of the demo, for everybody
	cookies      api.Cookies
	log          *slog.Logger
	deliverEvery time.Duration        // how often deliveries are looked for unasked; 0: outbox's default
	gateway      *gateway.Worker      // meets who joins; nil: they are met at their first command
	simulator    *simulator.Simulator // of the demo: its control API and the playground are served; may be nil
	metricsToken string               // opens /metrics; "": there is no such page, and nothing is counted
}

// discordAPI is what the server says to Discord by itself.
type discordAPI interface {
	interactions.Webhooks
	outbox.Discord
	api.Pictures
	guildsAPI
}

// run serves on the listener until ctx ends, then finishes what is under way
// and returns when nothing of it is left.
func (s server) run(ctx context.Context, listener net.Listener) error {
	counted := s.metrics()
	deliverer := outbox.New(outbox.Config{Queue: s.store, Discord: s.discord, Words: interactions.NewNotices(), Log: s.log,
		Interval: s.deliverEvery})
	hub := events.NewHub(events.HubConfig{Follower: s.store, Log: s.log})
	counted.watch(hub.Watchers)
	store := wakeful{s.store, deliverer.Wake, hub.Wake}
	hook := interactions.New(interactions.Config{
		PublicKey:    s.publicKey,
		Store:        store,
		Webhooks:     s.discord,
		Log:          s.log,
		DashboardURL: s.dashboardURL,
		Observe:      counted.interaction,
	})
	routes, err := s.routes(hook, s.admin(store, hub, counted), counted.page)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	srv := &http.Server{
		Handler:           requestlog.New(s.log, api.Protect(s.protection, routes)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	if s.simulator != nil {
		srv.RegisterOnShutdown(s.simulator.HangUp) // or the shutdown would wait for its streams
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return deliverer.Run(ctx) })
	group.Go(func() error { return hub.Run(ctx) }) // its streams end with it, before requests are waited for
	group.Go(func() error {
		if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error { return upkeep{s.store, s.log}.run(ctx) })
	group.Go(func() error { return s.listen(ctx) })
	group.Go(func() error {
		<-ctx.Done()
		whole := context.WithoutCancel(ctx)
		requests, cancelRequests := context.WithTimeout(whole, requestsTime)
		defer cancelRequests()
		replies, cancelReplies := context.WithTimeout(whole, repliesTime)
		defer cancelReplies()
		if err := srv.Shutdown(requests); err != nil {
			s.log.Warn("requests were cut off at shutdown", slog.Any("error", err))
			_ = srv.Close()
		}
		if err := hook.Drain(replies); err != nil {
			s.log.Warn("replies were not delivered before shutdown; their effects stand", slog.Any("error", err))
		}
		return nil
	})
	return group.Wait()
}

// listen runs the gateway's worker, if there is one. Whatever ends it, commands do not
// need it.
func (s server) listen(ctx context.Context) error {
	if s.gateway == nil {
		return nil
	}
	if err := s.gateway.Run(ctx); err != nil {
		s.log.Error("people who join are not seen any more, and are met at their first command", slog.Any("error", err))
	}
	return nil
}

// admin is the admin API.
func (s server) admin(store api.Store, hub *events.Hub, counted counters) *api.API {
	return api.New(api.Config{Store: store, Secrets: s.secrets, Passwords: passwords.New(), Discord: s.login,
		Pictures: s.discord, Places: places{s.discord}, Demo: s.account, Cookies: s.cookies, Version: version(), Now: time.Now, Hub: hub, Observe: counted.request})
}

// interactionsPath is where Discord sends interactions.
const interactionsPath = "/interactions"

// routes puts everything on one router.
func (s server) routes(hook http.Handler, admin *api.API, metrics http.Handler) (http.Handler, error) {
	router := httprouter.New()
	router.RedirectTrailingSlash, router.RedirectFixedPath = false, false
	router.Handler(http.MethodPost, interactionsPath, hook)
	if err := admin.Register(router); err != nil {
		return nil, err
	}
	router.Handler(http.MethodGet, "/metrics", metrics)
	if s.simulator != nil {
		control := s.simulator.Control()
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			router.Handler(method, "/simulator/*path", control)
		}
		router.Handler(http.MethodGet, "/playground", web.Playground())
	}
	router.NotFound = api.NotFound(web.Handler())
	router.MethodNotAllowed = api.MethodNotAllowed()
	return router, nil
}

// upkeep does what no request waits for.
type upkeep struct {
	store books
	log   *slog.Logger
}

// run does the upkeep at once and then again and again until ctx ends: roles, claims
// and tasks whose time is over and the tally of what happened every minute, everything
// else every ten.
func (u upkeep) run(ctx context.Context) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for round := 0; ; round++ {
		now := time.Now()
		_, roles := u.store.ExpireRoles(ctx, now)
		_, claims := u.store.TidyTasks(ctx, now)
		err := errors.Join(roles, claims, u.store.Tally(ctx))
		if round%10 == 0 {
			err = errors.Join(err, u.tidy(ctx, now))
		}
		if err != nil && ctx.Err() == nil {
			u.log.Warn("upkeep failed and will be tried again", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (u upkeep) tidy(ctx context.Context, now time.Time) error {
	_, err := u.store.ForgetRequests(ctx, now.Add(-economy.KeyLife))
	_, forgetting := u.store.ForgetDeliveries(ctx, now.Add(-outbox.KeptFor))
	_, sessions := u.store.ForgetSessions(ctx, now)
	return errors.Join(err, forgetting, sessions, u.store.RefreshRanks(ctx, now), u.store.TakeTops(ctx, now))
}
