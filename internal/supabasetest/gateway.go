package supabasetest

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// gateway stands before PostgREST as Supabase's does: it knows the keys, and
// things go wrong there.
type gateway struct {
	keys
	requests
	bearers   map[string]string // by opaque key
	fault     atomic.Pointer[func(*http.Request) Fault]
	proxy     *httputil.ReverseProxy
	transport *http.Transport
	server    *http.Server
	url       string
	served    chan struct{} // closed when the listener is
	running   sync.RWMutex  // held by each request, and by close for ever
	ending    context.Context
	end       context.CancelFunc
}

// startGateway serves what PostgREST answers on the socket that rest names.
func startGateway(k keys, rest func() (string, error)) (*gateway, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &gateway{keys: k, transport: restTransport(rest), url: "http://" + listener.Addr().String()}
	g.bearers = map[string]string{
		k.key:         "Bearer " + k.legacy["service_role"],
		k.publishable: "Bearer " + k.legacy["anon"],
	}
	g.ending, g.end = context.WithCancel(context.Background())
	quiet := log.New(io.Discard, "", 0)
	g.proxy = &httputil.ReverseProxy{
		Rewrite:      toPostgREST,
		Transport:    g.transport,
		BufferPool:   &buffers{},
		ErrorLog:     quiet,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { refuse(w, http.StatusBadGateway) },
	}
	g.server = &http.Server{Handler: g, ErrorLog: quiet, ReadHeaderTimeout: 10 * time.Second}
	g.served = make(chan struct{})
	go func() {
		defer close(g.served)
		_ = g.server.Serve(listener) // ends with close
	}()
	return g, nil
}

// close returns when nothing of the gateway runs any more.
func (g *gateway) close() error {
	g.end()
	err := g.server.Close()
	<-g.served
	g.running.Lock()
	g.transport.CloseIdleConnections()
	return err
}

// ServeHTTP is one request from outside.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.running.TryRLock() {
		panic(http.ErrAbortHandler)
	}
	defer g.running.RUnlock()
	record := g.begin(r)
	seen := &seen{ResponseWriter: w}
	defer func() { g.finish(record, seen) }()
	forward := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.admit(w, r) {
			seen.forwarded = true
			g.proxy.ServeHTTP(w, r)
		}
	})
	if plant := g.fault.Load(); plant != nil {
		if fault := (*plant)(r); fault != nil {
			fault(g.ending, seen, r, forward)
			return
		}
	}
	forward(seen, r)
}

// admit looks at the keys and leaves the token that PostgREST shall see.
func (g *gateway) admit(w http.ResponseWriter, r *http.Request) bool {
	if !strings.HasPrefix(r.URL.Path, "/rest/v1/") {
		answer(w, http.StatusNotFound, `{"message":"no Route matched with those values"}`)
		return false
	}
	key := r.Header.Get("Apikey")
	given := r.Header.Get("Authorization")
	bearer, opaque := g.bearers[key]
	switch {
	case key == "":
		answer(w, http.StatusUnauthorized, `{"message":"No API key found in request","hint":"No `+"`apikey`"+` request header or url param was found."}`)
		return false
	case !opaque && key != g.legacy["anon"] && key != g.legacy["service_role"]:
		refuse(w, http.StatusUnauthorized)
		return false
	case key == g.key && strings.Contains(r.UserAgent(), "Mozilla/"):
		answer(w, http.StatusUnauthorized, `{"message":"Forbidden use of secret API key in browser","hint":"Secret API keys can only be used in a protected environment and should never be used in a browser."}`)
		return false
	case strings.HasPrefix(given, "Bearer sb_"):
		answer(w, http.StatusUnauthorized, `{"message":"Invalid JWT","hint":"An API key that is no JWT belongs in the apikey header only."}`)
		return false
	}
	if opaque {
		r.Header.Del("Apikey")
		if given == "" {
			r.Header.Set("Authorization", bearer)
		}
	}
	return true
}

func toPostgREST(r *httputil.ProxyRequest) {
	out := r.Out.URL
	out.Scheme, out.Host = "http", "postgrest"
	out.Path = strings.TrimPrefix(out.Path, "/rest/v1")
	out.RawPath = strings.TrimPrefix(out.RawPath, "/rest/v1")
	out.RawQuery = r.In.URL.RawQuery // also what Go cannot parse is for PostgREST to judge
}

// buffers are for copying answers; a new one for each would be the most of
// what the gateway costs.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if free, ok := b.pool.Get().(*[]byte); ok {
		return *free
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(free []byte) { b.pool.Put(&free) }
