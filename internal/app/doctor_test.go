package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"coffer/api"
	"coffer/interactions"
	"coffer/internal/discord"
	"coffer/internal/doctor"
	"coffer/internal/economy"
	"coffer/internal/logging"
	"coffer/internal/requestlog"
	"coffer/internal/simulator"
	"coffer/internal/supabasetest"
)

// clinic is a server as in production, on this machine: the real server behind a proxy
// that ends https, a dashboard published elsewhere that proxies the API, and the local
// Discord. Anything can be made to go wrong.
type clinic struct {
	t         *testing.T
	sim       *simulator.Simulator
	client    *discord.Client
	path      string // of the store, if it is a file
	variables map[string]string
	temporary string            // where files are temporary
	transport http.RoundTripper // trusts the certificates here
	railway   map[string]string // the repository's files for Railway, by path
	pem       []byte            // the certificate

	mu      sync.Mutex
	edge    http.HandlerFunc // in place of the proxy; nil: nothing is wrong
	site    http.HandlerFunc // in place of the dashboard
	ahead   time.Duration    // of Discord's clock
	calls   []string         // at Discord
	forward http.Handler
}

const clinicToken = "MTE4MDAwMDAwMDAwMDAwMDAwMQ.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB"

// newClinic starts all of it on a store; variables name it.
func newClinic(t *testing.T, books store, variables map[string]string) *clinic {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &clinic{t: t, variables: variables, temporary: "/no-such-directory", railway: map[string]string{}}
	for _, name := range []string{"railway.toml", ".railway/railway.ts"} {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		c.railway[name] = string(text)
	}
	listener, err := listen(demoHost, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	origin, err := url.Parse("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c.forward = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(origin)
		r.SetXForwarded()
		r.Out.Header.Set("X-Real-IP", "203.0.113.7")
		if r.In.Header.Get("Clinic-Plain") != "" {
			r.Out.Header.Del("X-Forwarded-Proto")
		}
	}}
	edge := c.secure(&c.edge, c.forward)
	site := c.secure(&c.site, http.HandlerFunc(c.dashboard))
	c.transport = edge.Client().Transport // both servers have the one certificate of httptest
	c.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: edge.Certificate().Raw})

	c.sim = simulator.New(simulator.Config{
		ApplicationID: simulator.DemoApplicationID, BotToken: clinicToken, PrivateKey: private, World: simulator.DemoWorld(),
		InteractionsURL: edge.URL + "/interactions", RedirectURIs: []string{site.URL + callbackPath},
	})
	local := c.sim.REST()
	rest := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.calls = append(c.calls, r.Method+" "+r.URL.Path)
		w.Header().Set("Date", time.Now().Add(c.ahead).UTC().Format(http.TimeFormat))
		c.mu.Unlock()
		local.ServeHTTP(w, r)
	}))
	c.client = discord.New(discord.Config{BaseURL: rest.URL, Token: clinicToken, ApplicationID: simulator.DemoApplicationID, Backoff: time.Millisecond})
	for name, value := range map[string]string{
		"DISCORD_TOKEN": clinicToken, "DISCORD_CLIENT_ID": simulator.DemoApplicationID, "DISCORD_PUBLIC_KEY": hex.EncodeToString(public),
		"DISCORD_API_URL": rest.URL, "DISCORD_CLIENT_SECRET": rand.Text(), "JWT_SECRET_KEY": rand.Text() + rand.Text(),
		"METRICS_TOKEN": rand.Text(), "PROXY_SECRET": rand.Text() + rand.Text(), "ADMIN_USERNAME": "owner", "ADMIN_PASSWORD": rand.Text(), "GATEWAY": "on",
		"PUBLIC_URL": edge.URL, "DASHBOARD_URL": site.URL,
	} {
		c.variables[name] = value
	}

	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	s := server{store: books, discord: c.client, publicKey: public, secrets: []string{c.variables["JWT_SECRET_KEY"]},
		protection: api.Protection{Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, ProxySecret: c.variables["PROXY_SECRET"]}, log: logging.New(io.Discard, 0, "json")}
	go func() { ended <- s.run(ctx, listener) }()
	t.Cleanup(func() {
		edge.Close()
		site.Close()
		cancel()
		err := errors.Join(<-ended, books.Close())
		c.client.Close()
		rest.Close()
		if err := errors.Join(err, c.sim.Close(context.Background())); err != nil {
			t.Error(err)
		}
	})
	if _, err := c.client.Registrar().Sync(t.Context(), "", interactions.Definitions()); err != nil {
		t.Fatal(err)
	}
	return c
}

// secure serves by https as usual, or what is there instead.
func (c *clinic) secure(instead *http.HandlerFunc, usual http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		handler := *instead
		c.mu.Unlock()
		if handler != nil {
			handler(w, r)
			return
		}
		usual.ServeHTTP(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that left
	s.StartTLS()
	return s
}

// furnish gives a store a little of everything that the doctor looks at.
func furnish(t *testing.T, books store) {
	t.Helper()
	s := &seeder{ctx: t.Context(), store: books, people: map[string]economy.Person{}, at: time.Now()}
	for _, m := range simulator.DemoWorld().Members {
		s.people[m.User.Username] = economy.Person{User: economy.UserID(m.User.ID), Name: m.DisplayName()}
	}
	settings := economy.DefaultSettings()
	settings.TaskChannel = simulator.DemoTaskChannel
	s.settings("ada", settings)
	s.stock()
	s.daily("bob")
	s.work()
	if s.err != nil {
		t.Fatal(s.err)
	}
}

const builtPage = `<!doctype html><title>Coffer</title><div id="app"></div>`

// dashboard is the published one: its page, and the API of the server.
func (c *clinic) dashboard(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		c.vouching(c.variables["PROXY_SECRET"])(w, r)
		return
	}
	api.Protect(api.Protection{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, builtPage) })).ServeHTTP(w, r)
}

