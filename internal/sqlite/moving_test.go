package sqlite

import (
	"path/filepath"
	"slices"
	"testing"

	"coffer/internal/moving"
)

// TestEveryTableIsMovedOrNamed: whoever adds a table decides whether it moves, and
// whoever adds a column, whether it is a field.
func TestEveryTableIsMovedOrNamed(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "coffer.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list := func(query string, args ...any) (names []string) {
		t.Helper()
		rows, err := s.writing.QueryContext(t.Context(), query, args...)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
		return names
	}
	if err := s.writer.conn.Close(); err != nil { // lets the one connection go
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(append(filledTables(), leftTables...)))
	if got := list("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"); !slices.Equal(got, want) {
		t.Errorf("the tables are %v;\nmoved, derived or left out are %v", got, want)
	}
	for _, k := range moving.Kinds {
		if k.Name == moving.Counters {
			continue
		}
		table := movedTables[k.Name]
		_, columns := table.Stored(k)
		slices.Sort(columns)
		// Not the generated ones.
		if got := list("SELECT name FROM pragma_table_info(?) ORDER BY name", table.Name); !slices.Equal(got, columns) {
			t.Errorf("the columns of %s are %v; filled are %v", table.Name, got, columns)
		}
	}
	counted := list("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%' AND name <> 'goose_db_version' ORDER BY name")
	if !slices.Equal(counted, moving.Counted) {
		t.Errorf("numbered are %v; counted are %v", counted, moving.Counted)
	}
}
