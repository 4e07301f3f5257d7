package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coffer/internal/supabasetest"
)

// moved is the environment of a Supabase project for whoever moves.
func moved(p *supabasetest.Project) []string {
	return append(onSupabase(p), "SUPABASE_DB_URL="+p.DatabaseURL())
}

// rowsOf are the lines of an export without its header and its end.
func rowsOf(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "\n")
	return rest[:strings.LastIndex(strings.TrimSuffix(rest, "\n"), "\n")+1]
}

func seeded(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "old.db")
	store, err := openFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := seed(t.Context(), store, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func ok(t *testing.T, r result, parts ...string) {
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

func TestTheDemoMovesToSupabaseAndBack(t *testing.T) {
	old := seeded(t)
	bank, project := newSupabase(t)
	defer bank.Close()
	inEnvironment(t, moved(project)...)
	ok(t, runCommand(t, "export", "--db", old, "--out", "first.jsonl"), "Exported")
	ok(t, runCommand(t, "import", "--in", "first.jsonl"), "The audit passes")
	ok(t, runCommand(t, "audit"))
	ok(t, runCommand(t, "export", "--out", "second.jsonl"), "Exported")
	ok(t, runCommand(t, "import", "--db", "new.db", "--in", "second.jsonl"), "The audit passes")
	ok(t, runCommand(t, "audit", "--db", "new.db"))
	ok(t, runCommand(t, "export", "--db", "new.db", "--out", "third.jsonl"), "Exported")
	first := rowsOf(t, "first.jsonl")
	for _, name := range []string{"second.jsonl", "third.jsonl"} {
		if got := rowsOf(t, name); got != first {
			t.Errorf("%s differs:\n%s", name, difference(got, first))
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want it for its owner only", name, info.Mode(), err)
		}
	}
}

// difference shows the first lines that differ.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	var b bytes.Buffer
	for i := range max(len(g), len(w)) {
		var a, c string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			c = w[i]
		}
		if a != c {
			b.WriteString("got  " + a + "\nwant " + c + "\n")
			if b.Len() > 4000 {
				break
			}
		}
	}
	return b.String()
}
