// Package config is the program's environment: read once, validated as a
// whole, and handed on as values. Only package app imports it.
package config

import (
	"crypto/ed25519"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
)

// Config is a valid environment. It can be printed and logged: secrets show as
// "[redacted]".
//
// Each field is one variable. Besides the tags of caarlos0/env, help says what
// the variable is for, example shows a value of the right form, oneof lists
// the only values, and required says when it must be set: "always",
// "NAME=value" (another variable has that value) or "NAME" (another is set).
type Config struct {
	DiscordToken        Secret            `env:"DISCORD_TOKEN" required:"always" example:"three.dotted.parts" help:"The bot's token, from the Discord developer portal under Bot."`
	DiscordClientID     Snowflake         `env:"DISCORD_CLIENT_ID" required:"always" example:"123456789012345678" help:"The application's id, from the Discord developer portal under General Information."`
	DiscordPublicKey    ed25519.PublicKey `env:"DISCORD_PUBLIC_KEY" required:"always" example:"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a" help:"The key that proves a webhook comes from Discord, from the developer portal under General Information."`
	DiscordClientSecret Secret            `env:"DISCORD_CLIENT_SECRET" example:"copy-it-from-the-portal" help:"Lets admins log in to the dashboard with Discord; from the developer portal under OAuth2."`
	DiscordAPIURL       Origin            `env:"DISCORD_API_URL" envDefault:"https://discord.com" example:"https://discord.com" help:"Where Discord's API is; another address only for tests and the simulator."`

	Store       Store      `env:"STORE" envDefault:"supabase" oneof:"supabase|sqlite" example:"sqlite" help:"Where the data lives: Supabase, or one SQLite file on this machine."`
	SupabaseURL ProjectURL `env:"SUPABASE_URL" required:"STORE=supabase" example:"https://abcdefgh.supabase.co" help:"The Supabase project's address, from its settings under Data API."`
	SupabaseKey Secret     `env:"SUPABASE_KEY" required:"STORE=supabase" example:"sb_secret_copy-it-from-the-settings" help:"The project's secret (or legacy service_role) key, from its settings under API Keys."`
	SupabaseDB  Secret     `env:"SUPABASE_DB_URL" example:"postgresql://postgres:password@db.abcdefgh.supabase.co:5432/postgres" help:"The database's connection string, from Connect in Supabase's dashboard; only migrate, export and import need it."`
	SQLitePath  string     `env:"SQLITE_PATH" envDefault:"coffer.db" example:"/data/coffer.db" help:"The file that holds everything with STORE=sqlite; keep it on a disk that survives deploys."`

	JWTSecretKeys []Secret `env:"JWT_SECRET_KEY" required:"always" example:"a-random-text-of-at-least-32-bytes" help:"Signs dashboard sessions; make one with: openssl rand -base64 48. To rotate, add the new key behind the old one after a comma, put it first once every server has both, and remove the old one after a month, which is how long a session lives."`
	AdminUsername string   `env:"ADMIN_USERNAME" required:"ADMIN_PASSWORD" example:"owner" help:"Creates the dashboard's first owner at the first start: 2 to 32 letters a to z, digits, and . - _ between them."`
	AdminPassword Secret   `env:"ADMIN_PASSWORD" required:"ADMIN_USERNAME" example:"at-least-12-characters" help:"The first owner's password, 12 to 200 characters."`
	MetricsToken  Secret   `env:"METRICS_TOKEN" example:"a-random-text-of-16" help:"Opens the metrics page to whoever sends it as a bearer token, at least 16 characters; without it the page is closed."`

	Port           Port           `env:"PORT" envDefault:"8080" example:"8080" help:"The port to listen on; platforms such as Railway set it."`
	PublicURL      URL            `env:"PUBLIC_URL" example:"https://coffer.example.com" help:"Where this server can be reached from outside."`
	DashboardURL   URL            `env:"DASHBOARD_URL" example:"https://coffer.netlify.app" help:"Where the dashboard can be reached, if not at PUBLIC_URL; /help links to it."`
	CORSOrigins    []Pages        `env:"CORS_ORIGINS" example:"https://admin.example.com,http://localhost:5173" help:"Pages on other origins that may call the API, separated by commas; none is needed behind the Netlify proxy. One * stands for the changing part of a preview, as in https://deploy-preview-*--coffer.netlify.app."`
	CookieSameSite SameSite       `env:"COOKIE_SAMESITE" envDefault:"strict" oneof:"strict|lax|none" example:"none" help:"Where the cookie of a dashboard session goes: strict is right wherever the dashboard is on the same site as the API, as behind the Netlify proxy; none is for a dashboard on another site, which CORS_ORIGINS must name."`
	TrustedProxy   []netip.Prefix `env:"TRUSTED_PROXY" example:"100.64.0.0/10" help:"The networks of proxies whose word on a client's address and scheme is taken, separated by commas; they must set X-Real-IP, or remove it and append to X-Forwarded-For."`
	ProxySecret    Secret         `env:"PROXY_SECRET" example:"a-random-text-of-32-characters-or-more" help:"Has each person behind the dashboard's Netlify proxy counted by his own address instead of Netlify's: at least 32 characters without spaces, the same here and in the variables of the Netlify site; make one with: openssl rand -base64 48."`

	Gateway   Switch     `env:"GATEWAY" envDefault:"off" oneof:"on|off" example:"on" help:"Whether to listen at Discord's gateway for people who join, so that they are members before their first command, and have roles that they bought back when they join again; of several servers one does. Needs the Server Members Intent (developer portal, under Bot)."`
	LogLevel  slog.Level `env:"LOG_LEVEL" envDefault:"info" oneof:"debug|info|warn|error" example:"debug" help:"The least severe level that is logged."`
	LogFormat LogFormat  `env:"LOG_FORMAT" envDefault:"json" oneof:"json|text" example:"text" help:"How to log: json for machines, text for people."`
}

// Store names a kind of store.
type Store string

// The stores.
const (
	Supabase Store = "supabase"
	SQLite   Store = "sqlite"
)

// LogFormat is how log lines look.
type LogFormat string

// The log formats.
const (
	JSON LogFormat = "json"
	Text LogFormat = "text"
)

// Snowflake is a Discord id in decimal.
type Snowflake string

// URL is an absolute http or https address without credentials, query,
// fragment and trailing slash, or empty.
type URL string

// Origin returns the origin of the pages there, or "" for no address.
func (u URL) Origin() Origin {
	at, err := url.Parse(strings.ToLower(string(u)))
	if err != nil || at.Host == "" {
		return ""
	}
	port := ":" + at.Port() // ":" alone is none either
	if at.Scheme == "https" && port == ":443" || at.Scheme == "http" && port == ":80" || port == ":" {
		at.Host = strings.TrimSuffix(at.Host, port)
	}
	return Origin((&url.URL{Scheme: at.Scheme, Host: at.Host}).String())
}

// ProjectURL is the address of a Supabase project, without trailing slash and
// without /rest/v1: https, or http on this machine.
type ProjectURL string

// Origin is a web origin as browsers send it: scheme, host and a port that is
// not the scheme's own.
type Origin string

// Pages is an Origin, or one with a * in the first label of its host, beside other
// letters: the * stands for the part of an address that differs from preview to
// preview.
type Pages string

// Port is a TCP port.
type Port uint16

// SameSite says with which requests browsers send the cookie of a session.
type SameSite string

// Switch is a setting that is on or off.
type Switch bool
