package api

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/julienschmidt/httprouter"

	"coffer/internal/problem"
	"coffer/internal/requestlog"
)

// Register puts the table on the router. A route that the document does not
// describe with its method and path is an error, as is one that is described
// and not there.
func (a *API) Register(router *httprouter.Router) error {
	routes := a.Routes()
	if err := a.compare(routes); err != nil {
		return err
	}
	return a.RegisterRoutes(router, routes)
}

// compare finds routes without a description and descriptions without a route.
func (a *API) compare(routes []Route) error {
	var errs []error
	described := a.cfg.Document.Operations()
	for _, r := range routes {
		o, ok := described[r.Operation]
		switch {
		case !ok || o.Method != r.Method || o.Path != openAPIPath(r.Path):
			errs = append(errs, fmt.Errorf("%s is not described in api/openapi", r))
		case o.Access != r.Access.String():
			errs = append(errs, fmt.Errorf("%s is for %s, and described as for %s", r, r.Access, o.Access))
		}
		delete(described, r.Operation)
	}
	for id, o := range described {
		errs = append(errs, fmt.Errorf("api/openapi describes %s %s (%s), which is no route", o.Method, o.Path, id))
	}
	return errors.Join(errs...)
}

// openAPIPath writes the path's parameters as OpenAPI does.
func openAPIPath(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if name, ok := strings.CutPrefix(s, ":"); ok {
			segments[i] = "{" + name + "}"
		}
	}
	return strings.Join(segments, "/")
}

// RegisterRoutes puts routes on the router, GET routes for HEAD as well. If any
// row is not fit, for one because it declares no access, it registers nothing
// and returns an error that names every such row, and both of two that collide.
func (a *API) RegisterRoutes(router *httprouter.Router, routes []Route) error {
	var errs []error
	for i, r := range routes {
		if err := r.check(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", r, err))
		}
		for _, other := range routes[:i] {
			if r.Operation == other.Operation {
				errs = append(errs, fmt.Errorf("%s and %s have one name", other, r))
			}
			if r.collides(other) {
				errs = append(errs, fmt.Errorf("%s and %s collide", other, r))
			}
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	for _, r := range routes {
		h := a.serve(r)
		router.Handler(r.Method, r.Path, h)
		if r.Method == http.MethodGet {
			router.Handler(http.MethodHead, r.Path, h)
		}
	}
	return nil
}

// String names the route as errors do.
func (r Route) String() string { return fmt.Sprintf("route %s %s (%s)", r.Method, r.Path, r.Operation) }

// methods are those that a route may have. HEAD is answered by the GET routes,
// OPTIONS by the router.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func (r Route) check() error {
	switch {
	case r.Access < Unlimited || r.Access > Owner:
		return errors.New("declares no access")
	case r.Operation == "" || r.Handler == nil || !slices.Contains(methods, r.Method):
		return errors.New("needs an operation, a method and a handler")
	case !Under(r.Path):
		return errors.New("is not under /api")
	case strings.Contains(r.Path, "*") || strings.Contains(r.Path, "//") || strings.HasSuffix(r.Path, "/") || strings.Contains(r.Path+"/", ":/"):
		return errors.New("has a path that is not plain")
	}
	return nil
}

// collides reports whether the router would refuse both: they are one path, or
// where their ways part one has a parameter.
func (r Route) collides(other Route) bool {
	if r.Method != other.Method {
		return false
	}
	mine, theirs := strings.Split(r.Path, "/"), strings.Split(other.Path, "/")
	for i := range min(len(mine), len(theirs)) {
		if mine[i] != theirs[i] {
			return strings.HasPrefix(mine[i], ":") || strings.HasPrefix(theirs[i], ":")
		}
	}
	return len(mine) == len(theirs)
}

// serve is the one place where a handler's error becomes a response.
func (a *API) serve(route Route) http.Handler {
	known, open := a.cfg.Document.Query(route.Operation)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, outcome := time.Now(), http.StatusInternalServerError // if it panics
		defer func() {
			status := cmp.Or(requestlog.Status(w), outcome)
			a.cfg.Observe(route.Operation, status, outcome, time.Since(start))
		}()
		r, err := a.guard.admit(w, r, route.Access)
		if err == nil && !open {
			err = checkQuery(r, known)
		}
		if err == nil {
			err = route.Handler(w, r)
		}
		var done answered
		switch {
		case errors.As(err, &done):
			outcome = statusOf(problem.Of(done.error))
		case err != nil:
			outcome = statusOf(problem.Of(err))
			Problem(w, r, err)
		default:
			outcome = cmp.Or(requestlog.Status(w), http.StatusOK)
		}
	})
}

// answered is a handler's error that it has answered itself, by a redirect that tells of
// it: it is only counted.
type answered struct{ error }
