package interactions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"coffer/internal/problem"
)

const (
	tokenLife  = 15 * time.Minute // of an interaction, from its arrival
	attempts   = 8                // over about half a minute
	firstPause = 250 * time.Millisecond
	lastWords  = 2 * time.Second // for the last try of a reply when the program ends
)

// deliver sends a deferred reply. The webhook is answered by now. What Discord
// will not have is replaced by an apology, so that nothing stays "thinking".
func (h *Handler) deliver(ctx context.Context, r *Request, res result, arrived time.Time) {
	ctx, cancel := context.WithDeadline(ctx, arrived.Add(tokenLife))
	defer cancel()
	tries, err := h.send(ctx, r, res.answer)
	if permanent(err) && res.outcome == outcomeOK {
		apology := h.report(ctx, r, problem.Of(fmt.Errorf("deliver the reply: %w", err)))
		_, _ = h.send(ctx, r, apology) // if that is refused too, the token is gone
	}
	level, attrs := slog.LevelInfo, []slog.Attr{
		slog.String("request_id", h.reference(ctx, r)),
		slog.String("interaction", r.kind()), slog.String("command", r.Name), slog.Int("tries", tries),
		slog.Float64("duration_ms", float64(time.Since(arrived).Microseconds())/1000),
	}
	if err != nil {
		res.outcome = outcomeError
		level, attrs = slog.LevelError, append(attrs, slog.String("error", r.redact(err)))
	}
	h.seen(r, res.outcome)
	h.log.LogAttrs(ctx, level, "deferred reply", append(attrs, slog.String("outcome", string(res.outcome)))...)
}

// send writes one answer by the interaction's token and returns how often it tried.
func (h *Handler) send(ctx context.Context, r *Request, answer response) (tries int, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	write := h.webhooks.EditOriginal
	data := answer.Data.(messageData) // what else there is cannot be deferred
	if r.onMessage() && answer.Type == respondMessage {
		write = h.webhooks.FollowUp // the message that it came from stays
	} else {
		data.Flags = 0 // who sees a message was settled by the deferral
	}
	body, err := encode(data)
	if err != nil {
		return 0, err
	}
	return h.persist(ctx, func(ctx context.Context) error {
		return write(ctx, r.payload.ApplicationID, r.payload.Token, body)
	})
}

// persist tries until it succeeds, it is of no use, or attempts or ctx end. A
// moment after a deferral Discord may not know of it yet, so even a 404 is
// worth another try unless the error says that it is not. When the program
// ends, there is one last, short try.
func (h *Handler) persist(ctx context.Context, try func(context.Context) error) (tries int, err error) {
	hurried, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.ending, cancel)()
	for pause := firstPause; hurried.Err() == nil; pause *= 2 {
		tries++
		if err = try(hurried); err == nil || tries == attempts || permanent(err) && hurried.Err() == nil {
			return tries, err
		}
		if !sleep(hurried, pause) {
			break
		}
	}
	if ctx.Err() != nil {
		return tries, err
	}
	last, cancelLast := context.WithTimeout(ctx, lastWords)
	defer cancelLast()
	return tries + 1, try(last)
}

// permanent reports whether trying again is of no use.
func permanent(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && !t.Temporary()
}

// sleep reports whether the pause ended before the context did.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// redact returns an error's text for the log, without the interaction's token,
// which errors of HTTP clients like to carry in their URL.
func (r *Request) redact(err error) string {
	if r.payload.Token == "" {
		return err.Error()
	}
	return strings.ReplaceAll(err.Error(), r.payload.Token, "[token]")
}
