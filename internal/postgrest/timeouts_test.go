package postgrest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/problem"
)

// TestALockThatIsHeldIsWaitedForButNotForEver has somebody sit on a member's row.
func TestALockThatIsHeldIsWaitedForButNotForEver(t *testing.T) {
	thorough(t)
	p := newProject(t)
	s := p.store(t)
	populate(t, s)
	p.exec(t, "BEGIN; SELECT FROM coffer.members WHERE id = 4 FOR UPDATE")
	ada := economy.Person{User: "10", Name: "Ada"}
	give := func(key string) error {
		change := must[economy.Adjustment](t)(economy.NewAdjustment(
			economy.Request{Guild: "1", Source: economy.FromDiscord, Key: key, At: noon}, ada, ada, economy.KindGive, 5, ""))
		_, err := s.Adjust(t.Context(), change)
		return err
	}
	began := time.Now()
	err := give("k")
	if !errors.Is(err, problem.ErrUnavailable) || !strings.Contains(err.Error(), "55P03") {
		t.Errorf("got %v, want a lock timeout", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	p.exec(t, "ROLLBACK")
	if err := give("k"); err != nil {
		t.Errorf("the same again: %v", err)
	}
}

// TestAFunctionThatTakesTooLongIsEnded proves that PostgREST takes the time limit
// that stands at a function for the one of its statement. The role's is longer.
func TestAFunctionThatTakesTooLongIsEnded(t *testing.T) {
	thorough(t)
	p := newProject(t)
	p.exec(t, `CREATE FUNCTION public.coffer_sleep() RETURNS void LANGUAGE sql SECURITY DEFINER
		SET search_path = '' SET statement_timeout = '200ms' AS 'SELECT pg_catalog.pg_sleep(6)';
		NOTIFY pgrst, 'reload schema'`)
	s := p.store(t)
	var err error
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if err = s.client.call(t.Context(), "coffer_sleep", nil, nil); !errors.Is(err, ErrNotMigrated) {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "57014") || !errors.Is(err, problem.ErrUnavailable) {
		t.Errorf("got %v, want a statement timeout", err)
	}
}
