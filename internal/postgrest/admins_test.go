package postgrest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"coffer/internal/admins"
	"coffer/internal/storetest"
)

func TestAdmins(t *testing.T) {
	thorough(t)
	p := newProject(t)
	storetest.RunAdmins(t, func(t *testing.T) storetest.AdminStore { return p.empty(t) })
}

func TestAccountTrail(t *testing.T) {
	thorough(t)
	p := newProject(t)
	storetest.RunAccountTrail(t, func(t *testing.T) storetest.AccountTrail {
		return storetest.AccountTrail{
			AdminStore: p.empty(t),
			Rows:       func() string { return p.accountTrail(t) },
			Refuse: func() {
				p.exec(t, "ALTER TABLE coffer.admin_changes ADD CONSTRAINT refuse CHECK (false) NOT VALID")
				t.Cleanup(func() {
					if _, err := p.admin.Exec(context.Background(), "ALTER TABLE coffer.admin_changes DROP CONSTRAINT refuse"); err != nil {
						t.Error(err)
					}
				})
			},
		}
	})
}

// accountTrail is all rows of the trail of accounts, as text.
func (p *project) accountTrail(t *testing.T) (text string) {
	t.Helper()
	if err := p.admin.QueryRow(t.Context(), `SELECT coalesce(string_agg(c::text, E'\n' ORDER BY id), '') FROM coffer.admin_changes c`).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// TestOlderServersAreTold has functions called as servers do that are older than the
// trail: what they do is told, but not who did it, and when is now.
func TestOlderServersAreTold(t *testing.T) {
	thorough(t)
	p := newProject(t)
	s := p.empty(t)
	p.exec(t, `
		SET timezone = 'UTC';
		SELECT public.coffer_create_first_owner('{"kind": "password", "name": "root", "password_hash": "h", "token_hash": "", "role": "owner",
			"guilds": [], "expires_at": null, "by": 0, "key": "", "fingerprint": "", "at": "2026-11-23T12:00:00Z"}');
		SELECT public.coffer_create_admin('{"kind": "token", "name": "program", "password_hash": "", "token_hash": "t", "role": "viewer",
			"guilds": ["1"], "expires_at": null, "by": 1, "key": "k", "fingerprint": "f", "at": "2026-11-23T12:00:00Z"}');
		SELECT public.coffer_change_admin(account := 1, change := '{"guilds": ["1"]}');
		SELECT public.coffer_change_admin(account := 1, change := '{"password_hash": "h2"}');
		SELECT public.coffer_change_password(account := 1, old := 'h2', new := 'h3', keep := '');
		SELECT public.coffer_revoke_token(token := 2);
		SELECT public.coffer_open_discord_session(session := 's', secret := 'x', discord_id := '7', name := 'Ada', guilds := '{}', sealed := 'y',
			at := '2026-11-23T12:00:00Z', ends := '2026-12-23T12:00:00Z');
		INSERT INTO coffer.guilds (id, created_at) VALUES ('1', now());
		SELECT public.coffer_derive_session(session := 's', discord_id := '7', name := 'Ada', guilds := '{1}', sealed := 'z');`)
	list := must[[]admins.TrailEntry](t)(s.AccountTrail(t.Context(), admins.TrailQuery{Limit: 100}))
	var got []string
	for _, e := range list {
		got = append(got, fmt.Sprint(e.Deed, " ", e.By.ID))
		if old := time.Since(e.At); e.Deed != admins.AccountCreated && e.Deed != admins.TokenCreated && (old < -time.Minute || old > time.Minute) {
			t.Errorf("%s is told to be at %v", e.Deed, e.At)
		}
	}
	slices.Reverse(got)
	if want := []string{"account.created 0", "token.created 1", "account.changed 0", "password.reset 0", "password.changed 1", "token.revoked 0",
		"account.created 0", "account.derived 0"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}
