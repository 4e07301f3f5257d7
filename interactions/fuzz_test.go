package interactions

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// FuzzEdge holds that nothing but a verified request is anything but a bare 401.
func FuzzEdge(f *testing.F) {
	now := strconv.FormatInt(clock.Unix(), 10)
	f.Add(sign(now, pingBody), now, pingBody)
	f.Add(strings.ToUpper(sign(now, pingBody)), now, pingBody)
	f.Add(sign(now, pingBody), now+"0", pingBody[1:])
	f.Add("", "", []byte(nil))
	f.Add(strings.Repeat("0", 128), "-1", []byte(`{"type":1}`))
	f.Add(sign("+1", pingBody), "+1", pingBody)
	public := private.Public().(ed25519.PublicKey)
	f.Fuzz(func(t *testing.T, signature, timestamp string, body []byte) {
		b := newBench(t)
		r := httptest.NewRequest(http.MethodPost, "/interactions", bytes.NewReader(body))
		r.Header["X-Signature-Ed25519"] = []string{signature}
		r.Header["X-Signature-Timestamp"] = []string{timestamp}
		w := b.serve(r)

		raw, err := hex.DecodeString(signature)
		verified := err == nil && ed25519.Verify(public, append([]byte(timestamp), body...), raw)
		if !verified && (w.Code != http.StatusUnauthorized || w.Body.Len() != 0) {
			t.Errorf("not signed, but got %d %q", w.Code, w.Body)
		}
		if w.Code >= 500 {
			t.Errorf("got %d", w.Code)
		}
	})
}

// FuzzInteraction signs whatever comes, and holds that the answer is one that
// Discord accepts.
func FuzzInteraction(f *testing.F) {
	seeds, err := filepath.Glob("testdata/payloads/*.json")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range seeds {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	b := newBench(f)
	for _, o := range []object{
		b.command("balance", who("member", bob)), b.command("daily"), b.command("help"), b.command("leaderboard"), b.command("history"),
		b.command("pay", who("member", bob), text("amount", "half"), text("note", "**x**")),
		as(b.command("admin coins set", who("member", bob), text("amount", "0")), manager()),
		as(b.command("admin undo", text("transaction", "#1")), manager()), as(b.complete("#"), manager()),
		b.press("leaderboard:" + ada + ":2:next"), b.press("history:" + ada + ":" + bob + ":older:9"),
		as(b.press("undo:"+snow(clock, 1)+":1"), manager()),
	} {
		body, _ := encode(o)
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		b := newBench(t)
		w := b.serve(b.request(body))
		switch w.Code {
		case http.StatusOK:
			response := parse(t, w.Body.Bytes())
			checkLimits(t, response)
			if strings.Contains(b.logs.String(), "level=ERROR") {
				t.Errorf("the member is told %v, but our side failed:\n%s", response, b.logs)
			}
		case http.StatusBadRequest:
		default:
			t.Errorf("got %d %q", w.Code, w.Body)
		}
	})
}

// oddName finds names that encoding/json may take for others.
var oddName = regexp.MustCompile(`"[^"]*[^"a-z0-9_][^"]*"\s*:|\\`)

// FuzzDecode holds that the two decoders read the same. They may differ only in
// names that come twice or are not written as documented, and in broken text.
func FuzzDecode(f *testing.F) {
	seeds, err := filepath.Glob("testdata/payloads/*.json")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range seeds {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(`{"id":"1","id":"2","token":"\ud800","member":null,"data":{"options":[null,{"value":null}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decode(body)
		if (err == nil) != (json.Valid(body) && strings.HasPrefix(strings.TrimLeft(string(body), " \t\r\n"), "{")) {
			t.Fatalf("decode: %v", err)
		}
		if err != nil || oddName.Match(body) || !jsontext.Value(body).IsValid() {
			return
		}
		want, err := decodeLeniently(body)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v, %v", got, want, err)
		}
	})
}
