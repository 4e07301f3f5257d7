package discord_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"coffer/internal/discord"
	"coffer/internal/outbox"
)

var _ outbox.Discord = (*discord.Client)(nil)

func grant(ctx context.Context, c *discord.Client) error {
	return c.GrantRole(ctx, "1", "2", "3", "bought in the shop")
}

func take(ctx context.Context, c *discord.Client) error { return c.TakeRole(ctx, "1", "2", "3", "") }

func post(ctx context.Context, c *discord.Client) error {
	_, err := c.Post(ctx, "4", "d12", []byte(`{"content":"<b>hi</b>","allowed_mentions":{"parse":["everyone"],"users":["7"],"roles":["8"]},"nonce":1}`), nil)
	return err
}

func direct(ctx context.Context, c *discord.Client) error {
	return c.Direct(ctx, "2", "d13", []byte(`{"content":"hi"}`))
}

func TestBotCallsLookAsDiscordWantsThem(t *testing.T) {
	f, c := newFake(t, answer{status: 204}, answer{status: 204}, answer{status: 200, body: `{"id":"9"}`},
		answer{status: 200, body: `{"id":"77"}`}) // then 200 with an id
	for _, call := range []func(context.Context, *discord.Client) error{grant, take, post, direct, direct} {
		if err := call(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	const head = "?\nBot " + bot + "\nDiscordBot (https://coffer.example, 1.2.3)\n"
	const marks = `"allowed_mentions":{"parse":[]%s},"content":"%s","enforce_nonce":true,"nonce":"%s"}`
	for i, want := range []string{
		"PUT\n/api/v10/guilds/1/members/2/roles/3" + head,
		"DELETE\n/api/v10/guilds/1/members/2/roles/3" + head,
		"POST\n/api/v10/channels/4/messages" + head + "{" + fmt.Sprintf(marks, `,"users":["7"]`, `\u003cb\u003ehi\u003c/b\u003e`, "d12"),
		"POST\n/api/v10/users/@me/channels" + head + `{"recipient_id":"2"}`,
		"POST\n/api/v10/channels/77/messages" + head + "{" + fmt.Sprintf(marks, "", "hi", "d13"),
		"POST\n/api/v10/channels/77/messages" + head + "{" + fmt.Sprintf(marks, "", "hi", "d13"), // its channel is known by now
	} {
		if got := f.calls[i]; got != want {
			t.Errorf("call %d:\ngot  %q\nwant %q", i, got, want)
		}
		if _, sent := f.heads[i]["Idempotency-Key"]; sent {
			t.Errorf("call %d sends the mark that is for net/http", i)
		}
	}
	if got, want := f.heads[0].Get("X-Audit-Log-Reason"), "bought%20in%20the%20shop"; got != want {
		t.Errorf("the reason is %q, want %q", got, want)
	}
	if _, sent := f.heads[1]["X-Audit-Log-Reason"]; sent || f.count() != 6 {
		t.Errorf("an empty reason is sent, or %d calls are not 6", f.count())
	}
}

func TestReasonsFitTheHeader(t *testing.T) {
	f, c := newFake(t)
	for _, reason := range []string{strings.Repeat("ü", 500), "a\r\nX-Evil: 1", strings.Repeat("x", 513)} {
		if err := c.GrantRole(t.Context(), "1", "2", "3", reason); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{strings.Repeat("%C3%BC", 85), "a%0D%0AX-Evil:%201", strings.Repeat("x", 512)} {
		if got := f.heads[i].Get("X-Audit-Log-Reason"); got != want || f.heads[i].Get("X-Evil") != "" {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
	}
}

func TestBotCallsSurviveFaults(t *testing.T) {
	limited := answer{status: 429, body: `{"message":"slow down","retry_after":0.001,"global":false}`}
	down := answer{status: 503, body: "<html>"}
	opened := answer{status: 200, body: `{"id":"77"}`}
	tests := map[string]struct {
		answers []answer
		call    func(context.Context, *discord.Client) error
		calls   int
		want    *discord.Error // nil: success
	}{
		"a grant survives":                   {[]answer{down, {cut: true}, limited}, grant, 4, nil},
		"a taking survives":                  {[]answer{down, {cut: true}, limited}, take, 4, nil},
		"a message survives, by its nonce":   {[]answer{down, {cut: true}, limited}, post, 4, nil},
		"opening direct messages survives":   {[]answer{down, {cut: true}, limited, opened}, direct, 5, nil},
		"a direct message survives":          {[]answer{opened, down, {cut: true}, limited}, direct, 5, nil},
		"the fourth is the last":             {[]answer{down, down, down, down, down}, post, 4, &discord.Error{Status: 503, Message: "Service Unavailable"}},
		"the hierarchy of roles":             {[]answer{{status: 403, body: `{"code":50013,"message":"Missing Permissions"}`}}, grant, 1, &discord.Error{Status: 403, Code: 50013, Message: "Missing Permissions"}},
		"closed direct messages":             {[]answer{opened, {status: 403, body: `{"code":50007,"message":"Cannot send messages to this user"}`}}, direct, 2, &discord.Error{Status: 403, Code: 50007, Message: "Cannot send messages to this user"}},
		"a user that nobody knows":           {[]answer{{status: 404, body: `{"code":10013,"message":"Unknown User"}`}}, direct, 1, &discord.Error{Status: 404, Code: 10013, Message: "Unknown User"}},
		"an answer that is no channel":       {[]answer{{status: 200, body: `{"id":7}`}}, direct, 1, &discord.Error{Status: 200, Message: "the answer is no channel"}},
		"the limit of all, too long to wait": {[]answer{{status: 429, body: `{"message":"all","retry_after":60,"global":true}`}}, grant, 1, &discord.Error{Status: 429, Message: "all", RetryAfter: time.Minute, Global: true}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, c := newFake(t, tt.answers...)
			err := tt.call(t.Context(), c)
			var got *discord.Error
			if (err != nil) != (tt.want != nil) || err != nil && !errors.As(err, &got) {
				t.Fatalf("error = %v, want %v", err, tt.want)
			}
			if f.count() != tt.calls {
				t.Errorf("%d calls, want %d", f.count(), tt.calls)
			}
			if tt.want == nil {
				return
			}
			if got.Message != tt.want.Message {
				t.Errorf("got %q, want %q", got.Message, tt.want.Message)
			}
			status, code, after, global := got.Answer()
			if status != tt.want.Status || code != tt.want.Code || after != tt.want.RetryAfter || global != tt.want.Global {
				t.Errorf("answer is %d %d %v %v, want %+v", status, code, after, global, tt.want)
			}
		})
	}
}

func TestWhatIsNoMessageIsNotSent(t *testing.T) {
	f, c := newFake(t)
	for _, tt := range []struct{ nonce, body string }{
		{"", `{}`}, {strings.Repeat("n", 26), `{}`}, {"n", `null`}, {"n", `[]`}, {"n", `{"content":`}, {"n", ``},
	} {
		var e *discord.Error
		if _, err := c.Post(t.Context(), "4", tt.nonce, []byte(tt.body), nil); !errors.As(err, &e) || e.Status != 0 {
			t.Errorf("%q %q: error = %v, want one without status", tt.nonce, tt.body, err)
		}
	}
	if f.count() != 0 {
		t.Errorf("%d calls", f.count())
	}
}

// A channel of direct messages that is gone is opened anew, once.
func TestAKnownChannelThatIsGone(t *testing.T) {
	gone := answer{status: 404, body: `{"code":10003,"message":"Unknown Channel"}`}
	f, c := newFake(t, answer{status: 200, body: `{"id":"77"}`}, answer{status: 200, body: `{"id":"8"}`},
		gone, answer{status: 200, body: `{"id":"78"}`}, answer{status: 200, body: `{"id":"9"}`},
		gone, answer{status: 200, body: `{"id":"79"}`}, gone)
	for i, want := range []int{0, 0, discord.CodeUnknownChannel} {
		err := direct(t.Context(), c)
		var e *discord.Error
		if errors.As(err, &e) != (want != 0) || e != nil && e.Code != want {
			t.Errorf("%d: error = %v, want code %d", i, err, want)
		}
	}
	if f.count() != 8 || !strings.HasPrefix(f.calls[4], "POST\n/api/v10/channels/78/messages") {
		t.Errorf("calls are %q", f.calls)
	}
}

func TestNoErrorNamesTheBotsToken(t *testing.T) {
	_, c := newFake(t, answer{status: 400, body: `{"code":1,"message":"bad ` + bot + `"}`}, answer{status: 400, body: `{"code":1,"message":"bad ` + bot + `"}`})
	for _, call := range []func(context.Context, *discord.Client) error{grant, direct} {
		if err := call(t.Context(), c); err == nil || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), bot) {
			t.Errorf("error = %v", err)
		}
	}
}

// Calls wait for the limit of their own route, and for no other.
func TestTheLimitOfARoute(t *testing.T) {
	const full = "X-RateLimit-Remaining"
	tests := map[string]struct {
		first answer
		other func(context.Context, *discord.Client) error
		waits bool
	}{
		"of those who come later": {answer{status: 429, body: `{"retry_after":5}`}, func(ctx context.Context, c *discord.Client) error {
			return c.GrantRole(ctx, "1", "20", "30", "")
		}, true},
		"that is used up": {answer{status: 204, header: map[string]string{full: "0", "X-RateLimit-Reset-After": "5"}}, grant, true},
		"not used up":     {answer{status: 204, header: map[string]string{full: "1", "X-RateLimit-Reset-After": "5"}}, grant, false},
		"too long to be believed": {answer{status: 204, header: map[string]string{full: "0", "X-RateLimit-Reset-After": "3600"}},
			grant, false},
		"of another guild": {answer{status: 429, body: `{"retry_after":5}`}, func(ctx context.Context, c *discord.Client) error {
			return c.GrantRole(ctx, "10", "2", "3", "")
		}, false},
		"of another method":       {answer{status: 429, body: `{"retry_after":5}`}, take, false},
		"of the bot, not a reply": {answer{status: 429, body: `{"retry_after":5}`}, edit, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, c := script(tt.first)
				var all sync.WaitGroup
				all.Go(func() { _ = grant(t.Context(), c) })
				synctest.Wait() // the first call has met the limit
				start := time.Now()
				if err := tt.other(t.Context(), c); err != nil {
					t.Error(err)
				}
				if waited := time.Since(start); (waited >= 5*time.Second) != tt.waits || waited > 6*time.Second {
					t.Errorf("it waited %v, want to wait: %v", waited, tt.waits)
				}
				all.Wait()
			})
		})
	}
}

// A caller whose time is too short hears at once how long the route is closed.
func TestAClosedRouteIsToldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := script(answer{status: 429, body: `{"retry_after":20}`})
		for i := range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			start := time.Now()
			err := grant(ctx, c)
			cancel()
			var e *discord.Error
			if !errors.As(err, &e) || e.Status != 429 || e.RetryAfter != 20*time.Second || e.Global || time.Since(start) != 0 {
				t.Errorf("%d: error = %v after %v", i, err, time.Since(start))
			}
		}
	})
}
