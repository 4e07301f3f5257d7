package api_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/julienschmidt/httprouter"

	"coffer/api"
	"coffer/internal/requestlog"
)

// proxies are the networks that the tests trust.
var proxies = []netip.Prefix{netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("fd00::/8")}

// teller answers with the client's address.
func teller(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, api.ClientAddress(r))
}

func TestTheClientsAddressIsTheProxysWordOnlyIfItIsTrusted(t *testing.T) {
	tests := map[string]struct {
		peer   string
		header http.Header
		want   string
	}{
		"nobody between":           {"203.0.113.9:4711", nil, "203.0.113.9"},
		"a stranger's word":        {"203.0.113.9:4711", http.Header{"X-Forwarded-For": {"1.2.3.4"}, "X-Real-Ip": {"1.2.3.4"}}, "203.0.113.9"},
		"a proxy":                  {"100.64.0.3:80", http.Header{"X-Real-Ip": {"198.51.100.7"}}, "198.51.100.7"},
		"a proxy that appends":     {"100.64.0.3:80", http.Header{"X-Forwarded-For": {"198.51.100.7"}}, "198.51.100.7"},
		"what the client made up":  {"100.64.0.3:80", http.Header{"X-Forwarded-For": {"6.6.6.6, 198.51.100.7"}}, "198.51.100.7"},
		"in headers of its own":    {"100.64.0.3:80", http.Header{"X-Forwarded-For": {"6.6.6.6", "198.51.100.7"}}, "198.51.100.7"},
		"two proxies":              {"100.64.0.3:80", http.Header{"X-Forwarded-For": {"6.6.6.6, 198.51.100.7, 100.64.0.9"}}, "198.51.100.7"},
		"rubbish behind the proxy": {"100.64.0.3:80", http.Header{"X-Forwarded-For": {"198.51.100.7, rubbish"}}, "100.64.0.3"},
		"a proxy that says none":   {"100.64.0.3:80", nil, "100.64.0.3"},
		"a proxy of version 6":     {"[fd00::1]:80", http.Header{"X-Real-Ip": {"2001:db8::1"}}, "2001:db8::1"},
		"version 4 within 6":       {"[::ffff:100.64.0.3]:80", http.Header{"X-Real-Ip": {"::ffff:198.51.100.7"}}, "198.51.100.7"},
	}
	h := api.Protect(api.Protection{Proxies: proxies}, http.HandlerFunc(teller))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/x", nil)
			r.RemoteAddr = tt.peer
			for name, values := range tt.header {
				r.Header[name] = values
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if got := w.Body.String(); got != tt.want {
				t.Errorf("address %q, want %q", got, tt.want)
			}
		})
	}
}

// TestTheAddressOfWhoComesByTheDashboardsProxy: by then Netlify's address is the
// client's for the proxy that is trusted.
func TestTheAddressOfWhoComesByTheDashboardsProxy(t *testing.T) {
	const secret = "a secret of thirty-two bytes...."
	tests := map[string]struct {
		secret        string // of the server
		client, proof []string
		want          string
	}{
		"the proxy":              {secret, []string{"198.51.100.7"}, []string{secret}, "198.51.100.7"},
		"version 6":              {secret, []string{"2001:db8::7"}, []string{secret}, "2001:db8::7"},
		"version 4 within 6":     {secret, []string{"::ffff:198.51.100.7"}, []string{secret}, "198.51.100.7"},
		"a zone":                 {secret, []string{"fe80::1%eth0"}, []string{secret}, "fe80::1"},
		"another secret":         {secret, []string{"198.51.100.7"}, []string{secret[1:] + "x"}, "203.0.113.50"},
		"a part of the secret":   {secret, []string{"198.51.100.7"}, []string{secret[:31]}, "203.0.113.50"},
		"no proof":               {secret, []string{"198.51.100.7"}, nil, "203.0.113.50"},
		"an empty proof":         {secret, []string{"198.51.100.7"}, []string{""}, "203.0.113.50"},
		"two proofs":             {secret, []string{"198.51.100.7"}, []string{"x", secret}, "203.0.113.50"},
		"no secret here":         {"", []string{"198.51.100.7"}, []string{secret}, "203.0.113.50"},
		"no secret anywhere":     {"", []string{"198.51.100.7"}, []string{""}, "203.0.113.50"},
		"neither":                {"", []string{"198.51.100.7"}, nil, "203.0.113.50"},
		"no address":             {secret, nil, []string{secret}, "203.0.113.50"},
		"an empty address":       {secret, []string{""}, []string{secret}, "203.0.113.50"},
		"what is no address":     {secret, []string{"198.51.100.7, 1.2.3.4"}, []string{secret}, "203.0.113.50"},
		"an address with a port": {secret, []string{"198.51.100.7:80"}, []string{secret}, "203.0.113.50"},
		"two addresses":          {secret, []string{"1.2.3.4", "198.51.100.7"}, []string{secret}, "203.0.113.50"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var left http.Header
			h := api.Protect(api.Protection{Proxies: proxies, ProxySecret: tt.secret}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				left = r.Header
				teller(w, r)
			}))
			r := httptest.NewRequest("GET", "/api/x", nil)
			r.RemoteAddr = "100.64.0.3:80"
			r.Header = http.Header{"X-Forwarded-Proto": {"https"}, "X-Real-Ip": {"203.0.113.50"}}
			for name, values := range map[string][]string{"X-Coffer-Client": tt.client, "X-Coffer-Proxy": tt.proof} {
				for _, v := range values {
					r.Header.Add(name, v)
				}
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if got := w.Body.String(); got != tt.want || w.Header().Get("Strict-Transport-Security") == "" {
				t.Errorf("address %q, want %q; headers %v", got, tt.want, w.Header())
			}
			if left.Get("X-Coffer-Client") != "" || left.Get("X-Coffer-Proxy") != "" {
				t.Errorf("the handler gets %v", left)
			}
		})
	}
}

