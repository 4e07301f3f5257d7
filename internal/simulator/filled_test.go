package simulator

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

const filledCommands = `[
	{"name":"find","description":"d","options":[
		{"type":3,"name":"item","description":"d","required":true,"autocomplete":true},
		{"type":6,"name":"who","description":"d"},
		{"type":4,"name":"count","description":"d","min_value":1},
		{"type":5,"name":"quick","description":"d"},
		{"type":11,"name":"proof","description":"d"}]},
	{"name":"admin","description":"d","default_member_permissions":"32","options":[
		{"type":2,"name":"coins","description":"d","options":[{"type":1,"name":"give","description":"d","options":[
			{"type":3,"name":"note","description":"d"}]}]}]}]`

func TestFilledCommands(t *testing.T) {
	r := newRig(t, func(in incoming) any {
		if in.Type == 4 {
			return `{"type":8,"data":{"choices":[{"name":"n","value":"v"}]}}`
		}
		return message(map[string]any{"content": "x"})
	})
	r.register(filledCommands)
	options := func(pairs string) (m map[string]json.RawMessage) {
		if err := json.Unmarshal([]byte(pairs), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		as, command, options string
		want                 string // in the request, or in the refusal
	}{
		{"bob", "find", `{"count":3,"item":"a \"b\" count:9","who":"1180000000000001003","quick":false}`,
			`"options":[{"name":"item","type":3,"value":"a \"b\" count:9"},{"name":"who","type":6,"value":"1180000000000001003"},{"name":"count","type":4,"value":3},{"name":"quick","type":5,"value":false}]`},
		{"bob", "find", `{"item":"x","proof":{"name":"my proof.png","size":5,"width":40,"height":30}}`,
			`"filename":"my_proof.png","content_type":"image/png","size":5,"url":"https://cdn.discordapp.com/`},
		{"ada", "admin coins give", `{"note":"n"}`, `"options":[{"name":"coins","options":[{"name":"give","options":[{"name":"note","type":3,"value":"n"}]`},
		{"bob", "find", `{}`, "This option is required"},
		{"bob", "find", `{"item":""}`, "This option is required"},
		{"bob", "find", `{"item":"x","count":0}`, "at least 1"},
		{"bob", "find", `{"item":"x","nothing":1}`, "no option nothing"},
		{"bob", "find", `{"item":["x"]}`, "no value"},
		{"bob", "find", `{"item":null}`, "no value"},
		{"bob", "find", `{"item":{"name":"x"}}`, "takes no file"},
		{"bob", "find", `{"item":"x","proof":{"name":"x","size":99999999}}`, "too powerful"},
		{"bob", "find", `{"item":"x","proof":{"size":1}}`, "no name"},
		{"bob", "nothing", `{}`, "no command /nothing"},
		{"bob", " ", `{}`, "has a name"},
		{"bob", "find more", `{"item":"x"}`, "no subcommand more"},
		{"bob", "admin coins give", `{}`, "no command /admin"},    // it is not offered to him
		{"chidi", "admin coins give", `{}`, `"username":"chidi"`}, // his role is allowed it
		{"ada", "admin", `{}`, "needs one of: coins"},
		{"ada", "admin coins take", `{}`, "needs one of: give"},
	} {
		it, err := r.Say(t.Context(), Command{As: c.as, Filled: Filled{Command: c.command, Options: options(c.options)}})
		got := string(it.Request)
		if err != nil {
			got = err.Error()
			var refused *ClientError
			if !errors.As(err, &refused) {
				t.Errorf("%s %s: %v is not what a client says", c.command, c.options, err)
			}
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s %s:\ngot  %s\nwant %s", c.command, c.options, got, c.want)
		}
	}

	it, err := r.Autocomplete(t.Context(), Typing{As: "bob", Filled: Filled{
		Command: "find", Options: options(`{"item":"ro","count":"no number yet"}`), Focused: "item"}})
	if err != nil || len(it.Choices) != 1 || !strings.Contains(string(it.Request), `"focused":true`) {
		t.Errorf("autocomplete: %+v, %v", it.Choices, err)
	}
	for _, f := range []Filled{
		{Command: "find", Options: options(`{"item":"x","count":1}`), Focused: "count"},
		{Command: "find", Options: options(`{"item":"x"}`)},
	} {
		if _, err := r.Autocomplete(t.Context(), Typing{As: "bob", Filled: f}); err == nil {
			t.Errorf("%+v was sent", f)
		}
	}
	if _, err := r.Say(t.Context(), Command{As: "bob", Line: "/find x", Filled: Filled{Command: "find"}}); err == nil {
		t.Error("a line and a command were sent")
	}
	status, out := r.control("POST", "/simulator/commands", `{"as":"bob","command":"find","options":{"item":"x"}}`)
	if status != 200 || decode[Interaction](t, out).Command != "find" {
		t.Errorf("control: %d %s", status, out)
	}
	if status, out := r.control("GET", "/simulator/messages?as=bob&limit=1", ""); status != 200 || len(decode[[]Message](t, out)) != 1 {
		t.Errorf("the newest message: %d %s", status, out)
	}
	if status, _ := r.control("GET", "/simulator/messages?limit=few", ""); status != 400 {
		t.Errorf("a limit that is none: %d", status)
	}
}
