package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCommandIsAnswered(t *testing.T) {
	r := newRig(t, func(in incoming) any { return text("hello " + in.Member.User.Username) })
	it := r.say("bob", "/ping")
	wantState(t, it, Answered)
	wantContent(t, it, "hello bob")
	if it.Command != "ping" || it.As != "bob" || it.Status != http.StatusOK || len(it.Request) == 0 || len(it.Response) == 0 {
		t.Errorf("got %+v", it)
	}
	if again, ok := r.Interaction(it.ID); !ok || again.Message.ID != it.Message.ID {
		t.Errorf("Interaction gives %+v, %v", again, ok)
	}
}

// A deferred answer: thinking, 404 for nobody, the edit, and Wait sees it.
func TestDeferralEditWait(t *testing.T) {
	r := newRig(t, always(map[string]any{"type": 5}))
	it := r.say("bob", "/ping")
	wantState(t, it, Thinking)
	if !it.Message.Thinking || it.Message.Content != "" {
		t.Errorf("a deferred message shows %+v", it.Message)
	}
	waited := make(chan Interaction)
	go func() {
		v, err := r.Wait(context.WithoutCancel(t.Context()), it.ID)
		if err != nil {
			t.Errorf("Wait: %v", err)
		}
		waited <- v
	}()
	status, out := r.call("PATCH", r.webhook("/messages/@original"), `{"content":"done"}`)
	if status != http.StatusOK || !strings.Contains(out, `"content":"done"`) {
		t.Fatalf("edit: %d %s", status, out)
	}
	v := <-waited
	wantState(t, v, Answered)
	wantContent(t, v, "done")
	if v.Message.EditedAt != nil {
		t.Errorf("filling in a deferred answer shows as an edit at %v", v.Message.EditedAt)
	}
	if v.Message.ID != it.Message.ID {
		t.Errorf("the edit drew another message: %s, was %s", v.Message.ID, it.Message.ID)
	}
	r.call("PATCH", r.webhook("/messages/@original"), `{"content":"twice"}`)
	if v, _ := r.Interaction(it.ID); v.Message.EditedAt == nil {
		t.Error("a second edit does not show as one")
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	r := newRig(t, always(map[string]any{"type": 5}))
	it := r.say("bob", "/ping")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	v, err := r.Wait(ctx, it.ID)
	if !errors.Is(err, context.Canceled) || v.State != Thinking {
		t.Errorf("got %v, %v", v.State, err)
	}
	if _, err := r.Wait(t.Context(), "1"); !errors.Is(err, ErrUnknownInteraction) {
		t.Errorf("of an unknown one: %v", err)
	}
}

func TestEphemeralIsOnlyForItsReader(t *testing.T) {
	r := newRig(t, func(in incoming) any {
		if in.Type == 3 {
			return text("clicked")
		}
		return message(map[string]any{"content": "secret", "flags": 64, "components": []any{
			map[string]any{"type": 1, "components": []any{map[string]any{"type": 2, "style": 1, "label": "x", "custom_id": "x"}}},
		}})
	})
	it := r.say("bob", "/ping")
	if !it.Message.Ephemeral {
		t.Fatal("not ephemeral")
	}
	if n := len(r.Messages("general", "bob")); n != 1 {
		t.Errorf("its reader sees %d messages, want 1", n)
	}
	if n := len(r.Messages("general", "ada")); n != 0 {
		t.Errorf("somebody else sees %d messages, want 0", n)
	}
	if n := len(r.Messages("general", "")); n != 0 {
		t.Errorf("nobody sees %d messages, want 0", n)
	}
	var client *ClientError
	if _, err := r.Click(t.Context(), Click{As: "ada", MessageID: it.Message.ID, CustomID: "x"}); !errors.As(err, &client) {
		t.Errorf("somebody else can click it: %v", err)
	}
	if _, err := r.Click(t.Context(), Click{As: "bob", MessageID: it.Message.ID, CustomID: "x"}); err != nil {
		t.Errorf("its reader cannot click it: %v", err)
	}
}

func TestFollowups(t *testing.T) {
	r := newRig(t, always(text("first")))
	it := r.say("bob", "/ping")
	status, out := r.call("POST", r.webhook("?wait=true"), `{"content":"second","flags":64}`)
	if status != http.StatusOK {
		t.Fatalf("follow-up: %d %s", status, out)
	}
	var m struct{ ID string }
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		t.Fatal(err)
	}
	v, _ := r.Interaction(it.ID)
	if len(v.Followups) != 1 || v.Followups[0].Content != "second" || !v.Followups[0].Ephemeral {
		t.Fatalf("follow-ups: %+v", v.Followups)
	}
	if status, out := r.call("PATCH", r.webhook("/messages/"+m.ID), `{"content":"changed"}`); status != http.StatusOK {
		t.Errorf("edit: %d %s", status, out)
	}
	if status, out := r.call("GET", r.webhook("/messages/"+m.ID), ""); status != http.StatusOK || !strings.Contains(out, "changed") {
		t.Errorf("get: %d %s", status, out)
	}
	if status, _ := r.call("DELETE", r.webhook("/messages/"+m.ID), ""); status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
	if status, out := r.call("GET", r.webhook("/messages/"+m.ID), ""); status != http.StatusNotFound || !strings.Contains(out, "10008") {
		t.Errorf("get of a deleted one: %d %s", status, out)
	}
}

