package postgrest

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"coffer/internal/shop"
	"coffer/internal/storetest"
	"coffer/internal/tasks"
)

// aTask is the number of one of a guild's 25 open tasks.
func (g *guild) aTask(t *testing.T, n int) tasks.TaskID {
	t.Helper()
	page := must[tasks.TaskListPage](t)(g.store.TaskList(t.Context(), tasks.TaskListQuery{Guild: g.id, State: tasks.Open, Size: 25}))
	return page.Tasks[n%len(page.Tasks)].Task.ID
}

// officeCalls are calls of what admins list, ten rows a page.
func officeCalls() []functionCall {
	const newest = int64(math.MaxInt64)
	states := func(n int, of ...string) string {
		if n%2 == 0 {
			return "{" + of[n/2%len(of)] + "}"
		}
		all := "{" + of[0]
		for _, s := range of[1:] {
			all += "," + s
		}
		return all + "}"
	}
	work := func(name string, narrow func(t *testing.T, g *guild, n int) (task tasks.TaskID, member int64)) functionCall {
		return functionCall{"coffer_submissions, " + name, func(t *testing.T, g *guild, n int) string {
			task, member := narrow(t, g, n)
			if n%3 == 0 {
				return fmt.Sprintf("public.coffer_submissions('%s', '{waiting}', %d, %d, true, %d, 11)", g.id, task, member, n%2*500)
			}
			return fmt.Sprintf("public.coffer_submissions('%s', '%s', %d, %d, false, %d, 11)", g.id, states(n, "accepted", "refused", "waiting"), task, member, newest)
		}}
	}
	return []functionCall{
		{"coffer_task_list", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_task_list('%s', '%s', '%s', %d, 11)", g.id, states(n, "open", "archived", "draft", "closed"), []string{"", "ask"}[n/2%2], newest)
		}},
		{"coffer_task_sheet", func(t *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_task_sheet('%s', %d)", g.id, g.aTask(t, n))
		}},
		work("all", func(*testing.T, *guild, int) (tasks.TaskID, int64) { return 0, 0 }),
		work("of a task", func(t *testing.T, g *guild, n int) (tasks.TaskID, int64) { return g.aTask(t, n), 0 }),
		work("of a member", func(t *testing.T, g *guild, n int) (tasks.TaskID, int64) {
			return 0, int64(g.number(t, g.person(8*n+3)))
		}),
		work("of a member's task", func(t *testing.T, g *guild, n int) (tasks.TaskID, int64) {
			return g.aTask(t, n), int64(g.number(t, g.person(8*n+3)))
		}),
		{"coffer_submission_sheet", func(t *testing.T, g *guild, n int) string {
			page := must[tasks.SubmissionsPage](t)(g.store.Submissions(t.Context(), tasks.SubmissionsQuery{Guild: g.id, Size: 20}))
			return fmt.Sprintf("public.coffer_submission_sheet('%s', %d)", g.id, page.Submissions[n%len(page.Submissions)].Submission.ID)
		}},
		{"coffer_delivery_list", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_delivery_list('%s', '%s', %d, 11)", g.id, states(n, "waiting", "failed"), newest)
		}},
	}
}

