package interactions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/bwmarrin/discordgo"

	"coffer/internal/problem"
	"coffer/internal/requestlog"
)

// outcome is how an interaction ended, for the log.
type outcome string

const (
	outcomeOK       outcome = "ok"
	outcomeRefused  outcome = "refused"  // a rule said no; nothing is wrong
	outcomeDeferred outcome = "deferred" // told to wait; a line of its own tells the end
	outcomeBusy     outcome = "busy"
	outcomeTimeout  outcome = "timeout"
	outcomeError    outcome = "error"
	outcomePanic    outcome = "panic"
)

// result is what came of a handler: always something to say.
type result struct {
	answer  response
	outcome outcome
}

// handle runs what the interaction names and answers in time: with the reply,
// or with a deferral and the reply later.
func (h *Handler) handle(w http.ResponseWriter, req *http.Request, r *Request, arrived time.Time) {
	r.arrived = arrived
	rt, err := h.find(r)
	if err != nil {
		h.respond(w, req, r, h.refuse(req.Context(), r, err))
		return
	}
	r.row = rt.name
	slot, free := h.take()
	if !free {
		h.respond(w, req, r, result{r.apology(errBusy), outcomeBusy})
		return
	}
	life, wait := h.deferredLife, (<-chan time.Time)(nil)
	if r.defers {
		timer := time.NewTimer(h.deferAfter - time.Since(arrived))
		defer timer.Stop()
		wait = timer.C
	} else {
		life = h.deferAfter - time.Since(arrived)
	}
	kept := context.WithoutCancel(req.Context()) // the handler outlives the webhook
	ctx, cancel := context.WithTimeout(kept, life)
	unhook := context.AfterFunc(h.ending, cancel)
	results := make(chan result, 1)
	go func() {
		defer slot.release()
		defer cancel()
		defer unhook()
		growStack()
		results <- h.call(ctx, r, rt)
	}()

	select {
	case <-wait:
		h.postpone(w, req, r, rt)
		go func() {
			defer slot.release()
			h.deliver(kept, r, await(ctx, r, results), arrived)
		}()
		return
	case res := <-results:
		h.respond(w, req, r, res)
	case <-ctx.Done():
		h.respond(w, req, r, await(ctx, r, results))
	}
	slot.release()
}

// await returns the handler's result, or that it took too long.
func await(ctx context.Context, r *Request, results <-chan result) result {
	select {
	case res := <-results:
		return res
	case <-ctx.Done():
	}
	select { // a result is sent before its context is cancelled
	case res := <-results:
		return res
	default:
		return result{r.apology(errTooSlow), outcomeTimeout}
	}
}

// call runs the handler. Whatever it does, there is a result.
func (h *Handler) call(ctx context.Context, r *Request, rt *route) (res result) {
	defer func() {
		if v := recover(); v != nil {
			p := problem.New(problem.Internal, "internal", "").Because(fmt.Errorf("panic: %v", v))
			res = result{h.report(ctx, r, p, slog.String("stack", string(debug.Stack()))), outcomePanic}
		}
	}()
	reply, err := h.run(ctx, r, rt)
	switch {
	case err != nil && ctx.Err() != nil && problem.Of(err).Kind <= problem.Unavailable:
		h.report(ctx, r, problem.Of(err)) // why, for the log
		return result{r.apology(errTooSlow), outcomeTimeout}
	case err != nil:
		return h.refuse(ctx, r, err)
	case !r.allows(reply):
		return h.refuse(ctx, r, fmt.Errorf("a %s cannot be answered with %T", r.kind(), reply))
	}
	return result{reply.response(rt.private), outcomeOK} // composed here, where a panic is caught
}

// run runs the handler for who may use it. Manage Guild is in what Discord signed; what a
// guild's admin role is, only the store knows, so who comes by his role costs one more read.
// Errors: errNotManager; what the store and the handler return.
func (h *Handler) run(ctx context.Context, r *Request, rt *route) (Reply, error) {
	if rt.manager && !r.managing {
		roles := r.roles()
		if len(roles) == 0 {
			return nil, errNotManager
		}
		s, err := h.store.Settings(ctx, r.Guild)
		if err != nil {
			return nil, err
		}
		if !s.Administers(roles) {
			return nil, errNotManager
		}
	}
	return rt.run(ctx, r)
}

// refuse turns an error into what the member is told. Only what is our fault is
// logged as an error.
func (h *Handler) refuse(ctx context.Context, r *Request, err error) result {
	p := problem.Of(err)
	if p.Kind == problem.Internal || p.Kind == problem.Unavailable {
		return result{h.report(ctx, r, p), outcomeError}
	}
	return result{r.apology(p), outcomeRefused}
}

// report logs what went wrong under a reference, and returns an apology with it.
func (h *Handler) report(ctx context.Context, r *Request, p *problem.Error, attrs ...slog.Attr) response {
	reference := h.reference(ctx, r)
	h.log.LogAttrs(ctx, slog.LevelError, "interaction failed", append(attrs,
		slog.String("request_id", reference), slog.String("interaction", r.kind()), slog.String("command", r.Name),
		slog.String("error", r.redact(p)))...)
	told := problem.New(p.Kind, p.Kind.String(), p.Detail)
	if errors.Is(p, problem.ErrUnsettled) {
		told = problem.ErrUnsettled
	}
	return r.apology(told.With("reference", reference))
}

// reference is what the member can tell us and we can find: the request's id.
func (h *Handler) reference(ctx context.Context, r *Request) string {
	if id := requestlog.ID(ctx); id != "" {
		return id
	}
	return r.ID
}

// apology answers with a problem, privately; an autocompletion, with no choices.
func (r *Request) apology(p *problem.Error) response {
	if r.payload.Type == typeAutocomplete {
		return choices{}.response(true)
	}
	e := card("", r.texts.problem(p))
	e.Color = 0 // the accent is for good news
	m := message{embed: e}
	if words := r.words(); words != "" { // or they would be lost
		m.more = append(m.more, &discordgo.MessageEmbed{Title: r.texts.text("apology.words"), Description: passage(words)})
	}
	return m.response(true)
}

// respond answers the webhook with a result.
func (h *Handler) respond(w http.ResponseWriter, req *http.Request, r *Request, res result) {
	r.log(req.Context(), res.outcome)
	body, err := encode(res.answer)
	if err != nil { // the types of this package always encode
		panic(fmt.Sprintf("interactions: encode a response: %v", err))
	}
	write(w, body)
	h.seen(r, res.outcome)
}

// seen tells whoever observes how an interaction ended.
func (h *Handler) seen(r *Request, o outcome) {
	h.observe(r.kind(), cmp.Or(r.row, "unknown"), string(o), time.Since(r.arrived))
}

// postpone tells Discord to wait. When it returns, Discord has been told.
func (h *Handler) postpone(w http.ResponseWriter, req *http.Request, r *Request, rt *route) {
	r.log(req.Context(), outcomeDeferred)
	switch {
	case r.onMessage():
		write(w, []byte(`{"type":6}`))
	case rt.private:
		write(w, []byte(`{"type":5,"data":{"flags":64}}`))
	default:
		write(w, []byte(`{"type":5}`))
	}
	_ = http.NewResponseController(w).Flush() // without it, the body goes out when the handler returns
}

func write(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // if Discord is gone, there is nobody to tell
}

// log puts the interaction on the request's line.
func (r *Request) log(ctx context.Context, o outcome) {
	requestlog.Add(ctx, slog.String("interaction", r.kind()), slog.String("command", r.Name),
		slog.String("outcome", string(o)))
}
