package api_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"coffer/api/openapi"
)

// contract holds traffic to the API's description, and remembers which of its
// operations have succeeded.
type contract struct {
	spec  *openapi3.T
	known map[string]openapi.Operation

	mu     sync.Mutex
	driven map[string]bool // by operation id
}

// theContract is shared by all tests of the package, so that together they must
// drive every operation.
var theContract = sync.OnceValue(func() *contract {
	spec, err := openapi3.NewLoader().LoadFromData(openapi.Own().JSON())
	if err != nil {
		panic(err)
	}
	for _, kind := range []string{"text/html", "text/event-stream", "text/csv"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.PlainBodyDecoder)
	}
	return &contract{spec: spec, known: openapi.Own().Operations(), driven: map[string]bool{}}
})

// check fails the test if an exchange is not as described: the route, the status,
// the type and fields of the answer and, if it succeeded, the request.
func (c *contract) check(t testing.TB, request *http.Request, sent []byte, status int, header http.Header, body []byte) {
	t.Helper()
	at := request.Method + " " + request.URL.RequestURI()
	id, parameters := c.operation(request)
	if id == "" {
		if status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
			t.Errorf("%s: answered with %d, and is not described", at, status)
		}
		return
	}
	o := c.known[id]
	item := c.spec.Paths.Value(o.Path)
	options := &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true, RejectWhenRequestBodyNotSpecified: true,
		SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	request = request.Clone(request.Context())
	request.Body = io.NopCloser(bytes.NewReader(sent))
	input := &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Options: options,
		Route: &routers.Route{Spec: c.spec, Path: o.Path, PathItem: item, Method: o.Method, Operation: item.GetOperation(o.Method)}}
	if status < 400 {
		if err := openapi3filter.ValidateRequest(request.Context(), input); err != nil {
			t.Errorf("%s (%s): the request is not as described, and was served: %v", at, id, err)
		}
		c.mu.Lock()
		c.driven[id] = true
		c.mu.Unlock()
	}
	if request.Method == http.MethodHead {
		return
	}
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: status, Header: header, Options: options}
	if err := openapi3filter.ValidateResponse(request.Context(), answer.SetBodyBytes(body)); err != nil {
		t.Errorf("%s (%s): the answer %d is not as described: %v\n%s", at, id, status, err, body)
	}
}

// operation returns the id of the operation that a request is for, or "", and the
// parameters of its path.
func (c *contract) operation(r *http.Request) (string, map[string]string) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	path := strings.Split(r.URL.Path, "/")
	for id, o := range c.known {
		parameters := map[string]string{}
		if o.Method == method && slices.EqualFunc(path, strings.Split(o.Path, "/"), func(have, want string) bool {
			if strings.HasPrefix(want, "{") {
				parameters[strings.Trim(want, "{}")] = have
				return have != ""
			}
			return have == want
		}) {
			return id, parameters
		}
	}
	return "", nil
}

// TestMain fails a whole run that has left an operation out.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	whole := true
	for _, name := range []string{"test.run", "test.skip", "test.fuzz", "test.list", "test.bench"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			whole = false
		}
	}
	if code == 0 && whole && !testing.Short() {
		all := openapi.Own().Operations()
		for id := range theContract().driven {
			delete(all, id)
		}
		if len(all) > 0 {
			fmt.Println("FAIL: no test has these operations succeed:", slices.Sorted(maps.Keys(all)))
			code = 1
		}
	}
	os.Exit(code)
}

// TestTheDescriptionIsClosed: every object says which fields it may have besides
// those that it lists, so that a field that is not described is noticed.
func TestTheDescriptionIsClosed(t *testing.T) {
	if err := theContract().spec.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	for _, at := range openapi.Own().OpenSchemas() {
		t.Errorf("%s has properties, and neither additionalProperties nor unevaluatedProperties", at)
	}
}
