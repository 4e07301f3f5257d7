package lease

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"time"
)

// The times of a lease. Whoever is killed has a successor within life and a poll; whoever
// cannot reach the store has stopped before anybody else may begin.
const (
	life       = 20 * time.Second
	margin     = 5 * time.Second // before its end, in which work ends
	renewEvery = 5 * time.Second
	retryEvery = time.Second // after a renewal that failed
	pollEvery  = 2 * time.Second
	answerTime = 3 * time.Second // of the store
)

// Keeper has work done while this process holds a lease.
type Keeper struct {
	store  Store
	name   string
	holder string
	log    *slog.Logger
}

// NewKeeper returns a keeper of the lease of that name, and starts nothing.
func NewKeeper(store Store, name string, log *slog.Logger) *Keeper {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &Keeper{store: store, name: name, holder: fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:8]),
		log: log.With(slog.String("lease", name))}
}

// Run waits for the lease and has work done while it is held. When the lease is lost,
// the context of work ends, five seconds before anybody else can have the lease by this
// process's own clock; work is to end within them, and begins anew once the lease is
// held again. Run returns work's error when work ends by itself, and nil when ctx does.
// The lease is given back when work has ended, so that the next one need not wait.
func (k *Keeper) Run(ctx context.Context, work func(context.Context) error) error {
	for {
		token, until := k.take(ctx)
		if token == 0 {
			return nil
		}
		lost, err := k.hold(ctx, token, until, work)
		if !lost || err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// take waits for the lease. It returns its token and when it ends, or 0 when ctx does.
func (k *Keeper) take(ctx context.Context) (token int64, until time.Time) {
	told := "" // the last that was logged: who works, or that nobody knows
	for ctx.Err() == nil {
		began := time.Now()                                    // before the store's time of the same
		asking, cancel := context.WithTimeout(ctx, answerTime) // so that most of the lease is left
		l, err := k.store.TakeLease(asking, k.name, k.holder, life)
		cancel()
		switch {
		case err == nil && l.Token != 0:
			k.log.Info("this process works", slog.String("holder", k.holder), slog.Int64("token", l.Token))
			return l.Token, began.Add(life)
		case ctx.Err() != nil:
			return 0, time.Time{}
		case err != nil && told != "?":
			told = "?"
			k.log.Warn("the lease cannot be had from the store, which will be asked again", slog.Any("error", err))
		case err == nil && told != l.Holder:
			told = l.Holder
			k.log.Info("another process works; this one waits", slog.String("holder", l.Holder))
		}
		timer := time.NewTimer(pollEvery + mathrand.N(pollEvery/4)) //nolint:gosec // jitter, no secret
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
	return 0, time.Time{}
}

// hold has work done until it ends or the lease is lost.
func (k *Keeper) hold(ctx context.Context, token int64, until time.Time, work func(context.Context) error) (lost bool, err error) {
	working, end := context.WithCancel(ctx)
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- work(working) }()
	next, failed := renewEvery, false
	for {
		left := time.Until(until.Add(-margin))
		timer := time.NewTimer(min(next, left))
		select {
		case err := <-ended:
			timer.Stop()
			k.giveBack(ctx, token)
			return false, err
		case <-timer.C:
		}
		if next > left {
			k.log.Warn("the lease could not be renewed in time; this process stops its work", slog.Int64("token", token))
			end()
			return true, <-ended
		}
		began := time.Now()
		held, err := k.renew(ctx, token, until)
		switch {
		case err != nil:
			next = retryEvery
			if !failed {
				k.log.Warn("the lease was not renewed, which will be tried again", slog.Any("error", err))
			}
		case !held:
			k.log.Warn("the lease is over or somebody else's; this process stops its work", slog.Int64("token", token))
			end()
			return true, <-ended
		default:
			next, until = renewEvery, began.Add(life)
		}
		failed = err != nil
	}
}

// renew asks the store, also while work is coming to its end.
func (k *Keeper) renew(ctx context.Context, token int64, until time.Time) (bool, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(answerTime, time.Until(until.Add(-margin))))
	defer cancel()
	return k.store.RenewLease(ctx, k.name, token, life)
}

// giveBack ends the lease now. If that fails it ends by itself.
func (k *Keeper) giveBack(ctx context.Context, token int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	if err := k.store.ReturnLease(ctx, k.name, token); err != nil {
		k.log.Warn("the lease was not given back; the next process waits for its end", slog.Any("error", err))
		return
	}
	k.log.Info("this process has stopped its work", slog.Int64("token", token))
}
