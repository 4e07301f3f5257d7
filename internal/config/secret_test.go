package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"coffer/internal/config"
)

func TestAConfigNeverPrintsItsSecrets(t *testing.T) {
	c, err := config.Load(with(map[string]string{
		"DISCORD_CLIENT_SECRET": "hidden-1", "SUPABASE_DB_URL": "postgres://u:hidden@h/d",
		"ADMIN_USERNAME": "ada", "ADMIN_PASSWORD": "hidden-hidden", "METRICS_TOKEN": "hidden-hidden-hidden",
		"PROXY_SECRET": "hidden-hidden-hidden-hidden-hidden",
	}))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", c)
		fmt.Fprintf(&out, verb+"\n", &c)
		fmt.Fprintf(&out, verb+"\n", c.DiscordToken)
		fmt.Fprintf(&out, verb+"\n", c.JWTSecretKeys)
	}
	for _, h := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(h).Info("x", "config", c, "token", c.DiscordToken, "keys", c.JWTSecretKeys)
	}
	marshalled, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(marshalled)
	for _, bad := range []string{"hunter2", "sb_secret", "hidden", fmt.Sprintf("%x", "hunter2")} {
		if strings.Contains(strings.ToLower(out.String()), strings.ToLower(bad)) {
			t.Errorf("%q is printed:\n%s", bad, out.String())
		}
	}
	if !strings.Contains(out.String(), "[redacted]") {
		t.Error("nothing says that something was left out")
	}
	if got := fmt.Sprint(config.Secret("")); got != "" {
		t.Errorf("an empty secret prints as %q, want nothing", got)
	}
}
