package app

import (
	"bufio"
	"compress/gzip"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"coffer/api"
	"coffer/internal/simulator"
	"coffer/web"
)

// TestNetlifySendsTheSameHeaders compares what netlify.toml adds to the pages with what
// the server sends with them over https.
func TestNetlifySendsTheSameHeaders(t *testing.T) {
	text, err := os.ReadFile("../../netlify.toml")
	if err != nil {
		t.Fatal(err)
	}
	section := func(path string) string {
		_, said, _ := strings.Cut(string(text), `for = "`+path+`"`)
		said, _, _ = strings.Cut(said, "[[")
		return said
	}
	r := httptest.NewRequest("GET", "/guilds/42", nil)
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	api.Protect(api.Protection{}, web.Handler()).ServeHTTP(w, r)
	for _, ofTheFile := range []string{"Content-Type", "Content-Length", "Accept-Ranges"} {
		w.Header().Del(ofTheFile)
	}
	said := section("/*")
	for header := range w.Header() {
		if want := header + ` = "` + w.Header().Get(header) + `"`; !strings.Contains(said, want) {
			t.Errorf("netlify.toml: want %s", want)
		}
	}
	if n := strings.Count(said, ` = "`); n != len(w.Header()) {
		t.Errorf("netlify.toml has %d headers, the server sends %d: %v", n, len(w.Header()), w.Header())
	}
	const immutable = `Cache-Control = "public, max-age=31536000, immutable"` // web's TestPaths
	if said := section("/assets/*"); !strings.Contains(said, immutable) || strings.Count(said, ` = "`) != 1 {
		t.Errorf("netlify.toml, assets: got %s, want only %s", said, immutable)
	}
}

// edge is Netlify's part: it serves the edge function, whose text is its first argument,
// by Node's http server, and says on which port.
const edge = `
const { readFileSync } = await import("node:fs");
const { createServer } = await import("node:http");
const { Readable } = await import("node:stream");
globalThis.Netlify = { env: { get: (name) => process.env[name] } };
const { default: proxy } = await import("data:text/javascript;base64," + readFileSync(process.argv[1]).toString("base64"));
const server = createServer(async (req, res) => {
  const body = req.method === "GET" || req.method === "HEAD" ? undefined : Readable.toWeb(req);
  const gone = new AbortController();
  res.on("close", () => gone.abort());
  const answer = await proxy(new Request("https://coffer.netlify.app" + req.url, { method: req.method, headers: req.headers, body, duplex: "half", signal: gone.signal }), { ip: "203.0.113.7" });
  res.writeHead(answer.status, [...answer.headers].flatMap(([name, value]) => name === "set-cookie" ? [] : [name, value])
    .concat(answer.headers.getSetCookie().flatMap((cookie) => ["set-cookie", cookie])));
  if (!answer.body) return res.end();
  try { for await (const chunk of answer.body) res.write(chunk); } catch { /* the server went away */ }
  res.end();
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`

// newEdge starts the edge function before a server, with more variables, and returns its
// address.
func newEdge(t *testing.T, origin string, variables ...string) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		const missing = "node is not installed: apt-get install nodejs"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	cmd := exec.CommandContext(t.Context(), node, "--input-type=module", "-e", edge, "../../netlify/edge-functions/api.js")
	cmd.Env = append(append(os.Environ(), "API_ORIGIN="+origin, "PROXY_SECRET="), variables...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the edge did not start: %v", err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}

// TestTheEdgeTellsWhomItWasReachedBy: by the headers and in the way that the server
// expects, and only where both have the same secret.
func TestTheEdgeTellsWhomItWasReachedBy(t *testing.T) {
	secret := rand.Text() + rand.Text()
	server := httptest.NewServer(api.Protect(api.Protection{ProxySecret: secret}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, api.ClientAddress(r))
	})))
	defer server.Close()
	for variable, want := range map[string]string{"PROXY_SECRET=" + secret: "203.0.113.7", "PROXY_SECRET=" + secret + "x": "127.0.0.1", "PROXY_SECRET=": "127.0.0.1"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, newEdge(t, server.URL, variable)+"/api/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Coffer-Client", "198.51.100.1")
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil || string(got) != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
}

