package simulator

import (
	"strings"
	"testing"
	"time"
)

const (
	bobsID  = "1180000000000001001"
	ivansID = "1180000000000001008"
)

func roleOf(user, role string) string {
	return "/api/v10/guilds/" + DemoGuildID + "/members/" + user + "/roles/" + role
}

// direct sends somebody a direct message and returns the status and the body.
func (r *rig) direct(user, content string) (int, string) {
	r.t.Helper()
	status, out := r.call("POST", "/api/v10/users/@me/channels", `{"recipient_id":"`+user+`"}`)
	if status != 200 {
		return status, out
	}
	return r.call("POST", "/api/v10/channels/"+decode[struct{ ID string }](r.t, out).ID+"/messages", `{"content":"`+content+`"}`)
}

func TestSomebodyLeavesAndComesBack(t *testing.T) {
	r := newRig(t, always(text("x")))
	r.say("bob", "/ping")
	r.direct(bobsID, "hello")
	bob, _ := r.Member(DemoGuildID, "bob")
	if !r.Leave(DemoGuildID, "@bob") || r.Leave(DemoGuildID, "bob") {
		t.Error("he did not leave once")
	}
	for _, c := range []struct {
		what   string
		call   func() (int, string)
		status int
		want   string
	}{
		{"grant", func() (int, string) { return r.call("PUT", roleOf(bobsID, DemoNewcomerRole), "") }, 404, `"code":10007`},
		{"take", func() (int, string) { return r.call("DELETE", roleOf(bobsID, DemoNewcomerRole), "") }, 404, `"code":10007`},
		{"direct", func() (int, string) { return r.direct(bobsID, "hi") }, 403, `"code":50278`},
		{"to nobody", func() (int, string) { return r.direct("5", "hi") }, 404, `"code":10013`},
	} {
		if status, out := c.call(); status != c.status || !strings.Contains(out, c.want) {
			t.Errorf("%s: %d %s, want %d %s", c.what, status, out, c.status, c.want)
		}
	}
	if _, err := r.Say(t.Context(), Command{As: "bob", Line: "/ping"}); err == nil {
		t.Error("he still speaks")
	}
	if n := len(r.Messages("general", "ada")); n != 1 {
		t.Errorf("%d messages are left of him, want 1", n)
	}
	r.Join(bob)
	if status, out := r.direct(bobsID, "again"); status != 200 {
		t.Errorf("after he came back: %d %s", status, out)
	}
	var said []string
	for _, m := range r.Directs(bobsID) {
		said = append(said, m.Content)
	}
	if got := strings.Join(said, " "); got != "hello again" {
		t.Errorf("his direct messages are %q", got)
	}
	if list := r.Directs(ivansID); list == nil || len(list) != 0 {
		t.Errorf("somebody else's are %v", list)
	}
}

func TestARoleIsDeleted(t *testing.T) {
	r := newRig(t, always(text("x")))
	r.call("PUT", roleOf(bobsID, DemoNewcomerRole), "")
	if !r.DeleteRole(DemoGuildID, "Deckhand") || r.DeleteRole(DemoGuildID, DemoNewcomerRole) || r.DeleteRole(DemoGuildID, DemoGuildID) {
		t.Error("not that role was deleted, once")
	}
	if m, _ := r.Member(DemoGuildID, "bob"); len(m.Roles) != 0 {
		t.Errorf("bob still has %v", m.Roles)
	}
	for _, method := range []string{"PUT", "DELETE"} {
		if status, out := r.call(method, roleOf(bobsID, DemoNewcomerRole), ""); status != 404 || !strings.Contains(out, `"code":10011`) {
			t.Errorf("%s: %d %s", method, status, out)
		}
	}
	if _, out := r.call("GET", "/api/v10/guilds/"+DemoGuildID+"/roles", ""); strings.Contains(out, "Deckhand") {
		t.Errorf("the roles are %s", out)
	}
}

