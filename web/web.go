// Package web holds the build of the pages, the dashboard and the playground,
// and serves it.
package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
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
// frames, and of other origins only pictures: avatars, proofs and those of items.
const policy = "default-src 'self'; img-src 'self' https: data:; object-src 'none'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// configuration tells the dashboard where the API is: on its own origin. On Netlify
// the build writes a file of the same name.
const configuration = `{"api_base_url":""}` + "\n"

// Handler serves the dashboard: files by their path, and the page for every
// other address, because the dashboard routes by itself. It is meant as the
// router's NotFound outside of /api.
func Handler() http.Handler { return handler(files()) }

// Playground serves the page that acts as a Discord client of the simulator.
// Its scripts and styles are files of Handler.
func Playground() http.Handler {
	pages := files()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
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

// secure sets the headers that every page and file has, here and in netlify.toml.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Xss-Protection", "0") // the filter of old browsers did harm
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
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
	var packed packer
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		secure(h)
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
		case name == "config.json":
			h.Set("Cache-Control", "no-cache")
			http.ServeContent(w, r, name, time.Time{}, strings.NewReader(configuration))
		case err != nil || extension == ".html" || strings.HasPrefix(path.Base(name), "."):
			// A page in place of a file would be taken for the file, and other
			// pages have addresses of their own.
			http.Error(w, "There is no such file.", http.StatusNotFound)
		default:
			h.Set("Cache-Control", "no-cache")
			if strings.HasPrefix(name, "assets/") {
				h.Set("Cache-Control", "public, max-age=31536000, immutable") // their names have a hash
			}
			if extension == ".js" || extension == ".css" {
				h.Set("Vary", "Accept-Encoding")
				if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Header.Get("Range") == "" {
					h.Set("Content-Encoding", "gzip")
					body = packed.pack(name, body)
				}
			}
			http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
		}
	})
}

// packer compresses each file once.
type packer struct{ done sync.Map }

func (p *packer) pack(name string, body []byte) []byte {
	if known, ok := p.done.Load(name); ok {
		if packed, ok := known.([]byte); ok {
			return packed
		}
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(body) // a buffer takes all
	_ = w.Close()
	p.done.Store(name, out.Bytes())
	return out.Bytes()
}
