package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"coffer/internal/economy"
	"coffer/internal/moving"
	"coffer/internal/simulator"
	"coffer/internal/supabasetest"
)

// TestMovingRefusesInOneClearLine: each refusal says what is wrong and what to do.
func TestMovingRefusesInOneClearLine(t *testing.T) {
	thorough(t)
	full, bank, bare := newFile(t), newProject(t), house{storePlace{}, supabasetest.New(t, nil)}
	bare.database = bare.project.DatabaseURL()
	full.with(t, func(s store) {
		r := economy.Request{Guild: simulator.DemoGuildID, Source: economy.FromDiscord, Key: "1", At: time.Now()}
		if _, err := s.ClaimDaily(t.Context(), economy.DailyClaim{Request: r, Member: economy.Person{User: "71", Name: "Ada"}}); err != nil {
			t.Fatal(err)
		}
	})
	dir := t.TempDir()
	file := filepath.Join(dir, "house.jsonl")
	runCommand(t, "export", "--db", full.path, "--out", file).ok(t)
	before := readFile(t, file)
	none := filepath.Join(dir, "none")

	inEnvironment(t)
	runCommand(t, "export", "--db", full.path, "--out", file).oneLine(t, "is there already", "choose another name")
	runCommand(t, "export", "--db", none, "--out", none).oneLine(t, none, "no such file")
	runCommand(t, "export", "--db", full.path, "--out", filepath.Join(none, "x")).oneLine(t, "no such file")
	runCommand(t, "export", "--db", notADatabase(t), "--out", none).oneLine(t, "damaged or no database")
	runCommand(t, "import", "--db", full.path, "--in", file).oneLine(t, "not empty", "choose a path")
	runCommand(t, "import", "--db", none, "--in", none).oneLine(t, "no such file")
	runCommand(t, "import", "--db", filepath.Join(none, "x"), "--in", file).oneLine(t, "choose a place that can be written")
	runCommand(t, "import", "--db", none, "--in", full.path).oneLine(t, "nothing was imported", "not that of an export")
	if got := readFile(t, file); got != before {
		t.Error("the file was overwritten")
	}

	inEnvironment(t, onSupabase(bank.project)...)
	runCommand(t, "export", "--out", none+"2").oneLine(t, "SUPABASE_DB_URL is missing", "Connect")
	runCommand(t, "import", "--in", file).oneLine(t, "SUPABASE_DB_URL is missing", "Connect")
	inEnvironment(t, bare.environment()...)
	runCommand(t, "export", "--out", none+"2").oneLine(t, "run coffer migrate")
	runCommand(t, "import", "--in", file).oneLine(t, "run coffer migrate")
	inEnvironment(t, bank.environment()...)
	runCommand(t, "import", "--in", file).ok(t, "The audit passes")
	runCommand(t, "import", "--in", file).oneLine(t, "not empty", "a new project")
	for version, says := range map[string]string{"20200101000000": "run coffer migrate", "20990101000000": "newer program"} {
		admin, err := pgx.Connect(t.Context(), bank.database)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := admin.Exec(t.Context(), "CREATE OR REPLACE FUNCTION public.coffer_schema() RETURNS text LANGUAGE sql STABLE AS $$ SELECT '"+version+"' $$"); err != nil {
			t.Fatal(err)
		}
		_ = admin.Close(t.Context())
		runCommand(t, "export", "--out", none+"2").oneLine(t, says)
	}
	if _, err := os.Lstat(none + "2"); err == nil {
		t.Error("a refused export has made its file")
	}
}