// The bot manages what is below its own highest role, if it may manage roles at all.
func TestTheHierarchyOfRoles(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*World)
		role   string
		want   int
	}{
		"below its own":            {func(*World) {}, DemoReviewerRole, 204},
		"above its own":            {func(*World) {}, DemoAdminRole, 403},
		"its own":                  {func(*World) {}, DemoBotRole, 403},
		"everyone's":               {func(*World) {}, DemoGuildID, 403},
		"an integration's":         {func(w *World) { w.Roles[1].Managed = true }, DemoNewcomerRole, 403},
		"without the permission":   {func(w *World) { w.Roles[3].Permissions = ViewChannel }, DemoNewcomerRole, 403},
		"as an administrator":      {func(w *World) { w.Roles[3].Permissions = Administrator }, DemoNewcomerRole, 204},
		"an administrator's limit": {func(w *World) { w.Roles[3].Permissions = Administrator }, DemoAdminRole, 403},
	} {
		t.Run(name, func(t *testing.T) {
			world := DemoWorld()
			c.change(&world)
			r := newRig(t, always(nil), func(cfg *Config) { cfg.World = world })
			status, out := r.call("PUT", roleOf(bobsID, c.role), "")
			if status != c.want || status == 403 && !strings.Contains(out, `"code":50013`) {
				t.Errorf("%d %s, want %d", status, out, c.want)
			}
		})
	}
}

func TestDirectMessagesAreClosedAndOpened(t *testing.T) {
	r := newRig(t, always(nil))
	for i, closed := range []bool{false, true, false} {
		if !r.CloseDirectMessages(DemoGuildID, "bob", closed) {
			t.Fatal("there is no bob")
		}
		status, out := r.direct(bobsID, "hi")
		if want := map[bool]int{false: 200, true: 403}[closed]; status != want || closed && !strings.Contains(out, `"code":50007`) {
			t.Errorf("%d: %d %s, want %d", i, status, out, want)
		}
	}
}

// A nonce is remembered for minutes, whatever the channel.
func TestANonceIsEnforcedForMinutes(t *testing.T) {
	r := newRig(t, always(nil))
	post := func(channel, rest string) string {
		t.Helper()
		status, out := r.call("POST", "/api/v10/channels/"+channel+"/messages", `{"content":"x"`+rest+`}`)
		if status != 200 {
			t.Fatalf("%d %s", status, out)
		}
		return decode[struct{ ID string }](t, out).ID
	}
	const marked = `,"nonce":"n1","enforce_nonce":true`
	first := post(DemoGeneralChannel, marked)
	r.clock.advance(nonceLife - time.Second)
	for what, got := range map[string]string{
		"the same again":          post(DemoGeneralChannel, marked),
		"in another channel":      post(DemoBazaarChannel, marked),
		"as a number, the same 7": post(DemoGeneralChannel, `,"nonce":7,"enforce_nonce":true`),
	} {
		if same := got == first; same == strings.Contains(what, "7") {
			t.Errorf("%s: the same message = %v", what, same)
		}
	}
	for what, rest := range map[string]string{"another": `,"nonce":"n2","enforce_nonce":true`, "not enforced": `,"nonce":"n1"`, "no nonce": `,"enforce_nonce":true`, "no nonce again": `,"enforce_nonce":true`} {
		if post(DemoGeneralChannel, rest) == first {
			t.Errorf("%s: the same message", what)
		}
	}
	r.clock.advance(time.Second)
	if post(DemoGeneralChannel, marked) == first {
		t.Error("it is remembered for ever")
	}
	if status, out := r.call("POST", "/api/v10/channels/"+DemoGeneralChannel+"/messages", `{"content":"x","nonce":"`+repeat("n", maxNonce+1)+`"}`); status != 400 {
		t.Errorf("a nonce too long: %d %s", status, out)
	}
}

