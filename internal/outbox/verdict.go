package outbox

import (
	"errors"
	"net/http"
	"time"
)

// refusal is an error that knows what Discord answered.
type refusal interface {
	error
	// Answer returns the HTTP status (0: none came), Discord's own code (0: it gave
	// none), and with status 429 how long it asks to wait, and whether that holds for
	// all calls.
	Answer() (status, code int, retryAfter time.Duration, global bool)
}

// Discord's codes that decide what follows.
const (
	unknownChannel     = 10003
	unknownMember      = 10007
	unknownMessage     = 10008
	unknownRole        = 10011
	unknownUser        = 10013
	directsTooFast     = 40003
	disabledForAWhile  = 40006
	blockedByDiscord   = 40333 // by the network in front of it
	overloadedResource = 130000
)

// The times of the next attempt, and of a pause of all.
const (
	soonest       = 5 * time.Second
	latest        = 30 * time.Minute
	longestPause  = time.Hour
	operatorPause = 5 * time.Minute
)

// verdict is what follows from how an attempt ended.
type verdict struct {
	outcome  Outcome
	pause    time.Duration // how long nothing at all is to be tried
	operator bool          // the bot's token is refused, which only the operator can mend
	answered bool          // Discord did answer, so its word on the token is known
}

// judge decides what follows from an attempt's error; nil is success. roll, from 0
// to 1, spreads the next attempts, so that those that failed together do not come
// back together.
//
// Only what Discord itself refuses with a code of its own is final. A status of 4xx
// without one is said by something in between, and is no reason to refund a
// purchase at once.
func judge(l Lease, err error, roll float64) verdict {
	if err == nil {
		return verdict{outcome: Outcome{State: Done}, answered: true}
	}
	v := verdict{outcome: Outcome{State: Waiting, After: backoff(l.Attempt, roll), Error: shortened(err.Error())}}
	var r refusal
	if !errors.As(err, &r) {
		return v
	}
	v.outcome.Error = shortened(r.Error()) // without what was attempted: the delivery tells that
	status, code, retryAfter, global := r.Answer()
	v.answered = code != 0 || status == http.StatusUnauthorized
	switch {
	case status == http.StatusTooManyRequests:
		v.outcome.After += max(retryAfter, 0)
		if global {
			v.pause = min(max(retryAfter, time.Second), longestPause)
		}
	case status == http.StatusUnauthorized:
		v.operator, v.pause = true, operatorPause
		v.outcome.After += operatorPause
	case passes(status, code):
	case l.Kind == Role && !l.Entitled && isGone(code):
		v.outcome = Outcome{State: Done} // nobody has what there is not
	case l.Kind == Card && (code == unknownMessage || code == unknownChannel && l.Message != ""):
		v.outcome = Outcome{State: Done, Gone: true} // who deleted it, or its channel, does not want it again
	default:
		v.outcome.State, v.outcome.After = Failed, 0
	}
	return v
}

// passes reports whether the same call may succeed later.
func passes(status, code int) bool {
	switch code {
	case 0, directsTooFast, disabledForAWhile, blockedByDiscord, overloadedResource:
		return true
	}
	return status < 400 || status == http.StatusRequestTimeout || status >= 500
}

// isGone reports whether a code tells that the member, the user or the role is no
// more, and with it the role that he had.
func isGone(code int) bool {
	return code == unknownMember || code == unknownRole || code == unknownUser
}

// backoff is how long to wait after the given attempt, from 1: between half of a
// bound and the bound, which doubles up to latest. From nothing to the bound would
// spread better, but an unlucky delivery would be through with its attempts in an hour.
func backoff(attempt int, roll float64) time.Duration {
	bound := latest
	if shift := max(attempt, 1); shift < 10 {
		bound = min(soonest<<shift, latest)
	}
	return bound/2 + time.Duration(roll*float64(bound/2))
}

// longestError is how much of an error's words is kept, in runes.
const longestError = 300

func shortened(s string) string {
	if runes := []rune(s); len(runes) > longestError {
		return string(runes[:longestError-1]) + "…"
	}
	return s
}
