// Package supabase knows what a Supabase project's address and secret key look
// like. Its errors continue the sentence "NAME ..." and never quote the value.
package supabase

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// restPath is where a project serves PostgREST. People copy addresses with it.
const restPath = "/rest/v1"

// Address returns the address of a project without trailing slash and without
// the path of its REST interface. It must be https, because the key goes there
// with each request; http is for this machine.
func Address(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "", errors.New("must be a whole address that starts with https://")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("must be an address without user name, query and fragment")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "", errors.New("must start with https://, or the key would travel unprotected")
	}
	return strings.TrimRight(strings.TrimSuffix(strings.TrimRight(s, "/"), restPath), "/"), nil
}

// REST returns where the project at an address serves PostgREST.
func REST(address string) string { return address + restPath }

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// CheckKey says whether a key opens the database to a server: a secret key
// (sb_secret_...) or the legacy service_role token.
func CheckKey(key string) error {
	const (
		form   = "is no key of a Supabase project: it must start with sb_secret_, or be the legacy service_role token"
		public = "is the public key; the server needs the secret one"
		tail   = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
	)
	switch {
	case key == "":
		return errors.New("is missing")
	case strings.Trim(key, tail) != "":
		return errors.New(form)
	case strings.HasPrefix(key, "sb_publishable_"):
		return errors.New(public)
	case strings.HasPrefix(key, "sb_secret_") && len(key) > len("sb_secret_"):
		return nil
	}
	switch role(key) {
	case "service_role":
		return nil
	case "anon":
		return errors.New(public)
	case "":
		return errors.New(form)
	default:
		return errors.New("is a token of another role than service_role; the server needs that one")
	}
}

// IsToken reports whether a key that CheckKey accepts is a legacy token, which
// is also sent as a bearer token.
func IsToken(key string) bool { return !strings.HasPrefix(key, "sb_") }

// role returns the role that a token claims, "" if it is no token or has none.
func role(key string) string {
	parts := strings.Split(key, ".")
	if len(parts) != 3 {
		return ""
	}
	var claims struct{ Role string }
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.Role
}
