package sqlite

import (
	"path/filepath"
	"testing"

	"coffer/internal/lease"
	"coffer/internal/storetest"
)

func TestLeases(t *testing.T) {
	storetest.RunLeases(t, func(t *testing.T) lease.Store { return openTemp(t) })
}

// TestOneOfTwoProcessesHoldsALease: each has the file open for itself.
func TestOneOfTwoProcessesHoldsALease(t *testing.T) {
	path := filepath.Join(t.TempDir(), "coffer.db")
	var both [2]*Store
	for i := range both {
		both[i] = must[*Store](t)(Open(t.Context(), path))
		defer both[i].Close()
	}
	first := must[lease.Lease](t)(both[0].TakeLease(t.Context(), "gateway", "ada", lease.Longest))
	if got := must[lease.Lease](t)(both[1].TakeLease(t.Context(), "gateway", "bob", lease.Longest)); got != (lease.Lease{Holder: "ada"}) {
		t.Errorf("bob is told %+v", got)
	}
	if err := both[0].ReturnLease(t.Context(), "gateway", first.Token); err != nil {
		t.Fatal(err)
	}
	if got := must[lease.Lease](t)(both[1].TakeLease(t.Context(), "gateway", "bob", lease.Longest)); got != (lease.Lease{Token: 2, Holder: "bob"}) {
		t.Errorf("bob is told %+v", got)
	}
}