// TestHealthTellsAProxyWhetherItsWordIsTaken, and nobody else anything.
func TestHealthTellsAProxyWhetherItsWordIsTaken(t *testing.T) {
	const secret = "a secret of thirty-two bytes...."
	tests := map[string]struct {
		secret, path string
		header       http.Header
		want         []string
	}{
		"the secret":      {secret, "/api/health", http.Header{"X-Coffer-Client": {"198.51.100.7"}, "X-Coffer-Proxy": {secret}}, []string{"accepted"}},
		"another":         {secret, "/api/health", http.Header{"X-Coffer-Client": {"198.51.100.7"}, "X-Coffer-Proxy": {secret + "x"}}, []string{"refused"}},
		"without address": {secret, "/api/health", http.Header{"X-Coffer-Proxy": {secret}}, []string{"refused"}},
		"no secret here":  {"", "/api/health", http.Header{"X-Coffer-Client": {"198.51.100.7"}, "X-Coffer-Proxy": {""}}, []string{"refused"}},
		"no proxy":        {secret, "/api/health", nil, nil},
		"elsewhere":       {secret, "/api/x", http.Header{"X-Coffer-Client": {"198.51.100.7"}, "X-Coffer-Proxy": {secret}}, nil},
	}
	for name, tt := range tests {
		r := httptest.NewRequest("GET", tt.path, nil)
		r.Header = tt.header
		w := httptest.NewRecorder()
		api.Protect(api.Protection{ProxySecret: tt.secret}, http.HandlerFunc(teller)).ServeHTTP(w, r)
		if got := w.Header()["X-Coffer-Proxy"]; !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestForwardedHTTPIsSentToHTTPS(t *testing.T) {
	tests := map[string]struct {
		peer, forwarded, path string
		tls                   bool
		status                int
		strict                bool // told to stay with https
	}{
		"http before a proxy":        {"100.64.0.3:80", "http", "/api/x?a=b&c=%2F", false, 308, false},
		"the health check":           {"100.64.0.3:80", "http", "/api/health", false, 200, false},
		"https before a proxy":       {"100.64.0.3:80", "https", "/x", false, 200, true},
		"https before two":           {"100.64.0.3:80", "http, https", "/x", false, 200, true},
		"http by a stranger's word":  {"203.0.113.9:80", "http", "/x", false, 200, false},
		"https by a stranger's word": {"203.0.113.9:80", "https", "/x", false, 200, false},
		"http without a proxy":       {"203.0.113.9:80", "", "/x", false, 200, false},
		"https without a proxy":      {"203.0.113.9:80", "", "/x", true, 200, true},
	}
	h := api.Protect(api.Protection{Proxies: proxies}, http.HandlerFunc(teller))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", tt.path, nil)
			r.RemoteAddr, r.Host = tt.peer, "coffer.example.com"
			if tt.tls {
				r.TLS = &tls.ConnectionState{}
			}
			if tt.forwarded != "" {
				r.Header.Set("X-Forwarded-Proto", tt.forwarded)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			if want := "https://coffer.example.com" + tt.path; tt.status == 308 && w.Header().Get("Location") != want {
				t.Errorf("sent to %q, want %q", w.Header().Get("Location"), want)
			}
			if strict := w.Header().Get("Strict-Transport-Security") != ""; strict != tt.strict {
				t.Errorf("told to stay with https: %v, want %v", strict, tt.strict)
			}
		})
	}
}

