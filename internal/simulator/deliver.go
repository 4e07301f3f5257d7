package simulator

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const userAgent = "Discord-Interactions/1.0 (+https://discord.com)"

// reply is the app's answer to a delivery, as it came over the wire.
type reply struct {
	status      int
	contentType string
	body        []byte
}

// Deliver signs body as Discord does, posts it to the app, and returns what
// the app answered, raw: nothing is checked and nothing recorded.
func (s *Simulator) Deliver(ctx context.Context, body []byte) (status int, answer []byte, err error) {
	if err := s.begin(); err != nil {
		return 0, nil, err
	}
	defer s.done()
	r, err := s.send(ctx, body, s.sign)
	return r.status, r.body, err
}

// sign sets Discord's signature headers for a body.
func (s *Simulator) sign(h http.Header, body []byte) {
	timestamp := strconv.FormatInt(s.cfg.Now().Unix(), 10)
	signature := ed25519.Sign(s.cfg.PrivateKey, append([]byte(timestamp), body...))
	h.Set("X-Signature-Timestamp", timestamp)
	h.Set("X-Signature-Ed25519", hex.EncodeToString(signature))
}

// missign sets a well-formed signature that does not match.
func (s *Simulator) missign(h http.Header, body []byte) {
	s.sign(h, append([]byte("tampered"), body...))
}

// send posts a body within AnswerWithin.
func (s *Simulator) send(ctx context.Context, body []byte, sign func(http.Header, []byte)) (reply, error) {
	s.mu.Lock()
	url := s.url
	s.mu.Unlock()
	ctx, cancel := context.WithTimeoutCause(ctx, s.cfg.AnswerWithin, errLate)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", userAgent)
	sign(req.Header, body)
	res, err := s.client.Do(req)
	if err != nil {
		return reply{}, late(ctx, err)
	}
	defer res.Body.Close()
	answer, more, err := readCapped(res.Body, maxAnswerBody)
	r := reply{status: res.StatusCode, contentType: res.Header.Get("Content-Type"), body: answer}
	if err == nil && more {
		err = fmt.Errorf("the answer is larger than %d bytes", maxAnswerBody)
	}
	return r, late(ctx, err)
}

var errLate = errors.New("no answer in time")

// late names the deadline as the cause of an error when it was.
func late(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errLate) {
		return errLate
	}
	return err
}

// run sends an interaction that is recorded and applies the answer.
func (s *Simulator) run(ctx context.Context, it *interaction, body []byte) (Interaction, error) {
	if err := s.begin(); err != nil {
		return Interaction{}, err
	}
	defer s.done()
	s.mu.Lock()
	it.Request = body
	s.keep(it)
	fault := s.takeFault(func(f *Fault) bool { return f.forInteraction(it) })
	s.mu.Unlock()

	start := time.Now() // the app's time is real, whatever clock is injected
	var second sync.WaitGroup
	if fault.Kind == Duplicate {
		second.Go(func() { s.exchange(ctx, it, body, fault, start) })
	}
	s.exchange(ctx, it, body, fault, start)
	second.Wait()

	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.view(it)
	s.cfg.Log.Debug("interaction", "id", it.ID, "type", it.Type, "command", it.Command, "state", v.State, "ms", v.Duration, "reason", v.Reason)
	if v.State == Failed && ctx.Err() != nil { // who asked is gone: that is no failure of the app
		return v, ctx.Err()
	}
	return v, nil
}

