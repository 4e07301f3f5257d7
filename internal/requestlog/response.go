package requestlog

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// response counts what passes and keeps what the writer below can do: it
// flushes, takes files by sendfile, can be hijacked, and http.ResponseController
// reaches its deadlines through Unwrap.
type response struct {
	http.ResponseWriter
	status int // 0 until the header is written
	bytes  int64
}

var (
	_ http.Flusher    = (*response)(nil)
	_ http.Hijacker   = (*response)(nil)
	_ io.ReaderFrom   = (*response)(nil)
	_ io.StringWriter = (*response)(nil)
)

// Status returns the status that was written to a writer which New handed on: 0 if none
// was yet.
func Status(w http.ResponseWriter) int {
	for {
		switch v := w.(type) {
		case *response:
			return v.status
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return 0
		}
	}
}

func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) WriteHeader(status int) {
	if w.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.status = status // 1xx only announces
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) begun() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
}

func (w *response) Write(p []byte) (int, error) {
	w.begun()
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

func (w *response) WriteString(s string) (int, error) {
	w.begun()
	n, err := io.WriteString(w.ResponseWriter, s)
	w.bytes += int64(n)
	return n, err
}

// ReadFrom hands the source to the writer below, which may have the kernel
// copy it.
func (w *response) ReadFrom(src io.Reader) (int64, error) {
	w.begun()
	n, err := io.Copy(w.ResponseWriter, src)
	w.bytes += n
	return n, err
}

// Flush is for callers that ask for an http.Flusher; FlushError tells those
// who can listen when there is nothing to flush with.
func (w *response) Flush() { _ = w.FlushError() }

func (w *response) FlushError() error {
	err := http.NewResponseController(w.ResponseWriter).Flush()
	if err == nil {
		w.begun()
	}
	return err
}

func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil && w.status == 0 {
		w.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}
