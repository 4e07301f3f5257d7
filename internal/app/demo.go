package app

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/api"
	"coffer/interactions"
	"coffer/internal/admins"
	"coffer/internal/discord"
	"coffer/internal/gateway"
	"coffer/internal/logging"
	"coffer/internal/passwords"
	"coffer/internal/simulator"
)

type demoCommand struct {
	Port int    `help:"The port to serve on; 0 takes any that is free." default:"8080"`
	Data string `help:"Keep the data in this directory; without it, it is gone at the end." type:"path"`
	Log  string `help:"The least severe level to log: debug, info, warn or error." default:"warn" enum:"debug,info,warn,error"`
}

// demoHost keeps the demo to this machine: its Discord lets anybody be anyone.
const demoHost = "127.0.0.1"

// Run starts the server, a store and a local Discord, and ends with ctx.
func (d demoCommand) Run(ctx context.Context, c console) (err error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(d.Log)); err != nil {
		return err
	}
	log := logging.New(c.err, level, "text")
	listener, err := listen(demoHost, d.Port, "--port")
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // closed already once it has served
	dir, remove, err := dataDirectory(d.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	path := filepath.Join(dir, "coffer.db")
	if err := seedNew(ctx, path); err != nil || ctx.Err() != nil {
		return err
	}
	store, err := openFile(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore(store)) }()
	if err := demoOwner(ctx, store); err != nil {
		return err
	}
	local, err := newDemo(listener, server{store: store, log: log}, 0)
	if err != nil {
		return err
	}
	err = local.run(ctx, func() { welcome(c, listener.Addr().(*net.TCPAddr).Port, d.Data) })
	if err == nil {
		c.printf("Stopped.\n")
	}
	return err
}

// demoAccount is the owner of the demo's dashboard. Everybody may know the password,
// for the demo is reached from this machine only.
var demoAccount = api.Demo{Username: "demo", Password: "demo-demo-demo"} //nolint:gosec // it is no secret

// demoOwner makes the account, while there is none.
func demoOwner(ctx context.Context, store admins.Store) error {
	hash, err := passwords.New().Hash(ctx, demoAccount.Password)
	if err != nil {
		return err
	}
	creation, err := admins.NewAccount(demoAccount.Username, hash, admins.Owner, nil, time.Now())
	if err != nil {
		return err
	}
	_, err = store.CreateFirstOwner(ctx, creation)
	return err
}

// demo is a server and the local Discord that it is registered with.
type demo struct {
	server   server
	listener net.Listener
	discord  *discord.Client
	sim      *simulator.Simulator
	rest     net.Listener // Discord's REST
}

// newDemo joins a server, whose store and log are given, to a local Discord that waits
// for an answer as long as is said; 0: as long as Discord.
func newDemo(listener net.Listener, s server, answerWithin time.Duration) (*demo, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	token, secret := "demo."+rand.Text()+".demo", rand.Text()
	port := listener.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // it was listened at by TCP
	callback := fmt.Sprintf("http://localhost:%d%s", port, callbackPath)
	d := &demo{server: s, listener: listener}
	if d.rest, err = listen(demoHost, 0, ""); err != nil {
		return nil, err
	}
	d.sim = simulator.New(simulator.Config{
		ApplicationID:   simulator.DemoApplicationID,
		BotToken:        token,
		PrivateKey:      private,
		InteractionsURL: "http://" + listener.Addr().String() + "/interactions",
		ClientSecret:    secret,
		RedirectURIs:    []string{callback},
		Log:             s.log,
		AnswerWithin:    answerWithin,
		World:           simulator.DemoWorld(),
	})
	d.discord = discord.New(discord.Config{
		BaseURL:       "http://" + d.rest.Addr().String(),
		Token:         token,
		ApplicationID: simulator.DemoApplicationID,
		Log:           s.log,
	})
	d.server.gateway = gateway.New(gateway.Config{
		BaseURL: "http://" + d.rest.Addr().String(),
		Token:   token,
		Members: s.store,
		Leases:  s.store,
		Log:     s.log,
	})
	d.server.publicKey, d.server.discord, d.server.simulator = public, d.discord, d.sim
	d.server.secrets, d.server.login = []string{rand.Text() + rand.Text()}, d.discord.NewLogin(secret, callback)
	d.server.account = &demoAccount
	if d.server.cookies.SameSite == 0 {
		d.server.cookies = api.Cookies{Insecure: true}
	}
	return d, nil
}

// run serves both, calls ready once commands can be said, and ends with ctx.
func (d *demo) run(ctx context.Context, ready func()) error {
	rest := &http.Server{Handler: d.sim.REST(), ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- rest.Serve(d.rest) }()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.server.run(ctx, d.listener) })
	group.Go(func() error {
		if _, err := d.discord.Registrar().Sync(ctx, "", interactions.Definitions()); err != nil {
			return fmt.Errorf("register the commands with the local Discord: %w", err)
		}
		ready()
		return nil
	})
	err := group.Wait()
	// The local Discord ends last: deferred replies go to it during shutdown.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	err = errors.Join(err, d.sim.Close(last), rest.Close())
	d.discord.Close()
	if stopped := <-served; !errors.Is(stopped, http.ErrServerClosed) {
		err = errors.Join(err, stopped)
	}
	return err
}

func welcome(c console, port int, data string) {
	option := ""
	if port != 8080 {
		option = fmt.Sprintf(" --port %d", port)
	}
	kept := "temporary, gone at the end (--data DIR keeps it)"
	if data != "" {
		kept = data
	}
	c.printf(`Coffer is running, with a Discord of its own on this machine.

  Dashboard        http://localhost:%[2]d  (%[4]s, password %[5]s)
  Playground       http://localhost:%[2]d/playground
  Speak to it      go run . say /daily --as ada%[1]s
  More to try      go run . say "/pay @bob 1k note:for the ropes" --as ada%[1]s
                   go run . say /leaderboard --as bob%[1]s --click Next
                   go run . say "/admin coins give @lea 500" --as ada%[1]s --click Undo
  People           ada (owner) bob chidi dana emil fatima goro hana ivan jun kai lea
  Health           http://localhost:%[2]d/api/health
  Data             %[3]s

Ctrl-C ends it.
`, option, port, kept, demoAccount.Username, demoAccount.Password)
}

// dataDirectory returns where the demo's data is, and what removes it at the end.
func dataDirectory(dir string) (string, func() error, error) {
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", nil, fmt.Errorf("cannot use the data directory: %w; choose another with --data", err)
		}
		return dir, func() error { return nil }, nil
	}
	dir, err := os.MkdirTemp("", "coffer-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("cannot make a temporary directory: %w; choose one with --data", err)
	}
	return dir, func() error { return os.RemoveAll(dir) }, nil
}
