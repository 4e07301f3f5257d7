package requestlog_test

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"coffer/internal/requestlog"
)

func TestAStreamFlushesAndSetsDeadlines(t *testing.T) {
	var out bytes.Buffer
	read := make(chan struct{})
	server := httptest.NewServer(requestlog.New(slog.New(slog.NewJSONHandler(&out, nil)),
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			control := http.NewResponseController(w)
			if err := control.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Errorf("write deadline: %v", err)
			}
			if err := control.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Errorf("read deadline: %v", err)
			}
			_, _ = io.WriteString(w, "data: 1\n")
			if err := control.Flush(); err != nil {
				t.Errorf("flush: %v", err)
			}
			<-read // the client has the first line while the handler still runs
			_, _ = w.Write([]byte("data: 2\n"))
			w.(http.Flusher).Flush()
		})))
	defer server.Close()

	res, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body := bufio.NewReader(res.Body)
	first, err := body.ReadString('\n')
	if err != nil || first != "data: 1\n" {
		t.Fatalf("first line %q, %v", first, err)
	}
	close(read)
	rest, err := io.ReadAll(body)
	if err != nil || string(rest) != "data: 2\n" {
		t.Errorf("rest %q, %v", rest, err)
	}
	server.Close()
	if got := lines(t, out.String()); got[0]["bytes"] != 16.0 || got[0]["status"] != 200.0 {
		t.Errorf("line = %v", got[0])
	}
}

// readerFrom is a writer whose ReadFrom can be seen.
type readerFrom struct {
	*httptest.ResponseRecorder
	used bool
}

func (w *readerFrom) ReadFrom(src io.Reader) (int64, error) {
	w.used = true
	return io.Copy(w.ResponseRecorder, src)
}

func TestACopyReachesTheWriterBelow(t *testing.T) {
	var out bytes.Buffer
	below := &readerFrom{ResponseRecorder: httptest.NewRecorder()}
	requestlog.New(slog.New(slog.NewJSONHandler(&out, nil)), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		// LimitReader hides WriterTo, which io.Copy would prefer.
		if n, err := io.Copy(w, io.LimitReader(strings.NewReader("0123456789"), 7)); n != 7 || err != nil {
			t.Errorf("copied %d, %v", n, err)
		}
	})).ServeHTTP(below, httptest.NewRequest("GET", "/", nil))
	if !below.used || below.Body.String() != "0123456" {
		t.Errorf("ReadFrom used: %v, body %q", below.used, below.Body)
	}
	if got := lines(t, out.String()); got[0]["bytes"] != 7.0 {
		t.Errorf("line = %v", got[0])
	}
}

// plain can do nothing but write.
type plain struct{ http.ResponseWriter }

func TestAFlushThatCannotBeSaysSo(t *testing.T) {
	h := requestlog.New(slog.New(slog.DiscardHandler), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); err == nil {
			t.Error("flush on a writer that cannot: want an error")
		}
		if _, _, err := w.(http.Hijacker).Hijack(); err == nil {
			t.Error("hijack on a writer that cannot: want an error")
		}
	}))
	h.ServeHTTP(plain{httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil))
}

func TestAHijackIsLoggedAsASwitch(t *testing.T) {
	var out bytes.Buffer
	inner := requestlog.New(slog.New(slog.NewJSONHandler(&out, nil)),
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Errorf("hijack: %v", err)
				return
			}
			_, _ = conn.Write([]byte("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"))
			_ = conn.Close()
		}))
	done := make(chan struct{}) // the server does not wait for hijacked connections
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		inner.ServeHTTP(w, r)
	}))
	defer server.Close()
	res, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	<-done
	if got := lines(t, out.String()); len(got) != 1 || got[0]["status"] != 101.0 {
		t.Errorf("lines = %v, want one with status 101", got)
	}
}