// The first follow-up to a deferred answer becomes that answer, and keeps its
// ephemerality.
func TestFirstFollowupFillsTheDeferral(t *testing.T) {
	r := newRig(t, always(map[string]any{"type": 5, "data": map[string]any{"flags": 64}}))
	it := r.say("bob", "/ping")
	r.call("POST", r.webhook(""), `{"content":"here"}`)
	v, _ := r.Interaction(it.ID)
	wantState(t, v, Answered)
	wantContent(t, v, "here")
	if !v.Message.Ephemeral || len(v.Followups) != 0 {
		t.Errorf("got %+v", v)
	}
}

func TestDeletedDeferral(t *testing.T) {
	r := newRig(t, always(map[string]any{"type": 5}))
	it := r.say("bob", "/ping")
	if status, _ := r.call("DELETE", r.webhook("/messages/@original"), ""); status != http.StatusNoContent {
		t.Fatalf("delete: %d", status)
	}
	v, _ := r.Interaction(it.ID)
	wantState(t, v, Answered)
	if v.Message != nil || len(r.Messages("general", "bob")) != 0 {
		t.Errorf("the deleted message is still there: %+v", v.Message)
	}
}

func TestTokenExpires(t *testing.T) {
	r := newRig(t, always(map[string]any{"type": 5}))
	it := r.say("bob", "/ping")
	r.clock.advance(15 * time.Minute)
	if status, out := r.call("GET", r.webhook("/messages/@original"), ""); status != http.StatusOK {
		t.Fatalf("at 15 minutes: %d %s", status, out)
	}
	r.clock.advance(time.Second)
	for _, c := range []struct{ method, rest, body string }{
		{"PATCH", "/messages/@original", `{"content":"late"}`}, {"POST", "", `{"content":"late"}`},
		{"GET", "/messages/@original", ""}, {"DELETE", "/messages/@original", ""},
	} {
		status, out := r.call(c.method, r.webhook(c.rest), c.body)
		if want := `{"message":"Invalid Webhook Token","code":50027}`; status != http.StatusUnauthorized || out != want {
			t.Errorf("%s: %d %s, want 401 %s", c.method, status, out, want)
		}
	}
	v, _ := r.Interaction(it.ID)
	wantState(t, v, Failed)
	if v.Error != "The application did not respond" || v.Message != nil {
		t.Errorf("got %q, %+v", v.Error, v.Message)
	}
}

// Before the first answer is through, the token is not known yet.
func TestFollowupRacesTheAnswer(t *testing.T) {
	var r *rig
	r = newRig(t, func(in incoming) any {
		for _, c := range []struct{ method, rest, body string }{
			{"PATCH", "/messages/@original", `{"content":"early"}`}, {"POST", "", `{"content":"early"}`},
		} {
			status, out := r.call(c.method, "/api/v10/webhooks/"+DemoApplicationID+"/"+in.Token+c.rest, c.body)
			if want := `{"message":"Unknown Webhook","code":10015}`; status != http.StatusNotFound || out != want {
				t.Errorf("%s: %d %s, want 404 %s", c.method, status, out, want)
			}
		}
		return text("answer")
	})
	wantContent(t, r.say("bob", "/ping"), "answer")
}

