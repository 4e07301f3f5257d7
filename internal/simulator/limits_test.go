package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// limitCase is a message at a limit and one over it: good is accepted, bad is
// refused with the error at the path.
type limitCase struct {
	name      string
	good, bad any    // the data of a message
	at        string // path of the error, dots between
	code      string
	message   string
}

func embeds(list ...any) any      { return map[string]any{"embeds": list} }
func embed(key string, v any) any { return embeds(map[string]any{"title": "t", key: v}) }
func rows(list ...any) any        { return map[string]any{"content": "x", "components": list} }
func with(m map[string]any, key string, v any) map[string]any {
	out := map[string]any{key: v}
	for k, old := range m {
		if k != key {
			out[k] = old
		}
	}
	return out
}

func without(m map[string]any, key string) map[string]any {
	out := with(m, key, nil)
	delete(out, key)
	return out
}

func selectMenu(options int) map[string]any {
	return map[string]any{"type": 3, "custom_id": "s", "options": list(options, func(i int) any {
		return map[string]any{"label": "l", "value": nth(i)}
	})}
}

func oneOption(key string, v any) any {
	o := map[string]any{"label": "l", "value": "v"}
	return rows(row(map[string]any{"type": 3, "custom_id": "s", "options": []any{with(o, key, v)}}))
}

func field(name, value string) any {
	return embed("fields", []any{map[string]any{"name": name, "value": value}})
}

var link = map[string]any{"type": 2, "style": 5, "label": "Go", "url": "https://example.org"}

