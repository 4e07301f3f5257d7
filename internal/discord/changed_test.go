package discord_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"coffer/internal/discord"

	"github.com/bwmarrin/discordgo"
)

// pay is a command that uses every part of a definition.
func pay() *discordgo.ApplicationCommand {
	return &discordgo.ApplicationCommand{
		Name: "pay", Description: "Send coins.",
		NameLocalizations:        &map[discordgo.Locale]string{discordgo.German: "zahle"},
		DescriptionLocalizations: &map[discordgo.Locale]string{discordgo.German: "Münzen senden."},
		DefaultMemberPermissions: new(int64(32)), DefaultPermission: new(true), NSFW: new(false),
		Contexts:         &[]discordgo.InteractionContextType{1, 0},
		IntegrationTypes: &[]discordgo.ApplicationIntegrationType{0},
		Options: []*discordgo.ApplicationCommandOption{
			{Type: discordgo.ApplicationCommandOptionInteger, Name: "amount", Description: "How many.", Required: true,
				NameLocalizations: map[discordgo.Locale]string{discordgo.German: "betrag"}, MinValue: new(1.0), MaxValue: 1e12,
				Choices: []*discordgo.ApplicationCommandOptionChoice{{Name: "one", Value: 1}, {Name: "two", Value: int64(2)}}},
			{Type: discordgo.ApplicationCommandOptionString, Name: "note", Description: "Why.", MinLength: new(1), MaxLength: 200, Autocomplete: true,
				DescriptionLocalizations: map[discordgo.Locale]string{discordgo.German: "Warum."}},
			{Type: discordgo.ApplicationCommandOptionChannel, Name: "where", Description: "Where.", ChannelTypes: []discordgo.ChannelType{5, 0}},
		},
	}
}

// payAtDiscord is what Discord makes of it.
const payAtDiscord = `{"id":"1","application_id":"2","version":"3","type":1,"name":"pay","description":"Send coins.",
"name_localizations":{"de":"zahle"},"description_localizations":{"de":"Münzen senden."},
"default_permission":true,"default_member_permissions":"32","dm_permission":true,"nsfw":false,
"contexts":[0,1],"integration_types":[0],"options":[
{"type":4,"name":"amount","name_localizations":{"de":"betrag"},"description":"How many.","description_localizations":null,"required":true,
 "min_value":1,"max_value":1000000000000,"choices":[{"name":"one","name_localizations":null,"value":1},{"name":"two","value":2}]},
{"type":3,"name":"note","description":"Why.","description_localizations":{"de":"Warum."},"min_length":1,"max_length":200,"autocomplete":true},
{"type":7,"name":"where","description":"Where.","channel_types":[0,5]}]}`

