package discord_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"coffer/internal/discord"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	app   = "123456789012345678"
	token = "aW50ZXJhY3Rpb24.secret/token"
	bot   = "bot.secret.token"
)

// answer is what the fake Discord says to one call.
type answer struct {
	status int
	header map[string]string
	body   string
	cut    bool // drop the connection instead
}

// fake is a Discord that says what it is told, and then 200 with an id.
type fake struct {
	*httptest.Server
	mu    sync.Mutex
	next  []answer
	calls []string // method, escaped path with query, authorization, user agent, body
	heads []http.Header
}

func newFake(t *testing.T, answers ...answer) (*fake, *discord.Client) {
	t.Helper()
	f := &fake{next: answers}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	c := discord.New(discord.Config{BaseURL: f.URL, Token: bot, ApplicationID: app, Version: "1.2.3",
		Homepage: "https://coffer.example", Backoff: time.Millisecond, Timeout: 10 * time.Second})
	t.Cleanup(func() { c.Close(); f.Close() })
	return f, c
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.heads = append(f.heads, r.Header)
	f.calls = append(f.calls, strings.Join([]string{r.Method, r.URL.EscapedPath() + "?" + r.URL.RawQuery,
		r.Header.Get("Authorization"), r.UserAgent(), string(body)}, "\n"))
	a := answer{status: 200, body: `{"id":"1"}`}
	if len(f.next) > 0 {
		a, f.next = f.next[0], f.next[1:]
	}
	f.mu.Unlock()
	if a.cut {
		panic(http.ErrAbortHandler)
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}

func edit(ctx context.Context, c *discord.Client) error {
	return c.EditOriginal(ctx, app, token, []byte(`{"content":"hi"}`))
}

func followUp(ctx context.Context, c *discord.Client) error {
	return c.FollowUp(ctx, app, token, []byte(`{"content":"hi"}`))
}

func TestCallsLookAsDiscordWantsThem(t *testing.T) {
	f, c := newFake(t)
	if err := edit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := followUp(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	const rest = "?\n\nDiscordBot (https://coffer.example, 1.2.3)\n" + `{"content":"hi"}`
	path := "/api/v10/webhooks/" + app + "/aW50ZXJhY3Rpb24.secret%2Ftoken"
	for i, want := range []string{"PATCH\n" + path + "/messages/@original" + rest, "POST\n" + path + rest} {
		if f.calls[i] != want {
			t.Errorf("call %d:\ngot  %q\nwant %q", i, f.calls[i], want)
		}
	}
}

func TestFaultsByCall(t *testing.T) {
	limited := answer{status: 429, body: `{"message":"slow down","retry_after":0.001,"global":false}`}
	down := answer{status: 503, body: "<html>"}
	tests := map[string]struct {
		answers []answer
		call    func(context.Context, *discord.Client) error
		calls   int
		want    *discord.Error // nil: success
	}{
		"an edit survives rate limits":            {[]answer{limited, limited}, edit, 3, nil},
		"a follow-up survives rate limits":        {[]answer{limited, limited}, followUp, 3, nil},
		"an edit survives failures":               {[]answer{down, {cut: true}, {status: 502}}, edit, 4, nil},
		"an edit gives up at the fourth":          {[]answer{down, down, down, down, down}, edit, 4, &discord.Error{Status: 503, Message: "Service Unavailable"}},
		"a follow-up is not sent twice after 5xx": {[]answer{down}, followUp, 1, &discord.Error{Status: 503, Message: "Service Unavailable"}},
		"a follow-up is not sent twice after a cut": {[]answer{{cut: true}}, followUp, 1,
			&discord.Error{Message: "EOF"}},
		"a refusal is final": {[]answer{{status: 400, body: `{"code":50035,"message":"Invalid Form Body","errors":{"content":{}}}`}}, edit, 1,
			&discord.Error{Status: 400, Code: 50035, Message: `Invalid Form Body {"content":{}}`}},
		"an unknown webhook is the caller's": {[]answer{{status: 404, body: `{"code":10015,"message":"Unknown Webhook"}`}}, edit, 1,
			&discord.Error{Status: 404, Code: 10015, Message: "Unknown Webhook"}},
		"a redirect is not followed": {[]answer{{status: 307, header: map[string]string{"Location": "/elsewhere"}}}, edit, 1,
			&discord.Error{Status: 307, Message: "Temporary Redirect"}},
		"a limit too long to wait for": {[]answer{{status: 429, body: `{"message":"tomorrow","retry_after":86400}`}}, edit, 1,
			&discord.Error{Status: 429, Message: "tomorrow", RetryAfter: 24 * time.Hour}},
		"an endless answer": {[]answer{{status: 200, body: strings.Repeat("x", 5<<20)}}, edit, 1,
			&discord.Error{Status: 200, Message: "the answer is larger than 4194304 bytes"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, c := newFake(t, tt.answers...)
			err := tt.call(t.Context(), c)
			var got *discord.Error
			if (err != nil) != (tt.want != nil) || err != nil && !errors.As(err, &got) {
				t.Fatalf("error = %v, want %v", err, tt.want)
			}
			if tt.want != nil && (got.Status != tt.want.Status || got.Code != tt.want.Code ||
				got.Message != tt.want.Message || got.RetryAfter != tt.want.RetryAfter) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
			if f.count() != tt.calls {
				t.Errorf("%d calls, want %d", f.count(), tt.calls)
			}
		})
	}
}

func TestAnUnreachableHostIsTriedAgainEvenByPOST(t *testing.T) {
	f, c := newFake(t)
	f.Close()
	var got *discord.Error
	if err := followUp(t.Context(), c); !errors.As(err, &got) || got.Status != 0 || !got.Temporary() {
		t.Errorf("error = %v, want a temporary one without status", err)
	}
}

func TestTemporary(t *testing.T) {
	tests := map[discord.Error]bool{
		{Status: 0}:                true,
		{Status: 429}:              true,
		{Status: 500}:              true,
		{Status: 404, Code: 10015}: true,
		{Status: 404, Code: 10008}: true,
		{Status: 404, Code: 10003}: false,
		{Status: 404}:              false,
		{Status: 403, Code: 50001}: false,
		{Status: 401}:              false,
		{Status: 400, Code: 50035}: false,
	}
	for e, want := range tests {
		if got := e.Temporary(); got != want {
			t.Errorf("%+v: temporary = %v, want %v", e, got, want)
		}
	}
}

func TestNoErrorNamesAToken(t *testing.T) {
	escaped := strings.ReplaceAll(token, "/", "%2F")
	for name, a := range map[string]answer{
		"a server that echoes": {status: 400, body: fmt.Sprintf(`{"code":1,"message":"bad %s or %s or %s"}`, token, escaped, bot)},
		"no HTTP at all":       {status: 200, header: map[string]string{"Content-Length": "9"}},
		"a cut connection":     {cut: true},
	} {
		t.Run(name, func(t *testing.T) {
			_, c := newFake(t, a, a, a, a, a, a, a, a)
			errs := []error{edit(t.Context(), c), followUp(t.Context(), c)}
			_, err := c.Registrar().Commands(t.Context(), "")
			errs = append(errs, err)
			for i, err := range errs {
				if err == nil {
					t.Fatalf("call %d: no error", i)
				}
				for e := err; e != nil; e = errors.Unwrap(e) {
					text := fmt.Sprintf("%v %+v %#v", e, e, e)
					if i < 2 && (strings.Contains(text, "secret/token") || strings.Contains(text, "secret%2Ftoken")) ||
						i == 2 && strings.Contains(text, bot) {
						t.Errorf("call %d: the error names the token: %s", i, text)
					}
				}
			}
		})
	}
}
