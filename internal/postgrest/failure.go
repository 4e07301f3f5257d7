package postgrest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"coffer/internal/problem"
)

// Why the store is not available, for whoever runs it. They are causes of
// problem.ErrUnavailable.
var (
	ErrUnreachable  = errors.New("no answer from Supabase")
	ErrPaused       = errors.New("the Supabase project is paused: resume it in its dashboard")
	ErrNotMigrated  = errors.New("run coffer migrate")
	ErrKeyRefused   = errors.New("the key is refused by Supabase: check SUPABASE_KEY")
	ErrWrongAddress = errors.New("no Supabase project answers there: check SUPABASE_URL")
)

var (
	errBusy   = errors.New("the database cannot answer now")
	errGaveUp = errors.New("the caller gave up")
	errNoJSON = errors.New("the answer is no JSON")
	errUnfit  = errors.New("the answer is not what was expected")
)

// Supabase's own statuses.
const (
	statusPaused     = 540
	statusNoDatabase = 544
)

// failure is an answer whose status is not 2xx.
type failure struct {
	Status  int
	Code    string // PostgREST's (PGRST...) or Postgres' (SQLSTATE); "" if a gateway answered
	Message string
	Details string // shows rows; only for refusals of our own
	Hint    string
	lost    bool // PostgREST's answer when the database's answer to a COMMIT was lost
}

// newFailure reads an answer's body as far as it is PostgREST's. The key is
// struck out, should the other side have repeated it.
func newFailure(status int, body []byte, key string) *failure {
	body = bytes.ReplaceAll(body, []byte(key), []byte("[redacted]"))
	f := &failure{}
	_ = json.Unmarshal(body, f) // a gateway's page leaves it empty
	f.Status = status
	var empty struct{ Code, Message *string }
	if status == http.StatusBadRequest && json.Unmarshal(body, &empty) == nil && empty.Code != nil && empty.Message != nil {
		f.lost = *empty.Code == "" && *empty.Message == ""
	}
	return f
}

// Error says the code and the message, unless that quotes what was sent.
func (f *failure) Error() string {
	s := fmt.Sprintf("status %d", f.Status)
	if f.Code != "" {
		s += ", " + clipped(f.Code)
	}
	if f.Message != "" && !strings.HasPrefix(f.Code, "22") && !strings.HasPrefix(f.Code, "PGRST1") {
		s += ": " + clipped(f.Message)
	}
	return s
}

// clipped bounds a text of the other side for the log.
func clipped(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	for s = s[:most]; s != "" && !utf8.ValidString(s); s = s[:len(s)-1] {
	}
	return s + "..."
}

// refused reports whether one of our functions refused (SQLSTATE PT4xx).
func (f *failure) refused() bool { return len(f.Code) == 5 && strings.HasPrefix(f.Code, "PT4") }

// refusal returns the refusal of one of our functions in err's chain: Message
// and Details are what the function said.
func refusal(err error) (*failure, bool) {
	var f *failure
	if errors.As(err, &f) && f.refused() {
		return f, true
	}
	return nil, false
}

// why says what the operator has to do, or that it will pass; nil if neither.
func (f *failure) why(q *query) error {
	switch {
	case f.Status == statusPaused:
		return ErrPaused
	case f.Code == "PGRST202":
		return fmt.Errorf("the database lacks the function %s: %w", q.function, ErrNotMigrated)
	case f.Code == "PGRST205" || f.Code == "42P01" || f.Code == "42883": // a table, a table, a function
		return fmt.Errorf("the database lacks what %s needs: %w", q.function, ErrNotMigrated)
	case f.Code == "42501":
		return fmt.Errorf("%w: it may not do %s: is it the secret key?", ErrKeyRefused, q.function)
	case f.Status == http.StatusUnauthorized || f.Status == http.StatusForbidden:
		return ErrKeyRefused
	case f.Status < 400 || f.Status == http.StatusNotFound && (f.Code == "" || f.Code == "PGRST125"):
		return ErrWrongAddress
	case f.Status == http.StatusTooManyRequests || f.Status >= 500 || f.lost || f.transient():
		return errBusy
	}
	return nil
}

// transient reports whether Postgres ended a statement for reasons that pass,
// whatever status PostgREST gives it: connections, resources and shutdowns
// (classes 08, 53, 57P), time limits, and conflicts between transactions.
func (f *failure) transient() bool {
	return f.Code == "55P03" || f.conflicted() || f.overloaded()
}

// conflicted reports whether Postgres undid a transaction for the sake of another: in
// another order, both can be.
func (f *failure) conflicted() bool { return f.Code == "40001" || f.Code == "40P01" }

// overloaded reports whether the database had no time, no room or no connection
// for a statement.
func (f *failure) overloaded() bool {
	return f.Code == "57014" || f.of("08", "53", "57P")
}

// cutOff reports whether the connection to the database ended while it was in use,
// so that a COMMIT may have been on its way.
func (f *failure) cutOff() bool {
	return f.Code == "PGRST001" || f.Code == "40003" || f.of("08", "57P")
}

// of reports whether the code is an SQLSTATE of one of the classes.
func (f *failure) of(classes ...string) bool {
	return len(f.Code) == 5 && slices.ContainsFunc(classes, func(class string) bool { return strings.HasPrefix(f.Code, class) })
}

// tooLate reports whether a function found that nobody waits for it any more.
func (f *failure) tooLate() bool { return f.Code == "PT504" && f.Message == "too_late" }

// outward is what the caller of a query is told about an attempt's error.
func (q *query) outward(err error) error {
	var f *failure
	if err == nil {
		return nil
	}
	refused := errors.As(err, &f) && f.refused()
	if q.writes && q.unsettled { // refused or not: an earlier attempt may still be on its way
		return problem.ErrUnsettled.Because(fmt.Errorf("%s: %v", q.function, err)) //nolint:errorlint // it must not be taken for the refusal
	}
	if f != nil {
		if refused {
			return f
		}
		if why := f.why(q); why != nil {
			return problem.ErrUnavailable.Because(fmt.Errorf("%s: %w: %w", q.function, why, err))
		}
	}
	err = fmt.Errorf("%s: %w", q.function, err)
	for _, passes := range []error{ErrUnreachable, errGaveUp, circuitbreaker.ErrOpen} {
		if errors.Is(err, passes) {
			return problem.ErrUnavailable.Because(err)
		}
	}
	return err
}

func unreachable(err error) error { return fmt.Errorf("%w: %w", ErrUnreachable, err) }

func gaveUp(ctx context.Context) error { return fmt.Errorf("%w: %w", errGaveUp, ctx.Err()) }