func parse(t *testing.T, text string) []*discordgo.ApplicationCommand {
	t.Helper()
	var all []*discordgo.ApplicationCommand
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatDiscordFillsInIsNoChange(t *testing.T) {
	plain := func(change func(*discordgo.ApplicationCommand)) *discordgo.ApplicationCommand {
		c := &discordgo.ApplicationCommand{Name: "daily", Description: "Claim."}
		change(c)
		return c
	}
	const daily = `{"id":"1","type":1,"name":"daily","description":"Claim.","name_localizations":null,"nsfw":false,`
	tests := map[string]struct {
		want *discordgo.ApplicationCommand
		have string
	}{
		"everything":      {pay(), payAtDiscord},
		"nothing but":     {plain(func(*discordgo.ApplicationCommand) {}), daily + `"dm_permission":true,"contexts":null,"integration_types":[0,1],"options":[]}`},
		"empty lists":     {plain(func(c *discordgo.ApplicationCommand) { c.Options = []*discordgo.ApplicationCommandOption{} }), daily + `"options":null}`},
		"no translations": {plain(func(c *discordgo.ApplicationCommand) { c.NameLocalizations = &map[discordgo.Locale]string{} }), daily + `"options":[]}`},
		"everywhere said": {plain(func(c *discordgo.ApplicationCommand) {
			c.Contexts = &[]discordgo.InteractionContextType{2, 1, 0}
		}), daily + `"contexts":null}`},
		"guilds in the old way": {plain(func(c *discordgo.ApplicationCommand) { c.DMPermission = new(false) }), //nolint:staticcheck // the old way on purpose
			daily + `"dm_permission":false,"contexts":[0]}`},
		"a guild's command has no contexts": {plain(func(c *discordgo.ApplicationCommand) {
			c.Contexts = &[]discordgo.InteractionContextType{0}
			c.IntegrationTypes = &[]discordgo.ApplicationIntegrationType{0}
		}), daily + `"guild_id":"7","contexts":null,"integration_types":null}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			have := parse(t, "["+tt.have+"]")
			if discord.Changed([]*discordgo.ApplicationCommand{tt.want}, have) {
				t.Error("changed, want the same")
			}
			if discord.Changed(have, have) {
				t.Error("a list differs from itself")
			}
		})
	}
}

func TestOrderOfCommandsIsNoChange(t *testing.T) {
	a, b := &discordgo.ApplicationCommand{Name: "a"}, &discordgo.ApplicationCommand{Name: "b"}
	user := &discordgo.ApplicationCommand{Name: "a", Type: discordgo.UserApplicationCommand}
	type list = []*discordgo.ApplicationCommand
	tests := map[string]struct {
		want, have list
		changed    bool
	}{
		"nothing":            {nil, list{}, false},
		"another order":      {list{a, b, user}, list{user, b, a}, false},
		"one more":           {list{a, b}, list{a}, true},
		"one less":           {list{a}, list{a, b}, true},
		"another name":       {list{a}, list{b}, true},
		"another kind":       {list{a}, list{user}, true},
		"a name twice":       {list{a, a}, list{a, b}, true},
		"a name twice there": {list{a, b}, list{a, a}, true},
	}
	for name, tt := range tests {
		if got := discord.Changed(tt.want, tt.have); got != tt.changed {
			t.Errorf("%s: changed = %v, want %v", name, got, tt.changed)
		}
	}
}

// TestEveryFieldCounts walks the library's types, so that a field which a new
// version adds fails here until Changed knows it.
func TestEveryFieldCounts(t *testing.T) {
	filledIn := map[string]bool{"ID": true, "ApplicationID": true, "GuildID": true, "Version": true,
		"DMPermission": true} // with contexts, the old way counts no more
	check := func(name string, part func(*discordgo.ApplicationCommand) reflect.Value) {
		for i := range part(pay()).NumField() {
			want := pay()
			field := part(want).Type().Field(i)
			change(part(want).Field(i))
			got := discord.Changed([]*discordgo.ApplicationCommand{want}, parse(t, "["+payAtDiscord+"]"))
			if ignored := name == "command" && filledIn[field.Name]; got == ignored {
				t.Errorf("%s.%s differs: changed = %v", name, field.Name, got)
			}
		}
	}
	check("command", func(c *discordgo.ApplicationCommand) reflect.Value { return reflect.ValueOf(c).Elem() })
	check("option", func(c *discordgo.ApplicationCommand) reflect.Value { return reflect.ValueOf(c.Options[1]).Elem() })
	check("choice", func(c *discordgo.ApplicationCommand) reflect.Value {
		return reflect.ValueOf(c.Options[0].Choices[0]).Elem()
	})
}

// change gives a field another value.
func change(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Float64:
		v.SetFloat(v.Float() + 1)
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Uint, reflect.Uint8:
		v.SetUint(v.Uint() + 2) // no type of a command is the default, 1
	case reflect.Interface:
		v.Set(reflect.ValueOf("other"))
	case reflect.Map:
		v.Set(reflect.ValueOf(map[discordgo.Locale]string{discordgo.French: "x"}))
	case reflect.Slice:
		if v.Len() > 0 {
			v.SetLen(v.Len() - 1)
			return
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if element.Kind() == reflect.Pointer {
			element.Set(reflect.New(element.Type().Elem()))
		}
		v.Set(reflect.Append(v, element))
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		change(v.Elem())
	default:
		panic("no other value for a " + v.Type().String())
	}
}
