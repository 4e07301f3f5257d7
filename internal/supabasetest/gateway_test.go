package supabasetest_test

import (
	"testing"

	"coffer/internal/supabasetest"
)

func TestKeysAreWhoTheySay(t *testing.T) {
	p := supabasetest.New(t, migrate(schema))
	const who, everybody, nobody = "/rest/v1/rpc/who", "/rest/v1/notes", "/rest/v1/secrets"
	call(t, p, p.Key()).expect(who, `{}`, 200, `"service_role"`)
	call(t, p, p.Key()).expect(nobody, "", 200, "[]")

	anon := call(t, p, p.PublishableKey())
	anon.expect(who, `{}`, 200, `"anon"`)
	anon.expect(everybody, "", 200, "[]") // nobody has revoked it
	anon.expect(nobody, "", 401, "42501")
	anon.with("Authorization", "Bearer "+p.LegacyKey("authenticated")).expect(who, `{}`, 200, `"authenticated"`)

	legacy := call(t, p, p.LegacyKey("service_role"))
	legacy.expect(who, `{}`, 200, `"anon"`) // without a token
	legacy.with("Authorization", "Bearer "+p.LegacyKey("service_role")).expect(who, `{}`, 200, `"service_role"`)
	call(t, p, p.LegacyKey("anon")).with("Authorization", "Bearer "+p.LegacyKey("anon")).expect(who, `{}`, 200, `"anon"`)
}

func TestKeysAreRefused(t *testing.T) {
	p := supabasetest.New(t, migrate(schema))
	const path = "/rest/v1/notes"
	call(t, p, "").expect(path, "", 401, "No API key found in request")
	call(t, p, "sb_secret_guessed").expect(path, "", 401, "Invalid API key")
	call(t, p, p.LegacyKey("authenticated")).expect(path, "", 401, "Invalid API key")
	call(t, p, p.Key()).with("Authorization", "Bearer "+p.Key()).expect(path, "", 401, "Invalid JWT")
	call(t, p, "").with("Authorization", "Bearer "+p.LegacyKey("service_role")).expect(path, "", 401, "No API key")

	const browser = "Mozilla/5.0 (X11; Linux x86_64)"
	call(t, p, p.Key()).with("User-Agent", browser).expect(path, "", 401, "Forbidden use of secret API key in browser")
	call(t, p, p.PublishableKey()).with("User-Agent", browser).expect(path, "", 200, "[]")
	for _, r := range p.Requests()[:6] {
		if r.Forwarded {
			t.Errorf("PostgREST has seen %+v", r)
		}
	}
}
