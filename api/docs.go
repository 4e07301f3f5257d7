package api

import (
	"bytes"
	"net/http"

	"coffer/api/openapi"
)

// docs serves the API's description.
type docs struct {
	json, html []byte
	policy     string
}

func newDocs(d *openapi.Document) docs {
	page, style := d.Page()
	return docs{json: d.JSON(), html: page,
		policy: "default-src 'none'; style-src '" + style + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
}

// document sends it for programs.
func (d docs) document(w http.ResponseWriter, _ *http.Request) error {
	return d.send(w, "application/json", d.json)
}

// page sends it for people.
func (d docs) page(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Security-Policy", d.policy)
	return d.send(w, "text/html; charset=utf-8", d.html)
}

func (docs) send(w http.ResponseWriter, kind string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = bytes.NewReader(body).WriteTo(w) // a client that has gone is no error
	return nil
}
