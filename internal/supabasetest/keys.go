package supabasetest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"
)

// keys are a project's: what it calls them, and as whom each is served.
type keys struct {
	secret      string // signs tokens; PostgREST has it too
	key         string // sb_secret_...
	publishable string // sb_publishable_...
	legacy      map[string]string
}

func newKeys() keys {
	k := keys{secret: rand.Text() + rand.Text(), key: "sb_secret_" + random(), publishable: "sb_publishable_" + random(), legacy: map[string]string{}}
	for _, role := range []string{"anon", "authenticated", "service_role"} {
		k.legacy[role] = k.sign(role)
	}
	return k
}

// random is in the form of Supabase's keys: 22 characters and a checksum.
func random() string { return rand.Text()[:22] + "_" + rand.Text()[:8] }

// sign makes a token as Supabase's are, with ten years to live.
func (k keys) sign(role string) string {
	now := time.Now()
	claims, err := json.Marshal(map[string]any{
		"iss": "supabase", "ref": "local", "role": role, "iat": now.Unix(), "exp": now.AddDate(10, 0, 0).Unix(),
	})
	if err != nil {
		panic(err) // strings and numbers
	}
	part := base64.RawURLEncoding.EncodeToString
	token := part([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + part(claims)
	mac := hmac.New(sha256.New, []byte(k.secret))
	mac.Write([]byte(token))
	return token + "." + part(mac.Sum(nil))
}
