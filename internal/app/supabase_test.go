package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/jackc/pgx/v5"

	"coffer/interactions"
	"coffer/internal/economy"
	"coffer/internal/postgrest"
	"coffer/internal/simulator"
	"coffer/internal/storetest"
	"coffer/internal/supabasetest"
)

// migrated is a database that has been migrated.
var migrated = supabasetest.NewTemplate(func(ctx context.Context, databaseURL string) error {
	_, err := postgrest.Migrate(ctx, databaseURL)
	return err
})

// newSupabase starts a local Supabase with the migrations, and a store on it.
func newSupabase(t *testing.T) (*postgrest.Store, *supabasetest.Project) {
	t.Helper()
	project := supabasetest.New(t, nil, supabasetest.From(migrated))
	bank, err := postgrest.Open(project.URL(), project.Key())
	if err != nil {
		t.Fatal(err)
	}
	return bank, project
}

func onSupabase(p *supabasetest.Project) []string {
	return []string{"STORE=supabase", "SUPABASE_URL=" + p.URL(), "SUPABASE_KEY=" + p.Key()}
}

// TestEveryCommandIsOneRequest counts what reaches PostgREST for each command,
// component and autocompletion, at first contact and afterwards.
func TestEveryCommandIsOneRequest(t *testing.T) {
	bank, project := newSupabase(t)
	w := newTownOn(t, bank, nil)
	lines := map[string]string{
		"balance": "/balance member:@dana", "daily": "/daily", "pay": "/pay @bob 5 note:thanks", "leaderboard": "/leaderboard",
		"history": "/history member:@bob", "help": "/help", "admin coins give": "/admin coins give @bob 5",
		"admin coins take": "/admin coins take @bob 5", "admin coins set": "/admin coins set @bob 500", "admin undo": "/admin undo 3",
		"shop": "/shop", "buy": "/buy item:Bread", "inventory": "/inventory member:@bob", "use": "/use item:1",
		"admin item create": "/admin item create name:Bread price:5", "admin item edit": "/admin item edit item:1 price:6",
		"admin item archive": "/admin item archive item:1", "admin refund": "/admin refund purchase:1",
		"admin settings": "/admin settings", "admin deliveries": "/admin deliveries",
		"tasks": "/tasks", "task claim": "/task claim task:Sweep", "task submit": "/task submit task:Sweep text:clean", "task drop": "/task drop task:Sweep",
		"review": "/review", "admin task create": "/admin task create title:Sweep reward:5", "admin task edit": "/admin task edit task:Sweep reward:6",
		"admin task open": "/admin task open task:Sweep", "admin task close": "/admin task close task:Sweep",
		"admin task archive": "/admin task archive task:Sweep",
	}
	// They must know what is there to change some of it.
	reads := map[string]int{"admin item edit": 1, "admin task edit": 1}
	// What the server does by itself, whether or not anybody says something.
	upkeep := func(r supabasetest.Request) bool {
		return slices.Contains([]string{
			"coffer_refresh_ranks", "coffer_forget_requests", "coffer_forget_deliveries", "coffer_forget_sessions", "coffer_tally", "coffer_take_tops",
			"coffer_expire_roles", "coffer_tidy_tasks", "coffer_lease_deliveries", "coffer_settle_delivery",
		}, path.Base(r.Path))
	}
	costs := func(what string, want int, act func()) {
		t.Helper()
		project.Forget()
		act()
		if got := slices.DeleteFunc(project.Requests(), upkeep); len(got) != want {
			t.Errorf("%s costs %d requests, want %d: %+v", what, len(got), want, got)
		}
	}
	for _, name := range allCommands() {
		line, known := lines[name]
		if !known {
			t.Errorf("this test does not know /%s: give it a line", name)
			continue
		}
		for _, when := range []string{"at first", "again"} {
			costs("/"+name+" "+when, 1+reads[name], func() { w.say("ada", line) })
		}
	}

	for _, m := range simulator.DemoWorld().Members {
		if !m.User.Bot {
			w.say(m.User.Username, "/balance")
		}
	}
	board := w.say("ada", "/leaderboard")
	costs("a page of the leaderboard", 1, func() { w.click("ada", board.Message, "Next") })
	for range 12 {
		w.say("bob", "/pay @ada 1")
	}
	history := w.say("bob", "/history")
	costs("a page of history", 1, func() { w.click("bob", history.Message, "Older") })
	gift := w.say("ada", "/admin coins give @bob 5")
	costs("undo by its button", 1, func() { w.click("ada", gift.Message, "Undo") })
	costs("an autocompletion", 1, func() {
		w.settle(w.sim.Autocomplete(t.Context(), simulator.Typing{As: "ada", Line: "/admin undo transaction:1"}))
	})
	back := make([]economy.Person, 250)
	for i := range back {
		back[i] = economy.Person{User: economy.UserID(strconv.Itoa(1190000000000000000 + i)), Name: "Guest", Joined: time.Now()}
	}
	costs("the most who join at once", 1, func() {
		if n, err := bank.Join(t.Context(), simulator.DemoGuildID, back[:100], time.Now()); n != 100 || err != nil {
			t.Error(n, err)
		}
	})
	costs("a portion of a list of members", 1, func() {
		if n, err := bank.Restore(t.Context(), simulator.DemoGuildID, back, time.Now()); n != 0 || err != nil {
			t.Error(n, err)
		}
	})
	w.sound()
}

