package app

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"coffer/internal/simulator"
)

func TestShutdownFinishesWhatIsUnderWay(t *testing.T) {
	s := slowStore{claiming: make(chan struct{}, 2), release: make(chan struct{})}
	w := newTown(t, func(inner books) books { s.books = inner; return s })
	deferred, err := w.sim.Say(t.Context(), simulator.Command{As: "bob", Line: "/daily"})
	if err != nil || deferred.State != simulator.Thinking {
		t.Fatalf("state %q, %v", deferred.State, err)
	}
	<-s.claiming
	direct := make(chan simulator.Interaction, 1)
	go func() {
		it, err := w.sim.Say(context.Background(), simulator.Command{As: "dana", Line: "/daily"})
		if err != nil {
			t.Error(err)
		}
		direct <- it
	}()
	<-s.claiming
	stopped := make(chan error, 1)
	go func() { stopped <- w.stop() }()
	close(s.release)
	if it := <-direct; it.State == simulator.Failed {
		t.Errorf("a request in flight was cut off: %s", it.Reason)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if it, _ := w.sim.Interaction(deferred.ID); it.State != simulator.Answered {
		t.Errorf("the deferred reply is %s: %s", it.State, it.Reason)
	}
}

func TestShutdownDoesNotWaitForThePlayground(t *testing.T) {
	w := newTown(t, nil)
	res, err := http.Get("http://" + w.listener.Addr().String() + "/simulator/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	start := time.Now()
	if err := w.stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > requestsTime/2 {
		t.Errorf("it took %v", took)
	}
	if strings.Contains(w.log.String(), "cut off") {
		t.Errorf("requests were cut off:\n%s", w.log)
	}
}

// TestTheEndIsBoundedAndTold: a store that never answers, a member who waits
// and a stranger who never finishes his request hold nothing up for long.
func TestTheEndIsBoundedAndTold(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the time that the end may take")
	}
	s := slowStore{claiming: make(chan struct{}, 1), release: make(chan struct{})}
	defer close(s.release)
	w := newTown(t, func(inner books) books { s.books = inner; return s })
	waiting, err := w.sim.Say(t.Context(), simulator.Command{As: "bob", Line: "/daily"})
	if err != nil || waiting.State != simulator.Thinking {
		t.Fatalf("state %q, %v", waiting.State, err)
	}
	stranger, err := net.Dial("tcp", w.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if _, err := io.WriteString(stranger, "POST /interactions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"+
		"X-Signature-Timestamp: "+strconv.FormatInt(time.Now().Unix(), 10)+"\r\n"+
		"X-Signature-Ed25519: "+strings.Repeat("00", 64)+"\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := w.stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("the end took %v", took)
	}
	it, _ := w.sim.Interaction(waiting.ID)
	if it.State != simulator.Answered {
		t.Fatalf("the member is left with %s: %s", it.State, it.Reason)
	}
	w.expect(w.text(it.Message), "took too long", "/history")
}
