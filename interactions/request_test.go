package interactions

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestWhateverIsSignedGetsAnAnswer holds payloads that are not as documented,
// and the text that each gets.
func TestWhateverIsSignedGetsAnAnswer(t *testing.T) {
	malformed, unknown, lost := english("problem.malformed"), english("problem.unknown_command"), english("problem.unknown_component")
	with := func(change func(b *bench, o object)) func(*bench) object {
		return func(b *bench) object {
			o := b.command("balance")
			change(b, o)
			return o
		}
	}
	set := func(key string, v any) func(*bench) object { return with(func(_ *bench, o object) { o[key] = v }) }
	setData := func(key string, v any) func(*bench) object {
		return with(func(_ *bench, o object) { o["data"].(object)[key] = v })
	}
	pay := func(options ...object) func(*bench) object {
		return func(b *bench) object { return b.command("pay", options...) }
	}
	deep := strings.Repeat(`{"options":[`, 4000) + strings.Repeat(`]}`, 4000)

	for _, c := range []struct {
		name    string
		payload func(*bench) object
		want    string
	}{
		{"an unknown type", set("type", 77), malformed},
		{"no type", set("type", nil), malformed},
		{"a type that is text", set("type", "2"), malformed},
		{"an enormous type", set("type", json.RawMessage("1e300")), malformed},
		{"a negative type", set("type", -1), malformed},
		{"no id", set("id", ""), malformed},
		{"an id that is a path", set("id", "../../x"), malformed},
		{"an id that is a number", set("id", 5), malformed},
		{"an application that is a path", set("application_id", "../1"), malformed},
		{"no token", set("token", ""), malformed},
		{"a token that is a path", set("token", "a/../b"), malformed},
		{"a token of dots", set("token", ".."), malformed},
		{"a guild that is a path", set("guild_id", "1/2"), malformed},
		{"a guild beyond 64 bits", set("guild_id", "99999999999999999999"), malformed},
		{"a direct message", with(func(_ *bench, o object) {
			delete(o, "member")
			delete(o, "guild_id")
			o["user"] = object{"id": ada, "username": "ada"}
		}), english("problem.guild_only")},
		{"a guild without member", set("member", nil), english("problem.guild_only")},
		{"a member that is a list", set("member", []int{1}), malformed},
		{"a member without user", set("member", object{"permissions": "0"}), malformed},
		{"data that is null", set("data", nil), unknown},
		{"data that is text", set("data", "balance"), malformed},
		{"no data", with(func(_ *bench, o object) { delete(o, "data") }), unknown},
		{"an unknown command", setData("name", "nonsense"), unknown},
		{"a command that is only a group", setData("name", "admin"), unknown},
		{"a user command of the same name", setData("type", 2), unknown},
		{"options that are an object", setData("options", object{}), malformed},
		{"an option that is null", setData("options", []any{nil}), "<@"},
		{"an option nobody knows", setData("options", []object{{"name": "mood", "type": 3, "value": "good"}}), "<@"},
		{"options nested deep", setData("options", json.RawMessage("["+deep+"]")), "<@"},
		{"a member of the wrong type", setData("options", []object{text("member", bob)}), malformed},
		{"a member that is a number", setData("options", []object{{"name": "member", "type": 6, "value": 1e300}}), malformed},
		{"a member without value", setData("options", []object{{"name": "member", "type": 6}}), malformed},
		{"a member that is a path", setData("options", []object{who("member", "../1")}), malformed},
		{"resolved of the wrong type", setData("resolved", "x"), malformed},
		{"no member to pay", pay(text("amount", "5")), malformed},
		{"no amount", pay(who("member", bob)), malformed},
		{"no options at all", pay(), malformed},
		{"an amount that is a number", pay(who("member", bob), object{"name": "amount", "type": 4, "value": 5}), malformed},
		{"an amount of text that is a number", pay(who("member", bob), object{"name": "amount", "type": 3, "value": 1e300}), malformed},
		{"an amount that is null", pay(who("member", bob), object{"name": "amount", "type": 3, "value": nil}), malformed},
		{"a note that is an object", pay(who("member", bob), text("amount", "5"), object{"name": "note", "type": 3, "value": object{}}), malformed},
		{"a component nobody knows", func(b *bench) object { return b.press("earlier:version") }, lost},
		{"a component without custom id", func(b *bench) object { return b.interaction(typeComponent, object{}) }, lost},
		{"a component with an enormous custom id", func(b *bench) object { return b.press(strings.Repeat(":", 100_000)) }, lost},
		{"a modal nobody knows", func(b *bench) object {
			return b.interaction(typeModal, object{"custom_id": "bug", "components": []object{{"type": 18, "component": object{"type": 19, "values": []string{"1"}}}}})
		}, lost},
		{"a payload near the cap", with(func(_ *bench, o object) { o["message"] = strings.Repeat("x", 500<<10) }), "<@"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			response := b.send(c.payload(b))
			checkLimits(t, response)
			mustSay(t, response, c.want)
		})
	}
}

