package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/rs/cors"

	"coffer/internal/requestlog"
)

// Protection is how the server is reached.
type Protection struct {
	Proxies     []netip.Prefix // whose word on a client's address and scheme is taken
	ProxySecret string         // with it a proxy's word on the address is taken, wherever that is; "": nobody has one
	Origins     []Origin       // pages elsewhere that may call the API
}

// policy is the content security policy of what is no page: nothing may be loaded
// or run. Pages say their own.
const policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Protect wraps everything that the server answers. It finds out the client's
// address, sends plain http that a proxy forwards to https, sets the headers of
// security, and answers the questions of pages on other origins. The writer that
// handlers get is the one that it is given, so whatever that can do they can.
func Protect(p Protection, next http.Handler) http.Handler {
	next = crossOrigin(p.Origins, next)
	secure := headers()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for name, value := range secure {
			h[name] = value
		}
		proved := len(r.Header[proofHeader]) > 0
		client, scheme, vouched := p.client(r)
		if proved && r.URL.Path == requestlog.HealthPath {
			h[proofHeader] = []string{proofAnswer(vouched)}
		}
		if scheme == "https" {
			h["Strict-Transport-Security"] = transportSecurity
		}
		if scheme == "http" && r.URL.Path != requestlog.HealthPath {
			h["Location"] = []string{"https://" + r.Host + r.URL.RequestURI()}
			w.WriteHeader(http.StatusPermanentRedirect)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), clientKey{}, client)))
	})
}

// transportSecurity has browsers stay with https for two years.
var transportSecurity = []string{"max-age=63072000; includeSubDomains"}

// headers are the same for every response; nobody may write to them.
func headers() map[string][]string {
	return map[string][]string{
		"Content-Security-Policy":      {policy},
		"X-Content-Type-Options":       {"nosniff"},
		"X-Frame-Options":              {"DENY"},
		"X-Xss-Protection":             {"0"}, // the filter of old browsers could be turned against pages
		"Referrer-Policy":              {"no-referrer"},
		"Permissions-Policy":           {"camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
	}
}

// SecurityHeaders are those that every response has which came by https; pages replace
// the content security policy by their own.
func SecurityHeaders() http.Header {
	h := http.Header(headers())
	h["Strict-Transport-Security"] = transportSecurity
	return h.Clone()
}

type clientKey struct{}

// The headers by which a proxy that has the secret tells the client's address: that of
// the dashboard, netlify/edge-functions/api.js. The health check tells in the second
// whether a proxy's word was taken, because nobody would notice that it is not.
const (
	clientHeader = "X-Coffer-Client"
	proofHeader  = "X-Coffer-Proxy"
)

func proofAnswer(vouched bool) string {
	if vouched {
		return "accepted"
	}
	return "refused"
}

// vouched returns the address that a proxy which has the secret says, and takes its
// headers away, whoever sent them.
func (p Protection) vouched(r *http.Request) (client netip.Addr, ok bool) {
	said, proof := r.Header[clientHeader], r.Header[proofHeader]
	delete(r.Header, clientHeader)
	delete(r.Header, proofHeader)
	if p.ProxySecret == "" || len(said) != 1 || len(proof) != 1 {
		return client, false
	}
	got, want := sha256.Sum256([]byte(proof[0])), sha256.Sum256([]byte(p.ProxySecret)) // so that not even the length can be told from the time
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
		return client, false
	}
	client, err := netip.ParseAddr(said[0])
	return client.Unmap().WithZone(""), err == nil
}

// client returns the address that a request comes from, and the scheme that the
// client used: "https", "http" if a proxy says so, or "" for a plain connection
// that nobody forwarded; and whether a proxy vouched for the address by the secret.
func (p Protection) client(r *http.Request) (address, scheme string, vouched bool) {
	address, scheme = p.forwarded(r)
	client, vouched := p.vouched(r)
	if vouched {
		address = client.String()
	}
	return address, scheme, vouched
}

// forwarded is client by the proxies that are trusted.
func (p Protection) forwarded(r *http.Request) (address, scheme string) {
	peer := peerOf(r)
	if r.TLS != nil {
		scheme = "https"
	}
	if !p.trusted(peer) {
		return peer.String(), scheme
	}
	if forwarded := strings.ToLower(last(r.Header["X-Forwarded-Proto"])); forwarded == "http" || forwarded == "https" {
		scheme = forwarded
	}
	if real, err := netip.ParseAddr(strings.TrimSpace(last(r.Header["X-Real-Ip"]))); err == nil {
		return real.Unmap().WithZone("").String(), scheme
	}
	hops := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	client := peer
	for _, hop := range slices.Backward(hops) { // each proxy appends whom it was reached by
		address, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		if client = address.Unmap().WithZone(""); !p.trusted(client) {
			break
		}
	}
	return client.String(), scheme
}

func (p Protection) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(p.Proxies, func(network netip.Prefix) bool { return network.Contains(a) })
}

// peerOf returns the address at the other end of the connection.
func peerOf(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	address, _ := netip.ParseAddr(host)
	return address.Unmap().WithZone("")
}

// last returns what the proxy next to us added to a list.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	all := values[len(values)-1]
	return strings.TrimSpace(all[strings.LastIndexByte(all, ',')+1:])
}

// ClientAddress returns where a request comes from, as Protect found out.
func ClientAddress(r *http.Request) string {
	if client, ok := r.Context().Value(clientKey{}).(string); ok {
		return client
	}
	return peerOf(r).String()
}

// crossOrigin lets the pages of the origins call the API, and no others.
func crossOrigin(origins []Origin, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next
	}
	policy := cors.New(cors.Options{
		AllowOriginFunc: func(origin string) bool {
			return slices.ContainsFunc(origins, func(o Origin) bool { return o.matches(origin) })
		},
		AllowedMethods:   methods,
		AllowedHeaders:   []string{"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Last-Event-ID", requestlog.Header},
		ExposedHeaders:   []string{"ETag", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After", requestlog.Header, "Content-Disposition"},
		AllowCredentials: true,
		MaxAge:           600,
	})
	shared := policy.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Under(r.URL.Path) {
			shared.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Origin is a web origin as browsers send it, or with one * in the first label of
// its host a pattern of previews: the * stands for letters, digits and single
// hyphens, at least one, and never for a dot.
type Origin string

func (o Origin) matches(origin string) bool {
	before, after, pattern := strings.Cut(string(o), "*")
	if !pattern {
		return origin == string(o)
	}
	rest, begins := strings.CutPrefix(origin, before)
	label, ends := strings.CutSuffix(rest, after)
	if !begins || !ends || label == "" || len(label) > 63 || strings.Contains(label, "--") ||
		label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	return strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
