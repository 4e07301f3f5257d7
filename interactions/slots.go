package interactions

import (
	"context"
	"sync/atomic"
	"time"
)

// slot is one of the handlers that may run at once. Two hold it: the handler,
// and whoever delivers its reply.
type slot struct {
	holders atomic.Int32
	slots   <-chan struct{}
}

func (h *Handler) take() (*slot, bool) {
	select {
	case h.slots <- struct{}{}:
		s := &slot{slots: h.slots}
		s.holders.Store(2)
		return s, true
	default:
		return nil, false
	}
}

func (s *slot) release() {
	if s.holders.Add(-1) == 0 {
		<-s.slots
	}
}

// Drain waits until no handler runs and every deferred reply is delivered or
// given up. Shortly before ctx ends it ends the handlers and asks for the last
// try of each delivery, so that whoever waits is told. Meanwhile new
// interactions are more and more likely to be answered "busy", so call it after
// the server has stopped accepting requests. It returns the context's error if
// that ends first.
func (h *Handler) Drain(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok {
		timer := time.AfterFunc(time.Until(deadline)-lastWords-time.Second/2, h.end)
		defer timer.Stop()
	}
	taken := 0
	defer func() {
		for range taken {
			<-h.slots
		}
	}()
	for taken < cap(h.slots) {
		select { // what is free is taken even if ctx has ended
		case h.slots <- struct{}{}:
			taken++
			continue
		default:
		}
		select {
		case h.slots <- struct{}{}:
			taken++
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
