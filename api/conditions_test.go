package api_test

import (
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/julienschmidt/httprouter"

	"coffer/api"
	"coffer/internal/economy"
	"coffer/internal/problem"
)

func TestAWriteIsKnownByItsKey(t *testing.T) {
	for name, tt := range map[string]struct {
		keys []string
		want string // "": refused
	}{
		"a key":            {[]string{"4f9a"}, "0:4f9a"},
		"of all letters":   {[]string{"a b~!:"}, "0:a b~!:"},
		"as long as it is": {[]string{strings.Repeat("k", 100)}, "0:" + strings.Repeat("k", 100)},
		"none":             {nil, ""},
		"empty":            {[]string{""}, ""},
		"too long":         {[]string{strings.Repeat("k", 101)}, ""},
		"two":              {[]string{"a", "b"}, ""},
		"not ASCII":        {[]string{"ä"}, ""},
		"a tab":            {[]string{"a\tb"}, ""},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header["Idempotency-Key"] = tt.keys
		r.Header.Set("If-Match", `"1"`)
		got, _, err := api.Guarded(r, theMorning)
		if tt.want == "" {
			if problem.Of(err).Code != "idempotency_key" {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || got.Key != tt.want || got.Source != economy.FromAPI || !got.At.Equal(theMorning) {
			t.Errorf("%s: %+v, %v, want the key %q", name, got, err, tt.want)
		}
	}
}

func TestAVersionIsAskedForByItsETag(t *testing.T) {
	for name, tt := range map[string]struct {
		tags []string
		want int64
		code string
	}{
		"an ETag":       {[]string{`"7"`}, 7, ""},
		"the first":     {[]string{`"0"`}, 0, ""},
		"none":          {nil, 0, "no_precondition"},
		"anything":      {[]string{"*"}, api.NoVersion, ""},
		"a weak one":    {[]string{`W/"7"`}, api.NoVersion, ""},
		"a list":        {[]string{`"7", "8"`}, api.NoVersion, ""},
		"two headers":   {[]string{`"7"`, `"7"`}, api.NoVersion, ""},
		"without marks": {[]string{"7"}, api.NoVersion, ""},
		"a sign":        {[]string{`"+7"`}, api.NoVersion, ""},
		"below":         {[]string{`"-1"`}, api.NoVersion, ""},
		"a text":        {[]string{`"x"`}, api.NoVersion, ""},
		"half a mark":   {[]string{`"`}, api.NoVersion, ""},
		"the last":      {[]string{`"2147483647"`}, 1<<31 - 1, ""},
		"a larger one":  {[]string{`"2147483648"`}, api.NoVersion, ""},
	} {
		r := httptest.NewRequest("PUT", "/", nil)
		r.Header.Set("Idempotency-Key", "k")
		r.Header["If-Match"] = tt.tags
		_, got, err := api.Guarded(r, theMorning)
		code := ""
		if err != nil {
			code = problem.Of(err).Code
		}
		if got != tt.want || code != tt.code {
			t.Errorf("%s: %d %q, want %d %q", name, got, code, tt.want, tt.code)
		}
	}
}

// TestAStaleWriteIsToldWhatIsNow also holds that an ETag does not stay on a refusal.
func TestAStaleWriteIsToldWhatIsNow(t *testing.T) {
	router := httprouter.New()
	if err := plain().RegisterRoutes(router, []api.Route{{Operation: "x", Method: "PUT", Path: "/api/x", Access: api.Public,
		Handler: func(w http.ResponseWriter, _ *http.Request) error {
			return api.Changed(w, 8, map[string]int{"price": 5}, map[string]string{"name": "Ada"}, theMorning)
		}}}); err != nil {
		t.Fatal(err)
	}
	w, _, _ := ask(t, router, "PUT", "/api/x")
	var got struct {
		Code    string
		Current map[string]int
		By      map[string]string `json:"changed_by"`
		At      time.Time         `json:"changed_at"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if w.Code != 412 || got.Code != "changed" || got.Current["price"] != 5 || got.By["name"] != "Ada" || !got.At.Equal(theMorning) {
		t.Errorf("%d %+v", w.Code, got)
	}
	if w.Header().Get("ETag") != "" {
		t.Errorf("ETag = %q", w.Header().Get("ETag"))
	}
}

// rows yields them, and then an error if there is one.
func rows(err error, all ...[]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, row := range all {
			if !yield(row, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func TestATableIsSentRowByRow(t *testing.T) {
	broken := errors.New("the store has gone")
	send := func(all iter.Seq2[[]any, error]) (w *httptest.ResponseRecorder, err error, cut bool) {
		w = httptest.NewRecorder()
		defer func() { cut = recover() == http.ErrAbortHandler }() //nolint:errorlint // net/http compares by identity too
		err = api.WriteCSV(w, httptest.NewRequest("GET", "/", nil), "members", []string{"id", "name", "balance", "at"}, all)
		return w, err, false
	}
	w, err, _ := send(rows(nil, []any{int64(7), `=HYPERLINK("x"),`, economy.Amount(-5), theMorning}, []any{8, "Zoë", economy.Amount(0), time.Time{}}, []any{9, nil, economy.Amount(1), theMorning}))
	const want = "id,name,balance,at\n7,\"'=HYPERLINK(\"\"x\"\"),\",-5,2026-11-27T09:00:00Z\n8,Zoë,0,\n9,,1,2026-11-27T09:00:00Z\n"
	if err != nil || w.Body.String() != want || w.Header().Get("Content-Disposition") != `attachment; filename="members.csv"` {
		t.Errorf("got %v\n%q\nwant\n%q", err, w.Body, want)
	}
	if w, err, _ := send(rows(nil)); err != nil || w.Body.String() != "id,name,balance,at\n" {
		t.Errorf("a table of nothing: %v %q", err, w.Body)
	}
	if w, err, _ := send(rows(broken)); !errors.Is(err, broken) || w.Body.Len() > 0 || w.Header().Get("Content-Type") != "" {
		t.Errorf("an error before the first row: %v %q", err, w.Body)
	}
	if _, _, cut := send(rows(broken, []any{7, "Ada", economy.Amount(1), theMorning})); !cut {
		t.Error("half a table looks like one")
	}
}

// impatient is a client's end of a connection that has a deadline.
type impatient struct {
	*httptest.ResponseRecorder
	until time.Time
	stuck bool // he does not read
}

func (c *impatient) SetWriteDeadline(t time.Time) error {
	c.until = t
	return nil
}

func (c *impatient) Write(p []byte) (int, error) {
	if c.stuck {
		time.Sleep(time.Until(c.until))
	}
	if !time.Now().Before(c.until) {
		return 0, os.ErrDeadlineExceeded
	}
	return c.ResponseRecorder.Write(p)
}

func TestOnlyWhoDoesNotReadATableIsCutOff(t *testing.T) {
	for name, tt := range map[string]struct {
		rows  int
		stuck bool
		err   error // at the end
	}{
		"nothing, after long":    {0, false, nil},
		"one row":                {1, false, nil},
		"many":                   {3000, false, nil},
		"an error, after long":   {0, false, problem.ErrUnavailable},
		"who does not read":      {3000, true, nil},
		"who does not read much": {1, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &impatient{httptest.NewRecorder(), time.Now().Add(30 * time.Second), tt.stuck}
				begun, cut := time.Now(), true
				func() {
					defer func() { _ = recover() }()
					err := api.WriteCSV(c, httptest.NewRequest("GET", "/", nil), "x", []string{"id"}, func(yield func([]any, error) bool) {
						for i := range tt.rows {
							if i%100 == 0 && !tt.stuck {
								time.Sleep(time.Minute)
							}
							if !yield([]any{i}, nil) {
								return
							}
						}
						if time.Sleep(time.Minute); tt.err != nil {
							yield(nil, tt.err)
						}
					})
					if cut = false; err != nil {
						api.Problem(c, httptest.NewRequest("GET", "/", nil), err)
					}
				}()
				switch lines := strings.Count(c.Body.String(), "\n"); {
				case cut != tt.stuck:
					t.Errorf("cut off: %v, after %d lines", cut, lines)
				case tt.err != nil && (c.Code != http.StatusServiceUnavailable || c.Body.Len() == 0):
					t.Errorf("%d %s", c.Code, c.Body)
				case tt.err == nil && !tt.stuck && lines != tt.rows+1:
					t.Errorf("%d lines of %d rows", lines, tt.rows)
				case tt.stuck && time.Since(begun) > 2*time.Minute:
					t.Errorf("it was waited for %v", time.Since(begun))
				}
			})
		})
	}
}

func TestATableIsAskedFor(t *testing.T) {
	for accept, want := range map[string]bool{
		"": false, "*/*": false, "application/json": false, "text/csv": true, "Text/CSV; header=present": true, "application/json, text/csv": false,
		"text/csv, application/json": true, "text/csv;q=0": false, "text/html,text/csv;q=0.5": true, "text/*": false, "rubbish;;": false,
		"text/csv;q=0.000": false, "text/csv; q=0.1, application/json": false, "application/json;q=0.5, text/csv": true, "text/html, */*;q=0.8, text/csv;q=0.9": true,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", accept)
		if got := api.WantsCSV(r); got != want {
			t.Errorf("%q: %v, want %v", accept, got, want)
		}
	}
}
