package postgrest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/outbox"
	"coffer/internal/problem"
	"coffer/internal/shop"
	"coffer/internal/storetest"
	"coffer/internal/tasks"
)

// TestWritesOfAllKindsTakeTheirLocksInOneOrder has everybody do everything at once in a
// guild of few members, items and tasks. Postgres counts who was ended for others' sake.
func TestWritesOfAllKindsTakeTheirLocksInOneOrder(t *testing.T) {
	thorough(t)
	ops := int64(600)
	switch {
	case os.Getenv("COFFER_SOAK") != "":
		ops = 30_000
	case storetest.RaceDetector:
		ops = 200
	}
	m := newMelee(t)
	writes := m.writes()
	names := slices.Sorted(maps.Keys(writes))
	var begun atomic.Int64
	var mu sync.Mutex
	done := map[string]int{}
	var group sync.WaitGroup
	for seed := range uint64(16) {
		group.Go(func() {
			dice := rand.New(rand.NewPCG(seed, 5))
			for begun.Add(1) <= ops {
				name := names[dice.IntN(len(names))]
				err := writes[name](dice)
				mu.Lock()
				if err == nil {
					done[name]++
				} else if k := problem.Of(err).Kind; k == problem.Internal {
					t.Errorf("%s: %v", name, err)
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	t.Log("done:", done)
	audit := must[economy.Audit](t)(m.Audit(t.Context()))
	if broken, is := audit.Broken(); is {
		t.Errorf("%s is broken: %s", broken.Name, broken.Example)
	}
	// A session tells what happened to it at its end, or seconds later.
	if err := m.project.StopREST(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); m.find(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
		AND pid <> pg_backend_pid() AND backend_type = 'client backend'`) > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("PostgREST's sessions do not end")
		}
	}
	if n := m.find("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"); n > 0 {
		t.Errorf("%d writes were ended for the sake of others", n)
	}
}

// melee is a guild in which everything happens at once. Each of its requests is made a
// minute later than the one before.
type melee struct {
	*Store
	t        *testing.T
	project  *project
	mu       sync.Mutex // holds the project's connection
	start    time.Time
	requests atomic.Int64
	settings economy.Settings
	items    []shop.Item
	chores   []tasks.Task
}

var desk = economy.Person{Admin: 9, Name: "Desk"}

func newMelee(t *testing.T) *melee {
	p := newProject(t)
	m := &melee{Store: p.store(t), t: t, project: p, start: time.Now(), settings: economy.DefaultSettings()}
	s := &m.settings
	s.StartingBalance, s.TaskChannel, s.ReviewChannel, s.AdminChannel, s.WelcomeChannel = 100_000, "11", "12", "13", "14"
	must[economy.Settings](t)(m.ChangeSettings(t.Context(), economy.SettingsChange{Request: m.request(), Admin: desk, Settings: *s}))
	for n := range 4 {
		ware := shop.Terms{Name: fmt.Sprint("Item ", n), Price: 1, Usable: n == 0}
		if n > 1 {
			ware.Role, ware.RoleHours = economy.RoleID(fmt.Sprint(70+n)), n-2
		}
		m.items = append(m.items, must[shop.Item](t)(m.CreateItem(t.Context(), shop.ItemCreation{Request: m.request(), Admin: desk, Terms: ware})))
		chore := tasks.Terms{Title: fmt.Sprint("Task ", n), Reward: 3, Proof: tasks.ProofNone, Review: tasks.ByPerson, Repeat: tasks.Daily,
			Tries: 2, ClaimHours: 4, Places: 1000 * (n % 2)}
		creation := tasks.TaskCreation{Request: m.request(), Admin: desk, Terms: chore, State: tasks.Open}
		m.chores = append(m.chores, must[tasks.Task](t)(m.CreateTask(t.Context(), creation)))
	}
	return m
}

func (m *melee) request() economy.Request {
	n := m.requests.Add(1)
	return economy.Request{Guild: "1", Source: economy.FromAPI, Key: fmt.Sprint(n), At: m.start.Add(time.Duration(n) * time.Minute)}
}

// find returns what a query finds first; 0: nothing.
func (m *melee) find(query string, args ...any) (n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_ = m.project.admin.QueryRow(m.t.Context(), query, args...).Scan(&n)
	return n
}

// one returns the number of one of the newest rows that are so; 0: there is none.
func (m *melee) one(rows string) int64 {
	return m.find("SELECT id FROM (SELECT id FROM coffer." + rows + " ORDER BY id DESC LIMIT 30) x ORDER BY random() LIMIT 1")
}

func (m *melee) person(n int) economy.Person {
	return economy.Person{User: economy.UserID(fmt.Sprint(100_000_000_000_000_000 + n)), Name: fmt.Sprint("Member ", n)}
}

func (m *melee) anybody(dice *rand.Rand) economy.Person { return m.person(dice.IntN(4)) }

func (m *melee) item(dice *rand.Rand) shop.Item { return m.items[dice.IntN(len(m.items))] }

func (m *melee) chore(dice *rand.Rand) tasks.Task { return m.chores[dice.IntN(len(m.chores))] }

// claimed returns somebody who has work to hand in, and which.
func (m *melee) claimed() (economy.Person, tasks.Ref) {
	claim := m.one("claims WHERE state IN ('claimed', 'rejected')")
	user := m.find("SELECT m.user_id::bigint FROM coffer.claims c JOIN coffer.members m ON m.id = c.member_id WHERE c.id = $1", claim)
	task := m.find("SELECT task_id FROM coffer.claims WHERE id = $1", claim)
	return economy.Person{User: economy.UserID(fmt.Sprint(user))}, tasks.Ref{ID: tasks.TaskID(task)}
}

// writes are all kinds of them.
func (m *melee) writes() map[string]func(*rand.Rand) error {
	ctx := m.t.Context()
	return map[string]func(*rand.Rand) error{
		"pay": func(dice *rand.Rand) error {
			pair := dice.Perm(4)
			_, err := m.Transfer(ctx, economy.Transfer{Request: m.request(), From: m.person(pair[0]), To: m.person(pair[1]), Quantity: economy.Coins(1)})
			return err
		},
		"daily": func(dice *rand.Rand) error {
			_, err := m.ClaimDaily(ctx, economy.DailyClaim{Request: m.request(), Member: m.anybody(dice)})
			return err
		},
		"give": func(dice *rand.Rand) error {
			_, err := m.Adjust(ctx, economy.Adjustment{Request: m.request(), Admin: desk, Member: m.anybody(dice), Kind: economy.KindGive, Amount: 5})
			return err
		},
		"give many": func(dice *rand.Rand) error {
			first := economy.MemberID(m.one("members WHERE user_id IS NOT NULL"))
			list := []economy.MemberID{first + 2, first, first + 1}
			b, err := economy.NewBulkAdjustment(m.request(), desk, list[dice.IntN(3):], economy.KindGive, 1, "", false)
			if err == nil {
				_, err = m.AdjustMany(ctx, b)
			}
			return err
		},
		"import": func(dice *rand.Rand) error {
			var rows []economy.BulkRow
			for _, n := range dice.Perm(6)[:4] {
				rows = append(rows, economy.BulkRow{User: m.person(n).User, Name: fmt.Sprint("Name ", dice.IntN(9)), Amount: 50_000})
			}
			b, err := economy.NewImport(m.request(), desk, rows, "", false)
			if err == nil {
				_, err = m.AdjustMany(ctx, b)
			}
			return err
		},
		"erase": func(dice *rand.Rand) error {
			if dice.IntN(3) > 0 {
				return nil
			}
			_, err := m.Erase(ctx, economy.Erasure{Request: m.request(), Admin: desk, Member: economy.MemberID(m.one("members WHERE user_id IS NOT NULL"))})
			return err
		},
		"join": func(dice *rand.Rand) error {
			_, err := m.Join(ctx, "1", []economy.Person{m.anybody(dice), m.anybody(dice), m.person(dice.IntN(6))}, m.request().At)
			return err
		},
		"reverse": func(*rand.Rand) error {
			id := m.one("transactions WHERE kind NOT IN ('reversal', 'refund', 'purchase')")
			_, err := m.Reverse(ctx, economy.Reversal{Request: m.request(), Admin: desk, Transaction: economy.TransactionID(id)})
			return err
		},
		"change settings": func(dice *rand.Rand) error {
			to := m.settings
			to.DailyAmount = economy.Amount(1 + dice.IntN(100))
			_, err := m.ChangeSettings(ctx, economy.SettingsChange{Request: m.request(), Admin: desk, Settings: to})
			return err
		},
		"buy": func(dice *rand.Rand) error {
			_, err := m.Purchase(ctx, shop.Purchase{Request: m.request(), Buyer: m.anybody(dice), Item: m.item(dice).ID, Quantity: 1, Price: 1})
			return err
		},
		"refund": func(*rand.Rand) error {
			id := m.one("purchases WHERE refund_id IS NULL")
			_, err := m.Refund(ctx, shop.Refund{Request: m.request(), Admin: desk, Purchase: shop.PurchaseID(id)})
			return err
		},
		"use": func(dice *rand.Rand) error {
			_, err := m.Use(ctx, shop.Use{Request: m.request(), Member: m.anybody(dice), Item: m.items[0].ID})
			return err
		},
		"edit item": func(dice *rand.Rand) error {
			i := m.item(dice)
			i.Description = fmt.Sprint(dice.IntN(100))
			version := m.find("SELECT version FROM coffer.items WHERE id = $1", i.ID)
			_, err := m.EditItem(ctx, shop.ItemEdit{Request: m.request(), Admin: desk, Item: i.ID, Version: int(version), Terms: i.Terms})
			return err
		},
		"expire roles": func(*rand.Rand) error {
			_, err := m.ExpireRoles(ctx, m.request().At)
			return err
		},
		"claim": func(dice *rand.Rand) error {
			_, err := m.ClaimTask(ctx, tasks.Claiming{Request: m.request(), Member: m.anybody(dice), Task: tasks.Ref{ID: m.chore(dice).ID}})
			return err
		},
		"hand in": func(*rand.Rand) error {
			by, task := m.claimed()
			_, err := m.SubmitWork(ctx, tasks.Submitting{Request: m.request(), Member: by, Task: task})
			return err
		},
		"drop": func(*rand.Rand) error {
			by, task := m.claimed()
			_, err := m.DropClaim(ctx, tasks.Dropping{Request: m.request(), Member: by, Task: task})
			return err
		},
		"review": func(dice *rand.Rand) error {
			_, err := m.ReviewSubmission(ctx, tasks.Reviewing{Request: m.request(), Reviewer: tasks.Reviewer{Person: m.anybody(dice), Manager: true},
				Submission: tasks.SubmissionID(m.one("submissions WHERE state = 'waiting'")), Approve: dice.IntN(2) == 0, Percent: 100, Reason: "no"})
			return err
		},
		"edit task": func(dice *rand.Rand) error {
			v := m.chore(dice)
			v.Description = fmt.Sprint(dice.IntN(100))
			version := m.find("SELECT version FROM coffer.tasks WHERE id = $1", v.ID)
			_, err := m.EditTask(ctx, tasks.TaskEdit{Request: m.request(), Admin: desk, Task: v.ID, Version: int(version), Terms: v.Terms})
			return err
		},
		"move task": func(dice *rand.Rand) error {
			to := []tasks.State{tasks.Open, tasks.Open, tasks.Closed}[dice.IntN(3)]
			_, err := m.MoveTask(ctx, tasks.TaskMove{Request: m.request(), Admin: desk, Task: tasks.Ref{ID: m.chore(dice).ID}, To: to})
			return err
		},
		"tidy": func(*rand.Rand) error {
			_, err := m.TidyTasks(ctx, m.request().At)
			return err
		},
		"deliver": func(dice *rand.Rand) error {
			leases, err := m.LeaseDeliveries(ctx, 1+dice.IntN(8), time.Duration(dice.IntN(200))*time.Millisecond)
			for _, l := range leases {
				o := outbox.Outcome{State: []outbox.State{outbox.Done, outbox.Failed, outbox.Waiting}[dice.IntN(3)], Gone: dice.IntN(9) == 0}
				if l.Kind == outbox.Card && o.State == outbox.Done {
					o.Message = "77"
				}
				err = errors.Join(err, m.SettleDelivery(ctx, l, o, m.request().At))
			}
			return err
		},
		"forget": func(*rand.Rand) error {
			now := m.request().At
			_, err := m.ForgetDeliveries(ctx, now)
			_, other := m.ForgetRequests(ctx, now.Add(-time.Hour))
			return errors.Join(err, other)
		},
		"count": func(*rand.Rand) error {
			now := m.request().At
			return errors.Join(m.Tally(ctx), m.TakeTops(ctx, now), m.RefreshRanks(ctx, now))
		},
	}
}
