package discord_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coffer/internal/discord"
)

const (
	signed  = "ex=6563af6b&is=65513a6b&hm=5ff9c2d9a8b7&"
	picture = "https://cdn.discordapp.com/ephemeral-attachments/1/2/my%20boat.png?" + signed
)

func TestAFileIsFetchedWithNothingOfTheBots(t *testing.T) {
	f, c := newFake(t, answer{status: 200, body: png}, answer{status: 200, body: png})
	for i, address := range []string{picture, strings.Replace(picture, "cdn.discordapp.com", "media.discordapp.net", 1)} {
		got, err := c.Fetch(t.Context(), address, 100)
		if err != nil || string(got) != png {
			t.Fatalf("%q, %v", got, err)
		}
		want := "GET\n/cdn/ephemeral-attachments/1/2/my%20boat.png?" + signed + "\n\nDiscordBot (https://coffer.example, 1.2.3)\n"
		if f.calls[i] != want || f.heads[i].Get("Cookie") != "" {
			t.Errorf("got  %q\nwant %q", f.calls[i], want)
		}
	}
}

// hosts notes the addresses that are asked for.
type hosts []string

func (h *hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	*h = append(*h, r.URL.String())
	return nil, errors.New("refused: " + r.URL.String())
}

func TestOnlyDiscordsHostsAreAsked(t *testing.T) {
	for _, base := range []string{"", "https://discord.com", "https://discord.com/", "http://127.0.0.1:1"} {
		asked := &hosts{}
		c := discord.New(discord.Config{BaseURL: base, Transport: asked, Backoff: time.Millisecond, Token: bot})
		for _, address := range []string{
			"http://cdn.discordapp.com/a", "https://cdn.discordapp.com.evil.example/a", "https://evil.example/cdn.discordapp.com/a",
			"https://cdn.discordapp.com:444/a", "https://user@cdn.discordapp.com/a", "https://cdn.discordapp.com@evil.example/a",
			"https://discord.com/api/v10/users/@me", "https://cdn.discordapp.com/../api/v10/users/@me", "https://cdn.discordapp.com/%2e%2e/a",
			"https://cdn.discordapp.com//a", "//cdn.discordapp.com/a", "cdn.discordapp.com/a", "file:///etc/passwd", "https://cdn.discordapp.com/a b\n", "", "https://",
			"https://169.254.169.254/a", "https://localhost/a", "https://CDN.discordapp.com/a",
		} {
			var e *discord.Error
			if _, err := c.Fetch(t.Context(), address, 100); !errors.As(err, &e) || e.Status != 403 || e.Code != 0 {
				t.Errorf("%s: %v", address, err)
			}
		}
		if len(*asked) != 0 {
			t.Errorf("asked for %v", *asked)
		}
		_, err := c.Fetch(t.Context(), picture, 100)
		want := picture
		if strings.HasPrefix(base, "http:") {
			want = strings.Replace(picture, "https://cdn.discordapp.com", base+"/cdn", 1)
		}
		if len(*asked) != 4 || (*asked)[0] != want {
			t.Errorf("%q: asked for %v, want %s", base, *asked, want)
		}
		if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, "ex=") || strings.Contains(text, "5ff9c2d9a8b7") {
			t.Errorf("the error names the signature: %s", text)
		}
	}
	c := discord.New(discord.Config{BaseURL: "nonsense"})
	var e *discord.Error
	if _, err := c.Fetch(t.Context(), picture, 100); !errors.As(err, &e) || e.Status != 0 {
		t.Errorf("without an address of the API: %v", err)
	}
}

func TestFetchingIsBounded(t *testing.T) {
	for name, tt := range map[string]struct {
		answers []answer
		most    int64
		status  int // of the error; 0: none
		calls   int
	}{
		"exactly the most":        {[]answer{{status: 200, body: "0123456789"}}, 10, 0, 1},
		"one too many":            {[]answer{{status: 200, body: "0123456789x"}}, 10, 413, 1},
		"gone":                    {[]answer{{status: 404, body: "This content is no longer available."}}, 10, 404, 1},
		"forbidden":               {[]answer{{status: 403}}, 10, 403, 1},
		"a redirect":              {[]answer{{status: 302, header: map[string]string{"Location": "http://127.0.0.1:1/"}}}, 10, 302, 1},
		"a failure that passes":   {[]answer{{status: 503}, {cut: true}, {status: 200, body: "x"}}, 10, 0, 3},
		"a limit":                 {[]answer{{status: 429, header: map[string]string{"Retry-After": "0.001"}}, {status: 200, body: "x"}}, 10, 0, 2},
		"cut in the middle":       {[]answer{{status: 200, header: map[string]string{"Content-Length": "9"}, body: "x"}, {status: 200, body: "y"}}, 10, 0, 2},
		"a failure that does not": {[]answer{{status: 500}, {status: 500}, {status: 500}, {status: 500}}, 10, 500, 4},
	} {
		t.Run(name, func(t *testing.T) {
			f, c := newFake(t, tt.answers...)
			got, err := c.Fetch(t.Context(), picture, tt.most)
			var e *discord.Error
			if errors.As(err, &e) != (tt.status != 0) || e != nil && e.Status != tt.status || (err == nil) != (got != nil) || f.count() != tt.calls {
				t.Errorf("got %q, %v after %d calls", got, err, f.count())
			}
		})
	}
}

// What the hosts of files say is nothing that calls of the API wait for, or the other
// way round.
func TestFilesHaveLimitsOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := script(answer{status: 429, header: map[string]string{"Retry-After": "25"}}) // as a network in front of it says it
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Fetch(ctx, picture, 100); err == nil || time.Since(s.start) != 0 {
			t.Fatalf("%v after %v", err, time.Since(s.start))
		}
		if err := edit(t.Context(), c); err != nil || time.Since(s.start) != 0 {
			t.Errorf("the API waited %v, %v", time.Since(s.start), err)
		}
		s.next = []answer{{status: 429, body: `{"retry_after":` + strconv.Itoa(60) + `,"global":true}`}}
		if err := edit(t.Context(), c); err == nil {
			t.Fatal("no limit")
		}
		if _, err := c.Fetch(t.Context(), picture, 100); err != nil || time.Since(s.start) != 0 {
			t.Errorf("the file waited %v, %v", time.Since(s.start), err)
		}
	})
}

func TestLargeBodiesHaveMoreTime(t *testing.T) {
	for name, tt := range map[string]struct {
		call func(context.Context, *discord.Client) error
		want time.Duration // of four attempts
	}{
		"a small one": {post, 8 * time.Second},
		"files": {func(ctx context.Context, c *discord.Client) error {
			_, err := c.Post(ctx, "4", "n", []byte(`{}`), map[string][]byte{"a": make([]byte, 3<<20)})
			return err
		}, 20 * time.Second},
		"a fetch": {func(ctx context.Context, c *discord.Client) error {
			_, err := c.Fetch(ctx, picture, 8<<20)
			return err
		}, 40 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := discord.New(discord.Config{Transport: &silent{}, Timeout: 2 * time.Second, Backoff: time.Millisecond})
				start := time.Now()
				err := tt.call(t.Context(), c)
				if took := time.Since(start).Round(time.Second); !errors.Is(err, context.DeadlineExceeded) || took != tt.want {
					t.Errorf("it took %v, want %v (%v)", took, tt.want, err)
				}
			})
		})
	}
}
