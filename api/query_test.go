package api_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"coffer/api"
)

func TestParametersAreReadStrictly(t *testing.T) {
	w := newWorld(t)
	cursor := api.SealCursor("accounts", int64(1))
	raw := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	tests := map[string]struct {
		query  string
		code   string
		fields string
	}{
		"none":                  {"", "", ""},
		"limits":                {"limit=1", "", ""},
		"the most":              {"limit=100", "", ""},
		"a cursor":              {"cursor=" + cursor, "", ""},
		"unknown":               {"page=2", "query", "page:unknown"},
		"of another case":       {"Limit=2", "query", "Limit:unknown"},
		"several":               {"page=2&limit=5&limit=6&x", "query", "limit:repeated page:unknown x:unknown"},
		"too few":               {"limit=0", "query", "limit:range"},
		"too many":              {"limit=101", "query", "limit:range"},
		"no number":             {"limit=all", "query", "limit:range"},
		"empty":                 {"limit=", "query", "limit:range"},
		"half an escape":        {"limit=%zz", "query", ""},
		"a semicolon":           {"limit=1;cursor=2", "query", ""},
		"an empty cursor":       {"cursor=", "bad_cursor", ""},
		"rubbish":               {"cursor=!!", "bad_cursor", ""},
		"of another list":       {"cursor=" + api.SealCursor("tokens", int64(1)), "bad_cursor", ""},
		"of another version":    {"cursor=" + raw(`["2","accounts","1"]`), "bad_cursor", ""},
		"of too few parts":      {"cursor=" + raw(`["1","accounts"]`), "bad_cursor", ""},
		"of too many parts":     {"cursor=" + raw(`["1","accounts","1","2"]`), "bad_cursor", ""},
		"of a text":             {"cursor=" + raw(`["1","accounts","x"]`), "bad_cursor", ""},
		"of a number in JSON":   {"cursor=" + raw(`["1","accounts",1]`), "bad_cursor", ""},
		"of a strange number":   {"cursor=" + raw(`["1","accounts","+1"]`), "bad_cursor", ""},
		"of too large a number": {"cursor=" + raw(`["1","accounts","9223372036854775808"]`), "bad_cursor", ""},
		"of an object":          {"cursor=" + raw(`{"1":"accounts"}`), "bad_cursor", ""},
		"with trailing data":    {"cursor=" + raw(`["1","accounts","1"] x`), "bad_cursor", ""},
		"padded":                {"cursor=" + cursor + "=", "bad_cursor", ""},
		"very long":             {"cursor=" + strings.Repeat("A", 3000), "bad_cursor", ""},
		"not of this alphabet":  {"cursor=%2B" + cursor[1:], "bad_cursor", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := w.get("owner", "/api/admins?"+tt.query)
			if tt.code == "" {
				r.want(200, nil)
				return
			}
			p := r.refused(400, tt.code)
			var fields []string
			for _, f := range p.Fields {
				fields = append(fields, f.Field+":"+f.Code)
			}
			if got := strings.Join(fields, " "); got != tt.fields {
				t.Errorf("fields %q, want %q", got, tt.fields)
			}
		})
	}
}

func TestACursorKeepsItsKey(t *testing.T) {
	at := time.Date(2026, 11, 27, 12, 0, 0, 123456000, time.UTC)
	got := api.OpenCursor(api.SealCursor("members.-balance", int64(-5), "Zoë 🌊\"", at), "members.-balance", 3)
	if want := []string{"-5", "Zoë 🌊\"", "1795780800123456"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzCursor: a cursor is opened only if it is what sealing its key makes, or is JSON
// of the same; its parts have no zero bytes and are UTF-8.
func FuzzCursor(f *testing.F) {
	f.Add(api.SealCursor("list", "a", "b"), 2)
	f.Add(api.SealCursor("list", int64(7)), 1)
	f.Add("", 0)
	f.Add("WyIxIiwibGlzdCJd", 0)
	f.Fuzz(func(t *testing.T, cursor string, parts int) {
		key := api.OpenCursor(cursor, "list", parts)
		if key == nil {
			return
		}
		if len(key) != parts || strings.ContainsRune(strings.Join(key, ""), 0) {
			t.Errorf("%q has the key %q of %d parts", cursor, key, parts)
		}
		sealed := make([]any, len(key))
		for i, k := range key {
			sealed[i] = k
		}
		if again := api.OpenCursor(api.SealCursor("list", sealed...), "list", parts); !slices.Equal(again, key) {
			t.Errorf("%q has the key %q, and sealed again %q", cursor, key, again)
		}
	})
}

func TestFormulasAreNeutralised(t *testing.T) {
	for text, want := range map[string]string{
		"Ada": "Ada", "": "", "3-4": "3-4", "a=b": "a=b", "Zoë": "Zoë",
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1",
		" =1": "' =1", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "\u00a0=1": "'\u00a0=1", "\ufeff=1": "'\ufeff=1", `"=1`: `'"=1`, "|x": "'|x", "%0A": "'%0A",
	} {
		if got := api.Neutral(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
