package interactions

import (
	"context"
	"testing"
)

func TestAnInvalidTableIsAProgrammingError(t *testing.T) {
	run := func(context.Context, *Request) (Reply, error) { return choices{}, nil }
	for name, bad := range map[string]table{
		"two commands of one name":   {commands: []*command{{name: "a", run: run}, {name: "a", run: run}}},
		"two components of one name": {components: []*component{{name: "a", run: run}, {name: "a", run: run}}},
		"a command without handler":  {commands: []*command{{name: "a"}}},
		"a command without name":     {commands: []*command{{run: run}}},
		"a modal that opens another": {modals: []*component{{name: "a", opensModal: true, run: run}}},
		"nobody completes":           {commands: []*command{{name: "a", run: run, options: []parameter{{completed: true}}}}},
		"nothing to complete":        {commands: []*command{{name: "a", run: run, complete: run}}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("accepted")
				}
			}()
			bad.routes()
		})
	}
}
func TestModalsAreRoutedByTheirCustomID(t *testing.T) {
	b := newBenchWith(t, &table{modals: []*component{{name: "proof", run: func(_ context.Context, r *Request) (Reply, error) {
		return message{embed: card("", r.arg(0)+" "+r.field("text"))}, nil
	}}}})
	mustSay(t, b.send(b.interaction(typeModal, object{"custom_id": "proof:7", "components": []object{
		{"type": 1, "components": []object{{"type": 4, "custom_id": "text", "value": "done"}}}}})), "7 done")
}
