package interactions

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"coffer/internal/requestlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The clock of the tests, the key that signs, and who takes part.
var (
	clock   = time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)
	private = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
)

const (
	guild       = "561884984214814744"
	application = "658822586720976907"
	token       = "aW50ZXJhY3Rpb24.secret-token"
	ada         = "115590097100865541"
	bob         = "115590097100865542"
	robot       = "115590097100865543"
	vip         = "115590097100865551"
	botRole     = "115590097100865552"
	lobby       = "115590097100865561"
	voice       = "115590097100865562"
	manageGuild = "32"
)

// object is JSON as the tests write it.
type object = map[string]any

// snow is a snowflake made at a time.
func snow(at time.Time, n int) string {
	return strconv.FormatInt((at.UnixMilli()-1420070400000)<<22+int64(n), 10)
}

// bench is a Handler with everything it touches at hand.
type bench struct {
	*Handler
	t     testing.TB
	store *memoryStore
	hooks *recordedWebhooks
	logs  *safeBuffer
	outer http.Handler // with the request log around it
	now   time.Time
	ids   int
}

func newBench(t testing.TB, change ...func(*Config)) *bench {
	return newBenchWith(t, nil, change...)
}

// newBenchWith serves another table, if it is not nil.
func newBenchWith(t testing.TB, tab *table, change ...func(*Config)) *bench {
	b := &bench{t: t, store: newMemoryStore(), hooks: &recordedWebhooks{sent: make(chan sent, 64)}, logs: new(safeBuffer), now: clock}
	c := Config{
		PublicKey:    private.Public().(ed25519.PublicKey),
		Store:        b.store,
		Webhooks:     b.hooks,
		Log:          slog.New(slog.NewTextHandler(b.logs, nil)),
		Now:          func() time.Time { return b.now },
		DashboardURL: "https://coffer.example",
	}
	for _, f := range change {
		f(&c)
	}
	if tab == nil {
		b.Handler = New(c)
	} else {
		b.Handler = newHandler(c, *tab)
	}
	b.outer = requestlog.New(c.Log, b.Handler)
	return b
}

// request signs a body as Discord does.
func (b *bench) request(body []byte) *http.Request {
	timestamp := strconv.FormatInt(b.now.Unix(), 10)
	r := httptest.NewRequest(http.MethodPost, "/interactions", bytes.NewReader(body))
	r.Header.Set("X-Signature-Timestamp", timestamp)
	r.Header.Set("X-Signature-Ed25519", sign(timestamp, body))
	return r
}

func sign(timestamp string, body []byte) string {
	return hex.EncodeToString(ed25519.Sign(private, append([]byte(timestamp), body...)))
}

func (b *bench) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.outer.ServeHTTP(w, r)
	return w
}

// send delivers an interaction and returns the response, which must be one.
func (b *bench) send(payload object) object {
	b.t.Helper()
	body, err := json.Marshal(payload)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.sendRaw(body)
}

func (b *bench) sendRaw(body []byte) object {
	b.t.Helper()
	w := b.serve(b.request(body))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		b.t.Fatalf("got status %d, type %q, want a JSON response", w.Code, w.Header().Get("Content-Type"))
	}
	if got, want := w.Header().Get("Content-Length"), strconv.Itoa(w.Body.Len()); got != want {
		b.t.Errorf("Content-Length %s, want %s", got, want)
	}
	return parse(b.t, w.Body.Bytes())
}

func parse(t testing.TB, body []byte) object {
	t.Helper()
	var o object
	if err := json.Unmarshal(body, &o); err != nil {
		t.Fatalf("not JSON: %v: %q", err, body)
	}
	return o
}

// data returns the response's data.
func data(o object) object {
	d, _ := o["data"].(object)
	return d
}

// said returns the text of a message's first embed.
func said(t testing.TB, message object) string {
	t.Helper()
	embeds, _ := message["embeds"].([]any)
	if len(embeds) != 1 {
		t.Fatalf("want one embed in %v", message)
	}
	s, _ := embeds[0].(object)["description"].(string)
	return s
}

// mustSay checks that a response is a private message that says a text of the locale.
func mustSay(t testing.TB, response object, want string) {
	t.Helper()
	if response["type"] != float64(respondMessage) || data(response)["flags"] != float64(ephemeral) {
		t.Errorf("got type %v, flags %v, want a private message", response["type"], data(response)["flags"])
	}
	if got := said(t, data(response)); !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func english(key string, pairs ...string) string { return texts().english.text(key, pairs...) }
