package app

import (
	"crypto/tls"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"coffer/api"
	"coffer/web"
)

// TestNetlifySendsTheSameHeaders compares what netlify.toml adds to the pages with what
// the server sends with them over https.
func TestNetlifySendsTheSameHeaders(t *testing.T) {
	text, err := os.ReadFile("../../netlify.toml")
	if err != nil {
		t.Fatal(err)
	}
	section := func(path string) string {
		_, said, _ := strings.Cut(string(text), `for = "`+path+`"`)
		said, _, _ = strings.Cut(said, "[[")
		return said
	}
	r := httptest.NewRequest("GET", "/guilds/42", nil)
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	api.Protect(api.Protection{}, web.Handler()).ServeHTTP(w, r)
	for _, ofTheFile := range []string{"Content-Type", "Content-Length", "Accept-Ranges"} {
		w.Header().Del(ofTheFile)
	}
	said := section("/*")
	for header := range w.Header() {
		if want := header + ` = "` + w.Header().Get(header) + `"`; !strings.Contains(said, want) {
			t.Errorf("netlify.toml: want %s", want)
		}
	}
	if n := strings.Count(said, ` = "`); n != len(w.Header()) {
		t.Errorf("netlify.toml has %d headers, the server sends %d: %v", n, len(w.Header()), w.Header())
	}
	const immutable = `Cache-Control = "public, max-age=31536000, immutable"` // web's TestPaths
	if said := section("/assets/*"); !strings.Contains(said, immutable) || strings.Count(said, ` = "`) != 1 {
		t.Errorf("netlify.toml, assets: got %s, want only %s", said, immutable)
	}
}