// vouching is the dashboard's proxy with a secret, or without any.
func (c *clinic) vouching(secret string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if secret != "" {
			r.Header["X-Coffer-Client"], r.Header["X-Coffer-Proxy"] = []string{"203.0.113.7"}, []string{secret}
		}
		c.forward.ServeHTTP(w, r)
	}
}

// instead has something else answer than the proxy, or than the dashboard.
func (c *clinic) instead(of *http.HandlerFunc, handler http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*of = handler
}

// place sets the environment for an examination.
func (c *clinic) place(change ...string) {
	c.t.Helper()
	var all []string
	for name, value := range c.variables {
		all = append(all, name+"="+value)
	}
	slices.Sort(all)
	inEnvironment(c.t, append(all, change...)...)
	c.t.Setenv("RAILWAY_PROJECT_ID", "")
	c.t.Setenv("RAILWAY_VOLUME_MOUNT_PATH", "")
	for name, text := range c.railway {
		c.write(name, text)
	}
}

func (c *clinic) write(name, content string) {
	c.t.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o700)
	if err := errors.Join(err, os.WriteFile(name, []byte(content), 0o600)); err != nil {
		c.t.Fatal(err)
	}
}

// examined is what the doctor finds, by id, and what it prints.
type examined struct {
	findings map[string]doctor.Finding
	text     string
	code     error
}

func (c *clinic) examine() examined {
	c.t.Helper()
	// Where tests keep their files is the directory of temporary ones.
	kept := os.Getenv("TMPDIR")
	_ = os.Setenv("TMPDIR", c.temporary)
	defer func() { _ = os.Setenv("TMPDIR", kept) }()
	all, err := examine(c.t.Context(), c.transport)
	if err != nil {
		c.t.Fatal(err)
	}
	var text, machine bytes.Buffer
	err = doctorCommand{}.tell(console{&text, &text}, all)
	if again := (doctorCommand{JSON: true}).tell(console{&machine, &machine}, all); !errors.Is(again, err) {
		c.t.Errorf("for programs it ends with %v, for people with %v", again, err)
	}
	var report struct {
		OK                              bool
		Passed, Warned, Failed, Skipped int
		Checks                          []doctor.Finding
	}
	if err := json.Unmarshal(machine.Bytes(), &report); err != nil {
		c.t.Fatalf("%v in:\n%s", err, &machine)
	}
	found := examined{map[string]doctor.Finding{}, text.String(), err}
	for _, f := range report.Checks {
		found.findings[f.ID] = f
		if f.Status != doctor.Pass && f.Status != doctor.Skip && len(f.Advice) == 0 {
			c.t.Errorf("%s says not what to do: %s", f.ID, f.Detail)
		}
	}
	if n := report.Passed + report.Warned + report.Failed + report.Skipped; n != len(report.Checks) || n != len(found.findings) {
		c.t.Errorf("%d checks are counted, %d are told, %d ids", n, len(report.Checks), len(found.findings))
	}
	if failed := report.Failed > 0; failed == report.OK || failed != errors.Is(err, errSilent) {
		c.t.Errorf("%d failed: ok %v, exit %v", report.Failed, report.OK, err)
	}
	for _, line := range strings.Split(found.text, "\n") {
		if columns := []rune(line); len(columns) > 80 && strings.Contains(strings.TrimLeft(string(columns[28:]), "> "), " ") {
			c.t.Errorf("a line of %d columns: %s", len([]rune(line)), line)
		}
	}
	for _, name := range []string{"DISCORD_TOKEN", "DISCORD_CLIENT_SECRET", "JWT_SECRET_KEY", "METRICS_TOKEN", "PROXY_SECRET", "ADMIN_PASSWORD", "SUPABASE_KEY"} {
		for _, value := range []string{c.variables[name], os.Getenv(name)} {
			if value != "" && strings.Contains(found.text+machine.String(), value) {
				c.t.Errorf("%s is told:\n%s%s", name, found.text, &machine)
			}
		}
	}
	return found
}

// fault is something that is wrong, and how it is to be told.
type fault struct {
	name  string
	env   []string
	plant func(c *clinic) (mend func())
	id    string
	want  doctor.Status
	says  string   // in the detail
	to    string   // in the advice
	also  []string // other checks that rightly tell of it, too
}

