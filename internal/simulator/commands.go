package simulator

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var digits = regexp.MustCompile(`^[0-9]{1,20}$`)

// readDefinitions reads the body of a bulk overwrite. Everything that is wrong
// with any command is in the error, and then nothing is to be changed.
func readDefinitions(body json.RawMessage) ([]definition, *APIError) {
	bad := &complaints{}
	var raws []json.RawMessage
	if json.Unmarshal(body, &raws) != nil {
		bad.add(nil, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
		return nil, bad.err()
	}
	count, names := map[int]int{}, map[string]bool{}
	var list []definition
	for i, raw := range raws {
		at := (*path)(nil).index(i)
		f, ok := openForm(raw, at, bad)
		if !ok {
			continue
		}
		d := readDefinition(f)
		count[d.Type]++
		key := strconv.Itoa(d.Type) + " " + d.Name
		if names[key] {
			bad.add(at, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
		}
		names[key] = true
		if d.size() > maxCommandSize {
			bad.add(at, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (%d)", maxCommandSize)
		}
		list = append(list, d)
	}
	for kind, most := range map[int]int{1: maxCommands, 2: maxContextMenu, 3: maxContextMenu} {
		if count[kind] > most {
			return nil, errTooManyCommands(most)
		}
	}
	return list, bad.err()
}

func readDefinition(f form) definition {
	d := definition{Type: 1}
	if f.given("type") {
		d.Type = f.kind("type", 1, 2, 3)
	}
	d.Name = f.needText("name", span{1, maxCommandName})
	if d.Type == 1 {
		checkName(f, d.Name)
		d.Description = f.needText("description", span{1, maxCommandText})
		d.DescriptionIn = readLocalizations(f, "description_localizations", span{1, maxCommandText}, nil)
		d.NameIn = readLocalizations(f, "name_localizations", span{1, maxCommandName}, validName)
		d.Options = readOptions(f, anyOption)
	} else {
		if f.text("description", upTo(maxCommandText)) != "" {
			f.bad.add(f.at.to("description"), "CONTEXT_MENU_COMMAND_DESCRIPTION_INVALID", "Context menu commands cannot have description")
		}
		if len(f.list("options", upTo(maxOptions))) > 0 {
			f.bad.add(f.at.to("options"), "CONTEXT_MENU_COMMAND_OPTIONS_INVALID", "Context menu commands cannot have options")
		}
		d.NameIn = readLocalizations(f, "name_localizations", span{1, maxCommandName}, nil)
		d.DescriptionIn = new(localizations)
	}
	if f.given("default_member_permissions") {
		set := f.text("default_member_permissions", upTo(20))
		if !digits.MatchString(set) {
			f.bad.add(f.at.to("default_member_permissions"), "NUMBER_TYPE_COERCE", "Value \"%s\" is not int.", set)
		}
		d.Permissions = &set
	}
	if f.given("dm_permission") {
		allowed := f.boolean("dm_permission")
		d.DMPermission = &allowed
	}
	d.NSFW = f.boolean("nsfw")
	d.Contexts = readEnums(f, "contexts", []int{0, 1, 2})
	d.IntegrationTypes = readEnums(f, "integration_types", []int{0, 1})
	if d.IntegrationTypes == nil {
		d.IntegrationTypes = []int{0}
	}
	return d
}

func validName(name string) bool {
	return commandName.MatchString(name) && name == strings.ToLower(name)
}

// checkName complains about a name as Discord does, in up to two ways.
func checkName(f form, name string) {
	if n := length(name); n == 0 || n > maxCommandName || validName(name) {
		return // of a wrong length was complained about
	}
	if !commandName.MatchString(name) {
		f.bad.add(f.at.to("name"), "STRING_TYPE_REGEX", "String value did not match validation regex.")
	}
	f.bad.add(f.at.to("name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
}

// readLocalizations reads a dictionary of translations; valid may be nil.
func readLocalizations(f form, key string, s span, valid func(string) bool) *localizations {
	out := new(localizations)
	dict, ok := f.sub(key)
	if !ok {
		return out
	}
	*out = localizations{}
	for locale := range dict.fields {
		if !locales[locale] {
			f.bad.add(dict.at, "ENUM_TYPE_COERCE", "Value \"%s\" is not a valid enum value.", locale)
			continue
		}
		text := dict.needText(locale, s)
		if valid != nil && text != "" && length(text) <= s.max && !valid(text) {
			f.bad.add(dict.at.to(locale), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
		}
		(*out)[locale] = text
	}
	return out
}

// readEnums reads a list of numbers out of a few.
func readEnums(f form, key string, allowed []int) []int {
	var out []int
	for i, raw := range f.list(key, span{1, len(allowed)}) {
		at := f.at.to(key).index(i)
		n, err := strconv.Atoi(string(raw))
		switch {
		case err != nil || !slices.Contains(allowed, n):
			f.bad.oneOf(at, numbers(allowed)...)
		case slices.Contains(out, n):
			f.bad.add(at, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")
		default:
			out = append(out, n)
		}
	}
	return out
}

// overwrite replaces all commands of a scope (a guild's id, or "" for global
// ones). A command keeps its id as long as its type and name do, and its
// version as long as nothing of it changes.
func (s *Simulator) overwrite(scope string, list []definition) []definition {
	had := map[string]definition{}
	for _, d := range s.commands[scope] {
		had[strconv.Itoa(d.Type)+" "+d.Name] = d
	}
	for i := range list {
		d := &list[i]
		d.ApplicationID, d.GuildID = s.cfg.ApplicationID, scope
		old, known := had[strconv.Itoa(d.Type)+" "+d.Name]
		d.ID, d.Version = old.ID, old.Version
		if !known {
			d.ID = s.ids.next()
		}
		if !known || !d.same(old) {
			d.Version = s.ids.next()
		}
	}
	s.commands[scope] = list
	s.tell("")
	return list
}

// command finds a slash command by name: the guild's own hides a global one.
func (s *Simulator) command(guildID, name string) (definition, bool) {
	for _, scope := range []string{guildID, ""} {
		for _, d := range s.commands[scope] {
			if d.Type == 1 && d.Name == name {
				return d, true
			}
		}
	}
	return definition{}, false
}
