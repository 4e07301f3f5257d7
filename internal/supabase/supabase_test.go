package supabase_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"coffer/internal/supabase"
)

func TestAddressesLoseWhatPeopleCopyWithThem(t *testing.T) {
	tests := map[string]string{ // "" if it is refused
		"https://abc.supabase.co":              "https://abc.supabase.co",
		"https://abc.supabase.co/":             "https://abc.supabase.co",
		"https://abc.supabase.co/rest/v1":      "https://abc.supabase.co",
		"https://abc.supabase.co/rest/v1//":    "https://abc.supabase.co",
		"https://db.example.com/bank/rest/v1/": "https://db.example.com/bank",
		"http://localhost:54321":               "http://localhost:54321",
		"http://127.0.0.7:54321":               "http://127.0.0.7:54321",
		"http://[::1]:54321":                   "http://[::1]:54321",
		"http://abc.supabase.co":               "",
		"http://10.0.0.1":                      "",
		"http://localhost.hunter2.example":     "",
		"abc.supabase.co":                      "",
		"https:///rest/v1":                     "",
		"ftp://abc.supabase.co":                "",
		"https://me:hunter2@abc.supabase.co":   "",
		"https://abc.supabase.co?key=hunter2":  "",
		"https://abc.supabase.co/%zzhunter2":   "",
		"":                                     "",
	}
	for in, want := range tests {
		got, err := supabase.Address(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("Address(%q) = %q, error %v, want %q", in, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Address(%q) quotes it: %v", in, err)
		}
	}
}

func TestOnlyKeysOfServersAreAccepted(t *testing.T) {
	token := func(claims string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".hunter2"
	}
	tests := map[string]struct{ key, want string }{ // how the error begins, "" for none
		"a secret key":           {"sb_secret_hunter2-_x", ""},
		"the service role":       {token(`{"role":"service_role","iss":"supabase"}`), ""},
		"nothing":                {"", "is missing"},
		"the publishable key":    {"sb_publishable_hunter2", "is the public key"},
		"the anonymous role":     {token(`{"role":"anon"}`), "is the public key"},
		"another role":           {token(`{"role":"authenticated"}`), "is a token of another role"},
		"no role":                {token(`{}`), "is no key"},
		"a role of another type": {token(`{"role":7}`), "is no key"},
		"claims that are none":   {"e30.!!.hunter2", "is no key"},
		"two parts":              {"e30.e30", "is no key"},
		"a prefix":               {"sb_secret_", "is no key"},
		"a password":             {"hunter2", "is no key"},
		"a header":               {"sb_secret_hunter2\r\nX: y", "is no key"},
		"a bearer token":         {"Bearer " + token(`{"role":"service_role"}`), "is no key"},
	}
	for name, tt := range tests {
		err := supabase.CheckKey(tt.key)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2")):
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
	if supabase.IsToken("sb_secret_hunter2") || !supabase.IsToken(token(`{"role":"service_role"}`)) {
		t.Error("tokens and keys are mixed up")
	}
}
