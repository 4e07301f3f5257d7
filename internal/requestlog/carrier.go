package requestlog

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"sync"
)

type key struct{}

// carrier collects what one request's line will say.
type carrier struct {
	id string

	mu     sync.Mutex
	attrs  []slog.Attr
	closed bool
}

func with(ctx context.Context, c *carrier) context.Context {
	return context.WithValue(ctx, key{}, c)
}

// ID returns the id of ctx's request, or "" outside of one. It stays readable
// after the request has ended.
func ID(ctx context.Context) string {
	if c, ok := ctx.Value(key{}).(*carrier); ok {
		return c.id
	}
	return ""
}

// Add puts attributes on the log line of ctx's request; a key added again
// replaces its value, and one called "panic" makes the line an error. It is safe for concurrent use, and does nothing outside
// of a request or after its line was written.
func Add(ctx context.Context, attrs ...slog.Attr) {
	if c, ok := ctx.Value(key{}).(*carrier); ok {
		c.add(attrs...)
	}
}

func (c *carrier) add(attrs ...slog.Attr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	for _, a := range attrs {
		if i := index(c.attrs, a.Key); i >= 0 {
			c.attrs[i] = a
			continue
		}
		c.attrs = append(c.attrs, a)
	}
}

// close ends the collection; from here on the attributes belong to the caller.
func (c *carrier) close() (attrs []slog.Attr, panicked bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return c.attrs, has(c.attrs, "panic")
}

func index(attrs []slog.Attr, key string) int {
	return slices.IndexFunc(attrs, func(a slog.Attr) bool { return a.Key == key })
}

func has(attrs []slog.Attr, key string) bool { return index(attrs, key) >= 0 }

// alphabet leaves out i, l, o and u: people read references to one another.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// sanitised returns id if it is one, else a new one of 16 characters (80 bits).
func sanitised(id string) string {
	if valid(id) {
		return id
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	for i, v := range b {
		b[i] = alphabet[v&31]
	}
	return string(b[:])
}

func valid(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		ok := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
		if !ok {
			return false
		}
	}
	return true
}