// faults plants each fault in turn: it is found and explained, what cannot be looked at
// because of it is skipped, and everything else stays as it was.
//
// Every check has a fault among all or elsewhere.
func (c *clinic) faults(all, elsewhere []fault) {
	outer := c.t
	c.place()
	healthy := c.examine()
	outer.Logf("nothing wrong:\n%s", healthy.text)
	for id, f := range healthy.findings {
		if f.Status != doctor.Pass && f.Status != doctor.Skip {
			outer.Errorf("nothing is wrong, but %s: %+v", id, f)
		}
	}
	named := map[string]bool{}
	for _, f := range elsewhere {
		named[f.id] = true
	}
	for _, f := range all {
		named[f.id] = true
		outer.Run(f.id+" "+f.name, func(t *testing.T) {
			c.t = t
			defer func() { c.t = outer }()
			c.place(f.env...)
			if f.plant != nil {
				mend := f.plant(c)
				defer mend()
			}
			got := c.examine()
			found := got.findings[f.id]
			if found.Status != f.want || !strings.Contains(found.Detail, f.says) || !strings.Contains(strings.Join(found.Advice, " "), f.to) {
				t.Errorf("got %+v\nwant %s, saying %q and %q", found, f.want, f.says, f.to)
			}
			for id, other := range got.findings {
				if id == f.id || slices.Contains(f.also, id) || other.Status == healthy.findings[id].Status {
					continue
				}
				if other.Status != doctor.Skip {
					t.Errorf("%s changes, too: %+v", id, other)
				} else if !strings.HasPrefix(other.Detail, "because") && !strings.HasPrefix(other.Detail, "not needed") && !strings.HasPrefix(other.Detail, "cannot be seen") {
					t.Errorf("%s is skipped without a reason: %+v", id, other)
				}
			}
		})
	}
	for id, f := range healthy.findings {
		if f.Status != doctor.Skip && !named[id] {
			outer.Errorf("no fault is planted for %s", id)
		}
	}
}

// none is for faults that end with the environment.
func none() {}

// altered is the environment's file, copied and changed.
func altered(t *testing.T, path, change string) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "altered.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("VACUUM INTO ?", copied); err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", copied)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Exec(change); err != nil {
		t.Fatal(err)
	}
	return copied
}

// onCopy has the doctor look at a changed copy of the store.
func onCopy(change string) func(*clinic) func() {
	return func(c *clinic) func() {
		c.t.Setenv("SQLITE_PATH", altered(c.t, c.path, change))
		return none
	}
}

func (c *clinic) newcomer(change func(*simulator.Role)) func() {
	var before simulator.Role
	if !c.sim.ChangeRole(simulator.DemoGuildID, simulator.DemoNewcomerRole, func(r *simulator.Role) { before = *r; change(r) }) {
		c.t.Fatal("there is no such role")
	}
	return func() {
		c.sim.ChangeRole(simulator.DemoGuildID, simulator.DemoNewcomerRole, func(r *simulator.Role) { *r = before })
	}
}

