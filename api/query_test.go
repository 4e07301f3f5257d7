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

// Where a client's value is one that a store cannot be told, it is refused before, so
// that both stores answer the same.
func TestNoStoreIsAskedWhatItCannotBeTold(t *testing.T) {
	const most, least = int64(1<<63 - 1), int64(-1 << 63)
	cursor := func(list string, key ...any) string { return "?cursor=" + api.SealCursor(list, key...) }
	reads := map[string]struct {
		path   string
		status int
		code   string
	}{
		"behind the last year, in UTC":     {here + "/trail?until=9999-12-31T23:59:59-23:00", 400, "query"},
		"from behind it":                   {here + "/trail?from=9999-12-31T23:59:59-23:00", 400, "query"},
		"before the first year, in UTC":    {here + "/trail?from=2000-01-01T00:00:00%2B01:00", 400, "query"},
		"rounded up to it":                 {here + "/trail?until=9999-12-31T23:59:59.9999999Z", 400, "query"},
		"the last time":                    {here + "/trail?until=9999-12-31T23:59:59.999999Z", 200, ""},
		"transactions behind it":           {here + "/transactions?until=9999-12-31T23:59:59-23:00", 400, "query"},
		"transactions rounded up to it":    {here + "/transactions?until=9999-12-31T23:59:59.9999999Z", 400, "query"},
		"the last time of transactions":    {here + "/transactions?from=9999-12-31T23:59:59.999999Z", 200, ""},
		"a trail behind the last time":     {here + "/trail" + cursor("trail", most, most), 400, "bad_cursor"},
		"a trail before the first":         {here + "/trail" + cursor("trail", least, least), 400, "bad_cursor"},
		"transactions behind the last":     {here + "/transactions" + cursor("transactions", most, most), 400, "bad_cursor"},
		"transactions before the first":    {here + "/transactions" + cursor("transactions", least, least), 400, "bad_cursor"},
		"a guild that is a zero byte":      {"/api/guilds/%00/settings", 404, "unknown_guild"},
		"one that is no text":              {"/api/guilds/%ff/settings", 404, "unknown_guild"},
		"one with a zero byte":             {here + "%00/settings", 404, "unknown_guild"},
		"one that is no number":            {"/api/guilds/" + strings.Repeat("x", 5000) + "/settings", 404, "unknown_guild"},
		"guilds behind what is no number":  {"/api/guilds" + cursor("guilds", "x\u2028\U0010ffff"), 200, ""},
		"a search with a zero byte":        {here + "/members?search=%00", 400, "query"},
		"a task's search with a zero byte": {here + "/tasks?search=%00", 400, "query"},
		"an item's search":                 {here + "/items?search=%00", 400, "query"},
		"a search of what is no text":      {here + "/members?search=%ff", 400, "query"},
		"a kind with a zero byte":          {here + "/trail?kind=%00.", 400, "query"},
		"a subject with a zero byte":       {here + "/trail?subject=transaction:%00", 400, "query"},
		"a subject of too large a number":  {here + "/trail?subject=transaction:9223372036854775808", 200, ""},
		"members behind the most":          {here + "/members" + cursor("members by -balance", most, "x", most), 200, ""},
		"members behind the least":         {here + "/members" + cursor("members by -balance", least, "", least), 200, ""},
		"members behind a name":            {here + "/members?sort=name&cursor=" + api.SealCursor("members by name", most, "\U0010ffff", most), 200, ""},
		"tasks behind the least":           {here + "/tasks" + cursor("tasks", least), 200, ""},
		"items behind the most":            {here + "/items" + cursor("items", most), 200, ""},
		"submissions behind the most":      {here + "/submissions" + cursor("submissions", most), 200, ""},
		"purchases behind the least":       {here + "/purchases" + cursor("purchases", least), 200, ""},
		"deliveries behind the least":      {here + "/deliveries" + cursor("deliveries", least), 200, ""},
		"the largest id":                   {here + "/members/9223372036854775807", 404, "unknown_member"},
		"a larger one":                     {here + "/members/9223372036854775808", 400, "bad_id"},
		"one with a zero byte in the path": {here + "/tasks/1%00", 400, "bad_id"},
	}
	writes := map[string]struct{ method, path, body, code string }{
		"a title":             {"POST", here + "/tasks", `{"title":"a\u0000b","reward":1,"proof":"none","review":"person","repeat":"once","tries":1}`, "task"},
		"a proof":             {"POST", here + "/tasks", `{"title":"a","reward":1,"proof":"\u0000","review":"person","repeat":"once","tries":1}`, "task"},
		"a deadline":          {"POST", here + "/tasks", `{"title":"a","reward":1,"proof":"none","review":"person","repeat":"once","tries":1,"deadline":"9999-12-31T23:59:59-23:00"}`, "task"},
		"an ancient deadline": {"POST", here + "/tasks", `{"title":"a","reward":1,"proof":"none","review":"person","repeat":"once","tries":1,"deadline":"0000-01-01T00:00:00+23:00"}`, "task"},
		"a required role":     {"POST", here + "/tasks", `{"title":"a","reward":1,"proof":"none","review":"person","repeat":"once","tries":1,"required_role":"1\u0000"}`, "task"},
		"a state":             {"PUT", here + "/tasks/1/state", `{"state":"\u0000"}`, "fields"},
		"a name":              {"POST", here + "/items", `{"name":"a\u0000b","price":1}`, "item"},
		"a description":       {"POST", here + "/items", `{"name":"a","price":1,"description":"\u0000"}`, "item"},
		"a beginning":         {"POST", here + "/items", `{"name":"a","price":1,"from":"0000-01-01T00:00:00+23:00"}`, "item"},
		"an end":              {"POST", here + "/items", `{"name":"a","price":1,"until":"9999-12-31T23:59:59-23:00"}`, "item"},
		"a kind":              {"POST", here + "/members/1/adjustments", `{"kind":"\u0000","amount":1}`, "fields"},
		"a reason":            {"POST", here + "/members/1/adjustments", `{"kind":"give","amount":1,"reason":"\u0000"}`, "note"},
		"of a list":           {"POST", here + "/adjustments", `{"members":["1"],"kind":"give","amount":1,"reason":"\u0000"}`, "note"},
		"of a reversal":       {"POST", here + "/transactions/1/reversal", `{"reason":"\u0000"}`, "note"},
		"of a refund":         {"POST", here + "/purchases/1/refund", `{"reason":"\u0000"}`, "note"},
		"of a rejection":      {"POST", here + "/submissions/1/review", `{"approve":false,"reason":"\u0000"}`, "reason"},
		"of many":             {"POST", here + "/reviews", `{"submissions":["1"],"approve":false,"reason":"\u0000"}`, "reason"},
		"a setting":           {"PUT", here + "/settings", `{"currency_name":"\u0000"}`, "fields"},
		"an account":          {"POST", "/api/admins", `{"username":"a\u0000b","password":"password of a","role":"viewer","guilds":[]}`, "user_name"},
		"an account's server": {"POST", "/api/admins", `{"username":"ab","password":"password of a","role":"viewer","guilds":["\u0000"]}`, "guilds"},
		"a token":             {"POST", "/api/tokens", `{"name":"a\u0000b","role":"viewer","guilds":[],"expires_at":null}`, "token_name"},
		"a token's end":       {"POST", "/api/tokens", `{"name":"ab","role":"viewer","guilds":["100200300400500600"],"expires_at":"9999-12-31T23:59:59-23:00"}`, "expiry"},
		"who signs in":        {"POST", "/api/auth/login", `{"username":"owner\u0000","password":"password of owner"}`, "login"},
	}
	everywhere(t, func(t *testing.T, w *world) {
		for name, tt := range reads {
			t.Run(name, func(t *testing.T) {
				r := w.get("owner", tt.path)
				if r.t = t; tt.code == "" {
					r.want(tt.status, nil)
				} else {
					r.refused(tt.status, tt.code)
				}
			})
		}
		for name, tt := range writes {
			t.Run(name, func(t *testing.T) {
				r := w.send(request{method: tt.method, path: tt.path, as: "owner", body: tt.body, header: map[string]string{"Idempotency-Key": name, "If-Match": `"1"`}})
				var p problemJSON
				if r.t = t; r.status >= 500 {
					t.Errorf("%d %s", r.status, r.body)
				} else if r.want(r.status, &p); p.Code != tt.code {
					t.Errorf("%d %q, want %q: %s", r.status, p.Code, tt.code, r.body)
				}
			})
		}
	})
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
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t'=1", "\r=1": "'\r'=1", "\n=1": "'\n'=1",
		" =1": "' =1", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "\u00a0=1": "'\u00a0=1", "\ufeff=1": "'\ufeff=1", `"=1`: `'"=1`, "|x": "'|x", "%0A": "'%0A",
		"\u2003=1": "'\u2003=1", "\u200b=1": "'\u200b=1", "\v=1": "'\v=1", "\u00ad\u2028 +1": "'\u00ad\u2028 +1", "\x00@x": "'\x00@x",
		"Bob;=1+1": "Bob;'=1+1", "Bob, @x": "Bob, @x", "Bob\t+1": "Bob\t'+1", "Bob\n-1": "Bob\n'-1", "Bob\r＝1": "Bob\r'＝1", "a; \ufeff=1;-2": "a;' \ufeff=1;'-2",
		`a;"=1`: `a;'"=1`, "a;'=1": "a;''=1", "=1;=1": "'=1;'=1", "\r\n=1": "'\r'\n'=1", "a; b, c;": "a; b, c;", ";;x": ";;x", "a;b=1": "a;b=1", "\xff=": "\xff=",
	} {
		if got := api.Neutral(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
