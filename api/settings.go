package api

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// settingsStore is what the settings' handlers need.
type settingsStore interface {
	Rules(context.Context, economy.GuildID) (economy.Rules, error)
	ChangeSettings(context.Context, economy.SettingsChange) (economy.Settings, error)
}

type settings struct {
	store    settingsStore
	channels *memory[[]Channel]
	now      func() time.Time
}

var errChannel = problem.New(problem.Invalid, "channel", "This server has no such channel, or the bot does not see it.")

func (h settings) get(w http.ResponseWriter, r *http.Request) error {
	rules, err := h.store.Rules(r.Context(), guildOf(r))
	if err != nil {
		return err
	}
	setETag(w, int64(rules.Version))
	write(w, http.StatusOK, rules.Settings)
	return nil
}

// change replaces the settings that the caller has seen. The request has no key: done
// again, it changes nothing.
func (h settings) change(w http.ResponseWriter, r *http.Request) error {
	version, err := ifMatch(r)
	if err != nil {
		return err
	}
	want, err := decode[economy.Settings](w, r)
	if err != nil {
		return err
	}
	request := economy.Request{Guild: guildOf(r), Source: economy.FromAPI, Key: "settings:" + rand.Text(), At: h.now()}
	c, err := economy.NewSettingsChange(request, callerOf(r).Person(), want)
	if err != nil {
		return err
	}
	if err := h.checkChannels(r.Context(), request.Guild, want); err != nil {
		return err
	}
	if c.Version = int(version); c.Version == 0 {
		c.Version = noVersion // what was never seen
	}
	_, err = h.store.ChangeSettings(r.Context(), c)
	if err != nil && !errors.Is(err, economy.ErrSettingsChanged) {
		return err
	}
	rules, reading := h.store.Rules(r.Context(), request.Guild)
	if reading != nil {
		return reading
	}
	if err != nil {
		var by any
		if rules.ChangedBy != (economy.Actor{}) {
			by = showActor(rules.ChangedBy)
		}
		return changed(rules.Settings, by, rules.ChangedAt)
	}
	setETag(w, int64(rules.Version))
	write(w, http.StatusOK, rules.Settings)
	return nil
}

// checkChannels refuses a channel that is new and not the guild's: the bot writes wherever
// it is told to, and may be in other guilds, too.
func (h settings) checkChannels(ctx context.Context, guild economy.GuildID, want economy.Settings) error {
	rules, err := h.store.Rules(ctx, guild)
	if err != nil {
		return err
	}
	now := rules.Settings
	for _, c := range []struct {
		field     string
		want, now economy.ChannelID
	}{
		{"admin_channel", want.AdminChannel, now.AdminChannel},
		{"task_channel", want.TaskChannel, now.TaskChannel},
		{"review_channel", want.ReviewChannel, now.ReviewChannel},
		{"welcome_channel", want.WelcomeChannel, now.WelcomeChannel},
	} {
		if c.want == "" || c.want == c.now {
			continue
		}
		has := func(list []Channel) bool {
			return slices.ContainsFunc(list, func(x Channel) bool { return x.ID == c.want })
		}
		list, err := h.channels.of(ctx, guild)
		if err == nil && !has(list) { // it may be newer than what is remembered
			list, err = h.channels.anew(ctx, guild)
		}
		if err != nil {
			return err
		}
		if !has(list) {
			return inField(c.field, errChannel)
		}
	}
	return nil
}