// TestAConnectionLostDuringTheCommitIsToldAsSuch: the database is told to end the
// connection when everything is there, and the commit begins.
func TestAConnectionLostDuringTheCommitIsToldAsSuch(t *testing.T) {
	thorough(t)
	full, bank := newFile(t), newProject(t)
	full.with(t, func(s store) {
		if _, err := s.Meet(t.Context(), simulator.DemoGuildID, []economy.Person{{User: "71", Name: "Ada"}}, time.Now()); err != nil {
			t.Fatal(err)
		}
	})
	file := filepath.Join(t.TempDir(), "house.jsonl")
	runCommand(t, "export", "--db", full.path, "--out", file).ok(t)
	admin, err := pgx.Connect(t.Context(), bank.database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(t.Context()) }()
	run := func(script string) {
		if _, err := admin.Exec(t.Context(), script, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	run(`CREATE FUNCTION public.lost() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			PERFORM pg_terminate_backend(pg_backend_pid());
			PERFORM pg_sleep(60);
			RETURN NULL;
		END $$;
		CREATE CONSTRAINT TRIGGER lost AFTER INSERT ON coffer.guilds DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.lost()`)
	inEnvironment(t, bank.environment()...)
	runCommand(t, "import", "--in", file).oneLine(t, "not known whether everything or nothing", "import again")
	run("DROP TRIGGER lost ON coffer.guilds; DROP FUNCTION public.lost()")
	runCommand(t, "import", "--in", file).ok(t, "The audit passes") // here it was nothing
}

// TestNobodyWritesBesideAnImport: whoever is at it has the import wait, and then give up.
func TestNobodyWritesBesideAnImport(t *testing.T) {
	thorough(t)
	bank := newProject(t)
	admin, err := pgx.Connect(t.Context(), bank.database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(t.Context()) }()
	if _, err := admin.Exec(t.Context(), "BEGIN; INSERT INTO coffer.guilds (id, created_at) VALUES ('1', now())"); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := moving.Write(&file, "sqlite", time.Now(), crowd(10), func(int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	good := file.String()
	if err := bank.take(t.Context(), strings.NewReader(good)); err == nil || !strings.Contains(importTrouble(err).Error(), "stop the server") {
		t.Errorf("beside somebody who writes: %v", err)
	}
	if _, err := admin.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := bank.take(t.Context(), strings.NewReader(good)); err != nil {
		t.Error(err)
	}
}

// TestAnExportIsOneSnapshot has a server at work while it is made: the file is whole as
// of its beginning, and whoever makes it is told.
func TestAnExportIsOneSnapshot(t *testing.T) {
	thorough(t)
	var file bytes.Buffer
	if _, err := moving.Write(&file, "sqlite", time.Now(), crowd(500), func(int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	for _, h := range []house{newFile(t), newProject(t)} {
		if err := h.take(t.Context(), bytes.NewReader(file.Bytes())); err != nil {
			t.Fatal(err)
		}
		h.with(t, func(s store) {
			at := 0
			write := func() {
				at++
				r := economy.Request{Guild: "900000000000000001", Source: economy.FromDiscord, Key: string(rune('a' + at)), At: time.Now()}
				who := economy.Person{User: economy.UserID(r.Key), Name: "somebody new"}
				if _, err := s.ClaimDaily(t.Context(), economy.DailyClaim{Request: r, Member: who}); err != nil {
					t.Fatal(err)
				}
			}
			var out bytes.Buffer
			next := time.Time{}
			b := newBar(&out, "exported")
			b.next, b.clock = next, func() time.Time { // a look at the clock is a portion of rows
				if at < 3 {
					write()
				}
				return time.Now()
			}
			var made bytes.Buffer
			header, traffic, err := h.export(t.Context(), &made, b)
			if err != nil {
				t.Fatal(err)
			}
			if header.Rows["members"] != 500 || at != 3 || traffic.Events != 9 || traffic.Leases != 0 {
				t.Errorf("%s: %d members, %d writes, %+v; want 500, 3, and 9 events", h.name, header.Rows["members"], at, traffic)
			}
			numbers := func(export string) int { return strings.Index(export, `{"row":"counters"`) } // may be ahead
			sameRows(t, h.name, made.String()[:numbers(made.String())], file.String()[:numbers(file.String())])
			if !strings.Contains(out.String(), "exported 256 of") {
				t.Errorf("%s: it says %q", h.name, out.String())
			}
		})
	}
}

// TestAnExportBesideAServerWarns: deliveries under way may be made twice. They are
// under way on the other side, too, until their leases end.
func TestAnExportBesideAServerWarns(t *testing.T) {
	thorough(t)
	old, bank := newFile(t), newProject(t)
	old.with(t, func(s store) {
		if err := seed(t.Context(), s, time.Now()); err != nil {
			t.Fatal(err)
		}
		if leases, err := s.LeaseDeliveries(t.Context(), 2, time.Hour); err != nil || len(leases) != 2 {
			t.Fatal(leases, err)
		}
	})
	if err := bank.take(t.Context(), strings.NewReader(old.exported(t))); err != nil {
		t.Fatal(err)
	}
	for _, h := range []house{old, bank} {
		inEnvironment(t, h.environment()...)
		runCommand(t, "export", "--out", "it.jsonl").ok(t, "WARNING", "2 deliveries", "stop the server and export again")
		made := runCommand(t, "export", "--out", "-")
		made.ok(t, "WARNING")
		sameRows(t, h.name, made.out, readFile(t, "it.jsonl"))
	}
}

func TestABarIsDrawnOnATerminalOnly(t *testing.T) {
	now := time.Now()
	var out bytes.Buffer
	b := &bar{out: &out, done: "imported", terminal: true, clock: func() time.Time { return now }}
	b.show(1, 200)
	b.show(2, 200) // too soon
	now = now.Add(barPace)
	b.show(100, 200)
	b.show(200, 200) // the last one is always drawn
	b.end()
	b.end()
	want := "\rimported [..............................]   0 %  1 of 200 rows" +
		"\rimported [###############...............]  50 %  100 of 200 rows" +
		"\rimported [##############################] 100 %  200 of 200 rows\n"
	if out.String() != want {
		t.Errorf("got %q", out.String())
	}
	out.Reset()
	b = newBar(&out, "imported")
	b.clock = func() time.Time { return now }
	b.show(1, 2)
	now = now.Add(2 * linePace)
	b.show(1, 2)
	b.show(2, 2)
	b.end()
	if want := "imported 1 of 2 rows (50 %)\n"; out.String() != want {
		t.Errorf("got %q", out.String())
	}
}
