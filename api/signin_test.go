package api_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"coffer/api"
	"coffer/internal/admins"
)

func credentials(username, password string) map[string]string {
	return map[string]string{"username": username, "password": password}
}

// refresh renews the session of a cookie.
func (w *world) refresh(cookie string) reply {
	w.t.Helper()
	q := request{method: "POST", path: "/api/auth/refresh"}
	if cookie != "" {
		q.header = map[string]string{"Cookie": cookie}
	}
	return w.send(q)
}

// logout ends the session of a cookie.
func (w *world) logout(cookie string, body any) reply {
	w.t.Helper()
	return w.send(request{method: "POST", path: "/api/auth/logout", body: body, header: map[string]string{"Cookie": cookie}})
}

// as reports whether an access token lets in.
func (w *world) as(token string) bool {
	w.t.Helper()
	return w.send(request{method: "GET", path: "/api/auth/me", header: map[string]string{"Authorization": "Bearer " + token}}).status == 200
}

func TestASessionFromLoginToLogout(t *testing.T) {
	w := newWorld(t)
	r := w.post("", "/api/auth/login", "", credentials(" Owner ", "password of owner"))
	var in granted
	r.want(200, &in)
	if in.Account.Username != "owner" || in.Account.Role != "owner" || in.Account.Kind != "password" || in.ExpiresIn != 900 {
		t.Errorf("granted %+v", in)
	}
	line := r.header.Get("Set-Cookie")
	for _, want := range []string{"__Secure-coffer_refresh=", "Path=/api/auth", "HttpOnly", "Secure", "SameSite=Strict", "Max-Age=2592000"} {
		if !strings.Contains(line, want) {
			t.Errorf("cookie %q lacks %s", line, want)
		}
	}
	if strings.Contains(line, "Domain") {
		t.Errorf("cookie %q is for other hosts, too", line)
	}
	w.tokens["me"] = in.AccessToken
	var me struct{ Username string }
	if w.get("me", "/api/auth/me").want(200, &me); me.Username != "owner" {
		t.Errorf("me is %q", me.Username)
	}
	cookie := r.cookie("coffer_refresh")
	for range 3 {
		w.now.at = w.now.at.Add(14 * time.Minute)
		next := w.refresh(cookie).want(200, &in)
		if !w.as(in.AccessToken) || next.cookie("coffer_refresh") == cookie {
			t.Fatal("a renewed session does not let in, or kept its cookie")
		}
		cookie = next.cookie("coffer_refresh")
	}
	out := w.logout(cookie, nil).want(204, nil)
	if line := out.header.Get("Set-Cookie"); !strings.Contains(line, "Max-Age=0") || !strings.Contains(line, "Path=/api/auth") {
		t.Errorf("the cookie is not taken: %q", line)
	}
	if w.as(in.AccessToken) {
		t.Error("the access token lets in after the logout")
	}
	w.refresh(cookie).refused(401, "signed_out")
	w.logout(cookie, nil).want(204, nil)
	w.logout("", map[string]bool{"everywhere": true}).want(204, nil)
}

func TestWrongCredentialsAreToldTheSame(t *testing.T) {
	w := newWorld(t)
	var first string
	for _, c := range []map[string]string{
		credentials("owner", "password of viewer"), credentials("owner", ""), credentials("nobody", "password of owner"),
		credentials("", ""), credentials("not a name at all!", "x"), credentials(strings.Repeat("a", 10_000), strings.Repeat("b", 10_000)),
		credentials("owner\x00", "password of owner"),
	} {
		before := w.config.Passwords.(*plainPasswords).checks.Load()
		r := w.post("", "/api/auth/login", "", c)
		p := r.refused(401, "login")
		if work := w.config.Passwords.(*plainPasswords).checks.Load() - before; work != 1 {
			t.Errorf("%v: %d passwords were checked, want 1", c, work)
		}
		if r.header.Get("Set-Cookie") != "" {
			t.Errorf("%v: a cookie is set", c)
		}
		text := strings.Replace(string(r.body), p.RequestID, "", 1)
		if first == "" {
			first = text
		}
		if text != first {
			t.Errorf("%v is told apart:\n%s\n%s", c, text, first)
		}
	}
	if log := w.log.String(); strings.Contains(log, "password of") || strings.Contains(log, "coffer_refresh") {
		t.Error("the log has a password or a cookie")
	}
}

// TestOfManyRenewalsAtOnceAllGetTheSame: fifty tabs of one browser.
func TestOfManyRenewalsAtOnceAllGetTheSame(t *testing.T) {
	w := newWorld(t)
	in := w.signIn("owner")
	var mu sync.Mutex
	cookies := map[string]int{}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			r := w.refresh(in.cookie)
			mu.Lock()
			defer mu.Unlock()
			cookies[fmt.Sprint(r.status, " ", r.cookie("coffer_refresh"))]++
		})
	}
	all.Wait()
	if len(cookies) != 1 {
		t.Fatalf("%d different answers, want one: %v", len(cookies), cookies)
	}
	for answer, n := range cookies {
		cookie, ok := strings.CutPrefix(answer, "200 ")
		if !ok || n != 50 {
			t.Fatalf("answer %q, %d times", answer, n)
		}
		w.refresh(cookie).want(200, nil)
	}
}

