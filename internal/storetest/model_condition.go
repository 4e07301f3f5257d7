package storetest

import (
	"context"
	"slices"
	"strings"
	"time"

	"coffer/internal/doctor"
	"coffer/internal/outbox"
)

// Condition implements doctor.Store.
func (m *Model) Condition(ctx context.Context) (doctor.Condition, error) {
	now := time.Now().UTC()
	c := doctor.Condition{At: now}
	if err := ctx.Err(); err != nil {
		return c, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, g := range m.guilds {
		for _, i := range g.items {
			if r := (doctor.GrantedRole{Guild: id, Role: i.Role}); !i.Archived && i.Role != "" && !slices.Contains(c.Roles, r) {
				c.Roles = append(c.Roles, r)
			}
		}
		for _, d := range g.deliveries {
			switch d.State {
			case outbox.Failed:
				c.Failed++
			case outbox.Waiting:
				if c.Waiting++; c.Waiting == 1 || d.Created.Before(c.Oldest) {
					c.Oldest = d.Created
				}
				tried := d.Due
				if tried.IsZero() {
					tried = now // for at once
				}
				if c.Due.IsZero() || tried.Before(c.Due) {
					c.Due = tried.UTC()
				}
			}
		}
	}
	slices.SortFunc(c.Roles, func(a, b doctor.GrantedRole) int {
		return strings.Compare(string(a.Guild)+" "+string(a.Role), string(b.Guild)+" "+string(b.Role))
	})
	return c, nil
}
