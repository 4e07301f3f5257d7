package outbox_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"coffer/internal/outbox"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// row is a delivery as the queue keeps it.
type row struct {
	lease    outbox.Lease // the newest; its token fences
	state    outbox.State
	err      string
	due      time.Time
	leased   bool // until due
	again    bool // the entitlement changed while it was leased
	refunded bool // it failed, and was to be granted
	gone     bool // its message was deleted
}

// queue keeps deliveries as the contract of outbox.Store says, in memory.
type queue struct {
	mu      sync.Mutex
	rows    []*row
	limits  []int
	down    error // in place of leasing
	unkept  error // in place of settling
	refused int   // settlements by a lease that was taken over
}

// add has a delivery done now. Its id counts from 1.
func (q *queue) add(l outbox.Lease) *row {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.rows {
		if r.state == outbox.Waiting && r.lease.Guild == l.Guild && r.lease.Kind == l.Kind &&
			(l.Kind == outbox.Role && r.lease.User == l.User && r.lease.Role == l.Role ||
				l.Kind == outbox.Card && r.lease.Subject == l.Subject) {
			r.lease.Entitled, r.lease.Notice, r.lease.Attempt, r.again = l.Entitled, l.Notice, 0, r.leased
			if !r.leased {
				r.due = time.Now()
			}
			return r
		}
	}
	l.ID, l.Created = int64(len(q.rows)+1), time.Now()
	r := &row{lease: l, state: outbox.Waiting, due: time.Now()}
	q.rows = append(q.rows, r)
	return r
}

func (q *queue) LeaseDeliveries(ctx context.Context, limit int, life time.Duration) ([]outbox.Lease, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limits = append(q.limits, limit)
	if err := cmp.Or(ctx.Err(), q.down); err != nil {
		return nil, err
	}
	var due []*row
	for _, r := range q.rows {
		if r.state == outbox.Waiting && !r.due.After(time.Now()) {
			due = append(due, r)
		}
	}
	slices.SortStableFunc(due, func(a, b *row) int { return a.due.Compare(b.due) })
	var leases []outbox.Lease
	for _, r := range due[:min(limit, len(due))] {
		r.lease.Token++
		r.lease.Attempt++
		r.leased, r.due = true, time.Now().Add(life)
		leases = append(leases, r.lease)
	}
	return leases, nil
}

func (q *queue) SettleDelivery(ctx context.Context, l outbox.Lease, o outbox.Outcome, _ time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := cmp.Or(ctx.Err(), q.unkept); err != nil {
		return err
	}
	i := slices.IndexFunc(q.rows, func(r *row) bool { return r.lease.ID == l.ID })
	r := q.rows[i]
	if r.lease.Message == "" {
		r.lease.Message = o.Message
	}
	if !r.leased || r.lease.Token != l.Token {
		q.refused++
		return nil
	}
	r.leased, r.err = false, o.Error
	switch {
	case r.again && !o.Gone:
		r.again, r.due = false, time.Now()
	case o.State == outbox.Waiting && l.Attempt < l.Most():
		r.due = time.Now().Add(o.After)
	case o.State == outbox.Done:
		r.state, r.gone = outbox.Done, o.Gone
	default:
		r.state = outbox.Failed
		r.refunded = l.Kind == outbox.Role && l.Entitled
	}
	return nil
}

func (q *queue) count(state outbox.State) (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.rows {
		if r.state == state {
			n++
		}
	}
	return n
}

// asked is how often it was asked for deliveries.
func (q *queue) asked() int { return len(q.limitsAsked()) }

func (q *queue) limitsAsked() []int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.limits)
}

// late is how many attempts outlived their leases.
func (q *queue) late() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.refused
}

// get returns a copy of a row.
func (q *queue) get(r *row) row {
	q.mu.Lock()
	defer q.mu.Unlock()
	return *r
}

func (q *queue) set(change func(*queue)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	change(q)
}

// refusal is an answer of Discord's that is no success.
type refusal struct {
	status, code int
	after        time.Duration
	global       bool
}

func (r refusal) Error() string { return fmt.Sprintf("discord: %d (%d)", r.status, r.code) }

func (r refusal) Answer() (status, code int, after time.Duration, global bool) {
	return r.status, r.code, r.after, r.global
}

// world is Discord: who has which role, and what was said where. A message with a
// nonce is there once, and its id is "m" and the nonce.
type world struct {
	mu       sync.Mutex
	start    time.Time
	roles    map[string]bool   // by guild, user and role
	messages map[string]string // by place and nonce; with files, followed by their names and contents
	pictures map[string]string // by address
	calls    []time.Duration   // since start
	running  int
	most     int                                    // that ran at once
	takes    time.Duration                          // each call
	fail     func(ctx context.Context, n int) error // before anything happens, in call n from 1; may be nil
	lost     int                                    // of so many calls, from the first, the answer
}

