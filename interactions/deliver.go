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
	tokenLife   = 15 * time.Minute // of an interaction, from its arrival
	attempts    = 8                // over about half a minute
	firstPause  = 250 * time.Millisecond
	attemptLife = 10 * time.Second
)

// deliver sends a deferred reply. The webhook is answered by now.
func (h *Handler) deliver(ctx context.Context, r *Request, rt *route, res result, arrived time.Time) {
	ctx, cancel := context.WithDeadline(ctx, arrived.Add(tokenLife))
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			h.report(ctx, r, problem.Of(fmt.Errorf("panic: %v", v)), slog.String("stack", string(debug.Stack())))
		}
	}()
	send := h.webhooks.EditOriginal
	answer := res.reply.response(rt.private)
	data := answer.Data.(messageData) // what else there is cannot be deferred
	if r.payload.Type == typeComponent && answer.Type == respondMessage {
		send = h.webhooks.FollowUp // the component's own message stays
	} else {
		data.Flags = 0 // who sees a message was settled by the deferral
	}
	tries := 0
	body, err := encode(data)
	if err == nil {
		tries, err = persist(ctx, func(ctx context.Context) error {
			return send(ctx, r.payload.ApplicationID, r.payload.Token, body)
		})
	}
	level, attrs := slog.LevelInfo, []slog.Attr{
		slog.String("request_id", h.reference(ctx, r)),
		slog.String("interaction", r.kind()), slog.String("command", r.Name),
		slog.String("outcome", string(res.outcome)), slog.Int("tries", tries),
		slog.Float64("duration_ms", float64(time.Since(arrived).Microseconds())/1000),
	}
	if err != nil {
		level, attrs = slog.LevelError, append(attrs, slog.String("error", r.redact(err)))
	}
	h.log.LogAttrs(ctx, level, "deferred reply", attrs...)
}

// persist tries until it succeeds, it is of no use, or attempts or ctx end. A
// moment after a deferral Discord may not know of it yet, so even a 404 is
// worth another try unless the error says that it is not.
func persist(ctx context.Context, try func(context.Context) error) (tries int, err error) {
	for pause := firstPause; ; pause *= 2 {
		tries++
		if err = attempt(ctx, try); err == nil || tries == attempts || permanent(err) || !sleep(ctx, pause) {
			return tries, err
		}
	}
}

func attempt(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, attemptLife)
	defer cancel()
	return try(ctx)
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
