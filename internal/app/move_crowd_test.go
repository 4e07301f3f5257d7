package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"coffer/internal/economy"
	"coffer/internal/moving"
	"coffer/internal/storetest"
)

// crowd is a guild of so many members who have never done anything.
type crowd int64

func (n crowd) Count(k moving.Kind) (count int64, err error) {
	err = n.Each(k, func(moving.Row) error {
		count++
		return nil
	})
	return count, err
}

func (n crowd) Each(k moving.Kind, yield func(moving.Row) error) error {
	const guild = "900000000000000001"
	at := time.Date(2024, 5, 14, 12, 0, 0, 0, time.UTC)
	all := func(from, to int64, row func(i int64) moving.Row) error {
		for i := from; i <= to; i++ {
			if err := yield(row(i)); err != nil {
				return err
			}
		}
		return nil
	}
	s := economy.DefaultSettings()
	first, last := int64(4), 3+int64(n) // numbers of members, behind the guild's own accounts
	switch k.Name {
	case "guilds":
		return yield(moving.Row{guild, s.CurrencyName, s.CurrencySymbol, int64(s.StartingBalance), int64(s.DailyAmount), int64(s.StreakBonus),
			int64(s.StreakCap), int64(s.Grace), s.TimeZone, int64(s.MaxBalance), "", "", "", "", "", "", int64(1), nil, nil, int64(n), at})
	case "accounts":
		system := []string{"mint", "shop", "burn"}
		return all(1, last, func(i int64) moving.Row {
			if i < first {
				return moving.Row{i, guild, system[i-1], nil, nil}
			}
			return moving.Row{i, guild, nil, nil, nil}
		})
	case "members":
		return all(first, last, func(i int64) moving.Row {
			name := fmt.Sprint("member ", i)
			return moving.Row{i, guild, fmt.Sprint(i), name, name, int64(100), int64(0), int64(0), at}
		})
	case "transactions":
		return all(first, last, func(i int64) moving.Row { return moving.Row{i, guild, "opening", nil, nil, nil, at} })
	case "entries":
		if err := all(first, last, func(i int64) moving.Row { return moving.Row{int64(1), i, int64(-100), nil} }); err != nil {
			return err
		}
		return all(first, last, func(i int64) moving.Row { return moving.Row{i, i, int64(100), int64(100)} })
	case "events":
		told, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if err := yield(moving.Row{int64(1), guild, nil, "guild.created", "guild", nil, nil, json.RawMessage(told), at}); err != nil {
			return err
		}
		return all(2, 1+2*int64(n), func(i int64) moving.Row {
			member := first + i/2 - 1
			if i%2 == 0 {
				return moving.Row{i, guild, nil, "member.created", fmt.Sprint("member:", member), nil, nil, nil, at}
			}
			balance := func(coins int) json.RawMessage {
				return json.RawMessage(fmt.Sprintf(`{"balances": {"%d": %d}}`, member, coins))
			}
			return moving.Row{i, guild, nil, "opening", fmt.Sprint("transaction:", member), member, balance(0), balance(100), at}
		})
	case moving.Counters:
		given := map[string]int64{"accounts": last, "transactions": last, "events": 1 + 2*int64(n)}
		for _, name := range moving.Counted {
			if err := yield(moving.Row{name, given[name]}); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeCrowd makes the file that a guild of so many members would leave.
func writeCrowd(t *testing.T, path string, n int) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = moving.Write(file, "sqlite", time.Now(), crowd(n), func(int64, int64) {})
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

// program is a command of the program as a process of its own.
func (h house) program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Dir = t.TempDir() // no .env file there
	c.Env = append(h.environment(), asProgram+"=1", "HOME="+os.Getenv("HOME"), "PATH="+os.Getenv("PATH"))
	return c
}

// TestMovingHoldsLittleMemory moves some ten thousand rows, or with COFFER_SOAK=1 a
// million entries, and looks at how large the process became.
func TestMovingHoldsLittleMemory(t *testing.T) {
	thorough(t)
	if runtime.GOOS != "linux" || storetest.RaceDetector {
		t.Skip("reads how large a process was as Linux tells it: make large")
	}
	members, most := 10_000, int64(120<<10)
	if os.Getenv("COFFER_SOAK") != "" {
		members = 500_000
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "crowd.jsonl")
	writeCrowd(t, file, members)
	for _, h := range []house{newFile(t), newProject(t)} {
		for _, args := range [][]string{{"import", "--in", file}, {"export", "--out", filepath.Join(dir, fmt.Sprint(len(h.path)))}} {
			c := h.program(t, args...)
			start := time.Now()
			var out bytes.Buffer
			c.Stdout, c.Stderr = &out, &out
			size, err := largest(c)
			if err != nil {
				t.Fatalf("%s: %v\n%s", args[0], err, &out)
			}
			t.Logf("%s of %d members, %s: %.1f s, %d MiB", args[0], members, h.name, time.Since(start).Seconds(), size>>10)
			if size > most {
				t.Errorf("%s, %s: it became %d MiB large", args[0], h.name, size>>10)
			}
		}
	}
}

// TestAnImportThatIsKilledLeavesNothing kills the process when it has read most of its file.
func TestAnImportThatIsKilledLeavesNothing(t *testing.T) {
	thorough(t)
	const members = 2000
	path := filepath.Join(t.TempDir(), "crowd.jsonl")
	writeCrowd(t, path, members)
	file := readFile(t, path)
	for _, h := range []house{newFile(t), newProject(t)} {
		c := h.program(t, "import", "--in", "-")
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		var says strings.Builder
		c.Stderr = &says
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		// What the pipe cannot hold was read.
		if _, err := io.WriteString(in, file[:len(file)-100]); err != nil {
			t.Fatalf("%v: %s", err, says.String())
		}
		_ = c.Process.Kill()
		_ = c.Wait()
		if left := h.left(t); len(left) > 0 {
			t.Errorf("%s: left %d rows, such as %s", h.name, len(left), left[0])
		}
		c = h.program(t, "import", "--in", path)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: the import after it: %v\n%s", h.name, err, out)
		}
		if got := strings.Count(h.exported(t), `{"row":"members"`); got != members {
			t.Errorf("%s: %d members, want %d", h.name, got, members)
		}
	}
}

// ending ends a context in the middle of a file.
type ending struct {
	io.Reader
	left int
	end  context.CancelFunc
}

func (r *ending) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if r.left -= n; r.left < 0 {
		r.end()
	}
	return n, err
}

