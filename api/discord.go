package api

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"coffer/internal/admins"
	"coffer/internal/problem"
	"coffer/internal/requestlog"
)

// Discord lets people sign in with their account there.
type Discord interface {
	// Authorize returns where a browser is sent to ask. State comes back as it is;
	// verifier is for PKCE, and goes along with Exchange.
	Authorize(state, verifier string) string
	// Exchange makes the code that came back a grant, to ask Discord with.
	// Errors: admins.ErrNotConfirmed.
	Exchange(ctx context.Context, code, verifier string) (grant string, err error)
	// Renew returns the grant to ask with from now on: the same, or another while Discord
	// knows this one no more.
	// Errors: admins.ErrNotConfirmed (the grant was withdrawn, or is over).
	Renew(ctx context.Context, grant string) (string, error)
	// Identify asks Discord whom the grant is of and which guilds he may manage.
	// Errors: admins.ErrNotConfirmed (the grant was withdrawn, or is over).
	Identify(ctx context.Context, grant string) (admins.Identity, error)
}

var (
	errNoDiscord = problem.New(problem.NotFound, "no_discord", "Nobody signs in with Discord here.")
	errAsking    = problem.New(problem.Unavailable, "discord_unavailable", "Discord has not said yet what you may do. Try again in a moment.")
)

// askTime is how long Discord may take to say what somebody may do.
const askTime = 15 * time.Second

// visit is what is remembered of a browser that was sent to Discord, by its cookie.
type visit struct {
	State    string `json:"s"`
	Verifier string `json:"v"`
	Return   string `json:"r"`
}

// visitLife is how long somebody may take to agree.
const visitLife = 10 * time.Minute

// startDiscord sends a browser to Discord.
func (s *signIn) startDiscord(w http.ResponseWriter, r *http.Request) error {
	if s.discord == nil {
		return errNoDiscord
	}
	q := queryOf(r)
	v := visit{State: random(24), Verifier: random(48), Return: localPath(q.Text("return", 500))}
	if err := q.Err(); err != nil {
		return err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	// Lax, because the browser comes back from another site.
	s.cookies.set(w, "coffer_discord", discordPath, base64.RawURLEncoding.EncodeToString(text), visitLife, http.SameSiteLaxMode)
	return sendTo(w, s.discord.Authorize(v.State, v.Verifier))
}

// finishDiscord is where Discord sends the browser back to. However it ends, the
// browser goes on to a page of the dashboard, which is told by sign_in_error what went
// wrong.
func (s *signIn) finishDiscord(w http.ResponseWriter, r *http.Request) error {
	if s.discord == nil {
		return errNoDiscord
	}
	v := s.visit(r)
	s.cookies.set(w, "coffer_discord", discordPath, "", 0, http.SameSiteLaxMode)
	if err := s.arrive(w, r, v); err != nil {
		p := problem.Of(err)
		requestlog.Add(r.Context(), slog.String("code", p.Code), slog.String("error", err.Error()))
		separator := "?"
		if strings.Contains(v.Return, "?") {
			separator = "&"
		}
		_ = sendTo(w, v.Return+separator+"sign_in_error="+url.QueryEscape(p.Code))
		return answered{err}
	}
	return sendTo(w, v.Return)
}

// arrive begins the session of somebody who came back from Discord.
func (s *signIn) arrive(w http.ResponseWriter, r *http.Request, v visit) error {
	q := r.URL.Query()
	if v.State == "" || subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(v.State)) != 1 || q.Get("code") == "" {
		return admins.ErrNotConfirmed
	}
	grant, err := s.discord.Exchange(r.Context(), q.Get("code"), v.Verifier)
	if err != nil {
		return err
	}
	who, err := s.discord.Identify(r.Context(), grant)
	if err != nil {
		return err
	}
	id, secret, now := random(16), random(32), s.now()
	account, err := s.store.OpenDiscordSession(r.Context(), admins.DiscordOpening{Session: id, Secret: admins.Hash(secret), Identity: who,
		Sealed: s.seal(id, held{grant, now}), At: now})
	if err != nil {
		return err
	}
	if len(account.Guilds) == 0 {
		return errors.Join(admins.ErrNoGuilds, s.store.DropSession(r.Context(), id))
	}
	requestlog.Add(r.Context(), slog.Int64("admin", int64(account.ID)))
	s.setRefresh(w, id, secret)
	return nil
}

