package simulator

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

const commandsPath = "/api/v10/applications/" + DemoApplicationID + "/commands"

func nCommands(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"name":"c%d","description":"d"}`, i)
	}
	return "[" + strings.Join(list, ",") + "]"
}

func nOptions(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"type":3,"name":"o%d","description":"d"}`, i)
	}
	return `[{"name":"c","description":"d","options":[` + strings.Join(list, ",") + `]}]`
}

func nChoices(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"name":"n%d","value":"v"}`, i)
	}
	return opt(`"type":3,"choices":[` + strings.Join(list, ",") + `]`)
}

func named(name string) string { return `[{"name":"` + name + `","description":"d"}]` }

func opt(fields string) string {
	return `[{"name":"c","description":"d","options":[{"name":"o","description":"d",` + fields + `}]}]`
}

func cmd(fields string) string { return `[{"name":"c","description":"d",` + fields + `}]` }

// sized is a command of n letters altogether.
func sized(n int) string {
	n -= 2 // its own name and description
	var options []string
	for i := 0; n > 0; i++ {
		size := min(n, 24*200)
		var choices []string
		size -= 4 // "o12" and "d"
		for j := 0; size > 0; j++ {
			take := min(size, 200)
			name := fmt.Sprintf("%03d", j) + repeat("n", max(0, min(take-4, 97)))
			value := repeat("v", max(1, take-len(name)))
			choices = append(choices, `{"name":"`+name+`","value":"`+value+`"}`)
			size -= len(name) + len(value)
			n -= len(name) + len(value)
		}
		n -= 4
		options = append(options, fmt.Sprintf(`{"type":3,"name":"o%02d","description":"d","choices":[%s]}`, i, strings.Join(choices, ",")))
	}
	return cmd(`"options":[` + strings.Join(options, ",") + `]`)
}

func TestDefinitionsAtTheLimit(t *testing.T) {
	r := newRig(t, always(nil))
	for name, body := range map[string]string{
		"none": "[]", "100 commands": nCommands(100), "25 options": nOptions(25), "25 choices": nChoices(25),
		"a name of 32":         named(repeat("x", 32)),
		"names of all scripts": named("größe_日本-1'"), "devanagari": named("हिन्दी"), "thai": named("ไทย"),
		"description of 100":            `[{"name":"c","description":"` + repeat("🌊", 100) + `"}]`,
		"8000 letters":                  sized(8000),
		"a context menu":                `[{"type":2,"name":"Pay this User"},{"type":3,"name":"Pay this User"}]`,
		"the same name for other kinds": `[{"name":"pay","description":"d"},{"type":2,"name":"pay"}]`,
		"localizations":                 cmd(`"name_localizations":{"de":"zahlen","zh-CN":"付"},"description_localizations":null`),
		"permissions":                   cmd(`"default_member_permissions":"32","contexts":[0,1,2],"integration_types":[0,1],"nsfw":true,"dm_permission":false`),
		"nobody":                        cmd(`"default_member_permissions":"0"`),
		"bounds":                        opt(`"type":4,"min_value":-9007199254740991,"max_value":9007199254740991`),
		"lengths":                       opt(`"type":3,"min_length":0,"max_length":6000`),
		"autocomplete":                  opt(`"type":10,"autocomplete":true,"choices":[]`),
	} {
		if status, out := r.call("PUT", commandsPath, body); status != http.StatusOK {
			t.Errorf("%s: %d %s", name, status, out)
		}
	}
}

// Refused definitions, with the bodies that Discord answers.
func TestDefinitionErrors(t *testing.T) {
	r := newRig(t, always(nil))
	for _, c := range []struct{ name, body string }{
		{"not a list", `{"name":"x"}`},
		{"not an object", `["x"]`},
		{"101 commands", nCommands(101)},
		{"6 user commands", `[` + strings.TrimSuffix(repeat(`{"type":2,"name":"x"},`, 6), ",") + `]`},
		{"no name", `[{"description":"d"}]`},
		{"empty name", named("")},
		{"name of 33", named(repeat("x", 33))},
		{"upper case", named("Pay")},
		{"space in name", named("pay me")},
		{"no description", `[{"name":"c"}]`},
		{"empty description", `[{"name":"c","description":""}]`},
		{"description of 101", `[{"name":"c","description":"` + repeat("🌊", 101) + `"}]`},
		{"description of context menu", `[{"type":2,"name":"Pay","description":"d"}]`},
		{"unknown type", cmd(`"type":9`)},
		{"duplicate", `[{"name":"c","description":"d"},{"name":"c","description":"e"}]`},
		{"26 options", nOptions(26)},
		{"26 choices", nChoices(26)},
		{"8001 letters", sized(8001)},
		{"required after optional", cmd(`"options":[{"type":3,"name":"a","description":"d"},{"type":3,"name":"b","description":"d","required":true}]`)},
		{"required after optional in subcommand", cmd(`"options":[{"type":1,"name":"s","description":"d","options":[{"type":3,"name":"a","description":"d"},{"type":3,"name":"b","description":"d","required":true}]}]`)},
		{"duplicate option", cmd(`"options":[{"type":3,"name":"a","description":"d"},{"type":4,"name":"a","description":"d"}]`)},
		{"subcommand beside option", cmd(`"options":[{"type":1,"name":"a","description":"d"},{"type":4,"name":"b","description":"d"}]`)},
		{"group in group", cmd(`"options":[{"type":2,"name":"a","description":"d","options":[{"type":2,"name":"b","description":"d"}]}]`)},
		{"subcommand in subcommand", cmd(`"options":[{"type":1,"name":"a","description":"d","options":[{"type":1,"name":"b","description":"d"}]}]`)},
		{"empty group", cmd(`"options":[{"type":2,"name":"a","description":"d"}]`)},
		{"option type", opt(`"type":12`)},
		{"option without type", opt(`"x":1`)},
		{"choice name of 101", opt(`"type":3,"choices":[{"name":"` + repeat("x", 101) + `","value":"v"}]`)},
		{"choice value of 101", opt(`"type":3,"choices":[{"name":"n","value":"` + repeat("x", 101) + `"}]`)},
		{"choice value type", opt(`"type":4,"choices":[{"name":"n","value":"five"}]`)},
		{"choice without value", opt(`"type":3,"choices":[{"name":"n"}]`)},
		{"choice twice", opt(`"type":3,"choices":[{"name":"n","value":"a"},{"name":"n","value":"b"}]`)},
		{"choices of a user", opt(`"type":6,"choices":[{"name":"n","value":"a"}]`)},
		{"choices and autocomplete", opt(`"type":3,"autocomplete":true,"choices":[{"name":"n","value":"a"}]`)},
		{"autocomplete of a user", opt(`"type":6,"autocomplete":true`)},
		{"min over max", opt(`"type":4,"min_value":2,"max_value":1`)},
		{"min of text", opt(`"type":3,"min_value":2`)},
		{"unsafe min", opt(`"type":4,"min_value":-9007199254740992`)},
		{"fraction as min", opt(`"type":4,"min_value":1.5`)},
		{"max length of 0", opt(`"type":3,"max_length":0`)},
		{"max length of 6001", opt(`"type":3,"max_length":6001`)},
		{"channel types of text", opt(`"type":3,"channel_types":[0]`)},
		{"unknown channel type", opt(`"type":7,"channel_types":[99]`)},
		{"unknown locale", cmd(`"name_localizations":{"en":"pay"}`)},
		{"upper case in locale", cmd(`"name_localizations":{"de":"Zahlen"}`)},
		{"permissions as number", cmd(`"default_member_permissions":32`)},
		{"permissions as words", cmd(`"default_member_permissions":"MANAGE_GUILD"`)},
		{"unknown context", cmd(`"contexts":[3]`)},
		{"context twice", cmd(`"contexts":[0,0]`)},
		{"unknown integration", cmd(`"integration_types":[2]`)},
		{"three faults at once", `[{"name":"A","description":""},{"name":"b","description":"d","options":[{"type":3,"name":"X Y","description":"d"}]}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out := r.call("PUT", commandsPath, c.body)
			if status != http.StatusBadRequest {
				t.Fatalf("got %d %s, want 400", status, out)
			}
			golden(t, filepath.Join("testdata", "definitions", strings.ReplaceAll(c.name, " ", "-")+".json"), out)
		})
	}
	if _, out := r.call("GET", commandsPath, ""); !strings.Contains(out, `"name":"pay"`) {
		t.Errorf("a refused overwrite has changed the commands: %s", out)
	}
}

