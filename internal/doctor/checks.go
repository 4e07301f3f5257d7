package doctor

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// check is one question.
type check struct {
	id       string
	title    string
	settings []string // variables that must be right
	needs    []string // checks that must not have failed
	unless   func(*examiner) string
	time     time.Duration // 0: usualTime
	run      func(*examiner, context.Context) Finding
}

// checks are all questions, in the order in which they are told. What one finds out is
// there for those that need it.
var checks = []check{
	{id: "environment", title: "Settings", run: (*examiner).environment},
	{id: "secrets", title: "Secrets", run: (*examiner).secrets},
	{id: "cors", title: "Origins (CORS)", settings: []string{"CORS_ORIGINS", "COOKIE_SAMESITE"}, run: (*examiner).origins},

	{id: "store.reachable", title: "Store", settings: []string{"STORE", "SUPABASE_URL", "SUPABASE_KEY", "SQLITE_PATH"}, run: (*examiner).reachable},
	{id: "store.key", title: "Store: key", needs: []string{"store.reachable"}, unless: file, run: (*examiner).key},
	{id: "store.schema", title: "Store: schema", needs: []string{"store.reachable"}, run: (*examiner).schema},
	{id: "store.rls", title: "Store: row security", needs: []string{"store.key", "store.schema"}, unless: file, run: (*examiner).rowSecurity},
	{id: "store.anon", title: "Store: others", needs: []string{"store.key", "store.schema"}, unless: file, run: (*examiner).others},
	{id: "store.clock", title: "Store: clock", needs: []string{"store.key", "store.schema"}, unless: file, run: (*examiner).storeClock},
	{id: "store.disk", title: "Store: disk", settings: []string{"STORE", "SQLITE_PATH"}, unless: project, run: (*examiner).disk},
	{id: "books", title: "Books", needs: []string{"store.reachable", "store.schema"}, time: 25 * time.Second, run: (*examiner).books},
	{id: "outbox", title: "Deliveries", needs: []string{"store.reachable", "store.schema"}, run: (*examiner).outbox},

	{id: "discord.token", title: "Discord: token", settings: []string{"DISCORD_TOKEN", "DISCORD_API_URL"}, run: (*examiner).token},
	{id: "discord.application", title: "Discord: application", settings: []string{"DISCORD_CLIENT_ID", "DISCORD_PUBLIC_KEY"}, needs: []string{"discord.token"}, run: (*examiner).application},
	{id: "discord.endpoint", title: "Discord: endpoint", settings: []string{"PUBLIC_URL"}, needs: []string{"discord.token"}, run: (*examiner).endpoint},
	{id: "discord.commands", title: "Discord: commands", needs: []string{"discord.application"}, run: (*examiner).commands},
	{id: "discord.intent", title: "Discord: intent", settings: []string{"GATEWAY"}, needs: []string{"discord.token"}, run: (*examiner).intent},
	{id: "discord.roles", title: "Discord: roles", needs: []string{"store.reachable", "store.schema", "discord.token"}, time: 20 * time.Second, run: (*examiner).roles},
	{id: "discord.redirect", title: "Discord: sign-in", settings: []string{"DISCORD_CLIENT_SECRET", "PUBLIC_URL", "DASHBOARD_URL"}, needs: []string{"discord.token"}, unless: noLogin, run: (*examiner).redirect},
	{id: "discord.clock", title: "Discord: clock", settings: []string{"DISCORD_API_URL"}, run: (*examiner).discordClock},

	{id: "public.https", title: "Server", settings: []string{"PUBLIC_URL"}, run: (*examiner).public},
	{id: "public.headers", title: "Server: headers", needs: []string{"public.https"}, run: (*examiner).headers},
	{id: "public.interactions", title: "Server: endpoint", needs: []string{"public.https"}, run: (*examiner).interactions},
	{id: "dashboard.page", title: "Dashboard", settings: []string{"PUBLIC_URL", "DASHBOARD_URL"}, run: (*examiner).page},
	{id: "dashboard.proxy", title: "Dashboard: proxy", settings: []string{"PUBLIC_URL", "DASHBOARD_URL", "PROXY_SECRET"}, needs: []string{"public.https"}, unless: noProxy, run: (*examiner).proxy},
	{id: "health.path", title: "Health path", unless: noRailway, run: (*examiner).healthPath},
}

func file(e *examiner) string {
	if !e.Supabase {
		return "the store is a file (STORE=sqlite)"
	}
	return ""
}

func project(e *examiner) string {
	if e.Supabase {
		return "the store is a Supabase project"
	}
	return ""
}

func noLogin(e *examiner) string {
	if !e.Login {
		return "nobody signs in with Discord (DISCORD_CLIENT_SECRET)"
	}
	return ""
}

func noProxy(e *examiner) string {
	if e.DashboardURL == "" || e.DashboardURL == e.PublicURL {
		return "the server serves the dashboard itself"
	}
	if e.Elsewhere {
		return "the dashboard calls the API itself (COOKIE_SAMESITE=none)"
	}
	return ""
}

func noRailway(e *examiner) string {
	if len(e.Deployment) == 0 {
		return "neither railway.toml nor .railway/railway.ts is in this directory"
	}
	return ""
}

// examiner is what the checks share. A field that a check sets is read only by checks
// that need it.
type examiner struct {
	Config
	http   *http.Client
	redact *strings.Replacer

	store     Store // store.reachable
	newer     bool
	openErr   error // ErrKey or ErrSchema
	condition Condition
	skew      skew

	self    Application  // discord.token
	running healthAnswer // public.https
	answer  http.Header
}

func newExaminer(c Config) *examiner {
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	e := &examiner{Config: c, http: &http.Client{
		Transport: c.Transport,
		// An address that moves is to be set as where it moved to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	var forms []string
	for _, s := range c.Secrets {
		for _, form := range []string{s.Value, url.QueryEscape(s.Value), url.PathEscape(s.Value)} {
			if len(form) >= 8 && !slices.Contains(forms, form) { // shorter ones are words
				forms = append(forms, form)
			}
		}
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) }) // one may hold another
	var pairs []string
	for _, form := range forms {
		pairs = append(pairs, form, "[redacted]")
	}
	e.redact = strings.NewReplacer(pairs...)
	return e
}

func (e *examiner) close() {
	if e.store != nil {
		_ = e.store.Close() // nothing was written
	}
	e.http.CloseIdleConnections()
}
