package api

import (
	"errors"
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
	before := heap()
	s, err := parseSheet(strings.NewReader(file.String()))
	held := (heap() - before) >> 20
	if err != nil || len(s.rows) != economy.MaxImport {
		t.Fatalf("%v, %+v", err, s)
	}
	t.Logf("the sheet holds %d MiB", held)
	if held > 20 {
		t.Errorf("the sheet of the largest file holds %d MiB", held)
	}
	runtime.KeepAlive(s)
	runtime.KeepAlive(&file)
}

// heap is what is held, in bytes: what pools keep, too, is gone after the second time.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestARowIsBounded: a cell takes many times its comma while it is read, so a file of
// nothing else would take more than a server has.
func TestARowIsBounded(t *testing.T) {
	commas, lines := strings.Repeat(",", 2*longestRow), strings.Repeat(",,\",\n\"", longestRow/4)
	for name, file := range map[string]string{
		"the first line":        commas + ",\n",
		"a row":                 "user_id,balance\n" + commas + ",\n",
		"a row of many lines":   "user_id,balance\n" + lines,
		"after a row that fits": "user_id,balance\n1," + strings.Repeat("2", longestRow-10) + "\n" + commas + ",\n",
	} {
		if s, err := parseSheet(strings.NewReader(file)); !errors.Is(err, errLongRow) {
			t.Errorf("%s: got %+v, %v, want %v", name, s, err, errLongRow)
		}
	}
	s, err := parseSheet(strings.NewReader("user_id,balance\n" + strings.Repeat("300000000000000777,"+strings.Repeat("1", longestRow-30)+"\n", 3)))
	if err != nil || len(s.faults) != 3 {
		t.Errorf("rows that fit: %v, want 3 faults: %+v", err, s)
	}
}
