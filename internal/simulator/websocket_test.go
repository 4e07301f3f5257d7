package simulator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// newEcho serves a WebSocket that says everything again, and tells how it ended.
func newEcho(t *testing.T) (address string, ended <-chan error) {
	t.Helper()
	ends := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := upgrade(w, r)
		if err != nil {
			return
		}
		defer ws.conn.Close()
		for {
			m, err := ws.read()
			if err == nil {
				err = ws.write(frameText, m)
			}
			if err != nil {
				ends <- err
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), ends
}

func dialSocket(t *testing.T, address string) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{WriteBufferSize: 1000} // longer messages go in fragments
	conn, res, err := dialer.Dial("ws://"+address+"/?v=10&encoding=json", nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	return conn
}

func TestAWebSocketCarriesMessagesOfAllSizes(t *testing.T) {
	address, ended := newEcho(t)
	conn := dialSocket(t, address)
	pongs := 0
	conn.SetPongHandler(func(data string) error {
		pongs++
		if data != "are you there" {
			t.Errorf("pong %q", data)
		}
		return nil
	})
	for _, n := range []int{0, 1, 125, 126, 999, 1000, 1001, 20_000, 65_535, maxSocketMessage} {
		if err := conn.WriteControl(websocket.PingMessage, []byte("are you there"), time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		sent := bytes.Repeat([]byte("é")[:1], n)
		for i := range sent {
			sent[i] = byte('a' + i%26)
		}
		if err := conn.WriteMessage(websocket.TextMessage, sent); err != nil {
			t.Fatal(err)
		}
		kind, got, err := conn.ReadMessage()
		if err != nil || kind != websocket.TextMessage || !bytes.Equal(got, sent) {
			t.Fatalf("%d bytes: kind %d, %d bytes, %v", n, kind, len(got), err)
		}
	}
	if pongs != 10 {
		t.Errorf("%d pongs, want 10", pongs)
	}
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4321, "enough"), time.Now().Add(time.Second))
	_, _, err := conn.ReadMessage()
	if !websocket.IsCloseError(err, 4321) {
		t.Errorf("the close was answered by %v", err)
	}
	var closed *closedSocket
	if err := <-ended; !errors.As(err, &closed) || closed.code != 4321 {
		t.Errorf("the server heard %v", err)
	}
}

func TestAWebSocketRefusesWhatIsNone(t *testing.T) {
	address, ended := newEcho(t)
	res, err := http.Get("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusUpgradeRequired || res.Header.Get("Sec-WebSocket-Version") != "13" {
		t.Errorf("a plain request: %d", res.StatusCode)
	}
	for what, c := range map[string]struct {
		frame string
		code  string // the bytes of the close code
	}{
		"not masked":       {"\x81\x01a", "\x03\xea"},
		"a reserved bit":   {"\xc1\x81\x00\x00\x00\x00a", "\x03\xea"},
		"a stray fragment": {"\x80\x81\x00\x00\x00\x00a", "\x03\xea"},
		"a torn message":   {"\x01\x81\x00\x00\x00\x00a\x81\x81\x00\x00\x00\x00a", "\x03\xea"},
		"a torn ping":      {"\x09\x81\x00\x00\x00\x00a", "\x03\xea"},
		"a long ping":      {"\x89\xfe\x00\x80\x00\x00\x00\x00", "\x03\xea"},
		"too long":         {"\x81\xff\x00\x00\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00", "\x03\xea"},
		"enormous":         {"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", "\x03\xea"},
		"binary":           {"\x82\x81\x00\x00\x00\x00a", "\x03\xeb"},
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n%s", c.frame)
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		all, _ := io.ReadAll(conn) // a reset behind the answer is no matter
		head, frames, _ := strings.Cut(string(all), "\r\n\r\n")
		if !strings.Contains(head, "101 Switching") || !strings.Contains(head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") { // RFC 6455's example
			t.Errorf("%s: the handshake was answered by %q", what, head)
		}
		if frames != "\x88\x02"+c.code {
			t.Errorf("%s: answered %q, want a close with %q", what, frames, c.code)
		}
		conn.Close()
		if err := <-ended; err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
