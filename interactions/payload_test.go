package interactions

import (
	"strconv"
	"strings"
	"time"
)

// interaction is one of the given type by ada.
func (b *bench) interaction(kind int, data object) object {
	b.ids++
	return object{
		"id": snow(b.now, b.ids), "type": kind, "token": token, "application_id": application, "version": 1,
		"guild_id": guild, "channel_id": "938391701561679903", "locale": "en-US", "guild_locale": "en-GB",
		"member": guildMember(ada, "ada", "Ada", "0"), "data": data,
	}
}

func guildMember(id, username, nick, permissions string) object {
	return object{"nick": nick, "permissions": permissions, "roles": []string{}, "joined_at": "2019-03-31T12:10:19.616000+00:00",
		"user": object{"id": id, "username": username, "global_name": nil, "discriminator": "0", "avatar": nil, "public_flags": 0}}
}

// command is a slash command; its name may be a full one.
func (b *bench) command(name string, options ...object) object {
	words := strings.Fields(name)
	for i := len(words) - 1; i > 0; i-- {
		kind := optionSub
		if i < len(words)-1 {
			kind = optionGroup
		}
		options = []object{{"name": words[i], "type": kind, "options": options}}
	}
	return b.interaction(typeCommand, object{"id": "870616445036421159", "type": 1, "name": words[0], "options": options,
		"resolved": object{
			"users": object{
				ada:   object{"id": ada, "username": "ada"},
				bob:   object{"id": bob, "username": "bob", "global_name": "Bob"},
				robot: object{"id": robot, "username": "robot", "bot": true},
			},
			"members": object{ada: object{"nick": "Ada"}, bob: object{"nick": nil}, robot: object{}},
			"roles": object{vip: object{"id": vip, "name": "VIP"}, botRole: object{"id": botRole, "name": "robot", "managed": true},
				guild: object{"id": guild, "name": "@everyone"}},
			"channels": object{lobby: object{"id": lobby, "type": 0}, voice: object{"id": voice, "type": 2}},
			"attachments": object{photo: upload(photo, "My *proof*.PNG", "image/png", 4096), letter: upload(letter, "x.pdf", "application/pdf", 4096),
				poster: upload(poster, "big.png", "image/png", 8<<20+1)},
		}})
}

func (b *bench) press(id string) object {
	o := b.interaction(typeComponent, object{"custom_id": id, "component_type": 2, "id": 3})
	o["message"] = object{"id": "844397162624450620", "components": []object{{"type": 99, "surprise": []int{1}}}}
	return o
}

// The files that can be chosen for an option.
const (
	photo  = "115590097100865571"
	letter = "115590097100865572"
	poster = "115590097100865573"
)

// upload is a file as Discord resolves it; its address ends 24 hours after the tests begin.
func upload(id, name, kind string, size int64) object {
	return object{"id": id, "filename": name, "content_type": kind, "size": size, "width": 8, "height": 8, "ephemeral": true,
		"url": "https://cdn.discordapp.com/ephemeral-attachments/1/" + id + "/proof.png?ex=" + strconv.FormatInt(clock.Add(24*time.Hour).Unix(), 16) + "&is=1&hm=2&"}
}

// fill submits a modal with a text in its one input. Discord tells the message of the
// component that opened it, if one did.
func (b *bench) fill(opened object, from object, typed string) object {
	d := data(opened)
	if opened["type"] != float64(respondModal) {
		b.t.Fatalf("%v opens no modal", opened)
	}
	in := d["components"].([]any)[0].(object)["components"].([]any)[0].(object)
	o := b.interaction(typeModal, object{"custom_id": d["custom_id"],
		"components": []object{{"type": 1, "components": []object{{"type": 4, "custom_id": in["custom_id"], "value": typed}}}}})
	if message, given := from["message"]; given {
		o["message"] = message
	}
	return as(o, from["member"].(object))
}

// fillAll sends off a modal that was opened by an interaction, as it was filled in but
// for what is changed.
func (b *bench) fillAll(opened object, from object, changed map[string]string) object {
	b.t.Helper()
	o := b.fill(opened, from, "")
	var rows []object
	for _, r := range data(opened)["components"].([]any) {
		in := r.(object)["components"].([]any)[0].(object)
		id, value := in["custom_id"].(string), in["value"]
		if to, other := changed[id]; other {
			value = to
			delete(changed, id)
		}
		if value == nil {
			value = ""
		}
		rows = append(rows, object{"type": 1, "components": []object{{"type": 4, "custom_id": id, "value": value}}})
	}
	if len(changed) > 0 {
		b.t.Errorf("there are no inputs for %v", changed)
	}
	o["data"].(object)["components"] = rows
	return o
}

func file(name, id string) object { return give(name, optionFile, id) }

// pick chooses values in the menu with the custom id.
func (b *bench) pick(id string, values ...string) object {
	o := b.press(id)
	o["data"].(object)["component_type"], o["data"].(object)["values"] = 3, values
	return o
}

// typing autocompletes a command's option.
func (b *bench) typing(command, option string, typed any) object {
	o := b.command(command, object{"name": option, "type": optionString, "value": typed, "focused": true})
	o["type"] = typeAutocomplete
	return o
}

func give(name string, kind int, value any) object {
	return object{"name": name, "type": kind, "value": value}
}
func whole(name string, n int64) object      { return give(name, optionInteger, n) }
func truth(name string, yes bool) object     { return give(name, optionBoolean, yes) }
func aRole(name, id string) object           { return give(name, optionRole, id) }
func aChannel(name, id string) object        { return give(name, optionChannel, id) }
func withRoles(m object, r ...string) object { m["roles"] = r; return m }
func visitor(id string) object               { return guildMember(id, "", "", "0") }

func who(name, id string) object   { return object{"name": name, "type": optionUser, "value": id} }
func text(name, s string) object   { return object{"name": name, "type": optionString, "value": s} }
func as(o, member object) object   { o["member"] = member; return o }
func in(o object, l string) object { o["locale"] = l; return o }
func manager() object              { return guildMember(ada, "ada", "Ada", manageGuild) }
