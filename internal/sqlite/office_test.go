package sqlite

import (
	"fmt"
	"strings"
	"testing"

	"coffer/internal/shop"
	"coffer/internal/tasks"
)

// TestTheOfficesListsAreRangesOfAnIndex holds that a page that admins ask for is looked
// for from its first row on, by the index for what it is narrowed by, and not sorted.
func TestTheOfficesListsAreRangesOfAnIndex(t *testing.T) {
	s := openTemp(t)
	work := func(q tasks.SubmissionsQuery) string { return selectSubmissionSheets + submissionsOf(q) }
	sales := func(q shop.PurchasesQuery) string { return selectPurchaseSheets + purchasesOf(q) }
	for query, indexes := range map[string][]string{
		selectTaskSheets + tasksOf: {"t USING INDEX tasks_by_state (guild_id=? AND state=? AND id<?)", "events_of_work (guild_id=? AND subject=?)", "claims_waiting"},
		selectItemSheets + itemsOf: {"i USING INDEX items_by_shelf (guild_id=? AND archived=? AND id<?)", "events_of_work (guild_id=? AND subject=?)"},

		work(tasks.SubmissionsQuery{}):                                        {"s USING INDEX submissions_by_state (guild_id=? AND state=? AND id<?)"},
		work(tasks.SubmissionsQuery{Task: 1}):                                 {"s USING INDEX submissions_by_task (task_id=? AND state=? AND id<?)"},
		work(tasks.SubmissionsQuery{Member: 1}):                               {"s USING INDEX submissions_by_member (member_id=? AND state=? AND id<?)"},
		work(tasks.SubmissionsQuery{State: tasks.Waiting}):                    {"s USING INDEX submissions_by_state (guild_id=? AND state=? AND id>?)"},
		work(tasks.SubmissionsQuery{State: tasks.Waiting, Task: 1}):           {"s USING INDEX submissions_by_task (task_id=? AND state=? AND id>?)"},
		work(tasks.SubmissionsQuery{State: tasks.Waiting, Member: 1}):         {"s USING INDEX submissions_by_member (member_id=? AND state=? AND id>?)"},
		sales(shop.PurchasesQuery{}):                                          {"p USING INDEX purchases_by_state (guild_id=? AND state=? AND id<?)"},
		sales(shop.PurchasesQuery{Item: 1}):                                   {"p USING INDEX purchases_by_item (item_id=? AND state=? AND id<?)"},
		sales(shop.PurchasesQuery{Member: 1}):                                 {"p USING INDEX purchases_by_member (member_id=? AND state=? AND id<?)"},
		selectDeliverySheets:                                                  {"d USING INDEX deliveries_by_state (guild_id=? AND state=? AND id<?)"},
		"SELECT 1 FROM submissions WHERE guild_id = ?1 AND state = 'waiting'": {"submissions_"},
	} {
		args := []any{"1", "waiting", 9, 9, 9, 9}
		for n := range args {
			if !strings.Contains(query, fmt.Sprint("?", n+1)) {
				args = args[:n]
				break
			}
		}
		rows, err := s.reading.Query("EXPLAIN QUERY PLAN "+query, args...)
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
		all := strings.Join(plan, "; ")
		for _, index := range indexes {
			if !strings.Contains(all, index) {
				t.Errorf("%s\n reads by %s, want %s", query, all, index)
			}
		}
		if strings.Contains(all, "TEMP B-TREE") || strings.Contains(all, "SCAN s") || strings.Contains(all, "SCAN p") {
			t.Errorf("%s\n reads by %s", query, all)
		}
	}
}
