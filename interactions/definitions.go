package interactions

import (
	"strings"

	"github.com/bwmarrin/discordgo"
)

// Definitions returns the slash commands as Discord is told of them, from the
// same table that routes them.
func Definitions() []*discordgo.ApplicationCommand {
	return newTable(&bank{}).definitions(texts())
}

// definitions builds the tree of commands from their full names; those of one
// root stand together in the table. Words are
// translated once, whatever they name ("name.amount"); each node has its own
// description ("describe.admin.coins.give.amount").
func (t table) definitions(c *catalogue) []*discordgo.ApplicationCommand {
	var all []*discordgo.ApplicationCommand
	for _, cmd := range t.commands {
		words := strings.Fields(cmd.name)
		if len(all) == 0 || all[len(all)-1].Name != words[0] {
			all = append(all, c.root(words[0], cmd.manager))
		}
		level := &all[len(all)-1].Options
		for depth := 1; depth < len(words); depth++ {
			level = &c.child(level, words[:depth+1], depth == len(words)-1).Options
		}
		for _, p := range cmd.options {
			*level = append(*level, c.parameter(words, p))
		}
	}
	return all
}

func (c *catalogue) root(name string, manager bool) *discordgo.ApplicationCommand {
	names, descriptions := c.german.name(name), c.german.description(name)
	root := &discordgo.ApplicationCommand{
		Type:                     discordgo.ChatApplicationCommand,
		Name:                     name,
		NameLocalizations:        &names,
		Description:              c.english.text("describe." + name),
		DescriptionLocalizations: &descriptions,
		Contexts:                 &[]discordgo.InteractionContextType{discordgo.InteractionContextGuild},
		IntegrationTypes:         &[]discordgo.ApplicationIntegrationType{discordgo.ApplicationIntegrationGuildInstall},
	}
	if manager {
		permission := int64(discordgo.PermissionManageGuild)
		root.DefaultMemberPermissions = &permission
	}
	return root
}

// child returns the group or subcommand at the end of path, new if it is the first of its name.
func (c *catalogue) child(level *[]*discordgo.ApplicationCommandOption, path []string, last bool) *discordgo.ApplicationCommandOption {
	name := path[len(path)-1]
	for _, o := range *level {
		if o.Name == name {
			return o
		}
	}
	kind := discordgo.ApplicationCommandOptionSubCommandGroup
	if last {
		kind = discordgo.ApplicationCommandOptionSubCommand
	}
	o := c.node(kind, path)
	*level = append(*level, o)
	return o
}

func (c *catalogue) parameter(command []string, p parameter) *discordgo.ApplicationCommandOption {
	o := c.node(discordgo.ApplicationCommandOptionType(p.kind), append(command[:len(command):len(command)], p.name))
	o.Required, o.Autocomplete, o.MaxLength = p.required, p.completed, p.most
	for _, value := range p.chosen {
		key := "choice." + p.name + "." + value
		o.Choices = append(o.Choices, &discordgo.ApplicationCommandOptionChoice{Name: c.english.text(key), Value: value,
			NameLocalizations: map[discordgo.Locale]string{discordgo.Locale(c.german.tag): c.german.text(key)}})
	}
	switch p.kind {
	case optionInteger:
		least := float64(p.least)
		o.MinValue, o.MaxValue = &least, float64(p.greatest)
	case optionChannel:
		o.ChannelTypes = []discordgo.ChannelType{discordgo.ChannelTypeGuildText, discordgo.ChannelTypeGuildNews}
	}
	return o
}

func (c *catalogue) node(kind discordgo.ApplicationCommandOptionType, path []string) *discordgo.ApplicationCommandOption {
	name, key := path[len(path)-1], strings.Join(path, ".")
	return &discordgo.ApplicationCommandOption{
		Type:                     kind,
		Name:                     name,
		NameLocalizations:        c.german.name(name),
		Description:              c.english.text("describe." + key),
		DescriptionLocalizations: c.german.description(key),
	}
}

func (l *locale) name(word string) map[discordgo.Locale]string {
	return map[discordgo.Locale]string{discordgo.Locale(l.tag): l.text("name." + word)}
}

func (l *locale) description(key string) map[discordgo.Locale]string {
	return map[discordgo.Locale]string{discordgo.Locale(l.tag): l.text("describe." + key)}
}

// path is a command's full name as people of this language see it.
func (l *locale) path(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		words[i] = l.text("name." + w)
	}
	return strings.Join(words, " ")
}

func dotted(name string) string { return strings.ReplaceAll(name, " ", ".") }
