package simulator

import (
	"encoding/hex"
	"encoding/json"
	"testing"
)

// TestTheApplicationIsWhatThePortalHas looks at what the bot is told of its application,
// and at roles that are changed.
func TestTheApplicationIsWhatThePortalHas(t *testing.T) {
	r := newRig(t, always(text("x")))
	look := func() (app struct {
		ID              string
		Bot             struct{ ID string }
		VerifyKey       string   `json:"verify_key"`
		InteractionsURL string   `json:"interactions_endpoint_url"`
		RedirectURIs    []string `json:"redirect_uris"`
		Flags           int
	}) {
		t.Helper()
		status, body := r.call("GET", "/api/v10/applications/@me", "")
		if err := json.Unmarshal([]byte(body), &app); status != 200 || err != nil {
			t.Fatalf("%d, %v: %s", status, err, body)
		}
		return app
	}
	app := look()
	if app.ID != DemoApplicationID || app.Bot.ID != DemoApplicationID || app.VerifyKey != hex.EncodeToString(r.PublicKey()) || app.RedirectURIs == nil || app.Flags != flagMembersLimited {
		t.Errorf("%+v", app)
	}
	r.SetInteractionsURL("https://coffer.example/interactions")
	r.AllowMembersIntent(false)
	if app := look(); app.InteractionsURL != "https://coffer.example/interactions" || app.Flags != 0 {
		t.Errorf("%+v", app)
	}

	if r.ChangeRole(DemoGuildID, "nobody", func(*Role) {}) {
		t.Error("a role was changed that is not there")
	}
	r.AddRole(Role{ID: "7", GuildID: DemoGuildID, Name: "Cook", Position: 5})
	if !r.ChangeRole(DemoGuildID, "Cook", func(role *Role) { role.ID, role.GuildID, role.Position, role.Permissions = "8", "9", 2, ManageRoles }) {
		t.Error("the cook's role was not changed")
	}
	_, body := r.call("GET", "/api/v10/guilds/"+DemoGuildID+"/roles", "")
	var roles []struct {
		ID, Permissions string
		Position        int
	}
	if err := json.Unmarshal([]byte(body), &roles); err != nil {
		t.Fatal(err)
	}
	if last := roles[len(roles)-1]; last.ID != "7" || last.Position != 2 || last.Permissions != ManageRoles.String() {
		t.Errorf("%+v", last)
	}
}
