package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"coffer/internal/admins"
	"coffer/internal/economy"
)

// accountColumns are what account scans.
const accountColumns = `a.id, a.kind, a.name, coalesce(a.discord_id, ''), a.role, a.guilds, a.disabled, a.created_at,
	a.last_used_at, a.expires_at`

// accountRow is an account as it is scanned.
type accountRow struct {
	a             admins.Account
	guilds        string
	created       int64
	used, expires sql.NullInt64
}

func (r *accountRow) into() []any {
	return []any{&r.a.ID, &r.a.Kind, &r.a.Name, &r.a.DiscordID, &r.a.Role, &r.guilds, &r.a.Disabled, &r.created, &r.used, &r.expires}
}

func (r *accountRow) account() (admins.Account, error) {
	r.a.CreatedAt, r.a.LastUsed, r.a.ExpiresAt = time.UnixMicro(r.created).UTC(), moment(r.used), moment(r.expires)
	return r.a, json.Unmarshal([]byte(r.guilds), &r.a.Guilds)
}

// adminAccount returns the account of the row that a query about admins a has; none if
// there is no such row.
func (t *tx) adminAccount(query string, args []any, none error) (admins.Account, error) {
	var r accountRow
	if err := t.row("SELECT "+accountColumns+query, args, r.into()...); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = none
		}
		return admins.Account{}, err
	}
	return r.account()
}

// CreateFirstOwner implements admins.Store.
func (s *Store) CreateFirstOwner(ctx context.Context, c admins.Creation) (bool, error) {
	var created bool
	err := s.write(ctx, func(t *tx) error {
		var some bool
		if err := t.row("SELECT EXISTS (SELECT 1 FROM admins WHERE kind = 'password')", nil, &some); err != nil || some {
			return err
		}
		created = true
		_, err := t.createAccount(c)
		return err
	})
	if err != nil {
		return false, err // an abandoned write may still be writing to created
	}
	return created, nil
}

// CreateAccount implements admins.Store.
func (s *Store) CreateAccount(ctx context.Context, c admins.Creation) (admins.Account, string, error) {
	var account admins.Account
	var hash string
	err := s.write(ctx, func(t *tx) error {
		var id int64
		var known string
		err := t.row("SELECT id, fingerprint FROM admins WHERE request = ?", []any{c.Key}, &id, &known)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			if id, err = t.createAccount(c); err != nil {
				return err
			}
		case err != nil:
			return err
		case known != c.Fingerprint():
			return admins.ErrKeyReused
		}
		var r accountRow
		if err := t.row("SELECT coalesce(a.password_hash, a.token_hash, ''), "+accountColumns+" FROM admins a WHERE a.id = ?", []any{id},
			append([]any{&hash}, r.into()...)...); err != nil {
			return err
		}
		account, err = r.account()
		return err
	})
	if err != nil {
		return admins.Account{}, "", err
	}
	return account, hash, nil
}

func (t *tx) createAccount(c admins.Creation) (int64, error) {
	if err := c.OnTime(); err != nil {
		return 0, err
	}
	guilds, err := column(c.Guilds)
	if err != nil {
		return 0, err
	}
	if c.Kind == admins.ByPassword {
		var taken bool
		if err := t.row("SELECT EXISTS (SELECT 1 FROM admins WHERE kind = 'password' AND name = ?)", []any{c.Name}, &taken); err != nil {
			return 0, err
		}
		if taken {
			return 0, admins.ErrNameTaken
		}
	}
	result, err := t.exec(`INSERT INTO admins (kind, name, password_hash, token_hash, role, guilds, created_at, created_by, expires_at, request, fingerprint)
		VALUES (?, ?, nullif(?, ''), nullif(?, ''), ?, ?, ?, nullif(?, 0), nullif(?, 0), nullif(?, ''), ?)`,
		string(c.Kind), c.Name, c.PasswordHash, c.TokenHash, string(c.Role), guilds, c.At.UnixMicro(), int64(c.By), micro(c.ExpiresAt), c.Key, c.Fingerprint())
	if err != nil {
		return 0, err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return 0, err
	}
	deed := admins.AccountCreated
	if c.Kind == admins.ByToken {
		deed = admins.TokenCreated
	}
	return id, t.tellAccount(admins.TrailEntry{Account: admins.Party{ID: admins.ID(id)}, Deed: deed, By: admins.Party{ID: c.By},
		After: &admins.Standing{Role: c.Role, Guilds: c.Guilds, ExpiresAt: c.ExpiresAt.UTC().Truncate(time.Microsecond)}, At: c.At})
}

func micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// ChangeAccount implements admins.Store.
func (s *Store) ChangeAccount(ctx context.Context, c admins.Change) (admins.Account, error) {
	var account admins.Account
	err := s.write(ctx, func(t *tx) error {
		old, err := t.adminAccount(" FROM admins a WHERE a.id = ? AND a.kind <> 'token'", []any{int64(c.Account)}, admins.ErrUnknownAccount)
		if err != nil {
			return err
		}
		if old.Kind == admins.ByDiscord && (c.Role != nil || c.Guilds != nil || c.PasswordHash != nil) {
			return admins.ErrDerived
		}
		changed := old
		if c.Role != nil {
			changed.Role = *c.Role
		}
		if c.Guilds != nil {
			changed.Guilds = *c.Guilds
		}
		if c.Disabled != nil {
			changed.Disabled = *c.Disabled
		}
		guilds, err := column(changed.Guilds)
		if err != nil {
			return err
		}
		if _, err := t.exec("UPDATE admins SET role = ?, guilds = ?, disabled = ? WHERE id = ?",
			string(changed.Role), guilds, changed.Disabled, int64(c.Account)); err != nil {
			return err
		}
		var owned bool
		if err := t.row("SELECT EXISTS (SELECT 1 FROM admins WHERE kind = 'password' AND role = 'owner' AND NOT disabled)", nil, &owned); err != nil {
			return err
		}
		if !owned && old.Kind == admins.ByPassword && old.Role == admins.Owner && !old.Disabled {
			return admins.ErrLastOwner
		}
		if err := t.tellChange(admins.AccountChanged, c.By, old, changed, c.At); err != nil {
			return err
		}
		if c.PasswordHash != nil {
			if err := t.resetPassword(c); err != nil {
				return err
			}
		}
		if changed.Disabled || c.PasswordHash != nil {
			if _, err := t.exec("DELETE FROM sessions WHERE admin_id = ?", int64(c.Account)); err != nil {
				return err
			}
		}
		account = changed
		return nil
	})
	if err != nil {
		return admins.Account{}, err
	}
	return account, nil
}

func (t *tx) resetPassword(c admins.Change) error {
	result, err := t.exec("UPDATE admins SET password_hash = ?1 WHERE id = ?2 AND password_hash <> ?1", *c.PasswordHash, int64(c.Account))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return t.tellAccount(admins.TrailEntry{Account: admins.Party{ID: c.Account}, Deed: admins.PasswordReset, By: admins.Party{ID: c.By}, At: c.At})
}

// Accounts implements admins.Store.
func (s *Store) Accounts(ctx context.Context, tokens bool, after admins.ID, limit int) ([]admins.Account, error) {
	var list []admins.Account
	err := s.query(ctx, func(t *tx) error {
		return t.each("SELECT "+accountColumns+` FROM admins a WHERE (a.kind = 'token') = ? AND NOT (a.kind = 'token' AND a.disabled) AND a.id > ?
			ORDER BY a.id LIMIT ?`, []any{tokens, int64(after), min(max(limit, 1), economy.MaxPage+1)}, func(rows *sql.Rows) error {
			var r accountRow
			if err := rows.Scan(r.into()...); err != nil {
				return err
			}
			a, err := r.account()
			list = append(list, a)
			return err
		})
	})
	return list, err
}

// RevokeToken implements admins.Store.
func (s *Store) RevokeToken(ctx context.Context, token, by admins.ID, at time.Time) error {
	return s.write(ctx, func(t *tx) error {
		old, err := t.adminAccount(" FROM admins a WHERE a.id = ? AND a.kind = 'token' AND NOT a.disabled", []any{int64(token)}, admins.ErrUnknownToken)
		if err != nil {
			return err
		}
		if _, err := t.exec("UPDATE admins SET disabled = 1 WHERE id = ?", int64(token)); err != nil {
			return err
		}
		before := old.Standing()
		return t.tellAccount(admins.TrailEntry{Account: admins.Party{ID: token}, Deed: admins.TokenRevoked, By: admins.Party{ID: by}, Before: &before, At: at})
	})
}

// KnowsGuild implements admins.Store.
func (s *Store) KnowsGuild(ctx context.Context, guild string) (known bool, err error) {
	err = s.query(ctx, func(t *tx) error {
		return t.row("SELECT EXISTS (SELECT 1 FROM guilds WHERE id = ?)", []any{guild}, &known)
	})
	return known, err
}