// TestEveryAnswerIsProtected: whatever the status and the handler, an answer has
// the headers that keep browsers from harm.
func TestEveryAnswerIsProtected(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/api/health", "/api/none", "/api/docs", "/api/openapi.json", "/api/health?x=1", "/elsewhere"} {
		got := w.get("", path)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "X-Xss-Protection": "0",
			"Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if have := got.header.Values(name); len(have) != 1 || have[0] != want {
				t.Errorf("%s (%d): %s = %q, want %q", path, got.status, name, have, want)
			}
		}
		csp := got.header.Values("Content-Security-Policy")
		if len(csp) != 1 || !strings.Contains(csp[0], "default-src 'none'") || !strings.Contains(csp[0], "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if got.header.Get("Permissions-Policy") == "" {
			t.Errorf("%s: no permissions policy", path)
		}
	}
}

func TestPagesOfKnownOriginsMayCall(t *testing.T) {
	origins := []api.Origin{"https://admin.example.com", "http://localhost:5173", "https://deploy-preview-*--coffer.netlify.app"}
	tests := map[string]bool{
		"https://admin.example.com":                              true,
		"http://localhost:5173":                                  true,
		"https://deploy-preview-12--coffer.netlify.app":          true,
		"https://deploy-preview-a-b--coffer.netlify.app":         true,
		"http://admin.example.com":                               false,
		"https://admin.example.com.evil.com":                     false,
		"https://evil-admin.example.com":                         false,
		"https://localhost:5173":                                 false,
		"https://deploy-preview-12--coffer.netlify.app.evil.com": false,
		"https://deploy-preview---coffer.netlify.app":            false,
		"https://deploy-preview-1--evil--coffer.netlify.app":     false,
		"https://deploy-preview-evil.com/--coffer.netlify.app":   false,
		"https://deploy-preview-evil.com--coffer.netlify.app":    false,
		"https://evil.com?deploy-preview-12--coffer.netlify.app": false,
		"https://deploy-preview-12--coffer.netlify.app:8443":     false,
		"https://xdeploy-preview-12--coffer.netlify.app":         false,
		"null": false,
		"*":    false,
	}
	h := api.Protect(api.Protection{Origins: origins}, http.HandlerFunc(teller))
	for origin, may := range tests {
		for _, method := range []string{"GET", "OPTIONS"} {
			r := httptest.NewRequest(method, "/api/guilds", nil)
			r.Header.Set("Origin", origin)
			if method == "OPTIONS" {
				r.Header.Set("Access-Control-Request-Method", "PUT")
				r.Header.Set("Access-Control-Request-Headers", "authorization,if-match")
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			got := w.Header().Get("Access-Control-Allow-Origin")
			if want := map[bool]string{true: origin}[may]; got != want {
				t.Errorf("%s from %q: allowed %q, want %q", method, origin, got, want)
			}
			if method == "OPTIONS" && may && (w.Header().Get("Access-Control-Allow-Methods") != "PUT" ||
				!strings.Contains(w.Header().Get("Access-Control-Allow-Headers"), "if-match")) {
				t.Errorf("%s: the preflight is answered with %v", origin, w.Header())
			}
			if w.Header().Get("X-Frame-Options") != "DENY" {
				t.Errorf("%s from %q: not protected", method, origin)
			}
		}
	}
}

// TestAStreamPassesTheWholeChain: what a handler flushes arrives while it still
// runs, and it can set its own deadlines.
func TestAStreamPassesTheWholeChain(t *testing.T) {
	more := make(chan struct{})
	router := httprouter.New()
	stream := func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", "text/event-stream")
		control := http.NewResponseController(w)
		for _, word := range []string{"one\n", "two\n"} {
			_, _ = io.WriteString(w, word)
			if err := control.Flush(); err != nil {
				t.Errorf("flush: %v", err)
			}
			if _, ok := w.(http.Flusher); !ok {
				t.Error("the writer is no Flusher")
			}
			if err := control.SetWriteDeadline(theMorning.AddDate(100, 0, 0)); err != nil {
				t.Errorf("set a deadline: %v", err)
			}
			<-more
		}
		return nil
	}
	if err := plain().RegisterRoutes(router, []api.Route{{Operation: "x", Method: "GET", Path: "/api/x", Access: api.Public, Handler: stream}}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(requestlog.New(slog.New(slog.DiscardHandler),
		api.Protect(api.Protection{Proxies: proxies, Origins: []api.Origin{"https://admin.example.com"}}, router)))
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/api/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "https://admin.example.com")
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	in := bufio.NewReader(response.Body)
	for _, want := range []string{"one\n", "two\n"} {
		if got, err := in.ReadString('\n'); got != want || err != nil {
			t.Fatalf("got %q, %v, want %q while the handler runs", got, err, want)
		}
		more <- struct{}{}
	}
}
