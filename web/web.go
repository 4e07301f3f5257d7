// Package web holds the build of the pages, the dashboard and the playground,
// and serves it.
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

// built is what "make web" makes of the sources beside it. In a fresh clone
// there is nothing in it but a file that keeps the folder.
//
//go:embed all:dist
var built embed.FS

// placeholder has the pages that are shown until then.
//
//go:embed placeholder
var placeholder embed.FS

// policy allows what the pages need and no more: no inline script or style, no
// frames, no other origins.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// playgroundPolicy also allows pictures from the web, which embeds name.
var playgroundPolicy = strings.Replace(policy, "img-src 'self' data:", "img-src 'self' data: https:", 1)

// Handler serves the dashboard: files by their path, and the page for every
// other address, because the dashboard routes by itself. It is meant as the
// router's NotFound outside of /api.
func Handler() http.Handler { return handler(files()) }

// Playground serves the page that acts as a Discord client of the simulator.
// Its scripts and styles are files of Handler.
func Playground() http.Handler {
	pages := files()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header(), playgroundPolicy)
		servePage(w, r, pages, "playground.html")
	})
}

// files are the built ones, and the placeholders for those that are not built.
func files() fs.FS {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path
	}
	instead, err := fs.Sub(placeholder, "placeholder")
	if err != nil {
		panic(err)
	}
	return layered{dist, instead}
}

// layered opens a file in the first file system that has it.
type layered []fs.FS

func (l layered) Open(name string) (file fs.File, err error) {
	for _, layer := range l {
		if file, err = layer.Open(name); err == nil {
			return file, nil
		}
	}
	return nil, err
}

func secure(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// servePage serves a page, which names its scripts and styles by their hashes
// and so must not be kept.
func servePage(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	w.Header().Set("Cache-Control", "no-cache")
	body, err := fs.ReadFile(files, name)
	if err != nil {
		http.Error(w, "The dashboard is not built.", http.StatusNotFound)
		return
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}

func handler(files fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		secure(h, policy)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "This address only knows GET.", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		extension := path.Ext(name)
		switch body, err := fs.ReadFile(files, name); {
		case name == "index.html" || extension == "":
			servePage(w, r, files, "index.html")
		case err != nil || extension == ".html" || strings.HasPrefix(path.Base(name), "."):
			// A page in place of a file would be taken for the file, and other
			// pages have addresses of their own.
			http.Error(w, "There is no such file.", http.StatusNotFound)
		default:
			h.Set("Cache-Control", "public, max-age=3600")
			if strings.HasPrefix(name, "assets/") {
				h.Set("Cache-Control", "public, max-age=31536000, immutable") // their names have a hash
			}
			http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
		}
	})
}
