package simulator

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How long Discord's codes and tokens are good.
const (
	codeLife  = 10 * time.Minute
	grantLife = 7 * 24 * time.Hour
)

// consent is a person's word that the app may see who he is, until its code is used.
type consent struct {
	user      string
	scopes    []string
	redirect  string
	challenge string // of PKCE, S256; "" without
	until     time.Time
}

// grant is what the app has been let see.
type grant struct {
	user            string
	scopes          []string
	access, refresh string
	until           time.Time // of the access token
}

// knownScopes are those that the simulator can grant.
var knownScopes = []string{"identify", "guilds"}

// authorize is the page where a person agrees. There is nobody to be signed in as, so
// the page asks who one is; "as" says so at once, by a user name, and "cancel" that he
// does not agree.
func (s *Simulator) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	scopes := strings.Fields(q.Get("scope"))
	unknown := slices.ContainsFunc(scopes, func(scope string) bool { return !slices.Contains(knownScopes, scope) })
	challenge := q.Get("code_challenge")
	switch {
	case r.Method != http.MethodGet:
		http.Error(w, "405: Method Not Allowed", http.StatusMethodNotAllowed)
	case q.Get("client_id") != s.cfg.ApplicationID:
		http.Error(w, "Unknown Application", http.StatusBadRequest)
	case !slices.Contains(s.cfg.RedirectURIs, q.Get("redirect_uri")):
		http.Error(w, "Invalid OAuth2 redirect_uri", http.StatusBadRequest)
	case q.Get("response_type") != "code" || len(scopes) == 0 || unknown:
		http.Error(w, "Invalid OAuth2 request", http.StatusBadRequest)
	case challenge != "" && (q.Get("code_challenge_method") != "S256" || len(challenge) != 43):
		http.Error(w, "Invalid OAuth2 code_challenge", http.StatusBadRequest)
	case q.Get("as") == "":
		s.askWho(w, r)
	default:
		s.agree(w, r, q.Get("as"), consent{scopes: scopes, redirect: q.Get("redirect_uri"), challenge: challenge})
	}
}

// agree sends the browser back with a code, or with the news that there is none.
func (s *Simulator) agree(w http.ResponseWriter, r *http.Request, who string, c consent) {
	back := url.Values{"state": {r.URL.Query().Get("state")}}
	s.mu.Lock()
	user, ok := s.world.userNamed(who)
	if ok && !user.Bot {
		code := rand.Text()
		c.user, c.until = user.ID, s.cfg.Now().Add(codeLife)
		s.codes[code] = c
		back.Set("code", code)
	} else {
		back.Set("error", "access_denied")
		back.Set("error_description", "The resource owner or authorization server denied the request")
	}
	s.mu.Unlock()
	w.Header().Set("Location", c.redirect+"?"+back.Encode())
	w.WriteHeader(http.StatusFound)
}

