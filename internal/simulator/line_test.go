package simulator

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// testDefinitions is the test's commands as the parser gets them.
func testDefinitions(tb testing.TB) func(string) (definition, bool) {
	list, refused := readDefinitions(json.RawMessage(testCommands))
	if refused != nil {
		tb.Fatal(refused)
	}
	return func(name string) (definition, bool) {
		for _, d := range list {
			if d.Name == name {
				return d, true
			}
		}
		return definition{}, false
	}
}

func TestParseLine(t *testing.T) {
	find := testDefinitions(t)
	for _, c := range []struct{ line, want string }{
		{"/ping", "ping"},
		{"  /ping  ", "ping"},
		{"/pay bob 100", "pay member=bob amount=100"},
		{"/pay member:bob amount:100", "pay member=bob amount=100"},
		{"/pay amount:100 member:bob", "pay amount=100 member=bob"},
		{"/pay amount:100 bob", "pay amount=100 member=bob"},
		{"/pay bob note:for lunch amount:5", "pay member=bob note=for lunch amount=5"},
		{"/pay bob 5 for  lunch ", "pay member=bob amount=5 note=for  lunch"},
		{"/pay bob 5 see https://x.org/a", "pay member=bob amount=5 note=see https://x.org/a"},
		{"/pay bob 5 https://x.org/a", "pay member=bob amount=5 note=https://x.org/a"},
		{`/pay bob 5 "a: \"b\" \\ amount:9"`, `pay member=bob amount=5 note=a: "b" \ amount:9`},
		{`/pay member:"Zoë 🌊" amount:5`, "pay member=Zoë 🌊 amount=5"},
		{"/pay member: bob amount: 5", "pay member=bob amount=5"},
		{"/pay bob 5 note:", "pay member=bob amount=5 note="},
		{"/pay note: amount:5 bob", "pay note= amount=5 member=bob"},
		{"/buy two words 3", "buy item=two quantity=words price=3"},
		{"/buy item:two words quantity:3", "buy item=two words quantity=3"},
		{"/buy item:12:30 at noon", "buy item=12:30 at noon"},
		{"/all size:Quite big flag:true", "all size=Quite big flag=true"},
		{"/admin coins give bob 5", "admin coins give member=bob amount=5"},
		{"/admin undo", "admin undo"},
	} {
		s, err := parseLine(c.line, find, false)
		got := s.definition.Name
		for _, p := range s.path {
			got += " " + p.Name
		}
		for _, a := range s.args {
			got += " " + a.option.Name + "=" + a.text
		}
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.line, got, err, c.want)
		}
	}
}

func TestParseLineRefuses(t *testing.T) {
	find := testDefinitions(t)
	for line, want := range map[string]string{
		"":                           "begins with a slash",
		"hello":                      "begins with a slash",
		"/":                          "begins with a slash",
		"/nothing":                   "no command /nothing",
		"/ping now":                  "Nothing more",
		"/pay who:bob":               "no option who",
		"/pay bob 5 member:ada":      "member is given twice",
		"/admin":                     "/admin needs one of: coins, undo",
		"/admin coins":               "/admin coins needs one of: give",
		"/admin coins take bob":      "/admin coins needs one of: give",
		`/pay bob 5 "open`:           "quotes are not closed",
		"/pay " + repeat("x", 20000): "too long",
	} {
		_, err := parseLine(line, find, false)
		var client *ClientError
		if !errors.As(err, &client) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %q", line, err, want)
		}
	}
}