// golden compares JSON with a file, or writes it with -update.
func golden(t *testing.T, file, got string) {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(got), &v); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	pretty, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = string(pretty) + "\n"
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if string(want) != got {
		t.Errorf("got %swant %s", got, want)
	}
}

// registered is what a listing shows of commands.
type registered struct {
	ID, Version, Name string
	NameIn            json.RawMessage `json:"name_localizations"`
}

func decode[T any](t *testing.T, body string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return v
}

func TestOverwriteKeepsIDs(t *testing.T) {
	r := newRig(t, always(nil))
	put := func(body string) []registered {
		_, out := r.call("PUT", commandsPath, body)
		return decode[[]registered](t, out)
	}
	first := put(`[{"name":"a","description":"d"},{"name":"b","description":"d"}]`)
	second := put(`[{"name":"a","description":"d"},{"name":"b","description":"other"},{"name":"c","description":"d"}]`)
	if first[0].ID != second[0].ID || first[0].Version != second[0].Version {
		t.Errorf("unchanged, but %+v is now %+v", first[0], second[0])
	}
	if first[1].ID != second[1].ID || first[1].Version == second[1].Version {
		t.Errorf("changed, but %+v is now %+v", first[1], second[1])
	}
	if second[2].ID == "" || second[2].ID == second[1].ID {
		t.Errorf("new: %+v", second[2])
	}
}

func TestListingLocalizations(t *testing.T) {
	r := newRig(t, always(nil))
	r.register(cmd(`"name_localizations":{"de":"zahlen"},"options":[{"type":3,"name":"o","description":"d","name_localizations":{"de":"x"},"choices":[{"name":"n","value":"v","name_localizations":{"de":"y"}}]}]`))
	_, out := r.call("GET", commandsPath, "")
	if strings.Contains(out, "localizations") {
		t.Errorf("without being asked: %s", out)
	}
	_, out = r.call("GET", commandsPath+"?with_localizations=true", "")
	for _, want := range []string{`"name_localizations":{"de":"zahlen"}`, `"description_localizations":null`, `{"de":"x"}`, `{"de":"y"}`} {
		if !strings.Contains(out, want) {
			t.Errorf("asked for: %s\nwant in it %s", out, want)
		}
	}
}
