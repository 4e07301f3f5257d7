package api_test

import (
	"context"
	"errors"
	"sync/atomic"

	"coffer/api"
	"coffer/internal/economy"
)

// fakePlaces knows one server, and counts what it is asked.
type fakePlaces struct {
	asked atomic.Int32
	made  atomic.Bool // one more channel
}

func (p *fakePlaces) ask(id economy.GuildID) error {
	p.asked.Add(1)
	if id != theGuild {
		return errors.New("the bot is not there")
	}
	return nil
}

func (p *fakePlaces) Place(_ context.Context, id economy.GuildID) (api.Place, error) {
	return api.Place{Name: "The Harbour", Icon: "https://cdn.discordapp.com/icons/1/a.png"}, p.ask(id)
}

func (p *fakePlaces) Channels(_ context.Context, id economy.GuildID) ([]api.Channel, error) {
	list := []api.Channel{{ID: "12", Name: "Voices", Kind: "voice", Position: 1}, {ID: "11", Name: "general", Kind: "text"}}
	if p.made.Load() {
		list = append(list, api.Channel{ID: "13", Name: "new", Kind: "text"})
	}
	return list, p.ask(id)
}

func (p *fakePlaces) Roles(_ context.Context, id economy.GuildID) ([]api.Role, error) {
	return []api.Role{{ID: theGuild, Name: "@everyone"}, {ID: "21", Name: "Sailor", Position: 1}, {ID: "22", Name: "Captain", Color: 0xff0000, Position: 2}}, p.ask(id)
}
