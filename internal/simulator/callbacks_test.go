package simulator

import (
	"encoding/json"
	"testing"
)

// Whatever an app answers, it is accepted or refused in Discord's form; an
// accepted message can be shown, and nothing refused leaves a trace.
func FuzzAnswer(f *testing.F) {
	for _, c := range messageLimits {
		for _, data := range []any{c.good, c.bad} {
			body, err := json.Marshal(message(data))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(body), uint8(0))
		}
	}
	for i, body := range []string{`{"type":5}`, `{"type":6}`, `{"type":7,"data":null}`, `{"type":8,"data":{"choices":[{"name":"n","value":1}]}}`,
		`{"type":9,"data":{"custom_id":"f","title":"t","components":[{"type":18,"label":"l","component":{"type":4,"custom_id":"a","style":1}}]}}`} {
		f.Add(body, uint8(i))
	}
	s := New(Config{ApplicationID: DemoApplicationID, PrivateKey: testKey, World: DemoWorld()})
	kinds := []string{TypeCommand, TypeComponent, TypeAutocomplete, TypeModal}
	f.Fuzz(func(t *testing.T, body string, which uint8) {
		if !json.Valid([]byte(body)) {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		a, err := s.begun(kinds[int(which)%len(kinds)], "bob", "")
		if err != nil {
			t.Fatal(err)
		}
		a.it.focused = optionString
		if a.it.Type == TypeComponent {
			a.it.target = &Message{ID: s.ids.next(), Content: "x", ChannelID: DemoGeneralChannel}
			s.post(a.it.target)
		}
		s.keep(a.it)
		refused := s.callback(a.it, json.RawMessage(body), nil)
		v := s.view(a.it)
		if _, err := json.Marshal(v); err != nil {
			t.Fatalf("%s: cannot be shown: %v", body, err)
		}
		if refused == nil {
			return
		}
		if v.State != Sent || v.Modal != nil || v.Choices != nil || v.Message != nil || a.it.acked {
			t.Fatalf("%s: refused (%v), but left %+v", body, refused, v)
		}
		if refused.Code == 50035 && len(refused.Errors) == 0 {
			t.Fatalf("%s: refused without a reason", body)
		}
	})
}
