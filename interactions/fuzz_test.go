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
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"coffer/internal/outbox"
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
		b.command("shop", text("category", "Drinks")), b.command("buy", text("item", "sword"), whole("quantity", 2)), b.command("inventory"),
		b.command("use", text("item", "2")), b.typing("shop", "category", "d"), b.typing("buy", "item", "\x00"), b.typing("use", "item", ""),
		b.press("shop:" + tag(ada) + ":2:"), b.press("shop:" + tag(ada) + ":9999:Drinks:and food"), b.pick("category:"+ada, "=Drinks"),
		b.pick("item:"+tag(ada)+":1:", "1"), b.press("buy:" + ada + ":1:2"), b.press("cancel:" + ada), b.press("inventory:" + ada + ":" + bob + ":2"),
		b.press("confirm:" + ada + ":" + snow(clock, 1) + ":1:2:30"), b.press("confirm:" + ada + ":" + snow(clock, 1) + ":1:2:29"), // what has changed
		b.press("confirm:" + ada + ":" + snow(clock.Add(-time.Hour), 1) + ":1:2:30"),                           // what is stale
		b.press("confirm:" + bob + ":" + snow(clock, 1) + ":1:2:30"), b.press("confirm:" + ada + ":1:-1::1e9"), // what is forged
		as(b.command("admin item create", text("name", "Fuzz"), text("price", "1k"), text("stock", "none"), aRole("role", vip), whole("hours", 5),
			aRole("required_role", guild), text("from", "2026-12-24 18:00 +01:00"), text("until", "<t:1800000000:R>"), truth("usable", false)), manager()),
		as(b.command("admin item edit", text("item", "2"), text("message", "none"), text("minimum_balance", "0")), manager()),
		as(b.command("admin item archive", text("item", "2")), manager()), as(b.command("admin refund", text("purchase", "#1")), manager()),
		as(b.command("admin settings", text("symbol", "x"), aChannel("admin_channel", lobby), text("time_zone", "Europe/Berlin")), manager()),
		b.command("tasks"), b.command("task claim", text("task", "find a bug")), b.command("task submit", text("task", "1")), b.command("task submit", text("task", "2")),
		b.command("task submit", text("task", "3"), file("image", photo), text("text", "x")), b.command("task drop", text("task", "1")),
		b.typing("task submit", "task", "w"), as(b.typing("admin task edit", "prerequisite", "w"), manager()), b.press("tasks:" + ada + ":2"), b.press("claims:" + ada + ":1"),
		b.pick("task:"+ada+":claims:1", "5"), b.press("claim:5"), b.press("take:" + ada + ":" + snow(clock, 1) + ":7"), b.press("submit:" + ada + ":2:link"),
		b.press("submit:" + ada + ":3:image"), b.press("handin:" + ada + ":" + snow(clock, 1) + ":4"), b.press("drop:" + ada + ":" + snow(clock, 1) + ":3"),
		as(b.command("review"), bobManages()), as(b.press("review:"+bob+":1"), bobManages()), as(b.press("approve::1"), bobManages()), as(b.press("part:"+bob+":1"), bobManages()),
		b.interaction(typeModal, object{"custom_id": "work:" + snow(clock, 1) + ":1", "components": []object{{"components": []object{{"custom_id": "work", "value": "x"}}}}}),
		as(b.interaction(typeModal, object{"custom_id": "part::1:" + snow(clock, 1), "components": []object{{"components": []object{{"custom_id": "percent", "value": "7%"}}}}}), bobManages()),
		as(b.interaction(typeModal, object{"custom_id": "reject::1:" + snow(clock, 1), "components": []object{{"components": []object{{"custom_id": "reason", "value": "no"}}}}}), bobManages()),
		as(b.command("admin task create", text("title", "Fuzz"), text("reward", "1k"), text("answer", "x"), text("deadline", "2026-12-24"), truth("draft", true)), manager()),
		as(b.command("admin task edit", text("task", "2"), text("reviewer", "nobody"), text("prerequisite", "1")), manager()), as(b.command("admin task archive", text("task", "2")), manager()),
		as(b.command("admin deliveries"), manager()), as(b.press("deliveries:"+ada+":older:2"), manager()), as(b.pick("retry:"+ada, "1"), manager()),
		as(b.command("admin settings", aChannel("review_channel", lobby), aRole("reviewer_role", vip), text("clear", "task_channel")), manager()),
		as(b.press("settings:"+ada+":coins"), manager()), as(b.press("settings:"+ada+":daily"), manager()), as(b.press("edititem:"+ada+":1"), manager()), as(b.press("edittask:"+ada+":1"), manager()),
		as(b.interaction(typeModal, object{"custom_id": "settings:1:" + snow(clock, 1), "components": []object{{"components": []object{{"custom_id": "grace", "value": " 2"}}}}}), manager()),
		as(b.interaction(typeModal, object{"custom_id": "edititem:1:1:" + snow(clock, 1), "components": []object{{"components": []object{{"custom_id": "message", "value": "x"}}}}}), manager()),
		as(b.interaction(typeModal, object{"custom_id": "edittask:1:1:" + snow(clock, 1), "components": []object{{"component": object{"custom_id": "description", "value": "x\ny"}}}}), manager()),
		as(b.typing("admin refund", "purchase", "1"), manager()), as(b.typing("admin item edit", "item", "s"), manager()),
	} {
		body, _ := encode(o)
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		b := newBench(t)
		b.store.stall()
		b.own(2, 2)
		b.busy()
		b.store.deliveries = []outbox.Delivery{{ID: 1, Kind: outbox.Card, State: outbox.Failed, Subject: "task:1"}}
		b.ids = 0
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
