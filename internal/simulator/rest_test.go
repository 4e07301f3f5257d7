package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestIdentification(t *testing.T) {
	r := newRig(t, always(text("x")))
	set := func(key, value string) func(*http.Request) {
		return func(req *http.Request) { req.Header.Set(key, value) }
	}
	other := strings.Replace(commandsPath, DemoApplicationID, "5", 1)
	for _, c := range []struct {
		name, method, path string
		change             func(*http.Request)
		status             int
		body               string
	}{
		{"no agent", "GET", commandsPath, set("User-Agent", ""), 403, `{"message":"internal network error","code":40333}`},
		{"a library's agent", "GET", commandsPath, set("User-Agent", "Go-http-client/1.1"), 403, `{"message":"internal network error","code":40333}`},
		{"no token", "GET", commandsPath, func(req *http.Request) { req.Header.Del("Authorization") }, 401, `{"message":"401: Unauthorized","code":0}`},
		{"a wrong token", "GET", commandsPath, set("Authorization", "Bot x"), 401, `{"message":"401: Unauthorized","code":0}`},
		{"no Bot before it", "GET", commandsPath, set("Authorization", testToken), 401, `{"message":"401: Unauthorized","code":0}`},
		{"another application", "GET", other, nil, 403, `{"message":"You are not authorized to perform this action on this application","code":20012}`},
		{"another guild", "GET", "/api/v10/applications/" + DemoApplicationID + "/guilds/5/commands", nil, 403, `{"message":"Missing Access","code":50001}`},
		{"unknown route", "GET", "/api/v10/nothing", nil, 404, `{"message":"404: Not Found","code":0}`},
		{"no version", "GET", "/api/gateway/bot", nil, 200, ""},
		{"any version", "GET", "/api/v6/users/@me", nil, 200, ""},
		{"not the API", "GET", "/gateway/bot", nil, 404, `{"message":"404: Not Found","code":0}`},
		{"method", "POST", "/api/v10/users/@me", nil, 405, `{"message":"405: Method Not Allowed","code":0}`},
		{"unknown interaction", "POST", "/api/v10/interactions/1/abc/callback", nil, 404, `{"message":"Unknown interaction","code":10062}`},
		{"webhook of another application", "GET", "/api/v10/webhooks/5/abc/messages/@original", nil, 404, `{"message":"Unknown Webhook","code":10015}`},
		{"unknown token", "GET", "/api/v10/webhooks/" + DemoApplicationID + "/abc/messages/@original", nil, 401, `{"message":"Invalid Webhook Token","code":50027}`},
		{"unknown member", "GET", "/api/v10/guilds/" + DemoGuildID + "/members/5", nil, 404, `{"message":"Unknown Member","code":10007}`},
		{"unknown guild", "GET", "/api/v10/guilds/5/members", nil, 404, `{"message":"Unknown Guild","code":10004}`},
	} {
		change := []func(*http.Request){}
		if c.change != nil {
			change = append(change, c.change)
		}
		status, out := r.call(c.method, c.path, "", change...)
		if status != c.status || c.body != "" && out != c.body {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, out, c.status, c.body)
		}
	}
	// Token URLs need no bot token.
	r.say("bob", "/ping")
	if status, out := r.call("GET", r.webhook("/messages/@original"), "", func(req *http.Request) { req.Header.Del("Authorization") }); status != 200 {
		t.Errorf("a token URL without a bot token: %d %s", status, out)
	}
}

