package postgrest

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"coffer/internal/moving"
)

// TestEveryTableIsMovedOrNamed: whoever adds a table decides whether it moves, and
// whoever adds a column, whether it is a field.
func TestEveryTableIsMovedOrNamed(t *testing.T) {
	p := newProject(t)
	list := func(query string, args ...any) []string {
		t.Helper()
		rows := must[pgx.Rows](t)(p.admin.Query(t.Context(), query, args...))
		return must[[]string](t)(pgx.CollectRows(rows, pgx.RowTo[string]))
	}
	want := slices.Sorted(slices.Values(append(filledTables(), leftTables...)))
	if got := list(`SELECT 'coffer.' || tablename FROM pg_tables WHERE schemaname = 'coffer' ORDER BY tablename COLLATE "C"`); !slices.Equal(got, want) {
		t.Errorf("the tables are %v;\nmoved, derived or left out are %v", got, want)
	}
	// Columns that the database fills, and those that Import does at its end.
	later := map[string][]string{"purchases": {"state"}, "tasks": {"over_at", "prerequisite", "tidied"}}
	for _, k := range moving.Kinds {
		if k.Name == moving.Counters {
			continue
		}
		table := movedTables[k.Name]
		_, columns := table.Stored(k)
		columns = append(append(columns, extraColumns[k.Name].columns...), later[k.Name]...)
		slices.Sort(columns)
		got := list("SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname::text COLLATE \"C\"", table.Name)
		if !slices.Equal(got, columns) {
			t.Errorf("the columns of %s are %v; filled are %v", table.Name, got, columns)
		}
	}
	// Uses have numbers that nobody knows.
	counted := list(`SELECT attrelid::regclass::text FROM pg_attribute WHERE attidentity <> '' AND attrelid::regclass::text LIKE 'coffer.%'
		AND attrelid <> 'coffer.uses'::regclass ORDER BY attrelid::regclass::text COLLATE "C"`)
	for i, name := range counted {
		counted[i] = name[len("coffer."):]
	}
	if !slices.Equal(counted, moving.Counted) {
		t.Errorf("numbered are %v; counted are %v", counted, moving.Counted)
	}
}
