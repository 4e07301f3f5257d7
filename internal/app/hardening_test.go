package app

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSlowClientsHoldNobodyUp opens hundreds of connections that dawdle in each way
// there is, and asks the server for its health meanwhile.
func TestSlowClientsHoldNobodyUp(t *testing.T) {
	thorough(t)
	const each = 100
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := startServe(t, key, filepath.Join(t.TempDir(), "coffer.db"))
	health := func() time.Duration {
		t.Helper()
		began := time.Now()
		res, err := p.client.Get(p.url + "/api/health")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("health says %d", res.StatusCode)
		}
		return time.Since(began)
	}
	times := func() (half, slowest time.Duration) {
		var took []time.Duration
		for range 50 {
			took = append(took, health())
		}
		slices.Sort(took)
		return took[25], took[49]
	}
	health()
	alone, _ := times()
	most := max(100*time.Millisecond, 10*alone) // a busy machine is slow without them, too
	signature := "X-Signature-Timestamp: " + fmt.Sprint(time.Now().Unix()) + "\r\nX-Signature-Ed25519: " + strings.Repeat("00", 64) + "\r\n"
	for name, words := range map[string]string{
		"says nothing":                  "",
		"begins a request":              "GET /api/health HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		"begins a webhook":              "POST /interactions HTTP/1.1\r\nHost: x\r\n" + signature + "Content-Length: 2000\r\n\r\n{",
		"begins a large webhook":        "POST /interactions HTTP/1.1\r\nHost: x\r\n" + signature + "Content-Length: 500000\r\n\r\n" + strings.Repeat("x", 100_000),
		"begins to sign in":             "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{",
		"asks for pages it never reads": strings.Repeat("GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", 50),
	} {
		t.Run(name, func(t *testing.T) {
			for range each {
				conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if err := conn.SetWriteDeadline(time.Now().Add(5 * time.Second)); err != nil {
					t.Fatal(err)
				}
				if _, err := io.WriteString(conn, words); err != nil {
					t.Fatal(err)
				}
			}
			half, slowest := times()
			t.Logf("%d clients: health in %v (half), %v (the slowest of 50)", each, half, slowest)
			if half > most {
				t.Errorf("health takes %v beside %d slow clients and %v without, want at most %v", half, each, alone, most)
			}
		})
	}
	if err := p.stop(); err != nil {
		t.Errorf("stop: %v: %s", err, p.stderr)
	}
}
