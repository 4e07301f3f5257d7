package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/api"
	"coffer/internal/admins"
)

// principals are who may come to a route: how each bears his credential, and what he
// is. The matrix is all of them times all routes.
type principal struct {
	name   string
	bearer string
	valid  bool // somebody whom the API knows
	role   admins.Role
	guilds []string
}

// cast makes one of each kind.
func cast(w *world) []principal {
	w.t.Helper()
	all := []principal{{name: "anonymous"}}
	for _, role := range []admins.Role{admins.Viewer, admins.Reviewer, admins.Manager, admins.Owner} {
		all = append(all,
			principal{string(role), w.tokens[string(role)], true, role, []string{theGuild}},
			principal{"token of a " + string(role), w.token("program of "+string(role), role, time.Time{}, theGuild), true, role, []string{theGuild}},
			principal{string(role) + " of no guild", w.token("homeless "+string(role), role, time.Time{}), true, role, nil})
	}
	all = append(all, principal{"manager of another guild", w.tokens["stranger"], true, admins.Manager, []string{otherGuild}})

	disabled := w.admit("disabled", admins.Owner, theGuild)
	yes := true
	if _, err := w.store.ChangeAccount(w.t.Context(), admins.Change{Account: disabled.ID, Disabled: &yes, At: w.now.at}); err != nil {
		w.t.Fatal(err)
	}
	revoked := w.token("revoked", admins.Owner, time.Time{}, theGuild)
	var list struct {
		Data []struct{ ID, Username string }
	}
	w.get("owner", "/api/tokens?limit=100").want(200, &list)
	for _, t := range list.Data {
		if t.Username == "revoked" {
			w.send(request{method: "DELETE", path: "/api/tokens/" + t.ID, as: "owner"}).want(204, nil)
		}
	}
	signedOut := w.admit("signedout", admins.Owner, theGuild)
	out := w.signIn(signedOut.Name)
	w.send(request{method: "POST", path: "/api/auth/logout", header: map[string]string{"Cookie": out.cookie}}).want(204, nil)

	short := w.token("short", admins.Owner, w.now.at.Add(time.Second), theGuild)
	expired := w.signIn("owner").AccessToken
	w.now.at = w.now.at.Add(time.Hour)
	for _, name := range []string{"viewer", "reviewer", "manager", "owner", "stranger"} {
		w.tokens[name] = w.signIn(name).AccessToken
	}
	for i := range all { // the sessions of before are over by now
		if fresh, ok := w.tokens[all[i].name]; ok {
			all[i].bearer = fresh
		}
		if all[i].name == "manager of another guild" {
			all[i].bearer = w.tokens["stranger"]
		}
	}
	return append(all,
		principal{name: "disabled account", bearer: w.tokens["disabled"]},
		principal{name: "revoked token", bearer: revoked},
		principal{name: "signed out", bearer: out.AccessToken},
		principal{name: "expired session", bearer: expired},
		principal{name: "expired token", bearer: short},
		principal{name: "made up token", bearer: "coffer_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
	)
}

// token makes a token of a program.
func (w *world) token(name string, role admins.Role, expires time.Time, guilds ...string) string {
	w.t.Helper()
	secret := "coffer_" + strings.ReplaceAll(name, " ", "-")
	c, err := admins.NewToken(name, admins.Hash(secret), role, guilds, expires, w.now.at)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, _, err := w.store.CreateAccount(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
	return secret
}

// ladder has the roles that an access asks for at least.
var ladder = map[api.Access]admins.Role{api.Viewer: admins.Viewer, api.Reviewer: admins.Reviewer, api.Manager: admins.Manager, api.Owner: admins.Owner}

// expected is how a route must turn a principal away: 0 if it must not.
func expected(r api.Route, p principal, guild string) (int, string) {
	switch {
	case r.Access == api.Public || r.Access == api.Unlimited:
		return 0, ""
	case !p.valid:
		return 401, "signed_out"
	case strings.Contains(r.Path, "/:guild") && p.role != admins.Owner && !slices.Contains(p.guilds, guild):
		return 404, "unknown_guild"
	case strings.Contains(r.Path, "/:guild") && guild != theGuild && guild != otherGuild:
		return 404, "unknown_guild"
	case r.Access == api.SignedIn:
		return 0, ""
	case !p.role.AtLeast(ladder[r.Access]):
		return 403, "role"
	}
	return 0, ""
}

// TestEveryRouteLetsInWhomItDeclares comes to each route of the table as each kind of
// principal. A route that lets somebody in may answer whatever it likes, but not with
// one of the guard's refusals. What it is asked has no key, no body and ids that are
// none, so nothing happens.
func TestEveryRouteLetsInWhomItDeclares(t *testing.T) {
	w := newWorld(t)
	people := cast(w)
	routes := api.New(w.config).Routes()
	if len(routes) < 15 || len(people) < 15 {
		t.Fatalf("only %d routes and %d principals", len(routes), len(people))
	}
	described := theContract().known
	for _, r := range routes {
		if _, ok := described[r.Operation]; !ok {
			t.Errorf("%s is not described", r)
		}
		if _, known := ladder[r.Access]; !known && r.Access > api.SignedIn {
			t.Errorf("%s has an access that the matrix does not know", r)
		}
		guilds := []string{""}
		if strings.Contains(r.Path, "/:guild") {
			guilds = []string{theGuild, otherGuild, "100200300400500999", "x"}
		}
		for _, guild := range guilds {
			for _, p := range people {
				w.serve() // so that no limit is reached
				got := w.visit(r, p, guild)
				status, code := expected(r, p, guild)
				refusal := got.code()
				at := fmt.Sprintf("%s (%s) of guild %q as %s", r.Operation, r.Access, guild, p.name)
				switch {
				case status != 0 && (got.status != status || refusal != code):
					t.Errorf("%s: %d %s, want %d %s", at, got.status, refusal, status, code)
				case status == 0 && (refusal == "role" || refusal == "unknown_guild" || refusal == "signed_out" && r.Operation != "refresh"):
					t.Errorf("%s: turned away with %d %s", at, got.status, refusal)
				case got.status == http.StatusInternalServerError:
					t.Errorf("%s: %s", at, got.body)
				}
			}
		}
	}
}

// visit comes to a route with nothing in hands.
func (w *world) visit(r api.Route, p principal, guild string) reply {
	segments := strings.Split(r.Path, "/")
	for i, s := range segments {
		switch {
		case s == ":guild":
			segments[i] = guild
		case strings.HasPrefix(s, ":"):
			segments[i] = "0"
		}
	}
	q := request{method: r.Method, path: strings.Join(segments, "/"), header: map[string]string{}}
	if r.Method != http.MethodGet && r.Method != http.MethodDelete {
		q.body = "{}"
	}
	if p.bearer != "" {
		q.header["Authorization"] = "Bearer " + p.bearer
	}
	if strings.HasSuffix(r.Path, "/events") { // a stream ends when its client goes
		return w.glance(q)
	}
	return w.send(q)
}

// code is the code of a problem, "" of another answer.
func (r reply) code() string {
	var p problemJSON
	if r.status >= 400 && strings.HasPrefix(r.header.Get("Content-Type"), "application/problem+json") {
		r.want(r.status, &p)
	}
	return p.Code
}

// TestBearersOfOtherFormsAreNobody: the credential is in one header, of one scheme.
func TestBearersOfOtherFormsAreNobody(t *testing.T) {
	w := newWorld(t)
	good := w.tokens["owner"]
	w.send(request{method: "GET", path: "/api/auth/me", header: map[string]string{"Authorization": "bearer " + good}}).want(200, nil)
	for _, bad := range []string{"", "Bearer", "Bearer ", "Basic " + good, good, "Bearer  " + good, "Bearer " + good + " ", "Bearer " + good + ", Bearer " + good,
		"Bearer " + strings.Repeat("x", 8000)} {
		w.serve()
		w.send(request{method: "GET", path: "/api/auth/me", header: map[string]string{"Authorization": bad}}).refused(401, "signed_out")
	}
	w.get("", "/api/auth/me?access_token="+good).refused(401, "signed_out")
	if h := w.get("", "/api/auth/me").header.Get("WWW-Authenticate"); !strings.HasPrefix(h, "Bearer") {
		t.Errorf("WWW-Authenticate = %q", h)
	}
}

// tellsLimit fails the test unless the answer says how many calls of a minute are left.
func (r reply) tellsLimit(limit, left int) {
	r.t.Helper()
	for name, want := range map[string]int{"RateLimit-Limit": limit, "RateLimit-Remaining": left, "RateLimit-Reset": 60} {
		if got := r.header.Get(name); got != fmt.Sprint(want) {
			r.t.Fatalf("%s: %q, want %d", name, got, want)
		}
	}
}

func TestCallsAreLimitedByCaller(t *testing.T) {
	w := newWorld(t)
	for i := range 600 {
		w.get("viewer", "/api/auth/me").want(200, nil).tellsLimit(600, 599-i)
	}
	over := w.get("viewer", "/api/auth/me")
	over.refused(429, "too_many_requests")
	over.tellsLimit(600, 0)
	if over.header.Get("Retry-After") != "60" {
		t.Errorf("headers %v", over.header)
	}
	w.get("owner", "/api/auth/me").want(200, nil) // others are left alone
	w.now.at = w.now.at.Add(time.Minute)
	w.get("viewer", "/api/auth/me").want(200, nil)
}

// TestHealthIsToldHoweverOftenItIsAsked: whoever keeps an address busy keeps no monitor
// from seeing that the server is well.
func TestHealthIsToldHoweverOftenItIsAsked(t *testing.T) {
	w := newWorld(t)
	w.address = "203.0.113.9:4711" // nobody has signed in from there
	for i := range 600 {
		w.get("", "/api/auth/methods").want(200, nil).tellsLimit(600, 599-i)
	}
	over := w.get("", "/api/auth/methods")
	over.refused(429, "too_many_requests")
	over.tellsLimit(600, 0)
	for range 700 {
		w.get("", "/api/health").want(200, nil)
	}
}

// TestGuessesOfTokensAreLimited: the store is not asked for ever by somebody who has
// no token.
func TestGuessesOfTokensAreLimited(t *testing.T) {
	w := newWorld(t)
	guess := func(n int) reply {
		return w.send(request{method: "GET", path: "/api/auth/me", header: map[string]string{"Authorization": fmt.Sprintf("Bearer coffer_%d", n)}})
	}
	for n := range 60 {
		guess(n).refused(401, "signed_out")
	}
	over := guess(60)
	over.refused(429, "too_many_requests")
	over.tellsLimit(60, 0)
	w.get("owner", "/api/auth/me").want(200, nil) // from the same address
	w.now.at = w.now.at.Add(time.Minute)
	guess(61).refused(401, "signed_out")
}

// TestAddressesOfVersion6AreCountedByNetwork: one customer has more addresses than
// could ever be counted.
func TestAddressesOfVersion6AreCountedByNetwork(t *testing.T) {
	w := newWorld(t)
	public := func(address string) reply {
		w.address = address
		return w.get("", "/api/auth/methods")
	}
	for i := range 600 {
		public(fmt.Sprintf("[2001:db8::%x]:99", i)).want(200, nil)
	}
	public("[2001:db8::ffff:1]:99").refused(429, "too_many_requests")
	public("[2001:db8:0:1::1]:99").want(200, nil)
	guess := func(address string) reply {
		w.address = address
		return w.send(request{method: "GET", path: "/api/auth/me", header: map[string]string{"Authorization": "Bearer coffer_x"}})
	}
	for i := range 60 {
		guess(fmt.Sprintf("[2001:db8::%x]:99", i)).refused(401, "signed_out")
	}
	guess("[2001:db8::ffff:1]:99").refused(429, "too_many_requests")
	guess("[2001:db8:0:1::1]:99").refused(401, "signed_out")
}

// TestManyAddressesLockNobodyOut: what is remembered is bounded, and whoever comes
// with ever new keys reaches neither others' limits nor beyond his own.
func TestManyAddressesLockNobodyOut(t *testing.T) {
	clock := &clock{theMorning}
	call, keys := api.Limiter(600, clock.now)
	for range 601 {
		call("used up")
	}
	for n := range 2 * api.MostKeys {
		if call(fmt.Sprint("one of many ", n)) {
			t.Fatalf("key %d is over a limit that it has used once", n)
		}
		if n%1000 == 0 && call(fmt.Sprint("somebody else ", n)) {
			t.Fatalf("somebody else is locked out after %d keys", n)
		}
	}
	if !call("used up") {
		t.Error("a limit that was used up is not any more")
	}
	if n := keys(); n != api.MostKeys {
		t.Errorf("%d keys are remembered, want %d", n, api.MostKeys)
	}
	clock.at = clock.at.Add(time.Minute)
	if call("used up") || keys() != 1 {
		t.Errorf("the next window begins with %d keys", keys())
	}
}