func TestBodies(t *testing.T) {
	r := newRig(t, always(text("x")))
	r.say("bob", "/ping")
	edit := r.webhook("/messages/@original")
	for _, c := range []struct {
		name, body, kind string
		status           int
		want             string
	}{
		{"no JSON", "{", "application/json", 400, `{"message":"The request body contains invalid JSON.","code":50109}`},
		{"no type", "{}", "text/plain", 400, "CONTENT_TYPE_INVALID"},
		{"an array", "[]", "application/json", 400, "MODEL_TYPE_CONVERT"},
		{"too large", `{"content":"` + repeat("x", maxJSONBody) + `"}`, "application/json", 413, `{"message":"Request entity too large","code":40005}`},
		{"charset", `{"content":"y"}`, "application/json; charset=utf-8", 200, `"content":"y"`},
	} {
		status, out := r.call("PATCH", edit, c.body, func(req *http.Request) { req.Header.Set("Content-Type", c.kind) })
		if status != c.status || !strings.Contains(out, c.want) {
			t.Errorf("%s: %d %.200s, want %d %s", c.name, status, out, c.status, c.want)
		}
	}
}

func TestFilesWithAMessage(t *testing.T) {
	r := newRig(t, always(map[string]any{"type": 5}))
	it := r.say("bob", "/ping")
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	file, _ := form.CreateFormFile("files[0]", "ledger.csv")
	fmt.Fprint(file, "a,b")
	_ = form.WriteField("payload_json", `{"content":"here","attachments":[{"id":0,"description":"the ledger"}]}`)
	_ = form.Close()
	status, out := r.call("PATCH", r.webhook("/messages/@original"), b.String(), func(req *http.Request) {
		req.Header.Set("Content-Type", form.FormDataContentType())
	})
	if status != 200 {
		t.Fatalf("%d %s", status, out)
	}
	v, _ := r.Interaction(it.ID)
	if len(v.Message.Attachments) != 1 || !strings.Contains(string(v.Message.Attachments[0]), `"filename":"ledger.csv"`) {
		t.Errorf("attachments: %s", v.Message.Attachments)
	}
}

func TestMembers(t *testing.T) {
	r := newRig(t, always(nil))
	base := "/api/v10/guilds/" + DemoGuildID + "/members"
	type member struct{ User struct{ ID, Username string } }
	var names []string
	after := "0"
	for {
		_, out := r.call("GET", base+"?limit=5&after="+after, "")
		page := decode[[]member](t, out)
		if len(page) == 0 {
			break
		}
		for _, m := range page {
			names = append(names, m.User.Username)
		}
		after = page[len(page)-1].User.ID
	}
	if got, want := strings.Join(names, " "), "coffer ada bob chidi dana emil fatima goro hana ivan jun kai lea"; got != want {
		t.Errorf("paged %s, want %s", got, want)
	}
	if _, out := r.call("GET", base, ""); len(decode[[]member](t, out)) != 1 {
		t.Errorf("without a limit: %s", out)
	}
	if _, out := r.call("GET", base+"/1180000000000001000", ""); !strings.Contains(out, `"username":"ada"`) || !strings.Contains(out, `"deaf":false`) {
		t.Errorf("ada is %s", out)
	}
	for _, limit := range []string{"0", "1001", "x"} {
		if status, out := r.call("GET", base+"?limit="+limit, ""); status != 400 || !strings.Contains(out, "NUMBER_TYPE") {
			t.Errorf("limit %s: %d %s", limit, status, out)
		}
	}
}

func TestRoles(t *testing.T) {
	r := newRig(t, always(nil))
	member := "/api/v10/guilds/" + DemoGuildID + "/members/1180000000000001001/roles/"
	for _, c := range []struct {
		method, role string
		status       int
		has          bool
	}{
		{"PUT", DemoNewcomerRole, 204, true}, {"PUT", DemoNewcomerRole, 204, true}, {"DELETE", DemoNewcomerRole, 204, false},
		{"PUT", DemoAdminRole, 403, false}, {"PUT", "5", 404, false},
	} {
		status, out := r.call(c.method, member+c.role, "")
		m, _ := r.Member(DemoGuildID, "bob")
		if status != c.status || (strings.Join(m.Roles, " ") == c.role) != c.has {
			t.Errorf("%s %s: %d %s, roles %v", c.method, c.role, status, out, m.Roles)
		}
	}
}

