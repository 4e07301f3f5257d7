package config_test

import (
	"errors"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"coffer/internal/config"
)

// valid is the least that serve needs with Supabase.
func valid() map[string]string {
	return map[string]string{
		"DISCORD_TOKEN":      "MTE.token-hunter2.xyz_1",
		"DISCORD_CLIENT_ID":  "1180000000000000001",
		"DISCORD_PUBLIC_KEY": "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
		"SUPABASE_URL":       "https://abc.supabase.co/",
		"SUPABASE_KEY":       "sb_secret_hunter2",
		"JWT_SECRET_KEY":     "hunter2-hunter2-hunter2-hunter2-",
	}
}

func with(changes map[string]string) map[string]string {
	environ := valid()
	maps.Copy(environ, changes)
	return environ
}

func TestDefaultsFillWhatIsNotSet(t *testing.T) {
	got, err := config.Load(valid())
	if err != nil {
		t.Fatal(err)
	}
	if got.Store != config.Supabase || got.Port != 8080 || got.SQLitePath != "coffer.db" || bool(got.Gateway) ||
		got.DiscordAPIURL != "https://discord.com" || got.LogLevel != slog.LevelInfo || got.LogFormat != config.JSON {
		t.Errorf("defaults: got %+v", got)
	}
	if got.SupabaseURL != "https://abc.supabase.co" || got.DiscordToken.Reveal() != "MTE.token-hunter2.xyz_1" ||
		len(got.DiscordPublicKey) != 32 || len(got.JWTSecretKeys) != 1 {
		t.Errorf("values: got %+v", got)
	}
}

func TestValuesTakeTheirType(t *testing.T) {
	environ := with(map[string]string{
		"PORT": " 65535\n", "GATEWAY": "on", "LOG_LEVEL": "warn", "LOG_FORMAT": "text", "STORE": "sqlite",
		"SUPABASE_URL": "", "SUPABASE_KEY": "  ", "SQLITE_PATH": "/data/x.db",
		"CORS_ORIGINS":   "https://Admin.example.com:443, http://localhost:5173, https://Preview-*--Site.netlify.app,",
		"TRUSTED_PROXY":  "100.64.0.7/10, ::1",
		"JWT_SECRET_KEY": "a-new-key-a-new-key-a-new-key-12, an-old-key-an-old-key-an-old-key",
		"ADMIN_USERNAME": "ada", "ADMIN_PASSWORD": "correct horse",
	})
	before := maps.Clone(environ)
	got, err := config.Load(environ)
	if err != nil {
		t.Fatal(err)
	}
	if got.Port != 65535 || !bool(got.Gateway) || got.LogLevel != slog.LevelWarn || got.LogFormat != config.Text ||
		got.Store != config.SQLite || got.SQLitePath != "/data/x.db" {
		t.Errorf("got %+v", got)
	}
	if want := []config.Pages{"https://admin.example.com", "http://localhost:5173", "https://preview-*--site.netlify.app"}; !slices.Equal(got.CORSOrigins, want) {
		t.Errorf("origins = %v, want %v", got.CORSOrigins, want)
	}
	if want := []netip.Prefix{netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("::1/128")}; !slices.Equal(got.TrustedProxy, want) {
		t.Errorf("proxies = %v, want %v", got.TrustedProxy, want)
	}
	if len(got.JWTSecretKeys) != 2 || !strings.HasPrefix(got.JWTSecretKeys[0].Reveal(), "a-new") {
		t.Errorf("keys = %d, want the new one first", len(got.JWTSecretKeys))
	}
	if !maps.Equal(environ, before) {
		t.Error("Load changed its argument")
	}
}

