package simulator

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// stream opens the stream and returns its lines that say something.
func (r *rig) stream(server string) (next func() string, leave func()) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/simulator/stream", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req) //nolint:bodyclose // the returned function closes it
	if err != nil {
		r.t.Fatal(err)
	}
	if kind := res.Header.Get("Content-Type"); res.StatusCode != 200 || kind != "text/event-stream" {
		r.t.Fatalf("stream: %d %s", res.StatusCode, kind)
	}
	lines := bufio.NewScanner(res.Body)
	next = func() string {
		for lines.Scan() {
			if line := lines.Text(); line != "" && !strings.HasPrefix(line, "retry:") {
				return line
			}
		}
		return "the end"
	}
	return next, func() { cancel(); res.Body.Close() }
}

func TestStreamTellsWhatChanges(t *testing.T) {
	r := newRig(t, always(message(map[string]any{"content": "x"})))
	next, leave := r.stream(r.ctl.URL)
	defer leave()
	expect := func(want ...string) {
		t.Helper()
		for _, w := range want {
			if got := next(); got != w {
				t.Fatalf("got %q, want %q", got, w)
			}
		}
	}
	channel := func(id string) []string { return []string{"event: channel", `data: {"channel":"` + id + `"}`} }
	if _, err := r.Say(t.Context(), Command{As: "bob", Line: "/ping", Channel: "bazaar"}); err != nil {
		t.Fatal(err)
	}
	expect(channel(DemoBazaarChannel)...)
	r.call("PATCH", r.webhook("/messages/@original"), `{"content":"edited"}`)
	expect(channel(DemoBazaarChannel)...)
	r.call("DELETE", r.webhook("/messages/@original"), ``)
	expect(channel(DemoBazaarChannel)...)
	r.Join(Member{GuildID: DemoGuildID, User: User{ID: "1180000000000009999", Username: "zed"}})
	expect("event: state", "data: {}")
	// News wait for a slow reader as a set.
	l, gone, err := r.listen()
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		r.Join(Member{GuildID: DemoGuildID, User: User{ID: "1180000000000009999", Username: "zed"}})
		if _, err := r.Say(t.Context(), Command{As: "bob", Line: "/ping"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(r.take(l), ","); got != ","+DemoGeneralChannel || len(l.wake) != 1 {
		t.Errorf("news = %q, %d wakes", got, len(l.wake))
	}
	gone()
	r.HangUp()
	r.HangUp()
	for line := next(); line != "the end"; line = next() {
		if !strings.Contains(line, "event: ") && !strings.Contains(line, "data: ") {
			t.Errorf("last words: %q", line)
		}
	}
	if status, out := r.control("GET", "/simulator/stream", ""); status != 503 || !strings.Contains(out, "closed") {
		t.Errorf("after the end: %d %s", status, out)
	}
}

func TestStreamsAreFewAndForThisMachine(t *testing.T) {
	r := newRig(t, always(text("x")))
	for range maxListeners {
		if _, _, err := r.listen(); err != nil {
			t.Fatal(err)
		}
	}
	if status, _ := r.control("GET", "/simulator/stream", ""); status != 429 {
		t.Errorf("one too many: %d", status)
	}
	if status, _ := r.control("GET", "/simulator/stream", "", func(req *http.Request) { req.Host = "evil.example" }); status != 403 {
		t.Errorf("another host: %d", status)
	}
}

func TestStreamOutlivesTheServersDeadlines(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for a second")
	}
	r := newRig(t, always(message(map[string]any{"content": "x"})))
	server := httptest.NewUnstartedServer(r.Control())
	server.Config.ReadTimeout, server.Config.WriteTimeout = time.Second, time.Second // in which the request arrives
	server.Config.RegisterOnShutdown(r.HangUp)
	server.Start()
	defer server.Close()
	next, leave := r.stream(server.URL)
	defer leave()
	time.Sleep(1100 * time.Millisecond) // the deadlines are real time
	if _, err := r.Say(t.Context(), Command{As: "bob", Line: "/ping"}); err != nil {
		t.Fatal(err)
	}
	if got := next(); got != "event: channel" {
		t.Errorf("after the deadlines: %q", got)
	}
	if err := server.Config.Shutdown(t.Context()); err != nil {
		t.Errorf("the shutdown waits for the stream: %v", err)
	}
}
