package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// said is an error of Discord's.
type said struct {
	status, code int
	after        time.Duration
	global       bool
}

func (s said) Error() string { return fmt.Sprintf("discord: %d (%d)", s.status, s.code) }

func (s said) Answer() (status, code int, after time.Duration, global bool) {
	return s.status, s.code, s.after, s.global
}

func TestVerdicts(t *testing.T) {
	grant, take := Lease{Kind: Role, Entitled: true, Attempt: 1}, Lease{Kind: Role, Attempt: 1}
	post, direct := Lease{Kind: Channel, Attempt: 1}, Lease{Kind: Direct, Attempt: 1}
	card := Lease{Kind: Card, Attempt: 1, Message: "9"}
	const s = time.Second
	tests := map[string]struct {
		lease Lease
		err   error
		state State
		after time.Duration // with the lowest roll
		pause time.Duration
	}{
		"success":                           {grant, nil, Done, 0, 0},
		"no answer":                         {grant, said{}, Waiting, 5 * s, 0},
		"out of time":                       {grant, context.DeadlineExceeded, Waiting, 5 * s, 0},
		"no error of Discord's":             {direct, errors.New("no words"), Waiting, 5 * s, 0},
		"500":                               {post, said{status: 500}, Waiting, 5 * s, 0},
		"503 with a code":                   {grant, said{status: 503, code: 130000}, Waiting, 5 * s, 0},
		"a redirect":                        {grant, said{status: 307}, Waiting, 5 * s, 0},
		"a limit":                           {grant, said{status: 429, after: 7 * s}, Waiting, 12 * s, 0},
		"a limit with a code":               {post, said{status: 429, code: 20028, after: 7 * s}, Waiting, 12 * s, 0},
		"the limit of all":                  {grant, said{status: 429, after: 7 * s, global: true}, Waiting, 12 * s, 7 * s},
		"the limit of all, no time given":   {grant, said{status: 429, global: true}, Waiting, 5 * s, s},
		"the limit of all, for a week":      {grant, said{status: 429, after: 168 * time.Hour, global: true}, Waiting, 168*time.Hour + 5*s, time.Hour},
		"a time that is none":               {grant, said{status: 429, after: -s}, Waiting, 5 * s, 0},
		"a bad token":                       {grant, said{status: 401}, Waiting, 5*time.Minute + 5*s, 5 * time.Minute},
		"a bad token with a code":           {grant, said{status: 401, code: 40001}, Waiting, 5*time.Minute + 5*s, 5 * time.Minute},
		"request timeout":                   {grant, said{status: 408, code: 1}, Waiting, 5 * s, 0},
		"a firewall":                        {grant, said{status: 403}, Waiting, 5 * s, 0},
		"Discord's own firewall":            {grant, said{status: 403, code: 40333}, Waiting, 5 * s, 0},
		"disabled for a while":              {grant, said{status: 403, code: 40006}, Waiting, 5 * s, 0},
		"too many direct messages":          {direct, said{status: 400, code: 40003}, Waiting, 5 * s, 0},
		"the channel is gone":               {post, said{status: 404, code: 10003}, Failed, 0, 0},
		"the guild is gone":                 {grant, said{status: 404, code: 10004}, Failed, 0, 0},
		"the member left, to be granted":    {grant, said{status: 404, code: 10007}, Failed, 0, 0},
		"the member left, to be taken":      {take, said{status: 404, code: 10007}, Done, 0, 0},
		"the message is gone":               {post, said{status: 404, code: 10008}, Failed, 0, 0},
		"a card's message is gone":          {card, said{status: 404, code: 10008}, Done, 0, 0},
		"a card's channel is gone":          {card, said{status: 404, code: 10003}, Done, 0, 0},
		"a new card's channel is gone":      {Lease{Kind: Card, Attempt: 1}, said{status: 404, code: 10003}, Failed, 0, 0},
		"a card's channel is closed to us":  {card, said{status: 403, code: 50001}, Failed, 0, 0},
		"a card that we may not post":       {card, said{status: 403, code: 50013}, Failed, 0, 0},
		"a card that somebody else posted":  {card, said{status: 403, code: 50005}, Failed, 0, 0},
		"a card in trouble":                 {card, said{status: 404}, Waiting, 5 * s, 0},
		"the role is gone, to be granted":   {grant, said{status: 404, code: 10011}, Failed, 0, 0},
		"the role is gone, to be taken":     {take, said{status: 404, code: 10011}, Done, 0, 0},
		"the user is gone, to be granted":   {grant, said{status: 404, code: 10013}, Failed, 0, 0},
		"the user is gone, to be taken":     {take, said{status: 404, code: 10013}, Done, 0, 0},
		"the user is gone, to be told":      {direct, said{status: 404, code: 10013}, Failed, 0, 0},
		"missing access":                    {grant, said{status: 403, code: 50001}, Failed, 0, 0},
		"missing access, to be taken":       {take, said{status: 403, code: 50001}, Failed, 0, 0},
		"closed direct messages":            {direct, said{status: 403, code: 50007}, Failed, 0, 0},
		"no guild in common":                {direct, said{status: 403, code: 50278}, Failed, 0, 0},
		"missing permissions":               {grant, said{status: 403, code: 50013}, Failed, 0, 0},
		"missing permissions, to be taken":  {take, said{status: 403, code: 50013}, Failed, 0, 0},
		"a form that Discord does not take": {post, said{status: 400, code: 50035}, Failed, 0, 0},
		"a code that nobody has heard of":   {grant, said{status: 418, code: 99999}, Failed, 0, 0},
		"wrapped":                           {grant, fmt.Errorf("grant: %w", said{status: 403, code: 50013}), Failed, 0, 0},
		"the fourth attempt":                {Lease{Kind: Role, Attempt: 4}, said{}, Waiting, 40 * s, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := judge(tt.lease, tt.err, 0)
			if v.outcome.State != tt.state || v.outcome.After != tt.after || v.pause != tt.pause {
				t.Errorf("got %s after %v, pause %v; want %s after %v, pause %v",
					v.outcome.State, v.outcome.After, v.pause, tt.state, tt.after, tt.pause)
			}
			if want := tt.lease.Kind == Card && tt.state == Done; v.outcome.Gone != want {
				t.Errorf("gone = %v, want %v", v.outcome.Gone, want)
			}
			if told := v.outcome.Error != ""; told != (tt.state != Done) {
				t.Errorf("the outcome's error is %q", v.outcome.Error)
			}
			var r refusal
			if want := errors.As(tt.err, &r) && r.(said).status == 401; v.operator != want {
				t.Errorf("operator = %v, want %v", v.operator, want)
			}
		})
	}
}

