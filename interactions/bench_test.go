package interactions

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"testing"
)

// nowhere is a response that costs nothing.
type nowhere struct{ header http.Header }

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (w *nowhere) WriteHeader(int)             {}

func benchmark(b *testing.B, bench *bench, body []byte) {
	r := bench.request(body)
	reader := bytes.NewReader(body)
	r.Body = io.NopCloser(reader)
	w := &nowhere{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		reader.Reset(body)
		bench.ServeHTTP(w, r)
	}
}

func quiet(c *Config) { c.Log = slog.New(slog.DiscardHandler) }

func BenchmarkPing(b *testing.B) { benchmark(b, newBench(b, quiet), pingBody) }

func BenchmarkBalance(b *testing.B) {
	bench := newBench(b, quiet)
	body, err := encode(bench.command("balance"))
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, bench, body)
}

// BenchmarkBalanceUnverified shows what of it is not the signature.
func BenchmarkBalanceUnverified(b *testing.B) {
	bench := newBench(b, quiet)
	bench.verifier = trusting{}
	body, err := encode(bench.command("balance"))
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, bench, body)
}

type trusting struct{}

func (trusting) verify([]byte, []byte) bool { return true }