// visit returns what the cookie remembers; nothing of it is believed but to compare.
func (s *signIn) visit(r *http.Request) visit {
	var v visit
	if cookie, err := r.Cookie(s.cookies.name("coffer_discord")); err == nil {
		if text, err := base64.RawURLEncoding.DecodeString(cookie.Value); err == nil {
			_ = json.Unmarshal(text, &v) // then nothing is remembered
		}
	}
	v.Return = localPath(v.Return)
	return v
}

// held is what a session that began with Discord keeps, sealed.
type held struct {
	Grant string    `json:"grant"`
	Asked time.Time `json:"asked"` // when Discord said what the account may do, as it was kept
}

func (s *signIn) seal(session string, h held) string {
	text, _ := json.Marshal(h) // it is of texts and a time
	return seal(s.keys[0].seal, session, string(text))
}

func (s *signIn) unseal(session, sealed string) (h held, ok bool) {
	text, ok := unseal(s.keys, session, sealed)
	if !ok || s.discord == nil {
		return held{}, false
	}
	if json.Unmarshal([]byte(text), &h) != nil || h.Grant == "" {
		h.Grant = text // as it was kept before
	}
	return h, true
}

// confirm returns what the account of a session that began with Discord may do by now. Of
// renewals with one secret the first asks Discord. The others believe what it was told,
// and wait for that: or whoever has been taken his rights would keep them by coming back
// with a secret for which Discord could not be asked.
func (s *signIn) confirm(ctx context.Context, session string, renewed admins.Renewed) (admins.Account, error) {
	h, ok := s.unseal(session, renewed.Sealed)
	switch {
	case !ok:
		return admins.Account{}, errors.Join(admins.ErrSignedOut, s.store.DropSession(ctx, session))
	case renewed.Fresh:
		return s.derive(ctx, session, h)
	case s.now().Sub(h.Asked) > 2*admins.Grace:
		return admins.Account{}, errAsking
	}
	return renewed.Account, nil
}

// derive asks Discord again what a session's account may do, to the end even if the
// client goes. A session whose grant Discord does not know any more ends.
func (s *signIn) derive(ctx context.Context, session string, h held) (admins.Account, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTime)
	defer cancel()
	grant, err := s.discord.Renew(ctx, h.Grant)
	var kept error
	if err == nil && grant != h.Grant { // the one before is of no use any more, whatever comes
		h.Grant = grant
		kept = s.store.KeepGrant(ctx, session, s.seal(session, h))
	}
	var who admins.Identity
	if err == nil {
		who, err = s.discord.Identify(ctx, grant)
	}
	switch {
	case problem.Of(err).Is(admins.ErrNotConfirmed):
		return admins.Account{}, errors.Join(admins.ErrSignedOut, s.store.DropSession(ctx, session))
	case err != nil:
		return admins.Account{}, errors.Join(err, kept)
	}
	h.Asked = s.now()
	return s.store.DeriveSession(ctx, session, who, s.seal(session, h), h.Asked)
}

// localPath returns a path of this origin, "/" for whatever is none: a browser must
// not be sent elsewhere.
func localPath(path string) string {
	if len(path) < 2 || path[0] != '/' || path[1] == '/' || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	u, err := url.Parse(path)
	if err != nil || u.Host != "" || u.Scheme != "" || u.User != nil || u.Fragment != "" {
		return "/"
	}
	return u.RequestURI()
}

func sendTo(w http.ResponseWriter, address string) error {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusFound)
	return nil
}

// seal encrypts a text so that it can be kept; it belongs to what is named.
func seal(key []byte, belongs, text string) string {
	nonce := make([]byte, 12)
	_, _ = rand.Read(nonce) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(sealer(key).Seal(nonce, nonce, []byte(text), []byte(belongs)))
}

// unseal reads what one of the keys has sealed.
func unseal(list []keys, belongs, sealed string) (string, bool) {
	data, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(data) < 12 {
		return "", false
	}
	for _, k := range list {
		if text, err := sealer(k.seal).Open(nil, data[:12], data[12:], []byte(belongs)); err == nil {
			return string(text), true
		}
	}
	return "", false
}

func sealer(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // keys have 32 bytes
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // of AES it is always made
	}
	return aead
}
