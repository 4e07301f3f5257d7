package postgrest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"coffer/internal/economy"
	"coffer/internal/shop"
	"coffer/internal/supabasetest"
)

// everything describes everything that is in a database and is Coffer's, and which
// migrations are recorded.
const everything = `
	SELECT coalesce(string_agg(line, E'\n' ORDER BY line), '') FROM (
		SELECT format('%s %s %s %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), c.relacl) AS line
			FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
			WHERE c.relnamespace::regnamespace::text IN ('coffer', 'public')
		UNION ALL SELECT format('%s %s %s', p.oid::regprocedure, md5(pg_get_functiondef(p.oid)), p.proacl)
			FROM pg_proc p WHERE p.pronamespace::regnamespace::text IN ('coffer', 'public')
		UNION ALL SELECT format('%s %s', conname, pg_get_constraintdef(oid))
			FROM pg_constraint WHERE connamespace::regnamespace::text IN ('coffer', 'public')
	) all_of_it`

func TestMigratingTwiceChangesNothing(t *testing.T) {
	p := newProject(t)
	describe := func() (text string) {
		t.Helper()
		if err := p.admin.QueryRow(t.Context(), everything).Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	before := describe()
	if !strings.Contains(before, "coffer.entries") || !strings.Contains(before, "coffer_transfer") {
		t.Fatalf("the description misses what it should show:\n%s", before)
	}
	if applied := must[[]string](t)(Migrate(t.Context(), p.DatabaseURL())); applied != nil {
		t.Errorf("the second time applied %v", applied)
	}
	if after := describe(); after != before {
		t.Errorf("the schema has changed:\n%s\nbefore:\n%s", after, before)
	}
	rows := must[pgx.Rows](t)(p.admin.Query(t.Context(),
		"SELECT version || '_' || name FROM supabase_migrations.schema_migrations WHERE cardinality(statements) > 0 ORDER BY version"))
	recorded := must[[]string](t)(pgx.CollectRows(rows, pgx.RowTo[string]))
	files := must[[]fs.DirEntry](t)(migrations.ReadDir("supabase/migrations"))
	var want []string
	for _, f := range files {
		want = append(want, strings.TrimSuffix(f.Name(), ".sql"))
	}
	if !slices.Equal(recorded, want) {
		t.Errorf("recorded %v, want %v", recorded, want)
	}
}

// TestMigrateGoesOnWhereSupabasesToolStopped has some migrations applied the way
// `supabase db push` applies them.
func TestMigrateGoesOnWhereSupabasesToolStopped(t *testing.T) {
	thorough(t)
	const first = 3
	p := supabasetest.New(t, pushed(allMigrations()[:first], ""))
	applied := must[[]string](t)(Migrate(t.Context(), p.DatabaseURL()))
	if want := len(allMigrations()) - first; len(applied) != want {
		t.Errorf("applied %v, want the last %d", applied, want)
	}
}

// TestOlderSettingsBelongToTheWhole holds that what was told of settings before there
// were welcomes and an admin role agrees with what is told since.
func TestOlderSettingsBelongToTheWhole(t *testing.T) {
	thorough(t)
	all := allMigrations()
	older := slices.IndexFunc(all, func(m migration) bool { return m.name == "welcome" })
	p := &project{Project: supabasetest.New(t, pushed(all[:older], `SELECT public.coffer_change_settings(
		'{"guild": "1", "source": "system", "key": "a", "fingerprint": "f", "at": "2026-11-23T12:00:00Z"}', '{"user": "9", "name": "Root", "folded": "root"}',
		'{"currency_name": "gold", "currency_symbol": "<:gold:5>", "time_zone": "UTC"}', 0);`))}
	must[[]string](t)(Migrate(t.Context(), p.DatabaseURL()))
	s := p.store(t)
	if v := must[economy.Settings](t)(s.Settings(t.Context(), "1")); v.CurrencyName != "gold" || v.AdminRole != "" || v.WelcomeChannel != "" {
		t.Errorf("settings %+v", v)
	}
	for _, key := range []string{"b", "c"} {
		v := must[economy.Settings](t)(s.Settings(t.Context(), "1"))
		v.WelcomeChannel, v.AdminRole = v.WelcomeChannel+"5", "6"
		must[economy.Settings](t)(s.ChangeSettings(t.Context(), must[economy.SettingsChange](t)(economy.NewSettingsChange(
			economy.Request{Guild: "1", Source: economy.FromSystem, Key: key, At: noon}, economy.Person{User: "9", Name: "Root"}, v))))
		if broken, unsound := must[economy.Audit](t)(s.Audit(t.Context())).Broken(); unsound {
			t.Errorf("%s: %s", broken.Name, broken.Example)
		}
	}
}

// TestOlderPurchasesAreHeldSinceTheyWereMade, so that an update gives back what was lost
// before it, and nothing else.
func TestOlderPurchasesAreHeldSinceTheyWereMade(t *testing.T) {
	thorough(t)
	p := newProject(t)
	s, c := p.store(t), new(counter)
	ada := economy.Person{User: "5", Name: "Ada"}
	item := c.sell(t, s, shop.Terms{Name: "Badge", Price: 1, Role: "7001"})
	r := c.request()
	must[shop.PurchaseReceipt](t)(s.Purchase(t.Context(), shop.Purchase{Request: r, Buyer: ada, Item: item.ID, Quantity: 1, Price: 1}))
	p.exec(t, `ALTER TABLE coffer.entitlements DROP COLUMN held_since;
		DROP FUNCTION coffer.hold; DROP FUNCTION coffer.lost; DROP FUNCTION coffer.restore; DROP FUNCTION public.coffer_restore;
		DELETE FROM supabase_migrations.schema_migrations WHERE name = 'rejoin'`)
	if done := must[[]string](t)(Migrate(t.Context(), p.DatabaseURL())); len(done) != 1 {
		t.Fatalf("migrated %v, want one", done)
	}
	p.exec(t, "NOTIFY pgrst, 'reload schema'")
	restore := func() int {
		for deadline := time.Now().Add(time.Minute); ; {
			n, err := s.Restore(t.Context(), "1", []economy.Person{ada}, r.At.Add(time.Hour))
			if err == nil || !errors.Is(err, ErrNotMigrated) || time.Now().After(deadline) { // else PostgREST still reads the schema
				return must[int](t)(n, err)
			}
		}
	}
	for i, joined := range []time.Time{r.At, r.At.Add(time.Microsecond), r.At.Add(time.Microsecond)} {
		ada.Joined = joined
		if got, want := restore(), []int{0, 1, 0}[i]; got != want {
			t.Errorf("%v: %d roles were given back, want %d", joined, got, want)
		}
	}
}

// pushed applies migrations the way Supabase's tool does, and then runs a script.
func pushed(some []migration, then string) func(context.Context, string) error {
	return func(ctx context.Context, databaseURL string) error {
		admin, err := pgx.Connect(ctx, databaseURL)
		if err != nil {
			return err
		}
		defer func() { _ = admin.Close(ctx) }()
		// What the tool makes before its first migration.
		script := `CREATE SCHEMA IF NOT EXISTS supabase_migrations;
			CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY);
			ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS statements text[];
			ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS name text;`
		for _, m := range some {
			script += m.script + ";INSERT INTO supabase_migrations.schema_migrations (version, name, statements) VALUES ('" +
				m.version + "', '" + m.name + "', '{}');"
		}
		_, err = admin.Exec(ctx, script+then, pgx.QueryExecModeSimpleProtocol)
		return err
	}
}

func TestManyMayMigrateAtOnceAndEachMigrationIsAppliedOnce(t *testing.T) {
	thorough(t)
	p := supabasetest.New(t, nil)
	var mu sync.Mutex
	var all []string
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			applied, err := Migrate(t.Context(), p.DatabaseURL())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, applied...)
		})
	}
	group.Wait()
	if len(all) != len(allMigrations()) {
		t.Errorf("applied %v", all)
	}
}

