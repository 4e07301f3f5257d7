// Package passwords hashes passwords and checks them, by argon2id.
package passwords

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"coffer/internal/problem"
)

// ErrBusy says that too many passwords are being checked.
var ErrBusy = problem.New(problem.Unavailable, "busy", "Many are signing in just now. Try again in a moment.")

// parameters are what a hash costs.
type parameters struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

// current is what new hashes cost: OWASP's second choice, of which several may run at
// once on a small server.
var current = parameters{memory: 19 << 10, time: 2, threads: 1}

const (
	saltSize = 16
	keySize  = 32
	// atOnce bounds the memory: each takes 19 MiB.
	atOnce = 4
	// inLine is how many may wait for their turn.
	inLine = 64
)

// Hasher makes and checks hashes, a few at once.
type Hasher struct {
	turns  chan struct{}
	places chan struct{}
	derive func(password string, salt []byte, p parameters) []byte
}

// New returns a Hasher.
func New() *Hasher {
	return &Hasher{turns: make(chan struct{}, atOnce), places: make(chan struct{}, inLine), derive: derive}
}

func derive(password string, salt []byte, p parameters) []byte {
	return argon2.IDKey([]byte(password), salt, p.time, p.memory, p.threads, keySize)
}

// Hash returns the password's hash with a new salt, as text.
// Errors: ErrBusy; the context's.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails: it ends the program instead
	key, err := h.run(ctx, password, salt, current)
	if err != nil {
		return "", err
	}
	return current.format(salt, key), nil
}

// Check reports whether the hash is the password's. Without a hash it takes as long,
// and it is not. Errors: ErrBusy; the context's.
func (h *Hasher) Check(ctx context.Context, password, hash string) (bool, error) {
	p, salt, want, err := current, make([]byte, saltSize), []byte(nil), error(nil)
	if hash != "" {
		if p, salt, want, err = parse(hash); err != nil {
			return false, err
		}
	}
	key, err := h.run(ctx, password, salt, p)
	return err == nil && want != nil && subtle.ConstantTimeCompare(key, want) == 1, err
}

// run derives a key when it is its turn.
func (h *Hasher) run(ctx context.Context, password string, salt []byte, p parameters) ([]byte, error) {
	select {
	case h.places <- struct{}{}:
		defer func() { <-h.places }()
	default:
		return nil, ErrBusy
	}
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
		return nil, ErrBusy.Because(ctx.Err())
	}
	return h.derive(password, salt, p), nil
}

func (p parameters) format(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.time, p.threads,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// parse reads what format writes, and refuses what would cost more than anything
// that it has ever written.
func parse(hash string) (p parameters, salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errForm
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil ||
		p.memory == 0 || p.memory > 64<<10 || p.time == 0 || p.time > 8 || p.threads == 0 || p.threads > 4 {
		return p, nil, nil, errForm
	}
	if salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil || len(salt) < 8 {
		return p, nil, nil, errForm
	}
	if key, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil || len(key) != keySize {
		return p, nil, nil, errForm
	}
	return p, salt, key, nil
}

var errForm = problem.New(problem.Internal, "internal", "Something went wrong on our side.").Because(fmt.Errorf("a stored password has not the form of an argon2id hash"))
