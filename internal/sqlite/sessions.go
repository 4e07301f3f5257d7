package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"coffer/internal/admins"
)

// TryLogin implements admins.Store.
func (s *Store) TryLogin(ctx context.Context, try admins.Try) (admins.Credentials, error) {
	var found admins.Credentials
	err := s.write(ctx, func(t *tx) error {
		begun := try.At.Add(-admins.TriesWindow)
		for _, limit := range []struct {
			key  string
			most int
		}{{try.NameKey, admins.TriesOfAccount}, {try.Address, admins.TriesOfAddress}} {
			var since int64
			err := t.row("SELECT since FROM login_tries WHERE key = ? AND since > ? AND tries >= ?",
				[]any{limit.key, begun.UnixMicro(), limit.most}, &since)
			if err == nil {
				wait := time.UnixMicro(since).Add(admins.TriesWindow).Sub(try.At)
				return admins.ErrTooManyLogins.With("retry_after", int((wait+time.Second-1)/time.Second))
			}
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		for _, key := range []string{try.NameKey, try.Address} {
			if _, err := t.exec(`INSERT INTO login_tries (key, since, tries) VALUES (?1, ?2, 1) ON CONFLICT (key) DO UPDATE SET
				tries = CASE WHEN since > ?3 THEN tries + 1 ELSE 1 END, since = CASE WHEN since > ?3 THEN since ELSE ?2 END`,
				key, try.At.UnixMicro(), begun.UnixMicro()); err != nil {
				return err
			}
		}
		var c admins.Credentials
		err := t.row("SELECT id, password_hash FROM admins WHERE kind = 'password' AND name = ? AND NOT disabled",
			[]any{try.Name}, &c.Account, &c.PasswordHash)
		found = c
		return ignoreNone(err)
	})
	if err != nil {
		return admins.Credentials{}, err
	}
	return found, nil
}

// OpenSession implements admins.Store.
func (s *Store) OpenSession(ctx context.Context, o admins.Opening) (admins.Account, error) {
	return s.opened(ctx, func(t *tx) (admins.Account, error) {
		account, err := t.adminAccount(" FROM admins a WHERE a.id = ? AND a.password_hash = ? AND NOT a.disabled",
			[]any{int64(o.Account), o.PasswordHash}, admins.ErrSignedOut)
		if err != nil {
			return account, err
		}
		for _, key := range o.Forgive {
			if _, err := t.exec("UPDATE login_tries SET tries = tries - 1 WHERE key = ? AND tries > 0", key); err != nil {
				return account, err
			}
		}
		return account, t.openSession(o.Session, account.ID, o.Secret, "", o.At)
	})
}

// OpenDiscordSession implements admins.Store.
func (s *Store) OpenDiscordSession(ctx context.Context, o admins.DiscordOpening) (admins.Account, error) {
	return s.opened(ctx, func(t *tx) (admins.Account, error) {
		account, err := t.adminAccount(" FROM admins a WHERE a.discord_id = ?", []any{o.Identity.DiscordID}, nil)
		switch {
		case err != nil:
			return account, err
		case account.Disabled:
			return account, admins.ErrSignedOut
		case account.ID != 0:
			account, err = t.deriveAccount(account, o.Identity, o.At)
		default:
			account, err = t.createDiscordAccount(o.Identity, o.At)
		}
		if err != nil {
			return account, err
		}
		return account, t.openSession(o.Session, account.ID, o.Secret, o.Sealed, o.At)
	})
}

func (t *tx) createDiscordAccount(who admins.Identity, at time.Time) (admins.Account, error) {
	guilds, err := t.knownGuilds(who.Guilds)
	if err != nil {
		return admins.Account{}, err
	}
	if _, err := t.exec("INSERT INTO admins (kind, name, discord_id, role, guilds, created_at) VALUES ('discord', ?, ?, 'manager', ?, ?)",
		who.Name, who.DiscordID, guilds, at.UnixMicro()); err != nil {
		return admins.Account{}, err
	}
	account, err := t.adminAccount(" FROM admins a WHERE a.discord_id = ?", []any{who.DiscordID}, admins.ErrSignedOut)
	if err != nil {
		return account, err
	}
	after := account.Standing()
	return account, t.tellAccount(admins.TrailEntry{Account: admins.Party{ID: account.ID}, Deed: admins.AccountCreated, After: &after, At: at})
}

// deriveAccount keeps what Discord says now of an account.
func (t *tx) deriveAccount(old admins.Account, who admins.Identity, at time.Time) (admins.Account, error) {
	guilds, err := t.knownGuilds(who.Guilds)
	if err != nil {
		return old, err
	}
	if _, err := t.exec("UPDATE admins SET name = ?, guilds = ? WHERE id = ?", who.Name, guilds, int64(old.ID)); err != nil {
		return old, err
	}
	account, err := t.adminAccount(" FROM admins a WHERE a.id = ?", []any{int64(old.ID)}, admins.ErrSignedOut)
	if err != nil {
		return account, err
	}
	return account, t.tellChange(admins.AccountDerived, 0, old, account, at)
}

// opened runs a write that opens a session.
func (s *Store) opened(ctx context.Context, do func(*tx) (admins.Account, error)) (admins.Account, error) {
	var account admins.Account
	err := s.write(ctx, func(t *tx) (err error) {
		account, err = do(t)
		return err
	})
	if err != nil {
		return admins.Account{}, err
	}
	return account, nil
}

func (t *tx) openSession(id string, account admins.ID, secret, sealed string, at time.Time) error {
	_, err := t.exec(`INSERT INTO sessions (id, admin_id, secret, created_at, expires_at, sealed) VALUES (?, ?, ?, ?, ?, nullif(?, ''))`,
		id, int64(account), secret, at.UnixMicro(), at.Add(admins.SessionLife).UnixMicro(), sealed)
	return err
}

// knownGuilds returns those of the guilds that the books have, as a column.
func (t *tx) knownGuilds(guilds []string) (string, error) {
	list, err := column(append([]string{}, guilds...))
	if err != nil {
		return "", err
	}
	var known string
	err = t.row(`SELECT json_group_array(id) FROM (SELECT g.id FROM json_each(?) j JOIN guilds g ON g.id = j.value ORDER BY g.id)`,
		[]any{list}, &known)
	return known, err
}

// RenewSession implements admins.Store.
func (s *Store) RenewSession(ctx context.Context, r admins.Renewal) (admins.Renewed, error) {
	var renewed admins.Renewed
	var ended bool
	err := s.write(ctx, func(t *tx) error {
		renewed, ended = admins.Renewed{}, false
		var secret, previous string
		var at int64
		if err := t.row(`SELECT secret, coalesce(previous, ''), coalesce(renewed_at, 0), coalesce(sealed, '') FROM sessions
			WHERE id = ? AND expires_at > ?`, []any{r.Session, r.At.UnixMicro()}, &secret, &previous, &at, &renewed.Sealed); err != nil {
			ended = errors.Is(err, sql.ErrNoRows)
			return ignoreNone(err)
		}
		var err error
		renewed.Account, err = t.adminAccount(` FROM sessions s JOIN admins a ON a.id = s.admin_id WHERE s.id = ?1 AND NOT a.disabled`,
			[]any{r.Session}, admins.ErrSignedOut)
		if err != nil {
			return err
		}
		switch {
		case r.Secret == secret:
			renewed.Fresh = true
			_, err := t.exec("UPDATE sessions SET secret = ?, previous = ?, renewed_at = ? WHERE id = ?",
				r.Next[0], secret, r.At.UnixMicro(), r.Session)
			return err
		case r.Secret == previous && r.At.Sub(time.UnixMicro(at)) <= admins.Grace:
			if renewed.Next = slices.Index(r.Next, secret); renewed.Next >= 0 {
				return nil
			}
		}
		ended = true // somebody has a copy of what was used up
		_, err = t.exec("DELETE FROM sessions WHERE id = ?", r.Session)
		return err
	})
	switch {
	case err != nil:
		return admins.Renewed{}, err
	case ended:
		return admins.Renewed{}, admins.ErrSignedOut
	}
	return renewed, nil
}

// DeriveSession implements admins.Store.
func (s *Store) DeriveSession(ctx context.Context, session string, who admins.Identity, sealed string, at time.Time) (admins.Account, error) {
	return s.opened(ctx, func(t *tx) (admins.Account, error) {
		account, err := t.adminAccount(` FROM sessions s JOIN admins a ON a.id = s.admin_id WHERE s.id = ? AND a.discord_id = ? AND NOT a.disabled`,
			[]any{session, who.DiscordID}, admins.ErrSignedOut)
		if err != nil {
			return account, err
		}
		if _, err := t.exec("UPDATE sessions SET sealed = ? WHERE id = ?", sealed, session); err != nil {
			return account, err
		}
		return t.deriveAccount(account, who, at)
	})
}

// CloseSession implements admins.Store.
func (s *Store) CloseSession(ctx context.Context, session, secret string, everywhere bool) error {
	return s.write(ctx, func(t *tx) error {
		var account int64
		if err := t.row("SELECT admin_id FROM sessions WHERE id = ? AND (secret = ? OR previous = ?)",
			[]any{session, secret, secret}, &account); err != nil {
			return ignoreNone(err)
		}
		if everywhere {
			_, err := t.exec("DELETE FROM sessions WHERE admin_id = ?", account)
			return err
		}
		_, err := t.exec("DELETE FROM sessions WHERE id = ?", session)
		return err
	})
}

// KeepGrant implements admins.Store.
func (s *Store) KeepGrant(ctx context.Context, session, sealed string) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE sessions SET sealed = ? WHERE id = ? AND sealed IS NOT NULL", sealed, session)
		return err
	})
}

