package postgrest

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"coffer/internal/problem"
)

func TestFailuresSayWhatToDo(t *testing.T) {
	tests := map[string]struct {
		status  int
		code    string
		kind    problem.Kind
		cause   error  // to be found in the chain, or nil
		message string // to be found in the text
	}{
		"too many":            {429, "", problem.Unavailable, errBusy, "status 429"},
		"a crash":             {500, "XX000", problem.Unavailable, errBusy, "XX000"},
		"a gateway":           {502, "", problem.Unavailable, errBusy, ""},
		"a gateway's own":     {520, "", problem.Unavailable, errBusy, ""},
		"no cache":            {503, "PGRST002", problem.Unavailable, errBusy, "PGRST002: hm"},
		"paused":              {540, "", problem.Unavailable, ErrPaused, "resume it"},
		"no database":         {544, "", problem.Unavailable, errBusy, ""},
		"a time limit":        {500, "57014", problem.Unavailable, errBusy, ""},
		"a lock":              {400, "55P03", problem.Unavailable, errBusy, ""},
		"a conflict":          {400, "40001", problem.Unavailable, errBusy, ""},
		"a deadlock":          {400, "40P01", problem.Unavailable, errBusy, ""},
		"no memory":           {400, "53200", problem.Unavailable, errBusy, ""},
		"a shutdown":          {400, "57P01", problem.Unavailable, errBusy, ""},
		"a lost connection":   {400, "08006", problem.Unavailable, errBusy, ""},
		"no such function":    {404, "PGRST202", problem.Unavailable, ErrNotMigrated, "the function wallet: run coffer migrate"},
		"no such table":       {404, "PGRST205", problem.Unavailable, ErrNotMigrated, "what wallet needs: run coffer migrate"},
		"a table is gone":     {404, "42P01", problem.Unavailable, ErrNotMigrated, "42P01: hm"},
		"a bad key":           {401, "", problem.Unavailable, ErrKeyRefused, "check SUPABASE_KEY"},
		"a bad token":         {401, "PGRST301", problem.Unavailable, ErrKeyRefused, "check SUPABASE_KEY"},
		"a key of a role":     {403, "42501", problem.Unavailable, ErrKeyRefused, "is it the secret key?"},
		"a key of no role":    {401, "42501", problem.Unavailable, ErrKeyRefused, "is it the secret key?"},
		"a firewall":          {403, "", problem.Unavailable, ErrKeyRefused, ""},
		"another server":      {404, "", problem.Unavailable, ErrWrongAddress, "check SUPABASE_URL"},
		"another path":        {404, "PGRST125", problem.Unavailable, ErrWrongAddress, ""},
		"a check":             {400, "23514", problem.Internal, nil, "23514: hm"},
		"a second row":        {409, "23505", problem.Internal, nil, "23505: hm"},
		"an argument":         {400, "22P02", problem.Internal, nil, "22P02"},
		"an exception":        {400, "P0001", problem.Internal, nil, ""},
		"another of our own":  {418, "PT300", problem.Internal, nil, ""},
		"a method":            {405, "", problem.Internal, nil, ""},
		"our code, too long":  {400, "PT4091", problem.Internal, nil, ""},
		"our code, in letter": {400, "pt409", problem.Internal, nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := scripted(refuse(tt.status, tt.code, "hm"))
				err := c.call(t.Context(), "wallet", nil, nil)
				if got := problem.Of(err).Kind; got != tt.kind {
					t.Errorf("kind = %v, want %v: %v", got, tt.kind, err)
				}
				if tt.cause != nil && !errors.Is(err, tt.cause) || !strings.Contains(fmt.Sprint(err), tt.message) {
					t.Errorf("error %v, want %v and %q", err, tt.cause, tt.message)
				}
				if _, refused := refusal(err); refused {
					t.Error("taken for a refusal")
				}
			})
		})
	}
}

