// Command benchmark measures the program as it is deployed: the built binary, a
// SQLite file or a Supabase of this machine, real connections over loopback, requests signed ahead of time,
// each with an id of its own. Beside it runs a bare handler that reads the same
// kind of body, checks the signature with crypto/ed25519 and answers a constant.
// The two take turns in short slices, because machines drift, on a core where
// nothing else of the benchmark runs; what counts is the server's CPU time for
// a request, and the ratio of the bare handler's to it.
//
// Run it with: make bench
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

type options struct {
	slice   time.Duration // of one server, before the other has its turn
	slices  int           // of each server and workload
	clients int           // connections that ask at once
	members []int         // sizes of the guild
	only    string        // the one workload to measure; empty: all, and the rest
	more    int           // commands before and after which memory is looked at
}

func main() {
	if address := os.Getenv(bareAddress); address != "" {
		serveBare(address)
		return
	}
	o := options{members: []int{1_000, 1_000_000}}
	flag.DurationVar(&o.slice, "slice", 400*time.Millisecond, "length of a slice")
	flag.IntVar(&o.slices, "slices", 12, "slices of each server and workload")
	flag.IntVar(&o.clients, "clients", 8, "connections that ask at once")
	quick := flag.Bool("quick", false, "without the guild of a million members")
	flag.StringVar(&o.only, "only", "", "measure this workload and nothing else")
	flag.IntVar(&o.more, "commands", 100_000, "commands before and after which memory is looked at")
	supabase := flag.Bool("supabase", true, "also on a Supabase of this machine, with the smaller guild")
	flag.Parse()
	if *quick {
		o.members = o.members[:1]
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o, *supabase)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, supabase bool) (err error) {
	dir, err := os.MkdirTemp("", "coffer-benchmark-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	l := &laboratory{binary: filepath.Join(dir, "coffer")}
	if l.cores, err = divide(); err != nil {
		return err
	}
	if l.log, err = os.Create(filepath.Join(dir, "log")); err != nil { //nolint:gosec // in a folder of our own
		return err
	}
	defer func() { err = errors.Join(err, l.log.Close()) }()
	if err := build(ctx, l.binary); err != nil {
		return err
	}
	bare, err := l.startBare(ctx)
	if err != nil {
		return err
	}
	defer bare.stop()
	machine()
	for _, n := range o.members {
		database := filepath.Join(dir, fmt.Sprintf("%d.db", n))
		began := time.Now()
		if err := fill(ctx, database, n); err != nil {
			return fmt.Errorf("fill a guild of %d: %w", n, err)
		}
		fmt.Printf("\nSQLite, %d members (made in %.1f s)\n", n, time.Since(began).Seconds())
		if err := l.measure(ctx, o, n, 500, bare, "STORE=sqlite", "SQLITE_PATH="+database); err != nil {
			return err
		}
	}
	if !supabase {
		return nil
	}
	project, err := startSupabase(ctx, o.members[0])
	if err != nil {
		fmt.Println("\nwithout Supabase:", err)
		return nil
	}
	defer func() { err = errors.Join(err, project.Close()) }()
	o.more /= 10 // each is a request of its own there, too
	fmt.Printf("\nSupabase, %d members; Postgres and PostgREST are on the clients' cores\n", o.members[0])
	return l.measure(ctx, o, o.members[0], 50, bare, "STORE=supabase", "SUPABASE_URL="+project.URL(), "SUPABASE_KEY="+project.Key())
}

// steadyDaily is what is measured at a fixed rate; it can be given to -only.
const steadyDaily = "/daily at a steady rate"

// measure prints the table of one guild. Rate is how many writes a second it can do.
func (l *laboratory) measure(ctx context.Context, o options, members, rate int, bare *server, store ...string) error {
	cold, err := l.coldStart(ctx, store)
	if err != nil {
		return err
	}
	coffer, err := l.startCoffer(ctx, store)
	if err != nil {
		return err
	}
	defer coffer.stop()
	fmt.Printf("%-22s %10s %10s %9s %9s %10s\n", "", "CPU us", "bare/it", "p50 ms", "p99 ms", "req/s")
	for _, w := range workloads(members) {
		if o.only != "" && w.name != o.only {
			continue
		}
		mine, base, err := compare(ctx, o, coffer, bare, w)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		fmt.Printf("%-22s %10.1f %10.2f %9.2f %9.2f %10.0f\n", w.name, mine.cpuPerRequest(),
			mine.ratio(), mine.percentile(50), mine.percentile(99), mine.perSecond())
		if w.name == "PING" {
			fmt.Printf("%-22s %10.1f %10.2f %9.2f %9.2f %10.0f\n", "bare handler", base.cpuPerRequest(), 1.0,
				base.percentile(50), base.percentile(99), base.perSecond())
		}
	}
	if o.only != "" && o.only != steadyDaily {
		return nil
	}
	steady, err := paced(ctx, coffer, signed(coffer.address, dailyWorkload(members)), rate, 10*time.Second)
	if err != nil {
		return err
	}
	fmt.Printf("/daily at %d a second: p50 %.2f ms, p99 %.2f ms\n", rate, steady.percentile(50), steady.percentile(99))
	if o.only != "" {
		return nil
	}
	fmt.Printf("cold start to the first signed PING: %d ms\n", cold.Milliseconds())
	if err := office(ctx, coffer, members, rate/5); err != nil {
		return err
	}
	before, err := coffer.memory()
	if err != nil {
		return err
	}
	if err := many(ctx, o, coffer, members); err != nil {
		return err
	}
	after, err := coffer.memory()
	if err != nil {
		return err
	}
	fmt.Printf("resident memory: %d MB before and %d MB after %d more commands\n", before>>20, after>>20, o.more)
	return nil
}
