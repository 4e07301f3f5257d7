package config

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/caarlos0/env/v10"

	"coffer/internal/admins"
	"coffer/internal/supabase"
)

// parsers turn text into a field's type. What they return on failure continues
// the sentence "NAME ..." and never quotes the value.
func parsers() map[reflect.Type]env.ParserFunc {
	return map[reflect.Type]env.ParserFunc{
		reflect.TypeFor[ed25519.PublicKey](): as(parsePublicKey),
		reflect.TypeFor[Snowflake]():         as(parseSnowflake),
		reflect.TypeFor[URL]():               as(parseURL),
		reflect.TypeFor[ProjectURL]():        as(parseProjectURL),
		reflect.TypeFor[Port]():              as(parsePort),
		reflect.TypeFor[Switch]():            as(func(s string) (Switch, error) { return s == "on", nil }),
		reflect.TypeFor[[]Secret]():          as(list(parseSigningKey)),
		reflect.TypeFor[Origin]():            as(parseOrigin),
		reflect.TypeFor[[]Pages]():           as(list(parsePages)),
		reflect.TypeFor[[]netip.Prefix]():    as(list(parsePrefix)),
	}
}

func as[T any](parse func(string) (T, error)) env.ParserFunc {
	return func(s string) (any, error) { return parse(s) }
}

// list parses what commas separate; empty places are skipped.
func list[T any](parse func(string) (T, error)) func(string) ([]T, error) {
	return func(s string) ([]T, error) {
		var all []T
		for part := range strings.SplitSeq(s, ",") {
			if part = strings.TrimSpace(part); part == "" {
				continue
			}
			one, err := parse(part)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		if all == nil {
			return nil, errors.New("lists nothing")
		}
		return all, nil
	}
}

func parsePublicKey(s string) (ed25519.PublicKey, error) {
	key, err := hex.DecodeString(s)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("must be 64 hexadecimal digits")
	}
	return key, nil
}

func parseSnowflake(s string) (Snowflake, error) {
	if n, err := strconv.ParseUint(s, 10, 64); err != nil || len(s) < 15 || n == 0 {
		return "", errors.New("must be a Discord id, 15 to 20 digits")
	}
	return Snowflake(s), nil
}

func parsePort(s string) (Port, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, errors.New("must be a number from 1 to 65535")
	}
	return Port(n), nil
}

func parseURL(s string) (URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "", errors.New("must be a whole address that starts with https:// or http://")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("must be an address without user name, query and fragment")
	}
	return URL(strings.TrimRight(s, "/")), nil
}

func parseProjectURL(s string) (ProjectURL, error) {
	address, err := supabase.Address(s)
	return ProjectURL(address), err
}

func parseOrigin(s string) (Origin, error) {
	u, err := parseURL(s)
	if err != nil || strings.Contains(strings.SplitN(string(u), "://", 2)[1], "/") {
		return "", errors.New("must be an origin such as https://admin.example.com, without path and wildcard")
	}
	origin := u.Origin()
	if origin == "" || strings.Contains(string(origin), "*") {
		return "", errors.New("must be a whole origin; a wildcard is not one")
	}
	return origin, nil
}

// parsePages takes what parseOrigin takes, and a * in a label that has two letters
// or more behind it and two labels or more above it: whoever may have a name in the
// domain above must not be able to match.
func parsePages(s string) (Pages, error) {
	before, after, pattern := strings.Cut(s, "*")
	if !pattern {
		origin, err := parseOrigin(s)
		return Pages(origin), err
	}
	origin, err := parseOrigin(before + "x" + after) // any label will do
	behind, _, _ := strings.Cut(after, ".")
	if err != nil || !strings.HasPrefix(strings.ToLower(before), "https://") || strings.Contains(before, ".") ||
		!strings.HasPrefix(behind, "--") || len(behind) < 4 || strings.Count(after, ".") < 2 {
		return "", errors.New("must be an origin such as https://admin.example.com, or a pattern of previews such as https://deploy-preview-*--site.netlify.app")
	}
	return Pages(origin[:len(before)]) + "*" + Pages(origin[len(before)+1:]), nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(s); err == nil && address.Zone() == "" {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, errors.New("must list networks such as 100.64.0.0/10, or addresses")
	}
	return prefix.Masked(), nil
}

func parseSigningKey(s string) (Secret, error) {
	if len(s) < 32 {
		return "", errors.New("must have 32 bytes or more in each of its keys")
	}
	return Secret(s), nil
}

// formOf returns the check for a secret, or another text, whose form is known, or nil.
// Every Secret field shares one type, so they are told apart by variable.
func formOf(variable string) func(string) string {
	switch variable {
	case "DISCORD_TOKEN":
		return tokenForm
	case "SUPABASE_KEY":
		return supabaseKeyForm
	case "SUPABASE_DB_URL":
		return databaseForm
	case "ADMIN_USERNAME":
		return userNameForm
	case "ADMIN_PASSWORD":
		return passwordForm
	case "METRICS_TOKEN":
		return atLeast(16)
	case "PROXY_SECRET":
		return headerForm
	default:
		return nil
	}
}

// base64URL is the alphabet of a token's parts.
const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func tokenForm(s string) string {
	if strings.HasPrefix(strings.ToLower(s), "bot ") {
		return `must be the token alone, without "Bot " before it`
	}
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return "is no bot token: those have three parts with dots between"
	}
	for _, part := range parts {
		if part == "" || strings.Trim(part, base64URL) != "" {
			return "is no bot token: it has characters that those do not have"
		}
	}
	return ""
}

func supabaseKeyForm(s string) string {
	if err := supabase.CheckKey(s); err != nil {
		return err.Error()
	}
	return ""
}

func databaseForm(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Hostname() == "" && u.Query().Get("host") == "" {
		return "must start with postgresql:// and name a host; percent-encode special characters in the password"
	}
	return ""
}

func userNameForm(s string) string {
	if _, err := admins.UserName(s); err != nil {
		return "must have 2 to 32 characters: letters a to z, digits, and . - _ between them"
	}
	return ""
}

func passwordForm(s string) string {
	if admins.CheckPassword(s) != nil {
		return "must have 12 to 200 characters"
	}
	return ""
}

// headerForm is what a header can carry as it is.
func headerForm(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "must have only letters, digits and signs of ASCII, and no spaces"
	}
	return atLeast(32)(s)
}

func atLeast(n int) func(string) string {
	return func(s string) string {
		if len(s) < n {
			return "must have " + strconv.Itoa(n) + " characters or more"
		}
		return ""
	}
}
