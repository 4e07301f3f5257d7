package api_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/api"
	"coffer/internal/admins"
	"coffer/internal/discord"
	"coffer/internal/economy"
	"coffer/internal/problem"
	"coffer/internal/simulator"
)

const (
	clientSecret = "theSecretOfTheApplication-_1"
	callback     = "https://coffer.example.com/api/auth/discord/callback"
)

// harbour is a world with a local Discord.
type harbour struct {
	*world
	sim *simulator.Simulator
}

func newHarbour(t *testing.T) *harbour {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	h := &harbour{sim: simulator.New(simulator.Config{ApplicationID: simulator.DemoApplicationID, BotToken: "bot", PrivateKey: key,
		World: simulator.DemoWorld(), ClientSecret: clientSecret, RedirectURIs: []string{callback}})}
	server := httptest.NewServer(h.sim.REST())
	client := discord.New(discord.Config{BaseURL: server.URL, Token: "bot", ApplicationID: simulator.DemoApplicationID, Backoff: time.Millisecond})
	t.Cleanup(func() {
		client.Close()
		server.Close()
		if err := h.sim.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	h.world = newWorld(t, func(c *api.Config) { c.Discord = client.NewLogin(clientSecret, callback) })
	if _, err := h.store.Meet(t.Context(), simulator.DemoGuildID, []economy.Person{{User: "1", Name: "x"}}, theMorning); err != nil {
		t.Fatal(err)
	}
	return h
}

// start goes to Discord, and returns its address and our cookie.
func (h *harbour) start(back string) (*url.URL, string) {
	h.t.Helper()
	r := h.get("", "/api/auth/discord?return="+url.QueryEscape(back)).want(302, nil)
	at, err := url.Parse(r.header.Get("Location"))
	if err != nil {
		h.t.Fatal(err)
	}
	return at, r.cookie("coffer_discord")
}

// agree is what somebody does at Discord: it returns the path that he is sent back to.
func (h *harbour) agree(at *url.URL, who string) string {
	h.t.Helper()
	q := at.Query()
	q.Set("as", who)
	at.RawQuery = q.Encode()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	request, err := http.NewRequestWithContext(h.t.Context(), "GET", at.String(), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	defer client.CloseIdleConnections()
	back, ok := strings.CutPrefix(response.Header.Get("Location"), "https://coffer.example.com")
	if response.StatusCode != 302 || !ok {
		h.t.Fatalf("Discord answers %s with %q", response.Status, response.Header.Get("Location"))
	}
	return back
}

// finish comes back.
func (h *harbour) finish(path, cookie string) reply {
	h.t.Helper()
	q := request{method: "GET", path: path}
	if cookie != "" {
		q.header = map[string]string{"Cookie": cookie}
	}
	return h.send(q).want(302, nil)
}

// signsIn goes all the way.
func (h *harbour) signsIn(who string) reply {
	h.t.Helper()
	at, cookie := h.start("/guilds?tab=1")
	return h.finish(h.agree(at, who), cookie)
}

func TestWhoManagesAServerSignsInWithDiscord(t *testing.T) {
	h := newHarbour(t)
	at, cookie := h.start("/guilds?tab=1")
	q := at.Query()
	if len(q.Get("state")) < 20 || q.Get("code_challenge_method") != "S256" || q.Get("scope") != "identify guilds" || q.Get("redirect_uri") != callback {
		t.Errorf("sent to %s", at)
	}
	r := h.finish(h.agree(at, "ada"), cookie)
	if got := r.header.Get("Location"); got != "/guilds?tab=1" {
		t.Errorf("sent on to %q", got)
	}
	var in granted
	refreshed := h.refresh(r.cookie("coffer_refresh")).want(200, &in)
	if a := in.Account; a.Kind != "discord" || a.Username != "Ada Lovelace" || a.Role != "manager" || len(a.Guilds) != 1 || a.Guilds[0] != simulator.DemoGuildID {
		t.Errorf("granted %+v", in.Account)
	}
	if !h.as(in.AccessToken) {
		t.Error("the access token does not let in")
	}
	if log := h.log.String(); strings.Contains(log, q.Get("state")) || strings.Contains(log, clientSecret) {
		t.Error("the log has a secret")
	}

	// What Discord says is derived again at each renewal.
	if !h.sim.DeleteRole(simulator.DemoGuildID, simulator.DemoAdminRole) {
		t.Fatal("no role to delete")
	}
	h.sim.Join(simulator.Member{GuildID: simulator.DemoGuildID, User: simulator.User{ID: "1180000000000009999", Username: "zed"}, Roles: []string{}})
	h.now.at = h.now.at.Add(time.Minute)
	refreshed = h.refresh(refreshed.cookie("coffer_refresh")).want(200, &in)
	if len(in.Account.Guilds) != 1 {
		t.Error("the owner of a server manages it without a role")
	}
	h.sim.Leave(simulator.DemoGuildID, "ada")
	h.now.at = h.now.at.Add(time.Minute)
	h.refresh(refreshed.cookie("coffer_refresh")).refused(401, "signed_out") // Discord does not know her any more
	if h.as(in.AccessToken) {
		t.Error("the session goes on")
	}
}

// TestWhoManagesNoMoreIsOutAtTheNextRenewal: chidi is made an admin, and then not.
func TestWhoManagesNoMoreIsOutAtTheNextRenewal(t *testing.T) {
	h := newHarbour(t)
	chidi, _ := h.sim.Member(simulator.DemoGuildID, "chidi")
	plain := chidi.Roles
	chidi.Roles = []string{simulator.DemoAdminRole}
	h.sim.Join(chidi)
	var in granted
	r := h.refresh(h.signsIn("chidi").cookie("coffer_refresh")).want(200, &in)
	if len(in.Account.Guilds) != 1 {
		t.Fatalf("granted %+v", in.Account)
	}
	chidi.Roles = plain
	h.sim.Join(chidi)
	h.now.at = h.now.at.Add(time.Minute)
	r = h.refresh(r.cookie("coffer_refresh")).want(200, &in)
	if len(in.Account.Guilds) != 0 {
		t.Errorf("granted %+v", in.Account)
	}
	h.tokens["chidi"] = in.AccessToken
	h.sim.Deauthorize("chidi")
	h.now.at = h.now.at.Add(time.Minute)
	h.refresh(r.cookie("coffer_refresh")).refused(401, "signed_out")
	h.get("chidi", "/api/auth/me").refused(401, "signed_out")
}

func TestWhoIsNotConfirmedIsNotIn(t *testing.T) {
	h := newHarbour(t)
	at, cookie := h.start("/")
	other, otherCookie := h.start("/")
	good := h.agree(at, "ada")
	code := func(path string) string { u, _ := url.Parse(path); return u.Query().Get("code") }
	state := func(u *url.URL) string { return u.Query().Get("state") }
	for name, tt := range map[string]struct{ path, cookie, code string }{
		"no cookie":                  {good, "", "not_confirmed"},
		"another browser's cookie":   {good, otherCookie, "not_confirmed"},
		"another state":              {"/api/auth/discord/callback?code=" + code(good) + "&state=x", cookie, "not_confirmed"},
		"no state":                   {"/api/auth/discord/callback?code=" + code(good), cookie, "not_confirmed"},
		"no code":                    {"/api/auth/discord/callback?state=" + state(at), cookie, "not_confirmed"},
		"a made up code":             {"/api/auth/discord/callback?code=x&state=" + state(at), cookie, "not_confirmed"},
		"a code of another verifier": {"/api/auth/discord/callback?code=" + code(h.agree(other, "ada")) + "&state=" + state(at), cookie, "not_confirmed"},
		"who does not agree":         {h.agree(at, "cancel"), cookie, "not_confirmed"},
		"rubbish for a cookie":       {good, strings.SplitN(cookie, "=", 2)[0] + "=rubbish", "not_confirmed"},
		"more than Discord says":     {h.agree(other, "cancel") + "&iss=https%3A%2F%2Fdiscord.com", otherCookie, "not_confirmed"},
	} {
		r := h.finish(tt.path, tt.cookie)
		if got := r.header.Get("Location"); got != "/?sign_in_error="+tt.code {
			t.Errorf("%s: sent to %q", name, got)
		}
		if r.cookie("coffer_refresh") != "" {
			t.Errorf("%s: a session begins", name)
		}
	}
	r := h.signsIn("bob")
	if got := r.header.Get("Location"); got != "/guilds?tab=1&sign_in_error=no_guilds" || r.cookie("coffer_refresh") != "" {
		t.Errorf("who manages no server is sent to %q, with %q", got, r.cookie("coffer_refresh"))
	}
	account, err := h.store.Accounts(t.Context(), false, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	h.signsIn("ada")
	account, err = h.store.Accounts(t.Context(), false, account[len(account)-1].ID, 100)
	if err != nil || len(account) != 1 {
		t.Fatalf("accounts %+v, %v", account, err)
	}
	if _, err := h.store.ChangeAccount(t.Context(), admins.Change{Account: account[0].ID, Disabled: &yes, At: theMorning}); err != nil {
		t.Fatal(err)
	}
	if r := h.signsIn("ada"); !strings.Contains(r.header.Get("Location"), "sign_in_error=signed_out") || r.cookie("coffer_refresh") != "" {
		t.Errorf("who is disabled is sent to %q", r.header.Get("Location"))
	}
}

// TestAnOutageOfDiscordEndsNoSession: the renewal fails, and is tried again.
func TestAnOutageOfDiscordEndsNoSession(t *testing.T) {
	h := newHarbour(t)
	cookie := h.signsIn("ada").cookie("coffer_refresh")
	if _, err := h.sim.Plant(simulator.Fault{Kind: simulator.StatusFault, Route: "me", Status: 503, Count: 100}); err != nil {
		t.Fatal(err)
	}
	r := h.refresh(cookie)
	r.refused(503, "discord_unavailable")
	next := r.cookie("coffer_refresh")
	if next == "" {
		t.Fatal("the next cookie is lost")
	}
	h.sim.ClearFaults()
	h.now.at = h.now.at.Add(time.Minute)
	h.refresh(next).want(200, nil)
}

// aged is a Discord whose grants are over at once, so that each renewal needs another.
type aged struct{ api.Discord }

func (a aged) Renew(ctx context.Context, grant string) (string, error) {
	var token map[string]any
	if err := json.Unmarshal([]byte(grant), &token); err != nil {
		return "", err
	}
	token["expiry"] = time.Now().Add(-time.Hour)
	old, err := json.Marshal(token)
	if err != nil {
		return "", err
	}
	return a.Discord.Renew(ctx, string(old))
}

// TestAGrantThatWasRenewedIsKept: Discord knows the one before no more, so it must not be
// lost because Discord then does not say whose it is.
func TestAGrantThatWasRenewedIsKept(t *testing.T) {
	h := newHarbour(t)
	cookie := h.signsIn("ada").cookie("coffer_refresh")
	h.config.Discord = aged{h.config.Discord}
	h.serve()
	for range 2 {
		if _, err := h.sim.Plant(simulator.Fault{Kind: simulator.StatusFault, Route: "me", Status: 503, Count: 100}); err != nil {
			t.Fatal(err)
		}
		r := h.refresh(cookie)
		r.refused(503, "discord_unavailable")
		h.sim.ClearFaults()
		h.now.at = h.now.at.Add(time.Minute)
		cookie = h.refresh(r.cookie("coffer_refresh")).want(200, nil).cookie("coffer_refresh")
	}
}

// hastily is a Discord at which the client hangs up as soon as it is asked.
type hastily struct {
	api.Discord
	hangUp *context.CancelFunc
}

func (h hastily) Identify(ctx context.Context, grant string) (admins.Identity, error) {
	if *h.hangUp != nil {
		(*h.hangUp)()
	}
	return h.Discord.Identify(ctx, grant)
}

// TestNobodyKeepsRightsThatDiscordHasTaken has somebody lose his role, and then come back
// with a secret that another renewal has used up, in which Discord could not be asked, or
// he did not wait for what it says.
func TestNobodyKeepsRightsThatDiscordHasTaken(t *testing.T) {
	h := newHarbour(t)
	var hangUp context.CancelFunc
	h.config.Discord = hastily{h.config.Discord, &hangUp}
	h.serve()
	chidi, _ := h.sim.Member(simulator.DemoGuildID, "chidi")
	plain := chidi.Roles
	renew := func(cookie string) (guilds int, next string) {
		t.Helper()
		var in granted
		r := h.refresh(cookie).want(200, &in)
		return len(in.Account.Guilds), r.cookie("coffer_refresh")
	}
	for name, fails := range map[string]func(cookie string){
		"Discord does not answer": func(cookie string) {
			if _, err := h.sim.Plant(simulator.Fault{Kind: simulator.StatusFault, Route: "me", Status: 503, Count: 100}); err != nil {
				t.Fatal(err)
			}
			h.refresh(cookie).refused(503, "discord_unavailable")
			h.sim.ClearFaults()
			h.refresh(cookie).refused(503, "discord_unavailable") // the newest secret may ask, this one not
		},
		"he hangs up": func(cookie string) {
			ctx, cancel := context.WithCancel(t.Context())
			hangUp = cancel
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/auth/refresh", nil)
			r.Header.Set("Cookie", cookie)
			h.server.ServeHTTP(httptest.NewRecorder(), r)
			hangUp = nil
			if guilds, _ := renew(cookie); guilds != 0 {
				t.Error("who hung up keeps his servers")
			}
		},
	} {
		chidi.Roles = []string{simulator.DemoAdminRole}
		h.sim.Join(chidi)
		_, cookie := renew(h.signsIn("chidi").cookie("coffer_refresh"))
		guilds, next := renew(cookie)
		if second, same := renew(cookie); guilds != 1 || second != 1 || same != next {
			t.Fatalf("%s: two tabs have %d and %d servers", name, guilds, second)
		}
		chidi.Roles = plain
		h.sim.Join(chidi)
		h.now.at = h.now.at.Add(14 * time.Minute)
		fails(next)
		if r := h.refresh(next); r.status == 200 {
			_, next = renew(next)
		} else {
			next = r.cookie("coffer_refresh")
		}
		if guilds, _ := renew(next); guilds != 0 {
			t.Errorf("%s: he still manages %d servers", name, guilds)
		}
	}
}

func TestOnlyPathsOfOurOwnAreReturnedTo(t *testing.T) {
	for path, want := range map[string]string{
		"/guilds/1?tab=2": "/guilds/1?tab=2", "/": "/", "": "/", "/a%20b": "/a%20b",
		"//evil.example": "/", "/\\evil.example": "/", "https://evil.example": "/", "evil": "/", "/a\nb": "/", "/\tx": "/",
		"/%2f/evil.example": "/%2f/evil.example", "javascript:alert(1)": "/", "/x#y": "/", "/%zz": "/",
	} {
		if got := api.LocalPath(path); got != want {
			t.Errorf("%q becomes %q, want %q", path, got, want)
		}
	}
	w := newWorld(t)
	w.get("", "/api/auth/discord").refused(404, "no_discord")
	w.get("", "/api/auth/discord/callback").refused(404, "no_discord")
}

// TestRequestsAreObservedAsTheyEnded: with the status that was written, and where that
// is a redirect, by what it tells.
func TestRequestsAreObservedAsTheyEnded(t *testing.T) {
	var seen []string
	h := newHarbour(t)
	h.config.Observe = func(operation string, status, outcome int, _ time.Duration) {
		seen = append(seen, fmt.Sprint(operation, " ", status, " ", outcome))
	}
	h.serve()
	expect := func(what string, want ...string) {
		t.Helper()
		if !slices.Equal(seen, want) {
			t.Errorf("%s: got %v, want %v", what, seen, want)
		}
		seen = nil
	}
	h.signsIn("ada")
	expect("signing in", "startDiscord 302 302", "finishDiscord 302 302")
	_, cookie := h.start("/")
	h.finish("/api/auth/discord/callback?code=x&state=forged", cookie)
	expect("a forged state", "startDiscord 302 302", "finishDiscord 302 403")
	at, cookie := h.start("/")
	back := h.agree(at, "ada")
	if _, err := h.sim.Plant(simulator.Fault{Kind: simulator.StatusFault, Route: "me", Status: 503, Count: 100}); err != nil {
		t.Fatal(err)
	}
	h.finish(back, cookie)
	expect("an outage of Discord", "startDiscord 302 302", "finishDiscord 302 503")
	h.get("", "/api/auth/me").want(401, nil)
	h.send(request{method: "POST", path: "/api/auth/logout"}).want(204, nil)
	expect("others", "getMe 401 401", "logout 204 204")

	h.config.Store = deadStore{h.store}
	h.serve()
	h.get("", "/api/health").want(503, nil)
	expect("a store that is down", "getHealth 503 503")
	h.get("owner", "/api/guilds").want(500, nil)
	expect("a panic", "listGuilds 500 500")
}

// deadStore does not answer pings, and panics where it is asked for more.
type deadStore struct{ books }

func (deadStore) Ping(context.Context) error { return problem.ErrUnavailable }

func (deadStore) SessionAccount(context.Context, string, time.Time) (admins.Account, error) {
	panic("a defect")
}
