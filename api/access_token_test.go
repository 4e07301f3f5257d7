package api_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"coffer/api"
)

// accessKey is the key that the first secret of a world signs access tokens with.
func accessKey(t *testing.T, secret string) []byte {
	t.Helper()
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "coffer access token", 32)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// forge makes a token with the key, changed as is said; what is set to nil is left out.
func forge(t *testing.T, w *world, key any, method jwt.SigningMethod, change func(header, claims map[string]any)) string {
	t.Helper()
	parts := strings.Split(w.tokens["owner"], ".")
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	token := jwt.NewWithClaims(method, claims)
	token.Header["typ"] = "at+jwt"
	change(token.Header, claims)
	drop := func(_ string, v any) bool { return v == nil }
	maps.DeleteFunc(token.Header, drop)
	maps.DeleteFunc(claims, drop)
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// TestForgedAccessTokensAreNobodys is the corpus of RFC 8725: of all that somebody may
// try without the key, and with it in other ways than ours, nothing is accepted.
func TestForgedAccessTokensAreNobodys(t *testing.T) {
	w := newWorld(t)
	secret := w.config.Secrets[0]
	key := accessKey(t, secret)
	hs := jwt.SigningMethodHS256
	same := func(map[string]any, map[string]any) {}
	header := func(name string, value any) func(map[string]any, map[string]any) {
		return func(h, _ map[string]any) { h[name] = value }
	}
	claim := func(name string, value any) func(map[string]any, map[string]any) {
		return func(_, c map[string]any) { c[name] = value }
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	try := func(token string) reply {
		w.serve()
		return w.send(request{method: "GET", path: "/api/auth/me", header: map[string]string{"Authorization": "Bearer " + token}})
	}
	good := forge(t, w, key, hs, same)
	try(good).want(200, nil) // or nothing below would mean anything
	try(w.tokens["owner"]).want(200, nil)

	now := func(after time.Duration) int64 { return w.now.at.Add(after).Unix() }
	parts := strings.Split(good, ".")
	unsigned := func(alg string) string {
		h := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"` + alg + `","typ":"at+jwt"}`))
		return h + "." + parts[1] + "."
	}
	bad := map[string]string{
		"another key":              forge(t, w, []byte("another key that has thirty-two bytes"), hs, same),
		"the secret itself":        forge(t, w, []byte(secret), hs, same),
		"an empty key":             forge(t, w, []byte{}, hs, same),
		"HS384":                    forge(t, w, key, jwt.SigningMethodHS384, same),
		"HS512":                    forge(t, w, key, jwt.SigningMethodHS512, same),
		"ES256, a key of his own":  forge(t, w, ec, jwt.SigningMethodES256, same),
		"says ES256":               forge(t, w, key, hs, header("alg", "ES256")),
		"says RS256":               forge(t, w, key, hs, header("alg", "RS256")),
		"kid":                      forge(t, w, key, hs, header("kid", "../../dev/null")),
		"kid of the second":        forge(t, w, key, hs, header("kid", "1")),
		"jku":                      forge(t, w, key, hs, header("jku", "https://evil.example/keys")),
		"jwk":                      forge(t, w, key, hs, header("jwk", map[string]string{"kty": "oct", "k": "AA"})),
		"x5u":                      forge(t, w, key, hs, header("x5u", "https://evil.example/cert")),
		"crit":                     forge(t, w, key, hs, header("crit", []string{"exp"})),
		"b64":                      forge(t, w, key, hs, header("b64", false)),
		"typ JWT":                  forge(t, w, key, hs, header("typ", "JWT")),
		"typ of a refresh token":   forge(t, w, key, hs, header("typ", "rt+jwt")),
		"no typ":                   forge(t, w, key, hs, header("typ", nil)),
		"typ that is no text":      forge(t, w, key, hs, header("typ", 7)),
		"another audience":         forge(t, w, key, hs, claim("aud", "other")),
		"no audience":              forge(t, w, key, hs, claim("aud", nil)),
		"another issuer":           forge(t, w, key, hs, claim("iss", "https://evil.example")),
		"no issuer":                forge(t, w, key, hs, claim("iss", nil)),
		"no subject":               forge(t, w, key, hs, claim("sub", nil)),
		"another's subject":        forge(t, w, key, hs, claim("sub", "1")),
		"a subject with zeros":     forge(t, w, key, hs, claim("sub", "0"+fmt.Sprint(w.ids["owner"]))),
		"no session":               forge(t, w, key, hs, claim("sid", nil)),
		"another session":          forge(t, w, key, hs, claim("sid", "AAAAAAAAAAAAAAAAAAAAAA")),
		"no expiry":                forge(t, w, key, hs, claim("exp", nil)),
		"an expiry of text":        forge(t, w, key, hs, claim("exp", "tomorrow")),
		"expired now":              forge(t, w, key, hs, claim("exp", now(0))),
		"expired a second ago":     forge(t, w, key, hs, claim("exp", now(-time.Second))),
		"for ever":                 forge(t, w, key, hs, claim("exp", now(100*365*24*time.Hour))),
		"made in the future":       forge(t, w, key, hs, claim("iat", now(time.Hour))),
		"no time of making":        forge(t, w, key, hs, claim("iat", nil)),
		"not yet":                  forge(t, w, key, hs, claim("nbf", now(time.Minute))),
		"cut":                      good[:len(good)-1],
		"with more":                good + "A",
		"another's signature":      parts[0] + "." + parts[1] + "." + strings.Split(w.tokens["viewer"], ".")[2],
		"another's claims":         parts[0] + "." + strings.Split(w.tokens["viewer"], ".")[1] + "." + parts[2],
		"no signature":             parts[0] + "." + parts[1] + ".",
		"two parts":                parts[0] + "." + parts[1],
		"five parts":               good + "..",
		"only dots":                "..",
		"a JSON serialisation":     `{"payload":"` + parts[1] + `"}`,
		"padded":                   parts[0] + "." + parts[1] + "." + parts[2] + "=",
		"a refresh token":          strings.SplitN(w.signIn("owner").cookie, "=", 2)[1],
		"very long":                parts[0] + "." + strings.Repeat("A", 4000) + "." + parts[2],
		"header twice in the JSON": base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","alg":"none","typ":"at+jwt"}`)) + "." + parts[1] + "." + parts[2],
	}
	for _, none := range []string{"none", "None", "NONE", "nOnE", "", "null", " none"} {
		bad["alg "+none] = unsigned(none)
		bad["alg "+none+" with the signature"] = unsigned(none) + parts[2]
	}
	for name, token := range bad {
		if r := try(token); r.status != 401 {
			t.Errorf("%s: status %d: %s", name, r.status, r.body)
		}
	}

	second := forge(t, w, key, hs, claim("exp", now(time.Second)))
	try(second).want(200, nil)
	w.now.at = w.now.at.Add(time.Second)
	try(second).refused(401, "signed_out")
}

