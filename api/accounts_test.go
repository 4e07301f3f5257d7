package api_test

import (
	"strings"
	"testing"
	"time"
)

// account is what clients read of one.
type account struct {
	ID, Kind, Username, Role, Token string
	Guilds                          []string
	Disabled                        bool
	ExpiresAt                       *time.Time `json:"expires_at"`
	LastUsed                        *time.Time `json:"last_used_at"`
}

func newAccount(name string) map[string]any {
	return map[string]any{"username": name, "password": "password of " + name, "role": "viewer", "guilds": []string{theGuild}}
}

func TestAnOwnerMakesAccounts(t *testing.T) {
	w := newWorld(t)
	var made, again account
	w.post("owner", "/api/admins", "k1", newAccount("Ada")).want(201, &made)
	if made.Username != "ada" || made.Kind != "password" || made.Role != "viewer" || made.Guilds[0] != theGuild || made.ID == "" {
		t.Errorf("made %+v", made)
	}
	w.post("owner", "/api/admins", "k1", newAccount("Ada")).want(201, &again)
	if again.ID != made.ID {
		t.Errorf("the same request made %s, and then %s", made.ID, again.ID)
	}
	w.post("owner", "/api/admins", "k1", newAccount("bob")).refused(422, "key_reused")
	other := newAccount("ada")
	other["password"] = "another password"
	w.post("owner", "/api/admins", "k1", other).refused(422, "key_reused")
	if p := w.post("owner", "/api/admins", "k2", newAccount("ADA")).refused(409, "name_taken"); p.field("username") != "name_taken" {
		t.Errorf("fields %v", p.Fields)
	}
	w.post("owner", "/api/admins", "", newAccount("bob")).refused(400, "idempotency_key")
	w.post("", "/api/auth/login", "", credentials("ada", "password of Ada")).want(200, nil)

	for field, value := range map[string]any{"username": "a b", "password": "short", "role": "king", "guilds": []string{"x"}} {
		body := newAccount("carl")
		body[field] = value
		r := w.post("owner", "/api/admins", "k3", body)
		var p problemJSON
		if r.want(400, &p); p.field(field) == "" {
			t.Errorf("%s = %v: %s", field, value, r.body)
		}
	}
	w.post("owner", "/api/admins", "k3", newAccount("carl")).want(201, nil) // a refusal left no trace
}

func TestAnOwnerChangesAccounts(t *testing.T) {
	w := newWorld(t)
	path := func(name string) string { return "/api/admins/" + apiID(w.ids[name]) }
	patch := func(name string, body map[string]any) reply {
		return w.send(request{method: "PATCH", path: path(name), as: "owner", body: body})
	}
	var got account
	patch("viewer", map[string]any{"role": "manager", "guilds": []string{otherGuild, theGuild}}).want(200, &got)
	if got.Role != "manager" || len(got.Guilds) != 2 || got.Disabled {
		t.Errorf("changed to %+v", got)
	}
	w.get("viewer", "/api/auth/me").want(200, &got)
	if got.Role != "manager" {
		t.Error("a change must hold at the next request")
	}
	patch("viewer", map[string]any{"password": "another password", "role": nil}).want(200, nil)
	w.get("viewer", "/api/auth/me").refused(401, "signed_out")
	w.post("", "/api/auth/login", "", credentials("viewer", "another password")).want(200, nil)
	patch("manager", map[string]any{"disabled": true}).want(200, &got)
	if !got.Disabled {
		t.Errorf("got %+v", got)
	}
	w.get("manager", "/api/auth/me").refused(401, "signed_out")
	w.post("", "/api/auth/login", "", credentials("manager", "password of manager")).refused(401, "login")

	patch("owner", map[string]any{"role": "viewer"}).refused(409, "last_owner")
	patch("owner", map[string]any{"disabled": true}).refused(409, "last_owner")
	if p := patch("viewer", map[string]any{"role": "king"}).refused(400, "unknown_role"); p.field("role") == "" {
		t.Errorf("fields %v", p.Fields)
	}
	if p := patch("viewer", map[string]any{"name": "x", "disabled": "yes"}).refused(400, "fields"); p.field("name") != "unknown" || p.field("disabled") != "type" {
		t.Errorf("fields %v", p.Fields)
	}
	w.send(request{method: "PATCH", path: "/api/admins/999", as: "owner", body: map[string]any{}}).refused(404, "unknown_account")
	for _, bad := range []string{"0", "-1", "x", "01", "9223372036854775808", "1.0"} {
		w.send(request{method: "PATCH", path: "/api/admins/" + bad, as: "owner", body: map[string]any{}}).refused(400, "bad_id")
	}
}

