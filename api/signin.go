package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"coffer/internal/admins"
	"coffer/internal/problem"
	"coffer/internal/requestlog"
)

// Passwords hashes passwords and checks them. It bounds how many it works on at once.
type Passwords interface {
	Hash(ctx context.Context, password string) (string, error)
	// Check reports whether the hash is the password's. Without a hash it takes as
	// long, and it is not.
	Check(ctx context.Context, password, hash string) (bool, error)
}

// Demo is the account that anybody may use, because everything is on his machine.
type Demo struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// Cookies is how the cookies of sessions are set.
type Cookies struct {
	Insecure bool // they may go over plain http: only on this machine
	SameSite http.SameSite
	// Origins are the pages that may use them with http.SameSiteNoneMode, where browsers
	// send them whoever asks.
	Origins []Origin
}

var (
	errLogin  = problem.New(problem.Forbidden, "login", "The user name or the password is wrong.")
	errOrigin = problem.New(problem.Forbidden, "origin", "Sessions are not for pages of this origin. Whoever runs the server adds it to CORS_ORIGINS.")
)

// tokenPrefix is what tokens of programs begin with, so that leaks are found.
const tokenPrefix = "coffer_"

// signIn lets people and programs in.
type signIn struct {
	store     admins.Store
	keys      []keys
	passwords Passwords
	discord   Discord // nil: nobody comes from Discord
	demo      *Demo
	cookies   Cookies
	now       func() time.Time
}

// Caller returns whose credential it is: an access token of a session, or a token of
// a program.
func (s *signIn) Caller(ctx context.Context, credential string) (Caller, error) {
	if strings.HasPrefix(credential, tokenPrefix) {
		account, err := s.store.TokenAccount(ctx, admins.Hash(credential), s.now())
		return Caller{Account: account}, err
	}
	id, session, err := verify(s.keys, credential, s.now())
	if err != nil {
		return Caller{}, admins.ErrSignedOut
	}
	account, err := s.store.SessionAccount(ctx, session, s.now())
	if err == nil && account.ID != id {
		err = admins.ErrSignedOut
	}
	return Caller{account, session}, err
}

// sessionJSON is what a session is granted.
type sessionJSON struct {
	AccessToken string      `json:"access_token"`
	TokenType   string      `json:"token_type"`
	ExpiresIn   int         `json:"expires_in"`
	Account     accountJSON `json:"account"`
}

// ofADashboard lets only pages that are dashboards begin, renew and end sessions.
func (s *signIn) ofADashboard(next Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := s.cookies.trusts(r); err != nil {
			return err
		}
		return next(w, r)
	}
}

// login begins a session with a name and a password. Names that nobody has cost the
// same work, and are told the same.
func (s *signIn) login(w http.ResponseWriter, r *http.Request) error {
	in, err := decode[struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}](w, r)
	if err != nil {
		return err
	}
	credentials, keys, err := s.try(r, in.Username, in.Password)
	if err != nil {
		return err
	}
	id, secret := random(16), random(32)
	account, err := s.store.OpenSession(r.Context(), admins.Opening{Session: id, Secret: admins.Hash(secret), Account: credentials.Account,
		PasswordHash: credentials.PasswordHash, Forgive: keys, At: s.now()})
	if err != nil {
		return err
	}
	requestlog.Add(r.Context(), slog.Int64("admin", int64(account.ID)))
	return s.grant(w, account, id, secret)
}

// try checks a password within the limits, and returns by which keys it was counted.
func (s *signIn) try(r *http.Request, username, password string) (admins.Credentials, []string, error) {
	name, err := admins.UserName(strings.TrimSpace(username))
	if err != nil {
		name = "" // nobody's
	}
	try := admins.Try{Name: name, NameKey: admins.NameKey(strings.TrimSpace(username)), Address: admins.AddressKey(ClientAddress(r)), At: s.now()}
	credentials, err := s.store.TryLogin(r.Context(), try)
	if err != nil {
		return credentials, nil, err
	}
	right, err := s.passwords.Check(r.Context(), password, credentials.PasswordHash)
	if err == nil && (!right || credentials.Account == 0) {
		err = errLogin
	}
	return credentials, []string{try.NameKey, try.Address}, err
}