// TestARenewalNeedsNoBodyHoweverNoneIsSent: behind a proxy that streams bodies, an empty
// one has no length.
func TestARenewalNeedsNoBodyHoweverNoneIsSent(t *testing.T) {
	w := newWorld(t)
	q := request{method: "POST", path: "/api/auth/refresh", header: map[string]string{"Cookie": w.signIn("owner").cookie}}
	r := httptest.NewRequestWithContext(t.Context(), q.method, q.path, io.MultiReader())
	if r.ContentLength != -1 {
		t.Fatalf("the body has a length, %d", r.ContentLength)
	}
	w.exchange(q, r, nil, func() {}).want(200, nil)
	r = httptest.NewRequestWithContext(t.Context(), q.method, q.path, io.MultiReader(strings.NewReader("{}")))
	w.exchange(q, r, nil, func() {}).refused(415, "content_type")
}

// TestAReplayEndsTheSession: whoever shows a cookie that was used up is a thief, or was
// stolen from.
func TestAReplayEndsTheSession(t *testing.T) {
	w := newWorld(t)
	in, other := w.signIn("owner"), w.signIn("owner")
	var next granted
	newest := w.refresh(in.cookie).want(200, &next).cookie("coffer_refresh")
	w.now.at = w.now.at.Add(admins.Grace)
	if again := w.refresh(in.cookie).want(200, nil).cookie("coffer_refresh"); again != newest {
		t.Fatal("within the grace another cookie is given")
	}
	w.now.at = w.now.at.Add(time.Second)
	r := w.refresh(in.cookie)
	r.refused(401, "signed_out")
	if !strings.Contains(r.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("the cookie is not taken: %q", r.header.Get("Set-Cookie"))
	}
	w.refresh(newest).refused(401, "signed_out")
	if w.as(next.AccessToken) {
		t.Error("an access token of the session lets in")
	}
	if w.refresh(other.cookie).want(200, nil); !w.as(other.AccessToken) {
		t.Error("the account's other session has ended, too")
	}
}

func TestLogoutEverywhere(t *testing.T) {
	w := newWorld(t)
	one, two, viewer := w.signIn("owner"), w.signIn("owner"), w.signIn("viewer")
	w.logout(one.cookie, map[string]bool{"everywhere": true}).want(204, nil)
	for name, want := range map[string]bool{one.AccessToken: false, two.AccessToken: false, w.tokens["owner"]: false, viewer.AccessToken: true} {
		if got := w.as(name); got != want {
			t.Errorf("a session of before lets in: %v, want %v", got, want)
		}
	}
	w.refresh(two.cookie).refused(401, "signed_out")
}

func TestCookiesThatAreNone(t *testing.T) {
	w := newWorld(t)
	good := w.signIn("owner").cookie
	name, value, _ := strings.Cut(good, "=")
	session, secret, _ := strings.Cut(value, ".")
	for _, bad := range []string{"", name + "=", name + "=.", name + "=" + session, name + "=" + session + ".", name + "=." + secret,
		name + "=" + secret + "." + session, strings.TrimPrefix(good, "__Secure-"), name + "=" + strings.Repeat("a", 5000) + ".b"} {
		w.refresh(bad).refused(401, "signed_out")
	}
	w.refresh(good).want(200, nil)
}

// TestGuessingStopsEarly is a thousand tries at one account from one address, and at
// one account from everywhere. The others are left alone.
func TestGuessingStopsEarly(t *testing.T) {
	w := newWorld(t)
	from := func(address, username string) reply {
		w.serve() // so that no server's own limit helps
		r := request{method: "POST", path: "/api/auth/login", body: credentials(username, "guess")}
		return w.from(address, r)
	}
	checks := func() int32 { return w.config.Passwords.(*plainPasswords).checks.Load() }
	before := checks()
	for i := range 1000 {
		r := from("192.0.2.1", "owner")
		if i < admins.TriesOfAddress {
			r.refused(401, "login")
			continue
		}
		r.refused(429, "too_many_logins")
		if r.header.Get("Retry-After") != "900" {
			t.Fatalf("Retry-After = %q", r.header.Get("Retry-After"))
		}
	}
	if work := checks() - before; work != admins.TriesOfAddress {
		t.Errorf("%d passwords were checked, want %d", work, admins.TriesOfAddress)
	}
	w.from("192.0.2.2", request{method: "POST", path: "/api/auth/login", body: credentials("owner", "password of owner")}).want(200, nil)

	before = checks()
	for i := range 1000 {
		from(fmt.Sprintf("198.51.%d.%d", i/250, i%250), "viewer")
	}
	if work := checks() - before; work != admins.TriesOfAccount-1 { // viewer has signed in once, which was forgiven
		if work != admins.TriesOfAccount {
			t.Errorf("%d passwords were checked, want %d", work, admins.TriesOfAccount)
		}
	}
	from("203.0.113.1", "viewer").refused(429, "too_many_logins")
	w.from("203.0.113.1", request{method: "POST", path: "/api/auth/login", body: credentials("manager", "password of manager")}).want(200, nil)
	w.now.at = w.now.at.Add(admins.TriesWindow)
	w.from("203.0.113.1", request{method: "POST", path: "/api/auth/login", body: credentials("viewer", "password of viewer")}).want(200, nil)
}

