package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"strconv"
)

// errPanic stands for a panic, which is logged where it happened.
var errPanic = errors.New("the program failed; see its log")

// attempt tries a delivery, tells the store how that ended, and returns it. tries
// and settles bound the two.
func (d *Deliverer) attempt(tries, settles context.Context, l Lease) verdict {
	start := d.Now()
	ctx, cancel := context.WithTimeout(tries, attemptTime)
	posted, err := d.try(ctx, l)
	cancel()
	if err != nil && tries.Err() != nil && posted == "" {
		return verdict{} // cut off: nobody knows, so the lease expires
	}
	v := judge(l, err, rand.Float64()) //nolint:gosec // jitter, no secret
	if !v.outcome.Gone {
		v.outcome.Message = posted
	}
	log := d.Log.With(slog.Int64("delivery", l.ID), slog.String("kind", string(l.Kind)), slog.String("guild", string(l.Guild)),
		slog.Int("attempt", l.Attempt), slog.Duration("took", d.Now().Sub(start)))
	switch {
	case v.operator: // said once for all of them
	case v.outcome.State == Failed, v.outcome.State == Waiting && l.Attempt >= l.Most():
		log.Warn("a delivery failed for good", slog.String("error", v.outcome.Error))
	case v.outcome.State == Waiting:
		log.Info("a delivery will be tried again", slog.String("error", v.outcome.Error), slog.Duration("after", v.outcome.After))
	default:
		log.Info("delivered")
	}
	if v.operator && l.Attempt >= l.Most() {
		return v // settled, it would count as failed, and its purchase be refunded
	}
	ctx, cancel = context.WithTimeout(settles, settlingTime)
	defer cancel()
	if err := d.Queue.SettleDelivery(ctx, l, v.outcome, d.Now()); err != nil {
		log.Warn("how a delivery ended could not be kept; it will be tried again", slog.Any("error", err))
	}
	return v
}

// try does what a delivery asks for, once, and returns the id of the message that it
// posted for a card, after a failure too.
func (d *Deliverer) try(ctx context.Context, l Lease) (posted string, err error) {
	defer func() {
		if p := recover(); p != nil {
			d.Log.Error("a delivery panicked", slog.Int64("delivery", l.ID), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			err = errPanic
		}
	}()
	switch l.Kind {
	case Role:
		if l.Entitled {
			return "", d.Discord.GrantRole(ctx, string(l.Guild), string(l.User), string(l.Role), "bought in the shop")
		}
		return "", d.Discord.TakeRole(ctx, string(l.Guild), string(l.User), string(l.Role), "not owned any more: refunded, or its time is over")
	case Card, Channel, Direct:
	default:
		return "", fmt.Errorf("deliveries of kind %q are unknown to this version", l.Kind)
	}
	m, err := d.Words.Notice(l)
	switch {
	case err != nil:
		return "", fmt.Errorf("word the notice %q: %w", l.Notice.Name, err)
	case l.Kind == Direct:
		return "", d.Discord.Direct(ctx, string(l.User), nonce(l), m.Body)
	case l.Kind == Channel:
		_, err = d.Discord.Post(ctx, string(l.Channel), nonce(l), m.Body, nil)
		return "", err
	case l.Message != "":
		return "", d.Discord.Edit(ctx, string(l.Channel), l.Message, m.Body)
	}
	body, files, err := d.illustrated(ctx, l, m)
	if err != nil {
		return "", err
	}
	if posted, err = d.Discord.Post(ctx, string(l.Channel), nonce(l), body, files); err != nil || l.Token == 1 {
		return posted, err
	}
	// An earlier lease may have posted it, and then this nonce is that message, which
	// shows what was so at that time.
	return posted, d.Discord.Edit(ctx, string(l.Channel), posted, body)
}

// nonce is a delivery's mark on its message, at most 25 characters.
func nonce(l Lease) string { return "d" + strconv.FormatInt(l.ID, 10) }