func TestFaultsOfRolesAndMessages(t *testing.T) {
	r := newRig(t, always(nil))
	plant := func(f Fault) {
		t.Helper()
		if _, err := r.Plant(f); err != nil {
			t.Fatal(err)
		}
	}
	plant(Fault{Kind: StatusFault, Route: "members.grant", Status: 403, Code: 50013})
	if status, out := r.call("PUT", roleOf(bobsID, DemoNewcomerRole), ""); status != 403 || !strings.Contains(out, `"code":50013`) {
		t.Errorf("planted: %d %s", status, out)
	}
	plant(Fault{Kind: CloseAfter, Route: "members.grant"})
	if _, _, err := r.try("PUT", roleOf(bobsID, DemoNewcomerRole), ""); err == nil {
		t.Error("the connection was not cut")
	}
	if m, _ := r.Member(DemoGuildID, "bob"); len(m.Roles) != 1 {
		t.Errorf("after a lost answer bob has %v", m.Roles)
	}
	plant(Fault{Kind: CloseBefore, Route: "members.revoke"})
	if _, _, err := r.try("DELETE", roleOf(bobsID, DemoNewcomerRole), ""); err == nil {
		t.Error("the connection was not cut")
	}
	if m, _ := r.Member(DemoGuildID, "bob"); len(m.Roles) != 1 {
		t.Errorf("after a call that did not arrive bob has %v", m.Roles)
	}
	plant(Fault{Kind: RateLimit, Route: "direct", RetryAfter: 1})
	if status, out := r.direct(bobsID, "hi"); status != 429 {
		t.Errorf("opening direct messages: %d %s", status, out)
	}
	plant(Fault{Kind: StatusFault, Route: "messages.post", Status: 503})
	if status, _ := r.direct(bobsID, "hi"); status != 503 || len(r.Directs(bobsID)) != 0 {
		t.Errorf("posting: %d", status)
	}
}

func TestControlOfPeople(t *testing.T) {
	r := newRig(t, always(nil))
	r.call("PUT", roleOf(bobsID, DemoNewcomerRole), "")
	r.direct(bobsID, "hello")
	type shown struct {
		Roles     []string
		RoleNames []string `json:"role_names"`
		Directs   []Message
		User      struct {
			NoDirectMessages bool `json:"no_direct_messages"`
		}
	}
	status, out := r.control("GET", "/simulator/members/bob", "")
	if m := decode[shown](t, out); status != 200 || strings.Join(m.RoleNames, " ") != "Deckhand" || len(m.Directs) != 1 || m.Directs[0].Content != "hello" {
		t.Errorf("bob: %d %s", status, out)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/simulator/members/bob", `{"no_direct_messages":true}`, 204},
		{"POST", "/simulator/members/bob", `{}`, 400},
		{"POST", "/simulator/members/bob", `{"nick":"x"}`, 400},
		{"POST", "/simulator/members/nobody", `{"no_direct_messages":true}`, 404},
		{"DELETE", "/simulator/roles/Deckhand", "", 204},
		{"DELETE", "/simulator/roles/Deckhand", "", 404},
		{"DELETE", "/simulator/roles/Reviewer?guild=5", "", 404},
		{"GET", "/simulator/members/nobody", "", 404},
	} {
		if status, out := r.control(c.method, c.path, c.body); status != c.status {
			t.Errorf("%s %s %s: %d %s, want %d", c.method, c.path, c.body, status, out, c.status)
		}
	}
	_, out = r.control("GET", "/simulator/members/bob", "")
	if m := decode[shown](t, out); len(m.Roles) != 0 || !m.User.NoDirectMessages {
		t.Errorf("bob: %s", out)
	}
	for _, want := range []int{204, 404} {
		if status, out := r.control("DELETE", "/simulator/members/bob", ""); status != want {
			t.Errorf("leave: %d %s, want %d", status, out, want)
		}
	}
}