func TestDiscordWaitsForThreeSeconds(t *testing.T) {
	if s := New(Config{PrivateKey: testKey, World: DemoWorld()}); s.cfg.AnswerWithin != 3*time.Second {
		t.Errorf("it waits for %v", s.cfg.AnswerWithin)
	}
}

// An answer that comes too late counts for nothing, and its token is dead.
func TestLateAnswer(t *testing.T) {
	release := make(chan struct{})
	r := newRig(t, func(incoming) any { <-release; return text("late") }, func(c *Config) { c.AnswerWithin = 20 * time.Millisecond })
	it := r.say("bob", "/ping")
	close(release)
	wantState(t, it, Failed)
	if it.Error != "The application did not respond" || it.Reason != "no answer in time" || it.Message != nil {
		t.Errorf("got %q, %q, %+v", it.Error, it.Reason, it.Message)
	}
	if status, out := r.call("PATCH", r.webhook("/messages/@original"), `{"content":"x"}`); status != http.StatusNotFound || !strings.Contains(out, "10015") {
		t.Errorf("its token answers %d %s", status, out)
	}
}

func TestAnswersThatDiscordDoesNotRead(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		status     int
		answer     any
		reason     string
	}{
		{"an error", "application/json", 500, text("x"), "it answered Internal Server Error"},
		{"no content", "application/json", 204, nil, "it answered No Content"},
		{"a redirect", "application/json", 302, nil, "it answered Found"},
		{"no JSON", "application/json", 200, "hello", `"code":50109`},
		{"another type", "text/plain", 200, `{"type":4,"data":{"content":"x"}}`, "CONTENT_TYPE_INVALID"},
		{"no object", "application/json", 200, `[]`, "MODEL_TYPE_CONVERT"},
		{"no type", "application/json", 200, `{}`, "BASE_TYPE_REQUIRED"},
		{"no data", "application/json", 200, `{"type":4}`, `"code":50006`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, always(c.answer))
			r.app.mu.Lock()
			r.app.status, r.app.kind = c.status, c.kind
			r.app.mu.Unlock()
			it := r.say("bob", "/ping")
			wantState(t, it, Failed)
			if it.Error != "The application did not respond" || !strings.Contains(it.Reason, c.reason) || it.Status != c.status {
				t.Errorf("got %q, %q, %d; want a reason with %q", it.Error, it.Reason, it.Status, c.reason)
			}
		})
	}
}

// 202 without a body announces a callback by REST.
func TestAnswerByCallbackEndpoint(t *testing.T) {
	var r *rig
	r = newRig(t, func(in incoming) any {
		path := "/api/v10/interactions/" + in.ID + "/" + in.Token + "/callback"
		status, out := r.call("POST", path+"?with_response=true", `{"type":4,"data":{"content":"by REST"}}`)
		if status != http.StatusOK || !strings.Contains(out, "response_message_id") {
			t.Errorf("callback: %d %s", status, out)
		}
		if status, out := r.call("POST", path, `{"type":5}`); status != http.StatusBadRequest || !strings.Contains(out, "40060") {
			t.Errorf("a second one: %d %s", status, out)
		}
		return nil
	})
	r.app.mu.Lock()
	r.app.status = http.StatusAccepted
	r.app.mu.Unlock()
	it := r.say("bob", "/ping")
	wantState(t, it, Answered)
	wantContent(t, it, "by REST")
}

func TestAcceptedButNoCallback(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for a second")
	}
	r := newRig(t, always(nil), func(c *Config) { c.AnswerWithin = time.Second }) // in which the app says 202
	r.app.mu.Lock()
	r.app.status = http.StatusAccepted
	r.app.mu.Unlock()
	it := r.say("bob", "/ping")
	wantState(t, it, Failed)
	if !strings.Contains(it.Reason, "no callback came") {
		t.Errorf("reason is %q", it.Reason)
	}
}

