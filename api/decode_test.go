package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"coffer/api"
	"coffer/internal/problem"
)

// form is a body of all kinds of fields.
type form struct {
	Name   string     `json:"name"`
	Count  int64      `json:"count"`
	On     bool       `json:"on"`
	Tags   []string   `json:"tags"`
	Note   *string    `json:"note"`
	Until  *time.Time `json:"until"`
	Plain  bool       `json:"plain,omitzero"`
	Member api.ID     `json:"member,omitzero"`
	Deep   struct {
		Inner int `json:"inner"`
	} `json:"deep,omitzero"`
	Stock *struct {
		Limited bool  `json:"limited"`
		Left    int64 `json:"left"`
		From    *int  `json:"from"`
	} `json:"stock"`
}

const whole = `{"name":"x","count":1,"on":true,"tags":["a"]}`

func body(kind, text string) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(text))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return r
}

func TestBodiesAreReadStrictly(t *testing.T) {
	const kind = "application/json"
	tests := map[string]struct {
		kind, text string
		code       string // of the problem; "": it is read
		fields     string // "name:code" of those that are wrong
	}{
		"whole":                  {kind, whole, "", ""},
		"with a charset":         {"Application/JSON; charset=UTF-8", whole, "", ""},
		"all of it":              {kind, `{"name":"x","count":-1,"on":false,"tags":[],"note":"n","until":"2026-11-27T12:00:00Z","plain":true,"member":"7","deep":{"inner":1},"stock":{"limited":true,"left":0}}`, "", ""},
		"null for what may be":   {kind, `{"name":"x","count":1,"on":true,"tags":[],"note":null}`, "", ""},
		"space around":           {kind, " \n" + whole + "\t\n", "", ""},
		"no type":                {"", whole, "content_type", ""},
		"a form":                 {"application/x-www-form-urlencoded", whole, "content_type", ""},
		"text":                   {"text/plain", whole, "content_type", ""},
		"another charset":        {"application/json; charset=latin1", whole, "content_type", ""},
		"JSON of another kind":   {"application/merge-patch+json", whole, "content_type", ""},
		"nothing":                {kind, "", "bad_json", ""},
		"null":                   {kind, "null", "bad_json", ""},
		"a list":                 {kind, "[]", "bad_json", ""},
		"a number":               {kind, "7", "bad_json", ""},
		"cut":                    {kind, whole[:20], "bad_json", ""},
		"two":                    {kind, whole + whole, "bad_json", ""},
		"trailing data":          {kind, whole + "x", "bad_json", ""},
		"a comma too many":       {kind, `{"name":"x",}`, "bad_json", ""},
		"a comment":              {kind, `{/* */"name":"x"}`, "bad_json", ""},
		"a name twice":           {kind, `{"name":"x","name":"y","count":1,"on":true,"tags":[]}`, "bad_json", ""},
		"a name twice, escaped":  {kind, `{"name":"x","n\u0061me":"y","count":1,"on":true,"tags":[]}`, "bad_json", ""},
		"a name twice, deep":     {kind, `{"name":"x","count":1,"on":true,"tags":[],"deep":{"inner":1,"inner":2}}`, "bad_json", ""},
		"not UTF-8":              {kind, "{\"name\":\"\xff\",\"count\":1,\"on\":true,\"tags\":[]}", "bad_json", ""},
		"half a surrogate":       {kind, `{"name":"\ud800","count":1,"on":true,"tags":[]}`, "bad_json", ""},
		"unknown":                {kind, `{"name":"x","count":1,"on":true,"tags":[],"naam":1}`, "fields", "naam:unknown"},
		"of another case":        {kind, `{"Name":"x","count":1,"on":true,"tags":[]}`, "fields", "Name:unknown name:required"},
		"missing":                {kind, `{}`, "fields", "count:required name:required on:required tags:required"},
		"null for what must be":  {kind, `{"name":null,"count":null,"on":null,"tags":null}`, "fields", "count:type name:type on:type tags:type"},
		"other types":            {kind, `{"name":1,"count":"1","on":1,"tags":"a","note":1,"until":"soon"}`, "fields", "count:type name:type note:type on:type tags:type until:type"},
		"a fraction":             {kind, `{"name":"x","count":1.5,"on":true,"tags":[]}`, "fields", "count:type"},
		"an exponent":            {kind, `{"name":"x","count":1e3,"on":true,"tags":[]}`, "fields", "count:type"},
		"too large a number":     {kind, `{"name":"x","count":9223372036854775808,"on":true,"tags":[]}`, "fields", "count:type"},
		"an element's type":      {kind, `{"name":"x","count":1,"on":true,"tags":["a",2]}`, "fields", "tags/1:type"},
		"unknown, deep":          {kind, `{"name":"x","count":1,"on":true,"tags":[],"deep":{"outer":1}}`, "fields", "deep/inner:required deep/outer:unknown"},
		"missing, deep":          {kind, `{"name":"x","count":1,"on":true,"tags":[],"deep":{},"stock":{"limited":true}}`, "fields", "deep/inner:required stock/left:required"},
		"null, deep":             {kind, `{"name":"x","count":1,"on":true,"tags":[],"deep":{"inner":null},"stock":{"limited":null,"left":null,"from":null}}`, "fields", "deep/inner:type stock/left:type stock/limited:type"},
		"null for an object":     {kind, `{"name":"x","count":1,"on":true,"tags":[],"deep":null,"stock":null}`, "fields", "deep:type"},
		"no object":              {kind, `{"name":"x","count":1,"on":true,"tags":[],"deep":[],"stock":"x"}`, "fields", "deep:type stock:type"},
		"other types, deep":      {kind, `{"name":"x","count":1,"on":true,"tags":[],"deep":{"inner":"1"},"stock":{"limited":1,"left":1.5,"Left":1}}`, "fields", "deep/inner:type stock/Left:unknown stock/left:type stock/limited:type"},
		"an id as a number":      {kind, `{"name":"x","count":1,"on":true,"tags":[],"member":7}`, "fields", "member:type"},
		"an id with a zero":      {kind, `{"name":"x","count":1,"on":true,"tags":[],"member":"07"}`, "fields", "member:type"},
		"too large":              {kind, `{"name":"` + strings.Repeat("x", 256<<10) + `"}`, "too_large", ""},
		"very deep":              {kind, `{"name":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, "bad_json", ""},
		"a prototype":            {kind, `{"name":"x","count":1,"on":true,"tags":[],"__proto__":{}}`, "fields", "__proto__:unknown"},
		"an unknown of any size": {kind, `{"name":"x","count":1,"on":true,"tags":[],"` + strings.Repeat("y", 500) + `":1}`, "fields", strings.Repeat("y", 64) + "…:unknown"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := api.Decode[form](httptest.NewRecorder(), body(tt.kind, tt.text))
			code, fields := "", []string{}
			if err != nil {
				p := problem.Of(err)
				code = p.Code
				for _, f := range p.Fields {
					fields = append(fields, f.Field+":"+f.Code)
				}
			}
			if code != tt.code || strings.Join(fields, " ") != tt.fields {
				t.Errorf("got %q %q (%v), want %q %q", code, strings.Join(fields, " "), err, tt.code, tt.fields)
			}
			if err == nil && strings.Contains(tt.text, "stock") && (got.Deep.Inner != 1 || got.Stock == nil || !got.Stock.Limited || got.Stock.From != nil) {
				t.Errorf("read %+v", got)
			}
			if err == nil && (got.Name != "x" || got.Tags == nil) {
				t.Errorf("read %+v", got)
			}
		})
	}
}

func TestABodyThatIsPackedIsRefused(t *testing.T) {
	r := body("application/json", whole)
	r.Header.Set("Content-Encoding", "gzip")
	if _, err := api.Decode[form](httptest.NewRecorder(), r); problem.Of(err).Code != "content_type" {
		t.Errorf("error %v", err)
	}
}

// FuzzDecode: whatever is sent is read whole or refused as somebody's mistake, and
// what is read was there.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{whole, "{}", "", "null", `{"name":null}`, `{"tags":[1]}`, `{"deep":{"inner":{}}}`, `{"stock":{"left":null}}`, `{"member":"0"}`, "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := api.Decode[form](httptest.NewRecorder(), body("application/json", text))
		if err != nil {
			if p := problem.Of(err); p.Kind != problem.Invalid {
				t.Errorf("%q: %v is nobody's mistake", text, err)
			}
			return
		}
		for _, name := range []string{`name`, `count`, `on`, `tags`} {
			if !strings.Contains(text, name) && !strings.Contains(text, `\u`) {
				t.Errorf("%q was read as %+v", text, got)
			}
		}
	})
}
