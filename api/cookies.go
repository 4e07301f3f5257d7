package api

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"coffer/internal/admins"
)

// Where the cookies go, and no further.
const (
	refreshPath = "/api/auth"
	discordPath = "/api/auth/discord"
)

// name is the cookie's: its prefix has browsers refuse it where it is not secure.
func (c Cookies) name(name string) string {
	if c.Insecure {
		return name
	}
	return "__Secure-" + name
}

func (c Cookies) set(w http.ResponseWriter, name, path, value string, life time.Duration, site http.SameSite) {
	cookie := &http.Cookie{Name: c.name(name), Path: path, Value: value, MaxAge: int(life / time.Second), //nolint:gosec // not secure on this machine only
		HttpOnly: true, Secure: !c.Insecure, SameSite: site, Partitioned: site == http.SameSiteNoneMode}
	if value == "" {
		cookie.MaxAge = -1
	}
	dropCookie(w, cookie.Name)
	http.SetCookie(w, cookie)
}

// dropCookie takes back what this response has set under the name before.
func dropCookie(w http.ResponseWriter, name string) {
	kept := w.Header()["Set-Cookie"][:0]
	for _, line := range w.Header()["Set-Cookie"] {
		if !strings.HasPrefix(line, name+"=") {
			kept = append(kept, line)
		}
	}
	if len(kept) == 0 {
		w.Header().Del("Set-Cookie")
		return
	}
	w.Header()["Set-Cookie"] = kept
}

func (s *signIn) setRefresh(w http.ResponseWriter, session, secret string) {
	s.cookies.set(w, s.refreshName(), refreshPath, session+"."+secret, admins.SessionLife, s.sameSite())
}

func (s *signIn) clearRefresh(w http.ResponseWriter) {
	s.cookies.set(w, s.refreshName(), refreshPath, "", 0, s.sameSite())
}

// refreshName is another one for a partitioned cookie: beside one that is not, a browser
// that has known both kinds of server would keep and send both under one name.
func (s *signIn) refreshName() string {
	if s.sameSite() == http.SameSiteNoneMode {
		return "coffer_refresh_elsewhere"
	}
	return "coffer_refresh"
}

func (s *signIn) sameSite() http.SameSite {
	if s.cookies.SameSite == 0 {
		return http.SameSiteStrictMode
	}
	return s.cookies.SameSite
}

// refreshCookie returns the session and the secret that the request's cookie has.
func (s *signIn) refreshCookie(r *http.Request) (session, secret string, ok bool) {
	cookie, err := r.Cookie(s.cookies.name(s.refreshName()))
	if err != nil || len(cookie.Value) > 200 {
		return "", "", false
	}
	session, secret, ok = strings.Cut(cookie.Value, ".")
	return session, secret, ok && session != "" && secret != ""
}

// trusts refuses a page that browsers send the cookies of sessions along for, though it
// is no dashboard. Programs name no origin, and have no cookies that they were not
// given. Errors: errOrigin.
func (c Cookies) trusts(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if c.SameSite != http.SameSiteNoneMode || origin == "" || origin == "https://"+r.Host ||
		slices.ContainsFunc(c.Origins, func(o Origin) bool { return o.matches(origin) }) {
		return nil
	}
	return errOrigin
}
