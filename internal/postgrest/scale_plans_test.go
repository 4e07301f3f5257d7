package postgrest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"coffer/internal/economy"
)

// mostRows is the most that one step of a plan may look at: the places of a
// leaderboard, a page of events, and some.
const mostRows = 1_100

// growing are the tables that grow with a guild.
var growing = []string{
	"members", "entries", "transactions", "events", "requests", "accounts", "claims", "submissions", "cards", "deliveries",
	"purchases", "entitlements",
}

// ofShops are those of them that are empty where nobody sells: Postgres reads an empty
// table from end to end, which says nothing.
var ofShops = []string{"purchases", "entitlements"}

// plan is a step of a plan as EXPLAIN (ANALYZE, FORMAT JSON) has it.
type plan struct {
	Node     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Index    string  `json:"Index Name"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Joined   float64 `json:"Rows Removed by Join Filter"`
	Hit      int     `json:"Shared Hit Blocks"`
	Read     int     `json:"Shared Read Blocks"`
	Steps    []plan  `json:"Plans"`
}

// faults returns what in a plan would take longer in a larger guild.
func (p plan) faults() (found []string) {
	looked := p.Loops * (p.Rows + p.Filtered + p.Joined)
	switch {
	case p.Node == "Seq Scan" && looked == 0 && slices.Contains(ofShops, p.Relation):
	case p.Node == "Seq Scan" && slices.Contains(growing, p.Relation):
		found = append(found, "reads all of "+p.Relation)
	case strings.HasPrefix(p.Node, "Gather"):
		found = append(found, "starts parallel workers")
	case looked > mostRows:
		found = append(found, fmt.Sprintf("%s %s %s looks at %.0f rows", p.Node, p.Relation, p.Index, looked))
	}
	for _, step := range p.Steps {
		found = append(found, step.faults()...)
	}
	return found
}

// inspect calls every function of the API in the guilds and reads the plans of
// all that it runs, those included that Postgres keeps for any arguments: it does
// after five calls of a session. The rich, who have the most, come before and after.
func inspect(t *testing.T, p *project, guilds ...*guild) {
	left := p.functions(t)
	for _, c := range functionCalls() {
		left = slices.DeleteFunc(left, func(name string) bool { return strings.HasPrefix(c.name, name) })
	}
	if len(left) > 0 {
		t.Errorf("nobody looks at the plans of %v", left)
	}
	examine(t, p, functionCalls(), guilds...)
}

// examine is inspect for some calls.
func examine(t *testing.T, p *project, of []functionCall, guilds ...*guild) {
	const calls = 12
	config := must[*pgx.ConnConfig](t)(pgx.ParseConfig(p.SuperuserURL()))
	type statement struct {
		Query string          `json:"Query Text"`
		Plan  plan            `json:"Plan"`
		JIT   json.RawMessage `json:"JIT"`
	}
	var seen []statement
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		_, text, ok := strings.Cut(n.Message, "plan:\n")
		var s statement
		if !ok || json.Unmarshal([]byte(text), &s) != nil {
			t.Errorf("no plan: %s: %s", n.Severity, n.Message)
		}
		seen = append(seen, s)
	}
	session := must[*pgx.Conn](t)(pgx.ConnectConfig(t.Context(), config))
	defer func() { _ = session.Close(context.WithoutCancel(t.Context())) }()
	exec := func(sql string) {
		t.Helper()
		if _, err := session.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec(`LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
		SET auto_explain.log_analyze = on; SET auto_explain.log_buffers = on; SET auto_explain.log_timing = off;
		SET auto_explain.log_format = json; SET auto_explain.log_level = log`)

	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "blocks touched by one call")
	for _, g := range guilds {
		fmt.Fprintf(w, "\t%s: %d", g.name, g.size)
	}
	fmt.Fprintln(w)
	for _, c := range of {
		fmt.Fprint(w, c.name)
		for _, g := range guilds {
			faults := map[string]bool{}
			var blocks []int
			for n := range calls {
				sql := "SELECT " + c.sql(t, g, n)
				seen = nil
				exec("SET client_min_messages = log")
				exec(sql)
				exec("SET client_min_messages = error")
				for _, s := range seen {
					found := s.Plan.faults()
					if s.JIT != nil {
						found = append(found, "is compiled, which takes longer than it runs")
					}
					for _, f := range found {
						faults[f+"\n\tin "+strings.Join(strings.Fields(s.Query), " ")] = true
					}
				}
				if len(seen) == 0 {
					t.Fatalf("%s: no plans are seen", c.name)
				}
				whole := seen[len(seen)-1].Plan
				blocks = append(blocks, whole.Hit+whole.Read)
			}
			slices.Sort(blocks)
			fmt.Fprintf(w, "\t%d", blocks[len(blocks)/2])
			for f := range faults {
				t.Errorf("%s in the guild %q %s", c.name, g.name, f)
			}
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush()
	t.Logf("\n%s", table.String())
}

// ofTheShop are functions whose plans say nothing here: the generated guilds have
// no shop.
var ofTheShop = []string{
	"coffer_archive_item", "coffer_catalogue", "coffer_create_item", "coffer_edit_item", "coffer_inventory", "coffer_item_names",
	"coffer_offer", "coffer_purchase", "coffer_refund", "coffer_refundable", "coffer_use", "coffer_expire_roles",
	"coffer_item_list", "coffer_item_sheet", "coffer_purchases",
}

// ofAccounts are functions about accounts of the dashboard and their sessions, of which
// there are as many however large a guild is.
var ofAccounts = []string{
	"coffer_account_trail", "coffer_admins", "coffer_change_admin", "coffer_change_password", "coffer_close_session", "coffer_create_admin",
	"coffer_create_first_owner", "coffer_derive_session", "coffer_forget_sessions", "coffer_keep_grant", "coffer_knows_guild",
	"coffer_open_discord_session", "coffer_open_session", "coffer_renew_session", "coffer_revoke_token",
	"coffer_session_account", "coffer_token_account", "coffer_try_login",
}

// ofLeases are those that go by the name of a lease, of which there is one.
var ofLeases = []string{"coffer_take_lease", "coffer_renew_lease", "coffer_return_lease"}

// functions are those of the API that members wait for, or that run while they do.
func (p *project) functions(t *testing.T) []string {
	t.Helper()
	rows, err := p.admin.Query(t.Context(), `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
		AND proname NOT IN ('coffer_audit', 'coffer_books', 'coffer_take_tops', 'coffer_totals', 'coffer_refresh_ranks', 'coffer_schema', 'coffer_doctor') AND proname <> ALL ($1)`, slices.Concat(ofTheShop, ofAccounts, ofLeases))
	if err != nil {
		t.Fatal(err)
	}
	return must[[]string](t)(pgx.CollectRows(rows, pgx.RowTo[string]))
}

type functionCall struct {
	name string
	sql  func(t *testing.T, g *guild, n int) string
}

// functionCalls are calls of each function, the nth of its kind.
func functionCalls() []functionCall {
	quote := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return "'" + strings.ReplaceAll(string(text), "'", "''") + "'"
	}
	who := func(g *guild, rank int) string {
		return quote(personOf([]economy.Person{g.rich, g.middle, g.poor}[rank%3]))
	}
	at := "'" + today.Format(time.RFC3339) + "'"
	request := func(g *guild) string { return quote(requestOf(g.request(), "plans")) }
	return append(slices.Concat(taskCalls(quote, at), officeCalls(), memberCalls(quote, at), happenedCalls(at)), []functionCall{
		{"coffer_wallet", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_wallet('%s', %s, %s, %s)", g.id, at, who(g, n/3), who(g, n))
		}},
		{"coffer_wallet, newcomer", func(_ *testing.T, g *guild, n int) string {
			newcomer := quote(person{User: economy.UserID(fmt.Sprint(900 + n)), Name: "New"})
			return fmt.Sprintf("public.coffer_wallet('%s', %s, %s, %s)", g.id, at, newcomer, newcomer)
		}},
		{"coffer_leaderboard", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_leaderboard('%s', %s, %s, %d, 11)", g.id, at, who(g, n), 990*(n%2))
		}},
		{"coffer_history", func(_ *testing.T, g *guild, n int) string {
			bounds := []string{"NULL, NULL", fmt.Sprintf("%d, NULL", g.deep), fmt.Sprintf("NULL, %d", g.deep), "NULL, 0"}[n%4]
			return fmt.Sprintf("public.coffer_history('%s', %s, %s, %s, %s, 100)", g.id, at, who(g, n/4), who(g, n), bounds)
		}},
		{"coffer_rules", func(_ *testing.T, g *guild, _ int) string { return fmt.Sprintf("public.coffer_rules('%s')", g.id) }},
		{"coffer_settings", func(_ *testing.T, g *guild, _ int) string { return fmt.Sprintf("public.coffer_settings('%s')", g.id) }},
		{"coffer_events", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_events('%s', %d, 1000)", g.id, int64(n%2)*(g.lastEvent-100))
		}},
		{"coffer_claim_daily", func(_ *testing.T, g *guild, _ int) string {
			return fmt.Sprintf("public.coffer_claim_daily(%s, %s)", request(g), quote(personOf(g.next())))
		}},
		{"coffer_transfer", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_transfer(%s, %s, %s, 'exact', 1, 'thanks')", request(g), quote(personOf(g.person(g.size-n))), who(g, 0))
		}},
		{"coffer_adjust", func(_ *testing.T, g *guild, n int) string {
			return fmt.Sprintf("public.coffer_adjust(%s, %s, %s, 'give', 1, 'a gift')", request(g), quote(personOf(founder)), who(g, n))
		}},
		{"coffer_reversible", func(_ *testing.T, g *guild, _ int) string {
			return fmt.Sprintf("public.coffer_reversible('%s', 25)", g.id)
		}},
		{"coffer_reverse", func(t *testing.T, g *guild, n int) string {
			newest := must[[]economy.ReversibleTransaction](t)(g.store.Reversible(t.Context(), g.id, 1))
			return fmt.Sprintf("public.coffer_reverse(%s, %s, %d, 'a mistake')", request(g), quote(personOf(founder)), newest[0].Transaction)
		}},
		{"coffer_change_settings", func(_ *testing.T, g *guild, n int) string {
			rules := economy.DefaultSettings()
			rules.DailyAmount = economy.Amount(100 + n)
			return fmt.Sprintf("public.coffer_change_settings(%s, %s, %s, 0)", request(g), quote(personOf(founder)), quote(rules))
		}},
		// Those of the last round's first hour, a portion each time.
		{"coffer_forget_requests", func(_ *testing.T, _ *guild, _ int) string {
			return fmt.Sprintf("public.coffer_forget_requests('%s', 1000)", founded.AddDate(0, 0, 4).Add(time.Hour).Format(time.RFC3339))
		}},
	}...)
}
