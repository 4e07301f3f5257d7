// Package web holds the dashboard's build and serves it.
package web

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed all:dist
var dist embed.FS

// policy allows what the build needs and no more: no inline script, no frames,
// no other origins.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Handler serves the build: files by their path, and the page for every other
// address, because the dashboard routes by itself. It is meant as the router's
// NotFound outside of /api.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path
	}
	return handler(files)
}

func handler(files fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "This address only knows GET.", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		body, err := fs.ReadFile(files, name)
		switch {
		case err == nil && strings.HasPrefix(name, "assets/"):
			h.Set("Cache-Control", "public, max-age=31536000, immutable") // their names have a hash
		case err == nil && name != "index.html":
			h.Set("Cache-Control", "public, max-age=3600")
		case path.Ext(name) != "" && name != "index.html":
			http.Error(w, "There is no such file.", http.StatusNotFound) // a page in its place would be taken for the file
			return
		default:
			name = "index.html"
			h.Set("Cache-Control", "no-cache")
			if body, err = fs.ReadFile(files, name); err != nil {
				http.Error(w, "The dashboard is not built.", http.StatusNotFound)
				return
			}
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
	})
}