// DropSession implements admins.Store.
func (s *Store) DropSession(ctx context.Context, session string) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("DELETE FROM sessions WHERE id = ?", session)
		return err
	})
}

// ChangePassword implements admins.Store.
func (s *Store) ChangePassword(ctx context.Context, account admins.ID, old, hash, keep string, at time.Time) error {
	return s.write(ctx, func(t *tx) error {
		result, err := t.exec("UPDATE admins SET password_hash = ? WHERE id = ? AND password_hash = ? AND NOT disabled", hash, int64(account), old)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return admins.ErrSignedOut
		}
		self := admins.Party{ID: account}
		if err := t.tellAccount(admins.TrailEntry{Account: self, Deed: admins.PasswordChanged, By: self, At: at}); err != nil {
			return err
		}
		_, err = t.exec("DELETE FROM sessions WHERE admin_id = ? AND id <> ?", int64(account), keep)
		return err
	})
}

// SessionAccount implements admins.Store. It writes once in admins.UsedEvery.
func (s *Store) SessionAccount(ctx context.Context, session string, at time.Time) (admins.Account, error) {
	return s.used(ctx, at, ` FROM sessions s JOIN admins a ON a.id = s.admin_id
		WHERE s.id = ? AND s.expires_at > ? AND NOT a.disabled`, session, at.UnixMicro())
}

