package api

import (
	"strings"
	"testing"

	"coffer/internal/economy"
)

// FuzzSheet: whatever a file is, each of its rows is fit or told of, in the order of its
// lines, and what is fit reads the same when it is written as an export writes it.
func FuzzSheet(f *testing.F) {
	for _, seed := range []string{
		"user_id,balance\n300000000000000000,5\n", "\ufeffname;user_id;balance\r\n\"a;\"\"b\";300000000000000000;5\r\n",
		"balance\tuser_id\n1\t300000000000000000\n\n2\t300000000000000000\n", "user_id,balance\n\"", "user_id,balance,x\n300000000000000000,5\n",
		"user_id,balance,name\n300000000000000000,5,'=1+1\n300000000000000001,5,\"a\nb\"\n", "a,b\n", "",
		"user_id,balance,name\n300000000000000000,5,Bob;=1\n300000000000000001,5,\"a;'=1,' ''+2;'b\"\n300000000000000002,5,\"';=1\"\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file string) {
		s, err := parseSheet(strings.NewReader(file))
		if err != nil {
			if s != nil {
				t.Fatalf("both a sheet and %v", err)
			}
			return
		}
		if len(s.rows) != len(s.lines) || len(s.rows)+len(s.faults) == 0 || len(s.faults) > mostImportFaults {
			t.Fatalf("%d rows, %d lines, %d faults", len(s.rows), len(s.lines), len(s.faults))
		}
		var again strings.Builder
		again.WriteString("user_id,balance,name\n")
		last := 1
		for i, row := range s.rows {
			if err := economy.CheckRow(row); err != nil || s.lines[i] <= last {
				t.Fatalf("row %+v of line %d behind line %d: %v", row, s.lines[i], last, err)
			}
			last = s.lines[i]
			c := cells([]any{string(row.User), row.Amount, row.Name})
			again.WriteString(c[0] + "," + c[1] + ",\"" + strings.ReplaceAll(c[2], `"`, `""`) + "\"\n")
		}
		if len(s.rows) == 0 {
			return
		}
		if _, err := economy.NewImport(economy.Request{}, economy.Person{}, s.rows, "", true); err != nil {
			t.Fatalf("rows that are fit: %v", err)
		}
		same, err := parseSheet(strings.NewReader(again.String()))
		if err != nil || len(same.rows) != len(s.rows) || len(same.faults) > 0 {
			t.Fatalf("written again: %v %+v\n%s", err, same, again.String())
		}
		for i, row := range s.rows {
			if same.rows[i] != row {
				t.Fatalf("row %+v reads %+v when written again", row, same.rows[i])
			}
		}
	})
}
