package supabasetest_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"coffer/internal/supabasetest"
)

// asVictim tells the test binary to be TestNothingIsLeft's other process, and
// how it shall end.
const asVictim = "COFFER_SUPABASETEST_VICTIM"

// TestVictim is no test by itself.
func TestVictim(t *testing.T) {
	end := os.Getenv(asVictim)
	if end == "" {
		t.Skip("only for TestNothingIsLeft")
	}
	p := supabasetest.New(t, migrate(schema))
	call(t, p, p.Key()).expect("/rest/v1/rpc/who", `{}`, 200, "service_role")
	fmt.Println("running", p.DatabaseURL())
	switch end {
	case "panic":
		panic("as asked")
	case "exit":
		os.Exit(3)
	case "kill":
		select {}
	}
}

// TestNothingIsLeft of a process that ended in any way: no server and no file.
func TestNothingIsLeft(t *testing.T) {
	if testing.Short() {
		t.Skip("not with -short: it starts four servers")
	}
	supabasetest.New(t, nil) // skips where the other process would
	for _, end := range []string{"kill", "panic", "exit", "normally"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			victim := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestVictim$", "-test.count", "1")
			victim.Env = append(os.Environ(), asVictim+"="+end)
			out, err := victim.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := victim.Start(); err != nil {
				t.Fatal(err)
			}
			folder := ""
			for lines := bufio.NewScanner(out); folder == "" && lines.Scan(); {
				if line, ok := strings.CutPrefix(lines.Text(), "running "); ok {
					u, err := url.Parse(line)
					if err != nil {
						t.Fatal(err)
					}
					folder = u.Query().Get("host")
				}
			}
			if folder == "" {
				t.Fatalf("the other process did not run: %v", victim.Wait())
			}
			if end == "kill" {
				if n := len(processesOf(t, folder)); n < 4 { // two shells, Postgres, PostgREST
					t.Errorf("%d processes mention %s: the test looks for the wrong ones", n, folder)
				}
				if err := victim.Process.Signal(syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
			_ = victim.Wait() // most of these ends are failures
			within(t, 20*time.Second, "its servers are gone", func() bool {
				_, err := os.Stat(folder)
				return errors.Is(err, fs.ErrNotExist) && len(processesOf(t, folder)) == 0
			})
		})
	}
}

// processesOf are those with the folder in their command line or environment.
func processesOf(t *testing.T, folder string) []string {
	t.Helper()
	all, err := os.ReadDir("/proc")
	if err != nil {
		t.Skip("there is no /proc to look into")
	}
	var found []string
	for _, process := range all {
		for _, file := range []string{"cmdline", "environ"} {
			text, err := os.ReadFile("/proc/" + process.Name() + "/" + file)
			if err == nil && strings.Contains(string(text), folder) {
				found = append(found, process.Name())
				break
			}
		}
	}
	return found
}
