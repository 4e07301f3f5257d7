package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// maxBatch bounds how many writes share a commit, and so how long the first of
// them waits for the last.
const maxBatch = 256

var errClosed = errors.New("the store is closed")

// writer runs writes one after the other on one connection. A durable commit
// waits for the disk, so writes that arrive meanwhile queue up and share the
// next one: whoever gets the turn has all that wait run, each in a savepoint of
// its own, with one commit, and only then is anybody told.
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
	panicked *defect
}

// defect is a panic inside a write, on its way to the goroutine that asked for
// the write.
type defect struct {
	value any
	stack []byte // where it happened
}

// Error tells the panic with its stack.
func (d *defect) Error() string { return fmt.Sprintf("%v\n%s", d.value, d.stack) }

const (
	waiting int32 = iota
	started
	abandoned
)

func newWriter(c *conn) *writer { return &writer{conn: c, turn: make(chan struct{}, 1)} }

// run runs do in a transaction and returns once it is durable. If do fails, its
// effects alone are undone. If ctx ends first, do may run or may have run,
// unless its transaction had not begun: then it never will.
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
			go func() { // so that the end of ctx does not wait for the others
				defer func() { <-w.turn }()
				w.commit(w.next())
			}()
		case <-ctx.Done():
			job.state.CompareAndSwap(waiting, abandoned)
			return ctx.Err()
		}
	}
}

func (j *write) outcome() error {
	if j.panicked != nil {
		panic(j.panicked)
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
			job.err = fmt.Errorf("shared commit: %w", err)
		}
		close(job.done)
	}
}

// attempt returns the writes that were begun and the error that voids them all.
func (w *writer) attempt(tx *tx, batch []*write) (ran []*write, err error) {
	if len(batch) == 0 {
		return nil, nil
	}
	_, err = tx.exec("BEGIN IMMEDIATE") // may wait for another process
	for _, job := range batch {
		if !job.state.CompareAndSwap(waiting, started) {
			continue
		}
		ran = append(ran, job)
		if err == nil {
			err = job.attempt(tx)
		}
	}
	if err == nil {
		_, err = tx.exec("COMMIT")
	}
	return ran, err
}

// attempt runs one write in a savepoint. Its own failure is in job.err; the
// returned error means that the transaction cannot go on.
func (j *write) attempt(tx *tx) error {
	if _, err := tx.exec("SAVEPOINT operation"); err != nil {
		return err
	}
	func() {
		defer func() {
			if v := recover(); v != nil {
				j.panicked = &defect{v, debug.Stack()}
			}
		}()
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