// allCommands returns the full names of all commands.
func allCommands() []string {
	var names []string
	var walk func(name string, options []*discordgo.ApplicationCommandOption)
	walk = func(name string, options []*discordgo.ApplicationCommandOption) {
		leaf := true
		for _, o := range options {
			if o.Type == discordgo.ApplicationCommandOptionSubCommand || o.Type == discordgo.ApplicationCommandOptionSubCommandGroup {
				leaf = false
				walk(name+" "+o.Name, o.Options)
			}
		}
		if leaf {
			names = append(names, name)
		}
	}
	for _, c := range interactions.Definitions() {
		walk(c.Name, c.Options)
	}
	return names
}

// TestAnOutageIsToldAndEndsByItself has the database away for a while.
func TestAnOutageIsToldAndEndsByItself(t *testing.T) {
	thorough(t)
	bank, project := newSupabase(t)
	w := newTownOn(t, bank, nil)
	health := func() int {
		t.Helper()
		res, err := http.Get("http://" + w.listener.Addr().String() + "/api/health")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode
	}
	w.expect(w.text(w.say("bob", "/daily").Message), "+100 🪙")
	if got := health(); got != http.StatusOK {
		t.Errorf("health is %d before", got)
	}
	if err := project.StopDatabase(); err != nil {
		t.Fatal(err)
	}
	w.expect(w.text(lastMessage(w.say("bob", "/pay @dana 5"))), "The bank is closed for a moment", "nothing was lost")
	if got := health(); got != http.StatusServiceUnavailable {
		t.Errorf("health is %d during the outage, want 503", got)
	}
	for range 20 { // the breaker opens; nobody waits long any more
		w.say("bob", "/balance")
	}
	quickest := time.Hour // a busy machine may delay some
	for range 5 {
		began := time.Now()
		w.expect(w.text(lastMessage(w.say("bob", "/balance"))), "The bank is closed for a moment")
		quickest = min(quickest, time.Since(began))
	}
	if quickest > time.Second {
		t.Errorf("an answer in the middle of an outage takes %v", quickest)
	}
	if err := project.StartDatabase(); err != nil {
		t.Fatal(err)
	}
	// PostgREST looks for its database ever more rarely, and reads its schema anew.
	for deadline := time.Now().Add(time.Minute); health() != http.StatusOK; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not recover:\n%s", w.log)
		}
	}
	w.expect(w.text(w.say("bob", "/pay @dana 5").Message), "5 🪙")
	if a := w.sound(); a.Coins != 300 {
		t.Errorf("%d coins, want 300", a.Coins)
	}
}

func TestSupabaseTroubleAtTheStartIsOneClearLine(t *testing.T) {
	thorough(t)
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, project := newSupabase(t)
	bare := supabasetest.New(t, nil)
	serve := func(t *testing.T, p *supabasetest.Project, change ...string) result {
		t.Helper()
		inEnvironment(t, append(environmentOn(key, freePort(t), onSupabase(p)...), change...)...)
		return runCommand(t, "serve")
	}
	t.Run("no project there", func(t *testing.T) {
		serve(t, project, "SUPABASE_URL=http://127.0.0.1:9").oneLine(t, "cannot use Supabase at http://127.0.0.1:9", "no answer")
	})
	t.Run("a key that is none", func(t *testing.T) {
		serve(t, project, "SUPABASE_KEY=sb_secret_hunter2").oneLine(t, "cannot use Supabase", "SUPABASE_KEY")
	})
	t.Run("without migrations", func(t *testing.T) {
		serve(t, bare).oneLine(t, "cannot use Supabase", "coffer migrate")
	})
	t.Run("audit without migrations", func(t *testing.T) {
		inEnvironment(t, environmentOn(key, freePort(t), onSupabase(bare)...)...)
		runCommand(t, "audit").oneLine(t, "cannot use Supabase", "coffer migrate")
	})
	t.Run("an older database", func(t *testing.T) {
		old := supabasetest.New(t, func(ctx context.Context, databaseURL string) error {
			admin, err := pgx.Connect(ctx, databaseURL)
			if err != nil {
				return err
			}
			defer func() { _ = admin.Close(ctx) }()
			_, err = admin.Exec(ctx, "CREATE FUNCTION public.coffer_schema() RETURNS text LANGUAGE sql AS $$ SELECT '20200101000000' $$")
			return err
		})
		serve(t, old).oneLine(t, "cannot use Supabase", "older than this program", "coffer migrate")
	})
	t.Run("a paused project", func(t *testing.T) {
		project.Plant(func(*http.Request) supabasetest.Fault { return supabasetest.Status(540) })
		defer project.Plant(nil)
		serve(t, project).oneLine(t, "cannot use Supabase", "paused")
	})
	t.Run("migrate with SQLite", func(t *testing.T) {
		inEnvironment(t, environment(key, freePort(t), "coffer.db")...)
		if r := runCommand(t, "migrate"); r.code != 0 || !strings.Contains(r.out, "nothing was done") {
			t.Errorf("code %d, %s%s", r.code, r.out, r.err)
		}
	})
	t.Run("migrate without a connection string", func(t *testing.T) {
		inEnvironment(t, environmentOn(key, freePort(t), onSupabase(bare)...)...)
		runCommand(t, "migrate").oneLine(t, "SUPABASE_DB_URL is missing")
	})
	t.Run("migrate to nobody", func(t *testing.T) {
		inEnvironment(t, "SUPABASE_DB_URL=postgresql://postgres:hunter2@127.0.0.1:9/postgres")
		runCommand(t, "migrate").oneLine(t, "nothing is half done", "127.0.0.1", "run it again")
	})
}

