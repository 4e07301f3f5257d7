package api

import (
	"net/http"
	"time"

	"coffer/internal/admins"
)

// partyJSON is an account in the trail.
type partyJSON struct {
	ID       ID          `json:"id"`
	Kind     admins.Kind `json:"kind"`
	Username string      `json:"username"`
}

func showParty(p admins.Party) *partyJSON {
	if p.ID == 0 {
		return nil
	}
	return &partyJSON{ID(p.ID), p.Kind, p.Name}
}

// standingJSON is what an account might do.
type standingJSON struct {
	Role      admins.Role `json:"role"`
	Guilds    []string    `json:"guilds"`
	Disabled  bool        `json:"disabled"`
	ExpiresAt *time.Time  `json:"expires_at"`
}

func showStanding(s *admins.Standing) *standingJSON {
	if s == nil {
		return nil
	}
	return &standingJSON{s.Role, append([]string{}, s.Guilds...), s.Disabled, timeOrNull(s.ExpiresAt)}
}

// deedJSON is one thing that was done to an account or a token.
type deedJSON struct {
	ID      ID            `json:"id"`
	Kind    admins.Deed   `json:"kind"`
	Account *partyJSON    `json:"account"`
	By      *partyJSON    `json:"by"`
	Before  *standingJSON `json:"before"`
	After   *standingJSON `json:"after"`
	At      time.Time     `json:"at"`
}

func showDeed(e admins.TrailEntry) deedJSON {
	return deedJSON{ID(e.ID), e.Deed, showParty(e.Account), showParty(e.By), showStanding(e.Before), showStanding(e.After), e.At}
}

// trail shows what was done to accounts and tokens.
func (a accounts) trail(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	page := q.Page("account trail", 1)
	ask := admins.TrailQuery{Account: admins.ID(q.ID("account")), By: admins.ID(q.ID("by")), Before: page.Int(0), Limit: page.Limit + 1}
	if err := q.Err(); err != nil {
		return err
	}
	found, err := a.store.AccountTrail(r.Context(), ask)
	if err != nil {
		return err
	}
	writePage(w, page, found, showDeed, func(e admins.TrailEntry) []any { return []any{e.ID} })
	return nil
}
