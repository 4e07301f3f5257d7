package simulator

import (
	"bufio"
	"crypto/sha1" //nolint:gosec // the handshake's, by RFC 6455
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The frames of RFC 6455 that there are.
const (
	frameMore  = 0x0
	frameText  = 0x1
	frameClose = 0x8
	framePing  = 0x9
	framePong  = 0xA
	frameFinal = 0x80 // the bit of a message's last frame
)

const (
	maxSocketMessage = 64 << 10
	socketPatience   = 10 * time.Second // of a write
)

// closedSocket is the other end's word that it closes.
type closedSocket struct{ code int }

func (e *closedSocket) Error() string { return fmt.Sprintf("the client closed with %d", e.code) }

// socket is the server's end of a WebSocket: as much of RFC 6455 as a gateway needs,
// without extensions, so that the simulator judges clients by the standard and not by
// a library that they use too. One goroutine reads; any may write.
type socket struct {
	conn net.Conn
	in   *bufio.Reader

	mu     sync.Mutex // one frame after the other
	closed bool       // the last frame was sent
}

// upgrade makes the connection of a request a WebSocket, or answers why not.
func upgrade(w http.ResponseWriter, r *http.Request) (*socket, error) {
	key := r.Header.Get("Sec-WebSocket-Key")
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) != 16 || r.Method != http.MethodGet || r.Header.Get("Sec-WebSocket-Version") != "13" ||
		!strings.EqualFold(r.Header.Get("Upgrade"), "websocket") ||
		!strings.Contains(strings.ToLower(r.Header.Get("Connection")), "upgrade") {
		w.Header().Set("Sec-WebSocket-Version", "13")
		http.Error(w, "this is a WebSocket", http.StatusUpgradeRequired)
		return nil, errors.New("simulator: no WebSocket handshake")
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, err
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // see above
	_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: "+base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n")
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &socket{conn: conn, in: buffered.Reader}, nil
}

// read returns the next message. It answers pings, and a *closedSocket is the end.
func (s *socket) read() ([]byte, error) {
	var message []byte
	for begun := false; ; {
		head, payload, err := s.frame()
		if err != nil {
			return nil, err
		}
		switch kind := head &^ frameFinal; kind {
		case frameText, frameMore:
			if begun != (kind == frameMore) || len(message)+len(payload) > maxSocketMessage {
				return nil, s.refuse(1002)
			}
			begun, message = true, append(message, payload...)
			if head&frameFinal != 0 {
				return message, nil
			}
		case framePing:
			err = s.write(framePong, payload)
		case framePong:
		case frameClose:
			end := &closedSocket{1005} // no code
			if len(payload) >= 2 {
				end.code = int(binary.BigEndian.Uint16(payload))
			}
			s.close(end.code, "")
			return nil, end
		default:
			return nil, s.refuse(1003)
		}
		if err != nil {
			return nil, err
		}
	}
}

// frame reads one frame: its first byte and what it carries.
func (s *socket) frame() (head byte, payload []byte, err error) {
	var start [2]byte
	if _, err := io.ReadFull(s.in, start[:]); err != nil {
		return 0, nil, err
	}
	head, size := start[0], uint64(start[1]&0x7F)
	if head&0x70 != 0 || start[1]&0x80 == 0 { // an extension, or not masked
		return 0, nil, s.refuse(1002)
	}
	long := map[uint64]int{126: 2, 127: 8}[size] // bytes of a size that does not fit
	rest := make([]byte, long+4)                 // and the mask
	if _, err := io.ReadFull(s.in, rest); err != nil {
		return 0, nil, err
	}
	if long > 0 {
		size = 0
		for _, b := range rest[:long] {
			size = size<<8 | uint64(b)
		}
	}
	if size > maxSocketMessage || head&0x8 != 0 && (long > 0 || head&frameFinal == 0) {
		return 0, nil, s.refuse(1002)
	}
	payload = make([]byte, size)
	if _, err := io.ReadFull(s.in, payload); err != nil {
		return 0, nil, err
	}
	for i := range payload {
		payload[i] ^= rest[long+i%4]
	}
	return head, payload, nil
}

// write sends one whole message or control frame.
func (s *socket) write(kind byte, payload []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.closed = kind == frameClose
	frame := []byte{kind | frameFinal}
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, byte(n))
	case n < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, 126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 127), uint64(n))
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(socketPatience)) // of a connection that is gone: the write tells
	_, err := s.conn.Write(append(frame, payload...))
	return err
}

// close says that this is the end, once. The other end has a second to agree: dropping
// the connection at once could overtake the code.
func (s *socket) close(code int, reason string) {
	payload := []byte{}
	if code != 1005 && code != 1006 { // these are for none
		payload = append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...) //nolint:gosec // codes are below 5000
	}
	if s.write(frameClose, payload) == nil {
		_ = s.conn.SetReadDeadline(time.Now().Add(time.Second)) // as above
	}
}

// refuse ends a connection whose client does not keep to the protocol.
func (s *socket) refuse(code int) error {
	s.close(code, "")
	return fmt.Errorf("simulator: the client broke the WebSocket protocol: %d", code)
}
