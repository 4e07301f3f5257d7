package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// maxBatch bounds how many writes share a commit, and so how long the first of
// them waits for the last.
const maxBatch = 256

var errClosed = errors.New("the store is closed")

// writer runs writes one after the other on one connection. A durable commit
// waits for the disk, so writes that arrive meanwhile queue up and share the
// next one: whoever gets the turn runs all that wait, each in a savepoint of
// its own, commits once, and only then tells everybody.
type writer struct {
	conn   *conn
	turn   chan struct{} // holds one value while somebody writes
	mu     sync.Mutex
	queue  []*write
	closed bool
}

// write is one queued operation.
type write struct {
	do       func(*tx) error
	state    atomic.Int32 // waiting, then started or abandoned
	done     chan struct{}
	err      error
	panicked any
}

const (
	waiting int32 = iota
	started
	abandoned
)

func newWriter(c *conn) *writer { return &writer{conn: c, turn: make(chan struct{}, 1)} }

// run runs do in a transaction and returns once it is durable. If do fails, its
// effects alone are undone. If ctx ends first, do may run or may have run,
// unless its turn had not come: then it never will.
func (w *writer) run(ctx context.Context, do func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	job := &write{do: do, done: make(chan struct{})}
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return errClosed
	}
	w.queue = append(w.queue, job)
	w.mu.Unlock()
	for {
		select {
		case <-job.done:
			return job.outcome()
		case w.turn <- struct{}{}:
			w.commit(w.next())
			<-w.turn
		case <-ctx.Done():
			job.state.CompareAndSwap(waiting, abandoned)
			return ctx.Err()
		}
	}
}

func (j *write) outcome() error {
	if j.panicked != nil {
		panic(j.panicked) // in the goroutine whose operation it was
	}
	return j.err
}

// next takes the oldest writes off the queue.
func (w *writer) next() []*write {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(len(w.queue), maxBatch)
	batch := w.queue[:n:n]
	w.queue = w.queue[n:]
	return batch
}

// commit runs a batch in one transaction. Nobody is told of success before the
// commit; if that fails, all of the batch fails.
func (w *writer) commit(batch []*write) {
	tx := &tx{ctx: context.Background(), conn: w.conn, snapshot: true}
	ran, err := w.attempt(tx, batch)
	if err != nil {
		// Some errors have rolled back already; then this one fails, harmlessly.
		_, _ = tx.exec("ROLLBACK")
	}
	for _, job := range ran {
		if err != nil {
			job.err = fmt.Errorf("commit: %w", err)
		}
		close(job.done)
	}
}

// attempt returns the writes that were begun and the error that voids them all.
func (w *writer) attempt(tx *tx, batch []*write) (ran []*write, err error) {
	for _, job := range batch {
		if job.state.CompareAndSwap(waiting, started) {
			ran = append(ran, job)
		}
	}
	if len(ran) == 0 {
		return nil, nil
	}
	if _, err := tx.exec("BEGIN IMMEDIATE"); err != nil {
		return ran, err
	}
	for _, job := range ran {
		if err := job.attempt(tx); err != nil {
			return ran, err
		}
	}
	_, err = tx.exec("COMMIT")
	return ran, err
}

// attempt runs one write in a savepoint. Its own failure is in job.err; the
// returned error means that the transaction cannot go on.
func (j *write) attempt(tx *tx) error {
	if _, err := tx.exec("SAVEPOINT operation"); err != nil {
		return err
	}
	func() {
		defer func() { j.panicked = recover() }()
		j.err = j.do(tx)
	}()
	if j.err != nil || j.panicked != nil {
		if _, err := tx.exec("ROLLBACK TO operation"); err != nil {
			return errors.Join(j.err, err)
		}
	}
	_, err := tx.exec("RELEASE operation")
	return err
}

// close waits for the writes under way, refuses new ones and closes the
// connection.
func (w *writer) close() error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.turn <- struct{}{}
	for batch := w.next(); len(batch) > 0; batch = w.next() {
		w.commit(batch)
	}
	<-w.turn
	return w.conn.Close()
}
