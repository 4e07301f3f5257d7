package postgrest

import (
	"context"
	"time"

	"coffer/internal/admins"
)

// TryLogin implements admins.Store. A try whose answer is lost is counted twice.
func (s *Store) TryLogin(ctx context.Context, t admins.Try) (admins.Credentials, error) {
	found, err := write[struct {
		Wait         int       `json:"wait"`
		Account      admins.ID `json:"account"`
		PasswordHash string    `json:"password_hash"`
	}](ctx, s, "coffer_try_login", struct {
		Name   string    `json:"name"`
		Keys   []string  `json:"keys"`
		Most   []int     `json:"most"`
		At     time.Time `json:"at"`
		Window string    `json:"window"`
	}{
		t.Name, []string{t.NameKey, t.Address}, []int{admins.TriesOfAccount, admins.TriesOfAddress},
		instant(t.At), span(admins.TriesWindow),
	})
	switch {
	case err != nil:
		return admins.Credentials{}, err
	case found.Wait > 0:
		return admins.Credentials{}, admins.ErrTooManyLogins.With("retry_after", found.Wait)
	}
	return admins.Credentials{Account: found.Account, PasswordHash: found.PasswordHash}, nil
}

// OpenSession implements admins.Store.
func (s *Store) OpenSession(ctx context.Context, o admins.Opening) (admins.Account, error) {
	return s.accountOf(ctx, "coffer_open_session", struct {
		Session      string    `json:"session"`
		Secret       string    `json:"secret"`
		Account      admins.ID `json:"account"`
		PasswordHash string    `json:"password_hash"`
		Forgive      []string  `json:"forgive"`
		At           time.Time `json:"at"`
		Ends         time.Time `json:"ends"`
	}{o.Session, o.Secret, o.Account, o.PasswordHash, texts(o.Forgive), instant(o.At), instant(o.At.Add(admins.SessionLife))})
}

// OpenDiscordSession implements admins.Store.
func (s *Store) OpenDiscordSession(ctx context.Context, o admins.DiscordOpening) (admins.Account, error) {
	return s.accountOf(ctx, "coffer_open_discord_session", struct {
		Session   string    `json:"session"`
		Secret    string    `json:"secret"`
		DiscordID string    `json:"discord_id"`
		Name      string    `json:"name"`
		Guilds    []string  `json:"guilds"`
		Sealed    string    `json:"sealed"`
		At        time.Time `json:"at"`
		Ends      time.Time `json:"ends"`
	}{
		o.Session, o.Secret, o.Identity.DiscordID, o.Identity.Name, texts(o.Identity.Guilds), o.Sealed,
		instant(o.At), instant(o.At.Add(admins.SessionLife)),
	})
}

// RenewSession implements admins.Store. A renewal whose answer is lost is repeated
// within admins.Grace.
func (s *Store) RenewSession(ctx context.Context, r admins.Renewal) (admins.Renewed, error) {
	renewed, err := write[struct {
		Ended   bool    `json:"ended"`
		Account account `json:"account"`
		Next    int     `json:"next"`
		Fresh   bool    `json:"fresh"`
		Sealed  string  `json:"sealed"`
	}](ctx, s, "coffer_renew_session", struct {
		Session string    `json:"session"`
		Secret  string    `json:"secret"`
		Next    []string  `json:"next"`
		At      time.Time `json:"at"`
		Grace   string    `json:"grace"`
	}{r.Session, r.Secret, r.Next, instant(r.At), span(admins.Grace)})
	switch {
	case err != nil:
		return admins.Renewed{}, err
	case renewed.Ended:
		return admins.Renewed{}, admins.ErrSignedOut
	}
	return admins.Renewed{Account: renewed.Account.account(), Next: renewed.Next, Fresh: renewed.Fresh, Sealed: renewed.Sealed}, nil
}

// DeriveSession implements admins.Store.
func (s *Store) DeriveSession(ctx context.Context, session string, who admins.Identity, sealed string, at time.Time) (admins.Account, error) {
	return s.accountOf(ctx, "coffer_derive_session", struct {
		Session   string    `json:"session"`
		DiscordID string    `json:"discord_id"`
		Name      string    `json:"name"`
		Guilds    []string  `json:"guilds"`
		Sealed    string    `json:"sealed"`
		At        time.Time `json:"at"`
	}{session, who.DiscordID, who.Name, texts(who.Guilds), sealed, instant(at)})
}

// KeepGrant implements admins.Store.
func (s *Store) KeepGrant(ctx context.Context, session, sealed string) error {
	_, err := write[bool](ctx, s, "coffer_keep_grant", struct {
		Session string `json:"session"`
		Sealed  string `json:"sealed"`
	}{session, sealed})
	return err
}

// CloseSession implements admins.Store.
func (s *Store) CloseSession(ctx context.Context, session, secret string, everywhere bool) error {
	return s.closeSession(ctx, session, &secret, everywhere)
}

// DropSession implements admins.Store.
func (s *Store) DropSession(ctx context.Context, session string) error {
	return s.closeSession(ctx, session, nil, false)
}

func (s *Store) closeSession(ctx context.Context, session string, secret *string, everywhere bool) error {
	_, err := write[bool](ctx, s, "coffer_close_session", struct {
		Session    string  `json:"session"`
		Secret     *string `json:"secret"`
		Everywhere bool    `json:"everywhere"`
	}{session, secret, everywhere})
	return err
}

// ChangePassword implements admins.Store.
func (s *Store) ChangePassword(ctx context.Context, account admins.ID, old, hash, keep string, at time.Time) error {
	_, err := write[bool](ctx, s, "coffer_change_password", struct {
		Account admins.ID `json:"account"`
		Old     string    `json:"old"`
		New     string    `json:"new"`
		Keep    string    `json:"keep"`
		At      time.Time `json:"at"`
	}{account, old, hash, keep, instant(at)})
	return err
}

// SessionAccount implements admins.Store.
func (s *Store) SessionAccount(ctx context.Context, session string, at time.Time) (admins.Account, error) {
	return s.seen(ctx, "coffer_session_account", struct {
		Session string    `json:"session"`
		At      time.Time `json:"at"`
		Every   string    `json:"every"`
	}{session, instant(at), span(admins.UsedEvery)})
}

// TokenAccount implements admins.Store.
func (s *Store) TokenAccount(ctx context.Context, hash string, at time.Time) (admins.Account, error) {
	return s.seen(ctx, "coffer_token_account", struct {
		Hash  string    `json:"hash"`
		At    time.Time `json:"at"`
		Every string    `json:"every"`
	}{hash, instant(at), span(admins.UsedEvery)})
}

// seen runs a function that returns an account which is used. What it keeps of that
// nobody waits for.
func (s *Store) seen(ctx context.Context, function string, args any) (admins.Account, error) {
	var a account
	if err := s.client.call(ctx, function, args, &a); err != nil {
		return admins.Account{}, s.problem(err)
	}
	return a.account(), nil
}

// ForgetSessions implements admins.Store, a portion at a time. Of a portion whose
// answer is lost nothing is counted.
func (s *Store) ForgetSessions(ctx context.Context, now time.Time) (int, error) {
	const portion = 10_000
	return s.portions(ctx, portion, "coffer_forget_sessions", struct {
		Now     time.Time `json:"now"`
		Tries   time.Time `json:"tries"`
		Portion int       `json:"portion"`
	}{instant(now), instant(now.Add(-admins.TriesWindow)), portion})
}
