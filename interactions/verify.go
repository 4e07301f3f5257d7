package interactions

import (
	"crypto/ed25519"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	maxBody    = 512 << 10
	maxSkew    = 5 * time.Minute
	usualBody  = 4 << 10  // most interactions are about 2 kB
	keepBuffer = 16 << 10 // larger buffers are left to the garbage collector
	maxLarge   = 64       // bodies above keepBuffer that are read at once: strangers can send them
)

// verifier checks a signature over a message.
type verifier interface {
	verify(message, signature []byte) bool
}

// buffers hold a timestamp and the body behind it, as they are signed.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, usualBody)
	return &b
}}

func recycle(b *[]byte) {
	if cap(*b) <= keepBuffer {
		buffers.Put(b)
	}
}

// signedBody reads the request's body into buf, behind its timestamp, and
// returns it if Discord signed both, now. It is valid as long as buf.
func (h *Handler) signedBody(r *http.Request, buf *[]byte) ([]byte, bool) {
	var signature [ed25519.SignatureSize]byte
	text := r.Header.Get("X-Signature-Ed25519")
	if len(text) != hex.EncodedLen(len(signature)) {
		return nil, false
	}
	if _, err := hex.Decode(signature[:], []byte(text)); err != nil {
		return nil, false
	}
	timestamp := r.Header.Get("X-Signature-Timestamp")
	if !fresh(timestamp, h.now()) || r.ContentLength > maxBody {
		return nil, false
	}
	message, ok := h.appendBody(append((*buf)[:0], timestamp...), r.Body)
	*buf = message
	if !ok || !h.verifier.verify(message, signature[:]) {
		return nil, false
	}
	return message[len(timestamp):], true
}

// fresh reports whether a timestamp is written in digits only and within maxSkew of now.
func fresh(timestamp string, now time.Time) bool {
	if len(timestamp) > 12 || !digits(timestamp) {
		return false
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	return err == nil && now.Sub(time.Unix(seconds, 0)).Abs() <= maxSkew
}

// appendBody appends at most maxBody bytes to buf, which grows with what has
// arrived, never with what was announced. It fails on more, if reading does, and
// if too many large bodies are being read already.
func (h *Handler) appendBody(buf []byte, body io.Reader) ([]byte, bool) {
	most, large := len(buf)+maxBody, false
	defer func() {
		if large {
			<-h.large
		}
	}()
	for {
		if !large && len(buf) >= keepBuffer {
			select {
			case h.large <- struct{}{}:
				large = true
			default:
				return buf, false
			}
		}
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), min(2*cap(buf), most+1))
			copy(grown, buf)
			buf = grown
		}
		n, err := body.Read(buf[len(buf):min(cap(buf), most+1)])
		buf = buf[:len(buf)+n]
		switch {
		case len(buf) > most:
			return buf, false
		case err == io.EOF:
			return buf, true
		case err != nil:
			return buf, false
		}
	}
}

// digits reports whether s is one or more decimal digits.
func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
