package sqlite

import (
	"fmt"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/storetest"
)

// TestTheLargestImport has as many strangers, and then the same as members, as a file
// may have: in time, and with books that balance.
func TestTheLargestImport(t *testing.T) {
	if testing.Short() || storetest.RaceDetector {
		t.Skip("it imports as much as there may be: make large")
	}
	s := openTemp(t)
	rows := make([]economy.BulkRow, economy.MaxImport)
	for i := range rows {
		rows[i] = economy.BulkRow{User: economy.UserID(fmt.Sprint(200_000_000_000_000_000 + i)), Name: fmt.Sprint("Member ", i), Amount: economy.Amount(i)}
	}
	for round, want := range []struct{ created, count int }{{len(rows), len(rows) - 1}, {0, len(rows)}} {
		for i := range rows {
			rows[i].Amount += economy.Amount(round)
		}
		r := economy.Request{Guild: "1", Source: economy.FromAPI, Key: fmt.Sprint(round), At: noon}
		c := must[economy.BulkAdjustment](t)(economy.NewImport(r, economy.Person{Admin: 1, Name: "Desk"}, rows, "moved", false))
		start := time.Now()
		done := must[economy.BulkReceipt](t)(s.AdjustMany(t.Context(), c))
		t.Logf("round %d took %s", round, time.Since(start))
		if !done.Applied || done.Created != want.created || done.Count != want.count {
			t.Errorf("round %d: %d created, %d changed, want %+v", round, done.Created, done.Count, want)
		}
	}
	audit := must[economy.Audit](t)(s.Audit(t.Context()))
	if broken, found := audit.Broken(); found || audit.Members != len(rows) {
		t.Errorf("%d members; broken: %+v", audit.Members, broken)
	}
}
