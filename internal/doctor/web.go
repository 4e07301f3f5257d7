package doctor

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// answer is what a server said, as far as it was read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

const largestAnswer = 1 << 20

// fetch makes a request and reads no more of its answer than is sensible. Its errors do
// not repeat the address.
func (e *examiner) fetch(req *http.Request) (answer, error) {
	res, err := e.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return answer{}, fmt.Errorf("no answer from %s: %w", req.URL.Host, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, largestAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("no whole answer from %s: %w", req.URL.Host, err)
	}
	return answer{res.StatusCode, res.Header, body}, nil
}

func (e *examiner) get(ctx context.Context, address string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("User-Agent", "coffer-doctor/"+e.Version)
	a, err := e.fetch(req)
	if to := a.header.Get("Location"); err == nil && a.status/100 == 3 {
		err = fmt.Errorf("it sends visitors on to %s", to)
	}
	return a, err
}

// healthAnswer is what the server says of itself.
type healthAnswer struct {
	Status  string
	Service string
	Version string
	Checks  struct{ Store string }
}

// health reads the health check at an address.
func (e *examiner) health(ctx context.Context, home string) (healthAnswer, http.Header, error) {
	var h healthAnswer
	a, err := e.get(ctx, home+e.HealthPath)
	switch {
	case err != nil:
		return h, nil, err
	case json.Unmarshal(a.body, &h) != nil || h.Service != "coffer":
		return h, nil, fmt.Errorf("what answers (%d) is not Coffer", a.status)
	}
	return h, a.header, nil
}

// public sees that the server is there, by https.
func (e *examiner) public(ctx context.Context) Finding {
	const advice = "Set PUBLIC_URL to where the server is reached from outside, by https, and see that it runs."
	switch {
	case e.PublicURL == "":
		return fail("PUBLIC_URL is not set, so the server cannot be looked at from outside", advice)
	case !strings.HasPrefix(e.PublicURL, "https://"):
		return fail(e.PublicURL+" is not https", advice, "Discord sends interactions by https only.")
	}
	var err error
	if e.running, e.answer, err = e.health(ctx, e.PublicURL); err != nil {
		return fail(e.PublicURL+": "+err.Error(), advice)
	}
	if e.running.Status != "healthy" {
		return fail(fmt.Sprintf("runs, but says that it is %s (its store: %s)", cmp.Or(e.running.Status, "nothing"), cmp.Or(e.running.Checks.Store, "unknown")), "Look at the server's log for the cause.")
	}
	return pass("%s is healthy, by https (version %s)", e.PublicURL, e.running.Version)
}

// headers compares the headers of security with those that the server sends.
func (e *examiner) headers(context.Context) Finding {
	var wrong []string
	for name, want := range e.Headers {
		switch got := e.answer.Get(name); {
		case got == "":
			wrong = append(wrong, name+" is missing")
		case got != want[0]:
			wrong = append(wrong, fmt.Sprintf("%s is %q", name, got))
		}
	}
	slices.Sort(wrong)
	if len(wrong) == 0 {
		return pass("all %d headers of security arrive", len(e.Headers))
	}
	advice := "See what changes headers between the server and the world: a proxy, a CDN."
	if len(wrong) == 1 && e.answer.Get("Strict-Transport-Security") == "" {
		advice = "Set TRUSTED_PROXY to the network of the proxy that ends https, so that the server knows of it; on Railway 100.64.0.0/10."
	}
	return fail(some(wrong), advice)
}

