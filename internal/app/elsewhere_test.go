package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"coffer/api"
	"coffer/internal/sqlite"
	"coffer/web"
)

// TestADashboardOnAnotherSite: a dashboard that is published on one site, with the API on
// another, signs in, is renewed by the cookie when its page is loaded anew, and is told
// of what happens.
func TestADashboardOnAnotherSite(t *testing.T) {
	thorough(t)
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "coffer.db"))
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	var backend string
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/config.json" { // as the build writes it from API_BASE_URL
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]string{"api_base_url": backend})
			return
		}
		web.Handler().ServeHTTP(allowing{w, backend}, r)
	}))
	defer pages.Close()
	address, err := url.Parse(pages.URL)
	if err != nil {
		t.Fatal(err)
	}
	site := "http://localhost:" + address.Port() // another site than the server's 127.0.0.1
	w := newTownServing(t, store, server{store: store, protection: api.Protection{Origins: []api.Origin{api.Origin(site)}},
		cookies: api.Cookies{SameSite: http.SameSiteNoneMode, Origins: []api.Origin{api.Origin(site)}}})
	backend = "http://" + w.listener.Addr().String()
	w.say("bob", "/daily")
	if err := demoOwner(t.Context(), store); err != nil {
		t.Fatal(err)
	}

	p := b.open(t, site+"/", 1360, 900, "light")
	p.until(`document.querySelector('input[name="username"]')?.value === 'demo'`)
	p.click("button", "Sign in")
	p.until(`[...document.querySelectorAll('a')].some((a) => a.pathname.startsWith('/guilds/'))`)
	again := b.open(t, site+demoGuild+"/members", 1360, 900, "light") // nothing is in its memory, but there is the cookie
	again.shows("tr", "200")
	again.live()
	w.say("bob", "/pay @dana 7")
	again.shows("tr", "193")
}

// allowing lets the pages call another origin, as netlify.toml must where the build is
// told of one.
type allowing struct {
	http.ResponseWriter
	origin string
}

func (w allowing) WriteHeader(status int) {
	h := w.Header()
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "default-src 'self';", "default-src 'self'; connect-src 'self' "+w.origin+";", 1))
	w.ResponseWriter.WriteHeader(status)
}
