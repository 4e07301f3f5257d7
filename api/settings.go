package api

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"coffer/internal/economy"
)

// settingsStore is what the settings' handlers need.
type settingsStore interface {
	Rules(context.Context, economy.GuildID) (economy.Rules, error)
	ChangeSettings(context.Context, economy.SettingsChange) (economy.Settings, error)
}

type settings struct {
	store settingsStore
	now   func() time.Time
}

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
