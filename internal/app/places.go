package app

import (
	"context"

	"coffer/api"
	"coffer/internal/discord"
	"coffer/internal/economy"
)

// guildsAPI is what the bot is asked about servers.
type guildsAPI interface {
	Guild(ctx context.Context, id string) (discord.Guild, error)
	GuildChannels(ctx context.Context, id string) ([]discord.GuildChannel, error)
	GuildRoles(ctx context.Context, id string) ([]discord.GuildRole, error)
}

// places tells the API what servers look like at Discord.
type places struct{ bot guildsAPI }

func (p places) Place(ctx context.Context, guild economy.GuildID) (api.Place, error) {
	g, err := p.bot.Guild(ctx, string(guild))
	return api.Place{Name: g.Name, Icon: g.IconURL()}, err
}

// channelKinds are Discord's numbers of those kinds that the dashboard tells apart.
var channelKinds = map[int]string{0: "text", 2: "voice", 4: "category", 5: "announcement", 13: "voice"}

func (p places) Channels(ctx context.Context, guild economy.GuildID) ([]api.Channel, error) {
	found, err := p.bot.GuildChannels(ctx, string(guild))
	list := make([]api.Channel, 0, len(found))
	for _, c := range found {
		kind, known := channelKinds[c.Type]
		if !known {
			kind = "other"
		}
		list = append(list, api.Channel{ID: economy.ChannelID(c.ID), Name: c.Name, Kind: kind, Position: c.Position})
	}
	return list, err
}

func (p places) Roles(ctx context.Context, guild economy.GuildID) ([]api.Role, error) {
	found, err := p.bot.GuildRoles(ctx, string(guild))
	list := make([]api.Role, 0, len(found))
	for _, r := range found {
		list = append(list, api.Role{ID: economy.RoleID(r.ID), Name: r.Name, Color: r.Color, Position: r.Position})
	}
	return list, err
}