func TestChannelMessages(t *testing.T) {
	r := newRig(t, always(nil))
	path := "/api/v10/channels/" + DemoReviewChannel + "/messages"
	_, out := r.call("POST", path, `{"content":"review this","nonce":"n1","enforce_nonce":true}`)
	first := decode[struct{ ID string }](t, out)
	_, out = r.call("POST", path, `{"content":"review this","nonce":"n1","enforce_nonce":true}`)
	if again := decode[struct{ ID string }](t, out); again != first {
		t.Errorf("the same nonce made %s, was %s", again.ID, first.ID)
	}
	if status, out := r.call("PATCH", path+"/"+first.ID, `{"content":"done"}`); status != 200 {
		t.Errorf("edit: %d %s", status, out)
	}
	if list := r.Messages("reviews", "bob"); len(list) != 1 || list[0].Content != "done" {
		t.Errorf("the channel shows %+v", list)
	}
	for user, want := range map[string]int{"1180000000000001001": 200, "1180000000000001008": 403} {
		_, out := r.call("POST", "/api/v10/users/@me/channels", `{"recipient_id":"`+user+`"}`)
		direct := decode[struct{ ID string }](t, out)
		if status, out := r.call("POST", "/api/v10/channels/"+direct.ID+"/messages", `{"content":"hi"}`); status != want {
			t.Errorf("to %s: %d %s, want %d", user, status, out, want)
		}
	}
}

func TestRESTFaults(t *testing.T) {
	r := newRig(t, always(map[string]any{"type": 5}))
	plant := func(f Fault) {
		t.Helper()
		if _, err := r.Plant(f); err != nil {
			t.Fatal(err)
		}
	}
	r.say("bob", "/ping")
	edit := r.webhook("/messages/@original")

	plant(Fault{Kind: RateLimit, Route: "webhook.edit", RetryAfter: 0.25, Skip: 1})
	if status, _ := r.call("PATCH", edit, `{"content":"1"}`); status != 200 {
		t.Errorf("skipped: %d", status)
	}
	req, _ := http.NewRequest("PATCH", r.rest.URL+edit, strings.NewReader(`{"content":"2"}`))
	req.Header.Set("User-Agent", "DiscordBot (x, 1)")
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	var limited map[string]any
	_ = json.NewDecoder(res.Body).Decode(&limited)
	res.Body.Close()
	if res.StatusCode != 429 || limited["retry_after"] != 0.25 || limited["global"] != false || limited["message"] != "You are being rate limited." ||
		res.Header.Get("Retry-After") != "1" || res.Header.Get("X-RateLimit-Reset-After") != "0.250" || res.Header.Get("X-RateLimit-Remaining") != "0" || res.Header.Get("X-RateLimit-Bucket") == "" {
		t.Errorf("429: %v %v", limited, res.Header)
	}
	if status, _ := r.call("PATCH", edit, `{"content":"3"}`); status != 200 {
		t.Errorf("after the only one: %d", status)
	}

	plant(Fault{Kind: StatusFault, Status: 502, Method: "GET", Path: "/webhooks/", Count: 2})
	for i, want := range []int{502, 502, 200} {
		if status, _ := r.call("GET", edit, ""); status != want {
			t.Errorf("%d: %d, want %d", i, status, want)
		}
	}

	plant(Fault{Kind: CloseBefore, Method: "PATCH"})
	if _, _, err := r.try("PATCH", edit, `{"content":"lost"}`); err == nil {
		t.Error("the connection was not cut before")
	}
	if list := r.Messages("general", "bob"); list[0].Content != "3" {
		t.Errorf("cut before, but the message shows %q", list[0].Content)
	}
	plant(Fault{Kind: CloseAfter, Method: "PATCH"})
	if _, _, err := r.try("PATCH", edit, `{"content":"4"}`); err == nil {
		t.Error("the connection was not cut after")
	}
	if list := r.Messages("general", "bob"); list[0].Content != "4" {
		t.Errorf("cut after, but the message shows %q", list[0].Content)
	}

	plant(Fault{Kind: Delay, Delay: Duration(20 * time.Millisecond)})
	start := time.Now()
	if status, _ := r.call("GET", edit, ""); status != 200 || time.Since(start) < 20*time.Millisecond {
		t.Errorf("%d after %v", status, time.Since(start))
	}

	plant(Fault{Kind: StatusFault, Count: -1})
	for range 3 {
		if status, _ := r.call("GET", edit, ""); status != 500 {
			t.Errorf("for ever: %d", status)
		}
	}
	r.ClearFaults()
	if status, _ := r.call("GET", edit, ""); status != 200 || len(r.Faults()) != 0 {
		t.Errorf("cleared: %d", status)
	}
	if _, err := r.Plant(Fault{Kind: "nonsense"}); err == nil {
		t.Error("nonsense is planted")
	}
}