var whoPage = template.Must(template.New("who").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in at the local Discord</title>
<body><h1>Sign in at the local Discord</h1><p>Who are you?</p>
<ul>{{range .People}}<li><a href="{{.Address}}">{{.Name}}</a></li>{{end}}</ul>
<p><a href="{{.Cancel}}">Nobody: cancel</a></p></body></html>`))

func (s *Simulator) askWho(w http.ResponseWriter, r *http.Request) {
	type person struct{ Name, Address string }
	address := func(as string) string {
		q := r.URL.Query()
		q.Set("as", as)
		return "?" + q.Encode()
	}
	var people []person
	s.mu.Lock()
	for _, g := range s.world.order.Guilds {
		for _, m := range s.world.sortedMembers(g.ID) {
			p := person{cmp.Or(m.User.GlobalName, m.User.Username) + " (" + m.User.Username + ")", address(m.User.Username)}
			if !m.User.Bot && !slices.Contains(people, p) {
				people = append(people, p)
			}
		}
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	_ = whoPage.Execute(w, map[string]any{"People": people, "Cancel": address("cancel")}) // a client that has gone is no error
}

// oauthError is a refusal as RFC 6749 has it.
type oauthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

func refuseOAuth(status int, code, description string) *APIError {
	return &APIError{Status: status, Message: code, oauth: &oauthError{code, description}}
}

// grantToken makes a code, or a refresh token, an access token.
func (s *Simulator) grantToken(r *http.Request, b body) (any, error) {
	form, err := url.ParseQuery(string(b.json))
	if err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil, refuseOAuth(400, "invalid_request", "")
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if s.cfg.ClientSecret == "" || id != s.cfg.ApplicationID || secret != s.cfg.ClientSecret {
		return nil, refuseOAuth(401, "invalid_client", "")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Now()
	switch form.Get("grant_type") {
	case "authorization_code":
		c, ok := s.codes[form.Get("code")]
		delete(s.codes, form.Get("code"))
		if !ok || now.After(c.until) || c.redirect != form.Get("redirect_uri") || !c.proves(form.Get("code_verifier")) {
			return nil, refuseOAuth(400, "invalid_grant", `Invalid "code" in request.`)
		}
		return s.issue(&grant{user: c.user, scopes: c.scopes}, now), nil
	case "refresh_token":
		g, ok := s.grants["refresh "+form.Get("refresh_token")]
		if !ok {
			return nil, refuseOAuth(400, "invalid_grant", "")
		}
		return s.issue(g, now), nil
	}
	return nil, refuseOAuth(400, "unsupported_grant_type", "")
}

// proves reports whether the verifier is what the challenge was made of.
func (c consent) proves(verifier string) bool {
	if c.challenge == "" {
		return true
	}
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:]) == c.challenge
}

// issue gives a grant new tokens; those before are good for nothing. The lock is held.
func (s *Simulator) issue(g *grant, now time.Time) any {
	s.withdraw(g)
	g.access, g.refresh, g.until = rand.Text(), rand.Text(), now.Add(grantLife)
	s.grants["access "+g.access], s.grants["refresh "+g.refresh] = g, g
	return map[string]any{"access_token": g.access, "token_type": "Bearer", "expires_in": int(grantLife / time.Second),
		"refresh_token": g.refresh, "scope": strings.Join(g.scopes, " ")}
}

func (s *Simulator) withdraw(g *grant) {
	delete(s.grants, "access "+g.access)
	delete(s.grants, "refresh "+g.refresh)
}

// Deauthorize has a person withdraw what he let the app see.
func (s *Simulator) Deauthorize(who string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, _ := s.world.userNamed(who)
	for _, g := range s.grants {
		if g.user == user.ID {
			s.withdraw(g)
		}
	}
}

// caller returns who makes a call: the bot, or a person by the token of a grant that
// has the scope. The lock is held.
func (s *Simulator) caller(r *http.Request, scope string) (User, error) {
	auth := r.Header.Get("Authorization")
	if auth == "Bot "+s.cfg.BotToken {
		return s.world.bot, nil
	}
	token, ok := strings.CutPrefix(auth, "Bearer ")
	g := s.grants["access "+token]
	if !ok || g == nil || s.cfg.Now().After(g.until) || !slices.Contains(g.scopes, scope) {
		return User{}, errUnauthorized()
	}
	user, ok := s.world.user(g.user)
	if !ok {
		return User{}, errUnauthorized()
	}
	return user, nil
}

// listMyGuilds lists the guilds of the caller, with what he may do there.
func (s *Simulator) listMyGuilds(r *http.Request, _ body) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, err := s.caller(r, "guilds")
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, g := range s.world.order.Guilds {
		m := s.world.members[g.ID][user.ID]
		if m == nil {
			continue
		}
		list = append(list, map[string]any{"id": g.ID, "name": g.Name, "icon": nil, "banner": nil, "owner": g.OwnerID == user.ID,
			"permissions": strconv.FormatUint(uint64(s.world.permissions(m)), 10), "features": append([]string{}, g.Features...)})
	}
	return list, nil
}

// userNamed finds somebody by his user name.
func (w *world) userNamed(name string) (User, bool) {
	for _, members := range w.members {
		for _, m := range members {
			if m.User.Username == name {
				return m.User, true
			}
		}
	}
	return User{}, false
}
