package web

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// pages are all that a browser may be sent: the built ones, if they are built,
// and the placeholders.
func TestPagesKeepTheirPolicy(t *testing.T) {
	instead, err := fs.Sub(placeholder, "placeholder")
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]http.Handler{
		"the page": Handler(), "the playground": Playground(), "the placeholder": handler(instead),
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: got %d %v", name, w.Code, w.Header())
		}
		csp := w.Header().Get("Content-Security-Policy")
		if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: policy = %q", name, csp)
		}
		// Inline scripts, handlers and styles would be refused by that policy.
		for _, bad := range []string{"<script>", " onclick=", "javascript:", "<style", " style="} {
			if strings.Contains(w.Body.String(), bad) {
				t.Errorf("%s has %q", name, bad)
			}
		}
	}
	for _, part := range []string{"default-src 'self';", "img-src 'self' https: data:;", "object-src 'none';"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy %q has no %s", policy, part)
		}
	}
}

func TestPlaceholdersSayHowToBuild(t *testing.T) {
	for name, want := range map[string]string{"index.html": "make demo", "playground.html": "make demo"} {
		text, err := placeholder.ReadFile("placeholder/" + name)
		if err != nil || !strings.Contains(string(text), want) || !strings.Contains(string(text), "go run . say") {
			t.Errorf("%s: %v, want in it %q", name, err, want)
		}
	}
}

func TestBuiltFilesHideThePlaceholders(t *testing.T) {
	l := layered{fstest.MapFS{"index.html": {Data: []byte("built")}}, fstest.MapFS{"index.html": {Data: []byte("not")}, "a.css": {Data: []byte("a")}}}
	for name, want := range map[string]string{"index.html": "built", "a.css": "a"} {
		if got, err := fs.ReadFile(l, name); err != nil || string(got) != want {
			t.Errorf("%s = %q, %v", name, got, err)
		}
	}
}

func TestPaths(t *testing.T) {
	h := handler(fstest.MapFS{
		"index.html":         {Data: []byte("<!doctype html>page")},
		"playground.html":    {Data: []byte("<!doctype html>playground")},
		".gitkeep":           {Data: []byte("hidden")},
		"favicon.svg":        {Data: []byte("<svg/>")},
		"assets/app-a1b2.js": {Data: []byte("app()")},
		"config.json":        {Data: []byte(`{"api_base_url":"https://elsewhere.example"}`)}, // of a build for Netlify
	})
	tests := []struct {
		method, path string
		status       int
		body, cache  string
	}{
		{"GET", "/", 200, "page", "no-cache"},
		{"GET", "/index.html", 200, "page", "no-cache"},
		{"GET", "/guilds/42/members", 200, "page", "no-cache"},
		{"GET", "/assets", 200, "page", "no-cache"},
		{"GET", "/assets/app-a1b2.js", 200, "app()", "public, max-age=31536000, immutable"},
		{"GET", "/config.json", 200, `{"api_base_url":""}`, "no-cache"},
		{"GET", "/favicon.svg", 200, "<svg/>", "no-cache"},
		{"GET", "/playground", 200, "page", "no-cache"},
		{"GET", "/playground.html", 404, "no such file", ""},
		{"GET", "/.gitkeep", 404, "no such file", ""},
		{"GET", "/assets/gone.js", 404, "no such file", ""},
		{"GET", "/../../etc/passwd", 200, "page", "no-cache"},
		{"GET", "/..%2f..%2fweb.go", 404, "no such file", ""},
		{"HEAD", "/", 200, "", "no-cache"},
		{"POST", "/", 405, "only knows GET", ""},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) || tt.method == "HEAD" && w.Body.Len() > 0 {
			t.Errorf("%s %s: got %d %q, want %d %q", tt.method, tt.path, w.Code, w.Body, tt.status, tt.body)
		}
		if got := w.Header().Get("Cache-Control"); got != tt.cache {
			t.Errorf("%s %s: Cache-Control = %q, want %q", tt.method, tt.path, got, tt.cache)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s %s: headers = %v", tt.method, tt.path, w.Header())
		}
	}
}

func TestScriptsAreSentCompressed(t *testing.T) {
	const script = "app() // and much more that repeats, that repeats, that repeats"
	h := handler(fstest.MapFS{"assets/app-a1b2.js": {Data: []byte(script)}})
	get := func(encoding, part string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/assets/app-a1b2.js", nil)
		r.Header.Set("Accept-Encoding", encoding)
		if part != "" {
			r.Header.Set("Range", part)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for range 2 { // made, and then known
		w := get("gzip, br", "")
		in, err := gzip.NewReader(w.Body)
		if err != nil || w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Vary") != "Accept-Encoding" || !strings.Contains(w.Header().Get("Content-Type"), "javascript") {
			t.Fatalf("%v %v", err, w.Header())
		}
		if got, err := io.ReadAll(in); err != nil || string(got) != script {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if w := get("br", ""); w.Header().Get("Content-Encoding") != "" || w.Body.String() != script {
		t.Errorf("got %v %q", w.Header(), w.Body)
	}
	if w := get("gzip", "bytes=0-4"); w.Code != 206 || w.Body.String() != script[:5] {
		t.Errorf("got %d %v %q", w.Code, w.Header(), w.Body)
	}
}

func TestWithoutABuildThePageSaysSo(t *testing.T) {
	w := httptest.NewRecorder()
	handler(fstest.MapFS{}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 404 || !strings.Contains(w.Body.String(), "not built") {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
}