func TestBackoff(t *testing.T) {
	const s, m = time.Second, time.Minute
	for attempt, most := range map[int]time.Duration{-1: 10 * s, 0: 10 * s, 1: 10 * s, 2: 20 * s, 3: 40 * s, 8: 1280 * s, 9: 30 * m, 10: 30 * m, 63: 30 * m, 1 << 40: 30 * m} {
		for roll, want := range map[float64]time.Duration{0: most / 2, 0.5: most * 3 / 4, 1: most} {
			if got := backoff(attempt, roll); got != want {
				t.Errorf("attempt %d, roll %v: %v, want %v", attempt, roll, got, want)
			}
		}
	}
}

// All attempts together take hours: an outage of one must not refund what was sold.
func TestAttemptsOutlastAnOutage(t *testing.T) {
	var least time.Duration
	for n := 1; n < Attempts; n++ {
		least += backoff(n, 0)
	}
	if least < 3*time.Hour {
		t.Errorf("%d attempts may be over after %v", Attempts, least)
	}
}

func TestErrorsAreShortAndSayWhatDiscordSaid(t *testing.T) {
	v := judge(Lease{Attempt: 1}, fmt.Errorf("grant the role 5: %w", said{status: 403, code: 50013}), 0)
	if got, want := v.outcome.Error, "discord: 403 (50013)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := []rune(shortened(strings.Repeat("ü", 1000))); len(got) != longestError || got[longestError-1] != '…' {
		t.Errorf("%d runes: %s", len(got), string(got))
	}
	if got, want := shortened(strings.Repeat("ü", longestError)), strings.Repeat("ü", longestError); got != want {
		t.Errorf("cut to %s", got)
	}
}