// TestTheEdgeIsTransparent goes through the real edge function to the real server.
func TestTheEdgeIsTransparent(t *testing.T) {
	w := newTown(t, nil)
	if err := demoOwner(t.Context(), w.store); err != nil {
		t.Fatal(err)
	}
	w.say("bob", "/balance")
	site := newEdge(t, "http://"+w.listener.Addr().String())
	open := func(server, method, path, body string, header map[string]string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range header {
			r.Header.Set(name, value)
		}
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	type answer struct {
		status  int
		header  http.Header
		cookies []*http.Cookie
		body    string
	}
	send := func(method, path, body string, header map[string]string) answer {
		t.Helper()
		res := open(site, method, path, body, header)
		defer res.Body.Close()
		in := io.Reader(res.Body)
		if res.Header.Get("Content-Encoding") == "gzip" {
			unpacked, err := gzip.NewReader(in)
			if err != nil {
				t.Fatal(err)
			}
			in = unpacked
		}
		got, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		return answer{res.StatusCode, res.Header, res.Cookies(), string(got)}
	}
	asJSON := map[string]string{"Content-Type": "application/json"}

	// Errors are the server's own, with their form and status.
	got := send("POST", "/api/auth/login", `{"username":"demo","password":"wrong"}`, asJSON)
	if got.status != 401 || got.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(got.body, "request_id") {
		t.Errorf("a wrong password: %+v", got)
	}

	// A body goes there, a cookie comes back, and is sent again.
	got = send("POST", "/api/auth/login", `{"username":"demo","password":"demo-demo-demo"}`, asJSON)
	var session struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &session); err != nil || got.status != 200 || len(got.cookies) != 1 {
		t.Fatalf("login: %+v, %v", got, err)
	}
	cookie := got.cookies[0].Name + "=" + got.cookies[0].Value
	if got = send("POST", "/api/auth/refresh", "", map[string]string{"Cookie": cookie}); got.status != 200 || len(got.cookies) != 1 {
		t.Errorf("refresh: %+v", got)
	}
	signed := map[string]string{"Authorization": "Bearer " + session.AccessToken}
	guild := "/api/guilds/" + simulator.DemoGuildID

	// A tag, and a table that a browser asked for in its own encoding.
	if got = send("GET", guild+"/settings", "", signed); got.status != 200 || got.header.Get("ETag") == "" {
		t.Errorf("settings: %+v", got)
	}
	got = send("GET", guild+"/members", "", map[string]string{"Authorization": signed["Authorization"], "Accept": "text/csv", "Accept-Encoding": "gzip"})
	if got.status != 200 || !strings.HasPrefix(got.header.Get("Content-Type"), "text/csv") || !strings.Contains(got.body, "Bob") {
		t.Errorf("the table: %+v", got)
	}

	// Events come one by one, as soon as the server has them.
	direct := open("http://"+w.listener.Addr().String(), "GET", guild+"/events", "", signed)
	defer direct.Body.Close()
	proxied := open(site, "GET", guild+"/events", "", signed)
	defer proxied.Body.Close()
	if kind := proxied.Header.Get("Content-Type"); proxied.StatusCode != 200 || kind != "text/event-stream" {
		t.Fatalf("events: %d %s", proxied.StatusCode, kind)
	}
	arrival := func(res *http.Response) <-chan time.Time {
		at := make(chan time.Time, 1)
		go func() {
			for lines := bufio.NewScanner(res.Body); lines.Scan(); {
				if lines.Text() == "event: daily" {
					at <- time.Now()
					return
				}
			}
		}()
		return at
	}
	there, here := arrival(direct), arrival(proxied)
	w.say("bob", "/daily")
	sent := time.After(patience)
	var first, second time.Time
	for first.IsZero() || second.IsZero() {
		select {
		case first = <-there:
		case second = <-here:
		case <-sent:
			t.Fatalf("the event came to the server's client at %v and to the site's at %v\n%s", first, second, w.log)
		}
	}
	if late := second.Sub(first); late > 100*time.Millisecond {
		t.Errorf("the event came %v late", late)
	}
}
