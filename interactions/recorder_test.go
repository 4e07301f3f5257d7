package interactions

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
)

// sent is what was written to Discord by token.
type sent struct {
	how, application, token string
	body                    object
}

// recordedWebhooks records; fail decides on each attempt.
type recordedWebhooks struct {
	mu   sync.Mutex
	fail func(attempt int) error
	n    int
	sent chan sent
}

func (w *recordedWebhooks) EditOriginal(_ context.Context, app, token string, body []byte) error {
	return w.record("edit", app, token, body)
}

func (w *recordedWebhooks) FollowUp(_ context.Context, app, token string, body []byte) error {
	return w.record("follow-up", app, token, body)
}

func (w *recordedWebhooks) record(how, app, token string, body []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	if w.fail != nil {
		if err := w.fail(w.n); err != nil {
			return err
		}
	}
	var o object
	if err := json.Unmarshal(body, &o); err != nil {
		return err
	}
	w.sent <- sent{how: how, application: app, token: token, body: o}
	return nil
}

func (w *recordedWebhooks) attempts() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n
}

// safeBuffer is a log that goroutines share.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