// grant sends an access token, and the secret of the next renewal as a cookie.
func (s *signIn) grant(w http.ResponseWriter, account admins.Account, session, secret string) error {
	token, err := sign(s.keys[0].access, account.ID, session, s.now())
	if err != nil {
		return err
	}
	s.setRefresh(w, session, secret)
	write(w, http.StatusOK, sessionJSON{token, "Bearer", int(accessLife / time.Second), accountOf(account)})
	return nil
}

// refresh renews a session by its cookie. Of many at once the first makes the next
// secret and the others get the same.
func (s *signIn) refresh(w http.ResponseWriter, r *http.Request) error {
	if _, err := decodeOptional[struct{}](w, r); err != nil {
		return err
	}
	session, secret, ok := s.refreshCookie(r)
	if !ok {
		return s.signedOut(w)
	}
	next := make([]string, 0, len(s.keys))
	hashes := make([]string, 0, len(s.keys))
	for _, k := range s.keys {
		next = append(next, successor(k.refresh, session+"."+secret))
		hashes = append(hashes, admins.Hash(next[len(next)-1]))
	}
	renewed, err := s.store.RenewSession(r.Context(), admins.Renewal{Session: session, Secret: admins.Hash(secret), Next: hashes, At: s.now()})
	switch {
	case problem.Of(err).Is(admins.ErrSignedOut):
		return s.signedOut(w)
	case err != nil:
		return err
	}
	secret = next[renewed.Next]
	if renewed.Sealed != "" {
		s.setRefresh(w, session, secret) // it is the newest, whatever Discord says
		if renewed.Account, err = s.confirm(r.Context(), session, renewed); err != nil {
			if problem.Of(err).Is(admins.ErrSignedOut) {
				return s.signedOut(w)
			}
			return err
		}
	}
	return s.grant(w, renewed.Account, session, secret)
}

// logout ends the session of the cookie, or all of its account.
func (s *signIn) logout(w http.ResponseWriter, r *http.Request) error {
	in, err := decodeOptional[struct {
		Everywhere bool `json:"everywhere,omitzero"`
	}](w, r)
	if err != nil {
		return err
	}
	if session, secret, ok := s.refreshCookie(r); ok {
		if err := s.store.CloseSession(r.Context(), session, admins.Hash(secret), in.Everywhere); err != nil {
			return err
		}
	}
	s.clearRefresh(w)
	return noContent(w)
}

// signedOut refuses, and takes the cookie that is good for nothing.
func (s *signIn) signedOut(w http.ResponseWriter) error {
	s.clearRefresh(w)
	return admins.ErrSignedOut
}

// me tells who calls.
func (*signIn) me(w http.ResponseWriter, r *http.Request) error {
	write(w, http.StatusOK, accountOf(callerOf(r).Account))
	return nil
}

var (
	errNoPassword    = problem.New(problem.Refused, "no_password", "This account has no password here.")
	errWrongPassword = problem.New(problem.Refused, "wrong_password", "That is not the password of now.")
)

// changePassword replaces the caller's own, and ends his other sessions.
func (s *signIn) changePassword(w http.ResponseWriter, r *http.Request) error {
	in, err := decode[struct {
		Current string `json:"current"`
		New     string `json:"new"`
	}](w, r)
	if err != nil {
		return err
	}
	caller := callerOf(r)
	if caller.Kind != admins.ByPassword {
		return errNoPassword
	}
	if err := admins.CheckPassword(in.New); err != nil {
		return inField("new", err)
	}
	credentials, _, err := s.try(r, caller.Name, in.Current)
	switch {
	case problem.Of(err).Is(errLogin):
		return inField("current", errWrongPassword)
	case err != nil:
		return err
	}
	hash, err := s.passwords.Hash(r.Context(), in.New)
	if err != nil {
		return err
	}
	if err := s.store.ChangePassword(r.Context(), caller.ID, credentials.PasswordHash, hash, caller.Session, s.now()); err != nil {
		return err
	}
	return noContent(w)
}

// methods tells how one can sign in here.
func (s *signIn) methods(w http.ResponseWriter, _ *http.Request) error {
	write(w, http.StatusOK, struct {
		Password bool  `json:"password"`
		Discord  bool  `json:"discord"`
		Demo     *Demo `json:"demo"`
	}{true, s.discord != nil, s.demo})
	return nil
}

// noContent answers that it is done.
func noContent(w http.ResponseWriter) error {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// random returns so many random bytes as text.
func random(size int) string {
	b := make([]byte, size)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}
