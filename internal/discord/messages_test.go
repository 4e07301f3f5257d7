package discord_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"coffer/internal/discord"
)

const png = "\x89PNG\r\n\x1a\n"

func postFiles(ctx context.Context, c *discord.Client) error {
	_, err := c.Post(ctx, "4", "d12", []byte(`{"content":"hi"}`), map[string][]byte{"b \"q\".txt": []byte("text"), "a.png": []byte(png)})
	return err
}

func editMessage(ctx context.Context, c *discord.Client) error {
	return c.Edit(ctx, "4", "9", []byte(`{"embeds":[{"image":{"url":"attachment://a.png"}}],"attachments":[{"id":7}],"allowed_mentions":{"parse":["everyone"]}}`))
}

func TestPostReturnsTheMessage(t *testing.T) {
	_, c := newFake(t, answer{status: 200, body: `{"id":"77","content":"hi"}`}, answer{status: 200, body: `{}`}, answer{status: 200, body: `[`})
	if id, err := c.Post(t.Context(), "4", "n", []byte(`{}`), nil); id != "77" || err != nil {
		t.Errorf("got %q, %v", id, err)
	}
	for range 2 {
		var e *discord.Error
		if id, err := c.Post(t.Context(), "4", "n", []byte(`{}`), nil); id != "" || !errors.As(err, &e) || e.Status != 200 || e.Code != 0 {
			t.Errorf("got %q, %v, want an error without a code of Discord's", id, err)
		}
	}
}

func TestFilesGoAlong(t *testing.T) {
	f, c := newFake(t, answer{status: 503}, answer{cut: true}) // the form is sent again as a whole
	if err := postFiles(t.Context(), c); err != nil || f.count() != 3 {
		t.Fatalf("%d calls, %v", f.count(), err)
	}
	for i, call := range f.calls {
		kind, params, err := mime.ParseMediaType(f.heads[i].Get("Content-Type"))
		if err != nil || kind != "multipart/form-data" || f.heads[i].Get("Idempotency-Key") != "" {
			t.Fatalf("%s, %v", kind, err)
		}
		head, body, _ := strings.Cut(call, "1.2.3)\n")
		if want := "POST\n/api/v10/channels/4/messages?\nBot " + bot; !strings.HasPrefix(head, want) {
			t.Errorf("%q, want %q", head, want)
		}
		form := multipart.NewReader(strings.NewReader(body), params["boundary"])
		for _, want := range []string{
			`payload_json  application/json {"allowed_mentions":{"parse":[]},"attachments":[{"id":0,"filename":"a.png"},{"id":1,"filename":"b \"q\".txt"}],"content":"hi","enforce_nonce":true,"nonce":"d12"}`,
			"files[0] a.png image/png " + png,
			`files[1] b "q".txt text/plain; charset=utf-8 text`,
		} {
			part, err := form.NextPart()
			if err != nil {
				t.Fatal(err)
			}
			data, _ := io.ReadAll(part)
			if got := fmt.Sprintf("%s %s %s %s", part.FormName(), part.FileName(), part.Header.Get("Content-Type"), data); got != want {
				t.Errorf("call %d:\ngot  %q\nwant %q", i, got, want)
			}
		}
		if _, err := form.NextPart(); !errors.Is(err, io.EOF) {
			t.Errorf("call %d: after the files: %v", i, err)
		}
	}
}

func TestEditsLookAsDiscordWantsThem(t *testing.T) {
	f, c := newFake(t)
	if err := editMessage(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := c.Edit(t.Context(), "4", "9/../x", []byte(`{"content":"hi","components":[{}]}`)); err != nil {
		t.Fatal(err)
	}
	if err := c.Edit(t.Context(), "4", "8", []byte(`{"attachments":[]}`)); err != nil { // the files go
		t.Fatal(err)
	}
	const head = "?\nBot " + bot + "\nDiscordBot (https://coffer.example, 1.2.3)\n"
	for i, want := range []string{
		"PATCH\n/api/v10/channels/4/messages/9" + head + `{"allowed_mentions":{"parse":[]},"components":[],"content":"","embeds":[{"image":{"url":"attachment://a.png"}}]}`,
		"PATCH\n/api/v10/channels/4/messages/9%2F..%2Fx" + head + `{"allowed_mentions":{"parse":[]},"components":[{}],"content":"hi","embeds":[]}`,
		"PATCH\n/api/v10/channels/4/messages/8" + head + `{"allowed_mentions":{"parse":[]},"attachments":[],"components":[],"content":"","embeds":[]}`,
	} {
		if f.calls[i] != want {
			t.Errorf("call %d:\ngot  %q\nwant %q", i, f.calls[i], want)
		}
	}
	var e *discord.Error
	if err := c.Edit(t.Context(), "4", "9", []byte(`null`)); !errors.As(err, &e) || e.Status != 0 || f.count() != 3 {
		t.Errorf("no message: %v", err)
	}
}

func TestCallsOfMessagesSurviveFaults(t *testing.T) {
	limited := answer{status: 429, body: `{"message":"slow down","retry_after":0.001,"global":false}`}
	everywhere := answer{status: 429, body: `{"message":"slow down","retry_after":0.001,"global":true}`, header: map[string]string{"X-RateLimit-Bucket": "abc"}}
	for name, call := range map[string]func(context.Context, *discord.Client) error{"files": postFiles, "edit": editMessage} {
		for what, answers := range map[string][]answer{
			"limits":   {limited, everywhere, limited},
			"failures": {{status: 500}, {status: 502, body: "<html>"}, {cut: true}},
		} {
			f, c := newFake(t, answers...)
			if err := call(t.Context(), c); err != nil || f.count() != 4 {
				t.Errorf("%s, %s: %v after %d calls", name, what, err, f.count())
			}
		}
		for code, status := range map[int]int{10003: 404, 10008: 404, 50001: 403, 50013: 403} {
			f, c := newFake(t, answer{status: status, body: fmt.Sprintf(`{"code":%d,"message":"no %s"}`, code, bot)})
			err := call(t.Context(), c)
			var e *discord.Error
			if !errors.As(err, &e) || e.Code != code || e.Status != status || f.count() != 1 || strings.Contains(err.Error(), bot) {
				t.Errorf("%s, %d: %v after %d calls", name, code, err, f.count())
			}
		}
	}
}