func TestMigrateThenServeThenAuditSupabase(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	project := supabasetest.New(t, func(_ context.Context, databaseURL string) error {
		inEnvironment(t, "SUPABASE_DB_URL="+databaseURL)
		for _, want := range []string{"applied 2", "nothing was done"} {
			if r := runCommand(t, "migrate"); r.code != 0 || !strings.Contains(r.out, want) {
				t.Errorf("migrate: code %d, %s%s; want %q", r.code, r.out, r.err, want)
			}
		}
		return nil
	})
	p := startServeOn(t, key, onSupabase(project)...)
	status, reply, err := p.post(command(snowflake(time.Now(), 1), "1000000000000001", "daily"))
	if err != nil || status != http.StatusOK || !isReceipt(reply) {
		t.Errorf("status %d, %v: %s", status, err, reply)
	}
	inEnvironment(t, onSupabase(project)...)
	if r := runCommand(t, "audit"); r.code != 0 || !strings.Contains(r.out, "1 guilds, 1 members, 2 transactions, 4 entries, 200 coins") {
		t.Errorf("audit: code %d, %s%s", r.code, r.out, r.err)
	}
	if err := p.stop(); err != nil {
		t.Errorf("stop: %v: %s", err, p.stderr)
	}
}

// TestThreeServersOnOneDatabase delivers each write to two of three servers at
// once, kills one of the three in the middle, and sends everything again.
func TestThreeServersOnOneDatabase(t *testing.T) {
	thorough(t)
	const workers, members = 24, 200
	writes := 3000
	if storetest.RaceDetector {
		writes = 900
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	bank, project := newSupabase(t)
	defer bank.Close()
	servers := make([]*process, 3)
	for i := range servers {
		servers[i] = startServeOn(t, key, onSupabase(project)...)
	}
	all := make([]sent, writes)
	var next atomic.Int64
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			random := mathrand.New(mathrand.NewPCG(11, uint64(worker)))
			for {
				n := int(next.Add(1)) - 1
				if n >= writes {
					return
				}
				if n == writes/2 {
					_ = servers[2].cmd.Process.Kill()
				}
				all[n].body = anyWrite(random, members, snowflake(time.Now(), n%4096))
				first := random.IntN(len(servers))
				all[n].reply = twice(t, all[n].body, servers[first], servers[(first+1)%len(servers)])
			}
		})
	}
	group.Wait()
	_ = servers[2].wait()

	receipts := 0
	for _, s := range all {
		status, reply, err := servers[0].post(s.body)
		if err != nil || status != http.StatusOK {
			t.Fatalf("status %d, %v", status, err)
		}
		if isReceipt(s.reply) && !bytes.Equal(reply, s.reply) {
			t.Fatalf("a repetition answers otherwise:\nfirst %s\nnow   %s", s.reply, reply)
		}
		if isReceipt(reply) {
			receipts++
		}
	}
	a, err := bank.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if broken, ok := a.Broken(); ok {
		t.Fatalf("the books are broken: %+v", broken)
	}
	if got := a.Transactions - a.Members; got != receipts || receipts < writes/2 {
		t.Errorf("%d payments and claims in the ledger, %d receipts given for them (of %d writes)", got, receipts, writes)
	}
	t.Logf("%d writes, each to two of three servers at once and once more: %d took effect", writes, receipts)
	for _, p := range servers[:2] {
		if err := p.stop(); err != nil {
			t.Errorf("stop: %v: %s", err, p.stderr)
		}
	}
}

// twice delivers the same to two servers at once, either of which may be dead, and
// returns the receipt if one gave it. Two receipts must be the same.
func twice(t *testing.T, body []byte, servers ...*process) []byte {
	replies := make([][]byte, len(servers))
	var group sync.WaitGroup
	for i, p := range servers {
		group.Go(func() { _, replies[i], _ = p.post(body) })
	}
	group.Wait()
	var receipt []byte
	for _, r := range replies {
		switch {
		case !isReceipt(r):
		case receipt == nil:
			receipt = r
		case !bytes.Equal(r, receipt):
			t.Errorf("one delivery, two receipts:\n%s\n%s", receipt, r)
		}
	}
	return receipt
}