var messageLimits = []limitCase{
	{"content", map[string]any{"content": repeat("x", 2000)}, map[string]any{"content": repeat("x", 2001)}, "content", "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length."},
	{"content counts code points", map[string]any{"content": repeat("🌊", 2000)}, map[string]any{"content": repeat("🌊", 2001)}, "content", "BASE_TYPE_MAX_LENGTH", ""},
	{"content is text", text("x")["data"], map[string]any{"content": 5}, "content", "STRING_TYPE_CONVERT", ""},
	{"embeds", map[string]any{"embeds": list(10, func(int) any { return map[string]any{"title": "t"} })},
		map[string]any{"embeds": list(11, func(int) any { return map[string]any{"title": "t"} })}, "embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length."},
	{"embeds is a list", embeds(), map[string]any{"content": "x", "embeds": "x"}, "embeds", "LIST_TYPE_CONVERT", ""},
	{"embed is an object", nil, embeds("x"), "embeds.0", "MODEL_TYPE_CONVERT", ""},
	{"embed shows something", embeds(map[string]any{"description": "x"}), embeds(map[string]any{"color": 1}), "embeds.0.description", "BASE_TYPE_REQUIRED", "This field is required"},
	{"title", embed("title", repeat("x", 256)), embed("title", repeat("x", 257)), "embeds.0.title", "BASE_TYPE_MAX_LENGTH", "Must be 256 or fewer in length."},
	{"title without its spaces", embed("title", repeat("x", 256)+"  "), embed("title", repeat("x", 257)+"  "), "embeds.0.title", "BASE_TYPE_MAX_LENGTH", ""},
	{"description", embed("description", repeat("x", 4096)), embed("description", repeat("x", 4097)), "embeds.0.description", "BASE_TYPE_MAX_LENGTH", "Must be 4096 or fewer in length."},
	{"fields", embed("fields", list(25, func(int) any { return map[string]any{"name": "n", "value": "v"} })),
		embed("fields", list(26, func(int) any { return map[string]any{"name": "n", "value": "v"} })), "embeds.0.fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length."},
	{"field name", field(repeat("x", 256), "v"), field(repeat("x", 257), "v"), "embeds.0.fields.0.name", "BASE_TYPE_MAX_LENGTH", ""},
	{"field value", field("n", repeat("x", 1024)), field("n", repeat("x", 1025)), "embeds.0.fields.0.value", "BASE_TYPE_MAX_LENGTH", "Must be 1024 or fewer in length."},
	{"field name required", field("n", "v"), field("", "v"), "embeds.0.fields.0.name", "BASE_TYPE_REQUIRED", ""},
	{"field value required", field("n", "v"), field("n", "  "), "embeds.0.fields.0.value", "BASE_TYPE_REQUIRED", ""},
	{"footer", embed("footer", map[string]any{"text": repeat("x", 2048)}), embed("footer", map[string]any{"text": repeat("x", 2049)}), "embeds.0.footer.text", "BASE_TYPE_MAX_LENGTH", ""},
	{"author", embed("author", map[string]any{"name": repeat("x", 256)}), embed("author", map[string]any{"name": repeat("x", 257)}), "embeds.0.author.name", "BASE_TYPE_MAX_LENGTH", ""},
	{"author has a name", embed("author", map[string]any{"name": "x"}), embed("author", map[string]any{}), "embeds.0.author.name", "BASE_TYPE_REQUIRED", ""},
	{"all embeds", embeds(map[string]any{"description": repeat("x", 4096)}, map[string]any{"description": repeat("x", 1904)}),
		embeds(map[string]any{"description": repeat("x", 4096)}, map[string]any{"description": repeat("x", 1905)}), "embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000"},
	{"colour", embed("color", 0xFFFFFF), embed("color", 0x1000000), "embeds.0.color", "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215."},
	{"colour from 0", embed("color", 0), embed("color", -1), "embeds.0.color", "NUMBER_TYPE_MIN", "int value should be greater than or equal to 0."},
	{"url scheme", embed("url", "https://example.org/a"), embed("url", "ftp://example.org"), "embeds.0.url", "URL_TYPE_INVALID_SCHEME", `Scheme "ftp" is not supported. Scheme must be one of ('http', 'https').`},
	{"url has a host", embed("url", "http://x"), embed("url", "https://"), "embeds.0.url", "URL_TYPE_INVALID_URL", "Not a well formed URL."},
	{"picture", embed("image", map[string]any{"url": "attachment://a.png"}), embed("image", map[string]any{"url": "javascript:x"}), "embeds.0.image.url", "URL_TYPE_INVALID_SCHEME", ""},
	{"picture has a url", embed("thumbnail", map[string]any{"url": "https://x.org/a.png"}), embed("thumbnail", map[string]any{}), "embeds.0.thumbnail.url", "BASE_TYPE_REQUIRED", ""},
	{"timestamp", embed("timestamp", "2026-11-02T12:00:00Z"), embed("timestamp", "yesterday"), "embeds.0.timestamp", "DATE_TIME_TYPE_PARSE", "Could not parse yesterday. Should be ISO8601."},
	{"flags", map[string]any{"content": "x", "flags": 64 | 4 | 4096}, map[string]any{"content": "x", "flags": 64 | 2}, "flags", "MESSAGE_FLAGS_INVALID", ""},
	{"tts", map[string]any{"content": "x", "tts": true}, map[string]any{"content": "x", "tts": "yes"}, "tts", "BOOLEAN_TYPE_CONVERT", ""},

	{"rows", rows(list(5, func(i int) any { return row(button(nth(i))) })...), rows(list(6, func(i int) any { return row(button(nth(i))) })...), "components", "BASE_TYPE_MAX_LENGTH", "Must be 5 or fewer in length."},
	{"buttons in a row", rows(row(list(5, func(i int) any { return button(nth(i)) })...)), rows(row(list(6, func(i int) any { return button(nth(i)) })...)), "components.0.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length."},
	{"row is not empty", nil, rows(row()), "components.0.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length."},
	{"only rows at the top", nil, rows(button("a")), "components.0", "UNION_TYPE_CHOICES", `Value of field "type" must be one of (1).`},
	{"no text input in a message", nil, rows(row(input("a"))), "components.0.components.0", "UNION_TYPE_CHOICES", `Value of field "type" must be one of (2, 3, 5, 6, 7, 8).`},
	{"one select in a row", rows(row(selectMenu(1))), rows(row(selectMenu(1), button("b"))), "components.0.components.1", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", ""},
	{"custom ids are unique", rows(row(button("a"), button("b"))), rows(row(button("a")), row(button("a"))), "components.1.components.0.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"},
	{"custom id", rows(row(button(repeat("é", 100)))), rows(row(button(repeat("é", 101)))), "components.0.components.0.custom_id", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length."},
	{"custom id is not empty", nil, rows(row(button(""))), "components.0.components.0.custom_id", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length."},
	{"button needs a custom id", nil, rows(row(without(button("a"), "custom_id"))), "components.0.components.0.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", ""},
	{"button style", rows(row(with(button("a"), "style", 4))), rows(row(with(button("a"), "style", 7))), "components.0.components.0.style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}."},
	{"button label", rows(row(with(button("a"), "label", repeat("x", 80)))), rows(row(with(button("a"), "label", repeat("x", 81)))), "components.0.components.0.label", "BASE_TYPE_MAX_LENGTH", "Must be 80 or fewer in length."},
	{"button label or emoji", rows(row(with(without(button("a"), "label"), "emoji", map[string]any{"name": "🪙"}))), rows(row(without(button("a"), "label"))), "components.0.components.0", "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", ""},
	{"link has no custom id", rows(row(link)), rows(row(with(link, "custom_id", "a"))), "components.0.components.0", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", ""},
	{"link has a url", rows(row(link)), rows(row(without(link, "url"))), "components.0.components.0.url", "BUTTON_COMPONENT_URL_REQUIRED", ""},
	{"link url", rows(row(with(link, "url", "https://x.org/"+repeat("x", 498)))), rows(row(with(link, "url", "https://x.org/"+repeat("x", 499)))), "components.0.components.0.url", "BASE_TYPE_MAX_LENGTH", ""},
	{"select options", rows(row(selectMenu(25))), rows(row(selectMenu(26))), "components.0.components.0.options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length."},
	{"select has options", nil, rows(row(selectMenu(0))), "components.0.components.0.options", "BASE_TYPE_BAD_LENGTH", ""},
	{"select placeholder", rows(row(with(selectMenu(1), "placeholder", repeat("x", 150)))), rows(row(with(selectMenu(1), "placeholder", repeat("x", 151)))), "components.0.components.0.placeholder", "BASE_TYPE_MAX_LENGTH", ""},
	{"select min", rows(row(with(selectMenu(2), "min_values", 0))), rows(row(with(selectMenu(2), "min_values", -1))), "components.0.components.0.min_values", "NUMBER_TYPE_MIN", ""},
	{"select max", rows(row(with(selectMenu(25), "max_values", 25))), rows(row(with(selectMenu(25), "max_values", 26))), "components.0.components.0.max_values", "NUMBER_TYPE_MAX", ""},
	{"select min over max", rows(row(with(with(selectMenu(3), "min_values", 2), "max_values", 2))), rows(row(with(with(selectMenu(3), "min_values", 3), "max_values", 2))), "components.0.components.0.min_values", "NUMBER_TYPE_MAX", ""},
	{"select max over options", rows(row(with(selectMenu(3), "max_values", 3))), rows(row(with(selectMenu(3), "max_values", 4))), "components.0.components.0.options", "BASE_TYPE_BAD_LENGTH", "Must be between 4 and 25 in length."},
	{"option label", oneOption("label", repeat("x", 100)), oneOption("label", repeat("x", 101)), "components.0.components.0.options.0.label", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length."},
	{"option value", oneOption("value", repeat("x", 100)), oneOption("value", repeat("x", 101)), "components.0.components.0.options.0.value", "BASE_TYPE_BAD_LENGTH", ""},
	{"option description", oneOption("description", repeat("x", 100)), oneOption("description", repeat("x", 101)), "components.0.components.0.options.0.description", "BASE_TYPE_MAX_LENGTH", ""},
	{"option values are unique", nil, rows(row(map[string]any{"type": 3, "custom_id": "s", "options": []any{
		map[string]any{"label": "a", "value": "v"}, map[string]any{"label": "b", "value": "v"}}})), "components.0.components.0.options.1.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", ""},

	{"allowed mentions", map[string]any{"content": "x", "allowed_mentions": map[string]any{"parse": []string{}}},
		map[string]any{"content": "x", "allowed_mentions": map[string]any{"parse": []string{"all"}}}, "allowed_mentions.parse.0", "BASE_TYPE_CHOICES", ""},
	{"mentions are exclusive", map[string]any{"content": "x", "allowed_mentions": map[string]any{"parse": []string{"roles"}, "users": []string{"1"}}},
		map[string]any{"content": "x", "allowed_mentions": map[string]any{"parse": []string{"users"}, "users": []string{"1"}}}, "allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", ""},
	{"mentioned users", map[string]any{"content": "x", "allowed_mentions": map[string]any{"users": list(100, func(int) any { return "1" })}},
		map[string]any{"content": "x", "allowed_mentions": map[string]any{"users": list(101, func(int) any { return "1" })}}, "allowed_mentions.users", "BASE_TYPE_MAX_LENGTH", ""},

	{"layout instead of content", map[string]any{"flags": flagComponentsV2, "components": []any{map[string]any{"type": 10, "content": "x"}}},
		map[string]any{"content": "x", "flags": flagComponentsV2, "components": []any{map[string]any{"type": 10, "content": "x"}}}, "content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", ""},
	{"layout needs its flag", nil, map[string]any{"components": []any{map[string]any{"type": 10, "content": "x"}}}, "components.0", "UNION_TYPE_CHOICES", ""},
	{"layout text", map[string]any{"flags": flagComponentsV2, "components": []any{map[string]any{"type": 10, "content": repeat("x", 4000)}}},
		map[string]any{"flags": flagComponentsV2, "components": []any{map[string]any{"type": 10, "content": repeat("x", 3999)}, map[string]any{"type": 10, "content": "xx"}}},
		"components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", ""},
}

func TestMessageLimits(t *testing.T) {
	r := newRig(t, always(map[string]any{"type": 5}))
	answers := struct{ v any }{}
	r.app.answer = func(incoming) any { return answers.v }
	for _, c := range messageLimits {
		t.Run(c.name, func(t *testing.T) {
			if c.good != nil && c.name != "embeds is a list" {
				answers.v = message(c.good)
				wantState(t, r.say("bob", "/ping"), Answered)
			}
			answers.v = message(c.bad)
			it := r.say("bob", "/ping")
			wantState(t, it, Failed)
			wantRefusal(t, it.Reason, "data."+c.at, c.code, c.message)

			// The same by REST, without "data" before the path.
			answers.v = text("x")
			r.say("bob", "/ping")
			body, _ := json.Marshal(c.bad)
			status, out := r.call("POST", r.webhook(""), string(body))
			if status != http.StatusBadRequest {
				t.Fatalf("REST accepts it: %d %s", status, out)
			}
			wantRefusal(t, "HTTP 400 "+out, c.at, c.code, c.message)
		})
	}
}

// wantRefusal looks into an error of 50035.
func wantRefusal(t *testing.T, reason, at, code, message string) {
	t.Helper()
	body, ok := strings.CutPrefix(reason, "HTTP 400 ")
	var refusal struct {
		Code    int
		Message string
		Errors  map[string]json.RawMessage
	}
	if !ok || json.Unmarshal([]byte(body), &refusal) != nil || refusal.Code != 50035 || refusal.Message != "Invalid Form Body" {
		t.Fatalf("refused with %s, want Invalid Form Body", reason)
	}
	node := refusal.Errors
	if at != "" {
		for _, key := range strings.Split(at, ".") {
			var child map[string]json.RawMessage
			if json.Unmarshal(node[key], &child) != nil {
				t.Fatalf("no error at %s in %s", at, body)
			}
			node = child
		}
	}
	var found []struct{ Code, Message string }
	if json.Unmarshal(node["_errors"], &found) != nil {
		t.Fatalf("no error at %s in %s", at, body)
	}
	for _, f := range found {
		if f.Code == code && (message == "" || f.Message == message) {
			return
		}
	}
	t.Errorf("at %s: %+v, want %s %q", at, found, code, message)
}

func TestModalLimits(t *testing.T) {
	form := func(change func(map[string]any)) any {
		data := map[string]any{"custom_id": "f", "title": "t", "components": []any{row(input("a"))}}
		change(data)
		return map[string]any{"type": 9, "data": data}
	}
	in := func(key string, v any) any {
		return form(func(m map[string]any) { m["components"] = []any{row(with(input("a"), key, v))} })
	}
	inputs := func(n int) any {
		return form(func(m map[string]any) { m["components"] = list(n, func(i int) any { return row(input(nth(i))) }) })
	}
	set := func(key string, v any) any { return form(func(m map[string]any) { m[key] = v }) }
	var answer any
	r := newRig(t, func(incoming) any { return answer })
	for _, c := range []limitCase{
		{"title", set("title", repeat("x", 45)), set("title", repeat("x", 46)), "title", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length."},
		{"title is not empty", nil, set("title", ""), "title", "BASE_TYPE_BAD_LENGTH", ""},
		{"custom id", set("custom_id", repeat("x", 100)), set("custom_id", repeat("x", 101)), "custom_id", "BASE_TYPE_BAD_LENGTH", ""},
		{"inputs", inputs(5), inputs(6), "components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length."},
		{"at least one input", inputs(1), inputs(0), "components", "BASE_TYPE_BAD_LENGTH", ""},
		{"components are required", nil, set("components", nil), "components", "BASE_TYPE_REQUIRED", ""},
		{"one input in a row", nil, form(func(m map[string]any) { m["components"] = []any{row(input("a"), input("b"))} }), "components.0.components.1", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", ""},
		{"no button", nil, form(func(m map[string]any) { m["components"] = []any{row(button("a"))} }), "components.0.components.0", "UNION_TYPE_CHOICES", `Value of field "type" must be one of (4).`},
		{"unique custom ids", nil, form(func(m map[string]any) { m["components"] = []any{row(input("a")), row(input("a"))} }), "components.1.components.0.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", ""},
		{"label", in("label", repeat("x", 45)), in("label", repeat("x", 46)), "components.0.components.0.label", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length."},
		{"style", in("style", 2), in("style", 3), "components.0.components.0.style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2}."},
		{"value", in("value", repeat("x", 4000)), in("value", repeat("x", 4001)), "components.0.components.0.value", "BASE_TYPE_MAX_LENGTH", "Must be 4000 or fewer in length."},
		{"max length", in("max_length", 4000), in("max_length", 4001), "components.0.components.0.max_length", "NUMBER_TYPE_MAX", ""},
		{"max length from 1", in("max_length", 1), in("max_length", 0), "components.0.components.0.max_length", "NUMBER_TYPE_MIN", ""},
		{"min length", in("min_length", 4000), in("min_length", 4001), "components.0.components.0.min_length", "NUMBER_TYPE_MAX", ""},
		{"placeholder", in("placeholder", repeat("x", 100)), in("placeholder", repeat("x", 101)), "components.0.components.0.placeholder", "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length."},
		{"label component", form(func(m map[string]any) {
			m["components"] = []any{map[string]any{"type": 18, "label": repeat("x", 45), "component": without(input("a"), "label")}}
		}), form(func(m map[string]any) {
			m["components"] = []any{map[string]any{"type": 18, "label": repeat("x", 46), "component": without(input("a"), "label")}}
		}), "components.0.label", "BASE_TYPE_BAD_LENGTH", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if answer = c.good; answer != nil {
				wantState(t, r.say("bob", "/ping"), Answered)
			}
			answer = c.bad
			it := r.say("bob", "/ping")
			wantState(t, it, Failed)
			wantRefusal(t, it.Reason, "data."+c.at, c.code, c.message)
			if it.Modal != nil {
				t.Error("the refused modal is open")
			}
		})
	}
}

func TestAutocompleteLimits(t *testing.T) {
	choices := func(n int, name, value any) any {
		return map[string]any{"type": 8, "data": map[string]any{"choices": list(n, func(int) any { return map[string]any{"name": name, "value": value} })}}
	}
	var answer any
	r := newRig(t, func(incoming) any { return answer })
	for _, c := range []struct {
		limitCase
		line string
	}{
		{limitCase{"choices", choices(25, "n", "v"), choices(26, "n", "v"), "choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length."}, "/buy item:x"},
		{limitCase{"none is fine, absent is not", choices(0, "", ""), map[string]any{"type": 8, "data": map[string]any{}}, "choices", "BASE_TYPE_REQUIRED", ""}, "/buy item:x"},
		{limitCase{"null is not", nil, map[string]any{"type": 8, "data": map[string]any{"choices": nil}}, "choices", "BASE_TYPE_REQUIRED", ""}, "/buy item:x"},
		{limitCase{"name", choices(1, repeat("x", 100), "v"), choices(1, repeat("x", 101), "v"), "choices.0.name", "BASE_TYPE_BAD_LENGTH", ""}, "/buy item:x"},
		{limitCase{"name is not empty", nil, choices(1, "", "v"), "choices.0.name", "BASE_TYPE_BAD_LENGTH", ""}, "/buy item:x"},
		{limitCase{"value", choices(1, "n", repeat("x", 100)), choices(1, "n", repeat("x", 101)), "choices.0.value", "BASE_TYPE_BAD_LENGTH", ""}, "/buy item:x"},
		{limitCase{"value is text", nil, choices(1, "n", 5), "choices.0.value", "STRING_TYPE_CONVERT", ""}, "/buy item:x"},
		{limitCase{"value is an integer", choices(1, "n", 5), choices(1, "n", 5.5), "choices.0.value", "NUMBER_TYPE_COERCE", ""}, "/buy item:x quantity:1"},
		{limitCase{"value is a number", choices(1, "n", 5.5), choices(1, "n", "five"), "choices.0.value", "NUMBER_TYPE_COERCE", ""}, "/buy item:x price:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if answer = c.good; answer != nil {
				it, err := r.Autocomplete(t.Context(), Typing{As: "bob", Line: c.line})
				if err != nil {
					t.Fatal(err)
				}
				wantState(t, it, Answered)
			}
			answer = c.bad
			it, err := r.Autocomplete(t.Context(), Typing{As: "bob", Line: c.line})
			if err != nil {
				t.Fatal(err)
			}
			wantState(t, it, Failed)
			wantRefusal(t, it.Reason, "data."+c.at, c.code, c.message)
			if it.Error != "Loading options failed" || it.Choices != nil {
				t.Errorf("shows %q, %v", it.Error, it.Choices)
			}
		})
	}
}

// Which answer fits which interaction.
func TestPermittedCallbacks(t *testing.T) {
	valid := map[int]string{
		1: `{"type":1}`, 4: `{"type":4,"data":{"content":"x"}}`, 5: `{"type":5}`, 6: `{"type":6}`, 7: `{"type":7,"data":{"content":"x"}}`,
		8: `{"type":8,"data":{"choices":[]}}`, 9: `{"type":9,"data":{"custom_id":"f","title":"t","components":[{"type":1,"components":[{"type":4,"custom_id":"a","label":"l","style":1}]}]}}`,
		10: `{"type":10}`, 12: `{"type":12}`, 0: `{"type":0}`,
	}
	var answer any
	r := newRig(t, func(incoming) any { return answer })
	answer = message(map[string]any{"content": "x", "components": []any{row(button("go"))}})
	drawn := r.say("bob", "/ping").Message
	answer = valid[9]
	opened := r.say("bob", "/ping")
	openedByClick, err := r.Click(t.Context(), Click{As: "bob", MessageID: drawn.ID, CustomID: "go"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		do      func() (Interaction, error)
		allowed string
		says    string
	}{
		"command": {func() (Interaction, error) { return r.Say(t.Context(), Command{As: "bob", Line: "/ping"}) }, "4 5 9", "The application did not respond"},
		"component": {func() (Interaction, error) {
			return r.Click(t.Context(), Click{As: "bob", MessageID: drawn.ID, CustomID: "go"})
		}, "4 5 6 7 9", "This interaction failed"},
		"autocomplete": {func() (Interaction, error) {
			return r.Autocomplete(t.Context(), Typing{As: "bob", Line: "/buy x"})
		}, "8", "Loading options failed"},
		"modal of a command": {func() (Interaction, error) {
			return r.SubmitModal(t.Context(), ModalSubmit{InteractionID: opened.ID, Fields: map[string]string{"a": "1"}})
		}, "4 5", "Something went wrong. Try again."},
		"modal of a component": {func() (Interaction, error) {
			return r.SubmitModal(t.Context(), ModalSubmit{InteractionID: openedByClick.ID, Fields: map[string]string{"a": "1"}})
		}, "4 5 6 7", "Something went wrong. Try again."},
	} {
		for kind, body := range valid {
			answer = body
			if kind == 7 { // keep the button for the next turn
				answer = `{"type":7,"data":{}}`
			}
			it, err := c.do()
			if err != nil {
				t.Fatalf("%s, %d: %v", name, kind, err)
			}
			allowed := strings.Contains(" "+c.allowed+" ", " "+numbers([]int{kind})[0]+" ")
			if allowed == (it.State == Failed) {
				t.Errorf("%s answered by %d is %s (%s), allowed are %s", name, kind, it.State, it.Reason, c.allowed)
			}
			if !allowed {
				want := "Value must be one of {" + strings.ReplaceAll(c.allowed, " ", ", ") + "}."
				wantRefusal(t, it.Reason, "type", "BASE_TYPE_CHOICES", want)
				if it.Error != c.says {
					t.Errorf("%s: the client says %q, want %q", name, it.Error, c.says)
				}
			}
		}
	}
}

func TestDeferralTakesOnlyEphemeral(t *testing.T) {
	var answer any
	r := newRig(t, func(incoming) any { return answer })
	for flags, want := range map[int]State{0: Thinking, 64: Thinking, 4: Failed, 64 | 4: Failed, 32768: Failed} {
		answer = map[string]any{"type": 5, "data": map[string]any{"flags": flags}}
		if it := r.say("bob", "/ping"); it.State != want {
			t.Errorf("flags %d: %s %s, want %s", flags, it.State, it.Reason, want)
		} else if want == Failed {
			wantRefusal(t, it.Reason, "data.flags", "MESSAGE_FLAGS_INVALID", "")
		}
	}
}

func TestEmptyMessages(t *testing.T) {
	var answer any
	r := newRig(t, func(incoming) any { return answer })
	for _, data := range []string{`{}`, `{"content":""}`, `{"content":"  \n "}`, `{"embeds":[],"components":[]}`, `{"content":null,"flags":64}`} {
		answer = `{"type":4,"data":` + data + `}`
		it := r.say("bob", "/ping")
		if want := `HTTP 400 {"message":"Cannot send an empty message","code":50006}`; it.State != Failed || it.Reason != want {
			t.Errorf("%s: %s %s, want %s", data, it.State, it.Reason, want)
		}
	}
	if n := len(r.Messages("general", "bob")); n != 0 {
		t.Errorf("%d messages were drawn", n)
	}
}

// What is legal stays, known to the simulator or not; what Discord adds is added.
func TestUnknownFieldsAreKept(t *testing.T) {
	r := newRig(t, always(`{"type":4,"data":{"content":"x","new":1,"embeds":[{"title":"t","novelty":{"a":[1]}}],
	 "components":[{"type":1,"components":[{"type":2,"style":1,"label":"l","custom_id":"c","novelty":9007199254740993},{"type":2,"style":1,"label":"l","custom_id":"d","id":2}]}]}}`))
	m := r.say("bob", "/ping").Message
	if got, want := string(m.Embeds[0]), `{"novelty":{"a":[1]},"title":"t","type":"rich"}`; got != want {
		t.Errorf("embed is %s, want %s", got, want)
	}
	want := `{"components":[{"custom_id":"c","id":3,"label":"l","novelty":9007199254740993,"style":1,"type":2},{"custom_id":"d","id":2,"label":"l","style":1,"type":2}],"id":1,"type":1}`
	if got := string(m.Components[0]); got != want {
		t.Errorf("component is %s, want %s", got, want)
	}
}

func TestPings(t *testing.T) {
	content := "<@1180000000000001001> <@&1180000000000000302> @everyone"
	for name, c := range map[string]struct {
		mentions any
		want     string
	}{
		"without a word all are": {nil, "1180000000000001001 1180000000000000302 everyone"},
		"none":                   {map[string]any{"parse": []string{}}, ""},
		"users":                  {map[string]any{"parse": []string{"users"}}, "1180000000000001001"},
		"one role":               {map[string]any{"roles": []string{"1180000000000000302"}}, "1180000000000000302"},
	} {
		r := newRig(t, always(message(map[string]any{"content": content, "allowed_mentions": c.mentions})))
		if got := strings.Join(r.say("bob", "/ping").Message.Pings, " "); got != c.want {
			t.Errorf("%s: pings %q, want %q", name, got, c.want)
		}
	}
}
