package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coffer/internal/economy"
)

// stand is a store and a Discord at which all is well, unless a field says otherwise.
type stand struct {
	condition Condition
	audit     func(ctx context.Context) (economy.Audit, error)
	app       Application
	guilds    map[string]Membership
	err       error // of Discord

	membership func(ctx context.Context) error
}

func (s *stand) Audit(ctx context.Context) (economy.Audit, error) {
	if s.audit != nil {
		return s.audit(ctx)
	}
	return economy.Audit{}, nil
}
func (s *stand) Condition(context.Context) (Condition, error)     { return s.condition, nil }
func (s *stand) Close() error                                     { return nil }
func (s *stand) Application(context.Context) (Application, error) { return s.app, s.err }
func (s *stand) CommandsCurrent(context.Context) (bool, error)    { return true, s.err }
func (s *stand) Membership(ctx context.Context, guild, _ string) (Membership, error) {
	if s.membership != nil {
		return Membership{}, s.membership(ctx)
	}
	return s.guilds[guild], s.err
}

func (s *stand) config() Config {
	return Config{
		Open:    func(context.Context) (Store, bool, error) { return s, false, nil },
		Discord: s, DiscordAPI: "http://127.0.0.1:9", PublicURL: "https://127.0.0.1:9",
	}
}

func (r Report) finding(t *testing.T, id string) Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.ID == id {
			return f
		}
	}
	t.Fatalf("there is no check %q", id)
	return Finding{}
}

func TestTheTableIsSound(t *testing.T) {
	known := map[string]bool{}
	for _, k := range checks {
		if known[k.id] || k.title == "" || k.run == nil || len(k.title) >= titleWidth {
			t.Errorf("check %q: want an id of its own, a title that fits, and something to run", k.id)
		}
		for _, need := range k.needs {
			if !known[need] { // so none waits for itself
				t.Errorf("%s needs %q, which is not above it", k.id, need)
			}
		}
		if k.time >= totalTime {
			t.Errorf("%s may take longer than all", k.id)
		}
		known[k.id] = true
	}
}

// TestASecretIsNeverTold has everybody answer with a secret, and with what a terminal
// would obey.
func TestASecretIsNeverTold(t *testing.T) {
	const token, key = "MTE4.hunter2/hunter2+hunter2", "sb_secret_hunter3hunter3"
	evil := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://elsewhere.example/?token="+token+"&key=MTE4.hunter2%2Fhunter2%2Bhunter2")
		w.WriteHeader(http.StatusFound)
	}))
	defer evil.Close()
	s := &stand{app: Application{ID: "1", Name: "\x1b[31m" + token + "\r\n\x07" + strings.Repeat("long ", 500)}}
	c := s.config()
	c.Secrets = []Secret{{Variable: "DISCORD_TOKEN", Value: token}, {Variable: "SUPABASE_KEY", Value: key}}
	c.Problems = []Problem{{Variable: "PORT", Wrong: "is " + key}}
	c.PublicURL, c.DashboardURL, c.Transport = evil.URL, evil.URL, evil.Client().Transport
	c.Open = func(context.Context) (Store, bool, error) { return nil, false, fmt.Errorf("cannot open %s", key) }
	report := Run(t.Context(), c)
	var out strings.Builder
	if err := errors.Join(report.WriteText(&out), report.WriteJSON(&out)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"hunter", "\x1b", "\x07", "\r"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("%q is told:\n%s", bad, out.String())
		}
	}
	for _, id := range []string{"environment", "store.reachable", "discord.token", "public.https", "dashboard.page"} {
		if f := report.finding(t, id); !strings.Contains(f.Detail+strings.Join(f.Advice, ""), "[redacted]") || len(f.Detail) > longest+10 {
			t.Errorf("%+v: want the secret struck out, and no more than %d bytes", f, longest)
		}
	}
}

// TestNothingWaitsForEver has nobody answer anything.
func TestNothingWaitsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		s := &stand{audit: func(ctx context.Context) (economy.Audit, error) { return economy.Audit{}, silent(ctx) }}
		c := s.config()
		c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) { return nil, silent(r.Context()) })
		start := time.Now()
		report := Run(t.Context(), c)
		if took := time.Since(start); took > totalTime {
			t.Errorf("it took %s", took)
		}
		if f := report.finding(t, "books"); f.Status != Warn || !strings.Contains(f.Advice[0], "coffer audit") {
			t.Errorf("books that are too large: %+v", f)
		}
		if f := report.finding(t, "public.https"); f.Status != Fail {
			t.Errorf("a server that is silent: %+v", f)
		}
		if f := report.finding(t, "public.headers"); f.Status != Skip || !strings.Contains(f.Detail, `because of what is wrong under "Server"`) {
			t.Errorf("what needs it: %+v", f)
		}

		s.audit, s.membership = nil, silent
		s.condition.Roles = []GrantedRole{{Guild: "1", Role: "7"}}
		if f := Run(t.Context(), c).finding(t, "discord.roles"); f.Status != Warn || !strings.Contains(f.Detail, "0 servers that were looked at, of 1") {
			t.Errorf("a Discord that is silent: %+v", f)
		}
		c.Open = func(ctx context.Context) (Store, bool, error) { return nil, false, silent(ctx) }
		if f := Run(t.Context(), c).finding(t, "store.reachable"); f.Status != Fail {
			t.Errorf("a store that is silent: %+v", f)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestAnAnswerIsReadOnlySoFar has a server that never stops talking.
func TestAnAnswerIsReadOnlySoFar(t *testing.T) {
	endless := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("<title>Coffer</title>", 1000)); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	c := (&stand{}).config()
	c.PublicURL, c.Transport = endless.URL, endless.Client().Transport
	report := Run(t.Context(), c)
	for _, id := range []string{"public.https", "dashboard.page"} {
		if f := report.finding(t, id); f.Status != Fail {
			t.Errorf("%+v", f)
		}
	}
}