// TestAMigrationHoldsNobodyUp has a reader's transaction in the way of one that wants
// the whole table, as a long audit is.
func TestAMigrationHoldsNobodyUp(t *testing.T) {
	thorough(t)
	all := allMigrations()
	p := supabasetest.New(t, pushed(all[:slices.IndexFunc(all, func(m migration) bool { return m.name == "welcome" })], ""))
	open := func() *pgx.Conn {
		conn := must[*pgx.Conn](t)(pgx.Connect(t.Context(), p.DatabaseURL()))
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		return conn
	}
	audit, member := open(), open()
	exec := func(conn *pgx.Conn, sql string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec(audit, "BEGIN; SELECT count(*) FROM coffer.guilds")

	// The connection string's limit for statements is shorter than one wait for the lock.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := queueing{lock: time.Second, tries: 2, pause: time.Millisecond}.migrate(ctx, p.DatabaseURL()+"&statement_timeout=500")
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != lockNotAvailable || !strings.Contains(err.Error(), fmt.Sprintf("pg_terminate_backend(%d)", audit.PgConn().PID())) {
		t.Errorf("a migration with little patience: %v, want who is in its way", err)
	}

	type end struct {
		applied []string
		err     error
	}
	ended := make(chan end, 1)
	go func() {
		applied, err := queueing{lock: time.Second, tries: 100, pause: 20 * time.Millisecond}.migrate(t.Context(), p.DatabaseURL())
		ended <- end{applied, err}
	}()
	waiting := func() (waits bool) {
		t.Helper()
		if err := member.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'coffer.guilds'::regclass AND NOT granted)").Scan(&waits); err != nil {
			t.Fatal(err)
		}
		return waits
	}
	for deadline := time.Now().Add(time.Minute); !waiting(); {
		select {
		case got := <-ended:
			t.Fatalf("the migration has ended: %+v", got)
		case <-time.After(time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("the migration does not wait")
		}
	}
	exec(member, "SELECT count(*) FROM coffer.guilds")
	select {
	case got := <-ended:
		t.Fatalf("the migration has ended beside the first reader: %+v", got)
	default:
	}
	exec(audit, "COMMIT")
	if got := <-ended; got.err != nil || len(got.applied) == 0 {
		t.Errorf("applied %v, %v", got.applied, got.err)
	}
}