// generalFaults are those that do not depend on the store.
func generalFaults() []fault {
	page := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	atEdge := func(path string, handler http.HandlerFunc) func(*clinic) func() {
		return func(c *clinic) func() {
			c.instead(&c.edge, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == path {
					handler(w, r)
					return
				}
				c.forward.ServeHTTP(w, r)
			})
			return func() { c.instead(&c.edge, nil) }
		}
	}
	atSite := func(path string, handler http.HandlerFunc) func(*clinic) func() {
		return func(c *clinic) func() {
			c.instead(&c.site, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == path {
					handler(w, r)
					return
				}
				c.dashboard(w, r)
			})
			return func() { c.instead(&c.site, nil) }
		}
	}
	intent := func(c *clinic) func() {
		c.sim.AllowMembersIntent(false)
		return func() { c.sim.AllowMembersIntent(true) }
	}
	endpoint := func(address string) func(*clinic) func() {
		return func(c *clinic) func() {
			c.sim.SetInteractionsURL(address)
			return func() { c.sim.SetInteractionsURL(c.variables["PUBLIC_URL"] + "/interactions") }
		}
	}
	_, strange, _ := ed25519.GenerateKey(nil)
	random := rand.Text() + rand.Text()
	return []fault{
		{name: "missing", env: []string{"DISCORD_PUBLIC_KEY="}, id: "environment", want: doctor.Fail, says: "missing or wrong: 1", to: "DISCORD_PUBLIC_KEY is missing. The key that proves"},
		{name: "ill-formed", env: []string{"PORT=eighty", "LOG_LEVEL=loud"}, id: "environment", want: doctor.Fail, says: "missing or wrong: 2", to: "PORT must"},
		{name: "no such owner", env: []string{"ADMIN_USERNAME=John Doe"}, id: "environment", want: doctor.Fail, says: "missing or wrong: 1", to: "ADMIN_USERNAME must have 2 to 32"},
		{name: "no such store", env: []string{"STORE=paper"}, id: "environment", want: doctor.Fail, says: "missing or wrong: 1", to: "STORE must be supabase or sqlite"},
		{name: "unreadable file", plant: func(c *clinic) func() { c.write(".env", "JWT_SECRET_KEY=\"hidden"); return none },
			id: "environment", want: doctor.Fail, says: "missing or wrong: 1", to: ".env has a line that is not NAME=value"},
		{name: "wildcard", env: []string{"CORS_ORIGINS=*"}, id: "environment", want: doctor.Fail, to: "CORS_ORIGINS must be"},

		{name: "known", env: []string{"JWT_SECRET_KEY=please-changeme-before-production-9"}, id: "secrets", want: doctor.Fail, says: "JWT_SECRET_KEY has a well-known word", to: "openssl rand"},
		{name: "poor", env: []string{"JWT_SECRET_KEY=" + strings.Repeat("a1b2c", 8)}, id: "secrets", want: doctor.Fail, says: "JWT_SECRET_KEY has few different", to: "openssl rand"},
		{name: "repeated", env: []string{"METRICS_TOKEN=k3v9xq7mzp" + "k3v9xq7mzp"}, id: "secrets", want: doctor.Fail, says: "METRICS_TOKEN repeats itself", to: "openssl rand"},
		{name: "twice", env: []string{"JWT_SECRET_KEY=" + random, "METRICS_TOKEN=" + random}, id: "secrets", want: doctor.Fail, says: "is the same as", to: "of its own"},
		{name: "password", env: []string{"ADMIN_PASSWORD=Password12345"}, id: "secrets", want: doctor.Fail, says: "ADMIN_PASSWORD has a well-known", to: "openssl rand"},

		{name: "http", env: []string{"CORS_ORIGINS=https://a.example,http://b.example"}, id: "cors", want: doctor.Fail, says: "http://b.example", to: "reached by https"},
		{name: "nobody elsewhere", env: []string{"COOKIE_SAMESITE=none"}, id: "cors", want: doctor.Fail, says: "CORS_ORIGINS names none", to: "leave COOKIE_SAMESITE out"},
		{name: "previews", env: []string{"CORS_ORIGINS=https://deploy-preview-*--coffer.netlify.app"}, id: "cors", want: doctor.Warn, says: "pattern", to: "whole origins"},

		{name: "another", env: []string{"DISCORD_TOKEN=MTE4.GabcDE.somebody-elses-token-that-is-not-known"}, id: "discord.token", want: doctor.Fail, says: "refuses", to: "Reset the token"},
		{name: "silence", plant: func(c *clinic) func() {
			if _, err := c.sim.Plant(simulator.Fault{Kind: simulator.StatusFault, Route: "application", Status: 503, Count: -1}); err != nil {
				c.t.Fatal(err)
			}
			return c.sim.ClearFaults
		}, id: "discord.token", want: doctor.Fail, says: "503", to: "try again"},
		{name: "another id", env: []string{"DISCORD_CLIENT_ID=1180000000000000999"}, id: "discord.application", want: doctor.Fail, says: "1180000000000000999, but the token is of the application 1180000000000000001", to: "of the same application"},
		{name: "another key", env: []string{"DISCORD_PUBLIC_KEY=" + hex.EncodeToString(strange.Public().(ed25519.PublicKey))}, id: "discord.application", want: doctor.Fail, says: "DISCORD_PUBLIC_KEY is not", to: "General Information"},
		{name: "none", plant: endpoint(""), id: "discord.endpoint", want: doctor.Fail, says: "no interactions endpoint is set", to: "Interactions Endpoint URL"},
		{name: "another", plant: endpoint("https://elsewhere.example/interactions"), id: "discord.endpoint", want: doctor.Fail, says: "https://elsewhere.example/interactions", to: "Interactions Endpoint URL"},
		{name: "not registered", plant: func(c *clinic) func() {
			if err := c.client.Registrar().Overwrite(c.t.Context(), "", interactions.Definitions()[1:]); err != nil {
				c.t.Fatal(err)
			}
			return func() {
				if err := c.client.Registrar().Overwrite(context.Background(), "", interactions.Definitions()); err != nil {
					c.t.Fatal(err)
				}
			}
		}, id: "discord.commands", want: doctor.Fail, says: "not those of this program", to: "coffer register"},
		{name: "off", plant: intent, id: "discord.intent", want: doctor.Fail, says: "GATEWAY=on needs it", to: "Server Members Intent"},
		{name: "off without gateway", plant: intent, env: []string{"GATEWAY=off"}, id: "discord.intent", want: doctor.Warn, says: "before his first command", to: "Server Members Intent"},
		{name: "no permission", plant: func(c *clinic) func() {
			var before simulator.Permissions
			c.sim.ChangeRole(simulator.DemoGuildID, simulator.DemoBotRole, func(r *simulator.Role) { before, r.Permissions = r.Permissions, r.Permissions&^simulator.ManageRoles })
			return func() {
				c.sim.ChangeRole(simulator.DemoGuildID, simulator.DemoBotRole, func(r *simulator.Role) { r.Permissions = before })
			}
		}, id: "discord.roles", want: doctor.Fail, says: "the bot lacks Manage Roles", to: "give the bot's role Manage Roles"},
		{name: "too high", plant: func(c *clinic) func() { return c.newcomer(func(r *simulator.Role) { r.Position = 9 }) },
			id: "discord.roles", want: doctor.Fail, says: "Deckhand is not below the bot's", to: "drag it above"},
		{name: "managed", plant: func(c *clinic) func() { return c.newcomer(func(r *simulator.Role) { r.Managed = true }) },
			id: "discord.roles", want: doctor.Fail, says: "nobody can be given the role Deckhand", to: "other roles"},
		{name: "gone", plant: func(c *clinic) func() {
			c.sim.DeleteRole(simulator.DemoGuildID, simulator.DemoNewcomerRole)
			return func() {
				c.sim.AddRole(simulator.Role{ID: simulator.DemoNewcomerRole, GuildID: simulator.DemoGuildID, Name: "Deckhand", Position: 1})
			}
		}, id: "discord.roles", want: doctor.Fail, says: "the role " + simulator.DemoNewcomerRole + " is gone", to: "other roles"},
		{name: "not there", plant: func(c *clinic) func() {
			bot, _ := c.sim.Member(simulator.DemoGuildID, simulator.DemoApplicationID)
			c.sim.Leave(simulator.DemoGuildID, simulator.DemoApplicationID)
			return func() { c.sim.Join(bot) }
		}, id: "discord.roles", want: doctor.Warn, says: "not in these servers", to: "Invite it"},
		{name: "not registered", env: []string{"DASHBOARD_URL="}, id: "discord.redirect", want: doctor.Fail, says: "not registered", to: callbackPath,
			also: []string{"dashboard.page"}}, // this server has no page where it is not built
		{name: "fast", plant: func(c *clinic) func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.ahead = 10 * time.Minute
			return func() { c.mu.Lock(); c.ahead = 0; c.mu.Unlock() }
		}, id: "discord.clock", want: doctor.Fail, says: "behind Discord's", to: "NTP"},
		{name: "slow", plant: func(c *clinic) func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.ahead = -20 * time.Second
			return func() { c.mu.Lock(); c.ahead = 0; c.mu.Unlock() }
		}, id: "discord.clock", want: doctor.Warn, says: "ahead of Discord's", to: "NTP"},

		{name: "not set", env: []string{"PUBLIC_URL="}, id: "public.https", want: doctor.Fail, says: "PUBLIC_URL is not set", to: "Set PUBLIC_URL", also: []string{"discord.endpoint"}},
		{name: "http", env: []string{"PUBLIC_URL=http://127.0.0.1:9"}, id: "public.https", want: doctor.Fail, says: "is not https", to: "by https", also: []string{"discord.endpoint"}},
		{name: "nobody", env: []string{"PUBLIC_URL=https://127.0.0.1:9"}, id: "public.https", want: doctor.Fail, says: "no answer", to: "see that it runs", also: []string{"discord.endpoint"}},
		{name: "somebody else", plant: atEdge(requestlog.HealthPath, page(200, "<h1>It works!</h1>")), id: "public.https", want: doctor.Fail, says: "is not Coffer", to: "Set PUBLIC_URL"},
		{name: "moved", plant: atEdge(requestlog.HealthPath, http.RedirectHandler("https://new.example/", http.StatusFound).ServeHTTP), id: "public.https", want: doctor.Fail, says: "sends visitors on to https://new.example/", to: "Set PUBLIC_URL"},
		{name: "ill", plant: atEdge(requestlog.HealthPath, page(503, `{"service":"coffer","status":"unhealthy","checks":{"store":"does not answer"}}`)), id: "public.https", want: doctor.Fail, says: "its store: does not answer", to: "log"},
		{name: "taken away", plant: atEdge(requestlog.HealthPath, page(200, `{"service":"coffer","status":"healthy","version":"`+version()+`"}`)), id: "public.headers", want: doctor.Fail, says: "Content-Security-Policy is missing", to: "a CDN"},
		{name: "unknown proxy", plant: func(c *clinic) func() {
			c.instead(&c.edge, func(w http.ResponseWriter, r *http.Request) {
				r.Header.Set("Clinic-Plain", "1")
				c.forward.ServeHTTP(w, r)
			})
			return func() { c.instead(&c.edge, nil) }
		}, id: "public.headers", want: doctor.Fail, says: "Strict-Transport-Security is missing", to: "TRUSTED_PROXY"},
		{name: "believes all", plant: atEdge("/interactions", page(200, `{"type":1}`)), id: "public.interactions", want: doctor.Fail, says: "Discord did not sign", to: "PUBLIC_URL"},
		{name: "firewall", plant: atEdge("/interactions", page(403, "")), id: "public.interactions", want: doctor.Fail, says: "answers 403", to: "firewall"},

		{name: "not there", plant: atSite("/", page(404, "Not Found")), id: "dashboard.page", want: doctor.Fail, says: "(404)", to: "DASHBOARD_URL"},
		{name: "not built", plant: atSite("/", page(200, "<title>Coffer</title><h1>Coffer is running</h1>")), id: "dashboard.page", want: doctor.Fail, says: "not built", to: "make web"},
		{name: "bare", plant: atSite("/", page(200, builtPage)), id: "dashboard.page", want: doctor.Warn, says: "without Content-Security-Policy", to: "netlify.toml"},
		{name: "page instead", plant: atSite(requestlog.HealthPath, page(200, builtPage)), id: "dashboard.proxy", want: doctor.Fail, says: "is not Coffer", to: "API_ORIGIN"},
		{name: "another server", plant: atSite(requestlog.HealthPath, page(200, `{"service":"coffer","status":"healthy","version":"older"}`)), id: "dashboard.proxy", want: doctor.Fail, says: "version older there", to: "API_ORIGIN"},
		{name: "another secret", plant: func(c *clinic) func() { return atSite(requestlog.HealthPath, c.vouching(random))(c) }, id: "dashboard.proxy", want: doctor.Fail, says: "has another PROXY_SECRET than the proxy", to: "the same as here"},
		{name: "without it", plant: func(c *clinic) func() { return atSite(requestlog.HealthPath, c.vouching(""))(c) }, id: "dashboard.proxy", want: doctor.Warn, says: "sends no PROXY_SECRET", to: "at Netlify"},
		{name: "one for all", env: []string{"PROXY_SECRET="}, plant: func(c *clinic) func() { return atSite(requestlog.HealthPath, c.vouching(""))(c) }, id: "dashboard.proxy", want: doctor.Warn, says: "for one address", to: "PROXY_SECRET"},

		{name: "another", plant: func(c *clinic) func() {
			c.write("railway.toml", "[deploy]\nhealthcheckPath = \"/health\"\n")
			return none
		}, id: "health.path", want: doctor.Fail, says: `railway.toml says "/health"`, to: `healthcheckPath to "/api/health"`},
		{name: "another in the new form", plant: func(c *clinic) func() {
			c.write(".railway/railway.ts", "deploy: {\n  healthcheckPath: '/',\n}")
			return none
		}, id: "health.path", want: doctor.Fail, says: `.railway/railway.ts says "/"`, to: `healthcheckPath to "/api/health"`},
		{name: "none", plant: func(c *clinic) func() { c.write("railway.toml", "[deploy]\n"); return none }, id: "health.path", want: doctor.Fail, says: "no healthcheckPath", to: "broken deployments"},
	}
}