// TestSalesAreListedAsQuicklyInALargeGuild is TestScale's look at plans for what admins
// see of goods, in guilds of which nothing else is generated. Their transactions
// have no entries, so there is nothing to audit.
func TestSalesAreListedAsQuicklyInALargeGuild(t *testing.T) {
	size := 20_000
	switch {
	case soaking:
		size = 1_000_000
	case testing.Short() || storetest.RaceDetector:
		t.Skip("it fills a guild and looks at every plan: make large")
	}
	p, s := newScaledProject(t)
	before, large, behind := newGuild(t, "small, before", p, s, "20", 1_000), newGuild(t, "large", p, s, "21", size), newGuild(t, "small, behind", p, s, "22", 1_000)
	admin := must[*pgx.Conn](t)(pgx.Connect(t.Context(), p.SuperuserURL()))
	defer func() { _ = admin.Close(t.Context()) }()
	for _, g := range []*guild{before, large, behind} {
		for _, name := range []string{"Hat", "Cake"} {
			creation := must[shop.ItemCreation](t)(shop.NewItemCreation(g.request(), founder, shop.Terms{Name: name, Price: 1}, shop.Stock{}))
			must[shop.Item](t)(s.CreateItem(t.Context(), creation))
		}
		// Of ten of the members the first buys half of all; two thirds are of one item, and one in
		// fifty is refunded.
		if _, err := admin.Exec(t.Context(), fmt.Sprintf(`SET session_replication_role = replica;
			INSERT INTO coffer.accounts (guild_id) SELECT '%[1]s' FROM generate_series(1, %[2]d);
			INSERT INTO coffer.members (id, guild_id, user_id, name, created_at)
				SELECT a.id, '%[1]s', a.id::text, 'Member', now() FROM coffer.accounts a
				WHERE a.guild_id = '%[1]s' AND a.system IS NULL AND NOT EXISTS (SELECT FROM coffer.members m WHERE m.id = a.id);
			INSERT INTO coffer.events (guild_id, kind, subject, at)
				SELECT '%[1]s', CASE WHEN n %% 20 = 0 THEN 'item.changed' ELSE 'item.used' END, 'item:' || 1000 + n, now() FROM generate_series(1, %[2]d) n;
			INSERT INTO coffer.transactions (id, guild_id, kind, reverses, created_at)
				SELECT %[1]s * 10000000 + n, '%[1]s', 'purchase', NULL, now() FROM generate_series(1, %[2]d) n
				UNION ALL
				SELECT %[1]s * 10000000 + 5000000 + n, '%[1]s', 'refund', %[1]s * 10000000 + n, now() FROM generate_series(50, %[2]d, 50) n;
			INSERT INTO coffer.purchases (guild_id, member_id, item_id, name, quantity, total, transaction_id, refund_id, created_at)
				SELECT '%[1]s', m.ids[CASE WHEN n %% 2 = 0 THEN 1 ELSE 2 + n %% 9 END], i.ids[1 + (n %% 3 / 2)], 'Hat', 1, 1,
					%[1]s * 10000000 + n, CASE WHEN n %% 50 = 0 THEN %[1]s * 10000000 + 5000000 + n END, now()
				FROM generate_series(1, %[2]d) n, (SELECT array_agg(id ORDER BY id) AS ids FROM coffer.members WHERE guild_id = '%[1]s') m,
					(SELECT array_agg(id ORDER BY id) AS ids FROM coffer.items WHERE guild_id = '%[1]s') i;
			INSERT INTO coffer.entitlements (purchase_id, guild_id, member_id, role) SELECT p.id, p.guild_id, p.member_id, '7'
				FROM coffer.purchases p WHERE p.guild_id = '%[1]s' AND p.id %% 5 = 0;
			INSERT INTO coffer.deliveries (guild_id, kind, member_id, role, state, due, settled_at, created_at)
				SELECT e.guild_id, 'role', e.member_id, e.purchase_id::text, 'failed', now(), now(), now() FROM coffer.entitlements e WHERE e.guild_id = '%[1]s'`, g.id, g.size), pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	p.exec(t, "VACUUM (ANALYZE)")
	sales := func(name string, narrow func(g *guild, n int) (member int64, item shop.ItemID)) functionCall {
		return functionCall{"coffer_purchases, " + name, func(t *testing.T, g *guild, n int) string {
			states := []string{"{kept}", "{refunded}", "{kept,refunded}"}[n%3]
			member, item := narrow(g, n)
			before := []int64{math.MaxInt64, 5_000}[n/3%2]
			return fmt.Sprintf("public.coffer_purchases('%s', '%s', %d, %d, %d, 11)", g.id, states, member, item, before)
		}}
	}
	one := func(g *guild, n int, of string) (id int64) {
		if err := p.admin.QueryRow(t.Context(), "SELECT id FROM coffer."+of+" WHERE guild_id = $1 ORDER BY id LIMIT 1 OFFSET $2", g.id, n).Scan(&id); err != nil {
			t.Fatal(err)
		}
		return id
	}
	examine(t, p, []functionCall{
		{"coffer_restore, where they buy", func(_ *testing.T, g *guild, n int) string {
			var people string // the tenth has bought, and has joined again each time
			if err := p.admin.QueryRow(t.Context(), `SELECT jsonb_agg(jsonb_build_object('user', m.user_id, 'joined', $2::timestamptz)) FROM
				(SELECT * FROM coffer.members x WHERE x.guild_id = $1 ORDER BY x.id LIMIT 250 OFFSET 9) m`, g.id, founded.AddDate(100, 0, n)).Scan(&people); err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("public.coffer_restore('%s', '%s', '%s')", g.id, today.Format(time.RFC3339), people)
		}},
		{"coffer_item_list", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_item_list('%s', '%s', 'a', %d, 11)", g.id, []string{"{t}", "{f}", "{t,f}"}[n%3], int64(math.MaxInt64))
		}},
		{"coffer_item_sheet", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_item_sheet('%s', %d)", g.id, one(g, n%2, "items"))
		}},
		sales("all", func(*guild, int) (int64, shop.ItemID) { return 0, 0 }),
		sales("of a member", func(g *guild, n int) (int64, shop.ItemID) { return one(g, n%4, "members"), 0 }),
		sales("of an item", func(g *guild, n int) (int64, shop.ItemID) { return 0, shop.ItemID(one(g, n%2, "items")) }),
		sales("of a member's item", func(g *guild, n int) (int64, shop.ItemID) {
			return one(g, n%4, "members"), shop.ItemID(one(g, n%2, "items"))
		}),
	}, large, before, behind)
}
