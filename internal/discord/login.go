package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"golang.org/x/oauth2"

	"coffer/internal/admins"
	"coffer/internal/problem"
)

// Login lets people sign in with Discord (OAuth2). A grant is the JSON of an
// oauth2.Token: who keeps it encrypts it.
type Login struct {
	client *Client
	config oauth2.Config
}

// ErrNoAnswer says that Discord does not answer.
var ErrNoAnswer = problem.New(problem.Unavailable, "discord_unavailable",
	"Discord does not answer just now. Nothing was lost; try again soon.")

// NewLogin returns the way in for people who come back to redirect, an address that
// is registered with Discord.
func (c *Client) NewLogin(secret, redirect string) *Login {
	return &Login{client: c, config: oauth2.Config{
		ClientID: c.cfg.ApplicationID, ClientSecret: secret, RedirectURL: redirect, Scopes: []string{"identify", "guilds"},
		Endpoint: oauth2.Endpoint{
			AuthURL:   c.cfg.BaseURL + "/oauth2/authorize",
			TokenURL:  defaultBaseURL + "/api/v10/oauth2/token", // the transport knows the host
			AuthStyle: oauth2.AuthStyleInHeader,
		},
	}}
}

// Authorize returns the page where Discord asks somebody whether he agrees.
func (l *Login) Authorize(state, verifier string) string {
	return l.config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("prompt", "none"))
}

// Exchange makes the code of somebody who agreed a grant.
// Errors: admins.ErrNotConfirmed, ErrNoAnswer.
func (l *Login) Exchange(ctx context.Context, code, verifier string) (string, error) {
	token, err := l.config.Exchange(l.through(ctx), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return "", l.failed("exchange a code", err, code, verifier)
	}
	return grantOf(token)
}

// Renew returns the grant that is good from now on: the same, or its successor once it
// is over. Discord then knows the one before no more.
// Errors: admins.ErrNotConfirmed, ErrNoAnswer.
func (l *Login) Renew(ctx context.Context, grant string) (string, error) {
	var token oauth2.Token
	if err := json.Unmarshal([]byte(grant), &token); err != nil {
		return "", admins.ErrNotConfirmed.Because(err)
	}
	fresh, err := l.config.TokenSource(l.through(ctx), &token).Token()
	switch {
	case err != nil:
		return "", l.failed("renew a grant", err, token.RefreshToken)
	case fresh.AccessToken == token.AccessToken:
		return grant, nil
	}
	return grantOf(fresh)
}

// Identify returns whom a grant is of, with the guilds that he may manage.
// Errors: admins.ErrNotConfirmed, ErrNoAnswer.
func (l *Login) Identify(ctx context.Context, grant string) (admins.Identity, error) {
	var token oauth2.Token
	if err := json.Unmarshal([]byte(grant), &token); err != nil {
		return admins.Identity{}, admins.ErrNotConfirmed.Because(err)
	}
	var me struct {
		ID         string `json:"id"`
		Username   string `json:"username"`
		GlobalName string `json:"global_name"`
	}
	var guilds []struct {
		ID          string `json:"id"`
		Owner       bool   `json:"owner"`
		Permissions string `json:"permissions"`
	}
	if err := l.ask(ctx, &token, "/users/@me", &me); err != nil {
		return admins.Identity{}, err
	}
	if err := l.ask(ctx, &token, "/users/@me/guilds", &guilds); err != nil {
		return admins.Identity{}, err
	}
	if me.ID == "" {
		return admins.Identity{}, errors.New("discord: it told nobody")
	}
	who := admins.Identity{DiscordID: me.ID, Name: cmp.Or(me.GlobalName, me.Username)}
	for _, g := range guilds {
		if g.Owner || manages(g.Permissions) {
			who.Guilds = append(who.Guilds, g.ID)
		}
	}
	return who, nil
}

// manages reports whether somebody may manage a guild by his permissions there.
func manages(permissions string) bool {
	const administrator, manageGuild = 1 << 3, 1 << 5
	set, err := strconv.ParseUint(permissions, 10, 64)
	return err == nil && set&(administrator|manageGuild) != 0
}

// ask reads what a person's token may see.
func (l *Login) ask(ctx context.Context, token *oauth2.Token, path string, into any) error {
	answer, err := l.client.send(ctx, http.MethodGet, path, token.AccessToken,
		http.Header{"Authorization": {"Bearer " + token.AccessToken}}, content{})
	if err != nil {
		return l.failed("ask who somebody is", err)
	}
	return json.Unmarshal(answer, into)
}

// through has the library use our transport, with its limits and its errors.
func (l *Login) through(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, l.client.http)
}

// failed tells a refusal, which is about the person, from a Discord that does not
// answer, and one of the operator's secret from both. Secrets are kept out.
func (l *Login) failed(what string, err error, secrets ...string) error {
	var e *Error
	if !errors.As(failure(err, append(secrets, l.config.ClientSecret, url.QueryEscape(l.config.ClientSecret))...), &e) {
		return fmt.Errorf("%s: no answer that is known", what)
	}
	err = fmt.Errorf("%s: %w", what, e)
	switch {
	case e.Temporary():
		return ErrNoAnswer.Because(err)
	case e.Status == http.StatusUnauthorized && what != "ask who somebody is":
		return fmt.Errorf("%w; is DISCORD_CLIENT_SECRET the one of this application?", err)
	}
	return admins.ErrNotConfirmed.Because(err)
}

func grantOf(token *oauth2.Token) (string, error) {
	text, err := json.Marshal(token) //nolint:gosec // who keeps it encrypts it
	return string(text), err
}