// exchange delivers once and deals with the answer.
func (s *Simulator) exchange(ctx context.Context, it *interaction, body []byte, fault Fault, start time.Time) {
	sign := s.sign
	if fault.Kind == BadSignature {
		sign = s.missign
	}
	r, err := s.send(ctx, body, sign)
	switch {
	case err == nil && fault.Kind == DropAnswer:
		err = errors.New("the answer was lost (planted fault)")
	case err == nil && fault.Kind == Delay:
		err = s.hold(ctx, fault.Delay.d(), start)
	}
	if err == nil && r.status == http.StatusAccepted && len(r.body) == 0 {
		s.awaitCallback(ctx, it, start)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	refused := s.accept(it, r, err)
	if it.acked && refused != nil { // the other of two deliveries was first
		return
	}
	it.Status, it.Duration = r.status, time.Since(start).Milliseconds()
	it.Response = rawOrString(r.body)
	if refused != nil {
		it.fail(refused.Error())
	}
}

// accept applies an answer if Discord would.
func (s *Simulator) accept(it *interaction, r reply, err error) error {
	if err != nil {
		return err
	}
	if refused := acceptableAnswer(r.status); refused != nil {
		return refused
	}
	body, uploads, refused := readPayload(r.contentType, r.body)
	if refused == nil {
		refused = s.callback(it, body, uploads)
	}
	if refused != nil {
		return refused
	}
	return nil
}

// hold keeps an answer back, and gives up at the deadline.
func (s *Simulator) hold(ctx context.Context, d time.Duration, start time.Time) error {
	left := s.cfg.AnswerWithin - time.Since(start)
	if d >= left {
		d = max(0, left)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		if d >= left {
			return errLate
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.life.Done():
		return ErrClosed
	}
}

// awaitCallback waits for the callback by REST that a 202 has announced.
func (s *Simulator) awaitCallback(ctx context.Context, it *interaction, start time.Time) {
	timer := time.NewTimer(s.cfg.AnswerWithin - time.Since(start))
	defer timer.Stop()
	for {
		s.mu.Lock()
		it.Status, it.Duration = http.StatusAccepted, time.Since(start).Milliseconds()
		acked, changed := it.acked, it.changed
		s.mu.Unlock()
		if acked {
			return
		}
		why := errLate
		select {
		case <-changed:
			continue
		case <-timer.C:
		case <-ctx.Done():
			why = ctx.Err()
		case <-s.life.Done():
			why = ErrClosed
		}
		s.mu.Lock()
		if !it.acked {
			it.fail("202 was answered, but no callback came: " + why.Error())
		}
		s.mu.Unlock()
		return
	}
}

// rawOrString keeps a body as it is when it is JSON, else as a JSON string.
func rawOrString(body []byte) json.RawMessage {
	if len(body) == 0 {
		return nil
	}
	if json.Valid(body) {
		return body
	}
	text, err := json.Marshal(string(body))
	if err != nil {
		return nil
	}
	return text
}

// Verify does what Discord's developer portal does when the URL of the
// endpoint is saved: a signed PING must be answered by a PONG, and whatever is
// not signed right by a 401.
func (s *Simulator) Verify(ctx context.Context) error {
	if err := s.begin(); err != nil {
		return err
	}
	defer s.done()
	id := s.ids.next()
	ping, err := json.Marshal(payload{
		ID: id, ApplicationID: s.cfg.ApplicationID, Type: 1, Token: interactionToken(id), Version: 1,
		Entitlements: []json.RawMessage{}, Owners: map[string]string{},
	})
	if err != nil {
		return err
	}
	if err := s.verifyPong(ctx, ping); err != nil {
		return err
	}
	for _, forged := range []struct {
		how  string
		sign func(http.Header, []byte)
	}{
		{"a signature of something else", s.missign},
		{"no signature", func(http.Header, []byte) {}},
		{"a signature that is no hex", func(h http.Header, b []byte) { s.sign(h, b); h.Set("X-Signature-Ed25519", "not hex") }},
		{"a signature that is too short", func(h http.Header, b []byte) { s.sign(h, b); h.Set("X-Signature-Ed25519", "00ff") }},
		{"no timestamp", func(h http.Header, b []byte) { s.sign(h, b); h.Del("X-Signature-Timestamp") }},
		{"another timestamp than the signed one", func(h http.Header, b []byte) {
			s.sign(h, b)
			h.Set("X-Signature-Timestamp", strconv.FormatInt(s.cfg.Now().Unix()+1, 10))
		}},
	} {
		r, err := s.send(ctx, ping, forged.sign)
		if err != nil {
			return fmt.Errorf("simulator: verify with %s: %w", forged.how, err)
		}
		if r.status != http.StatusUnauthorized {
			return fmt.Errorf("simulator: verify: %s was answered %d, want 401", forged.how, r.status)
		}
	}
	return nil
}

func (s *Simulator) verifyPong(ctx context.Context, ping []byte) error {
	r, err := s.send(ctx, ping, s.sign)
	if err != nil {
		return fmt.Errorf("simulator: verify: ping: %w", err)
	}
	if r.status != http.StatusOK {
		return fmt.Errorf("simulator: verify: ping was answered %d, want 200", r.status)
	}
	if _, _, refused := readPayload(r.contentType, r.body); refused != nil {
		return fmt.Errorf("simulator: verify: ping: %w", refused)
	}
	var pong struct{ Type int }
	if err := json.Unmarshal(r.body, &pong); err != nil || pong.Type != callbackPong {
		return errors.New("simulator: verify: ping was not answered by {\"type\":1}")
	}
	return nil
}
