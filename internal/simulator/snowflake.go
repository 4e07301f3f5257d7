package simulator

import (
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"sync"
	"time"
)

// epoch is the first millisecond of 2015, from which Discord counts.
const epoch = 1420070400000

// tokenLetters has 64 letters, so that a random byte maps to one without bias.
const tokenLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789AZ"

// snowflakes hands out ids as Discord does: milliseconds in the upper bits,
// so that ids sort by time. An id is never handed out twice, even when the
// clock stands still or is set back.
type snowflakes struct {
	mu   sync.Mutex
	last uint64
	now  func() time.Time
}

func (s *snowflakes) next() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := uint64(max(0, s.now().UnixMilli()-epoch)) << 22
	s.last = max(id, s.last+1)
	return strconv.FormatUint(s.last, 10)
}

// isSnowflake says whether s is an id: digits, and within an int64 as
// Discord has it.
func isSnowflake(s string) bool {
	if s == "" || s[0] == '+' || s[0] == '-' {
		return false
	}
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}

// interactionToken makes a continuation token of the shape and length that
// Discord's have (about 210 letters), unguessable.
func interactionToken(id string) string {
	var random [114]byte
	_, _ = rand.Read(random[:]) // never fails
	for i, b := range random {
		random[i] = tokenLetters[b%64]
	}
	return base64.RawURLEncoding.EncodeToString([]byte("interaction:" + id + ":" + string(random[:])))
}