// settled waits until the server has told Discord what it has to at its start.
func (c *clinic) settled(books doctor.Store) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		condition, err := books.Condition(c.t.Context())
		switch {
		case err == nil && condition.Waiting == 0:
			return
		case time.Now().After(deadline):
			c.t.Fatalf("%+v, %v", condition, err)
		}
	}
}

func TestDoctorFindsEachFault(t *testing.T) {
	thorough(t)
	path := filepath.Join(t.TempDir(), "coffer.db")
	books, err := openFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	furnish(t, books)
	c := newClinic(t, books, map[string]string{"STORE": "sqlite", "SQLITE_PATH": path})
	c.path = path
	c.settled(books)
	before := c.digest()
	c.mu.Lock()
	c.calls = nil
	c.mu.Unlock()
	c.faults(append(generalFaults(),
		fault{name: "none", env: []string{"SQLITE_PATH=/no/such/directory/coffer.db"}, id: "store.reachable", want: doctor.Fail, says: "there is no /no/such/directory/coffer.db yet", to: "does not start"},
		fault{name: "a letter", plant: func(c *clinic) func() { c.t.Setenv("SQLITE_PATH", notADatabase(c.t)); return none }, id: "store.reachable", want: doctor.Fail, says: "not a database", to: "does not start"},
		fault{name: "older", plant: onCopy("DELETE FROM goose_db_version WHERE version_id > 3"), id: "store.schema", want: doctor.Fail, says: "it is at 3", to: "coffer serve"},
		fault{name: "unbalanced", plant: onCopy("UPDATE members SET balance = balance + 1 WHERE id = (SELECT max(id) FROM members)"), id: "books", want: doctor.Fail, says: "balances_match", to: "coffer audit"},
		fault{name: "damaged", plant: onCopy("PRAGMA writable_schema = 1; UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'entries'"), id: "books", want: doctor.Fail, says: "storage", to: "coffer audit"},
		fault{name: "stuck", plant: onCopy("UPDATE deliveries SET state = 'waiting', settled_at = NULL, due = 0 WHERE id = (SELECT min(id) FROM deliveries)"), id: "outbox", want: doctor.Fail, says: "stuck: 1 wait", to: "a server runs"},
		fault{name: "given up", plant: onCopy("UPDATE deliveries SET state = 'failed' WHERE id = (SELECT min(id) FROM deliveries)"), id: "outbox", want: doctor.Warn, says: "given up: 1", to: "/admin deliveries"},
		fault{name: "late", plant: onCopy("UPDATE deliveries SET state = 'waiting', settled_at = NULL, created_at = 0, due = 4102444800000000 WHERE id = (SELECT min(id) FROM deliveries)"), id: "outbox", want: doctor.Warn, says: "the oldest for", to: "/admin deliveries"},
		fault{name: "temporary", plant: func(c *clinic) func() {
			c.temporary = filepath.Dir(path)
			return func() { c.temporary = "/no-such-directory" }
		}, id: "store.disk", want: doctor.Warn, says: "temporary files", to: "survives"},
		fault{name: "railway", plant: func(c *clinic) func() { c.t.Setenv("RAILWAY_PROJECT_ID", "p"); return none }, id: "store.disk", want: doctor.Warn, says: "gone with the next deployment", to: "volume"},
	), nil)
	// Whatever was found, nothing was changed but by the tests themselves.
	if after := c.digest(); after != before {
		t.Errorf("the store is not as before:\n%s\nbefore:\n%s", after, before)
	}
	for _, call := range c.calls {
		if !strings.HasPrefix(call, "GET ") && !strings.HasSuffix(call, "/commands") {
			t.Errorf("Discord is told: %s", call)
		}
	}
	c.place()
	t.Setenv("RAILWAY_PROJECT_ID", "p")
	t.Setenv("RAILWAY_VOLUME_MOUNT_PATH", filepath.Dir(path))
	if f := c.examine().findings["store.disk"]; f.Status != doctor.Pass {
		t.Errorf("a file in the volume: %+v", f)
	}
	c.asPrograms()
}

