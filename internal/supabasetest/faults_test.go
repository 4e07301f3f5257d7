package supabasetest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"coffer/internal/supabasetest"
)

// TestFaults plants each in the way of a write: what the caller gets to know,
// and whether it happened.
func TestFaults(t *testing.T) {
	thorough(t)
	const late = 150 * time.Millisecond
	p := supabasetest.New(t, migrate(schema))
	c := call(t, p, p.Key())
	for name, test := range map[string]struct {
		fault    supabasetest.Fault
		broken   error // what reading fails with
		status   int
		text     string
		happened bool
		takes    time.Duration
	}{
		"none":           {fault: nil, status: 200, happened: true},
		"drop":           {fault: supabasetest.Drop(), broken: io.EOF},
		"lost answer":    {fault: supabasetest.LoseAnswer(), broken: io.EOF, happened: true},
		"late request":   {fault: supabasetest.DelayRequest(late), status: 200, happened: true, takes: late},
		"late answer":    {fault: supabasetest.DelayAnswer(late), status: 200, happened: true, takes: late},
		"twice":          {fault: supabasetest.After(supabasetest.DelayRequest(0)), status: 200, happened: true},
		"cut short":      {fault: supabasetest.Truncate(0), broken: io.ErrUnexpectedEOF, status: 200, happened: true},
		"401":            {fault: supabasetest.Status(401), status: 401, text: "Invalid API key"},
		"502":            {fault: supabasetest.Status(502), status: 502, text: "invalid response"},
		"502, but done":  {fault: supabasetest.After(supabasetest.Status(502)), status: 502, text: "invalid response", happened: true},
		"503":            {fault: supabasetest.Status(503), status: 503, text: "name resolution"},
		"504":            {fault: supabasetest.Status(504), status: 504, text: "timing out"},
		"540":            {fault: supabasetest.Status(540), status: 540, text: "540"},
		"544":            {fault: supabasetest.Status(544), status: 544, text: "544"},
		"redirect":       {fault: supabasetest.Redirect("http://127.0.0.2/"), status: 307},
		"flood":          {fault: supabasetest.Flood(3 << 20), status: 200, text: strings.Repeat(`{"a":"bcdefghij"},`, 100_000)},
		"garbage":        {fault: supabasetest.Garbage(), status: 200, text: "It works"},
		"garbage, later": {fault: supabasetest.After(supabasetest.Garbage()), status: 200, text: "It works", happened: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := c
			c.t = t
			before := c.notes()
			p.Forget()
			p.Plant(func(*http.Request) supabasetest.Fault { return test.fault })
			start := time.Now()
			status, text, err := c.try(t.Context(), "/rest/v1/rpc/note", `{"text":"x"}`)
			took := time.Since(start)
			p.Plant(nil)
			if !errors.Is(err, test.broken) || status != test.status || !strings.Contains(text, test.text) {
				t.Errorf("got %d %.100s, %v; want %d %.100s, %v", status, text, err, test.status, test.text, test.broken)
			}
			if happened := c.notes() > before; happened != test.happened {
				t.Errorf("it happened: %v, want %v", happened, test.happened)
			}
			if took < test.takes {
				t.Errorf("took %v, want %v", took, test.takes)
			}
			if r := p.Requests()[0]; r.Status != test.status || r.Forwarded != test.happened {
				t.Errorf("remembered %+v", r)
			}
		})
	}
}

// TestWhatIsOnItsWayArrives: the caller of a delayed request has given up.
func TestWhatIsOnItsWayArrives(t *testing.T) {
	thorough(t)
	const late = 200 * time.Millisecond
	p := supabasetest.New(t, migrate(schema))
	c := call(t, p, p.Key())
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	start := time.Now()
	p.Plant(func(r *http.Request) supabasetest.Fault {
		if strings.HasPrefix(r.URL.Path, "/rest/v1/rpc/") {
			giveUp()
			return supabasetest.DelayRequest(late)
		}
		return nil
	})
	if _, _, err := c.try(ctx, "/rest/v1/rpc/note", `{"text":"x"}`); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if n := c.notes(); n != 0 && time.Since(start) < late {
		t.Fatalf("%d notes before it arrived", n)
	}
	within(t, time.Minute, "the note is there", func() bool { return c.notes() == 1 })
}

// TestAnEndDoesNotWaitForDelays: the project ends with a request held back.
func TestAnEndDoesNotWaitForDelays(t *testing.T) {
	start := time.Now()
	t.Run("project", func(t *testing.T) {
		p := supabasetest.New(t, nil)
		p.Plant(func(*http.Request) supabasetest.Fault { return supabasetest.DelayRequest(time.Hour) })
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, _, err := call(t, p, p.Key()).try(ctx, "/rest/v1/", `{}`); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %v", took)
	}
}
