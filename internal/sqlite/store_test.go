package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"coffer/internal/economy"
	"coffer/internal/moving"
	"coffer/internal/problem"
	"coffer/internal/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store {
		s := openTemp(t)
		s.boards = newBoards(2) // so that reads count, read the board and know it, in turn
		return s
	})
}

func TestEverythingIsThereAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "strange ?name#%41=1&mode=ro.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	populate(t, s)
	before := must[economy.Audit](t)(s.Audit(t.Context()))
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, problem.ErrUnavailable) {
		t.Errorf("a closed store answers %v, want %v", err, problem.ErrUnavailable)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("a closed store leaves %v, want the one file: %v", files, err)
	}
	if s, err = OpenExisting(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	after := must[economy.Audit](t)(s.Audit(t.Context()))
	before.At, after.At = noon, noon
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("got  %v\nwant %v", after, before)
	}
}

func TestAFileThatIsNoDatabaseIsRefusedAndLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letter.txt")
	letter := make([]byte, 8192)
	copy(letter, "Dear Ada,")
	if err := os.WriteFile(path, letter, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func(context.Context, string) (*Store, error){"Open": Open, "OpenExisting": OpenExisting, "OpenReadOnly": OpenReadOnly} {
		if s, err := open(t.Context(), path); err == nil {
			t.Errorf("%s took a letter for a database", name)
			_ = s.Close()
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != string(letter) {
		t.Errorf("the letter has changed: %v", err)
	}
}

func TestOpenExistingMakesNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	for name, open := range map[string]func(context.Context, string) (*Store, error){"OpenExisting": OpenExisting, "OpenReadOnly": OpenReadOnly} {
		if s, err := open(t.Context(), path); err == nil {
			t.Errorf("%s opened a database that is not there", name)
			_ = s.Close()
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("stat = %v, want no file", err)
	}
}

func TestAnotherSchemaVersionIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "coffer.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.writing.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func(context.Context, string) (*Store, error){"Open": Open, "OpenExisting": OpenExisting, "OpenReadOnly": OpenReadOnly} {
		s, err := open(t.Context(), path)
		if !errors.Is(err, ErrSchema) {
			t.Errorf("%s = %v, want %v", name, err, ErrSchema)
		}
		if err == nil {
			_ = s.Close()
		}
	}
}

// TestAnOlderFileIsNotMovedInto: an import that was pointed at the wrong file leaves it to
// the program that serves from it.
func TestAnOlderFileIsNotMovedInto(t *testing.T) {
	path := filepath.Join(t.TempDir(), "coffer.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.writing.Exec("DELETE FROM goose_db_version WHERE version_id > 8"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Import(t.Context(), path, func(moving.Target) error { return nil }); !errors.Is(err, ErrOlder) || !errors.Is(err, ErrSchema) {
		t.Errorf("Import = %v, want %v", err, ErrOlder)
	}
	if _, err := OpenExisting(t.Context(), path); !errors.Is(err, ErrOlder) {
		t.Errorf("the file was brought up to date: %v", err)
	}
}

func TestManyProcessesMayCreateTheSameFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "coffer.db")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			s, err := Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
