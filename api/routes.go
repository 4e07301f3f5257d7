package api

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/julienschmidt/httprouter"
)

// Access says who may call a route. Its zero value is none, so that a route
// that forgets to say cannot be registered.
type Access int

// Public is open to everyone.
const Public Access = 1

// Handler answers a request, or returns an error that becomes a problem
// document.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one row of the table.
type Route struct {
	Operation string // its operationId in the OpenAPI document
	Method    string
	Path      string
	Access    Access
	Handler   Handler
}

// Routes returns the one table of routes.
func (a *API) Routes() []Route {
	return []Route{
		{"getHealth", http.MethodGet, "/api/health", Public, a.health},
	}
}

// Register puts the table on the router.
func (a *API) Register(router *httprouter.Router) error {
	return Register(router, a.Routes())
}

// Register puts routes on the router, GET routes for HEAD as well. If any row
// is not fit, for one because it declares no access, it registers nothing and
// returns an error that names every such row.
func Register(router *httprouter.Router, routes []Route) error {
	var errs []error
	seen := map[string]bool{}
	for _, r := range routes {
		if err := r.check(seen); err != nil {
			errs = append(errs, fmt.Errorf("route %s %s (%s): %w", r.Method, r.Path, r.Operation, err))
		}
		seen[r.Operation], seen[r.Method+" "+r.Path] = true, true
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	for _, r := range routes {
		h := serve(r.Handler)
		router.Handler(r.Method, r.Path, h)
		if r.Method == http.MethodGet {
			router.Handler(http.MethodHead, r.Path, h)
		}
	}
	return nil
}

func (r Route) check(seen map[string]bool) error {
	switch {
	case r.Access != Public:
		return errors.New("declares no access")
	case r.Operation == "" || r.Method == "" || r.Handler == nil:
		return errors.New("needs an operation, a method and a handler")
	case !Under(r.Path):
		return errors.New("is not under /api")
	case seen[r.Operation] || seen[r.Method+" "+r.Path]:
		return errors.New("is there twice")
	}
	return nil
}

// serve is the one place where a handler's error becomes a response.
func serve(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			Problem(w, r, err)
		}
	})
}
