package simulator

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// control does a call of the control API.
func (r *rig) control(method, path, body string, change ...func(*http.Request)) (int, string) {
	r.t.Helper()
	req, err := http.NewRequest(method, r.ctl.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, f := range change {
		f(req)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, string(out)
}

func TestControlStory(t *testing.T) {
	r := newRig(t, func(in incoming) any {
		switch in.Type {
		case 3:
			return modal(input("why"))
		case 4:
			return `{"type":8,"data":{"choices":[{"name":"n","value":"v"}]}}`
		case 5:
			return map[string]any{"type": 5}
		}
		return message(map[string]any{"content": "x", "components": []any{row(button("go"))}})
	})
	status, out := r.control("POST", "/simulator/commands", `{"as":"bob","line":"/pay ada 5","channel":"bazaar","locale":"fr"}`)
	if status != 200 {
		t.Fatalf("command: %d %s", status, out)
	}
	it := decode[Interaction](t, out)
	if it.State != Answered || it.Channel != DemoBazaarChannel || it.Command != "pay" || len(it.Request) == 0 {
		t.Errorf("command: %+v", it)
	}
	status, out = r.control("POST", "/simulator/components", `{"as":"bob","message":"`+it.Message.ID+`","custom_id":"go"}`)
	opened := decode[Interaction](t, out)
	if status != 200 || opened.Modal == nil {
		t.Fatalf("component: %d %s", status, out)
	}
	status, out = r.control("POST", "/simulator/modals", `{"as":"bob","interaction":"`+opened.ID+`","fields":{"why":"because"}}`)
	sent := decode[Interaction](t, out)
	if status != 200 || sent.State != Thinking {
		t.Fatalf("modal: %d %s", status, out)
	}
	status, out = r.control("GET", "/simulator/interactions/"+sent.ID+"?wait=1ms", "")
	if v := decode[Interaction](t, out); status != 200 || v.State != Thinking {
		t.Errorf("a wait that is too short: %d %s", status, out)
	}
	r.call("PATCH", r.webhook("/messages/@original"), `{"content":"done"}`)
	status, out = r.control("GET", "/simulator/interactions/"+sent.ID+"?wait=10s", "")
	if v := decode[Interaction](t, out); status != 200 || v.State != Answered || v.Message.Content != "done" {
		t.Errorf("wait: %d %s", status, out)
	}
	status, out = r.control("POST", "/simulator/autocomplete", `{"as":"bob","line":"/buy x"}`)
	if v := decode[Interaction](t, out); status != 200 || len(v.Choices) != 1 {
		t.Errorf("autocomplete: %d %s", status, out)
	}
	status, out = r.control("GET", "/simulator/messages?channel=bazaar&as=bob", "")
	if v := decode[[]Message](t, out); status != 200 || len(v) != 2 {
		t.Errorf("messages: %d %s", status, out)
	}
	status, out = r.control("GET", "/simulator/state", "")
	for _, want := range []string{`"name":"Harbour Guild"`, `"username":"lea"`, `"display_name":"Zoë 🌊"`, `"name":"bazaar"`, `"name":"Reviewer"`, `"name":"pay"`} {
		if status != 200 || !strings.Contains(out, want) {
			t.Errorf("state: %d, want in it %s", status, want)
		}
	}
	if status, out := r.control("POST", "/simulator/ping", "{}"); status != 200 {
		t.Errorf("ping: %d %s", status, out)
	}
	status, out = r.control("POST", "/simulator/faults", `{"kind":"rate_limit","route":"webhook.edit","retry_after":1,"delay":"2s"}`)
	if f := decode[Fault](t, out); status != 200 || f.ID == "" || f.Count != 1 {
		t.Errorf("plant: %d %s", status, out)
	}
	if _, out := r.control("GET", "/simulator/faults", ""); len(decode[[]Fault](t, out)) != 1 {
		t.Errorf("faults: %s", out)
	}
	if status, _ := r.control("DELETE", "/simulator/faults", ""); status != 204 || len(r.Faults()) != 0 {
		t.Errorf("clear: %d", status)
	}
}

func TestControlRefuses(t *testing.T) {
	r := newRig(t, always(text("x")))
	for _, c := range []struct {
		name, method, path, body string
		change                   func(*http.Request)
		status                   int
		want                     string
	}{
		{"another host", "GET", "/simulator/state", "", func(req *http.Request) { req.Host = "evil.example" }, 403, "only for this machine"},
		{"a name that resolves here", "GET", "/simulator/state", "", func(req *http.Request) { req.Host = "127.0.0.1.evil.example:80" }, 403, "only for this machine"},
		{"localhost", "GET", "/simulator/state", "", func(req *http.Request) { req.Host = "localhost:1" }, 200, ""},
		{"IPv6", "GET", "/simulator/state", "", func(req *http.Request) { req.Host = "[::1]:1" }, 200, ""},
		{"another site", "GET", "/simulator/state", "", func(req *http.Request) { req.Header.Set("Sec-Fetch-Site", "cross-site") }, 403, "other sites"},
		{"a form", "POST", "/simulator/commands", `{"as":"bob","line":"/ping"}`, func(req *http.Request) { req.Header.Set("Content-Type", "text/plain") }, 415, "application/json"},
		{"no JSON", "POST", "/simulator/commands", `{`, nil, 400, "body is not"},
		{"an unknown field", "POST", "/simulator/commands", `{"as":"bob","line":"/ping","x":1}`, nil, 400, "unknown field"},
		{"two values", "POST", "/simulator/commands", `{"as":"bob","line":"/ping"}{}`, nil, 400, "more than one"},
		{"too much", "POST", "/simulator/modals", `{"as":"` + repeat("x", maxControlBody) + `"}`, nil, 413, "too large"},
		{"too much with a command", "POST", "/simulator/commands", `{"line":"` + repeat("x", maxUploadBody) + `"}`, nil, 413, "too large"},
		{"an unknown message", "DELETE", "/simulator/messages/5", "", nil, 404, "no such message"},
		{"an unknown file", "GET", "/simulator/files/5/a.png", "", nil, 404, "no such file"},
		{"an unknown file to expire", "DELETE", "/simulator/files/5", "", nil, 404, "no such file"},
		{"a file for another host", "GET", "/simulator/files/5/a.png", "", func(req *http.Request) { req.Host = "evil.example" }, 403, "only for this machine"},
		{"a line no client sends", "POST", "/simulator/commands", `{"as":"bob","line":"/nothing"}`, nil, 422, "There is no command /nothing."},
		{"an unknown interaction", "GET", "/simulator/interactions/5?wait=1s", "", nil, 404, "unknown interaction"},
		{"a wait that is none", "GET", "/simulator/interactions/5?wait=long", "", nil, 400, "duration"},
		{"an unknown channel", "GET", "/simulator/messages?channel=nowhere", "", nil, 404, "no such channel"},
		{"an unknown fault", "POST", "/simulator/faults", `{"kind":"x"}`, nil, 400, "no fault"},
		{"an unknown path", "GET", "/simulator/nothing", "", nil, 404, "there is no"},
	} {
		change := []func(*http.Request){}
		if c.change != nil {
			change = append(change, c.change)
		}
		status, out := r.control(c.method, c.path, c.body, change...)
		if status != c.status || !strings.Contains(out, c.want) || status >= 400 && !strings.HasPrefix(out, `{"error":"`) {
			t.Errorf("%s: %d %.200s, want %d %s", c.name, status, out, c.status, c.want)
		}
	}
	r.SetInteractionsURL("http://127.0.0.1:1/")
	if status, out := r.control("POST", "/simulator/ping", "{}"); status != 502 {
		t.Errorf("ping of nobody: %d %s", status, out)
	}
}