// asPrograms has the program itself look, and end with 0 only where all is well.
func (c *clinic) asPrograms() {
	c.t.Helper()
	c.place()
	c.write("trusted.pem", string(c.pem))
	for _, v := range []struct {
		change string
		code   int
		says   string
	}{
		{"LOG_LEVEL=info", 0, "0 failed, 4 skipped: ready for production"},
		{"DISCORD_CLIENT_ID=1180000000000000999", 1, "NOT ready for production"},
	} {
		cmd := exec.Command(os.Args[0], "doctor")
		cmd.Env = append(os.Environ(), asProgram+"=1", "SSL_CERT_FILE=trusted.pem", "TMPDIR="+c.temporary, v.change)
		out, err := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != v.code || !strings.Contains(string(out), v.says) {
			c.t.Errorf("code %d, %v:\n%s", code, err, out)
		}
	}
}

func TestDoctorLooksAtWhatItCanWhereNothingIsSet(t *testing.T) {
	inEnvironment(t, "DISCORD_API_URL=http://127.0.0.1:9", "PORT=eighty")
	r := runCommand(t, "doctor", "--json")
	var report struct {
		OK     bool
		Checks []doctor.Finding
	}
	if err := json.Unmarshal([]byte(r.out), &report); err != nil || r.code != 1 || r.err != "" || report.OK {
		t.Fatalf("%v, %+v", err, r)
	}
	told := map[string]doctor.Finding{}
	for _, f := range report.Checks {
		told[f.ID] = f
	}
	advice := strings.Join(told["environment"].Advice, "\n")
	for _, name := range []string{"DISCORD_TOKEN", "DISCORD_CLIENT_ID", "DISCORD_PUBLIC_KEY", "SUPABASE_URL", "SUPABASE_KEY", "JWT_SECRET_KEY", "PORT"} {
		if !strings.Contains(advice, name+" ") {
			t.Errorf("missing %s in:\n%s", name, advice)
		}
	}
	for id, want := range map[string]doctor.Status{
		"environment": doctor.Fail, "secrets": doctor.Pass, "cors": doctor.Pass, "store.reachable": doctor.Skip, "books": doctor.Skip,
		"discord.token": doctor.Skip, "discord.roles": doctor.Skip, "discord.clock": doctor.Fail, "public.https": doctor.Fail, "public.headers": doctor.Skip,
		"dashboard.page": doctor.Fail, "health.path": doctor.Skip,
	} {
		if f := told[id]; f.Status != want {
			t.Errorf("%s: %+v, want %s", id, f, want)
		}
	}
}

