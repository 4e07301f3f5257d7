package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// deed is what clients read of the trail of accounts.
type deed struct {
	ID, Kind      string
	Account       account
	By            *account
	Before, After *account
	At            string
}

func (d deed) String() string {
	by, before, after := "-", "-", "-"
	if d.By != nil {
		by = d.By.Username
	}
	for side, text := range map[*account]*string{d.Before: &before, d.After: &after} {
		if side != nil {
			*text = fmt.Sprint(side.Role, side.Guilds, side.Disabled)
		}
	}
	return fmt.Sprintf("%s %s by %s: %s > %s", d.Kind, d.Account.Username, by, before, after)
}

// deeds are all entries to some filters, the newest first, in pages of three.
func (w *world) deeds(filter string) []string {
	w.t.Helper()
	var all []string
	for path := "/api/trail?limit=3&" + filter; ; {
		var page struct {
			Data       []deed
			NextCursor *string `json:"next_cursor"`
		}
		w.get("owner", path).want(200, &page)
		for _, d := range page.Data {
			all = append(all, d.String())
		}
		if page.NextCursor == nil {
			return all
		}
		path = "/api/trail?limit=3&" + filter + "&cursor=" + *page.NextCursor
	}
}

func TestWhatIsDoneToAccountsIsListed(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		known := len(w.deeds(""))
		if known != 5 { // the world's own
			t.Fatalf("%d entries at first", known)
		}
		w.post("owner", "/api/admins", "k1", newAccount("Ada")).want(201, nil)
		w.post("owner", "/api/admins", "k1", newAccount("Ada")).want(201, nil)
		patch := func(as, name string, status int, body map[string]any) {
			t.Helper()
			w.send(request{method: "PATCH", path: "/api/admins/" + apiID(w.ids[name]), as: as, body: body}).want(status, nil)
		}
		patch("owner", "viewer", 200, map[string]any{"role": "owner", "password": "another password"})
		w.tokens["viewer"] = w.enter("viewer", "another password")
		patch("viewer", "reviewer", 200, map[string]any{"disabled": true})
		patch("viewer", "reviewer", 200, map[string]any{"disabled": true})
		patch("manager", "viewer", 403, map[string]any{"role": "viewer"})
		w.send(request{method: "PUT", path: "/api/auth/password", as: "manager",
			body: map[string]string{"current": "password of manager", "new": "a secret of his own"}}).want(204, nil)
		var token account
		w.post("viewer", "/api/tokens", "k2", map[string]any{"name": "program", "role": "viewer", "guilds": []string{theGuild}}).want(201, &token)
		w.send(request{method: "DELETE", path: "/api/tokens/" + token.ID, as: "owner"}).want(204, nil)

		one, all := "["+theGuild+"] false", w.deeds("")
		want := []string{
			"account.created ada by owner: - > viewer" + one,
			"account.changed viewer by owner: viewer" + one + " > owner" + one,
			"password.reset viewer by owner: - > -",
			"account.changed reviewer by viewer: reviewer" + one + " > reviewer[" + theGuild + "] true",
			"password.changed manager by manager: - > -",
			"token.created program by viewer: - > viewer" + one,
			"token.revoked program by owner: viewer" + one + " > -",
		}
		slices.Reverse(want)
		if got := all[:max(len(all)-known, 0)]; !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if got := w.deeds("by=" + apiID(w.ids["viewer"])); !slices.Equal(got, []string{want[1], want[3]}) {
			t.Errorf("by the viewer %q", got)
		}
		if got := w.deeds("account=" + token.ID + "&by=" + apiID(w.ids["owner"])); !slices.Equal(got, want[:1]) {
			t.Errorf("of the token by the owner %q", got)
		}
		if got := w.deeds("account=999"); got != nil {
			t.Errorf("of nobody %q", got)
		}
		answer := string(w.get("owner", "/api/trail?limit=100").want(200, nil).body)
		for _, secret := range []string{"plain ", "password of", "coffer_"} {
			if strings.Contains(answer, secret) {
				t.Errorf("the trail has %q:\n%s", secret, answer)
			}
		}
	})
}

func TestTheTrailOfAccountsRefusesWhatItDoesNotKnow(t *testing.T) {
	w := newWorld(t)
	for query, field := range map[string]string{"account=x": "account", "by=0": "by", "by=operator": "by", "account=": "account", "kind=account.created": "kind", "limit=101": "limit"} {
		if p := w.get("owner", "/api/trail?"+query).refused(400, "query"); p.field(field) == "" {
			t.Errorf("%s: fields %v", query, p.Fields)
		}
	}
	var admins struct {
		NextCursor string `json:"next_cursor"`
	}
	w.get("owner", "/api/admins?limit=1").want(200, &admins)
	for _, cursor := range []string{"", "x", admins.NextCursor} {
		w.get("owner", "/api/trail?cursor="+cursor).refused(400, "bad_cursor")
	}
}

// enter signs an account in and returns its access token.
func (w *world) enter(name, password string) string {
	w.t.Helper()
	var g granted
	w.post("", "/api/auth/login", "", credentials(name, password)).want(200, &g)
	return g.AccessToken
}