func TestAccountsAreListedInPages(t *testing.T) {
	w := newWorld(t)
	var names []string
	path, pages := "/api/admins?limit=2", 0
	for {
		var page struct {
			Data       []account
			NextCursor *string `json:"next_cursor"`
		}
		w.get("owner", path).want(200, &page)
		for _, a := range page.Data {
			names = append(names, a.Username)
		}
		pages++
		if page.NextCursor == nil {
			break
		}
		path = "/api/admins?limit=2&cursor=" + *page.NextCursor
	}
	if got, want := strings.Join(names, " "), "viewer reviewer manager owner stranger"; got != want || pages != 3 {
		t.Errorf("%q in %d pages, want %q in 3", got, pages, want)
	}
}

func TestATokenIsShownOnce(t *testing.T) {
	w := newWorld(t)
	body := map[string]any{"name": "nightly export", "role": "reviewer", "guilds": []string{theGuild}, "expires_at": theMorning.Add(time.Hour)}
	var made, again account
	w.post("owner", "/api/tokens", "k", body).want(201, &made)
	w.post("owner", "/api/tokens", "k", body).want(201, &again)
	if made.ID != again.ID || made.Token != again.Token || !strings.HasPrefix(made.Token, "coffer_") || len(made.Token) < 40 {
		t.Errorf("made %+v, and again %+v", made, again)
	}
	body["name"] = "another"
	w.post("owner", "/api/tokens", "k", body).refused(422, "key_reused")
	var other account
	w.post("owner", "/api/tokens", "k2", body).want(201, &other)
	if other.Token == made.Token {
		t.Error("two tokens are the same")
	}
	w.admit("second", "owner")
	var theirs account
	w.post("second", "/api/tokens", "k", body).want(201, &theirs)
	if theirs.Token == made.Token {
		t.Error("the key of another owner yields the same token")
	}

	first := w.config.Secrets
	w.config.Secrets = append([]string{"a newer secret of thirty-two bytes"}, first...)
	w.serve()
	body["name"] = "nightly export"
	if w.post("owner", "/api/tokens", "k", body).want(201, &again); again.Token != made.Token {
		t.Error("under a newer secret, the same request yields another token")
	}
	w.config.Secrets = w.config.Secrets[:1]
	w.serve()
	w.tokens["owner"] = w.signIn("owner").AccessToken
	w.post("owner", "/api/tokens", "k", body).refused(422, "key_reused") // nobody knows it any more
	w.config.Secrets = first
	w.serve()
	w.tokens["owner"] = w.signIn("owner").AccessToken

	w.tokens["program"] = made.Token
	var me account
	w.get("program", "/api/auth/me").want(200, &me)
	if me.Username != "nightly export" || me.Kind != "token" || me.Role != "reviewer" {
		t.Errorf("me is %+v", me)
	}
	list := w.get("owner", "/api/tokens").want(200, nil)
	if strings.Contains(string(list.body), made.Token) || !strings.Contains(string(list.body), `"last_used_at":"2026-11-27T09:00:00Z"`) {
		t.Errorf("the list has the token, or not when it was used: %s", list.body)
	}
	if strings.Contains(w.log.String(), made.Token) {
		t.Error("the log has the token")
	}
	w.now.at = w.now.at.Add(time.Hour)
	w.get("program", "/api/auth/me").refused(401, "signed_out")

	w.tokens["owner"] = w.signIn("owner").AccessToken
	w.send(request{method: "DELETE", path: "/api/tokens/" + other.ID, as: "owner"}).want(204, nil)
	w.send(request{method: "DELETE", path: "/api/tokens/" + other.ID, as: "owner"}).refused(404, "unknown_token")
	w.send(request{method: "DELETE", path: "/api/tokens/" + apiID(w.ids["viewer"]), as: "owner"}).refused(404, "unknown_token")

	w.post("owner", "/api/tokens", "k9", map[string]any{"name": "x", "role": "viewer", "guilds": []string{}, "expires_at": "0001-01-01T00:00:00Z"}).refused(400, "expiry")
	for field, value := range map[string]any{"name": "", "role": "king", "guilds": []string{theGuild, theGuild}, "expires_at": theMorning} {
		bad := map[string]any{"name": "x", "role": "viewer", "guilds": []string{}}
		bad[field] = value
		r := w.post("owner", "/api/tokens", "k9", bad)
		var p problemJSON
		if r.want(400, &p); p.field(field) == "" {
			t.Errorf("%s = %v: %s", field, value, r.body)
		}
	}
}
