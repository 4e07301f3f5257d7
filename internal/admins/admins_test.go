package admins

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"ada": "ada", "ADA": "ada", "a1": "a1", "a.b-c_d": "a.b-c_d", strings.Repeat("x", 32): strings.Repeat("x", 32),
		"a": "", "": "", strings.Repeat("x", 33): "", ".ada": "", "ada-": "", "a b": "", "zo\u00eb": "", "a\x00b": "", "\u212aarl": "karl", // the sign of the kelvin is a k in capitals
	} {
		got, err := UserName(name)
		if got != want || (want == "") != errors.Is(err, ErrUserName) {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
}

func TestPasswords(t *testing.T) {
	for password, fits := range map[string]bool{
		"twelve chars": true, "eleven char": false, "": false, strings.Repeat("x", 200): true, strings.Repeat("x", 201): false,
		strings.Repeat("\u00eb", 12): true, strings.Repeat("\u00eb", 11): false, "not UTF-8 \xff\xff\xff": false,
	} {
		if err := CheckPassword(password); (err == nil) != fits {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestGuildsAreIdsInOrderEachOnce(t *testing.T) {
	got, err := CheckGuilds([]string{"30", "2", "10"})
	if err != nil || !slices.Equal(got, []string{"10", "2", "30"}) {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := CheckGuilds(nil); err != nil || got == nil {
		t.Errorf("of none %v, %v", got, err)
	}
	many := make([]string, 201)
	for i := range many {
		many[i] = strings.Repeat("1", i%18+1) + strings.Repeat("2", i/18)
	}
	for _, bad := range [][]string{{"1", "1"}, {"0"}, {"-1"}, {"+1"}, {"01"}, {"x"}, {""}, {"18446744073709551616"}, many} {
		if _, err := CheckGuilds(bad); !errors.Is(err, ErrGuilds) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestRolesIncludeThoseBeforeThem(t *testing.T) {
	for i, have := range ladder {
		for j, need := range ladder {
			if have.AtLeast(need) != (i >= j) {
				t.Errorf("%s at least %s: %v", have, need, have.AtLeast(need))
			}
		}
		if have.AtLeast("") || Role("").AtLeast(have) || Role("root").AtLeast(have) {
			t.Errorf("what is no role stands beside %s", have)
		}
	}
}

func TestWhomAnAccountIsFor(t *testing.T) {
	a := Account{Role: Manager, Guilds: []string{"1"}, ExpiresAt: noon}
	if !a.Covers("1") || a.Covers("2") || a.Covers("") {
		t.Error("a manager is not for his guilds alone")
	}
	if a.Usable(noon) || !a.Usable(noon.Add(-time.Microsecond)) {
		t.Error("an account does not end at its end")
	}
	a.Disabled = true
	if a.Usable(noon.Add(-time.Hour)) {
		t.Error("a disabled account is usable")
	}
	if owner := (Account{Role: Owner}); !owner.Covers("2") || !owner.Usable(noon) {
		t.Error("an owner is not for all guilds, for ever")
	}
}

func TestTokens(t *testing.T) {
	for name, expires := range map[string]time.Time{"ci": {}, "CI of the \u00c4rzte": noon.AddDate(10, 0, 0), "x": noon.Add(1)} {
		if c, err := NewToken(name, "hash", Viewer, nil, expires, noon); err != nil || c.OnTime() != nil {
			t.Errorf("%q until %v: %v, %v", name, expires, err, c.OnTime())
		}
	}
	for _, c := range []struct {
		name    string
		role    Role
		expires time.Time
		want    error
	}{
		{"", Viewer, time.Time{}, ErrTokenName}, {" x", Viewer, time.Time{}, ErrTokenName}, {"a\nb", Viewer, time.Time{}, ErrTokenName},
		{strings.Repeat("x", 81), Viewer, time.Time{}, ErrTokenName}, {"x", "root", time.Time{}, ErrRole},
		{"x", Viewer, noon.AddDate(10, 0, 0).Add(1), ErrExpiry},
	} {
		if _, err := NewToken(c.name, "hash", c.role, nil, c.expires, noon); !errors.Is(err, c.want) {
			t.Errorf("%q as %s until %v: %v, want %v", c.name, c.role, c.expires, err, c.want)
		}
	}
	if c, err := NewToken("x", "hash", Viewer, nil, noon, noon); err != nil || !errors.Is(c.OnTime(), ErrExpiry) {
		t.Errorf("a token that has ended: %v, %v", err, c.OnTime())
	}
}

// TestAFingerprintIsOfWhatWasAskedFor: what differs from one try to the next is not
// in it, and all else is.
func TestAFingerprintIsOfWhatWasAskedFor(t *testing.T) {
	base := Creation{Kind: ByPassword, Name: "ada", PasswordHash: "one", Role: Viewer, Guilds: []string{"1"}, ExpiresAt: noon, At: noon}
	again := base
	again.PasswordHash, again.TokenHash, again.At = "another salt", "another token", noon.Add(time.Hour)
	if again.Fingerprint() != base.Fingerprint() {
		t.Error("a repetition has another fingerprint")
	}
	for what, change := range map[string]func(*Creation){
		"kind": func(c *Creation) { c.Kind = ByToken }, "name": func(c *Creation) { c.Name = "bob" }, "role": func(c *Creation) { c.Role = Owner },
		"guilds": func(c *Creation) { c.Guilds = []string{"2"} }, "no end": func(c *Creation) { c.ExpiresAt = time.Time{} },
		"end": func(c *Creation) { c.ExpiresAt = noon.Add(time.Hour) },
	} {
		other := base
		change(&other)
		if other.Fingerprint() == base.Fingerprint() {
			t.Errorf("another %s has the same fingerprint", what)
		}
	}
}

func TestAddressesAreCountedAsCustomersHaveThem(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"2001:db8::1", "2001:db8::ffff:2", true},
		{"2001:db8::1", "2001:db8:0:1::1", false},
		{"192.0.2.1", "192.0.2.2", false},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"not an address", "nor this", false},
	} {
		if got := AddressKey(c.a) == AddressKey(c.b); got != c.same {
			t.Errorf("%s and %s: the same %v", c.a, c.b, got)
		}
	}
	if NameKey("Ada") != NameKey("aDA") || NameKey("ada") == AddressKey("ada") {
		t.Error("names are counted by their letters, apart from addresses")
	}
}