func row(components ...any) map[string]any {
	return map[string]any{"type": 1, "components": append([]any{}, components...)}
}

func button(customID string) map[string]any {
	return map[string]any{"type": 2, "style": 1, "label": "Press", "custom_id": customID}
}

// Type 7 keeps what is absent and clears what is null or empty.
func TestUpdateKeepsAndClears(t *testing.T) {
	full := map[string]any{
		"content": "words", "embeds": []any{map[string]any{"title": "Title"}}, "components": []any{row(button("go"))},
	}
	for _, c := range []struct {
		name               string
		data               string
		content            string
		embeds, components int
	}{
		{"nothing", `{}`, "words", 1, 1},
		{"content", `{"content":"new"}`, "new", 1, 1},
		{"content cleared by null", `{"content":null}`, "", 1, 1},
		{"content cleared by nothing", `{"content":""}`, "", 1, 1},
		{"embeds cleared by null", `{"embeds":null}`, "words", 0, 1},
		{"embeds cleared by []", `{"embeds":[]}`, "words", 0, 1},
		{"components cleared by null", `{"components":null}`, "words", 1, 0},
		{"components cleared by []", `{"components":[]}`, "words", 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, func(in incoming) any {
				if in.Type == 3 {
					return `{"type":7,"data":` + c.data + `}`
				}
				return message(full)
			})
			drawn := r.say("bob", "/ping").Message
			it, err := r.Click(t.Context(), Click{As: "ada", MessageID: drawn.ID, CustomID: "go"})
			if err != nil {
				t.Fatal(err)
			}
			wantState(t, it, Answered)
			m := it.Message
			if m.ID != drawn.ID || m.Content != c.content || len(m.Embeds) != c.embeds || len(m.Components) != c.components {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func TestUpdateMustLeaveSomething(t *testing.T) {
	r := newRig(t, func(in incoming) any {
		if in.Type == 3 {
			return `{"type":7,"data":{"content":"","embeds":null,"components":null}}`
		}
		return message(map[string]any{"content": "x", "components": []any{row(button("go"))}})
	})
	drawn := r.say("bob", "/ping").Message
	it, err := r.Click(t.Context(), Click{As: "bob", MessageID: drawn.ID, CustomID: "go"})
	if err != nil {
		t.Fatal(err)
	}
	wantState(t, it, Failed)
	if it.Error != "This interaction failed" || !strings.Contains(it.Reason, "50006") {
		t.Errorf("got %q, %q", it.Error, it.Reason)
	}
	if m, _ := r.Message(drawn.ID); m.Content != "x" || len(m.Components) != 1 {
		t.Errorf("the message was changed: %+v", m)
	}
}

// A deferred update is an edit of the component's message.
func TestDeferredUpdate(t *testing.T) {
	r := newRig(t, func(in incoming) any {
		if in.Type == 3 {
			return map[string]any{"type": 6}
		}
		return message(map[string]any{"content": "x", "components": []any{row(button("go"))}})
	})
	drawn := r.say("bob", "/ping").Message
	it, err := r.Click(t.Context(), Click{As: "bob", MessageID: drawn.ID, CustomID: "go"})
	if err != nil {
		t.Fatal(err)
	}
	wantState(t, it, Thinking)
	if it.Message.Content != "x" || it.Message.Thinking {
		t.Errorf("a deferred update changes the message: %+v", it.Message)
	}
	r.call("PATCH", r.webhook("/messages/@original"), `{"content":"y"}`)
	it, err = r.Wait(t.Context(), it.ID)
	if err != nil || it.Message.ID != drawn.ID || it.Message.Content != "y" || len(it.Message.Components) != 1 {
		t.Errorf("got %+v, %v", it.Message, err)
	}
}

func modal(inputs ...any) map[string]any {
	rows := []any{}
	for _, in := range inputs {
		rows = append(rows, row(in))
	}
	return map[string]any{"type": 9, "data": map[string]any{"custom_id": "form", "title": "Form", "components": rows}}
}

func input(customID string) map[string]any {
	return map[string]any{"type": 4, "custom_id": customID, "label": "Label", "style": 1}
}

func TestModal(t *testing.T) {
	optional := input("more")
	optional["required"] = false
	short := input("name")
	short["min_length"], short["max_length"] = 2, 4
	r := newRig(t, func(in incoming) any {
		switch in.Type {
		case 2:
			return modal(short, optional)
		default:
			return text("thanks")
		}
	})
	opened := r.say("bob", "/ping")
	wantState(t, opened, Answered)
	if opened.Modal == nil || len(opened.Modal.Inputs) != 2 || opened.Modal.Inputs[1].Required || !opened.Modal.Inputs[0].Required {
		t.Fatalf("modal is %+v", opened.Modal)
	}
	for name, c := range map[string]struct {
		as     string
		fields map[string]string
	}{
		"required":      {"bob", map[string]string{"more": "x"}},
		"too short":     {"bob", map[string]string{"name": "a"}},
		"too long":      {"bob", map[string]string{"name": "abcde"}},
		"unknown":       {"bob", map[string]string{"name": "abc", "what": "x"}},
		"somebody else": {"ada", map[string]string{"name": "abc"}},
	} {
		var client *ClientError
		_, err := r.SubmitModal(t.Context(), ModalSubmit{As: c.as, InteractionID: opened.ID, Fields: c.fields})
		if !errors.As(err, &client) {
			t.Errorf("%s: %v, want a ClientError", name, err)
		}
	}
	it, err := r.SubmitModal(t.Context(), ModalSubmit{InteractionID: opened.ID, Fields: map[string]string{"name": "abc"}})
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, it, "thanks")
	want := `"data":{"custom_id":"form","components":[{"type":1,"id":1,"components":[{"type":4,"id":2,"custom_id":"name","value":"abc"}]},` +
		`{"type":1,"id":3,"components":[{"type":4,"id":4,"custom_id":"more","value":""}]}]}`
	if !strings.Contains(string(it.Request), want) {
		t.Errorf("sent %s\nwant in it %s", it.Request, want)
	}
}

// A modal that a component opened may update the component's message.
func TestModalOfComponentUpdates(t *testing.T) {
	r := newRig(t, func(in incoming) any {
		switch in.Type {
		case 2:
			return message(map[string]any{"content": "x", "components": []any{row(button("go"))}})
		case 3:
			return modal(input("a"))
		default:
			if in.Message == nil {
				t.Error("the modal submit has no message")
			}
			return `{"type":7,"data":{"content":"y"}}`
		}
	})
	drawn := r.say("bob", "/ping").Message
	opened, err := r.Click(t.Context(), Click{As: "bob", MessageID: drawn.ID, CustomID: "go"})
	if err != nil {
		t.Fatal(err)
	}
	it, err := r.SubmitModal(t.Context(), ModalSubmit{InteractionID: opened.ID, Fields: map[string]string{"a": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	wantState(t, it, Answered)
	if m, _ := r.Message(drawn.ID); m.Content != "y" {
		t.Errorf("the message shows %q", m.Content)
	}
}

func TestAutocomplete(t *testing.T) {
	r := newRig(t, func(in incoming) any {
		return map[string]any{"type": 8, "data": map[string]any{"choices": []any{map[string]any{"name": "Sword", "value": "sword"}}}}
	})
	it, err := r.Autocomplete(t.Context(), Typing{As: "bob", Line: "/buy item:sw"})
	if err != nil {
		t.Fatal(err)
	}
	wantState(t, it, Answered)
	if len(it.Choices) != 1 || it.Choices[0].Name != "Sword" || string(it.Choices[0].Value) != `"sword"` {
		t.Errorf("choices are %+v", it.Choices)
	}
	if got, want := string(r.app.last().Data.Options), `[{"focused":true,"name":"item","type":3,"value":"sw"}]`; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
	for line, want := range map[string]string{
		"/buy":                      `[{"focused":true,"name":"item","type":3,"value":""}]`,
		"/buy item:":                `[{"focused":true,"name":"item","type":3,"value":""}]`,
		`/buy item:"two wo`:         `[{"focused":true,"name":"item","type":3,"value":"two wo"}]`,
		"/buy item:sw quantity:1x":  `[{"name":"item","type":3,"value":"sw"},{"focused":true,"name":"quantity","type":4,"value":"1x"}]`,
		"/buy quantity:7 item:swo ": `[{"name":"quantity","type":4,"value":7},{"focused":true,"name":"item","type":3,"value":"swo"}]`,
	} {
		if _, err := r.Autocomplete(t.Context(), Typing{As: "bob", Line: line}); err != nil {
			t.Errorf("%s: %v", line, err)
		} else if got := string(r.app.last().Data.Options); got != want {
			t.Errorf("%s: sent %s, want %s", line, got, want)
		}
	}
	var client *ClientError
	for _, line := range []string{"/ping", "/pay bob", "/nothing", "/buy nope:1"} {
		if _, err := r.Autocomplete(t.Context(), Typing{As: "bob", Line: line}); !errors.As(err, &client) {
			t.Errorf("%s: %v, want a ClientError", line, err)
		}
	}
}

func TestVerify(t *testing.T) {
	r := newRig(t, always(nil))
	if err := r.Verify(t.Context()); err != nil {
		t.Errorf("a good endpoint: %v", err)
	}
	for name, h := range map[string]http.HandlerFunc{
		"accepts everything": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"type":1}`))
		},
		"refuses everything":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"answers plain text":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"type":1}`)) },
		"answers another one": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"type":4}`)) },
	} {
		server := newServer(t, h)
		r.SetInteractionsURL(server)
		if err := r.Verify(t.Context()); err == nil {
			t.Errorf("an endpoint that %s is accepted", name)
		}
	}
}

func TestDeliver(t *testing.T) {
	r := newRig(t, always("raw"))
	status, reply, err := r.Deliver(t.Context(), []byte(`{"type":1}`))
	if err != nil || status != http.StatusOK || string(reply) != `{"type":1}` {
		t.Errorf("got %d %s %v", status, reply, err)
	}
	status, reply, err = r.Deliver(t.Context(), []byte(`{"type":77,"id":"1"}`))
	if err != nil || status != http.StatusOK || string(reply) != "raw" {
		t.Errorf("got %d %s %v", status, reply, err)
	}
}

// The payload has what Discord's have.
func TestPayload(t *testing.T) {
	r := newRig(t, always(text("x")))
	it, err := r.Say(t.Context(), Command{As: "chidi", Channel: "#bazaar", Line: "/pay member:hana amount:5", Locale: "de"})
	if err != nil {
		t.Fatal(err)
	}
	var p map[string]json.RawMessage
	if err := json.Unmarshal(it.Request, &p); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"application_id": `"` + DemoApplicationID + `"`, "type": "2", "version": "1", "guild_id": `"` + DemoGuildID + `"`,
		"channel_id": `"` + DemoBazaarChannel + `"`, "locale": `"de"`, "guild_locale": `"en-US"`, "entitlements": "[]",
		"authorizing_integration_owners": `{"0":"` + DemoGuildID + `"}`, "context": "0", "attachment_size_limit": "10485760",
		"guild": `{"id":"` + DemoGuildID + `","locale":"en-US","features":["COMMUNITY"]}`,
	} {
		if got := string(p[key]); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	var m struct {
		User        map[string]any
		Permissions string
		Roles       []string
		Deaf        *bool
		JoinedAt    string `json:"joined_at"`
	}
	if err := json.Unmarshal(p["member"], &m); err != nil {
		t.Fatal(err)
	}
	if m.User["username"] != "chidi" || m.User["discriminator"] != "0" || m.Permissions != (everyonesDefault|ManageMessages).String() ||
		len(m.Roles) != 1 || m.Deaf == nil || m.JoinedAt != "2025-01-12T09:30:00.123000+00:00" {
		t.Errorf("member is %s", p["member"])
	}
	var data struct {
		Resolved struct{ Members map[string]map[string]any }
	}
	if err := json.Unmarshal(p["data"], &data); err != nil {
		t.Fatal(err)
	}
	for id, member := range data.Resolved.Members {
		for _, absent := range []string{"user", "deaf", "mute"} {
			if _, ok := member[absent]; ok {
				t.Errorf("resolved member %s has %s", id, absent)
			}
		}
		if member["permissions"] == nil {
			t.Errorf("resolved member %s has no permissions", id)
		}
	}
	if len(r.app.last().Token) < 180 {
		t.Errorf("the token has %d letters", len(r.app.last().Token))
	}
	avatar := r.say("bob", "/ping")
	if !strings.Contains(string(avatar.Request), `"avatar":null`) {
		t.Error("a user without a picture has no null avatar")
	}
}

func TestIDsGrow(t *testing.T) {
	c := newClock()
	s := snowflakes{now: c.now}
	last := ""
	for i := range 1000 {
		if i == 500 {
			c.advance(-time.Hour)
		}
		next := s.next()
		if compareIDs(next, last) <= 0 {
			t.Fatalf("%s comes after %s", next, last)
		}
		last = next
	}
	if got := snowflakeTime((&snowflakes{now: c.now}).next()); !got.Equal(c.now()) {
		t.Errorf("the id says %v, want %v", got, c.now())
	}
}

func TestConcurrentCommands(t *testing.T) {
	r := newRig(t, func(in incoming) any {
		if in.Data.Name == "ping" {
			return map[string]any{"type": 5}
		}
		return text(in.ID)
	})
	names := []string{"ada", "bob", "chidi", "dana", "emil", "fatima", "goro", "hana"}
	var wg sync.WaitGroup
	for i := range 300 {
		wg.Go(func() {
			line := "/pay emil 5"
			if i%3 == 0 {
				line = "/ping"
			}
			it, err := r.Say(t.Context(), Command{As: names[i%len(names)], Line: line})
			if err != nil {
				t.Errorf("%d: %v", i, err)
				return
			}
			if i%3 == 0 {
				var p struct{ Token string }
				_ = json.Unmarshal(it.Request, &p)
				r.call("PATCH", "/api/v10/webhooks/"+DemoApplicationID+"/"+p.Token+"/messages/@original", `{"content":"`+it.ID+`"}`)
				if it, err = r.Wait(t.Context(), it.ID); err != nil {
					t.Errorf("%d: %v", i, err)
				}
			}
			if it.Message == nil || it.Message.Content != it.ID {
				t.Errorf("%d: the answer is %+v of %s", i, it.Message, it.ID)
			}
			r.Messages("general", "ada")
		})
	}
	wg.Wait()
}

// What is kept is bounded: the oldest goes.
func TestMemoryIsBounded(t *testing.T) {
	s := New(Config{PrivateKey: testKey, ApplicationID: DemoApplicationID, World: DemoWorld()})
	defer s.Close(t.Context())
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range keptMessages * 2 {
		it := &interaction{Interaction: Interaction{ID: s.ids.next()}, token: nth(i)}
		s.keep(it)
		m := &Message{ID: s.ids.next(), ChannelID: []string{"a", "b"}[i%2]}
		s.post(m)
		if i%3 == 0 {
			s.remove(m)
		}
	}
	if len(s.interactions) != keptInteractions || len(s.tokens) != keptInteractions || len(s.order) != keptInteractions {
		t.Errorf("%d interactions, %d tokens", len(s.interactions), len(s.tokens))
	}
	if n := len(s.channels["a"]) + len(s.channels["b"]); n != len(s.messages) || len(s.messageOrder) != keptMessages {
		t.Errorf("%d in channels, %d messages, %d in order", n, len(s.messages), len(s.messageOrder))
	}
}

func TestClose(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	r := newRig(t, func(incoming) any { close(entered); <-release; return text("x") })
	said := make(chan Interaction, 1)
	go func() {
		it, _ := r.Say(context.WithoutCancel(t.Context()), Command{As: "bob", Line: "/ping"})
		said <- it
	}()
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Close with an ended context: %v", err)
	}
	if it := <-said; it.State != Failed {
		t.Errorf("what was in flight is %s", it.State)
	}
	close(release)
	if _, err := r.Say(t.Context(), Command{As: "bob", Line: "/ping"}); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}
