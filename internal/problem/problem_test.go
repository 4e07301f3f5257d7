package problem_test

import (
	"errors"
	"fmt"
	"testing"

	"coffer/internal/problem"
)

func TestSentinelSurvivesArgumentsCauseAndWrapping(t *testing.T) {
	poor := problem.New(problem.Refused, "poor", "Not enough.")
	rich := problem.New(problem.Refused, "rich", "Too much.")
	cause := errors.New("row 7")
	err := fmt.Errorf("pay: %w", poor.With("balance", 3).Because(cause))

	if !errors.Is(err, poor) || errors.Is(err, rich) {
		t.Errorf("errors.Is must compare codes: poor=%v rich=%v", errors.Is(err, poor), errors.Is(err, rich))
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	if got := problem.Of(err).Args["balance"]; got != 3 {
		t.Errorf("balance = %v, want 3", got)
	}
	if poor.Args != nil || errors.Unwrap(poor) != nil {
		t.Error("With or Because changed the sentinel")
	}
}

func TestAnUnknownErrorIsInternalAndKeepsItsCause(t *testing.T) {
	cause := errors.New("disk on fire")
	got := problem.Of(cause)
	if got.Kind != problem.Internal || !errors.Is(got, cause) || got.Detail == cause.Error() {
		t.Errorf("got %+v", got)
	}
}
