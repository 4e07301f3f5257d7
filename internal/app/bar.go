package app

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// bar shows how far something is: on a terminal as a bar that is drawn anew, elsewhere
// as a line now and then.
type bar struct {
	out      io.Writer
	done     string // the word for it: "exported"
	terminal bool
	clock    func() time.Time
	next     time.Time // when it is drawn again
	drawn    bool
}

// How long a bar stays as it is.
const (
	barPace  = 100 * time.Millisecond
	linePace = 10 * time.Second
)

func newBar(out io.Writer, done string) *bar {
	b := &bar{out: out, done: done, clock: time.Now}
	if f, ok := out.(*os.File); ok {
		b.terminal = term.IsTerminal(int(f.Fd()))
	}
	if !b.terminal {
		b.next = b.clock().Add(linePace)
	}
	return b
}

// show tells that so many rows of all are done.
func (b *bar) show(done, total int64) {
	now := b.clock()
	if now.Before(b.next) && (!b.terminal || done < total) {
		return
	}
	percent := int64(100)
	if total > 0 {
		percent = min(100, done*100/total)
	}
	if !b.terminal {
		b.next = now.Add(linePace)
		_, _ = fmt.Fprintf(b.out, "%s %d of %d rows (%d %%)\n", b.done, done, total, percent)
		return
	}
	const width = 30
	full := int(percent) * width / 100
	b.next, b.drawn = now.Add(barPace), true
	_, _ = fmt.Fprintf(b.out, "\r%s [%s%s] %3d %%  %d of %d rows", b.done, strings.Repeat("#", full), strings.Repeat(".", width-full),
		percent, done, total)
}

// end leaves the line of the bar. It can be called again.
func (b *bar) end() {
	if b.drawn {
		_, _ = fmt.Fprintln(b.out)
	}
	b.drawn = false
}
