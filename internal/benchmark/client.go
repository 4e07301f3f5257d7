package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// connection speaks just enough HTTP to leave the machine to the server.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func dial(address string) (*connection, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &connection{c, bufio.NewReader(c)}, nil
}

// do sends a request and returns how long the whole answer took.
func (c *connection) do(request []byte) (time.Duration, error) {
	began := time.Now()
	if _, err := c.Write(request); err != nil {
		return 0, err
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", res.StatusCode)
	}
	return time.Since(began), err
}

// sign makes the bytes of a signed request.
func sign(address string, body []byte) []byte {
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	signature := ed25519.Sign(key, append([]byte(stamp), body...))
	head := fmt.Sprintf("POST /interactions HTTP/1.1\r\nHost: %s\r\nUser-Agent: Discord-Interactions/1.0 (+https://discord.com)\r\n"+
		"Content-Type: application/json\r\nX-Signature-Ed25519: %s\r\nX-Signature-Timestamp: %s\r\nContent-Length: %d\r\n\r\n",
		address, hex.EncodeToString(signature), stamp, len(body))
	return append([]byte(head), body...)
}

// signed makes whole requests of a workload.
func signed(address string, w workload) func() []byte {
	return func() []byte { return sign(address, w.next()) }
}

// sample is what a server did in its slices.
type sample struct {
	requests int
	cpu      time.Duration
	wall     time.Duration
	times    []time.Duration
	ratios   []float64 // of the bare handler's CPU time to it, for each pair of slices
}

// ratio is the median, which a slice that something disturbed does not move.
func (s *sample) ratio() float64 {
	slices.Sort(s.ratios)
	return s.ratios[len(s.ratios)/2]
}

func (s *sample) cpuPerRequest() float64 {
	return float64(s.cpu.Nanoseconds()) / 1e3 / float64(s.requests)
}
func (s *sample) perSecond() float64 { return float64(s.requests) / s.wall.Seconds() }

// percentile is in milliseconds.
func (s *sample) percentile(p int) float64 {
	slices.Sort(s.times)
	return float64(s.times[min(len(s.times)-1, len(s.times)*p/100)].Nanoseconds()) / 1e6
}

// compare lets both servers work in turn on the same kind of requests. The
// slices' requests are signed before the clock runs.
func compare(ctx context.Context, o options, coffer, bare *server, w workload) (mine, base *sample, err error) {
	mine, base = &sample{}, &sample{}
	batch := 200 // requests of a slice and client; grows to fill the slice
	for i := range o.slices + 2 {
		var pair []float64
		for _, turn := range []struct {
			on   *server
			into *sample
		}{{coffer, mine}, {bare, base}} {
			got, err := burst(ctx, turn.on, o, w, batch)
			if err != nil {
				return nil, nil, err
			}
			if i < 2 { // to warm up, and to find the batch's size
				if turn.on == coffer {
					batch = max(50, int(float64(batch)*o.slice.Seconds()/got.wall.Seconds()))
				}
				continue
			}
			turn.into.requests += got.requests
			turn.into.cpu += got.cpu
			turn.into.wall += got.wall
			turn.into.times = append(turn.into.times, got.times...)
			pair = append(pair, got.cpuPerRequest())
		}
		if len(pair) == 2 {
			mine.ratios = append(mine.ratios, pair[1]/pair[0])
		}
	}
	return mine, base, nil
}

// burst sends batch requests on each of the clients' connections.
func burst(ctx context.Context, s *server, o options, w workload, batch int) (*sample, error) {
	requests := make([][][]byte, o.clients)
	times := make([][]time.Duration, o.clients)
	errs := make([]error, o.clients)
	for c := range requests {
		for range batch {
			requests[c] = append(requests[c], sign(s.address, w.next()))
		}
	}
	before, err := s.cpu()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	var group sync.WaitGroup
	for c := range requests {
		group.Go(func() {
			conn, err := dial(s.address)
			if err != nil {
				errs[c] = err
				return
			}
			defer func() { _ = conn.Close() }()
			for _, r := range requests[c] {
				took, err := conn.do(r)
				if err != nil || ctx.Err() != nil {
					errs[c] = err
					return
				}
				times[c] = append(times[c], took)
			}
		})
	}
	group.Wait()
	got := &sample{wall: time.Since(began)}
	after, err := s.cpu()
	if err != nil {
		return nil, err
	}
	got.cpu = after - before
	for c := range times {
		if errs[c] != nil {
			return nil, errs[c]
		}
		got.requests += len(times[c])
		got.times = append(got.times, times[c]...)
	}
	return got, ctx.Err()
}

// paced sends requests at a fixed rate, whether or not answers come, and
// counts the time from when each was due.
func paced(ctx context.Context, s *server, next func() []byte, perSecond int, length time.Duration) (*sample, error) {
	const clients = 64
	n := int(length.Seconds() * float64(perSecond))
	requests := make([][]byte, n)
	for i := range requests {
		requests[i] = next()
	}
	type turn struct {
		request []byte
		due     time.Time
	}
	turns := make(chan turn, n)
	got := &sample{requests: n, times: make([]time.Duration, 0, n)}
	var mu sync.Mutex
	var failure error
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			conn, err := dial(s.address)
			if err == nil {
				defer func() { _ = conn.Close() }()
			}
			for t := range turns {
				if err == nil {
					_, err = conn.do(t.request)
				}
				mu.Lock()
				got.times = append(got.times, time.Since(t.due))
				if err != nil {
					failure = err
				}
				mu.Unlock()
			}
		})
	}
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	for _, r := range requests {
		select {
		case due := <-tick.C:
			turns <- turn{r, due}
		case <-ctx.Done():
		}
	}
	tick.Stop()
	close(turns)
	group.Wait()
	return got, failure
}

// many sends as many commands of all kinds as the options say.
func many(ctx context.Context, o options, s *server, members int) error {
	const rounds = 10
	all := workloads(members)[1:]
	for range rounds {
		for _, w := range all {
			if _, err := burst(ctx, s, o, w, o.more/rounds/len(all)/o.clients+1); err != nil {
				return err
			}
		}
	}
	return nil
}