func TestRefusalsOfOurOwnArriveWhole(t *testing.T) {
	for _, status := range []int{400, 403, 404, 409, 422} {
		code := fmt.Sprintf("PT%d", status)
		c, s := scripted(answer(status, `{"code":"`+code+`","message":"insufficient_funds","details":"{\"balance\":3}","hint":"why"}`))
		for _, err := range []error{c.call(t.Context(), "transfer", nil, nil), c.once(t.Context(), "transfer", nil, nil)} {
			f, refused := refusal(err)
			if want := (failure{status, code, "insufficient_funds", `{"balance":3}`, "why", false}); !refused || *f != want {
				t.Errorf("%d: error %v, want %+v", status, err, want)
			}
		}
		if s.count() != 2 {
			t.Errorf("%d: %d requests, want 2", status, s.count())
		}
	}
}

func TestBodiesThatAreNotPostgRESTsAreHarmless(t *testing.T) {
	for _, body := range []string{
		"", "<html>", "null", "[]", `"x"`, `{"code":400,"message":{"a":1},"details":[1]}`, `{"code":null}`, `{"status":200}`, "\xff",
	} {
		c, _ := scripted(answer(400, body))
		var f *failure
		if err := c.call(t.Context(), "wallet", nil, nil); !errors.As(err, &f) || *f != (failure{Status: 400}) {
			t.Errorf("%q: error %v", body, err)
		}
	}
}

// TestErrorsTellNoSecrets plants one in the key, the arguments and the answers.
func TestErrorsTellNoSecrets(t *testing.T) {
	echo := func(req *http.Request) string {
		return "hunter2 " + req.Header.Get("Apikey") + " " + req.Header.Get("Authorization")
	}
	steps := map[string]step{
		"network": func(req *http.Request) (*http.Response, error) { return nil, io.EOF },
		"hang":    hang,
		"a page":  func(req *http.Request) (*http.Response, error) { return answer(200, echo(req))(req) },
		"a misfit": func(req *http.Request) (*http.Response, error) {
			return answer(200, `{"balance":"`+echo(req)+`"}`)(req)
		},
	}
	for _, status := range []int{301, 400, 401, 403, 404, 409, 418, 429, 500, 503, 540, 544} {
		for _, code := range []string{"", "PT409", "22P02", "23514", "42501", "PGRST100", "PGRST202", "42P01", "57014"} {
			steps[fmt.Sprint(status, " ", code)] = func(req *http.Request) (*http.Response, error) {
				key := req.Header.Get("Apikey")
				message := "no " + key
				if code == "22P02" || code == "PGRST100" { // they quote what was sent
					message = "no hunter2"
				}
				return answer(status, fmt.Sprintf(`{"code":%q,"message":%q,"details":"row hunter2 %s","hint":"hunter2"}`, code, message, key))(req)
			}
		}
	}
	for _, key := range []string{testKey, legacyKey} {
		for name, next := range steps {
			synctest.Test(t, func(t *testing.T) {
				c := connect(testBase, key, &script{steps: []step{next}})
				args := struct{ Note string }{"hunter2"}
				var result struct{ Balance int64 }
				for _, err := range []error{
					c.call(t.Context(), "wallet", args, &result),
					c.once(t.Context(), "wallet", args, &result),
					c.write(t.Context(), "wallet", args, &result),
				} {
					var log strings.Builder
					slog.New(slog.NewJSONHandler(&log, nil)).Error("x", slog.Any("error", err), slog.String("text", fmt.Sprintf("%+v", err)))
					if err == nil || strings.Contains(log.String(), "hunter2") || strings.Contains(log.String(), "eyJ") {
						t.Errorf("%s: %s", name, log.String())
					}
				}
			})
		}
	}
}

func TestNetworkErrorsTellNoSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := newClient("https://127.0.0.1:1", testKey)
		if err != nil {
			t.Fatal(err)
		}
		err = c.call(t.Context(), "notes", map[string]string{"note": "hunter2"}, nil)
		if !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error %v", err)
		}
	})
}

func TestLongMessagesAreClipped(t *testing.T) {
	f := newFailure(400, []byte(`{"message":"`+strings.Repeat("é", 5000)+`"}`), testKey)
	if s := f.Error(); len(s) > 250 || !utf8.ValidString(s) {
		t.Errorf("%d bytes: %q", len(s), s)
	}
}
