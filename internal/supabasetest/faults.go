package supabasetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fault is what goes wrong with one request: it answers w itself, or has
// forward do it. The context ends with the project and not with the request,
// because what is on its way arrives although nobody waits for it any more.
type Fault func(ctx context.Context, w http.ResponseWriter, r *http.Request, forward http.Handler)

// Drop closes the connection before PostgREST sees the request.
func Drop() Fault {
	return func(context.Context, http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }
}

// After has PostgREST do the request, throws its answer away and goes on with
// the other fault: After(Status(504)) is a gateway that lost its patience,
// After(DelayRequest(0)) a request that arrives twice.
func After(fault Fault) Fault {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, forward http.Handler) {
		if detached := detach(ctx, r); detached != nil {
			forward.ServeHTTP(newKept(), detached)
		}
		fault(ctx, w, r, forward)
	}
}

// LoseAnswer closes the connection when PostgREST has done the request.
func LoseAnswer() Fault { return After(Drop()) }

// DelayRequest holds a request back before PostgREST sees it, which it does
// even if the caller has gone meanwhile.
func DelayRequest(d time.Duration) Fault {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, forward http.Handler) {
		detached := detach(ctx, r)
		if detached == nil || wait(ctx, d) != nil {
			panic(http.ErrAbortHandler)
		}
		forward.ServeHTTP(w, detached)
	}
}

// DelayAnswer holds PostgREST's answer back.
func DelayAnswer(d time.Duration) Fault {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, forward http.Handler) {
		answer := complete(ctx, r, forward)
		if wait(ctx, d) != nil {
			panic(http.ErrAbortHandler)
		}
		answer.send(w, answer.body.Len())
	}
}

// Truncate sends the first bytes of PostgREST's answer, with the length of all
// of it, and closes the connection. There must be more than that.
func Truncate(length int) Fault {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, forward http.Handler) {
		answer := complete(ctx, r, forward)
		answer.send(w, min(length, answer.body.Len()))
		panic(http.ErrAbortHandler)
	}
}

// Status answers instead of PostgREST, with the body that Supabase's gateways
// have with that status.
func Status(code int) Fault {
	return func(_ context.Context, w http.ResponseWriter, _ *http.Request, _ http.Handler) { refuse(w, code) }
}

// Redirect sends the caller elsewhere.
func Redirect(url string) Fault {
	return func(_ context.Context, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Location", url)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

// Flood answers instead of PostgREST with JSON of so many bytes and does not
// say so ahead.
func Flood(length int) Fault {
	return func(ctx context.Context, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		chunk := strings.Repeat(`{"a":"bcdefghij"},`, 1000)
		sent, err := io.WriteString(w, "[")
		for err == nil && ctx.Err() == nil && sent < length {
			var n int
			n, err = io.WriteString(w, chunk[:min(len(chunk), length-sent)])
			sent += n
		}
	}
}

// Garbage answers instead of PostgREST with 200 and what is no JSON, as a page
// of a proxy that nobody expected.
func Garbage() Fault {
	return func(_ context.Context, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		answer(w, http.StatusOK, "<!doctype html><title>It works!</title>")
	}
}

// detach reads all of a request, so that it no longer needs its caller. It is
// nil if he left before he had sent everything.
func detach(ctx context.Context, r *http.Request) *http.Request {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	detached := r.Clone(ctx)
	detached.Body = io.NopCloser(bytes.NewReader(body))
	return detached
}

// complete is PostgREST's whole answer.
func complete(ctx context.Context, r *http.Request, forward http.Handler) *kept {
	detached := detach(ctx, r)
	if detached == nil {
		panic(http.ErrAbortHandler)
	}
	answer := newKept()
	forward.ServeHTTP(answer, detached)
	return answer
}

// kept is an answer that is not sent yet.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newKept() *kept { return &kept{header: http.Header{}, status: http.StatusOK} }

func (k *kept) Header() http.Header { return k.header }

func (k *kept) WriteHeader(status int) {
	if status >= http.StatusOK {
		k.status = status
	}
}

func (k *kept) Write(p []byte) (int, error) { return k.body.Write(p) }

// send promises the whole body and writes the beginning of it.
func (k *kept) send(w http.ResponseWriter, length int) {
	maps.Copy(w.Header(), k.header)
	w.Header().Set("Content-Length", strconv.Itoa(k.body.Len()))
	w.WriteHeader(k.status)
	_, _ = w.Write(k.body.Bytes()[:length])
	_ = http.NewResponseController(w).Flush()
}

// refuse answers as Supabase's gateways do when they have no other answer.
// Some of them speak JSON, others plain text; a caller can rely on neither.
func refuse(w http.ResponseWriter, status int) {
	switch status {
	case http.StatusUnauthorized:
		answer(w, status, `{"message":"Invalid API key","hint":"Double check your Supabase `+"`anon` or `service_role`"+` API key."}`)
	case http.StatusBadGateway:
		answer(w, status, `{"message":"An invalid response was received from the upstream server"}`)
	case http.StatusServiceUnavailable:
		answer(w, status, `{"message":"name resolution failed"}`)
	case http.StatusGatewayTimeout:
		answer(w, status, `{"message":"The upstream server is timing out"}`)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "error code: %d", status)
	}
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}
