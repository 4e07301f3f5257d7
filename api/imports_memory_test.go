package api

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"coffer/internal/economy"
)

// TestASheetIsBounded: what the largest file says takes little more than the file, so
// that all that are under way at once fit into a small server.
func TestASheetIsBounded(t *testing.T) {
	var file strings.Builder
	file.WriteString("user_id,balance,name\n")
	for i := range economy.MaxImport {
		fmt.Fprintf(&file, "%d,1,%s\n", 400_000_000_000_000_000+i, strings.Repeat("é", 92))
	}
	if file.Len() > maxImport {
		t.Fatalf("the file has %d bytes, more than may be sent", file.Len())
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s, err := parseSheet(strings.NewReader(file.String()))
	runtime.GC()
	runtime.ReadMemStats(&after)
	if err != nil || len(s.rows) != economy.MaxImport {
		t.Fatalf("%v, %+v", err, s)
	}
	held := (after.HeapAlloc - before.HeapAlloc) >> 20
	t.Logf("the sheet holds %d MiB", held)
	if held > 20 {
		t.Errorf("the sheet of the largest file holds %d MiB", held)
	}
	runtime.KeepAlive(s)
	runtime.KeepAlive(&file)
}
