package interactions

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var pingBody = []byte(`{"id":"795459528803745843","token":"-- redacted --","type":1,"version":1,"application_id":"1"}`)

func TestPing(t *testing.T) {
	b := newBench(t)
	w := b.serve(b.request(pingBody))
	if w.Code != http.StatusOK || w.Body.String() != `{"type":1}` || w.Header().Get("Content-Length") != "10" {
		t.Errorf("got %d %q %v", w.Code, w.Body, w.Header())
	}
}

// TestOnlyWhatIsSignedNowComesIn also shows what is accepted at the edges.
func TestOnlyWhatIsSignedNowComesIn(t *testing.T) {
	const signature, timestamp = "X-Signature-Ed25519", "X-Signature-Timestamp"
	at := func(offset time.Duration) string { return strconv.FormatInt(clock.Add(offset).Unix(), 10) }
	signedAt := func(ts string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set(timestamp, ts)
			r.Header.Set(signature, sign(ts, pingBody))
		}
	}
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	_, other, _ := ed25519.GenerateKey(nil)
	now := at(0)
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"as Discord signs", func(*http.Request) {}, 200},
		{"hex in upper case", func(r *http.Request) { r.Header.Set(signature, strings.ToUpper(r.Header.Get(signature))) }, 200},
		{"five minutes old", signedAt(at(-maxSkew)), 200},
		{"five minutes ahead", signedAt(at(maxSkew)), 200},
		{"no signature", func(r *http.Request) { r.Header.Del(signature) }, 401},
		{"no timestamp", func(r *http.Request) { r.Header.Del(timestamp) }, 401},
		{"an empty timestamp, signed", signedAt(""), 401},
		{"not hex", set(signature, strings.Repeat("zz", 64)), 401},
		{"too short", set(signature, strings.Repeat("00", 63)), 401},
		{"odd", set(signature, strings.Repeat("0", 127)), 401},
		{"too long", set(signature, strings.Repeat("00", 65)), 401},
		{"very long", set(signature, strings.Repeat("0", 1<<20)), 401},
		{"zeros", set(signature, strings.Repeat("00", 64)), 401},
		{"another key", set(signature, hex.EncodeToString(ed25519.Sign(other, append([]byte(now), pingBody...)))), 401},
		{"another body", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"type":2}`)) }, 401},
		{"another timestamp", set(timestamp, at(time.Second)), 401},
		{"the boundary moved into the body", func(r *http.Request) {
			r.Header.Set(timestamp, now[:len(now)-1])
			r.Body = io.NopCloser(strings.NewReader(now[len(now)-1:] + string(pingBody)))
		}, 401},
		{"the boundary moved into the timestamp", func(r *http.Request) {
			body := []byte("1" + string(pingBody))
			r.Header.Set(signature, sign(now, body))
			r.Header.Set(timestamp, now+"1")
			r.Body = io.NopCloser(bytes.NewReader(pingBody))
		}, 401},
		{"stale", signedAt(at(-maxSkew - time.Second)), 401},
		{"in the future", signedAt(at(maxSkew + time.Second)), 401},
		{"the beginning of time", signedAt("0"), 401},
		{"the end of time", signedAt("999999999999"), 401},
		{"an overflow", signedAt("99999999999999999999"), 401},
		{"many leading zeros", signedAt(strings.Repeat("0", 100) + now), 401},
		{"a sign", signedAt("+" + now), 401},
		{"a minus", signedAt("-" + now), 401},
		{"a space", signedAt(now[:5] + " " + now[5:]), 401},
		{"letters", signedAt("1e9"), 401},
		{"hexadecimal", signedAt("0x" + now), 401},
		{"other digits", signedAt("１７９５４４２７００"), 401},
		{"a body that breaks off", func(r *http.Request) {
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(pingBody), broken{}))
		}, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			r := b.request(pingBody)
			c.change(r)
			w := b.serve(r)
			if w.Code != c.want {
				t.Fatalf("got %d, want %d", w.Code, c.want)
			}
			if c.want == 401 && (w.Body.Len() != 0 || w.Header().Get("Content-Type") != "") {
				t.Errorf("a refusal must be bare, got %q %v", w.Body, w.Header())
			}
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestBodiesUpToTheCapAndNoFurther(t *testing.T) {
	padded := func(n int) []byte {
		body := []byte(`{"type":1,"x":"` + strings.Repeat("x", n-17) + `"}`)
		if len(body) != n {
			t.Fatalf("%d bytes, want %d", len(body), n)
		}
		return body
	}
	for _, c := range []struct {
		name      string
		size      int
		announced bool
		want      int
	}{
		{"at the cap", maxBody, true, 200},
		{"at the cap, unannounced", maxBody, false, 200},
		{"one byte more", maxBody + 1, true, 401},
		{"one byte more, unannounced", maxBody + 1, false, 401},
		{"far more, unannounced", 16 << 20, false, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			r := b.request(padded(c.size))
			read := &counter{r: r.Body}
			r.Body = io.NopCloser(read)
			if !c.announced {
				r.ContentLength = -1
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			w := b.serve(r)
			runtime.ReadMemStats(&after)
			if w.Code != c.want {
				t.Errorf("got %d, want %d", w.Code, c.want)
			}
			if c.want == 401 && c.announced && read.n != 0 {
				t.Errorf("read %d bytes of what was announced as too large", read.n)
			}
			if got := after.TotalAlloc - before.TotalAlloc; c.want == 401 && got > 4*maxBody {
				t.Errorf("allocated %d bytes for a body of %d", got, c.size)
			}
			if read.n > maxBody+1 {
				t.Errorf("read %d bytes", read.n)
			}
		})
	}
}

type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestAnnouncedSizeIsNotAllocated(t *testing.T) {
	buf := make([]byte, 0, usualBody)
	h := newBench(t).Handler
	got, ok := h.appendBody(buf, strings.NewReader("short"))
	if !ok || string(got) != "short" || cap(got) != usualBody {
		t.Errorf("got %q of capacity %d", got, cap(got))
	}
	got, ok = h.appendBody(buf, bytes.NewReader(make([]byte, 2*maxBody)))
	if ok || cap(got) > 2*maxBody {
		t.Errorf("ok %v, capacity %d", ok, cap(got))
	}
}

// TestStrangersCannotFillTheMemory: who sends a large body and stops holds one
// of few places, and the usual small bodies need none.
func TestStrangersCannotFillTheMemory(t *testing.T) {
	b := newBench(t)
	stuck, release := io.Pipe()
	var group sync.WaitGroup
	for range maxLarge {
		group.Go(func() {
			b.appendBody(make([]byte, 0, usualBody), io.MultiReader(bytes.NewReader(make([]byte, 2*keepBuffer)), stuck))
		})
	}
	for len(b.large) < maxLarge {
		runtime.Gosched()
	}
	if _, ok := b.appendBody(make([]byte, 0, usualBody), bytes.NewReader(make([]byte, 2*keepBuffer))); ok {
		t.Error("one more large body is read")
	}
	if _, ok := b.appendBody(make([]byte, 0, usualBody), bytes.NewReader(make([]byte, 2000))); !ok {
		t.Error("a usual body is refused")
	}
	_ = release.Close()
	group.Wait()
	if _, ok := b.appendBody(make([]byte, 0, usualBody), bytes.NewReader(make([]byte, 2*keepBuffer))); !ok || len(b.large) != 0 {
		t.Errorf("a large body is refused although all are done; %d held", len(b.large))
	}
}

func TestAWrongKeyIsAProgrammingError(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("New accepted a key of 3 bytes")
		}
	}()
	New(Config{PublicKey: ed25519.PublicKey{1, 2, 3}})
}

func TestWhatIsSignedButNoObjectIsABadRequest(t *testing.T) {
	b := newBench(t)
	for _, body := range []string{"", " ", "null", "1", `"x"`, "[]", "[{}]", "{", `{"type":2`, `{"type":1}{"type":1}`, "{\"a\":\x01}", "\xff{}",
		`{"data":` + strings.Repeat(`{"data":`, 20000) + "1" + strings.Repeat("}", 20001)} {
		w := httptest.NewRecorder()
		b.ServeHTTP(w, b.request([]byte(body)))
		if w.Code != http.StatusBadRequest || w.Body.Len() != 0 {
			t.Errorf("%.20q: got %d %q, want a bare 400", body, w.Code, w.Body)
		}
	}
}

// TestStrangersReachNothing has 10 000 bad signatures come in through real connections.
func TestStrangersReachNothing(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Log = slog.New(slog.DiscardHandler) })
	server := httptest.NewServer(b.outer)
	defer server.Close()
	_, stranger, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"type":2,"data":{"name":"daily","padding":"` + strings.Repeat("x", 1700) + `"}}`)
	timestamp := strconv.FormatInt(clock.Unix(), 10)
	signature := hex.EncodeToString(ed25519.Sign(stranger, append([]byte(timestamp), body...)))
	knock := func(times int) (heap uint64) {
		t.Helper()
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				for range times / 10 {
					r, err := http.NewRequest(http.MethodPost, server.URL, bytes.NewReader(body))
					if err != nil {
						t.Error(err)
						return
					}
					r.Header.Set("X-Signature-Timestamp", timestamp)
					r.Header.Set("X-Signature-Ed25519", signature)
					res, err := server.Client().Do(r)
					if err != nil {
						t.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
					if res.StatusCode != http.StatusUnauthorized {
						t.Errorf("got %d", res.StatusCode)
						return
					}
				}
			})
		}
		group.Wait()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := knock(1000)
	if after := knock(9000); after > before+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	if len(b.store.calls) != 0 {
		t.Errorf("the store was called: %v", b.store.calls)
	}
}