func TestOfManyServersTheFirstAreLookedAt(t *testing.T) {
	s := &stand{guilds: map[string]Membership{}}
	for n := range mostGuilds + 20 {
		guild := fmt.Sprintf("%03d", n)
		s.condition.Roles = append(s.condition.Roles, GrantedRole{Guild: economy.GuildID(guild), Role: "7"})
		s.guilds[guild] = Membership{Mine: []string{"9"}, Roles: []Role{{ID: guild}, {ID: "7", Position: 1}, {ID: "9", Position: 2, Permissions: manageRoles}}}
	}
	if f := Run(t.Context(), s.config()).finding(t, "discord.roles"); f.Status != Warn || !strings.Contains(f.Detail, "100 servers that were looked at, of 120") {
		t.Errorf("%+v", f)
	}
	for n := range 5 { // everybody's role may do, too; an administrator may all
		m := s.guilds[fmt.Sprintf("%03d", n)]
		m.Roles = slices.Clone(m.Roles)
		m.Roles[0].Permissions, m.Roles[2].Permissions = administrator, 0
		s.guilds[fmt.Sprintf("%03d", n)] = m
	}
	if f := Run(t.Context(), s.config()).finding(t, "discord.roles"); f.Status != Warn {
		t.Errorf("%+v", f)
	}
	for n := 10; n < 15; n++ {
		delete(s.guilds, fmt.Sprintf("%03d", n))
	}
	if f := Run(t.Context(), s.config()).finding(t, "discord.roles"); f.Status != Fail || !strings.Contains(f.Detail, "server 010: the bot lacks Manage Roles; server 010: the role 7 is gone; ") || !strings.Contains(f.Detail, "; and 7 more") {
		t.Errorf("%+v", f)
	}
}

func TestWeakSecrets(t *testing.T) {
	for _, s := range []string{
		"changeme-changeme-changeme-changeme", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "MyPassword2026!", "demo-demo-demo",
		"0123456789abcdef0123456789abcdef", "k9x2-k9x2-k9x2-k9x2-", "coffer-production", "your-secret-goes-here-and-is-long",
	} {
		if weak(s) == "" {
			t.Errorf("%q is not found weak", s)
		}
	}
	for _, s := range []string{
		"4f6c1e0b9a7d3852c6e1f0a9b8d7436251e0f9c8ba", "u8Jd0/2kQx+R5vYw7ZpL3nTfGh1sAcEm", "correct horse battery staple", "Zq7!mB2@xK9#",
	} {
		if why := weak(s); why != "" {
			t.Errorf("%q %s", s, why)
		}
	}
}

// TestTheDashboardIsKnownByItsPage: what page tells apart is in the page itself.
func TestTheDashboardIsKnownByItsPage(t *testing.T) {
	for name, built := range map[string]bool{"../../web/index.html": true, "../../web/placeholder/index.html": false} {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), "<title>Coffer</title>") || strings.Contains(string(page), `<div id="app">`) != built {
			t.Errorf("%s is not what the doctor takes it for", name)
		}
	}
}

func TestLinesAreFilledAndNotOverfilled(t *testing.T) {
	var out strings.Builder
	err := Report{Findings: []Finding{
		{Title: "Short", Status: Pass, Detail: "one"},
		{Title: "Long", Status: Fail, Detail: strings.Repeat("word ", 30) + strings.Repeat("x", 90) + " end", Advice: []string{strings.Repeat("ünïcode ", 20)}},
	}}.WriteText(&out)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if lines[0] != "pass  Short                 one" {
		t.Errorf("line %q", lines[0])
	}
	for _, line := range lines {
		if n := len([]rune(line)); n > lineWidth && !strings.Contains(line, strings.Repeat("x", 90)) {
			t.Errorf("%d columns: %q", n, line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("blanks at the end of %q", line)
		}
	}
	if !strings.Contains(out.String(), "1 passed, 0 warned, 1 failed, 0 skipped: NOT ready") {
		t.Errorf("summary in:\n%s", &out)
	}
}

// TestADiskWithoutRoomIsTold looks at a place where nobody can make a file.
func TestADiskWithoutRoomIsTold(t *testing.T) {
	there := t.TempDir()
	file := filepath.Join(there, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e := new(examiner)
	e.File = filepath.Join(file, "coffer.db") // a file is no directory
	t.Setenv("TMPDIR", filepath.Join(there, "elsewhere"))
	if f := e.disk(t.Context()); f.Status != Fail || !strings.Contains(f.Detail, "no new file beside "+e.File) {
		t.Errorf("got %+v", f)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := hasRoom(there); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(there); err != nil || len(left) != 0 {
		t.Errorf("%v is left: %v", left, err)
	}
}