// TokenAccount implements admins.Store. It writes once in admins.UsedEvery.
func (s *Store) TokenAccount(ctx context.Context, hash string, at time.Time) (admins.Account, error) {
	return s.used(ctx, at, ` FROM admins a WHERE a.token_hash = ? AND coalesce(a.expires_at > ?, true) AND NOT a.disabled`,
		hash, at.UnixMicro())
}

func (s *Store) used(ctx context.Context, at time.Time, query string, args ...any) (account admins.Account, err error) {
	err = s.query(ctx, func(t *tx) error {
		account, err = t.adminAccount(query, args, admins.ErrSignedOut)
		return err
	})
	if err != nil || at.Sub(account.LastUsed) < admins.UsedEvery {
		return account, err
	}
	account.LastUsed = time.UnixMicro(at.UnixMicro()).UTC()
	return account, s.write(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE admins SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?", at.UnixMicro(), int64(account.ID))
		return err
	})
}

// ForgetSessions implements admins.Store.
func (s *Store) ForgetSessions(ctx context.Context, now time.Time) (int, error) {
	sessions, err := s.forget(ctx, "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= ? LIMIT ?)", now)
	if err != nil {
		return sessions, err
	}
	tries, err := s.forget(ctx, "DELETE FROM login_tries WHERE key IN (SELECT key FROM login_tries WHERE since <= ? LIMIT ?)",
		now.Add(-admins.TriesWindow))
	return sessions + tries, err
}