// digest is what the tables hold that the server leaves alone by itself.
func (c *clinic) digest() string {
	c.t.Helper()
	db, err := sql.Open("sqlite", c.path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	var out strings.Builder
	for _, table := range []string{"guilds", "accounts", "members", "transactions", "entries", "events", "items", "purchases", "deliveries", "tasks", "claims", "admins", "goose_db_version"} {
		rows, err := db.Query("SELECT * FROM " + table)
		if err != nil {
			c.t.Fatal(err)
		}
		columns, _ := rows.Columns()
		n := 0
		for ; rows.Next(); n++ {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				c.t.Fatal(err)
			}
			for _, v := range values {
				fmt.Fprintf(&out, "%v ", *v.(*any))
			}
		}
		if err := rows.Close(); err != nil {
			c.t.Fatal(err)
		}
		out.WriteString("\n" + table + " " + strconv.Itoa(n) + "\n")
	}
	return out.String()
}

func TestDoctorFindsEachFaultOfSupabase(t *testing.T) {
	thorough(t)
	books, project := newSupabase(t)
	furnish(t, books)
	admin, err := pgx.Connect(t.Context(), project.DatabaseURL())
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	c := newClinic(t, books, map[string]string{"STORE": "supabase", "SUPABASE_URL": project.URL(), "SUPABASE_KEY": project.Key()})
	c.settled(books)
	// done and undone in the database.
	sql := func(do, undo string) func(*clinic) func() {
		exec := func(script string) {
			if _, err := admin.Exec(context.Background(), script, pgx.QueryExecModeSimpleProtocol); err != nil {
				t.Errorf("%s: %v", script, err)
			}
		}
		return func(*clinic) func() { exec(do); return func() { exec(undo) } }
	}
	// atGateway changes the doctor's requests; the server's own are let through.
	atGateway := func(change func(r *http.Request) supabasetest.Fault) func(*clinic) func() {
		return func(*clinic) func() {
			project.Plant(func(r *http.Request) supabasetest.Fault {
				switch path.Base(r.URL.Path) {
				case "coffer_schema", "coffer_doctor", "coffer_audit":
					return change(r)
				}
				if r.Method == http.MethodHead {
					return change(r)
				}
				return nil
			})
			return func() { project.Plant(nil) }
		}
	}
	as := func(key string) func(r *http.Request) supabasetest.Fault {
		return func(r *http.Request) supabasetest.Fault {
			r.Header.Set("Apikey", key)
			return nil
		}
	}
	schema := func(version string) string {
		return "CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$ SELECT '" + version + "' $$"
	}
	var version string
	if err := admin.QueryRow(t.Context(), "SELECT public.coffer_schema()").Scan(&version); err != nil {
		t.Fatal(err)
	}
	others := slices.DeleteFunc(generalFaults(), func(f fault) bool {
		return !slices.Contains([]string{"discord.roles gone", "discord.token another"}, f.id+" "+f.name)
	})
	all := append(others,
		fault{name: "nobody", env: []string{"SUPABASE_URL=http://127.0.0.1:9"}, id: "store.reachable", want: doctor.Fail, says: "no answer from Supabase", to: "does not start"},
		fault{name: "paused", plant: atGateway(func(*http.Request) supabasetest.Fault { return supabasetest.Status(540) }), id: "store.reachable", want: doctor.Fail, says: "paused", to: "does not start",
			also: []string{"public.https"}}, // the server's health check asks the same
		fault{name: "unknown", env: []string{"SUPABASE_KEY=sb_secret_hunter2hunter2hunter2"}, id: "store.key", want: doctor.Fail, says: "check SUPABASE_KEY", to: "sb_secret_"},
		fault{name: "the public one", env: []string{"SUPABASE_KEY=" + project.PublishableKey()}, id: "environment", want: doctor.Fail, to: "SUPABASE_KEY is the public key"},
		fault{name: "of anon", plant: atGateway(as(project.PublishableKey())), id: "store.key", want: doctor.Fail, says: "check SUPABASE_KEY", to: "sb_secret_",
			also: []string{"public.https"}},
		fault{name: "of anon, who may ask", plant: func(c *clinic) func() {
			mend := sql("GRANT EXECUTE ON FUNCTION public.coffer_schema, public.coffer_doctor TO anon", "REVOKE EXECUTE ON FUNCTION public.coffer_schema, public.coffer_doctor FROM anon")(c)
			unplant := atGateway(as(project.PublishableKey()))(c)
			return func() { unplant(); mend() }
		}, id: "store.key", want: doctor.Fail, says: `makes the server "anon"`, to: "sb_secret_", also: []string{"books"}},
		fault{name: "behind", plant: sql(schema("20200101000000"), schema(version)), id: "store.schema", want: doctor.Fail, says: "it is at 20200101000000", to: "coffer migrate"},
		fault{name: "ahead", plant: sql(schema("29990101000000"), schema(version)), id: "store.schema", want: doctor.Warn, says: "newer than this program", to: "newer program"},
		fault{name: "off", plant: sql("ALTER TABLE coffer.members DISABLE ROW LEVEL SECURITY", "ALTER TABLE coffer.members ENABLE ROW LEVEL SECURITY"),
			id: "store.rls", want: doctor.Fail, says: "members", to: "ALTER TABLE coffer.members ENABLE ROW LEVEL SECURITY"},
		fault{name: "policy", plant: sql("CREATE POLICY open ON coffer.items USING (true)", "DROP POLICY open ON coffer.items"), id: "store.rls", want: doctor.Fail, says: "items", to: "drop the policies"},
		fault{name: "a function", plant: sql("GRANT EXECUTE ON FUNCTION public.coffer_totals TO anon", "CALL coffer.keep_private()"),
			id: "store.anon", want: doctor.Fail, says: "anon may call coffer_totals", to: "CALL coffer.keep_private()"},
		fault{name: "a table", plant: sql("GRANT SELECT, INSERT ON coffer.members TO authenticated", "REVOKE ALL ON coffer.members FROM authenticated"),
			id: "store.anon", want: doctor.Fail, says: "authenticated may INSERT, SELECT members", to: "REVOKE ALL ON ALL TABLES"},
		fault{name: "the schema", plant: sql("GRANT USAGE ON SCHEMA coffer TO PUBLIC", "REVOKE USAGE ON SCHEMA coffer FROM PUBLIC"),
			id: "store.anon", want: doctor.Fail, says: "anon may use the schema coffer", to: "REVOKE"},
		fault{name: "no key asked", plant: atGateway(func(r *http.Request) supabasetest.Fault {
			if r.Header.Get("Apikey") == "" {
				r.Header.Set("Apikey", project.PublishableKey())
			}
			return nil
		}), id: "store.anon", want: doctor.Fail, says: "/ answers 200 without a key", to: "without a key"},
		fault{name: "nobody refuses", plant: atGateway(func(r *http.Request) supabasetest.Fault {
			if r.Header.Get("Apikey") == "" {
				return supabasetest.Status(503)
			}
			return nil
		}), id: "store.anon", want: doctor.Fail, says: "neither let in nor refused", to: "Try again"},
		fault{name: "fast", plant: sql(`ALTER FUNCTION public.coffer_doctor RENAME TO coffer_doctor_kept;
			CREATE FUNCTION public.coffer_doctor() RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
				$$ SELECT jsonb_set(public.coffer_doctor_kept(), '{at}', to_jsonb(now() + '1 hour')) $$; CALL coffer.keep_private()`,
			"DROP FUNCTION public.coffer_doctor; ALTER FUNCTION public.coffer_doctor_kept RENAME TO coffer_doctor"),
			id: "store.clock", want: doctor.Fail, says: "1h0m0s behind the database's", to: "NTP"},
		fault{name: "unbalanced", plant: sql("UPDATE coffer.members SET balance = balance + 1 WHERE id = (SELECT max(id) FROM coffer.members)",
			"UPDATE coffer.members SET balance = balance - 1 WHERE id = (SELECT max(id) FROM coffer.members)"), id: "books", want: doctor.Fail, says: "balances_match", to: "coffer audit"},
		fault{name: "given up", plant: sql("UPDATE coffer.deliveries SET state = 'failed' WHERE id = (SELECT min(id) FROM coffer.deliveries)",
			"UPDATE coffer.deliveries SET state = 'done' WHERE id = (SELECT min(id) FROM coffer.deliveries)"), id: "outbox", want: doctor.Warn, says: "given up: 1", to: "/admin deliveries"},
	)
	project.Forget()
	c.faults(all, generalFaults())
	for _, r := range project.Requests() {
		if r.Method != http.MethodHead && r.Method != http.MethodPost {
			t.Errorf("%s %s", r.Method, r.Path)
		}
	}
}
