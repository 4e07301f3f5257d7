package simulator

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// The types of options.
const (
	optionSub         = 1
	optionGroup       = 2
	optionString      = 3
	optionInteger     = 4
	optionBoolean     = 5
	optionUser        = 6
	optionChannel     = 7
	optionRole        = 8
	optionMentionable = 9
	optionNumber      = 10
	optionAttachment  = 11
)

// definition is a registered command, as Discord's API shows it.
type definition struct {
	ID               string         `json:"id"`
	ApplicationID    string         `json:"application_id"`
	Version          string         `json:"version"`
	GuildID          string         `json:"guild_id,omitempty"`
	Type             int            `json:"type"` // 1 slash command, 2 on a user, 3 on a message
	Name             string         `json:"name"`
	NameIn           *localizations `json:"name_localizations,omitempty"`
	Description      string         `json:"description"`
	DescriptionIn    *localizations `json:"description_localizations,omitempty"`
	Permissions      *string        `json:"default_member_permissions"` // nil: everybody
	DMPermission     *bool          `json:"dm_permission,omitempty"`
	Contexts         []int          `json:"contexts"`
	IntegrationTypes []int          `json:"integration_types"`
	NSFW             bool           `json:"nsfw"`
	Options          []option       `json:"options,omitempty"`
}

// option is a parameter of a command, a subcommand or a group of them.
type option struct {
	Type          int            `json:"type"`
	Name          string         `json:"name"`
	NameIn        *localizations `json:"name_localizations,omitempty"`
	Description   string         `json:"description"`
	DescriptionIn *localizations `json:"description_localizations,omitempty"`
	Required      bool           `json:"required,omitempty"`
	Autocomplete  bool           `json:"autocomplete,omitempty"`
	Choices       []choice       `json:"choices,omitempty"`
	ChannelTypes  []int          `json:"channel_types,omitempty"`
	Min           json.Number    `json:"min_value,omitempty"`
	Max           json.Number    `json:"max_value,omitempty"`
	MinLength     *int64         `json:"min_length,omitempty"`
	MaxLength     *int64         `json:"max_length,omitempty"`
	Options       []option       `json:"options,omitempty"`
}

type choice struct {
	Name   string          `json:"name"`
	NameIn *localizations  `json:"name_localizations,omitempty"`
	Value  json.RawMessage `json:"value"`
}

// localizations are texts by locale. A pointer to one is left out of JSON when
// nil, and is null when it points to nil: Discord shows both.
type localizations map[string]string

func (c choice) text() string {
	var s string
	if json.Unmarshal(c.Value, &s) == nil {
		return s
	}
	return string(c.Value)
}

// same says whether two definitions are equal but for id and version.
func (d definition) same(o definition) bool {
	d.ID, d.Version = o.ID, o.Version
	a, errA := json.Marshal(d)
	b, errB := json.Marshal(o)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// withoutLocalizations is d as a GET shows it that does not ask for them.
func (d definition) withoutLocalizations() definition {
	d.NameIn, d.DescriptionIn = nil, nil
	d.Options = optionsWithout(d.Options)
	return d
}

func optionsWithout(list []option) []option {
	var out []option
	for _, o := range list {
		o.NameIn, o.DescriptionIn = nil, nil
		choices := o.Choices
		o.Choices = nil
		for _, c := range choices {
			c.NameIn = nil
			o.Choices = append(o.Choices, c)
		}
		o.Options = optionsWithout(o.Options)
		out = append(out, o)
	}
	return out
}

// size counts the letters that Discord limits: names, descriptions and values
// of the command and of everything in it; of each the longest translation.
func (d definition) size() int {
	return longest(d.Name, d.NameIn) + longest(d.Description, d.DescriptionIn) + optionsSize(d.Options)
}

func optionsSize(list []option) int {
	n := 0
	for _, o := range list {
		n += longest(o.Name, o.NameIn) + longest(o.Description, o.DescriptionIn) + optionsSize(o.Options)
		for _, c := range o.Choices {
			n += longest(c.Name, c.NameIn) + length(c.text())
		}
	}
	return n
}

func longest(text string, in *localizations) int {
	n := length(text)
	if in != nil {
		for _, t := range *in {
			n = max(n, length(t))
		}
	}
	return n
}

// offeredTo says whether a client offers the command to somebody with these
// permissions, in a guild.
func (d definition) offeredTo(has Permissions) bool {
	inGuild := d.Contexts == nil
	for _, c := range d.Contexts {
		inGuild = inGuild || c == 0
	}
	if d.Permissions == nil || !inGuild {
		return inGuild
	}
	needs, err := strconv.ParseUint(*d.Permissions, 10, 64)
	if err != nil || needs == 0 { // "0": administrators only
		return has&Administrator != 0
	}
	return has&Administrator != 0 || uint64(has)&needs == needs
}