// The values that a client sends, and those that it does not.
func TestOptionValues(t *testing.T) {
	r := newRig(t, always(text("x")))
	for line, want := range map[string]string{
		"/pay @bob 100":                    `[{"name":"member","type":6,"value":"1180000000000001001"},{"name":"amount","type":4,"value":100}]`,
		"/pay <@1180000000000001001> 1":    `[{"name":"member","type":6,"value":"1180000000000001001"},{"name":"amount","type":4,"value":1}]`,
		"/pay <@!1180000000000001001> 1":   `[{"name":"member","type":6,"value":"1180000000000001001"},{"name":"amount","type":4,"value":1}]`,
		"/pay 1180000000000001001 1":       `[{"name":"member","type":6,"value":"1180000000000001001"},{"name":"amount","type":4,"value":1}]`,
		`/pay "Zoë 🌊" 1`:                   `[{"name":"member","type":6,"value":"1180000000000001003"},{"name":"amount","type":4,"value":1}]`,
		"/pay coffer 1":                    `[{"name":"member","type":6,"value":"1180000000000000001"},{"name":"amount","type":4,"value":1}]`,
		"/all flag:False":                  `[{"name":"flag","type":5,"value":false}]`,
		"/all place:#bazaar":               `[{"name":"place","type":7,"value":"1180000000000000202"}]`,
		"/all rank:@Reviewer":              `[{"name":"rank","type":8,"value":"1180000000000000302"}]`,
		"/all who:<@&1180000000000000302>": `[{"name":"who","type":9,"value":"1180000000000000302"}]`,
		"/all rate:1.5":                    `[{"name":"rate","type":10,"value":1.5}]`,
		"/all size:small":                  `[{"name":"size","type":3,"value":"s"}]`,
		"/all size:b":                      `[{"name":"size","type":3,"value":"b"}]`,
	} {
		it := r.say("ada", line)
		if got := string(r.app.last().Data.Options); it.State != Answered || got != want {
			t.Errorf("%s: sent %s, want %s", line, got, want)
		}
	}
	sent := r.app.count()
	for line, want := range map[string]string{
		"/pay":                          "required. Specify a value: member",
		"/pay bob":                      "required. Specify a value: amount",
		"/pay bob 0":                    "at least 1",
		"/pay bob 1001":                 "at most 1000",
		"/pay bob 1.5":                  "not an integer",
		"/pay bob 9007199254740992":     "not an integer",
		"/pay nobody 5":                 `no member "nobody"`,
		"/pay bob 5 " + repeat("x", 21): "between 0 and 20",
		"/all flag:maybe":               "True or False",
		"/all place:nowhere":            `no channel "nowhere"`,
		"/all rank:king":                `no role "king"`,
		"/all who:nobody":               `no member or role`,
		"/all rate:0.4":                 "at least 0.5",
		"/all rate:NaN":                 "not a number",
		"/all size:Huge":                "choose one of: Quite big, Small",
		"/all size:":                    "required. Specify a value: size",
		"/admin undo":                   "no command /admin",
	} {
		_, err := r.Say(t.Context(), Command{As: "bob", Line: line})
		var client *ClientError
		if !errors.As(err, &client) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %q", line, err, want)
		}
	}
	for name, c := range map[string]Command{
		"nobody": {As: "nobody", Line: "/ping"}, "a bot": {As: "coffer", Line: "/ping"}, "nowhere": {As: "bob", Channel: "nowhere", Line: "/ping"},
	} {
		var client *ClientError
		if _, err := r.Say(t.Context(), c); !errors.As(err, &client) {
			t.Errorf("%s: %v, want a ClientError", name, err)
		}
	}
	if n := r.app.count(); n != sent {
		t.Errorf("the app heard of %d commands that no client sends", n-sent)
	}
}

// A client hides what a member may not use; a hostile one sends it anyway.
func TestPermissionsOfCommands(t *testing.T) {
	r := newRig(t, always(text("x")))
	wantState(t, r.say("ada", "/admin undo"), Answered)
	it, err := r.Say(t.Context(), Command{As: "bob", Line: "/admin undo", Force: true})
	if err != nil || it.State != Answered {
		t.Errorf("forced: %v, %v", it.State, err)
	}
	if got := r.app.last().Member.Permissions; got != everyonesDefault.String() {
		t.Errorf("a hostile client cannot forge the permissions, but they are %s", got)
	}
}

func TestGuildCommandsHideGlobalOnes(t *testing.T) {
	r := newRig(t, always(text("x")))
	status, out := r.call("PUT", "/api/v9/applications/"+DemoApplicationID+"/guilds/"+DemoGuildID+"/commands", `[{"name":"ping","description":"Guild's own"}]`)
	if status != 200 {
		t.Fatalf("%d %s", status, out)
	}
	if it := r.say("bob", "/ping"); !strings.Contains(string(it.Request), `"type":1,"guild_id":"`+DemoGuildID+`"`) {
		t.Errorf("sent %s", it.Request)
	}
}

func TestAttachmentOption(t *testing.T) {
	r := newRig(t, always(text("x")))
	it := r.say("bob", "/all proof:my proof.png")
	for _, want := range []string{`"filename":"my_proof.png"`, `"content_type":"image/png"`, `"resolved":{"attachments"`, `"width":800`} {
		if !strings.Contains(string(it.Request), want) {
			t.Errorf("sent %s, want in it %s", it.Request, want)
		}
	}
	it = r.say("bob", "/all proof:http://127.0.0.1:1/pic/a.jpg")
	if !strings.Contains(string(it.Request), `"filename":"a.jpg"`) || !strings.Contains(string(it.Request), `"url":"http://127.0.0.1:1/pic/a.jpg"`) {
		t.Errorf("sent %s", it.Request)
	}
}

func FuzzLine(f *testing.F) {
	find := testDefinitions(f)
	for _, seed := range []string{
		"/ping", "/pay bob 100", `/pay member:"Zoë 🌊" amount:5 note:x`, "/admin coins give bob 5", "/buy item:", `/buy "`, `/buy "\`, "/pay :", "/pay ::", "/ pay", "/pay\u00a0bob", "/all size:Quite big flag:", "\xff/pay \xff:\xff",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, line string, typing bool) {
		s, err := parseLine(line, find, typing)
		var client *ClientError
		if err != nil && !errors.As(err, &client) {
			t.Fatalf("%q: %v is no ClientError", line, err)
		}
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, a := range s.args {
			if _, ok := s.option(a.option.Name); !ok || seen[a.option.Name] {
				t.Fatalf("%q: option %q is unknown or given twice", line, a.option.Name)
			}
			seen[a.option.Name] = true
			if utf8.ValidString(line) && !utf8.ValidString(a.text) {
				t.Fatalf("%q: %q is cut in a letter", line, a.text)
			}
			if len(a.text) > len(line) {
				t.Fatalf("%q: %q comes from nowhere", line, a.text)
			}
		}
	})
}
