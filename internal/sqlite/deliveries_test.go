package sqlite

import (
	"strings"
	"testing"
	"time"

	"coffer/internal/outbox"
)

func TestLeasesGoByTheClock(t *testing.T) {
	s := openTemp(t)
	populate(t, s) // one delivery waits
	now := time.Now().Add(time.Hour)
	s.clock = func() time.Time { return now }
	lease := func(want int) []outbox.Lease {
		t.Helper()
		leases := must[[]outbox.Lease](t)(s.LeaseDeliveries(t.Context(), 10, time.Minute))
		if len(leases) != want {
			t.Fatalf("%d deliveries are due, want %d", len(leases), want)
		}
		return leases
	}
	first := lease(1)[0]
	now = now.Add(time.Minute - time.Microsecond)
	lease(0)
	now = now.Add(time.Microsecond)
	second := lease(1)[0]
	if second.Token == first.Token || second.Attempt != 2 {
		t.Errorf("after %+v the lease is %+v", first, second)
	}
	if err := s.SettleDelivery(t.Context(), second, outbox.Outcome{State: outbox.Waiting, After: time.Hour}, noon); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour - time.Microsecond)
	lease(0)
	now = now.Add(time.Microsecond)
	lease(1)
}

// TestListsAreRangesOfAnIndex holds that what is asked for often does not read all
// of a table.
func TestListsAreRangesOfAnIndex(t *testing.T) {
	s := openTemp(t)
	for query, index := range map[string]string{
		"SELECT 1 FROM deliveries WHERE " + due:                                                                                                            "deliveries_waiting",
		"SELECT 1 FROM entitlements WHERE ended_at IS NULL AND until_at IS NOT NULL AND until_at <= ?1":                                                    "entitlements_ending",
		"SELECT 1 FROM items i WHERE i.guild_id = ?1 AND" + onSale + "ORDER BY i.category, i.price, i.id":                                                  "items_on_sale",
		"SELECT 1 FROM items WHERE guild_id = ?1 AND folded = ?1 AND NOT archived":                                                                         "items_by_name",
		"SELECT 1 FROM purchases p JOIN members m ON m.id = p.member_id WHERE p.guild_id = ?1 AND p.refund_id IS NULL ORDER BY p.id DESC":                  "purchases_refundable",
		"SELECT 1 FROM deliveries d LEFT JOIN members m ON m.id = d.member_id WHERE d.guild_id = ?1 AND d.state <> 'done' ORDER BY d.id":                   "deliveries_listed",
		"SELECT 1 FROM entitlements WHERE member_id = ?1 AND role_id = ?1 AND ended_at IS NULL":                                                            "entitlements_running",
		"SELECT 1 FROM deliveries WHERE guild_id = ?1 AND " + welcomes + " AND state = 'waiting'":                                                          "deliveries_welcome",
		"SELECT 1 FROM deliveries WHERE guild_id = ?1 AND " + welcomes + " AND created_at = ?1":                                                            "deliveries_welcoming",
		"SELECT 1 FROM deliveries WHERE settled_at IS NOT NULL AND settled_at < ?1":                                                                        "deliveries_settled",
		"SELECT 1 FROM tasks t WHERE t.guild_id = ?1 AND" + isOpen + "ORDER BY t.id DESC":                                                                  "tasks_by_state",
		"SELECT 1 FROM tasks t WHERE t.guild_id = ?1 AND t.folded = ?1 AND t.state <> 'archived'":                                                          "tasks_by_title",
		"SELECT 1 FROM tasks t WHERE " + lateTasks:                                                                                                         "tasks_ending",
		"SELECT 1 FROM claims WHERE " + claimUnsubmitted + " AND due IS NOT NULL AND due <= ?1":                                                            "claims_ending",
		"SELECT min(task_id) FROM claims WHERE " + claimUnsubmitted + " AND task_id > ?1":                                                                  "claims_unsubmitted",
		"SELECT 1 FROM claims c WHERE c.task_id = ?1 AND c." + claimUnsubmitted + " AND c.due <= ?1":                                                       "claims_unsubmitted",
		"SELECT " + claimColumns + " FROM claims c WHERE c.task_id = ?1 AND c.member_id = ?1 AND " + claimRuns + " ORDER BY c.id DESC LIMIT 1":             "claims_running",
		"SELECT 1 FROM claims c WHERE c.task_id = ?1 AND c.member_id = ?1 AND true ORDER BY c.id DESC":                                                     "claims_of_task",
		"SELECT max(period) FROM claims WHERE task_id = ?1 AND member_id = ?1 AND state NOT IN ('dropped', 'expired') AND state IN ('approved', 'failed')": "claims_once",
		"SELECT 1 FROM claims c JOIN tasks t ON t.id = c.task_id WHERE c.member_id = ?1 ORDER BY c.id DESC":                                                "claims_by_member",
		selectSubmission + "s.state = 'waiting' AND c.member_id <> ?2 AND s.id > ?2 ORDER BY s.id LIMIT 1":                                                 "submissions_by_state",
		"SELECT 1 FROM submissions s JOIN claims c ON c.id = s.claim_id WHERE " + waitingFor:                                                               "submissions_by_state",
	} {
		rows, err := s.reading.Query("EXPLAIN QUERY PLAN "+query, 1, 2)
		if err != nil {
			rows, err = s.reading.Query("EXPLAIN QUERY PLAN "+query, 1)
		}
		if err != nil {
			t.Fatal(query, err)
		}
		var plan []string
		for rows.Next() {
			var a, b, c int
			var step string
			if err := rows.Scan(&a, &b, &c, &step); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, step)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
		if all := strings.Join(plan, "; "); !strings.Contains(all, index) || strings.Contains(all, "TEMP B-TREE") {
			t.Errorf("%s\n reads by %s, want %s", query, all, index)
		}
	}
}
