package supabasetest

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed guard.sh
var guardScript string

// guarded is a process that ends, and takes its folder with it, when end is
// called or this process is gone for whatever reason. It has no goroutine, so
// it may outlive a test that looks for those that were left behind.
type guarded struct {
	shell  *exec.Cmd
	life   *os.File // open as long as the process shall live
	folder string
	log    string
}

// guard starts a command that a signal ends. The folder must be the account's
// own; the log of the command is kept in it.
func guard(who account, signal, folder string, env []string, command ...string) (*guarded, error) {
	path := filepath.Join(folder, "log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	dying, life, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	shell := exec.Command("sh", append([]string{"-c", guardScript, "guard", signal, folder}, command...)...)
	shell.Dir = folder
	shell.Env = env
	shell.Stdin, shell.Stdout, shell.Stderr = dying, log, log
	// In a session of its own, so that Ctrl-C reaches the tests only.
	who.start(shell)
	err = shell.Start()
	if err := errors.Join(err, dying.Close(), log.Close()); err != nil {
		return nil, errors.Join(err, life.Close())
	}
	return &guarded{shell: shell, life: life, folder: folder, log: path}, nil
}

// end returns when the process is gone, and its folder.
func (g *guarded) end() error {
	return errors.Join(g.life.Close(), g.shell.Wait())
}

// until asks until the answer is nil. It gives up when the process has ended
// or the context does.
func (g *guarded) until(ctx context.Context, ready func() error) error {
	for {
		err := ready()
		if err == nil {
			return nil
		}
		if _, gone := os.Stat(filepath.Join(g.folder, "ended")); gone == nil {
			return fmt.Errorf("it ended: %w\n%s", err, g.output())
		}
		if wait(ctx, 3*time.Millisecond) != nil {
			return fmt.Errorf("%w: %w\n%s", ctx.Err(), err, g.output())
		}
	}
}

// output is the end of what the process has logged.
func (g *guarded) output() string {
	const most = 16 << 10
	log, err := os.ReadFile(g.log)
	if err != nil {
		return err.Error()
	}
	if len(log) > most {
		log = log[len(log)-most:]
	}
	return strings.TrimSpace(string(log))
}

// wait is a sleep that the context may end.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