func newWorld() *world {
	return &world{start: time.Now(), roles: map[string]bool{}, messages: map[string]string{}, pictures: map[string]string{}}
}

func (w *world) call(ctx context.Context, effect func() error) error {
	w.mu.Lock()
	w.calls = append(w.calls, time.Since(w.start))
	n := len(w.calls)
	w.running++
	w.most = max(w.most, w.running)
	takes, fail, lost := w.takes, w.fail, n <= w.lost
	w.mu.Unlock()
	defer func() { w.mu.Lock(); w.running--; w.mu.Unlock() }()
	timer := time.NewTimer(takes)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	if fail != nil {
		if err := fail(ctx, n); err != nil {
			return err
		}
	}
	w.mu.Lock()
	err := effect()
	w.mu.Unlock()
	if lost {
		return refusal{}
	}
	return err
}

func (w *world) GrantRole(ctx context.Context, guild, user, role, reason string) error {
	return w.call(ctx, func() error { w.roles[guild+" "+user+" "+role] = reason != ""; return nil })
}

func (w *world) TakeRole(ctx context.Context, guild, user, role, _ string) error {
	return w.call(ctx, func() error { delete(w.roles, guild+" "+user+" "+role); return nil })
}

func (w *world) Post(ctx context.Context, channel, nonce string, body []byte, files map[string][]byte) (string, error) {
	err := w.call(ctx, func() error { w.say("#"+channel+" "+nonce, body, files); return nil })
	if err != nil {
		return "", err
	}
	return "m" + nonce, nil
}

func (w *world) Direct(ctx context.Context, user, nonce string, body []byte) error {
	return w.call(ctx, func() error { w.say("@"+user+" "+nonce, body, nil); return nil })
}

// say keeps a message, unless it is there already.
func (w *world) say(where string, body []byte, files map[string][]byte) {
	if _, there := w.messages[where]; there {
		return
	}
	text := string(body)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text += " " + name + "=" + string(files[name])
	}
	w.messages[where] = text
}

func (w *world) Edit(ctx context.Context, channel, message string, body []byte) error {
	where := "#" + channel + " " + strings.TrimPrefix(message, "m")
	return w.call(ctx, func() error {
		had, there := w.messages[where]
		if !there {
			return refusal{status: 404, code: 10008}
		}
		_, files, _ := strings.Cut(had, " ")
		w.messages[where] = strings.TrimSpace(string(body) + " " + files)
		return nil
	})
}

func (w *world) Fetch(ctx context.Context, address string, most int64) (picture []byte, err error) {
	err = w.call(ctx, func() error {
		kept, there := w.pictures[address]
		switch {
		case !there:
			return refusal{status: 404}
		case int64(len(kept)) > most:
			return refusal{status: 413}
		}
		picture = []byte(kept)
		return nil
	})
	return picture, err
}

func (w *world) at(n int) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n >= len(w.calls) {
		return -1
	}
	return w.calls[n]
}

// failing has calls fail before anything happens.
func (w *world) failing(fail func(ctx context.Context, n int) error) {
	w.set(func(w *world) { w.fail = fail })
}

func (w *world) has(role string) bool { return w.snapshot().roles[role] }

// seen is what a test may look at.
type seen struct {
	roles    map[string]bool
	messages map[string]string
	calls    []time.Duration
	most     int
}

func (w *world) snapshot() seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	return seen{maps.Clone(w.roles), maps.Clone(w.messages), slices.Clone(w.calls), w.most}
}

func (w *world) set(change func(*world)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

// plainWords says the arguments of a notice, without spaces. Those of a card with a
// picture are its address.
type plainWords struct{}

func (plainWords) Notice(l outbox.Lease) (outbox.Message, error) {
	said := string(l.Notice.Args)
	switch l.Notice.Name {
	case outbox.NoticeRefunded:
		body, err := json.Marshal(map[string]string{"content": string(l.Kind) + " " + said})
		return outbox.Message{Body: body}, err
	case outbox.NoticeTask:
		return outbox.Message{Body: []byte(said)}, nil
	case outbox.NoticeSubmission:
		return outbox.Message{Body: []byte("with"), Image: &outbox.Image{URL: said, Name: "proof.png", Size: 10, Without: []byte("without")}}, nil
	}
	return outbox.Message{}, fmt.Errorf("no words for %q", l.Notice.Name)
}
