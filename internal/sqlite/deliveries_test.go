package sqlite

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"coffer/internal/economy"
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

// limited is a Discord that allows five changes of roles in five seconds in guild 1, and
// has those who come later wait, as internal/discord does.
type limited struct {
	outbox.Discord
	mu    sync.Mutex
	left  int
	reset time.Time
	told  map[string][]time.Duration // by guild
	start time.Time
}

func (d *limited) TakeRole(ctx context.Context, guild, _, _, _ string) error {
	for {
		wait := d.take(guild)
		if wait <= 0 {
			return nil
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *limited) take(guild string) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if !now.Before(d.reset) {
		d.left, d.reset = 5, now.Add(5*time.Second)
	}
	if guild == "1" {
		if d.left == 0 {
			return d.reset.Sub(now)
		}
		d.left--
	}
	d.told[guild] = append(d.told[guild], now.Sub(d.start))
	return 0
}

// TestOneGuildsLimitHoldsUpNoOther has forty removals of one guild, which take Discord
// over half a minute, then one of another, and while all attempts wait for the limit one
// of a third, which is next.
func TestOneGuildsLimitHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openTemp(t)
		remove := func(guild economy.GuildID, member, roles int) {
			t.Helper()
			if err := s.write(t.Context(), func(x *tx) error {
				if _, err := x.meetGuild(guild, time.Now()); err != nil {
					return err
				}
				if _, err := x.exec("INSERT INTO accounts (id, guild_id) VALUES (?, ?)", member, string(guild)); err != nil {
					return err
				}
				if _, err := x.exec("INSERT INTO members (id, guild_id, user_id, name, folded, created_at) VALUES (?, ?, '5', 'Ada', 'ada', 1)",
					member, string(guild)); err != nil {
					return err
				}
				for n := range roles {
					if err := s.deliverRole(x, guild, int64(member), economy.RoleID(strconv.Itoa(7000+n)), time.Now()); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		remove("1", 1000, 40)
		remove("2", 2000, 1)
		world := &limited{told: make(map[string][]time.Duration), start: time.Now()}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- outbox.New(outbox.Config{Queue: s, Discord: world}).Run(ctx) }()
		time.Sleep(11 * time.Second)
		remove("3", 3000, 1)
		time.Sleep(time.Minute)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		one, two, three := world.told["1"], world.told["2"], world.told["3"]
		if len(one) != 40 || len(two) != 1 || len(three) != 1 || two[0] > time.Second || three[0] > 16*time.Second {
			t.Errorf("guild 1 was told %v, 2 %v, 3 %v; want 40 of the first, the second's at once, and the third's by 16 s", one, two, three)
		}
	})
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
		"SELECT 1 FROM members m JOIN entitlements e ON e.member_id = m.id WHERE m.guild_id = ?1 AND m.user_id = ?1 AND e.ended_at IS NULL":                "entitlements_running",
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
