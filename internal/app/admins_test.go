package app

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"coffer/api"
	"coffer/internal/config"
)

// createOwner runs `coffer admin create` with a standard input, and returns what it
// says and whether it succeeded.
func createOwner(t *testing.T, path, name, input string) (string, bool) {
	t.Helper()
	c := exec.Command(os.Args[0], "admin", "create", name)
	c.Dir = t.TempDir() // no .env file there
	c.Env = []string{asProgram + "=1", "STORE=sqlite", "SQLITE_PATH=" + path, "HOME=" + os.Getenv("HOME"), "PATH=" + os.Getenv("PATH")}
	c.Stdin = strings.NewReader(input)
	out, err := c.CombinedOutput()
	return string(out), err == nil
}

// login asks a server for a session, and returns the status and who it is of.
func (p *process) login(username, password string) (int, string) {
	p.t.Helper()
	body, err := json.Marshal(map[string]string{"username": username, "password": password})
	if err != nil {
		p.t.Fatal(err)
	}
	res, err := p.client.Post(p.url+"/api/auth/login", "application/json", strings.NewReader(string(body)))
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	var got struct{ Account struct{ Role string } }
	text, err := io.ReadAll(res.Body)
	if err != nil || json.Unmarshal(text, &got) != nil {
		p.t.Fatalf("%d %s, %v", res.StatusCode, text, err)
	}
	return res.StatusCode, got.Account.Role
}

// TestAnOwnerFromTheTerminal makes the first owner before the first start, and another
// beside the running server.
func TestAnOwnerFromTheTerminal(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "coffer.db")
	for _, tt := range []struct {
		name, input string
		ok          bool
		says        string
	}{
		{"Ada", "too short\n", false, "12 to 200 characters"},
		{"Ada", "", false, "12 to 200 characters"},
		{"a b", "a long password\n", false, "2 to 32 characters"},
		{"Ada", "a long password\nand more", true, "ada is an owner"},
		{"ada", "another password", false, "called ada already"},
	} {
		says, ok := createOwner(t, path, tt.name, tt.input)
		if ok != tt.ok || !strings.Contains(says, tt.says) || strings.Count(says, "\n") != 1 {
			t.Errorf("%s with %q: %v %q, want %v and %q", tt.name, tt.input, ok, says, tt.ok, tt.says)
		}
		if secret := strings.TrimSpace(tt.input); secret != "" && strings.Contains(says, secret) {
			t.Errorf("the password is shown: %q", says)
		}
	}

	p := startServeOn(t, key, "STORE=sqlite", "SQLITE_PATH="+path, "ADMIN_USERNAME=root", "ADMIN_PASSWORD=the first owner's")
	if status, role := p.login("ada", "a long password"); status != 200 || role != "owner" {
		t.Errorf("ada: %d %q", status, role)
	}
	if status, _ := p.login("root", "the first owner's"); status != 401 {
		t.Errorf("the environment made an owner although there was one: %d", status)
	}
	if says, ok := createOwner(t, path, "bob", "bob's own password\n"); !ok {
		t.Errorf("beside the server: %s", says)
	}
	if status, role := p.login("bob", "bob's own password"); status != 200 || role != "owner" {
		t.Errorf("bob: %d %q", status, role)
	}
	if err := p.stop(); err != nil {
		t.Errorf("stop: %v: %s", err, p.stderr)
	}
}

// TestTheEnvironmentsFirstOwner is made once, and is not given back a password that he
// has changed.
func TestTheEnvironmentsFirstOwner(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "coffer.db")
	for _, password := range []string{"the first password", "a second password"} {
		p := startServeOn(t, key, "STORE=sqlite", "SQLITE_PATH="+path, "ADMIN_USERNAME=Root", "ADMIN_PASSWORD="+password)
		if status, role := p.login("root", "the first password"); status != 200 || role != "owner" {
			t.Errorf("with %q in the environment: %d %q", password, status, role)
		}
		res, err := p.client.Get(p.url + "/api/auth/methods")
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK || !strings.Contains(string(text), `"demo":null`) || res.Header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("methods: %d %s %v", res.StatusCode, text, res.Header)
		}
		if err := p.stop(); err != nil {
			t.Errorf("stop: %v: %s", err, p.stderr)
		}
	}
}

// TestDashboardsMayUseTheCookieHoweverTheirAddressIsWritten: browsers name an origin in
// one form only.
func TestDashboardsMayUseTheCookieHoweverTheirAddressIsWritten(t *testing.T) {
	got := cookies(config.Config{PublicURL: "https://API.example.com:443", DashboardURL: "HTTPS://Coffer.example.com/admin"}).Origins
	if want := []api.Origin{"https://api.example.com", "https://coffer.example.com"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
