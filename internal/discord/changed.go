package discord

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	"github.com/bwmarrin/discordgo"
)

// Changed reports whether registering want would change what Discord has. The
// order of commands does not matter; that of options and choices does.
//
// Discord answers with more than it was told: ids and versions, defaults,
// empty lists and translations. None of that is a change. Where want leaves
// the integration types to Discord, whatever it has is right; for the commands
// of a guild it keeps neither contexts nor integration types.
func Changed(want, have []*discordgo.ApplicationCommand) bool {
	if len(want) != len(have) {
		return true
	}
	type id struct {
		kind discordgo.ApplicationCommandType
		name string
	}
	registered := make(map[id]*discordgo.ApplicationCommand, len(have))
	for _, c := range have {
		registered[id{kindOf(c), c.Name}] = c
	}
	for _, c := range want {
		other, ok := registered[id{kindOf(c), c.Name}]
		if !ok {
			return true
		}
		delete(registered, id{kindOf(c), c.Name}) // a name twice is a change
		wanted, had := canonical(c), canonical(other)
		if c.IntegrationTypes == nil {
			had.integrations = nil
		}
		if other.GuildID != "" {
			wanted.contexts, wanted.integrations = nil, nil
			had.contexts, had.integrations = nil, nil
		}
		if !reflect.DeepEqual(wanted, had) {
			return true
		}
	}
	return false
}

func kindOf(c *discordgo.ApplicationCommand) discordgo.ApplicationCommandType {
	return cmp.Or(c.Type, discordgo.ChatApplicationCommand)
}

// command is a command in the one form that equal commands share.
type command struct {
	name, description string
	names, texts      map[discordgo.Locale]string
	byDefault, nsfw   bool
	permissions       int64
	restricted        bool // permissions is set: 0 is for administrators, none for all
	contexts          []discordgo.InteractionContextType
	integrations      []discordgo.ApplicationIntegrationType
	options           []option
}

func canonical(c *discordgo.ApplicationCommand) command {
	return command{
		name:         c.Name,
		description:  c.Description,
		names:        translations(deref(c.NameLocalizations, nil)),
		texts:        translations(deref(c.DescriptionLocalizations, nil)),
		byDefault:    deref(c.DefaultPermission, true),
		nsfw:         deref(c.NSFW, false),
		permissions:  deref(c.DefaultMemberPermissions, 0),
		restricted:   c.DefaultMemberPermissions != nil,
		contexts:     contexts(c),
		integrations: sorted(deref(c.IntegrationTypes, nil)),
		options:      options(c.Options),
	}
}

// contexts returns where a command can be used, nil for everywhere, whether it
// is said in the present way or in the old one (dm_permission).
func contexts(c *discordgo.ApplicationCommand) []discordgo.InteractionContextType {
	if c.Contexts == nil {
		if deref(c.DMPermission, true) { //nolint:staticcheck // deprecated, but Discord still sends it
			return nil
		}
		return []discordgo.InteractionContextType{discordgo.InteractionContextGuild}
	}
	list := sorted(*c.Contexts)
	if len(list) == 3 {
		return nil
	}
	return list
}

type option struct {
	kind              discordgo.ApplicationCommandOptionType
	name, description string
	names, texts      map[discordgo.Locale]string
	required, auto    bool
	channels          []discordgo.ChannelType
	options           []option
	choices           []choice
	bounded           bool // least is set: 0 is a limit, none is not
	least, most       float64
	shortest, longest int
}

func options(all []*discordgo.ApplicationCommandOption) []option {
	var list []option
	for _, o := range all {
		list = append(list, option{
			kind:        o.Type,
			name:        o.Name,
			description: o.Description,
			names:       translations(o.NameLocalizations),
			texts:       translations(o.DescriptionLocalizations),
			required:    o.Required,
			auto:        o.Autocomplete,
			channels:    sorted(o.ChannelTypes),
			options:     options(o.Options),
			choices:     choices(o.Choices),
			bounded:     o.MinValue != nil,
			least:       deref(o.MinValue, 0),
			most:        o.MaxValue,
			shortest:    deref(o.MinLength, 0),
			longest:     o.MaxLength,
		})
	}
	return list
}

type choice struct {
	name  string
	names map[discordgo.Locale]string
	value any // string or float64
}

func choices(all []*discordgo.ApplicationCommandOptionChoice) []choice {
	var list []choice
	for _, c := range all {
		list = append(list, choice{c.Name, translations(c.NameLocalizations), plain(c.Value)})
	}
	return list
}

// plain returns a choice's value as JSON would bring it back.
func plain(value any) any {
	switch v := reflect.ValueOf(value); {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	case v.CanFloat():
		return v.Float()
	case v.Kind() == reflect.String:
		return v.String()
	default:
		return value
	}
}

// translations returns all, or nil if there are none.
func translations(all map[discordgo.Locale]string) map[discordgo.Locale]string {
	if len(all) == 0 {
		return nil
	}
	return maps.Clone(all)
}

// sorted returns the distinct members of list in order, or nil if there are
// none.
func sorted[T cmp.Ordered](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

func deref[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