// TestAnInterruptLeavesNothing: neither an import in its middle nor an export.
func TestAnInterruptLeavesNothing(t *testing.T) {
	thorough(t)
	path := filepath.Join(t.TempDir(), "crowd.jsonl")
	writeCrowd(t, path, 3000)
	file := readFile(t, path)
	for _, h := range []house{newFile(t), newProject(t)} {
		ctx, cancel := context.WithCancel(t.Context())
		if err := h.take(ctx, &ending{strings.NewReader(file), len(file) / 2, cancel}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want that it was interrupted", h.name, err)
		}
		if left := h.left(t); len(left) > 0 {
			t.Errorf("%s: left %d rows, such as %s", h.name, len(left), left[0])
		}
		inEnvironment(t, h.environment()...)
		if code := Main(ctx, []string{"export", "--out", "it.jsonl"}, io.Discard, io.Discard); code != 1 {
			t.Errorf("%s: an export that was interrupted ends with %d", h.name, code)
		}
		if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
			t.Errorf("%s: left %v, %v", h.name, left, err)
		}
	}
}

// largest runs a program and returns how large it became, in KiB. What wait4 tells would
// count the process that has started it.
func largest(c *exec.Cmd) (size int64, err error) {
	if err := c.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for {
		select {
		case err := <-ended:
			return size, err
		case <-time.After(5 * time.Millisecond):
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid))
			if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok && bytes.Contains(status, []byte("VmRSS:")) {
				_, _ = fmt.Sscan(rest, &size)
			}
		}
	}
}