// TestKeysAreRotated: the first key makes what is new, the others are still believed,
// and one that is gone is not.
func TestKeysAreRotated(t *testing.T) {
	w := newWorld(t)
	old, in := w.config.Secrets[0], w.signIn("owner")
	w.config.Secrets = []string{"the newest secret, thirty-two bytes", old}
	w.serve()
	w.get("owner", "/api/auth/me").want(200, nil)
	var next granted
	r := w.send(request{method: "POST", path: "/api/auth/refresh", header: map[string]string{"Cookie": in.cookie}}).want(200, &next)
	renewed := r.cookie("coffer_refresh")

	w.config.Secrets = w.config.Secrets[:1]
	w.serve()
	w.get("owner", "/api/auth/me").refused(401, "signed_out")
	w.tokens["owner"] = next.AccessToken
	w.get("owner", "/api/auth/me").want(200, nil)
	w.send(request{method: "POST", path: "/api/auth/refresh", header: map[string]string{"Cookie": renewed}}).want(200, &next)

	w.config.Secrets = []string{"yet another secret of thirty-two bytes"}
	w.serve()
	w.get("owner", "/api/auth/me").refused(401, "signed_out")
}

// FuzzAccessToken: whatever is sent, nobody is let in, and nothing breaks.
func FuzzAccessToken(f *testing.F) {
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiIxIn0.")
	f.Add("coffer_x")
	verify := api.Verifier([]string{"a secret of thirty-two bytes...."})
	f.Fuzz(func(t *testing.T, token string) {
		if account, session, err := verify(token, theMorning); err == nil {
			t.Errorf("%q is account %d in session %q", token, account, session)
		}
	})
}