// interactions asks the endpoint as Discord does when it tries one out: with a signature
// that is not its own.
func (e *examiner) interactions(ctx context.Context) Finding {
	address, ping := e.PublicURL+e.InteractionsPath, []byte(`{"id":"1","application_id":"`+e.ApplicationID+`","type":1,"token":"-","version":1}`)
	timestamp := strconv.FormatInt(e.Now().Unix(), 10)
	signature, err := signed(timestamp, ping)
	if err != nil {
		return fail(err.Error(), "Try again.")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(ping))
	if err != nil {
		return fail(err.Error(), "Set PUBLIC_URL to where the server is reached.")
	}
	req.Header = http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"coffer-doctor/" + e.Version},
		"X-Signature-Timestamp": {timestamp}, "X-Signature-Ed25519": {signature},
	}
	a, err := e.fetch(req)
	switch {
	case err != nil:
		return fail(err.Error(), "See that the server runs.")
	case a.status/100 == 2:
		return fail(fmt.Sprintf("answers %d to a PING that Discord did not sign, so anybody may speak for Discord", a.status), "See that PUBLIC_URL leads to this program and to nothing else.")
	case a.status != http.StatusUnauthorized:
		return fail(fmt.Sprintf("answers %d to a PING with a bad signature; Discord demands 401", a.status), "See that "+e.InteractionsPath+" reaches the server unchanged: no firewall, no redirect, no password before it.")
	}
	return pass("refuses a PING with a bad signature, as Discord demands; with a good one only Discord can ask, and does whenever the endpoint is saved")
}

// page sees that the dashboard is there.
func (e *examiner) page(ctx context.Context) Finding {
	home := cmp.Or(e.DashboardURL, e.PublicURL)
	const advice = "Set DASHBOARD_URL to where the dashboard is published, or leave it away where the server serves it."
	switch {
	case home == "":
		return fail("neither DASHBOARD_URL nor PUBLIC_URL is set", advice)
	case !strings.HasPrefix(home, "https://"):
		return fail(home+" is not https, so signing in does not work", advice)
	}
	a, err := e.get(ctx, home+"/")
	switch {
	case err != nil:
		return fail(home+": "+err.Error(), advice)
	case a.status != http.StatusOK || !bytes.Contains(a.body, []byte("<title>Coffer</title>")):
		return fail(fmt.Sprintf("what answers (%d) at %s is not the dashboard", a.status, home), advice)
	case !bytes.Contains(a.body, []byte(`<div id="app">`)):
		return fail("is not built into the program that runs", "Build it with make web before the program is, or publish it (netlify.toml) and set DASHBOARD_URL.")
	}
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Strict-Transport-Security"} {
		if a.header.Get(name) == "" {
			return warn("its page comes without "+name, "Have whoever serves it send the headers that netlify.toml lists.")
		}
	}
	return pass("%s", home)
}

// proxy sees that the dashboard's own origin leads to the server, which believes it whom
// requests come from.
func (e *examiner) proxy(ctx context.Context) Finding {
	const advice = "Set API_ORIGIN at Netlify to the server's address by https (scope: Functions), and deploy the site again."
	h, header, err := e.health(ctx, e.DashboardURL)
	switch {
	case err != nil:
		return fail(e.DashboardURL+e.HealthPath+": "+err.Error(), advice)
	case h.Version != e.running.Version:
		return fail(fmt.Sprintf("leads to another server: version %s there, %s at PUBLIC_URL", h.Version, e.running.Version), advice)
	}
	const shared = "takes all who come by it for one address: wrong passwords of one lock out the others"
	switch told := header.Get("X-Coffer-Proxy"); {
	case told == "accepted":
		return pass("leads to the server, which believes it whom requests come from")
	case !e.ProxySecret:
		return warn("leads to the server, which "+shared, "Set PROXY_SECRET here, and to the same at Netlify (scope: Functions).")
	case told == "refused":
		return fail("leads to the server, which has another PROXY_SECRET than the proxy and "+shared,
			"Set PROXY_SECRET at Netlify (scope: Functions) to the same as here, and deploy the site again; if it was changed here, start the server again.")
	}
	return warn("leads to the server, but sends no PROXY_SECRET, so the server "+shared, "Set PROXY_SECRET at Netlify (scope: Functions) to the same as here, and deploy the site again.")
}