func TestTheOriginOfAnAddressIsWhatBrowsersSend(t *testing.T) {
	for address, want := range map[config.URL]config.Origin{
		"https://Coffer.Example.com:443/App": "https://coffer.example.com", "HTTPS://coffer.example.com": "https://coffer.example.com",
		"http://localhost:80": "http://localhost", "http://[::1]:8080/x": "http://[::1]:8080", "https://[2001:DB8::1]:443": "https://[2001:db8::1]",
		"https://coffer.example.com:": "https://coffer.example.com", "https://coffer.example.com:80": "https://coffer.example.com:80", "": "",
	} {
		if got := address.Origin(); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}

func TestEveryProblemIsListedAtOnce(t *testing.T) {
	tests := map[string]struct {
		environ map[string]string
		want    []string // "VARIABLE what is wrong", a prefix each
	}{
		"nothing is set": {map[string]string{}, []string{
			"DISCORD_TOKEN is missing", "DISCORD_CLIENT_ID is missing", "DISCORD_PUBLIC_KEY is missing",
			"SUPABASE_URL is missing with STORE=supabase", "SUPABASE_KEY is missing with STORE=supabase", "JWT_SECRET_KEY is missing"}},
		"sqlite needs no supabase": {map[string]string{"STORE": "sqlite"}, []string{
			"DISCORD_TOKEN is missing", "DISCORD_CLIENT_ID is missing", "DISCORD_PUBLIC_KEY is missing", "JWT_SECRET_KEY is missing"}},
		"an unknown store":             {with(map[string]string{"STORE": "mysql"}), []string{"STORE must be supabase or sqlite"}},
		"a token with its scheme":      {with(map[string]string{"DISCORD_TOKEN": "Bot a.b.c"}), []string{`DISCORD_TOKEN must be the token alone`}},
		"a token of two parts":         {with(map[string]string{"DISCORD_TOKEN": "hunter2.b"}), []string{"DISCORD_TOKEN is no bot token"}},
		"a token with an empty part":   {with(map[string]string{"DISCORD_TOKEN": "hunter2..b"}), []string{"DISCORD_TOKEN is no bot token"}},
		"a token with spaces":          {with(map[string]string{"DISCORD_TOKEN": "a.b hunter2.c"}), []string{"DISCORD_TOKEN is no bot token"}},
		"an id of letters":             {with(map[string]string{"DISCORD_CLIENT_ID": "hunter2"}), []string{"DISCORD_CLIENT_ID must be a Discord id"}},
		"an id that is short":          {with(map[string]string{"DISCORD_CLIENT_ID": "1234"}), []string{"DISCORD_CLIENT_ID must be a Discord id"}},
		"the example's key":            {with(map[string]string{"DISCORD_PUBLIC_KEY": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}), []string{"DISCORD_PUBLIC_KEY is still the example"}},
		"an API below a path":          {with(map[string]string{"DISCORD_API_URL": "https://discord.com/api"}), []string{"DISCORD_API_URL must be an origin"}},
		"a key that is short":          {with(map[string]string{"DISCORD_PUBLIC_KEY": "d75a98"}), []string{"DISCORD_PUBLIC_KEY must be 64"}},
		"a key that is not hex":        {with(map[string]string{"DISCORD_PUBLIC_KEY": strings.Repeat("g", 64)}), []string{"DISCORD_PUBLIC_KEY must be 64"}},
		"the public Supabase key":      {with(map[string]string{"SUPABASE_KEY": "sb_publishable_hunter2"}), []string{"SUPABASE_KEY is the public key"}},
		"the legacy anon key":          {with(map[string]string{"SUPABASE_KEY": "e30.eyJyb2xlIjoiYW5vbiJ9.hunter2"}), []string{"SUPABASE_KEY is the public key"}},
		"a legacy key of another role": {with(map[string]string{"SUPABASE_KEY": "e30.eyJyb2xlIjoiYXV0aGVudGljYXRlZCJ9.hunter2"}), []string{"SUPABASE_KEY is a token of another role"}},
		"a password as the key":        {with(map[string]string{"SUPABASE_KEY": "hunter2"}), []string{"SUPABASE_KEY is no key of a Supabase project"}},
		"a key without protection":     {with(map[string]string{"SUPABASE_URL": "http://hunter2.supabase.co"}), []string{"SUPABASE_URL must start with https://"}},
		"a relative address":           {with(map[string]string{"SUPABASE_URL": "abc.supabase.co"}), []string{"SUPABASE_URL must be a whole address"}},
		"an address with a password":   {with(map[string]string{"PUBLIC_URL": "https://me:hunter2@x.example"}), []string{"PUBLIC_URL must be an address without"}},
		"an address of another scheme": {with(map[string]string{"DASHBOARD_URL": "ftp://x.example"}), []string{"DASHBOARD_URL must be a whole address"}},
		"a wildcard origin":            {with(map[string]string{"CORS_ORIGINS": "https://*.example.com"}), []string{"CORS_ORIGINS must be an origin"}},
		"a wildcard for a host":        {with(map[string]string{"CORS_ORIGINS": "https://*.netlify.app"}), []string{"CORS_ORIGINS must be an origin"}},
		"a wildcard before one letter": {with(map[string]string{"CORS_ORIGINS": "https://*--s.netlify.app"}), []string{"CORS_ORIGINS must be an origin"}},
		"a wildcard behind a name":     {with(map[string]string{"CORS_ORIGINS": "https://preview-*.netlify.app"}), []string{"CORS_ORIGINS must be an origin"}},
		"a wildcard in a domain":       {with(map[string]string{"CORS_ORIGINS": "https://a.*--site.netlify.app"}), []string{"CORS_ORIGINS must be an origin"}},
		"two wildcards":                {with(map[string]string{"CORS_ORIGINS": "https://*--*site.netlify.app"}), []string{"CORS_ORIGINS must be an origin"}},
		"a wildcard over plain http":   {with(map[string]string{"CORS_ORIGINS": "http://preview-*--site.netlify.app"}), []string{"CORS_ORIGINS must be an origin"}},
		"any origin":                   {with(map[string]string{"CORS_ORIGINS": "*"}), []string{"CORS_ORIGINS must be an origin"}},
		"an origin with a path":        {with(map[string]string{"CORS_ORIGINS": "https://a.example/x"}), []string{"CORS_ORIGINS must be an origin"}},
		"a list of nothing":            {with(map[string]string{"CORS_ORIGINS": ",,"}), []string{"CORS_ORIGINS lists nothing"}},
		"a proxy by name":              {with(map[string]string{"TRUSTED_PROXY": "railway"}), []string{"TRUSTED_PROXY must list networks"}},
		"a weak signing key":           {with(map[string]string{"JWT_SECRET_KEY": "hunter2-hunter2-hunter2-hunter2"}), []string{"JWT_SECRET_KEY must have 32 bytes"}},
		"a weak second signing key":    {with(map[string]string{"JWT_SECRET_KEY": strings.Repeat("k", 32) + ",hunter2"}), []string{"JWT_SECRET_KEY must have 32 bytes"}},
		"an example":                   {with(map[string]string{"JWT_SECRET_KEY": "a-random-text-of-at-least-32-bytes"}), []string{"JWT_SECRET_KEY is still the example"}},
		"port 0":                       {with(map[string]string{"PORT": "0"}), []string{"PORT must be a number from 1 to 65535"}},
		"port 65536":                   {with(map[string]string{"PORT": "65536"}), []string{"PORT must be a number"}},
		"a name without a password":    {with(map[string]string{"ADMIN_USERNAME": "ada"}), []string{"ADMIN_PASSWORD is missing, but ADMIN_USERNAME is set"}},
		"a password without a name":    {with(map[string]string{"ADMIN_PASSWORD": "hunter2-hunter2"}), []string{"ADMIN_USERNAME is missing, but ADMIN_PASSWORD is set"}},
		"a short password":             {with(map[string]string{"ADMIN_USERNAME": "ada", "ADMIN_PASSWORD": "hunter2"}), []string{"ADMIN_PASSWORD must have 12"}},
		"a password of few runes":      {with(map[string]string{"ADMIN_USERNAME": "ada", "ADMIN_PASSWORD": "äöüßäöü"}), []string{"ADMIN_PASSWORD must have 12 to 200"}},
		"an endless password":          {with(map[string]string{"ADMIN_USERNAME": "ada", "ADMIN_PASSWORD": strings.Repeat("p", 201)}), []string{"ADMIN_PASSWORD must have 12 to 200"}},
		"a name that none may have":    {with(map[string]string{"ADMIN_USERNAME": "John hunter2", "ADMIN_PASSWORD": "short"}), []string{"ADMIN_USERNAME must have 2 to 32", "ADMIN_PASSWORD must have 12"}},
		"a short metrics token":        {with(map[string]string{"METRICS_TOKEN": "hunter2"}), []string{"METRICS_TOKEN must have 16"}},
		"a short proxy secret":         {with(map[string]string{"PROXY_SECRET": "hunter2"}), []string{"PROXY_SECRET must have 32"}},
		"a proxy secret with spaces":   {with(map[string]string{"PROXY_SECRET": strings.Repeat("hunter2 ", 8)}), []string{"PROXY_SECRET must have only"}},
		"a proxy secret with umlauts":  {with(map[string]string{"PROXY_SECRET": strings.Repeat("hünter2", 8)}), []string{"PROXY_SECRET must have only"}},
		"a database elsewhere":         {with(map[string]string{"SUPABASE_DB_URL": "mysql://me:hunter2@db/x"}), []string{"SUPABASE_DB_URL must start with postgresql://"}},
		"several at once": {with(map[string]string{"PORT": "x", "GATEWAY": "yes", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml"}), []string{
			"PORT must be", "GATEWAY must be on or off", "LOG_LEVEL must be debug or info or warn or error", "LOG_FORMAT must be json or text"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(tt.environ)
			var invalid *config.Invalid
			if !errors.As(err, &invalid) {
				t.Fatalf("error = %v, want *Invalid", err)
			}
			if len(invalid.Problems) != len(tt.want) {
				t.Fatalf("got %d problems, want %d:\n%v", len(invalid.Problems), len(tt.want), err)
			}
			for i, p := range invalid.Problems {
				if got := p.Variable + " " + p.Wrong; !strings.HasPrefix(got, tt.want[i]) {
					t.Errorf("problem %d = %q, want %q", i, got, tt.want[i])
				}
				if p.Help == "" || !strings.Contains(err.Error(), p.Variable+" "+p.Wrong+"\n      "+p.Help) {
					t.Errorf("the message does not tell of %s:\n%v", p.Variable, err)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the message has a value:\n%v", err)
			}
		})
	}
}

func TestTheEnvironmentWinsOverTheFile(t *testing.T) {
	for _, v := range config.Variables() {
		t.Setenv(v.Name, "") // restored afterwards
		if err := os.Unsetenv(v.Name); err != nil {
			t.Fatal(err)
		}
	}
	var file strings.Builder
	for name, value := range valid() {
		file.WriteString("export " + name + "='" + value + "' # why\n")
	}
	file.WriteString("PORT=1000\nLOG_FORMAT=text\n")
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PORT", "2000")
	got, err := config.Read(path)
	if err != nil || got.Port != 2000 || got.LogFormat != config.Text {
		t.Errorf("port %d, format %q, error %v, want 2000 and text", got.Port, got.LogFormat, err)
	}

	var invalid *config.Invalid
	if _, err := config.Read(path + ".absent"); !errors.As(err, &invalid) {
		t.Errorf("without the file: error = %v, want *Invalid", err)
	}
	if err := os.WriteFile(path, []byte("PORT=1\nhunter2 hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Read(path); !errors.As(err, &invalid) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a broken file: error = %v, want *Invalid without the line", err)
	}
}
