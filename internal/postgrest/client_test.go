package postgrest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestACallIsOnePostWithTheKey(t *testing.T) {
	tests := map[string]struct{ key, authorization string }{
		"a secret key":   {testKey, ""},
		"a legacy token": {legacyKey, "Bearer " + legacyKey},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got *http.Request
			var body string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				got, body = r, string(b)
				_, _ = io.WriteString(w, `{"balance":9007199254740993,"news":true}`)
			}))
			defer server.Close()
			c, err := newClient(server.URL+"/rest/v1/", tt.key)
			if err != nil {
				t.Fatal(err)
			}
			defer c.close()
			var result struct{ Balance int64 }
			if err := c.call(t.Context(), "wallet", map[string]any{"guild": "1"}, &result); err != nil {
				t.Fatal(err)
			}
			if result.Balance != 9007199254740993 {
				t.Errorf("balance = %d, want it exact", result.Balance)
			}
			if got.Method != "POST" || got.URL.Path != "/rest/v1/rpc/wallet" || body != `{"guild":"1"}` {
				t.Errorf("got %s %s with %s", got.Method, got.URL, body)
			}
			want := http.Header{
				"Apikey": {tt.key}, "User-Agent": {userAgent}, "Content-Type": {"application/json"},
				"Accept": {"application/json"}, "Content-Profile": {"public"},
			}
			if tt.authorization != "" {
				want.Set("Authorization", tt.authorization)
			}
			for name := range want {
				if g := got.Header.Values(name); len(g) != 1 || g[0] != want.Get(name) {
					t.Errorf("%s = %q, want %q", name, g, want.Get(name))
				}
			}
			for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
				if got.Header.Get(name) != "" {
					t.Errorf("%s is sent, so net/http would repeat the request by itself", name)
				}
			}
			if tt.authorization == "" && got.Header.Get("Authorization") != "" {
				t.Error("a key that is no token is sent as one")
			}
		})
	}
}

func TestArgumentsAreAnObjectAndResultsMayBeIgnored(t *testing.T) {
	var none *struct{}
	for _, args := range []any{nil, none, struct{}{}} {
		c, s := scripted(answer(200, `null`), answer(204, ""))
		for range 2 {
			if err := c.call(t.Context(), "tidy", args, nil); err != nil {
				t.Errorf("arguments %#v: %v", args, err)
			}
		}
		if s.sent[0] != "{}" {
			t.Errorf("arguments %#v were sent as %s", args, s.sent[0])
		}
	}
	c, s := scripted(answer(200, `1`))
	if err := c.call(t.Context(), "tidy", make(chan int), nil); err == nil || s.count() != 0 {
		t.Errorf("arguments that are no JSON: error %v after %d requests", err, s.count())
	}
}

func TestAnAnswerThatDoesNotFitIsNotQuoted(t *testing.T) {
	for _, body := range []string{`{"balance":"hunter2"}`, `["hunter2"]`, `{"balance":12345678901234567890}`} {
		c, s := scripted(answer(200, body))
		var result struct{ Balance int64 }
		err := c.call(t.Context(), "wallet", nil, &result)
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "1234567") || s.count() != 1 {
			t.Errorf("%s: error %v after %d requests", body, err, s.count())
		}
	}
	c, _ := scripted(answer(204, ""))
	if err := c.call(t.Context(), "wallet", nil, new(int)); err == nil {
		t.Error("nothing was taken for a result")
	}
}

func TestKeysAndAddressesThatCannotWorkAreRefused(t *testing.T) {
	for _, tt := range []struct{ address, key string }{
		{"https://abc.supabase.co", ""},
		{"https://abc.supabase.co", "sb_publishable_hunter2"},
		{"https://abc.supabase.co", "e30.eyJyb2xlIjoiYW5vbiJ9.hunter2"},
		{"https://abc.supabase.co", "hunter2\r\nX: y"},
		{"http://abc.supabase.co", testKey},
		{"https://me:hunter2@abc.supabase.co", testKey},
		{"", testKey},
	} {
		if _, err := newClient(tt.address, tt.key); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s with key %s: error %v", tt.address, tt.key, err)
		}
	}
}

func BenchmarkCall(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"balance":100,"rank":3,"day":"2026-11-02"}`)
	}))
	defer server.Close()
	c, err := newClient(server.URL, testKey)
	if err != nil {
		b.Fatal(err)
	}
	defer c.close()
	benchmark(b, c)
}

// BenchmarkCallInMemory leaves out net/http's connection and the server.
func BenchmarkCallInMemory(b *testing.B) {
	c := connect(testBase, testKey, constant(`{"balance":100,"rank":3,"day":"2026-11-02"}`))
	benchmark(b, c)
}

type constant string

func (body constant) RoundTrip(req *http.Request) (*http.Response, error) {
	return answer(200, string(body))(req)
}

func benchmark(b *testing.B, c *client) {
	b.ReportAllocs()
	args := struct{ Guild, Member string }{"1180000000000000001", "1180000000000000002"}
	for b.Loop() {
		var result struct{ Balance, Rank int64 }
		if err := c.call(b.Context(), "wallet", args, &result); err != nil || result.Balance != 100 {
			b.Fatal(result, err)
		}
	}
}
