package sqlite

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"coffer/internal/economy"
)

// lookedAt opens the file to look at it, as a doctor does, and returns how many members
// he sees.
func lookedAt(t *testing.T, path string) int {
	t.Helper()
	s, err := OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Condition(t.Context()); err != nil {
		t.Error(err)
	}
	audit, err := s.Audit(t.Context())
	if broken, found := audit.Broken(); err != nil || found {
		t.Errorf("%v, %+v", err, broken)
	}
	if _, err := s.Meet(t.Context(), "1", []economy.Person{{User: "99", Name: "Zoe"}}, time.Now()); err == nil {
		t.Error("a write took effect")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	return audit.Members
}

// files are all in a directory, with what is in them.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range list {
		content, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[f.Name()] = string(content)
	}
	return found
}

func TestLookingChangesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "coffer.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	meet := func(who economy.UserID) {
		t.Helper()
		if _, err := s.Meet(t.Context(), "1", []economy.Person{{User: who, Name: "Ada"}}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	// Beside a server, what is in its log only is seen, too; that the log is read is
	// noted in the -shm file.
	meet("1")
	before := files(t, dir)
	if n := lookedAt(t, path); n != 1 {
		t.Errorf("%d members are seen, want 1", n)
	}
	after := files(t, dir)
	if len(after) != len(before) || after["coffer.db"] != before["coffer.db"] || after["coffer.db-wal"] != before["coffer.db-wal"] {
		t.Error("the files are not as before")
	}
	meet("2")
	if n := lookedAt(t, path); n != 2 {
		t.Errorf("%d members are seen, want 2", n)
	}

	// Behind a server that was killed: its log is neither merged nor removed.
	crashed := t.TempDir()
	for _, name := range []string{"coffer.db", "coffer.db-wal"} {
		if err := os.WriteFile(filepath.Join(crashed, name), []byte(files(t, dir)[name]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before = files(t, crashed)
	if n := lookedAt(t, filepath.Join(crashed, "coffer.db")); n != 2 {
		t.Errorf("%d members are seen after a crash, want 2", n)
	}
	after = files(t, crashed)
	for name, content := range before {
		if after[name] != content {
			t.Errorf("%s is not as before", name)
		}
	}

	// Behind one that has ended.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before = files(t, dir)
	if n := lookedAt(t, path); n != 2 {
		t.Errorf("%d members are seen at last, want 2", n)
	}
	after = files(t, dir)
	if len(before) != 1 || len(after) != 1 || after["coffer.db"] != before["coffer.db"] {
		t.Errorf("%d files before, %d after", len(before), len(after))
	}
}
