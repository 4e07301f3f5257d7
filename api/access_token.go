package api

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"coffer/internal/admins"
)

// accessLife is how long an access token is good. Who it is for may be out before.
const accessLife = 15 * time.Minute

// What access tokens say of themselves (RFC 8725, RFC 9068).
const (
	tokenIssuer   = "coffer"
	tokenAudience = "coffer-api"
	tokenType     = "at+jwt"
)

// clocksDiffer is how far the clock of a replica that made a token may be ahead.
const clocksDiffer = time.Minute

// longestAccessToken is more than any has.
const longestAccessToken = 1024

// claims are what an access token says. What its account may do is looked up.
type claims struct {
	Session string `json:"sid"`
	jwt.RegisteredClaims
}

// keys are what one secret of the configuration is used for, a key for each purpose.
type keys struct {
	access, refresh, token, seal []byte
}

// keysOf derives the keys of each secret. The first makes what is new; with the
// others what they made is still understood.
func keysOf(secrets []string) []keys {
	list := make([]keys, 0, len(secrets))
	for _, secret := range secrets {
		derive := func(purpose string) []byte {
			key, err := hkdf.Key(sha256.New, []byte(secret), nil, "coffer "+purpose, 32)
			if err != nil {
				panic(err) // only for lengths that cannot be
			}
			return key
		}
		list = append(list, keys{derive("access token"), derive("refresh token"), derive("api token"), derive("seal")})
	}
	return list
}

// sign makes an access token.
func sign(key []byte, account admins.ID, session string, now time.Time) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{session, jwt.RegisteredClaims{
		Issuer: tokenIssuer, Audience: jwt.ClaimStrings{tokenAudience}, Subject: strconv.FormatInt(int64(account), 10),
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(accessLife)),
	}})
	t.Header = map[string]any{"alg": "HS256", "typ": tokenType}
	return t.SignedString(key)
}

var errToken = errors.New("no access token of ours")

// verify returns whom an access token is for. Only the one algorithm is known, and a
// header that says more than ours does is refused: no key is chosen by what a token says.
func verify(list []keys, token string, now time.Time) (account admins.ID, session string, err error) {
	if len(token) > longestAccessToken {
		return 0, "", errToken
	}
	accepted := jwt.VerificationKeySet{}
	for _, k := range list {
		accepted.Keys = append(accepted.Keys, k.access)
	}
	var c claims
	t, err := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer(tokenIssuer), jwt.WithAudience(tokenAudience),
		jwt.WithExpirationRequired(), jwt.WithStrictDecoding(), jwt.WithTimeFunc(func() time.Time { return now }),
	).ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		if len(t.Header) != 2 || t.Header["typ"] != tokenType || t.Header["alg"] != "HS256" {
			return nil, errToken
		}
		return accepted, nil
	})
	if err != nil || !t.Valid {
		return 0, "", errors.Join(errToken, err)
	}
	id, ok := parseID(c.Subject)
	if !ok || c.Session == "" || c.IssuedAt == nil || c.IssuedAt.After(now.Add(clocksDiffer)) || c.ExpiresAt.Sub(c.IssuedAt.Time) > accessLife {
		return 0, "", errToken
	}
	return admins.ID(id), c.Session, nil
}

// successor is the secret that follows one: whoever has that can make it, with the
// key, once more.
func successor(key []byte, text string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