// TestAMigrationWaitsForAnotherAsLongAsItTakes, however short it waits for other locks.
func TestAMigrationWaitsForAnotherAsLongAsItTakes(t *testing.T) {
	thorough(t)
	p := newProject(t)
	other := must[pgx.Tx](t)(p.admin.Begin(t.Context()))
	if _, err := other.Exec(t.Context(), "SELECT pg_advisory_xact_lock(hashtextextended('coffer.migrate', 0))"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := queueing{lock: time.Millisecond, tries: 1}.migrate(t.Context(), p.DatabaseURL()+"&lock_timeout=100")
		ended <- err
	}()
	for long, deadline := false, time.Now().Add(time.Minute); !long; {
		if err := other.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks l WHERE locktype = 'advisory' AND NOT granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND waitstart < clock_timestamp() - interval '0.5 s')`).Scan(&long); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			t.Fatalf("did not wait: %v", err)
		case <-time.After(time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("the second migration does not wait")
		}
	}
	if err := other.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestAMigrationIsNeverHalfApplied plants something in the way of the last one.
func TestAMigrationIsNeverHalfApplied(t *testing.T) {
	thorough(t)
	p := supabasetest.New(t, func(ctx context.Context, databaseURL string) error {
		admin, err := pgx.Connect(ctx, databaseURL)
		if err != nil {
			return err
		}
		defer func() { _ = admin.Close(ctx) }()
		if _, err = admin.Exec(ctx, "CREATE FUNCTION public.coffer_audit(invariants text[]) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb'"); err != nil {
			return err
		}
		if applied, err := Migrate(ctx, databaseURL); err == nil || len(applied) > 0 {
			t.Errorf("applied %v, %v; want a refusal of all", applied, err)
		}
		var left int
		if err := admin.QueryRow(ctx, "SELECT count(*) FROM pg_namespace WHERE nspname IN ('coffer', 'supabase_migrations')").Scan(&left); err != nil || left > 0 {
			t.Errorf("%d schemas are left behind (%v)", left, err)
		}
		_, err = admin.Exec(ctx, "DROP FUNCTION public.coffer_audit")
		return err
	})
	if _, err := Migrate(t.Context(), p.DatabaseURL()); err != nil {
		t.Error(err)
	}
}

func TestTheSchemaKnowsItsVersion(t *testing.T) {
	s := newProject(t).store(t)
	database, program, err := s.Schema(t.Context())
	if err != nil || database != program || database != newestMigration() {
		t.Errorf("Schema = %s, %s, %v; want %s", database, program, err, newestMigration())
	}
}

func TestAnOlderDatabaseIsRefusedAndANewerOneServes(t *testing.T) {
	p := newProject(t)
	for version, want := range map[string]error{"20200101000000": ErrSchema, "20990101000000": nil} {
		p.exec(t, "CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text LANGUAGE sql STABLE AS $$ SELECT '"+version+"' $$")
		if database, _, err := p.store(t).Schema(t.Context()); !errors.Is(err, want) || database != version {
			t.Errorf("%s: %s, %v; want %v", version, database, err, want)
		}
	}
}

func TestConnectionTroubleShowsNoSecret(t *testing.T) {
	for _, address := range []string{
		"postgresql://postgres:hunter2@127.0.0.1:1/postgres", "postgresql://postgres:hunter2@127.0.0.1:port/postgres", "hunter2",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Migrate(ctx, address)
		cancel()
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
			t.Errorf("Migrate(%s) = %v", address, err)
		}
	}
}

// TestAGuildBeginsWithTheDefaultSettings holds the defaults of the table against
// those of the rules.
func TestAGuildBeginsWithTheDefaultSettings(t *testing.T) {
	s := newProject(t).store(t)
	who := economy.Person{User: "1", Name: "Ada"}
	must[economy.Wallet](t)(s.Wallet(t.Context(), economy.WalletQuery{Guild: "1", Viewer: who, Member: who, At: noon}))
	if got := must[economy.Settings](t)(s.Settings(t.Context(), "1")); got != economy.DefaultSettings() {
		t.Errorf("got %+v, want %+v", got, economy.DefaultSettings())
	}
}

// TestNoFileLeavesADoorOpen applies the files one by one, as other tools do, and
// looks after each whether anybody but the server may call what is there.
func TestNoFileLeavesADoorOpen(t *testing.T) {
	p := supabasetest.New(t, nil)
	admin := must[*pgx.Conn](t)(pgx.Connect(t.Context(), p.DatabaseURL()))
	defer func() { _ = admin.Close(context.Background()) }()
	for _, m := range allMigrations() {
		if _, err := admin.Exec(t.Context(), m.script, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		rows := must[pgx.Rows](t)(admin.Query(t.Context(), `SELECT f.oid::regprocedure::text FROM pg_proc f, unnest(ARRAY['anon', 'authenticated']) r
			WHERE f.pronamespace IN ('coffer'::regnamespace, 'public'::regnamespace) AND has_function_privilege(r, f.oid, 'EXECUTE')
				AND has_schema_privilege(r, f.pronamespace, 'USAGE')`))
		if open := must[[]string](t)(pgx.CollectRows(rows, pgx.RowTo[string])); len(open) > 0 {
			t.Errorf("after %s_%s everybody may call %v", m.version, m.name, open)
		}
	}
}
