package main

import (
	"path/filepath"
	"testing"
)

// TestTheGuildOfTheBenchmarkFitsTheTables fails where a migration has left the
// benchmark behind, which nobody runs every day.
func TestTheGuildOfTheBenchmarkFitsTheTables(t *testing.T) {
	if err := fill(t.Context(), filepath.Join(t.TempDir(), "coffer.db"), 3); err != nil {
		t.Fatal(err)
	}
}
