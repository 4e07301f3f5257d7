package simulator

import (
	"errors"
	"strings"
	"testing"
)

func TestSelects(t *testing.T) {
	several := selectMenu(3)
	several["max_values"], several["min_values"] = 2, 1
	off := button("off")
	off["disabled"] = true
	r := newRig(t, func(in incoming) any {
		if in.Type == 3 {
			return map[string]any{"type": 7, "data": map[string]any{}}
		}
		return message(map[string]any{"content": "x", "components": []any{
			row(several), row(map[string]any{"type": 5, "custom_id": "user"}), row(map[string]any{"type": 6, "custom_id": "role"}),
			row(map[string]any{"type": 8, "custom_id": "channel"}), row(button("go"), off, link),
		}})
	})
	m := r.say("bob", "/ping").Message
	for _, c := range []struct {
		customID string
		values   []string
		want     string // in the payload, or in the client's error
		refused  bool
	}{
		{"go", nil, `"data":{"id":10,"custom_id":"go","component_type":2}`, false},
		{"s", []string{"id-0", "id-2"}, `"component_type":3,"values":["id-0","id-2"]}`, false},
		{"user", []string{"ada"}, `"component_type":5,"values":["1180000000000001000"],"resolved":{"users":{"1180000000000001000"`, false},
		{"role", []string{"Reviewer"}, `"values":["1180000000000000302"],"resolved":{"roles"`, false},
		{"channel", []string{"#bazaar"}, `"values":["1180000000000000202"],"resolved":{"channels"`, false},
		{"s", nil, "Choose 1 to 2", true},
		{"s", []string{"id-0", "id-1", "id-2"}, "Choose 1 to 2", true},
		{"s", []string{"other"}, "not one of the options", true},
		{"user", []string{"nobody"}, `no member "nobody"`, true},
		{"off", nil, "disabled", true},
		{"nothing", nil, "no component", true},
		{"", nil, "no component", true},
	} {
		it, err := r.Click(t.Context(), Click{As: "bob", MessageID: m.ID, CustomID: c.customID, Values: c.values})
		var client *ClientError
		switch {
		case c.refused && (!errors.As(err, &client) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s %v: %v, want %q", c.customID, c.values, err, c.want)
		case !c.refused && (err != nil || it.State != Answered || !strings.Contains(string(it.Request), c.want)):
			t.Errorf("%s %v: %v %s %s\nwant in it %s", c.customID, c.values, err, it.Reason, it.Request, c.want)
		}
	}
	var client *ClientError
	if _, err := r.Click(t.Context(), Click{As: "bob", MessageID: "5", CustomID: "go"}); !errors.As(err, &client) {
		t.Errorf("a message that is not: %v", err)
	}
}

// The message in a click's payload is whole.
func TestClickCarriesTheMessage(t *testing.T) {
	r := newRig(t, func(in incoming) any {
		if in.Type == 3 {
			return map[string]any{"type": 6}
		}
		return message(map[string]any{"content": "x", "components": []any{row(button("go"))}})
	})
	m := r.say("bob", "/ping").Message
	it, err := r.Click(t.Context(), Click{As: "ada", MessageID: m.ID, CustomID: "go"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"message":{"id":"` + m.ID + `","type":20,"channel_id":"` + DemoGeneralChannel + `"`, `"edited_timestamp":null`, `"webhook_id":"` + DemoApplicationID + `"`,
		`"interaction_metadata":{"id":"` + m.Interaction + `","type":2,"user":{"id":"1180000000000001001"`, `"mentions":[]`, `"custom_id":"go"`,
	} {
		if !strings.Contains(string(it.Request), want) {
			t.Errorf("sent %s\nwant in it %s", it.Request, want)
		}
	}
}

// A select inside a label of a modal.
func TestModalWithSelect(t *testing.T) {
	r := newRig(t, func(in incoming) any {
		if in.Type == 5 {
			return text("thanks")
		}
		return map[string]any{"type": 9, "data": map[string]any{"custom_id": "f", "title": "t", "components": []any{
			map[string]any{"type": 10, "content": "Read this."},
			map[string]any{"type": 18, "label": "Pick", "component": selectMenu(2)},
			map[string]any{"type": 18, "label": "Who", "component": map[string]any{"type": 5, "custom_id": "u", "required": false}},
		}}}
	})
	opened := r.say("bob", "/ping")
	if len(opened.Modal.Inputs) != 2 || opened.Modal.Inputs[0].Label != "Pick" {
		t.Fatalf("inputs are %+v", opened.Modal.Inputs)
	}
	var client *ClientError
	if _, err := r.SubmitModal(t.Context(), ModalSubmit{InteractionID: opened.ID}); !errors.As(err, &client) {
		t.Errorf("nothing picked: %v", err)
	}
	it, err := r.SubmitModal(t.Context(), ModalSubmit{InteractionID: opened.ID, Fields: map[string]string{"s": "id-1"}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":18,"id":2,"component":{"type":3,"id":3,"custom_id":"s","values":["id-1"]}}`
	if !strings.Contains(string(it.Request), want) {
		t.Errorf("sent %s\nwant in it %s", it.Request, want)
	}
}

// A message stays as private as it was drawn.
func TestEphemeralityIsForGood(t *testing.T) {
	r := newRig(t, always(map[string]any{"type": 5}))
	it := r.say("bob", "/ping")
	r.call("PATCH", r.webhook("/messages/@original"), `{"content":"x","flags":64}`)
	v, _ := r.Interaction(it.ID)
	if v.Message.Ephemeral || v.Message.Flags != 0 || len(r.Messages("general", "ada")) != 1 {
		t.Errorf("an edit made it private: %+v", v.Message)
	}
}
