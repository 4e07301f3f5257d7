package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"coffer/internal/admins"
	"coffer/internal/economy"
)

// guildStore is what the guilds' handlers need.
type guildStore interface {
	Guilds(context.Context, economy.GuildsQuery) (economy.GuildsPage, error)
}

type places struct {
	store    guildStore
	names    *memory[Place]
	channels *memory[[]Channel]
	roles    *memory[[]Role]
}

func newPlaces(cfg Config) places {
	d := cfg.Places
	if d == nil {
		d = noPlaces{}
	}
	return places{cfg.Store, newMemory(cfg.Now, d.Place), newMemory(cfg.Now, d.Channels), newMemory(cfg.Now, d.Roles)}
}

// noPlaces is where there is no bot.
type noPlaces struct{}

func (noPlaces) Place(context.Context, economy.GuildID) (Place, error) { return Place{}, errDiscord }

func (noPlaces) Channels(context.Context, economy.GuildID) ([]Channel, error) {
	return nil, errDiscord
}

func (noPlaces) Roles(context.Context, economy.GuildID) ([]Role, error) { return nil, errDiscord }

type guildJSON struct {
	ID       economy.GuildID  `json:"id"`
	Name     string           `json:"name"`
	IconURL  *string          `json:"icon_url"`
	Members  int              `json:"members"`
	Currency economy.Currency `json:"currency"`
	Role     admins.Role      `json:"role"`
}

// namesTime is how long a list of guilds waits for their names.
const namesTime = 2 * time.Second

// list shows the guilds that the caller is for, by their ids where Discord does not
// tell their names in time.
func (h places) list(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	p := q.Page("guilds", 1)
	if err := q.Err(); err != nil {
		return err
	}
	caller := callerOf(r)
	ask := economy.GuildsQuery{After: economy.GuildID(p.Text(0)), Limit: p.Limit + 1}
	if caller.Role != admins.Owner {
		ask.Of = []economy.GuildID{}
		for _, id := range caller.Guilds {
			ask.Of = append(ask.Of, economy.GuildID(id))
		}
	}
	found, err := h.store.Guilds(r.Context(), ask)
	if err != nil {
		return err
	}
	places := h.named(r.Context(), found.Guilds[:min(len(found.Guilds), p.Limit)])
	writePage(w, p, found.Guilds, func(g economy.GuildLine) guildJSON {
		place := places[g.ID]
		return guildJSON{ID: g.ID, Name: cmp.Or(place.Name, string(g.ID)), IconURL: orNull(place.Icon), Members: g.Members,
			Currency: g.Currency, Role: caller.Role}
	}, func(g economy.GuildLine) []any { return []any{string(g.ID)} })
	return nil
}

// named returns what Discord tells of guilds in time.
func (h places) named(ctx context.Context, list []economy.GuildLine) map[economy.GuildID]Place {
	ctx, cancel := context.WithTimeout(ctx, namesTime)
	defer cancel()
	found := make([]Place, len(list))
	var group errgroup.Group
	group.SetLimit(8)
	for i, g := range list {
		group.Go(func() error {
			if place, err := h.names.of(ctx, g.ID); err == nil {
				found[i] = place
			}
			return nil
		})
	}
	_ = group.Wait()
	places := make(map[economy.GuildID]Place, len(list))
	for i, g := range list {
		places[g.ID] = found[i]
	}
	return places
}

func (h places) listChannels(w http.ResponseWriter, r *http.Request) error {
	list, err := h.channels.of(r.Context(), guildOf(r))
	if err != nil {
		return err
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Channel) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	write(w, http.StatusOK, pageJSON[Channel]{Data: list})
	return nil
}

// listRoles shows the roles from the highest on, without everybody's.
func (h places) listRoles(w http.ResponseWriter, r *http.Request) error {
	guild := guildOf(r)
	list, err := h.roles.of(r.Context(), guild)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(slices.Clone(list), func(x Role) bool { return string(x.ID) == string(guild) })
	slices.SortFunc(list, func(a, b Role) int {
		return cmp.Or(cmp.Compare(b.Position, a.Position), cmp.Compare(a.ID, b.ID))
	})
	write(w, http.StatusOK, pageJSON[Role]{Data: list})
	return nil
}
