package interactions

import (
	"encoding/json"
	"regexp"
	"testing"
	"unicode/utf8"
)

func TestDefinitionsGolden(t *testing.T) { golden(t, "definitions", Definitions()) }

// TestDiscordAcceptsTheDefinitions holds them against Discord's rules.
func TestDiscordAcceptsTheDefinitions(t *testing.T) {
	raw, err := json.Marshal(Definitions())
	if err != nil {
		t.Fatal(err)
	}
	var all []object
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) > 100 {
		t.Errorf("%d commands", len(all))
	}
	roots := map[any]bool{}
	for _, c := range all {
		if roots[c["name"]] {
			t.Errorf("/%v is defined twice: its commands do not stand together in the table", c["name"])
		}
		roots[c["name"]] = true
		if contexts, ok := c["contexts"].([]any); !ok || len(contexts) != 1 || contexts[0] != 0.0 {
			t.Errorf("%v: contexts %v, want only guilds", c["name"], c["contexts"])
		}
		want := any(nil)
		if c["name"] == "admin" {
			want = manageGuild
		}
		if c["default_member_permissions"] != want {
			t.Errorf("%v: default_member_permissions %v, want %v", c["name"], c["default_member_permissions"], want)
		}
		checkDefinition(t, c, 0)
		if n := definitionSize(c); n > 8000 {
			t.Errorf("/%v has %d letters, and Discord takes 8000", c["name"], n)
		}
	}
}

// definitionSize counts names and descriptions, each in its longest language.
func definitionSize(o object) (n int) {
	for _, what := range []string{"name", "description"} {
		translated, _ := o[what+"_localizations"].(object)
		german, _ := translated["de"].(string)
		s, _ := o[what].(string) // choices have no description
		n += max(utf8.RuneCountInString(s), utf8.RuneCountInString(german))
	}
	for _, of := range []string{"options", "choices"} {
		children, _ := o[of].([]any)
		for _, child := range children {
			n += definitionSize(child.(object))
		}
	}
	value, _ := o["value"].(string)
	return n + utf8.RuneCountInString(value)
}

var nameRule = regexp.MustCompile(`^[-_'\p{Ll}\p{N}]{1,32}$`) // in lower case

func checkDefinition(t *testing.T, o object, depth int) {
	t.Helper()
	name := o["name"].(string)
	text := func(what string, v any, ok func(string) bool) {
		if s, isText := v.(string); !isText || !ok(s) {
			t.Errorf("%s: %s %v", name, what, v)
		}
	}
	named := func(s string) bool { return nameRule.MatchString(s) }
	described := func(s string) bool { n := utf8.RuneCountInString(s); return n >= 1 && n <= 100 }
	text("name", name, named)
	text("German name", o["name_localizations"].(object)["de"], named)
	text("description", o["description"], described)
	text("German description", o["description_localizations"].(object)["de"], described)
	if got := texts().english.text("name." + name); got != name {
		t.Errorf("%s is called %s in English", name, got)
	}
	chosen, _ := o["choices"].([]any)
	for _, v := range chosen {
		choice, short := v.(object), func(s string) bool { n := utf8.RuneCountInString(s); return n >= 1 && n <= 100 }
		text("choice", choice["name"], short)
		text("German choice", choice["name_localizations"].(object)["de"], short)
		text("value of a choice", choice["value"], short)
	}
	if len(chosen) > 25 {
		t.Errorf("%s: %d choices", name, len(chosen))
	}
	options, _ := o["options"].([]any)
	if len(options) > 25 || depth > 3 {
		t.Errorf("%s: %d options at depth %d", name, len(options), depth)
	}
	seen, optional := map[string]bool{}, false
	for _, v := range options {
		child := v.(object)
		for _, n := range []string{child["name"].(string), child["name_localizations"].(object)["de"].(string)} {
			if seen[n] && n != child["name"] {
				t.Errorf("%s: two options are called %s", name, n)
			}
			seen[n] = true
		}
		if child["required"] == true && optional {
			t.Errorf("%s: %s is required but stands after an optional one", name, child["name"])
		}
		optional = optional || child["required"] != true
		checkDefinition(t, child, depth+1)
	}
}

func TestEveryDefinitionHasARoute(t *testing.T) {
	commands := newTable(&bank{}).routes().commands
	var leaves func(prefix string, o object) int
	leaves = func(prefix string, o object) int {
		name := prefix + o["name"].(string)
		n := 0
		options, _ := o["options"].([]any)
		for _, v := range options {
			if kind := v.(object)["type"]; kind == float64(optionSub) || kind == float64(optionGroup) {
				n += leaves(name+" ", v.(object))
			}
		}
		if n == 0 {
			if n = 1; commands[name] == nil {
				t.Errorf("/%s is defined but goes nowhere", name)
			}
		}
		return n
	}
	raw, _ := json.Marshal(Definitions())
	var all []object
	_ = json.Unmarshal(raw, &all)
	n := 0
	for _, o := range all {
		n += leaves("", o)
	}
	if n != len(commands) {
		t.Errorf("%d commands are defined, %d are routed", n, len(commands))
	}
}