func TestAnAutocompletionAlwaysGetsChoices(t *testing.T) {
	b := newBench(t)
	unknown := b.complete("")
	unknown["data"].(object)["name"] = "nonsense"
	direct := b.complete("")
	delete(direct, "member")
	for name, payload := range map[string]object{"unknown": unknown, "direct message": direct, "not permitted": b.complete("")} {
		response := b.send(payload)
		if list, ok := data(response)["choices"].([]any); response["type"] != 8.0 || !ok || len(list) != 0 {
			t.Errorf("%s: got %v, want no choices", name, response)
		}
	}
}

func TestAMembersNameIsTheOneTheGuildShows(t *testing.T) {
	for _, c := range []struct{ nick, global, username, want string }{
		{"Snab", "Global", "user", "Snab"},
		{"", "Global", "user", "Global"},
		{"", "", "user", "user"},
		{"", "", "", ""},
	} {
		if got := person(c.nick, user{ID: ada, GlobalName: c.global, Username: c.username}).Name; got != c.want {
			t.Errorf("%+v: got %q, want %q", c, got, c.want)
		}
	}
}

func TestWhoManages(t *testing.T) {
	for permissions, want := range map[string]bool{
		"32": true, "8": true, "2199023255551": true, "0": false, "16": false, "": false,
		"-1": false, "x": false, "0x20": false, "99999999999999999999999": false,
	} {
		if got := manages(permissions); got != want {
			t.Errorf("permissions %q: got %v, want %v", permissions, got, want)
		}
	}
}

func TestAdminNeedsThePermissionOfThePayload(t *testing.T) {
	b := newBench(t)
	for _, payload := range []object{
		b.command("admin coins give", who("member", bob), text("amount", "5")),
		b.command("admin coins take", who("member", bob), text("amount", "5")),
		b.command("admin coins set", who("member", bob), text("amount", "5")),
		b.command("admin undo", text("transaction", "1")),
		b.press("undo:" + snow(clock, 1) + ":1"),
		b.command("admin item create", text("name", "x"), text("price", "5")),
		b.command("admin item edit", text("item", "1")),
		b.command("admin item archive", text("item", "1")),
		b.command("admin refund", text("purchase", "1")),
		b.command("admin settings"),
		b.command("admin task create", text("title", "x"), text("reward", "5")),
		b.command("admin task edit", text("task", "1")),
		b.command("admin task open", text("task", "1")),
		b.command("admin task close", text("task", "1")),
		b.command("admin task archive", text("task", "1")),
		b.command("admin deliveries"),
		b.press("deliveries:" + ada + ":newest"),
		b.pick("retry:"+ada, "1"),
	} {
		mustSay(t, b.send(payload), english("problem.not_manager"))
	}
	if len(b.store.calls) != 0 {
		t.Errorf("the store was asked: %v", b.store.calls)
	}
	b.send(as(b.command("admin coins give", who("member", bob), text("amount", "5")), guildMember(ada, "ada", "Ada", "8")))
	if len(b.store.booked) != 2 {
		t.Errorf("an administrator could not give: %+v", b.store.booked)
	}
}

func TestFieldsOfAModalAreFoundInRowsAndLabels(t *testing.T) {
	r, err := decode([]byte(`{"type":5,"data":{"components":[
		{"type":1,"components":[{"type":4,"custom_id":"proof","value":"here"}]},
		{"type":18,"component":{"type":4,"custom_id":"link","value":"there"}},
		{"type":18,"component":{"type":19,"custom_id":"file","values":["1"]}},
		{"type":18,"component":{"type":23,"custom_id":"sure","value":true}}]}}`))
	if err != nil || !r.whole {
		t.Fatalf("decode: %v, whole %v", err, r.whole)
	}
	for id, want := range map[string]string{"proof": "here", "link": "there", "file": "", "sure": "", "none": ""} {
		if got := r.field(id); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}
