package postgrest

import (
	"context"
	"fmt"
	"testing"

	"coffer/internal/economy"
)

// number is the number of a guild's member.
func (g *guild) number(t *testing.T, who economy.Person) (id economy.MemberID) {
	t.Helper()
	if err := g.project.admin.QueryRow(t.Context(), "SELECT id FROM coffer.members WHERE guild_id = $1 AND user_id = $2",
		g.id, who.User).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// memberCalls are calls of what admins see and do.
func memberCalls(quote func(any) string, at string) []functionCall {
	desk := personOf(economy.Person{Admin: 1, Name: "Desk"})
	whom := func(g *guild, n int) economy.Person { return []economy.Person{g.rich, g.middle, g.poor}[n%3] }
	members := func(name, format string, args ...any) functionCall {
		return functionCall{"coffer_members, " + name, func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_members('%s', "+format+", 26)", append([]any{g.id}, args...)...)
		}}
	}
	last := func(search string) string { _, s := economy.MembersQuery{Search: search}.Clean(); return s }
	transactions := func(name, format string, args func(t *testing.T, g *guild, n int) []any) functionCall {
		return functionCall{"coffer_transactions, " + name, func(t *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_transactions('%s', "+format+", 25, 1000)", append([]any{g.id}, args(t, g, n)...)...)
		}}
	}
	none := func(*testing.T, *guild, int) []any { return nil }
	return []functionCall{
		{"coffer_guilds", func(_ *testing.T, g *guild, _ int) string {
			return fmt.Sprintf("public.coffer_guilds(ARRAY['%s', 'nowhere'], '', 26)", g.id)
		}},
		members("richest", "'-balance', '', '', 0, 9223372036854775807, ''"),
		members("among equals", "'-balance', '', '', 500, 100000, ''"),
		members("poorest", "'balance', '', '', 0, -1, ''"),
		members("by name", "'name', '', '%s', 0, 0, ''", last("")),
		members("by name, deep", "'name', '', '%s', 5, 0, 'member 5'", last("")),
		members("a common beginning", "'name', 'm', '%s', 0, 0, ''", last("m")),
		members("a common beginning, deep", "'name', 'm', '%s', 5, 0, 'member 77'", last("m")),
		members("a rare beginning", "'name', 'member 12', '%s', 0, 0, ''", last("member 12")),
		members("a Discord id", "'name', '100000000000000007', '%s', 0, 0, ''", last("100000000000000007")),
		members("nothing", "'name', 'zz', '%s', 0, 0, ''", last("zz")),
		members("newest", "'-created', '', '', 9223372036854775807, 0, ''"),
		members("oldest, deep", "'created', '', '', 700, 0, ''"),
		{"coffer_member", func(t *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_member('%s', %d, %s, 100, 25, 25)", g.id, g.number(t, whom(g, n)), at)
		}},
		transactions("newest", "0, '', NULL, NULL, NULL, 9223372036854775807", none),
		transactions("deep", "0, '', NULL, NULL, %s, 7", func(_ *testing.T, g *guild, _ int) []any {
			return []any{"(SELECT created_at + interval '2 days' FROM coffer.guilds WHERE id = '" + string(g.id) + "')"}
		}),
		transactions("of a kind", "0, 'reversal', NULL, NULL, NULL, 9223372036854775807", none),
		transactions("of a kind that is none", "0, 'set', NULL, NULL, NULL, 9223372036854775807", none),
		transactions("of a time", "0, '', '2020-01-01', '2020-02-01', NULL, 9223372036854775807", none),
		transactions("of a member", "%d, '', NULL, NULL, NULL, 9223372036854775807", func(t *testing.T, g *guild, n int) []any {
			return []any{g.number(t, whom(g, n))}
		}),
		transactions("of a member, of a kind that is none", "%d, 'set', NULL, NULL, NULL, 9223372036854775807", func(t *testing.T, g *guild, n int) []any {
			return []any{g.number(t, whom(g, n))}
		}),
		{"coffer_transaction", func(_ *testing.T, g *guild, _ int) string {
			return fmt.Sprintf("public.coffer_transaction('%s', %d)", g.id, g.deep)
		}},
		{"coffer_record", func(t *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_record('%s', %d, %s)", g.id, g.number(t, whom(g, n)), at)
		}},
		{"coffer_adjust_many", func(t *testing.T, g *guild, n int) string {
			op := economy.BulkAdjustment{Request: g.request()}
			return fmt.Sprintf("public.coffer_adjust_many(%s, %s, 'give', 'plans', ARRAY[%d, %d]::bigint[], NULL, NULL, NULL, ARRAY[5, 5]::bigint[], %t, 200, 1000)",
				quote(requestOf(op.Request, "plans")), quote(desk), g.number(t, g.rich), g.number(t, g.person(n+1)), n%3 == 0)
		}},
		{"coffer_adjust_many, import", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf(`public.coffer_adjust_many(%s, %s, 'set', 'plans', NULL, ARRAY['%s', '7%017d'], ARRAY['', 'New'], ARRAY['', 'new'],
				ARRAY[100, 5]::bigint[], false, 200, 1000)`, quote(requestOf(g.request(), "plans")), quote(desk), g.person(n+20).User, n)
		}},
		{"coffer_erase", func(t *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_erase(%s, %s, %d)", quote(requestOf(g.request(), "plans")), quote(desk), g.number(t, g.person(g.size-40-n)))
		}},
	}
}

// officeOperations are what admins wait for.
func officeOperations() []operation {
	list := func(name string, q economy.MembersQuery) operation {
		return operation{"members, " + name, func(ctx context.Context, g *guild) error {
			q.Guild, q.Limit, q.At = g.id, 25, today
			page, err := g.store.Members(ctx, q)
			if err == nil && len(page.Members) == 0 {
				err = fmt.Errorf("no members")
			}
			return err
		}}
	}
	return []operation{
		list("richest", economy.MembersQuery{}),
		list("by name", economy.MembersQuery{Sort: economy.ByName}),
		list("a common beginning", economy.MembersQuery{Search: "m"}),
		list("newest", economy.MembersQuery{Sort: economy.ByNewest}),
		{"transactions, newest", func(ctx context.Context, g *guild) error {
			_, err := g.store.Transactions(ctx, economy.TransactionsQuery{Guild: g.id, Limit: 25})
			return err
		}},
		{"transactions, reversals", func(ctx context.Context, g *guild) error {
			_, err := g.store.Transactions(ctx, economy.TransactionsQuery{Guild: g.id, Kind: economy.KindReversal, Limit: 25})
			return err
		}},
		{"guilds", func(ctx context.Context, g *guild) error {
			_, err := g.store.Guilds(ctx, economy.GuildsQuery{Of: []economy.GuildID{g.id}, Limit: 1})
			return err
		}},
	}
}