func TestDeliveryFaults(t *testing.T) {
	r := newRig(t, always(text("x")))
	plant := func(f Fault) {
		t.Helper()
		if _, err := r.Plant(f); err != nil {
			t.Fatal(err)
		}
	}
	plant(Fault{Kind: DropAnswer, Command: "ping", As: "bob"})
	wantState(t, r.say("ada", "/ping"), Answered)
	it := r.say("bob", "/ping")
	wantState(t, it, Failed)
	if !strings.Contains(it.Reason, "lost") || it.Message != nil {
		t.Errorf("dropped: %q, %+v", it.Reason, it.Message)
	}

	before := r.app.count()
	plant(Fault{Kind: Duplicate, Type: TypeCommand})
	it = r.say("bob", "/ping")
	wantState(t, it, Answered)
	r.app.mu.Lock()
	twice := len(r.app.seen) == before+2 && r.app.seen[before].ID == r.app.seen[before+1].ID
	r.app.mu.Unlock()
	if !twice {
		t.Errorf("the app heard %d times", r.app.count()-before)
	}
	if n := len(r.Messages("general", "bob")); n != 2 { // ada's and this one
		t.Errorf("%d messages were drawn", n)
	}

	before = r.app.count()
	plant(Fault{Kind: BadSignature})
	it = r.say("bob", "/ping")
	wantState(t, it, Failed)
	if it.Status != 401 || r.app.count() != before {
		t.Errorf("bad signature: %d, %s", it.Status, it.Reason)
	}

	plant(Fault{Kind: Delay, Command: "ping", Delay: Duration(time.Millisecond)})
	wantState(t, r.say("bob", "/ping"), Answered)
}

// An answer that a fault holds back past the deadline is no answer.
func TestDelayPastTheDeadline(t *testing.T) {
	r := newRig(t, always(text("x")), func(c *Config) { c.AnswerWithin = 30 * time.Millisecond })
	if _, err := r.Plant(Fault{Kind: Delay, Command: "ping", Delay: Duration(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	it := r.say("bob", "/ping")
	wantState(t, it, Failed)
	if it.Error != "The application did not respond" || it.Reason != "no answer in time" {
		t.Errorf("got %q, %q", it.Error, it.Reason)
	}
}

// Of two deliveries of one interaction it is enough that one is answered.
func TestDuplicateOfWhichOneFails(t *testing.T) {
	var calls atomic.Int32
	r := newRig(t, func(incoming) any {
		if calls.Add(1) == 1 {
			return "nonsense"
		}
		return text("x")
	})
	if _, err := r.Plant(Fault{Kind: Duplicate}); err != nil {
		t.Fatal(err)
	}
	it := r.say("bob", "/ping")
	wantState(t, it, Answered)
	if it.Error != "" || it.Reason != "" || len(r.Messages("general", "bob")) != 1 {
		t.Errorf("got %q, %q", it.Error, it.Reason)
	}
}
