package app

import (
	"path/filepath"
	"testing"

	"coffer/internal/sqlite"
	"coffer/internal/storetest"
)

// TestAllStoresDoTheSame runs the same random operations against SQLite, Supabase
// and the plain model.
func TestAllStoresDoTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("each store is compared with the model by itself, too")
	}
	file, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "coffer.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	bank, _ := newSupabase(t)
	defer bank.Close()
	storetest.RunDifferential(t, file, bank)
}