// from is send from an address.
func (w *world) from(address string, q request) reply {
	w.t.Helper()
	w.address = address + ":4711"
	defer func() { w.address = "" }()
	return w.send(q)
}

func TestAPasswordIsChangedByWhoHasIt(t *testing.T) {
	w := newWorld(t)
	mine, other := w.signIn("manager"), w.signIn("manager")
	w.tokens["manager"] = mine.AccessToken
	change := func(as, current, next string) reply {
		return w.send(request{method: "PUT", path: "/api/auth/password", as: as, body: map[string]string{"current": current, "new": next}})
	}
	if p := change("manager", "wrong", "another password"); p.refused(422, "wrong_password").field("current") != "wrong_password" {
		t.Errorf("got %s", p.body)
	}
	if p := change("manager", "password of manager", "short"); p.refused(400, "password").field("new") != "password" {
		t.Errorf("got %s", p.body)
	}
	change("manager", "password of manager", "another password").want(204, nil)
	if !w.as(mine.AccessToken) || w.as(other.AccessToken) {
		t.Error("the session that changed it must stay, and the other end")
	}
	w.post("", "/api/auth/login", "", credentials("manager", "password of manager")).refused(401, "login")
	w.post("", "/api/auth/login", "", credentials("manager", "another password")).want(200, nil)

	w.tokens["program"] = w.token("program", admins.Owner, time.Time{})
	change("program", "x", "another password").refused(422, "no_password")
	for range admins.TriesOfAddress {
		change("manager", "wrong", "another password")
	}
	change("manager", "another password", "yet another password").refused(429, "too_many_logins")
}

func TestTheWaysInAreTold(t *testing.T) {
	w := newWorld(t)
	var got struct {
		Password, Discord bool
		Demo              *api.Demo
	}
	w.get("", "/api/auth/methods").want(200, &got)
	if !got.Password || got.Discord || got.Demo != nil {
		t.Errorf("got %+v", got)
	}
	w = newWorld(t, func(c *api.Config) {
		c.Demo = &api.Demo{Username: "demo", Password: "shown"}
		c.Cookies = api.Cookies{Insecure: true, SameSite: http.SameSiteLaxMode}
	})
	w.get("", "/api/auth/methods").want(200, &got)
	if got.Demo == nil || *got.Demo != *w.config.Demo {
		t.Errorf("got %+v", got)
	}
	line := w.post("", "/api/auth/login", "", credentials("owner", "password of owner")).header.Get("Set-Cookie")
	if !strings.HasPrefix(line, "coffer_refresh=") || strings.Contains(line, "Secure") || !strings.Contains(line, "SameSite=Lax") {
		t.Errorf("cookie %q", line)
	}
}

// TestSessionsOfADashboardElsewhere: where browsers send the cookie with every page's
// requests, it is the origin that tells the dashboard from others.
func TestSessionsOfADashboardElsewhere(t *testing.T) {
	w := newWorld(t, func(c *api.Config) {
		c.Cookies = api.Cookies{SameSite: http.SameSiteNoneMode, Origins: []api.Origin{"https://dash.example"}}
	})
	from := func(origin, path, cookie string, body any) reply {
		return w.send(request{method: "POST", path: path, body: body, header: map[string]string{"Origin": origin, "Cookie": cookie}})
	}
	in := from("https://dash.example", "/api/auth/login", "", credentials("owner", "password of owner")).want(200, nil)
	line := in.header.Get("Set-Cookie")
	for _, want := range []string{"__Secure-coffer_refresh_elsewhere=", "Secure", "SameSite=None", "Partitioned", "HttpOnly"} {
		if !strings.Contains(line, want) {
			t.Errorf("the cookie %q lacks %s", line, want)
		}
	}
	cookie, _, _ := strings.Cut(line, ";")
	for _, origin := range []string{"https://evil.example", "http://dash.example", "https://dash.example.evil", "null"} {
		for _, path := range []string{"/api/auth/refresh", "/api/auth/logout"} {
			from(origin, path, cookie, nil).refused(403, "origin")
		}
		from(origin, "/api/auth/login", "", credentials("owner", "password of owner")).refused(403, "origin")
	}
	// What another kind of server has left behind is not taken for it.
	cookie = "__Secure-coffer_refresh=old.secret; " + cookie
	cookie, _, _ = strings.Cut(from("https://dash.example", "/api/auth/refresh", cookie, nil).want(200, nil).header.Get("Set-Cookie"), ";")
	from("https://dash.example", "/api/auth/logout", cookie, nil).want(204, nil)
}
