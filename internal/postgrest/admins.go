package postgrest

import (
	"context"
	"encoding/json"
	"time"

	"coffer/internal/admins"
	"coffer/internal/economy"
)

// account is an account as functions return it.
type account struct {
	ID         admins.ID   `json:"id"`
	Kind       admins.Kind `json:"kind"`
	Name       string      `json:"name"`
	DiscordID  string      `json:"discord_id"`
	Role       admins.Role `json:"role"`
	Guilds     []string    `json:"guilds"`
	Disabled   bool        `json:"disabled"`
	CreatedAt  time.Time   `json:"created_at"`
	LastUsedAt *time.Time  `json:"last_used_at"`
	ExpiresAt  *time.Time  `json:"expires_at"`
}

func (a account) account() admins.Account {
	return admins.Account{ID: a.ID, Kind: a.Kind, Name: a.Name, DiscordID: a.DiscordID, Role: a.Role, Guilds: a.Guilds,
		Disabled: a.Disabled, CreatedAt: a.CreatedAt.UTC(), LastUsed: fromNull(a.LastUsedAt), ExpiresAt: fromNull(a.ExpiresAt)}
}

// fromNull is the zero time for null.
func fromNull(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// toNull is null for the zero time.
func toNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = instant(t)
	return &t
}

// accountOf runs a function that writes and returns an account.
func (s *Store) accountOf(ctx context.Context, function string, args any) (admins.Account, error) {
	a, err := write[account](ctx, s, function, args)
	if err != nil {
		return admins.Account{}, err
	}
	return a.account(), nil
}

// creation is a new account as functions take it.
type creation struct {
	Creation struct {
		Kind         admins.Kind `json:"kind"`
		Name         string      `json:"name"`
		PasswordHash string      `json:"password_hash"`
		TokenHash    string      `json:"token_hash"`
		Role         admins.Role `json:"role"`
		Guilds       []string    `json:"guilds"`
		ExpiresAt    *time.Time  `json:"expires_at"`
		By           admins.ID   `json:"by"`
		Key          string      `json:"key"`
		Fingerprint  string      `json:"fingerprint"`
		At           time.Time   `json:"at"`
	} `json:"creation"`
}

func creationOf(c admins.Creation) (args creation) {
	a := &args.Creation
	a.Kind, a.Name, a.PasswordHash, a.TokenHash, a.Role = c.Kind, c.Name, c.PasswordHash, c.TokenHash, c.Role
	a.Guilds, a.ExpiresAt, a.By, a.Key = texts(c.Guilds), toNull(c.ExpiresAt), c.By, c.Key
	a.Fingerprint, a.At = c.Fingerprint(), instant(c.At)
	return args
}

// texts is a list that is never null.
func texts(list []string) []string { return append([]string{}, list...) }

// CreateFirstOwner implements admins.Store. If the answer of a creation is lost, the
// next attempt reports that there is an account.
func (s *Store) CreateFirstOwner(ctx context.Context, c admins.Creation) (bool, error) {
	return write[bool](ctx, s, "coffer_create_first_owner", creationOf(c))
}

// CreateAccount implements admins.Store.
func (s *Store) CreateAccount(ctx context.Context, c admins.Creation) (admins.Account, string, error) {
	made, err := write[struct {
		Account account `json:"account"`
		Hash    string  `json:"password_hash"`
	}](ctx, s, "coffer_create_admin", creationOf(c))
	if err != nil {
		return admins.Account{}, "", err
	}
	return made.Account.account(), made.Hash, nil
}

// ChangeAccount implements admins.Store.
func (s *Store) ChangeAccount(ctx context.Context, c admins.Change) (admins.Account, error) {
	change := map[string]any{"by": c.By, "at": instant(c.At)}
	if c.Role != nil {
		change["role"] = *c.Role
	}
	if c.Guilds != nil {
		change["guilds"] = texts(*c.Guilds)
	}
	if c.Disabled != nil {
		change["disabled"] = *c.Disabled
	}
	if c.PasswordHash != nil {
		change["password_hash"] = *c.PasswordHash
	}
	return s.accountOf(ctx, "coffer_change_admin", struct {
		Account admins.ID      `json:"account"`
		Change  map[string]any `json:"change"`
	}{c.Account, change})
}

// Accounts implements admins.Store.
func (s *Store) Accounts(ctx context.Context, tokens bool, after admins.ID, limit int) ([]admins.Account, error) {
	found, err := read[[]account](ctx, s, "coffer_admins", struct {
		Tokens bool      `json:"tokens"`
		Older  admins.ID `json:"older"`
		Size   int       `json:"size"`
	}{tokens, after, min(max(limit, 1), economy.MaxPage+1)})
	var list []admins.Account
	for _, a := range found {
		list = append(list, a.account())
	}
	return list, err
}

// RevokeToken implements admins.Store.
func (s *Store) RevokeToken(ctx context.Context, token, by admins.ID, at time.Time) error {
	_, err := write[bool](ctx, s, "coffer_revoke_token", struct {
		Token admins.ID `json:"token"`
		Actor admins.ID `json:"actor"`
		At    time.Time `json:"at"`
	}{token, by, instant(at)})
	return err
}

// party is an account as the trail shows it.
type party struct {
	ID   admins.ID   `json:"id"`
	Kind admins.Kind `json:"kind"`
	Name string      `json:"name"`
}

// AccountTrail implements admins.Store.
func (s *Store) AccountTrail(ctx context.Context, q admins.TrailQuery) ([]admins.TrailEntry, error) {
	found, err := read[[]struct {
		ID      int64           `json:"id"`
		Account party           `json:"account"`
		Kind    admins.Deed     `json:"kind"`
		By      party           `json:"by"`
		Before  json.RawMessage `json:"before"`
		After   json.RawMessage `json:"after"`
		At      time.Time       `json:"at"`
	}](ctx, s, "coffer_account_trail", struct {
		Account admins.ID `json:"account"`
		Actor   admins.ID `json:"actor"`
		Older   int64     `json:"older"`
		Size    int       `json:"size"`
	}{q.Account, q.By, q.Before, min(max(q.Limit, 1), economy.MaxPage+1)})
	if err != nil {
		return nil, err
	}
	var list []admins.TrailEntry
	for _, row := range found {
		e := admins.TrailEntry{ID: row.ID, Account: admins.Party(row.Account), Deed: row.Kind, By: admins.Party(row.By), At: row.At.UTC()}
		if e.Before, err = admins.ReadStanding(row.Before); err != nil {
			return nil, err
		}
		if e.After, err = admins.ReadStanding(row.After); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// KnowsGuild implements admins.Store.
func (s *Store) KnowsGuild(ctx context.Context, guild string) (bool, error) {
	return read[bool](ctx, s, "coffer_knows_guild", struct {
		Guild string `json:"guild"`
	}{guild})
}
