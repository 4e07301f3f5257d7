package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coffer/internal/admins"
	"coffer/internal/economy"
	"coffer/internal/events"
	"coffer/internal/moving"
	"coffer/internal/postgrest"
	"coffer/internal/simulator"
	"coffer/internal/storetest"
	"coffer/internal/supabasetest"
)

// house is a place to move to, with the store that serves from it.
type house struct {
	storePlace
	project *supabasetest.Project // nil: a file
}

func newFile(t *testing.T) house {
	path := filepath.Join(t.TempDir(), "coffer.db")
	return house{storePlace{name: path, path: path}, nil}
}

func newProject(t *testing.T) house {
	t.Helper()
	project := supabasetest.New(t, nil, supabasetest.From(migrated))
	return house{storePlace{name: "Supabase's database", database: project.DatabaseURL()}, project}
}

// environment is what commands are told of the house.
func (h house) environment() []string {
	if h.project == nil {
		return []string{"STORE=sqlite", "SQLITE_PATH=" + h.path}
	}
	return append(onSupabase(h.project), "SUPABASE_DB_URL="+h.database)
}

func (h house) open(t *testing.T) store {
	t.Helper()
	var s store
	var err error
	if h.project == nil {
		s, err = openFile(t.Context(), h.path)
	} else {
		s, err = postgrest.Open(h.project.URL(), h.project.Key())
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// with does something with the house's store.
func (h house) with(t *testing.T, do func(store)) {
	t.Helper()
	s := h.open(t)
	do(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// exported is what leaves the house.
func (h house) exported(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	if _, _, err := h.export(t.Context(), &out, newBar(io.Discard, "")); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// take fills the house with what left another one.
func (h house) take(ctx context.Context, file io.Reader) error {
	_, err := h.fill(ctx, func(into moving.Target) error {
		_, err := moving.Read(file, into, func(int64, int64) {})
		return err
	})
	return err
}

// rowsOf are the lines of an export without its header and its end.
func rowsOf(export string) string {
	_, rest, _ := strings.Cut(export, "\n")
	return rest[:strings.LastIndex(strings.TrimSuffix(rest, "\n"), "\n")+1]
}

// sameRows fails where two exports differ.
func sameRows(t *testing.T, what, got, want string) {
	t.Helper()
	g, w := strings.Split(rowsOf(got), "\n"), strings.Split(rowsOf(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s: row %d:\n got %s\nwant %s", what, i+1, g[i], w[i])
		}
	}
	if len(g) != len(w) {
		t.Fatalf("%s: %d rows, want %d", what, len(g), len(w))
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// ok fails unless a command succeeded and said every part.
func (r result) ok(t *testing.T, parts ...string) {
	t.Helper()
	if r.code != 0 {
		t.Fatalf("code %d: %s%s", r.code, r.out, r.err)
	}
	for _, part := range parts {
		if !strings.Contains(r.out+r.err, part) {
			t.Errorf("missing %q in\n%s%s", part, r.out, r.err)
		}
	}
}

// TestTheDemoMovesToSupabaseAndBack goes through the commands, and then does all that
// the demo's history did again, under the same keys: it has been done.
func TestTheDemoMovesToSupabaseAndBack(t *testing.T) {
	thorough(t)
	const password = "correct horse battery"
	now := time.Now()
	old, bank, new := newFile(t), newProject(t), newFile(t)
	var done string
	old.with(t, func(s store) {
		if err := seed(t.Context(), s, now); err != nil {
			t.Fatal(err)
		}
	})
	if says, ok := createOwner(t, old.path, "ada", password+"\n"); !ok {
		t.Fatal(says)
	}
	old.with(t, func(s store) { // whom a session is of
		known, err := s.TryLogin(t.Context(), admins.Try{Name: "ada", NameKey: "name", Address: "address", At: now})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.OpenSession(t.Context(), admins.Opening{Session: "one", Secret: "hash", Account: known.Account,
			PasswordHash: known.PasswordHash, At: now}); err != nil {
			t.Fatal(err)
		}
		c, err := admins.NewToken("export", "hash of the token", admins.Viewer, []string{simulator.DemoGuildID}, now.Add(time.Hour), now)
		if err != nil {
			t.Fatal(err)
		}
		c.By = known.Account
		token, _, err := s.CreateAccount(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.RevokeToken(t.Context(), token.ID, known.Account, now); err != nil {
			t.Fatal(err)
		}
		done = accountTrail(t, s)
	})
	if !strings.Contains(done, string(admins.TokenRevoked)) {
		t.Fatalf("the trail of accounts has no token: %s", done)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	inEnvironment(t, bank.environment()...)
	runCommand(t, "export", "--db", old.path, "--out", "first.jsonl").ok(t, "Exported "+old.path)
	runCommand(t, "import", "--in", "first.jsonl").ok(t, "The audit passes", "from sqlite")
	runCommand(t, "export", "--out", "second.jsonl").ok(t, "Exported Supabase's database")
	runCommand(t, "import", "--db", new.path, "--in", "second.jsonl").ok(t, "The audit passes", "from supabase")
	first := readFile(t, "first.jsonl")
	sameRows(t, "what was in Supabase", readFile(t, "second.jsonl"), first)
	for _, secret := range []string{`"row":"sessions"`, `"row":"login_tries"`} {
		if strings.Contains(first, secret) {
			t.Errorf("the file has %s", secret)
		}
	}
	if info, err := os.Stat("first.jsonl"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want it for its owner only", info.Mode(), err)
	}
	if left, err := filepath.Glob(".*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	for what, h := range map[string]house{"Supabase": bank, "the new file": new} {
		t.Run(what, func(t *testing.T) {
			sameRows(t, "what arrived", h.exported(t), first)
			h.with(t, func(s store) {
				if err := seed(t.Context(), s, now); err != nil {
					t.Fatal(err)
				}
			})
			sameRows(t, "all of it again", h.exported(t), first)
			h.with(t, func(s store) {
				if got := accountTrail(t, s); got != done {
					t.Errorf("what was done to accounts is\n%s\nand was\n%s", got, done)
				}
				if _, err := s.RenewSession(t.Context(), admins.Renewal{Session: "one", Secret: "hash", Next: []string{"next"}, At: now}); !errors.Is(err, admins.ErrSignedOut) {
					t.Errorf("a session has moved: %v", err)
				}
			})
			served := startServeOn(t, key, h.environment()...)
			if status, role := served.login("ada", password); status != 200 || role != string(admins.Owner) {
				t.Errorf("login: %d as %q", status, role)
			}
			if err := served.stop(); err != nil {
				t.Fatal(err)
			}
			runCommand(t, h.command("audit")...).ok(t)
		})
	}
}

// accountTrail is all that was done to accounts, as a store tells it.
func accountTrail(t *testing.T, s store) string {
	t.Helper()
	list, err := s.AccountTrail(t.Context(), admins.TrailQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(list, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// command is a command about the house where the environment says otherwise.
func (h house) command(name string, args ...string) []string {
	if h.project == nil {
		args = append(args, "--db", h.path)
	}
	return append([]string{name}, args...)
}

// TestFollowersGoOnBehindAMove: positions of SQLite mean the same in Supabase, and those
// of Supabase are refused by SQLite, so that everything is read anew.
func TestFollowersGoOnBehindAMove(t *testing.T) {
	thorough(t)
	old, bank, new := newFile(t), newProject(t), newFile(t)
	ctx, guild := t.Context(), []string{string(simulator.DemoGuildID)}
	var head events.Position
	claim := func(s store, key string, user economy.UserID) {
		t.Helper()
		r := economy.Request{Guild: simulator.DemoGuildID, Source: economy.FromDiscord, Key: key, At: time.Now()}
		if _, err := s.ClaimDaily(ctx, economy.DailyClaim{Request: r, Member: economy.Person{User: user, Name: "somebody"}}); err != nil {
			t.Fatal(err)
		}
	}
	old.with(t, func(s store) {
		claim(s, "1", "71")
		var err error
		if head, err = s.Head(ctx); err != nil {
			t.Fatal(err)
		}
	})
	if err := bank.take(ctx, strings.NewReader(old.exported(t))); err != nil {
		t.Fatal(err)
	}
	bank.with(t, func(s store) {
		claim(s, "2", "72")
		batch, err := s.After(ctx, head, guild, 100)
		if err != nil || len(batch.Entries) != 3 { // member.created, opening, daily
			t.Fatalf("%d events behind %v, %v; want 3", len(batch.Entries), head, err)
		}
		if head, err = s.Head(ctx); err != nil {
			t.Fatal(err)
		}
	})
	if err := new.take(ctx, strings.NewReader(bank.exported(t))); err != nil {
		t.Fatal(err)
	}
	new.with(t, func(s store) {
		if _, err := s.After(ctx, head, guild, 100); err == nil {
			t.Error("a position of Supabase is taken by SQLite")
		}
		claim(s, "3", "73")
	})
}

// traveller is a store that moves house again and again, in the middle of everything.
type traveller struct {
	storetest.Store
	t     *testing.T
	in    house
	close func() error
	asked int // since the last move
	moves int
}

const (
	stay  = 120 // operations
	moves = 4
)

func travel(t *testing.T, from house) *traveller {
	s := &traveller{t: t}
	s.arrive(from)
	return s
}

func (s *traveller) arrive(h house) {
	opened := h.open(s.t)
	s.in, s.Store, s.close = h, opened.(storetest.Store), opened.Close
}

// Events is asked after every operation.
func (s *traveller) Events(ctx context.Context, guild string, after int64, limit int) ([]events.Event, error) {
	if s.asked++; s.asked > stay && s.moves < moves {
		s.asked = 0
		s.moves++
		s.move()
	}
	return s.Store.Events(ctx, guild, after, limit)
}

// move has the store go on at the other kind of place, and sees that what leaves that
// again is the same.
func (s *traveller) move() {
	s.t.Helper()
	gone := s.in.exported(s.t)
	if err := s.close(); err != nil {
		s.t.Error(err)
	}
	to := newFile
	if s.in.project == nil {
		to = newProject
	}
	next := to(s.t)
	if err := next.take(s.t.Context(), strings.NewReader(gone)); err != nil {
		s.t.Fatal(err)
	}
	sameRows(s.t, "what arrived", next.exported(s.t), gone)
	s.arrive(next)
}

// TestAStoreThatMovesIsAsGoodAsAnother runs random sequences on it beside the model:
// all that is seen afterwards, keys that are repeated and leases that are settled among
// it, is as if it had stayed.
func TestAStoreThatMovesIsAsGoodAsAnother(t *testing.T) {
	thorough(t)
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	if err := checks.Value.Set("4"); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = checks.Value.Set(before) }()
	s := travel(t, newFile(t))
	defer func() { _ = s.close() }()
	storetest.RunDifferential(t, s)
	if s.moves < moves {
		t.Errorf("it moved %d times only", s.moves)
	}
}

// left are the rows of a house, but for counters that have counted nothing.
func (h house) left(t *testing.T) (rows []string) {
	t.Helper()
	for line := range strings.Lines(rowsOf(h.exported(t))) {
		if !strings.Contains(line, `"row":"counters"`) || !strings.Contains(line, `"last":0}`) {
			rows = append(rows, line)
		}
	}
	return rows
}

// signed gives a file that was changed the end that it would have.
func signed(file string) string {
	last := strings.LastIndex(file[:len(file)-1], "\n") + 1
	hash := file[last+strings.LastIndex(file[last:], `:"`)+2 : len(file)-3]
	return file[:last] + strings.Replace(file[last:], hash, fmt.Sprintf("%x", sha256.Sum256([]byte(file[:last]))), 1)
}

// TestABadFileLeavesNothing imports files that were cut off, changed, or made by
// another version, and then the good one.
func TestABadFileLeavesNothing(t *testing.T) {
	thorough(t)
	old := newFile(t)
	old.with(t, func(s store) {
		if err := seed(t.Context(), s, time.Now()); err != nil {
			t.Fatal(err)
		}
	})
	good := old.exported(t)
	middle := strings.Index(good[len(good)/2:], "\n") + len(good)/2 + 1
	member := strings.Index(good, `{"row":"members"`)
	houses := []house{newFile(t), newProject(t)}
	for what, bad := range map[string]struct {
		file, says string
		deep       bool // it is found out by the store, or behind many rows
	}{
		"empty":                              {"", "cut off at line 1", false},
		"something else":                     {"Dear Ada,\n", "not that of an export", false},
		"only a header":                      {good[:strings.Index(good, "\n")+1], "cut off at line 2", false},
		"cut between two rows":               {good[:middle], "cut off", true},
		"cut within a row":                   {good[:middle+20], "cut off", false},
		"cut before its end":                 {good[:strings.LastIndex(good[:len(good)-1], "\n")+1], "cut off", true},
		"more behind its end":                {good + "{}\n", "behind its end", false},
		"a row is left out":                  {good[:member] + good[member+strings.Index(good[member:], "\n")+1:], "was changed", false},
		"a row is no JSON":                   {good[:middle] + "{\"row\n" + good[middle:], "it is no row", false},
		"an unknown kind":                    {good[:middle] + "{\"row\":\"dragons\"}\n" + good[middle:], `a kind "dragons"`, false},
		"a newer version":                    {strings.Replace(good, `"version":1,`, `"version":2,`, 1), "version 2, and this program knows version 1", false},
		"a kind that is to come":             {strings.Replace(good, `"rows":{`, `"rows":{"dragons":1,`, 1), `a kind "dragons"`, false},
		"a field is missing":                 {strings.Replace(good, `"streak_cap":`, `"streak_gap":`, 1), "it has no streak_cap", false},
		"a field too many":                   {strings.Replace(good, `"streak_cap":`, `"wings":2,"streak_cap":`, 1), "more fields than", false},
		"a wrong type":                       {strings.Replace(good, `"grace":1`, `"grace":"one"`, 1), "grace is no int", false},
		"null":                               {strings.Replace(good, `"grace":1`, `"grace":null`, 1), "grace must not be null", false},
		"another amount":                     {strings.Replace(good, `"amount":1500,"balance"`, `"amount":1501,"balance"`, 1), "was changed", true},
		"a row that breaks":                  {strings.Replace(good, `"max_balance":1000000000000000`, `"max_balance":0`, 1), "guilds", true},
		"a row twice":                        {strings.Replace(good, `{"row":"members"`, good[member:member+strings.Index(good[member:], "\n")+1]+`{"row":"members"`, 1), "members", true},
		"kinds out of turn":                  {good[:member] + good[strings.Index(good, `{"row":"guilds"`):strings.Index(good, `{"row":"accounts"`)] + good[member:], "guilds stand behind", false},
		"broken books, well signed":          {signed(strings.Replace(good, `"streak_bonus":10,`, `"streak_bonus":11,`, 1)), "the books in the file are broken: settings_told", true},
		"broken books, and nobody's entries": {signed(strings.Replace(good, `"account_id":1,`, `"account_id":999999,`, 1)), "", true},
	} {
		if bad.file == good {
			t.Errorf("%s: the file is the good one", what)
		}
		for i, h := range houses {
			if i > 0 && !bad.deep {
				continue
			}
			err := h.take(t.Context(), strings.NewReader(bad.file))
			if err == nil || !strings.Contains(err.Error(), bad.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s, into %s: %v; want %q", what, h.name, err, bad.says)
			}
			if left := h.left(t); len(left) > 0 {
				t.Fatalf("%s, into %s: left %d rows, such as %s", what, h.name, len(left), left[0])
			}
		}
	}
	for _, h := range houses {
		if err := h.take(t.Context(), strings.NewReader(good)); err != nil {
			t.Errorf("the good one, into %s: %v", h.name, err)
		}
		sameRows(t, "the good one", h.exported(t), good)
	}
}
